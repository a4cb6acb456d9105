"""What came here clearly later than it is dated, as witnesses saw: said beside its own date on the pages of matters."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from amanat.workspaces.liaison.tests.incidents_cast import event
from amanat.workspaces.liaison.tests.lines import hotline, of
from amanat.workspaces.liaison.tests.notices_cast import WORKS, Notices, words
from api.cast import desk
from border import Border

CAME = "came here between"


@pytest.fixture
def them(tmp_path: Path) -> Iterator[Notices]:
    with hotline(tmp_path) as line:
        yield Notices(line)


def held_back(border: Border) -> None:
    """Let six minutes pass before witnesses see what pk logged last, without af's last word; let that come then."""
    border.clock.forward(minutes=6)
    for witness in ("af", "obs"):
        border.carry("pk", witness)
    border.carry("obs", "pk")
    border.settle()


def test_a_question_that_came_later_than_it_is_dated_says_so_to_whom_it_was_asked_and_its_answer_to_who_asked(
    them: Notices,
) -> None:
    notice = them.give("pk", WORKS)
    them.carry()
    them.do("af", "ask-notice", notice, about_purpose="on")
    with desk(them.line.side("pk")) as at:
        assert CAME not in words(at, "/liaison/notice", **of(notice))
        them.give("pk", WORKS)
        held_back(them.line.border)
        said = words(at, "/liaison/notice", **of(notice))
        question = said.partition("asked by af")[2].partition("The way it went")
        assert CAME in question[0]
        assert CAME in question[2]
    with desk(them.line.side("af")) as at:
        assert CAME not in words(at, "/liaison/notice", **of(notice))  # what one said oneself came from nowhere


def test_a_step_that_came_later_than_it_is_dated_says_so_on_the_ladder(tmp_path: Path) -> None:
    with event(tmp_path) as shots:
        made = shots.open()
        shots.carry()
        shots.done("af", made, "cease")
        shots.open()
        held_back(shots.border)
        with desk(shots.border.sides["pk"]) as at:
            ladder = words(at, "/liaison/incident", party=made.key[0], id=made.key[1]).partition(
                "Who does what by when"
            )[2]
        assert CAME in ladder.partition("Two accounts")[0]


def test_what_came_at_once_says_nothing_of_when(them: Notices) -> None:
    notice = them.give("pk", WORKS)
    them.carry()
    them.do("af", "ask-notice", notice, about_purpose="on")
    them.carry()
    with desk(them.line.side("pk")) as at:
        assert CAME not in words(at, "/liaison/notice", **of(notice))
