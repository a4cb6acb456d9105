"""What an officer does at once about an incident: tell of it, do a step, answer, join, consent, close, reopen, note.

Law: nothing here is kept as a draft; each is judged whole before it is sent, and what is wrong is told where it was
typed. What this side says without bound is bounded here too, so that all of it is read.
"""

from typing import Final

import msgspec

from amanat.exchange.means import Turn
from amanat.officer.may import Actor
from amanat.party.errors import Invalid
from amanat.workspace import Deed, Sent
from amanat.workspaces.liaison import dealings, matter_rows, places, slots
from amanat.workspaces.liaison.facts import FIRE_METRES
from amanat.workspaces.liaison.incidents import acting, matters, rules, stating, views, writing
from amanat.workspaces.liaison.incidents.kinds import (
    MOST_ACCOUNTS,
    Account,
    Answered,
    Closes,
    Consents,
    Done,
    Incident,
    Linked,
    Note,
    Noticed,
    Observed,
    Reopens,
    Same,
    Step,
)
from amanat.workspaces.liaison.incidents.lists import LISTS
from amanat.workspaces.liaison.incidents.matters import Matter
from amanat.workspaces.liaison.kinds import Named

KIND: Final = "liaison.incident-step"


class Opening(msgspec.Struct, frozen=True):
    """An incident that is told of: what, where, when, each as closely as it is known, and whose hotline sees to it."""

    type: str
    place: str
    time: str
    country: str = ""
    minutes: str = ""
    sector: str = ""
    compact: str = ""
    exercise: str = ""


class About(msgspec.Struct, frozen=True):
    """Which incident something is done about."""

    party: str
    id: str


class Doing(msgspec.Struct, frozen=True):
    """Which step was done, and when."""

    party: str
    id: str
    step: str
    time: str


class Saying(msgspec.Struct, frozen=True):
    """How one stands to a statement: `of` is whose, `statement` its digest; and how it was instead."""

    party: str
    id: str
    of: str
    statement: str
    stance: str
    sort0: str = ""
    did0: str = ""
    who0: str = ""
    place0: str = ""
    country0: str = ""
    time0: str = ""
    minutes0: str = ""
    arms0: str = ""
    count0: str = ""
    towards0: str = ""
    civilians0: str = ""
    killed0: str = ""
    wounded0: str = ""
    damaged0: str = ""
    damages0: str = ""


class Naming(msgspec.Struct, frozen=True):
    """Another record, by its name ("PARTY:ID")."""

    party: str
    id: str
    name: str


class Consenting(msgspec.Struct, frozen=True):
    """Which mediators are consented to, or no more ("no")."""

    party: str
    id: str
    mediators: str
    consents: str


def open_(turn: Turn, actor: Actor, typed: Opening) -> Sent:
    """Tell of an incident."""
    dealing = dealings.require_dealing(turn, "liaison.incident", typed.compact)
    terms = dealing.compact.terms
    if typed.sector and typed.sector not in dict(acting.sectors(terms, turn.means.party)):
        raise Invalid("liaison.sector", f"{typed.sector[:48]!r} is no hotline of this party.", "Choose one, or none.")
    acting.require_post(turn, actor, terms, typed.sector)
    when = writing.when(turn, typed.time, typed.minutes)
    writing.not_ahead(when.time, turn.now)
    type_ = slots.one_of(typed.type, LISTS["incident type"], "incident type")
    place = places.read(turn, typed.place, typed.country or None)
    body = Incident(
        type=type_,  # type: ignore[arg-type]
        place=matter_rows.coarse(place, FIRE_METRES) if type_ == "shelling" else place,
        when=when,
        sector=typed.sector or None,
    )
    asked = dealings.asked(turn, dealing, "liaison.incident", body, exercise=bool(typed.exercise))
    return Sent((asked,), then="/liaison/incident?party={party}&id={id}")


def notice(turn: Turn, actor: Actor, typed: About) -> Sent:
    """Say that the incident is known here."""
    matter = acting.require(turn, actor, typed.party, typed.id)
    return _step(turn, matter, Noticed(incident=matter.key))


def do(turn: Turn, actor: Actor, typed: Doing) -> Sent:
    """Sign that this side did a step."""
    matter = acting.require(turn, actor, typed.party, typed.id)
    due = next((each for each in matter.dues if each.step.name == typed.step), None)
    if due is None:
        known = ", ".join(each.step.name for each in matter.dues) or "none"
        raise Invalid("liaison.step", f"The ladder has no step {typed.step[:48]!r}.", f"It has: {known}.")
    if due.step.act == "state":
        raise Invalid("liaison.step-text", "This step is done by signing a text.", "Sign or propose one.")
    if not due.ready:
        raise Invalid(
            "liaison.step-consent",
            "Both sides have to consent to the same mediators first.",
            "Consent is free, for this incident alone, and may be taken back.",
        )
    if turn.means.party in due.signed:
        raise Invalid("liaison.step-done", "This side signed that step already.", "See when, beside it.")
    at = writing.when(turn, typed.time, "").time
    writing.not_ahead(at, max(turn.now, matter.facts.root.at))
    if at < rules.earliest(matter.facts):
        raise Invalid("liaison.step-before", "That was before the incident.", "Say when the step was done.")
    return _step(turn, matter, Done(incident=matter.key, step=typed.step, time=at))


def answer(turn: Turn, actor: Actor, typed: Saying) -> Sent:
    """Agree with a statement of the other side, dispute it, or say that nothing can be said."""
    matter = acting.require(turn, actor, typed.party, typed.id)
    _require_statement(matter, typed.of, typed.statement)
    if typed.of == turn.means.party:
        raise Invalid("liaison.own", "That is a statement of this side.", "Change it in an account that follows.")
    if matter.standing.closed:
        raise Invalid("liaison.answer-closed", "Both sides closed the incident.", "Open it again, and answer then.")
    stance = slots.one_of(typed.stance, LISTS["stance"], "stance")
    otherwise = writing.statement(turn, writing.typed_of(typed), 0) if stance == "disputes" else None
    body = Answered(
        incident=matter.key,
        party=typed.of,
        statement=typed.statement,
        stance=stance,  # type: ignore[arg-type]
        otherwise=otherwise,
    )
    return _step(turn, matter, body, f"#s-{typed.statement[:16]}")


def same(turn: Turn, actor: Actor, typed: Naming) -> Sent:
    """Say that another incident is the same event."""
    matter = acting.require(turn, actor, typed.party, typed.id)
    party, _, id_ = typed.name.partition(":")
    other = matters.require(turn, party, id_)
    if other.key == matter.key:
        raise Invalid("liaison.same", "Those two are one event already.", "Choose another incident.")
    if other.terms.id != matter.terms.id or other.root.exercise != matter.root.exercise:
        raise Invalid(
            "liaison.same-apart",
            "The two are of different compacts, or one of them is an exercise.",
            "Choose one of the same compact.",
        )
    return _step(turn, matter, Same(incident=matter.key, same=Named(party, id_)))


def link(turn: Turn, actor: Actor, typed: Naming) -> Sent:
    """Say that a record has to do with the incident."""
    matter = acting.require(turn, actor, typed.party, typed.id)
    try:
        record = msgspec.convert(dict(zip(("party", "id"), typed.name.strip().split(":"), strict=False)), Named)
    except msgspec.ValidationError as error:
        raise Invalid(
            "liaison.record-name",
            "That is no name of a record.",
            "It reads like pk:01936e1a-7a00-7000-8000-000000000011.",
        ) from error
    return _step(turn, matter, Linked(incident=matter.key, record=record))


def consent(turn: Turn, actor: Actor, typed: Consenting) -> Sent:
    """Consent to mediation of this incident, or no more."""
    matter = acting.require(turn, actor, typed.party, typed.id)
    if not any(each.optional for each in matter.dues):
        raise Invalid("liaison.no-mediation", "The compact names no mediation.", "An amendment may name it.")
    body = Consents(
        incident=matter.key,
        mediators=slots.one_of(typed.mediators, LISTS["mediator"], "mediator"),  # type: ignore[arg-type]
        consents=typed.consents == "yes",
    )
    return _step(turn, matter, body)


def close(turn: Turn, actor: Actor, typed: About) -> Sent:
    """Sign that for this side it is over."""
    matter = acting.require(turn, actor, typed.party, typed.id)
    if turn.means.party in matter.standing.closings:
        raise Invalid("liaison.closed", "This side signed that already.", "It is closed once the other did too.")
    return _step(turn, matter, Closes(incident=matter.key))


def reopen(turn: Turn, actor: Actor, typed: About) -> Sent:
    """Sign that it is not over, or no more."""
    matter = acting.require(turn, actor, typed.party, typed.id)
    if not matter.standing.closed and turn.means.party not in matter.standing.closings:
        raise Invalid("liaison.open", "The incident is open.", "Nothing is to be reopened.")
    return _step(turn, matter, Reopens(incident=matter.key))


def note(turn: Turn, actor: Actor, typed: Saying) -> Sent:
    """Note as an observer what was seen of a statement."""
    matter = acting.require(turn, actor, typed.party, typed.id, side=False)
    _require_statement(matter, typed.of, typed.statement)
    seen = slots.one_of(typed.stance, LISTS["seen"], "seen")
    body = Note(incident=matter.key, party=typed.of, statement=typed.statement, seen=seen)  # type: ignore[arg-type]
    return _step(turn, matter, body, f"#s-{typed.statement[:16]}")


def observe(turn: Turn, actor: Actor, typed: Saying) -> Sent:
    """State as an observer what was seen."""
    matter = acting.require(turn, actor, typed.party, typed.id, side=False)
    found = writing.statement(turn, writing.typed_of(typed), 0)
    if found is None:
        raise Invalid("liaison.nothing", "Nothing is stated.", "Choose what it is.")
    return _step(turn, matter, Observed(incident=matter.key, observed=found))


def account(turn: Turn, actor: Actor, typed: msgspec.Struct) -> Sent:
    """Give this side's account, which takes the place of the one before."""
    matter, body = account_typed(turn, actor, typed)
    return Sent((acting.said(turn, matter, "liaison.account", body),), then=f"{matter.path}#accounts")


def account_typed(turn: Turn, actor: Actor, typed: msgspec.Struct) -> tuple[Matter, Account]:
    """Return this side's account as it was typed, and of what event. Raises `Invalid` and `Refused`."""
    held = writing.typed_of(typed)
    matter = acting.require(turn, actor, held["party"], held["id"])
    number = rules.next_number((*matter.told, *matter.back), turn.means.party)
    if number > MOST_ACCOUNTS:
        raise Invalid("liaison.accounts", f"This side gave {MOST_ACCOUNTS} accounts.", "Nothing takes their place.")
    body = Account(
        incident=matter.key,
        number=number,
        statements=writing.statements(turn, held),
        evidence=writing.evidence(turn, held),
        watchers=writing.watchers(held),
    )
    return matter, body


def _step(turn: Turn, matter: Matter, body: Step, at: str = "") -> Sent:
    """Return a step to send. Raises `Invalid` where this side said so much of the sort that not all of it is read."""
    type_ = type(body).__name__.lower()
    said = views.count_by(turn.tx, views.STEP, turn.means.party, matter.key, type_)
    if said >= views.MOST_WORDS.get(type_, views.MOST_STEPS):
        raise Invalid(
            "liaison.steps", f"About this incident {said} such steps were told by this side.", "Tell of a new incident."
        )
    return Sent((acting.said(turn, matter, KIND, body),), then=matter.path + at)


def _require_statement(matter: Matter, party: str, digest: str) -> None:
    if not any((each.party, each.digest) == (party, digest) for each in matter.findings):
        raise Invalid(
            "liaison.statement-gone", "No account that stands says this.", "Load the page anew: another may stand now."
        )


DEEDS: Final = (
    Deed("incident-open", "incidents", "record.send", Opening, open_),
    Deed("incident-notice", "incident", "record.send", About, notice),
    Deed("incident-done", "incident", "record.send", Doing, do),
    Deed("incident-answer", "incident", "record.send", Saying, answer),
    Deed("incident-same", "incident", "record.send", Naming, same),
    Deed("incident-link", "incident", "record.send", Naming, link),
    Deed("incident-consent", "incident", "record.send", Consenting, consent),
    Deed("incident-close", "incident", "record.send", About, close),
    Deed("incident-reopen", "incident", "record.send", About, reopen),
    Deed("incident-note", "incident", "record.send", Saying, note),
    Deed("incident-observe", "incident", "record.send", Saying, observe),
    Deed("account-send", "account", "record.send", writing.Writing, account),
    Deed("statement-propose", "statement", "record.send", stating.Stating, stating.propose),
    Deed("statement-sign", "statement", "record.send", stating.Signing, stating.sign),
)
