"""Rules of incidents that an officer could recite: what is agreed, who must do what by when, whether it is closed.

Law: pure, over a set of facts: whatever order records came in, all who hold the same set say the same. `now` is an
argument, and every deadline follows from the records' own times. One side's word never stands for both.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from amanat.workspaces.liaison.incidents import taking_back
from amanat.workspaces.liaison.incidents.kinds import (
    Account,
    Answered,
    Closes,
    Consents,
    Done,
    Linked,
    Note,
    Proposed,
    Reopens,
    Signature,
    Statement,
    digest,
    text_digest,
)
from amanat.workspaces.liaison.incidents.told import BY_OBSERVERS, Facts, Step, mirrored, of, signs
from amanat.workspaces.liaison.kinds import Named
from amanat.workspaces.liaison.rules import AHEAD, SKEW
from amanat.workspaces.liaison.told import Told

Verdict = Literal["agreed", "disputed", "alone"]
State = Literal["open", "closing", "closed", "withdrawn"]


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether it is closed: who signed that since it was last opened, and each time that it was reopened.

    `withdrawn` is since when nobody stands by it any more who told of it.
    """

    closings: Mapping[str, Told]
    reopened: tuple[Told, ...]
    closed: Told | None
    withdrawn: datetime | None

    @property
    def over(self) -> datetime | None:
        """Since when nothing of it is due: closed by both, or withdrawn."""
        return self.closed.at if self.closed else self.withdrawn

    @property
    def state(self) -> State:
        """Open, closed by one side's word alone, closed by both, or withdrawn."""
        if self.withdrawn is not None and self.closed is None:
            return "withdrawn"
        return "closed" if self.closed else "closing" if self.closings else "open"


@dataclass(frozen=True, slots=True)
class Due:
    """A step of the ladder as it stands: by when, who signed it, since when both did; a consent where it needs one.

    `optional` is what nobody owes; `ready` that it may be signed now; `overdue` are those who owe it and are late.
    """

    step: Step
    due: datetime
    signed: Mapping[str, Told]
    done: datetime | None
    optional: bool
    ready: bool
    overdue: tuple[str, ...]
    consents: Mapping[str, Told]


@dataclass(frozen=True, slots=True)
class Finding:
    """A statement of a side's account, and what the other says to it; `alike` where that says the same by itself."""

    party: str
    number: int
    statement: Statement
    digest: str
    verdict: Verdict
    answer: Told | None
    alike: bool
    notes: tuple[Told, ...]


@dataclass(frozen=True, slots=True)
class Version:
    """A text that was proposed for the joint statement, and who signed exactly that."""

    told: Told
    digest: str
    signed: Mapping[str, Told]


def counted(facts: Facts, now: datetime) -> list[Told]:
    """Return what counts, in order: nothing that is dated before the incident that it names, or too far ahead of now.

    Of an observer only its notes count, and of a side no note. What was withdrawn is among it (`in_force`).
    """
    begun = {each.key: each.at - SKEW for each in facts.opened}
    found = [
        each
        for each in facts.told
        if each.body.incident in begun
        and begun[each.body.incident] <= each.at <= now + AHEAD
        and isinstance(each.body, BY_OBSERVERS) == (each.key.party not in facts.members)
    ]
    return sorted(found, key=lambda each: each.order)


def in_force(told: Sequence[Told]) -> list[Told]:
    """Return what stands of what counts: all but what was taken back (`taking_back`)."""
    gone = {each.key for each in taking_back.taken_back(told)}
    return [each for each in told if each.key not in gone]


# --- accounts -----------------------------------------------------------------------------------------------


def accounts(told: Iterable[Told], party: str) -> list[Told]:
    """Return the accounts of a side, the one that stands first: of the highest number, of several the earliest."""
    return sorted(of(told, Account, party), key=lambda each: (-each.body.number, each.order))


def next_number(told: Iterable[Told], party: str) -> int:
    """Return the number of the account that follows all that a side gave."""
    given = accounts(told, party)
    return given[0].body.number + 1 if given else 1


def findings(facts: Facts, told: Sequence[Told]) -> tuple[Finding, ...]:
    """Return every statement of both accounts that stand, and whether it is agreed, disputed, or one side's alone."""
    standing = {party: next(iter(accounts(told, party)), None) for party in facts.members}
    last = {(each.body.party, each.body.statement, each.key.party): each for each in of(told, Answered)}
    notes = {(each.body.party, each.body.statement, each.key.party): each for each in of(told, Note)}
    found = list[Finding]()
    for party, account in standing.items():
        other = facts.other(party)
        for number, statement in enumerate(account.body.statements if account else (), 1):
            name = digest(statement)
            alike = _alike(statement, standing[other])
            answer = last.get((party, name, other))
            verdict = _verdict(answer, standing[other] if alike else None)
            noted = tuple(each for (of_, named, _), each in sorted(notes.items()) if (of_, named) == (party, name))
            found.append(Finding(party, number, statement, name, verdict, answer, alike, noted))
    return tuple(found)


def _alike(statement: Statement, account: Told | None) -> bool:
    """Whether an account of the other side says the same by itself."""
    return account is not None and mirrored(statement) in account.body.statements


def _verdict(answer: Told | None, alike: Told | None) -> Verdict:
    """Return what follows from the other side's last word: on the statement, or an account of its own that says so."""
    stance = answer.body.stance if answer else "cannot-say"
    if alike is not None and (answer is None or stance == "cannot-say" or answer.order < alike.order):
        return "agreed"
    return {"agrees": "agreed", "disputes": "disputed"}.get(stance, "alone")  # type: ignore[return-value]


def unanswered(found: Iterable[Finding], party: str) -> list[Finding]:
    """Return the statements of the other side to which this one said nothing yet."""
    return [each for each in found if each.party != party and each.answer is None and not each.alike]


# --- closing ------------------------------------------------------------------------------------------------


def standing(facts: Facts, told: Iterable[Told]) -> Standing:
    """Return whether it is closed: when both sides signed that since it was last reopened.

    Who reopens what both closed opens it for both. Before that it only takes its own word back, as by withdrawing it
    while the other side has not closed it too (`taking_back.closing_held`).
    """
    listed = list(told)
    closings, reopened = dict[str, Told](), list[Told]()
    for back, each in taking_back.dated([each for each in listed if isinstance(each.body, Closes | Reopens)]):
        party, both = each.key.party, len(closings) == len(facts.members)
        if isinstance(each.body, Closes) and not back:
            closings.setdefault(party, each)
        elif back and closings.get(party) is each and not both:
            if not taking_back.closing_held(each, listed):
                del closings[party]
        elif isinstance(each.body, Reopens) and not back and both:
            closings = {}
            reopened.append(each)
        elif isinstance(each.body, Reopens) and not back:
            closings.pop(party, None)
    both = len(closings) == len(facts.members)
    closed = max(closings.values(), key=lambda each: each.order) if both else None
    return Standing(closings, tuple(reopened), closed, taking_back.event_since(facts, listed))


# --- the joint statement ------------------------------------------------------------------------------------


def versions(told: Sequence[Told]) -> tuple[Version, ...]:
    """Return the texts that were proposed, in order, each with those who signed exactly that.

    Its proposer did, and the other side by a signature that names it: nothing that is proposed besides, of whatever
    date and however alike, moves what was signed.
    """
    signatures, found = of(told, Signature), list[Version]()
    for each in of(told, Proposed):
        under = next((one for one in signatures if signs(one, each)), None)
        signed = {each.key.party: each} | ({under.key.party: under} if under else {})
        found.append(Version(each, text_digest(each.body), signed))
    return tuple(found)


def agreed(facts: Facts, texts: Iterable[Version]) -> Version | None:
    """Return the text that both sides signed, the newest text of several; None while there is none.

    So who signs an old one late puts it in no newer one's place.
    """
    both = (each for each in texts if each.signed.keys() >= set(facts.members))
    return max(both, key=lambda each: each.told.order, default=None)


def to_sign(facts: Facts, texts: Sequence[Version], party: str) -> Version | None:
    """Return the other side's last text, where this side has neither signed it nor proposed another since."""
    last = texts[-1] if texts else None
    return last if last is not None and party in facts.members and party not in last.signed else None


def replaced(texts: Iterable[Version], version: Version) -> bool:
    """Whether whoever proposed a text proposed another after it: then it is offered no more."""
    party = version.told.key.party
    return any(each.told.key.party == party and each.told.order > version.told.order for each in texts)


# --- the ladder ---------------------------------------------------------------------------------------------


def clock(facts: Facts, told: Sequence[Told], now: datetime) -> tuple[Due, ...]:
    """Return the steps of the ladder in order: by when each is due, who did it, and who is late.

    The clock runs from the incident's opening. What was not done when it was reopened runs from then again.
    """
    stands = standing(facts, told)
    text = agreed(facts, versions(told))
    words = taking_back.consents(told)
    acts = sorted([*words, *of(told, Done)], key=lambda each: each.order)
    since = earliest(facts)
    found = list[Due]()
    for step in facts.ladder:
        optional = step.act == "mediate"
        signed = text.signed if step.act == "state" and text else _signed(facts, acts, step, since)
        if optional and signed.keys() < set(facts.members):  # no consent that is taken back unsays what both signed
            as_said = _signed(facts, sorted(told, key=lambda each: each.order), step, since)
            signed = as_said if as_said.keys() >= set(facts.members) else signed
        done = max(each.at for each in signed.values()) if signed.keys() >= set(facts.members) else None
        begins = max([facts.root.at, *(each.at for each in stands.reopened if done is None or each.at <= done)])
        due = begins + step.within
        owes = () if optional or stands.over or now <= due else tuple(p for p in facts.members if p not in signed)
        consents = {each.key.party: each for each in words} if optional else {}
        ready = _consented(facts, consents) if optional else step.act != "state"
        found.append(Due(step, due, signed, done, optional, ready, owes, consents))
    return tuple(found)


def earliest(facts: Facts) -> datetime:
    """Return the earliest time at which anything about the event can have been done."""
    return min(each.body.when.time - timedelta(minutes=each.body.when.minutes) for each in facts.opened) - SKEW


def _signed(facts: Facts, acts: Sequence[Told], step: Step, since: datetime) -> Mapping[str, Told]:
    """Return the first word of each side that it did a step, of those that can be true: done no earlier than `since`.

    Nobody did it before the event, nor later than when the word was signed; and mediation without the consent of both
    at that time is none (floor 13).
    """
    found = dict[str, Told]()
    consents = dict[str, Told]()
    for each in acts:
        if isinstance(each.body, Consents):
            consents[each.key.party] = each
        if isinstance(each.body, Done) and each.body.step == step.name and step.act != "state":
            possible = since <= each.body.time <= each.at + SKEW
            if possible and (step.act != "mediate" or _consented(facts, consents)):
                found.setdefault(each.key.party, each)
    return found


def _consented(facts: Facts, consents: Mapping[str, Told]) -> bool:
    """Whether the last words of both sides consent to the same mediators."""
    words = [consents[party].body for party in facts.members if party in consents]
    return (
        len(words) == len(facts.members)
        and all(each.consents for each in words)
        and len({each.mediators for each in words}) == 1
    )


def overdue(dues: Iterable[Due]) -> list[Due]:
    """Return the steps with which somebody is late."""
    return [each for each in dues if each.overdue]


def knows(facts: Facts, told: Iterable[Told], party: str) -> bool:
    """Whether a side told of the event itself, or said anything about it."""
    told_of = (each.key.party for each in facts.opened)
    return party in {*told_of, *(each.key.party for each in told)}


def linked(told: Iterable[Told]) -> tuple[Told, ...]:
    """Return the first word that names each record which has to do with it."""
    found = dict[Named, Told]()
    for each in of(told, Linked):
        found.setdefault(each.body.record, each)
    return tuple(found.values())
