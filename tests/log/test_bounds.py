"""The time of an entry is bounded by what witnesses said of the checkpoints before and after it, and by nothing else."""

from amanat.log.bounds import Bound, Bounds, bounds
from amanat.log.checkpoint import Checkpoint
from amanat.log.policy import Verified


def seen(size: int, **cosigned: int) -> Verified:
    """A verified checkpoint of that size, cosigned by these witnesses at these times."""
    return Verified(Checkpoint("log.example", size, bytes(32)), "log.example", cosigned, quorum=False)


def test_the_newest_without_it_and_the_first_with_it_are_the_bounds() -> None:
    around = [seen(1, w=10), seen(4, w=20), seen(5, w=30), seen(9, w=40)]
    assert bounds(4, around) == Bounds(Bound(20, "w"), Bound(30, "w"))


def test_a_checkpoint_of_that_size_is_the_last_without_it() -> None:
    assert bounds(5, [seen(5, w=30)]) == Bounds(Bound(30, "w"), None)
    assert bounds(4, [seen(5, w=30)]) == Bounds(None, Bound(30, "w"))


def test_of_several_witnesses_the_narrowest_are_taken_and_named() -> None:
    around = [seen(4, w1=20, w2=21), seen(5, w1=32, w2=31)]
    assert bounds(4, around) == Bounds(Bound(21, "w2"), Bound(31, "w2"))


def test_a_time_of_zero_bounds_nothing() -> None:
    assert bounds(4, [seen(4, w=0), seen(5, w=0)]) == Bounds(None, None)


def test_what_no_witness_cosigned_bounds_nothing() -> None:
    assert bounds(0, [seen(1)]) == bounds(0, []) == Bounds(None, None)


def test_clocks_that_contradict_are_shown_as_they_are() -> None:
    assert bounds(4, [seen(4, fast=50), seen(5, slow=30)]) == Bounds(Bound(50, "fast"), Bound(30, "slow"))
