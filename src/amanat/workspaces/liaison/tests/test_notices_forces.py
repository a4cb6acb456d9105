"""What notices of forces and of aid say, lack and are late by, and what of them is coarse: by the compact's clauses."""

from datetime import timedelta
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amanat.compact.notification import Beside, lead
from amanat.party.errors import Invalid
from amanat.workspaces.liaison.ground.shapes import Window
from amanat.workspaces.liaison.notices import rules
from amanat.workspaces.liaison.notices.aid import AidSite, Team
from amanat.workspaces.liaison.notices.forces import Exercise, Formation, Movement
from amanat.workspaces.liaison.notices.kinds import Drone, Flight, Notice, Patrol, of_people
from amanat.workspaces.liaison.notices.steps import Questioned
from amanat.workspaces.liaison.tests.test_notices_rules import (
    CONVOY,
    HOUR,
    KEY,
    NOW,
    SHAPE,
    WINDOW,
    notice,
    step,
    story,
)
from compact.cast import TERMS

AID: dict[str, Any] = {"shape": SHAPE, "window": WINDOW, "country": "PK", "by_whom": "un", "contact": "torkham/duty"}


def exercise(**more: Any) -> Exercise:
    said: dict[str, Any] = {"level": "brigade", "troops": 10, "purpose": "live-fire", "live": True}
    return Exercise(shape=SHAPE, window=WINDOW, country="PK", **(said | more))


def test_of_a_large_exercise_what_the_clause_asks_for_and_is_not_said_is_named_and_of_a_small_one_nothing() -> None:
    agreed = TERMS.notification["exercise"]
    assert rules.lacks(agreed, exercise(level="company")) == ()
    assert rules.lacks(agreed, exercise()) == agreed.says
    said = exercise(
        calendar="as-listed",
        command="division",
        direction="south",
        formations=(Formation(size="battalion", arm="infantry", count=3),),
        line_metres=0,
        states=("PK",),
    )
    assert rules.lacks(agreed, said) == ("phases",)
    assert rules.lacks(None, exercise()) == ()


def test_what_a_compact_may_ask_for_stands_in_both_notices_of_forces() -> None:
    for each in (Exercise, Movement):
        assert set(get_args(Beside)) <= set(each.__struct_fields__)


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"helicopters": 3, "helicopters_attack": 2, "helicopters_support": 1, "helicopters_transport": 1}, "helicopters"),
        ({"calendar": "differs"}, "differs"),
        ({"calendar": "as-listed", "differs": ("size",)}, "differs"),
        ({"alerted": WINDOW.since + HOUR}, "alerted"),
    ],
)  # fmt: skip
def test_what_contradicts_itself_in_an_exercise_is_refused(more: dict[str, Any], code: str) -> None:
    with pytest.raises(Invalid) as caught:
        exercise(**more)
    assert caught.value.code == f"liaison.{code}"


def test_aid_of_every_sort_informs_and_is_asked_nothing() -> None:
    site, team = AidSite(**AID, site="hospital"), Team(**AID, count=4, purpose="medical")
    for body in (CONVOY, site, team):
        assert (
            rules.questions(story(step(1, "af", Questioned(notice=KEY, about=("purpose",))), given_=notice(body))) == ()
        )


def test_a_camp_and_a_team_are_where_persons_are_and_a_hospital_is_known_where_it_stands() -> None:
    assert of_people(AidSite(**AID, site="camp"))
    assert of_people(Team(**AID, count=4, purpose="medical"))
    assert not of_people(AidSite(**AID, site="hospital"))


@given(
    minutes=st.integers(0, 60 * 24 * 200),
    level=st.sampled_from(("company", "battalion", "brigade", "division", "corps", "army")),
    troops=st.integers(0, 20_000),
    alert=st.none() | st.integers(0, 600),
)
def test_late_is_what_is_due_and_given_after_its_lead_time_and_nothing_else(
    minutes: int, level: Any, troops: int, alert: int | None
) -> None:
    since = NOW + timedelta(minutes=minutes)
    exercise = Exercise(
        shape=SHAPE,
        window=Window(since, since + HOUR),
        country="PK",
        level=level,
        troops=troops,
        purpose="live-fire",
        live=True,
        alerted=None if alert is None else since - timedelta(minutes=alert),
    )
    it = notice(exercise)
    agreed = TERMS.notification["exercise"]
    by = since - lead(agreed, level, short_notice=False)
    if alert is not None:
        by = since - timedelta(minutes=alert) + HOUR  # within an hour of when its troops are told
    due = level in {"brigade", "division", "corps", "army"} or troops >= 9_000
    assert rules.late(it) is (due and by < NOW)


@pytest.mark.parametrize(
    ("body", "short"),
    [
        (
            Flight(
                shape=SHAPE, window=WINDOW, country="PK", craft="helicopter", count=1, armed=False, purpose="medical"
            ),
            True,
        ),
        (
            Flight(shape=SHAPE, window=WINDOW, country="PK", craft="combat", count=1, armed=True, purpose="training"),
            False,
        ),
        (Drone(shape=SHAPE, window=WINDOW, country="PK", craft="small", count=1, armed=False, purpose="search"), True),
        (
            Movement(shape=SHAPE, window=WINDOW, country="PK", level="corps", troops=1, on="foot", purpose="disaster"),
            True,
        ),
        (
            Movement(shape=SHAPE, window=WINDOW, country="PK", level="corps", troops=1, on="foot", purpose="rotation"),
            False,
        ),
        (
            Exercise(shape=SHAPE, window=WINDOW, country="PK", level="corps", troops=1, purpose="relief", live=False),
            False,
        ),
        (Patrol(shape=SHAPE, window=WINDOW, country="PK", size="team", on="foot", purpose="search"), False),
        (CONVOY, False),
    ],
)
def test_short_notice_is_for_a_life_and_for_what_says_so_itself(body: Notice, *, short: bool) -> None:
    assert rules.short_notice(body) is short
