"""What of an incident waits and rings at which post, over a real border."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from amanat.exchange.means import look
from amanat.workspaces.liaison.incidents import acting, matters
from amanat.workspaces.liaison.tests.incidents_cast import (
    FIRED,
    Event,
    event,
    on,
    rings_at,
    waiting_at,
    waits_at,
)

SEEN = {"sort0": "happened", "did0": "fired", "who0": "unknown"}


@pytest.fixture
def shots(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Event]:
    with event(tmp_path_factory.mktemp("shots")) as made:
        yield made


def test_of_one_incident_one_thing_waits_the_most_pressing(shots: Event) -> None:
    opened = shots.open()
    shots.carry()
    assert waits_at(shots, "af", "chaman/duty") == []  # stands elsewhere
    shots.step("af", opened, "notice")
    assert waits_at(shots, "af") == ["liaison.incident-step-due"]
    for step in ("cease", "hold", "inform"):
        shots.done("af", opened, step)
    assert waits_at(shots, "af") == []
    shots.account("pk", opened, FIRED)
    shots.carry()
    assert waits_at(shots, "af") == ["liaison.incident-account"]
    assert waits_at(shots, "af", "torkham/commander") == ["liaison.incident-step-due"]
    shots.do("pk", "statement-propose", **on(opened), use21="on")
    shots.carry()
    assert waits_at(shots, "af") == ["liaison.incident-text"]
    text = shots.seen("af", opened).versions[0]
    shots.do("af", "statement-sign", **on(opened), text=f"{text.told.key.party}:{text.told.key.id}", digest=text.digest)
    shots.step("af", opened, "answer", of="pk", statement=shots.seen("af", opened).findings[0].digest, stance="agrees")
    assert waits_at(shots, "af") == []
    shots.step("pk", opened, "close")
    shots.carry()
    assert waits_at(shots, "af") == ["liaison.incident-close"]
    assert waits_at(shots, "af", "torkham/commander") == ["liaison.incident-close"]  # it closes what is due with it
    shots.step("af", opened, "close")
    assert waits_at(shots, "af") == []
    assert waits_at(shots, "obs") == []


def test_the_joint_statement_is_due_at_the_posts_of_its_rank_until_it_is_signed_by_both(shots: Event) -> None:
    opened = shots.open()
    shots.carry()
    (step,) = (each for each in shots.seen("af", opened).dues if each.step.act == "state")
    with look(shots.border.sides["af"].means) as turn:
        matter = matters.require(turn, *opened.key)
        (post,) = acting.posts_of_rank(matter.terms, "af", "kurram", step.step.rank, turn.now)
    shots.step("af", opened, "notice", at=post)
    assert waits_at(shots, "af", post) == ["liaison.incident-step-due"]
    shots.border.clock.at = step.due + timedelta(minutes=1)
    others = [each.step.name for each in shots.seen("af", opened).dues if each.step.act not in ("state", "mediate")]
    for name in others:
        shots.step("af", opened, "done", at=post, step=name, time="now")
    assert waits_at(shots, "af", post) == ["liaison.incident-step-late"]


def test_outside_its_hours_the_posts_of_another_hotline_see_to_it(shots: Event) -> None:
    shots.border.clock.at = shots.border.clock.at.replace(hour=14)
    shots.open(sector="khyber")
    shots.carry()
    assert rings_at(shots, "af", "operations/duty") == ["liaison.incident-new"]
    assert rings_at(shots, "af") == []


def test_who_is_late_is_told_on_both_screens_and_rings_at_the_rank(shots: Event) -> None:
    opened = shots.open()
    shots.carry()
    shots.step("af", opened, "notice")
    shots.done("pk", opened, "cease")
    shots.carry()
    shots.wait(minutes=11)
    for party in ("pk", "af", "obs"):
        assert {each.step.name: each.overdue for each in shots.seen(party, opened).late} == {
            "cease": ("af",),
            "hold": ("af", "pk"),
        }
    assert rings_at(shots, "af") == ["liaison.incident-step-late"]
    assert waits_at(shots, "af") == ["liaison.incident-step-late"]
    assert rings_at(shots, "af", "torkham/commander") == []  # the step of that rank is not late yet
    shots.wait(days=1)
    assert rings_at(shots, "af", "torkham/commander") == ["liaison.incident-step-late"]


class TestGuarantor:
    """The observer's node is the guarantor of the worked compact (its clause 10.7)."""

    def test_it_is_told_that_a_side_turned_to_it_until_it_noted_something(self, shots: Event) -> None:
        opened = shots.open()
        shots.carry()
        assert waits_at(shots, "obs") == []
        shots.done("pk", opened, "guarantor")
        shots.carry()
        (told,) = waiting_at(shots, "obs")
        assert (told.matter, told.peer) == ("liaison.incident-guarantor", "pk")
        assert rings_at(shots, "obs") == []
        shots.step("obs", opened, "observe", of="", statement="", stance="", **SEEN)
        assert waits_at(shots, "obs") == []

    def test_it_is_told_that_the_time_of_its_step_is_over_though_no_side_turned_to_it(self, shots: Event) -> None:
        opened = shots.open()
        shots.carry()
        (step,) = (each for each in shots.seen("obs", opened).dues if each.step.act == "guarantor")
        shots.border.clock.at = step.due + timedelta(minutes=1)
        (told,) = waiting_at(shots, "obs")
        assert (told.matter, told.since) == ("liaison.incident-guarantor-reached", step.due)

    def test_what_both_closed_or_was_withdrawn_waits_for_it_no_more(self, shots: Event) -> None:
        opened = shots.open()
        shots.carry()
        shots.step("af", opened, "notice")
        shots.done("af", opened, "guarantor")
        shots.carry()
        assert waits_at(shots, "obs") == ["liaison.incident-guarantor"]
        shots.step("pk", opened, "close")
        shots.step("af", opened, "close")
        shots.carry()
        assert waits_at(shots, "obs") == []
