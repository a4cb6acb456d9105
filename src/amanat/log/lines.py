"""The scalars of C2SP's line formats: text lines, decimal numbers, base64 and hashes.

Law: each value has exactly one encoding, and every other one is refused.
"""

import re
from base64 import b64decode, b64encode

from amanat.log.malformed import Malformed

HASH_SIZE = 32
MAX_NUMBER = 2**63 - 1
"""The largest size, index or timestamp: tlog-cosignature bounds timestamps so, and 63 proof lines bound sizes so."""

_DECIMAL = re.compile(r"0|[1-9][0-9]{0,18}")
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")
_SHOWN = 60


def quote(text: str) -> str:
    """Return foreign text as it may stand in an error: escaped, at most 60 characters."""
    return ascii(text if len(text) <= _SHOWN else text[:_SHOWN] + "...")


def text_lines(data: bytes, code: str, what: str) -> list[str]:
    """Return the lines of `data`, which must be UTF-8, end in newline and hold no other control character."""
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        raise Malformed(code, f"{what} is not UTF-8 at byte {error.start}.", "Send it in UTF-8.") from error
    if control := _CONTROL.search(text):
        raise Malformed(
            code,
            f"{what} holds the control character U+{ord(control[0]):04X}.",
            "Newline is the only control character allowed.",
        )
    if not text.endswith("\n"):
        raise Malformed(code, f"{what} does not end in newline.", "Send all of it, unchanged.")
    return text[:-1].split("\n")


def head_and_rest(data: bytes, limit: int, code: str, what: str) -> tuple[list[str], bytes]:
    """Split `data` of at most `limit` bytes at its first empty line into the lines above it and the bytes below."""
    if len(data) > limit:
        raise Malformed(code, f"{what} has {len(data)} bytes.", f"At most {limit} are read.")
    head, blank, rest = data.partition(b"\n\n")
    if not blank:
        raise Malformed(code, f"{what} has no empty line before its checkpoint.", "Send all of it, unchanged.")
    return text_lines(head + b"\n", code, what), rest


def decimal(text: str, code: str, what: str) -> int:
    """Return the number in `text`: ASCII digits, no leading zero, at most 2**63 - 1."""
    if _DECIMAL.fullmatch(text) is None or (number := int(text)) > MAX_NUMBER:
        raise Malformed(
            code,
            f"{what} is {quote(text)}.",
            "Write ASCII decimal digits without leading zeroes, below 2**63.",
        )
    return number


def to_base64(data: bytes) -> str:
    """Return RFC 4648 section 4 base64, padded."""
    return b64encode(data).decode()


def from_base64(text: str, code: str, what: str) -> bytes:
    """Return the bytes in `text`: padded RFC 4648 section 4 base64 whose unused bits are zero."""
    try:
        data = b64decode(text, validate=True)
    except ValueError as error:
        raise Malformed(
            code, f"{what} is {quote(text)}.", "Write padded standard base64 (RFC 4648, section 4)."
        ) from error
    if to_base64(data) != text:
        raise Malformed(code, f"{what} is {quote(text)}.", "Write base64 in its one form: unused bits are zero.")
    return data


def hash_from_base64(text: str, code: str, what: str) -> bytes:
    """Return the SHA-256 hash in `text`, 32 bytes in base64."""
    data = from_base64(text, code, what)
    if len(data) != HASH_SIZE:
        raise Malformed(code, f"{what} has {len(data)} bytes.", "A SHA-256 hash has 32.")
    return data
