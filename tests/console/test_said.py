"""What the layers below say in English is recognised, and said in the officer's language; what was filled in stays."""

import re
from collections.abc import Iterator

import pytest
from markupsafe import escape

from amanat.console import said
from amanat.console.languages import catalogue
from amanat.exchange.became import Step
from amanat.officer import account
from amanat.party.errors import Fault, Invalid, Problem
from amanat.party.lexicon import Language
from amanat.party.types import require_utc
from amanat.record.handling import CustodyRisk, Grading, Handling, describe
from console.extract import TRANSLATED

FILLED = "filled-in"
HOLE = re.compile(r"(?<!\{)\{(\w+)\}(?!\})")


def plain(shown: str) -> str:
    """What is read on a page, without the English beside it and without what isolates directions."""
    return re.sub(r'<small class="beside".*?</small>|</?bdi>|</?span[^>]*>', "", shown).strip()


def written(language: Language) -> Iterator[tuple[str, str, str]]:
    """Every sentence of a catalogue: its place, as a layer below would make it, and its translation, filled in alike."""
    held = catalogue(language)
    for place, messages in held.places.items():
        if place.startswith(("error ", "step", "handling")):
            for message in messages:
                english = HOLE.sub(FILLED, message).replace("{{", "{").replace("}}", "}")
                translated = HOLE.sub(FILLED, held.said(message)).replace("{{", "{").replace("}}", "}")
                yield place, english, str(escape(translated))


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_sentence_there_is_is_recognised_where_it_is_made(language: Language) -> None:
    strays = [
        (place, english, shown)
        for place, english, translated in written(language)
        if (shown := plain(str(said.sentence(place, english, language)))) != translated
    ]
    assert strays == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_an_error_is_said_in_a_language_with_the_english_beside(language: Language) -> None:
    error = account.not_let_in()
    shown = str(said.says(error, language))
    assert catalogue(language).said(error.says) in shown
    assert f'<small class="beside" lang="en" dir="ltr"> {error.says}</small>' in shown
    assert "15" in plain(str(said.mend(error, language)))


def test_in_english_an_error_stands_as_it_was_made() -> None:
    assert str(said.says(account.not_let_in(), "en")) == f"<bdi>{account.not_let_in().says}</bdi>"


def test_what_was_filled_in_stands_apart_and_is_no_markup() -> None:
    with pytest.raises(Invalid) as caught:
        require_utc(__import__("datetime").datetime(2026, 1, 1), "<b>")
    shown = str(said.says(caught.value, "ur"))
    assert "<bdi>&lt;b&gt;</bdi>" in shown
    assert "<b>" not in shown


@pytest.mark.parametrize("error", [Fault("none.such", "Nobody wrote <this>.", "Do it."), Invalid("", "", "")])
def test_what_is_not_recognised_is_shown_in_english(error: Problem) -> None:
    assert str(said.says(error, "ps")) == f"<bdi>{escape(error.says)}</bdi>"


def test_the_same_words_under_another_code_are_not_taken_for_it() -> None:
    error = account.not_let_in()
    assert catalogue("ur").said(error.says) not in str(said.sentence("error none.such", error.says, "ur"))


def test_words_that_a_sentence_is_filled_with_are_said_in_the_language_too() -> None:
    step = Step("delivered", "pk", None, "stands in its log, number 7, final; waits for the countersignature of obs")
    shown = plain(str(said.sentence("step", step.says, "ur")))
    assert (catalogue("ur").said("final") in shown, "7" in shown, "obs" in shown) == (True, True, True)
    assert "final" not in shown
    part = said.sentence("error checkpoint.text", "A checkpoint does not end in newline.", "fa-AF")
    assert plain(str(part)).startswith(catalogue("fa-AF").said("A checkpoint"))
    joined = said.sentence("step", "signed, and sealed to obs and pk", "ps")
    assert f"<bdi>obs {catalogue('ps').said('and')} pk</bdi>" in str(joined)


def test_handling_is_said_line_by_line() -> None:
    risk = CustodyRisk("low", "none", not_obtained_by_torture=True, basis="what is known of the district")
    handling = Handling(
        tlp="TLP:AMBER",
        purpose="counter-terrorism",
        codes=("H1", "H3"),
        caveats=("only for the desk",),
        grading=Grading("4x4", "B", "2"),
        custody_risk=risk,
    )
    for line in describe(handling):
        assert str(said.sentence("handling", line, "ur")) != f"<bdi>{line}</bdi>", line
