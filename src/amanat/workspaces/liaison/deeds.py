"""What an officer does at once on a hotline: ring, open, say a phrase, read it back, log a conversation, sign a day.

Law: nothing here is kept as a draft, so that each is judged whole before it is sent, and what is wrong is told on the
page where it was typed. Who acts stands at a post of the hotline.
"""

from typing import Final

import msgspec

from amanat.exchange.lexica import own_zone
from amanat.exchange.means import Turn
from amanat.officer.may import Actor
from amanat.party.errors import Invalid
from amanat.workspace import Deed, Sent
from amanat.workspaces.liaison import composing, days, facts, opened, phrasebook, slots, views, watch
from amanat.workspaces.liaison.kinds import Confirmed, Day, Named, Phrase, ReadBack, Said, Urgency, Voice
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


class Logging(msgspec.Struct, frozen=True):
    """A conversation by voice: on which hotline, by what, when it began, how long, with which post, and what was said.

    `heard` and `told` are numbers of the card, or ids of phrases, with spaces between.
    """

    hotline: str
    by: str
    began: str
    minutes: str
    other: str
    heard: str = ""
    told: str = ""


class Confirming(msgspec.Struct, frozen=True):
    """Whether a conversation that the other side logged was so: "yes" or "no"."""

    party: str
    id: str
    agrees: str


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


def log_voice(turn: Turn, actor: Actor, typed: Logging) -> Sent:
    """Log a conversation by telephone, radio or in person, for the other side to confirm."""
    composing.require_post(turn, typed.hotline, actor.post)
    line = composing.require_line(turn, typed.hotline)
    began = slots.time(typed.began, own_zone(turn), turn.now)
    if began > turn.now:
        raise Invalid("liaison.voice", "The conversation begins later than now.", "Say when it began.")
    if not typed.minutes.strip().isdecimal():
        raise Invalid("liaison.minutes", "How long it took is no number of minutes.", "Type a whole number.")
    body = msgspec.convert(
        {
            "type": "voice",
            "hotline": typed.hotline,
            "by": typed.by,
            "began": began,
            "minutes": int(typed.minutes),
            "other": typed.other.strip(),
            "heard": _phrases(typed.heard),
            "told": _phrases(typed.told),
        },
        Voice,
    )
    return Sent((composing.said(turn, line, "liaison.message", body),), then="/liaison/voice")


def confirm_voice(turn: Turn, actor: Actor, typed: Confirming) -> Sent:
    """Say of a conversation that the other side logged that it was so, or was not."""
    rows = views.rows(turn.tx, views.VOICE, views.VOICE.c.party == typed.party, views.VOICE.c.id == typed.id)
    if not rows or typed.party == turn.means.party:
        raise Invalid("liaison.voice-unknown", "The other side logged no such conversation.", "See those that it did.")
    composing.require_post(turn, rows[0].hotline, actor.post)
    line = composing.require_line(turn, rows[0].hotline)
    of = Named(typed.party, typed.id)
    asked = composing.about_voice(turn, line, Confirmed(of=of, agrees=typed.agrees == "yes"), rows[0].expires)
    return Sent((asked,), ((of.party, of.id),), "/liaison/voice")


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


def _phrases(typed: str) -> list[str]:
    """Return the ids of the phrases whose card numbers or ids were typed. Raises `Invalid` for one there is not."""
    found = list[str]()
    for word in typed.replace(",", " ").split():
        entry = phrasebook.entry(word) or phrasebook.by_card(word)
        if entry is None:
            raise Invalid(
                "liaison.card",
                f"{word[:20]!r} is no phrase's number with its check digit.",
                "Read the number on the card again.",
            )
        found.append(entry.id)
    return found


DEEDS: Final = (
    Deed("ring", "desk", "record.send", Ringing, ring),
    Deed("open", "call", "record.acknowledge", Opening, open_call),
    Deed("say", "call", "record.send", Saying, say),
    Deed("read-back", "call", "record.send", Saying, read_back),
    Deed("log-voice", "voice", "record.send", Logging, log_voice),
    Deed("confirm-voice", "voice", "record.send", Confirming, confirm_voice),
    Deed("sign-day", "days", "record.send", SigningDay, sign_day),
    *watch.DEEDS,
)
