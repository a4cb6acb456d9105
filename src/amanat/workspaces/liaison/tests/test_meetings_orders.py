"""How a meeting stands does not hang on the order of its steps: two nodes with clocks of their own, and any dates."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from amanat.workspaces.liaison.kinds import Named
from amanat.workspaces.liaison.meetings import rules
from amanat.workspaces.liaison.meetings.kinds import (
    Agreed,
    Cancelled,
    Countered,
    Declined,
    Done,
    Judged,
    Signature,
    Task,
)
from amanat.workspaces.liaison.meetings.steps import Facts, Step
from amanat.workspaces.liaison.tests.test_meetings_rules import (
    AT,
    PARTIES,
    PARTY,
    ROOT,
    agrees,
    facts,
    minuted,
    offers,
    whens,
)


class TwoSides(RuleBasedStateMachine):
    """Two nodes with clocks of their own, each with what it made and what was carried to it."""

    def __init__(self) -> None:
        """Begin with nothing known."""
        super().__init__()
        self.now = AT
        self.skew = dict.fromkeys(PARTIES, timedelta())
        self.made: list[Step] = []
        self.known: dict[str, set[int]] = {party: set() for party in PARTIES}

    @initialize(skew=st.sampled_from((0, 0, -90, 90)))
    def propose(self, skew: int) -> None:
        self.skew["af"] = timedelta(seconds=skew)

    def facts(self, known: set[int]) -> Facts:
        return facts(*(self.made[number] for number in known))

    def here(self, party: str) -> Facts:
        return self.facts(self.known[party])

    def make(self, party: str, body: Any) -> None:
        key = Named(party, str(len(self.made) + 1))
        self.known[party].add(len(self.made))
        self.made.append(Step(key, "duty", self.now + self.skew[party], body))

    @rule(minutes=st.integers(1, 2000))
    def time_passes(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @rule(party=PARTY, which=st.integers(0, 20))
    def a_side_agrees(self, party: str, which: int) -> None:
        offered = [each for side in PARTIES for each in rules.alternatives(self.here(party), side)]
        if offered:
            it = offered[which % len(offered)]
            self.make(party, Agreed(meeting=ROOT, of=it.of, choice=it.choice))

    @rule(party=PARTY, hours=st.integers(1, 90))
    def a_side_offers_another_time(self, party: str, hours: int) -> None:
        (other,) = set(PARTIES) - {party}
        read = rules.alternatives(self.here(party), other)
        since = self.now.replace(second=0)
        body = Countered(
            meeting=ROOT, of=read[-1].of if read else None, alternatives=whens(hours, since=since), minutes=45
        )
        self.make(party, body)

    @rule(party=PARTY, which=st.integers(0, 9))
    def a_side_declines_or_calls_it_off(self, party: str, which: int) -> None:
        body = Cancelled(meeting=ROOT, cause="weather") if which == 0 else Declined(meeting=ROOT, cause="too-soon")
        self.make(party, body)

    @rule(party=PARTY)
    def a_side_writes_minutes(self, party: str) -> None:
        self.now = max(self.now, AT + timedelta(hours=60))
        due = AT + timedelta(hours=200)
        number = len(self.made) + 1
        body = minuted(party, number, 0, Task("fill-trench", ("af",), due), Task("joint-visit", PARTIES, due)).body
        self.make(party, body)

    @rule(party=PARTY, which=st.integers(0, 20))
    def a_side_signs(self, party: str, which: int) -> None:
        versions = rules.versions(self.here(party))
        if versions:
            it = versions[which % len(versions)]
            self.make(party, Signature(meeting=ROOT, of=it.step.key, digest=it.digest, number="TKM/1"))

    @rule(party=PARTY, which=st.integers(0, 9), agrees=st.booleans())
    def a_side_tells_of_a_task(self, party: str, which: int, *, agrees: bool) -> None:
        tasks = rules.tasks(self.here(party), self.now)
        minutes = rules.joint(self.here(party))
        if tasks and minutes is not None:
            it = tasks[which % len(tasks)]
            if it.party == party:
                self.make(party, Done(meeting=ROOT, of=minutes.step.key, task=it.number))
            elif it.done is not None:
                self.make(party, Judged(meeting=ROOT, of=it.done.key, agrees=agrees))

    @rule(party=PARTY, share=st.integers(1, 3))
    def some_of_it_is_carried_over(self, party: str, share: int) -> None:
        (other,) = set(PARTIES) - {party}
        self.known[other] |= {number for number in self.known[party] if number % share == 0}

    @invariant()
    def who_holds_the_same_says_the_same_in_whatever_order_it_came(self) -> None:
        one = self.facts(self.known["pk"] | self.known["af"])
        other = replace(one, steps=one.steps[::-1] + one.steps[:1], digests=one.digests[::-1])
        assert rules.state(one, self.now) == rules.state(other, self.now)
        assert rules.agreed(one) == rules.agreed(other)
        assert rules.joint(one) == rules.joint(other)
        assert rules.tasks(one, self.now) == rules.tasks(other, self.now)
        assert [rules.to_answer(one, each, self.now) for each in PARTIES] == [
            rules.to_answer(other, each, self.now) for each in PARTIES
        ]

    @invariant()
    def nothing_is_agreed_or_joint_that_one_side_did_not_say(self) -> None:
        for party in PARTIES:
            held = self.here(party)
            found, minutes = rules.agreed(held), rules.joint(held)
            if found is not None:
                said = {each.key.party for each in held.steps if getattr(each.body, "of", None) == found.of}
                assert {found.of.party, *said} == set(PARTIES)
            if minutes is not None:
                signed = {each.key.party for each in held.steps if isinstance(each.body, Signature)}
                assert signed == set(PARTIES)

    @invariant()
    def only_one_of_agreed_and_crossed_is_so(self) -> None:
        for party in PARTIES:
            held = self.here(party)
            assert not (rules.agreed(held) is not None and rules.crossed(held))


TestTwoSides = TwoSides.TestCase


TestTwoSides.settings = settings(stateful_step_count=40)


@given(st.lists(st.tuples(PARTY, st.integers(0, 8), st.integers(0, 1), st.integers(-8, 60)), max_size=12), st.randoms())
def test_agreements_of_any_dates_say_one_thing_in_any_order(
    drawn: list[tuple[str, int, int, int]], random: Any
) -> None:
    """Also those of a program that dates as it likes, and names what it likes."""
    steps = [
        agrees(party, number, Named(PARTIES[of % 2], str(of)), choice, minutes)
        if of % 3
        else offers(party, number, 50 + number, minutes=minutes, of=Named(PARTIES[of % 2], str(of)))
        for number, (party, of, choice, minutes) in enumerate(drawn, 1)
    ]
    shuffled = list(steps)
    random.shuffle(shuffled)
    one, other = facts(*steps), facts(*shuffled)
    assert rules.agreed(one) == rules.agreed(other)
    assert one.counted == other.counted
    assert rules.state(one, AT) == rules.state(other, AT)
