"""The honest part of the story: a ceremony, reports both ways over the wire, receipts, a cut line, a withdrawal.

Law: each chapter does the real thing, tells it in plain words, and returns whether all it claims held.
"""

import time
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from amanat.demo import folders
from amanat.demo.cast import (
    CUSTODIANS,
    NAMES,
    THRESHOLD,
    Actor,
    Cast,
    compact_text,
    introduce,
    join_all,
    make_party,
    sign_compact,
)
from amanat.demo.desk import ATTACHED, file_came, inbox_lines, refused_for_observer, send_all, send_person
from amanat.demo.lexica import speak
from amanat.demo.nodes import Nodes, eventually
from amanat.demo.screen import check, fact, heading
from amanat.demo.sticks import both_ways
from amanat.demo.trial import send_plain
from amanat.exchange.erasure import erase_due
from amanat.exchange.means import look
from amanat.exchange.send import Pending
from amanat.exchange.withdraw import withdraw
from amanat.party.fingerprint import fingerprint, words
from amanat.record.notices import Withdrawal
from amanat.record.record import Post
from amanat.store import listing


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
    speak(cast)
    fact(console, "Each signs a lexicon: its own names, calendars and time zones.")
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


def serve(nodes: Nodes, console: Console) -> None:
    """Bring the three nodes up."""
    heading(console, "4", "Three nodes, a process each")
    for code, url in nodes.urls.items():
        nodes.start(code)
        fact(console, f"{code:<4}{url}")


def reports(cast: Cast, console: Console) -> tuple[Sent, bool]:
    """Send reports both ways; one needs a second person, and one is refused at home."""
    heading(console, "9", "Reports, from public data on incidents and groups")
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


def live(cast: Cast, sent: Sent, console: Console) -> bool:
    """See everything arrive over the wire, and every receipt become final."""
    heading(console, "10", "Over the wire: there at once, and countersigned")
    begun = time.monotonic()
    arrived = eventually(lambda: set(_states(cast, sent)) <= {"provisional", "final"})
    told = f"All {len(sent.all)} were accepted and proved to stand in their recipients' logs"
    holds = check(console, f"{told} after {time.monotonic() - begun:.1f} s.", holds=arrived)
    came = eventually(lambda: file_came(cast["af"], sent.with_file))
    holds &= check(console, f"{ATTACHED} came whole, with the SHA-256 that pk signed.", holds=came)
    final = eventually(lambda: set(_states(cast, sent)) == {"final"})
    states = _states(cast, sent)
    told = f"{states.count('final')} of {len(states)} receipts final: countersigned by all others."
    return holds & check(console, told, holds=final)


def audited(cast: Cast, folder: Path, console: Console) -> bool:
    """Have the observer recompute the logs of both states from what they publish."""
    holds = True
    for code in ("pk", "af"):
        size = folders.export_log(cast[code], folder / "logs" / code)
        seen = folders.audit_folder(folder / "logs" / code)
        told = f"obs recomputes the log of {code}: {seen.size} entries, root {seen.root.hex()[:16]}…"
        holds &= check(console, told, holds=seen.size == size)
    return holds


def cut(cast: Cast, nodes: Nodes, folder: Path, console: Console) -> bool:
    """Cut pk off; what it says meanwhile goes by stick, and is not there twice when the line is back."""
    bundles = folder / "bundles"
    bundles.mkdir()
    heading(console, "11", "The line is cut: the same by stick")
    nodes.stop("pk")
    fact(console, "pk's node stops. A report that it writes now is carried to af, whose node is up.")
    (pending,) = send_plain(cast["pk"], ["af"])
    holds = both_ways(cast, bundles, console)
    holds &= check(console, "The receipt came back by stick.", holds=_state(cast, pending) in ("provisional", "final"))
    nodes.start("pk")
    final = eventually(lambda: _state(cast, pending) == "final")
    holds &= check(console, "The line is back: the receipt is final.", holds=final)
    there = len([each for each in _inbox(cast["af"]) if each.id == pending.record.fields.id])
    return holds & check(console, "af holds the report once.", holds=there == 1)


def withdrawal(cast: Cast, sent: Sent, console: Console) -> bool:
    """Withdraw a report, have both destroy it, and look for it in the raw files."""
    heading(console, "12", "One report withdrawn, and destroyed")
    pk, af, record = cast["pk"], cast["af"], sent.regretted.record
    withdraw(record.fields.id, Withdrawal("mistaken"), Post("pk", "torkham/duty"), pk.means)
    fact(console, f"pk withdraws {record.fields.id[:13]}… as mistaken.")
    told = eventually(lambda: any(each.id == record.fields.id and each.state == "withdrawn" for each in _inbox(af)))
    gone = [each for actor in (af, pk) for each in erase_due(actor.means) if each.id == record.fields.id]
    word = eventually(lambda: any("destroyed" in each.kind for each in _inbox(pk)))
    content = bytes(record.fields.body)[:200]
    files = [path for actor in (pk, af) for path in actor.folder.glob("node.sqlite*")]
    left = [path.name for path in files if content in path.read_bytes()]
    holds = [
        check(console, "Both destroyed content, content key and wraps.", holds=told and len(gone) == len((pk, af))),
        check(console, "No byte of it is left in either database file.", holds=not left),
        check(console, "af's signed word that it destroyed it stands in pk's log.", holds=word),
    ]
    return all(holds)


def desk(cast: Cast, console: Console) -> None:
    """Show what the duty officers find in the morning."""
    heading(console, "13", "What the desks show")
    for code in NAMES:
        lines = inbox_lines(cast[code])
        fact(console, f"{code} has of others:", "bold")
        for line in lines:
            fact(console, f"  {line}")


def proofs(cast: Cast, folder: Path, console: Console) -> bool:
    """Publish every log with its key and policy, write out every receipt, and check all from these files alone."""
    heading(console, "14", "Given away: logs and receipts that anyone can check")
    holds = True
    for code, actor in cast.items():
        size = folders.export_log(actor, folder / "logs" / code)
        audited = folders.audit_folder(folder / "logs" / code)
        told = f"logs/{code}: {size} entries, every tile and the signed root recomputed."
        holds &= check(console, told, holds=audited.size == size)
    eventually(lambda: all(each == "final" for actor in cast.values() for each in _answered(actor)))
    receipts = folders.export_receipts(cast, folder / "receipts")
    checked = [folders.check_receipt(path, folder / "logs" / f"{owner}.policy") for path, owner in receipts]
    final = sum(each.quorum for each in checked)
    told = f"receipts/: {len(checked)} verified from their files alone; {final} final."
    return holds & check(console, told, holds=bool(checked) and final == len(checked))


def _states(cast: Cast, sent: Sent) -> list[str]:
    """How each delivery of all that was sent stands."""
    states = []
    for each in sent.all:
        with look(cast[each.record.fields.author.party].means) as turn:
            states += [delivery.state for delivery in listing.deliveries(turn.tx, each.digest)]
    return states


def _answered(actor: Actor) -> list[str]:
    """How the deliveries stand of all that a party sent and has not destroyed."""
    with look(actor.means) as turn:
        sent = listing.listing(turn.tx, actor.code, listing.Search(own=True))
        return [each.state for row in sent for each in listing.deliveries(turn.tx, row.envelope)]


def _state(cast: Cast, sent: Pending) -> str:
    """How the delivery of one report of pk to af stands."""
    with look(cast["pk"].means) as turn:
        (delivery,) = listing.deliveries(turn.tx, sent.digest)
    return delivery.state


def _inbox(actor: Actor) -> list[listing.Listed]:
    with look(actor.means) as turn:
        return listing.listing(turn.tx, actor.code, listing.Search(own=False))
