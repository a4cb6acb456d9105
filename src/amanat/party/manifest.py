"""A party's manifest: its name, root keys held by custodians, and the node keys that speak for it now.

Signed by k of n custodians (DSSE). The first one is believed because people compared the root's fingerprint face to
face; each later one because the custodians of the one before signed it too (as TUF 5.3.4 does for its root).
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from types import MappingProxyType
from typing import Annotated, Final, Literal

import msgspec
from cryptography.hazmat.primitives.constant_time import bytes_eq
from cryptography.hazmat.primitives.hpke import MLKEM768X25519PublicKey

from amanat.party import dsse, labels
from amanat.party.canonical import decode
from amanat.party.errors import Invalid, Refused
from amanat.party.fingerprint import fingerprint
from amanat.party.key_id import key_id
from amanat.party.keys import SEALING_PUBLIC_BYTES, ed25519_public, sealing_key
from amanat.party.root import Root
from amanat.party.types import Digest, PartyCode, Time, require_sorted, require_utc, unbase64

_LABEL = r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?"
Name = Annotated[str, msgspec.Meta(pattern=rf"^{_LABEL}(?:\.{_LABEL})*$(?!\n)", max_length=63)]
Serial = Annotated[int, msgspec.Meta(ge=1, le=2**31)]
# Logs and witnesses keep listing the keys they no longer use, unless revoked: what those signed is to hold for decades.
MAX_KEYS: Final[Mapping[str, int]] = {"record": 4, "log": 16, "witness": 16, "witness_pq": 16, "sealing": 12}
MAX_BYTES: Final = 256 * 1024
MLDSA44_BYTES: Final = 1312
CLOCKS_DIFFER: Final = timedelta(hours=1)
"""By how much a clock may be wrong without stopping traffic: a manifest holds from the minute it was written."""


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

    def __post_init__(self) -> None:
        require_utc(self.at, "revoked.at")


class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a party's custodians sign. Keys are base64 of raw public keys; the first of each list is the current one.

    `name` is what its logs are called by ("pk.amanat.example"); it needs no registration anywhere and never changes.
    """

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
    """Verify a later manifest of the party whose latest is `held`. Raises `Invalid`.

    Custodians of both roots, the held one and its own, must have signed it. `manifest.fork` says that they signed two
    manifests of one serial number: the party is divided, or its keys are in two hands.
    """
    statement, manifest = _read(data)
    if (manifest.party, manifest.name) != (held.party, held.name):
        raise Invalid(
            "manifest.party", f"This is not a manifest of {held.party} under its name.", "Give the right one."
        )
    if manifest.serial < held.serial or manifest == held:
        raise Invalid(
            "manifest.serial",
            f"The manifest of {held.party} has serial {manifest.serial}; serial {held.serial} is held already.",
            "Ask the party for its latest manifest.",
        )
    _require_signed(statement, manifest, held.root)
    _require_signed(statement, manifest, manifest.root)
    if manifest.serial == held.serial:
        raise Invalid(
            "manifest.fork",
            f"The custodians of {held.party} signed two different manifests of serial {held.serial}.",
            "Keep both as evidence, and ask the party face to face which one holds.",
        )
    if not set(held.revoked) <= set(manifest.revoked):
        raise Invalid(
            "manifest.revoked", f"The manifest of {held.party} drops a revocation.", "What is revoked stays revoked."
        )
    return manifest


def require_own_keys(manifest: Manifest, others: Iterable[Manifest]) -> None:
    """Raise `Invalid` when the manifest lists a node's key that another party's lists.

    Nobody proves to hold the keys it lists, and no policy may name one key twice: naming another's as one's own would
    keep either from being counted.
    """
    own = _listed(manifest)
    for other in others:
        if other.party != manifest.party and own & _listed(other):
            raise Invalid(
                "manifest.key",
                f"The manifest of {manifest.party} lists a key that {other.party} lists already.",
                "Do not use it; ask both parties, face to face, whose key it is.",
            )


def read_party(data: bytes) -> str:
    """Return whose manifest this claims to be, unverified: only to look up the one held."""
    return _read(data)[1].party


def require_valid(manifest: Manifest, now: datetime) -> None:
    """Raise `Refused` outside the manifest's time of validity, give or take `CLOCKS_DIFFER`."""
    if not manifest.since - CLOCKS_DIFFER <= now < manifest.until + CLOCKS_DIFFER:
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
    raw = [unbase64(key, "record key") for key in manifest.record]
    return MappingProxyType({key_id(each): each for each in raw})


def sealing_key_at(manifest: Manifest, now: datetime) -> tuple[str, MLKEM768X25519PublicKey]:
    """Return id and key to seal to at `now`: the newest whose time it is, or nearly is where no other's time it is.

    Raises `Refused` when there is none.
    """
    require_valid(manifest, now)
    for differ in (timedelta(0), CLOCKS_DIFFER):
        for each in manifest.sealing:
            if each.since - differ <= now < each.until + differ:
                return _sealing(each.key)
    raise Refused(
        "manifest.sealing",
        f"Manifest {manifest.serial} of {manifest.party} has no sealing key for {now:%Y-%m-%d}.",
        "Ask the party to rotate its sealing keys and send its manifest.",
        by=f"manifest {manifest.serial} of {manifest.party}",
    )


def log_name(manifest: Manifest, compact_id: str, number: int = 1) -> str:
    """Return the origin of the party's log for a compact: "pk.amanat.example/pk-af".

    The one after a log that was ended by a statement has a number of its own: "pk.amanat.example/pk-af/2".
    """
    first = f"{manifest.name}/{compact_id}"
    return first if number == 1 else f"{first}/{number}"


def witness_name(manifest: Manifest) -> str:
    """Return the key name of the party's cosignatures: "pk.amanat.example/witness"."""
    return f"{manifest.name}/witness"


@lru_cache(maxsize=256)
def _sealing(key: str) -> tuple[str, MLKEM768X25519PublicKey]:
    raw = unbase64(key, "sealing key", SEALING_PUBLIC_BYTES)
    return key_id(raw), sealing_key(raw)


def _read(data: bytes) -> tuple[dsse.Statement, Manifest]:
    statement = dsse.parse(data, labels.MANIFEST, "manifest")
    return statement, decode(statement.body(), Manifest, "manifest", limit=MAX_BYTES)


def _require_signed(statement: dsse.Statement, manifest: Manifest, root: Root) -> None:
    signed = dsse.signers(statement, root.by_id(), f"manifest of {manifest.party}")
    if len(signed) < root.threshold:
        raise Invalid(
            "manifest.unsigned",
            f"{len(signed)} of the {root.threshold} custodians needed have signed the manifest of {manifest.party}.",
            "Have more custodians sign it.",
        )


def _listed(manifest: Manifest) -> set[str]:
    """The node's keys of a manifest, in base64, which has one form."""
    sealing = (each.key for each in manifest.sealing)
    return {*manifest.record, *manifest.log, *manifest.witness, *manifest.witness_pq, *sealing}


def _contradiction(manifest: Manifest) -> str | None:
    """Name what cannot hold together, or None."""
    return _wrong_keys(manifest) or _wrong_times(manifest)


def _wrong_keys(manifest: Manifest) -> str | None:
    signing = {"record": manifest.record, "log": manifest.log, "witness": manifest.witness}
    ids = list(manifest.root.by_id())
    for role, keys in (*signing.items(), ("witness_pq", manifest.witness_pq), ("sealing", manifest.sealing)):
        if not 1 <= len(keys) <= MAX_KEYS[role]:
            return f"{role} lists {len(keys)} keys, and must list 1 to {MAX_KEYS[role]}"
    ids += [key_id(ed25519_public(key, f"{role} key")) for role, keys in signing.items() for key in keys]
    ids += [key_id(unbase64(key, "witness_pq key", MLDSA44_BYTES)) for key in manifest.witness_pq]
    ids += [_sealing(each.key)[0] for each in manifest.sealing]
    if len(set(ids)) != len(ids):
        return "one key stands in two places; each key has one role"
    if {each.keyid for each in manifest.revoked} & set(ids):
        return "a key is both listed and revoked"
    return None


def _wrong_times(manifest: Manifest) -> str | None:
    if manifest.until <= manifest.since or any(each.until <= each.since for each in manifest.sealing):
        return "a time of validity ends before it begins"
    begins = [each.since for each in manifest.sealing]
    if begins != sorted(begins, reverse=True):
        return "its sealing keys are not listed newest first"
    return None
