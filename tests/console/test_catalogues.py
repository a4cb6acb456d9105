"""The catalogues of the console and of each workspace are whole: no message is missing, none is left over, and none breaks what is filled into it."""

import re
import tomllib
from html.parser import HTMLParser
from importlib.resources import files
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from jinja2 import nodes

from amanat.console.languages import OWN, first, parse
from amanat.console.rendering import environment
from amanat.party.lexicon import Language
from amanat.workspaces import find
from console.extract import CONSOLE, SPACES, TRANSLATED, template, template_of, updated, written

TEMPLATES = [
    *sorted((CONSOLE / "templates").glob("*.html")),
    *(path for space in SPACES.values() for path in sorted(space.glob("templates/*/*.html"))),
]
PACKAGES = (OWN, *(f"amanat.workspaces.{name}" for name in SPACES))
PLACEHOLDER = re.compile(r"%\(\w+\)s|(?<!\{)\{\w+\}|\{\{|\}\}")
SHOWN_AS_IT_IS = {"Amanat", "UTC", "Ctrl", "K"}
GLOSSARY = tomllib.loads((CONSOLE / "locale" / "glossary.toml").read_text("utf-8"))["term"]
SOURCES = {"cldr", "dhis2", "review"}
CODE = re.compile(r'"[^"]*"|`[^`]*`|\{\w+\}|%\(\w+\)s|\S*\w[./:_-]+[\w{]\S*')
"""Names of files, keys and the like, which stand in a sentence as they are."""

CALLED = {"_", "gettext", "ngettext", "plain"}


each_page = pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
each_package = pytest.mark.parametrize("package", PACKAGES)


@pytest.fixture(scope="module")
def new() -> Catalog:
    """Every message of the console, as the source has it."""
    return template()


@pytest.fixture(scope="module")
def sources(new: Catalog) -> dict[str, Catalog]:
    """Every message of the console and of each workspace, as the source has it."""
    return {OWN: new} | {f"amanat.workspaces.{each.name}": template_of(each, SPACES[each.name], new) for each in find()}


def messages(catalog: Catalog) -> list[Message]:
    """The messages of a catalogue, without its header."""
    return [message for message in catalog if message.id]


def forms(message: Message) -> list[tuple[str, str]]:
    """Each form of a message, English and translated: of one without plurals its only one."""
    if isinstance(message.id, str):
        return [(message.id, str(message.string or ""))]
    return list(zip(message.id, message.string or (), strict=True))


def lacking(catalog: Catalog) -> list[str]:
    """What in a catalogue is not translated, breaks a placeholder, or has too few or too many plurals."""
    found = []
    for message in messages(catalog):
        plural = not isinstance(message.id, str)
        if plural and len(message.string or ()) != catalog.num_plurals:
            found.append(f"plurals of {message.id}")
            continue
        for english, translated in forms(message):
            if not translated.strip():
                found.append(f"untranslated: {english}")
            elif sorted(PLACEHOLDER.findall(english)) != sorted(PLACEHOLDER.findall(translated)):
                found.append(f"placeholders: {english} -> {translated}")
    return found


# --- whole ------------------------------------------------------------------------------------------------------------


@each_package
@pytest.mark.parametrize("language", TRANSLATED)
def test_make_messages_finds_nothing_new_and_nothing_left_over(
    language: Language, package: str, sources: dict[str, Catalog]
) -> None:
    new, held = sources[package], parse(language, package)
    ids = {str(message.id) for message in messages(held)}
    wanted = {str(message.id) for message in messages(new)}
    assert (sorted(wanted - ids), sorted(ids - wanted)) == ([], []), "run `make messages`, then translate"
    current = files(package).joinpath("locale", f"{held.locale}.po").read_bytes() == written(
        language, updated(language, new, held)
    )
    assert current, "run `make messages`"


@each_package
@pytest.mark.parametrize("language", TRANSLATED)
def test_everything_is_translated_with_what_is_filled_in(language: Language, package: str) -> None:
    assert lacking(parse(language, package)) == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_what_two_of_them_say_is_translated_alike(language: Language) -> None:
    """They are read as one: of two translations, which is shown would be chance."""
    said: dict[str, set[str]] = {}
    for message in (each for package in PACKAGES for each in messages(parse(language, package))):
        said.setdefault(first(message.id), set()).add(str(message.string))
    assert {english: ways for english, ways in said.items() if len(ways) > 1} == {}


@pytest.mark.parametrize(
    ("english", "translated", "says"),
    [
        ("The time {field} is late.", "", "untranslated"),
        ("The time {field} is late.", "وقت {name}", "placeholders"),
        ("Sign off: %(party)s", "سائن آف", "placeholders"),
        (("%(n)s byte", "%(n)s bytes"), ("%(n)s", ""), "untranslated"),
        (("%(n)s byte", "%(n)s bytes"), ("%(n)s", "%(n)s", "%(n)s"), "plurals"),
    ],
)
def test_what_is_lacking_is_found(english: str | tuple[str, str], translated: str | tuple[str, ...], says: str) -> None:
    catalog = parse("ur")
    catalog.add(english, translated)
    (found,) = lacking(catalog)
    assert found.startswith(says)


def test_what_a_layer_below_says_anew_is_missed(new: Catalog) -> None:
    added = updated("ur", new, parse("ur"))
    added.add("The clock of {party} is wrong.", auto_comments=["error clock.wrong"])
    assert lacking(updated("ur", added, parse("ur"))) == ["untranslated: The clock of {party} is wrong."]


# --- pages ------------------------------------------------------------------------------------------------------------


class Words(HTMLParser):
    """What a page says in so many words, where a reader sees or hears it."""

    def __init__(self, text: str) -> None:
        """Read a template whose expressions were cut out."""
        super().__init__()
        self.found: list[str] = []
        self.feed(text)

    def handle_starttag(self, _tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value or "" for name, value in attrs if name in {"title", "alt", "placeholder", "aria-label"}]

    def handle_data(self, data: str) -> None:
        self.found += re.findall(r"[^\W\d_]+", data)


@each_page
def test_every_word_of_a_page_is_a_message(path: Path) -> None:
    tree = environment("en").parse(path.read_text("utf-8"))
    text = "".join(data.data for data in tree.find_all(nodes.TemplateData))
    assert {word for word in Words(text).found if word} <= SHOWN_AS_IT_IS


@each_page
def test_only_what_stands_in_a_template_is_taken_for_markup(path: Path) -> None:
    """`_` trusts its message, so that one that came from elsewhere could bring markup of its own."""
    tree = environment("en").parse(path.read_text("utf-8"))
    named = [
        call for call in tree.find_all(nodes.Call) if isinstance(call.node, nodes.Name) and call.node.name in CALLED
    ]
    loose = [call for call in named if not isinstance(call.args[0], nodes.Const)]
    assert loose == []


# --- terms ------------------------------------------------------------------------------------------------------------


def test_each_term_stands_once_in_every_language_with_its_source() -> None:
    assert len({term["en"] for term in GLOSSARY}) == len(GLOSSARY)
    for term in GLOSSARY:
        assert set(term) - {"stem"} == {"en", *TRANSLATED, "source"}, term["en"]
        assert set(term["source"]) == set(TRANSLATED), term["en"]
        assert set(term["source"].values()) <= SOURCES, term["en"]


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_message_that_is_a_term_is_translated_as_the_glossary_has_it(language: Language) -> None:
    terms = {term["en"]: term[language] for term in GLOSSARY}
    held = {message.id: message.string for message in messages(parse(language)) if isinstance(message.id, str)}
    both = terms.keys() & held.keys()
    assert len(both) > 40
    assert {english: held[english] for english in both} == {english: terms[english] for english in both}


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_message_with_a_term_in_it_uses_the_glossarys_word(language: Language) -> None:
    uses = [
        (re.compile(rf"\b{term['en']}(?:s|es)?\b", re.IGNORECASE), term["stem"][language])
        for term in GLOSSARY
        if "stem" in term
    ]
    strays = [
        f"{stem}: {english} -> {translated}"
        for package in PACKAGES
        for message in messages(parse(language, package))
        for english, translated in forms(message)
        for word, stem in uses
        if word.search(CODE.sub("", english)) and stem not in translated
    ]
    assert strays == []
