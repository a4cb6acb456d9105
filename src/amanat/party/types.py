"""The small types every signed statement is made of, and the one spelling each of them has."""

import base64
import binascii
import unicodedata
from datetime import datetime
from typing import Annotated

import msgspec

from amanat.party.errors import Invalid

# "$(?!\n)" because Python's $ also matches before a last newline; in JSON Schema's ECMA-262 it changes nothing.
PartyCode = Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9-]{1,15}$(?!\n)")]
Code = Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9-]{1,47}$(?!\n)")]
Digest = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}$(?!\n)")]
Time = Annotated[datetime, msgspec.Meta(tz=True)]

# What `first_hidden` finds, as a pattern can say it, up to Unicode 15.
_UNSEEN = (
    r"\x00-\x1f\x7f-\x9f\xad\u0600-\u0605\u061c\u06dd\u070f\u0890-\u0891\u08e2\u180e\u200b\u200e-\u200f"
    r"\u2028-\u202e\u2060-\u2064\u2066-\u206f\ue000-\uf8ff\ufeff\ufff9-\ufffb\U000110bd\U000110cd"
    r"\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0001\U000e0020-\U000e007f"
    r"\U000f0000-\U000ffffd\U00100000-\U0010fffd"
)
Line = Annotated[str, msgspec.Meta(pattern=rf"^[^{_UNSEEN}]+$(?!\n)", min_length=1, max_length=400)]

_HIDDEN = frozenset(("Cc", "Cf", "Zl", "Zp", "Co"))
_MAX_QUOTED = 200
_FIRST_YEAR, _LAST_YEAR = 1970, 2999
_JOINERS = "\u200c\u200d"  # Persian, Pashto and Urdu spelling needs them


def require_sorted(values: tuple[str, ...], field: str) -> None:
    """Refuse a list that is not sorted or says a thing twice; one set has one spelling. Raises `Invalid`."""
    if len(values) > 1 and list(values) != sorted(set(values)):
        raise Invalid("field.order", f"The list {field} is not sorted or repeats itself.", "Sort it, each once.")


def require_utc(time: datetime, field: str) -> None:
    """Refuse a time that is not a whole second of UTC, for one moment has one spelling, or beyond all use.

    What is reckoned from a time (a deadline, an hour in another zone) must be one too. Raises `Invalid`.
    """
    if time.tzname() != "UTC" or time.microsecond:
        raise Invalid(
            "field.time",
            f"The time {field} is not a whole second of UTC.",
            "Write it like 2026-11-24T06:30:00Z (RFC 3339).",
        )
    if not in_use(time):
        raise Invalid("field.year", f"The time {field} is in no year from 1970 to 2999.", "Correct its year.")


def in_use(time: datetime) -> bool:
    """Whether a time is of a year in which anybody dates anything: a clock that was never set says 1970."""
    return _FIRST_YEAR <= time.year <= _LAST_YEAR


def first_hidden(text: str, besides: str = "") -> str | None:
    """Return the first character that nobody sees, or that reorders its neighbours, so that text reads as another.

    Controls, formats, separators and private use (Unicode general categories Cc, Cf, Zl, Zp, Co) are hidden; the two
    joiners are not, nor what is in `besides`.
    """
    seen = _JOINERS + besides
    hidden = [each for each in {*text} if unicodedata.category(each) in _HIDDEN and each not in seen]
    return min(hidden, key=text.index, default=None)


def quoted(said: object) -> str:
    """Return what a parser says of foreign bytes, as an error may repeat it: one line of at most 200 characters.

    A parser quotes names it did not expect, and whoever wrote them chose their length and their characters.
    """
    text = str(said)
    shown = text if len(text) <= _MAX_QUOTED else text[: _MAX_QUOTED - 1] + "…"
    return "".join(each if each.isprintable() or each in _JOINERS else f"\\u{{{ord(each):x}}}" for each in shown)


def to_base64(raw: bytes) -> str:
    """Return padded standard base64 (RFC 4648 section 4), the one form in which statements and key files hold bytes."""
    return base64.b64encode(raw).decode()


def unbase64(text: str, what: str, length: int | None = None) -> bytes:
    """Return the bytes of padded standard base64 (RFC 4648 section 4) in its one form. Raises `Invalid`."""
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Invalid("field.base64", f"The {what} is not base64.", "Ask for the file again.") from error
    if to_base64(raw) != text:
        raise Invalid("field.base64", f"The {what} is not in base64's one form.", "Ask for the file again.")
    if length is not None and len(raw) != length:
        raise Invalid("field.length", f"The {what} has {len(raw)} bytes, not {length}.", "Ask for the file again.")
    return raw
