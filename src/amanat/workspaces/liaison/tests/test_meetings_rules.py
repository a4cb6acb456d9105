"""How far a meeting has come, as sets of steps say it: whatever order they came in, and whatever one side does alone."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import strategies as st

from amanat.workspaces.liaison.kinds import Named, Spot
from amanat.workspaces.liaison.meetings import rules
from amanat.workspaces.liaison.meetings.kinds import (
    Agreed,
    Cancelled,
    Countered,
    Declined,
    Done,
    Guest,
    GuestWord,
    Item,
    Judged,
    Minutes,
    People,
    Proposed,
    Result,
    Scan,
    Signature,
    Task,
    When,
)
from amanat.workspaces.liaison.meetings.steps import Facts, Step

PARTIES = ("af", "pk")
AT = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
GATE = Spot(34.11, 71.08, 500, "PK")
PARTY = st.sampled_from(PARTIES)
ROOT = Named("pk", "0")


def whens(*hours: int, since: datetime = AT) -> tuple[When, ...]:
    return tuple(When(GATE, since.replace(second=0) + timedelta(hours=each)) for each in hours)


def proposal(*guests: Guest, at: datetime = AT) -> Step:
    body = Proposed(
        level="sector",
        alternatives=whens(48, 72),
        minutes=60,
        agenda=(Item("fire"),),
        chair="pk",
        languages=("ps",),
        people=(People("af", "duty", 3), People("pk", "duty", 2)),
        guests=guests,
    )
    return Step(ROOT, "duty", at, body)


def step(party: str, number: int, body: Any, minutes: float = 1, files: int = 0) -> Step:
    """A step so many minutes after the meeting was proposed."""
    return Step(Named(party, str(number)), "duty", AT + timedelta(minutes=minutes), body, files)


def agrees(party: str, number: int, of: Named = ROOT, choice: int = 0, minutes: float = 1) -> Step:
    return step(party, number, Agreed(meeting=ROOT, of=of, choice=choice), minutes)


def offers(party: str, number: int, *hours: int, minutes: float = 1, of: Named | None = None) -> Step:
    return step(party, number, Countered(meeting=ROOT, of=of, alternatives=whens(*hours), minutes=45), minutes)


def minuted(party: str, number: int, minutes: float = 4000, *tasks: Task, after: Named | None = None) -> Step:
    body = Minutes(
        meeting=ROOT,
        began=AT + timedelta(hours=48),
        ended=AT + timedelta(hours=49, minutes=number),
        held_at=GATE,
        chair="pk",
        people=(People("af", "duty", 3), People("pk", "duty", 2)),
        items=(Result("fire", "agreed"),),
        decisions=tasks,
        after=after,
    )
    return step(party, number, body, minutes)


def digest_of(version: Step) -> str:
    return f"{hash(version.body) & (2**63 - 1):064x}"


def signs(party: str, number: int, version: Step, minutes: float = 5000) -> Step:
    body = Signature(meeting=ROOT, of=version.key, digest=digest_of(version), number="TKM/1")
    return step(party, number, body, minutes)


def facts(*steps: Step, root: Step | None = None) -> Facts:
    digests = tuple((each.key, digest_of(each)) for each in steps if isinstance(each.body, Minutes))
    return Facts(root or proposal(), PARTIES, steps, digests)


def state(*steps: Step, hours: float = 1) -> str:
    return rules.state(facts(*steps), AT + timedelta(hours=hours))


def chosen(*steps: Step) -> tuple[str, int] | None:
    found = rules.agreed(facts(*steps))
    return None if found is None else (found.of.id, found.choice)


# --- where and when -------------------------------------------------------------------------------------------------


def test_what_one_side_proposes_and_the_other_agrees_to_is_agreed() -> None:
    assert state() == "proposed"
    assert chosen(agrees("af", 1, choice=1)) == ("0", 1)
    assert [state(agrees("af", 1), hours=hours) for hours in (1, 48.5, 49)] == ["agreed", "under-way", "over"]


def test_nobody_agrees_to_what_it_proposed_itself_alone() -> None:
    assert chosen(agrees("pk", 1)) is None
    assert state(agrees("pk", 1)) == "proposed"


def test_agreements_that_cross_count_only_once_both_name_the_same() -> None:
    crossing = (offers("af", 1, 24), agrees("pk", 2, Named("af", "1"), minutes=5), agrees("af", 3, minutes=5))
    assert chosen(*crossing) is None
    assert state(*crossing) == "crossed"
    assert chosen(*crossing, agrees("pk", 4, minutes=9)) == ("0", 0)
    assert chosen(*crossing, agrees("af", 4, Named("af", "1"), minutes=9)) == ("1", 0)
    both_yield = (agrees("pk", 4, minutes=9), agrees("af", 5, Named("af", "1"), minutes=9))
    assert state(*crossing, *both_yield) == "crossed"
    assert state(*crossing, hours=80) == "lapsed"


def test_an_offer_to_move_a_meeting_leaves_it_where_it_is_until_the_other_side_agrees() -> None:
    moved = (agrees("af", 1), offers("pk", 2, 90, minutes=5))
    assert chosen(*moved) == ("0", 0)
    assert [each.of.id for each in rules.to_answer(facts(*moved), "af", AT)] == ["2"]
    assert chosen(*moved, agrees("af", 3, Named("pk", "2"), minutes=9)) == ("2", 0)


def test_an_offer_that_was_answered_by_a_slow_clock_waits_no_more() -> None:
    """What answers something stands after it, whatever the clock of whoever answers says."""
    slow = (offers("pk", 1, 90, minutes=5), agrees("af", 2, Named("pk", "1"), minutes=3))
    assert chosen(*slow) == ("1", 0)
    assert rules.to_answer(facts(*slow), "af", AT) == ()
    countered = (offers("pk", 1, 90, minutes=5), offers("af", 2, 100, minutes=3, of=Named("pk", "1")))
    assert rules.to_answer(facts(*countered), "af", AT) == ()
    assert [each.of.id for each in rules.to_answer(facts(*countered), "pk", AT)] == ["2"]


def test_who_agrees_once_the_time_began_or_to_what_nobody_offers_agrees_to_nothing() -> None:
    assert chosen(agrees("af", 1, minutes=48 * 60 + 6)) is None
    assert chosen(agrees("af", 1, minutes=48 * 60 + 4)) == ("0", 0)  # clocks may differ by so much
    assert chosen(agrees("af", 1, choice=2)) is None
    assert chosen(agrees("af", 1, Named("pk", "9"))) is None


def test_what_is_dated_before_the_meeting_was_proposed_counts_for_nothing() -> None:
    assert chosen(agrees("af", 1, minutes=-6)) is None
    assert chosen(agrees("af", 1, minutes=-4)) == ("0", 0)


def test_to_decline_takes_back_what_one_agreed_to_and_is_not_for_ever() -> None:
    declined = (agrees("af", 1), step("af", 2, Declined(meeting=ROOT, cause="too-soon"), 5))
    assert state(*declined) == "declined"
    assert state(*declined, agrees("af", 3, minutes=9)) == "agreed"
    offered = (offers("af", 1, 60), step("af", 2, Declined(meeting=ROOT, cause="too-soon"), 5))
    assert chosen(*offered, agrees("pk", 3, Named("af", "1"), minutes=9)) is None


def test_a_meeting_that_is_called_off_stays_so_unless_both_signed_its_minutes() -> None:
    off = step("pk", 9, Cancelled(meeting=ROOT, cause="weather"), 10)
    assert state(agrees("af", 1), off, agrees("af", 2, choice=1, minutes=20)) == "cancelled"
    version = minuted("pk", 3)
    assert state(agrees("af", 1), off, version, signs("pk", 4, version), signs("af", 5, version)) == "held"


def test_the_first_offers_of_a_side_are_read_and_no_more() -> None:
    many = [offers("af", number, 50 + number, minutes=number) for number in range(1, 20)]
    assert len(rules.alternatives(facts(*many), "af")) == rules.MOST_OFFERS
    assert rules.alternatives(facts(*many[::-1]), "af") == rules.alternatives(facts(*many), "af")


def test_steps_that_name_one_another_in_a_circle_stand_in_one_order() -> None:
    circle = [
        offers("pk", 1, 50, of=Named("pk", "3")),
        offers("pk", 2, 51, of=Named("pk", "1")),
        offers("pk", 3, 52, of=Named("pk", "2")),
    ]
    assert facts(*circle).counted == facts(*circle[::-1]).counted == facts(circle[1], circle[2], circle[0]).counted


def test_a_meeting_is_called_off_only_before_it_begins_and_by_who_said_so_first() -> None:
    def off(party: str, number: int, minutes: float) -> Step:
        return step(party, number, Cancelled(meeting=ROOT, cause="weather"), minutes)

    late, second, first = off("af", 5, 48 * 60), off("af", 6, 20), off("pk", 7, 10)
    assert state(agrees("af", 1), late, hours=50) == "over"
    assert state(late, hours=50) == "cancelled"
    assert rules.cancelled(facts(agrees("af", 1), second, first)) == first


# --- who presides, who comes ----------------------------------------------------------------------------------------


def test_who_presided_last_yields() -> None:
    held = [(AT, "pk"), (AT + timedelta(days=2), "af"), (AT + timedelta(days=1), "pk")]
    assert rules.chairs_next(PARTIES, held) == "pk"
    assert rules.chairs_next(PARTIES, held[:1]) == "af"
    assert rules.chairs_next(("pk", "af"), []) == "af"


def said_of(guest: Guest, *words: tuple[str, str]) -> str:
    steps = [
        step(party, number, GuestWord(meeting=ROOT, guest=guest, word=word), number)  # type: ignore[arg-type]
        for number, (party, word) in enumerate(words, 1)
    ]
    return rules.guest_state(facts(*steps, root=proposal(guest)), guest)


def test_a_guest_with_a_node_answers_itself_and_each_side_may_object() -> None:
    obs = Guest("observer", "obs")
    assert said_of(obs) == "invited"
    assert said_of(obs, ("pk", "comes")) == "invited"
    assert said_of(obs, ("obs", "comes")) == "comes"
    assert said_of(obs, ("obs", "comes"), ("obs", "does-not-come")) == "does-not-come"
    assert said_of(obs, ("obs", "comes"), ("af", "objected-to")) == "objected-to"
    assert said_of(obs, ("obs", "comes"), ("af", "objected-to"), ("af", "agreed-to")) == "comes"


@pytest.mark.parametrize("role", ["elders", "mediator"])
def test_elders_and_mediators_come_only_once_both_sides_agreed(role: Any) -> None:
    """Floor 13: whoever invites them, and whatever it says, the other side's consent is its own to give."""
    guest = Guest(role)
    assert said_of(guest, ("pk", "comes"), ("pk", "agreed-to")) == "to-be-agreed"
    assert said_of(guest, ("obs", "agreed-to"), ("pk", "comes")) == "to-be-agreed"
    assert said_of(guest, ("af", "agreed-to")) == "invited"
    assert said_of(guest, ("af", "agreed-to"), ("pk", "comes")) == "comes"


def test_under_a_compact_without_mediation_no_elders_come() -> None:
    guest = Guest("elders")
    words = (step("af", 1, GuestWord(meeting=ROOT, guest=guest, word="agreed-to")),)
    known = facts(*words, step("pk", 2, GuestWord(meeting=ROOT, guest=guest, word="comes")), root=proposal(guest))
    assert rules.guest_state(known, guest) == "comes"
    assert rules.guest_state(replace(known, mediated=False), guest) == "to-be-agreed"


# --- minutes and tasks ----------------------------------------------------------------------------------------------


def test_minutes_are_joint_once_both_signed_one_text() -> None:
    one, other = minuted("pk", 1), minuted("af", 2, 4100, after=Named("pk", "1"))
    assert rules.joint(facts(one, other, signs("pk", 3, one), signs("af", 4, other))) is None
    both = facts(one, other, signs("pk", 3, one), signs("af", 4, other), signs("pk", 5, other))
    found = rules.joint(both)
    assert found is not None
    assert found.step == other
    wrong = replace(signs("af", 6, one), body=replace_digest(signs("af", 6, one).body))
    assert rules.joint(facts(one, signs("pk", 3, one), wrong)) is None


def replace_digest(body: Signature) -> Signature:
    return Signature(meeting=body.meeting, of=body.of, digest="f" * 64, number=body.number)


def test_neither_side_alone_undoes_or_changes_joint_minutes() -> None:
    one, other = minuted("pk", 1), minuted("af", 2, 6000)
    joint = (one, signs("pk", 3, one), signs("af", 4, one))
    found = rules.joint(facts(*joint, other, signs("af", 5, other, 6100)))
    assert found is not None
    assert found.step == one
    corrected = rules.joint(facts(*joint, other, signs("af", 5, other, 6100), signs("pk", 6, other, 6200)))
    assert corrected is not None
    assert corrected.step == other


def test_minutes_that_tell_of_the_future_are_none() -> None:
    early = minuted("pk", 1, 10)
    assert rules.versions(facts(early)) == ()
    assert rules.joint(facts(early, signs("pk", 2, early), signs("af", 3, early))) is None


def test_the_newest_text_waits_to_be_signed_until_one_signed_it_or_a_newer_one_is_joint() -> None:
    one, other = minuted("pk", 1), minuted("af", 2, 4100)
    found = rules.to_sign(facts(one, other), "pk")
    assert found is not None
    assert found.step == other
    assert rules.to_sign(facts(one, other, signs("pk", 3, other)), "pk") is None
    assert rules.to_sign(facts(one, signs("pk", 3, one), signs("af", 4, one)), "af") is None


def owed(*more: Step, hours: float = 100) -> list[tuple[str, str]]:
    """Each task of minutes with one of af and one of both, as its party owes it."""
    due = AT + timedelta(hours=200)
    version = minuted("pk", 1, 4000, Task("fill-trench", ("af",), due), Task("joint-visit", PARTIES, due))
    held = facts(version, signs("pk", 2, version), signs("af", 3, version), *more)
    return [(each.party, each.state) for each in rules.tasks(held, AT + timedelta(hours=hours))]


def done(party: str, number: int, task: int, minutes: float = 6000) -> Step:
    return step(party, number, Done(meeting=ROOT, of=Named("pk", "1"), task=task), minutes)


def test_a_task_is_done_by_whose_it_is_and_confirmed_by_the_other_side() -> None:
    assert owed() == [("af", "open"), ("af", "open"), ("pk", "open")]
    assert owed(hours=201) == [("af", "overdue"), ("af", "overdue"), ("pk", "overdue")]
    assert owed(done("pk", 4, 0)) == owed()
    assert owed(done("af", 4, 0))[0] == ("af", "done")
    told, yes = done("af", 4, 0), Judged(meeting=ROOT, of=Named("af", "4"), agrees=True)
    no = Judged(meeting=ROOT, of=Named("af", "4"), agrees=False)
    assert owed(told, step("af", 5, yes, 6100))[0] == ("af", "done")
    assert owed(told, step("pk", 5, yes, 6100))[0] == ("af", "confirmed")
    assert owed(told, step("pk", 5, no, 6100))[0] == ("af", "disputed")
    assert owed(told, step("pk", 5, no, 6100), done("af", 6, 0, 6200))[0] == ("af", "done")


def test_tasks_are_of_joint_minutes_alone() -> None:
    version = minuted("pk", 1, 4000, Task("fill-trench", ("af",), AT + timedelta(hours=200)))
    assert rules.tasks(facts(version, signs("pk", 2, version)), AT) == ()


def test_a_sheet_signed_in_ink_counts_with_a_file_and_the_digest_alone() -> None:
    version = minuted("pk", 1)
    named = Scan(meeting=ROOT, of=version.key, digest=digest_of(version))
    other = Scan(meeting=ROOT, of=version.key, digest="f" * 64)
    held = facts(version, step("af", 2, named, 5000, 1), step("pk", 3, named, 5000), step("pk", 4, other, 5000, 1))
    (found,) = rules.versions(held)
    assert [each.key.id for each in rules.scans(held, found)] == ["2"]


def test_how_a_meeting_stands_is_told_to_what_it_is_about() -> None:
    assert rules.held_for(facts(), AT).since is None
    told = rules.held_for(facts(agrees("af", 1)), AT)
    assert (told.state, told.since) == ("agreed", AT + timedelta(hours=48))
    version = minuted("pk", 3)
    held = rules.held_for(facts(version, signs("pk", 4, version), signs("af", 5, version)), AT)
    assert (held.state, held.until) == ("held", version.body.ended)
