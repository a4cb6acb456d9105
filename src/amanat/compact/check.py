"""Whether the compact lets a record be sent: the same question at the sender and at the receiver.

In this order: the text it names, its parties, kind, trust, the compact's state, direction, marking, purpose and legal
basis, retention, then the Cedar policies for every recipient. Nothing is permitted that no clause permits; a
`Permitted` is made here and nowhere else, from what kept the floors.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from amanat.compact import policy
from amanat.compact.floors import WithinFloors
from amanat.compact.form import KindTerms
from amanat.compact.terms import Terms
from amanat.party.errors import Refused
from amanat.record.handling import STRICTNESS
from amanat.record.notices import NOTICE_HANDLING, NOTICES, WITHDRAWAL
from amanat.record.record import Fields, Record

State = Literal["coming", "active", "suspended", "ended"]

NO_CLAUSE = "no clause permits"

_NOTICES = frozenset(notice.label for notice in NOTICES)
_DAY = timedelta(days=1)
MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Compact:
    """A compact's latest text and the state its acts have brought it to (`signing.fold`)."""

    terms: Terms
    state: State


@dataclass(frozen=True, slots=True)
class Permitted:
    """A record that may be sent: under which text and clause, and whether a second person has yet to approve it."""

    record: Record
    compact: str
    clause: str
    needs_second_person: bool


def check(kept: WithinFloors, compact: Compact) -> Permitted:
    """Step 3: ask the compact. Raises `Refused` naming the clause that forbids, or that no clause permits."""
    record, terms = kept.record, compact.terms
    _check_text_and_parties(record.fields, terms)
    if record.fields.kind in _NOTICES:
        _check_notice(record.fields)
        return Permitted(record, terms.digest, "floor 11", needs_second_person=False)
    name = record.fields.kind.partition("/")[0]
    kind = _check_kind(record.fields, terms, name)
    _check_told(record, terms)
    _check_state(compact, kind)
    _check_directions(record.fields, kind)
    _check_attachments(record.fields, kind)
    lives = _check_handling(record.fields, terms, kind)
    clauses = _ask_policies(record, compact, name, lives)
    lacking = needs_second_person(record, kind) and record.fields.approved_by is None
    return Permitted(record, terms.digest, clauses, lacking)


def require_approved(permitted: Permitted) -> Permitted:
    """Return what a receiver may accept: a sender that left out the second person is refused. Raises `Refused`."""
    if permitted.needs_second_person:
        raise Refused(
            "check.second-person",
            "The record was sent without the second person its clause asks for.",
            "Have it approved by a second post, then send it anew.",
            by=f"clause {permitted.clause}",
        )
    return permitted


def needs_second_person(record: Record, kind: KindTerms) -> bool:
    """Whether the kind's term asks for a second person on this record."""
    return kind.second_person == "always" or (kind.second_person != "never" and record.facts.names_person)


def _check_text_and_parties(fields: Fields, terms: Terms) -> None:
    if fields.compact != terms.digest:
        raise Refused(
            "compact.outdated",
            f"The record names the compact text {fields.compact[:16]}; {terms.id} is at {terms.digest[:16]}.",
            "Compose it anew under the latest version.",
            by="compact version",
        )
    for party in (fields.author.party, *fields.audience):
        if party not in terms.parties:
            raise Refused(
                "check.party",
                f"{party} is no party of {terms.id}.",
                f"Its parties are {', '.join(terms.parties)}.",
                by=NO_CLAUSE,
            )


def _check_notice(fields: Fields) -> None:
    """A notice carries nothing else: one handling for all, and a holder's word only to whose record it is about."""
    if fields.handling != NOTICE_HANDLING:
        raise Refused(
            "check.notice",
            "The notice is handled otherwise than every notice is, and so could carry what no clause is asked about.",
            f"Handle it as {NOTICE_HANDLING.tlp} for {NOTICE_HANDLING.purpose}, and nothing else.",
            by="floor 11",
        )
    if fields.kind != WITHDRAWAL.label and {ref.party for ref in fields.refs} != set(fields.audience):
        raise Refused(
            "check.notice",
            f"The notice to {', '.join(fields.audience)} is not about records of theirs alone.",
            "Send each originator a notice of its own, naming its records.",
            by="floor 11",
        )


def _check_kind(fields: Fields, terms: Terms, name: str) -> KindTerms:
    if name not in terms.kinds:
        raise Refused(
            "check.kind",
            f"{terms.id} has no kind {name}.",
            f"It has {', '.join(sorted(terms.kinds))}; another needs an amendment.",
            by=NO_CLAUSE,
        )
    for party in (fields.author.party, *fields.audience):
        if not terms.sees(party, name):
            raise Refused(
                "check.observer", f"The observer {party} does not see {name}.", f"Leave {party} out.", by=NO_CLAUSE
            )
    return terms.kinds[name]


def _check_told(record: Record, terms: Terms) -> None:
    """Check who must have a record of its kind, and from whom one is kept, whatever directions a compact has.

    What is told in trust goes to no member, and what the members say to one another not to an observer behind a
    member's back: nobody can show one side's word to an observer that the other side never had.
    """
    told, others = record.kind.told, terms.members.keys() - {record.fields.author.party}
    without = sorted(others - set(record.fields.audience)) if told == "members" else []
    if without:
        raise Refused(
            "check.members",
            f"The record does not go to {without[0]}, a member of {terms.id}.",
            "Send it to every member: each is to have what the others and the observers have.",
            by=NO_CLAUSE,
        )
    members = sorted(set(record.fields.audience) & others) if told == "trust" else []
    if members:
        raise Refused(
            "check.trust",
            f"The record is told in trust, and {members[0]} is a member of {terms.id}.",
            "Send it to observers alone.",
            by=NO_CLAUSE,
        )


def _check_state(compact: Compact, kind: KindTerms) -> None:
    terms = compact.terms
    if compact.state == "coming":
        raise Refused("check.coming", f"{terms.id} starts on {terms.starts}.", "Wait until then.", by=NO_CLAUSE)
    if compact.state == "ended":
        raise Refused("check.ended", f"{terms.id} has ended.", "Agree on a new compact.", by=NO_CLAUSE)
    if compact.state == "suspended" and not kind.survives_suspension:
        raise Refused(
            "check.suspended",
            f"{terms.id} is suspended, and {kind.title} does not survive that.",
            "Wait until the member that suspended it resumes it.",
            by=f"clause {terms.suspension.clause}",
        )


def _check_directions(fields: Fields, kind: KindTerms) -> None:
    for recipient in fields.audience:
        direction = f"{fields.author.party} > {recipient}"
        if direction not in kind.directions:
            raise Refused(
                "check.direction",
                f"Clause {kind.clause} does not let {fields.author.party} send this to {recipient}.",
                f"It permits {', '.join(kind.directions)}.",
                by=f"clause {kind.clause}",
            )


def _check_attachments(fields: Fields, kind: KindTerms) -> None:
    size = sum(each.size for each in fields.attachments)
    if size > kind.attachments_mib * MIB:
        raise Refused(
            "check.attachments",
            f"The attachments have {-(-size // MIB)} MiB; clause {kind.clause} carries {kind.attachments_mib} MiB.",
            "Send less with it, or amend the clause." if kind.attachments_mib else "Send it without attachments.",
            by=f"clause {kind.clause}",
        )


def _check_handling(fields: Fields, terms: Terms, kind: KindTerms) -> timedelta:
    """Check marking, purpose, legal basis and expiry; return how long the record lives."""
    handling, by = fields.handling, f"clause {kind.clause}"
    if STRICTNESS[handling.tlp] > STRICTNESS[kind.tlp_ceiling]:
        raise Refused(
            "check.tlp",
            f"The record is {handling.tlp}; clause {kind.clause} carries at most {kind.tlp_ceiling}.",
            "What is stricter does not travel under this clause.",
            by=by,
        )
    if handling.purpose not in terms.purposes:
        allowed = ", ".join(sorted(terms.purposes))
        raise Refused("check.purpose", f"The purpose {handling.purpose} is not agreed.", f"Agreed: {allowed}.", by=by)
    if handling.legal_basis is not None and handling.legal_basis not in terms.legal_bases:
        allowed = ", ".join(sorted(terms.legal_bases)) or "none"
        raise Refused(
            "check.legal-basis", f"The legal basis {handling.legal_basis} is not agreed.", f"Agreed: {allowed}.", by=by
        )
    if handling.expires is None or handling.expires - fields.at > kind.retention_days * _DAY:
        raise Refused(
            "check.retention",
            f"The record expires {handling.expires or 'never'}, and is written {fields.at}.",
            f"Clause {kind.clause} lets it live {kind.retention_days} days; set an earlier expiry.",
            by=by,
        )
    return handling.expires - fields.at


def _ask_policies(record: Record, compact: Compact, name: str, lives: timedelta) -> str:
    """Ask Cedar once for each recipient; return the clauses that permit it."""
    clauses: set[str] = set()
    for recipient in record.fields.audience:
        decision = policy.decide(compact.terms.policy, _request(record, compact, name, recipient, lives))
        if not decision.allowed:
            raise _refusal(decision, compact.terms, recipient)
        clauses.update(decision.clauses)
    return ", ".join(sorted(clauses))


def _request(record: Record, compact: Compact, name: str, recipient: str, lives: timedelta) -> policy.Request:
    fields, handling = record.fields, record.fields.handling
    return policy.Request(
        sender=fields.author.party,
        kind=name,
        to=recipient,
        tlp=STRICTNESS[handling.tlp],
        h1=int("H1" in handling.codes),
        h2=int("H2" in handling.codes),
        h3=int("H3" in handling.codes),
        persons=int(record.facts.names_person),
        exercise=int(fields.exercise),
        days=-(-lives // _DAY),
        purpose=handling.purpose,
        legal_basis=handling.legal_basis or "",
        suspended=int(compact.state == "suspended"),
    )


def _refusal(decision: policy.Decision, terms: Terms, recipient: str) -> Refused:
    if decision.error:
        return Refused(
            "check.policy",
            f"A policy could not be decided for {recipient}: {decision.error}.",
            "Nothing is sent on an undecided policy; amend that clause.",
            by=NO_CLAUSE,
        )
    if not decision.clauses:
        return Refused(
            "check.default",
            f"No clause of the policies permits sending this to {recipient}.",
            "Change the handling, or amend the compact.",
            by=NO_CLAUSE,
        )
    clause = decision.clauses[0]
    return Refused(
        "check.clause",
        f"Clause {clause} forbids sending this to {recipient}: {policy.clauses(terms.policy)[clause]}",
        "Change what the clause speaks of.",
        by=f"clause {clause}",
    )
