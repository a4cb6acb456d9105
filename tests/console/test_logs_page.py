"""Our logs, told so that a minister understands: how they grow, who countersigned, what lacks, and what proves a breach."""

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from amanat.console.logs import HEIGHT, WIDTH, bars
from amanat.exchange.logs import Day, Growth
from amanat.exchange.means import begin
from amanat.officer.may import PERMISSIONS, ROLES, Role
from amanat.store import marks
from api.cast import Desk, SignIn, desk
from border import Border, meet
from console.reading import Read


@pytest.fixture
def alone(tmp_path: Path) -> Iterator[tuple[Border, Desk]]:
    """A border of one's own, and the node of pk."""
    with meet(tmp_path) as met, desk(met.pk) as served:
        yield met, served


def seen(served: Desk, path: str, role: Role = "auditor") -> httpx.Response:
    """A page, in a session that has just begun."""
    answer = served.http.get(path, headers={"cookie": served.session(role)["cookie"]})
    assert answer.status_code == 200, answer.text
    return answer


def words(served: Desk, path: str = "/logs") -> str:
    return " ".join(Read(seen(served, path).text).words.split())


@pytest.mark.parametrize("role", ROLES)
def test_who_may_see_logs_finds_them_in_the_rail_and_nobody_else(
    browser: httpx.Client, sign_in: SignIn, role: Role
) -> None:
    first = sign_in(role)
    may = role in PERMISSIONS["log.read"]
    assert ("/logs" in Read(first.text).links) is may
    assert [browser.get(path).status_code for path in ("/logs", "/logs/pk-af")] == [200 if may else 403] * 2


def test_a_log_that_is_not_kept_is_told(alone: tuple[Border, Desk]) -> None:
    _, served = alone
    headers = {"cookie": served.session("auditor")["cookie"]}
    assert served.http.get("/logs/none", headers=headers).status_code == 404


# --- countersigning ---------------------------------------------------------------------------------------------------


def test_what_lacks_a_quorum_says_whose_and_for_how_long_and_then_that_it_is_final(alone: tuple[Border, Desk]) -> None:
    met, served = alone
    assert "empty" in words(served)
    met.pk.send("af")
    met.clock.forward(hours=31)
    shown = words(served)
    assert "countersigned by nobody for 1 day 7 hrs still lacking: af and obs" in shown
    met.settle()
    assert "final: every entry is countersigned by a quorum" in words(served)


def test_each_witness_is_shown_with_how_far_it_is_and_by_how_much_it_lags(alone: tuple[Border, Desk]) -> None:
    met, served = alone
    met.pk.log(3)
    met.exchange("pk", "obs")
    shown = words(served, "/logs/pk-af")
    assert "af 0 never 3 entries behind" in shown
    assert "obs 3 today 06:30 has all" in shown
    assert shown.index("af 0 never") < shown.index("obs 3 today")


# --- growth -----------------------------------------------------------------------------------------------------------


def sent(met: Border, count: int) -> None:
    """Let pk send so many reports."""
    for _ in range(count):
        met.pk.send("af")


def test_the_chart_says_in_a_table_what_it_draws(alone: tuple[Border, Desk]) -> None:
    met, served = alone
    sent(met, 2)
    met.clock.forward(days=2)
    sent(met, 3)
    met.af.send("pk", text="from the other side")
    met.carry("af", "pk")
    page = seen(served, "/logs/pk-af").text
    shown = " ".join(Read(page).words.split())
    assert "24 November 2026 2 25 November 2026 0 26 November 2026 4" in shown
    heights = [int(each) for each in re.findall(r'<rect [^>]*height="(\d+)"', page)]
    assert (len(heights), heights[-3:]) == (14, [50, 0, 100])


def test_what_is_older_than_a_fortnight_is_not_drawn(alone: tuple[Border, Desk]) -> None:
    met, served = alone
    sent(met, 2)
    met.clock.forward(days=14)
    page = seen(served, "/logs/pk-af").text
    assert set(re.findall(r'<rect [^>]*height="(\d+)"', page)) == {"0"}
    assert "Entries 2" in " ".join(Read(page).words.split())


def test_a_day_with_one_entry_beside_a_busy_one_is_seen() -> None:
    drawn = bars(Growth((Day("2026-01-01", 1), Day("2026-01-02", 10_000)), whole=True))
    assert [each.height for each in drawn] == [1, HEIGHT]
    assert all(each.y + each.height == HEIGHT and 0 <= each.x < each.x + each.width <= WIDTH for each in drawn)


# --- whether all is well ----------------------------------------------------------------------------------------------


def test_what_proves_a_breach_is_told_plainly_with_what_to_do(tmp_path: Path) -> None:
    with meet(tmp_path) as met:
        copy = met.pk.snapshot()
        met.pk.log(3)
        met.exchange("pk", "obs")
        met.pk.restore(copy)
        assert met.carry("obs", "pk").problems
        assert met.pk.evidence() == ["log.rollback"]
        with desk(met.pk) as served:
            shown = words(served)
    assert "proves that a rule was broken" in shown
    assert "More of our own log was countersigned than this node holds" in shown
    assert "Show it to the observer." in shown


def test_the_last_audit_is_told_with_what_it_found(alone: tuple[Border, Desk]) -> None:
    met, served = alone
    assert "This node was never audited." in words(served)
    assert "Nothing that is kept here proves that anybody broke a rule." in words(served)
    for findings, says in (("0", "found everything as it was signed"), ("2", "found 2 places that are not")):
        with begin(met.pk.means) as turn:
            marks.put(turn.tx, "audit", turn.now, findings)
        assert says in words(served)
