"""What the compact says is not done near the line: marked at both sides and the observer, and given all the same."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from amanat.workspaces.liaison.tests.lines import hotline, of
from amanat.workspaces.liaison.tests.notices_cast import EXERCISE, FLIGHT, Notices, states, words
from api.cast import Desk, desk

LARGE = EXERCISE | {"level": "division", "line_metres": "4000"}


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Notices, dict[str, Desk]]]:
    with ExitStack() as open_:
        line = open_.enter_context(hotline(tmp_path_factory.mktemp("limits")))
        yield Notices(line), {party: open_.enter_context(desk(line.side(party))) for party in ("pk", "af")}


def test_who_plans_it_is_told_before_anything_is_written_down(served: tuple[Notices, dict[str, Desk]]) -> None:
    them, _ = served
    assert [each.clause for each in them.met("pk", LARGE).against] == ["11.1"]
    assert them.met("pk", LARGE, line_metres="6000").against == ()


def test_it_is_given_all_the_same_and_all_three_see_it_marked(served: tuple[Notices, dict[str, Desk]]) -> None:
    them, at = served
    notice = them.give("pk", LARGE)
    them.carry()
    assert states(them, notice) == {"given"}
    for party in ("pk", "af", "obs"):
        assert [each.clause for each in them.story(party, notice).given.against] == ["11.1"]
    for party in ("pk", "af"):
        assert "Against clause 11.1" in words(at[party], "/liaison/notice", **of(notice))
        assert "against clause 11.1" in words(at[party], "/liaison/notices")


@pytest.mark.parametrize(
    ("changes", "clauses"),
    [({"armed": "yes"}, ["11.2"]), ({"armed": "no"}, []), ({"craft": "combat", "armed": "no"}, ["11.2"])],
)
def test_an_aircraft_that_is_armed_or_is_made_for_combat_keeps_off(
    served: tuple[Notices, dict[str, Desk]], changes: dict[str, str], clauses: list[str]
) -> None:
    found = served[0].met("pk", FLIGHT | changes, line_metres="9000").against
    assert [each.clause for each in found] == clauses
