"""Meetings as both sides know them: all facts of each from the tables, and which of them an officer is to act on.

Law: whatever is shown of a meeting follows from `rules` over these facts, so that no page says otherwise than another.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Row, select

from amanat.compact.terms import Terms
from amanat.exchange.means import Turn
from amanat.party.errors import Invalid
from amanat.workspaces.liaison import calls, withdrawals
from amanat.workspaces.liaison import views as tables
from amanat.workspaces.liaison.dealings import Dealing, Root, under
from amanat.workspaces.liaison.kinds import Named
from amanat.workspaces.liaison.meetings import rules, taking_back, views
from amanat.workspaces.liaison.meetings.kinds import MEETING, Level, Minutes
from amanat.workspaces.liaison.meetings.rules import Held
from amanat.workspaces.liaison.meetings.steps import Facts, Step
from amanat.workspaces.liaison.rules import AHEAD

LOOKS_BACK: Final = timedelta(days=400)
"""How long after its last proposed time a meeting may still be a matter: its minutes, its tasks."""
MOST_OPEN: Final = 50
"""Meetings of one side of that time, the last of them, that are looked through for what waits."""
MOST_LINKED: Final = 20

_Gone = Mapping[tuple[str, str], datetime]


def one(turn: Turn, party: str, id_: str) -> Facts | None:
    """Return a meeting, None where there is none here."""
    meeting = views.MEETING.c
    found = of(turn, tables.rows(turn.tx, views.MEETING, meeting.party == party, meeting.id == id_))
    return found[0] if found else None


def require(turn: Turn, party: str, id_: str) -> Facts:
    """Return a meeting. Raises `Invalid` where there is none here."""
    found = one(turn, party, id_)
    if found is None:
        raise Invalid("liaison.meeting", "There is no such meeting here.", "Choose it from the list of meetings.")
    return found


def of(turn: Turn, rows: Iterable[Row[Any]]) -> list[Facts]:
    """Return all that is known of these meetings, in the same order.

    What is dated too far ahead of now is none yet, and what who is no side of the compact proposed is none (floor 13).
    """
    latest = tables.spell(turn.now + AHEAD)
    come = [(row, _terms(turn, row.compact)) for row in rows if row.at <= latest]
    asked = [(row, terms) for row, terms in come if terms is not None and row.party in terms.members]
    steps = defaultdict[tuple[str, str], list[Row[Any]]](list)
    found = views.steps(turn.tx, [(row.party, row.id) for row, _ in asked], turn.now)
    for each in found:
        steps[each.meeting_party, each.meeting_id].append(each)
    here = {(row.party, row.id) for row in (*found, *(row for row, _ in asked))}
    gone = withdrawals.times(turn.tx, here, turn.now)
    return [_facts(row, terms, steps[row.party, row.id], gone) for row, terms in asked]


def _facts(row: Row[Any], terms: Terms, rows: Sequence[Row[Any]], gone: _Gone) -> Facts:
    members = tuple(sorted(terms.members))
    steps = tuple(_step(each, gone) for each in rows if not each.beyond)
    digests = {each.key: views.digest(each.body) for each in steps if isinstance(each.body, Minutes)}
    back = taking_back.taken_back(steps, digests, members)
    return Facts(
        proposal=_step(row, gone),
        members=members,
        steps=tuple(each for each in steps if each not in back),
        digests=tuple(digests.items()),
        compact=terms.id,
        exercise=row.exercise,
        expires=datetime.fromisoformat(row.expires) if row.expires else None,
        more=len(steps) < len(rows),
        mediated=mediated(terms),
        unsigned=taking_back.unsigned(back, members),
    )


def mediated(terms: Terms) -> bool:
    """Whether a compact has mediation among its steps."""
    return any(each.act == "mediate" for each in terms.deescalation.values())


def _step(row: Row[Any], gone: _Gone) -> Step:
    at, body, files = datetime.fromisoformat(row.at), views.read(row.body), getattr(row, "files", 0)
    return Step(Named(row.party, row.id), row.post, at, body, files, gone.get((row.party, row.id)))


def _terms(turn: Turn, digest_: str) -> Terms | None:
    """Return the text that a meeting was proposed under, where it has two members: they are its sides."""
    found = calls.terms_under(turn, digest_)
    return found if found is not None and len(found.members) == 2 else None  # noqa: PLR2004 - two sides


def recent(turn: Turn) -> list[Facts]:
    """Return the meetings that may wait for somebody, oldest first: of each party the last `MOST_OPEN`."""
    meeting, since = views.MEETING.c, tables.spell(turn.now - LOOKS_BACK)
    come, rows = meeting.at <= tables.spell(turn.now + AHEAD), list[Row[Any]]()
    for party in sorted(turn.known.manifests):
        its = select(views.MEETING).where(meeting.party == party, meeting.last >= since, come)
        rows += turn.tx.execute(its.order_by(meeting.at.desc(), meeting.id.desc()).limit(MOST_OPEN))
    return of(turn, sorted(rows, key=lambda row: (row.at, row.party, row.id)))


def of_record(turn: Turn, party: str, id_: str) -> tuple[Held, ...]:
    """Return how the meetings stand that are about a record, the newest first: proposed, agreed, held, called off."""
    keys = views.linked_to(turn.tx, party, id_, MOST_LINKED)
    found = (one(turn, *key) for key in keys)
    return tuple(rules.held_for(each, turn.now) for each in found if each is not None)


def chairs_next(turn: Turn, dealing: Dealing, level: Level) -> str:
    """Return whose turn it is to preside at a meeting of a level."""
    return rules.chairs_next(dealing.compact.terms.members, _held(turn, dealing.id, level, turn.now))


def chaired_before(turn: Turn, facts: Facts) -> str:
    """Return whose turn it was to preside when a meeting was proposed."""
    return rules.chairs_next(facts.members, _held(turn, facts.compact, facts.body.level, facts.proposal.at))


def _held(turn: Turn, compact: str, level: Level, before: datetime) -> Iterator[tuple[datetime, str]]:
    """Yield when the last meetings of a level were held that were proposed before a time, and who presided."""
    meeting = views.MEETING.c
    its = select(views.MEETING).where(meeting.level == level, meeting.at < tables.spell(before))
    rows = turn.tx.execute(its.order_by(meeting.at.desc(), meeting.id.desc()).limit(MOST_LINKED))
    for each in of(turn, rows):
        minutes = rules.joint(each)
        if minutes is not None and each.compact == compact:
            yield minutes.body.began, minutes.body.chair


def dealing_of(turn: Turn, facts: Facts) -> Dealing:
    """Return how this party's word on a meeting goes out, also where it is a guest. Raises `Invalid`."""
    own = turn.means.party
    found = under(turn, MEETING.name, facts.compact)
    if found is not None:
        return found
    compact = turn.known.compacts.get(facts.compact)
    guest = None if compact is None else Dealing(compact, own, "")
    if guest is None or not guest.audience(MEETING.name):
        raise Invalid(
            "liaison.meeting-dealing",
            "This party has no say in that meeting.",
            "The compact says who may send word of it to whom.",
        )
    return guest


def root(facts: Facts) -> Root:
    """Return the record that began a meeting, as what comes after it refers to it."""
    return Root(facts.key, facts.exercise, facts.expires)


def path(facts: Facts) -> str:
    """Return where a meeting is shown."""
    return f"/liaison/meeting?party={facts.key.party}&id={facts.key.id}"
