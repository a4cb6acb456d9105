"""What an officer does at once on a hotline: ring, open, say a phrase, read it back, sign a day.

Law: nothing here is kept as a draft, so that each is judged whole before it is sent, and what is wrong is told on the
page where it was typed. Who acts stands at a post of the hotline.
"""

from typing import Final

import msgspec

from amanat.exchange.means import Turn
from amanat.officer.may import Actor
from amanat.party.errors import Invalid
from amanat.workspace import Deed, Sent
from amanat.workspaces.liaison import by_voice, composing, days, facts, opened, phrasebook, slots, watch
from amanat.workspaces.liaison.kinds import Day, Named, Phrase, ReadBack, Said, Urgency
from amanat.workspaces.liaison.rules import Facts


class Ringing(msgspec.Struct, frozen=True):
    """Which hotline is rung, how urgently, and whether for an exercise ("on")."""

    hotline: str
    urgency: Urgency
    exercise: str = ""


class Opening(msgspec.Struct, frozen=True):
    """Which call is opened, with all that was said in it so far."""

    party: str
    id: str


class Saying(msgspec.Struct, frozen=True):
    """A phrase said in a call, what stands in its slots in the phrase's order, and what it answers ("PARTY:ID")."""

    party: str
    id: str
    phrase: str
    answers: str = ""
    slot0: str = ""
    slot1: str = ""
    slot2: str = ""
    slot3: str = ""
    slot4: str = ""
    slot5: str = ""
    country0: str = ""
    country1: str = ""
    country2: str = ""
    country3: str = ""
    country4: str = ""
    country5: str = ""

    def slot(self, number: int) -> str:
        """Return what was typed for a slot."""
        return str(getattr(self, f"slot{number}", ""))

    def country(self, number: int) -> str:
        """Return the country chosen for a slot that is a place."""
        return str(getattr(self, f"country{number}", ""))


class SigningDay(msgspec.Struct, frozen=True):
    """Which day of which hotline is signed."""

    hotline: str
    day: str


CALL_PAGE: Final = "/liaison/call?party={party}&id={id}"


def ring(turn: Turn, actor: Actor, typed: Ringing) -> Sent:
    """Ring the counterpart on a hotline."""
    composing.require_post(turn, typed.hotline, actor.post)
    line = composing.require_line(turn, typed.hotline)
    asked = composing.ring(turn, line, typed.urgency, exercise=bool(typed.exercise))
    return Sent((asked,), then=CALL_PAGE)


def open_call(turn: Turn, actor: Actor, typed: Opening) -> Sent:
    """Open a call of the other side, and all that it said there."""
    found = _at_post(turn, actor, typed.party, typed.id)
    return Sent(opens=opened.unread(turn, found), then=_page(found))


def say(turn: Turn, actor: Actor, typed: Saying) -> Sent:
    """Say a phrase in a call; what the other side said before is opened by that."""
    found = _at_post(turn, actor, typed.party, typed.id)
    line = composing.require_line(turn, found.rung.hotline)
    entry = facts.require_known(typed.phrase)
    values = slots.read(turn, entry, typed)
    answers = _answered(found, typed.answers)
    if entry.id == phrasebook.WITHDRAWS:
        answers = _withdrawn(turn.means.party, found, answers)
    body = Phrase(
        call=found.rung.key,
        n=composing.next_number(turn, found),
        said=Said(entry.id, dict(sorted(values.items()))),
        answers=answers,
    )
    asked = composing.said(turn, line, "liaison.message", body, facts=found, answers=answers)
    return Sent((asked,), opened.unread(turn, found), _page(found))


def read_back(turn: Turn, actor: Actor, typed: Saying) -> Sent:
    """Read a dangerous phrase back: `answers` is which, `phrase` its id; nothing of it was in sight."""
    found = _at_post(turn, actor, typed.party, typed.id)
    line = composing.require_line(turn, found.rung.hotline)
    of = _answered(found, typed.answers)
    meant = next((each for each in found.uttered if each.key == of and isinstance(each.body, Phrase)), None)
    if of is None or meant is None or meant.key.party == turn.means.party:
        raise Invalid("liaison.read-back", "There is no phrase of theirs to be read back here.", "Load the page anew.")
    entry = facts.require_known(meant.body.said.phrase)
    values = slots.read(turn, entry, typed, entry.read_back)
    body = ReadBack(
        call=found.rung.key,
        n=composing.next_number(turn, found),
        of=of,
        phrase=entry.id,
        slots=dict(sorted(values.items())),
    )
    asked = composing.said(turn, line, "liaison.message", body, facts=found, answers=of)
    return Sent((asked,), opened.unread(turn, found), _page(found))


def sign_day(turn: Turn, actor: Actor, typed: SigningDay) -> Sent:
    """Sign which records a day of a hotline has; only a day that is over."""
    composing.require_post(turn, typed.hotline, actor.post)
    line = composing.require_line(turn, typed.hotline)
    day = days.read(typed.day)
    if day >= turn.now.date():
        raise Invalid("liaison.day", f"The day {typed.day} is not over in UTC.", "Sign it once it is.")
    content = days.content(turn, typed.hotline, day)
    body = Day(hotline=typed.hotline, day=day.isoformat(), records=content.records, digest=content.digest)
    return Sent((composing.said(turn, line, "liaison.day", body),), then=f"/liaison/days?hotline={typed.hotline}")


def _at_post(turn: Turn, actor: Actor, party: str, id_: str) -> Facts:
    found = composing.require_call(turn, party, id_)
    composing.require_post(turn, found.rung.hotline, actor.post)
    return found


def _page(found: Facts) -> str:
    key = found.rung.key
    return CALL_PAGE.format(party=key.party, id=key.id)


def _answered(found: Facts, typed: str) -> Named | None:
    """Return what of a call is answered, None for the call itself. Raises `Invalid` for what is not there."""
    if not typed:
        return None
    party, _, id_ = typed.partition(":")
    key = next((each.key for each in found.uttered if (each.key.party, each.key.id) == (party, id_)), None)
    if key is None:
        raise Invalid("liaison.answers", "What is answered is not in this call.", "Load the page anew, then choose.")
    return key


def _withdrawn(own: str, found: Facts, meant: Named | None) -> Named:
    """Return which phrase of ours is withdrawn: the one that is meant, else the last. Raises `Invalid` for none."""
    if meant is not None and meant.party == own:
        return meant
    ours = [each for each in found.uttered if each.key.party == own and isinstance(each.body, Phrase)]
    said = [each for each in ours if each.body.said.phrase != phrasebook.WITHDRAWS]
    if not said:
        raise Invalid("liaison.withdraws", "This side said nothing in the call yet.", "There is nothing to withdraw.")
    return max(said, key=lambda each: each.n).key


DEEDS: Final = (
    Deed("ring", "desk", "record.send", Ringing, ring),
    Deed("open", "call", "record.acknowledge", Opening, open_call),
    Deed("say", "call", "record.send", Saying, say),
    Deed("read-back", "call", "record.send", Saying, read_back),
    Deed("sign-day", "days", "record.send", SigningDay, sign_day),
    *by_voice.DEEDS,
    *watch.DEEDS,
)
