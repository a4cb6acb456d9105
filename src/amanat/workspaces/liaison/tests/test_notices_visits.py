"""A visit that a notice offers, on its page: its times as every page tells times, and the one that was chosen kept."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from amanat.record.record import Record
from amanat.workspaces.liaison.tests.lines import hotline, of
from amanat.workspaces.liaison.tests.notices_cast import WORKS, Notices, name, press
from api.cast import Desk, desk

EARLY, LATE = "2026-12-10T11:00:00+00:00", "2026-12-10T12:00:00+00:00"

Offered = tuple[Record, Record]


@pytest.fixture
def them(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Notices]:
    with hotline(tmp_path_factory.mktemp("visits")) as line:
        yield Notices(line)


@pytest.fixture
def offered(them: Notices) -> Offered:
    notice = them.give("pk", WORKS)
    visit = them.do(
        "pk",
        "invite-notice",
        notice,
        time0="2026-12-10 11:00",
        time1="2026-12-10 12:00",
        place="Torkham (PK)",
        most="3",
    )
    them.carry()
    return notice, visit


@pytest.fixture
def at(them: Notices) -> Iterator[Desk]:
    with ExitStack() as open_:
        yield open_.enter_context(desk(them.line.side("af")))


def choices(text: str) -> list[str]:
    """The times to choose from, as the page has them."""
    return [each.partition("</label>")[0] for each in text.split('<input type="radio" name="time"')[1:]]


def test_times_to_choose_from_are_told_as_every_page_tells_times(at: Desk, offered: Offered) -> None:
    notice, _ = offered
    at.speak("duty", "en")
    early, late = choices(at.http.get("/liaison/notice", params=of(notice), headers=at.session("duty")).text)
    assert f'value="{EARLY}" checked' in early
    assert f'value="{LATE}"' in late
    assert "checked" not in late
    for each, time in ((early, EARLY), (late, LATE)):
        assert f'<time datetime="{time[:19]}Z"' in each  # own zone and calendar; UTC and the other side's beside


def test_a_visit_refused_keeps_the_time_that_was_chosen(at: Desk, offered: Offered) -> None:
    notice, visit = offered
    answer = {"visit": name(visit), "accepts": "yes", "time": LATE}
    refused = press(at, "visit-notice", of(notice), **of(notice), **answer, count="9")
    assert refused.status_code == 400
    early, late = choices(refused.text)
    assert ("checked" in early, "checked" in late) == (False, True)
    assert press(at, "visit-notice", of(notice), **of(notice), **answer, count="2").status_code == 303
