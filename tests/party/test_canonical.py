"""JSON with one encoding: what is parsed would be written the same way; all else is refused with a reason."""

import json
from contextlib import suppress

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from amanat.party.canonical import MAX_DEPTH, decode, encode, plain
from amanat.party.errors import Invalid


class Note(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A text, how often, and somebody else's JSON."""

    text: str
    count: int = 0
    raw: msgspec.Raw = msgspec.Raw(b"null")


@given(st.text(), st.integers(-(2**53), 2**53))
def test_what_was_written_is_read_back_the_same(text: str, count: int) -> None:
    data = encode(Note(text, count))
    assert encode(decode(data, Note, "note")) == data


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b'{"text":"a"', "json.syntax"),
        (b"", "json.syntax"),
        (b'{"text": "a"}', "json.encoding"),
        (b'{"text":"a"}\n', "json.encoding"),
        (b'{"text":"b","text":"a"}', "json.encoding"),
        (b'{"text":"a","count":0}', "json.encoding"),
        (b'{"count":1,"text":"a"}', "json.encoding"),
        (b'{"text":"\\u0061"}', "json.encoding"),
        (b'{"text":1}', "json.field"),
        (b'{"text":"a","other":1}', "json.field"),
        (b'{"text":"\xff"}', "json.utf8"),
        (b'{"text":"a","raw":"\xc3"}', "json.utf8"),
        (b'{"text":"a","raw":' + b"[" * MAX_DEPTH + b"]" * MAX_DEPTH + b"}", "json.depth"),
        (b'{"text":"' + b"a" * 200 + b'"}', "json.size"),
    ],
)
def test_any_other_bytes_are_refused(data: bytes, code: str) -> None:
    with pytest.raises(Invalid) as caught:
        decode(data, Note, "note", limit=190)
    assert caught.value.code == code
    assert "note" in caught.value.says


@given(st.binary(max_size=60))
def test_no_bytes_are_met_by_anything_but_a_value_or_a_clear_refusal(data: bytes) -> None:
    for read in (lambda: decode(data, Note, "note"), lambda: plain(data, "note")):
        with suppress(Invalid):
            read()


def test_brackets_within_a_string_are_no_depth() -> None:
    assert plain(json.dumps(["[" * 100 + '\\"' + "{" * 100]).encode(), "note")


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b'{"a":1,"b":{"c":1,"c":2}}', "json.syntax"),
        (b"[NaN]", "json.syntax"),
        (b"[-Infinity]", "json.syntax"),
        (b'["\\ud800"]', "json.surrogate"),
        (b"[1,]", "json.syntax"),
    ],
)
def test_foreign_json_that_two_readers_could_read_differently_is_refused(data: bytes, code: str) -> None:
    with pytest.raises(Invalid) as caught:
        plain(data, "bundle")
    assert caught.value.code == code


def test_a_name_said_twice_is_named() -> None:
    with pytest.raises(Invalid, match="'c' stands twice"):
        plain(b'{"c":1,"c":2}', "bundle")


def test_embedded_foreign_json_keeps_its_own_bytes() -> None:
    data = b'{"text":"a","raw":{ "x" :1.50 }}'
    assert bytes(decode(data, Note, "note").raw) == b'{ "x" :1.50 }'


def test_foreign_json_is_read_into_plain_values() -> None:
    assert plain(b' {"a": [1.50, "\\u00e9", null]} ', "bundle") == {"a": [1.5, "é", None]}
