"""One value, one encoding: whatever else decodes to it is refused, and so is what no parser should be given."""

import json
import time
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from amanat.party.canonical import MAX_BYTES, MAX_DEPTH, check_text, decode, encode
from amanat.party.errors import Invalid
from amanat.party.types import Time


class Note(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A small struct with each shape that signed statements have."""

    text: str
    count: int = 0
    at: Time | None = None
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
        '{"text":"a","count":-0}',
    ],
    ids=["space", "order", "escape", "tail", "twice", "default", "zone", "minus zero"],
)
def test_a_second_encoding_of_the_same_value_is_refused(other: str) -> None:
    assert code_of(other.encode()) == "json.encoding"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b'{"text":"a","other":1}', "json.field"),
        (b'{"text":1}', "json.field"),
        (b'{"text":"a","count":1.0}', "json.field"),
        (b'{"text":"a","at":"2026-11-24T06:30:00"}', "json.field"),
        (b'{"text":"a","at":"2026-11-24T23:59:60Z"}', "json.field"),
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


class Later(msgspec.Struct, frozen=True):
    """A struct that reckons with its time while it is read."""

    at: Time

    def __post_init__(self) -> None:
        assert self.at + timedelta(days=2) > self.at


def test_a_time_that_no_calendar_has_a_day_after_is_refused() -> None:
    """Else one record that cannot be read would take back all that came with it."""
    assert decode(b'{"at":"2026-11-24T06:30:00Z"}', Later, "note").at.year == 2026
    with pytest.raises(Invalid) as caught:
        decode(b'{"at":"9999-12-31T00:00:00Z"}', Later, "note")
    assert caught.value.code == "json.field"


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
    nested = b"[" * (MAX_DEPTH - 1) + b"]" * (MAX_DEPTH - 1)
    data = b'{"text":"a","inside":' + nested + b"}"
    assert bytes(decode(data, Note, "note").inside) == nested


def test_embedded_foreign_json_keeps_its_own_bytes() -> None:
    data = b'{"text":"a","inside":{ "x" :1.50 }}'
    assert bytes(decode(data, Note, "note").inside) == b'{ "x" :1.50 }'


def test_a_text_without_end_is_looked_through_once() -> None:
    """Were each quotation mark tried anew, four megabytes of them would stop a node for hours."""
    started = time.process_time()
    check_text(b'"' + b'\\"' * 32_000, "note")
    assert time.process_time() - started < 1


def test_an_error_quotes_what_it_found_shortly_and_without_ruling_a_terminal() -> None:
    data = b'{"text":"a","\\u001b[2J\\nhint: trust me' + b"a" * 100_000 + b'":1}'
    with pytest.raises(Invalid, match="unknown field") as caught:
        decode(data, Note, "note")
    assert len(caught.value.says) < 300
    assert caught.value.says.isprintable()
