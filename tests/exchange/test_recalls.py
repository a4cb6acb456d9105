"""A recall is followed at every recipient until it is destroyed or kept on a ground; who is late is seen to be."""

from collections.abc import Collection, Iterator
from datetime import timedelta

import msgspec
import pytest
from sqlalchemy import Connection, select, text, update

from amanat.exchange import live
from amanat.exchange.erasure import erase_due
from amanat.exchange.keeping import Keeping
from amanat.exchange.means import begin, look
from amanat.exchange.recalls import Recall, State, overdue, page, recalls
from amanat.exchange.send import Pending
from amanat.exchange.withdraw import withdraw
from amanat.record.notices import Kept, Withdrawal
from amanat.store import listing
from amanat.store.listing import Word
from amanat.store.migrations.versions.r0010_recalled import AWAITED
from amanat.store.tables import DELIVERY
from border import Border, agree, brought
from side import Side, public_id


def listed(side: Side) -> list[Recall]:
    """All recalls; those that are overdue are found by themselves too."""
    with look(side.means) as turn:
        found = recalls(turn)
        late = overdue(turn)
    assert sorted(late, key=lambda each: (each.id, each.recipient)) == sorted(
        (each for each in found if each.state == "overdue"), key=lambda each: (each.id, each.recipient)
    )
    return found


def states(side: Side) -> dict[str, str]:
    return {each.recipient: each.state for each in listed(side)}


def pages(side: Side, state: State | None) -> Iterator[tuple[Recall, ...]]:
    """All pages of two, one after the other."""
    place: str | None = ""
    while place is not None:
        with look(side.means) as turn:
            found = page(turn, state, place, 2)
        yield found.items
        place = found.next


def recall(border: Border, sent: Pending) -> None:
    withdraw(sent.record.fields.id, Withdrawal("mistaken"), border.pk.post, border.pk.means)


def told(side: Side) -> list[tuple[str, str]]:
    """What live pages were told of recalls that are overdue: which record, and whose word is lacking."""
    with look(side.means) as turn:
        return [(each.id, each.detail) for each in live.after(turn.tx, 0) if each.type == "overdue"]


@pytest.fixture
def sent(border: Border) -> Pending:
    """A report of pk that af and the observer hold."""
    return brought(border, _sent)


def _sent(border: Border) -> Pending:
    sent = border.pk.send("af", "obs", **border.pk.green())
    border.settle()
    return sent


def test_pages_together_are_all_and_none_reads_more_that_was_answered_than_it_shows(
    border: Border, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = [border.pk.send("af", "obs", text=f"lorry {number}", **border.pk.green()) for number in range(5)]
    border.settle()
    for each in sent:
        recall(border, each)
        border.clock.forward(hours=1)
    border.settle()
    erase_due(border.af.means)
    border.settle()
    everything = listed(border.pk)
    read, words = list[int](), listing.words

    def counted(tx: Connection, keys: Collection[tuple[str, str]]) -> dict[tuple[str, str], list[Word]]:
        if tx.engine is border.pk.means.engine:  # and not by a node that another file still has served
            read.append(len(keys))
        return words(tx, keys)

    monkeypatch.setattr(listing, "words", counted)
    assert [each.state for each in everything] == ["waiting"] * 5 + ["destroyed"] * 5
    assert [each for part in pages(border.pk, None) for each in part] == everything
    for state in ("waiting", "destroyed"):
        read.clear()
        assert [each for part in pages(border.pk, state) for each in part] == [
            each for each in everything if each.state == state
        ]
    assert read[1::2] == [3, 3, 1]  # beside those that are open, of which all are read


@pytest.mark.usefixtures("sent")
def test_nothing_withdrawn_is_no_recall(border: Border) -> None:
    assert listed(border.pk) == []


def test_each_recipient_is_waited_for_until_it_gives_its_word(border: Border, sent: Pending) -> None:
    recall(border, sent)
    assert states(border.pk) == {"af": "waiting", "obs": "waiting"}
    border.settle()
    border.clock.forward(hours=1)
    erase_due(border.af.means)
    border.settle()
    assert states(border.pk) == {"af": "destroyed", "obs": "waiting"}
    assert [each.destroyed for each in listed(border.pk) if each.recipient == "af"] == [border.clock()]


def test_who_has_not_answered_in_the_compacts_time_is_overdue_and_stands_first(border: Border, sent: Pending) -> None:
    recall(border, sent)
    border.settle()
    erase_due(border.af.means)
    border.clock.forward(hours=72, seconds=-1)
    assert states(border.pk)["obs"] == "waiting"
    border.clock.forward(seconds=1)
    border.settle()
    assert [(each.recipient, each.state) for each in listed(border.pk)] == [("obs", "overdue"), ("af", "destroyed")]


def test_the_compact_says_how_long_it_may_take(border: Border, sent: Pending) -> None:
    recall(border, sent)
    border.settle()
    amended = agree(border.sides.values(), border.pk.terms, (b"recall_hours = 72", b"recall_hours = 2"))
    border.pk.take("compact", amended)
    border.clock.forward(hours=2)
    assert states(border.pk) == {"af": "overdue", "obs": "overdue"}


def test_what_is_kept_on_a_ground_is_overdue_only_once_that_is_over(border: Border, sent: Pending) -> None:
    recall(border, sent)
    border.settle()
    until = border.clock() + timedelta(days=20)
    border.af.keep(sent.record.key, "court-order", until)
    border.exchange("af", "pk")
    border.clock.forward(days=19)
    assert states(border.pk) == {"obs": "overdue", "af": "kept"}
    assert [each.kept for each in listed(border.pk) if each.recipient == "af"] == [Kept("court-order", until)]
    border.clock.forward(days=1)
    assert states(border.pk)["af"] == "overdue"


def test_live_pages_are_told_of_each_recall_once_when_it_becomes_overdue(border: Border, sent: Pending) -> None:
    keeper, id_ = Keeping(border.pk.means, lambda: 0.0, timedelta), sent.record.fields.id
    recall(border, sent)
    border.settle()
    border.af.keep(sent.record.key, "court-order", border.clock() + timedelta(days=20))
    border.exchange("af", "pk")
    found = []
    for days in (2, 2, 0, 10, 7):
        border.clock.forward(days=days)
        keeper.round()
        found.append(told(border.pk))
    assert found == [[], *[[(id_, "obs")]] * 3, [(id_, "obs"), (id_, "af")]]


def test_whether_the_recall_itself_was_delivered_is_said(border: Border, sent: Pending) -> None:
    recall(border, sent)
    border.exchange("pk", "af")
    assert {each.recipient: each.delivered for each in listed(border.pk)} == {"af": True, "obs": False}
    assert {each.told for each in listed(border.pk)} == {border.clock()}


def test_whom_nothing_reaches_is_listed_as_not_told(border: Border, sent: Pending) -> None:
    """The observer's manifest ran out: nothing can be sealed to it until it sends its next."""
    border.clock.forward(days=365 * 3, hours=1)
    border.pk.renew(border.pk.secrets)
    border.af.renew(border.af.secrets)
    border.exchange("pk", "af")
    recall(border, sent)
    assert {each.recipient: each.told for each in listed(border.pk)} == {"af": border.clock(), "obs": None}


def test_who_refused_the_record_holds_nothing_and_is_not_waited_for(border: Border) -> None:
    sent = border.pk.send("af")
    stick = border.bundle("pk", "af")
    stolen = public_id(border.pk.means.keys.record)
    border.pk.rotate("record")
    border.af.take("manifest", border.pk.revoke(stolen), sender="pk")
    border.insert("af", stick)
    border.exchange("af", "pk")
    assert border.pk.delivery(sent, "af") == "refused"
    recall(border, sent)
    assert listed(border.pk) == []


def test_what_never_came_is_not_overdue(border: Border) -> None:
    """It left the house no more, as far as is known; a stick on its way is destroyed where it arrives."""
    sent = border.pk.send("af")
    recall(border, sent)
    border.settle()
    border.clock.forward(days=30)
    assert states(border.pk) == {"af": "never came"}


def test_our_own_erasure_ends_no_recall(border: Border, sent: Pending) -> None:
    recall(border, sent)
    border.settle()
    erase_due(border.pk.means)
    assert states(border.pk) == {"af": "waiting", "obs": "waiting"}


def test_a_withdrawn_notice_is_no_recall(border: Border, sent: Pending) -> None:
    """Notices are of kinds that stand: there is nothing to destroy."""
    recall(border, sent)
    border.settle()
    erase_due(border.af.means)
    border.settle()
    (word,) = [each for each in border.pk.received() if each.kind.name == "record.destroyed"]
    withdraw(word.fields.id, Withdrawal("mistaken"), border.af.post, border.af.means)
    assert listed(border.af) == []


def awaited(side: Side) -> list[tuple[str, str, bool]]:
    with look(side.means) as turn:
        query = select(DELIVERY.c.envelope, DELIVERY.c.recipient, DELIVERY.c.recalled)
        return sorted((each[0], each[1], each[2]) for each in turn.tx.execute(query))


def test_no_word_is_awaited_of_who_refused_it_before_or_after_nor_of_what_stands(border: Border) -> None:
    before, after = border.pk.send("af", text="refused first"), border.pk.send("af", text="withdrawn first")
    stick = border.bundle("pk", "af")
    recall(border, after)
    assert [each[0] for each in awaited(border.pk) if each[2]] == [after.digest]
    stolen = public_id(border.pk.means.keys.record)
    border.pk.rotate("record")
    border.af.take("manifest", border.pk.revoke(stolen), sender="pk")
    border.insert("af", stick)
    border.exchange("af", "pk")
    (notice,) = withdraw(before.record.fields.id, Withdrawal("mistaken"), border.pk.post, border.pk.means).told
    withdraw(notice.record.fields.id, Withdrawal("mistaken"), border.pk.post, border.pk.means)
    assert [each for each in awaited(border.pk) if each[2]] == []


def test_who_destroyed_it_before_it_was_withdrawn_is_not_awaited(border: Border) -> None:
    """It expired there first."""
    handling = msgspec.structs.replace(border.pk.draft("af").handling, expires=border.clock() + timedelta(days=1))
    sent = border.pk.send("af", handling=handling)
    border.settle()
    border.clock.forward(days=2)
    erase_due(border.af.means)
    border.settle()
    recall(border, sent)
    assert states(border.pk) == {"af": "destroyed"}
    assert [each for each in awaited(border.pk) if each[2] and each[0] == sent.digest] == []


def test_an_upgrade_finds_whose_word_is_awaited(border: Border, sent: Pending) -> None:
    recall(border, sent)
    border.settle()
    erase_due(border.af.means)
    border.settle()
    before = awaited(border.pk)
    assert [recipient for envelope, recipient, waits in before if waits] == ["obs"]
    with begin(border.pk.means) as turn:
        turn.tx.execute(update(DELIVERY).values(recalled=False))
        turn.tx.execute(text(AWAITED))
    assert awaited(border.pk) == before
