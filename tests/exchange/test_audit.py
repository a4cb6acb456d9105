"""Whoever writes to a party's database behind its node's back is found: by what was signed, not by what rows say."""

from collections.abc import Iterator

import pytest
from sqlalchemy import update

from amanat.exchange.audit import audit
from amanat.exchange.erasure import erase_due
from amanat.exchange.means import begin
from amanat.exchange.send import Pending
from amanat.exchange.withdraw import withdraw
from amanat.node import unwatched
from amanat.party import canonical, dsse, labels
from amanat.record.notices import Withdrawal
from amanat.store.tables import CHECKPOINT, ENVELOPE, MANIFEST, RECORD
from border import Border, brought
from side import Side


def findings(side: Side) -> list[tuple[str, str]]:
    return [(each.what, each.says) for each in audit(side.means, unwatched)]


@pytest.fixture
def sent(border: Border) -> Iterator[Pending]:
    """A report of pk that af holds; whatever is done to af's database is undone again."""
    sent, copy = brought(border, _sent)
    yield sent
    border.af.restore(copy)


def _sent(border: Border) -> tuple[Pending, bytes]:
    sent = border.pk.send("af", text="one lorry")
    border.settle()
    return sent, border.af.snapshot()


def test_a_database_that_nobody_touched_is_good(border: Border, sent: Pending) -> None:
    border.af.rotate("record", "log")
    withdraw(sent.record.fields.id, Withdrawal("mistaken"), border.pk.post, border.pk.means)
    border.pk.send("af", text="a cart")
    border.carry("pk", "af")
    erase_due(border.af.means)
    assert [findings(side) for side in border.sides.values()] == [[], [], []]


@pytest.mark.promised(
    "a rewritten database", "docs/threat-model.md", "Stores", "opens each anew and holds it against the log"
)
def test_a_record_that_was_rewritten_is_found(border: Border, sent: Pending) -> None:
    with begin(border.af.means) as turn:
        rewritten = sent.record.data.replace(b"one lorry", b"nine cars")
        turn.tx.execute(update(RECORD).values(data=rewritten))
    assert findings(border.af) == [
        (f"the record pk:{sent.record.fields.id}", "What is shown is not what its sender signed.")
    ]


def test_a_record_of_a_person_that_is_kept_as_one_of_nobody_is_found(border: Border) -> None:
    """Lists believe what is kept of it: a look at it would go unnoted."""
    copy = border.pk.snapshot()
    named = border.pk.with_file("af", **border.pk.person())
    with begin(border.pk.means) as turn:
        turn.tx.execute(update(RECORD).where(RECORD.c.id == named.record.fields.id).values(person=False))
    says = "It names a person, and is kept as one that names none."
    assert findings(border.pk) == [(f"the record pk:{named.record.fields.id}", says)]
    border.pk.restore(copy)


def test_an_envelope_that_was_rewritten_is_found(border: Border, sent: Pending) -> None:
    with begin(border.af.means) as turn:
        turn.tx.execute(update(ENVELOPE).values(data=b"another"))
    assert findings(border.af) == [
        (f"the record pk:{sent.record.fields.id}", "Its envelope is missing or was altered.")
    ]


def test_a_record_moved_to_another_place_in_the_log_is_found(border: Border, sent: Pending) -> None:
    with begin(border.af.means) as turn:
        turn.tx.execute(update(RECORD).values(log_index=7))
    ((what, says),) = findings(border.af)
    assert (what, says) == (f"the record pk:{sent.record.fields.id}", "It does not stand at 7 of the log pk-af.")


@pytest.mark.usefixtures("sent")
def test_entries_that_were_rewritten_are_found(border: Border) -> None:
    with begin(border.af.means) as turn:
        turn.tx.execute(update(CHECKPOINT).values(entries=b"\0\x20" + bytes(32)))
    assert "the log pk-af" in [what for what, _ in findings(border.af)]


@pytest.mark.promised("a rewritten database", "docs/threat-model.md", "Stores", "manifests again by `amanat audit`")
@pytest.mark.usefixtures("sent")
def test_a_manifest_that_nobody_signed_is_found(border: Border) -> None:
    """Else whoever writes to the file could have the node believe any key."""
    forged = dsse.to_bytes(dsse.sign(labels.MANIFEST, canonical.encode(border.pk.manifest), []))
    with begin(border.af.means) as turn:
        turn.tx.execute(update(MANIFEST).where(MANIFEST.c.party == "pk").values(data=forged))
    assert findings(border.af)[0][0] == "the manifests of pk"
