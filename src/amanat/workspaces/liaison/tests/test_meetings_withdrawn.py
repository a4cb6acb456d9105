"""What a side withdraws of a meeting: it counts for what is still open, and never for what both agreed or signed."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from amanat.exchange.withdraw import withdraw
from amanat.party.errors import Invalid
from amanat.record.notices import Withdrawal
from amanat.record.record import Record
from amanat.workspaces.liaison.kinds import Named
from amanat.workspaces.liaison.meetings import rules, taking_back
from amanat.workspaces.liaison.meetings.kinds import Cancelled, Declined, Done, Guest, GuestWord, Judged, Minutes
from amanat.workspaces.liaison.meetings.steps import Facts, Step
from amanat.workspaces.liaison.tests.meetings_cast import Meetings, meetings
from amanat.workspaces.liaison.tests.test_meetings_rules import (
    AT,
    PARTIES,
    ROOT,
    agrees,
    digest_of,
    facts,
    minuted,
    offers,
    proposal,
    signs,
    step,
)


def back(said: Step, minutes: float) -> Step:
    """What was withdrawn so many minutes after the meeting was proposed."""
    return replace(said, withdrawn=AT + timedelta(minutes=minutes))


def left(*steps: Step, root: Step | None = None) -> Facts:
    """The meeting of what of these still counts."""
    digests = {each.key: digest_of(each) for each in steps if isinstance(each.body, Minutes)}
    gone = taking_back.taken_back(steps, digests, PARTIES)
    here = facts(*(each for each in steps if each not in gone), root=root)
    return replace(here, unsigned=taking_back.unsigned(gone, PARTIES))


def joint(*steps: Step) -> Named | None:
    found = rules.joint(left(*steps))
    return None if found is None else found.step.key


def test_what_was_agreed_is_called_off_and_not_taken_back() -> None:
    assert rules.agreed(left(back(agrees("af", 1, minutes=2), 9))) is not None
    ours = offers("af", 2, 50, minutes=3)
    assert rules.agreed(left(ours, back(agrees("pk", 3, of=ours.key, minutes=4), 9))) is not None
    assert rules.agreed(left(back(ours, 9), agrees("pk", 3, of=ours.key, minutes=4))) is not None


def test_of_agreements_that_crossed_one_is_taken_back() -> None:
    ours = offers("af", 2, 50, minutes=3)
    crossed = (ours, agrees("pk", 3, of=ours.key, minutes=5), agrees("af", 4, minutes=5))
    assert rules.crossed(left(*crossed)) != ()
    assert rules.choice(left(*crossed[:2], back(crossed[2], 9)), "af") is None
    again = offers("af", 5, 50, minutes=7)
    kept = left(*crossed, again, back(agrees("pk", 6, of=again.key, minutes=8), 9))
    assert rules.choice(kept, "pk") is not None


def test_times_that_nobody_agreed_to_are_offered_no_more() -> None:
    ours = offers("af", 2, 50, minutes=3)
    assert rules.alternatives(left(back(ours, 9)), "af") == ()


@pytest.mark.parametrize("minutes", [0, 4, 9])
def test_what_the_other_side_agreed_to_stays_offered_by_whatever_date(minutes: int) -> None:
    ours = offers("af", 2, 50, minutes=3)
    found = rules.agreed(left(back(ours, minutes), agrees("pk", 3, of=ours.key, minutes=5)))
    assert found == rules.agreed(left(ours, agrees("pk", 3, of=ours.key, minutes=5))) is not None


@pytest.mark.parametrize("minutes", [0, 4, 9])
def test_an_agreement_by_which_the_other_side_stands_stays_by_whatever_date(minutes: int) -> None:
    moved = (agrees("af", 1, minutes=1), offers("af", 2, 50, minutes=3))
    ours = agrees("pk", 3, of=moved[1].key, minutes=5)
    assert rules.agreed(left(*moved, back(ours, minutes))) == rules.agreed(left(*moved, ours)) is not None
    crossed = (moved[1], agrees("af", 1, minutes=4), agrees("af", 4, of=moved[1].key, minutes=8))
    assert rules.agreed(left(*crossed, back(ours, minutes))) == rules.agreed(left(*crossed, ours)) is not None


def test_to_withdraw_the_proposal_calls_the_meeting_off_before_it_begins() -> None:
    for minutes, state in ((9, "cancelled"), (48 * 60, "over")):
        found = left(agrees("af", 1, minutes=2), root=back(proposal(), minutes))
        assert rules.state(found, AT + timedelta(hours=50)) == state


def test_a_refusal_taken_back_lets_stand_what_was_said_before() -> None:
    no = step("af", 2, Declined(meeting=ROOT, cause="too-soon"), 3)
    assert rules.state(left(agrees("af", 1, minutes=2), back(no, 4)), AT) == "agreed"


def test_a_meeting_called_off_stays_so() -> None:
    off = step("af", 2, Cancelled(meeting=ROOT, cause="weather"), 3)
    assert rules.state(left(back(off, 4)), AT) == "cancelled"


@pytest.mark.parametrize("minutes", [4001, 5000, 5500])
def test_minutes_that_both_signed_are_not_taken_back_by_one_by_whatever_date(minutes: int) -> None:
    text = minuted("pk", 1)
    ours, theirs = signs("pk", 2, text, 4500), signs("af", 3, text, 5000)
    assert joint(back(text, minutes), ours, theirs) == text.key
    assert joint(text, back(ours, minutes), theirs) == text.key
    assert joint(text, ours, back(theirs, minutes)) == text.key
    assert joint(text, back(ours, minutes), back(theirs, minutes)) is None


def test_minutes_that_nobody_signed_are_offered_no_more_nor_is_a_text_under_which_a_signature_was_taken_back() -> None:
    text = minuted("pk", 1)
    assert rules.versions(left(back(text, 4400))) == ()
    found = left(text, back(signs("pk", 2, text, 4500), 4600))
    (version,) = rules.versions(found)
    assert rules.signature(found, version, "pk") is None
    assert rules.replaced(found, version)
    assert rules.to_sign(found, "af") is None


def test_a_signature_that_an_observer_took_back_keeps_no_side_from_signing() -> None:
    text = minuted("pk", 1)
    found = left(text, back(signs("obs", 3, text, 4500), 4600))
    assert found.unsigned == frozenset()
    asked = rules.to_sign(found, "af")
    assert asked is not None
    assert asked.step.key == text.key


def test_no_word_of_a_guest_holds_anything_and_its_own_is_taken_back() -> None:
    text, guest = minuted("pk", 1), Guest("observer", "obs")
    assert rules.versions(left(back(text, 4400), signs("obs", 2, text, 4300))) == ()
    comes = step("obs", 3, GuestWord(meeting=ROOT, guest=guest, word="comes"), 5)
    assert rules.guest_state(left(comes, root=proposal(guest)), guest) == "comes"
    assert rules.guest_state(left(back(comes, 6), root=proposal(guest)), guest) == "invited"


def test_a_task_told_done_is_taken_back_until_the_other_side_judged_it() -> None:
    done = back(step("af", 5, Done(meeting=ROOT, of=Named("pk", "1"), task=0), 6000), 7000)
    judged = step("pk", 6, Judged(meeting=ROOT, of=done.key, agrees=True), 6500)
    assert list(left(done).by("af", Done)) == []
    assert list(left(done, judged).by("af", Done)) == [done]
    assert list(left(done, back(judged, 6600)).by("pk", Judged)) == []


def test_no_text_that_is_sent_later_moves_one_of_those_that_both_signed() -> None:
    unknown = Named("pk", "9")
    old, new = minuted("pk", 1, 4000, after=unknown), minuted("pk", 2, 4100)
    both = (
        old,
        new,
        *(
            signs(party, n, each, 5000)
            for n, (party, each) in enumerate([(p, e) for p in PARTIES for e in (old, new)], 20)
        ),
    )
    assert joint(*both) == new.key
    assert joint(*both, minuted("pk", 9, 5400)) == new.key  # what the old one said that it changes


STEPS = st.one_of(
    st.builds(agrees, st.sampled_from(PARTIES), st.just(0), minutes=st.integers(0, 60)),
    st.builds(
        lambda party, minutes: offers(party, 0, 50, minutes=minutes), st.sampled_from(PARTIES), st.integers(0, 60)
    ),
    st.builds(lambda party: step(party, 0, Declined(meeting=ROOT, cause="too-soon"), 9), st.sampled_from(PARTIES)),
    st.builds(lambda party, minutes: minuted(party, 0, minutes), st.sampled_from(PARTIES), st.integers(4000, 4100)),
)


@st.composite
def some_withdrawn(draw: st.DrawFn) -> list[Step]:
    made = draw(st.lists(STEPS, max_size=10))
    told = [replace(each, key=Named(each.key.party, str(number))) for number, each in enumerate(made, 1)]
    texts = [each for each in told if isinstance(each.body, Minutes)]
    told += [signs(party, n, each) for n, (each, party) in enumerate([(e, p) for e in texts for p in PARTIES], 50)]
    return [back(each, draw(st.integers(0, 6000))) if draw(st.booleans()) else each for each in told]


@settings(deadline=None)
@given(some_withdrawn(), st.randoms(use_true_random=False))
def test_the_same_follows_of_what_was_withdrawn_in_whatever_order(steps: list[Step], chance: Any) -> None:
    def follows() -> tuple[Any, ...]:
        found, now = left(*steps), AT + timedelta(days=9)
        text = rules.joint(found)
        return rules.agreed(found), rules.state(found, now), text and text.step.key, rules.declined(found)

    first = follows()
    chance.shuffle(steps)
    assert follows() == first


# --- over a real border ---------------------------------------------------------------------------------------------


@pytest.fixture
def met(tmp_path: Path) -> Iterator[Meetings]:
    with meetings(tmp_path) as made:
        yield made


def withdraws(met: Meetings, record: Record) -> None:
    side = met.side(record.key[0])
    met.border.clock.at += timedelta(seconds=1)
    withdraw(record.fields.id, Withdrawal("mistaken"), side.post, side.means)
    met.carry()


def test_a_proposal_withdrawn_waits_for_nobody(met: Meetings) -> None:
    meeting = met.propose()
    met.carry()
    assert met.matters("af") == ["meeting-asked"]
    withdraws(met, meeting)
    assert met.states(meeting) == {"cancelled"}
    assert met.matters("af") == met.matters("pk") == []


def test_minutes_withdrawn_wait_no_more_and_what_both_signed_stays_at_all_three(met: Meetings) -> None:
    meeting = met.over()
    first = met.minutes("pk", meeting)
    met.carry()
    assert "meeting-sign" in met.matters("af")
    withdraws(met, first)
    assert "meeting-sign" not in met.matters("af")
    text = met.minutes("pk", meeting, topic0="works", topic1="fire")
    met.carry()
    signed = [met.sign(party, meeting, text) for party in ("pk", "af")]
    met.carry()
    withdraws(met, signed[0])
    assert met.states(meeting) == {"held"}


def test_a_text_is_not_signed_any_more_under_which_a_signature_was_taken_back(met: Meetings) -> None:
    meeting = met.over()
    text = met.minutes("pk", meeting)
    signed = met.sign("pk", meeting, text)
    met.carry()
    withdraws(met, signed)
    with pytest.raises(Invalid) as refused:
        met.sign("af", meeting, text)
    assert refused.value.code == "liaison.minutes-other"
