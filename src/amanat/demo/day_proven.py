"""After the day, in the story: the observer, who saw none of it, proves all of it from what the two states hand over.

Law: nothing here asks a node of theirs anything: all is found from two static logs, and from envelopes and receipts
that stay sealed to who is not their reader.
"""

import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from amanat.demo import folders
from amanat.demo.day import Day
from amanat.demo.forms import seen
from amanat.demo.nodes import eventually
from amanat.demo.screen import check, fact, heading
from amanat.exchange.means import Turn
from amanat.log.checkpoint import Checkpoint
from amanat.log.malformed import Malformed
from amanat.log.policy import Verified
from amanat.log.proof import consistency_proof, inclusion_proof, verify_consistency, verify_inclusion
from amanat.log.tiles import TILE_WIDTH, HashReader, entries_path, parse_entries, tile_path
from amanat.log.tree import leaf_hash
from amanat.store import listing


@dataclass(frozen=True, slots=True)
class Begun:
    """The logs of the two states as they were given out before the day."""

    logs: Mapping[str, Checkpoint]

    @property
    def sizes(self) -> Mapping[str, int]:
        """How many entries each had."""
        return {code: each.size for code, each in self.logs.items()}


def begun(day: Day) -> Begun:
    """Let both states give out their logs before the day, and the observer keep what they signed."""
    folder = day.folder / "before"
    logs = dict[str, Checkpoint]()
    for side in day.sides:
        folders.export_log(side, folder / side.code)
        logs[side.code] = folders.audit_folder(folder / side.code)
    return Begun(logs)


def proven(day: Day, before: Begun) -> bool:
    """Prove the day from the two logs; return whether all of it stands there, and nothing else passes for it."""
    heading(day.console, "8", "The observer, who saw none of it, proves the day from the two logs")
    day.nodes.start("obs")
    eventually(lambda: all(_answered(day, code) for code in before.logs))
    held = {code: folders.export_log(day.cast[code], day.folder / code) for code in before.logs}
    sent = {code: day.cast[code] for code in before.logs}
    receipts = folders.export_receipts(sent, day.folder / "records", before.sizes)
    fact(day.console, f"Handed over in {day.folder.name}/: two logs, {len(receipts)} envelopes with their receipts.")
    holds = all(_follows(day, code, before.logs[code]) for code in held)
    holds = check(day.console, "Both logs go on from what they signed before the day.", holds=holds)
    checked = [_stands(day, path, owner) for path, owner in receipts]
    told = f"All {len(checked)} stand in the sender's log and the recipient's, countersigned by all others."
    holds &= check(day.console, told, holds=bool(checked) and all(each is not None and each.quorum for each in checked))
    told = "Neither log grew by anything else but what the observer's own log has: nothing was left out."
    holds &= check(day.console, told, holds=complete(day, before, [path for path, _ in receipts]))
    return holds & _tampered(day, receipts[-1][0])


def complete(day: Day, before: Begun, receipts: Iterable[Path]) -> bool:
    """Whether every entry since before the day is that of an envelope handed over, or stands in the observer's log."""
    folders.export_log(day.cast["obs"], day.folder / "obs")
    handed = {sha256(each.with_suffix(folders.ENVELOPE).read_bytes()).digest() for each in receipts}
    known = handed.union(_entries(day.folder / "obs"))
    return all(known.issuperset(_entries(day.folder / code)[size:]) for code, size in before.sizes.items())


def _answered(day: Day, code: str) -> bool:
    """Whether all receipts are final for what a party sent."""

    def states(turn: Turn) -> set[str]:
        sent = listing.listing(turn.tx, code, listing.Search(own=True))
        return {each.state for row in sent for each in listing.deliveries(turn.tx, row.envelope)}

    return seen(day.cast[code], states) <= {"final"}


def _follows(day: Day, code: str, before: Checkpoint) -> bool:
    """Whether a log, recomputed from its entries, goes on from what its checkpoint signed before the day."""
    log = day.folder / code
    now = folders.audit_folder(log)
    proof = consistency_proof(before.size, now.size, _hashes(log))
    verify_consistency(before.size, before.root, now.size, now.root, proof)
    return now.size > before.size


def _stands(day: Day, receipt: Path, owner: str) -> Verified | None:
    """Return who countersigned an envelope in its recipient's log; None where one of the two logs has it not."""
    sender = receipt.name.partition("-to-")[0]
    entry = sha256(receipt.with_suffix(folders.ENVELOPE).read_bytes()).digest()
    if not all(_included(day.folder / code, entry) for code in (sender, owner)):
        return None
    return folders.check_receipt(receipt, day.folder / f"{owner}.policy")


def _included(log: Path, entry: bytes) -> bool:
    """Whether an entry stands in a log: proved against the root that its checkpoint signs."""
    signed, entries = folders.audit_folder(log), _entries(log)
    if entry not in entries:
        return False
    at = entries.index(entry)
    verify_inclusion(leaf_hash(entry), at, signed.size, inclusion_proof(at, signed.size, _hashes(log)), signed.root)
    return True


def _entries(log: Path) -> list[bytes]:
    """Return the entries that a log's checkpoint signs."""
    size = folders.audit_folder(log).size
    return [each for path in _bundles(log, size) for each in parse_entries(path.read_bytes())]


def _tampered(day: Day, receipt: Path) -> bool:
    """Change one byte of one envelope, and one entry of a log: both are found."""
    sender, _, owner = receipt.stem.rpartition("-")[0].partition("-to-")
    forged = day.folder / "forged"
    envelope = bytearray(receipt.with_suffix(folders.ENVELOPE).read_bytes())
    entry = sha256(envelope).digest()
    envelope[-1] ^= 1
    other = sha256(envelope).digest()
    unknown = not any(_included(day.folder / code, other) for code in (sender, owner))
    shutil.copytree(day.folder / owner, forged / owner)
    shutil.copy(day.folder / f"{owner}.vkey", forged)
    for path in _bundles(forged / owner, folders.audit_folder(day.folder / owner).size):
        path.write_bytes(path.read_bytes().replace(entry, other))
    try:
        folders.audit_folder(forged / owner)
        met = "nothing"
    except Malformed as problem:
        met = problem.code
    shutil.rmtree(forged)
    told = f"One byte changed: its digest stands in neither log; forged into one, it meets {met}."
    return check(day.console, told, holds=unknown and met != "nothing")


def _bundles(log: Path, size: int) -> list[Path]:
    """Return the files of a static log that hold its entries."""
    widths = [min(TILE_WIDTH, size - at) for at in range(0, size, TILE_WIDTH)]
    return [log / entries_path(number, width) for number, width in enumerate(widths)]


def _hashes(log: Path) -> HashReader:
    return lambda level, n, width: (log / tile_path(level, n, width)).read_bytes()
