"""The house keeps its own rules: what is said of it in docs is so, and what is to be one thing is one thing.

Law: reads the repository's files and imports nothing of the product, so that it speaks even when that does
not run. Who imports whom is import-linter's affair, style is ruff's; here stands what neither sees.
"""

import ast
import re
import subprocess
import sys
import zipfile
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
HOUSE = ROOT / "src" / "amanat"
CORE = ("party", "record", "compact", "seal", "log")
FOREIGN = "node_modules"  # packages of others, that the console's scripts and styles are built with

SOURCES = sorted(HOUSE.rglob("*.py"))
SCRIPTS = sorted(path for folder in ("tests", "bench", "docs", "offline") for path in (ROOT / folder).rglob("*.py"))
PRODUCT = [path for path in SOURCES if "tests" not in path.parts]
SHIPPED = {".py", ".html", ".po", ".toml", ".json"}
PAGES = sorted(
    [
        *ROOT.glob("*.md"),
        *(ROOT / "docs").rglob("*.md"),
        *(path for path in HOUSE.rglob("*.md") if FOREIGN not in path.parts),
    ]
)
DECISIONS = sorted((ROOT / "docs" / "decisions").glob("*.md"))
WORKSPACES = sorted(path.parent for path in (HOUSE / "workspaces").glob("*/__init__.py"))

# One type a step: holding one proves that its step was done, so only the step's own module may make one.
STEPS = ("Permitted", "Approved", "Addressed", "Signed", "Envelope", "Opened", "Logged")

# Roots of the two families of errors: party/errors.py, and the log's own, which imports nothing of ours.
ERRORS = {"Problem", "Malformed"}
CODE = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)+")

# What neither party may read in a neutral text, and what is never left behind in a finished one.
UNFIT = re.compile(r"\b(regimes?|emirates?|islamic republic|durand|todo|fixme)\b", re.IGNORECASE)


def name(path: Path) -> str:
    """Name a file as a reader would: from the repository's root."""
    return path.relative_to(ROOT).as_posix()


def parse(path: Path) -> ast.Module:
    """Return the syntax tree of a source file."""
    return ast.parse(path.read_text("utf-8"), filename=name(path))


def calls(tree: ast.AST) -> Iterator[tuple[str, ast.Call]]:
    """Every call in `tree` with the last part of what it calls: `seal.Envelope(…)` is `Envelope`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            if isinstance(node.func, ast.Name):
                yield node.func.id, node
            elif isinstance(node.func, ast.Attribute):
                yield node.func.attr, node


@cache
def homes_and_makers() -> tuple[Mapping[str, list[Path]], Mapping[str, list[Path]]]:
    """The modules that define a class, and those that call it, by its name; each module is read once."""
    homes, makers = defaultdict[str, list[Path]](list), defaultdict[str, list[Path]](list)
    for path in PRODUCT:
        tree = parse(path)
        for node in tree.body:
            if isinstance(node, ast.ClassDef):
                homes[node.name].append(path)
        for called in {called for called, _ in calls(tree)}:
            makers[called].append(path)
    return homes, makers


# --- files --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", [*SOURCES, *SCRIPTS], ids=name)
def test_a_file_opens_by_saying_its_one_purpose(path: Path) -> None:
    tree = parse(path)
    assert ast.get_docstring(tree), "no module docstring"
    assert tree.body[0].lineno == 1, "something stands before the module docstring"


def test_no_file_or_folder_is_named_for_nothing() -> None:
    """A name such as `utils` tells no reader which line belongs in it."""
    empty = {"utils", "util", "helpers", "helper", "common", "manager", "managers", "misc"}
    assert [name(path) for path in HOUSE.rglob("*") if path.stem in empty and FOREIGN not in path.parts] == []


@pytest.mark.parametrize("lock", [*ROOT.glob("*.lock"), HOUSE / "console" / "assets" / "package-lock.json"], ids=name)
def test_a_lock_names_no_address(lock: Path) -> None:
    """Registries are each builder's own affair; `npm install` writes whom to fund, which is to be taken out again."""
    assert "://" not in lock.read_text("utf-8")


def test_folders_of_tests_are_not_packages() -> None:
    """With an `__init__.py` a workspace's tests would be product, and their imports counted as its own."""
    tests = [ROOT / "tests", *(path for path in HOUSE.rglob("tests") if path.is_dir())]
    assert [name(found) for folder in tests for found in folder.rglob("__init__.py")] == []


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """What the wheel carries, but for what says so of itself."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    return {entry for entry in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in entry}


def test_the_wheel_carries_the_whole_product_and_no_tests(shipped: set[str]) -> None:
    apart = {"tests", "assets", "static"}
    product = (path for path in HOUSE.rglob("*") if path.suffix in SHIPPED and apart.isdisjoint(path.parts))
    carried = {entry for entry in shipped if Path(entry).suffix in SHIPPED and apart.isdisjoint(Path(entry).parts)}
    assert carried == {path.relative_to(HOUSE.parent).as_posix() for path in product}


def test_the_wheel_carries_what_the_console_is_built_to_and_not_what_it_is_built_from(shipped: set[str]) -> None:
    """A node has neither Node nor the network to build it."""
    built = {path.relative_to(HOUSE.parent).as_posix() for path in (HOUSE / "console" / "static").iterdir()}
    console = {entry for entry in shipped if entry.startswith(("amanat/console/static/", "amanat/console/assets/"))}
    assert "amanat/console/static/manifest.json" in built
    assert console == built


# --- the road of a record -----------------------------------------------------------------------------------


@pytest.mark.parametrize("step", STEPS)
def test_the_type_of_a_step_is_made_only_where_the_step_is_done(step: str) -> None:
    """`mypy` rejects sealing what was not checked only as long as nobody else can make a `Permitted`."""
    homes, makers = homes_and_makers()
    at_home = homes[step]
    assert len(at_home) <= 1, f"{step} is defined in {[name(path) for path in at_home]}"
    assert [name(path) for path in makers[step] if path not in at_home] == []


# --- errors -------------------------------------------------------------------------------------------------


@cache
def error_classes() -> frozenset[str]:
    """Names of all classes that descend from the roots of our errors."""
    parents = {
        node.name: {base.id for base in node.bases if isinstance(base, ast.Name)}
        for path in PRODUCT
        for node in ast.walk(parse(path))
        if isinstance(node, ast.ClassDef)
    }
    found = set(ERRORS)
    while more := {child for child, bases in parents.items() if bases & found} - found:
        found |= more
    return frozenset(found)


def raisers(tree: ast.Module, errors: frozenset[str]) -> set[str]:
    """Functions of a module that build an error from a code they are handed."""
    return {
        node.name
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef)
        for called, call in calls(node)
        if called in errors
        for argument in call.args
        if isinstance(argument, ast.Name) and argument.id == "code"
    }


@cache
def codes_in(path: Path, errors: frozenset[str]) -> set[str]:
    """The error codes that stand literally in calls of an error, or of a function that builds one."""
    tree = parse(path)
    makers = errors | raisers(tree, errors)
    return {
        argument.value
        for called, call in calls(tree)
        if called in makers
        for argument in [*call.args[:2], *(word.value for word in call.keywords if word.arg == "code")]
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str) and CODE.fullmatch(argument.value)
    }


def test_every_error_code_is_explained_and_every_explained_code_exists() -> None:
    """The table in docs/errors.md and the code name the same codes, so that an officer can look up any."""
    errors = error_classes()
    raised = set[str]().union(*(codes_in(path, errors) for path in PRODUCT))
    explained = re.findall(r"^\| `([^`]+)` \|", (ROOT / "docs" / "errors.md").read_text("utf-8"), re.MULTILINE)
    assert sorted(explained) == sorted(set(explained)), "a code is explained twice"
    assert raised == set(explained), (
        f"raised, not explained: {sorted(raised - set(explained))}; "
        f"explained, not raised: {sorted(set(explained) - raised)}"
    )


def test_every_setting_stands_in_the_table_of_operating_and_no_other_does() -> None:
    section = (ROOT / "docs/operating.md").read_text("utf-8").split("\n## Settings\n")[1].split("\n## ")[0]
    rows = [row.split("|")[1] for row in section.splitlines() if row.startswith("| `")]
    (struct,) = [
        each for each in ast.parse((HOUSE / "settings.py").read_text("utf-8")).body if isinstance(each, ast.ClassDef)
    ]
    fields = [ast.unparse(each.target) for each in struct.body if isinstance(each, ast.AnnAssign)]
    assert re.findall(r"`(\w+)`", " ".join(rows)) == fields


def test_error_codes_are_written_out() -> None:
    """A code put together at run time could not be found by whoever reads it on a screen."""
    errors = error_classes()
    built = [
        f"{name(path)}:{call.lineno}"
        for path in PRODUCT
        for called, call in calls(parse(path))
        if called in errors and call.args and isinstance(call.args[0], ast.JoinedStr)
    ]
    assert built == []


def test_no_error_below_the_command_line_says_what_to_type() -> None:
    """A page and a program show the same errors; what to type for each stands in `cli/mends.py`.

    What the doctor says only its command shows.
    """
    typed = [
        f"{name(path)}:{argument.lineno}"
        for path in PRODUCT
        if not {"cli", "demo"} & set(path.relative_to(HOUSE).parts) and path.name != "doctor.py"
        for _, call in calls(parse(path))
        for argument in ast.walk(call)
        if isinstance(argument, ast.Constant) and "`amanat " in str(argument.value)
    ]
    assert typed == []


def test_what_is_typed_to_mend_an_error_is_told_of_codes_that_there_are() -> None:
    tree = parse(HOUSE / "cli" / "mends.py")
    (table,) = [node for node in ast.walk(tree) if isinstance(node, ast.Dict)]
    codes = {ast.literal_eval(key) for key in table.keys if key is not None}
    errors = error_classes()
    assert codes <= set[str]().union(*(codes_in(path, errors) for path in PRODUCT))


# --- words and pages ----------------------------------------------------------------------------------------


def exists(mention: str, page: Path) -> bool:
    """Whether a file named in a page is there: from the root, from `src/amanat`, or from beside the page."""
    return any(any(start.glob(mention)) for start in (ROOT, HOUSE, page.parent))


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_file_a_page_names_is_there(page: Path) -> None:
    """A name with a folder is a promise that the file is there; the road of a record promises every name."""
    text = page.read_text("utf-8")
    mentions = re.findall(r"`([\w.*-][\w./*-]*\.(?:py|md|toml))`", text)
    promised = [mention for mention in mentions if "/" in mention or page.stem == "life-of-a-record"]
    links = re.findall(r"\]\(([\w./-]+)\)", text)
    assert [file for file in [*promised, *links] if not exists(file, page)] == []


@pytest.mark.parametrize("path", [*PRODUCT, *PAGES], ids=name)
def test_words_are_neutral_and_finished(path: Path) -> None:
    """Names that one party cannot read stand in that party's signed lexicon, never in code or pages."""
    assert UNFIT.findall(path.read_text("utf-8")) == []


@pytest.mark.parametrize("path", DECISIONS, ids=name)
def test_a_decision_is_headed_by_its_number_and_says_what_it_costs(path: Path) -> None:
    assert re.fullmatch(r"\d{4}-[a-z0-9-]+", path.stem)
    said = path.read_text("utf-8")
    assert said.startswith(f"# {int(path.stem[:4])}. ")
    headings = re.findall(r"^## (.+)$", said, re.MULTILINE)
    assert headings == ["Context", "Choice", "What we give up"]


def test_decisions_are_numbered_once() -> None:
    numbers = [path.stem[:4] for path in DECISIONS]
    assert numbers == sorted(set(numbers))


# --- workspaces ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("workspace", WORKSPACES, ids=name)
def test_a_workspace_is_what_contributing_says(workspace: Path) -> None:
    """Those files are there; `__init__.py` only registers; its rules are proved in its own folder."""
    for needed in ("README.md", "kinds.py", "rules.py", "tests"):
        assert (workspace / needed).exists(), f"{needed} is missing"
    assert len((workspace / "__init__.py").read_text("utf-8").splitlines()) <= 40
    assert any((workspace / "tests").glob("test_*.py"))


# --- the core -----------------------------------------------------------------------------------------------


def test_the_core_never_waits() -> None:
    """Bytes in, values out: nothing in the core is asynchronous, whatever the shell becomes."""
    waits = (ast.AsyncFunctionDef, ast.Await, ast.AsyncFor, ast.AsyncWith)
    found = [
        name(path)
        for folder in CORE
        for path in (HOUSE / folder).rglob("*.py")
        if any(isinstance(node, waits) for node in ast.walk(parse(path)))
    ]
    assert found == []
