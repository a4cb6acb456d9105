"""What a side withdraws of an incident: it counts for what is still open, and never for what both had said by then."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from amanat.exchange.withdraw import withdraw
from amanat.party.errors import Invalid
from amanat.record.notices import Withdrawal
from amanat.record.record import Record
from amanat.workspaces.liaison.incidents import joining, rules, taking_back
from amanat.workspaces.liaison.incidents.kinds import (
    Account,
    Answered,
    Consents,
    Done,
    Note,
    Noticed,
    Proposed,
    Same,
    Signature,
    digest,
    text_digest,
)
from amanat.workspaces.liaison.incidents.told import Facts, mirrored
from amanat.workspaces.liaison.kinds import Named
from amanat.workspaces.liaison.tests.incidents_cast import FIRED, HURT, Event, event, on, rings_at, says, waits_at
from amanat.workspaces.liaison.tests.test_incidents_rules import (
    BEGAN,
    CLOSES,
    DONE,
    HARM,
    KEY,
    LADDER,
    MEMBERS,
    REOPENS,
    ROOT,
    SHOT,
    TEXT,
    all_that_follows,
    at,
    due,
    standing,
    told_in_any_way,
    told_of,
)
from amanat.workspaces.liaison.told import Told
from api.cast import desk


def back(told: Told, minutes: float) -> Told:
    """What was withdrawn so many minutes after the incident."""
    return replace(told, withdrawn=BEGAN + timedelta(minutes=minutes))


def left(*told: Told) -> list[Told]:
    """What of these still counts."""
    return rules.in_force(told_of(*told))


def mediation(*told: Told) -> rules.Due:
    return due("mediation", *left(*told))


class TestWords:
    """What is taken back, and what stays."""

    @pytest.mark.parametrize(
        "body",
        [Noticed(incident=KEY), DONE, REOPENS, Proposed(incident=KEY, number=1, sentences=TEXT, wording="5a" * 32)],
    )
    def test_what_nobody_answered_is_gone(self, body: Any) -> None:
        assert left(back(at(1, body), 2)) == []

    @pytest.mark.parametrize("minutes", [1, 3, 4])
    def test_a_step_stays_that_the_other_side_signed_too_by_whatever_dates(self, minutes: int) -> None:
        ours, theirs = back(at(1, DONE), minutes), at(4, DONE, "af")
        assert ours in left(ours, theirs)
        assert set(due("cease", *left(ours, theirs)).signed) == {"af", "pk"}

    def test_what_both_withdrew_is_gone(self) -> None:
        assert left(back(at(1, DONE), 9), back(at(2, DONE, "af"), 8)) == []

    def test_an_account_stays_once_something_in_it_was_answered_or_said_alike(self) -> None:
        account = back(at(1, Account(incident=KEY, number=1, statements=(SHOT, HARM))), 5)
        answer = Answered(incident=KEY, party="pk", statement=digest(HARM), stance="disputes")
        alike = Account(incident=KEY, number=1, statements=(mirrored(SHOT),))
        assert left(account) == []
        for body in (answer, alike):
            for minutes in (4, 6):  # whatever date the withdrawal gives
                assert account in left(account, at(minutes, body, "af"))
        assert account not in left(account, at(4, answer, "pk", 3))

    def test_without_the_later_account_the_earlier_stands(self) -> None:
        earlier = at(1, Account(incident=KEY, number=1, statements=(SHOT,)))
        later = back(at(2, Account(incident=KEY, number=2, statements=(HARM,)), number=2), 3)
        assert rules.accounts(left(earlier, later), "pk") == [earlier]
        assert rules.next_number([earlier, later], "pk") == 3

    def test_an_answer_withdrawn_leaves_the_one_before(self) -> None:
        account = at(1, Account(incident=KEY, number=1, statements=(SHOT,)))
        said = [
            Answered(incident=KEY, party="pk", statement=digest(SHOT), stance=each) for each in ("agrees", "disputes")
        ]
        those = left(account, at(2, said[0], "af"), back(at(3, said[1], "af", 2), 4))
        (found,) = rules.findings(Facts((ROOT,), MEMBERS, LADDER), those)
        assert found.verdict == "agreed"


class TestClosed:
    """A word that it is over, and that it is not."""

    def test_before_both_closed_it_is_taken_back_and_after_that_it_stays(self) -> None:
        assert standing(back(at(1, CLOSES), 2)).state == "open"
        for minutes in (1, 2, 4):
            assert standing(back(at(1, CLOSES), minutes), at(3, CLOSES, "af")).state == "closed"
            assert standing(at(1, CLOSES), back(at(3, CLOSES, "af"), minutes)).state == "closed"
        assert standing(back(at(1, CLOSES), 2), back(at(3, CLOSES, "af"), 4)).state == "open"

    def test_to_take_back_an_opening_closes_it_again_unless_the_other_side_acted_on_it(self) -> None:
        closed = (at(1, CLOSES), at(2, CLOSES, "af"))
        opened = back(at(3, REOPENS, number=3), 6)
        assert standing(*left(*closed, opened)).state == "closed"
        for minutes in (5, 7):  # whatever date the withdrawal gives
            assert standing(*left(*closed, opened, at(minutes, DONE, "af", 4))).state == "open"
        seen = Note(incident=KEY, party="pk", statement="0" * 64, seen="heard")
        assert standing(*left(*closed, opened, at(5, seen, "obs", 4))).state == "closed"


class TestConsent:
    """Floor 13: consent is free at any time."""

    OURS = Consents(incident=KEY, mediators="traders", consents=True)

    def test_a_consent_withdrawn_is_none_from_then_on_and_unmakes_nothing(self) -> None:
        mediated = Done(incident=KEY, step="mediation", time=BEGAN)
        ours, theirs = back(at(1, self.OURS), 6), at(2, self.OURS, "af")
        assert not mediation(ours, theirs).ready
        assert set(mediation(ours, theirs, at(5, mediated, "af", 3)).signed) == {"af"}
        assert mediation(ours, theirs, at(7, mediated, "af", 3)).signed == {}

    @pytest.mark.parametrize("minutes", [1, 2, 4, 6, 9])
    def test_a_consent_withdrawn_unsays_no_mediation_that_both_signed_by_whatever_date(self, minutes: int) -> None:
        mediated = Done(incident=KEY, step="mediation", time=BEGAN)
        both = (at(5, mediated, "pk", 3), at(6, mediated, "af", 3))
        found = mediation(back(at(1, self.OURS), minutes), at(2, self.OURS, "af"), *both)
        assert (set(found.signed), found.done) == ({"pk", "af"}, BEGAN + timedelta(minutes=6))
        assert not found.ready

    def test_a_refusal_withdrawn_consents_to_nothing(self) -> None:
        no = replace_body(self.OURS)
        assert not mediation(at(1, self.OURS), back(at(3, no, number=2), 4), at(2, self.OURS, "af")).ready

    def test_to_withdraw_an_older_word_leaves_the_newer(self) -> None:
        assert mediation(back(at(1, self.OURS), 9), at(3, self.OURS, number=2), at(2, self.OURS, "af")).ready


def replace_body(of: Consents) -> Consents:
    return Consents(incident=of.incident, mediators=of.mediators, consents=False)


class TestText:
    """What both signed cannot be taken back by one, whatever dates it gives."""

    TEXT = at(10, Proposed(incident=KEY, number=1, sentences=TEXT, wording="5a" * 32))
    UNDER = at(20, Signature(incident=KEY, text=TEXT.key, digest=text_digest(TEXT.body)), "af", 2)

    @pytest.mark.parametrize("minutes", [10, 15, 30])
    def test_neither_the_text_nor_the_signature_is_taken_back_alone(self, minutes: int) -> None:
        for those in ((back(self.TEXT, minutes), self.UNDER), (self.TEXT, back(self.UNDER, minutes))):
            texts = rules.versions(left(*those))
            assert rules.agreed(Facts((ROOT,), MEMBERS), texts) is not None

    def test_what_both_took_back_is_no_joint_statement(self) -> None:
        assert left(back(self.TEXT, 30), back(self.UNDER, 31)) == []

    def test_a_text_that_nobody_signed_is_offered_no_more(self) -> None:
        assert rules.versions(left(back(self.TEXT, 11))) == ()


def test_two_that_both_joined_stay_one() -> None:
    other = Named("af", "01936e1a-7a00-7000-8000-000000000099")
    ours, theirs = back(at(1, Same(incident=KEY, same=other)), 3), Same(incident=other, same=KEY)
    for minutes in (2, 4):  # whatever date the withdrawal gives
        words = [ours, at(minutes, theirs, "af")]
        assert joining.joined(KEY, joining.pairs(words, MEMBERS), MEMBERS) == {KEY, other}
    assert joining.joined(KEY, joining.pairs([ours], MEMBERS), MEMBERS) == {KEY}


def test_an_event_is_withdrawn_unless_the_other_side_said_more_than_that_it_knows() -> None:
    gone = Facts((replace(ROOT, withdrawn=BEGAN + timedelta(minutes=5)),), MEMBERS, LADDER)

    def state(*told: Told) -> str:
        return rules.standing(gone, told).state

    assert state(at(4, Noticed(incident=KEY), "af"), at(4, DONE)) == "withdrawn"
    for minutes in (4, 6):  # whatever date the withdrawal gives
        assert state(at(minutes, DONE, "af")) == "open"
    assert not rules.overdue(rules.clock(gone, [], BEGAN + timedelta(days=3)))
    both = Facts((*gone.opened, replace(ROOT, key=Named("af", KEY.id))), MEMBERS, LADDER)
    assert rules.standing(both, []).state == "open"


@st.composite
def some_withdrawn(draw: st.DrawFn) -> list[Told]:
    told = draw(told_in_any_way())
    return [back(each, draw(st.integers(-10, 80))) if draw(st.booleans()) else each for each in told]


@settings(deadline=None)
@given(some_withdrawn(), st.randoms(use_true_random=False))
def test_the_same_follows_of_what_was_withdrawn_in_whatever_order(told: list[Told], chance: Any) -> None:
    now = BEGAN + timedelta(minutes=90)
    first = all_that_follows(told, now)
    chance.shuffle(told)
    assert all_that_follows(told, now) == first


@settings(deadline=None)
@given(told_in_any_way())
def test_one_side_alone_takes_back_nothing_that_both_signed(told: list[Told]) -> None:
    """Whatever a side withdraws after all was said, each step, closing and text of both stays."""
    now, after = BEGAN + timedelta(minutes=200), BEGAN + timedelta(minutes=150)
    before = all_that_follows(told, now)
    withdrawn = [replace(each, withdrawn=after) if each.key.party == "pk" else each for each in told]
    since = all_that_follows(withdrawn, now)
    for one, other in zip(before[1], since[1], strict=True):
        assert one.done is None or one.done == other.done
    assert closing_and_text(before) == closing_and_text(since)


def closing_and_text(follows: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return what closes an event, and the text of both with who signed it."""
    closed, text = follows[2].closed, follows[4]
    return closed and closed.key, text and (text.told.key, {party: each.key for party, each in text.signed.items()})


# --- over a real border ---------------------------------------------------------------------------------------------


@pytest.fixture
def shots(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Event]:
    with event(tmp_path_factory.mktemp("withdrawn")) as made:
        yield made


def withdraws(shots: Event, record: Record) -> None:
    side = shots.border.sides[record.key[0]]
    shots.wait(seconds=1)
    withdraw(record.fields.id, Withdrawal("mistaken"), side.post, side.means)
    shots.wait(seconds=1)
    shots.carry()


def waits_and_rings(shots: Event, party: str) -> list[str]:
    return [*waits_at(shots, party), *rings_at(shots, party)]


def states(shots: Event, of: Record) -> set[str]:
    seen = [shots.seen(party, of) for party in ("pk", "af", "obs")]
    told = [says(each) for each in seen]
    assert told[0] == told[1] == told[2]
    return {each.standing.state for each in seen}


def test_an_incident_told_of_by_mistake_rings_no_more_and_nothing_of_it_is_due(shots: Event) -> None:
    opened = shots.open()
    shots.carry()
    assert waits_and_rings(shots, "af") == ["liaison.incident-new", "liaison.incident-new"]
    shots.step("af", opened, "notice")
    withdraws(shots, opened)
    shots.wait(days=2)
    assert states(shots, opened) == {"withdrawn"}
    for party in ("pk", "af"):
        assert waits_and_rings(shots, party) == []
        assert shots.seen(party, opened).late == []
    with pytest.raises(Invalid) as refused:
        shots.done("af", opened, "cease")
    assert refused.value.code == "liaison.incident-withdrawn"


def test_an_incident_that_the_other_side_acted_on_stands_though_it_is_withdrawn(shots: Event) -> None:
    opened = shots.open()
    shots.carry()
    shots.done("af", opened, "cease")
    withdraws(shots, opened)
    assert states(shots, opened) == {"open"}
    shots.done("pk", opened, "cease")
    shots.carry()
    assert "cease" in {each.step.name for each in shots.seen("obs", opened).dues if each.done}


def test_a_withdrawn_account_is_listed_and_the_next_has_a_number_of_its_own(shots: Event) -> None:
    opened = shots.open()
    first = shots.account("pk", opened, FIRED)
    shots.carry()
    shots.step("af", opened, "notice")
    assert "liaison.incident-step-due" in waits_and_rings(shots, "af")
    withdraws(shots, first)
    assert states(shots, opened) == {"open"}
    found = shots.seen("af", opened)
    assert (found.findings, [each.key.id for each in found.back]) == ((), [first.key[1]])
    assert shots.account("pk", opened, HURT).body.number == 2


def test_what_both_closed_and_signed_stays_whatever_one_withdraws_afterwards(shots: Event) -> None:
    opened = shots.open()
    text = shots.do("pk", "statement-propose", **on(opened), use21="on")
    shots.carry()
    name = text_digest(text.body)
    signature = shots.do("af", "statement-sign", **on(opened), text=":".join(text.key), digest=name)
    closings = [shots.step(side, opened, "close") for side in ("pk", "af")]
    shots.carry()
    for record in (text, closings[0]):
        withdraws(shots, record)
        assert states(shots, opened) == {"closed"}
        seen = shots.seen("obs", opened)
        assert rules.agreed(seen.facts, seen.versions) is not None
    withdraws(shots, signature)
    seen = shots.seen("pk", opened)
    assert rules.agreed(seen.facts, seen.versions) is None  # now both took it back
    assert states(shots, opened) == {"closed"}


def test_the_page_marks_what_was_withdrawn_and_offers_nothing_about_a_withdrawn_incident(shots: Event) -> None:
    opened = shots.open()
    account = shots.account("pk", opened, FIRED)
    shots.carry()
    marked = "withdrawn by who said it"
    with desk(shots.border.sides["af"]) as at:

        def page() -> str:
            answer = at.http.get("/liaison/incident", params=on(opened), headers=at.session("duty"))
            assert answer.status_code == 200
            return answer.text

        at.speak("duty", "en")
        assert (marked in page(), "/liaison/incident-done" in page()) == (False, True)
        withdraws(shots, account)
        assert page().count(marked) == 2  # among the accounts, and in all that was told
        withdraws(shots, opened)
        assert "/liaison/incident-done" not in page()
        assert "Withdrawn" in page()


def test_nothing_is_withdrawn_before_its_time_has_come() -> None:
    ahead: datetime = BEGAN + timedelta(days=99)
    assert taking_back.taken_back([at(1, CLOSES)]) == []
    assert standing(replace(at(1, CLOSES), withdrawn=ahead)).state == "open"
