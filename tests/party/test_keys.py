"""Node keys: drawn once, rotated, forgotten; and public keys that are none are refused."""

import base64

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from hypothesis import given
from hypothesis import strategies as st

from amanat.party.canonical import decode, encode
from amanat.party.errors import Invalid
from amanat.party.keys import (
    MAX_SECRET_SEALING,
    NodeSecrets,
    ed25519_public,
    forget_sealing,
    new_secrets,
    node_keys,
    public_keys,
    rotate_sealing,
    sealing_key,
    sealing_public,
)
from party.cast import KEYS, PUBLIC, SECRETS, drawn, id_of

SUITE = Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
SEALING = base64.b64decode(PUBLIC["sealing"])

# y = 0, 1, p - 1 and the two of order 8; then p and p + 1, which are 0 and 1 again. One point each, or two by sign.
SMALL_ORDER = (
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
)


def text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def test_secrets_stand_for_the_same_keys_after_writing_and_reading() -> None:
    again = decode(encode(SECRETS), NodeSecrets, "secrets")
    assert public_keys(again) == PUBLIC
    assert node_keys(again).record.private_bytes_raw() == KEYS.record.private_bytes_raw()


def test_every_role_has_a_key_of_its_own() -> None:
    assert list(PUBLIC) == ["record", "log", "witness", "witness_pq", "sealing"]
    assert len(set(PUBLIC.values())) == 5


def test_each_public_key_is_its_secrets_own() -> None:
    """Signed with the secret half, verified by the public bytes alone."""
    ed25519 = {"record": KEYS.record, "log": KEYS.log, "witness": KEYS.witness}
    assert all(text(key.public_key().public_bytes_raw()) == PUBLIC[role] for role, key in ed25519.items())
    post_quantum = MLDSA44PublicKey.from_public_bytes(base64.b64decode(PUBLIC["witness_pq"]))
    post_quantum.verify(KEYS.witness_pq.sign(b"text"), b"text")


def test_secrets_say_nothing_of_themselves() -> None:
    """A representation ends up in logs."""
    assert repr(SECRETS) == str(SECRETS) == "NodeSecrets(…)"


def test_what_is_sealed_to_a_public_key_opens_with_its_private_half() -> None:
    sealed = SUITE.encrypt(b"text", sealing_key(SEALING), info=b"x")
    assert SUITE.decrypt(sealed, KEYS.sealing[id_of(PUBLIC["sealing"])], info=b"x") == b"text"
    assert sealing_public(base64.b64decode(SECRETS.sealing[0])) == SEALING


def test_a_rotated_sealing_key_comes_first_and_the_old_one_opens_until_it_is_forgotten() -> None:
    rotated = rotate_sealing(SECRETS, drawn(2))
    new, old = node_keys(rotated).sealing
    assert old == id_of(PUBLIC["sealing"])
    assert new == id_of(public_keys(rotated)["sealing"])
    assert list(node_keys(forget_sealing(rotated, old)).sealing) == [new]


def test_the_last_sealing_key_is_not_forgotten() -> None:
    with pytest.raises(Invalid, match="There are 0 sealing keys, and must be 1 to 24") as caught:
        forget_sealing(SECRETS, id_of(PUBLIC["sealing"]))
    assert caught.value.code == "key.sealing-count"


def test_a_key_that_is_not_held_cannot_be_forgotten() -> None:
    """Silence would let an operator believe that it was destroyed."""
    with pytest.raises(Invalid, match="No sealing key 0000000000000000 is held") as caught:
        forget_sealing(SECRETS, "0" * 64)
    assert caught.value.code == "key.unknown"


def test_there_are_at_most_two_years_of_sealing_keys() -> None:
    full = SECRETS
    for number in range(MAX_SECRET_SEALING - 1):
        full = rotate_sealing(full, drawn(number))
    assert len(node_keys(full).sealing) == 24
    with pytest.raises(Invalid, match="There are 25 sealing keys") as caught:
        rotate_sealing(full, drawn(99))
    assert caught.value.code == "key.sealing-count"


@pytest.mark.parametrize("role", ["record", "log", "witness", "witness_pq", "sealing"])
@pytest.mark.parametrize("length", [0, 31, 33, 95, 97])
def test_secrets_of_another_length_are_refused(role: str, length: int) -> None:
    raw = text(bytes(length))
    with pytest.raises(Invalid, match=rf"The secret (sealing )?key has {length} bytes") as caught:
        msgspec.structs.replace(SECRETS, **{role: (raw,) if role == "sealing" else raw})
    assert caught.value.code == "field.length"


@pytest.mark.promised(
    "a public key that anybody can sign for", "docs/protocol/bundle.md", "Statements", "none of small order"
)
@pytest.mark.parametrize("sign", [0, 0x80])
@pytest.mark.parametrize("point", SMALL_ORDER)
def test_a_key_that_anybody_could_sign_for_is_refused(point: str, sign: int) -> None:
    """A party that listed one could deny whatever it signed."""
    raw = bytes.fromhex(point)
    with pytest.raises(Invalid, match="Anybody could sign for the record key") as caught:
        ed25519_public(text(raw[:-1] + bytes([raw[-1] | sign])), "record key")
    assert caught.value.code == "key.small-order"


def test_an_ed25519_key_is_read_as_its_32_bytes() -> None:
    assert text(ed25519_public(PUBLIC["record"], "record key")) == PUBLIC["record"]


@pytest.mark.parametrize(
    "public",
    [
        b"",
        SEALING[:-1],
        SEALING + b"\0",
        b"\xff" * 1184 + SEALING[1184:],
        SEALING[:1184] + bytes(32),
        SEALING[:1184] + b"\1" + bytes(31),
        SEALING[:1184] + bytes.fromhex("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800"),
    ],
    ids=["empty", "short", "long", "ML-KEM over its modulus", "order 4", "order 1", "order 8"],
)
def test_bytes_that_are_no_sealing_key_are_refused(public: bytes) -> None:
    """With an X25519 point of small order anybody would know that half of what is sealed to it."""
    with pytest.raises(Invalid, match="A sealing key is not a key of 1,216 bytes") as caught:
        sealing_key(public)
    assert caught.value.code == "key.sealing"


@given(st.binary(max_size=1300) | st.binary(min_size=1216, max_size=1216))
def test_any_bytes_are_a_sealing_key_or_invalid(public: bytes) -> None:
    try:
        key = sealing_key(public)
    except Invalid as problem:
        assert problem.code == "key.sealing"
        return
    SUITE.encrypt(b"text", key, info=b"x")


def test_secrets_drawn_from_the_same_bytes_are_the_same() -> None:
    assert new_secrets(drawn(0)) == SECRETS
    assert new_secrets(drawn(1)) != SECRETS
