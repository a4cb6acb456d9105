"""Two sides of a hotline, real parties that meet only by what is carried, and officers who ring and speak on it. Invented."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import msgspec

from amanat.exchange import doing
from amanat.exchange.drafting import Asked, drafted
from amanat.exchange.means import Turn, begin, look
from amanat.exchange.send import send_in
from amanat.exchange.tending import Attending
from amanat.officer.may import Role, at_machine
from amanat.party.lexicon import Language
from amanat.record.record import Post, Record
from amanat.workspace import Sent
from amanat.workspaces.liaison import WORKSPACE, calls, composing, tending
from amanat.workspaces.liaison.calls import Line
from amanat.workspaces.liaison.pages import text as text_page
from amanat.workspaces.liaison.rules import Facts
from api.cast import Desk
from border import Border, meet
from console.reading import Read
from side import Side

DUTY = "torkham/duty"
PLACE = "33.9, 70.1"
PERSON: dict[str, Any] = {
    "codes": ["H1", "H2"],
    "grading": {"scheme": "4x4", "source": "B", "information": "2"},
    "custody_risk": {
        "torture": "low",
        "death_penalty": "none",
        "not_obtained_by_torture": True,
        "basis": "assessed by the desk",
    },
}


@dataclass
class Hotline:
    """The hotline of the worked compact between pk and af, rung by what an officer's deeds say."""

    border: Border

    def side(self, party: str) -> Side:
        return self.border.sides[party]

    def do(self, side: str, deed: str, at: str = DUTY, **typed: str) -> list[Record]:
        """Do what an officer of a party would by a form; return the records that were sent."""
        does = next(each for each in WORKSPACE.deeds if each.name == deed)
        fields, actor, means = msgspec.convert(typed, does.fields), at_machine(at), self.side(side).means
        _, sent = doing.do(means, actor, does.act, lambda turn: does.does(turn, actor, fields))
        return [each.record for each in sent]

    def ring(self, party: str = "pk", urgency: str = "priority", **typed: str) -> Record:
        (call,) = self.do(party, "ring", hotline="kurram", urgency=urgency, **typed)
        return call

    def say(self, party: str, call: Record, phrase: str, *slots: str, answers: Record | None = None) -> Record:
        """Say a phrase with what is typed for its slots in their order."""
        to = ":".join(answers.key) if answers else ""
        given = {f"slot{number}": slot for number, slot in enumerate(slots)}
        (said,) = self.do(party, "say", **of(call), phrase=phrase, answers=to, **given)
        return said

    def read_back(self, party: str, call: Record, of_: Record, *slots: str) -> Record:
        given = {f"slot{number}": slot for number, slot in enumerate(slots)}
        phrase = of_.body.said.phrase
        (said,) = self.do(party, "read-back", **of(call), phrase=phrase, answers=":".join(of_.key), **given)
        return said

    def tell(self, party: str, body: msgspec.Struct) -> Record:
        """Let a party's node tell something of the hotline."""
        return self._by_node(party, lambda turn, line: composing.said(turn, line, "liaison.sign", body))

    def utter(self, party: str, call: Record, body: msgspec.Struct) -> Record:
        """Say something in a call as a program of a party may that is not ours."""
        return self._by_node(
            party,
            lambda turn, line: composing.said(
                turn, line, "liaison.message", body, facts=composing.require_call(turn, *call.key)
            ),
        )

    def ring_test(self, party: str = "pk") -> Record:
        """Let a party's node ring a test call."""
        return self._by_node(party, lambda turn, line: composing.ring(turn, line, "routine", test=True))

    def answered(self, call: Record, after: timedelta, phrase: str = "talk.received") -> Record:
        """Carry a call over, and let it be answered there so much later, as both sides then know."""
        self.carry()
        self.border.clock.at += after
        said = self.say(call.fields.audience[0], call, phrase)
        self.carry()
        return said

    def _by_node(self, party: str, asks: Callable[[Turn, Line], Asked]) -> Record:
        means = self.side(party).means
        with begin(means) as turn:
            asked = asks(turn, composing.require_line(turn, "kurram"))
            (sent,) = send_in(turn, [drafted(turn, asked)], Post(party, "node"))
        return sent.record

    def write(self, side: str, call: Record, text: str, language: str = "en", to: Record | None = None) -> Record:
        """Send free words, or a translation of some, with what the floors ask of a record that names a person."""
        typed = text_page.Typed(*call.key, language, text, ":".join(to.key) if to else "")  # type: ignore[arg-type]
        actor = at_machine(DUTY)

        def asked(turn: Turn) -> Sent:
            begun = text_page.draft(turn, actor, typed)
            return Sent((msgspec.structs.replace(begun, handling={**begun.handling, **PERSON}),))

        _, sent = doing.do(self.side(side).means, actor, "record.send", asked)
        return sent[0].record

    def tend(self, side: str, *open_at: str) -> list[Record]:
        """Let a node say what it says by itself, while a page is open at some posts; return what it said."""
        means = self.side(side).means
        attending = Attending(frozenset(open_at), {}, means.now(), None)
        act = partial(tending.tend, attending=attending)
        _, sent = doing.do(means, at_machine("node"), "record.send", lambda turn: Sent(tuple(act(turn))))
        return [each.record for each in sent]

    def carry(self) -> None:
        """Let each side have what the other said, and its receipts."""
        self.border.exchange("pk", "af")
        self.border.exchange("af", "pk")

    def facts(self, party: str, call: Record) -> Facts:
        with look(self.side(party).means) as turn:
            found = calls.one(turn, *call.key)
        assert found is not None
        return found


def of(call: Record) -> dict[str, Any]:
    """How an address and a form name a call."""
    return {"party": call.key[0], "id": call.key[1]}


def page(at: Desk, path: str, language: Language = "en", role: Role = "duty", status: int = 200) -> str:
    """What an officer of that role is shown, in a language."""
    at.speak(role, language)
    answer = at.http.get(path, headers=at.session(role))
    assert answer.status_code == status, answer.text
    return answer.text


@contextmanager
def hotline(folder: Path) -> Iterator[Hotline]:
    """Let the three meet; the observer is at no end of a hotline."""
    with meet(folder) as met:
        yield Hotline(met)


# --- the page of a call ----------------------------------------------------------------------------------------------


def call_page(at: Desk, call: Record, role: Role = "duty", language: Language = "en", **asked: str) -> str:
    at.speak(role, language)
    answer = at.http.get("/liaison/call", params={**of(call), **asked}, headers=at.session(role))
    assert answer.status_code == 200, answer.text
    return answer.text


def call_words(at: Desk, call: Record, **asked: Any) -> str:
    return " ".join(Read(call_page(at, call, **asked)).words.split())


def press(at: Desk, deed: str, call: Record, address: dict[str, str] | None = None, **typed: str) -> httpx.Response:
    """What is answered to a form on the page."""
    at.speak("duty", "en")
    given: dict[str, Any] = {
        "params": {**of(call), **(address or {})},
        "data": {**of(call), **typed},
        "headers": at.session("duty"),
    }
    return at.http.post(f"/liaison/{deed}", **given)


def named(said: Record) -> str:
    return ":".join(said.key)


# --- a draft of free words ---------------------------------------------------------------------------------------------

GRADED = {
    "handling/legal_basis": "duty-to-warn",
    "handling/scheme": "4x4",
    "handling/source": "A",
    "handling/information": "1",
    "handling/torture": "low",
    "handling/death_penalty": "none",
    "handling/basis": "assessed by the desk",
    "handling/not_obtained_by_torture": "yes",
}


def saved(at: Desk, draft: httpx.Response, **typed: str) -> httpx.Response:
    """What is answered to the form of a draft, sent on at once."""
    hidden, headers = Read(draft.text).hidden, at.session("duty")
    given = {"form": hidden["form"], "version": hidden["version"], **GRADED, **typed, "do": "send"}
    files = [(name, (None, value)) for name, value in given.items()]
    kept = at.http.post(draft.url.path, headers=headers, files=files)
    assert kept.status_code == 303, kept.text
    asking = at.http.get(f"{draft.url.path}/sending", headers=headers)
    version = {"version": Read(asking.text).hidden["version"]} if "version" in Read(asking.text).hidden else {}
    return at.http.post(f"{draft.url.path}/sending", headers=headers, data=version)
