"""The map of all: what stands on it, in which order, narrowed down to what; its table; and GeoJSON as RFC 7946 has it."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from amanat.exchange.means import look
from amanat.officer.may import at_machine
from amanat.party.errors import Invalid
from amanat.workspaces.liaison.ground import earth
from amanat.workspaces.liaison.ground.board import Board, Query
from amanat.workspaces.liaison.ground.features import Asking, Feature, geojson, meets
from amanat.workspaces.liaison.ground.outlines import LONGEST, geometry, rings
from amanat.workspaces.liaison.ground.shapes import Area, Corridor, Point, Position, Shape
from amanat.workspaces.liaison.ground.spines import metres_between
from amanat.workspaces.liaison.tests.lines import DUTY, Hotline, hotline, page
from amanat.workspaces.liaison.tests.warnings_cast import cancel, warn
from api.cast import Desk, desk
from console.reading import Read

NOW = datetime(2026, 11, 24, 6, 30, tzinfo=UTC)
HERE = (st.floats(30, 36), st.floats(66, 72))
places = st.builds(lambda lat, lon: Position(round(lat, 5), round(lon, 5)), *HERE)


@st.composite
def shapes(draw: st.DrawFn) -> Shape:
    """Points, corridors and areas that are not refused."""
    which = draw(st.integers(0, 2))
    try:
        if which == 0:
            return Point(draw(places), draw(st.integers(1, 50_000)))
        along = tuple(draw(st.lists(places, min_size=3, max_size=6)))
        return Corridor(along, draw(st.integers(1, 20_000))) if which == 1 else Area(along)
    except Invalid:
        assume(False)  # noqa: FBT003
        raise


# --- GeoJSON ----------------------------------------------------------------------------------------------------------


@given(shapes())
def test_geometry_is_as_rfc_7946_says(shape: Shape) -> None:
    """Longitude first (3.1.1); two positions of a line at least (3.1.4); rings closed, of four, to the left (3.1.6)."""
    found: dict[str, Any] = dict(geometry(shape))
    if found["type"] == "Point":
        flat = [found["coordinates"]]
    elif found["type"] == "LineString":
        flat = found["coordinates"]
        assert len(flat) >= 2
    else:
        (flat,) = found["coordinates"]
        assert flat[0] == flat[-1]
        assert len(flat) >= 4
        assert sum(a[0] * b[1] - b[0] * a[1] for a, b in pairwise(flat)) > 0
    assert all(66 <= lon <= 72 and 29 <= lat <= 37 for lon, lat in flat)


@given(shapes())
def test_no_straight_line_is_longer_than_it_may_be(shape: Shape) -> None:
    found: dict[str, Any] = dict(geometry(shape))
    flat = found["coordinates"][0] if found["type"] == "Polygon" else found["coordinates"]
    if found["type"] != "Point":
        ends = [earth.vector(lat, lon) for lon, lat in flat]
        assert max(earth.metres(a, b) for a, b in pairwise(ends)) <= LONGEST + 2


@given(st.lists(places, min_size=2, max_size=4, unique=True), st.integers(10, 20_000), st.floats(0, 1))
def test_rings_of_a_corridor_hold_whatever_lies_in_it(along: list[Position], reach: int, share: float) -> None:
    """A point a little within the edge of the corridor is in one of its rings: by a computation on the plane."""
    try:
        shape = Corridor(tuple(along), reach)
    except Invalid:
        assume(False)  # noqa: FBT003
        raise
    a, b = along[0], along[1]
    lat, lon = a.lat + share * (b.lat - a.lat), a.lon + share * (b.lon - a.lon)
    off = earth.moved(lat, lon, 360 * share, 0.9 * reach)
    assume(metres_between(shape, Point(Position(round(off[0], 5), round(off[1], 5)), 0)) == 0)
    assert any(_in(off, ring) for ring in rings(shape))


def _in(at: tuple[float, float], ring: tuple[tuple[float, float], ...]) -> bool:
    """Whether a ray to the east crosses the ring an odd number of times."""
    crossed = 0
    for (lat, lon), (lat2, lon2) in pairwise(ring):
        if (lat > at[0]) != (lat2 > at[0]):
            crossed += at[1] < lon + (at[0] - lat) * (lon2 - lon) / (lat2 - lat)
    return crossed % 2 == 1


def made(n: int, layer: str = "warnings", party: str = "pk", minutes: int = 0) -> Feature:
    return Feature(
        layer=layer,  # type: ignore[arg-type]
        party=party,
        id=f"{n:04}",
        kind="liaison.warning/1",
        title="Flood near place.torkham",
        shape=Point(Position(34.1, 71.1), 100),
        since=NOW + timedelta(minutes=minutes),
        until=None,
        path="/liaison/warnings",
        exercise=False,
    )


def test_a_feature_says_what_its_row_says() -> None:
    assert geojson(made(1), 7) == {
        "type": "Feature",
        "id": "pk:0001:0",
        "geometry": {"type": "Point", "coordinates": [71.1, 34.1]},
        "properties": {
            "number": 7,
            "layer": "warnings",
            "title": "Flood near place.torkham",
            "party": "pk",
            "state": "",
            "since": "2026-11-24T06:30:00Z",
            "until": None,
            "exercise": False,
            "metres": 100,
            "path": "/liaison/warnings",
        },
    }


@pytest.mark.parametrize(
    ("since", "until", "there"),
    [(-2, -1, False), (-2, 0, False), (-2, 1, True), (0, 1, True), (1, 3, True), (2, 3, False), (-2, None, True)],
)
def test_what_is_over_when_one_begins_to_look_is_not_there(since: int, until: int | None, there: bool) -> None:  # noqa: FBT001
    """One looks from 0 h until 2 h."""
    hours = [None if each is None else NOW + timedelta(hours=each) for each in (since, until)]
    assert hours[0] is not None
    assert meets(Asking(NOW, NOW + timedelta(hours=2)), hours[0], hours[1]) is there


# --- what stands on it ------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def line(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hotline]:
    with hotline(tmp_path_factory.mktemp("map")) as between:
        yield between


@pytest.fixture(scope="module")
def at(line: Hotline) -> Iterator[dict[str, Desk]]:
    with ExitStack() as open_:
        yield {party: open_.enter_context(desk(line.side(party))) for party in ("pk", "af")}


def test_the_layer_of_most_weight_stands_first_and_of_each_what_began_last(line: Hotline) -> None:
    those = [made(1, "calls"), made(2), made(3, minutes=5), made(4, "works"), made(5, "works", "af")]
    board = Board((lambda *_: those[:2], lambda *_: those[2:]))
    with look(line.side("pk").means) as turn:
        found = board.page(turn, at_machine(DUTY), Query())
        of_af = board.page(turn, at_machine(DUTY), Query(side="af"))
        of_works = json.loads(board.file(turn, at_machine(DUTY), Query(works="on", calls="on")))
    assert [each.id for _, each, _ in found["shown"]] == ["0003", "0002", "0005", "0004", "0001"]
    assert [number for number, *_ in found["shown"]] == [1, 2, 3, 4, 5]
    assert [each.id for _, each, _ in of_af["shown"]] == ["0005"]
    assert [each["id"] for each in of_works["features"]] == ["af:0005:0", "pk:0004:0", "pk:0001:0"]


def test_what_is_beyond_the_most_is_counted(line: Hotline, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("amanat.workspaces.liaison.ground.board.MOST", 2)
    board = Board((lambda *_: [made(n) for n in range(5)],))
    with look(line.side("pk").means) as turn:
        found = board.page(turn, at_machine(DUTY), Query())
    assert (len(found["shown"]), found["more"]) == (2, 3)


def test_one_party_does_not_fill_the_map_that_another_needs(line: Hotline, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("amanat.workspaces.liaison.ground.board.MOST", 4)
    those = [*(made(n, "warnings") for n in range(9)), made(20, "works", "af"), made(21, "works", "af")]
    with look(line.side("pk").means) as turn:
        found = Board((lambda *_: those,)).page(turn, at_machine(DUTY), Query())
    assert [each.party for _, each, _ in found["shown"]] == ["pk", "pk", "af", "af"]
    assert found["more"] == 7


def shown(at: Desk, query: str = "", language: str = "en") -> str:
    return page(at, f"/liaison/map{query}", language)  # type: ignore[arg-type]


def test_before_there_is_anything_the_page_says_what_will_stand_there(at: dict[str, Desk]) -> None:
    assert "Nothing is there now." in shown(at["pk"])
    assert "Nothing is there of that." in shown(at["pk"], "?day=2026-11-23")
    page(at["pk"], "/liaison/map?day=yesterday", status=400)


def test_warnings_and_places_of_calls_stand_on_it_at_both_sides_while_they_last(
    at: dict[str, Desk], line: Hotline
) -> None:
    warned, call = warn(line), line.ring("pk", "flash")
    line.say("pk", call, "fire.cease", "33.9, 70.1 ±300 m", "14:30")
    gone = warn(line, event="flood")
    cancel(line, gone)
    line.carry()
    for party in ("pk", "af"):
        text = shown(at[party])
        links = Read(text).links
        assert f"/liaison/warning?party=pk&id={warned.key[1]}" in links
        assert f"/liaison/call?party=pk&id={call.key[1]}" in links
        assert gone.key[1] not in text
        assert warned.key[1] not in shown(at[party], "?calls=on")
        assert warned.key[1] not in shown(at[party], "?side=af")
        assert warned.key[1] in shown(at[party], "?day=2026-11-25")
        assert warned.key[1] not in shown(at[party], "?day=2026-11-26")
    for language in ("ur", "ps", "fa-AF"):
        shown(at["pk"], language=language)


def test_the_file_says_what_the_table_says(at: dict[str, Desk]) -> None:
    answer = at["pk"].http.get("/liaison/map.geojson", headers=at["pk"].session("duty"))
    assert answer.headers["content-type"].partition(";")[0] == "application/geo+json"
    found = answer.json()
    assert found["type"] == "FeatureCollection"
    assert [each["properties"]["number"] for each in found["features"]] == [*range(1, len(found["features"]) + 1)]
    text = shown(at["pk"])
    assert found["features"]
    assert all(each["properties"]["path"].replace("&", "&amp;") in text for each in found["features"])
