"""How a text becomes binding, and how it stops: signatures of custodians on the text, and acts upon it.

A compact binds when the custodians of every member, a threshold of each, have signed the same bytes. Stopping is quick:
a suspension needs one signature of the member's node. Starting again, and ending, is deliberate: its custodians sign.
An amendment neither lifts a suspension nor takes back a notice: those who signed it may have done so before either.
Acts are therefore about the compact and not one text of it: each counts whatever came first, itself or an amendment,
and whenever it came (decision 28), so that two nodes which have the same papers are in the same state.
An act is what it says, not who signed it: signed anew, by custodians who took over, it is the same act (decision 28).
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated, Final, Literal

import msgspec

from amanat.compact.check import State
from amanat.compact.terms import Terms, parse
from amanat.party import canonical, dsse, labels
from amanat.party.errors import Invalid, Refused
from amanat.party.fingerprint import fingerprint
from amanat.party.manifest import Manifest, record_keys
from amanat.party.types import Digest, Line, PartyCode, Time, require_utc

AHEAD: Final = timedelta(days=1)
"""How far in the future an act may be dated: clocks differ, calendars do not."""
LEAP: Final = 1000
"""How far a suspension's serial may leap above what custodians signed: a node's key could else be used to use them up.

Counted from custodians alone, so that whoever has their last act can judge any suspension without those before it.
"""
UNDERWAY: Final = timedelta(days=14)
"""How old a notice may be when it arrives without being remarked: what is older is short for those it is given to."""

Serial = Annotated[int, msgspec.Meta(ge=1, le=2**53)]


class Act(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What one member does about the compact. `compact` is the digest of its text; `serial` counts upwards."""

    compact: Digest
    party: PartyCode
    serial: Serial
    act: Literal["suspend", "resume", "end"]
    at: Time
    reason: Line

    def __post_init__(self) -> None:
        require_utc(self.at, "at")


def accept_compact(data: bytes, manifests: Mapping[str, Manifest], held: Terms | None) -> Terms:
    """Return the terms of a compact that every member signed.

    `held` is the version held so far, which this one amends, or None when joining. One between the two may be missing:
    who got it only after a member changed its custodians could never take it in, and all sign the later one too. Raises
    `Invalid` for bytes that are no such statement, `Refused` when a root differs, a signature is missing or it does not
    follow the version held.
    """
    statement = dsse.parse(data, labels.COMPACT, "compact")
    terms = parse(statement.body())
    _check_follows(terms, held)
    waiting = missing(statement, manifests, held)
    if waiting:
        raise Refused(
            "compact.unsigned",
            f"{terms.id} version {terms.version} still lacks the custodians of {', '.join(waiting)}.",
            "Collect their signatures on the same file.",
            by="every member signs",
        )
    return terms


def missing(statement: dsse.Statement, manifests: Mapping[str, Manifest], held: Terms | None = None) -> tuple[str, ...]:
    """Return the members whose custodians have not yet signed in number; an amendment needs also those it leaves out.

    Raises `Refused` when a party's manifest is not held or its root is not the one the text names.
    """
    terms = parse(statement.body())
    for party in terms.parties:
        _check_root(terms, party, manifests)
    needed = sorted({*terms.members, *(held.members if held else ())})
    return tuple(party for party in needed if not custodians_signed(statement, manifests[party], "compact"))


def read_act(data: bytes) -> Act:
    """Read an act; its signatures are not checked. Raises `Invalid`."""
    return canonical.decode(dsse.parse(data, labels.ACT, "act").body(), Act, "act")


def accept_act(
    data: bytes, versions: Sequence[Terms], manifests: Mapping[str, Manifest], held: Sequence[Act], now: datetime
) -> Act:
    """Return an act that its member may do now. Raises `Invalid` or `Refused`.

    `versions` are the texts of the compact that are held, of which the last is in force; `held` are the acts accepted
    so far, about any of them, or those of them that count.
    """
    act = read_act(data)
    terms = next((text for text in versions if text.digest == act.compact), None)
    if terms is None:
        raise Refused(
            "act.compact",
            f"The act is about the text {act.compact[:16]}; {versions[-1].id} is at {versions[-1].digest[:16]}.",
            "Sign it for the text in force.",
            by="compact version",
        )
    if act.party not in terms.members:
        raise Refused("act.party", f"{act.party} is no member of {terms.id}.", "Only members act.", by="members act")
    _check_serial(act, held)
    _check_date(act, now)
    require_signed(data, manifests)
    return act


def require_signed(data: bytes, manifests: Mapping[str, Manifest]) -> None:
    """Raise `Refused` unless those who may do the act now signed it, `Invalid` for a signature that fails."""
    act = read_act(data)
    statement, manifest = dsse.parse(data, labels.ACT, "act"), manifests[act.party]
    if custodians_signed(statement, manifest, "act"):
        return
    if act.act == "suspend" and dsse.signers(statement, record_keys(manifest), "act"):
        return
    who = "its node or its custodians" if act.act == "suspend" else "enough of its custodians"
    raise Refused(
        "act.unsigned",
        f"The act {act.act} of {act.party} is not signed by {who}.",
        "Suspending needs the record key; resuming and ending need the custodians' threshold.",
        by="who may act",
    )


def stands(data: bytes, manifests: Mapping[str, Manifest]) -> bool:
    """Whether those who may do the act now signed it; if not, whoever has not had it yet refuses it."""
    try:
        require_signed(data, manifests)
    except (Invalid, Refused):
        return False
    return True


def remark(act: Act, held: Sequence[Act], now: datetime) -> Invalid | None:
    """Return what an act that counts shows against its member all the same, or None; `held` came before it."""
    if any((other.party, other.serial) == (act.party, act.serial) and other != act for other in held):
        return Invalid(
            "act.fork",
            f"{act.party} signed two different acts under number {act.serial}.",
            "Both count, and a suspension before a resumption: ask the party face to face, and let it act anew.",
        )
    if act.act == "end" and act.at < now - UNDERWAY:
        return Invalid(
            "act.late",
            f"{act.party} dated its notice {act.at:%Y-%m-%dT%H:%M:%SZ}, and it came {now:%Y-%m-%dT%H:%M:%SZ}.",
            "It counts from its date all the same: ask the party why, and agree on what is to follow.",
        )
    return None


def in_order(acts: Iterable[Act]) -> list[Act]:
    """Return acts in the order in which they count, whatever the order they came in.

    By their serials; of two under one serial the suspension comes last, so that what is in doubt stays stopped.
    """
    return sorted(acts, key=lambda act: (act.serial, act.act == "suspend"))


def fold(versions: Sequence[Terms], acts: Sequence[Act], now: datetime) -> State:
    """Return a compact's state at `now`, from the acts that were accepted and the dates of its latest text.

    Notice runs for the days of the text it was given under: no amendment makes it longer or shorter. Who is no member
    any more neither stops nor ends what it left.
    """
    terms, today = versions[-1], now.astimezone(UTC).date()
    notice = {text.digest: timedelta(days=text.notice_days) for text in versions}
    counted = [act for act in in_order(acts) if act.party in terms.members]
    if today > terms.ends or any(act.act == "end" and now >= act.at + notice[act.compact] for act in counted):
        return "ended"
    if today < terms.starts:
        return "coming"
    latest = {act.party: act.act for act in counted if act.act != "end"}
    return "suspended" if "suspend" in latest.values() else "active"


def custodians_signed(statement: dsse.Statement, manifest: Manifest, what: str) -> bool:
    """Whether at least the threshold of a party's custodians signed. Raises `Invalid` for a signature that fails."""
    return len(dsse.signers(statement, manifest.root.by_id(), what)) >= manifest.root.threshold


def _check_follows(terms: Terms, held: Terms | None) -> None:
    if held is None:
        return
    next_one = (terms.version, terms.previous) == (held.version + 1, held.digest)
    if terms.id != held.id or not (next_one or terms.version > held.version + 1):
        raise Refused(
            "compact.amendment",
            f"{terms.id} version {terms.version} does not amend {held.id} version {held.version}, which is held.",
            f"An amendment has version {held.version + 1} and previous {held.digest}, or a version above that.",
            by="compact version",
        )


def require_known(party: str, manifests: Mapping[str, Manifest]) -> None:
    """Raise `Refused` when no manifest of a party is held."""
    if party not in manifests:
        raise Refused(
            "compact.manifest",
            f"The manifest of {party} is not held.",
            "Take it in first, its fingerprint compared face to face.",
            by="every party is known",
        )


def _check_root(terms: Terms, party: str, manifests: Mapping[str, Manifest]) -> None:
    require_known(party, manifests)
    if fingerprint(manifests[party].root).hex() != terms.roots[party]:
        raise Refused(
            "compact.root",
            f"{terms.id} names the root {terms.roots[party][:16]} for {party}; its manifest has another.",
            "Compare fingerprints face to face, then correct the text or the manifest.",
            by="every party is known",
        )


def custodians_last(acts: Iterable[Act]) -> list[Act]:
    """Return the one of the highest serial among a member's acts that only custodians can sign, if there is any."""
    signed = [act for act in acts if act.act != "suspend"]
    return [max(signed, key=lambda act: act.serial)] if signed else []


def _check_serial(act: Act, held: Sequence[Act]) -> None:
    """Refuse a suspension numbered far above its custodians' last act. They read the number that they sign."""
    last = next((each.serial for each in custodians_last(each for each in held if each.party == act.party)), 0)
    if act.act == "suspend" and act.serial > last + LEAP:
        raise Refused(
            "act.serial",
            f"Custodians of {act.party} acted last under number {last}; this suspension has number {act.serial}.",
            f"Sign it with number {last + LEAP} at most, or let its custodians act first.",
            by="acts count upwards",
        )


def _check_date(act: Act, now: datetime) -> None:
    """Refuse what is dated ahead. What came late counts: another node may have had it in time."""
    if act.at > now + AHEAD:
        raise Refused(
            "act.date",
            f"The act is dated {act.at:%Y-%m-%dT%H:%M:%SZ}, and it is {now:%Y-%m-%dT%H:%M:%SZ}.",
            "Date it today, or wait until then; notice is counted from its date.",
            by="nothing is done ahead of its time",
        )
