"""What of a matter of two sides waits for officers here: a step that is this side's, and what came and is not read yet.

Law: a matter waits once, whatever is to be done in it. What came of one that is not here waits as the record it is.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, Protocol, TypeVar

from sqlalchemy import Row

from amanat.exchange.matter import Waiting
from amanat.exchange.means import Turn
from amanat.officer.may import Actor, may
from amanat.record.kind import Kind
from amanat.workspaces.liaison.matter_rows import Key
from amanat.workspaces.liaison.matters import PAGES
from amanat.workspaces.liaison.told import Told


class Sided(Protocol):
    """A matter of two sides."""

    @property
    def root(self) -> Told:
        """What began it."""

    @property
    def parties(self) -> tuple[str, str]:
        """The two, who began it first."""

    @property
    def exercise(self) -> bool:
        """Whether it is one."""


class Owed(Protocol):
    """A step that a side is to make."""

    @property
    def since(self) -> datetime:
        """Since when it is waited for."""

    @property
    def due(self) -> datetime | None:
        """By when it is to be made, None for no time."""


M = TypeVar("M", bound=Sided)


@dataclass(frozen=True, slots=True)
class Matters(Generic[M]):
    """The matters of one kind: what is told of as waiting, which may be named besides, and what is not read, by matter.

    `own` is the step that is this side's to make, the first due, if any; `code` is by which code a matter waits for
    that, or to be read; `astray` that of what came of a matter that is not here.
    """

    kind: Kind
    recent: Callable[[Turn, list[Key]], list[M]]
    unread: Callable[[Turn], Mapping[Key, list[Row[Any]]]]
    own: Callable[[Turn, M], Owed | None]
    code: Callable[[M, Owed | None], str]
    astray: str
    title: Callable[[Any], str]


def now(turn: Turn, actor: Actor, matters: Matters[M]) -> Iterator[Waiting]:
    """Yield the matters in which something is to be said here, or to be read."""
    if not may(actor, "record.acknowledge"):
        return
    unread = dict(matters.unread(turn))
    for each in matters.recent(turn, list(unread)):
        rows = unread.pop((each.root.key.party, each.root.key.id), [])
        own = matters.own(turn, each) if may(actor, "record.send") else None
        if own is not None or rows:
            yield _waiting(turn, matters, each, own, rows)
    for row in (each for rows in unread.values() for each in rows):
        yield _astray(matters, row)


def _waiting(turn: Turn, matters: Matters[M], each: M, own: Owed | None, rows: list[Row[Any]]) -> Waiting:
    key = each.root.key
    read_by = min((datetime.fromisoformat(row.read_by) for row in rows), default=None)
    return Waiting(
        what="workspace",
        matter=matters.code(each, own),
        since=own.since if own else datetime.fromisoformat(rows[0].at),
        due=own.due if own else read_by,
        party=key.party,
        id=key.id,
        kind=matters.kind.label,
        peer=next(party for party in (*each.parties[::-1], *each.parties) if party != turn.means.party),
        title=matters.title(each.root.body),
        path=f"{PAGES[matters.kind.name]}?party={key.party}&id={key.id}",
        exercise=each.exercise,
    )


def _astray(matters: Matters[M], row: Row[Any]) -> Waiting:
    return Waiting(
        what="workspace",
        matter=matters.astray,
        since=datetime.fromisoformat(row.at),
        due=datetime.fromisoformat(row.read_by),
        party=row.party,
        id=row.id,
        kind=matters.kind.label,
        peer=row.party,
        path=f"/record/{row.party}/{row.id}",
        exercise=row.exercise,
    )
