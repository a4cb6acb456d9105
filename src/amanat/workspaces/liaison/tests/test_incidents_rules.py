"""Rules of incidents over sets of facts: the same state whatever the order, and no side's word for both."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from amanat.record.kind import Place
from amanat.workspaces.liaison.incidents import joining, kinds, rules, titles
from amanat.workspaces.liaison.incidents.kinds import (
    Account,
    Answered,
    Closes,
    Consents,
    Damage,
    Done,
    Estimate,
    Happened,
    Harmed,
    Incident,
    Note,
    Noticed,
    Proposed,
    Reopens,
    Same,
    Signature,
    When,
    digest,
    text_digest,
)
from amanat.workspaces.liaison.incidents.told import Begun, Facts, Step, mirrored
from amanat.workspaces.liaison.kinds import Named, Said, Spot
from amanat.workspaces.liaison.rules import AHEAD
from amanat.workspaces.liaison.told import Told

BEGAN = datetime(2026, 11, 24, 13, 10, tzinfo=UTC)
KEY = Named("pk", "01936e1a-7a00-7000-8000-000000000011")
ROOT = Begun(KEY, "duty", BEGAN, Incident(type="shots", place=Spot(33.9, 70.1, 500), when=When(BEGAN, 10)))
MEMBERS = ("af", "pk")
LADDER = (
    Step("cease", "10.1", "cease", "cease", timedelta(minutes=10), 0),
    Step("mediation", "10.6", "mediation", "mediate", timedelta(days=7), 1),
    Step("statement", "10.8", "statement", "state", timedelta(days=28), 2),
)
SHOT = Happened(did="fired", by="theirs")
HARM = Harmed(of="ours", civilians=True, killed=Estimate(best=1))
TEXT = (Said("joint.informed"),)
NOW = BEGAN + timedelta(days=40)


def at(minutes: float, body: Any, party: str = "pk", number: int = 1) -> Told:
    """What a side told so many minutes after the incident."""
    id_ = f"01936e1a-7a00-7000-8000-{number:012d}"
    return Told(Named(party, id_), "duty", BEGAN + timedelta(minutes=minutes), body)


def facts(*told: Told, members: tuple[str, ...] = MEMBERS) -> Facts:
    return Facts((ROOT,), members, LADDER, told)


def told_of(*told: Told, now: datetime = NOW) -> list[Told]:
    return rules.counted(facts(*told), now)


def due(step: str, *told: Told, now: datetime = NOW) -> rules.Due:
    those = rules.clock(facts(*told), told_of(*told, now=now), now)
    return next(each for each in those if each.step.name == step)


def standing(*told: Told) -> rules.Standing:
    return rules.standing(facts(*told), told_of(*told))


CLOSES, REOPENS = Closes(incident=KEY), Reopens(incident=KEY)
DONE = Done(incident=KEY, step="cease", time=BEGAN)


class TestCounted:
    """What counts at all."""

    @pytest.mark.parametrize(
        ("told", "counts"),
        [
            (at(-4, CLOSES), True),
            (at(-6, CLOSES), False),
            (at(0, Closes(incident=Named("af", KEY.id))), False),
            (at(0, CLOSES, "obs"), False),
            (at(0, Note(incident=KEY, party="pk", statement="0" * 64, seen="seen"), "obs"), True),
            (at(0, Note(incident=KEY, party="pk", statement="0" * 64, seen="seen"), "af"), False),
        ],
    )
    def test_nothing_before_it_nothing_of_another_and_of_an_observer_its_notes_alone(
        self, told: Told, *, counts: bool
    ) -> None:
        assert (told_of(told) == [told]) is counts

    def test_what_is_dated_more_than_a_day_ahead_counts_once_it_is_no_more_than_that(self) -> None:
        ahead = at(60, CLOSES)
        a_day_before = BEGAN + timedelta(minutes=60) - AHEAD
        assert told_of(ahead, now=a_day_before - timedelta(seconds=1)) == []
        assert told_of(ahead, now=a_day_before) == [ahead]


class TestClock:
    """Who must do what by when."""

    def test_a_step_is_done_when_both_signed_it_and_late_by_who_did_not(self) -> None:
        assert due("cease", now=BEGAN + timedelta(minutes=10)).overdue == ()
        assert due("cease", now=BEGAN + timedelta(minutes=11)).overdue == ("af", "pk")
        one = due("cease", at(5, DONE))
        assert (one.overdue, one.done) == (("af",), None)
        both = due("cease", at(5, DONE), at(9, DONE, "af"))
        assert (both.overdue, both.done) == ((), BEGAN + timedelta(minutes=9))

    @pytest.mark.parametrize("minutes", [-16, 11])
    def test_a_step_was_not_done_before_the_event_nor_later_than_it_was_signed(self, minutes: int) -> None:
        body = Done(incident=KEY, step="cease", time=BEGAN + timedelta(minutes=minutes))
        assert due("cease", at(5, body)).signed == {}

    def test_of_two_words_the_first_stands(self) -> None:
        first, second = at(5, DONE), at(6, DONE, number=2)
        assert due("cease", second, first).signed == {"pk": first}

    def test_mediation_is_owed_by_nobody_and_counts_only_while_both_consent_to_the_same(self) -> None:
        mediated = Done(incident=KEY, step="mediation", time=BEGAN)
        ours = Consents(incident=KEY, mediators="traders", consents=True)
        other = Consents(incident=KEY, mediators="local-council", consents=True)
        no_more = Consents(incident=KEY, mediators="traders", consents=False)
        assert due("mediation").overdue == ()
        assert due("mediation", at(5, mediated)).signed == {}
        assert due("mediation", at(1, ours), at(5, mediated)).signed == {}
        assert due("mediation", at(1, ours), at(2, other, "af"), at(5, mediated)).signed == {}
        consented = (at(1, ours), at(2, ours, "af", 2))
        assert set(due("mediation", *consented, at(5, mediated, number=3)).signed) == {"pk"}
        assert due("mediation", *consented, at(4, no_more, "af", 4), at(5, mediated, number=3)).signed == {}
        assert set(due("mediation", *consented, at(6, no_more, "af", 4), at(5, mediated, number=3)).signed) == {"pk"}
        assert not due("mediation", *consented, at(6, no_more, "af", 4)).ready

    def test_the_joint_statement_is_done_by_signing_one_text_and_by_no_word(self) -> None:
        word = Done(incident=KEY, step="statement", time=BEGAN)
        assert due("statement", at(1, word), at(2, word, "af")).signed == {}
        text = at(1, Proposed(incident=KEY, number=1, sentences=TEXT, wording="5a" * 32))
        under = at(3, Signature(incident=KEY, text=text.key, digest=text_digest(text.body)), "af", 2)
        assert due("statement", text).done is None
        assert due("statement", text, under).done == under.at


class TestClosing:
    """Closing needs both; reopening is a new act of either."""

    def test_one_side_closes_nothing(self) -> None:
        assert standing(at(1, CLOSES), at(2, CLOSES, number=2)).state == "closing"
        assert standing(at(1, CLOSES), at(2, CLOSES, "af")).state == "closed"

    def test_either_reopens_what_both_closed_and_then_both_close_anew(self) -> None:
        closed = (at(1, CLOSES), at(2, CLOSES, "af"))
        again = at(3, REOPENS, "af", 3)
        assert standing(*closed, again).state == "open"
        assert standing(*closed, again, at(4, CLOSES, number=4)).state == "closing"
        assert standing(*closed, again, at(4, CLOSES, number=4), at(5, CLOSES, "af", 5)).state == "closed"

    def test_before_both_closed_one_takes_back_its_own_word_alone_and_no_clock_runs_anew(self) -> None:
        one = (at(1, CLOSES), at(2, REOPENS, "af"))
        assert standing(*one).state == "closing"
        back = (at(1, CLOSES), at(2, REOPENS, number=2))
        assert standing(*back).state == "open"
        assert standing(*back).reopened == ()
        assert due("cease", *back).due == BEGAN + timedelta(minutes=10)

    def test_a_reopened_incident_runs_what_was_not_done_anew_and_keeps_what_was(self) -> None:
        done = (at(5, DONE), at(6, DONE, "af"))
        over = (at(30, CLOSES, number=2), at(31, CLOSES, "af", 2), at(600, REOPENS, number=3))
        assert due("cease", *over).due == BEGAN + timedelta(minutes=610)
        assert due("cease", *done, *over).due == BEGAN + timedelta(minutes=10)

    def test_nobody_is_late_about_what_is_closed(self) -> None:
        assert due("cease", at(1, CLOSES), at(2, CLOSES, "af")).overdue == ()


class TestFindings:
    """Agreed, disputed, or one side's alone."""

    @staticmethod
    def verdicts(*told: Told) -> dict[tuple[str, int], str]:
        found = rules.findings(facts(*told), told_of(*told))
        return {(each.party, each.number): each.verdict for each in found}

    ACCOUNT = at(1, Account(incident=KEY, number=1, statements=(SHOT, HARM)))

    def answer(self, stance: Any, minutes: int = 2, party: str = "af", number: int = 9) -> Told:
        body = Answered(incident=KEY, party="pk", statement=digest(SHOT), stance=stance)
        return at(minutes, body, party, number)

    def test_one_sides_word_is_its_own_until_the_other_answers(self) -> None:
        assert self.verdicts(self.ACCOUNT) == {("pk", 1): "alone", ("pk", 2): "alone"}
        assert self.verdicts(self.ACCOUNT, self.answer("agrees"))["pk", 1] == "agreed"
        assert self.verdicts(self.ACCOUNT, self.answer("disputes"))["pk", 1] == "disputed"
        assert self.verdicts(self.ACCOUNT, self.answer("cannot-say"))["pk", 1] == "alone"

    def test_nobody_agrees_with_itself_and_the_last_word_stands(self) -> None:
        assert self.verdicts(self.ACCOUNT, self.answer("agrees", party="pk"))["pk", 1] == "alone"
        both = (self.answer("agrees", 2, number=8), self.answer("disputes", 3, number=9))
        assert self.verdicts(self.ACCOUNT, *both)["pk", 1] == "disputed"
        assert self.verdicts(self.ACCOUNT, *both[::-1])["pk", 1] == "disputed"

    def test_what_both_say_alike_is_agreed_until_one_disputes_it_later(self) -> None:
        theirs = at(3, Account(incident=KEY, number=1, statements=(mirrored(SHOT),)), "af")
        assert self.verdicts(self.ACCOUNT, theirs)["pk", 1] == "agreed"
        assert self.verdicts(self.ACCOUNT, theirs, self.answer("disputes", 2))["pk", 1] == "agreed"
        assert self.verdicts(self.ACCOUNT, theirs, self.answer("disputes", 4))["pk", 1] == "disputed"

    def test_the_account_of_the_highest_number_stands_and_of_two_with_one_number_the_earlier(self) -> None:
        later = at(0, Account(incident=KEY, number=2, statements=(HARM,)), number=2)
        twin = at(9, Account(incident=KEY, number=2, statements=(SHOT,)), number=3)
        assert [each.body.number for each in rules.accounts([self.ACCOUNT, twin, later], "pk")] == [2, 2, 1]
        assert rules.accounts([self.ACCOUNT, twin, later], "pk")[0] == later

    @given(st.sampled_from([SHOT, HARM, kinds.Damage(of="third", what="road")]))
    def test_to_say_it_as_the_other_would_twice_is_to_say_it(self, statement: Any) -> None:
        assert mirrored(mirrored(statement)) == statement


class TestText:
    """The joint statement."""

    TEXT = at(1, Proposed(incident=KEY, number=1, sentences=TEXT, wording="5a" * 32))

    def test_a_signature_under_other_words_is_none(self) -> None:
        wrong = at(2, Signature(incident=KEY, text=self.TEXT.key, digest="0" * 64), "af")
        (version,) = rules.versions(told_of(self.TEXT, wrong))
        assert set(version.signed) == {"pk"}

    def test_who_proposes_the_same_words_has_the_others_text_to_sign_still(self) -> None:
        same = at(5, Proposed(incident=KEY, number=1, sentences=TEXT, wording="5a" * 32), "af", 2)
        both = rules.versions(told_of(self.TEXT, same))
        assert [set(each.signed) for each in both] == [{"pk"}, {"af"}]
        assert rules.to_sign(facts(self.TEXT, same), both, "pk") == both[1]

    def test_nothing_proposed_besides_moves_what_was_signed_however_alike_and_dated(self) -> None:
        other = at(9, Proposed(incident=KEY, number=2, sentences=(Said("joint.no-guilt"),), wording="5a" * 32), "pk", 3)
        signed = [
            at(20, Signature(incident=KEY, text=each.key, digest=text_digest(each.body)), "af", number)
            for number, each in ((4, self.TEXT), (5, other))
        ]
        for minutes in (-4, 2, 30):
            again = (at(minutes, self.TEXT.body, "pk", 6), at(minutes, self.TEXT.body, "af", 7))
            found = rules.agreed(facts(), rules.versions(told_of(self.TEXT, other, *signed, *again)))
            assert found is not None
            assert found.told == other

    def test_a_text_waits_for_the_other_and_for_no_observer(self) -> None:
        those = rules.versions(told_of(self.TEXT))
        assert rules.to_sign(facts(self.TEXT), those, "af") is not None
        assert rules.to_sign(facts(self.TEXT), those, "pk") is None
        assert rules.to_sign(facts(self.TEXT), those, "obs") is None


def test_incidents_are_one_only_by_the_words_of_both() -> None:
    a, b, c = (Named("pk", f"01936e1a-7a00-7000-8000-{number:012d}") for number in (1, 2, 3))
    one, other = at(1, Same(incident=a, same=b)), at(2, Same(incident=b, same=a), "af")
    third = at(3, Same(incident=b, same=c), "af")
    assert joining.joined(a, joining.pairs([one], MEMBERS), MEMBERS) == {a}
    assert joining.joined(a, joining.pairs([one, other], MEMBERS), MEMBERS) == {a, b}
    assert joining.joined(a, joining.pairs([one, other, third], MEMBERS), MEMBERS) == {a, b}
    assert joining.joined(
        a, joining.pairs([replace(other, key=Named("obs", other.key.id)), one], MEMBERS), MEMBERS
    ) == {a}


# --- whatever the order ---------------------------------------------------------------------------------------------


def bodies() -> st.SearchStrategy[Any]:
    times = st.integers(-20, 40).map(lambda minutes: BEGAN + timedelta(minutes=minutes))
    return st.one_of(
        st.just(CLOSES),
        st.just(REOPENS),
        st.just(Noticed(incident=KEY)),
        st.builds(Done, incident=st.just(KEY), step=st.sampled_from(["cease", "mediation", "statement"]), time=times),
        st.builds(Consents, incident=st.just(KEY), mediators=st.sampled_from(["traders", "local-council"]), consents=st.booleans()),
        st.builds(Account, incident=st.just(KEY), number=st.integers(1, 3), statements=st.sampled_from([(SHOT,), (HARM,), (mirrored(SHOT), HARM)])),
        st.builds(Answered, incident=st.just(KEY), party=st.sampled_from(["pk", "af"]), statement=st.sampled_from([digest(SHOT), digest(HARM)]), stance=st.sampled_from(["agrees", "disputes", "cannot-say"])),
        st.builds(Proposed, incident=st.just(KEY), number=st.integers(1, 3), sentences=st.just(TEXT)),
        st.builds(Note, incident=st.just(KEY), party=st.just("pk"), statement=st.just(digest(SHOT)), seen=st.just("heard")),
    )  # fmt: skip


@st.composite
def told_in_any_way(draw: st.DrawFn) -> list[Told]:
    those = draw(st.lists(st.tuples(st.integers(-10, 60), bodies(), st.sampled_from(["pk", "af", "obs"])), max_size=14))
    return [at(minutes, body, party, number) for number, (minutes, body, party) in enumerate(those, 1)]


def all_that_follows(told: list[Told], now: datetime) -> tuple[Any, ...]:
    of = facts(*told)
    counts = rules.in_force(rules.counted(of, now))
    texts = rules.versions(counts)
    return (
        rules.findings(of, counts),
        rules.clock(of, counts, now),
        rules.standing(of, counts),
        texts,
        rules.agreed(of, texts),
    )


@settings(deadline=None)
@given(told_in_any_way(), st.randoms(use_true_random=False), st.integers(0, 90))
def test_the_same_follows_whatever_order_records_came_in(told: list[Told], chance: Any, minutes: int) -> None:
    now = BEGAN + timedelta(minutes=minutes)
    first = all_that_follows(told, now)
    chance.shuffle(told)
    assert all_that_follows(told, now) == first


@settings(deadline=None)
@given(told_in_any_way(), st.integers(0, 90))
def test_one_side_alone_agrees_closes_and_finishes_nothing(told: list[Told], minutes: int) -> None:
    """Whatever a side and an observer say, without a word of the other nothing is of both."""
    ours = [each for each in told if each.key.party != "af"]
    found, dues, stands, texts, agreed = all_that_follows(ours, BEGAN + timedelta(minutes=minutes))
    assert {each.verdict for each in found} <= {"alone"}
    assert [each for each in dues if each.done or "af" in each.signed] == []
    assert (stands.closed, agreed) == (None, None)
    assert all("af" not in each.signed for each in texts)


@settings(deadline=None)
@given(told_in_any_way(), st.integers(0, 90))
def test_who_owes_a_step_signed_it_or_is_late_and_nobody_is_late_before_its_time(
    told: list[Told], minutes: int
) -> None:
    now = BEGAN + timedelta(minutes=minutes)
    _, dues, stands, *_ = all_that_follows(told, now)
    for each in dues:
        assert not each.overdue or (now > each.due and not each.optional and stands.closed is None)
        assert not set(each.overdue) & set(each.signed)


def test_where_a_post_was_damaged_counts_as_a_place_of_a_group() -> None:
    where = Spot(33.9, 70.1, 500, "PK")
    damaged = (Damage(of="ours", what="post", place=where), Damage(of="ours", what="school", place=where))
    told = Account(incident=KEY, number=1, statements=damaged)
    assert titles.facts_of_account(told).places == (Place("PK", 500),)
