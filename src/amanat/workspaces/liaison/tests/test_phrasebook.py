"""The phrasebook holds together: whole in each language, no two alike, and no phrase means another thing than it did.

A new phrase is added to `frozen.txt` as a line, id and `phrasebook.meaning`; no line of it is ever changed or taken away.
"""

from importlib.resources import files
from typing import get_args

import pytest

from amanat.party.lexicon import Language
from amanat.workspaces.liaison import phrasebook
from amanat.workspaces.liaison.phrasebook import Entry

ENTRIES = tuple(phrasebook.book().entries.values())
LANGUAGES: tuple[Language, ...] = get_args(Language)
FROZEN = files("amanat.workspaces.liaison.phrasebook").joinpath("frozen.txt").read_text("utf-8")


def held(each: Entry, language: Language) -> list[str]:
    """The slots of a phrase as they stand in its text in a language, sorted."""
    return sorted(piece for piece, is_slot in phrasebook.pieces(each, language) if is_slot)


def neighbours_exchanged(digits: str) -> list[str]:
    """What one types who exchanges two digits that stand side by side and differ."""
    changed = [digits[:at] + digits[at + 1] + digits[at] + digits[at + 2 :] for at in range(len(digits) - 1)]
    return [each for each in changed if each != digits]


def one_wrong(digits: str) -> list[str]:
    """What one types who mistakes one digit."""
    return [
        digits[:at] + other + digits[at + 1 :]
        for at in range(len(digits))
        for other in "0123456789"
        if other != digits[at]
    ]


# --- it is whole ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_phrase_and_heading_stands_in_every_language(language: Language) -> None:
    assert [each.id for each in ENTRIES if not each.texts[language].strip()] == []
    assert [group for group, titles in phrasebook.book().groups.items() if not titles[language].strip()] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_phrase_has_the_same_slots_in_every_language_each_once(language: Language) -> None:
    assert [each.id for each in ENTRIES if held(each, language) != sorted(each.slots)] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_two_phrases_say_the_same(language: Language) -> None:
    assert len({each.texts[language] for each in ENTRIES}) == len(ENTRIES)


@pytest.mark.parametrize("language", ["fa-AF", "ps", "ur"])
def test_no_latin_letter_stands_in_a_text_that_is_read_from_right_to_left(language: Language) -> None:
    said = {each.id: "".join(text for text, slot in phrasebook.pieces(each, language) if not slot) for each in ENTRIES}
    assert [id_ for id_, text in said.items() if any(letter.isascii() and letter.isalpha() for letter in text)] == []


def test_numbers_are_of_three_digits_and_each_one_phrases_own() -> None:
    assert all(100 <= each.number <= 999 for each in ENTRIES)
    assert len({each.number for each in ENTRIES}) == len(ENTRIES)


def test_usual_answers_are_phrases_of_the_book_and_never_the_phrase_itself() -> None:
    assert {answer for each in ENTRIES for answer in each.answers} <= phrasebook.book().entries.keys()
    assert [each.id for each in ENTRIES if each.id in each.answers] == []


def test_a_dangerous_phrase_has_something_to_read_back() -> None:
    assert [each.id for each in ENTRIES if each.danger and not each.read_back] == []


def test_the_phrases_that_the_rules_name_are_there() -> None:
    named = (phrasebook.ENDS, phrasebook.TEST, phrasebook.TEST_ANSWERED, phrasebook.WITHDRAWS)
    assert all(phrasebook.entry(each) for each in named)


# --- it means what it meant -------------------------------------------------------------------------------------------


def test_no_phrase_means_another_thing_than_when_it_was_added_and_none_is_gone() -> None:
    """What was signed under an id was signed with its meaning then: change it by a phrase of another id and number."""
    now = {each.id: phrasebook.meaning(each) for each in ENTRIES}
    assert now == dict(line.split(" ") for line in FROZEN.splitlines())
    assert FROZEN.splitlines() == sorted(set(FROZEN.splitlines()))


# --- it is found ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", ["cease fire", "فائر بند", "ډزې ودروئ", "فیر قطع", "101", "101-1", "fire.cease"])
def test_a_phrase_is_found_in_each_language_by_its_number_and_by_its_id(words: str) -> None:
    assert "fire.cease" in [each.id for each in phrasebook.find(words)]


def test_a_phrase_in_which_a_word_is_begun_stands_before_those_that_hold_it_within() -> None:
    found = [each.texts["en"].lower() for each in phrasebook.find("hold")]
    begun = [text.startswith("hold") or " hold" in text for text in found]
    assert begun == sorted(begun, reverse=True)


def test_no_words_find_the_whole_book_in_its_order_and_strange_ones_nothing() -> None:
    assert tuple(phrasebook.find("")) == ENTRIES
    assert phrasebook.find("xyzzy") == []


# --- its numbers are said over a bad line -----------------------------------------------------------------------------


def test_a_card_is_read_in_the_digits_of_every_language_with_or_without_its_hyphen() -> None:
    for each in ENTRIES:
        eastern = each.card.translate(str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹"))
        assert [phrasebook.by_card(typed) for typed in (each.card, each.card.replace("-", ""), eastern)] == [each] * 3


def test_no_card_is_taken_for_another_by_one_wrong_digit() -> None:
    """ISO/IEC 7064, MOD 11,10 finds every single one."""
    wrong = [typed for each in ENTRIES for typed in one_wrong(each.card.replace("-", ""))]
    assert [typed for typed in wrong if phrasebook.by_card(typed)] == []


def test_hardly_a_card_is_taken_for_another_when_two_neighbours_are_exchanged() -> None:
    wrong = [typed for each in ENTRIES for typed in neighbours_exchanged(each.card.replace("-", ""))]
    assert len([typed for typed in wrong if phrasebook.by_card(typed)]) <= len(wrong) // 100


def test_a_phrase_and_what_is_usually_said_to_it_differ_in_two_digits_at_least() -> None:
    for each in ENTRIES:
        said = [each.number, *(phrasebook.book().entries[id_].number for id_ in each.answers)]
        pairs = [(one, other) for at, one in enumerate(said) for other in said[at + 1 :]]
        assert all(sum(a != b for a, b in zip(str(one), str(other), strict=True)) >= 2 for one, other in pairs), each.id
