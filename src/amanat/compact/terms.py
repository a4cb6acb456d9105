"""The compact as data: one TOML text, read as `Terms`, signed byte for byte by every member.

Law: what is ambiguous, unknown or could never be kept is refused here, with line and key, before anybody signs it.
Kinds stand by name without version ("intelligence.report"): people agree on a subject, and a later form of its body
needs no new ceremony; what a body may never carry is the floors' affair, and they read the body itself.
"""

import hashlib
import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import get_args

import msgspec

from amanat.compact import deescalation, hotline, limits, policy, quorum
from amanat.compact.form import (
    Calling,
    Cedar,
    Deescalation,
    Document,
    Form,
    Header,
    Hotline,
    KindTerms,
    Ladder,
    Member,
    Observer,
    Planned,
    Separation,
    Source,
    Suspension,
    Witnessing,
    fit,
    line,
    name_of,
)
from amanat.compact.limits import Limit
from amanat.compact.notification import Notification, flaws
from amanat.compact.position import line_of, written
from amanat.compact.text import read_text, read_toml
from amanat.party.errors import Invalid
from amanat.record.handling import STRICTNESS, Handling
from amanat.record.record import MAX_AUDIENCE

LOGS = "logs"
MAX_PARTIES = MAX_AUDIENCE + 1
NO_ROOT = "0" * 64
"""What stands in an example where the fingerprint of a party's root keys belongs."""

_PARTY = (r"[a-z][a-z0-9-]{1,15}", "pk")
_CODE = (r"[a-z][a-z0-9-]{1,47}", "counter-terrorism")
_HOTLINE = (r"[a-z][a-z0-9-]{1,47}", "kurram")
_SEPARATION = (r"[a-z][a-z0-9-]{1,47}", "blasting")
_STEP = (r"[a-z][a-z0-9-]{1,47}", "cease")
_LIMIT = (r"[a-z][a-z0-9-]{1,47}", "exercises")
_NOTIFICATION = ("|".join(get_args(Planned)), "works")
_KIND = (r"(?!record\.)[a-z]+\.[a-z]+(-[a-z]+)*", '"intelligence.report"')


class Terms(Header, frozen=True, kw_only=True):
    """A compact as read: its header, tables by name, the exact text and its SHA-256 in hex."""

    text: bytes
    digest: str
    members: Mapping[str, Member]
    observers: Mapping[str, Observer]
    kinds: Mapping[str, KindTerms]
    purposes: Mapping[str, str]
    legal_bases: Mapping[str, str]
    ranks: tuple[str, ...]
    calling: Calling | None
    hotlines: Mapping[str, Hotline]
    deconfliction: Mapping[str, Separation]
    deescalation: Mapping[str, Deescalation]
    notification: Mapping[str, Notification]
    limits: Mapping[str, Limit]
    quorum: str
    suspension: Suspension
    policy: policy.Policy

    @property
    def parties(self) -> tuple[str, ...]:
        """Codes of all members and observers, sorted."""
        return tuple(sorted([*self.members, *self.observers]))

    @property
    def roots(self) -> Mapping[str, str]:
        """The fingerprint of each party's root keys, in hex, by party."""
        members = {code: member.root for code, member in self.members.items()}
        return members | {code: observer.root for code, observer in self.observers.items()}

    @property
    def witnesses(self) -> tuple[str, ...]:
        """Codes of those who see the logs and so can countersign them: members, and observers whose `sees` says so."""
        return tuple(party for party in self.parties if self.sees(party, LOGS))

    def sees(self, party: str, what: str) -> bool:
        """Whether a party may see "logs" or a kind at all: a member may, an observer what its `sees` lists."""
        return party in self.members or (party in self.observers and what in self.observers[party].sees)


def parse(data: bytes) -> Terms:
    """Read a compact. Raises `Invalid` naming line, key, what stands there and what is allowed."""
    source = Source(read_text(data))
    document = fit(source, (), read_toml(source.text), Document)
    header = fit(source, ("compact",), document.compact, Header)
    cedar = fit(source, ("policy",), document.policy, Cedar)
    members = _tables(source, "members", document.members, Member, _PARTY)
    observers = _tables(source, "observers", document.observers, Observer, _PARTY)
    kinds = _tables(source, "kinds", document.kinds, KindTerms, _KIND)
    terms = Terms(
        **msgspec.structs.asdict(header),
        text=data,
        digest=hashlib.sha256(data).hexdigest(),
        members=members,
        observers=observers,
        kinds=kinds,
        purposes=_words(source, "purposes", document.purposes),
        legal_bases=_words(source, "legal_bases", document.legal_bases),
        ranks=fit(source, ("ladder",), document.ladder, Ladder).ranks,
        calling=fit(source, ("calling",), document.calling, Calling) if document.calling is not None else None,
        hotlines=_tables(source, "hotlines", document.hotlines, Hotline, _HOTLINE),
        deconfliction=_tables(source, "deconfliction", document.deconfliction, Separation, _SEPARATION),
        deescalation=_tables(source, "deescalation", document.deescalation, Deescalation, _STEP),
        notification=_tables(source, "notification", document.notification, Notification, _NOTIFICATION),
        limits=_tables(source, "limits", document.limits, Limit, _LIMIT),
        quorum=fit(source, ("witnessing",), document.witnessing, Witnessing).quorum,
        suspension=fit(source, ("suspension",), document.suspension, Suspension),
        policy=policy.Policy(cedar.cedar, (*members, *observers), tuple(kinds)),
    )
    for wrong in _wrong(source, terms):
        raise wrong
    return terms


def defaults(terms: Terms, kind: str, now: datetime) -> Handling:
    """Return the handling the compact gives a kind ("intelligence.report", with or without "/1").

    A hurried officer need not think; a report naming a person asks for more. Raises `Invalid` for a kind not listed.
    """
    name = kind.partition("/")[0]
    if name not in terms.kinds:
        raise Invalid(
            "compact.kind",
            f"The compact {terms.id} has no kind {name!r}.",
            f"It has: {', '.join(sorted(terms.kinds))}.",
        )
    return _handling(terms.kinds[name], now)


def fill(data: bytes, roots: Mapping[str, str]) -> bytes:
    """Return the text with each party's root fingerprint (64 hex digits) where 64 zeros stood. Raises `Invalid`."""
    text = read_text(data)
    read_toml(text)  # only what is TOML has tables to look for
    lines = text.split("\n")
    for party, root in roots.items():
        places = [line_of("\n".join(lines), (section, party, "root")) - 1 for section in ("members", "observers")]
        place = next((each for each in places if NO_ROOT in lines[each]), None)
        if place is None:
            raise Invalid(
                "compact.placeholder",
                f"The compact has no root of 64 zeros for {party}.",
                f"Write the fingerprint into the table of {party} by hand.",
            )
        lines[place] = lines[place].replace(NO_ROOT, root)
    return "\n".join(lines).encode()


def _handling(kind: KindTerms, now: datetime) -> Handling:
    given = kind.handling
    return Handling(
        tlp=given.tlp,
        purpose=given.purpose,
        codes=given.codes,
        legal_basis=given.legal_basis,
        caveats=given.caveats,
        expires=now.replace(microsecond=0) + timedelta(days=given.expires_days),
    )


def _tables(
    source: Source, section: str, tables: Mapping[str, object], form: type[Form], names: tuple[str, str]
) -> dict[str, Form]:
    """Read a section of named tables; `names` is the pattern of their names and an example."""
    return {
        name_of(source, (section, name), names): fit(source, (section, name), table, form)
        for name, table in tables.items()
    }


def _words(source: Source, section: str, words: Mapping[str, object]) -> dict[str, str]:
    """Read a closed list: code = "plain words"."""
    return {
        name_of(source, (section, code), _CODE): line(source, (section, code), plain) for code, plain in words.items()
    }


def _wrong(source: Source, terms: Terms) -> Iterator[Invalid]:
    """Name what fits its form and cannot stand, in the order a reader meets it."""
    yield from _wrong_header(source, terms)
    yield from _wrong_parties(source, terms)
    for name, kind in terms.kinds.items():
        yield from _wrong_kind(source, terms, name, kind)
    yield from hotline.wrong_calling(source, terms.calling, terms.hotlines, _numbers(terms))
    for name in terms.hotlines:
        yield from hotline.wrong(source, name, terms.hotlines, terms.members, terms.ranks)
    yield from _wrong_planned(source, terms)
    yield from limits.wrong(source, terms.limits, _numbers(terms))
    yield from deescalation.wrong(source, terms.deescalation, terms.ranks, _numbers(terms))
    for path, text in ((("witnessing", "quorum"), terms.quorum), (("policy", "cedar"), terms.policy.text)):
        if not written(source.text, path, text):
            yield source.wrong(
                path,
                "an escape makes it read otherwise than it is written",
                "Write key = and the text between ''' and ''', as both people and nodes are to read it.",
            )
    flaw = quorum.flaw(terms.quorum, terms.witnesses, terms.parties)
    if flaw:
        yield Invalid("compact.quorum", f"{source.at('witnessing', 'quorum')}: {flaw}.", "Name other groups.")
    flaw = policy.flaw(terms.policy, {"", *terms.parties, *terms.purposes, *terms.legal_bases})
    if flaw:
        yield Invalid("compact.policy", f"{source.at('policy', 'cedar')}: {flaw}.", "Mend the policies, then sign.")
    taken = _numbers(terms)
    for clause in policy.clauses(terms.policy):
        if clause in taken:
            yield source.wrong(("policy", "cedar"), f"clause {clause} stands twice", "Number each clause once.")


def _numbers(terms: Terms) -> list[str]:
    """Return the clause numbers that stand outside the policies."""
    calling = [terms.calling.clause] if terms.calling else []
    separations = (each.clause for each in terms.deconfliction.values())
    steps = (each.clause for each in terms.deescalation.values())
    notifications = (each.clause for each in terms.notification.values())
    limited = (each.clause for each in terms.limits.values())
    kinds = (each.clause for each in terms.kinds.values())
    return [terms.suspension.clause, *calling, *separations, *steps, *notifications, *limited, *kinds]


def _wrong_header(source: Source, terms: Terms) -> Iterator[Invalid]:
    if (terms.version == 1) != (terms.previous is None):
        yield source.wrong(
            ("compact", "version"),
            "only the first version amends none",
            "Version 1 has no previous; every later one has the digest of the version before it.",
        )
    if terms.ends <= terms.starts:
        yield source.wrong(("compact", "ends"), "it ends before it starts", "Set ends to a later day than starts.")


def _wrong_parties(source: Source, terms: Terms) -> Iterator[Invalid]:
    if len(terms.parties) > MAX_PARTIES:
        yield source.wrong(
            ("members",),
            f"there are {len(terms.parties)} parties",
            f"At most {MAX_PARTIES}, as many as a record is for.",
        )
    if len(terms.members) == 1:
        yield source.wrong(("members",), "there is one member", "A compact is made by two or more.")
    named = [root for root in terms.roots.values() if root != NO_ROOT]
    if len(set(named)) < len(named):
        yield source.wrong(("members",), "two parties have one root", "Each party has custodians of its own.")
    administered = [country for member in terms.members.values() for country in member.administers]
    for country in administered:
        if administered.count(country) > 1:
            yield source.wrong(("members",), f"{country} is administered twice", "Leave it with one member (floor 6).")
    for party, observer in terms.observers.items():
        if party in terms.members:
            yield source.wrong(("observers", party), "it is a member too", "An observer does not sign; choose one.")
        for what in observer.sees:
            if what != LOGS and what not in terms.kinds:
                yield source.wrong(
                    ("observers", party, "sees"),
                    f"{what!r} is no kind of this compact",
                    f"Allowed: {LOGS}, {', '.join(sorted(terms.kinds))}.",
                )


def _wrong_kind(source: Source, terms: Terms, name: str, kind: KindTerms) -> Iterator[Invalid]:
    path, given = ("kinds", name), kind.handling
    if _numbers(terms).count(kind.clause) > 1:
        yield source.wrong((*path, "clause"), f"clause {kind.clause} stands twice", "Number each clause once.")
    for direction in kind.directions:
        yield from _wrong_direction(source, terms, name, direction)
    if STRICTNESS[given.tlp] > STRICTNESS[kind.tlp_ceiling]:
        yield source.wrong((*path, "handling", "tlp"), "it is above the ceiling", f"At most {kind.tlp_ceiling}.")
    if given.expires_days > kind.retention_days:
        yield source.wrong(
            (*path, "handling", "expires_days"), "it outlives the retention", f"At most {kind.retention_days} days."
        )
    for key, code, allowed in (
        ("purpose", given.purpose, terms.purposes),
        ("legal_basis", given.legal_basis, terms.legal_bases),
    ):
        if code is not None and code not in allowed:
            yield source.wrong(
                (*path, "handling", key), f"{code!r} is not listed", f"Allowed: {', '.join(sorted(allowed))}."
            )
    try:
        _handling(kind, datetime.fromisoformat("2026-01-01T00:00:00+00:00"))
    except Invalid as error:
        yield source.wrong((*path, "handling"), error.says.removesuffix("."), error.mend)


def _wrong_direction(source: Source, terms: Terms, name: str, direction: str) -> Iterator[Invalid]:
    path = ("kinds", name, "directions")
    ends = re.fullmatch(rf"({_PARTY[0]}) > ({_PARTY[0]})", direction)
    if ends is None or ends[1] == ends[2] or not {ends[1], ends[2]} <= set(terms.parties):
        parties = ", ".join(terms.parties)
        yield source.wrong(path, f"{direction!r} is no direction", f'Write "a > b", each one of: {parties}.')
    else:
        for party in ends.groups():
            if not terms.sees(party, name):
                yield source.wrong(
                    path, f"in {direction!r} {party} does not see this kind", f"List it in observers.{party}.sees."
                )


def _wrong_planned(source: Source, terms: Terms) -> Iterator[Invalid]:
    for name, separation in terms.deconfliction.items():
        yield from _wrong_separation(source, terms, name, separation)
    for name, notification in terms.notification.items():
        yield from _wrong_notification(source, terms, name, notification)


def _wrong_separation(source: Source, terms: Terms, name: str, separation: Separation) -> Iterator[Invalid]:
    path = ("deconfliction", name)
    if _numbers(terms).count(separation.clause) > 1:
        yield source.wrong((*path, "clause"), f"clause {separation.clause} stands twice", "Number each clause once.")
    if separation.near_metres < separation.metres:
        yield source.wrong(
            (*path, "near_metres"), "what is in conflict would not be near", f"At least {separation.metres} metres."
        )
    if not {*get_args(Planned), "any"}.intersection(separation.between):
        yield source.wrong((*path, "between"), "neither of the two is planned by anybody", "Let one be.")


def _wrong_notification(source: Source, terms: Terms, name: str, agreed: Notification) -> Iterator[Invalid]:
    path = ("notification", name)
    if _numbers(terms).count(agreed.clause) > 1:
        yield source.wrong((*path, "clause"), f"clause {agreed.clause} stands twice", "Number each clause once.")
    for key, says, mend in flaws(name, agreed):
        yield source.wrong((*path, key), says, mend)
