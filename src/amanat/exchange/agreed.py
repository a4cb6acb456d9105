"""What was agreed, as officers are shown it: each compact clause by clause, its versions and acts, and who signed them.

Law: a compact's own words stand as they were signed. What may be sent is asked of the rules that every record meets.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Literal

import msgspec

from amanat.compact import policy, signing
from amanat.compact.check import Compact, State
from amanat.compact.explain import Explanation, Question, explain, summary
from amanat.compact.lacking import waits_for
from amanat.compact.signing import Act
from amanat.compact.terms import Terms, defaults
from amanat.compact.witnessing import policy_for
from amanat.exchange.means import Means, Turn, look, read_manifest, read_terms, texts
from amanat.log.policy import parse_policy
from amanat.party import dsse, labels
from amanat.party.types import PartyCode
from amanat.record.handling import Differs, over
from amanat.record.kind import Facts
from amanat.store import statements


class Head(msgspec.Struct, frozen=True, kw_only=True):
    """A compact that this party joined."""

    id: str
    version: int
    digest: str
    title: str
    state: State
    starts: str
    ends: str
    members: tuple[str, ...]
    observers: tuple[str, ...]


class Clause(msgspec.Struct, frozen=True):
    """A clause of its policy: what it says, whether it permits or forbids, and the Cedar that is signed."""

    number: str
    says: str
    effect: str
    cedar: str


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """A compact in full; `summary` tells it in plain words."""

    head: Head
    summary: str
    clauses: tuple[Clause, ...]


class Proposal(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What may be asked: may this party send this kind, so handled, to those."""

    kind: str
    to: tuple[PartyCode, ...]
    handling: Differs = {}
    names_person: bool = False
    exercise: bool = False


class Signatures(msgspec.Struct, frozen=True):
    """Which custodians of a party signed, by key id, and how many of them it asked for."""

    party: str
    custodians: tuple[str, ...]
    threshold: int


class Version(msgspec.Struct, frozen=True, kw_only=True):
    """A version of a compact that is held here, and who signed it."""

    version: int
    digest: str
    title: str
    starts: str
    ends: str
    signed: tuple[Signatures, ...]


class Done(msgspec.Struct, frozen=True, kw_only=True):
    """What a member did about a compact, and why; a notice `ends` it on that day."""

    party: str
    serial: int
    act: Literal["suspend", "resume", "end"]
    at: datetime
    reason: str
    ends: str | None


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """The state a compact is in, since when (None: it is still to come), and which members stopped or end it.

    `ends` is the day by which a notice that was given ends it.
    """

    state: State
    since: datetime | None
    by: tuple[str, ...]
    ends: str | None


class History(msgspec.Struct, frozen=True, kw_only=True):
    """How a compact stands, and what led there: its versions, newest first, and all acts, newest first."""

    standing: Standing
    versions: tuple[Version, ...]
    acts: tuple[Done, ...]


def head(compact: Compact) -> Head:
    """Return what a list of compacts says of one."""
    terms = compact.terms
    return Head(
        id=terms.id,
        version=terms.version,
        digest=terms.digest,
        title=terms.title,
        state=compact.state,
        starts=str(terms.starts),
        ends=str(terms.ends),
        members=tuple(sorted(terms.members)),
        observers=tuple(sorted(terms.observers)),
    )


def heads(turn: Turn) -> tuple[Head, ...]:
    """Return the compacts that this party joined, by id."""
    return tuple(head(turn.known.compacts[id_]) for id_ in sorted(turn.known.compacts))


def told(compact: Compact) -> Told:
    """Tell a compact in plain words and clause by clause."""
    return Told(head=head(compact), summary=summary(compact.terms), clauses=clauses(compact.terms))


def clauses(terms: Terms) -> tuple[Clause, ...]:
    """Return the clauses of a compact's policy, in the order written."""
    written = policy.written(terms.policy)
    said = policy.clauses(terms.policy)
    return tuple(Clause(number, " ".join(says.split()), *written[number]) for number, says in said.items())


def ask(means: Means, id_: str, asked: Proposal) -> Explanation:
    """Say whether this party may send something now.

    Raises `Refused` for a compact not joined, `Invalid` for a kind that it has not, or a handling that cannot be.
    """
    with look(means) as turn:
        compact = turn.known.compact(id_)
    handled = over(defaults(compact.terms, asked.kind, means.now()), asked.handling)
    facts = Facts(person="a person, as asked" if asked.names_person else "")
    return explain(Question(asked.kind, handled, means.party, asked.to, means.now(), facts, asked.exercise), compact)


def acts_of(turn: Turn, id_: str) -> list[Act]:
    """Return what the members did about a compact, in order of time."""
    acts = (signing.read_act(data) for data in statements.acts_ever(turn.tx, id_))
    return sorted(acts, key=lambda act: (act.at, act.serial))


def history(turn: Turn, id_: str) -> History:
    """Return how a compact stands and what led there. Raises `Refused` for one not joined."""
    compact = turn.known.compact(id_)
    versions = texts(turn.tx, id_)
    counting = [signing.read_act(data) for data in statements.acts(turn.tx, id_)]
    return History(
        standing=_standing(compact, _ends(versions, counting), counting),
        versions=tuple(_version(turn, data) for data in reversed(statements.versions(turn.tx, id_))),
        acts=tuple(_done(act, _ends(versions, [act])) for act in reversed(acts_of(turn, id_))),
    )


def countersigners(turn: Turn, id_: str) -> dict[str, str]:
    """Return for each owner of a log whose countersignatures make it final: "obs and pk", or "obs or pk"."""
    terms = turn.known.compact(id_).terms
    return {owner: _needed(turn, terms, owner) for owner in terms.witnesses}


def _needed(turn: Turn, terms: Terms, owner: str) -> str:
    return waits_for(parse_policy(policy_for(terms, turn.known.manifests, owner)), ())


def _version(turn: Turn, data: bytes) -> Version:
    terms = read_terms(data)
    statement = dsse.parse(data, labels.COMPACT, "stored compact")
    return Version(
        version=terms.version,
        digest=terms.digest,
        title=terms.title,
        starts=str(terms.starts),
        ends=str(terms.ends),
        signed=tuple(_signed(turn, statement, party) for party in sorted(terms.members)),
    )


def _signed(turn: Turn, statement: dsse.Statement, party: str) -> Signatures:
    """By the root that the text names: custodians who took over later signed nothing of it."""
    roots = [read_manifest(data).root for data in statements.history(turn.tx, party)]
    found = [(root, dsse.signers(statement, root.by_id(), "compact")) for root in roots]
    root, keys = max(found, key=lambda each: len(each[1]))
    return Signatures(party, tuple(sorted(keys)), root.threshold)


def _done(act: Act, ends: datetime | None) -> Done:
    day = None if ends is None else str(ends.date())
    return Done(party=act.party, serial=act.serial, act=act.act, at=act.at, reason=act.reason, ends=day)


def _ends(versions: Sequence[Terms], acts: Sequence[Act]) -> datetime | None:
    """When the first notice among these acts runs out, by the days of the text it was given under."""
    days = {text.digest: timedelta(days=text.notice_days) for text in versions}
    return min((act.at + days[act.compact] for act in acts if act.act == "end"), default=None)


def _standing(compact: Compact, notice: datetime | None, acts: Sequence[Act]) -> Standing:
    terms, state = compact.terms, compact.state
    counted = [act for act in signing.in_order(acts) if act.party in terms.members]
    last = {act.party: act for act in counted if act.act != "end"}
    stopped = {party: act.at for party, act in last.items() if act.act == "suspend"}
    begun = datetime.combine(terms.starts, time(), UTC)
    over = min(filter(None, (notice, datetime.combine(terms.ends, time(), UTC) + timedelta(days=1))))
    since = {
        "coming": None,
        "suspended": min(stopped.values(), default=None),
        "ended": over,
        "active": max([begun, *(act.at for act in last.values())]),
    }[state]
    by = {"suspended": sorted(stopped), "ended": sorted(_gave_notice(counted))}.get(state, [])
    ends = str(notice.date()) if notice is not None and state != "ended" else None
    return Standing(state=state, since=since, by=tuple(by), ends=ends)


def _gave_notice(acts: Sequence[Act]) -> Iterator[str]:
    yield from {act.party for act in acts if act.act == "end"}
