"""Sign and seal: the envelope's layout byte for byte, opened by hand with nothing of ours."""

import hashlib

import pytest

from amanat.compact.check import Permitted
from amanat.party.errors import Fault
from amanat.seal.envelope import Envelope, seal
from amanat.seal.header import Recipient, address
from amanat.seal.open import open_envelope
from amanat.seal.sign import sign, signed_bytes
from seal.by_hand import open_by_hand, pae
from seal.cast import AF, COMPACT, KINDS, MANIFESTS, OBS, PK, hand, record

K = bytes(reversed(range(32)))


def sealed() -> Envelope:
    """The record of the cast, through our own steps 5 to 7."""
    to = [
        Recipient("af", AF.sealing_id, AF.sealing_public, 41),
        Recipient("obs", OBS.sealing_id, OBS.sealing_public, 3),
    ]
    return seal(
        sign(address(Permitted(record(), COMPACT, "4.1", needs_second_person=False), PK.record_id, to, K), PK.record)
    )


@pytest.mark.parametrize(("party", "sequence"), [(AF, 41), (OBS, 3)])
def test_an_envelope_opens_by_hand_for_each_of_the_audience(party: object, sequence: int) -> None:
    envelope = sealed()
    read = open_by_hand(envelope.data, party)  # type: ignore[arg-type]  # one of the cast
    assert (read.content_key, read.sequence) == (K, sequence)
    assert read.payload == hashlib.sha256(envelope.header.data).digest() + record().data
    PK.record.public_key().verify(read.signature, pae(read.payload))


def test_what_is_signed_is_dsse_over_header_digest_and_record() -> None:
    digest = hashlib.sha256(b"header").digest()
    assert signed_bytes(digest, b"record") == b"DSSEv1 32 application/vnd.amanat.record.v1 38 " + digest + b"record"


def test_the_entry_for_the_logs_is_the_digest_of_the_whole() -> None:
    envelope = sealed()
    assert envelope.digest == hashlib.sha256(envelope.data).digest()
    assert (envelope.record, envelope.content_key) == (record(), K)


def test_layout_is_header_then_ciphertext_then_tag() -> None:
    """Signature 64, header digest 32 and record are encrypted byte for byte; the tag is 16."""
    envelope = sealed()
    assert envelope.data.startswith(envelope.header.data)
    assert len(envelope.data) == len(envelope.header.data) + 64 + 32 + len(record().data) + 16


def test_another_key_than_the_header_names_does_not_sign() -> None:
    to = [Recipient(each.code, each.sealing_id, each.sealing_public, 1) for each in (AF, OBS)]
    addressed = address(Permitted(record(), COMPACT, "4.1", needs_second_person=False), PK.record_id, to, K)
    with pytest.raises(Fault) as caught:
        sign(addressed, AF.record)
    assert caught.value.code == "seal.key"


def test_we_open_what_was_made_by_hand() -> None:
    data = hand().but(sequence=9).make()
    opened = open_envelope(data, "af", {AF.sealing_id: AF.sealing}, MANIFESTS, KINDS)
    assert opened.record == record()
    assert (opened.sequence, opened.content_key) == (9, hand().content_key)
    assert (opened.digest, opened.header.data) == (hashlib.sha256(data).digest(), data[: len(opened.header.data)])
