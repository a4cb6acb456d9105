"""Each attack that docs/threat-model.md lists is tried by a test, and each such test quotes the promise that it fails.

Law: reads files alone, so that neither a page nor a test can change its words without the other.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
LIST = "Each attack, and the test that tries it"


@dataclass(frozen=True)
class Promise:
    """What a test's mark says: the attack it tries, and the words of a page's section that promised what it shows."""

    test: str
    attack: str
    page: str
    section: str
    says: str


def constants(tree: ast.Module) -> dict[str, str]:
    """The texts that a file gives a name to."""
    found: dict[str, str] = {}
    for node in tree.body:
        if isinstance(node, ast.Assign):
            names, values = (
                each.elts if isinstance(each, ast.Tuple) else [each] for each in (node.targets[0], node.value)
            )
            texts = [each.value for each in values if isinstance(each, ast.Constant) and isinstance(each.value, str)]
            found |= dict(zip(map(ast.unparse, names), texts, strict=False)) if len(texts) == len(names) else {}
    return found


def promises() -> Iterator[Promise]:
    """The marks of all tests, in the order of their files."""
    for path in sorted([*(ROOT / "tests").rglob("test_*.py"), *(ROOT / "src").rglob("test_*.py")]):
        tree = ast.parse(path.read_text("utf-8"))
        named = constants(tree)
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef):
                for said in marks(node, named):
                    yield Promise(f"{path.relative_to(ROOT).as_posix()}::{node.name}", *said)


def marks(test: ast.FunctionDef, named: dict[str, str]) -> Iterator[list[str]]:
    """What the marks of one test say."""
    for mark in test.decorator_list:
        if isinstance(mark, ast.Call) and ast.unparse(mark.func) == "pytest.mark.promised":
            yield [named.get(ast.unparse(each)) or ast.literal_eval(each) for each in mark.args]


PROMISES = list(promises())


def section(page: str, heading: str) -> str:
    """The text under a heading of a page, in one line."""
    parts = re.split(r"^#+ (.+)$", (ROOT / page).read_text("utf-8"), flags=re.MULTILINE)
    return " ".join(dict(zip(parts[1::2], parts[2::2], strict=True))[heading].split())


def listed() -> set[tuple[str, str]]:
    """Attacks and tests as the threat model lists them."""
    rows = re.findall(r"\| ([^|`]+) \| (`[^|]+`) \|", section("docs/threat-model.md", LIST))
    return {(attack, test) for attack, tests in rows for test in re.findall(r"`([^`]+)`", tests)}


@pytest.mark.parametrize("promise", PROMISES, ids=lambda each: f"{each.test}: {each.attack}")
def test_the_page_promises_what_the_test_quotes(promise: Promise) -> None:
    assert promise.says in section(promise.page, promise.section)


def test_the_threat_model_lists_each_attack_with_each_test_that_tries_it() -> None:
    assert {(each.attack, each.test) for each in PROMISES} == listed()
