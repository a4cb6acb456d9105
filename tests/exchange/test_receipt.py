"""A receipt is the receiver's own log's proof: provisional until the others countersigned, and nobody else's to give."""

import pytest

from amanat.compact.witnessing import policy_for
from amanat.exchange.means import begin
from amanat.exchange.publish import publish
from amanat.exchange.send import Pending
from amanat.log.checkpoint import parse_checkpoint
from amanat.log.cosignature import verify_cosignature
from amanat.log.note import COSIGNATURE_MLDSA44, VerifierKey, parse_note
from amanat.log.policy import parse_policy, verify_checkpoint
from amanat.log.proof import Proof, parse_proof
from amanat.log.witness import parse_add_checkpoint
from amanat.party.manifest import log_name
from amanat.store import listing, logs
from border import Border, codes
from side import COMPACT


def cosigned_by(border: Border, sent: Pending) -> set[str]:
    """Who countersigned, as the receipt pk keeps of af says."""
    with begin(border.pk.means) as turn:
        (delivery,) = listing.deliveries(turn.tx, sent.digest)
        policy = parse_policy(policy_for(turn.known.compact(COMPACT).terms, turn.known.manifests, "af"))
    return set(verify_checkpoint(policy, parse_proof(delivery.answer or b"").checkpoint).cosigned)


def receipt(border: Border) -> bytes:
    """Af's first receipt for a report that pk sent."""
    border.carry("pk", "af")
    (data,) = border.items("af", "pk", "receipt")
    return data


@pytest.fixture
def sent(border: Border) -> Pending:
    """A report from pk to af that nobody has carried yet."""
    return border.pk.send("af")


# --- provisional and final --------------------------------------------------------------------------------------------


def test_the_first_receipt_is_provisional(border: Border, sent: Pending) -> None:
    border.exchange("pk", "af")
    assert border.pk.delivery(sent, "af") == "provisional"
    assert cosigned_by(border, sent) == set()


def test_it_becomes_final_with_the_quorum_of_the_compact(border: Border, sent: Pending) -> None:
    border.settle()
    assert border.pk.delivery(sent, "af") == "final"
    assert cosigned_by(border, sent) == {"pk", "obs"}


def test_a_missing_quorum_is_shown_and_stops_nothing(border: Border, sent: Pending) -> None:
    """The observer is silent: receipts stay provisional, records pass both ways."""
    for _ in range(3):
        border.exchange("pk", "af")
    assert border.pk.delivery(sent, "af") == "provisional"
    there, back = border.pk.send("af", text="one more"), border.af.send("pk", text="and back")
    border.exchange("pk", "af")
    border.carry("af", "pk")
    assert border.af.received()[-1] == there.record
    assert border.pk.received() == [back.record]


@pytest.mark.promised(
    "a log that countersigns itself",
    "docs/threat-model.md",
    "A party that tells two others different things",
    "in which the log's own party does not count",
)
def test_the_logs_own_party_never_counts(border: Border, sent: Pending) -> None:
    """Af's own line stands on each of its checkpoints, and with obs's it is still one short of the other two."""
    border.carry("pk", "af")
    border.exchange("af", "obs")
    border.carry("af", "pk")
    with begin(border.pk.means) as turn:
        (delivery,) = listing.deliveries(turn.tx, sent.digest)
    assert "\n— af.amanat.example/witness ".encode() in (delivery.answer or b"")
    assert (delivery.state, cosigned_by(border, sent)) == ("provisional", {"obs"})


def signed_for_the_decades(border: Border, checkpoint: bytes) -> bool:
    """Whether af's ML-DSA-44 key in use signed it."""
    note = parse_note(checkpoint)
    public = border.af.means.keys.witness_pq.public_key().public_bytes_raw()
    key = VerifierKey("af.amanat.example/witness", COSIGNATURE_MLDSA44, public)
    return verify_cosignature(note, parse_checkpoint(note.text), key) is not None


@pytest.mark.usefixtures("sent")
def test_a_checkpoint_is_signed_for_the_decades_before_anybody_is_shown_it(border: Border) -> None:
    """Not sooner: most are replaced by the next before they leave the house. When that key changes, by the new one."""
    border.carry("pk", "af")
    with begin(border.af.means) as turn:
        _, at_home = logs.latest(turn.tx, COMPACT)
    assert not signed_for_the_decades(border, at_home)
    (request,) = border.items("af", "obs", "checkpoint")
    assert signed_for_the_decades(border, parse_add_checkpoint(request).checkpoint)
    border.af.rotate("witness_pq")
    (data,) = border.items("af", "pk", "receipt")
    assert signed_for_the_decades(border, parse_proof(data).checkpoint)
    published: dict[str, bytes] = {}
    with begin(border.af.means) as turn:
        publish(turn, log_name(border.af.manifest, COMPACT), published.__setitem__)
    assert signed_for_the_decades(border, published["checkpoint"])


def test_a_provisional_receipt_played_again_takes_nothing_back(border: Border, sent: Pending) -> None:
    early = receipt(border)
    border.settle()
    assert border.pk.take("receipt", early, sender="af").problems == []
    assert border.pk.delivery(sent, "af") == "final"
    assert cosigned_by(border, sent) == {"pk", "obs"}


def test_a_receipt_that_is_final_is_not_given_again_until_asked(border: Border, sent: Pending) -> None:
    border.settle()
    assert border.items("af", "pk", "receipt") == []
    border.af.take("envelope", border.pk.envelope(sent), sender="pk")
    assert len(border.items("af", "pk", "receipt")) == 1


# --- not believed -----------------------------------------------------------------------------------------------------


@pytest.mark.promised(
    "a receipt of somebody else",
    "docs/protocol/receipt.md",
    "Verifying",
    "One line at least MUST be by a log key whose name is the origin",
)
def test_nobody_gives_a_receipt_for_another(border: Border, sent: Pending) -> None:
    data = receipt(border)
    assert codes(border.pk.take("receipt", data, sender="obs")) == [("receipt", "receipt.unknown")]
    assert border.pk.delivery(sent, "af") == "pending"


def test_a_receipt_of_another_recipients_log_is_not_this_ones(border: Border) -> None:
    sent = border.pk.send("af", "obs", **border.pk.green())
    data = receipt(border)
    assert codes(border.pk.take("receipt", data, sender="obs")) == [("receipt", "policy.log")]
    assert border.pk.delivery(sent, "obs") == "pending"


@pytest.mark.usefixtures("sent")
@pytest.mark.parametrize("border", ["sqlite", "postgresql"], indirect=True)
def test_a_receipt_for_an_envelope_never_sent_is_kept_apart(border: Border) -> None:
    proof = parse_proof(receipt(border))
    other = Proof(bytes(32), proof.index, proof.path, proof.checkpoint).encode()
    assert codes(border.pk.take("receipt", other, sender="af")) == [("receipt", "receipt.unknown")]


@pytest.mark.promised(
    "a receipt of somebody else",
    "docs/protocol/receipt.md",
    "The file",
    "the verifier MUST use the SHA-256 of the envelope it holds",
)
@pytest.mark.usefixtures("sent")
def test_a_receipt_for_one_envelope_proves_nothing_for_another(border: Border) -> None:
    proof = parse_proof(receipt(border))
    later = border.pk.send("af")
    moved = Proof(bytes.fromhex(later.digest), proof.index, proof.path, proof.checkpoint).encode()
    assert codes(border.pk.take("receipt", moved, sender="af")) == [("receipt", "proof.inclusion")]
    assert border.pk.delivery(later, "af") == "pending"


def test_a_checkpoint_that_its_log_did_not_sign_proves_nothing(border: Border, sent: Pending) -> None:
    proof = parse_proof(receipt(border))
    head, _, lines = proof.checkpoint.partition(b"\n\n")
    unsigned = head + b"\n\n" + b"\n".join(lines.split(b"\n")[1:])
    forged = Proof(proof.extra, proof.index, proof.path, unsigned).encode()
    assert codes(border.pk.take("receipt", forged, sender="af")) == [("receipt", "policy.log")]
    assert border.pk.delivery(sent, "af") == "pending"


def test_a_final_receipt_with_a_countersignature_taken_out_is_provisional(border: Border, sent: Pending) -> None:
    """A courier can delay, and leaves nothing worse than what was."""
    border.carry("pk", "af")
    border.exchange("af", "obs")
    border.carry("af", "pk")
    border.carry("pk", "af")
    (data,) = border.items("af", "pk", "receipt")
    proof = parse_proof(data)
    head, _, lines = proof.checkpoint.partition(b"\n\n")
    fewer = head + b"\n\n" + b"".join(line + b"\n" for line in lines.splitlines() if b"obs.amanat" not in line)
    border.pk.take("receipt", Proof(proof.extra, proof.index, proof.path, fewer).encode(), sender="af")
    assert border.pk.delivery(sent, "af") == "provisional"
    border.pk.take("receipt", data, sender="af")
    assert border.pk.delivery(sent, "af") == "final"


@pytest.mark.parametrize("data", [b"", b"c2sp.org/tlog-proof@v1\n", b"\xff" * 40], ids=["empty", "cut", "noise"])
def test_what_is_no_receipt_at_all_is_reported_and_stops_nothing(border: Border, sent: Pending, data: bytes) -> None:
    assert len(border.pk.take("receipt", data, sender="af").problems) == 1
    border.settle()
    assert border.pk.delivery(sent, "af") == "final"
