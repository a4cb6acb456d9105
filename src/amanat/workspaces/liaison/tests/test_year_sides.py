"""A year as two real sides and an observer count it: the same, whatever came late and in whatever order."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from sqlalchemy import delete, select

from amanat.exchange.means import Turn, begin
from amanat.exchange.withdraw import withdraw
from amanat.party.errors import Invalid
from amanat.record.notices import Withdrawal
from amanat.record.record import Record, read
from amanat.store.tables import RECORD
from amanat.workspaces.liaison import views
from amanat.workspaces.liaison.tests.notices_cast import WORKS
from amanat.workspaces.liaison.tests.sealed_cast import Sealing
from amanat.workspaces.liaison.tests.year_cast import Year, year
from amanat.workspaces.liaison.year import conflicts, known, page
from amanat.workspaces.liaison.year.page import Query


@pytest.fixture(scope="module")
def weeks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Year]:
    """Some weeks that are over, known to all three."""
    with year(tmp_path_factory.mktemp("weeks")) as made:
        made.weeks()
        yield made


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Year]:
    with year(tmp_path) as made:
        yield made


def test_both_sides_count_the_same_and_give_out_the_same_file(weeks: Year) -> None:
    ours, theirs = weeks.shown("pk"), weeks.shown("af")
    assert ours.sheets == theirs.sheets
    assert [each.figures for each in ours.months] == [each.figures for each in theirs.months]
    assert weeks.file("pk") == weeks.file("af")


def test_an_observer_counts_the_same_but_for_who_opened_a_call_which_it_is_not_told(weeks: Year) -> None:
    ours, seen = ({each.code: each for each in weeks.shown(party).sheets} for party in ("pk", "obs"))
    assert [code for code in ours if ours[code] != seen[code]] == ["sectors"]
    contact = weeks.shown("obs").now.whole.contact.longest
    assert contact is not None
    assert timedelta(minutes=7) < contact < timedelta(minutes=9)  # the other side's first word


def test_what_was_done_is_what_is_counted(weeks: Year) -> None:
    assert weeks.told("af", "notices") == {"told": 1, "in-time": 1, "late": 0, "not-asked": 0}  # pk's works
    assert weeks.told("pk", "explanations") == {"asked": 1, "in-time": 1, "late": 0, "missed": 0, "waits": 0}
    assert weeks.told("af", "judged") == {"enough": 0, "not-enough": 0, "not-judged": 1}
    assert weeks.told("af", "clarified", 0) == {"asked": 1, "in-time": 1, "late": 0, "missed": 0, "waits": 0}
    assert weeks.told("af", "conflicts") == {"found": 1, "settled": 1}
    assert weeks.told("pk", "incidents") == {"told": 1, "open": 0, "closing": 0, "closed": 1}
    assert weeks.told("pk", "statements") == {"agreed": 2, "disputed": 0, "alone": 1, "stated": 0}
    assert weeks.told("pk", "sealed", 0)["in-time"] + weeks.told("pk", "sealed", 0)["not-opened"] == 1  # type: ignore[operator]
    meetings = weeks.told("af", "meetings")
    assert (meetings["proposed"], meetings["meeting-held"], meetings["after-incident"]) == (1, 1, 1)
    assert weeks.told("pk", "tasks", 0) == {"in-time": 1, "late": 0, "overdue": 0, "open": 1}
    assert weeks.told("pk", "tracks") == {
        "opened": "few",
        "ended": "few",
        "middle": None,
        "most": None,
        "longest": None,
    }


def test_first_contact_is_the_call_that_was_opened_and_ceasing_the_later_of_both(weeks: Year) -> None:
    whole = weeks.shown("pk").now.whole
    assert whole.contact.longest is not None
    assert timedelta(minutes=5) <= whole.contact.longest < timedelta(minutes=7)
    assert whole.ceased.longest is not None
    assert timedelta(minutes=14) <= whole.ceased.longest < timedelta(minutes=16)
    reached = next(each for each in weeks.shown("af").sheets if each.code == "reached")
    assert [each.code for each in reached.rows if any(each.now)] == ["cease"]


def test_the_year_after_has_it_beside_it(weeks: Year) -> None:
    shown = weeks.shown("pk", year="2027")
    found = next(each for each in shown.sheets if each.code == "incidents").rows[-1]
    assert (found.now[0], found.before[0], shown.months) == (0, 1, ())


def test_exercises_are_counted_by_themselves(weeks: Year) -> None:
    assert weeks.shown("pk", exercise="on").empty
    weeks.notices.give("pk", WORKS, exercise="on")
    before = weeks.shown("pk").sheets
    weeks.wait(hours=1)
    assert weeks.told("pk", "notices", exercise="on")["told"] == 1
    assert weeks.shown("pk").sheets == before
    weeks.carry()


def test_nothing_is_counted_beyond_the_last_full_hour(fresh: Year) -> None:
    fresh.border.clock.at = fresh.border.clock.at.replace(minute=20, second=0)
    fresh.notices.give("pk", WORKS)
    assert fresh.shown("pk").empty
    fresh.wait(minutes=39)
    assert fresh.shown("pk").empty
    fresh.wait(minutes=1)
    assert fresh.told("pk", "notices")["told"] == 1


def test_what_comes_late_and_out_of_order_changes_nothing_in_the_end(fresh: Year) -> None:
    fresh.wait(minutes=1)
    opened = fresh.events.open("pk")
    first = fresh.border.bundle("pk", "af")
    fresh.wait(hours=2)
    fresh.events.done("pk", opened, "cease")
    fresh.notices.give("pk", WORKS)
    fresh.notices.give("af", WORKS, country="AF")
    second = fresh.border.bundle("pk", "af")
    fresh.wait(hours=1)
    assert fresh.shown("pk").sheets != fresh.shown("af").sheets  # what is on its way is counted where it is
    fresh.border.insert("af", second)
    fresh.border.insert("af", first)
    fresh.carry()
    assert fresh.shown("pk").sheets == fresh.shown("af").sheets == fresh.shown("obs").sheets
    assert fresh.told("obs", "conflicts") == {"found": 1, "settled": 0}


def test_an_event_that_both_told_of_counts_once_as_it_was_told_of_first(fresh: Year) -> None:
    one = fresh.events.open("pk")
    other = fresh.events.open("af", type="clash")
    fresh.carry()
    for side in ("pk", "af"):
        fresh.events.step(side, one, "same", name=":".join(other.key))
    fresh.wait(hours=1)
    fresh.carry()
    for party in ("pk", "af", "obs"):
        assert fresh.told(party, "incidents")["told"] == 1
        assert fresh.told(party, "sectors", 0)["contact-longest"] == timedelta(seconds=2)
    found = next(each for each in fresh.shown("af").sheets if each.code == "incidents")
    assert [each.code for each in found.rows] == ["shots", ""]


def test_a_withdrawn_notice_is_in_no_conflict_and_was_given_all_the_same(fresh: Year) -> None:
    ours = fresh.notices.give("pk", WORKS)
    fresh.notices.give("af", WORKS, country="AF")
    fresh.carry()
    fresh.wait(hours=1)
    assert fresh.told("pk", "conflicts")["found"] == 1
    pk = fresh.line.side("pk")
    withdraw(ours.fields.id, Withdrawal("mistaken"), pk.post, pk.means)
    fresh.carry()
    fresh.wait(hours=1)
    for party in ("pk", "af"):
        assert (fresh.told(party, "conflicts")["found"], fresh.told(party, "notices")["told"]) == (0, 1)


def test_an_incident_told_of_by_mistake_is_in_no_figure_and_a_meeting_withdrawn_was_called_off(fresh: Year) -> None:
    shots, meeting = fresh.events.open("pk"), fresh.meetings.propose()
    fresh.events.open("af", type="clash")
    fresh.carry()
    fresh.wait(hours=1)
    assert fresh.told("af", "incidents")["told"] == 2
    pk = fresh.line.side("pk")
    for record in (shots, meeting):
        withdraw(record.fields.id, Withdrawal("mistaken"), pk.post, pk.means)
    fresh.carry()
    fresh.wait(hours=2)
    for party in ("pk", "af", "obs"):
        assert fresh.told(party, "incidents")["told"] == 1
        assert fresh.told(party, "meetings")["meeting-cancelled"] == 1


def test_what_was_withdrawn_within_the_hour_counts_at_neither_side_whichever_has_it_already(fresh: Year) -> None:
    ours, theirs = fresh.notices.give("pk", WORKS), fresh.notices.give("af", WORKS, country="AF")
    fresh.carry()
    fresh.wait(minutes=1)
    fresh.notices.do("pk", "end-notice", ours, how="called-off", sure="yes")
    fresh.carry()
    fresh.wait(hours=1)
    pk, af = fresh.line.side("pk"), fresh.line.side("af")
    stood = fresh.shown("af").sheets
    assert fresh.shown("pk").sheets == stood
    ended = fresh.notices.story("pk", ours).steps[-1]
    withdraw(ended.key.id, Withdrawal("mistaken"), pk.post, pk.means)
    withdraw(theirs.fields.id, Withdrawal("mistaken"), af.post, af.means)
    assert (fresh.shown("pk").sheets, fresh.shown("af").sheets) == (stood, stood)
    fresh.carry()
    assert (fresh.shown("pk").sheets, fresh.shown("af").sheets) == (stood, stood)
    fresh.wait(hours=1)
    assert fresh.shown("pk").sheets == fresh.shown("af").sheets != stood


def test_a_step_of_a_track_that_was_withdrawn_within_the_hour_counts_still(fresh: Year) -> None:
    track = fresh.tracks.open("pk", "fire", here="yes", arms="mortar", began="now", near="34.1, 71.1")
    fresh.carry()
    said = fresh.tracks.step("af", track, "explained", explanation="practice")
    fresh.carry()
    fresh.wait(hours=1)
    stood = fresh.shown("pk").sheets
    assert fresh.told("pk", "tracks")["ended"] == 1
    fresh.tracks.withdraw("af", said)
    assert (fresh.shown("pk").sheets, fresh.shown("af").sheets) == (stood, stood)
    fresh.wait(hours=1)
    fresh.carry()
    for party in ("pk", "af"):
        assert fresh.told(party, "tracks")["ended"] == 0


def test_a_sealed_notice_is_called_off_when_its_author_says_on_both_sides_however_late_that_came(fresh: Year) -> None:
    sealing = Sealing(fresh.border)
    sealed = sealing.seal("pk", after=timedelta(hours=2))
    fresh.carry()
    fresh.wait(hours=1)
    sealing.do("pk", "call-off-sealed", sealed, reason="outdated", sure="on")
    fresh.wait(hours=5)
    fresh.notices.give("af", WORKS, country="AF")  # whatever comes into its log meanwhile is countersigned
    for _ in range(2):
        fresh.border.carry("af", "obs")
        fresh.border.carry("obs", "af")
    fresh.carry()
    fresh.wait(hours=1)
    for party in ("pk", "af"):
        assert fresh.told(party, "sealed")["withdrawn"] == 1


def test_of_one_side_no_more_is_counted_than_is_bounded_and_both_say_so(
    fresh: Year, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(known, "MOST", {**known.MOST, "liaison_notice": 2})
    for _ in range(4):
        fresh.wait(seconds=1)
        fresh.notices.give("pk", WORKS)
    fresh.notices.give("af", WORKS, country="AF")
    fresh.carry()
    fresh.wait(hours=1)
    for party in ("pk", "af", "obs"):
        assert fresh.shown(party).more == {"pk": 2}
        assert (fresh.told(party, "notices")["told"], fresh.told(party, "notices", 1)["told"]) == (2, 1)


def test_of_too_many_pairs_it_is_said_that_not_all_were_compared(weeks: Year, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not weeks.shown("pk").cut
    monkeypatch.setattr(conflicts, "MOST_COMPARED", 0)
    assert weeks.shown("pk").cut


def test_a_compact_that_is_not_here_is_refused(weeks: Year) -> None:
    with pytest.raises(Invalid) as refused:
        weeks.shown("pk", compact="other")
    assert refused.value.code == "liaison.year-compact"


# --- whatever records, in whatever order ------------------------------------------------------------------------------


class _Undone(Exception):
    """Lets a transaction be taken back."""


def counted_of(turn: Turn, records: list[Record]) -> Any:
    """What is counted where these records, and no others, came in this order."""
    for table in views.TABLES.sorted_tables:
        turn.tx.execute(delete(table))
    for record in records:
        record.kind.apply(turn.tx, record)
    found = page.shown(turn, Query())
    assert found is not None
    return found.sheets, [each.figures for each in found.months]


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(by=some.randoms(use_true_random=False))
def test_whoever_holds_the_same_set_of_records_counts_the_same_in_whatever_order_it_came(
    weeks: Year, by: Random
) -> None:
    said, chosen = list[Any](), list[int]()
    for party in ("pk", "af"):
        with suppress(_Undone), begin(weeks.line.side(party).means) as turn:
            data = turn.tx.execute(select(RECORD.c.data).where(RECORD.c.kind.like("liaison.%")).order_by(RECORD.c.id))
            every = [read(row.data, turn.means.kinds) for row in data]
            chosen = chosen or by.sample(range(len(every)), by.randint(1, len(every)))
            shuffled = by.sample(chosen, len(chosen))
            said += [counted_of(turn, [every[each] for each in order]) for order in (chosen, shuffled)]
            raise _Undone
    assert len(said) == 4
    assert all(each == said[0] for each in said)
