"""Node keys: drawn once, rotated, forgotten; and the files that keep them."""

import base64

import msgspec
import pytest
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from hypothesis import given, settings
from hypothesis import strategies as st

from amanat.party.canonical import decode, encode
from amanat.party.errors import Invalid
from amanat.party.key_file import Cost, lock, unlock
from amanat.party.key_id import key_id
from amanat.party.keys import NodeSecrets, forget_sealing, node_keys, rotate_sealing, sealing_key, sealing_public
from party.custody import Stream, secrets

SUITE = Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
CHEAP = Cost(memory_kib=8192, passes=1, lanes=1)
LOCKED = lock(b"secret", "passphrase", "node", b"s" * 16, b"n" * 12, CHEAP)


def test_secrets_stand_for_the_same_keys_after_writing_and_reading() -> None:
    made = secrets()
    again = decode(encode(made), NodeSecrets, "secrets")
    assert list(node_keys(again).sealing) == list(node_keys(made).sealing)
    assert node_keys(again).record.private_bytes_raw() == node_keys(made).record.private_bytes_raw()
    assert len({made.record, made.log, made.witness, made.witness_pq}) == 4


def test_what_is_sealed_to_a_public_key_opens_with_its_private_half() -> None:
    raw = base64.b64decode(secrets().sealing[0])
    public = sealing_public(raw)
    sealed = SUITE.encrypt(b"text", sealing_key(public), info=b"x")
    assert SUITE.decrypt(sealed, node_keys(secrets()).sealing[key_id(public)], info=b"x") == b"text"


def test_a_rotated_sealing_key_comes_first_and_the_old_one_opens_until_it_is_forgotten() -> None:
    made = rotate_sealing(secrets(), Stream("rotation"))
    new, old = node_keys(made).sealing
    assert [old] == list(node_keys(secrets()).sealing)
    assert list(node_keys(forget_sealing(made, old)).sealing) == [new]


@pytest.mark.parametrize("public", [b"", b"x" * 1215, b"\xff" * 1216])
def test_bytes_that_are_no_sealing_key_are_refused(public: bytes) -> None:
    with pytest.raises(Invalid):
        sealing_key(public)


def test_secrets_of_a_wrong_length_are_refused() -> None:
    with pytest.raises(Invalid):
        node_keys(msgspec.structs.replace(secrets(), log="AAAA"))


@settings(max_examples=10)  # each derives a key twice
@given(st.binary(max_size=64), st.text(st.characters(codec="utf-8"), min_size=1, max_size=20))
def test_a_key_file_opens_with_its_passphrase(secret: bytes, passphrase: str) -> None:
    locked = lock(secret, passphrase, "custodian", b"s" * 16, b"n" * 12, CHEAP)
    assert unlock(locked, passphrase, "custodian") == secret


def test_a_wrong_passphrase_and_an_altered_file_say_the_same() -> None:
    for data, passphrase in ((LOCKED, "other"), (LOCKED.replace(b'"passes":1', b'"passes":2'), "passphrase")):
        with pytest.raises(Invalid) as caught:
            unlock(data, passphrase, "node")
        assert caught.value.code == "key-file.passphrase"


def test_a_custodians_file_is_not_taken_for_a_nodes() -> None:
    with pytest.raises(Invalid) as caught:
        unlock(LOCKED, "passphrase", "custodian")
    assert caught.value.code == "key-file.purpose"


@pytest.mark.parametrize(
    ("was", "becomes"),
    [
        (b'"memory_kib":8192', b'"memory_kib":1073741824'),
        (b'"memory_kib":8192', b'"memory_kib":8191'),
        (b'"passes":1', b'"passes":1000000'),
        (b'"lanes":1', b'"lanes":17'),
    ],
)
def test_parameters_that_would_exhaust_the_reader_are_refused_before_deriving(was: bytes, becomes: bytes) -> None:
    with pytest.raises(Invalid) as caught:
        unlock(LOCKED.replace(was, becomes), "passphrase", "node")
    assert caught.value.code == "key-file.cost"


@given(st.integers(0, len(LOCKED) - 1))
def test_a_truncated_key_file_is_refused(size: int) -> None:
    with pytest.raises(Invalid):
        unlock(LOCKED[:size], "passphrase", "node")
