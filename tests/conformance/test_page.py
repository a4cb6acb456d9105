"""docs/conformance.md is true: each suite it lists is a test under that name, each suite is listed, each file has a source."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tally import rows

ROOT = Path(__file__).resolve().parents[2]
SOURCES = (ROOT / "tests" / "conformance" / "data", ROOT / "src/amanat/workspaces/intelligence/tests/data")


def marked() -> Iterator[tuple[str, str]]:
    """Every test that is marked as a suite, by its file and name, with the constants that stand in the mark's file."""
    for path in [*(ROOT / "tests").rglob("test_*.py"), *(ROOT / "src").rglob("test_*.py")]:
        tree = ast.parse(path.read_text("utf-8"))
        for node in tree.body:
            if isinstance(node, ast.FunctionDef) and any(
                "mark.suite" in ast.unparse(each) for each in node.decorator_list
            ):
                yield path.relative_to(ROOT).as_posix(), node.name


def test_the_page_names_exactly_the_tests_that_are_suites() -> None:
    assert {(row.file, row.test) for row in rows().values()} == set(marked())


@pytest.mark.parametrize("suite", rows())
def test_a_suite_of_the_page_stands_under_its_name_in_its_file(suite: str) -> None:
    assert f'"{suite}"' in (ROOT / rows()[suite].file).read_text("utf-8")


@pytest.mark.parametrize("folder", SOURCES, ids=lambda path: path.relative_to(ROOT).parts[0])
def test_every_file_of_others_has_its_licence_and_source_beside_it(folder: Path) -> None:
    told = re.findall(
        r"^\| ([^|]+?)/? \| .* \| .*(?:BSD|Apache|CC BY|IETF).* \| .+ \|$",
        (folder / "README.md").read_text("utf-8"),
        re.MULTILINE,
    )
    assert sorted(told) == sorted(path.name for path in folder.iterdir() if path.name != "README.md")
