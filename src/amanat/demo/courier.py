"""What the courier of the stick can try: change a byte, leave one out, write another address or compact on it."""

from dataclasses import replace
from pathlib import Path

from sqlalchemy import select

from amanat.demo.cast import Cast, carry, take_bundle, write_bundle
from amanat.demo.trial import Catch, offer, send_plain, stored
from amanat.exchange.means import begin
from amanat.exchange.outbox import deliver
from amanat.party.manifest import sealing_key_at
from amanat.seal.header import parse_header
from amanat.store.tables import DELIVERY


def altered_byte(cast: Cast, _folder: Path) -> list[Catch]:
    """Flip one bit in the sealed part of an envelope, and one in the key wrapped for its reader."""
    envelope, _ = stored(cast["pk"], send_plain(cast["pk"], ["af"])[0].digest)
    in_wrap = len(parse_header(envelope).core_bytes) + 700
    return [
        offer("a bit of the sealed record", "envelope.altered", _flipped(envelope, -100), cast["af"]),
        offer("a bit of the wrapped key", "envelope.wrap", _flipped(envelope, in_wrap), cast["af"]),
    ]


def left_out(cast: Cast, folder: Path) -> list[Catch]:
    """Take the second of three envelopes off the stick, and write the bundle's frame anew so that it fits."""
    sent = send_plain(cast["pk"], ["af"], 3)
    missing = stored(cast["pk"], sent[1].digest)[0]
    with deliver("af", cast["pk"].means) as due:
        write_bundle(folder / "thinned.bundle", "pk", "af", [item for item in due if item.data != missing])
    report = take_bundle(cast, folder / "thinned.bundle")
    carry(cast, "af", "pk", folder / "answer.bundle")
    number, state = _delivery(cast, sent[1].digest)
    return [
        Catch("af counts", f"gap {number}", *_first_gap(report.gaps)),
        Catch(
            "pk waits for the receipt",
            "pending",
            state,
            "pk holds receipts for the other two and none for this one; its next bundle carries it again.",
        ),
    ]


def readdressed(cast: Cast, _folder: Path) -> list[Catch]:
    """Write the observer's name and sealing key where af's stood; and hand it over as it is."""
    envelope, _ = stored(cast["pk"], send_plain(cast["pk"], ["af"])[0].digest)
    core = parse_header(envelope).core
    key, _ = sealing_key_at(cast["obs"].manifest, cast["obs"].means.now())
    changed = replace(core, to=(("obs", key),)).encode() + envelope[len(core.encode()) :]
    return [
        offer("another address written on it", "envelope.wrap", changed, cast["obs"]),
        offer("handed to the wrong house as it is", "envelope.addressee", envelope, cast["obs"]),
    ]


def _flipped(data: bytes, at: int) -> bytes:
    changed = bytearray(data)
    changed[at] ^= 1
    return bytes(changed)


def _delivery(cast: Cast, digest: str) -> tuple[int, str]:
    """Return the sequence number and state of pk's delivery to af."""
    with begin(cast["pk"].means) as turn:
        row = turn.tx.execute(select(DELIVERY).where(DELIVERY.c.envelope == digest)).one()
        return row.sequence, row.state


def _first_gap(gaps: list[tuple[int, int]]) -> tuple[str, str]:
    """Return code and words for the one gap there should be."""
    if len(gaps) != 1 or gaps[0][0] != gaps[0][1]:
        return "no gap", f"af misses {len(gaps)} runs of numbers."
    return f"gap {gaps[0][0]}", f"pk's signed heartbeat counts further than what came: number {gaps[0][0]} is missing."
