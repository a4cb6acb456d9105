"""The same exchange over the wire: what one party sends, the other has at once, and both know it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from amanat.exchange.means import look
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
