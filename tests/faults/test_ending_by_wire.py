"""A log that ends on the network: whatever breaks, and wherever it is killed, the node is held back or goes on, never both."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from amanat.exchange import ended, reconcile, sequencer
from amanat.exchange.means import begin, look
from amanat.store import marks
from audit import check
from border import Border, meet
from side import COMPACT
from wire import connected, eventually

NEXT = "pk.amanat.example/pk-af/2"


class Killed(BaseException):
    """The plug was pulled."""


@pytest.fixture
def lost(tmp_path: Path) -> Iterator[Border]:
    """Pk put back to before what all countersigned, and told by both witnesses; nobody gives it the entries."""
    with meet(tmp_path) as border:
        border.dishonest.add("pk")
        copy = border.pk.snapshot()
        border.pk.send("af", text="lost")
        border.settle()
        border.put_back(copy)
        border.hear("af", "obs")
        yield border
        border.dishonest.clear()
        check(border)


def end(border: Border) -> None:
    with look(border.pk.means) as turn:
        made = ended.draft(turn, COMPACT)
    assert border.pk.take("ending", border.pk.sign_ending(made)).problems == []


def test_it_travels_and_the_next_log_is_countersigned(lost: Border) -> None:
    end(lost)
    with begin(lost.pk.means) as turn:
        reconcile.finish(turn)
    with connected(lost) as nodes:
        sent = lost.pk.send("af", text="in the next")
        nodes["pk"].lines.line("af").press()
        eventually(lambda: lost.pk.delivery(sent, "af") == "final")
    for side in (lost.af, lost.obs):
        with look(side.means) as turn:
            assert turn.known.log_name("pk", COMPACT) == NEXT


@pytest.mark.parametrize("step", ["go_on", "_list"])
def test_killed_while_the_next_log_begins_it_is_held_back_as_before(
    lost: Border, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    end(lost)

    def kill(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(sequencer if step == "go_on" else reconcile, step, kill)
        with pytest.raises(Killed), begin(lost.pk.means) as turn:
            reconcile.finish(turn)
    with look(lost.pk.means) as turn:
        assert marks.at(turn.tx, "restored") is not None
        assert (reconcile.lost(turn), turn.known.log_name("pk", COMPACT)) == ([], NEXT)
    with begin(lost.pk.means) as turn:
        reconcile.finish(turn)
    sent = lost.pk.send("af", text="in the next")
    lost.settle()
    assert lost.pk.delivery(sent, "af") == "final"
