"""What somebody with real keys can try: a reader with the content key, the sender itself, and a thief of its keys."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from amanat import node
from amanat.demo.cast import (
    COMPACT,
    Actor,
    Cast,
    carry,
    compact_text,
    double,
    join_all,
    sign_compact,
    sign_manifest,
)
from amanat.demo.collision import two_texts
from amanat.demo.forge import address_by_hand, open_by_hand, plaintext_of, refitted, seal_by_hand
from amanat.demo.trial import Catch, offer, send_plain, stored
from amanat.exchange.bundle import Item
from amanat.exchange.receive import receive
from amanat.party.key_id import key_id
from amanat.party.keys import SEED_BYTES
from amanat.party.manifest import Manifest, Revoked
from amanat.party.types import to_base64
from amanat.seal.header import KEY_BYTES, aead_key, parse_header

SECOND = "pk-af-second"
READINGS = (b"First key: the crossing opens at eight.", b"Second key: the crossing stays closed.")


def replayed(cast: Cast, folder: Path) -> list[Catch]:
    """Bring what pk said under one compact into another: as the courier, and as af, who can seal it anew."""
    text = compact_text(cast).replace(f'"{COMPACT}"'.encode(), f'"{SECOND}"'.encode(), 1)
    second = join_all(cast, sign_compact(cast, text))
    envelope, key = _accepted(cast, folder)
    core = replace(parse_header(envelope).core, compact=second.digest)
    swapped = core.encode() + envelope[len(core.encode()) :]  # digests are of one length, so the rest stays in place
    header = address_by_hand(core, {"obs": key}, _manifests(cast), cast["af"].means.now())
    anew = seal_by_hand(header, key, refitted(plaintext_of(envelope, key), header))
    return [
        offer("the courier writes the other compact on it", "envelope.wrap", swapped, cast["af"]),
        offer("af seals it anew under the other compact", "envelope.signature", anew, cast["obs"]),
    ]


def rewrapped(cast: Cast, folder: Path) -> list[Catch]:
    """As af, wrap pk's signed record for the observer: one id, two envelopes, and pk would look like a liar."""
    envelope, key = _accepted(cast, folder)
    fresh = node.random(KEY_BYTES)
    header = address_by_hand(parse_header(envelope).core, {"obs": fresh}, _manifests(cast), cast["af"].means.now())
    forged = seal_by_hand(header, fresh, plaintext_of(envelope, key))
    return [offer("af wraps the signed record for the observer", "envelope.header", forged, cast["obs"])]


def two_readings(cast: Cast, _folder: Path) -> list[Catch]:
    """As pk, give af and the observer one envelope and two keys, each of which opens it to another text."""
    pk = cast["pk"]
    template = parse_header(stored(pk, send_plain(pk, ["af"])[0].digest)[0]).core
    keys = {"af": node.random(KEY_BYTES), "obs": node.random(KEY_BYTES)}
    header = address_by_hand(template, keys, _manifests(cast), pk.means.now())
    sealed = two_texts((aead_key(keys["af"]), aead_key(keys["obs"])), READINGS, header.data)
    read = [open_by_hand(header, key, sealed) for key in keys.values()]
    both = all(text in opened for text, opened in zip(READINGS, read, strict=True))
    return [
        Catch(
            "AES-GCM alone, to show that the attack is real",
            "opens to both",
            "opens to both" if both else "does not open",
            " / ".join(text.decode() for text in READINGS),
        ),
        offer("the observer opens it by the protocol", "envelope.commitment", header.data + sealed, cast["obs"]),
    ]


def revoked_key(cast: Cast, folder: Path) -> list[Catch]:
    """As a thief with pk's whole node, sign after the custodians revoked its key, and date it before that."""
    pk, moment = cast["pk"], max(actor.manifest.since for actor in cast.values())
    with double(pk, folder / "stolen") as stolen:
        thief = replace(stolen, means=replace(stolen.means, now=lambda: moment))
        envelope, _ = stored(thief, send_plain(thief, ["af"])[0].digest)
    carry({**cast, "pk": _rotated(pk)}, "pk", "af", folder / "revocation.bundle")
    return [offer("the thief signs, and dates it before the theft", "key.revoked", envelope, cast["af"])]


def _rotated(actor: Actor) -> Actor:
    """Return the party with a new record key, under a manifest by which its custodians revoke the old one."""
    key = Ed25519PrivateKey.from_private_bytes(node.random(SEED_BYTES))
    old = key_id(actor.means.keys.record.public_key().public_bytes_raw())
    now = actor.means.now().replace(microsecond=0)
    manifest = msgspec.structs.replace(
        actor.manifest,
        serial=actor.manifest.serial + 1,
        since=now,
        record=(to_base64(key.public_key().public_bytes_raw()),),
        revoked=(Revoked(old, now, "stolen"),),
    )
    statement = sign_manifest(manifest, actor.custodians)
    receive(actor.code, [Item("manifest", statement)], actor.means)
    means = replace(actor.means, keys=replace(actor.means.keys, record=key))
    return replace(actor, means=means, manifest=manifest, statement=statement)


def _accepted(cast: Cast, folder: Path) -> tuple[bytes, bytes]:
    """Let pk send a report that af accepts; return its envelope and the content key af then holds."""
    (sent,) = send_plain(cast["pk"], ["af"])
    carry(cast, "pk", "af", folder / "honest.bundle")
    return stored(cast["af"], sent.digest)


def _manifests(cast: Cast) -> Mapping[str, Manifest]:
    return {code: actor.manifest for code, actor in cast.items()}
