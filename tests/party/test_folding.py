"""A text is found and read as a reader sees it, whatever keyboard wrote it."""

import pytest

from amanat.party.folding import folded, plain_text


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        pytest.param("STRASSE", "Straße", id="case"),
        pytest.param("Arzt", "A\u0301rzt", id="accents"),
        pytest.param("\u0639\u0644\u064a", "\u0639\u0644\u06cc", id="an Arabic yeh and a Farsi one"),
        pytest.param("\u0643\u0627\u0628\u0644", "\u06a9\u0627\u0628\u0644", id="an Arabic kaf and a keheh"),
        pytest.param(
            "\u0645\u06cc\u062f\u0627\u0646\u0645", "\u0645\u06cc\u200c\u062f\u0627\u0646\u0645", id="a joiner"
        ),
        pytest.param("\u067e\u0644", "\u067e\u064f\u0644", id="a vowel sign"),
        pytest.param("\u0622\u0628", "\u0627\u0653\u0628", id="a letter composed and not"),
        pytest.param("7", "\u06f7\u200f".replace("\u06f7", "\uff17"), id="a wide digit"),
        pytest.param("adversary", "Adver\x00sary\x07", id="a control character"),
    ],
)
def test_a_word_is_found_as_other_keyboards_write_it(typed: str, written: str) -> None:
    assert folded(typed) == folded(written)


def test_a_heap_of_marks_on_a_letter_counts_each_once_and_takes_no_time() -> None:
    assert plain_text("a" + "\u0651\u064e" * 50_000) == "a\u064e\u0651"


def test_what_is_plain_already_stays_as_it_is() -> None:
    assert plain_text("Torkham 34.1\n") == "Torkham 34.1\n"
