"""Keys change while bundles are under way: what the key before signed is taken while it is listed, then never again."""

import base64

import pytest

from amanat.exchange.accept import Accepted, Declined
from amanat.exchange.means import begin
from amanat.exchange.publish import audit_published, publish
from amanat.exchange.receipt import log_key
from amanat.exchange.receive import Report
from amanat.party.key_id import key_id
from amanat.party.keys import forget_sealing
from amanat.party.manifest import log_name
from border import Border, codes
from side import Side

ROLES = ["record", "log", "witness witness_pq", "sealing"]


def current(side: Side, role: str) -> str:
    """The id of the key in use in a role."""
    first = getattr(side.manifest, role)[0]
    return key_id(base64.b64decode(first.key if role == "sealing" else first))


def refused_with(report: Report) -> str:
    outcome = report.outcomes[-1]
    assert isinstance(outcome, Declined)
    return outcome.problem.code


# --- rotated while bundles travel -------------------------------------------------------------------------------------


@pytest.mark.parametrize("roles", ROLES)
@pytest.mark.parametrize("who", ["pk", "af", "obs"])
def test_a_key_may_change_at_any_party_while_sticks_are_under_way(border: Border, roles: str, who: str) -> None:
    """All that was written before the rotation arrives after everybody has heard of it."""
    sent = border.pk.send("af")
    border.exchange("pk", "af")
    under_way = [(to, border.bundle(of, to)) for of in border.sides for to in border.sides if of != to]
    news = border.sides[who].rotate(*roles.split())
    for side in border.sides.values():
        side.take("manifest", news)
    for recipient, stick in under_way:
        assert not border.insert(recipient, stick).problems
    border.settle()
    assert border.pk.delivery(sent, "af") == "final"
    later = border.af.send("pk")
    border.settle()
    assert border.af.delivery(later, "pk") == "final"


@pytest.mark.parametrize("roles", ROLES)
def test_news_of_a_rotation_travels_by_third_parties_too(border: Border, roles: str) -> None:
    border.pk.rotate(*roles.split())
    border.carry("pk", "obs")
    assert border.carry("obs", "af").problems == []
    sent = border.pk.send("af")
    border.settle()
    assert border.pk.delivery(sent, "af") == "final"


def test_a_manifest_that_comes_after_the_one_that_follows_it_does_nothing(border: Border) -> None:
    earlier, later = border.pk.rotate("record"), border.pk.rotate("record")
    assert codes(border.af.take("manifest", later, earlier)) == []
    sent = border.pk.send("af")
    border.carry("pk", "af")
    assert border.af.received() == [sent.record]


def test_who_missed_a_change_of_custodians_follows_by_all_that_came_between(border: Border) -> None:
    """Each root is vouched for by the one before it; the last alone would convince nobody who knows only the first."""
    border.pk.change_custodians()
    border.pk.rotate("record")
    last = border.pk.change_custodians()
    assert codes(border.obs.take("manifest", last)) == [("manifest", "manifest.unsigned")]
    assert border.carry("pk", "af").problems == []
    assert border.carry("af", "obs").problems == []
    sent = border.pk.send("af")
    border.settle()
    assert border.pk.delivery(sent, "af") == "final"


def test_what_was_sealed_to_the_key_before_opens_until_that_key_is_forgotten(border: Border) -> None:
    old = current(border.af, "sealing")
    first, second = border.pk.send("af", text="in time"), border.pk.send("af", text="too late")
    border.af.rotate("sealing")
    border.af.take("envelope", border.pk.envelope(first), sender="pk")
    border.af.renew(forget_sealing(border.af.secrets, old))
    report = border.carry("pk", "af")
    assert refused_with(report) == "envelope.key"
    assert border.af.received() == [first.record]
    border.carry("af", "pk")
    assert border.pk.delivery(second, "af") == "refused"


def test_a_log_is_published_under_the_key_in_use(border: Border) -> None:
    border.pk.send("af")
    border.pk.rotate("log")
    files: dict[str, bytes] = {}
    with begin(border.pk.means) as turn:
        publish(turn, log_name(border.pk.manifest, "pk-af"), files.__setitem__)
    assert (
        audit_published(files.__getitem__, log_key(border.pk.manifest, log_name(border.pk.manifest, "pk-af"))).size == 1
    )


def test_the_next_record_is_sealed_to_the_new_key(border: Border) -> None:
    old = current(border.af, "sealing")
    border.af.rotate("sealing")
    border.exchange("af", "pk")
    border.af.renew(forget_sealing(border.af.secrets, old))
    sent = border.pk.send("af")
    border.carry("pk", "af")
    assert border.af.received() == [sent.record]


# --- revoked ----------------------------------------------------------------------------------------------------------


@pytest.mark.promised(
    "a revoked key", "docs/threat-model.md", "A stolen and later revoked key", "nothing signed by that key is accepted"
)
def test_what_a_stolen_record_key_signs_is_refused_once_its_revocation_arrived(border: Border) -> None:
    before = border.pk.send("af")
    border.settle()
    thief, stolen = border.pk.means, current(border.pk, "record")
    border.pk.rotate("record")
    border.pk.revoke(stolen)
    border.exchange("pk", "af")
    border.dishonest.add("pk")
    border.pk.means, owner = thief, border.pk.means
    forged = border.pk.forge("af", text="by the thief", sequence=2)
    border.pk.means = owner
    assert refused_with(border.af.take("envelope", forged, sender="pk")) == "key.revoked"
    assert border.af.received() == [before.record]
    assert border.pk.delivery(before, "af") == "final"


@pytest.mark.promised(
    "a stolen key before its revocation",
    "docs/threat-model.md",
    "A stolen and later revoked key",
    "the thief can send in the party's name",
)
def test_until_the_revocation_arrives_the_thief_is_believed(border: Border) -> None:
    """The threat model says so: whoever holds a manifest back delays the revocation."""
    border.dishonest.add("pk")
    stolen = current(border.pk, "record")
    forged = border.pk.forge("af", text="by the thief")
    border.pk.rotate("record")
    border.pk.revoke(stolen)
    (outcome,) = border.af.take("envelope", forged, sender="pk").outcomes
    assert isinstance(outcome, Accepted)


def test_an_envelope_under_way_when_its_key_is_revoked_is_refused_and_written_anew(border: Border) -> None:
    stolen = current(border.pk, "record")
    sent = border.pk.send("af")
    border.pk.rotate("record")
    border.pk.revoke(stolen)
    assert refused_with(border.carry("pk", "af")) == "key.revoked"
    border.carry("af", "pk")
    assert border.pk.delivery(sent, "af") == "refused"
    again = border.pk.send("af")
    border.settle()
    assert border.pk.delivery(again, "af") == "final"


def test_a_checkpoint_signed_by_a_revoked_log_key_is_not_countersigned(border: Border) -> None:
    border.pk.send("af")
    stick = border.bundle("pk", "obs")
    stolen = current(border.pk, "log")
    border.pk.rotate("log")
    news = border.pk.revoke(stolen)
    border.obs.take("manifest", news)
    assert codes(border.insert("obs", stick)) == [("checkpoint", "note.unsigned")]


@pytest.mark.promised(
    "a revoked key", "docs/threat-model.md", "A stolen and later revoked key", "A revoked key never becomes valid again"
)
def test_a_receipt_under_a_revoked_log_key_proves_nothing(border: Border) -> None:
    sent = border.pk.send("af")
    border.carry("pk", "af")
    stick = border.bundle("af", "pk")
    stolen = current(border.af, "log")
    border.af.rotate("log")
    border.pk.take("manifest", border.af.revoke(stolen))
    assert ("receipt", "policy.log") in codes(border.insert("pk", stick))
    assert border.pk.delivery(sent, "af") == "pending"


@pytest.mark.parametrize("who", ["pk", "af", "obs"])
@pytest.mark.parametrize("roles", ["log", "witness witness_pq"])
def test_a_revocation_leaves_standing_what_was_logged_and_stops_nothing_that_waits(
    border: Border, roles: str, who: str
) -> None:
    """A final receipt stays final; one that was provisional becomes final without the log having to grow."""
    final = border.pk.send("af")
    border.settle()
    waits = border.pk.send("af")
    border.exchange("pk", "af")
    border.carry("af", "obs")
    side = border.sides[who]
    stolen = [current(side, role) for role in roles.split()]
    side.rotate(*roles.split())
    side.revoke(*stolen)
    border.settle()
    assert border.pk.delivery(final, "af") == "final"
    assert border.pk.delivery(waits, "af") == "final"


@pytest.mark.promised(
    "a revoked key", "docs/threat-model.md", "A stolen and later revoked key", "nothing signed by that key is accepted"
)
def test_a_countersignature_by_a_revoked_witness_key_makes_no_quorum(border: Border) -> None:
    sent = border.pk.send("af")
    border.exchange("pk", "af")
    border.carry("af", "obs")
    stick = border.bundle("obs", "af")
    stolen = (current(border.obs, "witness"), current(border.obs, "witness_pq"))
    border.obs.rotate("witness", "witness_pq")
    border.af.take("manifest", border.obs.revoke(*stolen))
    assert ("cosignature", "cosignature.unsigned") in codes(border.insert("af", stick))
    border.exchange("af", "pk")
    assert border.pk.delivery(sent, "af") == "provisional"


def test_a_quorum_that_a_revocation_undid_before_it_was_told_is_met_anew(border: Border) -> None:
    sent = border.pk.send("af")
    border.exchange("pk", "af")
    border.exchange("af", "obs")
    stolen = [current(border.obs, role) for role in ("witness", "witness_pq")]
    border.obs.rotate("witness", "witness_pq")
    news = border.obs.revoke(*stolen)
    for side in (border.af, border.pk):
        side.take("manifest", news)
    border.carry("af", "pk")
    assert border.pk.delivery(sent, "af") == "provisional"
    border.settle()
    assert border.pk.delivery(sent, "af") == "final"


def test_a_refusal_signed_by_a_key_revoked_since_stays_what_it_was(border: Border) -> None:
    sent = border.pk.send("af")
    border.af.act("suspend", 1)
    border.settle()
    stolen = current(border.af, "record")
    border.af.rotate("record")
    border.af.revoke(stolen)
    border.settle()
    assert border.pk.delivery(sent, "af") == "refused"
