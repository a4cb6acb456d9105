"""What cannot be read of a form of a track, a measure, a warning or a plan: told beside its field, once, and all kept."""

import re
from collections.abc import Iterator, Mapping
from contextlib import ExitStack

import pytest

from amanat.party.lexicon import Language
from amanat.workspaces.liaison.tests.beside_cast import MEASURE, OFFER, PLAN, Beside, beside
from amanat.workspaces.liaison.tests.lines import of
from api.cast import Desk, desk

WARNED = {
    "event": "closure", "near": "Torkham (AF)", "urgent": "immediate", "severity": "minor", "certainty": "observed",
    "shape": "point", "places": "34.137, 71.082", "metres": "500", "since": "2026-11-24 06:00",
    "until": "2027-01-24 06:00", "other_crossing": "on",
}  # fmt: skip
PLANNED = {
    "type": "works", "works": "trench", "purpose": "water", "country": "PK", "shape": "point", "check": "on",
    "places": "34.10000, 71.10000", "metres": "200", "since": "2027-01-10 10:00", "until": "2027-01-10 18:00",
}  # fmt: skip


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Beside, Desk]]:
    with ExitStack() as open_:
        made = open_.enter_context(beside(tmp_path_factory.mktemp("amiss")))
        yield made, open_.enter_context(desk(made.side("pk")))


def press(at: Desk, deed: str, asked: Mapping[str, str], typed: Mapping[str, str], language: Language = "en") -> str:
    at.speak("duty", language)
    answer = at.http.post(f"/liaison/{deed}", params=asked, data=dict(typed), headers=at.session("duty"))
    assert answer.status_code == 400, answer.text
    return answer.text


def told(text: str, name: str, code: str) -> None:
    """Hold a page to tell one error, once, right after the field that it is of, at which the page begins."""
    text = text.partition("<main")[2].partition("</main>")[0]
    field = re.search(rf'<(input|select|textarea|fieldset)(?: [^>]*)? ?name="{name}"[^>]*>', text)
    assert field, name
    assert f'aria-invalid="true" aria-describedby="wrong-{name}-1" autofocus' in field[0]
    after = text[field.end() :]
    assert "<label" not in after[: after.index(f'id="wrong-{name}-1"')]
    assert text.count(f">{code}</bdi>") == 1
    assert text.count("autofocus") == 1


@pytest.mark.parametrize(
    ("typed", "field", "code"),
    [
        ({"near": "nowhere at all"}, "near", "liaison.place"),
        ({"count": "two"}, "count", "liaison.whole"),
        ({"language": ""}, "language", "liaison.track-asked-language"),
        ({"asked_at": "late"}, "asked_at", "liaison.time"),
        ({"alone": ""}, "alone", "liaison.track-asked"),
        ({"linked": "pk:nothing"}, "linked", "liaison.linked"),
    ],
)
@pytest.mark.parametrize("language", ["en", "ur"])
def test_what_is_amiss_when_a_track_is_opened_stands_beside_its_field(
    served: tuple[Beside, Desk], typed: dict[str, str], field: str, code: str, language: Language
) -> None:
    text = press(served[1], "track-open", {"type": "offered"}, {"type": "offered", **OFFER, **typed}, language)
    told(text, field, code)
    said = text.partition(f'id="wrong-{field}-1"')[2].partition("</p>")[0]
    assert bool(re.search("[\u0600-\u06ff]", said)) == (language == "ur")
    kept = {**OFFER, **typed}
    assert f'name="near" value="{kept["near"]}"' in text
    assert f'name="count" value="{kept["count"]}"' in text
    assert f'name="asked_at" value="{kept["asked_at"]}"' in text


def test_what_is_amiss_in_a_step_of_a_track_is_told_in_the_form_of_that_step_alone(
    served: tuple[Beside, Desk],
) -> None:
    made, at = served
    track = made.open("pk", "offered", **OFFER)
    text = press(at, "track-step", of(track), {**of(track), "step": "proposed", **PLAN, "since": "soon"})
    told(text, "since", "liaison.time")


@pytest.mark.parametrize(
    ("typed", "field", "code"),
    [
        ({"action": ""}, "action", "liaison.choice"),
        ({"until": "2020-01-01 10:00", "since": "2020-01-01 09:00"}, "until", "liaison.measure-window"),
        ({"metres": "far"}, "metres", "liaison.whole"),
        ({"clear1_places": "nowhere", "clear1_shape": "point"}, "clear1_places", "liaison.place"),
        (
            {"clear1_places": "34.0, 71.2", "clear1_shape": "point", "clear1_metres": "x"},
            "clear1_metres",
            "liaison.whole",
        ),
    ],
)
def test_what_is_amiss_in_a_measure_stands_beside_its_field(
    served: tuple[Beside, Desk], typed: dict[str, str], field: str, code: str
) -> None:
    told(press(served[1], "measure-propose", {}, {**MEASURE, **typed}), field, code)


@pytest.mark.parametrize(
    ("typed", "field", "code"),
    [
        ({"near": "34.137, 71.082"}, "near", "liaison.warning-near"),
        ({"places": "34.1"}, "places", "liaison.place"),
        ({"until": "2026-11-24 06:01"}, "until", "liaison.warning-over"),
    ],
)
def test_what_is_amiss_in_a_warning_stands_beside_its_field_before_it_is_looked_at_and_when_it_is_given(
    served: tuple[Beside, Desk], typed: dict[str, str], field: str, code: str
) -> None:
    _, at = served
    told(press(at, "warn-public", {**WARNED, **typed}, {**WARNED, **typed}), field, code)
    at.speak("duty", "en")
    asked = {**WARNED, **typed, "step": "look"}
    told(at.http.get("/liaison/warn", params=asked, headers=at.session("duty")).text, field, code)


@pytest.mark.parametrize(
    ("typed", "field", "code"),
    [
        ({"until": "later"}, "until", "liaison.time"),
        ({"workers": "many"}, "workers", "liaison.whole"),
        ({"line_metres": "near"}, "line_metres", "liaison.whole"),
    ],
)
def test_what_is_amiss_in_a_plan_stands_beside_its_field(
    served: tuple[Beside, Desk], typed: dict[str, str], field: str, code: str
) -> None:
    _, at = served
    at.speak("duty", "en")
    text = at.http.get("/liaison/plan", params={**PLANNED, **typed}, headers=at.session("duty")).text
    told(text, field, code)
