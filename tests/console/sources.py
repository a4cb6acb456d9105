"""The product's source as syntax: its modules with what they define, import and call, and the classes of its errors.

Law: reads files and runs nothing of them.
"""

import ast
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

ROOTS = {"Problem": (0, 1, 2), "Malformed": (0, 1, 2)}
"""Base classes of our errors → where code, says and mend stand among the arguments."""

UNSEEN = ("cli", "demo")
"""Folders whose errors only a terminal shows."""


@dataclass(frozen=True)
class Scope:
    """Where an expression stands: its module, and the functions around it, innermost last."""

    module: "Module"
    functions: tuple[ast.FunctionDef, ...] = ()


@dataclass
class Module:
    """A source file: its constants, its classes, its functions, what it imports from ours, and each call by its name."""

    name: str
    path: Path
    tree: ast.Module
    constants: dict[str, ast.expr] = field(default_factory=dict)
    classes: list[ast.ClassDef] = field(default_factory=list)
    functions: dict[str, tuple[ast.FunctionDef, Scope]] = field(default_factory=dict)
    imports: dict[str, tuple[str, str]] = field(default_factory=dict)
    calls: dict[str, list[tuple[ast.Call, Scope]]] = field(default_factory=dict)


@dataclass
class House:
    """All modules, the error classes with where their arguments stand, and what was found."""

    modules: dict[str, Module]
    errors: dict[str, tuple[int, int, int]]
    found: dict[str, set[str]] = field(default_factory=dict)


def read(root: Path, without: Collection[Path] = ()) -> House:
    modules = {}
    for path in sorted(root.rglob("*.py")):
        parts = path.relative_to(root.parent).with_suffix("").parts
        if "tests" in parts or parts[1] in UNSEEN or not set(without).isdisjoint(path.parents):
            continue
        name = ".".join(parts).removesuffix(".__init__")
        modules[name] = _module(name, path)
    return House(modules, _errors(modules.values()))


@cache  # catalogues differ in the folders that they leave out, and each would read all others again
def _module(name: str, path: Path) -> Module:
    module = Module(name, path, ast.parse(path.read_text("utf-8")))
    for node in module.tree.body:
        match node:
            case ast.Assign(targets=[ast.Name(id=target)], value=value):
                module.constants[target] = value
            case ast.AnnAssign(target=ast.Name(id=target), value=ast.expr() as value):
                module.constants[target] = value
            case _:
                pass
    _walk(module.tree, Scope(module), module)
    return module


def _walk(node: ast.AST, scope: Scope, module: Module) -> None:
    for child in ast.iter_child_nodes(node):
        inner = scope
        if isinstance(child, ast.FunctionDef):
            module.functions.setdefault(child.name, (child, scope))
            inner = Scope(module, (*scope.functions, child))
        elif isinstance(child, ast.Call):
            name = called(child)
            if name:
                module.calls.setdefault(name, []).append((child, scope))
        elif isinstance(child, ast.ClassDef):
            module.classes.append(child)
        elif isinstance(child, ast.ImportFrom) and child.module and child.module.startswith("amanat"):
            module.imports |= {each.asname or each.name: (child.module, each.name) for each in child.names}
        _walk(child, inner, module)


def called(call: ast.Call) -> str:
    match call.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case _:
            return ""


def _errors(modules: Iterable[Module]) -> dict[str, tuple[int, int, int]]:
    classes = {node.name: node for module in modules for node in module.classes}
    errors = dict(ROOTS)
    while True:
        more = {
            name: _places(node, errors)
            for name, node in classes.items()
            if name not in errors and any(isinstance(base, ast.Name) and base.id in errors for base in node.bases)
        }
        if not more:
            return errors
        errors |= more


def _places(node: ast.ClassDef, errors: dict[str, tuple[int, int, int]]) -> tuple[int, int, int]:
    for each in node.body:
        if isinstance(each, ast.FunctionDef) and each.name == "__init__":
            names = [argument.arg for argument in each.args.args[1:]]
            if {"code", "says", "mend"} <= set(names):
                return names.index("code"), names.index("says"), names.index("mend")
    return next(errors[base.id] for base in node.bases if isinstance(base, ast.Name) and base.id in errors)


def argument(call: ast.Call, at: int, name: str) -> ast.expr | None:
    if at < len(call.args):
        return call.args[at]
    return next((word.value for word in call.keywords if word.arg == name), None)
