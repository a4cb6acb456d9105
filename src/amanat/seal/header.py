"""The header of an envelope: who sends what to whom, and the content key wrapped for each of them.

Core is text, one field a line; header is core ‖ one wrap of 1,176 bytes a recipient (docs/protocol/envelope.md).
`address` is the first half of sealing: it comes before signing, because the signature covers the header.
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, MLKEM768X25519PublicKey, Suite
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from amanat.compact.check import Permitted
from amanat.party import labels
from amanat.party.errors import Fault, Invalid
from amanat.record.record import MAX_AUDIENCE, Record

VERSION = "amanat/envelope/v1"
KEY_BYTES = 32
WRAP_BYTES = 1176  # HPKE enc of ML-KEM-768 and X25519 (1088 + 32), K ‖ u64 sequence (40), AES-GCM tag (16)
SUITE = Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)

_HEX = r"([0-9a-f]{64})"
_PARTY = r"([a-z][a-z0-9-]{1,15})"
_CORE = re.compile(
    rf"{VERSION}\ncompact {_HEX}\nfrom {_PARTY} {_HEX}\nrecord ([0-9a-f-]{{36}})\n"
    rf"((?:to {_PARTY} {_HEX}\n){{1,{MAX_AUDIENCE}}})commitment {_HEX}\n\n"
)
_MAX_CORE = 4096


@dataclass(frozen=True, slots=True)
class Recipient:
    """One of the audience: its sealing key and the sequence number this envelope has in the line to it."""

    party: str
    key_id: str
    key: MLKEM768X25519PublicKey
    sequence: int


@dataclass(frozen=True, slots=True)
class Core:
    """What the header says in the clear. Digests and key ids are 64 hex digits; `to` is sorted by party."""

    compact: str
    sender: str
    sender_key: str
    record_id: str
    to: tuple[tuple[str, str], ...]
    commitment: str

    def encode(self) -> bytes:
        """Return the exact bytes of core, up to and with its empty line."""
        lines = [
            VERSION,
            f"compact {self.compact}",
            f"from {self.sender} {self.sender_key}",
            f"record {self.record_id}",
            *(f"to {party} {key}" for party, key in self.to),
            f"commitment {self.commitment}",
            "",
            "",
        ]
        return "\n".join(lines).encode()


@dataclass(frozen=True, slots=True)
class Header:
    """Core, its bytes, and the header's: core ‖ all wraps."""

    core: Core
    core_bytes: bytes
    data: bytes

    @property
    def wraps(self) -> tuple[bytes, ...]:
        """The wraps, in the order of `core.to`."""
        first, end = len(self.core_bytes), len(self.data)
        return tuple(self.data[at : at + WRAP_BYTES] for at in range(first, end, WRAP_BYTES))


@dataclass(frozen=True, slots=True)
class Addressed:
    """A permitted record with its header, ready to be signed."""

    record: Record
    header: Header
    content_key: bytes


def address(permitted: Permitted, sender_key: str, recipients: Sequence[Recipient], content_key: bytes) -> Addressed:
    """Step 5: wrap the fresh 32-byte `content_key` for each of the audience, under a core that names them all.

    The key must never be used again (AES-GCM runs with a zero nonce). Raises `Fault` for a record that still waits
    for its second person, or recipients that are not its audience.
    """
    fields = permitted.record.fields
    ordered = sorted(recipients, key=lambda recipient: recipient.party)
    if permitted.needs_second_person:
        raise Fault("seal.unapproved", "The record waits for its second person.", "Hold it until it is approved.")
    if tuple(recipient.party for recipient in ordered) != fields.audience or len(content_key) != KEY_BYTES:
        raise Fault("seal.recipients", "Recipients or key do not fit the record.", "Report this; nothing was sent.")
    core = Core(
        compact=fields.compact,
        sender=fields.author.party,
        sender_key=sender_key,
        record_id=fields.id,
        to=tuple((recipient.party, recipient.key_id) for recipient in ordered),
        commitment=commitment(content_key).hex(),
    )
    core_bytes = core.encode()
    wraps = [
        SUITE.encrypt(
            content_key + recipient.sequence.to_bytes(8, "big"),
            recipient.key,
            info=wrap_info(core_bytes, recipient.key_id),
        )
        for recipient in ordered
    ]
    return Addressed(permitted.record, Header(core, core_bytes, b"".join([core_bytes, *wraps])), content_key)


def parse_header(envelope: bytes) -> Header:
    """Read the header at the start of an envelope's bytes. Says nothing about who made it. Raises `Invalid`."""
    match = _CORE.match(envelope[:_MAX_CORE].decode("latin-1"))  # every byte decodes; only ASCII can match
    if match is None:
        raise Invalid(
            "envelope.format",
            "The bytes do not begin with an envelope's core of this version.",
            "Ask for the envelope again; if it names a newer version, update Amanat.",
        )
    compact, sender, sender_key, record_id, to_lines, _, _, committed = match.groups()
    to = tuple((line.split(" ")[1], line.split(" ")[2]) for line in to_lines.splitlines())
    if [party for party, _ in to] != sorted({party for party, _ in to}):
        raise Invalid("envelope.to", "The recipients are not sorted or repeat themselves.", "Ask for it again.")
    size = match.end()
    whole = size + WRAP_BYTES * len(to)
    if len(envelope) < whole:
        raise Invalid("envelope.truncated", "The envelope ends within its header.", "Ask for it again.")
    return Header(Core(compact, sender, sender_key, record_id, to, committed), envelope[:size], envelope[:whole])


def wrap_info(core_bytes: bytes, key_id: str) -> bytes:
    """Return HPKE's `info`: label ‖ SHA-256(core) ‖ recipient key id, so that a wrap fits one core and one key."""
    return labels.WRAP + hashlib.sha256(core_bytes).digest() + bytes.fromhex(key_id)


def commitment(content_key: bytes) -> bytes:
    """Return what commits to K: without it one AES-GCM ciphertext can open to two texts under two keys."""
    return derive(content_key, labels.COMMITMENT)


def aead_key(content_key: bytes) -> bytes:
    """Return the AES-256-GCM key that K yields."""
    return derive(content_key, labels.CONTENT_KEY)


def derive(key: bytes, label: bytes) -> bytes:
    """Return the 32 bytes that a fresh 32-byte key yields for one use (HKDF-SHA256, RFC 5869, no salt)."""
    return HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=label).derive(key)
