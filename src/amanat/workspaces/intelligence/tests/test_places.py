"""Whose places a bundle tells, and how exactly, hidden as the sending side's clever officer would hide them.

Law: each test hides one place that stands in the bundle as data or digits. What is told in names alone is not seen, and
is listed in the README; `test_what_is_not_seen` holds the list to the truth.
"""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from amanat.compact.floors import PRECISE_METRES
from amanat.record.kind import NO_FACTS, Place
from amanat.workspaces.intelligence.tests.bundles import (
    GROUP,
    INCIDENT,
    ORGANISATION,
    PERSON,
    PLACE,
    facts,
    hidden,
    ref,
    stix,
    tie,
)


@pytest.mark.promised(
    "a relationship left out",
    "docs/threat-model.md",
    "The other party",
    "all precise places in a bundle that names a person or a group count as theirs",
)
@pytest.mark.parametrize(
    "somebody",
    [
        pytest.param(PERSON, id="a person"),
        pytest.param(GROUP, id="a group"),
        pytest.param(stix("campaign", name="x"), id="a campaign"),
        pytest.param(stix("infrastructure", name="A camp (exercise)"), id="what belongs to a group"),
        pytest.param(stix("x-acme-thing"), id="a custom type"),
        pytest.param(tie(6, INCIDENT["id"], "attributed-to", ref("intrusion-set", 9)), id="a group elsewhere"),
        pytest.param(tie(6, INCIDENT["id"], "targets", ORGANISATION["id"]), id="an organisation spoken of"),
    ],
)
def test_every_precise_place_in_a_bundle_about_somebody_is_theirs(somebody: dict[str, Any]) -> None:
    """Even without a relationship: leaving it out opens no way round floor 6."""
    incident = INCIDENT | {"created_by_ref": ORGANISATION["id"]}
    assert facts(incident, ORGANISATION, PLACE).places == ()
    (place,) = facts(incident, ORGANISATION, PLACE, somebody).places
    assert place.country == "PK"
    assert place.metres < PRECISE_METRES


def test_a_place_in_a_bundle_about_nobody_is_nobodys() -> None:
    """Where an incident was is what two neighbours must be able to tell; a service that only speaks is not there."""
    assert facts(INCIDENT | {"created_by_ref": ORGANISATION["id"]}, ORGANISATION, PLACE).places == ()
    assert facts(INCIDENT, PLACE).places == ()


def test_a_place_told_in_another_bundle_counts_as_precise() -> None:
    """Else one bundle could give the coordinates of nobody, and the next one say who is there."""
    assert facts(GROUP, tie(6, GROUP["id"], "located-at", ref("location", 9))).places == (Place(None, 0),)


def degrees(decimals: int) -> st.SearchStrategy[tuple[float, float]]:
    """A latitude and a longitude near the line, exact to so many decimals: the last is never a zero."""
    last = st.integers(1, 9)
    unit = 10**decimals

    def coordinate(low: int, high: int) -> st.SearchStrategy[float]:
        return st.builds(
            lambda whole, end: round((whole - whole % 10 + end) / unit, decimals),
            st.integers(low * unit, high * unit),
            last,
        )

    return st.tuples(coordinate(30, 37), coordinate(61, 75))


FORMS: list[Any] = [
    lambda lat, lon: {"latitude": lat, "longitude": lon},
    lambda lat, lon: {"lat": lat, "lng": lon, "precision": 50_000},
    lambda lat, lon: {"x_gpsLat": str(lat), "x_gpsLon": str(lon)},
    lambda lat, lon: {"target_latitude": [lat], "other": lon},
    lambda lat, lon: {"x_lat_e7": round(lat * 10**7), "x_lon_e7": round(lon * 10**7), "precision": 50_000},
    lambda *_: {"lat_deg": 34, "lat_min": 7, "lon_deg": 71, "lon_min": 34, "precision": 50_000},
    lambda lat, _: {"GPSLat": str(lat)},
    lambda lat, lon: {"type": "Point", "coordinates": [lon, lat]},
    lambda lat, lon: {"zz": [lon, lat]},
    lambda lat, lon: {"zz": [lon, lat, 1_200.5]},
    lambda lat, lon: {"y": lat, "x": lon},
    lambda lat, lon: {"zz": str(lat), "yy": str(lon)},
    lambda lat, lon: {"zz": f"{lat}, {lon}"},
    lambda lat, lon: {f"{lat}, {lon}": "camp"},
    lambda lat, lon: {f"geo:{lat},{lon}": "camp"},
    lambda lat, lon: {str(lat): str(lon)},
    lambda lat, lon: {str(lat): "camp", str(lon): "camp"},
    lambda lat, lon: {"zz": f"{lat}\u060c {lon}"},
    lambda lat, lon: {"zz": f"POINT({lon} {lat})"},
    lambda lat, lon: {"zz": f"LINESTRING({lon} {lat}, 71.5 34.5)"},
    lambda lat, lon: {"zz": f"{lat}N {lon}E"},
    lambda lat, lon: {"zz": f"{lat}° N, {lon}° E"},
    lambda lat, lon: {"zz": f"lat={lat}&lon={lon}"},
    lambda lat, lon: {"zz": f"location:latitude = {lat} AND x:longitude = {lon}"},
    lambda lat, lon: {"zz": f"geo:{lat},{lon}"},
    lambda lat, lon: {"url": f"https://www.google.com/maps/@{lat},{lon},17z"},
    lambda lat, lon: {"url": f"https://www.openstreetmap.org/#map=17/{lat}/{lon}"},
    lambda lat, lon: {"zz": f"{lat}\u200c, {str(lon).replace('.', chr(0x2060) + '.')}"},
    lambda lat, lon: {"zz": f"{lat}, {lon}".translate({ord("0") + digit: 0x06F0 + digit for digit in range(10)})},
    lambda lat, lon: {
        "zz": f"{lat}; {lon}".translate({ord("."): 0x066B} | {ord("0") + digit: 0x0660 + digit for digit in range(10)})
    },
    lambda lat, lon: {"zz": f"{lat}, {lon}".translate({ord("0") + digit: 0xFF10 + digit for digit in range(10)})},
]


@pytest.mark.parametrize("form", FORMS, ids=lambda form: str(form(34.1234, 71.5678)))
@settings(max_examples=20)
@given(st.data(), degrees(4))
def test_a_precise_place_is_found_in_whatever_form_and_wherever_it_stands(
    form: Any, data: st.DataObject, place: tuple[float, float]
) -> None:
    item = data.draw(hidden(form(*place)))
    assert min(found.metres for found in facts(GROUP, INCIDENT | {"id": ref("incident", 8)}, item).places) < 1_000


@pytest.mark.parametrize(
    "said",
    [
        {"x_geohash": "tt9x2k8b"},
        {"x_h3_index": "88431a4c9bfffff"},
        {"x_cell": "88431a4c9bfffff"},
        {"x_site_wkt": "here"},
        {"street_address": "1 Invented Street"},
        {"x_homeVillage": "Invented"},
        {"x_note": "at 34°07'24\" north"},
        {"x_note": "at 34º 07\u2032 north"},
        {"x_note": "340724N 0713404E"},
        {"x_note": "42SXD1234567890"},
        {"x_note": "42S XD 12345 67890"},
        {"x_note": "8J5VXXXX+CF"},
        {"external_references": [{"source_name": "x", "url": "https://maps.app.goo.gl/AbCdEf123"}]},
        {"external_references": [{"source_name": "x", "url": "https://w3w.co/filled.count.soap"}]},
        {"description": "They meet at 34.1234, 71.5678 (exercise)."},
    ],
    ids=str,
)
def test_codes_addresses_links_and_coordinates_in_words_are_precise(said: dict[str, Any]) -> None:
    assert min(place.metres for place in facts(GROUP, INCIDENT | said).places) < PRECISE_METRES


@given(degrees(1))
def test_a_place_is_as_vague_as_its_digits_and_no_vaguer(place: tuple[float, float]) -> None:
    vague = stix("location", 2, latitude=place[0], longitude=place[1], country="PK", precision=12_000)
    (found,) = facts(GROUP, vague).places
    assert found.metres == pytest.approx(11_100)


@pytest.mark.parametrize(
    "said",
    [
        {"description": "Three shots, about 12.5 km from the line, at 06:30 (exercise)."},
        {"description": "Versions 1.2.3 and 10.0.0.1; 3,000 rounds; scores 7.5, 8.1."},
        {"x_scores": [0.1234, 0.9876]},
        {"x_ratio": 1.23456},
        {"x_long_name": "x"},
        {"x_size": 12345, "x_weight": 1.5},
        {"external_references": [{"source_name": "x", "url": "https://example.org/2026/11/24"}]},
        {"x_digest": "ec5aedf5ecc6bdadd4120932170d1b10f6cfa175cfda22951dfd882928ab279b"},
    ],
    ids=str,
)
def test_other_numbers_are_no_places(said: dict[str, Any]) -> None:
    assert facts(GROUP, INCIDENT | said).places == ()


@pytest.mark.parametrize(
    ("said", "country"),
    [
        ({"country": "pk"}, "PK"),
        ({"country": "PK", "x_acme_country": "AF"}, None),
        ({"country": "Pakistan"}, None),
        ({"region": "southern-asia"}, None),
    ],
    ids=str,
)
def test_a_place_is_in_the_one_country_that_is_said(said: dict[str, Any], country: str | None) -> None:
    """One that says two, or none, is administered by nobody: floor 6 lets nobody have it."""
    (place,) = facts(GROUP, stix("location", 2, latitude=34.1234, longitude=71.5678, **said)).places
    assert place.country == country


def test_a_place_within_a_place_may_say_another_country() -> None:
    sites = {"x_site": {"lat": 34.1234, "lon": 71.5678, "country": "AF"}, "x_more": {"lat": 30.1234, "lon": 66.5678}}
    found = facts(GROUP, stix("location", 2, country="PK", **sites)).places
    assert {place.country for place in found} == {"AF", "PK"}


# --- what is not seen -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "said",
    [
        pytest.param({"description": "A. Example, son of B., was there."}, id="a person's name in prose"),
        pytest.param(
            {"description": "They meet in the last house of an invented village."}, id="a place's name in prose"
        ),
        pytest.param(
            {"description": "At 34.12345 north, where the old mill stands, and at 71.54321 east."},
            id="coordinates far apart in prose",
        ),
        pytest.param({"x_cell": "tt9x2k8b"}, id="a geohash under a name that does not say so"),
        pytest.param({"x_parts": {"a": {"p": 34.1234}, "b": {"q": 71.5678}}}, id="coordinates torn apart and unnamed"),
        pytest.param({"x_blob": "eyJsYXRpdHVkZSI6MzQuMTIzNCwibG9uZ2l0dWRlIjo3MS41Njc4fQ=="}, id="base64"),
        pytest.param({"x_remark": "He is of that tribe."}, id="an attribute in prose"),
    ],
)
def test_what_is_not_seen(said: dict[str, Any]) -> None:
    """Each is in the README's list. When one becomes visible, it leaves both."""
    seen = facts(GROUP, INCIDENT | said)
    assert (seen.names_person, seen.places, seen.marked) == (False, (), None)
    assert "tribe" not in seen.attributes


@pytest.mark.promised(
    "a wrong country", "docs/threat-model.md", "The other party", "floor 6 believes the word over the coordinates"
)
def test_a_wrong_country_is_not_seen() -> None:
    """The line is not ours to draw: whoever states a country is believed, whatever its coordinates say."""
    lie = stix("location", 2, latitude=33.9123, longitude=71.4123, country="AF")
    assert {place.country for place in facts(GROUP, lie).places} == {"AF"}


def test_a_plain_incident_has_no_facts_but_its_names() -> None:
    seen = facts(INCIDENT)
    assert seen.attributes >= {"name", "created"}
    assert (seen.names_person, seen.places, seen.marked) == (NO_FACTS.names_person, NO_FACTS.places, NO_FACTS.marked)
