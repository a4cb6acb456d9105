"""A party's manifest: its name, root keys held by custodians, and the node keys that speak for it now.

Signed by k of n custodians (DSSE). The first one is believed because people compared the root's fingerprint face to
face; each later one because the custodians of the one before signed it too (as TUF 5.3.4 does for its root).
"""

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Annotated, Final, Literal

import msgspec
from cryptography.hazmat.primitives.constant_time import bytes_eq
from cryptography.hazmat.primitives.hpke import MLKEM768X25519PublicKey

from amanat.party import dsse, labels
from amanat.party.canonical import decode
from amanat.party.errors import Invalid, Refused
from amanat.party.fingerprint import fingerprint
from amanat.party.key_id import key_id
from amanat.party.keys import SEALING_PUBLIC_BYTES, sealing_key
from amanat.party.root import Root
from amanat.party.types import Digest, PartyCode, Time, require_sorted, require_utc, unbase64

Name = Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?$(?!\n)")]
Serial = Annotated[int, msgspec.Meta(ge=1, le=2**31)]
MAX_KEYS: Final = 4
MAX_SEALING: Final = 12
ED25519_BYTES: Final = 32
MLDSA44_BYTES: Final = 1312


class Sealing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A public sealing key (base64 of 1,216 bytes) and the time in which others may seal to it."""

    key: str
    since: Time
    until: Time

    def __post_init__(self) -> None:
        require_utc(self.since, "sealing.since")
        require_utc(self.until, "sealing.until")
        unbase64(self.key, "sealing key", SEALING_PUBLIC_BYTES)


class Revoked(msgspec.Struct, frozen=True, forbid_unknown_fields=True, order=True):
    """A key (by key id) that speaks for the party no more."""

    keyid: Digest
    at: Time
    reason: Literal["lost", "stolen", "retired"]


class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a party's custodians sign. Keys are base64 of raw public keys; the first of each list is the current one."""

    party: PartyCode
    serial: Serial
    since: Time
    until: Time
    name: Name
    root: Root
    record: tuple[str, ...]
    log: tuple[str, ...]
    witness: tuple[str, ...]
    witness_pq: tuple[str, ...]
    sealing: tuple[Sealing, ...]
    revoked: tuple[Revoked, ...] = ()

    def __post_init__(self) -> None:
        require_utc(self.since, "since")
        require_utc(self.until, "until")
        require_sorted(tuple(each.keyid for each in self.revoked), "revoked")
        wrong = _contradiction(self)
        if wrong:
            raise Invalid("manifest.contradiction", f"The manifest of {self.party}: {wrong}.", "Draft it anew.")


def accept_first(data: bytes, compared: bytes) -> Manifest:
    """Verify a party's first manifest against the 32-byte fingerprint that people compared. Raises `Invalid`."""
    statement, manifest = _read(data)
    if not bytes_eq(fingerprint(manifest.root), compared):
        raise Invalid(
            "manifest.fingerprint",
            f"The root keys of this manifest of {manifest.party} have another fingerprint than the one compared.",
            "Do not use it; compare the words again, face to face.",
        )
    _require_signed(statement, manifest, manifest.root)
    return manifest


def accept_next(data: bytes, held: Manifest) -> Manifest:
    """Verify a later manifest of the party whose latest is `held`. Raises `Invalid`."""
    statement, manifest = _read(data)
    if (manifest.party, manifest.name) != (held.party, held.name):
        raise Invalid(
            "manifest.party", f"This is not a manifest of {held.party} under its name.", "Give the right one."
        )
    if manifest.serial <= held.serial:
        raise Invalid(
            "manifest.serial",
            f"The manifest of {held.party} has serial {manifest.serial}; serial {held.serial} is held already.",
            "Ask the party for its latest manifest.",
        )
    _require_signed(statement, manifest, held.root)
    _require_signed(statement, manifest, manifest.root)
    if not set(held.revoked) <= set(manifest.revoked):
        raise Invalid(
            "manifest.revoked", f"The manifest of {held.party} drops a revocation.", "What is revoked stays revoked."
        )
    return manifest


def read_party(data: bytes) -> str:
    """Return whose manifest this claims to be, unverified: only to look up the one held."""
    return _read(data)[1].party


def require_valid(manifest: Manifest, now: datetime) -> None:
    """Raise `Refused` outside the manifest's time of validity."""
    if not manifest.since <= now < manifest.until:
        raise Refused(
            "manifest.expired",
            f"Manifest {manifest.serial} of {manifest.party} holds from {manifest.since:%Y-%m-%d} to "
            f"{manifest.until:%Y-%m-%d}; today is {now:%Y-%m-%d}.",
            "Ask the party for its latest manifest, and check this machine's clock.",
            by=f"manifest {manifest.serial} of {manifest.party}",
        )


@lru_cache(maxsize=256)
def record_keys(manifest: Manifest) -> Mapping[str, bytes]:
    """Return the 32-byte record keys that are valid now, by key id, the current one first."""
    raw = [unbase64(key, "record key", ED25519_BYTES) for key in manifest.record]
    return {key_id(each): each for each in raw}


def sealing_key_at(manifest: Manifest, now: datetime) -> tuple[str, MLKEM768X25519PublicKey]:
    """Return id and key to seal to at `now`: the newest whose time it is. Raises `Refused` when there is none."""
    require_valid(manifest, now)
    for each in manifest.sealing:
        if each.since <= now < each.until:
            return _sealing(each.key)
    raise Refused(
        "manifest.sealing",
        f"Manifest {manifest.serial} of {manifest.party} has no sealing key for {now:%Y-%m-%d}.",
        "Ask the party to rotate its sealing keys and send its manifest.",
        by=f"manifest {manifest.serial} of {manifest.party}",
    )


def log_name(manifest: Manifest, compact_id: str) -> str:
    """Return the origin of the party's log for a compact: "pk.amanat.example/pk-af"."""
    return f"{manifest.name}/{compact_id}"


def witness_name(manifest: Manifest) -> str:
    """Return the key name of the party's cosignatures: "pk.amanat.example/witness"."""
    return f"{manifest.name}/witness"


@lru_cache(maxsize=256)
def _sealing(key: str) -> tuple[str, MLKEM768X25519PublicKey]:
    raw = unbase64(key, "sealing key", SEALING_PUBLIC_BYTES)
    return key_id(raw), sealing_key(raw)


def _read(data: bytes) -> tuple[dsse.Statement, Manifest]:
    statement = dsse.parse(data, labels.MANIFEST, "manifest")
    return statement, decode(statement.body(), Manifest, "manifest")


def _require_signed(statement: dsse.Statement, manifest: Manifest, root: Root) -> None:
    signed = dsse.signers(statement, root.by_id(), f"manifest of {manifest.party}")
    if len(signed) < root.threshold:
        raise Invalid(
            "manifest.unsigned",
            f"{len(signed)} of the {root.threshold} custodians needed have signed the manifest of {manifest.party}.",
            "Have more custodians sign it: `amanat custodian sign`.",
        )


def _contradiction(manifest: Manifest) -> str | None:
    lists = {
        "record": (manifest.record, ED25519_BYTES),
        "log": (manifest.log, ED25519_BYTES),
        "witness": (manifest.witness, ED25519_BYTES),
        "witness_pq": (manifest.witness_pq, MLDSA44_BYTES),
    }
    ids = [key_id(unbase64(key, "root key", ED25519_BYTES)) for key in manifest.root.keys]
    for name, (keys, length) in lists.items():
        if not 1 <= len(keys) <= MAX_KEYS:
            return f"{name} lists {len(keys)} keys, and must list 1 to {MAX_KEYS}"
        ids += [key_id(unbase64(key, f"{name} key", length)) for key in keys]
    ids += [_sealing(each.key)[0] for each in manifest.sealing]
    if not 1 <= len(manifest.sealing) <= MAX_SEALING:
        return f"sealing lists {len(manifest.sealing)} keys, and must list 1 to {MAX_SEALING}"
    if len(set(ids)) != len(ids):
        return "one key stands in two places; each key has one role"
    if {each.keyid for each in manifest.revoked} & set(ids):
        return "a key is both listed and revoked"
    if manifest.until <= manifest.since or any(each.until <= each.since for each in manifest.sealing):
        return "a time of validity ends before it begins"
    return None
