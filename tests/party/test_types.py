"""One set, one moment and one run of bytes each have one spelling."""

import re
import unicodedata
from datetime import UTC, datetime, timedelta, timezone
from typing import get_args

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from amanat.party.errors import Invalid
from amanat.party.types import (
    Code,
    Digest,
    Line,
    PartyCode,
    first_hidden,
    quoted,
    require_sorted,
    require_utc,
    unbase64,
)


@pytest.mark.parametrize(("value", "type_"), [("pk", PartyCode), ("counter-terrorism", Code), ("0f" * 32, Digest)])
def test_codes_are_lower_case_ascii(value: str, type_: type[str]) -> None:
    assert msgspec.convert(value, type_) == value
    for bad in (value.upper(), value + "\n", " " + value, value + "\u0430", ""):
        with pytest.raises(msgspec.ValidationError):
            msgspec.convert(bad, type_)


def test_a_line_has_1_to_400_characters() -> None:
    assert msgspec.convert("ک" * 400, Line) == "ک" * 400
    for bad in ("", "ک" * 401):
        with pytest.raises(msgspec.ValidationError):
            msgspec.convert(bad, Line)


@pytest.mark.parametrize("bad", ["a\nhint: trust me", "a\n", "\x1b[2J", "a\u2028b", "\u202ecod", "a\u200bb", "\ue000"])
def test_a_line_is_one_line_and_all_of_it_is_seen(bad: str) -> None:
    """Whoever wrote it could else write a line of its own on the reader's screen, or reorder it."""
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(bad, Line)


def test_a_line_holds_every_character_that_is_seen_and_no_other() -> None:
    pattern = next(iter(get_args(Line)[1:])).pattern
    for each in map(chr, (*range(0xD800), *range(0xE000, 0x110000))):
        if unicodedata.category(each) != "Cn":
            assert bool(re.search(pattern, each)) == (first_hidden(each) is None), f"U+{ord(each):04X}"


def test_a_list_stands_sorted_and_each_member_once() -> None:
    require_sorted((), "audience")
    require_sorted(("af", "obs"), "audience")


@pytest.mark.parametrize("values", [("obs", "af"), ("af", "af")])
def test_another_order_or_a_repetition_is_refused(values: tuple[str, ...]) -> None:
    with pytest.raises(Invalid, match="The list audience is not sorted or repeats itself") as caught:
        require_sorted(values, "audience")
    assert caught.value.code == "field.order"


def test_a_time_is_a_whole_second_of_utc() -> None:
    require_utc(datetime(2026, 11, 24, 6, 30, tzinfo=UTC), "at")


@pytest.mark.parametrize(
    "time",
    [
        datetime(2026, 11, 24, 6, 30),  # noqa: DTZ001 - that is the fault
        datetime(2026, 11, 24, 6, 30, tzinfo=timezone(timedelta(hours=4, minutes=30))),
        datetime(2026, 11, 24, 6, 30, 0, 1, tzinfo=UTC),
    ],
    ids=["without a zone", "in Kabul's zone", "with a fraction"],
)
def test_any_other_spelling_of_a_time_is_refused(time: datetime) -> None:
    with pytest.raises(Invalid, match="The time at is not a whole second of UTC") as caught:
        require_utc(time, "at")
    assert caught.value.code == "field.time"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("YQ", "field.base64"),  # no padding
        ("YR==", "field.base64"),  # bits beyond the last byte: a second spelling of "a"
        ("Y Q==", "field.base64"),
        ("-_-_", "field.base64"),  # the URL alphabet
        ("YQ==\n", "field.base64"),
        ("\u0661", "field.base64"),
        ("YWI=", "field.length"),
    ],
)
def test_base64_has_one_form_and_the_length_asked_for(text: str, code: str) -> None:
    with pytest.raises(Invalid, match="The key ") as caught:
        unbase64(text, "key", 1)
    assert caught.value.code == code


def test_base64_in_its_one_form_is_read() -> None:
    assert unbase64("YQ==", "key", 1) == unbase64("YQ==", "key") == b"a"


@pytest.mark.parametrize(
    "character", ["\x00", "\n", "\x7f", "\u00ad", "\u061c", "\u200b", "\u200e", "\u2028", "\u202e", "\u2066", "\ufeff"]
)
def test_what_nobody_sees_is_found(character: str) -> None:
    assert first_hidden(f"Tor{character}kham") == character


def test_of_several_that_nobody_sees_the_first_is_found() -> None:
    assert first_hidden("Tor\u200bkham\x00") == "\u200b"
    assert first_hidden("Tor\x00kham\u200b") == "\x00"


def test_newlines_may_be_allowed() -> None:
    assert first_hidden("one\ntwo\x00", besides="\n") == "\x00"


@pytest.mark.parametrize("name", ["Torkham", "تورخم", "می\u200cشود", "स\u094d\u200dत"])
def test_names_as_people_write_them_hide_nothing(name: str) -> None:
    """The zero-width joiners belong to spelling."""
    assert first_hidden(name) is None


@given(st.text(alphabet=st.characters(categories=["L", "N", "P", "Mn", "Zs"])))
def test_letters_digits_marks_and_spaces_are_seen(text: str) -> None:
    assert first_hidden(text) is None


def test_what_foreign_bytes_say_is_quoted_on_one_short_line() -> None:
    """Whoever wrote them chose the length, and could write a line of their own, or rule the terminal."""
    assert quoted("unknown field `a\nhint: trust me\x1b[2J\u202e\ud800`") == (
        r"unknown field `a\u{a}hint: trust me\u{1b}[2J\u{202e}\u{d800}`"
    )
    assert quoted("می\u200cشود") == "می\u200cشود"
    assert (quoted("a" * 200), quoted("a" * 201)) == ("a" * 200, "a" * 199 + "…")
