"""The compact in plain words: what it says as a whole, and whether one thing may be sent and by which clause.

There is one set of rules: an explanation asks `floors` and `check` about a record made up for the question.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import get_args

import msgspec

from amanat.compact import floors, policy
from amanat.compact.check import Compact, check
from amanat.compact.form import Deescalation, Defaults, Hotline, KindTerms, Separation, Urgency
from amanat.compact.limits import Limit
from amanat.compact.notification import LEVELS, Notification, thresholds
from amanat.compact.terms import Terms
from amanat.party.errors import Invalid, Refused
from amanat.record.handling import Handling
from amanat.record.kind import NO_FACTS, Facts, Kind
from amanat.record.notices import NOTICE_HANDLING, NOTICES, WITHDRAWAL
from amanat.record.record import Fields, Post, Record, Ref

_QUESTION_ID = "00000000-0000-7000-8000-000000000000"
_EARLIER_ID = "00000000-0000-7000-8000-000000000001"
_QUESTION_POST = "question"
_NOTICES = frozenset(notice.label for notice in NOTICES)


@dataclass(frozen=True, slots=True)
class Question:
    """What may be asked: may `sender` send this kind ("intelligence.report"), so handled, to this audience, now.

    `facts` say what its body would hold: whether it names a person, which places, and so on.
    """

    kind: str
    handling: Handling
    sender: str
    audience: tuple[str, ...]
    now: datetime
    facts: Facts = NO_FACTS
    exercise: bool = False


@dataclass(frozen=True, slots=True)
class Explanation:
    """Whether it may be sent, what decides that ("clause 4.1.a", "floor 6"), why in plain words, and what to change.

    `code` is that of the error it would meet (docs/errors.md); "" where it may be sent.
    """

    may: bool
    by: str
    says: str
    change: str
    code: str = ""


def explain(question: Question, compact: Compact) -> Explanation:
    """Answer in plain words. Never raises for what an officer could ask."""
    try:
        record = _made_up(question, compact.terms)
        permitted = check(floors.keep(record, compact.terms, {}), compact)
    except Refused as refused:
        return Explanation(may=False, by=refused.by, says=refused.says, change=refused.mend, code=refused.code)
    except Invalid as invalid:
        by = "the record itself"
        return Explanation(may=False, by=by, says=invalid.says, change=invalid.mend, code=invalid.code)
    said = policy.clauses(compact.terms.policy)
    says = " ".join(said.get(clause, floors.FLOORS[11]) for clause in permitted.clause.split(", "))
    change = "A second person approves it first." if permitted.needs_second_person else ""
    by = permitted.clause if permitted.clause.startswith("floor") else f"clause {permitted.clause}"
    return Explanation(may=True, by=by, says=says, change=change)


def summary(terms: Terms) -> str:
    """Return the whole compact as a person would tell it to another, clause by clause."""
    lines = [
        f"{terms.title} ({terms.id}, version {terms.version}, {terms.digest[:16]})",
        f"From {terms.starts} to {terms.ends}; ended earlier with {terms.notice_days} days' notice.",
        terms.without_prejudice.strip(),
        "",
        *(
            f"{code}: {member.name}, member; administers {', '.join(member.administers) or 'nothing'}"
            for code, member in sorted(terms.members.items())
        ),
        *(
            f"{code}: {observer.name}, observer of {', '.join(observer.sees) or 'nothing'}"
            for code, observer in sorted(terms.observers.items())
        ),
    ]
    for name, kind in sorted(terms.kinds.items(), key=lambda named: counted(named[1].clause)):
        lines += ["", *_kind_lines(name, kind)]
    lines += ["", "In full:"]
    lines += _policy_lines(terms.policy)
    lines += ["", f"{terms.suspension.clause} {terms.suspension.text.strip()}"]
    lines += ["", "Purposes:", *(f"{code}: {plain}" for code, plain in sorted(terms.purposes.items()))]
    lines += ["Legal bases:", *(f"{code}: {plain}" for code, plain in sorted(terms.legal_bases.items()))]
    lines += [f"When nobody answers: {', then '.join(terms.ranks)}."]
    lines += _calling_lines(terms)
    lines += _separation_lines(terms)
    lines += _notification_lines(terms)
    lines += _limit_lines(terms)
    lines += _step_lines(terms)
    lines += [f"Languages: {', '.join(terms.languages)}."]
    lines += ["A log is final when countersigned as this says, its own party left out:", *_quorum_lines(terms)]
    return "\n".join(lines) + "\n"


def ranked(hotline: Hotline, ranks: tuple[str, ...]) -> list[tuple[str, dict[str, str]]]:
    """Return the ladder's ranks that a hotline has posts at, each with the post of either side that has one there."""
    sides = sorted(hotline.posts.items())
    posts = [{party: own[at] for party, own in sides if at < len(own)} for at in range(len(ranks))]
    return [(rank, there) for rank, there in zip(ranks, posts, strict=True) if there]


def counted(clause: str) -> list[tuple[int, str]]:
    """Return what clause numbers are sorted by, as a reader counts: 4.2 before 4.10."""
    return [(len(part), part) for part in clause.split(".")]


def _quorum_lines(terms: Terms) -> list[str]:
    return [f"  {line.strip()}" for line in terms.quorum.split("\n") if line.strip()]


def _policy_lines(given: policy.Policy) -> list[str]:
    """Each clause as it says, then what it does: custodians sign the Cedar, of which the words are only a telling."""
    written, lines = policy.written(given), []
    for clause, says in policy.clauses(given).items():
        effect, cedar = written[clause]
        lines += [f"{clause} {' '.join(says.split())}", f"  This clause {effect}s. In Cedar:"]
        lines += [f"    {line}".rstrip() for line in cedar.split("\n")]
    return lines


def _kind_lines(name: str, kind: KindTerms) -> list[str]:
    hours = kind.acknowledge_hours
    within = f"{hours} h" if isinstance(hours, int) else ", ".join(f"{code} {each} h" for code, each in hours.items())
    return [
        f"{kind.clause} {kind.title} ({name}): {', '.join(kind.directions)}.",
        f"At most {kind.tlp_ceiling}; kept at most {kind.retention_days} days; acknowledged within {within}.",
        f"Handled, unless its officer says otherwise: {_handled(kind.handling)}.",
        f"With files of {kind.attachments_mib} MiB in all." if kind.attachments_mib else "Without attached files.",
        f"Recalled, where the kind says destroy, within {kind.recall_hours} h: destroyed, or kept on a ground told.",
        f"Second person: {kind.second_person}. "
        + ("It survives a suspension." if kind.survives_suspension else "It does not survive a suspension."),
    ]


def _calling_lines(terms: Terms) -> list[str]:
    """How hotlines are kept, then each of them: its name, when it is kept, and who is rung first, and next."""
    if terms.calling is None:
        return []
    calling, lines = terms.calling, []
    within = ", ".join(f"{urgency} {calling.acknowledge_seconds[urgency]} s" for urgency in get_args(Urgency))
    lines += [
        "",
        f"{calling.clause} Hotlines: a call is opened within {within}; else the next rank of both sides is rung.",
    ]
    if calling.tests:
        lines += [f"Test calls at {', '.join(calling.tests)} UTC, answered within {calling.test_answer_seconds} s."]
    for name, hotline in sorted(terms.hotlines.items()):
        kept = (
            f"from {hotline.hours.replace('-', ' to ')} UTC, else {hotline.after_hours}" if hotline.hours else "always"
        )
        lines += [f"{hotline.title} ({name}), {kept}:"]
        for rank, posts in ranked(hotline, terms.ranks):
            lines += [f"  {rank}: {'; '.join(f'{party} {post}' for party, post in posts.items())}"]
    return [*lines, ""]


def _separation_lines(terms: Terms) -> list[str]:
    """How far planned activities are to be apart, clause by clause."""
    ordered = sorted(terms.deconfliction.items(), key=lambda named: counted(named[1].clause))
    lines = [f"{each.clause} {each.title} ({name}): {_separated(each)}" for name, each in ordered]
    return ["Planned activities of different members, by what they are:", *lines, ""] if lines else []


def _separated(given: Separation) -> str:
    one, other = ("any activity" if each == "any" else each for each in given.between)
    up = "at whatever heights" if given.height_metres is None else f"at most {given.height_metres} m apart in height"
    when = f"less than {given.minutes} min apart in time, or at once" if given.minutes else "at once"
    return (
        f"{one} and {other}, {up}, {when}: "
        f"in conflict at most {given.metres} m apart, near at most {given.near_metres} m apart."
    )


def _notification_lines(terms: Terms) -> list[str]:
    """How long before what is planned is told of, clause by clause."""
    ordered = sorted(terms.notification.items(), key=lambda named: counted(named[1].clause))
    lines = [f"{each.clause} {each.title} ({name}): {_notified(each)}" for name, each in ordered]
    return ["Planned activities are told of beforehand:", *lines, ""] if lines else []


def _limit_lines(terms: Terms) -> list[str]:
    """What is not done near the line, clause by clause."""
    ordered = sorted(terms.limits.items(), key=lambda named: counted(named[1].clause))
    lines = [f"{each.clause} {each.title} ({name}): {_limited(each)}" for name, each in ordered]
    return ["What is not done near the line; a notice of it all the same is marked:", *lines, ""] if lines else []


def _limited(given: Limit) -> str:
    level = f" of the level of {given.from_level} or above" if given.from_level else ""
    armed = ", armed" if given.armed else ""
    return f"{', '.join(given.of)}{level}{armed}, nearer than {given.within_km} km to the line as reported."


def _notified(given: Notification) -> str:
    levels = [f"{given.level_hours[each]} h for the level of {each}" for each in LEVELS if each in given.level_hours]
    short = [f"{given.short_notice_hours} h at short notice"] if given.short_notice_hours else []
    short += (
        [f"an alert within {given.alert_minutes} min of when its troops are told"]
        if given.alert_minutes is not None
        else []
    )
    near = [f"within {given.within_km} km of the line as reported"] if given.within_km else []
    sizes = [f"the level of {given.from_level} or above"] if given.from_level else []
    sizes += [f"{least} {what} or more" for what, least in thresholds(given).items()]
    due = f"; due {', '.join([*near, *([' or '.join(sizes)] if sizes else [])])}" if near or sizes else "; always due"
    before = ", ".join([f"{given.lead_hours} h before", *levels, *short])
    asked = f"; explained within {given.explain_hours} h of being asked" if given.explain_hours else ""
    says = f"; it then says {', '.join(given.says)}" if given.says else ""
    return f"{before}{asked}{due}{says}."


def _step_lines(terms: Terms) -> list[str]:
    """By which steps a clash is talked down, in their order."""
    lines = [f"{each.clause} {each.title} ({name}): {_step(terms, each)}" for name, each in terms.deescalation.items()]
    return ["When a clash has begun, each member:", *lines, ""] if lines else []


def _step(terms: Terms, given: Deescalation) -> str:
    who = f"{given.act}, {terms.ranks[given.rank]}, within {given.within_minutes} min"
    if given.act == "mediate":
        return f"{who}, and only while both consent to it for this incident."
    return f"{who}, by {given.guarantor}." if given.guarantor else f"{who}."


def _handled(given: Defaults) -> str:
    basis = [f"on the basis of {given.legal_basis}"] if given.legal_basis else []
    caveats = [f"caveat: {caveat}" for caveat in given.caveats]
    marks = [given.tlp, *given.codes, f"for {given.purpose}", *basis, f"for {given.expires_days} days", *caveats]
    return ", ".join(marks)


def _made_up(question: Question, terms: Terms) -> Record:
    """Return a record that holds nothing and is handled as asked; a notice, as all are. Raises `Invalid`."""
    kind = Kind(question.kind.partition("/")[0], 1, msgspec.Struct, "stands", "A question, never sent.", ())
    audience = tuple(sorted(set(question.audience)))
    fields = Fields(
        id=_QUESTION_ID,
        compact=terms.digest,
        author=Post(question.sender, _QUESTION_POST),
        audience=audience,
        at=question.now.replace(microsecond=0),
        kind=kind.label,
        handling=NOTICE_HANDLING if kind.label in _NOTICES else question.handling,
        refs=_earlier(kind.label, question.sender, audience),
        exercise=question.exercise,
        body=msgspec.Raw(b"{}"),
    )
    return Record(fields, b"", kind, None, question.facts)


def _earlier(label: str, sender: str, audience: tuple[str, ...]) -> tuple[Ref, ...]:
    """Return what a notice cannot do without: the record that it withdraws, or those that it is about."""
    if label == WITHDRAWAL.label:
        return (Ref("withdraws", sender, _EARLIER_ID),)
    return tuple(Ref("about", party, _EARLIER_ID) for party in audience) if label in _NOTICES else ()
