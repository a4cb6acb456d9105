"""After destruction the raw files of the database hold nothing to read it by: searched for, byte by byte."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from sqlalchemy import select

import remains
from amanat.exchange.accept import Accepted, Declined
from amanat.exchange.audit import audit
from amanat.exchange.erasure import erase_due
from amanat.exchange.means import begin
from amanat.exchange.send import Pending, release_held, send
from amanat.exchange.withdraw import withdraw
from amanat.party.errors import Fault
from amanat.record.kind import Facts, Kinds
from amanat.record.notices import NOTICE_HANDLING, Withdrawal
from amanat.record.record import Post, Ref
from amanat.store import statements
from amanat.store.tables import ENVELOPE, RECORD
from border import Border, agree
from side import REPORT, Side, spoiled

pytestmark = pytest.mark.parametrize("border", ["sqlite"], indirect=True)  # of a file; of a server: test_postgres.py
MARK = "the white lorry with the torn tarpaulin turned off before the third bend of the dry river"


def secrets_of(side: Side, *sent: Pending) -> set[bytes]:
    """All that opens, is or gives away these records at a side."""
    joined = RECORD.join(ENVELOPE, ENVELOPE.c.digest == RECORD.c.envelope)
    query = select(RECORD.c.data, ENVELOPE.c.data.label("sealed"), ENVELOPE.c.content_key).select_from(joined)
    with begin(side.means) as turn:
        rows = turn.tx.execute(query.where(RECORD.c.envelope.in_([each.digest for each in sent]))).all()
    return remains.of_records(rows, MARK)


def left(side: Side, wanted: set[bytes]) -> int:
    """How many of these fragments are still somewhere in the side's files."""
    return len(remains.left(side.files(), wanted))


def content_key(side: Side, sent: Pending) -> bytes:
    with begin(side.means) as turn:
        query = select(ENVELOPE.c.content_key).where(ENVELOPE.c.digest == sent.digest)
        return bytes(turn.tx.execute(query).scalar_one())


def recall(border: Border, *sent: Pending) -> None:
    for each in sent:
        withdraw(each.record.fields.id, Withdrawal("mistaken"), border.pk.post, border.pk.means)
    border.carry("pk", "af")


def test_the_search_finds_what_is_there(border: Border) -> None:
    sent = border.pk.send("af", text=MARK)
    border.carry("pk", "af")
    for side in (border.pk, border.af):
        there = {MARK.encode()[:24], content_key(side, sent)[:24], border.pk.envelope(sent)[-24:]}
        assert left(side, there) == 3
        assert there < secrets_of(side, sent)
        assert left(side, secrets_of(side, sent)) > 1000


@pytest.mark.parametrize("because", ["withdrawn", "expired"])
@pytest.mark.parametrize("party", ["pk", "af"])
def test_text_view_content_key_and_wraps_are_gone(border: Border, party: str, because: str) -> None:
    side = border.sides[party]
    sent = border.pk.send("af", text=MARK)
    border.carry("pk", "af")
    wanted = secrets_of(side, sent)
    if because == "withdrawn":
        recall(border, sent)
    else:
        border.clock.forward(days=180)
    assert [erased.because for erased in erase_due(side.means)] == [because]
    assert left(side, wanted) == 0
    assert audit(side.means, lambda rows, _: rows) == []


def test_nothing_is_left_behind_where_pages_were_split_and_rows_moved(border: Border) -> None:
    """Rows that grow make SQLite move their neighbours; copies in the gaps must go too."""
    drafts = [border.pk.draft("af", text=f"{MARK} {'x' * (37 * number % 900)}") for number in range(120)]
    sent = [each for each in send(drafts, border.pk.post, border.pk.means) if isinstance(each, Pending)]
    border.carry("pk", "af")
    for each in sent[::3]:
        border.pk.send("af", text=f"{MARK} instead", refs=(Ref("supersedes", *each.record.key),))
    border.carry("pk", "af")
    for each in sent[1::3]:
        border.af.keep(each.record.key, "audit", border.clock() + timedelta(days=1))
    wanted = secrets_of(border.af, *sent)
    border.clock.forward(days=366)
    for side in (border.af, border.pk):
        erase_due(side.means)
        assert left(side, wanted) == 0


def test_what_others_hold_beside_it_stays(border: Border) -> None:
    sent, stays = border.pk.send("af", text=MARK), border.pk.send("af", text="the blue lorry")
    border.carry("pk", "af")
    recall(border, sent)
    erase_due(border.af.means)
    assert [each.body.text for each in border.af.received() if each.kind.name == "intelligence.report"] == [
        "the blue lorry"
    ]
    assert border.af.state(stays) == "current"


# --- drafts -----------------------------------------------------------------------------------------------------------


def test_a_draft_that_was_released_and_destroyed_leaves_nothing(border: Border) -> None:
    held = border.pk.hold("af", **border.pk.person(MARK))
    sent = release_held(held.record.fields.id, held.digest, Post("pk", "chief"), border.pk.means)
    wanted = secrets_of(border.pk, sent) | remains.of_secrets(bytes.fromhex(held.digest))
    border.clock.forward(days=30)
    erase_due(border.pk.means)
    assert left(border.pk, wanted) == 0


def test_a_draft_nobody_approved_leaves_nothing(border: Border) -> None:
    held = border.pk.hold("af", **border.pk.person(MARK))
    wanted = remains.of_secrets(MARK.encode(), bytes.fromhex(held.digest))
    border.clock.forward(days=30)
    assert left(border.pk, wanted) > 0
    erase_due(border.pk.means)
    assert left(border.pk, wanted) == 0


# --- evidence ---------------------------------------------------------------------------------------------------------


def evidence_left(side: Side) -> list[bool]:
    """Of each piece of evidence, whether its bytes are still there."""
    with begin(side.means) as turn:
        return [row.data is not None for row in statements.evidence(turn.tx)]


def test_a_second_envelope_under_the_id_goes_with_the_record_and_its_digest_stays(border: Border) -> None:
    border.dishonest.add("pk")
    id_ = border.pk.means.new_id()
    first = border.pk.forge("af", id_=id_, text=MARK)
    second = border.pk.forge("af", id_=id_, text=f"{MARK} with nine men")
    border.af.take("envelope", first, second, sender="pk")
    border.clock.forward(days=180)
    assert [erased.id for erased in erase_due(border.af.means)] == [id_]
    assert (border.af.evidence(), evidence_left(border.af)) == (["record.equivocation"], [False])
    assert left(border.af, remains.of_envelope(second)) == 0


def test_while_a_record_is_kept_on_a_ground_so_is_the_second_envelope(border: Border) -> None:
    border.dishonest.add("pk")
    id_ = border.pk.means.new_id()
    border.af.take("envelope", *(border.pk.forge("af", id_=id_, text=text) for text in ("one", "two")), sender="pk")
    border.af.keep(("pk", id_), "investigation-open", border.clock() + timedelta(days=20))
    withdrawal: dict[str, Any] = {
        "kind": "record.withdrawal/1",
        "body": Withdrawal("mistaken"),
        "handling": NOTICE_HANDLING,
        "refs": (Ref("withdraws", "pk", id_),),
    }
    border.af.take("envelope", border.pk.forge("af", sequence=2, **withdrawal), sender="pk")
    erase_due(border.af.means)
    assert evidence_left(border.af) == [True]
    border.clock.forward(days=20)
    erase_due(border.af.means)
    assert evidence_left(border.af) == [False]


def test_what_was_refused_is_destroyed_when_it_expires(border: Border) -> None:
    border.dishonest.add("pk")
    refused = border.pk.forge("af", body=border.pk.person(MARK)["body"])
    border.af.take("envelope", refused, sender="pk")
    border.clock.forward(days=179)
    erase_due(border.af.means)
    assert evidence_left(border.af) == [True]
    border.clock.forward(days=1)
    erase_due(border.af.means)
    assert evidence_left(border.af) == [False]
    assert left(border.af, remains.of_envelope(refused)) == 0


def test_what_was_refused_is_destroyed_when_it_is_withdrawn(border: Border) -> None:
    border.af.act("suspend", 1)
    sent = border.pk.send("af", text=MARK)
    border.carry("pk", "af")
    recall(border, sent)
    erase_due(border.af.means)
    assert evidence_left(border.af) == [False]


def test_what_was_wrong_with_it_quotes_nothing_that_outlives_it(border: Border) -> None:
    """The sentence for the operator names what does not fit; only its code is kept."""
    border.dishonest.add("pk")
    other = msgspec.defstruct("Other", [("text", str)], rename=lambda _: MARK)
    border.pk.means = replace(border.pk.means, kinds=Kinds([replace(REPORT, body=other, facts=lambda _: Facts())]))
    refused = border.pk.forge("af", body=other("x"))
    (outcome,) = border.af.take("envelope", refused, sender="pk").outcomes
    assert isinstance(outcome, Declined)
    assert MARK in outcome.problem.says
    assert left(border.af, remains.of_secrets(MARK.encode())) == 0


@pytest.mark.parametrize("name", ["receipt", "manifest", "checkpoint"])
@pytest.mark.parametrize("because", ["withdrawn", "expired"])
def test_an_envelope_that_a_courier_calls_something_else_is_not_kept_for_ever(
    border: Border, name: str, because: str
) -> None:
    sent = border.pk.send("af", text=MARK)
    envelope = border.pk.envelope(sent)
    border.af.take(name, envelope, sender="pk")
    assert evidence_left(border.af) == [True]
    if because == "withdrawn":
        recall(border, sent)
    else:
        border.clock.forward(days=365)
    erase_due(border.af.means)
    assert evidence_left(border.af) == [False]
    assert left(border.af, remains.of_envelope(envelope)) == 0


def test_what_a_party_signed_against_itself_has_no_end(border: Border) -> None:
    border.dishonest.add("pk")
    copy = border.pk.snapshot()
    border.pk.send("af", text="one history")
    border.carry("pk", "obs")
    border.pk.restore(copy)
    border.pk.send("af", text="another history")
    border.carry("pk", "obs")
    border.clock.forward(days=730)
    erase_due(border.obs.means)
    assert (border.obs.evidence(), evidence_left(border.obs)) == (["witness.fork"] * 2, [True, True])


def test_of_a_damaged_copy_only_the_digest_is_kept(border: Border) -> None:
    """A courier turned one bit: the copy did not open, and who holds the sealing key could still read it."""
    sent = border.pk.send("af", text=MARK)
    damaged = spoiled(border.pk.envelope(sent))
    border.af.take("envelope", damaged, sender="pk")
    assert (border.af.evidence(), evidence_left(border.af)) == (["envelope.altered"], [False])
    assert left(border.af, remains.of_envelope(damaged)) == 0


def test_what_was_signed_and_does_not_fit_is_kept_until_it_expires(border: Border) -> None:
    """It names its record on the outside, so that it goes with it; what it says nobody could read."""
    border.dishonest.add("pk")
    border.pk.means = replace(border.pk.means, kinds=Kinds([replace(REPORT, version=2)]))
    refused = border.pk.forge("af", text=MARK, kind="intelligence.report/2")
    border.af.take("envelope", refused, sender="pk")
    assert (border.af.evidence(), evidence_left(border.af)) == (["kind.unknown"], [True])
    border.clock.forward(days=365)
    erase_due(border.af.means)
    assert evidence_left(border.af) == [False]


def test_evidence_of_what_stands_is_not_taken_by_a_withdrawal(border: Border) -> None:
    """A party must not have what it promised forgotten by withdrawing it: only its time ends it."""
    border.dishonest.add("pk")
    notice: dict[str, Any] = {
        "kind": "record.withdrawal/1",
        "body": Withdrawal("mistaken"),
        "handling": NOTICE_HANDLING,
    }
    id_ = border.pk.means.new_id()
    refused = border.pk.forge("af", id_=id_, refs=(Ref("withdraws", "pk", border.pk.means.new_id()),), **notice)
    border.af.take("compact", agree(border.sides.values(), amends=border.pk.terms))
    border.af.take("envelope", refused, sender="pk")
    assert border.af.evidence() == ["compact.outdated"]
    border.carry("af", "pk")
    later = border.pk.forge("af", refs=(Ref("withdraws", "pk", id_),), sequence=2, **notice)
    assert isinstance(border.af.take("envelope", later, sender="pk").outcomes[0], Accepted)
    erase_due(border.af.means)
    assert evidence_left(border.af) == [True]


# --- the write-ahead log ----------------------------------------------------------------------------------------------


@contextmanager
def reading(side: Side) -> Iterator[None]:
    """Another program that reads the database and does not come to an end."""
    with side.means.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA busy_timeout = 50")
    other = sqlite3.connect(side.kept.where, isolation_level=None)
    other.execute("BEGIN")
    other.execute("SELECT count(*) FROM record").fetchone()
    yield
    other.close()


def test_a_reader_in_the_way_is_named_and_what_is_left_goes_with_the_next_erasure(border: Border) -> None:
    sent = border.pk.send("af", text=MARK)
    border.carry("pk", "af")
    wanted = secrets_of(border.af, sent)
    recall(border, sent)
    with reading(border.af), pytest.raises(Fault) as caught:
        erase_due(border.af.means)
    assert caught.value.code == "store.scrub"
    assert border.af.state(sent) == "destroyed"
    assert left(border.af, wanted) > 0
    erase_due(border.af.means)
    assert left(border.af, wanted) == 0
