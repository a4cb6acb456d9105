"""An incident between two sides and an observer, real parties that meet only by what is carried. All invented."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec

from amanat.exchange import doing
from amanat.exchange.drafting import drafted
from amanat.exchange.matter import Waiting
from amanat.exchange.means import begin, look
from amanat.officer.may import at_machine
from amanat.record.record import Post, Record
from amanat.workspaces.liaison import WORKSPACE
from amanat.workspaces.liaison.incidents import acting, matters, waiting
from amanat.workspaces.liaison.incidents.matters import Matter
from border import Border, meet
from side import foreign

DUTY = "torkham/duty"
PLACE = "33.91, 70.12 ±500 m"
FIRED = {"sort": "happened", "did": "fired", "who": "theirs", "place": PLACE, "arms": "small-arms", "count": "20"}
HURT = {"sort": "harmed", "who": "ours", "civilians": "yes", "wounded": "1/2/4"}


@dataclass
class Event:
    """Officers of two sides and an observer, and what they do about an incident."""

    border: Border

    def do(self, side: str, deed: str, at: str = DUTY, **typed: str) -> Record:
        """Do what an officer of a party would by a form; return the record that was sent."""
        does = next(each for each in WORKSPACE.deeds if each.name == deed)
        fields, means = msgspec.convert(typed, does.fields), self.border.sides[side].means
        actor = at_machine(at)
        self.border.clock.at += timedelta(seconds=1)  # whoever acts does so after what was done before
        _, sent = doing.do(means, actor, does.act, lambda turn: does.does(turn, actor, fields))
        return sent[0].record

    def open(self, side: str = "pk", **typed: str) -> Record:
        given = {"type": "shots", "place": PLACE, "time": "now", "minutes": "10", "sector": "kurram", **typed}
        return self.do(side, "incident-open", **given)

    def account(self, side: str, of: Record, *statements: dict[str, str], **more: str) -> Record:
        """Give an account of these statements."""
        typed = {f"{name}{number}": text for number, each in enumerate(statements) for name, text in each.items()}
        return self.do(side, "account-send", **on(of), **typed, **more)

    def step(self, side: str, about: Record, deed: str, /, at: str = DUTY, **typed: str) -> Record:
        return self.do(side, f"incident-{deed}", at, **on(about), **typed)

    def done(self, side: str, of: Record, step: str, time: str = "now") -> Record:
        return self.step(side, of, "done", step=step, time=time)

    def tell(self, side: str, of: Record, kind: str, body: msgspec.Struct) -> Record:
        """Say something as a program of a party may that is not ours."""
        means = self.border.sides[side].means
        with begin(means) as turn:
            asked = acting.said(turn, matters.require(turn, *of.key), kind, body)
            return foreign(turn, drafted(turn, asked), Post(side, DUTY))

    def carry(self) -> None:
        """Let everyone have what the others said."""
        for one, other in (("pk", "af"), ("af", "pk"), ("pk", "obs"), ("af", "obs"), ("obs", "pk"), ("obs", "af")):
            self.border.exchange(one, other)

    def wait(self, **length: float) -> None:
        self.border.clock.at += timedelta(**length)

    def seen(self, party: str, of: Record) -> Matter:
        with look(self.border.sides[party].means) as turn:
            found = matters.one(turn, *of.key)
        assert found is not None
        return found


def on(of: Record) -> dict[str, str]:
    """How an address and a form name an incident."""
    return {"party": of.key[0], "id": of.key[1]}


def says(matter: Matter) -> dict[str, Any]:
    """What a side would tell of an incident to another: all that follows, and nothing of its own."""
    return {
        "key": matter.key,
        "opened": [each.key for each in matter.facts.opened],
        "told": [each.key for each in matter.told],
        "findings": matter.findings,
        "dues": matter.dues,
        "standing": matter.standing,
        "versions": matter.versions,
        "apart": matter.apart,
    }


def waits_at(shots: Event, party: str, post: str = DUTY) -> list[str]:
    return [each.matter for each in waiting_at(shots, party, post)]


def waiting_at(shots: Event, party: str, post: str = DUTY) -> list[Waiting]:
    with look(shots.border.sides[party].means) as turn:
        return list(waiting.now(turn, at_machine(post)))


def rings_at(shots: Event, party: str, post: str = DUTY) -> list[str]:
    with look(shots.border.sides[party].means) as turn:
        return [each.title for each in waiting.rings(turn, replace(at_machine(post), roles=("duty",)))]


@contextmanager
def event(folder: Path) -> Iterator[Event]:
    """Let the three meet."""
    with meet(folder) as met:
        yield Event(met)
