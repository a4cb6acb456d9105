"""What rings for an officer, and what of the hotlines waits: calls nobody opened, and what was said since one looked.

Law: follows from the records alone, so that a page which was closed shows the same when it is opened again.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from typing import Any, Final

from sqlalchemy import BindParameter, Integer, Row, Select, bindparam, exists, select

from amanat.exchange.matter import Waiting
from amanat.exchange.means import Turn
from amanat.officer.may import Actor, may, permitted
from amanat.workspace import Ring
from amanat.workspaces.liaison import calls, days, opened, rules, views
from amanat.workspaces.liaison.calls import Line
from amanat.workspaces.liaison.rules import Facts

URGENT: Final = ("flash", "immediate")
"""What sounds, also in a call that was opened."""

CONFIRMED_WITHIN: Final = timedelta(days=7)
"""For so long a conversation by voice that the other side logged waits for a word on it."""

MOST_LOGGED: Final = 50
"""Such conversations that wait at once, those that wait for longest: the page of voice has them all."""


def path(facts: Facts) -> str:
    """Return where a call is shown."""
    return f"/liaison/call?party={facts.rung.key.party}&id={facts.rung.key.id}"


def rings(turn: Turn, actor: Actor) -> Iterator[Ring]:
    """Yield the calls that ring for an officer's post now, then those of the other side in which something was said."""
    for facts in calls.recent(turn):
        rung = facts.rung
        said = _title(turn, actor, facts)
        line = calls.line(turn, rung.hotline)
        if said is not None and line is not None:
            following = rules.next_rank(facts)
            urgency = _unread_urgency(turn, facts) if said == "said" else rung.urgency
            yield Ring(
                title=f"liaison.{said}",
                of=line.terms.title,
                peer=line.other,
                since=rung.at,
                due=following[1] if following else None,
                path=path(facts),
                urgent=urgency in URGENT or said != "said",
                exercise=rung.exercise,
                urgency=urgency,
            )


def _unread_urgency(turn: Turn, facts: Facts) -> str:
    """Return the greatest urgency of what is unread in a call, "" where that is free words alone."""
    unread = set(opened.unread(turn, facts))
    found = {each.urgency for each in facts.uttered if (each.key.party, each.key.id) in unread}
    return next((each for each in ("flash", "immediate", "priority", "routine") if each in found), "")


def waits(turn: Turn, actor: Actor) -> int:
    """Return how much waits for an officer's post: calls that ring or have something unread, logs, unsigned days."""
    ringing = sum(_title(turn, actor, facts) is not None for facts in calls.recent(turn))
    return (
        ringing
        + sum(1 for _ in _unconfirmed(turn, actor))
        + sum(each.matter == "liaison.day" for each in _unsigned(turn, actor))
    )


def now(turn: Turn, actor: Actor) -> Iterator[Waiting]:
    """Yield what waits of the hotlines: calls that ring, and test calls to be answered."""
    if not may(actor, "record.acknowledge"):
        return
    for facts in calls.recent(turn):
        said = _title(turn, actor, facts)
        line = calls.line(turn, facts.rung.hotline)
        if said is not None and line is not None:
            rung, following = facts.rung, rules.next_rank(facts)
            yield Waiting(
                what="workspace",
                matter=f"liaison.{said}",
                since=rung.at,
                due=following[1] if following else _answer_by(turn, facts) if said == "test" else None,
                party=rung.key.party,
                id=rung.key.id,
                kind="liaison.call/1",
                peer=rung.key.party if rung.key.party != turn.means.party else rung.to,
                title=line.terms.title,
                path=path(facts),
                exercise=rung.exercise,
            )
    for row, line in _unconfirmed(turn, actor):
        yield Waiting(
            what="workspace",
            matter="liaison.voice",
            since=datetime.fromisoformat(row.at),
            party=row.party,
            id=row.id,
            kind="liaison.message/1",
            peer=row.party,
            title=line.terms.title,
            path="/liaison/voice",
            exercise=row.exercise,
        )

    yield from _unsigned(turn, actor)


def _unsigned(turn: Turn, actor: Actor) -> Iterator[Waiting]:
    """Yield the hotlines of an officer's post of which days wait to be signed here, or else by the other side."""
    for line in calls.at_post(turn, actor) if may(actor, "record.send") else ():
        found = days.unsigned(turn, line)
        if found is not None:
            day, party = found
            yield Waiting(
                what="workspace",
                matter="liaison.day" if party == turn.means.party else "liaison.day-theirs",
                since=datetime.combine(day + timedelta(days=1), time(), UTC),
                id=line.code,
                peer=line.other,
                title=line.terms.title,
                path=f"/liaison/days?hotline={line.code}",
            )


def _unconfirmed(turn: Turn, actor: Actor) -> Iterator[tuple[Row[Any], Line]]:
    """Yield the conversations by voice that the other side logged of late, and on which nobody here said a word yet."""
    lines = {each.code: each for each in calls.at_post(turn, actor)}
    if not lines or not may(actor, "record.send"):
        return
    since = views.spell(turn.now - CONFIRMED_WITHIN)
    asked = {"hotlines": sorted(lines), "own": turn.means.party, "since": since, "most": MOST_LOGGED}
    yield from ((row, lines[row.hotline]) for row in list(turn.tx.execute(_LOGGED, asked)))


def _logged() -> Select[Any]:
    """Return what asks for conversations on some `hotlines` that another logged and of which `own` said nothing."""
    own: BindParameter[str] = bindparam("own")
    most = bindparam("most", type_=Integer)
    voice, said = views.VOICE.c, views.CONFIRMED.c
    ours = exists().where(said.of_party == voice.party, said.of_id == voice.id, said.party == own)
    on = voice.hotline.in_(bindparam("hotlines", expanding=True))
    theirs = (on, voice.party != own, voice.at >= bindparam("since"), ~ours)
    return select(views.VOICE).where(*theirs).order_by(voice.at, voice.party, voice.id).limit(most)


_LOGGED: Final = _logged()


def _title(turn: Turn, actor: Actor, facts: Facts) -> str | None:
    """Return what of a call concerns an officer: it rings there, climbed there, or something unread was said in it.

    Asked of the roles, for it rings at a session that rests too: who wakes it may open the call.
    """
    if "record.acknowledge" not in permitted(actor.roles) or not rules.is_open(facts, turn.now):
        return None
    own, rung = turn.means.party, facts.rung
    ringing = rules.picked_up(facts) is None and actor.post in calls.posts_rung(turn, facts)
    if ringing:
        climbed = rules.rank(facts) > 0
        if own != rung.to:
            return "climbed-here"
        return "test" if rung.test else "climbed" if climbed else "call"
    at_hotline = any(each.code == rung.hotline for each in calls.at_post(turn, actor))
    if not rung.test and at_hotline and opened.unread(turn, facts):
        return "said"
    return None


def _answer_by(turn: Turn, facts: Facts) -> datetime | None:
    line = calls.line(turn, facts.rung.hotline)
    agreed = line.compact.terms.calling if line else None
    if not facts.rung.test or agreed is None:
        return None
    return facts.rung.at + timedelta(seconds=agreed.test_answer_seconds)
