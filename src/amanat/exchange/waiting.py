"""What waits for an officer: to be read, approved, mended, allowed or seen to; first what will be late first.

Law: shown are matters that this officer may act on, or has to know of, and nothing else. A title that names a person is
shown only to who may look at it, and each such look is noted before, as in a list (`exchange.shown`).
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from heapq import nsmallest
from itertools import islice
from typing import Final

import msgspec

from amanat.exchange import again, clocks, opening, recalls, shown
from amanat.exchange.matter import Waiting, What
from amanat.exchange.means import Means, Turn, look
from amanat.exchange.peer_line import Standing
from amanat.officer.may import Actor, may
from amanat.record.record import Record, refs_to
from amanat.store import drafts, listing
from amanat.store.listing import Listed

MOST: Final = 40
"""How many matters of one sort an officer is shown; whoever has more begins with the first of them."""

SOON: Final = timedelta(days=1)
"""How long before what an officer wrote expires unapproved that officer is told of it."""

_NEVER: Final = datetime.max.replace(tzinfo=UTC)


Elsewhere = Mapping[str, Callable[[Turn, Actor], Iterable[Waiting]]]
"""What says of a workspace, by its name, what waits there for an officer: its records to be read among that.

In whatever order and bounded by the workspace: of each, what is due first is shown.
"""


def waiting(means: Means, actor: Actor, standing: Mapping[str, Standing], elsewhere: Elsewhere) -> tuple[Waiting, ...]:
    """Return what waits for this officer, given how the lines stand: `_order`."""
    with look(means) as turn:
        to_read = _to_read(turn, actor, elsewhere)
        records = [*islice(to_read, MOST), *islice(_withdrawn(turn, actor), MOST)]
        records += islice(_to_approve(turn, actor), MOST)
        others = [
            *_handed_in(turn, actor),
            *_to_mend(turn, actor),
            *_recalls(turn, actor),
            *_again(turn, actor),
            *_clocks(turn, actor),
        ]
        others += [_unnamed(each) for found in elsewhere.values() for each in _by_turns(found(turn, actor))]
    persons = may(actor, "record.person")
    shown.note_look(means, actor, [record for _, record in records if record is not None and persons])
    titled = [_titled(each, record, persons=persons) for each, record in records]
    return tuple(sorted([*titled, *others, *_lines(standing, actor)], key=_order))


def _order(each: Waiting) -> tuple[bool, datetime, datetime, str, str]:
    """Order by what is due first; before all, lines over which nothing goes: all else may wait for them."""
    return each.what not in {"line", "paused"}, each.due or _NEVER, each.since, each.what, each.id or each.peer


def _by_turns(found: Iterable[Waiting]) -> Iterator[Waiting]:
    """Yield the first `MOST` of a workspace's: of each sort with each peer the one due first, then of each the next.

    So nobody takes another matter's place by many of one sort, whatever it dates them.
    """
    sorts = defaultdict[tuple[str, str], list[Waiting]](list)
    for each in found:
        sorts[each.matter, each.peer or each.party].append(each)
    places = [(at, each) for those in sorts.values() for at, each in enumerate(sorted(those, key=_order))]
    yield from (each for _, each in nsmallest(MOST, places, lambda place: (place[0], _order(place[1]))))


def _unnamed(each: Waiting) -> Waiting:
    """Return what waits in a workspace without its title where that names a person: no look is noted there."""
    return msgspec.structs.replace(each, title=None) if each.names_person else each


def _titled(each: Waiting, record: Record | None, *, persons: bool) -> Waiting:
    if record is None:
        return each
    names = record.facts.names_person
    title = record.kind.title(record.body) if persons or not names else None
    return msgspec.structs.replace(each, title=title, names_person=names)


def _to_read(turn: Turn, actor: Actor, but: Collection[str]) -> Iterator[tuple[Waiting, Record]]:
    """Records of others that no post of ours has read yet, but those of workspaces that say so themselves."""
    for row, due, record in _unread(turn, actor, withdrawals=False, but=but):
        yield _of_another("read", row, due, row.kind), record


def _withdrawn(turn: Turn, actor: Actor) -> Iterator[tuple[Waiting, Record | None]]:
    """Withdrawals of what this officer's post read, and that it did not read yet: each with what it withdraws."""
    for row, due, record in _unread(turn, actor, withdrawals=True):
        if actor.post in opening.retracted_at(turn, record):
            named = ((ref.party, ref.id) for ref in refs_to(record, "withdraws"))
            meant = shown.row_of(turn, *next(each for each in named if actor.post in opening.readers(turn, each)))
            said = shown.listed(turn.means.kinds, meant.data, person=meant.person) if meant.data else None
            yield _of_another("withdrawn", row, due, meant.kind), said


def _of_another(what: What, row: Listed, due: datetime, kind: str) -> Waiting:
    return Waiting(
        what=what,
        since=datetime.fromisoformat(row.at),
        due=due,
        party=row.party,
        id=row.id,
        kind=kind,
        exercise=row.exercise,
        peer=row.party,
    )


def _unread(
    turn: Turn, actor: Actor, *, withdrawals: bool, but: Collection[str] = ()
) -> Iterator[tuple[Listed, datetime, Record]]:
    """What others sent and waits to be read here, each with by when: all their withdrawals, or the first of all else.

    All else waits for every officer alike; a withdrawal, for some.
    """
    if may(actor, "record.acknowledge"):
        for row in listing.unread(turn.tx, None if withdrawals else MOST, withdrawals=withdrawals, but=but):
            if row.data is not None and row.read_by is not None:
                record = shown.listed(turn.means.kinds, row.data, person=row.person)
                yield row, datetime.fromisoformat(row.read_by), record


def _to_approve(turn: Turn, actor: Actor) -> Iterator[tuple[Waiting, Record]]:
    """Records that wait for a second person, but those in which this officer wrote."""
    if not may(actor, "record.approve"):
        return
    for row in listing.held(turn.tx):
        if actor.officer in listing.wrote(row):
            continue
        record = shown.listed(turn.means.kinds, row.data, person=row.person)
        fields = record.fields
        if fields.author.name != actor.post:
            yield (
                Waiting(
                    what="approve",
                    since=fields.at,
                    due=fields.handling.expires,
                    party=fields.author.party,
                    id=fields.id,
                    kind=fields.kind,
                    exercise=fields.exercise,
                ),
                record,
            )


def _handed_in(turn: Turn, actor: Actor) -> Iterator[Waiting]:
    """Records that this officer wrote and nobody approved, and that soon expire; of what names a person no title."""
    if not may(actor, "record.compose"):
        return
    for row in listing.held_of(turn.tx, actor.officer, MOST):
        record = shown.listed(turn.means.kinds, row.data, person=row.person)
        expires = record.fields.handling.expires
        if expires is not None and expires - turn.now < SOON:
            waits = Waiting(
                what="held",
                since=record.fields.at,
                due=expires,
                party=turn.means.party,
                id=row.id,
                kind=record.fields.kind,
                exercise=record.fields.exercise,
            )
            yield _titled(waits, record, persons=False)


def _to_mend(turn: Turn, actor: Actor) -> Iterator[Waiting]:
    """Drafts in which this officer wrote, and that a second person gave back.

    Why, is told here only of one that names nobody: else the reason tells of whom it is, as its title would.
    """
    if not may(actor, "record.compose"):
        return
    for row in drafts.returned(turn.tx, actor.officer, MOST):
        yield Waiting(
            what="mend",
            since=datetime.fromisoformat(row.changed),
            due=datetime.fromisoformat(row.expires),
            party=turn.means.party,
            id=row.id,
            title=row.title,
            names_person=row.title is None,
            says=row.returned or "" if row.title is not None else "",
        )


def _recalls(turn: Turn, actor: Actor) -> Iterator[Waiting]:
    """Records that we withdrew and of which a holder gave no word in time."""
    if not may(actor, "record.withdraw"):
        return
    for each in sorted(recalls.overdue(turn), key=lambda each: (each.due, each.id))[:MOST]:
        yield Waiting(
            what="recall",
            since=each.withdrawn,
            due=each.due,
            party=turn.means.party,
            id=each.id,
            kind=each.kind,
            peer=each.recipient,
        )


def _again(turn: Turn, actor: Actor) -> Iterator[Waiting]:
    """Peers who lost envelopes and ask for them, and to whom nobody allowed it."""
    if not may(actor, "peers.give"):
        return
    for party, each in again.asked(turn).items():
        if each.waiting and each.until is None:
            yield Waiting(what="again", since=turn.now, peer=party, says=str(each.waiting))


def _clocks(turn: Turn, actor: Actor) -> Iterator[Waiting]:
    """Peers whose clock differs from ours by more than it may."""
    if not may(actor, "peers.read"):
        return
    for party, each in clocks.differences(turn.tx).items():
        if each.warns:
            yield Waiting(what="clock", since=each.at, peer=party, says=clocks.words(each.ahead))


def _lines(standing: Mapping[str, Standing], actor: Actor) -> Iterator[Waiting]:
    """Peers who do not answer, and those whose line somebody paused."""
    if not may(actor, "peers.read"):
        return
    for party, each in standing.items():
        if each.state in ("down", "paused"):
            what: What = "paused" if each.state == "paused" else "line"
            yield Waiting(what=what, since=each.since, peer=party, says=each.says)
