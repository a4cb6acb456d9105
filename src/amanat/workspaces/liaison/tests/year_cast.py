"""A few weeks at the line between two real sides and an observer, who meet only by what is carried. All invented."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from amanat.exchange.means import look
from amanat.officer.may import at_machine
from amanat.record.record import Record
from amanat.workspaces.liaison.tests.beside_cast import OFFER, Beside
from amanat.workspaces.liaison.tests.incidents_cast import FIRED, HURT, Event
from amanat.workspaces.liaison.tests.lines import DUTY, Hotline, hotline, of
from amanat.workspaces.liaison.tests.meetings_cast import Meetings
from amanat.workspaces.liaison.tests.notices_cast import BLASTING, PATROL, WORKS, Notices, name
from amanat.workspaces.liaison.tests.sealed_cast import Sealing
from amanat.workspaces.liaison.year import page
from amanat.workspaces.liaison.year.page import Query, Shown
from border import Border

SAW = {
    "sight": "drones", "activity": "drone", "country": "PK", "shape": "point", "places": "34.10000, 71.20000",
    "metres": "2000", "since": "2026-11-20 04:00", "until": "2026-11-20 04:30",
}  # fmt: skip
CALM = {"since": "2026-12-20 10:00", "until": "2026-12-20 18:00"}


@dataclass
class Year:
    """Whatever the two sides do to one another that is counted, each by the deeds of its own part."""

    line: Hotline

    @property
    def border(self) -> Border:
        return self.line.border

    @property
    def notices(self) -> Notices:
        return Notices(self.line)

    @property
    def events(self) -> Event:
        return Event(self.border)

    @property
    def meetings(self) -> Meetings:
        return Meetings(self.border)

    @property
    def tracks(self) -> Beside:
        return Beside(self.border)

    def carry(self) -> None:
        """Let all three have what the others said."""
        for one, other in (("pk", "af"), ("pk", "obs"), ("af", "obs")):
            self.border.exchange(one, other)

    def wait(self, **length: float) -> None:
        self.border.clock.at += timedelta(**length)

    def weeks(self) -> None:
        """Notices that meet, a question, shots at dusk with a call and a meeting, a crosser, a sealed notice."""
        self.planned()
        self.asked()
        shots = self.shots()
        meeting = self.met(shots)
        Sealing(self.border).seal("af", after=timedelta(hours=2))
        crossed = self.tracks.open("pk", "offered", **OFFER)
        self.wait(hours=5)
        self.carry()
        self.tracks.step("af", crossed, "not-completed")
        for side in ("pk", "af"):
            self.events.step(side, shots, "close")
            self.carry()
        self.meetings.do("af", "task-done", **of(meeting[0]), of=name(meeting[1]), task="0")
        self.wait(hours=1)
        self.carry()

    def planned(self) -> None:
        """Works of pk that are questioned and answered, and blasting of af near them; one of them is called off."""
        works = self.notices.give("pk", WORKS)
        self.carry()
        blasting = self.notices.give("af", BLASTING)
        self.notices.give("af", {**PATROL, "country": "AF"}, **CALM)
        asked = self.notices.do("af", "ask-notice", works, about_purpose="on")
        self.wait(minutes=30)
        self.carry()
        self.notices.do("pk", "explain-notice", works, question=name(asked), purpose_word="as-noticed")
        self.notices.do("af", "end-notice", blasting, how="called-off", sure="yes")
        self.carry()

    def asked(self) -> None:
        """Something that pk saw and had no notice of, and what af says that it was; something else it takes back."""
        seen = self.line.do("pk", "clarification-ask", **SAW)[0]
        self.tracks.withdraw("pk", self.line.do("pk", "clarification-ask", **SAW)[0])
        self.carry()
        self.line.do("af", "clarification-act", **of(seen), act="answered", word="not-ours")
        self.carry()

    def shots(self) -> Record:
        """Shots that af tells of; pk rings about them, af opens that, both cease and say what was."""
        shots = self.events.open("af")
        self.wait(minutes=4)
        call = self.line.ring("pk")
        self.carry()
        self.wait(minutes=1)
        self.line.do("af", "open", **of(call))
        self.carry()
        for side, minutes in (("pk", 3), ("af", 6)):
            self.wait(minutes=minutes)
            self.events.done(side, shots, "cease")
        self.events.account("pk", shots, FIRED, HURT)
        self.events.account("af", shots, {**FIRED, "who": "ours"})
        self.carry()
        return shots

    def met(self, about: Record) -> tuple[Record, Record]:
        """A meeting about an incident within two days, and its minutes with tasks."""
        meeting = self.meetings.propose(linked=name(about), begins0=self.meetings.typed(days=1))
        self.carry()
        self.meetings.agree("af", meeting)
        self.wait(days=1, hours=3)
        minutes = self.meetings.minutes("pk", meeting)
        self.carry()
        for side in ("pk", "af"):
            self.meetings.sign(side, meeting, minutes)
        self.carry()
        return meeting, minutes

    def shown(self, party: str, **asked: str) -> Shown:
        with look(self.border.sides[party].means) as turn:
            found = page.shown(turn, Query(**asked))  # type: ignore[arg-type]
        assert found is not None
        return found

    def file(self, party: str, **asked: str) -> bytes:
        with look(self.border.sides[party].means) as turn:
            return page.written(turn, at_machine(DUTY), Query(**asked))  # type: ignore[arg-type]

    def told(self, party: str, code: str, place: int = -1, **asked: str) -> dict[str, object]:
        """A row of a table as a party counts it, by column."""
        found = next(each for each in self.shown(party, **asked).sheets if each.code == code)
        return dict(zip(found.columns, found.rows[place].now, strict=True))


@contextmanager
def year(folder: Path) -> Iterator[Year]:
    with hotline(folder) as line:
        yield Year(line)
