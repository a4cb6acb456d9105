"""A call as two nodes come to know it, whatever happens and in whatever order it is carried: they say the same of it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from amanat.workspaces.liaison import rules
from amanat.workspaces.liaison.kinds import Named
from amanat.workspaces.liaison.rules import Climbed, Facts, PickedUp, Rung, Uttered

PARTIES = ("pk", "af")
AT = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
PARTY = st.sampled_from(PARTIES)


class TwoSides(RuleBasedStateMachine):
    """Two nodes with clocks of their own, each with what it made and what was carried to it."""

    def __init__(self) -> None:
        """Begin with nothing known."""
        super().__init__()
        self.now = AT
        self.skew = {"pk": timedelta(), "af": timedelta()}
        self.made: list[Any] = []
        self.known: dict[str, set[int]] = {party: set() for party in PARTIES}

    @initialize(test=st.integers(0, 9).map(lambda drawn: drawn == 0), skew=st.sampled_from((0, 0, -90, 90)))
    def ring(self, *, test: bool, skew: int) -> None:
        self.skew["af"] = timedelta(seconds=skew)
        self.rung = Rung(Named("pk", "0"), "duty", "af", AT, "kurram", "flash", test, timedelta(minutes=1), 4)

    def facts(self, known: set[int]) -> Facts:
        """All that is known of the call by who holds these."""
        held = [self.made[number] for number in known]
        return Facts(
            self.rung,
            delivered=True,
            opened=frozenset(each for each in held if isinstance(each, PickedUp)),
            climbed=frozenset(each for each in held if isinstance(each, Climbed)),
            uttered=tuple(each for each in held if isinstance(each, Uttered)),
        )

    def clock(self, party: str) -> datetime:
        return self.now + self.skew[party]

    def make(self, party: str, record: Any) -> None:
        self.known[party].add(len(self.made))
        self.made.append(record)

    @rule(seconds=st.integers(1, 90))
    def time_passes(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @rule(late=st.sampled_from((0, 0, 10)))
    def the_time_of_the_next_rank_comes(self, late: int) -> None:
        following = rules.next_rank(self.facts(self.known["pk"]))
        if following is not None:
            self.now = max(self.now, following[1] + timedelta(seconds=late))
            self.a_node_says_what_it_has_to("pk")

    @rule(party=PARTY)
    def a_node_says_what_it_has_to(self, party: str) -> None:
        due = rules.climbs(self.facts(self.known[party]), party, self.clock(party))
        if due is not None:
            self.make(party, Climbed(party, due[0], self.clock(party)))
            assert rules.climbs(self.facts(self.known[party]), party, self.clock(party)) != due, "said twice"

    @rule(party=PARTY)
    def somebody_opens_it(self, party: str) -> None:
        self.make(party, PickedUp(party, "duty", self.clock(party)))

    @rule(party=PARTY, ends=st.integers(0, 9), answers=st.integers(0, 9))
    def somebody_says_something(self, party: str, ends: int, answers: int) -> None:
        here = [each for each in self.facts(self.known[party]).uttered if each.key.party == party]
        said = [each.key for each in self.facts(self.known[party]).uttered]
        key = Named(party, str(len(self.made)))
        to = said[answers % len(said)] if said else None
        self.make(party, Uttered(key, "duty", self.clock(party), len(here) + 1, "phrase", None, to, ends=ends == 0))

    @rule(party=PARTY, share=st.integers(1, 3))
    def some_of_it_is_carried_over(self, party: str, share: int) -> None:
        (other,) = set(PARTIES) - {party}
        self.known[other] |= {number for number in self.known[party] if number % share == 0}

    @invariant()
    def who_knows_the_same_says_the_same(self) -> None:
        if not hasattr(self, "rung"):
            return
        whole = self.known["pk"] | self.known["af"]
        one = self.facts(whole)
        other = replace(one, uttered=one.uttered[::-1] + one.uttered[:1])
        assert rules.state(one, self.now) == rules.state(other, self.now)
        assert rules.steps(one) == rules.steps(other)
        assert rules.in_order(one.uttered) == rules.in_order(other.uttered)

    @invariant()
    def ranks_are_rung_one_after_the_other_and_never_once_it_was_opened(self) -> None:
        if not hasattr(self, "rung"):
            return
        for party in PARTIES:
            facts = self.facts(self.known[party])
            steps, first = rules.steps(facts), rules.picked_up(facts)
            assert [each.rank for each in steps] == list(range(1, len(steps) + 1))
            assert first is None or all(each.at < first.at for each in steps)

    @invariant()
    def nothing_stands_before_what_it_answers(self) -> None:
        if not hasattr(self, "rung"):
            return
        for party in PARTIES:
            ordered = rules.in_order(self.facts(self.known[party]).uttered)
            place = {each.key: number for number, each in enumerate(ordered)}
            for each in ordered:
                assert each.answers is None or each.answers not in place or place[each.answers] < place[each.key]


TestTwoSides = TwoSides.TestCase
TestTwoSides.settings = settings(stateful_step_count=40)
