"""The party of these tests: five invented custodians of `pk`, of whom three must sign, its node, manifest and lexicon.

Law: every key is drawn from a number, so that a failing example can be had again.
"""

import base64
import hashlib
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from amanat.party import dsse, labels
from amanat.party.canonical import encode
from amanat.party.key_id import key_id
from amanat.party.keys import new_secrets, node_keys, public_keys
from amanat.party.lexicon import Lexicon, MonthStart
from amanat.party.manifest import Manifest, Revoked, Sealing
from amanat.party.root import Root

SINCE = datetime(2026, 11, 1, tzinfo=UTC)
NOW = datetime(2026, 11, 24, 6, 30, tzinfo=UTC)
UNTIL = datetime(2027, 11, 1, tzinfo=UTC)


def drawn(seed: int) -> Callable[[int], bytes]:
    """A source of bytes that anybody can foretell: for tests only."""
    count = iter(range(1000))
    return lambda length: hashlib.shake_256(f"{seed}/{next(count)}".encode()).digest(length)


def custodian(number: int) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32)


def public(key: Ed25519PrivateKey) -> str:
    return base64.b64encode(key.public_key().public_bytes_raw()).decode()


def id_of(text: str) -> str:
    """The key id of a public key in base64."""
    return key_id(base64.b64decode(text))


def root(custodians: Sequence[Ed25519PrivateKey], threshold: int) -> Root:
    return Root(threshold, tuple(sorted(map(public, custodians))))


CUSTODIANS = tuple(map(custodian, range(1, 6)))
SUCCESSORS = tuple(map(custodian, range(11, 16)))
ROOT = root(CUSTODIANS, 3)
SECRETS = new_secrets(drawn(0))
KEYS = node_keys(SECRETS)
PUBLIC = public_keys(SECRETS)
SPARE = public_keys(new_secrets(drawn(1)))

MANIFEST = Manifest(
    party="pk",
    serial=7,
    since=SINCE,
    until=UNTIL,
    name="pk.amanat.example",
    root=ROOT,
    record=(PUBLIC["record"],),
    log=(PUBLIC["log"],),
    witness=(PUBLIC["witness"],),
    witness_pq=(PUBLIC["witness_pq"],),
    sealing=(Sealing(PUBLIC["sealing"], SINCE, SINCE + timedelta(days=92)),),
)

STARTS = (
    MonthStart(1448, 4, date(2026, 9, 13)),
    MonthStart(1448, 5, date(2026, 10, 12)),
    MonthStart(1448, 6, date(2026, 11, 11)),
)
LEXICON = Lexicon(
    party="pk",
    serial=2,
    at=NOW,
    languages=("en", "ur"),
    calendars=("gregorian", "lunar-hijri"),
    names={"line": {"en": "the line", "ur": "سرحد"}, "place.torkham": {"ur": "طورخم"}},
    month_starts=STARTS,
    zones={"af": "Asia/Kabul", "pk": "Asia/Karachi"},
)


def manifest(**changed: object) -> Manifest:
    """The manifest with some fields changed."""
    return msgspec.structs.replace(MANIFEST, **changed)


def next_manifest(**changed: object) -> Manifest:
    """The manifest after `MANIFEST`, with some fields changed."""
    return msgspec.structs.replace(MANIFEST, **({"serial": MANIFEST.serial + 1} | changed))


def revoked(text: str) -> Revoked:
    """The revocation of a public key in base64."""
    return Revoked(id_of(text), NOW, "stolen")


def signed(value: Manifest, custodians: Sequence[Ed25519PrivateKey] = CUSTODIANS[:3]) -> bytes:
    """The file of a manifest that these custodians signed."""
    return signed_bytes(encode(value), custodians)


def signed_bytes(body: bytes, custodians: Sequence[Ed25519PrivateKey] = CUSTODIANS[:3]) -> bytes:
    """The same of any bytes, in the place of a manifest's."""
    return dsse.to_bytes(dsse.sign(labels.MANIFEST, body, custodians))
