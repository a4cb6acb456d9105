"""A node whose clock is wrong by half an hour says nothing that is lost, and both sides read the same."""

from pathlib import Path

import pytest

from amanat.workspaces.liaison.incidents import rules as incidents
from amanat.workspaces.liaison.tests.beside_cast import beside
from amanat.workspaces.liaison.tests.incidents_cast import event
from amanat.workspaces.liaison.tests.meetings_cast import meetings

wrong = pytest.mark.parametrize("minutes", [-30, 30])
SIDES = ("pk", "af")


@wrong
def test_steps_and_an_account_of_an_incident_count(tmp_path: Path, minutes: int) -> None:
    with event(tmp_path) as ours:
        ours.border.set_clock("af", minutes=minutes)
        shots = ours.open("pk")
        ours.carry()
        ours.wait(minutes=3)
        ours.step("af", shots, "notice")
        ours.account("af", shots, {"sort": "happened", "did": "fired", "who": "theirs"})
        ours.carry()
        for party in SIDES:
            seen = ours.seen(party, shots)
            assert incidents.knows(seen.facts, seen.told, "af")
            assert len(incidents.accounts(seen.told, "af")) == 1


@wrong
def test_a_step_of_the_ladder_can_be_signed(tmp_path: Path, minutes: int) -> None:
    """At the time that the other side told of, where one's own clock has not come so far."""
    with event(tmp_path) as ours:
        shots = ours.open("pk")
        told = f"{ours.border.clock.at:%Y-%m-%d %H:%MZ}"
        ours.border.set_clock("af", minutes=minutes)
        ours.carry()
        ours.done("af", shots, "cease", told)
        ours.carry()
        for party in SIDES:
            (cease,) = (each for each in ours.seen(party, shots).dues if each.step.name == "cease")
            assert "af" in cease.signed


@wrong
def test_a_meeting_that_both_agreed_to_is_agreed(tmp_path: Path, minutes: int) -> None:
    with meetings(tmp_path) as ours:
        ours.border.set_clock("af", minutes=minutes)
        meeting = ours.propose()
        ours.carry()
        ours.agree("af", meeting)
        ours.carry()
        assert ours.states(meeting) == {"agreed"}


@wrong
def test_a_hold_of_a_measure_is_heard(tmp_path: Path, minutes: int) -> None:
    """Nothing is worse than a hold that the other side does not see."""
    with beside(tmp_path) as ours:
        ours.border.set_clock("af", minutes=minutes)
        measure = ours.propose("pk")
        ours.carry()
        ours.act("af", measure, "holds")
        ours.carry()
        for party in SIDES:
            assert ours.measure_stands(party, measure).state == "held"


@wrong
def test_an_offer_in_a_track_is_seen(tmp_path: Path, minutes: int) -> None:
    with beside(tmp_path) as ours:
        ours.border.set_clock("af", minutes=minutes)
        herd = ours.open("pk", "livestock", found="yes", species="sheep", count="4", near="34.12345, 71.09876")
        ours.carry()
        ours.step("af", herd, "proposed", place="34.1, 71.1", since="08:00", until="09:00")
        ours.carry()
        waits = [{(each.code, each.party) for each in ours.stands(party, herd).waits} for party in SIDES]
        assert waits[0] == waits[1]
