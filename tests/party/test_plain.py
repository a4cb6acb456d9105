"""Foreign JSON: read however it was written, but refused where two readers could read it differently (RFC 7493)."""

import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amanat.party.canonical import MAX_BYTES, MAX_DEPTH, MAX_WHOLE, plain
from amanat.party.errors import Invalid

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-MAX_WHOLE, MAX_WHOLE)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(JSON, st.booleans())
def test_foreign_json_is_read_however_it_is_spaced_and_escaped(value: Any, ascii_: bool) -> None:  # noqa: FBT001
    assert plain(json.dumps(value, ensure_ascii=ascii_, indent=1).encode(), "bundle") == value


@given(st.binary(max_size=60))
def test_foreign_bytes_are_read_or_invalid(data: bytes) -> None:
    try:
        plain(data, "bundle")
    except Invalid as problem:
        assert problem.code.startswith("json.")


@pytest.mark.parametrize(
    ("data", "code", "says"),
    [
        (b'{"a":1,"a":1}', "json.syntax", "the name 'a' stands twice in one object"),
        (b'[{"b":1,"a":1,"\\u0061":2}]', "json.syntax", "the name 'a' stands twice in one object"),
        (b'{"a":NaN}', "json.syntax", "NaN is not a number that every reader can hold"),
        (b"-Infinity", "json.syntax", "-Infinity is not a number"),
        (b"1e999", "json.syntax", "1e999 is not a number that every reader can hold"),
        (b'{"a":"\\ud800"}', "json.surrogate", "half a surrogate pair"),
        (b'{"\\udc00":1}', "json.surrogate", "half a surrogate pair"),
        (b"[1,]", "json.syntax", "is not JSON"),
        (b'{"a":1,"b":{"c":1,"c":2}}', "json.syntax", "the name 'c' stands twice in one object"),
        (b"9007199254740992", "json.syntax", "9007199254740992 is not a number that every reader can hold"),
        (b"[-9007199254740992]", "json.syntax", "-9007199254740992 is not a number that every reader can hold"),
        (b"1" * 5000, "json.syntax", "is not a number that every reader can hold"),
        (b"1e" + b"9" * 5000, "json.syntax", "is not a number that every reader can hold"),
        ('"half"'.encode("utf-16-le"), "json.syntax", "is not JSON"),
        (b"\xef\xbb\xbf{}", "json.syntax", "is not JSON"),
        (b'"\xff"', "json.utf8", "is not UTF-8 at byte 1"),
        (b"[" * 100_000, "json.depth", "deeper than 32 levels"),
        (b"[" + b"[]," * 100 + b"[" * 32 + b"]" * 33, "json.depth", "deeper than 32 levels"),
        (b'{"a":[' + b"{}," * 100 + b"[" * 31 + b"]" * 32 + b"}", "json.depth", "deeper than 32 levels"),
        (b'"' + b"a" * MAX_BYTES + b'"', "json.size", "at most 4194304 are read"),
        (b'{"a":', "json.syntax", "is not JSON"),
    ],
    ids=lambda value: value[:20].decode("ascii", "replace") if isinstance(value, bytes) else None,
)
def test_what_two_readers_could_read_differently_is_refused(data: bytes, code: str, says: str) -> None:
    with pytest.raises(Invalid, match="The bundle ") as caught:
        plain(data, "bundle")
    assert caught.value.code == code
    assert says in caught.value.says


def test_a_surrogate_pair_written_whole_is_one_character() -> None:
    assert plain(b'"\\ud83c\\udf0d"', "bundle") == "\U0001f30d"


def test_foreign_json_is_read_into_plain_values() -> None:
    assert plain(b' {"a": [1.50, "\\u00e9", null]} ', "bundle") == {"a": [1.5, "é", None]}


def test_the_deepest_nesting_and_the_largest_numbers_allowed_are_read() -> None:
    nested = b"[" * MAX_DEPTH + b"]" * MAX_DEPTH
    assert plain(nested, "bundle") == json.loads(nested)
    assert plain(b"[9007199254740991,-9007199254740991,1.7e308]", "bundle") == [2**53 - 1, 1 - 2**53, 1.7e308]


def test_foreign_json_cut_off_anywhere_is_refused() -> None:
    data = '{"a": [1.5, "é\\ud83c\\udf0d", null, true], "b": {}}'.encode()
    for end in range(len(data)):
        with pytest.raises(Invalid):
            plain(data[:end], "bundle")


def test_a_name_said_twice_among_many_is_found_at_once() -> None:
    """Were each name compared with all others, four megabytes of them would stop a node for hours."""
    data = b"{" + b",".join(b'"%d":0' % number for number in range(32_000)) + b',"31999":0}'
    started = time.process_time()
    with pytest.raises(Invalid, match="the name '31999' stands twice"):
        plain(data, "bundle")
    assert time.process_time() - started < 1


@pytest.mark.parametrize("piece", ['"%s":1,"%s":1', '"%s":1e999', "%s"])
def test_an_error_quotes_foreign_json_shortly(piece: str) -> None:
    with pytest.raises(Invalid) as caught:
        plain(("{" + piece.replace("%s", "\u202e" * 100_000) + "}").encode(), "bundle")
    assert len(caught.value.says) < 300
    assert caught.value.says.isprintable()
