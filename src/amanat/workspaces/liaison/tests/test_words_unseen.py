"""Free words that no page has shown yet: one press opens what stood there, and nothing that came since or did not fit."""

import pytest

from amanat.exchange.means import look
from amanat.officer.may import at_machine
from amanat.record.record import Record
from amanat.workspaces.liaison import free_words, texts
from amanat.workspaces.liaison.free_words import FreeWords
from amanat.workspaces.liaison.kinds import Named
from amanat.workspaces.liaison.tests.lines import DUTY, Hotline
from amanat.workspaces.liaison.tests.warnings_cast import warn


def at_af(line: Hotline, about: Record) -> FreeWords:
    with look(line.side("af").means) as turn:
        return free_words.said_about(turn, at_machine(DUTY), Named(*about.key))


def test_what_came_after_the_page_was_shown_is_not_opened_by_its_button(line: Hotline) -> None:
    about = warn(line)
    line.write("pk", about, "one")
    line.carry()
    shown = at_af(line, about)
    line.write("pk", about, "two")
    line.carry()
    line.do("af", "open-words", party="pk", id=about.key[1], seen=shown.seen)
    assert at_af(line, about).unread == 1


def test_what_did_not_fit_is_shown_before_it_is_opened(line: Hotline, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(texts, "MOST_TEXTS", 2)
    about = warn(line)
    wrote = list[str]()
    for each in ("one", "two", "three"):
        line.border.clock.forward(seconds=1)
        wrote.append(line.write("pk", about, each).key[1])
    line.carry()
    first = at_af(line, about)
    assert ([each.key.id for each in first.shown], first.unread) == (wrote[:2], 2)
    line.do("af", "open-words", party="pk", id=about.key[1], seen=first.seen)
    second = at_af(line, about)
    assert wrote[2] in [each.key.id for each in second.shown]
    assert second.unread == 1
