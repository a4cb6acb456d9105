"""Who may act about an incident here, and how what is said about one is made a record.

Law: an officer of a member acts at a post of the incident's hotline, or of any hotline where it names none; what is
sent goes to everyone whom the compact says, and hangs on the record that told of the event first.
"""

from collections.abc import Iterator
from datetime import datetime

import msgspec

from amanat.compact import calling
from amanat.compact.terms import Terms
from amanat.exchange.drafting import Asked
from amanat.exchange.means import Turn
from amanat.officer.may import Actor, may
from amanat.party.errors import Invalid, Refused
from amanat.workspaces.liaison.dealings import Dealing, asked
from amanat.workspaces.liaison.incidents import matters
from amanat.workspaces.liaison.incidents.matters import Matter
from amanat.workspaces.liaison.kinds import Named


def posts(terms: Terms, party: str, sector: str) -> tuple[str, ...]:
    """Return the posts of a party that see to incidents of a sector, or to all where it is ""; sorted."""
    lines = [sector] if sector in terms.hotlines else list(terms.hotlines)
    return tuple(sorted({post for line in lines for post in terms.hotlines[line].posts.get(party, ())}))


def posts_of_rank(terms: Terms, party: str, sector: str, rank: int, at: datetime) -> frozenset[str]:
    """Return the posts of a party at a rank of the ladder at that hour; of a hotline with none so high, its highest."""
    lines = [sector] if sector in terms.hotlines else list(terms.hotlines)
    those = (calling.rung(terms, line, at).posts.get(party, ()) for line in lines)
    return frozenset(each[min(rank, len(each) - 1)] for each in those if each)


def at_post(turn: Turn, actor: Actor, terms: Terms, sector: str) -> bool:
    """Whether an officer stands where one acts about incidents of a sector: any post of a party that has no hotline."""
    own = turn.means.party
    if own not in terms.members or not terms.hotlines:
        return True
    lines = [sector] if sector in terms.hotlines else list(terms.hotlines)
    return any(line in calling.of_post(terms, own, actor.post) for line in lines)


def may_act(turn: Turn, actor: Actor, matter: Matter) -> bool:
    """Whether an officer may say something about an incident."""
    sector = matter.facts.root.body.sector or ""
    stands = matter.compact is not None and matter.standing.state != "withdrawn"
    return stands and may(actor, "record.send") and at_post(turn, actor, matter.terms, sector)


def require_post(turn: Turn, actor: Actor, terms: Terms, sector: str) -> None:
    """Raise `Refused` for an officer who stands elsewhere."""
    if not at_post(turn, actor, terms, sector):
        there = ", ".join(posts(terms, turn.means.party, sector)) or "none"
        raise Refused(
            "liaison.incident-post",
            f"The post {actor.post} is not one of those that see to this incident.",
            f"Those are: {there}. Let an officer of one of them do it.",
            by="the compact's posts",
        )


def require(turn: Turn, actor: Actor, party: str, id_: str, *, side: bool = True) -> Matter:
    """Return an event about which the officer may act: of a member, or of an observer (`side` False).

    Raises `Invalid` and `Refused`.
    """
    found = matters.require(turn, party, id_)
    if (turn.means.party in found.terms.members) != side:
        raise Refused(
            "liaison.incident-side",
            "That is for a side of the incident." if side else "That is for an observer.",
            "A side gives its account and answers; an observer notes what it saw.",
            by="the compact's members",
        )
    if found.standing.state == "withdrawn":
        raise Invalid(
            "liaison.incident-withdrawn",
            "The incident was withdrawn by who told of it.",
            "Tell of it, if it was.",
        )
    require_post(turn, actor, found.terms, found.facts.root.body.sector or "")
    return found


def said(turn: Turn, matter: Matter, kind: str, body: msgspec.Struct, answers: Named | None = None) -> Asked:
    """Return a record about an event. Raises `Invalid` where the compact lets this party tell nobody."""
    found = None if matter.compact is None else Dealing(matter.compact, turn.means.party, "")
    if found is None or not found.audience(kind):
        raise Invalid(
            "liaison.incident-untold",
            f"Under {matter.terms.id} this party may say nothing more about the incident.",
            "See the compact: it ended, or says so.",
        )
    return asked(turn, found, kind, body, of=matter.root, answers=answers)


def sectors(terms: Terms, party: str) -> Iterator[tuple[str, str]]:
    """Yield the hotlines of a compact that a party is an end of: code and title."""
    return ((code, each.title) for code, each in terms.hotlines.items() if party in each.posts)
