"""What people compare face to face: the fingerprint of a party's root, as twelve short words or a QR code."""

import difflib
import hashlib
import io
import re
from functools import lru_cache
from importlib.resources import files
from typing import Final

import segno
from cryptography.hazmat.primitives.constant_time import bytes_eq

from amanat.party import labels
from amanat.party.canonical import encode
from amanat.party.errors import Invalid
from amanat.party.root import Root

WORD_COUNT: Final = 12
_WORD_BITS: Final = 11
_WORDS: Final = tuple(files("amanat.party.words").joinpath("english.txt").read_text("ascii").split())
_NUMBER: Final = {word: number for number, word in enumerate(_WORDS)}
_LONGEST: Final = max(map(len, _WORDS))
_QR = re.compile(r"AMANAT1:([A-Z][A-Z0-9-]{1,15}):([0-9A-F]{64})")


def fingerprint(root: Root) -> bytes:
    """Return the 32-byte SHA-256 of label ‖ the root's one encoding."""
    return hashlib.sha256(labels.FINGERPRINT + encode(root)).digest()


def words(fingerprint_: bytes) -> tuple[str, ...]:
    """Return the fingerprint's first 132 bits as twelve words (BIP-39 English list, 11 bits a word).

    132 bits are enough against a second root made to have the same words.
    """
    number = int.from_bytes(fingerprint_, "big") >> (len(fingerprint_) * 8 - WORD_COUNT * _WORD_BITS)
    return tuple(_WORDS[number >> _WORD_BITS * at & 2**_WORD_BITS - 1] for at in reversed(range(WORD_COUNT)))


def same(spoken: str, fingerprint_: bytes) -> bool:
    """Whether twelve words as people typed them (case, commas and white space do not matter) are the fingerprint's.

    Raises `Invalid` for a word that is not in the list, naming the nearest that is, or for another number of words.
    """
    given = spoken.lower().replace(",", " ").split()
    for at, word in enumerate(given, 1):
        if word not in _NUMBER:
            shown = word[: 2 * _LONGEST]
            near = difflib.get_close_matches(shown, _WORDS, 1, 0)[0]
            raise Invalid("fingerprint.word", f"Word {at}, {shown!r}, is not in the list.", f"Perhaps {near!r}?")
    if len(given) != WORD_COUNT:
        raise Invalid("fingerprint.count", f"There are {len(given)} words, not {WORD_COUNT}.", "Give all twelve.")
    return bytes_eq(" ".join(given).encode(), " ".join(words(fingerprint_)).encode())


def qr_text(party: str, fingerprint_: bytes) -> str:
    """Return what the QR code holds: party and whole fingerprint, in QR's alphanumeric alphabet."""
    return f"AMANAT1:{party.upper()}:{fingerprint_.hex().upper()}"


def parse_qr_text(text: str) -> tuple[str, bytes]:
    """Return (party, 32-byte fingerprint) of a scanned code. Raises `Invalid`."""
    match = _QR.fullmatch(text.strip())
    if match is None:
        raise Invalid("fingerprint.qr", "The code scanned is not a fingerprint of this version.", "Scan it again.")
    return match[1].lower(), bytes.fromhex(match[2])


@lru_cache(maxsize=32)
def qr_svg(text: str) -> str:
    """Return the code as an SVG picture, dark on white whatever page it stands on."""
    out = io.BytesIO()
    segno.make(text, error="m", micro=False).save(out, kind="svg", scale=4, xmldecl=False, light="white")
    return out.getvalue().decode()


def qr_terminal(text: str) -> str:
    """Return the code in half-block characters, for a terminal."""
    out = io.StringIO()
    segno.make(text, error="m", micro=False).terminal(out, compact=True)
    return out.getvalue()
