"""A record is checked anew from what is kept: each check that fails says what, and keeps no other from being made."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace

import pytest
from sqlalchemy import update

from amanat.exchange.checks import Check, answer_of, checked, own_proof, policy_for
from amanat.exchange.means import Turn, begin
from amanat.log.policy import parse_policy, verify_proof
from amanat.log.proof import parse_proof
from amanat.log.tree import leaf_hash
from amanat.party.errors import Invalid
from amanat.party.manifest import log_name
from amanat.store import listing
from amanat.store.tables import CHECKPOINT, DELIVERY, ENVELOPE, RECORD
from border import Border, meet
from side import COMPACT, Side


@pytest.fixture(scope="module")
def border(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Border]:
    """Three parties that have met."""
    with meet(tmp_path_factory.mktemp("border")) as met:
        yield met


@pytest.fixture(scope="module")
def sent(border: Border) -> str:
    """The id of a record of pk that af has, and that all countersigned."""
    made = border.pk.send("af", text="three lorries")
    border.settle()
    return made.record.fields.id


class Undone(Exception):
    """Takes back what a test altered."""


def after(side: Side, id_: str, alter: Callable[[Turn], object] = lambda _turn: None) -> dict[tuple[str, str], Check]:
    """What is found after something was altered, by what was checked and of whom; the alteration is taken back."""
    found: dict[tuple[str, str], Check] = {}
    with suppress(Undone), begin(side.means) as turn:
        alter(turn)
        row = listing.one(turn.tx, "pk", id_)
        assert row is not None
        found |= {(each.what, each.of): each for each in checked(turn, row)}
        raise Undone
    return found


def results(found: dict[tuple[str, str], Check]) -> dict[tuple[str, str], str]:
    return {key: f"{each.result} {each.code}".strip() for key, each in found.items()}


ALL_HOLD = {
    ("envelope", "pk"): "holds",
    ("signature", "pk"): "holds",
    ("log", "pk"): "holds",
    ("receipt", "af"): "holds",
}


def test_a_record_that_all_countersigned_holds_at_every_step(border: Border, sent: str) -> None:
    found = after(border.pk, sent)
    assert results(found) == ALL_HOLD
    receipt = found["receipt", "af"]
    assert (receipt.log, receipt.waits_for) == (log_name(border.af.manifest, COMPACT), "")
    assert receipt.index is not None
    assert {each.by for each in receipt.countersigned} >= {"obs"}
    assert all(each.at for each in receipt.countersigned)


def test_a_record_of_others_is_checked_against_our_log_and_its_senders_signature(border: Border, sent: str) -> None:
    assert set(after(border.af, sent)) == {("envelope", "af"), ("signature", "pk"), ("log", "af")}


def test_what_nobody_answered_is_lacking_and_not_failing(border: Border) -> None:
    made = border.pk.send("af", text="unanswered")
    found = after(border.pk, made.record.fields.id)
    assert found["receipt", "af"].result == "lacks"
    assert (found["log", "pk"].result, bool(found["log", "pk"].waits_for)) == ("lacks", True)
    border.settle()


def altered(table: object, **values: object) -> Callable[[Turn], object]:
    return lambda turn: turn.tx.execute(update(table).values(**values))  # type: ignore[arg-type]


def test_an_envelope_that_was_altered_is_found_and_all_else_is_checked_still(border: Border, sent: str) -> None:
    found = results(after(border.pk, sent, altered(ENVELOPE, data=b"other bytes")))
    assert found["envelope", "pk"] == "fails verify.envelope"
    assert found["signature", "pk"].startswith("fails")
    assert (found["log", "pk"], found["receipt", "af"]) == ("holds", "holds")


def test_a_page_that_shows_what_nobody_signed_is_found(border: Border, sent: str) -> None:
    def swap(turn: Turn) -> None:
        row = listing.one(turn.tx, "pk", sent)
        assert row is not None
        assert row.data is not None
        data = row.data.replace(b"three", b"seven")
        turn.tx.execute(update(RECORD).where(RECORD.c.id == sent).values(data=data))

    assert results(after(border.pk, sent, swap)) == ALL_HOLD | {("signature", "pk"): "fails verify.shown"}


def test_a_record_that_stands_elsewhere_in_our_log_than_we_say_is_found(border: Border, sent: str) -> None:
    border.pk.send("af", text="another")
    border.settle()
    with begin(border.pk.means) as turn:
        row = listing.one(turn.tx, "pk", sent)
    assert row is not None
    moved = row.log_index + 1
    found = results(after(border.pk, sent, altered(RECORD, log_index=moved)))
    assert found["log", "pk"] == "fails proof.inclusion"


def test_a_receipt_of_another_record_proves_nothing_of_this_one(border: Border, sent: str) -> None:
    other = border.pk.send("af", text="another")
    border.settle()

    def swap(turn: Turn) -> None:
        row = listing.one(turn.tx, "pk", other.record.fields.id)
        assert row is not None
        (theirs,) = listing.deliveries(turn.tx, row.envelope)
        mine = listing.one(turn.tx, "pk", sent)
        assert mine is not None
        turn.tx.execute(update(DELIVERY).where(DELIVERY.c.envelope == mine.envelope).values(answer=theirs.answer))

    assert results(after(border.pk, sent, swap))["receipt", "af"] == "fails proof.inclusion"


def test_a_checkpoint_whose_cosignature_was_altered_is_found(border: Border, sent: str) -> None:
    def break_(turn: Turn) -> None:
        for log, size, note in turn.tx.execute(
            CHECKPOINT.select().with_only_columns(CHECKPOINT.c.log, CHECKPOINT.c.size, CHECKPOINT.c.note)
        ).all():
            head, _, last = note.rstrip(b"\n").rpartition(b"\n")
            flipped = last[:-9] + (b"A" if last[-9:-8] != b"A" else b"B") + last[-8:]
            where = (CHECKPOINT.c.log == log, CHECKPOINT.c.size == size)
            turn.tx.execute(update(CHECKPOINT).where(*where).values(note=head + b"\n" + flipped + b"\n"))

    assert results(after(border.pk, sent, break_))["log", "pk"].startswith("fails")


def test_the_files_given_out_are_checked_without_us(border: Border, sent: str) -> None:
    with begin(border.pk.means) as turn:
        row = listing.one(turn.tx, "pk", sent)
        assert row is not None
        given = {
            "pk": own_proof(turn, row).encode(),
            "af": answer_of(turn, row, "af").answer or b"",
        }
        policies = {owner: policy_for(turn, row, owner) for owner in given}
    for owner, proof in given.items():
        leaf = leaf_hash(bytes.fromhex(row.envelope))
        assert verify_proof(parse_policy(policies[owner]), parse_proof(proof), leaf).quorum


def test_nobody_has_a_receipt_for_what_another_sent(border: Border, sent: str) -> None:
    with begin(border.af.means) as turn:
        row = listing.one(turn.tx, "pk", sent)
        assert row is not None
        with pytest.raises(Invalid, match="No receipt of pk"):
            answer_of(turn, row, "pk")


def test_what_was_destroyed_is_lacking_and_its_place_in_the_log_holds(border: Border, sent: str) -> None:
    with begin(border.pk.means) as turn:
        row = listing.one(turn.tx, "pk", sent)
        assert row is not None
        found = checked(turn, replace(row, state="destroyed", data=None))
    assert [each.result for each in found] == ["lacks", "lacks", "holds", "holds"]
