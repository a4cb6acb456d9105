"""Officers of two sides who tell one another of what they plan, as forms let them. Everything is invented."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx
import msgspec

from amanat.exchange.drafting import drafted
from amanat.exchange.means import begin, look
from amanat.officer.may import at_machine
from amanat.party.lexicon import Language
from amanat.record.record import Post, Record
from amanat.workspaces.liaison import dealings, views
from amanat.workspaces.liaison.notices import forms, giving, rules, stories, waiting
from amanat.workspaces.liaison.notices.pages import plan
from amanat.workspaces.liaison.notices.rules import Story
from amanat.workspaces.liaison.notices.tables import NOTICE
from amanat.workspaces.liaison.tests.lines import DUTY, Hotline, of
from api.cast import Desk
from console.reading import Read
from side import foreign

HERE = "34.10000, 71.10000"
WORKS = {"type": "works", "works": "trench", "purpose": "water", "country": "PK"}
PATROL = {"type": "patrol", "size": "section", "on": "foot", "purpose": "routine", "country": "PK"}
BLASTING = {"type": "blasting", "charge_kg": "50", "below_ground": "no", "purpose": "road", "country": "AF"}
CONVOY = {"type": "convoy", "by_whom": "un", "vehicles": "12", "contact": "torkham/duty", "country": "AF"}
FLIGHT = {
    "type": "flight",
    "craft": "helicopter",
    "count": "2",
    "armed": "no",
    "purpose": "training",
    "country": "PK",
    "high": "500",
}
DRONE = {
    "type": "drone",
    "craft": "small",
    "count": "1",
    "armed": "no",
    "purpose": "survey",
    "country": "PK",
    "high": "100",
}
EXERCISE = {
    "type": "exercise",
    "level": "brigade",
    "troops": "10",
    "purpose": "logistics",
    "live": "no",
    "country": "PK",
}
AT = {"shape": "point", "places": HERE, "metres": "200"}
LATER = {"since": "2026-12-10 10:00", "until": "2026-12-10 18:00"}
SOON = {"since": "2026-11-25 10:00", "until": "2026-11-25 18:00"}


@dataclass
class Notices:
    """Notices between pk and af, under the worked compact."""

    line: Hotline

    def give(self, party: str, what: dict[str, str], **typed: str) -> Record:
        """Give notice of something, as the form does once it was looked at; what changes another comes after it."""
        self.forward(seconds=1 if typed.get("changes") else 0)
        (given,) = self.line.do(party, "give-notice", **{**AT, **LATER, **what, "coarse": "on", **typed})
        return given

    def do(self, party: str, deed: str, notice: Record, **typed: str) -> Record:
        """Do something about a notice."""
        (said,) = self.line.do(party, deed, **of(notice), **typed)
        return said

    def say(self, party: str, kind: str, body: msgspec.Struct, *, exercise: bool = False) -> Record:
        """Say what no form would: as a program may that is not ours."""
        means = self.line.side(party).means
        with begin(means) as turn:
            asked = dealings.asked(turn, dealings.require_dealing(turn, kind), kind, body, exercise=exercise)
            return foreign(turn, drafted(turn, asked), Post(party, "duty"))

    def carry(self) -> None:
        """Let each have what the others said, the observer too."""
        self.line.carry()
        for party in ("pk", "af"):
            self.line.border.exchange(party, "obs")

    def story(self, party: str, notice: Record) -> Story:
        return self.story_of(party, *notice.key)

    def given(self, at: str, by: str) -> set[tuple[str, str]]:
        """The names of all notices of a party that are at another."""
        with look(self.line.side(at).means) as turn:
            return {(row.party, row.id) for row in views.rows(turn.tx, NOTICE, NOTICE.c.party == by)}

    def rows(self, party: str) -> list[Any]:
        """All rows of all tables of a party's workspace."""
        with look(self.line.side(party).means) as turn:
            return [row for table in views.TABLES.sorted_tables for row in turn.tx.execute(table.select())]

    def story_of(self, party: str, of_party: str, id_: str) -> Story:
        with look(self.line.side(party).means) as turn:
            found = stories.one(turn, of_party, id_)
        assert found is not None
        return found

    def met(self, party: str, what: dict[str, str], **typed: str) -> giving.Preview:
        """What a party is shown of a plan, before it gives notice of it."""
        query = msgspec.convert({**AT, **LATER, **what, "check": "on", **typed}, forms.Typed)
        with look(self.line.side(party).means) as turn:
            shown = plan.context(turn, at_machine("torkham/duty"), query)
        assert shown["wrong"] is None, shown["wrong"]
        found: giving.Preview = shown["preview"]
        return found

    def forward(self, **by: int) -> None:
        self.line.border.clock.at += timedelta(**by)


def name(record: Record) -> str:
    return ":".join(record.key)


def words(at: Desk, path: str, language: Language = "en", status: int = 200, **asked: Any) -> str:
    """What a page says to an officer on duty."""
    at.speak("duty", language)
    answer = at.http.get(path, params=asked or None, headers=at.session("duty"))
    assert answer.status_code == status, answer.text
    return " ".join(Read(answer.text).words.split())


def press(at: Desk, deed: str, address: dict[str, str], **typed: str) -> httpx.Response:
    """What is answered to a form."""
    at.speak("duty", "en")
    return at.http.post(f"/liaison/{deed}", params=address or None, data=typed, headers=at.session("duty"))


def states(them: Notices, notice: Record) -> set[str]:
    """How it stands at all three, who must say the same."""
    found = set[str]()
    for party in ("pk", "af", "obs"):
        found.add(rules.state(them.story(party, notice), them.line.side(party).means.now()))
    return found


def what_waits(them: Notices, party: str) -> list[str]:
    actor = at_machine(DUTY)
    with look(them.line.side(party).means) as turn:
        return [each.matter for each in waiting.now(turn, actor)]
