"""Kinds of records this node knows, and the JSON Schema of each, to publish."""

from typing import Annotated

import msgspec
import typer

from amanat.cli import screen
from amanat.cli.options import Json
from amanat.node import all_kinds
from amanat.record.kind import Kind, schema

app = typer.Typer(name="kind", help="See what kinds of records there are.")


@app.command("list")
def list_(as_json: Json = False) -> None:
    """List the kinds of records this node knows.

    With what withdrawing one does: "destroy" it at every holder, or let it stand, marked.

    Example: amanat kind list
    """
    if as_json:
        for kind in all_kinds():
            screen.show_json({"kind": kind.label, "on_withdraw": kind.on_withdraw, "summary": kind.summary})
        return
    screen.show_rows(
        ("kind", "when withdrawn", "what it is"), [(k.label, k.on_withdraw, k.summary) for k in all_kinds()]
    )


@app.command("schema")
def schema_(kind: Annotated[str, typer.Argument(metavar="KIND", help="Its name, with or without version.")]) -> None:
    """Print the JSON Schema of a kind.

    Draft 2020-12, of the newest version of the kind or of the one named, such as intelligence.report/1.

    Example: amanat kind schema intelligence.report
    """
    screen.show(msgspec.json.format(msgspec.json.encode(schema(newest(kind)))).decode())


def newest(name: str) -> Kind:
    """Return the kind of that label, or the newest version of that name. Raises `Invalid`."""
    return all_kinds().newest(name)


def short_kind(label: str) -> str:
    """Return a label without its workspace's name, unless another workspace has a kind of that name."""
    short = label.rpartition(".")[2]
    same = [kind for kind in all_kinds() if kind.label.rpartition(".")[2] == short]
    return short if len(same) == 1 else label
