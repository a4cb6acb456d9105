"""What the courier took out shows: to the receiver as a gap in the numbers, to the sender by the receipt that is missing."""

from dataclasses import replace

import pytest

from amanat.exchange import answers
from amanat.exchange.erasure import erase_due
from amanat.exchange.withdraw import withdraw
from amanat.party.errors import Invalid
from amanat.record.notices import Withdrawal
from amanat.store.records import LineState
from border import Border, codes
from side import public_id, spoiled


def beat(border: Border, sent: int) -> bytes:
    """A heartbeat of pk to af at this moment, whatever pk really sent."""
    return answers.beat("af", LineState(sent, 0, ()), border.pk.means)


@pytest.mark.promised(
    "an envelope taken out", "docs/threat-model.md", "The network and the courier", "shows as a gap in the sequence"
)
def test_a_number_left_out_shows_once_a_later_one_arrives(border: Border) -> None:
    for _ in range(5):
        border.pk.send("af")
    envelopes = border.items("pk", "af", "envelope")
    report = border.af.take("envelope", envelopes[0], envelopes[2], envelopes[4], sender="pk")
    assert report.gaps == [(2, 2), (4, 4)]


@pytest.mark.promised("an envelope taken out", "docs/protocol/bundle.md", "Taking a bundle in", "is shown as lost")
def test_the_last_ones_show_only_by_a_heartbeat(border: Border) -> None:
    for _ in range(3):
        border.pk.send("af")
    envelopes = border.items("pk", "af", "envelope")
    assert border.af.take("envelope", envelopes[0], sender="pk").gaps == []
    assert border.af.take("heartbeat", *border.items("pk", "af", "heartbeat"), sender="pk").gaps == [(2, 3)]


def test_the_sender_sees_the_same_loss_by_what_is_not_answered(border: Border) -> None:
    lost, came = border.pk.send("af"), border.pk.send("af")
    border.af.take("envelope", border.pk.envelope(came), sender="pk")
    border.carry("af", "pk")
    assert (border.pk.delivery(lost, "af"), border.pk.delivery(came, "af")) == ("pending", "provisional")


def test_what_was_lost_comes_with_the_next_bundle_and_closes_the_gap(border: Border) -> None:
    border.pk.send("af", text="lost")
    came = border.pk.send("af", text="came")
    report = border.af.take("envelope", border.pk.envelope(came), sender="pk")
    assert report.gaps == [(1, 1)]
    assert border.carry("pk", "af").gaps == []
    assert [record.body.text for record in border.af.received()] == ["came", "lost"]


@pytest.mark.parametrize("border", ["sqlite", "postgresql"], indirect=True)
def test_what_came_and_was_refused_is_not_lost(border: Border) -> None:
    border.pk.send("af")
    border.af.act("suspend", 1)
    assert border.carry("pk", "af").gaps == []


def test_what_came_and_was_refused_unread_is_not_lost_once_its_sender_knows(border: Border) -> None:
    """Its number is sealed inside, so that only its sender can say which one was refused."""
    stolen = public_id(border.pk.means.keys.record)
    border.pk.send("af")
    border.pk.rotate("record")
    border.pk.revoke(stolen)
    assert border.carry("pk", "af").gaps == [(1, 1)]
    border.carry("af", "pk")
    assert border.carry("pk", "af").gaps == []


def test_what_came_under_an_expired_manifest_and_was_refused_is_not_lost(border: Border) -> None:
    border.pk.send("af")
    border.clock.forward(days=365 * 3 + 1)
    border.af.renew(border.af.secrets)
    assert border.carry("pk", "af").gaps == []


def test_what_came_and_could_not_be_opened_is_still_missing(border: Border) -> None:
    """Its number is sealed inside: nobody can tell which one it was."""
    sent = border.pk.send("af")
    border.af.take("envelope", spoiled(border.pk.envelope(sent)), sender="pk")
    assert border.af.take("heartbeat", beat(border, 1), sender="pk").gaps == [(1, 1)]


def test_each_line_has_numbers_of_its_own(border: Border) -> None:
    border.af.send("pk")
    border.pk.send("af")
    border.af.send("pk")
    border.exchange("pk", "af")
    assert border.carry("pk", "af").gaps == border.carry("af", "pk").gaps == []


def test_a_replayed_heartbeat_of_before_takes_nothing_back(border: Border) -> None:
    old = beat(border, 0)
    border.clock.forward(hours=1)
    border.pk.send("af")
    border.af.take("heartbeat", beat(border, 1), sender="pk")
    border.clock.forward(hours=1)
    report = border.af.take("heartbeat", old, sender="pk")
    assert (codes(report), report.gaps) == ([], [(1, 1)])


def test_a_later_heartbeat_that_counts_less_is_evidence(border: Border) -> None:
    """The sender says of itself that it unsent something: its database was put back, or it hides a loss."""
    border.dishonest.add("pk")
    border.af.take("heartbeat", beat(border, 3), sender="pk")
    border.clock.forward(hours=1)
    report = border.af.take("heartbeat", beat(border, 2), sender="pk")
    assert (codes(report), report.gaps) == ([("heartbeat", "heartbeat.backwards")], [(1, 3)])
    assert border.af.evidence() == ["heartbeat.backwards"]


def test_a_heartbeat_that_counts_less_than_what_came_hides_nothing(border: Border) -> None:
    for _ in range(3):
        border.pk.send("af")
    envelopes = border.items("pk", "af", "envelope")
    border.dishonest.add("pk")
    border.af.take("envelope", envelopes[2], sender="pk")
    assert border.af.take("heartbeat", beat(border, 0), sender="pk").gaps == [(1, 2)]


@pytest.mark.parametrize(
    ("settled", "void"),
    [(0, ((3, 4), (1, 1))), (0, ((1, 1), (2, 2))), (0, ((1, 3), (2, 5))), (0, ((4, 3),)), (0, ((1, 10),)), (10, ())],
    ids=["out of order", "touching", "overlapping", "no run", "void beyond what was sent", "settled beyond it"],
)
def test_a_heartbeats_numbers_have_one_spelling(
    border: Border, settled: int, void: tuple[tuple[int, int], ...]
) -> None:
    with pytest.raises(Invalid) as caught:
        answers.beat("af", LineState(9, settled, void), border.pk.means)
    assert caught.value.code == "heartbeat.numbers"


@pytest.mark.parametrize(
    ("signer", "recipient", "code"),
    [("obs", "af", "statement.unsigned"), ("pk", "obs", "heartbeat.parties")],
    ids=["signed by another", "for another"],
)
def test_a_heartbeat_of_others_counts_for_nothing(border: Border, signer: str, recipient: str, code: str) -> None:
    means = replace(border.sides[signer].means, party="pk")
    report = border.af.take("heartbeat", answers.beat(recipient, LineState(9, 0, ()), means), sender="pk")
    assert (codes(report), report.gaps) == ([("heartbeat", code)], [])


# --- what leaves no more, and what is given again ---------------------------------------------------------------------


def test_what_is_withdrawn_before_it_was_answered_leaves_no_more_and_is_no_loss(border: Border) -> None:
    """A report sent in error must not reach the very party it was kept from by withdrawing it in time."""
    secret = border.pk.send("af", text="a secret")
    after = border.pk.send("af", text="a lorry")
    withdraw(secret.record.fields.id, Withdrawal("sent-in-error"), border.pk.post, border.pk.means)
    stick = border.bundle("pk", "af")
    assert border.pk.envelope(secret) not in stick
    assert border.insert("af", stick).gaps == []
    assert border.af.state(secret) is None
    assert border.af.state(after) == "current"


def test_it_is_no_loss_after_it_was_destroyed_at_home_either(border: Border) -> None:
    secret = border.pk.send("af", text="a secret")
    border.pk.send("af")
    withdraw(secret.record.fields.id, Withdrawal("sent-in-error"), border.pk.post, border.pk.means)
    erase_due(border.pk.means)
    assert border.carry("pk", "af").gaps == []


def test_a_final_receipt_is_given_until_its_sender_says_that_it_is_held(border: Border) -> None:
    sent = border.pk.send("af")
    for of, to in [("pk", "af"), ("af", "pk"), ("af", "obs"), ("pk", "obs"), ("obs", "af"), ("pk", "af")]:
        border.carry(of, to)
    lost = border.items("af", "pk", "receipt")
    assert len(lost) == 1
    border.carry("pk", "af")
    border.carry("af", "pk")
    assert border.pk.delivery(sent, "af") == "final"
    border.carry("pk", "af")
    assert border.items("af", "pk", "receipt") == []
