"""A log told in two ways: a node put back to an old copy, or a party that shows each peer another history."""

import pytest

from amanat.exchange.means import begin
from amanat.log.checkpoint import parse_checkpoint
from amanat.log.note import Note, parse_note, sign_ed25519
from amanat.log.witness import parse_add_checkpoint
from amanat.store import marks, statements
from border import Border, brought, codes
from side import Side, public_id


def roots_in_evidence(side: Side) -> set[tuple[int, bytes]]:
    """Size and root of every checkpoint kept as evidence, be it a request or a note."""
    found = set()
    with begin(side.means) as turn:
        for row in statements.evidence(turn.tx):
            note = parse_add_checkpoint(row.data).checkpoint if row.data.startswith(b"old ") else row.data
            checkpoint = parse_checkpoint(parse_note(note).text)
            found.add((checkpoint.size, checkpoint.root))
    return found


def pk_notes(border: Border, witness: str, recipient: str = "pk") -> list[bytes]:
    """What a witness passes on of pk's log."""
    return [note for note in border.items(witness, recipient, "cosignature") if note.startswith(b"pk.")]


@pytest.fixture
def forked(border: Border) -> bytes:
    """Pk's log has one entry everybody saw; the copy that is returned knows no more."""
    return brought(border, _forked)


def _forked(border: Border) -> bytes:
    border.dishonest.add("pk")
    border.pk.send("af", text="seen by all")
    border.settle()
    return border.pk.snapshot()


# --- put back to an old copy ------------------------------------------------------------------------------------------


def forget(border: Border, copy: bytes, seen_by: str) -> None:
    """Put pk back to a copy that knows nothing of what it sent since, and one of the others saw."""
    border.pk.send("af", text="forgotten")
    border.carry("pk", seen_by)
    border.pk.restore(copy)


@pytest.mark.promised(
    "a node put back to an old copy",
    "docs/threat-model.md",
    "A snapshot rolled back offline",
    "in plain words, and evidence",
)
def test_its_own_node_notices_by_the_next_countersignature(border: Border, forked: bytes) -> None:
    forget(border, forked, "obs")
    assert codes(border.carry("obs", "pk")) == [("cosignature", "log.rollback")]
    assert border.pk.evidence() == ["log.rollback"]


def test_the_sentence_says_what_happened_and_what_to_do(border: Border, forked: bytes) -> None:
    forget(border, forked, "obs")
    ((_, problem),) = border.carry("obs", "pk").problems
    assert str(problem) == (
        "obs countersigned size 2 of our log pk-af, which this database does not hold. This node was restored from an"
        " old copy, or its log key signed elsewhere: stop sending and investigate."
    )


def test_it_is_noticed_also_when_the_new_history_has_the_same_size(border: Border, forked: bytes) -> None:
    forget(border, forked, "obs")
    border.pk.send("af", text="sent instead")
    assert codes(border.carry("obs", "pk")) == [("cosignature", "log.rollback")]


def test_it_is_noticed_also_when_the_key_that_signed_was_revoked_since(border: Border, forked: bytes) -> None:
    """A thief's key signed elsewhere, or ours before: its owner has to hear of it either way."""
    forget(border, forked, "obs")
    stick = border.bundle("obs", "pk")
    stolen = public_id(border.pk.means.keys.log)
    border.pk.rotate("log")
    border.pk.revoke(stolen)
    assert codes(border.insert("pk", stick)) == [("cosignature", "log.rollback")]


def test_a_checkpoint_that_no_key_of_ours_ever_signed_is_no_rollback(border: Border, forked: bytes) -> None:
    forget(border, forked, "obs")
    (note,) = pk_notes(border, "obs")
    text, _, lines = note.partition(b"\n\n")
    unsigned = text + b"\n\n" + b"\n".join(lines.split(b"\n")[1:])
    assert codes(border.pk.take("cosignature", unsigned, sender="obs")) == [("cosignature", "note.unsigned")]


@pytest.mark.promised(
    "a forked log",
    "docs/threat-model.md",
    "A party that tells two others different things",
    "two checkpoints that no consistency proof joins",
)
def test_the_peer_that_saw_the_first_history_proves_the_fork(border: Border, forked: bytes) -> None:
    forget(border, forked, "obs")
    border.pk.send("af", text="sent instead")
    assert codes(border.carry("pk", "obs")) == [("checkpoint", "witness.fork")]
    (one, other) = roots_in_evidence(border.obs)
    assert (one[0], other[0]) == (2, 2)
    assert one[1] != other[1]


@pytest.mark.promised(
    "a node put back to an old copy",
    "docs/threat-model.md",
    "A snapshot rolled back offline",
    "its heartbeat counts backwards",
)
def test_a_receiver_sees_that_the_count_went_back(border: Border, forked: bytes) -> None:
    forget(border, forked, "af")
    border.clock.forward(hours=1)
    assert ("heartbeat", "heartbeat.backwards") in codes(border.carry("pk", "af"))


def test_what_was_accepted_before_stands_at_the_receiver(border: Border, forked: bytes) -> None:
    forget(border, forked, "af")
    assert [record.body.text for record in border.af.received()] == ["seen by all", "forgotten"]


# --- two histories ----------------------------------------------------------------------------------------------------


def show_each_another(border: Border, forked: bytes) -> None:
    """Pk shows one history to obs and another to af."""
    border.pk.send("af", text="one history")
    assert not border.carry("pk", "obs").problems
    border.pk.restore(forked)
    border.pk.send("af", text="another history")
    assert not border.carry("pk", "af").problems


@pytest.mark.promised(
    "a forked log",
    "docs/threat-model.md",
    "A party that tells two others different things",
    "a receipt that stays provisional",
)
def test_neither_sees_it_alone_and_neither_receipt_is_final(border: Border, forked: bytes) -> None:
    border.af.send("pk")
    border.pk.send("af", text="one history")
    border.carry("pk", "obs")
    border.pk.restore(forked)
    sent = border.af.send("pk")
    border.carry("af", "pk")
    border.carry("pk", "af")
    assert border.af.delivery(sent, "pk") == "provisional"
    assert border.obs.evidence() == border.af.evidence() == []


@pytest.mark.promised(
    "a forked log",
    "docs/threat-model.md",
    "A party that tells two others different things",
    "are proved as soon as one who keeps the log is shown both",
)
@pytest.mark.parametrize(("teller", "hearer"), [("obs", "af"), ("af", "obs")])
def test_both_know_as_soon_as_one_tells_the_other(border: Border, forked: bytes, teller: str, hearer: str) -> None:
    show_each_another(border, forked)
    assert codes(border.carry(teller, hearer)) == [("cosignature", "witness.fork")]
    (one, other) = roots_in_evidence(border.sides[hearer])
    assert (one[0], other[0]) == (2, 2)
    assert one[1] != other[1]


def test_the_evidence_is_kept_once_however_often_it_is_told(border: Border, forked: bytes) -> None:
    show_each_another(border, forked)
    for _ in range(3):
        border.carry("obs", "af")
    assert border.af.evidence() == ["witness.fork"] * 2


def test_a_receipt_from_another_history_than_the_one_countersigned_is_a_fork(border: Border) -> None:
    """Both roots are in one hand: nobody else is needed to see it."""
    border.dishonest.add("af")
    empty = border.af.snapshot()
    border.af.send("pk")
    assert not border.carry("af", "pk").problems
    border.af.restore(empty)
    sent = border.pk.send("af")
    border.carry("pk", "af")
    with begin(border.af.means) as turn:
        marks.drop(turn.tx, "restored")  # an altered node goes on
    (receipt,) = border.items("af", "pk", "receipt")
    assert codes(border.pk.take("receipt", receipt, sender="af")) == [("receipt", "witness.fork")]
    assert border.pk.delivery(sent, "af") == "pending"
    assert border.pk.evidence() == ["witness.fork"] * 2


def test_honest_histories_of_different_length_are_no_fork(border: Border) -> None:
    border.pk.send("af")
    border.carry("pk", "obs")
    border.pk.send("af")
    border.carry("pk", "af")
    assert border.carry("obs", "af").problems == border.carry("af", "obs").problems == []


def test_a_checkpoint_of_a_third_party_that_its_log_did_not_sign_accuses_nobody(border: Border, forked: bytes) -> None:
    """Af would have obs believe in a fork of pk's log: without pk's log key it cannot."""
    show_each_another(border, forked)
    (note,) = pk_notes(border, "af", "obs")
    text = parse_note(note).text
    unsigned = Note(text, (sign_ed25519(text, "af.amanat.example", border.af.means.keys.log),)).encode()
    assert codes(border.obs.take("cosignature", unsigned, sender="af")) == []
    assert border.obs.evidence() == []


def test_nor_does_one_that_was_altered(border: Border, forked: bytes) -> None:
    show_each_another(border, forked)
    (note,) = pk_notes(border, "af", "obs")
    origin, size, root, rest = note.split(b"\n", 3)
    other = b"B" if root.startswith(b"A") else b"A"
    altered = b"\n".join((origin, size, other + root[1:], rest))
    assert codes(border.obs.take("cosignature", altered, sender="af")) == [("cosignature", "note.signature")]
    assert border.obs.evidence() == ["note.signature"]


def test_a_log_of_a_compact_not_joined_here_is_kept_apart(border: Border) -> None:
    border.pk.send("af")
    border.carry("pk", "obs")
    (note,) = pk_notes(border, "obs")
    other = note.replace(b"/pk-af", b"/xx-yy")
    assert codes(border.af.take("cosignature", other, sender="obs")) == [("cosignature", "cosignature.origin")]


def test_only_what_the_bringer_itself_signed_is_taken_from_its_note(border: Border) -> None:
    """Lines of others could displace theirs, or swell our checkpoint until nobody reads it."""
    border.pk.send("af")
    border.carry("pk", "obs")
    (note,) = pk_notes(border, "obs")
    strangers = "".join(f"— stranger{number} {'AAAAAAAA' * 20}\n" for number in range(40)).encode()
    assert not border.pk.take("cosignature", note + strangers, sender="obs").problems
    border.pk.send("af")
    assert not any(b"stranger" in data for data in border.items("pk", "af", "checkpoint"))
    assert b"stranger" not in border.pk.files()


def test_only_what_the_log_itself_signed_is_kept_by_its_witness(border: Border) -> None:
    border.pk.send("af")
    (request,) = border.items("pk", "obs", "checkpoint")
    strangers = "".join(f"— stranger{number} {'AAAAAAAA' * 20}\n" for number in range(40)).encode()
    assert not border.obs.take("checkpoint", request + strangers, sender="pk").problems
    assert b"stranger" not in border.obs.files()
