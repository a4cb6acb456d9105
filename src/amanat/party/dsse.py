"""Signed statements: DSSE envelopes over exact bytes (DSSE v1.0, protocol.md and envelope.md).

All that a party signs besides records and logs (its manifest, a compact, a refusal: `labels` lists them) has this one
shape, so that a stock DSSE verifier opens it. The word "envelope" is kept for sealed records; here it is a *statement*.
"""

from collections.abc import Iterable, Mapping

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from amanat.party.canonical import decode, encode
from amanat.party.errors import Invalid
from amanat.party.key_id import key_id
from amanat.party.types import quoted, require_sorted, to_base64, unbase64

MAX_SIGNATURES = 64


class Signature(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One signature line: the signer's key id (hex SHA-256) and base64 of 64 bytes."""

    keyid: str
    sig: str


class Statement(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """A DSSE envelope; field names and base64 as in its JSON form."""

    payload: str
    payload_type: str
    signatures: tuple[Signature, ...]

    def body(self) -> bytes:
        """Return the signed payload's bytes. Meaningless until `signers` said who vouches for them."""
        return unbase64(self.payload, "payload")


def pae(payload_type: str, payload: bytes) -> bytes:
    """Return DSSE's pre-authentication encoding: what is really signed (protocol.md, "Signature Definition")."""
    name = payload_type.encode()
    return b"DSSEv1 %d %b %d %b" % (len(name), name, len(payload), payload)


def sign(payload_type: str, payload: bytes, keys: Iterable[Ed25519PrivateKey]) -> Statement:
    """Return a statement over `payload` with one Ed25519 signature a key, in order of key id."""
    message = pae(payload_type, payload)
    lines = sorted({(key_id(key.public_key().public_bytes_raw()), key.sign(message)) for key in keys})
    return Statement(
        payload=to_base64(payload),
        payload_type=payload_type,
        signatures=tuple(Signature(keyid, to_base64(sig)) for keyid, sig in lines),
    )


def parse(data: bytes, payload_type: str, what: str) -> Statement:
    """Read a statement of that type; the signatures are not checked yet. Raises `Invalid`."""
    statement = decode(data, Statement, what)
    if statement.payload_type != payload_type:
        raise Invalid(
            "statement.type",
            f"The {what} is of type '{quoted(statement.payload_type)}', not '{payload_type}'.",
            "Give the file that was asked for.",
        )
    if len(statement.signatures) > MAX_SIGNATURES:
        raise Invalid("statement.signatures", f"The {what} has over {MAX_SIGNATURES} signatures.", "Send it anew.")
    require_sorted(tuple(line.keyid for line in statement.signatures), f"signatures of the {what}")
    statement.body()
    return statement


def signers(statement: Statement, keys: Mapping[str, bytes], what: str) -> frozenset[str]:
    """Return the ids of those `keys` (id → 32-byte Ed25519 public key) whose signature stands and holds.

    Signatures of unknown keys are passed over. Raises `Invalid` when a known key's signature does not hold.
    """
    message = pae(statement.payload_type, statement.body())
    found = set()
    for line in statement.signatures:
        if line.keyid not in keys:
            continue
        public = Ed25519PublicKey.from_public_bytes(keys[line.keyid])
        try:
            public.verify(unbase64(line.sig, "signature"), message)
        except InvalidSignature as error:
            raise Invalid(
                "statement.signature",
                f"The signature of key {line.keyid[:16]} on the {what} does not hold.",
                "It was altered on the way, or made by somebody else: keep it and ask the signer face to face.",
            ) from error
        found.add(line.keyid)
    return frozenset(found)


def merge(first: Statement, second: Statement) -> Statement:
    """Return one statement with the signatures of both, which must be over the same bytes.

    Raises `Invalid`, also when one key signs differently in the two: a bad line must not displace a good one.
    """
    if (first.payload_type, first.payload) != (second.payload_type, second.payload):
        raise Invalid(
            "statement.differs",
            "The two files sign different bytes.",
            "Compare their digests; sign one text only.",
        )
    lines = {line.keyid: line for line in (*first.signatures, *second.signatures)}
    displaced = next((line.keyid for line in first.signatures if lines[line.keyid] != line), None)
    if displaced is not None:
        raise Invalid(
            "statement.conflict",
            f"The two files hold different signatures of the key {displaced[:16]}; one of them was altered.",
            "Verify each file alone, and merge only those that hold.",
        )
    return msgspec.structs.replace(first, signatures=tuple(lines[keyid] for keyid in sorted(lines)))


def to_bytes(statement: Statement) -> bytes:
    """Return the statement's file: its one JSON encoding."""
    return encode(statement)
