"""Lists of matters in which two sides take turns: what one is narrowed down to, a page of it, and where that stands.

Law: the newest first; what is dated too far ahead of now is not listed, and counts for nothing yet.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, ClassVar, Final, Generic, Literal, Protocol, TypeVar
from urllib.parse import urlencode

import msgspec
from sqlalchemy import ColumnElement, Row, Table, select, tuple_

from amanat.exchange import cursor
from amanat.exchange.means import Turn
from amanat.workspaces.liaison.rules import AHEAD
from amanat.workspaces.liaison.told import Told
from amanat.workspaces.liaison.views import spell

SHOWN: Final = 50
"""Matters on a page of a list."""

Code = Annotated[str, msgspec.Meta(max_length=16)]


class Query(msgspec.Struct, frozen=True, kw_only=True):
    """What a list is narrowed down to besides its own code: whose, only what is waited for; "" is everything."""

    path: ClassVar[str]

    party: Code = ""
    only: Literal["", "open"] = ""
    cursor: Annotated[str, msgspec.Meta(max_length=200)] = ""

    def address(self, **more: str) -> str:
        """Return where the list is shown so narrowed down, with more said."""
        said = {name: value for name, value in (msgspec.to_builtins(self) | more).items() if value}
        return self.path + (f"?{urlencode(said)}" if said else "")


class Stands(Protocol):
    """How a matter stands: what is waited for in it."""

    @property
    def waits(self) -> Sequence[Any]:
        """Whose turn it is."""


class Matter(Protocol):
    """A matter: what began it."""

    @property
    def root(self) -> Told:
        """By which record."""


M = TypeVar("M", bound=Matter)


@dataclass(frozen=True, slots=True)
class Listed(Generic[M]):
    """A matter as a list shows it."""

    matter: M
    stands: Stands
    title: str


@dataclass(frozen=True, slots=True)
class Matters(Generic[M]):
    """The matters of a list: their rows, those of some rows, those of late, how one stands and what it is called.

    `column` has the code that the list is narrowed down by, `code` gives that of a matter.
    """

    table: Table
    column: str
    code: Callable[[M], str]
    of: Callable[[Turn, Iterable[Row[Any]]], list[M]]
    recent: Callable[[Turn], list[M]]
    stands: Callable[[M, datetime], Stands]
    title: Callable[[Any], str]


def listed(turn: Turn, matters: Matters[M], query: Query, code: str) -> Mapping[str, Any]:
    """Return what a page of the list shows, narrowed down to a code, "" for any."""
    found, last = (_open(turn, matters, query, code), None) if query.only else _page(turn, matters, query, code)
    narrowed = msgspec.structs.replace(query, cursor="")
    after = cursor.written(last.party, last.id, last.at) if last is not None else ""
    return {
        "listed": [Listed(each, matters.stands(each, turn.now), matters.title(each.root.body)) for each in found],
        "filters": query,
        "narrowed": narrowed != type(query)(),
        "alone": narrowed.address(),
        "next": narrowed.address(cursor=after) if after else "",
    }


def _open(turn: Turn, matters: Matters[M], query: Query, code: str) -> list[M]:
    """Return the matters in which something is waited for, of those that are told of."""
    fits = (each for each in matters.recent(turn) if code in ("", matters.code(each)))
    found = (each for each in fits if query.party in ("", each.root.party))
    return [each for each in found if matters.stands(each, turn.now).waits][::-1][:SHOWN]


def _page(turn: Turn, matters: Matters[M], query: Query, code: str) -> tuple[list[M], Row[Any] | None]:
    """Return those of a page, and after which row the next begins: also where rows of this one are not shown."""
    c = matters.table.c
    narrowed: list[ColumnElement[bool]] = [c.at <= spell(turn.now + AHEAD)]
    if code:
        narrowed.append(c[matters.column] == code)
    if query.party:
        narrowed.append(c.party == query.party)
    if query.cursor:
        party, id_, at = cursor.read(query.cursor, 3)
        narrowed.append(tuple_(c.at, c.party, c.id) < tuple_(at, party, id_))
    newest = select(matters.table).where(*narrowed).order_by(c.at.desc(), c.party.desc(), c.id.desc())
    rows = list(turn.tx.execute(newest.limit(SHOWN + 1)))
    return matters.of(turn, rows[:SHOWN]), rows[SHOWN - 1] if len(rows) > SHOWN else None
