"""Two sides and an observer who meet by what is carried; officers who open tracks and propose measures. Invented."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import httpx
import msgspec
from sqlalchemy import func, select

from amanat.exchange.accept import Declined
from amanat.exchange.drafting import drafted
from amanat.exchange.means import Means, begin, look
from amanat.exchange.withdraw import withdraw
from amanat.officer.may import Role
from amanat.party.lexicon import Language
from amanat.record.kind import Kinds, no_facts
from amanat.record.notices import Withdrawal
from amanat.record.record import Post, Record
from amanat.store.tables import RECORD
from amanat.workspaces.liaison import dealings, matter_rows
from amanat.workspaces.liaison.clarifications import views as clarification_views
from amanat.workspaces.liaison.dealings import Root
from amanat.workspaces.liaison.measures import held as measures_held
from amanat.workspaces.liaison.measures import rules as measure_rules
from amanat.workspaces.liaison.measures import views as measure_views
from amanat.workspaces.liaison.measures.rules import Measure
from amanat.workspaces.liaison.tests.lines import DUTY, Hotline, of
from amanat.workspaces.liaison.tracks import held as tracks_held
from amanat.workspaces.liaison.tracks import rules as track_rules
from amanat.workspaces.liaison.tracks import views as track_views
from amanat.workspaces.liaison.tracks.counted import Track
from api.cast import Desk
from border import meet
from console.reading import Read
from side import foreign

NEAR: Final = "34.12345, 71.09876"
ASKED: Final = {"alone": "yes", "fears": "no", "language": "ps", "asked_at": "06:10"}
AGAIN: Final = ASKED | {"asked_at": "06:20"}
OFFER: Final = {"who": "adult", "count": "2", "near": NEAR, **ASKED}
PLAN: Final = {"place": "34.1, 71.1", "since": "08:00", "until": "09:00"}
PART: Final = {"action": "search", "shape": "point", "places": "34.0, 71.2", "metres": "12000"}
SAW: Final = {
    "sight": "building",
    "activity": "works",
    "country": "AF",
    "shape": "point",
    "places": NEAR,
    "metres": "200",
}
MEASURE: Final = {"purpose": "search", "since": "08:00", "until": "10:00", **PART}


_ROOTS: Final = {
    "liaison.clarification": clarification_views.CLARIFICATION,
    "liaison.measure": measure_views.MEASURE,
    "liaison.track": track_views.TRACK,
}


@dataclass
class Beside(Hotline):
    """What the two do beside one another; each says what it will, and all is carried by sticks."""

    def open(self, party: str, type_: str, **typed: str) -> Record:
        """Open a track."""
        (made,) = self.do(party, "track-open", type=type_, **typed)
        return made

    def step(self, party: str, track: Record, step: str, **typed: str) -> Record:
        """Make a step in a track."""
        (made,) = self.do(party, "track-step", **of(track), step=step, **typed)
        return made

    def ask(self, party: str, **typed: str) -> Record:
        """Ask about what was seen in the last two hours."""
        since, until = (f"{self.border.clock.at - timedelta(hours=hours):%Y-%m-%d %H:%M}" for hours in (2, 1))
        (made,) = self.do(party, "clarification-ask", **SAW | {"since": since, "until": until} | typed)
        return made

    def propose(self, party: str, **typed: str) -> Record:
        """Propose a measure."""
        (made,) = self.do(party, "measure-propose", **MEASURE | typed)
        return made

    def act(self, party: str, measure: Record, act: str, **typed: str) -> Record:
        """Say something of the own part of a measure, of both as they are shown."""
        found = measure_rules.standing(self.measure(party, measure), self.border.clock.at)
        (made,) = self.do(party, "measure-act", **of(measure), act=act, **{"digest": found.digest, **typed})
        return made

    def both_agree(self, measure: Record) -> None:
        """Let the other side give its part, and both agree."""
        self.carry()
        self.act("af", measure, "part", **PART)
        self.carry()
        for party in ("pk", "af"):
            self.act(party, measure, "agreed")
        self.carry()

    def carry(self) -> None:
        """Let all have what was said, and each its receipts."""
        for one, other in (("pk", "af"), ("pk", "obs"), ("af", "obs")):
            self.border.exchange(one, other)

    def track(self, party: str, record: Record) -> Track:
        with look(self.side(party).means) as turn:
            found = tracks_held.one(turn, *record.key)
        assert found is not None
        return found

    def stands(self, party: str, record: Record, at: datetime | None = None) -> track_rules.Standing:
        return track_rules.standing(self.track(party, record), at or self.border.clock.at)

    def measure(self, party: str, record: Record) -> Measure:
        with look(self.side(party).means) as turn:
            found = measures_held.one(turn, *record.key)
        assert found is not None
        return found

    def measure_stands(self, party: str, record: Record) -> measure_rules.Standing:
        return measure_rules.standing(self.measure(party, record), self.border.clock.at)

    def craft(self, party: str, kind: str, body: msgspec.Struct, root: Record | None = None, **told: Any) -> Record:
        """Send a body as a program of a party may that is not ours: it asks no facts, and no page."""
        with begin(_lawless(self.side(party).means)) as turn:
            dealing = dealings.require_dealing(turn, kind)
            rows = matter_rows.named(turn.tx, _ROOTS[kind], [root.key]) if root else []
            asked = dealings.asked(turn, dealing, kind, body, of=Root.of(rows[0]) if rows else None)
            return foreign(turn, drafted(turn, msgspec.structs.replace(asked, **told)), Post(party, DUTY))

    def withdraw(self, party: str, record: Record) -> None:
        """Take a record back."""
        side = self.side(party)
        withdraw(record.fields.id, Withdrawal("mistaken"), side.post, side.means)

    def refused(self, sender: str, recipient: str) -> list[str]:
        """Carry a stick; return the codes for which the recipient refused what was on it."""
        outcomes = self.border.carry(sender, recipient).outcomes
        return [each.problem.code for each in outcomes if isinstance(each, Declined)]

    def records(self, party: str) -> int:
        """How many records a side made, whatever of."""
        with look(self.side(party).means) as turn:
            made = select(func.count()).select_from(RECORD).where(RECORD.c.party == party)
            return int(turn.tx.execute(made).scalar_one())


def _lawless(means: Means) -> Means:
    return replace(means, kinds=Kinds(replace(each, facts=no_facts, told="chosen") for each in means.kinds))


@contextmanager
def beside(folder: Path) -> Iterator[Beside]:
    """Let the three meet, at half past six."""
    with meet(folder) as met:
        met.clock.at = met.clock.at.replace(hour=6, minute=30, second=0)
        yield Beside(met)


def next_day(made: Beside) -> Beside:
    """The same a week later at half past six, so that nothing of another test waits."""
    clock = made.border.clock
    clock.at = (clock.at + timedelta(days=8)).replace(hour=6, minute=30, second=0)
    made.carry()
    return made


def page(at: Desk, path: str, language: Language = "en", role: Role = "duty") -> str:
    at.speak(role, language)
    answer = at.http.get(path, headers=at.session(role))
    assert answer.status_code == 200, answer.text
    return answer.text


def words(at: Desk, path: str, **said: Any) -> str:
    return " ".join(Read(page(at, path, **said)).words.split())


def address(what: str, record: Record) -> str:
    return f"/liaison/{what}?party={record.key[0]}&id={record.key[1]}"


def press(at: Desk, path: str, **typed: str) -> httpx.Response:
    """What is answered to a duty officer's form at an address."""
    at.speak("duty", "en")
    return at.http.post(path, data=typed, headers=at.session("duty"))
