"""What a plan meets of notices really sent between two sides, as they stand, are ended, changed, and dated back."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from amanat.exchange.means import look
from amanat.exchange.withdraw import withdraw
from amanat.officer.may import at_machine
from amanat.record.notices import Withdrawal
from amanat.workspaces.liaison.ground.shapes import Point, Position
from amanat.workspaces.liaison.kinds import Named, Spot
from amanat.workspaces.liaison.notices import rules, stories
from amanat.workspaces.liaison.notices.kinds import Works
from amanat.workspaces.liaison.notices.pages import calendar
from amanat.workspaces.liaison.notices.steps import (
    Ended,
    Invited,
)
from amanat.workspaces.liaison.sealed.kinds import Unsealed
from amanat.workspaces.liaison.tests.icalendar_read import values
from amanat.workspaces.liaison.tests.lines import DUTY, hotline
from amanat.workspaces.liaison.tests.notices_cast import BLASTING, SOON, WORKS, Notices, name, states, what_waits
from amanat.workspaces.liaison.tests.sealed_cast import Sealing

STEP_KIND = "liaison.notice-step"


@pytest.fixture
def them(tmp_path: Path) -> Iterator[Notices]:
    with hotline(tmp_path) as line:
        yield Notices(line)


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
