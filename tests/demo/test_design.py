"""The page of components is whole, is made of the parts that pages use, and is known to no node but the demo's."""

import importlib
import re
import sys
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, get_args

import pytest
from jinja2 import nodes
from jinja2.runtime import Macro

import amanat.console
from amanat.console import said
from amanat.console.fields import What
from amanat.console.rendering import environment
from amanat.console.words import WORDS
from amanat.demo import design, specimens
from amanat.party.errors import Problem
from amanat.party.lexicon import Language

COMPONENTS = Path(amanat.console.__file__).parent / "components"
STATES = {"parts": ("line",), "agreed": ("line", "compact"), "way": ("did", "delivery")}
"""File of specimens → closed lists of states of which it shows each."""

Part = tuple[str, str]


def look(language: Language = "en") -> design.Look:
    return next(each for each in design.looks("ur") if each.spoken.code == language)


def pages() -> dict[str, str]:
    """All specimens in all looks, by their place on the page."""
    return {f"{each.name}-{part}": each.shown(part) for each in design.looks("ur") for part in design.PARTS}


def later() -> type:
    """A clock that is more than a year ahead, as a class whose moments are those of Python."""
    of_moments: Any = type(
        "Moments",
        (type,),
        {
            "__call__": lambda _, *given, **named: datetime(*given, **named),  # noqa: DTZ001 - as whoever calls it has it
            "__instancecheck__": lambda _, each: isinstance(each, datetime),
        },
    )
    ahead = timedelta(days=400, hours=5)
    clock: type = of_moments("Later", (datetime,), {"now": lambda tz=None: datetime.now(tz) + ahead})
    return clock


def macros() -> Iterator[Part]:
    """Each component, by its file and its name."""
    held = environment("en")
    for path in sorted(COMPONENTS.glob("*.html")):
        for macro in held.parse(path.read_text("utf-8")).find_all(nodes.Macro):
            yield path.name, macro.name


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> set[Part]:
    """The components that made the page, as they were asked, and by no name that the page gives them."""
    found = set[Part]()
    invoke = Macro._invoke  # noqa: SLF001 - where Jinja calls any macro

    def noted(macro: Macro, arguments: list[object], autoescape: bool) -> str:  # noqa: FBT001 - as Jinja calls it
        found.add((Path(macro._func.__code__.co_filename).name, macro.name))  # noqa: SLF001 - as above
        return invoke(macro, arguments, autoescape)

    monkeypatch.setattr(Macro, "_invoke", noted)
    for part in design.PARTS:
        look().shown(part)
    return found


def test_every_component_is_on_the_page(shown: set[Part]) -> None:
    assert [each for each in macros() if each not in shown] == []


def test_every_file_of_components_has_its_specimens() -> None:
    files = [path.stem for path in COMPONENTS.glob("*.html")]
    assert sorted(design.PARTS) == sorted([*files, "controls"])


@pytest.mark.parametrize(("part", "states"), STATES.items())
def test_every_state_is_on_the_page(part: str, states: tuple[str, ...]) -> None:
    page = look().shown(part)
    assert [word for of in states for word in WORDS[of].values() if word not in page] == []


def test_every_field_of_a_form_is_on_the_page() -> None:
    form = specimens.given("en")["full_form"]
    assert {each.what for each in form.parts} == set(get_args(What))


def test_what_components_say_is_translated_and_what_specimens_are_called_is_not() -> None:
    english, urdu = look().shown("accounts"), look("ur").shown("accounts")
    called = re.compile(r'<figcaption lang="en" dir="ltr">(.+?)</figcaption>')
    assert called.findall(english) == called.findall(urdu) != []
    assert "پاس ورڈ" in urdu


@pytest.mark.parametrize(
    "problem", [specimens.ROLE_MISSING, specimens.NAME_TAKEN, specimens.PASSWORD_SAME], ids=lambda each: each.code
)
def test_its_mistakes_are_worded_as_those_of_officers_are(problem: Problem) -> None:
    """Else they would stand in English alone."""
    assert problem.says not in re.sub(r"<small.*?</small>", "", str(said.says(problem, "ur")))


def test_its_flaws_are_worded_as_those_of_drafts_are() -> None:
    for flaws in specimens.WRONG.values():
        for flaw in flaws:
            assert 'class="beside"' in str(said.sentence(f"error {flaw.code}", flaw.says, "ur"))


@pytest.fixture
def on_another_day() -> Iterator[Callable[[], dict[str, str]]]:
    """Make all specimens on another day, those too that their module makes once, when it is read."""
    made_by = ("amanat.console.", "amanat.demo.", "babel.")

    def made() -> dict[str, str]:
        ahead = later()
        with pytest.MonkeyPatch.context() as clock:
            clock.setattr("datetime.datetime", ahead)
            for name, module in [*sys.modules.items()]:
                if name.startswith(made_by) and vars(module).get("datetime") is datetime:
                    clock.setattr(module, "datetime", ahead)
            importlib.reload(specimens)
            return pages()

    yield made
    importlib.reload(specimens)


def test_it_is_the_same_whenever_it_is_made(on_another_day: Callable[[], dict[str, str]]) -> None:
    today = pages()
    assert on_another_day() == today
