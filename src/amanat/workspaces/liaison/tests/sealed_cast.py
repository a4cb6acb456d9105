"""Sealed notices between two parties and an observer, real ones that meet only by what is carried. Invented."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from amanat.exchange import doing
from amanat.exchange.drafting import Asked, drafted
from amanat.exchange.means import begin, look
from amanat.exchange.tending import Attending
from amanat.officer.may import at_machine
from amanat.record.record import Post, Record
from amanat.store import kept_back
from amanat.workspace import Sent
from amanat.workspaces.liaison import WORKSPACE
from amanat.workspaces.liaison.ground.shapes import Point, Position, Window
from amanat.workspaces.liaison.notices.kinds import Notice, Patrol, Works
from amanat.workspaces.liaison.sealed import rules, sealing, stories, tending, waiting
from amanat.workspaces.liaison.sealed.rules import Story
from border import Border
from side import foreign

DUTY = "torkham/duty"
HOUR = timedelta(hours=1)
AT = Position(34.1, 71.1)


def works(since: datetime, metres: int = 200) -> Works:
    """Works near the line that begin at a time, and take ten hours."""
    since = since.replace(minute=0, second=0)
    return Works(
        shape=Point(AT, metres),
        window=Window(since, since + 10 * HOUR),
        country="PK",
        works="trench",
        purpose="water",
        line_metres=400,
    )


def patrol(since: datetime, metres: int = 200) -> Patrol:
    """A patrol: where it is, is where persons are."""
    since = since.replace(minute=0, second=0)
    window = Window(since, since + 2 * HOUR)
    return Patrol(shape=Point(AT, metres), window=window, country="PK", size="section", on="foot", purpose="routine")


@dataclass
class Sealing:
    """Three who tell one another of sealed notices by what officers' deeds and nodes say."""

    border: Border

    @property
    def now(self) -> datetime:
        return self.border.clock().replace(microsecond=0)

    def seal(
        self, party: str = "pk", notice: Notice | None = None, after: timedelta = 4 * HOUR, escrow: int = 0, **said: Any
    ) -> Record:
        """Seal a notice that opens so much later; return its record."""
        means, actor = self.border.sides[party].means, at_machine(DUTY)
        opens = (self.now + after).astimezone(UTC)
        of = notice or works(self.now + 24 * HOUR)
        _, sent = doing.do(
            means, actor, "record.send", lambda turn: sealing.seal(turn, actor, of, opens, escrow, **said)
        )
        return sent[0].record

    def do(self, party: str, deed: str, sealed: Record, **typed: str) -> list[Record]:
        """Do what an officer of a party would by a form."""
        does = next(each for each in WORKSPACE.deeds if each.name == deed)
        named = {"party": sealed.key[0], "id": sealed.key[1]}
        fields, actor, means = (
            msgspec.convert(named | typed, does.fields),
            at_machine(DUTY),
            self.border.sides[party].means,
        )
        _, sent = doing.do(means, actor, does.act, lambda turn: does.does(turn, actor, fields))
        return [each.record for each in sent]

    def tend(self, party: str) -> list[Record]:
        """Let a node say what it says by itself of sealed notices; return what it said."""
        means = self.border.sides[party].means

        def said(turn: Any) -> Sent:
            return Sent(tuple(tending.tend(turn, Attending(frozenset(), {}, means.now(), None))))

        _, sent = doing.do(means, at_machine("node"), "record.send", said)
        return [each.record for each in sent]

    def say(
        self, party: str, body: msgspec.Struct, *to: str, exercise: bool = False, kind: str = "liaison.sealed"
    ) -> Record:
        """Say what a program of a party may that is not ours."""
        means = self.border.sides[party].means
        asked = Asked(kind=kind, compact="pk-af", to=to, body=msgspec.to_builtins(body), exercise=exercise)
        with begin(means) as turn:
            return foreign(turn, drafted(turn, asked), Post(party, "node"))

    def carry(self) -> None:
        """Let each have what the others said."""
        for one, other in (("pk", "af"), ("pk", "obs"), ("af", "obs")):
            self.border.exchange(one, other)

    def story(self, party: str, sealed: Record) -> Story:
        with look(self.border.sides[party].means) as turn:
            return stories.require(turn, *sealed.key).story

    def state(self, sealed: Record, *parties: str) -> str:
        """How a sealed notice stands, which all say alike."""
        found = {rules.state(self.story(each, sealed), self.now) for each in parties or self.border.sides}
        assert len(found) == 1, found
        return found.pop()

    def kept(self, party: str) -> int:
        """How much is kept back there."""
        with look(self.border.sides[party].means) as turn:
            return len(kept_back.every(turn.tx))

    def pass_time(self, length: timedelta) -> None:
        self.border.clock.at += length


def matters(three: Sealing, party: str) -> list[str]:
    with look(three.border.sides[party].means) as turn:
        return [each.matter for each in waiting.now(turn, at_machine(DUTY))]
