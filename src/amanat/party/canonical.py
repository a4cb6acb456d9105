"""JSON with exactly one encoding: what we sign we can parse again, and what we parse we would write the same way.

A value's encoding is msgspec's compact JSON of its struct: fields in declared order, defaults left out. `decode`
refuses any other bytes for the same value: white space, another order, an escaped letter, a field twice or unknown.
Embedded foreign JSON (`msgspec.Raw`) keeps its own bytes; `plain` checks it for what readers could disagree about.
"""

import json
import math
import re
from typing import Any, NoReturn, TypeVar

import msgspec

from amanat.party.errors import Invalid
from amanat.party.types import quoted

MAX_DEPTH = 32
MAX_BYTES = 4 * 1024 * 1024
MAX_WHOLE = 2**53 - 1  # RFC 7493 section 2.2: beyond it a reader that has only doubles reads another number

T = TypeVar("T")

# A string without its end reaches to the end of the text, so that no byte is looked at twice.
_TOKEN = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?|[\[\]{}]', re.DOTALL)
_DEPTH = {b"[": 1, b"{": 1, b"]": -1, b"}": -1}
_encoder = msgspec.json.Encoder()


def encode(value: object) -> bytes:
    """Return the one JSON encoding of a msgspec struct."""
    return _encoder.encode(value)


def decode(data: bytes, type_: type[T], what: str, *, limit: int = MAX_BYTES) -> T:
    """Parse `data` as the one encoding of a `type_`; `what` names it in the error ("manifest of pk").

    Raises `Invalid` when it is over `limit` bytes or `MAX_DEPTH` levels, is not UTF-8, is not JSON, does not fit the
    type, or is not in the one encoding.
    """
    check_text(data, what, limit)
    try:
        value = msgspec.json.decode(data, type=type_)
    except (
        msgspec.ValidationError,
        OverflowError,
    ) as error:  # of a time near the calendar's end
        raise Invalid("json.field", f"The {what} does not fit: {quoted(error)}.", "Correct that field.") from error
    except (msgspec.DecodeError, ValueError) as error:
        raise Invalid("json.syntax", f"The {what} is not JSON: {quoted(error)}.", "Ask for the file again.") from error
    if encode(value) != data:
        raise Invalid(
            "json.encoding",
            f"The {what} is not in its one encoding (white space, order, a field twice or a default spelled out).",
            "Write it as the protocol pages say; two encodings of one statement are one too many.",
        )
    return value


def check_text(data: bytes, what: str, limit: int = MAX_BYTES) -> None:
    """Refuse bytes that are too many, too deep or not UTF-8, before any parser sees them. Raises `Invalid`."""
    if len(data) > limit:
        raise Invalid("json.size", f"The {what} has {len(data)} bytes; at most {limit} are read.", "Send it in parts.")
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Invalid("json.utf8", f"The {what} is not UTF-8 at byte {error.start}.", "Save it as UTF-8.") from error
    if data.count(b"[") + data.count(b"{") <= MAX_DEPTH:
        return  # nothing is nested deeper than it has brackets
    depth = 0
    for token in _TOKEN.findall(data):
        depth += _DEPTH.get(token, 0)
        if depth > MAX_DEPTH:
            raise Invalid("json.depth", f"The {what} is nested deeper than {MAX_DEPTH} levels.", "Flatten it.")


def plain(data: bytes, what: str) -> Any:  # noqa: ANN401 - foreign JSON has no type of ours
    """Parse foreign JSON into plain values, refusing what two readers could read differently.

    Follows I-JSON (RFC 7493 sections 2.1 to 2.3): UTF-8 without lone surrogates, no name twice, no NaN or infinity, no
    whole number beyond `MAX_WHOLE`. Raises `Invalid`.
    """
    check_text(data, what)
    try:
        # Decoded here, because given bytes json guesses an encoding and would read UTF-16 where others read UTF-8.
        value = json.loads(
            data.decode(), object_pairs_hook=_unique, parse_constant=_no_number, parse_float=_finite, parse_int=_whole
        )
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError as error:
        raise Invalid(
            "json.surrogate", f"The {what} holds half a surrogate pair.", "Write the character whole."
        ) from error
    except ValueError as error:
        raise Invalid("json.syntax", f"The {what} is not JSON: {quoted(error)}.", "Ask for the file again.") from error
    return value


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Build an object, or raise ValueError for a name said twice (RFC 7493, 2.3)."""
    made = dict[str, Any]()
    for name, value in pairs:
        if name in made:
            msg = f"the name {name[:40]!r} stands twice in one object"
            raise ValueError(msg)
        made[name] = value
    return made


def _finite(text: str) -> float:
    """Read a number, or raise ValueError when a double cannot hold it: 1e999 would be read as infinity."""
    value = float(text)
    return value if math.isfinite(value) else _no_number(text)


def _whole(text: str) -> int:
    """Read a whole number, or raise ValueError when a double cannot hold it beside its neighbours."""
    value = int(text) if len(text) <= len(str(-MAX_WHOLE)) else MAX_WHOLE + 1
    return value if abs(value) <= MAX_WHOLE else _no_number(text)


def _no_number(text: str) -> NoReturn:
    msg = f"{text[:40]} is not a number that every reader can hold"
    raise ValueError(msg)
