"""Ways to alter bytes that leave enough of their form standing to get past the first check: values, lines, bytes.

Law: the same number gives the same bytes, so that what `make test` tries it always tries; only `fuzz.py` adds chance.
"""

import json
from collections.abc import Callable, Iterator
from random import Random
from typing import Any, Literal

Form = Literal["json", "lines", "bytes"]

# What stands where it should not: other types, numbers no machine holds, times on the edge, characters nobody sees.
ODD_VALUES: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 2**31, 2**53, 2**53 + 1, 2**63, 2**64, 10**400, 0.5, -0.0, 1e308,
    "", "\0", "\ud800", "\u202e", "\u200c", "é", "e\u0301", "\U0001f511", "سرحد", "x" * 500, [], {}, [[]], [None], {"": {}},
    "0001-01-01T00:00:00+23:59", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "9999-12-31T23:59:59-23:59",
    "2026-11-24T23:59:60Z", "2026-11-24T06:30:00.000Z", "0000-00-00", "2026-11-24", "A" * 43 + "=", "AAAA", "A===",
    "pk", "af", "obs", "0" * 64, "f" * 64, "01936000-0000-7000-8000-000000000001",
)  # fmt: skip
ODD_WORDS: tuple[bytes, ...] = (
    b"", b"0", b"-1", b"00", b"1", b"256", b"9223372036854775807", b"9223372036854775808", b"18446744073709551616",
    b"9" * 400, b"=", b"A", b"AA==", b"+", b"/", b"\xe2\x80\x94", b"\xc2\xa0", b"\xe2\x80\xa8", b"\x85", b"\0", b"\x7f",
    b"\xff", b"\xc3\xa9", b"\xe2\x80\xae", b"\xed\xa0\x80", b"\t", b"\r", b"#", b'"', b"'''", b"\\", b"none", b"all",
    b"any", b"pk", b"af", b"0" * 64, b"[", b"{", b"(" * 40, b"1e999", b"nan", b"true", b"2026-01-01", b"end", b"extra",
)  # fmt: skip


def altered(form: Form, data: bytes, chance: Random) -> bytes:
    """Return `data` with one to three things done to it that fit its form; bytes that have not that form, as bytes."""
    for _ in range(chance.choice((1, 1, 1, 2, 3))):
        ways: list[Callable[[bytes, Random], bytes | None]] = [_bytes]
        if form == "json":
            ways = [_value, _value, _value, _bytes]
        elif form == "lines":
            ways = [_line, _line, _word, _word, _bytes]
        data = chance.choice(ways)(data, chance) or _bytes(data, chance)
    return data


def _bytes(data: bytes, chance: Random) -> bytes:
    at = chance.randrange(len(data) + 1)
    length = min(chance.choice((1, 1, 2, 4, 16, 64, len(data))), len(data) - at)
    piece, head, tail = data[at : at + length], data[:at], data[at + length :]
    how = chance.randrange(6)
    if how == 0 and piece:
        return head + bytes([piece[0] ^ 1 << chance.randrange(8)]) + data[at + 1 :]
    if how == 1:
        return head + tail
    if how == 2:
        return head + piece + piece + tail
    if how == 3:
        return head + chance.choice(ODD_WORDS) + tail
    if how == 4:
        return head
    other = chance.randrange(len(data) + 1)
    return data[:other] + piece + data[other:]


def _line(data: bytes, chance: Random) -> bytes:
    lines = data.split(b"\n")
    at, to = chance.randrange(len(lines)), chance.randrange(len(lines))
    how = chance.randrange(5)
    if how == 0:
        del lines[at]
    elif how == 1:
        lines.insert(to, lines[at])
    elif how == 2:
        lines[at], lines[to] = lines[to], lines[at]
    elif how == 3:
        lines[at : at + 2] = [b"".join(lines[at : at + 2])]
    else:
        lines[at : at + 1] = [lines[at]] * chance.choice((3, 70, 300))
    return b"\n".join(lines)


def _word(data: bytes, chance: Random) -> bytes:
    """Put an odd word, or a word of another line, in the place of one."""
    lines = data.split(b"\n")
    at = chance.randrange(len(lines))
    words = lines[at].split(b" ")
    put = chance.choice((chance.choice(ODD_WORDS), chance.choice(chance.choice(lines).split(b" "))))
    words[chance.randrange(len(words))] = put
    lines[at] = b" ".join(words)
    return b"\n".join(lines)


def _value(data: bytes, chance: Random) -> bytes | None:
    """Put another value in the place of one of a JSON text, or alter a list or an object; None for no JSON."""
    try:
        value = json.loads(data)
        found = list(places(value))
    except (ValueError, RecursionError):
        return None
    path, old = chance.choice(found)
    new = chance.choice(
        (chance.choice(ODD_VALUES), chance.choice(found)[1], _within(old, chance), _within(old, chance))
    )
    try:
        text = json.dumps(replaced(value, path, new), separators=(",", ":"), ensure_ascii=False)
    except (ValueError, RecursionError):
        return None
    return text.encode("utf-8", "surrogatepass")


def _within(value: Any, chance: Random) -> Any:
    """Another value of the same type, near the first."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | float):
        return chance.choice((value + 1, value - 1, -value, value * 2, 0))
    if isinstance(value, str):
        at = chance.randrange(len(value) + 1)
        put = chance.choice([word for word in ODD_VALUES if isinstance(word, str)])
        return chance.choice((value[:at], value[:at] + put + value[at:], value.upper(), value * 2, value[:at] + put))
    if isinstance(value, list):
        return chance.choice((value * 2, value[::-1], value[:-1], value[:1] * 30, [], sorted(value, key=str)))
    if isinstance(value, dict):
        items = list(value.items())
        chance.shuffle(items)
        return chance.choice((dict(items), dict(items[1:]), {**value, "unknown": None}, {**value, "": value}))
    return chance.choice(ODD_VALUES)


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """All values inside a JSON value and itself, each with its path."""
    yield path, value
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in inside:
        yield from places(each, (*path, key))


def replaced(value: Any, path: tuple[Any, ...], by: Any) -> Any:
    """The JSON value with what stands at the path replaced."""
    if not path:
        return by
    copy = value.copy()
    copy[path[0]] = replaced(value[path[0]], path[1:], by)
    return copy
