"""Which records count as steps of a track or a measure: none that is of another matter in all but its name."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from amanat.workspaces.liaison.kinds import Named
from amanat.workspaces.liaison.measures import kinds as measured
from amanat.workspaces.liaison.tests.beside_cast import NEAR, OFFER, PLAN, Beside, beside, next_day
from amanat.workspaces.liaison.tracks import kinds, rules
from border import agree


@pytest.fixture(scope="module")
def met(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Beside]:
    with beside(tmp_path_factory.mktemp("beside")) as made:
        yield made


@pytest.fixture
def made(met: Beside) -> Beside:
    return next_day(met)


def test_a_step_of_an_exercise_ends_no_real_track(made: Beside) -> None:
    track = made.open("pk", "offered", **OFFER)
    made.craft("pk", "liaison.track", kinds.NotCompleted(track=Named(*track.key)), track, exercise=True)
    made.carry()
    assert {made.stands(party, track).state for party in ("pk", "af")} == {"open"}
    made.craft("pk", "liaison.track", kinds.NotCompleted(track=Named(*track.key)), track)
    made.carry()
    assert {made.stands(party, track).state for party in ("pk", "af")} == {"not-completed"}


def test_a_step_of_an_exercise_stops_no_real_measure(made: Beside) -> None:
    measure = made.propose("pk")
    said = measured.Said(measure=Named(*measure.key), did="stopped")
    made.craft("pk", "liaison.measure", said, measure, exercise=True)
    made.carry()
    assert {made.measure_stands(party, measure).state for party in ("pk", "af")} == {"proposed"}


def test_what_the_other_side_was_not_told_counts_for_nothing(made: Beside) -> None:
    track, measure = made.open("pk", "offered", **OFFER), made.propose("pk")
    made.craft("pk", "liaison.track", kinds.NotCompleted(track=Named(*track.key)), track, to=("obs",))
    said = measured.Said(measure=Named(*measure.key), did="stopped")
    made.craft("pk", "liaison.measure", said, measure, to=("obs",))
    made.carry()
    assert {made.stands(party, track).state for party in ("pk", "af", "obs")} == {"open"}
    assert {made.measure_stands(party, measure).state for party in ("pk", "af", "obs")} == {"proposed"}


def test_a_step_that_was_withdrawn_counts_no_more(made: Beside) -> None:
    track, measure = made.open("pk", "offered", **OFFER), made.propose("pk")
    made.carry()
    ended, stopped = made.step("pk", track, "not-completed"), made.act("pk", measure, "stopped")
    made.carry()
    assert made.stands("af", track).state == "not-completed"
    assert made.measure_stands("af", measure).state == "held"
    made.withdraw("pk", ended)
    made.withdraw("pk", stopped)
    made.carry()
    assert {made.stands(party, track).state for party in ("pk", "af")} == {"open"}
    assert {made.measure_stands(party, measure).state for party in ("pk", "af")} == {"proposed"}


def test_what_is_said_under_a_later_text_of_the_compact_counts(tmp_path: Path) -> None:
    with beside(tmp_path) as made:
        track, measure = made.open("pk", "offered", **OFFER), made.propose("pk")
        made.carry()
        signed = agree(made.border.sides.values(), made.side("pk").terms)
        for side in made.border.sides.values():
            side.take("compact", signed)
        made.step("pk", track, "not-completed")
        made.act("pk", measure, "stopped")
        made.carry()
        assert {made.stands(party, track).state for party in ("pk", "af")} == {"not-completed"}
        assert {made.measure_stands(party, measure).state for party in ("pk", "af")} == {"held"}


def test_what_is_dated_ahead_of_now_counts_for_nothing_until_then(tmp_path: Path) -> None:
    """A clock that is set ahead unsays nothing; with the hour it comes to count."""
    with beside(tmp_path) as made:
        track = made.open("pk", "vehicle", found="yes", vehicle="car", count="1", near=NEAR)
        clock = made.border.clock
        clock.at += timedelta(hours=1)
        made.step("pk", track, "proposed", **PLAN)
        clock.at -= timedelta(hours=1)
        assert rules.proposal(made.track("pk", track)) == (None, None)
        clock.at += timedelta(hours=1)
        assert rules.proposal(made.track("pk", track))[0] is not None
