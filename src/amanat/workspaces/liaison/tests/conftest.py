"""A hotline with served nodes at both ends and a call that was opened; three parties who hold many meetings."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from amanat.record.record import Record
from amanat.workspaces.liaison.tests.lines import Hotline, hotline, of
from amanat.workspaces.liaison.tests.meetings_cast import Meetings, meetings
from api.cast import Desk, desk


@pytest.fixture(scope="module")
def line(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hotline]:
    with hotline(tmp_path_factory.mktemp("line")) as made:
        yield made


@pytest.fixture(scope="module")
def at(line: Hotline) -> Iterator[dict[str, Desk]]:
    """The served nodes of both sides."""
    with ExitStack() as open_:
        yield {party: open_.enter_context(desk(line.side(party))) for party in ("pk", "af")}


@pytest.fixture
def call(line: Hotline) -> Record:
    """A call of pk's that came to af and was opened there."""
    rung = line.ring()
    line.carry()
    line.do("af", "open", **of(rung))
    line.carry()
    return rung


@pytest.fixture(scope="module")
def busy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Meetings]:
    """The three, among whom whatever other tests did is known."""
    with meetings(tmp_path_factory.mktemp("busy")) as made:
        yield made
