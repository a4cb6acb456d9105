"""The phrasebook's pages: all of it by group, what a search finds, and a card that serves without a screen."""

import re
from collections.abc import Iterator
from typing import get_args

import pytest

from amanat.party.lexicon import Language
from amanat.workspaces.liaison import phrasebook
from amanat.workspaces.liaison.pages.phrases import by_group, gap_number
from amanat.workspaces.liaison.tests.lines import hotline, page
from api.cast import Desk, desk

LANGUAGES: tuple[Language, ...] = get_args(Language)
ENTRIES = list(phrasebook.book().entries.values())


@pytest.fixture(scope="module")
def pk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with hotline(tmp_path_factory.mktemp("line")) as line, desk(line.side("pk")) as served:
        yield served


def cards(shown: str) -> list[str]:
    """The numbers of the phrases that a page shows, in its order."""
    return re.findall(r'class="card-number"><bdi class="code" dir="ltr">([0-9]+-[0-9])<', shown)


def test_the_whole_book_stands_by_group(pk: Desk) -> None:
    shown = page(pk, "/liaison/phrases")
    assert cards(shown) == [each.card for each in ENTRIES]
    assert "reviewed these texts" not in shown


@pytest.mark.parametrize("find", ["cease fire", "فائر بند", "ډزې ودروئ", "فیر قطع", "101"])
def test_a_phrase_is_found_in_any_language_whatever_the_book_is_shown_in(pk: Desk, find: str) -> None:
    assert "101-1" in cards(page(pk, f"/liaison/phrases?find={find}&language=ps"))


def test_what_is_not_there_is_told(pk: Desk) -> None:
    assert "No phrase is like that." in page(pk, "/liaison/phrases?find=xyzzy")
    page(pk, "/liaison/phrases?language=tlh", status=400)


@pytest.mark.parametrize("language", ["fa-AF", "ps", "ur"])
def test_a_text_that_nobody_reviewed_stands_beside_the_english(pk: Desk, language: Language) -> None:
    shown = page(pk, f"/liaison/phrases?language={language}&find=101")
    assert "Cease fire at … at …." in shown
    assert "No native speaker has reviewed" in shown


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_card_has_every_phrase_in_its_language_and_says_how_its_digits_are_checked(
    pk: Desk, language: Language
) -> None:
    shown = page(pk, f"/liaison/phrases?card={language}")
    assert cards(shown) == [each.card for each in ENTRIES]
    assert "check digit" in shown
    assert all(phrasebook.by_card(number) for number in re.findall(r"\b[0-9]{3}-[0-9]\b", shown))


def test_gaps_have_the_same_numbers_in_every_language_whatever_comes_first_there() -> None:
    cease = phrasebook.book().entries["fire.cease"]
    assert [gap_number(cease, each) for each in ("place", "time")] == [1, 2]
    for each in ENTRIES:
        for language in LANGUAGES:
            gaps = [gap_number(each, piece) for piece, is_slot in phrasebook.pieces(each, language) if is_slot]
            assert sorted(gaps) == list(range(1, len(each.slots) + 1))


def test_groups_stand_in_the_order_of_the_book_and_what_was_found_first_first_within_one() -> None:
    turned = by_group(reversed(ENTRIES))
    assert [group for group, _ in turned] == list(phrasebook.book().groups)
    assert turned[0][1][-1] == ENTRIES[0]
