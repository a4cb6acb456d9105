"""What was withdrawn or has expired is destroyed at every holder, down to the bytes on the disk, and each gives its word."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest
from sqlalchemy import select, update

from amanat.exchange.accept import Accepted, Repeated
from amanat.exchange.erasure import Erased, erase_due
from amanat.exchange.means import begin
from amanat.exchange.send import Pending
from amanat.exchange.withdraw import withdraw
from amanat.party.errors import Invalid
from amanat.record.notices import Destroyed, Ground, Kept, Withdrawal
from amanat.record.record import Ref
from amanat.store import logs
from amanat.store.tables import HELD, REFERENCE
from border import Border
from side import SEEN, Side

GROUND: Ground = "court-order"


def recall(border: Border, sent: Pending) -> None:
    """Pk withdraws a record, and af hears of it."""
    withdraw(sent.record.fields.id, Withdrawal("mistaken"), border.pk.post, border.pk.means)
    border.settle()


def words(side: Side, other: str) -> list[Any]:
    """What another party's keeper of records said to this one."""
    return [
        each.body
        for each in side.received()
        if each.fields.author.party == other and each.fields.author.name == "records"
    ]


def short(border: Border, days: int) -> dict[str, Any]:
    """What makes a draft one that expires in so many days."""
    handling = msgspec.structs.replace(border.pk.draft("af").handling, expires=border.clock() + timedelta(days=days))
    return {"handling": handling}


def log_size(side: Side) -> int:
    with begin(side.means) as turn:
        return logs.latest(turn.tx, "pk-af")[0].size


# --- withdrawn --------------------------------------------------------------------------------------------------------


def test_withdrawn_intelligence_is_destroyed_at_the_holder_who_gives_its_word(border: Border, sent: Pending) -> None:
    recall(border, sent)
    assert border.af.state(sent) == "withdrawn"
    assert erase_due(border.af.means) == [Erased(*sent.record.key, "withdrawn")]
    assert border.af.state(sent) == "destroyed"
    border.settle()
    assert words(border.pk, "af") == [Destroyed("withdrawn")]


def test_its_originator_destroys_it_too_and_tells_nobody(border: Border, sent: Pending) -> None:
    recall(border, sent)
    assert erase_due(border.pk.means) == [Erased(*sent.record.key, "withdrawn")]
    assert border.pk.state(sent) == "destroyed"
    border.settle()
    assert words(border.af, "pk") == []


def test_the_word_names_the_record_and_nothing_of_it(border: Border, sent: Pending) -> None:
    recall(border, sent)
    erase_due(border.af.means)
    border.settle()
    (word,) = [each for each in border.pk.received() if each.kind.name == "record.destroyed"]
    assert word.fields.refs == (Ref("about", *sent.record.key),)
    assert b"lorry" not in word.data


def test_what_was_destroyed_is_destroyed_once_and_told_once(border: Border, sent: Pending) -> None:
    recall(border, sent)
    erase_due(border.af.means)
    assert erase_due(border.af.means) == []
    border.settle()
    assert words(border.pk, "af") == [Destroyed("withdrawn")]


def test_a_withdrawn_promise_stands_marked(border: Border, sent: Pending) -> None:
    """Notices are of kinds that `stand`: no party unsays its word by withdrawing it."""
    recall(border, sent)
    erase_due(border.af.means)
    border.settle()
    (word,) = [each for each in border.pk.received() if each.kind.name == "record.destroyed"]
    withdraw(word.fields.id, Withdrawal("mistaken"), border.af.post, border.af.means)
    border.settle()
    assert erase_due(border.pk.means) == [Erased(*sent.record.key, "withdrawn")]
    assert border.pk.state(word) == "withdrawn"
    assert words(border.pk, "af") == [Destroyed("withdrawn")]


@pytest.mark.parametrize("border", ["sqlite", "postgresql"], indirect=True)
def test_a_withdrawal_that_comes_before_its_record_destroys_it_on_arrival(border: Border) -> None:
    sent = border.pk.send("af")
    early = border.pk.envelope(sent)
    withdraw(sent.record.fields.id, Withdrawal("mistaken"), border.pk.post, border.pk.means)
    border.af.take("envelope", *border.items("pk", "af", "envelope"), sender="pk")
    (outcome,) = border.af.take("envelope", early, sender="pk").outcomes
    assert isinstance(outcome, Accepted)
    assert border.af.state(sent) == "withdrawn"
    assert erase_due(border.af.means) == [Erased(*sent.record.key, "withdrawn")]


# --- kept on a ground -------------------------------------------------------------------------------------------------


def test_a_holder_may_keep_it_on_a_ground_until_a_date_and_says_so(border: Border, sent: Pending) -> None:
    recall(border, sent)
    until = border.clock() + timedelta(days=20)
    border.af.keep(sent.record.key, GROUND, until)
    assert erase_due(border.af.means) == []
    border.settle()
    assert words(border.pk, "af") == [Kept(GROUND, until)]
    assert border.af.state(sent) == "withdrawn"


def test_after_that_date_it_is_destroyed_and_told(border: Border, sent: Pending) -> None:
    recall(border, sent)
    border.af.keep(sent.record.key, GROUND, border.clock() + timedelta(days=20))
    border.clock.forward(days=20)
    assert erase_due(border.af.means) == [Erased(*sent.record.key, "withdrawn")]
    border.settle()
    assert words(border.pk, "af")[1:] == [Destroyed("withdrawn")]


def test_what_is_not_held_any_more_cannot_be_kept(border: Border, sent: Pending) -> None:
    recall(border, sent)
    erase_due(border.af.means)
    with pytest.raises(Invalid) as caught:
        border.af.keep(sent.record.key, GROUND, border.clock() + timedelta(days=20))
    assert caught.value.code == "record.unknown"


# --- expired ----------------------------------------------------------------------------------------------------------


def test_what_expired_is_destroyed_on_both_sides(border: Border) -> None:
    sent = border.pk.send("af", **short(border, 10))
    border.settle()
    border.clock.forward(days=9, hours=23)
    assert erase_due(border.af.means) == erase_due(border.pk.means) == []
    border.clock.forward(hours=1)
    for side in (border.pk, border.af):
        assert erase_due(side.means) == [Erased(*sent.record.key, "expired")]
    border.settle()
    assert words(border.pk, "af") == [Destroyed("expired")]


def test_a_draft_that_expired_before_anybody_approved_it_is_destroyed(border: Border) -> None:
    held = border.pk.hold("af", **border.pk.person("the man with the scar"))
    border.clock.forward(days=30)
    assert erase_due(border.pk.means) == [Erased(*held.record.key, "expired")]
    assert b"the man with the scar" not in border.pk.files()


def test_a_draft_of_a_kind_that_this_program_has_no_more_keeps_nothing_from_being_destroyed(
    border: Border, sent: Pending
) -> None:
    held = border.pk.hold("af", **border.pk.person())
    later = held.record.data.replace(b"intelligence.report/1", b"intelligence.report/9")
    with begin(border.pk.means) as turn:
        turn.tx.execute(update(HELD).values(data=later))
    border.clock.forward(days=400)
    assert {*erase_due(border.pk.means)} == {Erased(*each.record.key, "expired") for each in (held, sent)}


def test_a_peer_that_cannot_be_told_now_keeps_nothing_from_being_destroyed(border: Border) -> None:
    """Pk's manifest ran out, so that nothing can be sealed to it; af destroys all the same and tells it later."""
    sent = border.pk.send("af", **short(border, 10))
    border.settle()
    border.af.keep(sent.record.key, GROUND, border.clock() + timedelta(days=365 * 4))
    border.clock.forward(days=365 * 4)
    assert erase_due(border.af.means) == [Erased(*sent.record.key, "expired")]
    assert border.af.state(sent) == "destroyed"
    border.pk.renew(border.pk.secrets)
    border.af.renew(border.af.secrets)
    border.exchange("pk", "af")
    assert erase_due(border.af.means) == []
    border.exchange("pk", "af")
    border.carry("af", "pk")
    assert words(border.pk, "af")[1:] == [Destroyed("expired")]


# --- never again ------------------------------------------------------------------------------------------------------


def test_an_old_stick_does_not_bring_it_back(border: Border) -> None:
    sent = border.pk.send("af", text="the lorry is white")
    stick = border.bundle("pk", "af")
    border.insert("af", stick)
    recall(border, sent)
    erase_due(border.af.means)
    (outcome,) = border.insert("af", stick).outcomes
    assert isinstance(outcome, Repeated)
    assert border.af.state(sent) == "destroyed"
    assert b"the lorry is white" not in border.af.files()


def test_a_rebuilt_view_does_not_bring_it_back(border: Border, sent: Pending) -> None:
    """The audit rebuilds all views after each test; here nothing of the record is left to build from."""
    recall(border, sent)
    erase_due(border.af.means)
    with begin(border.af.means) as turn:
        assert turn.tx.execute(select(SEEN)).all() == []


def test_references_to_it_stay(border: Border, sent: Pending) -> None:
    answer = border.af.send("pk", text="seen too", refs=(Ref("answers", *sent.record.key),), **expiring_no_later(sent))
    border.settle()
    recall(border, sent)
    for side in (border.pk, border.af):
        erase_due(side.means)
        with begin(side.means) as turn:
            query = select(REFERENCE.c.to_id).where(REFERENCE.c.id == answer.record.fields.id)
            assert turn.tx.execute(query).scalar_one() == sent.record.fields.id


def expiring_no_later(sent: Pending) -> dict[str, Any]:
    return {"handling": sent.record.fields.handling}


def test_the_log_still_verifies_and_has_grown_by_the_word_only(border: Border, sent: Pending) -> None:
    recall(border, sent)
    size = log_size(border.af)
    erase_due(border.af.means)
    assert log_size(border.af) == size + 1


def test_a_receipt_for_what_was_destroyed_since_is_still_taken(border: Border) -> None:
    sent = border.pk.send("af", **short(border, 10))
    border.carry("pk", "af")
    border.clock.forward(days=10)
    erase_due(border.pk.means)
    border.settle()
    assert border.pk.delivery(sent, "af") == "final"


def test_what_was_destroyed_before_it_left_never_leaves(border: Border) -> None:
    sent = border.pk.send("af", **short(border, 10))
    border.clock.forward(days=10)
    erase_due(border.pk.means)
    border.settle()
    assert (border.pk.delivery(sent, "af"), border.af.state(sent)) == ("pending", None)


def test_an_exercise_is_called_one_to_the_end(border: Border) -> None:
    sent = border.pk.send("af", exercise=True)
    border.settle()
    recall(border, sent)
    erase_due(border.af.means)
    border.settle()
    assert [each.fields.exercise for each in border.pk.received()] == [True]


def test_a_word_that_was_refused_on_the_way_is_given_anew(border: Border, sent: Pending) -> None:
    withdraw(sent.record.fields.id, Withdrawal("mistaken"), border.pk.post, border.pk.means)
    border.settle()
    erase_due(border.af.means)
    border.refuse_late("af", "pk")
    assert border.pk.received() == []
    for _ in range(2):
        erase_due(border.af.means)
    border.settle()
    assert [record.kind.name for record in border.pk.received()] == ["record.destroyed"]
