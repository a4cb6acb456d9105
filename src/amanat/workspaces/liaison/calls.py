"""Calls as both sides know them: all facts of each from views and receipts, and who is rung by it at which post.

Law: whatever is shown of a call follows from `rules` over these facts, so that no page says otherwise than another.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Row

from amanat.compact import calling
from amanat.compact.check import Compact
from amanat.compact.form import Hotline
from amanat.compact.terms import Terms
from amanat.exchange.means import Turn, texts
from amanat.officer.may import Actor
from amanat.store import listing, statements
from amanat.workspaces.liaison import opened, phrasebook, rules, views
from amanat.workspaces.liaison.kinds import Named
from amanat.workspaces.liaison.rules import AHEAD, Climbed, Facts, Rung, Uttered

LOOKS_BACK: Final = timedelta(hours=36)
"""How far back a call may lie that still rings, climbs, or is an open matter."""

MOST_RUNG: Final = 50
"""Calls of one side on one hotline, the last of them, that ring, climb or are open matters: who rings more often rings
no louder, and what is rung now always rings. The others stand on the list of calls, and the desk says how many."""


@dataclass(frozen=True, slots=True)
class Line:
    """A hotline of a compact that this party is an end of: its code, terms, and the other end."""

    code: str
    compact: Compact
    other: str

    @property
    def terms(self) -> Hotline:
        """What the compact says of it."""
        return self.compact.terms.hotlines[self.code]


def titles(turn: Turn) -> Mapping[str, str]:
    """Return what each hotline is called by the compacts that are here, by its code."""
    return {code: each.title for known in turn.known.compacts.values() for code, each in known.terms.hotlines.items()}


def lines(turn: Turn) -> tuple[Line, ...]:
    """Return the hotlines that this party is an end of, in the compacts' order."""
    own = turn.means.party
    return tuple(
        Line(code, compact, calling.other(hotline, own))
        for compact in turn.known.compacts.values()
        for code, hotline in compact.terms.hotlines.items()
        if own in hotline.posts
    )


def line(turn: Turn, code: str) -> Line | None:
    """Return a hotline of that code, None where this party is an end of none such."""
    return next((each for each in lines(turn) if each.code == code), None)


def at_post(turn: Turn, actor: Actor) -> tuple[Line, ...]:
    """Return the hotlines at which the actor's post stands, at whatever rank."""
    own = turn.means.party
    return tuple(each for each in lines(turn) if each.code in calling.of_post(each.compact.terms, own, actor.post))


def recent(turn: Turn, since: datetime | None = None, *, tests: bool = False) -> list[Facts]:
    """Return the last calls on this party's hotlines, oldest first: of each side `MOST_RUNG`, or its last tests."""
    span = (since or turn.now - LOOKS_BACK, turn.now + AHEAD)
    which = (views.CALL.c.test.is_(True),) if tests else ()
    rows = [
        row
        for each in lines(turn)
        for party in (turn.means.party, each.other)
        for row in views.last_calls(turn.tx, each.code, party, span, MOST_RUNG, *which)
    ]
    return of(turn, sorted(rows, key=lambda row: (row.at, row.party, row.id)))


def not_rung(turn: Turn, on: Line) -> Mapping[str, int]:
    """Return how many calls of `LOOKS_BACK` of each side neither ring nor are matters, of those who have such."""
    span = (turn.now - LOOKS_BACK, turn.now + AHEAD)
    counts = {party: views.count_calls(turn.tx, on.code, party, span) for party in sorted(on.terms.posts)}
    return {party: count - MOST_RUNG for party, count in counts.items() if count > MOST_RUNG}


def one(turn: Turn, party: str, id_: str) -> Facts | None:
    """Return a call, None where there is none here."""
    rows = views.rows(turn.tx, views.CALL, views.CALL.c.party == party, views.CALL.c.id == id_)
    found = of(turn, rows, bodies=True)
    return found[0] if found else None


def of(turn: Turn, rows: Iterable[Row[Any]], *, bodies: bool = False) -> list[Facts]:
    """Return all that is known of these calls, in the same order: a handful of queries, however many they are.

    What exactly was said, and how much more than is read, is asked only where `bodies` are: a list has no use for it.
    """
    asked = [(row, terms) for row in rows if (terms := terms_under(turn, row.compact)) is not None]
    keys = [(row.party, row.id) for row, _ in asked]
    said, climbed = _by_call(turn, views.SAID, keys), _by_call(turn, views.ESCALATED, keys)
    picked_up = opened.openings(turn, keys)
    delivered = _delivered(turn, keys)
    return [
        Facts(
            rung=_rung(row, terms),
            delivered=key in delivered,
            opened=frozenset(each.by for each in picked_up.get(key, ())),
            climbed=frozenset(Climbed(each.party, each.rank, _time(each.at)) for each in climbed[key]),
            uttered=tuple(_uttered(each, bodies=bodies) for each in said[key]),
            more=_more(turn, row, said[key]) if bodies else (),
        )
        for (row, terms), key in zip(asked, keys, strict=True)
    ]


def _more(turn: Turn, call: Row[Any], said: Collection[Row[Any]]) -> tuple[tuple[str, int], ...]:
    """Return how much each end of a call said beyond what is read, of those that did."""
    counts = views.counted(turn.tx, call.party, call.id)
    beyond = {end: counts.get(end, 0) - sum(row.party == end for row in said) for end in (call.party, call.recipient)}
    return tuple((end, count) for end, count in sorted(beyond.items()) if count > 0)


def posts_rung(turn: Turn, facts: Facts) -> frozenset[str]:
    """Return the posts of this party at which a call rings now: the callee's from the first rank on, else above."""
    own, rung = turn.means.party, facts.rung
    terms = _terms_of(turn, rung.hotline)
    if terms is None:
        return frozenset()
    posts = calling.rung(terms, rung.hotline, rung.at).posts.get(own, ())
    from_rank = 0 if own == rung.to else 1
    return frozenset(posts[from_rank : rules.rank(facts) + 1])


def hotline_now(turn: Turn, code: str) -> Hotline | None:
    """Return whose posts are rung on a hotline at this moment: outside its hours another's."""
    terms = _terms_of(turn, code)
    return None if terms is None else calling.rung(terms, code, turn.now)


def _terms_of(turn: Turn, code: str) -> Terms | None:
    found = line(turn, code)
    return None if found is None else found.compact.terms


def terms_under(turn: Turn, digest: str) -> Terms | None:
    """Return the text that a record was written under: a later one may have other clocks."""
    for compact in turn.known.compacts.values():
        if compact.terms.digest == digest:
            return compact.terms
    id_ = statements.compact_named(turn.tx, digest)
    return next((each for each in texts(turn.tx, id_) if each.digest == digest), None) if id_ else None


def _rung(row: Row[Any], terms: Terms) -> Rung:
    at = _time(row.at)
    known = terms.calling is not None and row.hotline in terms.hotlines
    rung = calling.rung(terms, row.hotline, at) if known else None
    period = calling.acknowledge(terms.calling, row.urgency) if terms.calling else timedelta(hours=1)
    return Rung(
        key=Named(row.party, row.id),
        post=row.post,
        to=row.recipient,
        at=at,
        hotline=row.hotline,
        urgency=row.urgency,
        test=row.test,
        period=period,
        ranks=max(map(len, rung.posts.values())) if rung else 1,
        exercise=row.exercise,
        expires=_time(row.expires) if row.expires else None,
    )


def _uttered(row: Row[Any], *, bodies: bool) -> Uttered:
    body = views.read_message(row.body) if bodies and row.body else None
    answers = Named(row.answers_party, row.answers_id) if row.answers_party else None
    ends = row.phrase == phrasebook.ENDS
    entry = phrasebook.entry(row.phrase) if row.phrase else None
    urgency = entry.urgency if entry else ""
    return Uttered(Named(row.party, row.id), row.post, _time(row.at), row.n, row.type, body, answers, ends, urgency)


def _by_call(turn: Turn, table: Any, keys: Collection[tuple[str, str]]) -> Mapping[tuple[str, str], list[Row[Any]]]:  # noqa: ANN401
    found = defaultdict[tuple[str, str], list[Row[Any]]](list)
    for row in views.of_calls(turn.tx, table, keys):
        found[row.matter_party, row.matter_id].append(row)
    return found


def _delivered(turn: Turn, keys: Collection[tuple[str, str]]) -> set[tuple[str, str]]:
    """Return which calls the other side has: those of theirs, and those of ours whose receipt is here."""
    own = turn.means.party
    theirs = {key for key in keys if key[0] != own}
    ours = listing.named(turn.tx, [key for key in keys if key[0] == own]) if len(theirs) < len(keys) else []
    received = listing.deliveries_of(turn.tx, [row.envelope for row in ours])
    answered = {"provisional", "final"}
    return theirs | {
        (row.party, row.id) for row in ours if any(each.state in answered for each in received[row.envelope])
    }


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)
