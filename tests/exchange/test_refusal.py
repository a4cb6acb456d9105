"""Refused is a signed answer: the sender learns which rule said no, and anybody can verify that the receiver said it."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import msgspec
import pytest

from amanat.exchange import answers
from amanat.exchange.answers import Refusal
from amanat.exchange.means import begin
from amanat.exchange.send import Pending
from amanat.party import canonical, dsse, labels
from amanat.store import listing
from border import Border, agree, codes
from side import public_id, spoiled


def unopenable(border: Border) -> bytes:
    return spoiled(border.pk.forge("af"))


def against_a_clause(border: Border) -> bytes:
    """Clause 4.1.b gives the observer nothing above TLP:GREEN."""
    return border.pk.forge("obs", "af")


def under_another_version(border: Border) -> bytes:
    made = border.pk.forge("af")
    signed = agree(border.sides.values(), amends=border.pk.terms)
    assert not border.af.take("compact", signed).problems
    return made


def against_a_floor(border: Border) -> bytes:
    """It names a person and says neither on what ground nor with what risk."""
    return border.pk.forge("af", body=border.pk.person()["body"])


REASONS = [
    (unopenable, "envelope.altered", "the protocol"),
    (against_a_clause, "check.default", "no clause permits"),
    (under_another_version, "compact.outdated", "compact version"),
    (against_a_floor, "floor.2", "floor 2"),
]


@pytest.mark.parametrize(("forge", "code", "by"), REASONS, ids=[code for _, code, _ in REASONS])
def test_each_reason_is_told_in_a_statement_that_the_refusing_party_signed(
    border: Border, forge: Callable[[Border], bytes], code: str, by: str
) -> None:
    border.dishonest.add("pk")
    envelope = forge(border)
    border.af.take("envelope", envelope, sender="pk")
    (signed,) = border.items("af", "pk", "refusal")
    with begin(border.obs.means) as turn:
        known = turn.known
    refusal = answers.read_refusal(signed, "af", known, replace(border.obs.means, party="pk"))
    assert (refusal.code, refusal.by, refusal.sender, refusal.recipient) == (code, by, "pk", "af")
    assert border.af.received() == []


def test_a_refusal_quotes_nothing_of_what_was_sent(border: Border) -> None:
    border.dishonest.add("pk")
    border.af.take(
        "envelope", border.pk.forge("af", text="a secret", body=border.pk.person("a secret")["body"]), sender="pk"
    )
    (signed,) = border.items("af", "pk", "refusal")
    body = dsse.parse(signed, labels.REFUSAL, "refusal").body()
    assert sorted(msgspec.json.decode(body)) == ["at", "by", "code", "envelope", "recipient", "sender"]
    assert b"secret" not in body


def test_bytes_that_are_no_envelope_are_not_answered_and_only_their_digest_is_kept(border: Border) -> None:
    """Anybody can bring any number of them in anybody's name: they must cost neither signatures nor disk."""
    noise = [bytes([number]) * 100_000 for number in range(20)]
    before = len(border.af.files())
    border.af.take("envelope", *noise, sender="pk")
    assert border.items("af", "pk", "refusal") == []
    assert border.af.evidence() == ["envelope.format"] * 20
    assert len(border.af.files()) - before < 500_000


# --- at the sender ----------------------------------------------------------------------------------------------------


@pytest.fixture
def refused(border: Border) -> Pending:
    """A report of pk that af refused, because it had suspended the compact."""
    sent = border.pk.send("af")
    border.af.act("suspend", 1)
    border.carry("pk", "af")
    return sent


def test_the_sender_keeps_the_refusal_and_shows_it(border: Border, refused: Pending) -> None:
    border.carry("af", "pk")
    with begin(border.pk.means) as turn:
        (delivery,) = listing.deliveries(turn.tx, refused.digest)
        assert delivery.answer is not None
        said = answers.read_refusal(delivery.answer, "af", turn.known, turn.means)
    assert (delivery.state, said.code, said.by) == ("refused", "check.clause", "clause 4.1.f")


@pytest.mark.usefixtures("refused")
def test_what_was_refused_goes_with_no_more_bundles(border: Border) -> None:
    border.carry("af", "pk")
    assert border.items("pk", "af", "envelope") == []


def test_a_refusal_that_comes_twice_is_one(border: Border, refused: Pending) -> None:
    stick = border.bundle("af", "pk")
    border.insert("pk", stick)
    assert border.insert("pk", stick).problems == []
    assert border.pk.delivery(refused, "af") == "refused"


def refusal_of(sent: Pending, **changes: Any) -> Refusal:
    given: dict[str, Any] = {
        "envelope": sent.digest,
        "sender": "pk",
        "recipient": "af",
        "code": "floor.2",
        "by": "floor 2",
    }
    return Refusal(**{**given, "at": sent.record.fields.at, **changes})


def signed_by(border: Border, party: str, refusal: Refusal) -> bytes:
    key = border.sides[party].means.keys.record
    return dsse.to_bytes(dsse.sign(labels.REFUSAL, canonical.encode(refusal), [key]))


def test_a_refusal_that_somebody_else_signed_is_not_believed(border: Border) -> None:
    sent = border.pk.send("af")
    forged = signed_by(border, "obs", refusal_of(sent))
    assert codes(border.pk.take("refusal", forged, sender="af")) == [("refusal", "statement.unsigned")]
    assert border.pk.delivery(sent, "af") == "pending"
    border.exchange("pk", "af")
    assert border.pk.delivery(sent, "af") == "provisional"


def test_one_recipients_refusal_is_not_anothers(border: Border) -> None:
    sent = border.pk.send("af", "obs", **border.pk.green())
    by_obs = signed_by(border, "obs", refusal_of(sent, recipient="obs"))
    assert codes(border.pk.take("refusal", by_obs, sender="af")) == [("refusal", "statement.unsigned")]
    border.dishonest.add("obs")
    assert border.pk.take("refusal", by_obs, sender="obs").problems == []
    assert (border.pk.delivery(sent, "af"), border.pk.delivery(sent, "obs")) == ("pending", "refused")


def test_a_refusal_for_another_exchange_is_not_believed(border: Border) -> None:
    sent = border.pk.send("af")
    other = signed_by(border, "af", refusal_of(sent, sender="obs"))
    assert codes(border.pk.take("refusal", other, sender="af")) == [("refusal", "refusal.parties")]
    assert border.pk.delivery(sent, "af") == "pending"


def test_a_refusal_of_what_was_never_sent_is_kept_apart(border: Border) -> None:
    """Somebody altered an envelope on the way: the receiver cannot know who, and its sender should hear of it."""
    sent = border.pk.send("af")
    border.af.take("envelope", spoiled(border.pk.envelope(sent)), sender="pk")
    assert codes(border.carry("af", "pk")) == [("refusal", "refusal.unknown")]
    border.exchange("pk", "af")
    assert border.pk.delivery(sent, "af") == "provisional"


def test_a_refusal_after_a_receipt_is_evidence_and_the_receipt_stands(border: Border) -> None:
    border.dishonest.add("af")
    sent = border.pk.send("af")
    border.settle()
    denied = signed_by(border, "af", refusal_of(sent))
    assert codes(border.pk.take("refusal", denied, sender="af")) == [("refusal", "refusal.contradiction")]
    assert border.pk.delivery(sent, "af") == "final"
    assert border.pk.evidence() == ["refusal.contradiction"]


def test_a_receipt_after_a_refusal_is_evidence_and_the_refusal_stands(border: Border) -> None:
    border.dishonest.add("af")
    sent = border.pk.send("af")
    border.carry("pk", "af")
    assert border.pk.take("refusal", signed_by(border, "af", refusal_of(sent)), sender="af").problems == []
    assert codes(border.carry("af", "pk")) == [("receipt", "receipt.contradiction")]
    assert border.pk.delivery(sent, "af") == "refused"
    assert border.pk.evidence() == ["receipt.contradiction"]


def test_a_refusal_that_was_lost_is_given_again_under_the_key_in_use(border: Border) -> None:
    """Else the revocation of the key that signed it would leave its sender without an answer for good."""
    sent = border.pk.send("af")
    border.af.take("compact", agree(border.sides.values(), border.pk.terms))
    border.carry("pk", "af")
    border.bundle("af", "pk")
    lost_under = public_id(border.af.means.keys.record)
    border.af.rotate("record")
    border.af.revoke(lost_under)
    border.exchange("pk", "af")
    border.carry("af", "pk")
    assert border.pk.delivery(sent, "af") == "refused"
