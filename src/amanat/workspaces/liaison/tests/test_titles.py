"""Records of hotlines are called by sentences in lists, in the reader's language, on every page that names them."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from amanat.console.languages import catalogue
from amanat.console.moments import Moments
from amanat.console.titles import Titles
from amanat.party.lexicon import Language
from amanat.workspaces.liaison import WORKSPACE, phrasebook, titles
from amanat.workspaces.liaison.incidents.words import WORDS
from amanat.workspaces.liaison.kinds import Desk as DeskTold
from amanat.workspaces.liaison.kinds import Phrase, Said, Spot, Text
from amanat.workspaces.liaison.tests.lines import Hotline, hotline, page
from api.cast import Desk, desk
from console.extract import TRANSLATED
from console.reading import Read

NOW = datetime(2026, 11, 24, 6, tzinfo=UTC)
HOTLINES = {"kurram": "Kurram sector"}
KINDS = {each.name: each for each in WORKSPACE.kinds}
CALL = Phrase(call=KINDS["liaison.message"].examples[0].call, n=1, said=Said("talk.received")).call
VALUES = {"count": 3, "minutes": 10, "metres": 300, "phone": "+92 51", "time": "2026-11-24T04:30:00Z"}


@pytest.fixture(scope="module")
def line(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Hotline, Desk]]:
    with hotline(tmp_path_factory.mktemp("titles")) as made, desk(made.side("af")) as af:
        yield made, af


def called(kind: str, body: object, language: Language = "en") -> str:
    made = Titles(Moments(NOW, None, language, ("af",)), HOTLINES)
    return " ".join(Read(f"<p>{made(f'{kind}/1', KINDS[kind].title(body))}").words.split())


def phrase(id_: str, **slots: object) -> Phrase:
    return Phrase(call=CALL, n=1, said=Said(id_, dict(sorted(slots.items()))))  # type: ignore[arg-type]


def test_what_happened_is_named_in_the_readers_language() -> None:
    incident = KINDS["liaison.incident"].examples[0]
    said = catalogue("ur").said(WORDS["incident type"][incident.type])
    assert called("liaison.incident", incident).endswith(WORDS["incident type"][incident.type])
    assert said in called("liaison.incident", incident, "ur")


def filled(entry: phrasebook.Entry) -> Phrase:
    """A phrase with something in each of its slots."""
    place = Spot(34.12, 71.09, 1000, "AF", "place.torkham-af")
    value = dict.fromkeys(phrasebook.PLACES, place) | VALUES
    slots = {name: value.get(type_) or phrasebook.LISTS[type_][0] for name, type_ in entry.slots.items()}
    return phrase(entry.id, **slots)


@pytest.mark.parametrize(
    ("kind", "body", "title"),
    [
        ("liaison.call", KINDS["liaison.call"].examples[0], "Call on Kurram sector, Priority"),
        ("liaison.call", KINDS["liaison.call"].examples[1], "Test call on Kurram sector"),
        ("liaison.sign", DeskTold(hotline="kurram", attended=False), "Desk of Kurram sector: unattended"),
        ("liaison.sign", DeskTold(hotline="khyber", attended=True), "Desk of khyber: attended"),
        (
            "liaison.message",
            phrase("works.explain", works="trench"),
            "We see works at …. Works: trench. Please explain.",
        ),
        ("liaison.message", phrase("none.such"), "none.such"),
        ("liaison.text", Text(about=CALL, text=f"a\n {'b' * 100}", language="en"), f"a {'b' * 77}…"),
        ("liaison.day", KINDS["liaison.day"].examples[0], "Log of Kurram sector, 24 November 2026: signed"),
    ],
)
def test_a_record_is_called_by_a_sentence_with_the_names_of_its_hotline_and_codes(
    kind: str, body: object, title: str
) -> None:
    assert called(kind, body) == title


@pytest.mark.parametrize("language", ["en", *TRANSLATED])
def test_every_phrase_is_called_by_its_own_words_in_the_readers_language(language: Language) -> None:
    for entry in phrasebook.book().entries.values():
        own = called("liaison.message", filled(entry), language)
        pieces = [
            re.escape(" ".join(each.split())) for each, is_slot in phrasebook.pieces(entry, language) if not is_slot
        ]
        assert re.match(r"\s*.*?\s*".join(pieces).join((r".*?", r".*?")), own), (entry.id, own)
        assert ("Torkham" in own) == bool(phrasebook.PLACES & {*entry.slots.values()}), own


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_example_has_a_title_that_is_recognised_in_each_language(language: Language) -> None:
    for kind in WORKSPACE.kinds:
        for body in kind.examples:
            english, shown = called(kind.name, body), called(kind.name, body, language)
            assert english
            if kind.name != "liaison.text":
                assert (shown.endswith(english), shown != english) == (True, True), (shown, english)


def test_a_title_that_nobody_here_made_stands_in_its_senders_words() -> None:
    made = Titles(Moments(NOW, None, "ur", ()), HOTLINES)
    assert str(made("intelligence.report/1", "Call on kurram, <flash>")) == "<bdi>Call on kurram, &lt;flash&gt;</bdi>"


def test_pages_call_a_record_so_in_the_list_and_on_its_own_page(line: tuple[Hotline, Desk]) -> None:
    made, af = line
    call = made.ring("pk", "flash")
    said = made.say("pk", call, "fire.cease", "Torkham (AF)", "14:30")
    made.carry()
    for record, title in ((call, "Call on Kurram, Flash"), (said, r"Cease fire at Torkham[^.]* at [^.]*14:30\.")):
        party, id_ = record.key
        (row,) = re.findall(f'<tr id="{party}-{id_}".*?</tr>', page(af, "/records?workspace=liaison"), re.DOTALL)
        assert re.search(title, " ".join(Read(row).words.split())), row
        whole = page(af, f"/record/{party}/{id_}", "ur")
        (heading,) = re.findall("<h1.*?</h1>", whole, re.DOTALL)
        (window,) = re.findall("<title>(.*?)</title>", whole, re.DOTALL)
        assert catalogue("ur").said("Flash") in heading or "فائر بند کریں" in heading
        assert "untitled" not in window
        assert ("&lt;" in window, "<" in window) == (False, False)
    assert titles.of_call(call.body) == "Call on kurram, flash"
