"""Two sides who meet, and an observer as their guest: what their officers do by forms, and what their pages say. Invented."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from amanat.exchange import doing
from amanat.exchange.matter import Waiting
from amanat.exchange.means import look
from amanat.officer.may import at_machine
from amanat.party.errors import Invalid
from amanat.record.record import Record
from amanat.workspaces.liaison import WORKSPACE
from amanat.workspaces.liaison.meetings import known, rules, views, waiting
from amanat.workspaces.liaison.meetings.steps import Facts
from api.cast import Desk
from border import Border, meet
from console.reading import Read
from side import Side

POST = "torkham/duty"
PLACE = "34.11, 71.08"


@dataclass
class Meetings:
    """Meetings under the worked compact between pk and af, which obs sees."""

    border: Border

    def side(self, party: str) -> Side:
        return self.border.sides[party]

    @property
    def now(self) -> datetime:
        return self.border.clock.at

    def typed(self, **later: int) -> str:
        """A time so much later, as an officer types it: no party has a lexicon here, so that it is of UTC."""
        return f"{self.now + timedelta(**later):%Y-%m-%d %H:%M}"

    def do(self, by: str, deed: str, /, **typed: str) -> Record:
        """Do what an officer of a party would by a form; return the record that was sent."""
        does = next(each for each in WORKSPACE.deeds if each.name == deed)
        fields, actor = msgspec.convert(typed, does.fields, strict=False), at_machine(POST)
        _, (sent,) = doing.do(self.side(by).means, actor, does.act, lambda turn: does.does(turn, actor, fields))
        return sent.record

    def propose(self, party: str = "pk", **typed: str) -> Record:
        return self.do(party, "send-proposal", **(self.proposal() | typed))

    def proposal(self) -> dict[str, str]:
        """What is typed to propose a meeting in two days, or in three."""
        return {
            "level": "sector",
            "minutes": "60",
            "place0": PLACE,
            "country0": "PK",
            "begins0": self.typed(days=2),
            "place1": PLACE,
            "country1": "AF",
            "begins1": self.typed(days=3),
            "topic0": "fire",
            "topic1": "works",
            "works3": "on",
            "works2": "on",
            "ours_post0": POST,
            "ours_number0": "2",
            "theirs_post0": POST,
            "theirs_number0": "3",
        }

    def agree(self, party: str, meeting: Record, of_: Record | None = None, choice: int = 0, **typed: str) -> Record:
        offer = ":".join((of_ or meeting).key)
        return self.do(party, "agree-meeting", **of(meeting), of=offer, choice=str(choice), **typed)

    def counter(self, party: str, meeting: Record, **later: int) -> Record:
        when = {"place0": PLACE, "country0": "AF", "begins0": self.typed(**later), "minutes": "45"}
        return self.do(party, "counter-meeting", **of(meeting), **when)

    def agreed(self, **typed: str) -> Record:
        """A meeting in two days, to which af agreed, as both sides know."""
        meeting = self.propose(**typed)
        self.carry()
        self.agree("af", meeting)
        self.carry()
        return meeting

    def over(self, **typed: str) -> Record:
        """A meeting that was agreed, and is over."""
        meeting = self.agreed(**typed)
        self.border.clock.at += timedelta(days=2, hours=2)
        return meeting

    def minutes(self, party: str, meeting: Record, after: Record | None = None, **typed: str) -> Record:
        """Minutes with one decision of each side, in a week."""
        text = {
            "began": self.typed(hours=-2),
            "ended": self.typed(hours=-1),
            "place": PLACE,
            "country": "PK",
            "chair": "af",
            "ours_post0": POST,
            "ours_number0": "2",
            "topic0": "fire",
            "outcome0": "agreed",
            "topic1": "works",
            "outcome1": "postponed",
            "what0": "fill-trench",
            "whose0": "af",
            "by0": self.typed(days=7),
            "what1": "joint-visit",
            "whose1": "both",
            "by1": self.typed(days=9),
            "task_place1": PLACE,
            "after": ":".join(after.key) if after else "",
        }
        return self.do(party, "propose-minutes", **of(meeting), **(text | typed))

    def sign(self, party: str, meeting: Record, minutes: Record, number: str = "TKM/1-26") -> Record:
        name = {"of": ":".join(minutes.key), "digest": views.digest(minutes.body), "number": number}
        return self.do(party, "sign-minutes", **of(meeting), **name)

    def held(self, **typed: str) -> tuple[Record, Record]:
        """A meeting of which both signed the minutes, and these."""
        meeting = self.over(**typed)
        minutes = self.minutes("pk", meeting)
        self.carry()
        for party in ("pk", "af"):
            self.sign(party, meeting, minutes)
        self.carry()
        return meeting, minutes

    def carry(self) -> None:
        """Let all three have what the others said, and receipts; it takes a second."""
        self.border.clock.at += timedelta(seconds=1)
        for one, other in (("pk", "af"), ("pk", "obs"), ("af", "obs")):
            self.border.exchange(one, other)

    def facts(self, party: str, meeting: Record) -> Facts:
        with look(self.side(party).means) as turn:
            return known.require(turn, *meeting.key)

    def states(self, meeting: Record) -> set[str]:
        """How far a meeting has come, as each of the three says."""
        return {rules.state(self.facts(party, meeting), self.now) for party in self.border.sides}

    def waits(self, party: str) -> list[Waiting]:
        with look(self.side(party).means) as turn:
            return list(waiting.now(turn, at_machine(POST)))

    def matters(self, party: str) -> list[str]:
        return [each.matter.removeprefix("liaison.") for each in self.waits(party)]


def refused(met: Meetings, by: str, deed: str, **typed: str) -> str:
    """The code for which a deed is refused."""
    with pytest.raises(Invalid) as refusal:
        met.do(by, deed, **typed)
    return refusal.value.code


def of(meeting: Record) -> dict[str, str]:
    """How an address and a form name a meeting."""
    return {"party": meeting.key[0], "id": meeting.key[1]}


@contextmanager
def meetings(folder: Path) -> Iterator[Meetings]:
    with meet(folder) as met:
        yield Meetings(met)


# --- pages -----------------------------------------------------------------------------------------------------------


def page(at: Desk, path: str, language: Any = "en", role: Any = "duty", **asked: str) -> str:
    at.speak(role, language)
    answer = at.http.get(f"/liaison/{path}", params=asked, headers=at.session(role))
    assert answer.status_code == 200, answer.text
    return answer.text


def words(text: str) -> str:
    return " ".join(Read(text).words.split())


def press(at: Desk, deed: str, address: dict[str, str], role: Any = "duty", **typed: Any) -> httpx.Response:
    """What is answered to a form on a page."""
    at.speak(role, "en")
    return at.http.post(f"/liaison/{deed}", params=address, data=typed, headers=at.session(role))
