"""What the layers below the console say in English, read from their source: errors, steps of a record's way, handling.

Law: reads syntax and runs nothing. A sentence is found where it is built; what is filled in becomes a named
placeholder, and what is chosen between literals becomes a sentence each. A placeholder that is itself filled with
literal words has these as messages of their own (`part`).
"""

import ast
import itertools
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from console.sources import House, Module, Scope, argument, called, read

MOST = 12
"""So many sentences one expression may stand for; with more, what is chosen becomes a placeholder."""

DEPTH = 8
WORDS = re.compile(r"[A-Za-z]{2}")
PHRASE = re.compile(r"[a-z]{2}.* |[a-z:,]* [a-z(]|^ ")
"""What tells words of ours from a code, a key or a path, that stand as they are in every language."""


@dataclass(frozen=True)
class Hole:
    """What is filled in: a name for translators, and the expression it stands for."""

    name: str
    source: str


Text = tuple[str | Hole, ...]


def collect(root: Path, without: Collection[Path] = ()) -> dict[str, set[str]]:
    """Return all messages of the package in `root` but for the folders `without`, each with its places.

    A place is "error CODE", "step", "handling" or "part".
    """
    house = read(root, without)
    for module in house.modules.values():
        for name, places in house.errors.items():
            for call, scope in module.calls.get(name, ()):
                _error(house, call, scope, places)
    for call, scope in house.modules["amanat.exchange.became"].calls.get("Step", ()):
        _keep(house, call.args[3], scope, ("step",))
    describe = house.modules["amanat.record.handling"].functions["describe"]
    for line in _lines(describe[0]):
        _keep(house, line, Scope(describe[1].module, (describe[0],)), ("handling",))
    return house.found


def _error(house: House, call: ast.Call, scope: Scope, places: tuple[int, int, int]) -> None:
    given = [argument(call, at, name) for at, name in zip(places, ("code", "says", "mend"), strict=True)]
    code, says, mend = given
    if code is None or says is None or mend is None:
        return
    codes = {text[0] for text in _expand(house, code, scope, DEPTH) if len(text) == 1 and isinstance(text[0], str)}
    where = tuple(f"error {each}" for each in sorted(codes)) or ("error *",)
    _keep(house, says, scope, where)
    _keep(house, mend, scope, where)


def _keep(house: House, node: ast.expr, scope: Scope, where: tuple[str, ...]) -> None:
    for text in _expand(house, node, scope, DEPTH):
        if any(isinstance(piece, str) and WORDS.search(piece) for piece in text) or len(text) > 1:
            house.found.setdefault(written(text), set()).update(where)


def written(text: Text) -> str:
    """Return a text as a message: literal braces doubled, and each hole by a name of its own."""
    names: dict[str, str] = {}
    made = ""
    for piece in text:
        if isinstance(piece, str):
            made += piece.replace("{", "{{").replace("}", "}}")
            continue
        if piece.source not in names:
            taken = sum(re.fullmatch(rf"{piece.name}\d*", each) is not None for each in names.values())
            names[piece.source] = f"{piece.name}{taken + 1}" if taken else piece.name
        made += f"{{{names[piece.source]}}}"
    return made


def _expand(  # noqa: PLR0911 - a form of expression each
    house: House, node: ast.expr, scope: Scope, depth: int
) -> list[Text]:
    """Return each text that an expression may stand for; one that is unknown is a hole."""
    hole: list[Text] = [(Hole(_name(node), ast.unparse(node)),)]
    if depth == 0:
        return hole
    match node:
        case ast.Constant(value=str() as value):
            return [(value,)] if value else [()]
        case ast.JoinedStr():
            return _joined(house, node, scope, depth)
        case ast.IfExp():
            return [*_expand(house, node.body, scope, depth), *_expand(house, node.orelse, scope, depth)]
        case ast.BinOp(op=ast.Add()):
            sides = (_expand(house, node.left, scope, depth), _expand(house, node.right, scope, depth))
            return [(*left, *right) for left, right in itertools.product(*sides)]
        case ast.Name():
            return _resolved(house, node, scope, depth) or hole
        case ast.Call():
            return _returned(house, node, scope, depth) or hole
        case ast.BoolOp(op=ast.Or()):
            return [text for each in node.values for text in _expand(house, each, scope, depth)]
        case ast.Subscript(value=ast.Name(id=name)) if isinstance(_constant(house, scope.module, name), ast.Dict):
            table = _constant(house, scope.module, name)
            assert isinstance(table, ast.Dict)
            return [text for each in table.values for text in _expand(house, each, scope, depth - 1)]
    return hole


def _joined(house: House, node: ast.JoinedStr, scope: Scope, depth: int) -> list[Text]:
    choices: list[list[Text]] = []
    for value in node.values:
        if isinstance(value, ast.Constant):
            choices.append([(str(value.value),)])
        elif isinstance(value, ast.FormattedValue):
            choices.append(_filled(house, value, scope, depth))
    if _product(choices) > MOST:
        raise ValueError(f"{scope.module.path}:{node.lineno}: this stands for over {MOST} sentences")
    return [tuple(itertools.chain(*each)) for each in itertools.product(*choices)]


def _filled(house: House, value: ast.FormattedValue, scope: Scope, depth: int) -> list[Text]:
    """Return what is chosen here between literals; else a hole, whose own words are kept as parts."""
    source = ast.unparse(value.value)
    hole: list[Text] = [(Hole(_name(value.value), source),)]
    if value.conversion != -1 or value.format_spec is not None:
        return hole
    texts = _expand(house, value.value, scope, depth - 1)
    if all(text == hole[0] for text in texts):
        return hole
    if (
        _is_here(value.value, scope)
        and len(texts) <= 4
        and not any(len(text) == 1 and isinstance(text[0], Hole) for text in texts)
    ):
        return texts
    for text in texts:
        if any(isinstance(piece, str) and PHRASE.search(piece) for piece in text):
            house.found.setdefault(written(text), set()).add("part")
    return hole


def _is_here(node: ast.expr, scope: Scope) -> bool:
    """Whether an expression is chosen in this very function: a condition, or a name that is assigned here."""
    match node:
        case ast.IfExp() | ast.Constant():
            return True
        case ast.Name(id=name):
            assigned = _assigned(name, scope)
            return bool(assigned) and all(
                isinstance(each, ast.IfExp | ast.Constant | ast.JoinedStr) for each in assigned
            )
        case _:
            return False


def _product(choices: list[list[Text]]) -> int:
    count = 1
    for each in choices:
        count *= len(each)
    return count


def _resolved(house: House, node: ast.Name, scope: Scope, depth: int) -> list[Text]:
    """Return what a name stands for: assigned here, handed in by callers, or a constant of a module."""
    assigned = _assigned(node.id, scope)
    if assigned:
        return [text for each in assigned for text in _expand(house, each, scope, depth - 1)]
    for function in reversed(scope.functions):
        names = [each.arg for each in (*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs)]
        if node.id in names:
            return _handed(house, function, node.id, scope, depth)
    value = _constant(house, scope.module, node.id)
    return [] if value is None else _expand(house, value, Scope(scope.module), depth - 1)


def _constant(house: House, module: Module, name: str) -> ast.expr | None:
    if name in module.constants:
        value = module.constants[name]
        return value.args[0] if isinstance(value, ast.Call) and called(value) == "MappingProxyType" else value
    where, original = module.imports.get(name, ("", ""))
    return _constant(house, house.modules[where], original) if where in house.modules else None


def _assigned(name: str, scope: Scope) -> list[ast.expr]:
    """Return every expression that a name of the innermost function is given."""
    return _assignments(scope.functions[-1]).get(name, []) if scope.functions else []


@cache  # each name that is filled in asks for those of its function
def _assignments(function: ast.FunctionDef) -> dict[str, list[ast.expr]]:
    """Return every expression that each name of a function is given."""
    found: dict[str, list[ast.expr]] = {}
    for node in ast.walk(function):
        match node:
            case ast.Assign(targets=[ast.Name(id=target)], value=value):
                found.setdefault(target, []).append(value)
            case ast.Assign(targets=[ast.Tuple(elts=targets)], value=ast.Tuple(elts=values)):
                for each, value in zip(targets, values, strict=True):
                    if isinstance(each, ast.Name):
                        found.setdefault(each.id, []).append(value)
            case ast.NamedExpr(target=ast.Name(id=target), value=value):
                found.setdefault(target, []).append(value)
            case _:
                pass
    return found


def _handed(house: House, function: ast.FunctionDef, name: str, scope: Scope, depth: int) -> list[Text]:
    """Return what callers hand in for a parameter, wherever they are."""
    positional = [each.arg for each in (*function.args.posonlyargs, *function.args.args)]
    bound = bool(positional) and positional[0] in {"self", "cls"}
    at = positional.index(name) - bound if name in positional else len(positional) + 99
    found = [text for each in _default(function, name) for text in _expand(house, each, scope, depth - 1)]
    for module in house.modules.values():
        calls = module.calls.get(function.name)
        if not calls or not (module is scope.module or bound or _imports(module, scope.module, function.name)):
            continue
        for call, where in calls:
            given = argument(call, at, name)
            if given is not None:
                found += _expand(house, given, where, depth - 1)
    return list(dict.fromkeys(found))


def _default(function: ast.FunctionDef, name: str) -> Iterator[ast.expr]:
    arguments = function.args.args
    for each, default in zip(reversed(arguments), reversed(function.args.defaults), strict=False):
        if each.arg == name:
            yield default
    for each, given in zip(function.args.kwonlyargs, function.args.kw_defaults, strict=True):
        if each.arg == name and given is not None:
            yield given


def _imports(module: Module, other: Module, name: str) -> bool:
    """Whether a module imports a function of another, by name or with its module."""
    package, _, last = other.name.rpartition(".")
    return (other.name, name) in module.imports.values() or (package, last) in module.imports.values()


def _returned(house: House, node: ast.Call, scope: Scope, depth: int) -> list[Text]:
    """Return what a function of ours gives back, when that is words."""
    module, name = scope.module, called(node)
    match node.func:
        case ast.Attribute(value=ast.Name(id="self")) | ast.Name():
            pass
        case ast.Attribute(value=ast.Name(id=other)) if other in module.imports:
            where, last = module.imports[other]
            module = house.modules.get(f"{where}.{last}", module)
        case _:
            return []
    if name not in module.functions and name in module.imports:
        where, name = module.imports[name]
        module = house.modules.get(where, module)
    if name not in module.functions:
        return []
    function, outer = module.functions[name]
    inner = Scope(module, (*outer.functions, function))
    returns = [each.value for each in ast.walk(function) if isinstance(each, ast.Return) and each.value is not None]
    texts = [text for each in returns for text in _expand(house, each, inner, depth - 1)]
    return [text for text in texts if any(isinstance(piece, str) and WORDS.search(piece) for piece in text)]


def _lines(function: ast.FunctionDef) -> Iterator[ast.expr]:
    """Each text that stands in a list or is appended to one, in a function that returns lines."""
    for node in ast.walk(function):
        match node:
            case ast.List(elts=elements):
                yield from elements
            case ast.ListComp(elt=element):
                yield element
            case ast.Call(func=ast.Attribute(attr="append"), args=[appended]):
                yield appended
            case _:
                pass


_THROUGH = {
    "len",
    "str",
    "repr",
    "int",
    "sorted",
    "quote",
    "quoted",
    "next",
    "iter",
    "sum",
    "max",
    "min",
    "shown",
    "list",
}


def _name(node: ast.expr) -> str:
    """Return what to call a hole: the last word of its expression."""
    return re.sub(r"\d+$", "", _word(node).strip("_").lower()) or "value"


def _word(node: ast.expr) -> str:  # noqa: C901, PLR0911 - a form of expression each
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case ast.Call(func=ast.Attribute(value=ast.Constant(), attr="join"), args=[joined]):
            return _word(joined)
        case ast.Call(func=ast.Name(id=name), args=[inner, *_]) if name in _THROUGH:
            return _word(inner)
        case ast.Call(func=ast.Name(id=name)):
            return name
        case ast.Call(func=ast.Attribute(value=inner, attr=name), args=arguments):
            return name if arguments else _word(inner)
        case ast.Subscript(value=inner) | ast.UnaryOp(operand=inner) | ast.BinOp(left=inner) | ast.Starred(value=inner):
            return _word(inner)
        case ast.GeneratorExp(elt=inner) | ast.ListComp(elt=inner):
            return _word(inner)
        case ast.FormattedValue(value=inner):
            return _word(inner)
        case ast.JoinedStr(values=values):
            return next((_word(each) for each in values if isinstance(each, ast.FormattedValue)), "value")
        case ast.BoolOp(values=[inner, *_]) | ast.IfExp(body=inner):
            return _word(inner)
        case _:
            return "value"
