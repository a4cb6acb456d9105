"""Watches as they are kept: one held of a post, the roster in its order, and nothing of them after 400 days."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Connection, select
from sqlalchemy.exc import IntegrityError

from amanat.store import watches
from amanat.store.tables import WATCH
from amanat.store.watches import KEPT, LAPSES, Watch

NOW = datetime(2026, 11, 24, 6, tzinfo=UTC)
HOUR = timedelta(hours=1)
POST = "torkham/duty"


def planned(tx: Connection, begins: int = 0, hours: int = 8, post: str = POST, officer: int = 1) -> Watch:
    """A watch that begins so many hours from now."""
    at = NOW + begins * HOUR
    return watches.add(tx, post, officer, at, at + hours * HOUR)


def taken(tx: Connection, watch: Watch) -> Watch:
    changed = replace(watch, taken=NOW)
    watches.put(tx, changed)
    return changed


def test_a_watch_is_read_as_it_was_kept(tx: Connection) -> None:
    kept = replace(
        planned(tx),
        cancelled=NOW,
        taken=NOW + HOUR,
        offered=NOW + 2 * HOUR,
        given=NOW + 3 * HOUR,
        next=7,
        notes="the gate is shut\nsince noon",
        matters=("af:1", "pk:2"),
        salt=b"0123456789abcdef",
    )
    watches.put(tx, kept)
    assert watches.watch(tx, kept.number) == kept
    assert watches.watch(tx, kept.number + 1) is None


def test_the_database_itself_lets_nobody_have_a_watch_that_another_has(tx: Connection) -> None:
    taken(tx, planned(tx))
    other = planned(tx, officer=2)
    with pytest.raises(IntegrityError), tx.begin_nested():
        taken(tx, other)
    taken(tx, planned(tx, post="chaman/duty"))
    assert sorted(watches.current(tx)) == ["chaman/duty", POST]


def test_a_watch_is_held_until_an_hour_after_its_planned_end_or_until_it_is_given(tx: Connection) -> None:
    watch = planned(tx)
    assert watches.held(tx, POST, NOW) is None
    watch = taken(tx, watch)
    over = watch.ends + LAPSES
    assert watches.held(tx, POST, over - timedelta(seconds=1)) == watch
    assert watches.held(tx, POST, over) is None
    assert watches.left_open(tx, POST) == watch
    watches.put(tx, replace(watch, given=NOW + HOUR))
    assert (watches.held(tx, POST, NOW + HOUR), watches.left_open(tx, POST)) == (None, None)


def test_the_roster_of_a_post_is_what_reaches_into_a_span_earliest_first(tx: Connection) -> None:
    late, early, before, other = planned(tx, 8), planned(tx), planned(tx, -8), planned(tx, post="chaman/duty")
    cancelled = planned(tx, 2)
    watches.put(tx, replace(cancelled, cancelled=NOW))
    assert watches.roster(tx, POST, NOW, NOW + 9 * HOUR) == [early, late]
    assert watches.roster(tx, POST, NOW - HOUR, NOW + 8 * HOUR) == [before, early]
    assert watches.roster(tx, "chaman/duty", NOW, NOW + HOUR) == [other]


def test_what_was_handed_over_is_listed_latest_first(tx: Connection) -> None:
    first, second = (replace(planned(tx, at), taken=NOW, given=NOW + at * HOUR) for at in (1, 2))
    for each in (first, second):
        watches.put(tx, each)
    planned(tx, 3)
    assert watches.before(tx, POST, 5) == [second, first]
    assert watches.before(tx, POST, 1) == [second]


def test_watches_are_destroyed_400_days_after_their_planned_end_also_one_that_nobody_took_over(tx: Connection) -> None:
    old = taken(tx, planned(tx))
    later = planned(tx, 8)
    assert watches.forget(tx, old.ends + KEPT - timedelta(seconds=1)) == 0
    assert watches.forget(tx, old.ends + KEPT) == 1
    assert tx.execute(select(WATCH.c.number)).scalars().all() == [later.number]
