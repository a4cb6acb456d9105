"""What the demo leaves for others' hands: static logs with key and policy beside them, receipts with their envelopes.

Law: whatever is checked here is checked from these files alone, as somebody would who was handed the folder.
"""

from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType

from amanat.demo.cast import COMPACT, Actor, Cast
from amanat.exchange.means import begin
from amanat.exchange.publish import audit_published, publish
from amanat.exchange.receipt import log_key, policy_of
from amanat.log.checkpoint import Checkpoint
from amanat.log.note import parse_vkey, vkey
from amanat.log.policy import Verified, parse_policy, verify_proof
from amanat.log.proof import parse_proof
from amanat.log.tree import leaf_hash
from amanat.store import listing

RECEIPT, ENVELOPE = ".tlog-proof", ".envelope"
_ALL: Mapping[str, int] = MappingProxyType({})


def export_log(actor: Actor, folder: Path) -> int:
    """Write a party's log as a static folder with its verifier key and policy beside it; return its size."""

    def write(path: str, data: bytes) -> None:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)

    with begin(actor.means) as turn:
        origin = turn.known.log_name(actor.code, COMPACT)
        size = publish(turn, origin, write)
        key, policy = log_key(actor.manifest, origin), policy_of(turn.known, COMPACT, actor.code)
    folder.with_name(f"{folder.name}.vkey").write_text(f"{vkey(key)}\n", "utf-8")
    folder.with_name(f"{folder.name}.policy").write_bytes(policy)
    return size


def audit_folder(folder: Path) -> Checkpoint:
    """Audit a static log folder by the verifier key beside it. Raises `Malformed` naming what differs."""
    key = parse_vkey(folder.with_name(f"{folder.name}.vkey").read_text("utf-8").strip())
    return audit_published(lambda path: (folder / path).read_bytes(), key)


def export_receipts(cast: Cast, folder: Path, since: Mapping[str, int] = _ALL) -> list[tuple[Path, str]]:
    """Write every receipt, beside it the envelope unless that was destroyed; return receipt paths and log owners.

    Where `since` names parties, only of what these sent one another since their logs had so many entries.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for code, actor in cast.items():
        with begin(actor.means) as turn:
            for row in reversed(listing.listing(turn.tx, code, listing.Search(own=True))):
                envelope = listing.sealed(turn.tx, row.envelope)
                for delivery in listing.deliveries(turn.tx, row.envelope):
                    left_out = since and (delivery.recipient not in since or row.log_index < since.get(code, 0))
                    if delivery.answer is None or left_out:
                        continue
                    path = folder / f"{code}-to-{delivery.recipient}-{delivery.sequence}"
                    path.with_suffix(RECEIPT).write_bytes(delivery.answer)
                    if envelope is not None:
                        path.with_suffix(ENVELOPE).write_bytes(envelope[0])
                    written.append((path.with_suffix(RECEIPT), delivery.recipient))
    return written


def check_receipt(receipt: Path, policy: Path) -> Verified:
    """Verify a receipt from files alone; where the envelope was destroyed, by the digest the receipt names.

    Raises `Malformed` when it does not hold.
    """
    proof = parse_proof(receipt.read_bytes())
    envelope = receipt.with_suffix(ENVELOPE)
    entry = sha256(envelope.read_bytes()).digest() if envelope.exists() else proof.extra or b""
    return verify_proof(parse_policy(policy.read_bytes()), proof, leaf_hash(entry))
