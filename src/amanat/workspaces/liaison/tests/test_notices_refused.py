"""What no notice may say, who may do nothing about one, and what is told only coarsely, really sent."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from amanat.exchange.means import look
from amanat.party.errors import Invalid, Refused
from amanat.workspaces.liaison.ground.shapes import Corridor, Point, Position, Window
from amanat.workspaces.liaison.kinds import Named
from amanat.workspaces.liaison.notices import forms
from amanat.workspaces.liaison.notices.kinds import Patrol
from amanat.workspaces.liaison.notices.steps import Questioned, Step
from amanat.workspaces.liaison.tests.lines import hotline
from amanat.workspaces.liaison.tests.notices_cast import (
    BLASTING,
    CONVOY,
    DRONE,
    EXERCISE,
    FLIGHT,
    PATROL,
    WORKS,
    Notices,
    name,
    states,
    what_waits,
)

STEP_KIND = "liaison.notice-step"


@pytest.fixture
def them(tmp_path: Path) -> Iterator[Notices]:
    with hotline(tmp_path) as line:
        yield Notices(line)


@pytest.mark.parametrize(
    "what",
    [
        PATROL,
        {"type": "movement", "level": "company", "troops": "90", "on": "foot", "purpose": "rotation", "country": "PK"},
    ],
)
@pytest.mark.parametrize("country", ["PK", "AF", "IR"])
def test_where_persons_are_is_told_to_no_better_than_10_km(them: Notices, what: dict[str, str], country: str) -> None:
    """Floor 6: not on our ground, which they do not administer; not on theirs, which the observer does not."""
    with pytest.raises(Refused) as refused:
        them.give("pk", what, coarse="", country=country)
    assert refused.value.code == "floor.6"
    told = them.give("pk", what, country=country).body.shape
    assert told == Point(Position(34.1, 71.1), 10_000)


@pytest.mark.parametrize(
    "shape",
    [
        pytest.param(Point(Position(34.12345, 71.1), 12_000), id="a wide circle about an exact place"),
        pytest.param(
            Corridor((Position(34.1, 71.1), Position(34.2, 71.25)), 12_000), id="a corridor, one digit too many"
        ),
        pytest.param(Corridor((Position(34.1, 71.1), Position(34.2, 71.2)), 9_999), id="a metre too narrow"),
    ],
)
def test_a_wide_shape_of_many_digits_is_no_way_round_floor_6(them: Notices, shape: Any) -> None:
    body = Patrol(
        shape=shape,
        window=Window(*(them.line.side("pk").means.now() + timedelta(days=days) for days in (9, 10))),
        country="PK",
        size="team",
        on="foot",
        purpose="routine",
    )
    with pytest.raises(Refused) as refused:
        them.say("pk", "liaison.notice", body)
    assert refused.value.code == "floor.6"


def test_what_is_no_place_of_persons_is_told_exactly(them: Notices) -> None:
    assert them.give("pk", WORKS).body.shape == Point(Position(34.1, 71.1), 200)


def test_a_convoy_of_aid_is_asked_nothing_and_acknowledged_as_received(them: Notices) -> None:
    """Floor 13: there is nothing to wait for before it goes."""
    convoy = them.give("af", CONVOY)
    them.carry()
    with pytest.raises(Refused) as refused:
        them.do("pk", "ask-notice", convoy, about_purpose="on")
    assert refused.value.code == "liaison.notice-humanitarian"
    them.say("pk", STEP_KIND, Questioned(notice=Named(*convoy.key), about=("purpose",)))
    them.do("pk", "acknowledge-notice", convoy)
    them.carry()
    assert states(them, convoy) == {"acknowledged"}
    assert what_waits(them, "af") == []
    with pytest.raises(Invalid, match="not visited"):
        them.do("af", "invite-notice", convoy, time0="2026-12-10 11:00", place="Torkham (PK)", most="3")


def test_no_step_permits_or_refuses() -> None:
    """What both sides can say of a notice is this, and nothing more."""
    tags = {each.__struct_config__.tag for each in Step.__args__}
    assert tags == {"acknowledged", "asked", "explained", "judged", "ended", "invited", "visiting", "visited"}


# --- what a deed refuses --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ({"type": "parade"}, "liaison.notice-type"),
        ({"works": ""}, "liaison.notice-lacks"),
        ({"works": "palace"}, "liaison.notice-code"),
        ({"country": ""}, "liaison.notice-lacks"),
        ({"country": "Pakistan"}, "liaison.notice-field"),
        ({"workers": "many"}, "liaison.whole"),
        ({"workers": "100001"}, "liaison.notice-field"),
        ({"since": "whenever"}, "liaison.time"),
        ({"since": "2026-12-10 18:00"}, "liaison.window"),
        ({"since": "2026-11-01 10:00", "until": "2026-11-02 10:00"}, "liaison.notice-over"),
        ({"places": "nowhere"}, "liaison.place"),
        ({"places": "34.1, 71.1\n34.2, 71.2"}, "liaison.one-place"),
        ({"compact": "pk-ir"}, "liaison.dealing"),
        ({"changes": "pk:01936e1a-7a00-7000-8000-000000000001"}, "liaison.notice-unknown"),
        ({"changes": "nonsense"}, "liaison.notice-field"),
    ],
)
def test_a_notice_that_cannot_stand_is_refused(them: Notices, typed: dict[str, str], code: str) -> None:
    with pytest.raises(Invalid) as refused:
        them.give("pk", WORKS, **typed)
    assert refused.value.code == code


def test_digits_of_every_script_are_read(them: Notices) -> None:
    assert them.give("pk", WORKS, workers="۲۴").body.workers == 24


@pytest.mark.parametrize(
    ("what", "field"), [(FLIGHT, "armed"), (DRONE, "armed"), (BLASTING, "below_ground"), (EXERCISE, "live")]
)
def test_what_a_notice_says_either_way_is_chosen_and_never_forgotten(
    them: Notices, what: dict[str, str], field: str
) -> None:
    for typed, code in (("", "liaison.notice-lacks"), ("on", "liaison.notice-code")):
        with pytest.raises(Invalid) as refused:
            them.give("pk", what, **{field: typed})
        assert refused.value.code == code
    for typed, said in (("yes", True), ("no", False)):
        given = them.give("pk", what, **{field: typed})
        assert getattr(given.body, field) is said
        with look(them.line.side("pk").means) as turn:
            assert forms.typed_of(turn, given.body)[field] == typed


def test_an_exercise_has_its_formations_and_phases(them: Notices) -> None:
    typed = {
        "type": "exercise",
        "level": "brigade",
        "troops": "2400",
        "purpose": "combined-arms",
        "live": "no",
        "country": "PK",
        "designation": "EX-26-4",
        "formation0_count": "3",
        "formation0_size": "battalion",
        "formation0_arm": "infantry",
        "active_since": "2026-12-10 11:00",
        "active_until": "2026-12-10 12:00",
    }
    body = them.give("pk", typed).body
    assert [(each.count, each.size, each.arm) for each in body.formations] == [(3, "battalion", "infantry")]
    assert [each.phase for each in body.phases] == ["active"]
    for wrong, code in (
        ({"active_until": "2026-12-10 19:00"}, "liaison.phase-outside"),
        ({"active_until": "2026-12-10 11:00"}, "liaison.phase"),
        ({"formation0_arm": ""}, "liaison.notice-code"),
        ({"designation": "Operation Nobody"}, "liaison.notice-field"),
    ):
        with pytest.raises(Invalid) as refused:
            them.give("pk", typed, **wrong)
        assert refused.value.code == code


def test_each_does_only_what_is_theirs_to_do(them: Notices) -> None:
    notice = them.give("pk", WORKS)
    them.carry()
    asked = them.do("af", "ask-notice", notice, about_size="on")
    them.carry()
    tried: list[tuple[str, str, dict[str, str], str]] = [
        ("pk", "acknowledge-notice", {}, "liaison.notice-ours"),
        ("pk", "ask-notice", {"about_size": "on"}, "liaison.notice-ours"),
        ("af", "end-notice", {"how": "done", "sure": "on"}, "liaison.notice-theirs"),
        ("af", "explain-notice", {"question": name(asked)}, "liaison.notice-theirs"),
        ("af", "ask-notice", {"about_size": "on"}, "liaison.notice-asked"),
        ("pk", "explain-notice", {"question": name(notice)}, "liaison.notice-question"),
        ("pk", "explain-notice", {"question": name(asked)}, "liaison.notice-word"),
        ("pk", "end-notice", {"how": "done"}, "liaison.notice-sure"),
        ("pk", "end-notice", {"how": "gone", "sure": "on"}, "liaison.notice-how"),
        (
            "pk",
            "invite-notice",
            {"time0": "2026-01-01 11:00", "place": "Torkham (PK)", "most": "3"},
            "liaison.visit-time",
        ),
        ("af", "visit-notice", {"visit": name(asked), "accepts": "no"}, "liaison.visit"),
    ]
    for party, deed, typed, code in tried:
        with pytest.raises(Invalid) as refused:
            them.do(party, deed, notice, **typed)
        assert (deed, refused.value.code) == (deed, code)
    with pytest.raises(Invalid) as nothing:
        them.do("af", "ask-notice", them.give("pk", WORKS))
    assert nothing.value.code == "liaison.notice-unknown"  # it did not come yet
    them.do("pk", "end-notice", notice, how="done", sure="on")
    with pytest.raises(Invalid) as again:
        them.do("pk", "end-notice", notice, how="done", sure="on")
    assert again.value.code == "liaison.notice-ended"


def test_what_was_ended_is_not_changed_and_an_exercise_stays_one(them: Notices) -> None:
    ended, exercise = them.give("pk", WORKS), them.give("pk", WORKS, exercise="on")
    them.do("pk", "end-notice", ended, how="done", sure="on")
    for changes, marked in ((ended, ""), (exercise, "")):
        with pytest.raises(Invalid) as refused:
            them.give("pk", WORKS, changes=name(changes), exercise=marked)
        assert refused.value.code == "liaison.notice-changes"
    changed = them.give("pk", WORKS, changes=name(exercise), exercise="on")
    assert changed.fields.exercise
    assert them.story("pk", exercise).changes[0].key == Named(*changed.key)


def test_an_observer_gives_no_notice_and_does_nothing_about_one(them: Notices) -> None:
    notice = them.give("pk", WORKS)
    them.carry()
    with pytest.raises(Invalid) as refused:
        them.give("obs", WORKS)
    assert refused.value.code == "liaison.dealing"
    with pytest.raises(Invalid) as about:
        them.do("obs", "acknowledge-notice", notice)
    assert about.value.code == "liaison.notice-unknown"
