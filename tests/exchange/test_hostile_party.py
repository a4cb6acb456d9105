"""A party that lies: it has real keys, asks no node of ours, and makes by hand what a node would refuse to make.

Law: each attack is tried upon real parties, and is marked with the page that promised that it fails. Attacks that
another file tries already are marked there; docs/threat-model.md lists all.
"""

import base64
import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hpke import MLKEM768X25519PrivateKey, MLKEM768X25519PublicKey

from amanat.exchange.accept import Accepted, Declined
from amanat.exchange.receive import Report as Taken
from amanat.log.note import parse_note
from amanat.party import canonical, dsse, labels
from amanat.party.errors import Refused
from amanat.party.keys import sealing_key
from amanat.record.handling import Handling
from amanat.record.record import Record, compose
from border import Border, agree, codes
from seal.by_hand import WRAP, Hand, Party, aead_key, open_by_hand, pae
from seal.two_keys import collide
from side import Report, Side, public_id

ORDER = 2**252 + 27742317777372353535851937790883648493
"""Of the group that Ed25519 signs in (RFC 8032 section 5.1): S and S + ORDER satisfy the same equation."""

MODEL, ENVELOPE, BUNDLE = "docs/threat-model.md", "docs/protocol/envelope.md", "docs/protocol/bundle.md"


@dataclass(frozen=True)
class Hands(Party):
    """A real party, for whoever has its keys and makes envelopes by hand."""

    side: Side

    @property
    def record(self) -> Ed25519PrivateKey:
        return self.side.means.keys.record

    @property
    def sealing(self) -> MLKEM768X25519PrivateKey:
        return next(iter(self.side.means.keys.sealing.values()))

    @property
    def sealing_public(self) -> MLKEM768X25519PublicKey:
        return sealing_key(self.sealing_bytes)

    @property
    def sealing_bytes(self) -> bytes:
        return base64.b64decode(self.side.manifest.sealing[0].key)


def hands(side: Side) -> Hands:
    return Hands(side.party, 0, side)


def written(side: Side, *to: str, **changes: Any) -> Record:
    """A record as its party's officer would compose it, and nobody has been asked about."""
    means = side.means
    return compose(side.draft(*to, **changes), side.post, means.kinds, means.new_id(), means.now())


def by_hand(border: Border, record: Record, data: bytes | None = None) -> Hand:
    """An envelope of pk's around these record bytes, whatever they say; the header says what the record said."""
    border.dishonest.add("pk")
    to = tuple(hands(border.sides[each]) for each in record.fields.audience)
    return Hand(data or record.data, hands(border.pk), to, record.fields.compact, record.fields.id, sequence=7)


def declined(taken: Taken) -> str:
    """The code with which the only envelope taken was declined."""
    (outcome,) = taken.outcomes
    assert isinstance(outcome, Declined)
    return outcome.problem.code


def malleable(signature: bytes) -> bytes:
    """Another 64 bytes that satisfy the same equation (RFC 8032 section 5.1.7 wants S below the order)."""
    return signature[:32] + (int.from_bytes(signature[32:], "little") + ORDER).to_bytes(32, "little")


# --- one who may read it ------------------------------------------------------------------------------------------------


@pytest.fixture
def shared(border: Border) -> bytes:
    """An honest envelope of pk's to af and obs, which af holds and obs has not got yet."""
    sent = border.pk.send("af", "obs", **border.pk.green())
    border.carry("pk", "af")
    border.dishonest.add("af")
    return border.pk.envelope(sent)


@pytest.mark.promised(
    "a record wrapped anew by a reader", MODEL, "The other party", "nor wrap one anew for others in our name"
)
def test_a_reader_cannot_wrap_the_record_anew_in_its_senders_name(border: Border, shared: bytes) -> None:
    """Else pk would seem to have sent two envelopes under one id, and obs would refuse the true one when it comes."""
    read = open_by_hand(shared, hands(border.af))
    record = border.af.received()[0]
    anew = by_hand(border, record).but(signature=read.signature, content_key=bytes(32))
    assert declined(border.obs.take("envelope", anew.make(), sender="pk")) == "envelope.signature"
    old_digest = anew.but(header_digest=read.payload[:32])
    assert declined(border.obs.take("envelope", old_digest.make(), sender="pk")) == "envelope.header"
    (outcome,) = border.carry("pk", "obs").outcomes
    assert isinstance(outcome, Accepted)
    assert "record.equivocation" not in border.obs.evidence()


@pytest.mark.promised("a second signature from one", ENVELOPE, "Opening", "the signature holds")
def test_a_reader_cannot_make_a_second_envelope_of_the_same_signature(border: Border, shared: bytes) -> None:
    """Af has the content key, so that it can seal the plaintext again with another signature in front."""
    read = open_by_hand(shared, hands(border.af))
    header = shared[: shared.index(b"\n\n") + 2 + 2 * WRAP]
    plaintext = malleable(read.signature) + read.payload
    second = header + AESGCM(aead_key(read.content_key)).encrypt(bytes(12), plaintext, header)
    assert declined(border.obs.take("envelope", second, sender="pk")) == "envelope.signature"
    (outcome,) = border.carry("pk", "obs").outcomes
    assert isinstance(outcome, Accepted)


@pytest.mark.promised("a second signature from one", BUNDLE, "Statements", "one by a known key that fails")
def test_nobody_makes_a_second_signature_on_a_manifest_or_a_checkpoint(border: Border) -> None:
    border.pk.send("af")
    border.dishonest.add("pk")
    manifest = other_signature(border.pk.rotate("record"))
    assert codes(border.af.take("manifest", manifest, sender="pk")) == [("manifest", "statement.signature")]
    (request,) = border.items("pk", "obs", "checkpoint")
    head, _, note = request.partition(b"\n\n")
    parsed = parse_note(note)
    line = replace(parsed.signatures[0], signature=malleable(parsed.signatures[0].signature))
    forged = head + b"\n\n" + replace(parsed, signatures=(line, *parsed.signatures[1:])).encode()
    assert codes(border.obs.take("checkpoint", forged, sender="pk")) == [("checkpoint", "note.signature")]


def dsse_payload(statement: bytes) -> bytes:
    return base64.b64decode(msgspec.json.decode(statement)["payload"])


def other_signature(statement: bytes) -> bytes:
    """The statement with its first signature made another one that satisfies the same equation."""
    first = msgspec.json.decode(statement)["signatures"][0]["sig"]
    return statement.replace(first.encode(), base64.b64encode(malleable(base64.b64decode(first))))


# --- its sender ---------------------------------------------------------------------------------------------------------


@pytest.mark.promised(
    "one ciphertext, two texts",
    MODEL,
    "The other party",
    "nor build one ciphertext that reads differently for two readers",
)
def test_one_ciphertext_does_not_read_differently_for_two_readers(border: Border) -> None:
    """Pk gives af one key and obs another, and builds the ciphertext so that its tag holds under both.

    For af all of it is in order, signature too, but for the block that makes the tags equal: it stands within what was
    signed, and what was signed stands before it. So neither reads anything, and obs is told by the commitment.
    """
    record = written(border.pk, "af", "obs", **border.pk.green())
    ours, theirs = bytes(range(32)), bytes(range(32, 64))
    template = by_hand(border, record).but(wrapped_keys=(ours, theirs))
    header = template.make()[: len(template.core) + 2 * WRAP]
    payload = hashlib.sha256(header).digest() + record.data
    text = border.pk.means.keys.record.sign(pae(payload)) + payload
    sealed = collide(aead_key(ours), aead_key(theirs), header, text + bytes(-len(text) % 16))
    for key in (ours, theirs):
        opened = AESGCM(aead_key(key)).decrypt(bytes(12), sealed, header)
        assert opened.startswith(text) == (key == ours), "AES-GCM alone opens it both ways, to two texts"
    assert declined(border.obs.take("envelope", header + sealed, sender="pk")) == "envelope.commitment"
    assert declined(border.af.take("envelope", header + sealed, sender="pk")) == "envelope.signature"
    assert border.af.received() == border.obs.received() == []


@pytest.mark.promised(
    "another's key as its own", MODEL, "The other party", "It cannot give out another's key as its own"
)
def test_naming_another_witnesss_key_keeps_nobodys_countersignature_from_counting(border: Border) -> None:
    """A policy may name no key twice: with this manifest no one could verify a receipt or meet a quorum any more."""
    border.dishonest.add("pk")
    border.pk.manifest = msgspec.structs.replace(
        border.pk.manifest, serial=2, witness_pq=border.obs.manifest.witness_pq
    )
    keys = border.pk.custodians[:2]
    false = dsse.to_bytes(dsse.sign(labels.MANIFEST, canonical.encode(border.pk.manifest), keys))
    assert codes(border.af.take("manifest", false, sender="pk")) == [("manifest", "manifest.key")]
    assert border.af.evidence() == ["manifest.key"]
    sent = border.af.send("pk")
    border.settle()
    assert border.af.delivery(sent, "pk") == "final"


@pytest.mark.promised("another's key as its own", MODEL, "The other party", "can list the new keys first")
def test_who_lists_anothers_new_key_first_keeps_it_out_until_the_other_draws_one_more(border: Border) -> None:
    border.dishonest.add("pk")
    news = border.obs.rotate("witness_pq")
    false = msgspec.structs.replace(border.pk.manifest, serial=2, witness_pq=border.obs.manifest.witness_pq[:1])
    signed = dsse.to_bytes(dsse.sign(labels.MANIFEST, canonical.encode(false), border.pk.custodians[:2]))
    assert codes(border.af.take("manifest", signed, sender="pk")) == []
    assert codes(border.af.take("manifest", news, sender="obs")) == [("manifest", "manifest.key")]
    listed = msgspec.structs.replace(border.obs.manifest, witness_pq=border.obs.manifest.witness_pq[1:])
    border.obs.manifest = listed
    assert codes(border.af.take("manifest", border.obs.rotate("witness_pq"), sender="obs")) == []


@pytest.mark.promised("a gap of a life's length", ENVELOPE, "Wraps and header", "from 1 (to 2^53) without a gap")
def test_a_number_near_the_end_leaves_one_gap_and_no_list_of_all_that_is_missing(border: Border) -> None:
    border.dishonest.add("pk")
    taken = border.af.take("envelope", border.pk.forge("af", sequence=2**53), sender="pk")
    assert taken.gaps == [(1, 2**53 - 1)]


@pytest.mark.promised(
    "backdating with a stolen key", MODEL, "A stolen and later revoked key", "backdating does not help"
)
@pytest.mark.parametrize("days", [0, 1, 29])
def test_a_thief_who_dates_back_is_refused_once_the_revocation_came(border: Border, days: int) -> None:
    before = border.pk.send("af", text="by its owner")
    border.settle()
    stolen = border.pk.means
    border.pk.rotate("record")
    border.pk.revoke(public_id(stolen.keys.record))
    border.exchange("pk", "af")
    border.dishonest.add("pk")
    owner, past = border.pk.means, border.clock() - timedelta(days=days)
    border.pk.means = replace(stolen, now=lambda: past)
    forged = border.pk.forge("af", text="by the thief", sequence=2)
    border.pk.means = owner
    assert declined(border.af.take("envelope", forged, sender="pk")) == "key.revoked"
    assert border.af.received() == [before.record], "what stood in a log before stays"


# --- what its node would not have let it write ----------------------------------------------------------------------------


def with_approval(post: str) -> Callable[[bytes], bytes]:
    return lambda data: data.replace(b',"body":', b',"approved_by":' + post.encode() + b',"body":')


@pytest.mark.promised(
    "a forged approval", ENVELOPE, "Record", "the second person's post, of the same party and not the author's"
)
@pytest.mark.parametrize(
    "post", ['{"party":"pk","name":"duty"}', '{"party":"af","name":"chief"}'], ids=["by itself", "by the receiver"]
)
def test_nobody_approves_a_record_itself_nor_in_anothers_name(border: Border, post: str) -> None:
    record = written(border.pk, "af", **border.pk.person())
    forged = by_hand(border, record, with_approval(post)(record.data)).make()
    assert declined(border.af.take("envelope", forged, sender="pk")) == "record.contradiction"
    assert border.af.received() == []


@pytest.mark.promised(
    "a forged approval",
    "docs/decisions/0023-the-second-person-is-in-the-record.md",
    "What we give up",
    "still takes the sender's word that two people acted",
)
def test_a_post_named_by_a_lying_node_is_believed_and_stays_provable(border: Border) -> None:
    """We say so. What the receiver holds is the lie, signed: who asks that post later has it in writing."""
    record = written(border.pk, "af", **border.pk.person())
    forged = by_hand(border, record, with_approval('{"party":"pk","name":"chief"}')(record.data)).make()
    (outcome,) = border.af.take("envelope", forged, sender="pk").outcomes
    assert isinstance(outcome, Accepted)
    (held,) = border.af.received()
    assert held.fields.approved_by is not None
    assert held.fields.approved_by.name == "chief"


CLEAR = Handling(tlp="TLP:CLEAR", purpose="counter-terrorism")
CONTRADICTORY = {
    "for all, and not for court": (b'"TLP:CLEAR"', b'"TLP:CLEAR"', b'"codes":["H1"]'),
    "for the community, and not for others": (b'"TLP:CLEAR"', b'"TLP:GREEN"', b'"codes":["H2"]'),
    "for the community, and not for one state": (b'"TLP:CLEAR"', b'"TLP:GREEN"', b'"not_to":["ir"]'),
    "caveats that are announced and lacking": (b'"TLP:CLEAR"', b'"TLP:AMBER"', b'"codes":["H3"]'),
    "caveats that are not announced": (b'"TLP:CLEAR"', b'"TLP:AMBER"', b'"caveats":["ask first"]'),
}


@pytest.mark.promised("contradictory handling", ENVELOPE, "Record", "exactly when there are caveats")
@pytest.mark.parametrize(("old", "new", "more"), CONTRADICTORY.values(), ids=CONTRADICTORY)
def test_what_contradicts_itself_in_handling_is_not_taken_in(
    border: Border, old: bytes, new: bytes, more: bytes
) -> None:
    """Whoever had to obey it could choose which half."""
    record = written(border.pk, "af", handling=CLEAR)
    purpose = b'"purpose":"counter-terrorism"'
    data = record.data.replace(old, new).replace(purpose, purpose + b"," + more)
    taken = border.af.take("envelope", by_hand(border, record, data).make(), sender="pk")
    assert declined(taken) == "handling.contradiction"
    assert border.af.received() == []


@pytest.mark.promised("not_to in the audience", ENVELOPE, "Record", "none of author and audience")
@pytest.mark.parametrize("excluded", ["af", "pk"])
def test_nobody_is_sent_what_is_not_to_reach_it(border: Border, excluded: str) -> None:
    """The author neither: a state that must not have it cannot be the one that sends it."""
    record = written(border.pk, "af", **border.pk.person())
    purpose = b'"legal_basis":"criminal-procedure"'
    data = record.data.replace(purpose, purpose + b',"not_to":["' + excluded.encode() + b'"]')
    assert data != record.data
    taken = border.af.take("envelope", by_hand(border, record, data).make(), sender="pk")
    assert declined(taken) == "record.contradiction"
    assert border.af.received() == []


@pytest.mark.promised(
    "not_to in the audience", "docs/safeguards.md", "The floors", "neither audience nor member nor observer"
)
def test_what_is_not_to_reach_an_observer_is_not_logged_where_it_sees_the_log(border: Border) -> None:
    border.dishonest.add("pk")
    named = border.pk.person()
    handling = msgspec.structs.replace(named["handling"], not_to=("obs",))
    forged = border.pk.forge("af", **named | {"handling": handling})
    assert declined(border.af.take("envelope", forged, sender="pk")) == "floor.4"
    with pytest.raises(Refused, match="obs"):
        border.pk.hold("af", **named | {"handling": handling})


# --- what both signed -----------------------------------------------------------------------------------------------------

OVERFLOW = (b"context.days > 180", b"context.days * 9223372036854775807 > 180")


@pytest.mark.promised("a policy that errs", MODEL, "The compact as a weapon", "Policy that errors permits nothing")
def test_a_forbid_that_both_signed_and_that_errs_stops_what_it_was_to_stop(border: Border) -> None:
    """Cedar passes over a `forbid` that overflows, and would allow. It is one text, so both ends say no."""
    signed = agree(border.sides.values(), border.pk.terms, OVERFLOW)
    for side in border.sides.values():
        assert not side.take("compact", signed).problems
    with pytest.raises(Refused) as caught:
        border.pk.hold("af", **border.pk.person())
    assert caught.value.code == "check.policy"
    forged = border.pk.forge("af", sequence=2, **border.pk.person())
    border.dishonest.add("pk")
    assert declined(border.af.take("envelope", forged, sender="pk")) == "check.policy"
    border.pk.send("af")
    border.carry("pk", "af")
    assert [record.body for record in border.af.received()] == [Report("a lorry")], "the clause is about persons only"


def grown(border: Border, by: bytes) -> bytes:
    """The next version of the compact with this at its end, signed by all who must have signed it."""
    text = dsse_payload(agree(border.sides.values(), border.pk.terms))
    keys = [key for party in ("pk", "af") for key in border.sides[party].custodians[:2]]
    return dsse.to_bytes(dsse.sign(labels.COMPACT, text + by, keys))


@pytest.mark.promised("oversize terms", MODEL, "The compact as a weapon", "is refused before a parser sees it")
@pytest.mark.parametrize(
    ("by", "code"),
    [(b"#" * 262144, "compact.size"), (b"\nx = " + b"[" * 5000, "compact.depth")],
    ids=["too long", "too deep"],
)
def test_terms_that_would_choke_a_reader_bind_nobody_though_all_signed(border: Border, by: bytes, code: str) -> None:
    before = border.af.terms.version
    assert codes(border.af.take("compact", grown(border, by), sender="pk")) == [("compact", code)]
    assert border.af.terms.version == before
