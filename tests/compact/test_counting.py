"""A few acts of each member are all that the state hangs on, whatever number was signed, and in whatever order it came."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amanat.compact.counting import OF_ONE_NUMBER, counting, for_others, superfluous
from amanat.compact.signing import LEAP, Act, accept_act, fold
from amanat.compact.terms import Terms, parse
from amanat.party.errors import Refused
from compact.cast import IN_FORCE, MANIFESTS, NEIGHBOUR, NOW, PARTIES, act, custodians_of, next_version, signed_act

JOINED = parse(next_version(NEIGHBOUR, ("notice_days = 90", "notice_days = 30")))
LEFT = parse(next_version((NEIGHBOUR[1], NEIGHBOUR[0]), after=JOINED))
RETURNED = parse(next_version(NEIGHBOUR, ("notice_days = 30", "notice_days = 120"), after=LEFT))
VERSIONS = (IN_FORCE, JOINED, LEFT, RETURNED)
MOST = 4
"""Acts of one member that count: a suspension and a resumption of one number, a notice, and its custodians' last."""


def one(code: str, what: str, serial: int, of: int, days: int) -> Act:
    """An act about the version of that place in `VERSIONS`, dated so many days ago."""
    return act(code, what, serial, compact=VERSIONS[of].digest, at=NOW - timedelta(days=days))


acts = st.builds(
    one,
    st.sampled_from(["pk", "af", "neighbour"]),
    st.sampled_from(["suspend", "resume", "end"]),
    st.sampled_from([1, 2, 3, LEAP, LEAP + 2, 2 * LEAP, 3 * LEAP]),
    st.sampled_from([1, 3]),
    st.integers(0, 100),
)


def arrive(come: Sequence[Act]) -> list[Act]:
    """What counts when they come one by one, each held against what counted before it."""
    held: list[Act] = []
    for each in come:
        held = counting(VERSIONS, [*held, each])
    return held


def accepts(done: Act, held: Sequence[Act]) -> bool:
    try:
        accept_act(signed_act(done, custodians_of(done.party)), VERSIONS, MANIFESTS, held, NOW)
    except Refused:
        return False
    return True


@given(st.lists(acts, max_size=12), st.data())
def test_what_counts_brings_a_compact_to_the_state_that_all_acts_do(done: list[Act], data: st.DataObject) -> None:
    """In any order, and under every version: a member that was left out and is one again finds its acts as they were."""
    held = arrive(data.draw(st.permutations(done)))
    for party in PARTIES:
        assert sum(each.party == party for each in held) <= MOST
    for latest in range(len(VERSIONS)):
        now = NOW + timedelta(days=data.draw(st.integers(-1, 121)))
        assert _fold(VERSIONS, latest, held, now) == _fold(VERSIONS, latest, done, now)


def _fold(versions: Sequence[Terms], latest: int, done: Sequence[Act], now: datetime) -> str:
    """The state were that version the one in force; all texts that acts name are held."""
    return fold([*versions[latest + 1 :], *versions[: latest + 1]], done, now)


@given(st.lists(acts, max_size=12), acts)
def test_what_counts_lets_the_same_acts_follow_as_all_acts_do(done: list[Act], following: Act) -> None:
    assert accepts(following, arrive(done)) == accepts(following, done)


@given(st.lists(acts, max_size=12))
def test_who_is_handed_only_what_counts_follows_it(come: list[Act]) -> None:
    """Whatever was accepted one by one; a thief cannot climb to numbers to which others find no steps."""
    held: list[Act] = []
    for each in come:
        if accepts(each, held):
            held = counting(VERSIONS, [*held, each])
    anew: list[Act] = []
    for each in for_others(held):
        assert accepts(each, anew)
        anew = counting(VERSIONS, [*anew, each])
    assert {*anew} <= {*held}
    for now in (NOW, NOW + timedelta(days=91)):
        assert fold(VERSIONS, anew, now) == fold(VERSIONS, held, now)


def test_suspensions_are_passed_on_after_the_acts_that_their_numbers_are_counted_from() -> None:
    """Whoever holds none takes them in one after the other, and refuses a suspension that comes too early."""
    suspension, resumption = act("af", "suspend", LEAP + 5), act("af", "resume", LEAP + 5)
    end = act("af", "end", 9 * LEAP)
    assert not accepts(suspension, [])
    assert for_others([suspension, end, resumption]) == [resumption, end, suspension]


def test_of_each_member_few_count() -> None:
    done = [
        *(act("af", what, serial) for serial in (1, 2, 3) for what in ("suspend", "resume")),
        *(act("pk", "suspend", 1), act("pk", "end", 2, at=NOW - timedelta(days=1)), act("pk", "end", 7)),
    ]
    assert counting(VERSIONS, done) == [done[4], done[5], *done[6:]]


def test_who_left_and_is_a_member_again_finds_its_suspension_and_can_lift_it() -> None:
    """Its acts counted nowhere meanwhile; they are kept, and what follows is numbered after them."""
    suspension = one("neighbour", "suspend", LEAP, 1, days=9)
    held = arrive([one("neighbour", "resume", 7, 1, days=10), suspension, act("af", "suspend"), act("af", "resume", 2)])
    states = [fold(VERSIONS[: latest + 1], held, NOW) for latest in (1, 2, 3)]
    assert states == ["suspended", "active", "suspended"]
    lifted = one("neighbour", "resume", LEAP + 1, 3, days=0)
    assert accepts(lifted, held)
    assert fold(VERSIONS, arrive([*held, lifted]), NOW) == "active"


def test_the_notice_counts_that_ends_it_first() -> None:
    """By the days of the text it was given under, not by its own date."""
    sooner, later = one("af", "end", 2, 1, days=0), one("af", "end", 1, 0, days=10)
    assert counting(VERSIONS, [later, sooner]) == counting(VERSIONS, [sooner, later]) == [sooner]
    later_last = one("af", "end", 3, 0, days=10)
    assert counting(VERSIONS, [later_last, sooner]) == [later_last, sooner]


def test_of_two_as_good_the_one_that_came_first_counts() -> None:
    """A thief could else have every later one told, kept and passed on as new."""
    first, second = act("af", "suspend", reason="one"), act("af", "suspend", reason="another")
    assert counting(VERSIONS, [first, second]) == [first]
    assert counting(VERSIONS, [second, first]) == [second]


# --- what is kept -----------------------------------------------------------------------------------------------------


@given(st.lists(acts, max_size=24))
def test_two_of_one_kind_under_one_number_are_kept_and_what_counts_is_among_them(come: list[Act]) -> None:
    kept, held = list[Act](), list[Act]()
    for each in dict.fromkeys(come):
        beside = [other for other in kept if (other.party, other.serial) == (each.party, each.serial)]
        held = counting(VERSIONS, [*held, each])
        kept.append(each)
        gone = superfluous(each, beside, held)
        if gone is not None:
            kept.remove(gone)
    assert set(held) <= set(kept)
    for each in kept:
        alike = [
            other for other in kept if (other.party, other.serial, other.act) == (each.party, each.serial, each.act)
        ]
        assert len(alike) <= OF_ONE_NUMBER
    seen = {(each.party, each.serial, each.act) for each in come}
    assert {(each.party, each.serial, each.act) for each in kept} == seen


@pytest.mark.parametrize("what", ["suspend", "resume"])
def test_a_third_under_one_number_is_not_kept(what: str) -> None:
    two = [act("af", what, reason="one"), act("af", what, reason="two")]
    third = act("af", what, reason="three")
    assert superfluous(two[1], two[:1], two[:1]) is None
    assert superfluous(third, two, two[:1]) == third


def test_another_kind_under_the_same_number_is_none_of_the_two() -> None:
    both = [act("af", "suspend", reason="one"), act("af", "resume")]
    assert superfluous(act("af", "suspend", reason="two"), both, both) is None


def test_a_third_notice_that_ends_it_first_takes_the_place_of_one_that_counts_no_more() -> None:
    two = [act("af", "end", at=NOW - timedelta(days=days)) for days in (1, 2)]
    third = act("af", "end", at=NOW - timedelta(days=3))
    counted = counting(VERSIONS, [*two, third])
    assert third in counted
    assert superfluous(third, two, counted) in two
