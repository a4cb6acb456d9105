"""What each part shows on the map of all, at served nodes: who is shown what, until when, and what is on no map."""

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from typing import Any

import pytest

from amanat.compact.floors import PRECISE_METRES
from amanat.exchange.means import look
from amanat.officer.may import at_machine
from amanat.party.errors import Invalid
from amanat.workspaces.liaison.ground.features import LAYERS, Asking, Feature
from amanat.workspaces.liaison.ground.shapes import Point
from amanat.workspaces.liaison.kinds import Named
from amanat.workspaces.liaison.notices import coarse
from amanat.workspaces.liaison.parts import PARTS
from amanat.workspaces.liaison.tests import notices_cast
from amanat.workspaces.liaison.tests.all_cast import ORDNANCE, All, all_of_it
from amanat.workspaces.liaison.tests.beside_cast import NEAR, OFFER, PART, PLAN, page
from amanat.workspaces.liaison.tests.incidents_cast import FIRED, on
from amanat.workspaces.liaison.tests.lines import DUTY
from amanat.workspaces.liaison.tracks.kinds import Done
from api.cast import Desk, desk

Served = tuple[All, dict[str, Desk]]
WEEK = timedelta(days=8)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with ExitStack() as open_:
        made = open_.enter_context(all_of_it(tmp_path_factory.mktemp("all")))
        yield made, {party: open_.enter_context(desk(made.beside.side(party))) for party in ("pk", "af", "obs")}


@pytest.fixture
def made(served: Served) -> All:
    """The same a week later, so that nothing of another test is there."""
    clock = served[0].beside.border.clock
    clock.at = (clock.at + WEEK).replace(hour=6, minute=30, second=0)
    return served[0]


def shown(made: All, party: str, hours: float = 24) -> list[Feature]:
    """All that the parts show to a party of the hours from now on."""
    with look(made.beside.side(party).means) as turn:
        asking = Asking(turn.now, turn.now + timedelta(hours=hours))
        return [each for part in PARTS for each in part.shown(turn, at_machine(DUTY), asking)]


def of(made: All, party: str, record: Any, hours: float = 24) -> list[Feature]:
    return [
        each for each in shown(made, party, hours) if each.path.endswith(f"?party={record.key[0]}&id={record.key[1]}")
    ]


def times(made: All, after: int = 1, until: int = 9) -> dict[str, str]:
    now = made.sealed.now
    return {
        name: f"{now + timedelta(hours=count):%Y-%m-%d %H:%MZ}" for name, count in (("since", after), ("until", until))
    }


def test_each_part_shows_what_has_a_place_to_both_sides_and_the_observer_alike(made: All, served: Served) -> None:
    made.notices.give("pk", notices_cast.WORKS, **times(made))
    made.notices.give("pk", notices_cast.FLIGHT, **times(made))
    made.incidents.open("pk")
    made.beside.open("pk", "ordnance", **ORDNANCE)
    made.beside.propose("pk", clear1_shape="point", clear1_places="34.2, 71.2", clear1_metres="900")
    made.beside.ask("pk")
    meeting = made.meetings.propose("pk")
    made.carry()
    made.meetings.agree("af", meeting)
    made.carry()
    names = {party: {(each.layer, each.key) for each in shown(made, party, 72)} for party in ("pk", "af", "obs")}
    assert names["pk"] == names["af"] == names["obs"]
    assert {layer for layer, _ in names["pk"]} == set(LAYERS) - {"warnings", "calls"}
    assert len([each for each in names["pk"] if each[0] == "measures"]) == 2
    text = page(served[1]["obs"], "/liaison/map")
    assert "Works and obstacles" in text
    for language in ("ur", "ps", "fa-AF"):
        page(served[1]["pk"], f"/liaison/map?day={made.sealed.now:%Y-%m-%d}", language)


def test_what_was_called_off_changed_or_is_over_is_gone(made: All) -> None:
    gone = made.notices.give("pk", notices_cast.WORKS, **times(made))
    first = made.notices.give("pk", notices_cast.FLIGHT, **times(made))
    made.carry()
    assert of(made, "af", gone)
    made.notices.do("pk", "end-notice", gone, how="called-off", sure="on")
    later = made.notices.give("pk", notices_cast.FLIGHT, **times(made, 2), changes=notices_cast.name(first))
    made.carry()
    assert [of(made, "af", each) != [] for each in (gone, first, later)] == [False, False, True]
    made.sealed.pass_time(timedelta(hours=12))
    assert of(made, "af", later) == []


def test_an_incident_stands_there_as_closely_as_it_is_known_until_both_closed_it(made: All) -> None:
    incident = made.incidents.open("pk", place="33.91000, 70.12000 ±700 m")
    made.carry()
    (found,) = of(made, "obs", incident)
    assert isinstance(found.shape, Point)
    assert found.shape.metres == 700
    made.incidents.do("pk", "incident-close", **on(incident))
    made.carry()
    assert of(made, "af", incident)
    made.incidents.do("af", "incident-close", **on(incident))
    made.carry()
    made.sealed.pass_time(timedelta(seconds=1))
    assert [of(made, party, incident) for party in ("pk", "af", "obs")] == [[], [], []]


def test_no_place_of_persons_is_on_it_beyond_ten_kilometres(made: All) -> None:
    before = {each.key for each in shown(made, "pk")}
    patrol = made.notices.give("pk", notices_cast.PATROL, **times(made))
    incident = made.incidents.open("pk", place="33.9, 70.1 ±20 km")
    made.incidents.account("pk", incident, {**FIRED, "did": "advanced", "place": "33.4, 70.6 ±12 km"})
    made.beside.open("pk", "offered", **OFFER)
    made.beside.open("pk", "missing", adults="1", animals="3", gone="06:00", near=NEAR)
    made.beside.open("pk", "livestock", found="yes", species="goats", count="7", near=NEAR)
    made.beside.open("pk", "captured", well="1", contact="operations/duty")
    made.carry()
    for party in ("pk", "af", "obs"):
        (drawn,) = of(made, party, patrol)
        assert coarse.closely(drawn.shape) >= PRECISE_METRES
        assert {each.layer for each in shown(made, party) if each.key not in before} == {"notices", "incidents"}
        assert len(of(made, party, incident)) == 1


def test_a_hand_over_stands_there_once_it_was_agreed_and_while_it_is(made: All) -> None:
    track = made.beside.open("pk", "offered", **OFFER)
    made.carry()
    proposed = made.beside.step("af", track, "proposed", **PLAN)
    made.carry()
    assert of(made, "pk", track) == []
    made.beside.step("pk", track, "agreed", of=notices_cast.name(proposed))
    made.carry()
    (found,) = of(made, "obs", track)
    assert (f"{found.since:%H:%M}", f"{found.until:%H:%M}", found.layer) == ("08:00", "09:00", "tracks")
    made.beside.step("pk", track, "not-completed")
    made.carry()
    assert of(made, "af", track) == []


def test_ordnance_stands_there_with_how_far_it_is_dangerous_until_it_was_cleared(made: All) -> None:
    track = made.beside.open("pk", "ordnance", **ORDNANCE)
    made.carry()
    (found,) = of(made, "af", track)
    assert isinstance(found.shape, Point)
    assert found.shape.metres > 300
    made.beside.step("pk", track, "clearing", since="08:00", until="09:00")
    made.beside.step("pk", track, "cleared")
    made.carry()
    made.sealed.pass_time(timedelta(seconds=1))
    assert of(made, "af", track) == []


def test_ordnance_leaves_by_no_other_word_and_by_no_age(made: All, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever has none of it on its soil cannot say that it is gone, nor is it gone when both close the track."""
    monkeypatch.setattr("amanat.workspaces.liaison.tracks.shown.LOOKS_BACK", timedelta(hours=1))
    track = made.beside.open("pk", "ordnance", **ORDNANCE)
    made.carry()
    for did in ("cleared", "recovered", "passed"):
        made.beside.craft("af", "liaison.track", Done(track=Named(*track.key), did=did), track)
    made.beside.craft("pk", "liaison.track", Done(track=Named(*track.key), did="recovered"), track)
    for party in ("pk", "af"):
        made.beside.step(party, track, "closed")
    made.carry()
    made.sealed.pass_time(timedelta(days=2))
    assert [len(of(made, party, track)) for party in ("pk", "af", "obs")] == [1, 1, 1]


def test_a_measure_stands_there_until_both_stopped_it(made: All) -> None:
    measure = made.beside.propose("pk")
    made.carry()
    assert [each.party for each in of(made, "af", measure)] == ["pk"]
    made.beside.act("af", measure, "part", **PART)
    made.carry()
    assert [each.party for each in of(made, "obs", measure)] == ["pk", "af"]
    made.beside.act("af", measure, "declined")
    made.carry()
    assert of(made, "pk", measure) == []


def test_a_meeting_that_is_called_off_is_not_there(made: All) -> None:
    meeting = made.meetings.agreed()
    assert [each.state for each in of(made, "obs", meeting, 72)] == [("meeting_state", "agreed")]
    made.meetings.do("af", "cancel-meeting", **on(meeting), cause="settled")
    made.carry()
    assert of(made, "pk", meeting, 72) == []


def test_of_a_party_no_more_is_looked_for_than_a_map_has_room_for(made: All, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("notices", "incidents", "measures", "meetings", "tracks"):
        monkeypatch.setattr(f"amanat.workspaces.liaison.{module}.shown.MOST", 1)
    for _ in range(3):
        made.notices.give("pk", notices_cast.WORKS, **times(made))
        made.incidents.open("pk")
        made.beside.open("pk", "ordnance", **ORDNANCE)
        made.sealed.pass_time(timedelta(seconds=1))
    found = [each.layer for each in shown(made, "pk")]
    assert sorted(found) == ["incidents", "tracks", "works"]


@pytest.mark.parametrize("by", ["done", "nobody"])
def test_what_works_built_stands_on_the_map_until_their_party_says_that_it_is_gone(made: All, by: str) -> None:
    post = made.notices.give("pk", {**notices_cast.WORKS, "works": "post", "becomes": "manned"}, **times(made))
    made.carry()
    if by == "done":
        made.notices.forward(hours=2)
        made.notices.do("pk", "end-notice", post, how="done", sure="on")
    made.notices.forward(hours=24 * 400)
    made.carry()
    for party in ("pk", "af", "obs"):
        (found,) = of(made, party, post)
        assert (found.layer, found.until, found.state) == (
            "works",
            None,
            ("notice state", "done" if by == "done" else "over"),
        )
    made.notices.do("pk", "end-notice", post, how="gone", sure="on")
    made.carry()
    made.notices.forward(hours=1)
    assert [of(made, party, post) for party in ("pk", "af", "obs")] == [[], [], []]
    with pytest.raises(Invalid) as caught:
        made.notices.do("pk", "end-notice", post, how="gone", sure="on")
    assert caught.value.code == "liaison.notice-ended"


@pytest.mark.parametrize(
    "works", [{"purpose": "taking-down"}, {"becomes": "removed"}, {"becomes": "as-before"}, {"how": "called-off"}]
)
def test_works_that_leave_nothing_are_off_the_map_when_they_end(made: All, works: dict[str, str]) -> None:
    how = works.get("how", "done")
    told = {name: value for name, value in works.items() if name != "how"}
    notice = made.notices.give("pk", {**notices_cast.WORKS, **told}, **times(made))
    made.notices.do("pk", "end-notice", notice, how=how, sure="on")
    made.carry()
    made.notices.forward(hours=1)
    assert [of(made, party, notice) for party in ("pk", "af", "obs")] == [[], [], []]
    with pytest.raises(Invalid):
        made.notices.do("pk", "end-notice", notice, how="gone", sure="on")


def test_only_who_built_it_is_asked_whether_it_is_gone(made: All, served: Served) -> None:
    post = made.notices.give("pk", notices_cast.WORKS, **times(made))
    made.notices.do("pk", "end-notice", post, how="done", sure="on")
    made.carry()
    address = f"/liaison/notice?party={post.key[0]}&id={post.key[1]}"
    said = {party: "What was built is gone" in page(served[1][party], address) for party in ("pk", "af", "obs")}
    assert said == {"pk": True, "af": False, "obs": False}
    assert "no end said" in page(served[1]["af"], "/liaison/map")
