"""What an officer does at once about a meeting: propose, agree, change times, decline, call off, answer for guests.

Law: each is judged whole before it is sent, and what is wrong is told on the page where it was typed.
"""

from collections.abc import Iterator
from typing import Any, Final, get_args

import msgspec

from amanat.exchange.drafting import Asked
from amanat.exchange.means import Turn
from amanat.officer.may import Actor
from amanat.party.errors import Invalid
from amanat.workspace import Deed, Sent
from amanat.workspaces.liaison import slots
from amanat.workspaces.liaison.dealings import asked, require_dealing
from amanat.workspaces.liaison.kinds import Named
from amanat.workspaces.liaison.meetings import known, rules, typed
from amanat.workspaces.liaison.meetings.kinds import (
    CONSENTED,
    MEETING,
    MOST_ALTERNATIVES,
    MOST_ITEMS,
    MOST_LINKED,
    Agreed,
    Cancelled,
    Countered,
    Declined,
    Guest,
    GuestWord,
    Item,
    Level,
    People,
    Proposed,
    Role,
    Rule,
    Topic,
    When,
    Why,
    WhyNot,
    Word,
)
from amanat.workspaces.liaison.meetings.rules import Alternative
from amanat.workspaces.liaison.meetings.steps import Facts

LEVELS: Final[tuple[Level, ...]] = get_args(Level)
TOPICS: Final[tuple[Topic, ...]] = get_args(Topic)
RULES: Final[tuple[Rule, ...]] = get_args(Rule)
ROLES: Final[tuple[Role, ...]] = get_args(Role)
ROWS_OF_AGENDA: Final = 8
ROWS_OF_GUESTS: Final = 4
THEN: Final = "/liaison/meeting?party={party}&id={id}"

_WHENS: Final = (MOST_ALTERNATIVES, ("place", "country", "begins"))
_AGENDA: Final = (ROWS_OF_AGENDA, ("topic", "of"))

Proposing: Final = typed.form(
    "Proposing",
    *("compact", "level", "minutes", "chair", "linked", "exercise"),
    whens=_WHENS,
    agenda=_AGENDA,
    ours=(typed.MOST_PEOPLE, ("ours_post", "ours_number")),
    theirs=(typed.MOST_PEOPLE, ("theirs_post", "theirs_number")),
    guests=(ROWS_OF_GUESTS, ("guest",)),
    languages=(len(typed.LANGUAGES), ("works", "interprets")),
    rules=(len(RULES), ("rule",)),
)
Countering: Final = typed.form("Countering", "party", "id", "minutes", whens=_WHENS, agenda=_AGENDA)
Agreeing: Final = typed.form(
    "Agreeing", "party", "id", "of", "choice", ours=(typed.MOST_PEOPLE, ("ours_post", "ours_number"))
)


class Ending(msgspec.Struct, frozen=True):
    """Which meeting is declined or called off, and why."""

    party: str
    id: str
    cause: str = ""


class Answering(msgspec.Struct, frozen=True):
    """What is said of which guest ("ROLE" or "ROLE:PARTY") of a meeting."""

    party: str
    id: str
    guest: str
    word: str


def propose(turn: Turn, _actor: Actor, given: Any) -> Sent:  # noqa: ANN401 - of `Proposing`
    """Propose a meeting to the other side."""
    dealing = require_dealing(turn, MEETING.name, typed.text(given, "compact"))
    level: Level = slots.one_of(typed.text(given, "level"), LEVELS, "level")
    people = (*typed.people(given, dealing.own, "ours_"), *typed.people(given, dealing.other, "theirs_"))
    body = {
        "type": "proposed",
        "level": level,
        "alternatives": _whens(turn, given),
        "minutes": typed.minutes(typed.text(given, "minutes")),
        "agenda": _items(given),
        "chair": typed.text(given, "chair") or known.chairs_next(turn, dealing, level),
        "languages": sorted(_chosen(given, "works", typed.LANGUAGES)),
        "interpreters": sorted(_chosen(given, "interprets", typed.LANGUAGES)),
        "people": sorted(people),
        "guests": [_guest(row["guest"]) for _, row in typed.rows(given, ROWS_OF_GUESTS, "guest")],
        "rules": sorted(_chosen(given, "rule", RULES)),
        "linked": list(_linked(typed.text(given, "linked"))),
    }
    made = typed.read(body, Proposed)
    _require_sides(made, dealing.compact.terms.members)
    if not known.mediated(dealing.compact.terms) and any(each.role in CONSENTED for each in made.guests):
        raise Invalid("liaison.no-mediation", "The compact names no mediation.", "An amendment may name it.")
    _require_ahead(turn, made.alternatives)
    exercise = bool(typed.text(given, "exercise"))
    return Sent((asked(turn, dealing, MEETING.name, made, exercise=exercise),), then=THEN)


def agree(turn: Turn, _actor: Actor, given: Any) -> Sent:  # noqa: ANN401 - of `Agreeing`
    """Agree to one place and time."""
    facts = _of_side(turn, given)
    chosen = _named(facts, typed.text(given, "of"), typed.text(given, "choice"))
    if chosen.when.begins <= turn.now:
        raise Invalid("liaison.meeting-begun", "That time is over.", "Propose another.")
    people = sorted(typed.people(given, turn.means.party, "ours_"))
    _require_one_each(people)
    body = Agreed(meeting=facts.key, of=chosen.of, choice=chosen.choice, people=tuple(people))
    return _on(turn, facts, body, answers=chosen.of)


def counter(turn: Turn, _actor: Actor, given: Any) -> Sent:  # noqa: ANN401 - of `Countering`
    """Propose other places and times."""
    facts = _of_side(turn, given)
    if len(list(facts.by(turn.means.party, Countered))) + 1 >= rules.MOST_OFFERS:
        raise Invalid(
            "liaison.meeting-offers",
            f"This side proposed times {rules.MOST_OFFERS} times already, and more are not read.",
            "Call this meeting off, and propose another.",
        )
    body = {
        "type": "countered",
        "meeting": facts.key,
        "of": _last_offer(facts, facts.other(turn.means.party)),
        "alternatives": _whens(turn, given),
        "minutes": typed.minutes(typed.text(given, "minutes")),
        "agenda": _items(given),
    }
    made = typed.read(body, Countered)
    _require_ahead(turn, made.alternatives)
    return _on(turn, facts, made, answers=made.of)


def decline(turn: Turn, _actor: Actor, given: Ending) -> Sent:
    """Decline a meeting that is not agreed."""
    facts = _of_side(turn, given)
    if rules.agreed(facts) is not None:
        raise Invalid("liaison.meeting-agreed", "The meeting is agreed.", "Call it off instead, or propose to move it.")
    cause: Why = slots.one_of(given.cause, get_args(Why), "cause")
    return _on(turn, facts, Declined(meeting=facts.key, cause=cause))


def cancel(turn: Turn, _actor: Actor, given: Ending) -> Sent:
    """Call a meeting off for good, before it begins."""
    facts = _of_side(turn, given)
    if rules.state(facts, turn.now) in ("under-way", "over"):
        raise Invalid("liaison.meeting-begun", "That time is over.", "Propose another.")
    cause: WhyNot = slots.one_of(given.cause, get_args(WhyNot), "cause")
    return _on(turn, facts, Cancelled(meeting=facts.key, cause=cause))


def answer_guest(turn: Turn, _actor: Actor, given: Answering) -> Sent:
    """Say whether a guest comes, or whether it is welcome: who may say which follows from whose guest it is."""
    facts = require_open(turn, given.party, given.id)
    guest = next((each for each in facts.body.guests if guest_code(each) == given.guest), None)
    if guest is None:
        raise Invalid("liaison.meeting-guest", "No such guest is invited.", "Load the page anew.")
    if given.word not in may_say(facts, guest, turn.means.party):
        raise Invalid("liaison.meeting-word", "That is not this party's to say.", "Say what the page offers.")
    word: Word = slots.one_of(given.word, get_args(Word), "word")
    return _on(turn, facts, GuestWord(meeting=facts.key, guest=guest, word=word))


def may_say(facts: Facts, guest: Guest, party: str) -> tuple[Word, ...]:
    """Return what a party may say of a guest: the guest, or who invited it if it has no node, whether it comes.

    The other side, whether it agrees to it or objects.
    """
    host = facts.proposal.key.party
    comes: tuple[Word, ...] = ("comes", "does-not-come") if party == (guest.party or host) else ()
    welcome: tuple[Word, ...] = ("agreed-to", "objected-to") if party in facts.members and party != host else ()
    return (*comes, *welcome)


def guest_code(guest: Guest) -> str:
    """Return how a form names a guest."""
    return f"{guest.role}:{guest.party}" if guest.party else guest.role


def require_open(turn: Turn, party: str, id_: str) -> Facts:
    """Return a meeting that was neither called off nor minuted by both. Raises `Invalid`."""
    facts = known.require(turn, party, id_)
    if rules.state(facts, turn.now) in ("cancelled", "held"):
        raise Invalid("liaison.meeting-closed", "The meeting was held, or was called off.", "Propose another.")
    return facts


def require_side(turn: Turn, facts: Facts) -> Facts:
    """Return a meeting that this party is a side of. Raises `Invalid`."""
    if turn.means.party not in facts.members:
        raise Invalid("liaison.meeting-guests", "This party is a guest of the meeting.", "Leave it to its two sides.")
    return facts


def say(turn: Turn, facts: Facts, body: msgspec.Struct, answers: Named | None = None) -> Asked:
    """Return a record that follows a meeting, for all who have its kind."""
    answers = None if answers == facts.key else answers
    dealing = known.dealing_of(turn, facts)
    return asked(turn, dealing, MEETING.name, body, of=known.root(facts), answers=answers)


def _on(turn: Turn, facts: Facts, body: msgspec.Struct, answers: Named | None = None) -> Sent:
    return Sent((say(turn, facts, body, answers),), then=known.path(facts))


def _of_side(turn: Turn, given: Any) -> Facts:  # noqa: ANN401 - what names a meeting
    return require_side(turn, require_open(turn, typed.text(given, "party"), typed.text(given, "id")))


def _named(facts: Facts, of: str, choice: str) -> Alternative:
    """Return an alternative of either side that a form names. Raises `Invalid`."""
    offered = (each for party in facts.members for each in rules.alternatives(facts, party))
    name = (of, choice)
    found = next((each for each in offered if (f"{each.of.party}:{each.of.id}", str(each.choice)) == name), None)
    if found is None:
        raise Invalid("liaison.meeting-alternative", "That time is proposed no more.", "Load the page anew.")
    return found


def _last_offer(facts: Facts, party: str) -> Named | None:
    """Return the last record of a side that proposes places and times."""
    offers = rules.alternatives(facts, party)
    return max(offers, key=lambda each: each.offered).of if offers else None


def _whens(turn: Turn, given: msgspec.Struct) -> list[When]:
    found = [
        When(typed.spot(turn, row), typed.time(turn, row["begins"], f"begins, row {number + 1}"))
        for number, row in typed.rows(given, MOST_ALTERNATIVES, "place", "country", "begins")
        if row["place"] or row["begins"]
    ]
    if not found:
        raise Invalid("liaison.meeting-when", "No place and time is proposed.", "Fill in one at least.")
    return found


def _items(given: msgspec.Struct) -> list[Item]:
    those = typed.rows(given, min(ROWS_OF_AGENDA, MOST_ITEMS), "topic", "of")
    return [
        Item(slots.one_of(row["topic"], TOPICS, f"topic, row {n + 1}"), typed.record(row["of"])) for n, row in those
    ]


def _chosen(given: msgspec.Struct, field: str, listed: tuple[str, ...]) -> Iterator[str]:
    """Yield what of a list is ticked."""
    return (code for number, code in enumerate(listed) if typed.text(given, f"{field}{number}"))


def _guest(code: str) -> Guest:
    role, _, party = code.partition(":")
    return Guest(slots.one_of(role, ROLES, "guests"), party or None)


def _linked(written: str) -> Iterator[Named]:
    for word in written.split()[: MOST_LINKED + 1]:
        found = typed.record(word)
        if found is not None:
            yield found


def _require_sides(made: Proposed, members: Any) -> None:  # noqa: ANN401 - parties by code
    if made.chair not in members:
        raise Invalid("liaison.meeting-chair", "The chair is neither side's.", "Choose one of the two.")


def _require_one_each(people: list[People]) -> None:
    if len({each.post for each in people}) != len(people):
        raise Invalid("liaison.meeting-twice", "The list people says a thing twice.", "Leave one of them out.")


def _require_ahead(turn: Turn, whens: tuple[When, ...]) -> None:
    if any(each.begins <= turn.now for each in whens):
        raise Invalid("liaison.meeting-past", "A time that is proposed is over.", "Propose times that are to come.")


DEEDS: Final = (
    Deed("send-proposal", "propose-meeting", "record.send", Proposing, propose),
    Deed("agree-meeting", "meeting", "record.send", Agreeing, agree),
    Deed("counter-meeting", "meeting", "record.send", Countering, counter),
    Deed("decline-meeting", "meeting", "record.send", Ending, decline),
    Deed("cancel-meeting", "meeting", "record.send", Ending, cancel),
    Deed("answer-guest", "meeting", "record.send", Answering, answer_guest),
)
