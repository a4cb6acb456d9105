"""Names in a lexicon: as people write them in four languages, and no two spellings that look the same."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from amanat.party.canonical import decode, encode
from amanat.party.errors import Invalid
from amanat.party.lexicon import Lexicon, name
from party.cast import NOW

EMPTY = Lexicon(party="pk", serial=1, at=NOW, languages=("en", "fa-AF", "ps", "ur"), calendars=(), names={})


def named(text: str) -> Lexicon:
    """A lexicon that calls the line so."""
    return msgspec.structs.replace(EMPTY, names={"line": {"en": text}})


@pytest.mark.parametrize(
    "text",
    [
        "Torkham",
        "Spin Boldak–Chaman (crossing)",
        "Ghulām Khān, D.I. Khan's road no. 5",
        "طورخم",
        "د سپين بولدک لار",
        "ګډې پولې ښځې ځای څلور ړوند",
        "سرحدی گزرگاہ ۴",
        "درهٔ خیبر؛ مُلک",
        "IS-K داعش",
    ],
)
def test_names_stand_as_people_write_them(text: str) -> None:
    assert name(named(text), "line", "en") == text


@pytest.mark.parametrize("text", ["می\u200cشود", "گذرگاه\u200cهای مشترک", "بِ\u200cما"])
def test_joiners_that_spelling_needs_stay(text: str) -> None:
    """Between a letter that would join and one that would be joined (RFC 5892 appendix A.1)."""
    assert name(named(text), "line", "en") == text


@pytest.mark.parametrize(
    "text",
    [
        "the\u200cline",
        "\u200cسرحد",
        "سرحد\u200c",
        "سرحد\u200c سرحد",
        "سر\u200cحد",
        "می\u200c\u200cشود",
        "می\u200dشود",
        "جز\u200cء",
        "شی\u200cء",
        "ب\u200c۴",
    ],
)
def test_joiners_that_change_nothing_seen_are_refused(text: str) -> None:
    with pytest.raises(Invalid, match=r"holds a joiner \(U\+200C or U\+200D\) where it changes nothing"):
        named(text)


@pytest.mark.parametrize(
    "hidden", ["\u202e", "\n", "\0", "\u00ad", "\u200b", "\u2066", "\ufeff", "\ue000", "\U000e0041"]
)
def test_what_nobody_sees_is_refused(hidden: str) -> None:
    with pytest.raises(Invalid, match=rf"the name of line holds the invisible character U\+{ord(hidden):04X}"):
        named(f"the {hidden}line")


@pytest.mark.parametrize(
    "text",
    [
        "the  line",
        " the line",
        "the line ",
        "the\u00a0line",
        "the\u3000line",
        "e\u0301",
        "\u0627\u0653",
        "ﻁ",
        "\uff34orkham",
        "ﬁeld",
        "㎞",
        "\u3164",
    ],
)
def test_a_name_has_one_spelling(text: str) -> None:
    with pytest.raises(Invalid, match="is not in Unicode's form NFKC with single spaces inside"):
        named(text)


@pytest.mark.parametrize(
    "character",
    [
        "\u0435",  # Cyrillic, looks like e
        "\u03bf",  # Greek, looks like o
        "\u0251",  # Latin alpha of phonetics, looks like a
        "\u0131",  # i without its dot
        "\u01c0",  # a click, looks like |
        "\u0640",  # tatweel: one name drawn longer
        "\u2800",  # a braille cell without dots
        "\u034f",  # combining grapheme joiner
        "\ufe0f",  # variation selector
        "\u180b",
        "\u17b4",
        "\u0378",  # not assigned, may become anything
        "\U0001f1f5",  # flags are emblems
    ],
    ids=ascii,
)
def test_letters_of_no_language_here_are_refused(character: str) -> None:
    with pytest.raises(Invalid, match=rf"holds U\+{ord(character):04X}, which the languages here do not write"):
        named(f"a {character}b")


@pytest.mark.parametrize("text", ["the l\u0627ne", "Torkh\u0647m", "a سرحدx"])
def test_a_word_is_of_one_script(text: str) -> None:
    """An alef stands for an l, a heh for an o, to whoever reads quickly."""
    with pytest.raises(Invalid, match="mixes two scripts in the word"):
        named(text)


@given(st.text(min_size=1, max_size=30) | st.text("aeإاهک\u200c\u200d\u064b\u0301 ۴4-", min_size=1, max_size=12))
def test_any_text_is_refused_or_read_as_it_was_written(text: str) -> None:
    try:
        made = named(text)
    except Invalid as problem:
        assert problem.code == "lexicon.content"
        return
    assert decode(encode(made), Lexicon, "lexicon") == made
