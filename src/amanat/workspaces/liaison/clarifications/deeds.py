"""What an officer does at once about what was seen: asks about it, answers, judges an answer, signs that it was read.

Law: what the rules do not let this side say now is refused before it is sent; where something was seen goes out no
closer than it may be told, whatever was drawn.
"""

from typing import Any, Final, get_args

import msgspec

from amanat.exchange.means import Turn
from amanat.officer.may import Actor
from amanat.party.errors import Invalid
from amanat.store import listing
from amanat.workspace import Deed, Sent
from amanat.workspaces.liaison import matter_rows, slots
from amanat.workspaces.liaison.clarifications import facts, held, kinds, rules, views
from amanat.workspaces.liaison.clarifications.kinds import CLARIFICATION
from amanat.workspaces.liaison.clarifications.rules import Clarification
from amanat.workspaces.liaison.dealings import Dealing, Root, asked, require_dealing
from amanat.workspaces.liaison.ground import drawn
from amanat.workspaces.liaison.kinds import Named
from amanat.workspaces.liaison.notices.kinds import NOTICE, PURPOSES

PAGE: Final = "/liaison/clarification?party={party}&id={id}"


class Asking(msgspec.Struct, frozen=True, kw_only=True):
    """What was typed of what was seen; `places` and `metres` as forms of a shape have them."""

    compact: str = ""
    exercise: str = ""
    sight: str = ""
    activity: str = ""
    country: str = ""
    sector: str = ""
    shape: str = ""
    places: str = ""
    metres: str = ""
    since: str = ""
    until: str = ""


class Acting(msgspec.Struct, frozen=True, kw_only=True):
    """What is said of which request; `answer` is that which was shown, `notice` one of this side's, as "PARTY:ID"."""

    party: str
    id: str
    act: str
    word: str = ""
    purpose: str = ""
    notice: str = ""
    answer: str = ""
    enough: str = ""
    why: str = ""
    seen: str = ""


class Reading(msgspec.Struct, frozen=True):
    """Of which request all is signed as read."""

    party: str
    id: str
    seen: str = ""


def ask(turn: Turn, _actor: Actor, typed: Asking) -> Sent:
    """Ask about what was seen, and is over or goes on: nothing that is to come was seen."""
    dealing = require_dealing(turn, CLARIFICATION.name, typed.compact)
    window = drawn.window(turn, typed.since, typed.until)
    if window.until > turn.now:
        with slots.in_field("until"):
            raise Invalid(
                "liaison.clarification-window",
                "What is to come was not seen yet.",
                "Say until when it was seen so far.",
            )
    body = kinds.Seen(
        sight=slots.chosen(typed.sight, get_args(kinds.Sight), "sight"),
        activity=slots.chosen(typed.activity, get_args(kinds.Type), "activity") if typed.activity else None,
        shape=drawn.shape(turn, slots.chosen(typed.shape, drawn.FORMS, "shape"), typed.places, typed.metres),
        window=window,
        country=slots.chosen(typed.country, countries(dealing), "country"),
        sector=slots.chosen(typed.sector, sorted(dealing.compact.terms.hotlines), "sector") if typed.sector else None,
    )
    body = msgspec.structs.replace(body, shape=facts.told(body))
    facts.of_clarification(body)
    return Sent((asked(turn, dealing, CLARIFICATION.name, body, exercise=bool(typed.exercise)),), then=PAGE)


def act(turn: Turn, _actor: Actor, typed: Acting) -> Sent:
    """Answer, or judge the answer that was shown; all that came of the request is opened by that."""
    found, row = require_clarification(turn, typed.party, typed.id)
    dealing = matter_rows.dealing(turn, row, CLARIFICATION.name)
    if typed.act not in rules.acts(found, turn.now, turn.means.party):
        raise Invalid(
            "liaison.clarification-act",
            "That is not to be said of this request now.",
            "Load the page anew: it says whose turn it is.",
        )
    if sum(each.party == turn.means.party for each in found.said) >= rules.MOST_SAID:
        raise Invalid(
            "liaison.clarification-full",
            f"This side said {rules.MOST_SAID} things of the request, and no more are read of one side.",
            "Propose a meeting about it.",
        )
    body = _answered(turn, found, typed) if typed.act == "answered" else _judged(turn, found, typed)
    facts.of_clarification(body)
    sent = asked(turn, dealing, CLARIFICATION.name, body, of=Root.of(row))
    return Sent((sent,), _unread(turn, found, typed.seen), _page(found))


def read(turn: Turn, _actor: Actor, typed: Reading) -> Sent:
    """Sign that all that came of a request was read."""
    found, _ = require_clarification(turn, typed.party, typed.id)
    return Sent(opens=_unread(turn, found, typed.seen), then=_page(found))


def require_clarification(turn: Turn, party: str, id_: str) -> tuple[Clarification, Any]:
    """Return a request that is here, and its row. Raises `Invalid`."""
    rows = matter_rows.named(turn.tx, views.CLARIFICATION, [(party, id_)])
    found = held.of(turn, rows)
    if not found:
        raise Invalid(
            "liaison.clarification", f"No request {id_[:40]} is here.", "See those that are: it may have expired."
        )
    return found[0], rows[0]


def countries(dealing: Dealing) -> list[str]:
    """Return on whose ground something may have been seen: what either side administers by the compact."""
    return sorted({code for each in dealing.compact.terms.members.values() for code in each.administers})


def _answered(turn: Turn, found: Clarification, typed: Acting) -> kinds.Answered:
    word = slots.chosen(typed.word, get_args(kinds.Word), "word")
    return kinds.Answered(
        clarification=found.root.key,
        word=word,
        purpose=slots.chosen(typed.purpose, PURPOSES, "purpose") if word == "ours" else None,
        notice=_notice(turn, typed.notice) if word == "noticed" else None,
    )


def _notice(turn: Turn, typed: str) -> Named:
    """Return the notice in which this side told of it. Raises `Invalid` for what is none of its own."""
    party, _, id_ = typed.strip().partition(":")
    row = listing.one(turn.tx, party, id_) if party == turn.means.party else None
    if row is None or row.kind != NOTICE.label:
        with slots.in_field("notice"):
            raise Invalid(
                "liaison.clarification-notice", "That is no notice that this side gave.", "Choose one of ours."
            )
    return Named(party, id_)


def _judged(turn: Turn, found: Clarification, typed: Acting) -> kinds.Judged:
    """Return a judgement of the answer as it was shown. Raises `Invalid` where another came since."""
    answer = rules.standing(found, turn.now).answer
    if answer is None or typed.answer != f"{answer.key.party}:{answer.key.id}":
        raise Invalid(
            "liaison.clarification-changed",
            "Another answer stands than the one that was shown.",
            "Read it, then judge it.",
        )
    enough = slots.chosen(typed.enough, ("yes", "no"), "enough") == "yes"
    why = None if enough else slots.chosen(typed.why, get_args(kinds.Why), "why")
    return kinds.Judged(clarification=found.root.key, answer=answer.key, enough=enough, why=why)


def _unread(turn: Turn, found: Clarification, seen: str) -> tuple[tuple[str, str], ...]:
    """Return what is unread of it, of what the page had shown."""
    return matter_rows.shown(held.unread_of(turn, found), seen)


def _page(found: Clarification) -> str:
    return PAGE.format(party=found.root.key.party, id=found.root.key.id)


DEEDS: Final = (
    Deed("clarification-ask", "clarification-new", "record.send", Asking, ask),
    Deed("clarification-act", "clarification", "record.send", Acting, act),
    Deed("clarification-read", "clarification", "record.acknowledge", Reading, read),
)
