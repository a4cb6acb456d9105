"""What could be wrong with a line: every small change to a source file that ought to change what it does.

Law: what is not behaviour is left alone by rule. These are: docstrings; the texts of errors (not their codes), what they
call a file, and any other text of three words or more; annotations of functions and variables (those of a struct's
fields are bounds, and count); `description`, `slots`, `frozen` and `kw_only`; decorators, which say how a value is
kept; imports.
"""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from copy import copy
from dataclasses import dataclass
from pathlib import Path
from types import CodeType
from typing import Any

SOURCE = Path(__file__).resolve().parents[2] / "src" / "amanat"

_ERRORS = {"Invalid", "Refused", "Fault", "Malformed", "WitnessRefused", "_refused", "wrong"}
# The last of three arguments or more is what their errors call the bytes they are given: dsse.parse(data, label, "act").
_NAMING = {"parse", "decode", "signers", "custodians_signed", "text_lines", "head_and_rest"}
_EITHER_WAY = {"min", "max", "bytes_eq"}
_ASIDE = {"description", "slots", "frozen", "kw_only"}
_COMPARE: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
}
_BINARY: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.FloorDiv,
    ast.Pow: ast.Mult,
    ast.LShift: ast.RShift,
    ast.RShift: ast.LShift,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
}
_CALLS = {"any": "all", "all": "any", "min": "max", "max": "min", "reversed": "iter"}
_CALLS |= {"startswith": "endswith", "endswith": "startswith", "partition": "rpartition", "rpartition": "partition"}
_CALLS |= {"fullmatch": "match", "match": "search", "find": "rfind", "rfind": "find"}
# Parts of a regular expression: bounds and repeats, octets, negations, and looking ahead.
_PATTERN = re.compile(r"(?<=\{)\d+|(?<=,)\d+(?=\})|\\x[0-9a-f]{2}|\[\^|(?<=[\])}a-z])[*+?]|\(\?<?[=!][^()]*\)")


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change: where it is (file below `src/amanat`, function, the line as it stands), and what it does."""

    file: str
    function: str
    line: str
    change: str


@dataclass(frozen=True, slots=True)
class Site:
    """How a mutant comes about: the tree, where in it the new node goes, and the lines of the statement around it."""

    tree: ast.Module
    parent: ast.AST
    field: str
    index: int | None
    new: Any
    lines: range

    def compiled(self, path: Path) -> CodeType:
        """Put the new node in its place, for good, and return the module's code."""
        if self.index is None:
            setattr(self.parent, self.field, self.new)
        else:
            getattr(self.parent, self.field)[self.index] = self.new
        return compile(ast.fix_missing_locations(self.tree), str(path), "exec")


def mutants(file: str) -> dict[Mutant, Site]:
    """Return every mutant of a file below `src/amanat`. Equal ones on a line are counted: "(2)"."""
    text = (SOURCE / file).read_text("utf-8")
    lines, tree = text.split("\n"), ast.parse(text)
    found: dict[Mutant, Site] = {}
    seen: Counter[Mutant] = Counter()
    for function, number, change, parent, field, index, new, around in _walk(tree, "", range(0)):
        first = Mutant(file, function, lines[number - 1].strip(), change)
        seen[first] += 1
        mutant = first if seen[first] == 1 else Mutant(file, function, first.line, f"{change} ({seen[first]})")
        found[mutant] = Site(tree, parent, field, index, new, around)
    return found


def _walk(parent: ast.AST, function: str, around: range) -> Iterator[tuple[Any, ...]]:
    for field, value in ast.iter_fields(parent):
        if _aside(parent, field):
            continue
        for index, node in enumerate(value) if isinstance(value, list) else [(None, value)]:
            if not isinstance(node, ast.AST) or _is_text(node, parent):
                continue
            inside, within = function, _lines(node) if isinstance(node, ast.stmt) else around
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                inside = f"{function}.{node.name}".lstrip(".")
            for change, new in _changes(node, parent):
                number = getattr(node, "lineno", None) or getattr(getattr(node, "test", None), "lineno", within.start)
                yield function, number, change, parent, field, index, new, within
            yield from _walk(node, inside, within)


def _lines(node: ast.stmt) -> range:
    """Return the lines of a statement, of a compound one those of its head."""
    body = getattr(node, "body", None) or getattr(node, "cases", None)
    if body:
        first = body[0]
        return range(node.lineno, max(node.lineno + 1, getattr(first, "lineno", node.lineno + 1)))
    return range(node.lineno, (node.end_lineno or node.lineno) + 1)


def _aside(parent: ast.AST, field: str) -> bool:
    """Whether a field of a node holds what is not behaviour."""
    if isinstance(parent, ast.Import | ast.ImportFrom):
        return True
    if isinstance(parent, ast.keyword):
        return parent.arg in _ASIDE
    if isinstance(parent, ast.AnnAssign) and field == "annotation":
        return not any(isinstance(node, ast.Call) for node in ast.walk(parent.annotation))
    return field in {"decorator_list", "annotation", "returns", "op", "ops", "ctx"}


def _is_text(node: ast.AST, parent: ast.AST) -> bool:
    """Whether a node is a text for people: a docstring, an error's sentence, or three words and more."""
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return True
    texts = [each.value for each in ast.walk(node) if isinstance(each, ast.Constant) and isinstance(each.value, str)]
    if isinstance(parent, ast.Call) and _called(parent) in _ERRORS and node is not parent.func:
        return any(" " in text for text in texts) or any(isinstance(each, ast.JoinedStr) for each in ast.walk(node))
    if isinstance(parent, ast.Call) and _called(parent) in _NAMING and node in parent.args[2:][-1:]:
        return isinstance(node, ast.Constant)
    return isinstance(node, ast.Constant | ast.JoinedStr) and len(re.findall(r"\w+ ", " ".join(texts))) > 1


def _called(call: ast.Call) -> str:
    """Return the last part of what is called: `seal.Envelope(…)` is `Envelope`."""
    return call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")


def _with(node: ast.AST, **fields: object) -> Any:
    new = copy(node)
    for name, value in fields.items():
        setattr(new, name, value)
    return new


def _changes(node: ast.AST, parent: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    """Yield what a node could wrongly be instead, each with its name."""
    match node:
        case ast.Constant(value=bool() | int() | bytes() | str() as value):
            yield from ((f"{value!r} becomes {new!r}", ast.Constant(new)) for new in _others(value))
        case ast.Call():
            yield from _other_calls(node)
        case ast.expr():
            yield from _other_expressions(node)
        case ast.stmt():
            yield from _other_statements(node, parent)
        case ast.comprehension():
            for each in node.ifs:
                yield f"without if {ast.unparse(each)}", _with(node, ifs=[one for one in node.ifs if one is not each])
        case ast.match_case() if node.guard:
            yield "without its guard", _with(node, guard=None)
        case ast.ExceptHandler():
            yield "raises as it came", _with(node, body=[ast.Raise()])
        case _:
            return


def _other_expressions(node: ast.expr) -> Iterator[tuple[str, ast.AST]]:
    match node:
        case ast.Compare():
            yield from _other_comparisons(node)
        case ast.BoolOp():
            yield from _other_junctions(node)
        case ast.BinOp() if type(node.op) in _BINARY:
            other_type = _BINARY[type(node.op)]
            yield f"{type(node.op).__name__} becomes {other_type.__name__}", _with(node, op=other_type())
        case ast.UnaryOp():
            yield f"without {type(node.op).__name__}", node.operand
        case ast.IfExp():
            yield "always", node.body
            yield "never", node.orelse
        case ast.Subscript(slice=ast.Slice() as cut):
            for end in ("lower", "upper"):
                if getattr(cut, end) is not None:
                    yield f"without its {end} end", _with(node, slice=_with(cut, **{end: None}))
        case _:
            return


def _other_comparisons(node: ast.Compare) -> Iterator[tuple[str, ast.AST]]:
    for at, op in enumerate(node.ops):
        for other in _COMPARE[type(op)]:
            ops = [*node.ops[:at], other(), *node.ops[at + 1 :]]
            yield f"{type(op).__name__} becomes {other.__name__}", _with(node, ops=ops)


def _other_junctions(node: ast.BoolOp) -> Iterator[tuple[str, ast.AST]]:
    other, name = (ast.Or(), "or") if isinstance(node.op, ast.And) else (ast.And(), "and")
    yield f"becomes {name}", _with(node, op=other)
    for each in node.values:
        rest = [value for value in node.values if value is not each]
        yield f"without {ast.unparse(each)}", rest[0] if len(rest) == 1 else _with(node, values=rest)


def _others(value: bool | int | bytes | str) -> Iterator[bool | int | bytes | str]:  # noqa: FBT001 - a constant
    match value:
        case bool():
            yield not value
        case int():
            yield from (value + 1, value - 1)
        case bytes():
            yield value + b"X"
        case str():
            yield value + "X"
            for part in _PATTERN.finditer(value) if "[" in value or "{" in value or "\\" in value else ():
                others = (other for other in _other_parts(part[0]) if other != part[0])
                yield from (value[: part.start()] + other + value[part.end() :] for other in others)


def _other_parts(part: str) -> Iterator[str]:
    """Yield what a part of a regular expression could wrongly be."""
    if part.isdigit():
        yield from (str(int(part) + 1), str(max(int(part) - 1, 0)))
    elif part.startswith("\\x"):
        yield from (f"\\x{octet:02x}" for octet in range(256) if abs(octet - ord(bytes.fromhex(part[2:]))) == 1)
    else:
        yield {"[^": "[", "*": "+", "+": "*", "?": "*"}.get(part, "")


def _other_calls(node: ast.Call) -> Iterator[tuple[str, ast.AST]]:
    name = _called(node)
    if name in _CALLS:
        field = "id" if isinstance(node.func, ast.Name) else "attr"
        yield f"{name} becomes {_CALLS[name]}", _with(node, func=_with(node.func, **{field: _CALLS[name]}))
    if name == "sorted":
        yield (
            "sorted backwards",
            _with(node, keywords=[*node.keywords, ast.keyword("reverse", ast.Constant(value=True))]),
        )
    if isinstance(node.func, ast.Attribute) and name in {"strip", "lstrip", "rstrip", "lower", "casefold", "replace"}:
        yield f"without {name}", node.func.value
    if (
        len(node.args) > 1
        and name not in {*_ERRORS, *_EITHER_WAY}
        and not any(isinstance(arg, ast.Starred) for arg in node.args[:2])
    ):
        yield "arguments swapped", _with(node, args=[node.args[1], node.args[0], *node.args[2:]])


def _other_statements(node: ast.stmt, parent: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    match node:
        case ast.If():
            yield "always", _with(node, test=ast.Constant(value=True))
            yield "never", _with(node, test=ast.Constant(value=False))
        case ast.While():
            yield "never", _with(node, test=ast.Constant(value=False))
        case ast.Return(value=ast.expr() as value) if not isinstance(value, ast.Constant) or not isinstance(
            value.value, bool | None
        ):
            yield "returns None", ast.Return(ast.Constant(None))
        case ast.Raise() if not isinstance(parent, ast.If | ast.ExceptHandler):
            yield "left out", ast.Pass()
        case (
            ast.Expr(value=ast.Call() | ast.Yield() | ast.YieldFrom()) | ast.AugAssign() | ast.Continue() | ast.Break()
        ):
            yield "left out", ast.Pass()
        case ast.Assign(targets=[ast.Attribute() | ast.Subscript()]):
            yield "left out", ast.Pass()
        case _:
            return
