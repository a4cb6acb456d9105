"""What shape is the code in? Each measurement of `src/amanat` beside those of codebases we admire.

Law: thermometers, not goals; nothing fails on them. A file is right when its name tells which line belongs in
it. The models' ranges were measured on sunlight, age, tessera, python-tuf, sigstore, datasette, sqlite-utils,
warehouse, healthchecks, fava and crates.io; "good" leaves out what even they would not defend.
"""

import ast
import io
import re
import tokenize
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parent.parent
HOUSE = ROOT / "src" / "amanat"
CORE = {"party", "record", "compact", "seal", "log"}
LONG_FILE = 400
MOCKS = re.compile(r"\b(?:monkeypatch|mocker|MagicMock|Mock|patch)\b[.(]")

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class Measured:
    """One source file: its lines, syntax and functions."""

    path: Path
    lines: tuple[str, ...]
    tree: ast.Module
    functions: tuple[Function, ...]
    comments: int  # lines

    @property
    def folder(self) -> str:
        """The layer the file belongs to: `log` for src/amanat/log/tree.py."""
        return self.path.relative_to(HOUSE).parts[0]


def measure(path: Path) -> Measured:
    """Read and parse one file."""
    text = path.read_text("utf-8")
    tree = ast.parse(text)
    functions = tuple(node for node in ast.walk(tree) if isinstance(node, Function))
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    comments = sum(token.type == tokenize.COMMENT for token in tokens)
    return Measured(path, tuple(text.splitlines()), tree, functions, comments)


def length(function: Function) -> int:
    """Lines from `def` to the end, both counted."""
    return (function.end_lineno or function.lineno) - function.lineno + 1


def docstring_lines(tree: ast.Module) -> int:
    """Lines taken by docstrings of the module, its classes and functions."""
    owners = (node for node in ast.walk(tree) if isinstance(node, ast.Module | ast.ClassDef | Function))
    first = (node.body[0] for node in owners if ast.get_docstring(node, clean=False) is not None)
    return sum((node.end_lineno or node.lineno) - node.lineno + 1 for node in first)


def typed(function: Function) -> bool:
    """Whether every parameter but self and cls, and the result, is annotated."""
    given = function.args
    named = [*given.posonlyargs, *given.args, *given.kwonlyargs, *filter(None, (given.vararg, given.kwarg))]
    return function.returns is not None and all(
        argument.annotation for argument in named if argument.arg not in {"self", "cls"}
    )


def broad_excepts(tree: ast.Module) -> int:
    """Handlers that would swallow our own bugs too."""
    broad = {"Exception", "BaseException"}
    handlers = (node for node in ast.walk(tree) if isinstance(node, ast.ExceptHandler))
    return sum(one.type is None or (isinstance(one.type, ast.Name) and one.type.id in broad) for one in handlers)


def interfaces(tree: ast.Module) -> int:
    """Classes that are an ABC or a Protocol."""
    classes = (node for node in ast.walk(tree) if isinstance(node, ast.ClassDef))
    return sum(bool({"ABC", "Protocol"} & {ast.unparse(base).split(".")[-1] for base in one.bases}) for one in classes)


def spread(numbers: Sequence[int]) -> tuple[float, int, int]:
    """Median, 90th percentile and greatest."""
    ordered = sorted(numbers) or [0]
    return median(ordered), ordered[int(0.9 * (len(ordered) - 1))], ordered[-1]


def percent(part: int, whole: int) -> str:
    """A share in whole percent; a dash of nothing."""
    return f"{100 * part / whole:.0f} %" if whole else "–"


def documented(files: Iterable[Measured]) -> str:
    """Share of public functions that have a docstring."""
    public = [one for file in files for one in file.functions if not one.name.startswith("_")]
    return percent(sum(ast.get_docstring(one) is not None for one in public), len(public))


def thermometers(files: Sequence[Measured], tests: Sequence[Measured]) -> list[tuple[str, str, str, str]]:
    """Rows of: what, here, models' good range, what we aim for."""
    code = sum(len(one.lines) for one in files)
    proof = sum(len(one.lines) for one in tests)
    functions = [one for file in files for one in file.functions]
    file_median, file_p90, file_longest = spread([len(one.lines) for one in files])
    fn_median, fn_p90, fn_longest = spread([length(one) for one in functions])
    docs = sum(docstring_lines(one.tree) for one in files)
    mocks = sum(bool(MOCKS.search(line)) for one in tests for line in one.lines)
    folders = sum(path.is_dir() and not path.name.startswith(".") for path in ROOT.iterdir())
    core = [one for one in files if one.folder in CORE]
    shell = [one for one in files if one.folder not in CORE]
    per_file = median([len(one.functions) for one in files])
    comments = percent(sum(one.comments for one in files), code)
    return [
        ("visible folders at root", f"{folders}", "3–6", "4"),
        ("files / lines of code", f"{len(files)} / {code}", "–", "–"),
        ("lines a file, median", f"{file_median:.0f}", "42–186", "100–150"),
        ("lines a file, p90 / longest", f"{file_p90} / {file_longest}", "161–489 / 472–938", "≤ 300 / ≤ 400"),
        (f"files over {LONG_FILE} lines", f"{sum(len(one.lines) > LONG_FILE for one in files)}", "–", "0"),
        (
            "function, median / p90 / longest",
            f"{fn_median:.0f} / {fn_p90} / {fn_longest}",
            "5–13 / 26–44 / 80–142",
            "≤ 9 / ≤ 30 / ≤ 40",
        ),
        ("functions a file, median", f"{per_file:.0f}", "2–7", "4–7"),
        (
            "comment / docstring lines",
            f"{comments} / {percent(docs, code)}",
            "4–13 % / 6–23 %",
            "4–8 % / 10–18 %",
        ),
        ("public functions documented: core", documented(core), "25–98 %", "100 %"),
        ("public functions documented: rest", documented(shell), "25–98 %", "≥ 80 %"),
        ("functions fully typed", percent(sum(map(typed, functions)), len(functions)), "92–100 %", "100 %"),
        ("broad excepts", f"{sum(broad_excepts(one.tree) for one in files)}", "3 at best", "≤ 2"),
        ("ABCs and Protocols", f"{sum(interfaces(one.tree) for one in files)}", "0–5", "≤ 3"),
        ("test : code, lines", f"{proof / code:.2f}", "0.5–1.8", "1.0–1.5"),
        ("mock marks / 1,000 test lines", f"{1000 * mocks / max(proof, 1):.1f}", "0.4–4.8", "≤ 2"),
    ]


def longest_functions(files: Sequence[Measured], count: int) -> list[str]:
    """The functions a reader would wish shorter, longest first."""
    found = [(length(one), one, file) for file in files for one in file.functions]
    found.sort(key=lambda entry: -entry[0])
    return [f"{lines:4}  {one.name}  {file.path.relative_to(ROOT)}:{one.lineno}" for lines, one, file in found[:count]]


def main() -> None:
    """Print the table and the ten longest functions."""
    everything = [measure(path) for path in sorted(HOUSE.rglob("*.py"))]
    files = [one for one in everything if "tests" not in one.path.parts]
    beside = [one for one in everything if "tests" in one.path.parts]
    tests = [*beside, *(measure(path) for path in sorted((ROOT / "tests").rglob("*.py")))]
    row = "{:36}{:>16}   {:24}{}"
    print(row.format("", "here", "models' good range", "aim"))
    for thermometer in thermometers(files, tests):
        print(row.format(*thermometer))
    print("\nThe ten longest functions")
    print("\n".join(longest_functions(files, 10)))


if __name__ == "__main__":
    main()
