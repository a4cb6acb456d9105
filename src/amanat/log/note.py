"""C2SP signed-note: a text and the lines that sign it.

Law: the text is bytes and is never normalised; a line by an unknown key is carried and ignored; a line by a known key
that does not verify condemns the whole note (section Signatures).
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from amanat.log.lines import from_base64, quote, text_lines, to_base64
from amanat.log.malformed import Malformed

MAX_NOTE = 128 * 1024
"""Bytes in a note: room for 16 signatures of nearly 5 kB in base64, the least the specification asks for, and more."""
MAX_SIGNATURES = 64

ED25519 = 0x01
COSIGNATURE_ED25519 = 0x04
COSIGNATURE_MLDSA44 = 0x06
_PUBLIC_SIZE = {ED25519: 32, COSIGNATURE_ED25519: 32, COSIGNATURE_MLDSA44: 1312}

_KEY_ID_SIZE = 4
_NAME = re.compile(r"[^\s+\x00-\x1f\ud800-\udfff]+")
_HEX = re.compile(r"[0-9a-f]{8}")


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A public key under a name, for one signature type (sections Signature types, Verifier keys)."""

    name: str
    algorithm: int
    public: bytes

    def __post_init__(self) -> None:
        """Refuse what cannot be a key: name, type and length must fit."""
        _check_name(self.name)
        if len(self.public) != _PUBLIC_SIZE.get(self.algorithm):
            raise Malformed(
                "note.key",
                f"The key of {quote(self.name)} has type 0x{self.algorithm:02x} and {len(self.public)} bytes.",
                "Known are 0x01 and 0x04 (Ed25519, 32 bytes) and 0x06 (ML-DSA-44, 1312 bytes).",
            )

    @property
    def key_id(self) -> bytes:
        """SHA-256(name || 0x0A || type || public)[:4], as all three types prescribe."""
        return sha256(self.name.encode() + b"\n" + bytes([self.algorithm]) + self.public).digest()[:_KEY_ID_SIZE]


@dataclass(frozen=True, slots=True)
class SignatureLine:
    """One signature as it stands in a note; what `signature` holds depends on the key's type."""

    name: str
    key_id: bytes
    signature: bytes

    def __post_init__(self) -> None:
        """Refuse what no line can carry."""
        _check_name(self.name)
        if len(self.key_id) != _KEY_ID_SIZE or not self.signature:
            raise Malformed(
                "note.line",
                f"The signature line of {quote(self.name)} is too short.",
                "It carries a key id of four bytes and a signature.",
            )

    def encode(self) -> bytes:
        """Return the line: em dash, name, base64 of key id and signature, newline."""
        return f"\u2014 {self.name} {to_base64(self.key_id + self.signature)}\n".encode()


@dataclass(frozen=True, slots=True)
class Note:
    """A text ending in newline and its signatures, not yet verified."""

    text: bytes
    signatures: tuple[SignatureLine, ...]

    def encode(self) -> bytes:
        """Return the note's bytes: text, empty line, signature lines (section Format)."""
        return self.text + b"\n" + b"".join(line.encode() for line in self.signatures)

    def by(self, key: VerifierKey) -> tuple[SignatureLine, ...]:
        """Return the lines that claim to be by `key`: the same name and key id."""
        key_id = key.key_id
        return tuple(line for line in self.signatures if line.name == key.name and line.key_id == key_id)


def _check_name(name: str) -> None:
    if _NAME.fullmatch(name) is None:
        raise Malformed(
            "note.name",
            f"The key name {quote(name)} is not allowed.",
            "A key name is not empty and has no spaces, no plus sign and no control characters.",
        )


def vkey(key: VerifierKey) -> str:
    """Return the key as text: name+hex key id+base64 of type and public key (section Verifier keys)."""
    return f"{key.name}+{key.key_id.hex()}+{to_base64(bytes([key.algorithm]) + key.public)}"


def parse_vkey(text: str) -> VerifierKey:
    """Return the key in a vkey. Its key id must be the one its type prescribes."""
    name, _, rest = text.partition("+")
    hex_id, _, material = rest.partition("+")
    if _HEX.fullmatch(hex_id) is None or not material:
        raise Malformed(
            "note.vkey",
            f"{quote(text)} is not a verifier key.",
            "Write name+key id in 8 lower-case hex digits+base64 of type and public key.",
        )
    data = from_base64(material, "note.vkey", "The key material")
    key = VerifierKey(name, data[0], data[1:])
    if key.key_id.hex() != hex_id:
        raise Malformed(
            "note.vkey",
            f"The verifier key of {quote(name)} says key id {hex_id}, but its key has {key.key_id.hex()}.",
            "Copy the verifier key again, unchanged.",
        )
    return key


def parse_note(data: bytes) -> Note:
    """Return the note in `data`, unverified: at most 128 KiB and 64 signatures (section Format).

    Repeated lines are kept, for lines of unknown keys must be ignored and the bytes must come back as they were.
    """
    if len(data) > MAX_NOTE:
        raise Malformed("note.size", f"A note has {len(data)} bytes.", f"At most {MAX_NOTE} are read.")
    blank = data.rfind(b"\n\n")
    if blank < 0:
        raise Malformed("note.text", "A note has no empty line before its signatures.", "Send all of it, unchanged.")
    text_lines(data[: blank + 1], "note.text", "The text of a note")
    return Note(data[: blank + 1], parse_signature_lines(data[blank + 2 :]))


def parse_signature_lines(data: bytes) -> tuple[SignatureLine, ...]:
    """Return 1 to 64 signature lines; a witness's answer is nothing else (tlog-witness, add-checkpoint)."""
    lines = text_lines(data, "note.signatures", "The signature part of a note")
    if len(lines) > MAX_SIGNATURES:
        raise Malformed("note.count", f"A note has {len(lines)} signatures.", f"At most {MAX_SIGNATURES} are read.")
    return tuple(map(_signature_line, lines))


def _signature_line(line: str) -> SignatureLine:
    match line.split(" "):
        case ["\u2014", name, material]:
            data = from_base64(material, "note.line", f"The signature of {quote(name)}")
            return SignatureLine(name, data[:_KEY_ID_SIZE], data[_KEY_ID_SIZE:])
        case _:
            raise Malformed(
                "note.line",
                f"{quote(line)} is not a signature line.",
                "Write em dash, space, key name, space, base64, newline.",
            )


def add(note: Note, lines: Iterable[SignatureLine]) -> Note:
    """Return the note with these lines added; a line by a key that has one already takes its place."""
    by_key = {(line.name, line.key_id): line for line in (*note.signatures, *lines)}
    return Note(note.text, tuple(by_key.values()))


def sign_ed25519(text: bytes, name: str, private_key: Ed25519PrivateKey) -> SignatureLine:
    """Return the line by which `name` signs this text (type 0x01, section Ed25519 signatures)."""
    text_lines(text, "note.text", "The text to be signed")
    key = VerifierKey(name, ED25519, private_key.public_key().public_bytes_raw())
    return SignatureLine(name, key.key_id, private_key.sign(text))


def verify_ed25519(note: Note, key: VerifierKey) -> None:
    """Return if `key` (type 0x01) signed the note, and every line in its name verifies; else raise `Malformed`."""
    if key.algorithm != ED25519:
        raise Malformed(
            "note.algorithm",
            f"The key of {quote(key.name)} has type 0x{key.algorithm:02x}.",
            "A log signs its checkpoint with an Ed25519 key of type 0x01.",
        )
    lines = note.by(key)
    if not lines:
        raise Malformed(
            "note.unsigned",
            f"The note carries no signature by {quote(key.name)} with key id {key.key_id.hex()}.",
            "Ask for the signed note, or check which verifier key was given.",
        )
    if not all(ed25519_holds(key.public, line.signature, note.text) for line in lines):
        raise Malformed(
            "note.signature",
            f"A signature by {quote(key.name)} does not fit the text.",
            "Reject the note: its text or its signature was altered.",
        )


def ed25519_holds(public: bytes, signature: bytes, message: bytes) -> bool:
    """Tell whether this Ed25519 signature (RFC 8032) over `message` verifies under the 32-byte public key."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except InvalidSignature:
        return False
    return True
