"""The same exchange over the wire: what one party sends, the other has at once, and both know it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from amanat.exchange import live
from amanat.exchange.means import look
from amanat.party.errors import Unreachable
from amanat.store import database, listing
from border import Border
from side import Side
from wire import connected, eventually


def state(side: Side, digest: str) -> list[str]:
    with look(side.means) as turn:
        return [each.state for each in listing.deliveries(turn.tx, digest)]


def has(side: Side, party: str, id_: str) -> bool:
    with look(side.means) as turn:
        return listing.one(turn.tx, party, id_) is not None


def of_line(side: Side) -> list[str]:
    """What live pages were told of the line to af."""
    with look(side.means) as turn:
        return [each.detail for each in live.after(turn.tx, 0) if (each.type, each.party) == ("line", "af")]


@contextmanager
def another_program(side: Side) -> Iterator[Side]:
    """The same party's database, opened as a second program does."""
    engine = database.open_existing(side.kept.where)
    yield replace(side, means=replace(side.means, engine=engine))
    engine.dispose()


def test_a_record_is_at_its_recipient_at_once_and_its_receipt_becomes_final(border: Border) -> None:
    with connected(border):
        sent = border.pk.send("af")
        eventually(lambda: has(border.af, *sent.record.key))
        eventually(lambda: state(border.pk, sent.digest) == ["final"])


def test_what_a_command_beside_the_node_sends_leaves_at_once_too(border: Border) -> None:
    with connected(border), another_program(border.pk) as beside:
        sent = beside.send("af")
        eventually(lambda: has(border.af, *sent.record.key), within=5.0)


def test_live_pages_are_told_once_that_a_peer_answers_and_that_it_does_so_no_more(border: Border) -> None:
    with connected(border, "pk", "af"):
        eventually(lambda: of_line(border.pk)[-1:] == ["up"])
    before = len(of_line(border.pk))
    with connected(border, "pk") as nodes:
        eventually(lambda: nodes["pk"].lines.standing()["af"].tries > 1)
        assert of_line(border.pk)[before:] == ["down"]


def test_a_database_that_is_away_keeps_a_line_from_nothing_but_telling(
    border: Border, monkeypatch: pytest.MonkeyPatch
) -> None:
    with connected(border, "pk") as nodes:
        lines = nodes["pk"].lines
        eventually(lambda: lines.standing()["af"].tries > 0)

        def away(_turn: object, *_said: object, **_more: object) -> None:
            raise Unreachable("store.away", "The database does not answer.", "It is tried again.")

        monkeypatch.setattr(live, "tell", away)
        lines.line("af")._stand("up")  # noqa: SLF001 - as an exchange would have it
        assert lines.standing()["af"].state == "up"
