"""What an officer types of a place is read as it was meant, and shown no more exactly than it is known."""

import math
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mgrs import MGRS

from amanat.party.errors import Invalid
from amanat.party.lexicon import Language
from amanat.workspaces.liaison.gazetteer import bundled, choice, crossings, found, gazetteer, named
from amanat.workspaces.liaison.kinds import Spot
from amanat.workspaces.liaison.places import METRES_PER_DEGREE, grid, offered, parse, shown, typed

NAMES = gazetteer({"place.chaman": {"en": "Chaman", "ur": "چمن"}, "place.unmeasured": {"en": "Elsewhere"}})
latitudes = st.floats(-80, 83.99).map(lambda each: round(each, 5))
longitudes = st.floats(-180, 180).map(lambda each: round(each, 5))


def metres_between(one: Spot, lat: float, lon: float) -> float:
    north = one.lat - lat
    east = ((one.lon - lon + 180) % 360 - 180) * math.cos(math.radians(lat))
    return METRES_PER_DEGREE * math.hypot(north, east)


@pytest.mark.parametrize(
    ("text", "lat", "lon", "metres"),
    [
        ("33.9, 70.1", 33.9, 70.1, 11_100),
        ("33.90123 70.12345", 33.90123, 70.12345, 1),
        (
            "\u06f3\u06f3\u066b\u06f9\u06f0\u06f1\u06f2\u060c \u06f7\u06f0\u066b\u06f1\u06f2\u06f3\u06f4",
            33.9012,
            70.1234,
            11,
        ),
        ("\u0663\u0663.\u0669\u0660 \u0667\u0660.\u0661\u0660", 33.9, 70.1, 1110),
        ("33.901N 70.123E", 33.901, 70.123, 111),
        ("E70.123 N33.901", 33.901, 70.123, 111),
        ("-33.901; -70.123", -33.901, -70.123, 111),
        ("33.901S, 70.123W", -33.901, -70.123, 111),
        ("34°07'24\"N 71°03'40\"E", 34.12333, 71.06111, 31),
        ("34° 07\u2032 24\u2033 N, 71° 03\u2032 40\u2033 E", 34.12333, 71.06111, 31),
        ("34 07 24 71 03 40", 34.12333, 71.06111, 31),
        ("34 07.4 N 71 03.5 E", 34.1233, 71.0583, 185),
        ("340724N 0710340E", 34.12333, 71.06111, 31),
        ("33.90123, 70.12345 ±200 m", 33.9012, 70.1235, 200),
        ("33.90123, 70.12345 +/- 5 km", 33.901, 70.123, 5000),
        ("42S WD 12345 67890", 34.95346, 69.13521, 1),
        ("42swd1234567890", 34.95346, 69.13521, 1),
        ("\u06f4\u06f2S WD \u06f1\u06f2\u06f3 \u06f6\u06f7\u06f8", 34.9531, 69.1353, 100),
        ("42SWD16", 34.93, 69.16, 10_000),
    ],
)
def test_a_place_is_read_as_it_was_typed(text: str, lat: float, lon: float, metres: int) -> None:
    spot = parse(text, "AF", NAMES)
    assert metres_between(spot, lat, lon) <= max(metres / 10, 1)
    assert (spot.metres, spot.country, spot.name) == (metres, "AF", None)


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "1" * 121, "nowhere", "Elsewhere", "33.9", "33.9 70 1", "91, 3", "33, 181", "33 60 0 70 0 0", "33.5 10 70 10",
        "33.9N 70.1N", "N33.9N 70.1", "-33.9S, 70.1E", "33.9, 70.1, 5", "42S WD", "42S WD 1 67", "42S WD 123",
        "42S WD 123456 123456", "42S AA 1234 5678", "31N AA 12 34", "61S WD 12 34", "42I WD 12 34", "ZAH 00 00",
    ],
)  # fmt: skip
def test_what_is_no_place_is_refused_with_what_may_be_typed(text: str) -> None:
    with pytest.raises(Invalid, match=r"33.9, 70.1.*42S WD 12345 67890") as refused:
        parse(text, None, NAMES)
    assert refused.value.code == "liaison.place"


@pytest.mark.parametrize("text", ["Chaman", "CHAMAN ", "چمن", "چم\u064eن", "chaman (pk)"])
def test_a_name_is_read_in_each_language_of_the_lexicon_and_is_where_the_file_says(text: str) -> None:
    assert parse(text, "AF", NAMES) == Spot(30.91769, 66.45259, 1000, "PK", "place.chaman")


def test_a_name_of_two_places_is_asked_for_by_what_sets_them_apart() -> None:
    with pytest.raises(Invalid, match=r"Torkham \(AF\), Torkham \(PK\)") as refused:
        parse("torkham", None, NAMES)
    assert refused.value.code == "liaison.places"
    assert [parse(f"Torkham ({each})", None, NAMES).country for each in ("AF", "PK")] == ["AF", "PK"]


def test_a_place_is_called_as_the_lexicon_has_it_and_else_as_the_file_has_it() -> None:
    spot = parse("chaman", None, NAMES)
    assert [shown(spot, NAMES, each).name for each in ("ur", "ps")] == ["چمن", "Chaman"]
    assert named("place.torkham-pk", NAMES, "ur") == "Torkham"
    assert not shown(Spot(1.0, 1.0, 1000, name="place.of-others"), NAMES, "en").name


def test_a_place_is_shown_no_more_exactly_than_it_is_known() -> None:
    """Digits that the sender wrote beyond that would be read as knowledge."""
    assert shown(Spot(34.95346, 69.13521, 1), NAMES, "en").grid == "42S WD 12345 67890"
    vague = shown(Spot(34.95346, 69.13521, 10_000), NAMES, "en")
    assert (vague.degrees, vague.grid, vague.metres) == ("34.95°N 69.14°E", "42S WD 1 6", 10_000)
    assert not grid(Spot(85.0, 0.0, 1))


@given(latitudes, longitudes, st.integers(1, 100_000))
def test_what_a_form_is_filled_in_with_is_read_as_the_same_place(lat: float, lon: float, metres: int) -> None:
    spot = Spot(lat, lon, metres, "PK")
    again = parse(typed(spot, NAMES, "en"), "PK", NAMES)
    assert again.metres == metres
    assert metres_between(again, lat, lon) <= max(metres / 7, 1)
    assert parse(typed(again, NAMES, "en"), "PK", NAMES) == again


@given(latitudes, longitudes, st.integers(0, 4))
def test_a_square_of_the_grid_is_read_as_a_place_within_it(lat: float, lon: float, power: int) -> None:
    """The square is given by the library alone, and what is read of it lies no farther from the point than it is wide."""
    written = MGRS().toMGRS(lat, lon, MGRSPrecision=5 - power)
    spot = parse(written, None, NAMES)
    assert spot.metres == 10**power
    assert metres_between(spot, lat, lon) <= 10**power + 1


@given(latitudes, longitudes, st.integers(0, 4))
def test_a_grid_that_is_shown_is_read_as_the_same_place(lat: float, lon: float, power: int) -> None:
    spot = Spot(lat, lon, 10**power)
    assert metres_between(parse(grid(spot), None, NAMES), lat, lon) <= 10**power + 1


@given(st.text(max_size=60) | st.text("0123456789.,NSEW°'\" -+42SWD±mk", max_size=40))
def test_nothing_that_is_typed_breaks_the_reader(text: str) -> None:
    try:
        spot = parse(text, None, NAMES)
    except Invalid as problem:
        assert problem.code in {"liaison.place", "liaison.places"}
    else:
        assert parse(typed(spot, NAMES, "en"), spot.country, NAMES) == spot


# --- the gazetteer ------------------------------------------------------------------------------------------


def test_every_place_of_the_file_may_stand_in_a_record_and_lies_by_the_line() -> None:
    assert len(bundled()) > 200
    for entry in bundled().values():
        spot = Spot(entry.lat, entry.lon, entry.metres, entry.country, entry.key)
        assert (28 < spot.lat < 38.5, 60 < spot.lon < 75, spot.country in {"AF", "PK"}) == (True, True, True)
        assert entry.name == " ".join(entry.name.split())


@pytest.mark.parametrize("language", get_args(Language))
def test_every_place_can_be_typed_as_it_is_offered(language: Language) -> None:
    for key in bundled():
        assert parse(choice(key, NAMES, language), None, NAMES).name == key


def test_places_are_found_by_part_of_a_name_crossings_first() -> None:
    assert found("tork", NAMES)[:2] == ("place.torkham-af", "place.torkham-pk")
    assert found("چم", NAMES) == ("place.chaman",)
    assert found("ghulam", NAMES)[0] == "place.ghulam-khan"
    assert found(" ", NAMES) == ()
    assert set(crossings(NAMES)) >= {"place.torkham-af", "place.chaman"}


@pytest.mark.parametrize(
    ("spot", "country", "apart"),
    [
        (Spot(34.13716, 71.08202, 1000, "AF", "place.torkham-af"), "", 0),
        (Spot(34.13716, 71.08202, 1000, None, "place.torkham-af"), "", 0),
        (Spot(34.13716, 71.08202, 1000, "PK", "place.torkham-af"), "AF", 0),
        (Spot(34.19, 71.08202, 1000, "AF", "place.torkham-af"), "", 0),  # 5.9 km: within what both are known to
        (Spot(34.21, 71.08202, 1000, "AF", "place.torkham-af"), "", 8),
        (Spot(31.0, 66.4, 1000, "PK", "place.torkham-af"), "AF", 560),
        (Spot(31.0, 66.4, 1000, "PK"), "", 0),  # of what has no name nothing is known: no border is drawn here
        (Spot(31.0, 66.4, 1000, "PK", "place.of-others"), "", 0),
    ],
)
def test_what_the_gazetteer_has_otherwise_of_a_name_is_told(spot: Spot, country: str, apart: int) -> None:
    seen = shown(spot, NAMES, "en")
    assert (seen.country, seen.known_country, seen.apart) == (spot.country or "", country, apart)


@pytest.mark.parametrize("language", get_args(Language))
def test_what_a_field_offers_is_read_where_it_is_shown(language: Language) -> None:
    for each in offered(NAMES, language):
        spot = parse(each.says, None, NAMES)
        assert (spot.lat, spot.lon) == (each.lat, each.lon)
