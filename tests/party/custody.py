"""A party with real keys for the tests of `party`: three custodians of whom two must sign, and one node."""

import base64
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import shake_256

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from amanat.party import canonical, dsse, labels
from amanat.party.keys import NodeSecrets, new_secrets, node_keys, sealing_public
from amanat.party.manifest import Manifest, Sealing
from amanat.party.root import Root

SINCE, UNTIL = datetime(2026, 1, 1, tzinfo=UTC), datetime(2028, 1, 1, tzinfo=UTC)
NOW = datetime(2026, 11, 24, 6, 30, tzinfo=UTC)


@dataclass
class Stream:
    """Bytes that look random and are the same in every run."""

    seed: str
    read: int = 0

    def __call__(self, count: int) -> bytes:
        self.read += count
        return shake_256(self.seed.encode()).digest(self.read)[-count:]


def text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def custodians(seed: str, count: int = 3) -> tuple[Ed25519PrivateKey, ...]:
    stream = Stream(f"custodians {seed}")
    return tuple(Ed25519PrivateKey.from_private_bytes(stream(32)) for _ in range(count))


def root(keys: tuple[Ed25519PrivateKey, ...], threshold: int = 2) -> Root:
    return Root(threshold, tuple(sorted(text(key.public_key().public_bytes_raw()) for key in keys)))


def secrets(seed: str = "pk") -> NodeSecrets:
    return new_secrets(Stream(seed))


def manifest(seed: str = "pk", **changes: object) -> Manifest:
    made = secrets(seed)
    keys = node_keys(made)
    sealing = tuple(Sealing(text(sealing_public(base64.b64decode(each))), SINCE, UNTIL) for each in made.sealing)
    fields: dict[str, object] = {
        "party": "pk",
        "serial": 1,
        "since": SINCE,
        "until": UNTIL,
        "name": "pk.amanat.example",
        "root": root(custodians("pk")),
        "record": (text(keys.record.public_key().public_bytes_raw()),),
        "log": (text(keys.log.public_key().public_bytes_raw()),),
        "witness": (text(keys.witness.public_key().public_bytes_raw()),),
        "witness_pq": (text(keys.witness_pq.public_key().public_bytes_raw()),),
        "sealing": sealing,
    }
    return Manifest(**(fields | changes))  # type: ignore[arg-type]  # tests hand in what they like


def signed(made: Manifest, keys: tuple[Ed25519PrivateKey, ...]) -> bytes:
    return dsse.to_bytes(dsse.sign(labels.MANIFEST, canonical.encode(made), keys))
