"""The kinds of records that this node knows, and the JSON Schema of each."""

from typing import Any

import msgspec
from litestar.params import FromPath

from amanat.exchange.route import Area, Here, reads
from amanat.record.kind import schema


class KindHead(msgspec.Struct, frozen=True):
    """A kind: its name and version, what withdrawing one does, and what it is."""

    kind: str
    on_withdraw: str
    summary: str


@reads("/", "compact.read")
def list_kinds(means: Here) -> tuple[KindHead, ...]:
    """List the kinds of records that this node knows."""
    return tuple(KindHead(each.label, each.on_withdraw, each.summary) for each in means.kinds)


@reads("/{name:str}", "compact.read")
def show_schema(means: Here, name: FromPath[str]) -> dict[str, Any]:
    """Show the JSON Schema (2020-12) of the newest version of a kind's body."""
    return schema(means.kinds.newest(name))


ROUTES: list[Any] = [Area("/kinds", route_handlers=[list_kinds, show_schema], tags=["kinds"])]
