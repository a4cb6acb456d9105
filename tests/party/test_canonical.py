"""One value, one encoding: whatever else decodes to it is refused, and so is what no parser should be given."""

import json
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from amanat.party.canonical import MAX_BYTES, MAX_DEPTH, check_text, decode, encode, plain
from amanat.party.errors import Invalid


class Note(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A small struct with each shape that signed statements have."""

    text: str
    count: int = 0
    at: datetime | None = None
    inside: msgspec.Raw = msgspec.Raw(b"")


def code_of(data: bytes, limit: int = MAX_BYTES) -> str:
    with pytest.raises(Invalid, match="The note ") as caught:
        decode(data, Note, "note", limit=limit)
    return caught.value.code


def test_the_encoding_is_declared_order_without_white_space_or_defaults() -> None:
    note = Note("Torkham تورخم", at=datetime(2026, 11, 24, 6, 30, tzinfo=UTC))
    assert encode(note) == '{"text":"Torkham تورخم","at":"2026-11-24T06:30:00Z"}'.encode()
    assert decode(encode(note), Note, "note") == note


@given(st.builds(Note, st.text(), st.integers(-(2**63), 2**63 - 1)))
def test_what_was_encoded_is_decoded_again(note: Note) -> None:
    assert decode(encode(note), Note, "note") == note


@given(st.binary(max_size=60))
def test_no_bytes_bring_forth_anything_but_the_value_or_invalid(data: bytes) -> None:
    try:
        note = decode(data, Note, "note")
    except Invalid:
        return
    assert encode(note) == data


@pytest.mark.parametrize(
    "other",
    [
        '{"text": "a","count":1}',
        '{"count":1,"text":"a"}',
        '{"text":"\\u0061","count":1}',
        '{"text":"a","count":1} ',
        '{"text":"b","text":"a","count":1}',
        '{"text":"a","count":1,"at":null}',
        '{"text":"a","count":1,"at":"2026-11-24T06:30:00+00:00"}',
        '{"text":"a","count":1.0}',
        '{"text":"a","count":-0}',
    ],
    ids=["space", "order", "escape", "tail", "twice", "default", "zone", "float", "minus zero"],
)
def test_a_second_encoding_of_the_same_value_is_refused(other: str) -> None:
    assert code_of(other.encode()) == "json.encoding"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b'{"text":"a","other":1}', "json.field"),
        (b'{"text":1}', "json.field"),
        (b"{}", "json.field"),
        (b'{"text":"a"', "json.syntax"),
        (b'{"text":"a"}{}', "json.syntax"),
        (b'{"text":"\\ud800"}', "json.syntax"),
        (b"", "json.syntax"),
        (b"\xef\xbb\xbf{}", "json.syntax"),
        (b'{"text":"\xff"}', "json.utf8"),
        (b'{"text":"\xed\xa0\x80"}', "json.utf8"),
        (b'{"text":"a","inside":' + b"[" * MAX_DEPTH + b"]" * MAX_DEPTH + b"}", "json.depth"),
        (b"[" * 100_000, "json.depth"),
    ],
)
def test_what_is_no_note_is_refused_by_name(data: bytes, code: str) -> None:
    assert code_of(data) == code


def test_a_number_too_long_to_read_is_refused() -> None:
    assert code_of(b'{"text":"a","count":' + b"1" * 5000 + b"}").startswith("json.")


def test_one_byte_more_than_the_limit_is_not_read() -> None:
    data = b'{"text":"a"}'
    assert decode(data, Note, "note", limit=len(data)) == Note("a")
    assert code_of(data, limit=len(data) - 1) == "json.size"


def test_every_proper_beginning_of_an_encoding_is_refused() -> None:
    data = encode(Note("Torkham تورخم", 5, datetime(2026, 11, 24, 6, 30, tzinfo=UTC)))
    assert {code_of(data[:end]) for end in range(len(data))} <= {"json.syntax", "json.utf8"}


def test_brackets_inside_text_are_not_depth() -> None:
    check_text(json.dumps({"text": "[" * 100 + '\\"' + "{" * 100}).encode(), "note")


def test_the_deepest_nesting_allowed_is_read() -> None:
    nested = b"[" * MAX_DEPTH + b"]" * MAX_DEPTH
    assert plain(nested, "note") == json.loads(nested)


# --- foreign JSON -------------------------------------------------------------------------------------------


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64)
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
        (b"1" * 5000, "json.syntax", "is not JSON"),
        ('"half"'.encode("utf-16-le"), "json.syntax", "is not JSON"),
        (b"\xef\xbb\xbf{}", "json.syntax", "is not JSON"),
        (b'"\xff"', "json.utf8", "is not UTF-8 at byte 1"),
        (b"[" * 100_000, "json.depth", "deeper than 32 levels"),
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
