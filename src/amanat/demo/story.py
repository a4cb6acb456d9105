"""The honest part of the story: a ceremony, reports both ways by stick, receipts, witnesses, a withdrawal, an audit.

Law: each chapter does the real thing, tells it in plain words, and returns whether all it claims held.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from amanat.demo import folders
from amanat.demo.cast import (
    CUSTODIANS,
    NAMES,
    THRESHOLD,
    Cast,
    carry,
    compact_text,
    introduce,
    join_all,
    make_party,
    sign_compact,
)
from amanat.demo.desk import ATTACHED, file_came, inbox_lines, refused_for_observer, send_all, send_person
from amanat.demo.screen import check, fact, heading
from amanat.exchange.accept import Accepted
from amanat.exchange.erasure import erase_due
from amanat.exchange.means import begin
from amanat.exchange.receive import Report
from amanat.exchange.send import Pending
from amanat.exchange.withdraw import withdraw
from amanat.party.fingerprint import fingerprint, words
from amanat.record.notices import Withdrawal
from amanat.record.record import Post
from amanat.store import listing

Routes = Sequence[tuple[str, str]]

# Who hands whom a stick. First the states alone; then, with the observer, in a star: what it countersigned goes back to
# both, and from each of them, as a final receipt, to the other.
STATES = (("pk", "af"), ("af", "pk"), ("pk", "af"))
STAR = (("pk", "obs"), ("af", "obs"), ("obs", "pk"), ("obs", "af"), *STATES)
TOLD = {
    "envelope": ("envelope", "envelopes"),
    "receipt": ("receipt", "receipts"),
    "cosignature": ("log countersigned", "logs countersigned"),
}


@dataclass(frozen=True, slots=True)
class Sent:
    """What the two states sent: all of it, the report that will be withdrawn, and the one with a file."""

    all: tuple[Pending, ...]
    regretted: Pending
    with_file: Pending


def ceremony(folder: Path, console: Console) -> Cast:
    """Make three parties, have them compare fingerprints and sign the compact."""
    heading(console, "1", "Three parties, each on its own")
    cast = {}
    for code in NAMES:
        cast[code] = make_party(code, folder / code)
        fact(console, f"{code:<4}{CUSTODIANS} custodians, any {THRESHOLD} of whom are the party; a node of its own")
    fact(console, "Every key file is sealed by Argon2id and AES-256-GCM.")
    heading(console, "2", "Face to face: the words of each root, read out and compared")
    for code, actor in cast.items():
        spoken = words(fingerprint(actor.manifest.root))
        half = len(spoken) // 2
        fact(console, f"{code:<4}{' '.join(spoken[:half])}")
        fact(console, f"{'':<4}{' '.join(spoken[half:])}")
    introduce(cast)
    heading(console, "3", "The compact, signed byte for byte")
    text = compact_text(cast)
    (folder / "compact.toml").write_bytes(text)
    statement = sign_compact(cast, text)
    (folder / "compact.json").write_bytes(statement)
    terms = join_all(cast, statement)
    fact(console, f"{terms.id}, version {terms.version}: {terms.title}.")
    fact(console, f"SHA-256 {terms.digest}")
    fact(console, f"Signed by {THRESHOLD} custodians of each party; every record carries its digest,")
    fact(console, "and with it the without-prejudice clause.")
    return cast


def reports(cast: Cast, console: Console) -> tuple[Sent, bool]:
    """Send reports both ways; one needs a second person, and one is refused at home."""
    heading(console, "4", "Reports, from public data on incidents and groups")
    pk, af = send_all(cast["pk"], "af"), send_all(cast["af"], "pk")
    fact(console, f"pk writes {len(pk)} reports, af {len(af)}; one of each is for the observer.")
    fact(console, "Floors and compact are asked about each, and agree.")
    by = refused_for_observer(cast["pk"])
    held, approved = send_person(cast["pk"], "af")
    fact(console, f"One names an invented person (exercise): held, {held.digest[:16]}….")
    fact(console, f"A file goes with it, {ATTACHED}, sealed in chunks under a key of its own.")
    fact(console, f"A second post approves exactly those bytes; they stand in pk's log at {approved.log_index}.")
    told = f"The same report for the observer never leaves: {by}."
    return Sent((*pk, *af, approved), pk[1], approved), check(console, told, holds=by is not None)


def sticks(cast: Cast, folder: Path, routes: Routes, console: Console) -> bool:
    """Carry a bundle on each route, and tell what was in it; return whether all of it was taken in."""
    holds = True
    for sender, recipient in routes:
        report = _hand_over(cast, folder, sender, recipient)
        counts = ((what, report.items[type_]) for type_, what in TOLD.items())
        told = ", ".join(f"{count} {one if count == 1 else more}" for (one, more), count in counts if count)
        holds &= check(console, f"{sender} to {recipient}: {told}", holds=_whole(report))
    return holds


def settle(cast: Cast, folder: Path, console: Console) -> bool:
    """Carry sticks all ways until nothing waits, told in one line; return whether all of it was taken in."""
    whole = [_whole(_hand_over(cast, folder, *route)) for route in (*STAR, *STAR)]
    return check(console, f"{len(whole)} more sticks: nothing refused, nothing missing", holds=all(whole))


def exchange(cast: Cast, sent: Sent, folder: Path, console: Console) -> bool:
    """Carry everything by stick, have the observer audit and countersign, and see every receipt become final."""
    bundles = folder / "bundles"
    bundles.mkdir()
    heading(console, "5", "By stick: bundles out and in, receipts back")
    holds = sticks(cast, bundles, STATES, console)
    states = _states(cast, sent, {"pk", "af"})
    verified = f"{states.count('provisional')} of {len(states)} receipts verified"
    told = f"{verified}: provisional, each in the other log."
    holds &= check(console, told, holds=set(states) == {"provisional"})
    told = f"{ATTACHED} came whole, with the SHA-256 that pk signed."
    holds &= check(console, told, holds=file_came(cast["af"], sent.with_file))
    heading(console, "6", "The observer audits both logs, and all countersign")
    for code in ("pk", "af"):
        size = folders.export_log(cast[code], folder / "logs" / code)
        audited = folders.audit_folder(folder / "logs" / code)
        told = f"obs recomputes the log of {code}: {audited.size} entries, root {audited.root.hex()[:16]}…"
        holds &= check(console, told, holds=audited.size == size)
    holds &= sticks(cast, bundles, STAR, console)
    holds &= settle(cast, bundles, console)
    states = _states(cast, sent, {"pk", "af", "obs"})
    told = f"{states.count('final')} of {len(states)} receipts final: countersigned by all others."
    return holds & check(console, told, holds=set(states) == {"final"})


def withdrawal(cast: Cast, sent: Sent, folder: Path, console: Console) -> bool:
    """Withdraw a report, have both destroy it, and look for it in the raw files."""
    heading(console, "7", "One report withdrawn, and destroyed")
    pk, af, record = cast["pk"], cast["af"], sent.regretted.record
    withdraw(record.fields.id, Withdrawal("mistaken"), Post("pk", "torkham/duty"), pk.means)
    fact(console, f"pk withdraws {record.fields.id[:13]}… as mistaken.")
    _hand_over(cast, folder / "bundles", "pk", "af")
    gone = [each for actor in (af, pk) for each in erase_due(actor.means) if each.id == record.fields.id]
    report = _hand_over(cast, folder / "bundles", "af", "pk")
    word = [each for each in report.outcomes if isinstance(each, Accepted) and "destroyed" in each.kind]
    content = bytes(record.fields.body)[:200]
    files = [path for actor in (pk, af) for path in actor.folder.glob("node.sqlite*")]
    left = [path.name for path in files if content in path.read_bytes()]
    holds = [
        check(console, "Both destroyed content, content key and wraps.", holds=len(gone) == len((pk, af))),
        check(console, "No byte of it is left in either database file.", holds=not left),
        check(console, "af's signed word that it destroyed it stands in pk's log.", holds=bool(word)),
    ]
    return settle(cast, folder / "bundles", console) and all(holds)


def desk(cast: Cast, console: Console) -> None:
    """Show what the duty officers find in the morning."""
    heading(console, "8", "What the desks show")
    for code in NAMES:
        lines = inbox_lines(cast[code])
        fact(console, f"{code} has {len(lines)} records of others:", "bold")
        for line in lines:
            fact(console, f"  {line}")


def proofs(cast: Cast, folder: Path, console: Console) -> bool:
    """Publish every log with its key and policy, write out every receipt, and check all from these files alone."""
    heading(console, "9", "Given away: logs and receipts that anyone can check")
    holds = True
    for code, actor in cast.items():
        size = folders.export_log(actor, folder / "logs" / code)
        audited = folders.audit_folder(folder / "logs" / code)
        told = f"logs/{code}: {size} entries, every tile and the signed root recomputed."
        holds &= check(console, told, holds=audited.size == size)
    receipts = folders.export_receipts(cast, folder / "receipts")
    checked = [folders.check_receipt(path, folder / "logs" / f"{owner}.policy") for path, owner in receipts]
    final = sum(each.quorum for each in checked)
    told = f"receipts/: {len(checked)} verified from their files alone; {final} final."
    return holds & check(console, told, holds=bool(checked) and final == len(checked))


def _hand_over(cast: Cast, folder: Path, sender: str, recipient: str) -> Report:
    """Carry one stick; its bundle stays in the folder, numbered."""
    number = len(list(folder.iterdir())) + 1
    return carry(cast, sender, recipient, folder / f"{number:02}-{sender}-to-{recipient}.bundle")


def _whole(report: Report) -> bool:
    """Whether every item of a bundle held, every envelope was accepted, and none is missing."""
    accepted = all(isinstance(outcome, Accepted) for outcome in report.outcomes)
    return accepted and not report.problems and not report.gaps


def _states(cast: Cast, sent: Sent, recipients: set[str]) -> list[str]:
    """Return how the delivery of all that was sent to these recipients stands."""
    states = []
    for each in sent.all:
        with begin(cast[each.record.fields.author.party].means) as turn:
            deliveries = listing.deliveries(turn.tx, each.digest)
        states += [delivery.state for delivery in deliveries if delivery.recipient in recipients]
    return states
