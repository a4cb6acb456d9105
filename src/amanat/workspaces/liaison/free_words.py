"""Free words about a matter: what its page shows of them, who may write some, and what of theirs waits to be opened.

Law: they are shown to who may look at a person's data, each look noted by the page's `persons` (floor 7); whoever else
is told that there are some. In a call they stand among all that was said, and what waits there is the hotline's.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Protocol

import msgspec
from sqlalchemy import Row

from amanat.compact import calling
from amanat.exchange.matter import Waiting
from amanat.exchange.means import Turn
from amanat.officer.may import Actor, may
from amanat.party.errors import Invalid
from amanat.workspace import Sent
from amanat.workspaces.liaison import calls, composing, conversation, dealings, matter_rows, matters, texts
from amanat.workspaces.liaison.conversation import Shown
from amanat.workspaces.liaison.kinds import CALL, MOST_TEXTS, TEXT, Named
from amanat.workspaces.liaison.matters import Matter
from amanat.workspaces.liaison.rules import Uttered

MOST_WAITING: Final = 20
"""Matters with free words of theirs that nobody opened, those that wait for longest: more would hide what else does."""


@dataclass(frozen=True, slots=True)
class FreeWords:
    """Free words about a matter, in order, and what this officer may do; `matter` is None of one that is not here.

    `more` is how much each party wrote beyond what is read, of those that did; `unread` how much of it waits here, and
    `seen` what its form carries of that.
    """

    key: Named
    matter: Matter | None
    shown: tuple[Shown, ...]
    more: tuple[tuple[str, int], ...]
    unread: int
    seen: str
    may_write: bool
    may_open: bool

    @property
    def path(self) -> str:
        """Where some are written."""
        return f"/liaison/text?party={self.key.party}&id={self.key.id}"


class Shows(Protocol):
    """The query of a page of a matter: the record that began it."""

    @property
    def party(self) -> str:
        """Whose it is."""

    @property
    def id(self) -> str:
        """Its id."""


class Opening(msgspec.Struct, frozen=True):
    """About which record free words are opened: all that waited when the page showed them (`seen`)."""

    party: str
    id: str
    seen: str = ""


def said_about(turn: Turn, actor: Actor, key: Named) -> FreeWords:
    """Return what the page of a matter shows of free words about it: `key` is its record, or a step's."""
    matter = matters.matter(turn, key.party, key.id)
    found, more = texts.about(turn.tx, key)
    waits_here = texts.unread(turn.tx, key)
    return FreeWords(
        key=key,
        matter=matter,
        shown=conversation.written(turn, actor, map(_uttered, found)),
        more=more,
        unread=len(waits_here),
        seen=matter_rows.seen(waits_here),
        may_write=matter is not None and may_write(turn, actor, matter),
        may_open=may(actor, "record.acknowledge") and may(actor, "record.person") and _at_post(turn, actor, matter),
    )


def about_steps(turn: Turn, actor: Actor, *keys: Named) -> tuple[FreeWords, ...]:
    """Return free words about steps of a matter for its page, in the order of these: of those about which there are."""
    written = texts.written(turn.tx, keys)
    return tuple(said_about(turn, actor, key) for key in keys if key in written)


def persons_of(turn: Turn, *keys: Named) -> Iterator[tuple[str, str]]:
    """Yield what a page that shows free words about these is to say in its `persons`, by (party, id)."""
    written = texts.written(turn.tx, keys)
    for key in (each for each in keys if each in written):
        found, _ = texts.about(turn.tx, key)
        yield from conversation.persons(turn, map(_uttered, found))


def persons(turn: Turn, _actor: Actor, query: Shows) -> Iterator[tuple[str, str]]:
    """Yield whom the page of a matter tells of by the free words about it: such a page's `persons`."""
    yield from persons_of(turn, Named(query.party, query.id))


def may_write(turn: Turn, actor: Actor, matter: Matter) -> bool:
    """Whether an officer may write about a matter: as drafts are written, and about a call at a post of its hotline."""
    told = dealings.under(turn, TEXT.name, matter.compact)
    return (
        told is not None
        and may(actor, "record.compose")
        and may(actor, "record.person")
        and _at_post(turn, actor, matter)
    )


def require_room(turn: Turn, key: Named) -> None:
    """Raise `Invalid` where this party wrote so much about a matter that no more of it is shown."""
    if texts.count(turn.tx, turn.means.party, key) >= MOST_TEXTS:
        raise Invalid(
            "liaison.texts",
            f"About this matter {MOST_TEXTS} texts were written by this side.",
            "Ring, and say the rest in that call.",
        )


def waits(turn: Turn, actor: Actor) -> int:
    """Return about how many matters, calls aside, free words wait to be opened."""
    return len(_waiting(turn)) if may(actor, "record.acknowledge") else 0


def now(turn: Turn, actor: Actor) -> Iterator[Waiting]:
    """Yield the matters, calls aside, about which the other side wrote what nobody here opened, as one each."""
    for each in _waiting(turn) if may(actor, "record.acknowledge") else ():
        matter = matters.matter(turn, each.matter_party, each.matter_id)
        yield Waiting(
            what="workspace",
            matter="liaison.text" if matter else "liaison.text-alone",
            since=datetime.fromisoformat(each.since),
            due=datetime.fromisoformat(each.read_by),
            party=each.matter_party,
            id=each.matter_id,
            kind=matter.kind if matter else "",
            peer=each.party,
            title=matter.title or None if matter else None,
            path=f"/liaison/text?party={each.matter_party}&id={each.matter_id}",
            exercise=bool(each.exercise),
        )


def open_words(turn: Turn, actor: Actor, typed: Opening) -> Sent:
    """Open free words of the other side about a matter; it leads back to the matter, where that is here."""
    matter = matters.matter(turn, typed.party, typed.id)
    if matter is not None and matter.name == CALL.name:
        called = composing.require_call(turn, typed.party, typed.id)
        composing.require_post(turn, called.rung.hotline, actor.post)
    opens = matter_rows.shown(texts.unread(turn.tx, Named(typed.party, typed.id)), typed.seen)
    return Sent(opens=opens, then=f"{matter.path}#free-words" if matter else "")


def _waiting(turn: Turn) -> list[Row[Any]]:
    return texts.waiting(turn.tx, MOST_WAITING)


def _at_post(turn: Turn, actor: Actor, matter: Matter | None) -> bool:
    """Whether an officer stands where the matter is dealt with: a call at posts of its hotline, all else anywhere."""
    if matter is None or matter.name != CALL.name:
        return True
    called = calls.one(turn, matter.key.party, matter.key.id)
    line = None if called is None else calls.line(turn, called.rung.hotline)
    return line is not None and line.code in calling.of_post(line.compact.terms, turn.means.party, actor.post)


def _uttered(row: Row[Any]) -> Uttered:
    answers = Named(row.answers_party, row.answers_id) if row.answers_party else None
    return Uttered(Named(row.party, row.id), row.post, datetime.fromisoformat(row.at), row.n, row.type, None, answers)
