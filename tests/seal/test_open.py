"""Opening: each of the eight checks fails by itself, with its own code, and the attacks they are there for fail.

Every envelope here is made by hand with exactly one thing wrong; all that comes before that check is right.
"""

import hashlib
from functools import cache

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import example, given
from hypothesis import strategies as st

from amanat.party.errors import Invalid, Refused
from amanat.record.record import Record
from amanat.seal.envelope import MAX_ENVELOPE_BYTES
from amanat.seal.header import WRAP_BYTES
from amanat.seal.open import Opened, open_envelope, open_with_key
from seal.by_hand import Hand, aead_key, open_by_hand
from seal.cast import AF, COMPACT, ID, KINDS, MANIFESTS, OBS, OTHER, PK, hand, manifest, record
from seal.two_keys import collide


def opened(data: bytes, party: str = "af") -> Opened:
    return open_envelope(data, party, {AF.sealing_id: AF.sealing}, MANIFESTS, KINDS)


def code(made: Hand | bytes, party: str = "af") -> str:
    """The code with which `party` refuses an envelope."""
    with pytest.raises(Invalid) as caught:
        opened(made if isinstance(made, bytes) else made.make(), party)
    return caught.value.code


def with_key(data: bytes, key: bytes) -> Record:
    return open_with_key(data, key, MANIFESTS, KINDS)


@cache
def honest() -> bytes:
    return hand().make()


# --- the eight checks -------------------------------------------------------------------------------------------------


def test_an_honest_envelope_passes_all_eight() -> None:
    assert opened(honest()).record == record()


def test_1_too_many_bytes_are_not_looked_at() -> None:
    assert code(honest() + bytes(MAX_ENVELOPE_BYTES)) == "envelope.size"


@pytest.mark.parametrize(("size", "expected"), [(4_194_304, "envelope.altered"), (4_194_305, "envelope.size")])
def test_1_an_envelope_has_4_mib_and_not_a_byte_more(size: int, expected: str) -> None:
    header = len(hand().core) + 2 * WRAP_BYTES
    assert code(hand().but(ciphertext=bytes(size - header)).make()) == expected


def test_1_bytes_that_are_no_envelope() -> None:
    assert code(b"PK\x03\x04") == "envelope.format"


@pytest.mark.parametrize("kept", [0, 1, 111])
def test_1_a_sealed_part_too_short_to_hold_signature_digest_and_tag(kept: int) -> None:
    header = len(hand().core) + 2 * WRAP_BYTES
    assert code(honest()[: header + kept]) == "envelope.truncated"


def test_2_an_envelope_for_others() -> None:
    assert code(honest(), "xx") == "envelope.addressee"


def test_2_a_sealing_key_we_do_not_hold() -> None:
    with pytest.raises(Invalid) as caught:
        open_envelope(honest(), "obs", {AF.sealing_id: AF.sealing}, MANIFESTS, KINDS)
    assert caught.value.code == "envelope.key"


def test_2_a_wrap_made_for_another_core() -> None:
    info = b"amanat/wrap/v1\n" + bytes(32) + bytes.fromhex(AF.sealing_id)
    assert code(hand().but(wrap_info=info)) == "envelope.wrap"


def test_2_a_wrap_in_the_place_of_anothers() -> None:
    first, second = open_by_hand(honest(), AF).wraps
    assert code(hand().but(wraps=(second, first))) == "envelope.wrap"


@pytest.mark.parametrize("number", [0, 2**53 + 1, 2**64 - 1])
def test_2_a_sequence_number_that_no_heartbeat_can_say(number: int) -> None:
    """A store of 63 bits would fail over it, and all that came with it would be lost."""
    assert code(hand().but(sequence=number)) == "envelope.sequence"
    assert opened(hand().but(sequence=2**53).make()).sequence == 2**53


def test_3_another_commitment_than_the_key_gives() -> None:
    assert code(hand().but(commitment=bytes(32))) == "envelope.commitment"


def test_4_a_sealed_part_under_another_key() -> None:
    sealed = AESGCM(aead_key(bytes(32))).encrypt(bytes(12), bytes(200), b"")
    assert code(hand().but(ciphertext=sealed)) == "envelope.altered"


def test_5_a_record_signed_under_another_header() -> None:
    assert code(hand().but(header_digest=bytes(32))) == "envelope.header"


def test_6_a_sender_nobody_introduced() -> None:
    assert code(hand().but(sender_code="xx")) == "envelope.sender"


def test_6_a_key_its_party_does_not_list() -> None:
    stranger = hand().but(sender=OTHER, sender_code="pk")
    assert code(stranger) == "envelope.signer"


def test_6_a_key_its_party_has_revoked() -> None:
    later = {**MANIFESTS, "pk": manifest(PK, revoked=(PK.record_id,))}
    with pytest.raises(Refused, match="pk has revoked the key") as caught:
        open_envelope(honest(), "af", {AF.sealing_id: AF.sealing}, later, KINDS)
    assert (caught.value.code, caught.value.by) == ("key.revoked", "manifest 1 of pk")


def test_6_a_signature_by_another_hand() -> None:
    assert code(hand().but(signer=AF.record)) == "envelope.signature"


def test_6_a_signature_over_other_bytes() -> None:
    assert code(hand().but(signature=PK.record.sign(b"something else"))) == "envelope.signature"


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (record().data + b" ", "json.encoding"),
        (b"", "json.syntax"),
        (record().data.replace(b"sighting/1", b"sighting/9"), "kind.unknown"),
    ],
)
def test_7_bytes_that_are_no_record(data: bytes, expected: str) -> None:
    assert code(hand().but(record=data)) == expected


@pytest.mark.parametrize(
    ("made", "field"),
    [
        (hand().but(compact="cd" * 32), "compact"),
        (hand().but(record=record().data.replace(b'"party":"pk"', b'"party":"zz"')), "sender"),
        (hand().but(record_id=ID[:-1] + "2"), "record id"),
        (hand().but(record=record(audience=("af",)).data), "audience"),
        (hand().but(record=record(audience=("af", "obs", "zz")).data), "audience"),
    ],
)
def test_8_what_stands_twice_is_equal(made: Hand, field: str) -> None:
    with pytest.raises(Invalid, match=rf"a different {field}\.") as caught:
        opened(made.make())
    assert caught.value.code == "envelope.mismatch"


# --- altered on the way -----------------------------------------------------------------------------------------------


@pytest.mark.promised(
    "an altered byte", "docs/threat-model.md", "The network and the courier", "Envelopes cannot be altered"
)
@given(st.data())
def test_any_altered_byte_is_noticed(data: st.DataObject) -> None:
    """In core, in either wrap, in the sealed part and in the tag."""
    whole = honest()
    core, wraps = len(hand().core), 2 * WRAP_BYTES
    regions = [(0, core), (core, core + WRAP_BYTES), (core + WRAP_BYTES, core + wraps), (core + wraps, len(whole) - 16)]
    low, high = data.draw(st.sampled_from([*regions, (len(whole) - 16, len(whole))]))
    at = data.draw(st.integers(low, high - 1))
    other = data.draw(st.integers(1, 255))
    altered = whole[:at] + bytes([whole[at] ^ other]) + whole[at + 1 :]
    with pytest.raises(Invalid):
        opened(altered)
    if low >= core + WRAP_BYTES:
        assert code(altered) == "envelope.altered"


@given(st.integers(0, 10_000))
@example(0)
def test_any_truncation_is_noticed(missing: int) -> None:
    with pytest.raises(Invalid):
        opened(honest()[: max(0, len(honest()) - 1 - missing)])


@given(st.binary(min_size=1, max_size=40))
def test_anything_appended_is_noticed(more: bytes) -> None:
    assert code(honest() + more) == "envelope.altered"


# --- the attacks ------------------------------------------------------------------------------------------------------


@pytest.mark.promised(
    "a record wrapped anew by a reader",
    "docs/threat-model.md",
    "The other party",
    "nor wrap one anew for others in our name",
)
def test_one_of_the_audience_cannot_wrap_the_record_for_others() -> None:
    """Af opens an envelope, and seals pk's signed record anew: to itself and a stranger, to look as if pk had."""
    read = open_by_hand(honest(), AF)
    signed_by_pk = {"signature": read.signature, "header_digest": read.payload[:32], "record": read.payload[32:]}
    again = hand().but(**signed_by_pk, content_key=bytes(32))
    assert hashlib.sha256(again.make()).digest() != hashlib.sha256(honest()).digest()
    assert code(again) == "envelope.header"
    assert code(again.but(to=(AF, OTHER))) == "envelope.header"


def test_putting_the_new_header_under_the_old_signature_does_not_hold() -> None:
    """The same attack by one who knows of the header digest: then the signature is over other bytes."""
    read = open_by_hand(honest(), AF)
    again = hand().but(signature=read.signature, content_key=bytes(32))
    assert code(again) == "envelope.signature"


@pytest.mark.promised(
    "one ciphertext, two texts",
    "docs/protocol/envelope.md",
    "Opening",
    "one AES-GCM ciphertext can be made to open to two texts",
)
def test_one_ciphertext_cannot_open_to_two_texts() -> None:
    """Pk wraps one key for af and another for obs, and builds a ciphertext whose tag both keys give."""
    ours, theirs = bytes(range(32)), bytes(range(32, 64))
    template = hand().but(wrapped_keys=(ours, theirs))
    read_header = template.make()[: len(template.core) + 2 * WRAP_BYTES]
    core = len(template.core)
    wraps = tuple(read_header[at : at + WRAP_BYTES] for at in (core, core + WRAP_BYTES))
    text = b"attack at the north gate".ljust(208)
    made = template.but(wraps=wraps, ciphertext=collide(aead_key(ours), aead_key(theirs), read_header, text)).make()

    def gcm(key: bytes) -> bytes:
        return AESGCM(aead_key(key)).decrypt(bytes(12), made[len(read_header) :], read_header)

    assert gcm(ours).startswith(text), "AES-GCM itself opens it under the first key"
    assert gcm(theirs) != gcm(ours), "and, to another text, under the second"
    with pytest.raises(Invalid) as caught:
        open_envelope(made, "obs", {OBS.sealing_id: OBS.sealing}, MANIFESTS, KINDS)
    assert caught.value.code == "envelope.commitment"


@pytest.mark.promised(
    "a replay into another compact",
    "docs/threat-model.md",
    "The network and the courier",
    "replayed into another compact",
)
def test_an_envelope_cannot_be_replayed_into_another_compact() -> None:
    other = honest().replace(COMPACT.encode(), b"cd" * 32)
    assert code(other) == "envelope.wrap"
    assert code(hand().but(compact="cd" * 32)) == "envelope.mismatch"


@pytest.mark.promised(
    "a re-addressed envelope", "docs/threat-model.md", "The network and the courier", "cannot be altered, re-addressed"
)
def test_an_envelope_cannot_be_readdressed() -> None:
    """The stranger's key id in the place of obs's, with its wrap or without: core is bound to every wrap."""
    other = honest().replace(f"to obs {OBS.sealing_id}".encode(), f"to zzz {OTHER.sealing_id}".encode())
    assert code(other) == "envelope.wrap"
    with pytest.raises(Invalid) as caught:
        with_key(other, hand().content_key)
    assert caught.value.code == "envelope.altered"


# --- showing a third party what was said ------------------------------------------------------------------------------


def test_whoever_is_given_the_content_key_makes_the_same_checks() -> None:
    assert with_key(honest(), opened(honest()).content_key) == record()


def test_a_wrong_key_shows_nothing() -> None:
    with pytest.raises(Invalid) as caught:
        with_key(honest(), bytes(32))
    assert caught.value.code == "envelope.commitment"
