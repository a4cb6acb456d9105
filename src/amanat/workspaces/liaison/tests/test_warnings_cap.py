"""Alerts in CAP 1.2: as the published schema says, no name can be markup, and a chain of messages refers to all before."""

import xml.etree.ElementTree as ET
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from amanat.party.lexicon import Language
from amanat.workspaces.liaison.ground.earth import metres, vector
from amanat.workspaces.liaison.ground.shapes import Area, Corridor, Point, Position, Shape
from amanat.workspaces.liaison.kinds import Named
from amanat.workspaces.liaison.tests.cap_schema import Schema
from amanat.workspaces.liaison.warnings import atom, cap, sentences
from amanat.workspaces.liaison.warnings.cap import Speaker
from amanat.workspaces.liaison.warnings.kinds import WARNING, Cancelled, Danger, Instruction, Warned
from amanat.workspaces.liaison.warnings.rules import Matter, Told, matter
from console.reading import HOSTILE

DATA: Final = Path(__file__).parent / "data" / "cap"
SCHEMA: Final = Schema(DATA / "cap12.xsd")
NOW: Final = datetime(2026, 11, 24, 6, 30, tzinfo=UTC)
CAP: Final = f"{{{cap.NAMESPACE}}}"
BODY: Final[Warned] = WARNING.examples[0]
SHAPES: Final[tuple[Shape, ...]] = (
    Point(Position(34.1, 71.1), 1500),
    Corridor((Position(33.9, 70.1), Position(34.9, 71.4), Position(34.8, 71.9)), 800),
    Area((Position(34.2, 71.0), Position(34.3, 71.1), Position(34.2, 71.25))),
    Area((Position(34.2, 71.0), Position(34.2, 71.25), Position(34.3, 71.1))),
)


def named(key: str, language: Language) -> str:
    return f"{key} {language}"


HERE: Final = Speaker(named, UTC)


def told(number: int, body: Warned | Cancelled, minutes: int = 0, *, exercise: bool = False) -> Told:
    key = Named("pk", f"01936e1a-7a00-7000-8000-{number:012}")
    return Told(key, NOW + timedelta(minutes=minutes), "torkham/duty", "pk-af", exercise, body)


def chain(*, exercise: bool = False) -> Matter:
    """A warning that was changed twice, then cancelled."""
    root = told(1, BODY, exercise=exercise)
    updates = [told(n, structs.replace(BODY, updates=root.key), n, exercise=exercise) for n in (2, 3)]
    return matter(root, [*updates, told(4, Cancelled(cancels=root.key), 4, exercise=exercise)])


def read(document: bytes) -> ET.Element:
    return ET.fromstring(document)  # noqa: S314 - our own


def texts(root: ET.Element, name: str) -> list[str]:
    return [each.text or "" for each in root.iter(CAP + name)]


# --- the schema, and what reads it ------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", sorted(DATA.glob("*.xml")), ids=lambda path: path.stem)
def test_the_standards_own_examples_are_as_the_schema_says(path: Path) -> None:
    assert SCHEMA.wrong(path.read_bytes()) == []


@pytest.mark.parametrize(
    ("good", "bad"),
    [
        (b"<status>Actual</status>", b"<status>Real</status>"),
        (b"<status>Actual</status>", b""),
        (b"<scope>Public</scope>", b"<scope>Public</scope><scope>Public</scope>"),
        (b"<scope>Public</scope>", b"<public>yes</public>"),
        (b"-00:00</sent>", b"Z</sent>"),
        (b"2026-11-24T06:30:00-00:00</sent>", b"2026-13-24T06:30:00-00:00</sent>"),
        (b"<urgency>Immediate</urgency>", b"<urgency>now</urgency>"),
    ],
)
def test_what_is_not_as_the_schema_says_is_found(good: bytes, bad: bytes) -> None:
    document = cap.alert(matter(told(1, BODY), []), told(1, BODY), HERE)
    assert good in document
    assert SCHEMA.wrong(document.replace(good, bad, 1)) != []


# --- alerts -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("exercise", [True, False])
def test_every_message_of_a_chain_is_valid_and_refers_to_all_before_it(exercise: bool) -> None:  # noqa: FBT001
    found = chain(exercise=exercise)
    documents = [read(cap.alert(found, each, HERE)) for each in found.messages]
    assert [SCHEMA.wrong(cap.alert(found, each, HERE)) for each in found.messages] == [[]] * 4
    assert [texts(each, "msgType") for each in documents] == [["Alert"], ["Update"], ["Update"], ["Cancel"]]
    names = [",".join(texts(each, name)[0] for name in ("sender", "identifier", "sent")) for each in documents]
    assert [texts(each, "references") for each in documents] == [
        [],
        [names[0]],
        [f"{names[0]} {names[1]}"],
        [f"{names[0]} {names[1]} {names[2]}"],
    ]
    assert {texts(each, "status")[0] for each in documents} == {"Exercise" if exercise else "Actual"}


@settings(max_examples=60)
@given(
    danger=st.sampled_from(get_args(Danger)),
    instructions=st.sets(st.sampled_from(get_args(Instruction)), min_size=1, max_size=5),
    shape=st.sampled_from(SHAPES),
    minutes=st.integers(0, 10_000),
)
def test_every_warning_there_can_be_is_valid(
    danger: Danger, instructions: set[Instruction], shape: Shape, minutes: int
) -> None:
    body = structs.replace(BODY, danger=danger, instructions=tuple(sorted(instructions)), shape=shape)
    root = told(1, body, minutes)
    assert SCHEMA.wrong(cap.alert(matter(root, []), root, HERE)) == []


def test_it_says_the_same_in_each_language_and_in_none_twice() -> None:
    root = told(1, BODY)
    document = read(cap.alert(matter(root, []), root, HERE))
    assert texts(document, "language") == ["en", "ur", "ps", "fa-AF"]
    assert len(set(texts(document, "headline"))) == 4
    for name in ("urgency", "severity", "certainty", "onset", "expires", "circle"):
        assert len(set(texts(document, name))) == 1


def test_a_cancelling_says_that_all_is_clear_and_gives_no_instruction() -> None:
    found = chain()
    document = read(cap.alert(found, found.messages[-1], HERE))
    assert set(texts(document, "responseType")) == {"AllClear"}
    assert set(texts(document, "urgency")) == {"Past"}
    assert texts(document, "instruction") == []


def test_an_exercise_says_so_first_in_each_language() -> None:
    root = told(1, BODY, exercise=True)
    document = read(cap.alert(matter(root, []), root, HERE))
    said = texts(document, "description")
    assert all(
        each.startswith(sentences.exercise(language)) for each, language in zip(said, sentences.LANGUAGES, strict=True)
    )


def test_no_name_is_markup() -> None:
    speaker = replace(HERE, named=lambda _key, _language: HOSTILE + "&{x}]]>")
    root = told(1, BODY)
    document = cap.alert(matter(root, []), root, speaker)
    assert SCHEMA.wrong(document) == []
    assert set(texts(read(document), "areaDesc")) == {HOSTILE + "&{x}]]>"}
    assert read(document).find(".//script") is None
    feed = atom.feed("pk", [matter(root, [])], speaker, NOW)
    assert HOSTILE in (read(feed).findtext(f".//{{{atom.NAMESPACE}}}name") or "")


# --- where it holds ---------------------------------------------------------------------------------------------------


def polygons(shape: Shape) -> list[list[tuple[float, float]]]:
    root = told(1, structs.replace(BODY, shape=shape))
    found = read(cap.alert(matter(root, []), root, HERE)).find(f"{CAP}info")
    assert found is not None
    pairs = [[tuple(map(float, each.split(","))) for each in ring.split()] for ring in texts(found, "polygon")]
    return [[(lat, lon) for lat, lon in ring] for ring in pairs]


def test_a_point_is_a_circle_of_kilometres() -> None:
    root = told(1, structs.replace(BODY, shape=SHAPES[0]))
    assert set(texts(read(cap.alert(matter(root, []), root, HERE)), "circle")) == {"34.1,71.1 1.5"}


@pytest.mark.parametrize("shape", SHAPES[1:])
def test_polygons_are_closed_and_of_four_pairs_at_least(shape: Shape) -> None:
    for ring in polygons(shape):
        assert ring[0] == ring[-1]
        assert len(ring) >= 4


def test_polygons_of_a_corridor_hold_all_of_it_and_little_more() -> None:
    """Corners lie no nearer to the way than its half width, and no farther than a fiftieth more."""
    shape = SHAPES[1]
    assert isinstance(shape, Corridor)
    (first, *_) = polygons(shape)
    begins = vector(shape.along[0].lat, shape.along[0].lon)
    nearest = [min(metres(begins, vector(*corner)), 10**9) for corner in first]
    assert shape.metres <= min(nearest) < shape.metres * 1.025


# --- the feed ---------------------------------------------------------------------------------------------------------


def test_the_feed_leads_to_each_alert_and_says_what_is_an_exercise() -> None:
    actual, exercise = matter(told(1, BODY), []), matter(told(2, BODY, 5, exercise=True), [])
    feed = read(atom.feed("pk", [actual, exercise], HERE, NOW))
    space = f"{{{atom.NAMESPACE}}}"
    entries = feed.findall(f"{space}entry")
    assert [each.findtext(f"{space}id") for each in entries] == [
        f"urn:uuid:{found.root.key.id}" for found in (exercise, actual)
    ]
    assert [each.findtext(f"{space}title", "").startswith("EXERCISE") for each in entries] == [True, False]
    for each in (feed, *entries):
        for name in ("id", "title", "updated"):  # RFC 4287, 4.1.1 and 4.1.2
            assert len(each.findall(space + name)) == 1
    assert feed.findtext(f"{space}updated") == "2026-11-24T06:35:00Z"


def test_a_feed_of_nothing_is_a_feed() -> None:
    assert read(atom.feed("pk", [], HERE, NOW)).findtext(f"{{{atom.NAMESPACE}}}updated") == "2026-11-24T06:30:00Z"


# --- the book ---------------------------------------------------------------------------------------------------------


def test_the_book_has_every_code_in_every_language_and_no_two_alike() -> None:
    for language in sentences.LANGUAGES:
        said = [sentences.event(each)[language] for each in get_args(Danger)]
        said += [sentences.instruction(each)[language] for each in get_args(Instruction)]
        said += [sentences.headline(structs.replace(BODY, danger=each), named, language) for each in get_args(Danger)]
        assert all(said)
        assert len(set(said)) == len(said)
    assert set(get_args(Danger)) == set(cap.CATEGORIES)
    assert set(get_args(Instruction)) == set(cap.RESPONSES)


def test_what_is_filled_in_stands_apart_where_the_sentence_runs_the_other_way() -> None:
    assert "\u2068place.torkham ur\u2069" in sentences.headline(BODY, named, "ur")
    assert "\u2068" not in sentences.headline(BODY, named, "en")
