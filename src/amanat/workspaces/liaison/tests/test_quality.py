"""How good a hotline was: each figure by a small case, and that both sides, whatever they know besides, have the same."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import permutations
from pathlib import Path

import pytest

from amanat.exchange.means import look
from amanat.party.lexicon import Language
from amanat.workspaces.liaison import calls, plotting
from amanat.workspaces.liaison.kinds import Desk, Named, Outage
from amanat.workspaces.liaison.pages import quality as pages
from amanat.workspaces.liaison.quality import Down, Known, Period, Quality, Told, days, nearest_rank, period, quality
from amanat.workspaces.liaison.rules import Facts, PickedUp, Rung, Uttered
from amanat.workspaces.liaison.tests.lines import Hotline, hotline, page
from api.cast import desk
from side import Side

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
MIDNIGHT = NOON.replace(hour=0)
WHOLE = Period(MIDNIGHT, MIDNIGHT + timedelta(days=1))
SIDES = ("af", "pk")


def call(at: datetime = NOON, opened: int | None = None, answered: int | None = None, *, test: bool = False) -> Facts:
    """A call of pk, opened and answered so many seconds after it was rung; the next rank is rung after a minute."""
    key = Named("pk", f"{at:%H%M%S}")
    rung = Rung(key, "duty", "af", at, "kurram", "flash", test, timedelta(minutes=1), 2)
    seconds = timedelta(seconds=1)
    by = frozenset() if opened is None else frozenset({PickedUp("af", "duty", at + opened * seconds)})
    said = Uttered(Named("af", "1"), "duty", at + (answered or 0) * seconds, 1, "phrase", None)
    return Facts(rung, opened=by, uttered=() if answered is None else (said,))


def of(*facts: Facts, desks: tuple[Told, ...] = (), downs: tuple[Down, ...] = (), within: Period = WHOLE) -> Quality:
    return quality(Known("kurram", SIDES, facts, desks, downs, timedelta(minutes=15)), within)


def told(party: str, hour: float, *, attended: bool = True) -> Told:
    return Told(party, MIDNIGHT + timedelta(hours=hour), attended)


def down(cause: str, since: float, until: float, party: str = "pk") -> Down:
    return Down(party, cause, MIDNIGHT + timedelta(hours=since), MIDNIGHT + timedelta(hours=until))  # type: ignore[arg-type]


def stood(found: Quality) -> list[tuple[str, float]]:
    """How it stood, each with its hours."""
    return [(each.standing, each.lasted / timedelta(hours=1)) for each in found.stretches]


# --- calls and tests --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("opened", "counted"), [(0, (1, 0, 0)), (60, (1, 0, 0)), (61, (0, 1, 0)), (None, (0, 0, 1))])
def test_a_call_is_in_time_when_it_is_opened_before_the_next_rank_is_rung(
    opened: int | None, counted: tuple[int, int, int]
) -> None:
    found = of(call(opened=opened)).calls
    assert (found.in_time, found.late, found.missed) == counted


@pytest.mark.parametrize(("after", "counted"), [(900, (1, 0, 0)), (901, (0, 1, 0)), (None, (0, 0, 1))])
def test_a_test_is_in_time_when_it_is_answered_as_agreed(after: int | None, counted: tuple[int, int, int]) -> None:
    found = of(call(opened=5, answered=after, test=True)).tests
    assert (found.in_time, found.late, found.missed) == counted


def test_nobody_missed_a_call_whose_time_is_not_over() -> None:
    found = of(call(), within=Period(MIDNIGHT, NOON + timedelta(seconds=59))).calls
    assert (found.held, found.in_time + found.late + found.missed) == (1, 0)


def test_tests_and_calls_are_counted_apart_and_only_those_of_the_period() -> None:
    found = of(call(), call(NOON + timedelta(hours=1), test=True), call(NOON - timedelta(days=1)))
    assert (found.calls.held, found.tests.held) == (1, 1)


def test_times_are_to_the_answer_by_nearest_rank() -> None:
    found = of(*(call(NOON + timedelta(minutes=each), answered=each) for each in range(1, 21))).calls
    assert [each and each.total_seconds() for each in (found.middle, found.most, found.longest)] == [10, 19, 20]
    assert nearest_rank((), 0.5) is None


def test_an_answer_that_a_wrong_clock_puts_before_its_call_took_no_time() -> None:
    assert of(call(answered=-30)).calls.longest == timedelta()


# --- how it stood -----------------------------------------------------------------------------------------------------


def test_what_nobody_told_is_unknown_and_counts_for_no_share() -> None:
    assert stood(of()) == [("unknown", 24)]
    assert (of().both, of().attended) == (None, {"af": None, "pk": None})
    assert of().untold
    assert of(downs=(down("link", 2, 6),)).untold


def test_it_is_attended_while_both_desks_are() -> None:
    found = of(desks=(told("pk", 0), told("af", 6), told("pk", 18, attended=False)))
    assert stood(found) == [("unknown", 6), ("attended", 12), ("unattended", 6)]
    assert found.both == 12 / 18
    assert found.attended == {"af": 1.0, "pk": 0.75}


def test_what_was_told_before_the_period_holds_in_it() -> None:
    assert stood(of(desks=(told("pk", -30), told("af", -2)))) == [("attended", 24)]


def out(found: Quality) -> list[tuple[str, tuple[str, ...], int, float]]:
    """The outages by cause and by whose word, with how often and how many hours."""
    return [(each.cause, each.by, each.times, each.lasted / timedelta(hours=1)) for each in found.outages]


def test_an_outage_goes_before_what_desks_said_and_a_nodes_before_the_links() -> None:
    desks = (told("pk", 0), told("af", 0, attended=False))
    found = of(desks=desks, downs=(down("link", 2, 6), down("node", 4, 5)))
    assert stood(found) == [("unattended", 2), ("told-link", 2), ("node", 1), ("told-link", 1), ("unattended", 18)]
    assert out(found) == [("told-link", ("pk",), 2, 3), ("node", ("pk",), 1, 1), ("unattended", (), 2, 20)]
    assert found.attended["pk"] == 23 / 24


def test_a_link_was_down_where_both_sides_say_so_and_else_by_the_word_of_one() -> None:
    found = of(downs=(down("link", 2, 4, "pk"), down("link", 3, 5, "af"), down("link", 7, 8, "af")))
    apart = 2 / 60
    assert stood(found)[1:4] == [("told-link", 1 - apart), ("link", 1 + 2 * apart), ("told-link", 1 - apart)]
    assert out(found) == [
        ("link", (), 1, 1 + 2 * apart),
        ("told-link", ("af",), 2, 2 - apart),
        ("told-link", ("pk",), 1, 1 - apart),
    ]


def test_an_outage_that_both_noticed_within_two_minutes_is_agreed_from_first_to_last() -> None:
    found = of(downs=(down("link", 2, 3, "pk"), down("link", 2 + 1 / 60, 3 + 2 / 60, "af")))
    assert out(found) == [("link", (), 1, 1 + 2 / 60)]


@pytest.mark.promised(
    "an outage that one side makes up",
    "docs/threat-model.md",
    "A hotline as a weapon",
    "stands and is counted apart, by whose word",
)
def test_a_month_that_one_side_tells_of_is_not_agreed_by_the_others_minute() -> None:
    found = of(downs=(down("link", -400, 300, "pk"), down("link", 12, 12 + 1 / 60, "af")))
    assert [(each.cause, each.by) for each in found.outages] == [("link", ()), ("told-link", ("pk",))]
    assert found.outages[0].lasted == timedelta(minutes=5)


def test_two_outages_that_do_not_meet_are_each_one_sides_word() -> None:
    found = of(downs=(down("link", 2, 3, "pk"), down("link", 3, 4, "af")))
    assert [(each.cause, each.by) for each in found.outages] == [("told-link", ("af",)), ("told-link", ("pk",))]


def test_whose_node_was_down_is_its_own_word_and_said_so() -> None:
    found = of(downs=(down("node", 2, 4, "pk"), down("node", 3, 5, "af")))
    assert out(found) == [("node", ("af",), 1, 1), ("node", ("af", "pk"), 1, 1), ("node", ("pk",), 1, 1)]


@pytest.mark.parametrize(
    ("downs", "counted"),
    [
        ((), (1, 0, 0)),
        ((down("link", 11, 13, "pk"), down("link", 11, 13, "af")), (0, 1, 0)),
        ((down("link", 11, 13, "af"),), (0, 0, 1)),
        ((down("node", 11, 13, "af"),), (0, 0, 1)),
        ((down("link", 13, 14, "af"),), (1, 0, 0)),
    ],
)
def test_a_missed_call_is_cut_off_as_both_say_or_excused_by_the_word_of_one(
    downs: tuple[Down, ...], counted: tuple[int, int, int]
) -> None:
    found = of(call(), downs=downs).calls
    assert (found.missed, found.cut, found.excused) == counted


def test_how_it_stood_fills_the_period_and_does_not_hang_on_the_order_of_what_is_known() -> None:
    desks = (told("pk", 1), told("af", 3), told("pk", 5, attended=False))
    downs = (down("link", 4, 30), down("node", -3, 2, "af"))
    found = {tuple(of(desks=each, downs=downs[::-1]).stretches) for each in permutations(desks)}
    assert len(found) == 1
    assert sum((each.lasted for each in found.pop()), timedelta()) == timedelta(days=1)


# --- which days -------------------------------------------------------------------------------------------------------


def test_time_is_counted_up_to_the_last_full_hour_so_that_no_side_is_ahead() -> None:
    one, other = (period(MIDNIGHT, 7, NOON + timedelta(minutes=each)) for each in (1, 59))
    assert one == other == Period(MIDNIGHT, NOON)
    assert period(MIDNIGHT, 7, MIDNIGHT + timedelta(days=30)).until == MIDNIGHT + timedelta(days=7)


def test_days_are_whole_but_the_last() -> None:
    found = list(days(Period(MIDNIGHT, NOON + timedelta(days=1))))
    assert [each.until - each.since for each in found] == [timedelta(days=1), timedelta(hours=12)]
    assert list(days(Period(NOON, NOON))) == []


# --- charts -----------------------------------------------------------------------------------------------------------


def test_heights_are_by_the_logarithm_from_a_second_to_a_day() -> None:
    heights = [plotting.height(timedelta(seconds=each)) for each in (0, 1, 60, 3600, 86400, 10**7)]
    assert heights == sorted(heights)
    assert (heights[0], heights[1], heights[-2], heights[-1]) == (0, 0, 100, 100)


def test_what_stands_on_a_chart_stands_within_it() -> None:
    facts = [
        call(MIDNIGHT + timedelta(minutes=each), opened=1, answered=each, test=each % 2 > 0) for each in range(1440)
    ]
    found = of(*facts, desks=(told("pk", 0), told("af", 3)))
    blocks = [*plotting.bar(found, WHOLE), *plotting.columns([found] * 31, 31)]
    assert all(each.along >= 0 and each.along + each.wide <= 100.01 for each in blocks)
    assert all(each.up >= 0 and each.up + each.high <= 100.01 for each in blocks)
    assert all(0 <= each.along <= 100 and 0 <= each.up <= 100 for each in plotting.dots(found, WHOLE))


# --- both sides -------------------------------------------------------------------------------------------------------


@pytest.fixture
def line(tmp_path: Path) -> Iterator[Hotline]:
    with hotline(tmp_path) as between:
        yield between


def figures(side: Side) -> Quality:
    """The figures of this month as a side's page has them."""
    with look(side.means) as turn:
        (held,) = [each for each in calls.lines(turn) if each.code == "kurram"]
        within = period(MIDNIGHT.replace(day=1), 30, turn.now)
        return quality(pages.known(turn, held, within), within)


def busy_day(line: Hotline) -> None:
    """Let desks open and shut, calls and tests be rung both ways and answered or not, and a link fail."""
    for party in SIDES:
        line.tell(party, Desk(hotline="kurram", attended=True))
    line.answered(line.ring("pk", "flash"), timedelta(seconds=40))
    line.answered(line.ring("af", "immediate"), timedelta(minutes=20))
    line.answered(line.ring_test("af"), timedelta(minutes=3))
    line.ring("pk", "flash")
    line.border.clock.forward(hours=2)
    now = line.border.clock()
    for party, sooner in (("af", 0), ("pk", 1)):
        since = now - timedelta(hours=1, minutes=sooner)
        line.tell(party, Outage(cause="link", since=since, until=now - timedelta(minutes=30)))
    line.tell("pk", Outage(cause="link", since=now - timedelta(minutes=20), until=now - timedelta(minutes=10)))
    line.tell("pk", Desk(hotline="kurram", attended=False))
    line.border.clock.forward(hours=3)


def test_both_sides_have_the_same_figures_once_they_have_the_same_records(line: Hotline) -> None:
    busy_day(line)
    line.carry()
    line.border.set_clock("af", minutes=5)  # its page is asked for at another minute of the same hour
    ours, theirs = figures(line.side("pk")), figures(line.side("af"))
    assert ours == theirs
    assert (ours.calls.held, ours.calls.in_time, ours.calls.late, ours.calls.missed) == (3, 1, 1, 1)
    assert (ours.tests.held, ours.tests.in_time) == (1, 1)
    assert ours.calls.longest == timedelta(minutes=20)
    assert [(each.cause, each.by, each.times) for each in ours.outages] == [
        ("link", (), 1),
        ("told-link", ("pk",), 1),
        ("unattended", (), 1),
    ]


def test_a_page_shows_the_figures_in_every_language_and_nothing_of_a_month_before(line: Hotline) -> None:
    busy_day(line)
    with desk(line.side("pk")) as pk:
        english = page(pk, "/liaison/quality?month=2026-11")
        assert "20 mins" in english
        assert english.count("<circle") > 4
        languages: tuple[Language, ...] = ("fa-AF", "ps", "ur")
        for language in languages:
            assert "<circle" in page(pk, "/liaison/quality", language)
        assert "Nothing was rung or told" in page(pk, "/liaison/quality?month=2026-02")
        page(pk, "/liaison/quality?month=2026-13", status=400)
