"""The pages of tracks and of parallel measures, at served nodes of both sides: read, filled in, refused, done."""

import re
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any, Final, get_args

import httpx
import pytest

from amanat.record.record import Record
from amanat.workspaces.liaison.kinds import Named
from amanat.workspaces.liaison.pages import turns
from amanat.workspaces.liaison.tests.beside_cast import (
    AGAIN,
    MEASURE,
    NEAR,
    OFFER,
    PART,
    PLAN,
    Beside,
    address,
    beside,
    next_day,
    page,
    press,
    words,
)
from amanat.workspaces.liaison.tests.lines import of
from amanat.workspaces.liaison.tracks import counted as tracks_counted
from amanat.workspaces.liaison.tracks import kinds
from api.cast import Desk, desk

Served = tuple[Beside, dict[str, Desk]]

WINDOW: Final = {"since": "08:00", "until": "09:00"}
OPENED: Final[dict[str, dict[str, str]]] = {
    "offered": OFFER,
    "missing": {"adults": "1", "animals": "3", "gone": "06:00", "near": NEAR},
    "livestock": {"found": "yes", "species": "goats", "count": "7", "near": NEAR},
    "vehicle": {"found": "no", "vehicle": "tractor", "count": "1", "near": NEAR},
    "captured": {"well": "1", "wounded": "1", "contact": "operations/duty"},
    "passage": {"patients": "2", "need": "at-once", "place": "34.1, 71.1", **WINDOW},
    "bodies": {"found": "yes", "count": "2", "place": "34.1, 71.1"},
    "ordnance": {"ordnance": "shell", "place": "34.1, 71.1", "metres": "300", "marked": "yes", "here": "yes"},
    "fire": {"here": "yes", "arms": "mortar", "began": "06:10", "near": NEAR},
}
ROADS: Final[dict[str, list[tuple[str, str, dict[str, str]]]]] = {
    "offered": [("af", "proposed", PLAN), ("pk", "agreed", {}), ("pk", "handed", {"count": "2", **AGAIN}), ("af", "received", {"count": "2"})],
    "missing": [("af", "offered", OFFER), ("pk", "proposed", PLAN), ("af", "agreed", {}), ("af", "handed", {"count": "1", **AGAIN})],
    "livestock": [("pk", "proposed", PLAN), ("af", "agreed", {}), ("pk", "handed", {"count": "7"}), ("af", "received", {"count": "6"})],
    "vehicle": [("af", "found", {"found": "no"}), ("af", "found", {"found": "yes"}), ("pk", "closed", {})],
    "captured": [
        ("af", "visit-asked", {"visitor": "red-cross-red-crescent"}),
        ("pk", "visit-granted", WINDOW),
        ("pk", "visited", {"visitor": "doctor"}),
        ("pk", "offered", OFFER),
        ("af", "not-completed", {}),
    ],
    "passage": [("af", "opens", PLAN), ("af", "passed", {"count": "2"}), ("pk", "closed", {}), ("af", "closed", {})],
    "bodies": [("af", "proposed", PLAN | {"stops": "on"}), ("pk", "agreed", {}), ("pk", "recovered", {"count": "2"}), ("pk", "handed", {"count": "2"})],
    "ordnance": [("pk", "clearing", WINDOW), ("pk", "cleared", {})],
    "fire": [("af", "explained", {"explanation": "looking"}), ("af", "explained", {"explanation": "practice"})],
}  # fmt: skip


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with ExitStack() as open_:
        made = open_.enter_context(beside(tmp_path_factory.mktemp("beside")))
        yield made, {party: open_.enter_context(desk(made.side(party))) for party in ("pk", "af", "obs")}


@pytest.fixture
def at(served: Served) -> Served:
    """Both sides, a week after the last test."""
    return next_day(served[0]), served[1]


def opened(made: Beside, at: Desk, type_: str, **changes: str) -> Record:
    """Open a track by its form, and be led to it."""
    answer = press(at, f"/liaison/track-open?type={type_}", type=type_, **OPENED[type_] | changes)
    assert answer.status_code == 303, words_of(answer)
    party, id_ = re.findall(r"/liaison/track\?party=([a-z]+)&id=([0-9a-f-]+)", answer.headers["location"])[0]
    made.carry()
    return made.side(party).holds((party, id_))


def words_of(answer: httpx.Response) -> str:
    return " ".join(re.sub("<[^>]*>", " ", answer.text).split())


def forms(at: Desk, track: Record) -> list[str]:
    """The steps that the page of a track has forms for."""
    return [each for each in re.findall(r'name="step" value="([a-z-]+)"', page(at, address("track", track))) if each]


# --- tracks -----------------------------------------------------------------------------------------------------------


def test_nothing_was_told_of_yet(at: Served) -> None:
    assert "No track is like that." in words(at[1]["pk"], "/liaison/tracks?type=vehicle&party=pk")
    assert "Choose of what." in words(at[1]["pk"], "/liaison/track-new")
    assert "That track is not here." in words(at[1]["pk"], "/liaison/track?party=pk&id=none")


@pytest.mark.parametrize("type_", OPENED)
def test_a_track_is_opened_by_its_form_and_goes_on_by_both_pages(at: Served, type_: str) -> None:
    made, nodes = at
    track = opened(made, nodes["pk"], type_)
    for side, step, typed in ROADS[type_]:
        made.border.clock.forward(minutes=1)
        shown = page(nodes[side], address("track", track))
        given = dict(typed)
        if step == "agreed":
            given["of"] = re.findall(r'name="of" value="([^"]+)"', shown)[0]
        assert step in forms(nodes[side], track), words(nodes[side], address("track", track))
        answer = press(nodes[side], address("track-step", track), **of(track), step=step, **given)
        assert (answer.status_code, answer.headers.get("location", "").partition("&done")[0]) == (
            303,
            address("track", track),
        ), words_of(answer)
        made.carry()
    assert page(nodes["af"], address("track", track), "ur")
    assert made.stands("pk", track) == made.stands("af", track) == made.stands("obs", track)


def test_each_type_has_a_form_and_its_example_of_a_road() -> None:
    assert set(OPENED) == set(ROADS) == set(get_args(tracks_counted.Type))


@pytest.mark.parametrize(
    "typed", [{"who": "child-alone"}, {"fears": "yes"}, {"alone": "no"}], ids=["a child alone", "fears", "not alone"]
)
def test_of_whom_floor_4_protects_nothing_is_sent_and_the_page_says_what_to_do(
    at: Served, typed: dict[str, str]
) -> None:
    made, nodes = at
    before = made.records("pk")
    answer = press(nodes["pk"], "/liaison/track-open?type=offered", type="offered", **OFFER | typed)
    said = words_of(answer)
    assert "floor.4" in said
    assert "Nothing was sent. Bring them to the protection desk" in said
    assert ("child" in said.partition('role="alert"')[0], NEAR in answer.text) == (True, True)
    assert made.records("pk") == before


def test_what_was_typed_stays_when_it_is_refused(at: Served) -> None:
    made, nodes = at
    answer = press(nodes["pk"], "/liaison/track-open?type=fire", type="fire", **OPENED["fire"] | {"began": "soon"})
    assert (answer.status_code, "liaison.time" in answer.text, 'value="soon"' in answer.text) == (400, True, True)
    assert f'value="{NEAR}"' in answer.text
    assert re.search(r'<option value="mortar" selected>', answer.text)
    track = opened(made, nodes["pk"], "offered")
    typed = PLAN | {"place": "nowhere at all"}
    answer = press(nodes["pk"], address("track-step", track), **of(track), step="proposed", **typed)
    assert (answer.status_code, "liaison.place" in answer.text) == (400, True)
    form = answer.text.partition('name="step" value="proposed"')[2].partition("</form>")[0]
    assert ('value="nowhere at all"' in form, 'value="08:00"' in form) == (True, True)


def test_who_seeks_sees_one_word_and_who_could_have_found_them_what_to_do(at: Served) -> None:
    made, nodes = at
    search = opened(made, nodes["pk"], "missing")
    theirs = words(nodes["af"], address("track", search))
    assert "Bring them to the protection desk" in theirs
    assert "it reads “not completed” at both sides by itself" in theirs
    assert forms(nodes["af"], search) == ["offered"]
    assert "The other side misses somebody" in words(nodes["af"], "/")
    made.border.clock.forward(hours=25)
    for each in nodes.values():
        assert "Not completed. The word stands for whatever the reason is" in words(each, address("track", search))
    assert "The other side misses somebody" not in words(nodes["af"], "/")


def test_a_track_waits_once_until_its_step_is_made_and_what_came_is_read_by_that(at: Served) -> None:
    made, nodes = at
    track = opened(made, nodes["pk"], "passage", patients="5")
    assert words(nodes["af"], "/").count("A step of a track is ours: Passage for patients: 5") == 1
    assert "News of a track is to be read: Passage for patients: 5" in words(nodes["obs"], "/")
    press(nodes["af"], address("track-step", track), **of(track), step="opens", **PLAN)
    made.carry()
    assert "News of a track is to be read: Passage for patients: 5" in words(nodes["pk"], "/")
    assert press(nodes["pk"], address("track-read", track), **of(track)).status_code == 303
    made.carry()
    assert "Passage for patients: 5" not in words(nodes["pk"], "/")
    assert "Sign as read" not in words(nodes["pk"], address("track", track))


def test_a_step_of_a_track_that_is_not_here_is_read_as_the_record_it_is(at: Served) -> None:
    made, nodes = at
    away = Named("pk", "01936e1a-7a00-7000-8000-0000000000ff")
    record = made.craft("pk", "liaison.track", kinds.Closed(track=away))
    made.carry()
    shown = page(nodes["af"], "/")
    assert "A step came of a track that is not here" in shown
    assert f"/record/pk/{record.key[1]}" in shown


def test_the_list_is_narrowed_down_and_goes_on_by_pages(at: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    made, nodes = at
    monkeypatch.setattr(turns, "SHOWN", 2)
    made_here = list[Record]()
    for _ in range(5):
        made.border.clock.forward(minutes=1)
        made_here.append(opened(made, nodes["pk"], "ordnance"))
    seen, path = list[str](), "/liaison/tracks?type=ordnance&party=pk"
    for _ in range(9):
        shown = page(nodes["af"], path)
        seen += re.findall(r'<tr id="pk-([0-9a-f-]+)"', shown)
        path = next(iter(re.findall(r'rel="next" href="([^"]+)"', shown)), "").replace("&amp;", "&")
        if not path:
            break
    assert seen[:5] == [each.key[1] for each in reversed(made_here)]
    assert len(set(seen)) == len(seen)
    assert made_here[-1].key[1] in page(nodes["af"], "/liaison/tracks?only=open&type=ordnance")
    assert made_here[-1].key[1] not in page(nodes["af"], "/liaison/tracks?only=open&type=fire")
    bad = nodes["af"].http.get("/liaison/tracks?cursor=x", headers=nodes["af"].session("duty"))
    assert bad.status_code == 400


# --- measures ---------------------------------------------------------------------------------------------------------


def proposed(made: Beside, at: Desk, **changes: str) -> Record:
    answer = press(at, "/liaison/measure-propose", **MEASURE | changes)
    assert answer.status_code == 303, words_of(answer)
    party, id_ = re.findall(r"/liaison/measure\?party=([a-z]+)&id=([0-9a-f-]+)", answer.headers["location"])[0]
    made.carry()
    return made.side(party).holds((party, id_))


def acted(made: Beside, at: Desk, measure: Record, act: str, **typed: str) -> None:
    """Say something by the page's own form."""
    made.border.clock.forward(minutes=1)
    form = page(at, address("measure", measure)).partition(f'name="act" value="{act}"')[2].partition("</form>")[0]
    digest = re.findall(r'name="digest" value="([0-9a-f]{64})"', form)
    given = {**typed, **({"digest": digest[0]} if digest else {})}
    answer = press(at, address("measure-act", measure), **of(measure), act=act, **given)
    assert answer.status_code == 303, words_of(answer)
    made.carry()


def column(at: Desk, measure: Record, party: str) -> str:
    """What stands in a side's column."""
    shown = page(at, address("measure", measure)).partition(f'id="side-{party}"')[2].partition("</ol>")[0]
    return " ".join(re.sub("<[^>]*>", " ", shown).split())


def test_a_measure_is_proposed_answered_agreed_and_held_and_that_rings_on_every_page(at: Served) -> None:
    made, nodes = at
    track = opened(made, nodes["pk"], "missing")
    clear = {"clear1_shape": "corridor", "clear1_places": "34.0, 71.1\n34.1, 71.1", "clear1_metres": "600"}
    measure = proposed(made, nodes["pk"], linked=":".join(track.key), **clear)
    assert "It has not given its part." in column(nodes["af"], measure, "af")
    assert "Our part of a measure waits" in words(nodes["af"], "/")
    acted(made, nodes["af"], measure, "part", **PART)
    for party in ("pk", "af"):
        acted(made, nodes[party], measure, "agreed")
    acted(made, nodes["pk"], measure, "clear")
    for party in ("pk", "af"):
        acted(made, nodes[party], measure, "started")
    assert "The other side holds" not in words(nodes["pk"], "/records")
    acted(made, nodes["af"], measure, "holds")
    assert "The other side holds its part of a measure" in words(nodes["pk"], "/records")
    for party in ("pk", "af", "obs"):
        assert "Areas are clear" in column(nodes[party], measure, "pk")
        assert "Holds" in column(nodes[party], measure, "af")
        assert "Holds" not in column(nodes[party], measure, "pk")
        assert page(nodes[party], address("measure", measure), "ur")
    assert press(nodes["pk"], address("measure-read", measure), **of(measure)).status_code == 303
    assert "The other side holds its part of a measure" not in words(nodes["pk"], "/records")
    assert "Held or stopped by one side" in words(nodes["pk"], "/liaison/measures?only=open")


def test_what_was_typed_for_a_measure_stays_when_it_is_refused(at: Served) -> None:
    made, nodes = at
    typed: dict[str, Any] = MEASURE | {
        "metres": "20",
        "clear2_shape": "point",
        "clear2_places": "34.0, 71.3",
        "clear2_metres": "900",
    }
    answer = press(nodes["pk"], "/liaison/measure-propose", **typed)
    assert ("floor.6" in answer.text, 'value="900"' in answer.text, 'value="20"' in answer.text) == (True, True, True)
    assert re.search(r'<option value="search" selected>', answer.text)
    measure = proposed(made, nodes["pk"])
    answer = press(
        nodes["af"], address("measure-act", measure), **of(measure), act="part", **PART | {"places": "nowhere"}
    )
    assert (answer.status_code, "liaison.place" in answer.text, "nowhere</textarea>" in answer.text) == (
        400,
        True,
        True,
    )


def test_a_part_is_changed_from_what_it_is(at: Served) -> None:
    made, nodes = at
    measure = proposed(made, nodes["pk"], clear1_shape="point", clear1_places="34.0, 71.1", clear1_metres="700")
    form = (
        page(nodes["pk"], address("measure", measure)).partition('name="act" value="part"')[2].partition("</form>")[0]
    )
    assert re.search(r'<option value="search" selected>', form)
    assert ("34.00000, 71.20000</textarea>" in form, "34.00000, 71.10000</textarea>" in form) == (True, True)
    assert ('value="12000"' in form, 'value="700"' in form) == (True, True)


def filled_in(form: str) -> dict[str, str]:
    """What stands in the fields of a form."""
    typed = dict(re.findall(r'<input name="([^"]+)" value="([^"]*)"', form))
    typed |= dict(re.findall(r'<textarea name="([^"]+)"[^>]*>\n(.*?)</textarea>', form, re.DOTALL))
    chosen = re.findall(r'<select name="([^"]+)"(.*?)</select>', form, re.DOTALL)
    return typed | {name: "".join(re.findall(r'value="([^"]*)" selected', options)) for name, options in chosen}


def test_a_part_keeps_clear_as_many_areas_as_it_may_in_any_form_and_all_are_changed_from_what_they_are(
    at: Served,
) -> None:
    made, nodes = at
    forms_of = ({"shape": "point", "places": "34.0, 71.1", "metres": "700"},
                {"shape": "corridor", "places": "34.0, 71.1\n34.1, 71.1", "metres": "600"},
                {"shape": "area", "places": "34.0, 71.1\n34.05, 71.1\n34.05, 71.15", "metres": ""})  # fmt: skip
    clear = {f"clear{n}_{name}": text for n in range(1, 9) for name, text in forms_of[n % 3].items()}
    measure = proposed(made, nodes["pk"], **clear)
    part = measure.body.part
    assert [type(each).__name__ for each in part.clear] == ["Corridor", "Area", "Point"] * 2 + ["Corridor", "Area"]
    form = (
        page(nodes["pk"], address("measure", measure)).partition('name="act" value="part"')[2].partition("</form>")[0]
    )
    assert form.count("<details open>") == 8
    acted(made, nodes["pk"], measure, "part", **filled_in(form) | {"action": "close"})
    changed = made.measure_stands("af", measure).columns[0].part
    assert changed is not None
    assert (changed.action, changed.clear, changed.area) == ("close", part.clear, part.area)


def test_the_list_of_measures_is_narrowed_down_and_goes_on_by_pages(
    at: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, nodes = at
    monkeypatch.setattr(turns, "SHOWN", 2)
    made_here = list[Record]()
    for _ in range(3):
        made.border.clock.forward(minutes=1)
        made_here.append(proposed(made, nodes["pk"], purpose="convoy"))
    first = page(nodes["af"], "/liaison/measures?purpose=convoy")
    assert re.findall(r'<tr id="pk-([0-9a-f-]+)"', first) == [each.key[1] for each in made_here[:0:-1]]
    path = re.findall(r'rel="next" href="([^"]+)"', first)[0].replace("&amp;", "&")
    assert re.findall(r'<tr id="pk-([0-9a-f-]+)"', page(nodes["af"], path)) == [made_here[0].key[1]]
    assert "No measure is like that." in words(nodes["af"], "/liaison/measures?purpose=medical&party=af")
    assert "That measure is not here." in words(nodes["af"], "/liaison/measure?party=pk&id=none")
