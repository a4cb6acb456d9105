"""Parties as officers are shown them: who they are by their manifests, with all keys, and how each is compared."""

import base64
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Literal

import msgspec

from amanat.exchange.means import Turn, read_manifest
from amanat.party.errors import Invalid
from amanat.party.fingerprint import fingerprint, words
from amanat.party.key_id import key_id
from amanat.party.manifest import Manifest, Revoked, record_keys
from amanat.store import statements

Purpose = Literal["record", "log", "witness", "witness_pq", "sealing"]


class Party(msgspec.Struct, frozen=True, kw_only=True):
    """A party known here. `words` are its root keys' fingerprint, as it is read out face to face."""

    party: str
    own: bool
    name: str
    serial: int
    since: datetime
    until: datetime
    custodians: int
    threshold: int
    fingerprint: str
    words: tuple[str, ...]
    record_keys: tuple[str, ...]
    revoked: tuple[str, ...]


class Key(msgspec.Struct, frozen=True):
    """A key that a party lists, by key id: what it is for, since when, until when if it says, and whether it is in use.

    The first of each list is in use; those after it are listed so that what they signed still holds.
    """

    id: str
    purpose: Purpose
    since: datetime
    until: datetime | None
    used: bool


class Paper(msgspec.Struct, frozen=True, kw_only=True):
    """One manifest of a party that is held: its number, when it holds, and by which root it is signed."""

    serial: int
    since: datetime
    until: datetime
    custodians: int
    threshold: int
    fingerprint: str


class Keys(msgspec.Struct, frozen=True):
    """All keys that a party lists, all it revoked, and its manifests, newest first."""

    listed: tuple[Key, ...]
    revoked: tuple[Revoked, ...]
    manifests: tuple[Paper, ...]


def parties(turn: Turn) -> tuple[Party, ...]:
    """Return the parties known here, this one among them."""
    return tuple(_party(turn.known.manifests[code], turn.means.party) for code in sorted(turn.known.manifests))


def party(turn: Turn, code: str) -> Party:
    """Return one party. Raises `Invalid` for one that is not known."""
    return _party(_manifest(turn, code), turn.means.party)


def keys(turn: Turn, code: str) -> Keys:
    """Return a party's keys and manifests. Raises `Invalid` for one that is not known."""
    manifest = _manifest(turn, code)
    history = [read_manifest(data) for data in statements.history(turn.tx, code)]
    return Keys(
        tuple(_listed(manifest, history)),
        tuple(sorted(manifest.revoked, key=lambda each: each.at, reverse=True)),
        tuple(map(_paper, reversed(history))),
    )


def _manifest(turn: Turn, code: str) -> Manifest:
    manifest = turn.known.manifests.get(code)
    if manifest is None:
        raise Invalid("party.unknown", f"No manifest of {code[:16]} is known.", "Learn it face to face.")
    return manifest


def _party(manifest: Manifest, own: str) -> Party:
    root = fingerprint(manifest.root)
    return Party(
        party=manifest.party,
        own=manifest.party == own,
        name=manifest.name,
        serial=manifest.serial,
        since=manifest.since,
        until=manifest.until,
        custodians=len(manifest.root.keys),
        threshold=manifest.root.threshold,
        fingerprint=root.hex(),
        words=words(root),
        record_keys=tuple(sorted(record_keys(manifest))),
        revoked=tuple(each.keyid for each in manifest.revoked),
    )


def _listed(manifest: Manifest, history: Sequence[Manifest]) -> Iterator[Key]:
    """A key without a time of its own is listed since the first manifest that has it."""
    lists: tuple[tuple[Purpose, tuple[str, ...]], ...] = (
        ("record", manifest.record),
        ("log", manifest.log),
        ("witness", manifest.witness),
        ("witness_pq", manifest.witness_pq),
    )
    for purpose, listed in lists:
        for at, key in enumerate(listed):
            since = next(each.since for each in history if key in getattr(each, purpose))
            yield Key(key_id(base64.b64decode(key)), purpose, since, None, at == 0)
    for at, sealing in enumerate(manifest.sealing):
        yield Key(key_id(base64.b64decode(sealing.key)), "sealing", sealing.since, sealing.until, at == 0)


def _paper(manifest: Manifest) -> Paper:
    return Paper(
        serial=manifest.serial,
        since=manifest.since,
        until=manifest.until,
        custodians=len(manifest.root.keys),
        threshold=manifest.root.threshold,
        fingerprint=fingerprint(manifest.root).hex(),
    )
