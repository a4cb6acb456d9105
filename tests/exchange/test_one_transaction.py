"""A batch stands as a whole or not at all: log, records, views and answers; what failed may simply come again."""

import pickle
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import LargeBinary, cast, update
from sqlalchemy.exc import DBAPIError

from amanat.exchange import erasure, sequencer
from amanat.exchange.accept import BATCH, Accepted, Declined
from amanat.exchange.erasure import erase_due
from amanat.exchange.means import begin
from amanat.exchange.outbox import deliver
from amanat.exchange.send import Pending, send
from amanat.exchange.withdraw import withdraw
from amanat.party.errors import Fault, Refused
from amanat.record.notices import Withdrawal
from amanat.record.record import Ref
from amanat.store import logs
from amanat.store.tables import RECORD
from border import Border
from side import COMPACT, VIEWS, Side, spoiled

ON_A_FILE = pytest.mark.parametrize("border", ["sqlite"], indirect=True)  # whose disk can be filled for a test


@contextmanager
def full_disk(side: Side, spare: int = 1) -> Iterator[None]:
    """A disk on which the database can grow by a few pages and no more."""
    with side.means.engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages + spare}")
    yield
    with side.means.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count = 1073741823")


def send_many(border: Border, count: int, size: int = 900) -> list[Pending]:
    drafts = [border.pk.draft("af", text=f"lorry {number} {'x' * size}") for number in range(count)]
    return [each for each in send(drafts, border.pk.post, border.pk.means) if isinstance(each, Pending)]


# --- accepting --------------------------------------------------------------------------------------------------------


def test_a_view_that_fails_takes_back_log_records_and_answers(border: Border) -> None:
    sent = send_many(border, 3)
    VIEWS.drop_all(border.af.means.engine)
    stick = border.bundle("pk", "af")
    border.af.take("heartbeat", *border.items("pk", "af", "heartbeat"), sender="pk")
    before = border.af.content()
    with pytest.raises(DBAPIError, match="seen"):
        border.af.take("envelope", *map(border.pk.envelope, sent), sender="pk")
    assert border.af.content() == before
    VIEWS.create_all(border.af.means.engine)
    assert {type(outcome) for outcome in border.insert("af", stick).outcomes} == {Accepted}


def test_an_import_remembers_no_content_of_what_it_accepted(border: Border) -> None:
    """However many records it takes in: what it is to say of each is who, which, of what kind and where in the log."""
    sent = border.pk.send("af", text="two lorries at the third bend")
    report = border.carry("pk", "af")
    assert report.outcomes == [Accepted(sent.record.key, "intelligence.report/1", 0)]
    assert b"third bend" not in pickle.dumps(report)


@ON_A_FILE
def test_a_full_disk_takes_back_the_batch_and_it_may_come_again(border: Border) -> None:
    sent = send_many(border, 20)
    envelopes = list(map(border.pk.envelope, sent))
    before = border.af.content()
    with full_disk(border.af), pytest.raises(Fault, match="no room for more"):
        border.af.take("envelope", *envelopes, sender="pk")
    assert border.af.content() == before
    border.settle()
    assert border.af.received() == [each.record for each in sent]
    assert {border.pk.delivery(each, "af") for each in sent} == {"final"}


@ON_A_FILE
def test_a_full_disk_takes_back_refusals_and_evidence_too(border: Border) -> None:
    border.dishonest.add("pk")
    refused = [border.pk.forge("af", body=border.pk.person("x" * 4000)["body"]) for _ in range(9)]
    before = border.af.content()
    with full_disk(border.af), pytest.raises(Fault, match="no room for more"):
        border.af.take("envelope", *refused, sender="pk")
    assert border.af.content() == before
    assert len(border.af.take("envelope", *refused, sender="pk").outcomes) == 9


@ON_A_FILE
def test_what_an_earlier_batch_accepted_stands_when_a_later_one_fails(border: Border) -> None:
    sent = [*send_many(border, BATCH, size=9), *send_many(border, 40, size=90_000)]
    with full_disk(border.af, spare=250), pytest.raises(Fault, match="no room for more"):
        border.af.take("envelope", *map(border.pk.envelope, sent), sender="pk")
    assert border.af.received() == [each.record for each in sent[:BATCH]]
    border.exchange("pk", "af")
    assert border.af.received() == [each.record for each in sent]


def test_a_record_here_that_can_no_more_be_read_stops_only_what_cites_it(border: Border) -> None:
    """A later program reads its kind otherwise: its recall still counts, for that needs nobody to read it."""
    unread = border.pk.send("af")
    border.carry("pk", "af")
    with begin(border.af.means) as turn:
        turn.tx.execute(update(RECORD).values(data=cast(RECORD.c.data.concat(b" "), LargeBinary)))
    citing = border.pk.send("af", refs=(Ref("supersedes", *unread.record.key),))
    beside = border.pk.send("af", text="of another lorry")
    withdraw(unread.record.fields.id, Withdrawal("mistaken"), border.pk.post, border.pk.means)
    outcomes = border.carry("pk", "af").outcomes
    assert [type(each) for each in outcomes] == [Declined, Accepted, Accepted]
    assert [erased.id for erased in erase_due(border.af.means)] == [unread.record.fields.id]
    border.carry("af", "pk")
    assert (border.pk.delivery(citing, "af"), border.pk.delivery(beside, "af")) == ("refused", "provisional")


# --- sending ----------------------------------------------------------------------------------------------------------


def test_a_view_that_fails_at_the_sender_sends_nothing(border: Border) -> None:
    before = border.pk.content()
    with pytest.raises(ZeroDivisionError):
        send(
            [border.pk.draft("af"), border.pk.draft("af", text="a report that breaks the view")],
            border.pk.post,
            border.pk.means,
        )
    assert border.pk.content() == before


def test_one_draft_that_is_refused_sends_none_of_them(border: Border) -> None:
    before = border.pk.content()
    with pytest.raises(Refused):
        send([border.pk.draft("af"), border.pk.draft("obs")], border.pk.post, border.pk.means)
    assert border.pk.content() == before


@ON_A_FILE
def test_a_full_disk_sends_nothing_and_leaves_no_gap(border: Border) -> None:
    before = border.pk.content()
    with full_disk(border.pk), pytest.raises(Fault, match="no room for more"):
        send_many(border, 20)
    assert border.pk.content() == before
    sent = border.pk.send("af")
    assert border.carry("pk", "af").gaps == []
    assert border.af.received() == [sent.record]


# --- leaving the house ------------------------------------------------------------------------------------------------


def stick_breaks(side: Side, recipient: str) -> list[str]:
    """What would have left on a stick that broke: types of items that are answers."""
    with pytest.raises(ConnectionError), deliver(recipient, side.means) as due:
        raise ConnectionError
    return [item.type for item in due if item.type in ("receipt", "refusal")]


def test_answers_that_did_not_leave_are_given_again(border: Border) -> None:
    """Neither is asked for again by who never heard of it: the sender would wait for them."""
    border.dishonest.add("pk")
    border.pk.send("af")
    border.carry("pk", "af")
    border.af.take("envelope", spoiled(border.pk.forge("af")), sender="pk")
    assert stick_breaks(border.af, "pk") == stick_breaks(border.af, "pk") == ["receipt", "refusal"]
    assert len(border.items("af", "pk", "receipt", "refusal")) == 2
    assert border.items("af", "pk", "receipt", "refusal") == []


def test_a_checkpoint_that_may_have_left_is_held_whatever_became_of_the_stick(border: Border) -> None:
    """A witness may have countersigned it; that this party then did not know it would look like a rollback."""
    border.pk.send("af")
    border.carry("pk", "af")
    stick_breaks(border.af, "obs")
    border.pk.send("af")
    border.carry("pk", "af")
    with begin(border.af.means) as turn:
        assert logs.checkpoint(turn.tx, COMPACT, 1) is not None


# --- destroying -------------------------------------------------------------------------------------------------------


def _no_room(_: object) -> None:
    raise Fault("store.full", "There is no room for more.", "Make room.")


def test_what_is_destroyed_stays_so_when_the_word_for_it_cannot_be_written(
    border: Border, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = send_many(border, 40)
    border.exchange("pk", "af")
    border.clock.forward(days=180)
    with monkeypatch.context() as patched:
        patched.setattr(erasure, "_give_word", _no_room)
        with pytest.raises(Fault, match="no room for more"):
            erase_due(border.af.means)
    assert {border.af.state(each) for each in sent} == {"destroyed"}
    border.carry("af", "pk")
    assert border.pk.received() == []
    assert erase_due(border.af.means) == []
    border.carry("af", "pk")
    assert len(border.pk.received()) == 40


# --- the one writer ---------------------------------------------------------------------------------------------------


def test_a_log_is_made_once(border: Border) -> None:
    with pytest.raises(Fault) as caught, begin(border.pk.means) as turn:
        sequencer.create(turn, "pk-af")
    assert caught.value.code == "log.exists"
