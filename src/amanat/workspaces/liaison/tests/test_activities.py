"""The activities that were told of, in a database: what is found there is what asking of all of them finds.

Law: every test is asked of SQLite and of PostgreSQL.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import timedelta
from math import inf
from time import process_time
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import structs
from sqlalchemy import Connection, Engine, func, select

from amanat.workspaces.liaison.ground.shapes import (
    GROUND,
    LONGEST_WINDOW,
    Point,
    Position,
    Window,
    moved,
)
from amanat.workspaces.liaison.ground.spines import Spine, spine, within
from amanat.workspaces.liaison.notices import activities
from amanat.workspaces.liaison.notices.activities import (
    ACTIVITY,
    CELL,
    MOST,
    about,
    against,
    disclose,
    end,
    near,
    proposals,
)
from amanat.workspaces.liaison.notices.deconfliction import (
    DAY,
    FARTHEST,
    Activity,
    OtherTime,
    Talk,
    judge,
    propose,
)
from amanat.workspaces.liaison.notices.tables import NOTICE, STEP
from amanat.workspaces.liaison.sealed.tables import SEALED, UNSEALED
from amanat.workspaces.liaison.tests.planned import MORNING, Spread, by_chance
from amanat.workspaces.liaison.views import TABLES
from compact.cast import TERMS
from kept import File, Served
from server import Server

CLOSE, WIDE = Spread(), Spread((30.0, 66.0), (36.0, 71.5), 0.3, 30)
POINT = Point(Position(34.1, 71.1), 100)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    if request.param == "sqlite":
        made = File(tmp_path_factory.mktemp("node") / "node.sqlite").create()
    else:
        server: Server = request.getfixturevalue("server")
        made = Served(server, server.name()).create()
    TABLES.create_all(made, tables=[ACTIVITY, CELL, NOTICE, STEP, SEALED, UNSEALED])
    yield made
    made.dispose()


@pytest.fixture
def tx(engine: Engine) -> Iterator[Connection]:
    with engine.connect() as connection:  # and what is not committed is gone
        yield connection


def plan(number: int = 1, party: str = "pk", **more: Any) -> Activity:
    given: dict[str, Any] = {
        "type": "patrol",
        "heights": GROUND,
        "exercise": False,
        "window": Window(MORNING, MORNING + timedelta(hours=1)),
        "ground": at(0),
    }
    return Activity(party=party, id=f"{number}", **given | more)


def at(metres: float, bearing: float = 90) -> Spine:
    """So far from here."""
    return spine(moved(POINT, bearing, metres))


def later(minutes: int, lasts: int = 60) -> Window:
    since = MORNING + timedelta(minutes=minutes)
    return Window(since, since + timedelta(minutes=lasts))


def names(found: Iterable[Activity]) -> set[tuple[str, str]]:
    return {(each.party, each.id) for each in found}


def counted(tx: Connection) -> tuple[int, int]:
    activities, cells = (tx.execute(select(func.count()).select_from(table)).scalar_one() for table in (ACTIVITY, CELL))
    return activities, cells


def test_what_was_told_of_is_found_as_it_was_told(tx: Connection) -> None:
    chance = by_chance(7)
    for number in range(40):
        told = CLOSE.activity(chance, "pk", number)
        disclose(tx, TERMS.digest, told)
        asked = replace(told, party="af", type="blasting")
        assert told in near(tx, TERMS, asked).activities
        assert told.id in {other.id for other, _ in against(tx, TERMS, asked).found}


def test_a_party_is_not_held_against_itself(tx: Connection) -> None:
    disclose(tx, TERMS.digest, plan(1))
    assert against(tx, TERMS, plan(2)).found == ()
    assert len(against(tx, TERMS, plan(2, "af")).found) == 1


def test_what_was_told_of_under_another_compact_or_as_an_exercise_is_held_against_such_alone(tx: Connection) -> None:
    asked, exercise = plan(9, "af"), plan(9, "af", exercise=True)
    disclose(tx, "another", plan(1))
    disclose(tx, TERMS.digest, plan(2, exercise=True))
    disclose(tx, TERMS.digest, plan(3))
    assert [other.id for other, _ in against(tx, TERMS, asked).found] == ["3"]
    assert [other.id for other, _ in against(tx, TERMS, exercise).found] == ["2"]
    assert [
        other.id for other, _ in against(tx, structs.replace(TERMS, id="another", digest="another"), asked).found
    ] == ["1"]


def test_asking_writes_nothing(tx: Connection) -> None:
    disclose(tx, TERMS.digest, plan(1))
    before = counted(tx)
    against(tx, TERMS, plan(2, "af"))
    proposals(tx, TERMS, plan(2, "af"), POINT, MORNING)
    assert counted(tx) == before
    assert before[0] == 1


def test_what_ended_is_found_no_more_and_leaves_no_row(tx: Connection) -> None:
    disclose(tx, TERMS.digest, plan(1))
    disclose(tx, TERMS.digest, plan(1, "obs"))
    end(tx, "pk", "1")
    assert names(near(tx, TERMS, plan(2, "af")).activities) == {("obs", "1")}
    end(tx, "obs", "1")
    assert counted(tx) == (0, 0)


def test_what_changed_is_found_only_as_it_is_now(tx: Connection) -> None:
    disclose(tx, TERMS.digest, plan(1))
    elsewhere = plan(1, ground=at(60_000), window=later(600))
    disclose(tx, TERMS.digest, elsewhere)
    assert near(tx, TERMS, plan(2, "af")).activities == ()
    assert near(tx, TERMS, replace(elsewhere, party="af")).activities == (elsewhere,)


@pytest.mark.parametrize(("minutes", "found"), [(119, 1), (120, 0), (-119, 1), (-120, 0)])
def test_windows_that_touch(tx: Connection, minutes: int, found: int) -> None:
    """Patrols are to be an hour apart."""
    disclose(tx, TERMS.digest, plan(1, window=later(minutes)))
    assert len(against(tx, TERMS, plan(2, "af")).found) == found


@pytest.mark.parametrize(
    ("metres", "level"), [(900, "conflict"), (1190, "conflict"), (1210, "near"), (3190, "near"), (3210, None)]
)
def test_as_near_as_the_rule_says(tx: Connection, metres: int, level: str | None) -> None:
    disclose(tx, TERMS.digest, plan(1, ground=at(metres, 45)))
    found = [verdict.level for _, verdict in against(tx, TERMS, plan(2, "af")).found]
    assert found == ([level] if level else [])


def test_the_most_severe_and_the_nearest_come_first(tx: Connection) -> None:
    for number, metres in enumerate([3000, 900, 2000, 400]):
        disclose(tx, TERMS.digest, plan(number, ground=at(metres, 10)))
    assert [other.id for other, _ in against(tx, TERMS, plan(9, "af")).found] == ["3", "1", "2", "0"]


def test_a_window_as_long_as_one_may_be_is_asked_about(tx: Connection) -> None:
    disclose(tx, TERMS.digest, plan(1, window=later(60 * 24 * 100)))
    long = plan(2, "af", window=Window(MORNING, MORNING + LONGEST_WINDOW))
    assert len(against(tx, TERMS, long).found) == 1
    assert proposals(tx, TERMS, long, POINT, MORNING)


def test_what_is_proposed_knows_of_what_it_would_meet_then_and_there(tx: Connection) -> None:
    """An hour later another is in the way, and so is one a few kilometres to the east."""
    asked = plan(9, "af")
    others = [plan(1), plan(2, window=later(120)), plan(3, ground=at(6000))]
    for each in others:
        disclose(tx, TERMS.digest, each)
    found = proposals(tx, TERMS, asked, POINT, MORNING)
    assert found == propose(TERMS, asked, POINT, others, MORNING)
    assert OtherTime(later(240)) in found


def test_a_side_that_tells_of_thousands_on_one_spot_hides_nothing_of_others(tx: Connection) -> None:
    """The nearest are read, what more there is makes nothing clear, and another side's are read all the same."""
    flood(tx, 2_000, at(2_000))
    disclose(tx, TERMS.digest, plan(1, "obs"))
    asked, beyond = plan(9, "af"), plan(9, "af", ground=at(9_000))
    found, cut = against(tx, TERMS, asked)
    assert cut
    assert (len(found), found[0][0].party, found[0][1].level) == (MOST + 1, "obs", "conflict")
    assert proposals(tx, TERMS, asked, POINT, MORNING) == (Talk(),)
    assert against(tx, TERMS, beyond) == ((), False)
    assert len(about(tx, at(0), 5_000, (MORNING, MORNING + DAY), exercise=False)) == MOST + 1


def test_more_than_can_be_seen_is_said_to_be_more(tx: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    flood(tx, 30, at(4_000))
    monkeypatch.setattr(activities, "MOST_SEEN", 20)
    assert against(tx, TERMS, plan(9, "af")) == ((), True)


def test_however_many_there_are_each_is_asked_in_a_bounded_time(tx: Connection) -> None:
    """One that is as near as all 10,000 is read in as many as are read, and no more."""
    flood(tx, 10_000, at(0))
    begun = process_time()
    found, cut = against(tx, TERMS, plan(10_001, "af"))
    assert process_time() - begun < 1
    assert (len(found), cut) == (MOST, True)


def flood(tx: Connection, how_many: int, ground: Spine) -> None:
    """Tell of so many on one ground, as `disclose` does, many rows at once."""
    disclose(tx, TERMS.digest, plan(0, ground=ground))
    for table in (ACTIVITY, CELL):
        rows = [row._asdict() for row in tx.execute(select(table))]
        tx.execute(table.insert(), [row | {"id": f"{number}"} for row in rows for number in range(1, how_many)])


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 2**32), st.sampled_from([CLOSE, WIDE]))
def test_the_database_finds_what_asking_of_all_finds_whatever_is_added_and_ended(
    engine: Engine, number: int, spread: Spread
) -> None:
    chance, told = by_chance(number), dict[tuple[str, str], Activity]()
    with engine.connect() as tx:
        for step in range(60):
            added = spread.activity(chance, chance.choice(["pk", "obs"]), chance.randrange(40))
            disclose(tx, TERMS.digest, added)
            told[added.party, added.id] = added
            if step % 3 == 0:
                gone = chance.choice(sorted(told))
                end(tx, *gone)
                del told[gone]
            if step % 4 == 0:
                asked = spread.activity(chance, "af", 99)
                wanted = [
                    (other, verdict)
                    for other in told.values()
                    if (verdict := judge(TERMS, asked, other)).level != "clear"
                ]
                found = against(tx, TERMS, asked).found
                assert sorted(map(repr, found)) == sorted(map(repr, wanted))
        assert counted(tx)[0] == len(told)


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 2**32))
def test_what_may_be_met_within_a_day_and_so_far_off_is_all_found(engine: Engine, number: int) -> None:
    chance = by_chance(number)
    with engine.connect() as tx:
        told = [CLOSE.activity(chance, "pk", each) for each in range(30)]
        for each in told:
            disclose(tx, TERMS.digest, each)
        asked = CLOSE.activity(chance, "af", 99)
        found = names(near(tx, TERMS, asked, FARTHEST, DAY).activities)
        for other in told:
            for shift in (-DAY, timedelta(), DAY):
                window = Window(asked.window.since + shift, asked.window.until + shift)
                if judge(TERMS, replace(asked, window=window), other).level != "clear":
                    assert (other.party, other.id) in found
            if judge(TERMS, replace(asked, ground=other.ground), other).level != "clear" and (
                within(asked.ground, other.ground, inf) <= FARTHEST
            ):
                assert (other.party, other.id) in found
