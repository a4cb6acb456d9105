"""Notices between real nodes that meet only by what is carried: the same in any order, what is refused, what floors keep."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from amanat.exchange import opening
from amanat.exchange.means import look
from amanat.exchange.withdraw import withdraw
from amanat.officer.may import at_machine
from amanat.party.errors import Invalid, Refused
from amanat.record.notices import Withdrawal
from amanat.record.record import Record
from amanat.workspaces.liaison.ground.shapes import Corridor, Point, Position, Window
from amanat.workspaces.liaison.kinds import Named, Spot
from amanat.workspaces.liaison.notices import forms, rules, stories, waiting
from amanat.workspaces.liaison.notices.kinds import Patrol, Works
from amanat.workspaces.liaison.notices.pages import calendar
from amanat.workspaces.liaison.notices.steps import (
    Acknowledged,
    Ended,
    Explained,
    Explanation,
    Invited,
    Questioned,
    Step,
)
from amanat.workspaces.liaison.sealed.kinds import Unsealed
from amanat.workspaces.liaison.tests.icalendar_read import values
from amanat.workspaces.liaison.tests.lines import DUTY, hotline
from amanat.workspaces.liaison.tests.notices_cast import (
    BLASTING,
    CONVOY,
    DRONE,
    EXERCISE,
    FLIGHT,
    PATROL,
    SOON,
    WORKS,
    Notices,
    name,
)
from amanat.workspaces.liaison.tests.sealed_cast import Sealing

STEP_KIND = "liaison.notice-step"


@pytest.fixture
def them(tmp_path: Path) -> Iterator[Notices]:
    with hotline(tmp_path) as line:
        yield Notices(line)


def states(them: Notices, notice: Record) -> set[str]:
    """How it stands at all three, who must say the same."""
    found = set[str]()
    for party in ("pk", "af", "obs"):
        found.add(rules.state(them.story(party, notice), them.line.side(party).means.now()))
    return found


def what_waits(them: Notices, party: str) -> list[str]:
    actor = at_machine(DUTY)
    with look(them.line.side(party).means) as turn:
        return [each.matter for each in waiting.now(turn, actor)]


# --- the way of a notice ------------------------------------------------------------------------------------


def test_a_works_notice_is_acknowledged_asked_about_explained_and_ended_and_all_three_see_the_same(
    them: Notices,
) -> None:
    notice = them.give("pk", WORKS)
    them.carry()
    assert states(them, notice) == {"given"}
    assert what_waits(them, "af") == ["liaison.notice-acknowledge"]
    them.do("af", "acknowledge-notice", notice)
    them.carry()
    assert states(them, notice) == {"acknowledged"}
    assert what_waits(them, "af") == what_waits(them, "pk") == []
    asked = them.do("af", "ask-notice", notice, about_purpose="on", about_duration="on")
    them.carry()
    assert states(them, notice) == {"asked"}
    assert what_waits(them, "pk") == ["liaison.notice-explain"]
    them.forward(hours=25)
    assert states(them, notice) == {"overdue"}
    said = {"purpose_word": "as-noticed", "purpose_purpose": "water", "duration_word": "will-stop"}
    them.do("pk", "explain-notice", notice, question=name(asked), **said, duration_until="2026-12-10 12:00")
    them.carry()
    assert states(them, notice) == {"explained"}
    assert what_waits(them, "pk") == []
    assert rules.questions(them.story("af", notice))[0].late(them.line.side("af").means.now())
    them.do("pk", "end-notice", notice, how="done", sure="on")
    them.carry()
    assert states(them, notice) == {"done"}


def test_the_deed_that_acts_opens_what_it_acts_upon(them: Notices) -> None:
    notice = them.give("pk", WORKS)
    them.carry()
    them.do("af", "acknowledge-notice", notice)
    them.carry()
    with look(them.line.side("pk").means) as turn:
        said = opening.meanings(turn.tx, [notice.key], turn.means.kinds)[notice.key]
    assert [post for post, _ in said["af"].opened] == [DUTY]


def test_a_visit_is_offered_accepted_and_took_place(them: Notices) -> None:
    notice = them.give("pk", WORKS)
    offered = them.do(
        "pk",
        "invite-notice",
        notice,
        time0="2026-12-10 11:00",
        time1="2026-12-10 12:00",
        place="Torkham (PK)",
        most="3",
    )
    them.carry()
    assert "liaison.notice-visit" in what_waits(them, "af")
    them.do(
        "af", "visit-notice", notice, visit=name(offered), accepts="yes", time="2026-12-10T12:00:00+00:00", count="2"
    )
    them.carry()
    for party in ("pk", "af"):
        (offer,) = rules.offers(them.story(party, notice), them.line.side(party).means.now())
        assert offer.state == "accepted"
    assert "liaison.notice-visit" not in what_waits(them, "af")
    with pytest.raises(Invalid, match="Nobody was to come yet"):
        them.do("af", "visited-notice", notice, visit=name(offered), took_place="yes")
    them.forward(days=17)
    them.do("pk", "visited-notice", notice, visit=name(offered), took_place="yes")
    them.carry()
    (offer,) = rules.offers(them.story("af", notice), them.line.side("af").means.now())
    assert (offer.state, [each.key.party for each in offer.words]) == ("accepted", ["pk"])
    them.do("af", "visited-notice", notice, visit=name(offered), took_place="no")
    them.carry()
    (offer,) = rules.offers(them.story("pk", notice), them.line.side("pk").means.now())
    assert offer.state == "disputed"


def test_what_waits_no_more_hides_nothing_that_does(them: Notices, monkeypatch: pytest.MonkeyPatch) -> None:
    """An attack: notices that begin sooner, all of them changed, explained or visited, in front of those that wait."""
    monkeypatch.setattr(waiting, "MOST_WAITING", 2)
    monkeypatch.setattr(waiting, "AT_ONCE", 2, raising=False)
    monkeypatch.setattr(waiting, "MOST_LOOKED", 4, raising=False)
    ours = [them.give("af", BLASTING, **SOON) for _ in range(2)] + [them.give("af", BLASTING)]
    theirs = [them.give("pk", WORKS, **SOON) for _ in range(4)]
    for each in theirs:
        them.give("pk", WORKS, since="2026-12-11 10:00", until="2026-12-11 18:00", changes=name(each))
    them.carry()
    for each in ours[:2]:
        asked = them.do("pk", "ask-notice", each, about_duration="on")
        them.carry()
        key, of_ = Named(*each.key), Named(*asked.key)
        them.say(
            "af",
            STEP_KIND,
            Explained(notice=key, question=of_, says=(Explanation(about="duration", word="as-noticed"),)),
        )
    them.do("pk", "ask-notice", ours[2], about_duration="on")
    them.carry()
    assert what_waits(them, "af") == ["liaison.notice-acknowledge"] * 2 + ["liaison.notice-explain"]


def test_late_is_marked_on_both_sides_and_not_refused(them: Notices) -> None:
    late, in_time = them.give("pk", WORKS, **SOON), them.give("pk", WORKS)
    them.carry()
    for party in ("pk", "af", "obs"):
        assert rules.late(them.story(party, late).given)
        assert not rules.late(them.story(party, in_time).given)


# --- whatever the order ---------------------------------------------------------------------------------------


@dataclass
class Said:
    """What a party says at some minute of the story: a step, or a notice in its place."""

    party: str
    body: Any


def _said(number: int, notice: Record) -> Said:
    key = Named(*notice.key)
    window = notice.body.window
    bodies: list[Said] = [
        Said("af", Acknowledged(notice=key)),
        Said("af", Questioned(notice=key, about=("purpose",))),
        Said("pk", Ended(notice=key, how="done")),
        Said("pk", Ended(notice=key, how="called-off")),
        Said("af", Ended(notice=key, how="done")),  # whose it is not
        Said(
            "pk", Works(shape=notice.body.shape, window=window, country="PK", works="road", purpose="new", changes=key)
        ),
        Said(
            "af", Works(shape=notice.body.shape, window=window, country="AF", works="road", purpose="new", changes=key)
        ),
    ]
    return bodies[number]


@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
@given(story=st.lists(st.tuples(st.integers(0, 6), st.integers(0, 90), st.sampled_from(("pk", "af", ""))), max_size=7))
def test_whatever_is_said_and_carried_when_both_sides_come_to_say_the_same(
    tmp_path_factory: pytest.TempPathFactory, story: list[tuple[int, int, str]]
) -> None:
    """Each says things while others are under way; in between one direction or the other is carried, or none."""
    with hotline(tmp_path_factory.mktemp("story")) as line:
        them = Notices(line)
        notice = them.give("pk", WORKS)
        them.line.border.exchange("pk", "af")
        for number, minutes, carried in story:
            them.forward(minutes=minutes)
            said = _said(number, notice)
            them.say(said.party, "liaison.notice" if isinstance(said.body, Works) else STEP_KIND, said.body)
            if carried:
                them.line.border.exchange(carried, "af" if carried == "pk" else "pk")
        them.carry()
        assert len(states(them, notice)) == 1
        plan = {"country": "AF", "type": "blasting", "charge_kg": "5", "below_ground": "no", "purpose": "road"}
        met = {(each.other.party, each.other.id) for each in them.met("af", plan).met}
        given = them.given("af", "pk")
        now = line.side("pk").means.now()
        assert met == {key for key in given if rules.stands(them.story_of("pk", *key), now)}


# --- what others told of, and what of it still stands ---------------------------------------------------------


def test_what_was_ended_changed_or_withdrawn_is_held_against_nothing_any_more(them: Notices) -> None:
    first, second, third = (them.give("pk", WORKS) for _ in range(3))
    them.carry()
    assert len(them.met("af", BLASTING).met) == 3
    them.do("pk", "end-notice", first, how="called-off", sure="on")
    moved = them.give("pk", WORKS, changes=name(second), places="35.1, 71.1")
    them.carry()
    assert [each.other.id for each in them.met("af", BLASTING).met] == [third.key[1]]
    assert states(them, second) == {"changed"}
    assert states(them, moved) == {"given"}
    pk = them.line.side("pk")
    withdraw(third.fields.id, Withdrawal("mistaken"), pk.post, pk.means)
    them.carry()
    assert states(them, third) == {"withdrawn"}
    assert them.met("af", BLASTING).met == ()


@pytest.mark.parametrize("how", ["ended", "changed"])
def test_by_no_number_of_steps_the_page_and_a_plan_say_different_things(
    them: Notices, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An attack: so many words that the one that ends it is not read where its page is made."""
    monkeypatch.setattr(stories, "MOST_STEPS", 2)
    monkeypatch.setattr(stories, "MOST_CHANGES", 1)
    notice = them.give("pk", WORKS)
    key, body = Named(*notice.key), notice.body
    other = Works(
        shape=Point(Position(35.1, 71.1), 200),
        window=body.window,
        country="PK",
        works="road",
        purpose="new",
        changes=key,
    )
    if how == "ended":
        invited = Invited(notice=key, times=(body.window.since,), place=Spot(34.1, 71.1, 1000), most=2)
        for _ in range(2):
            them.say("pk", STEP_KIND, invited)
        them.forward(seconds=1)
        them.say("pk", STEP_KIND, Ended(notice=key, how="called-off"))
    else:
        them.say("pk", "liaison.notice", other, exercise=True)
        them.forward(seconds=1)
        them.say("pk", "liaison.notice", other)
    them.carry()
    assert them.met("af", BLASTING).met == ()
    assert states(them, notice) == {"called-off" if how == "ended" else "changed"}


def test_of_several_in_the_place_of_one_each_is_an_event_of_its_own(them: Notices) -> None:
    first = them.give("pk", WORKS)
    body = msgspec.structs.replace(first.body, changes=Named(*first.key))
    for _ in range(2):
        them.forward(seconds=1)
        last = them.say("pk", "liaison.notice", body)
    marked = them.say("pk", "liaison.notice", body, exercise=True)
    them.carry()
    with look(them.line.side("af").means) as turn:
        data = calendar.feed(turn, at_machine(DUTY), None)
    uids = values(data, "UID")
    assert len(uids) == len(set(uids)) == 3
    assert f"{':'.join(first.key)}@amanat" in uids
    assert f"{':'.join(marked.key)}@amanat" in uids
    assert f"{':'.join(last.key)}@amanat" not in uids  # it is what the first was changed by


def test_the_other_side_cannot_hide_a_notice_by_ending_or_changing_it(them: Notices) -> None:
    """An attack: af says that pk's works are done, and puts a notice of its own in their place."""
    notice = them.give("pk", WORKS)
    them.carry()
    key = Named(*notice.key)
    them.say("af", STEP_KIND, Ended(notice=key, how="done"))
    other = Works(
        shape=notice.body.shape, window=notice.body.window, country="AF", works="road", purpose="new", changes=key
    )
    them.say("af", "liaison.notice", other)
    them.carry()
    assert states(them, notice) == {"given"}
    assert [each.other.id for each in them.met("af", BLASTING).met] == [notice.key[1]]


def test_asking_what_a_plan_meets_writes_nothing_down(them: Notices) -> None:
    them.give("pk", WORKS)
    them.carry()
    before = them.rows("af")
    assert them.met("af", BLASTING).level == "conflict"
    assert them.rows("af") == before


def test_a_plan_of_ours_that_they_came_near_later_waits_until_one_of_the_two_is_gone(them: Notices) -> None:
    ours = them.give("pk", WORKS, **SOON)
    them.carry()
    them.forward(minutes=10)
    theirs = them.give("af", BLASTING, **SOON)
    them.carry()
    assert "liaison.notice-conflict" in what_waits(them, "pk")
    assert "liaison.notice-conflict" not in what_waits(them, "af")  # who came later saw it before giving notice
    them.do("af", "end-notice", theirs, how="called-off", sure="on")
    them.carry()
    assert "liaison.notice-conflict" not in what_waits(them, "pk")
    assert rules.state(them.story("pk", ours), them.line.side("pk").means.now()) == "given"


def test_a_sealed_notice_that_was_opened_is_met_as_what_was_sealed_and_as_nothing_else(them: Notices) -> None:
    ours = them.give("af", BLASTING, **SOON)
    them.forward(minutes=10)
    three = Sealing(them.line.border)
    like = them.met("pk", WORKS, **SOON).body
    sealed = three.seal("pk", like)
    wrong = Unsealed(of=Named(*sealed.key), because="chosen", salt="5a" * 32, notice=like)
    three.say("pk", wrong, "af", "obs")
    them.carry()
    assert them.met("af", BLASTING, **SOON).met == ()  # what does not fit tells of nothing
    assert "liaison.notice-conflict" not in what_waits(them, "af")
    three.do("pk", "open-sealed", sealed, sure="on")
    them.carry()
    (met,) = them.met("af", BLASTING, **SOON).met
    assert met.path == f"/liaison/sealed?party=pk&id={sealed.key[1]}"
    assert "liaison.notice-conflict" in what_waits(them, "af")
    assert them.met("pk", WORKS, **SOON).met[0].path == f"/liaison/notice?party=af&id={ours.key[1]}"


def test_a_plan_that_is_dated_back_waits_like_any_that_came_later(them: Notices) -> None:
    """An attack: dated before ours, theirs would never be told as what came near it."""
    them.give("pk", WORKS, **SOON)
    them.line.border.set_clock("af", minutes=-4)
    them.give("af", BLASTING, **SOON)
    them.carry()
    assert "liaison.notice-conflict" in what_waits(them, "pk")


# --- floors ---------------------------------------------------------------------------------------------------


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
    assert tags == {"acknowledged", "asked", "explained", "ended", "invited", "visiting", "visited"}


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
