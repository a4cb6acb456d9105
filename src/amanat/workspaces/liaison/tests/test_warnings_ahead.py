"""A warning's cancelling that is dated ahead: it counts with the day that a clock may be off, or waits unread for its time."""

from datetime import timedelta
from pathlib import Path

import pytest

from amanat.exchange.means import look
from amanat.officer.may import at_machine
from amanat.workspaces.liaison.tests.lines import DUTY, hotline
from amanat.workspaces.liaison.tests.warnings_cast import cancel, matter, named, warn
from amanat.workspaces.liaison.warnings import unread
from amanat.workspaces.liaison.warnings.rules import phase

UNTIL = "2026-11-28 18:00"


@pytest.mark.parametrize(("hours", "counts"), [(3, True), (25, False)])
def test_nobody_signs_as_read_a_cancelling_that_counts_for_nothing_yet(
    tmp_path: Path, *, hours: int, counts: bool
) -> None:
    with hotline(tmp_path) as line:
        root = warn(line, "af", until=UNTIL)
        line.border.set_clock("af", hours=hours)
        cancelled = cancel(line, root)
        line.border.set_clock("af")
        line.carry()
        pk = line.side("pk").means

        def waits() -> bool:
            with look(pk) as turn:
                return cancelled.key[1] in [each.id for each in unread.now(turn, at_machine(DUTY))]

        assert waits() is counts
        assert (phase(matter(line, "pk", root), line.border.clock.at) == "cancelled") is counts
        line.do("pk", "note-warning", **named(root))
        line.border.clock.at += timedelta(hours=hours)
        assert phase(matter(line, "pk", root), line.border.clock.at) == "cancelled"
        assert waits() is not counts
