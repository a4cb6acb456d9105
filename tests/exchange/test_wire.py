"""The same exchange over the wire: what one party sends, the other has at once, and both know it."""

from amanat.exchange.means import look
from amanat.store import listing
from border import Border
from side import Side
from wire import connected, eventually


def state(side: Side, digest: str) -> list[str]:
    with look(side.means) as turn:
        return [each.state for each in listing.deliveries(turn.tx, digest)]


def has(side: Side, party: str, id_: str) -> bool:
    with look(side.means) as turn:
        return listing.one(turn.tx, party, id_) is not None


def test_a_record_is_at_its_recipient_at_once_and_its_receipt_becomes_final(border: Border) -> None:
    with connected(border):
        sent = border.pk.send("af")
        eventually(lambda: has(border.af, *sent.record.key))
        eventually(lambda: state(border.pk, sent.digest) == ["final"])
