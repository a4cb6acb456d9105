"""Wycheproof: the cases that broke other implementations, through those of our functions that pass bytes on.

Where ours pass on nothing that an attacker or a vector could choose (AES-GCM: every key is derived), the library's call
is held to the cases and what they alter is altered in our own files.
"""

import base64

import msgspec
import pytest
from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA65PublicKey
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from amanat.log.malformed import Malformed
from amanat.log.note import COSIGNATURE_MLDSA44, VerifierKey, ed25519_holds
from amanat.party.errors import Invalid
from amanat.party.key_file import Cost, lock, unlock
from amanat.party.keys import sealing_key, sealing_public
from amanat.seal.open import open_envelope
from conformance.vectors import Case, combine, encapsulated, node_sealing, opened, wycheproof
from seal.cast import AF, KINDS, MANIFESTS, hand, record
from tally import Tally

X25519 = X25519PrivateKey.from_private_bytes(bytes(range(32)))
MLKEM = MLKEM768PrivateKey.from_seed_bytes(bytes(range(64)))
RECORD = record(audience=("af",))
ZERO = bytes(32)

Raw = dict[str, bytes]


def raw(case: Case) -> Raw:
    """The bytes that a case gives in hex."""
    names = (
        "pk",
        "public",
        "private",
        "shared",
        "seed",
        "ek",
        "c",
        "K",
        "key",
        "iv",
        "aad",
        "msg",
        "ct",
        "tag",
        "sig",
        "ctx",
    )
    return {name: bytes.fromhex(case[name]) for name in names if name in case}


# --- signatures -------------------------------------------------------------------------------------------------------


@pytest.mark.suite("Wycheproof, Ed25519")
def test_a_signature_on_a_note_holds_exactly_where_wycheproof_says(tally: Tally) -> None:
    """Truncated, followed by more, not reduced, malleable: each is another signature, and none of them holds."""
    for group, case in wycheproof("ed25519"):
        key, given = bytes.fromhex(group["publicKey"]["pk"]), raw(case)
        assert ed25519_holds(key, given["sig"], given["msg"]) == (case["result"] == "valid"), case
        tally.ran()


@pytest.mark.suite("Wycheproof, ML-DSA-65")
def test_the_library_judges_ml_dsa_as_wycheproof_and_no_key_of_65_is_a_witness(tally: Tally) -> None:
    """Ours is ML-DSA-44, of which nothing was published here: test_clients.py holds it against a second implementation."""
    for group, case in wycheproof("mldsa_65_verify"):
        key, given = bytes.fromhex(group["publicKey"]), raw(case)
        assert mldsa65_holds(key, given) == (case["result"] == "valid"), case
        with pytest.raises(Malformed) as caught:
            VerifierKey("witness.example", COSIGNATURE_MLDSA44, key)
        assert caught.value.code == "note.key"
        tally.ran()


def mldsa65_holds(key: bytes, given: Raw) -> bool:
    try:
        MLDSA65PublicKey.from_public_bytes(key).verify(given["sig"], given["msg"], given.get("ctx"))
    except (InvalidSignature, ValueError):
        return False
    return True


# --- sealing keys and wraps -------------------------------------------------------------------------------------------


@pytest.mark.suite("Wycheproof, ML-KEM-768 decapsulation")
def test_what_was_encapsulated_to_an_ml_kem_key_opens_as_an_envelope(tally: Tally) -> None:
    """With X25519's half made here. A ciphertext that was altered gives a secret too (FIPS 203): the one published."""
    public = X25519.public_key().public_bytes_raw()
    ciphertext, ours = encapsulated(X25519PrivateKey.from_private_bytes(bytes([7]) * 32), public)
    for _, case in wycheproof("mlkem_768"):
        given = raw(case)
        secret = given["seed"] + X25519.private_bytes_raw()
        shared = combine(given.get("K", ZERO), ours, ciphertext, public)
        if case["result"] == "valid":
            assert sealing_public(secret) == given["ek"] + public
            assert opened(secret, given["c"] + ciphertext, shared).record == RECORD, case
        elif len(given["seed"]) != 64:
            assert_no_sealing_key(secret)
        else:
            assert_does_not_open(secret, given["c"] + ciphertext, shared)
        tally.ran()


def assert_no_sealing_key(secret: bytes) -> None:
    with pytest.raises(Invalid) as caught:
        node_sealing(secret)
    assert caught.value.code == "field.length"


def assert_does_not_open(secret: bytes, enc: bytes, shared: bytes) -> None:
    """A wrap of another length moves all that follows it."""
    with pytest.raises(Invalid) as caught:
        opened(secret, enc, shared)
    assert caught.value.code in {"envelope.wrap", "envelope.truncated"}


@pytest.mark.suite("Wycheproof, ML-KEM-768 keys from seeds")
def test_a_sealing_key_has_the_published_public_half(tally: Tally) -> None:
    for _, case in wycheproof("mlkem_768_keygen_seed"):
        given = raw(case)
        assert sealing_public(given["seed"] + ZERO)[:1184] == given["ek"], case
        tally.ran()


@pytest.mark.suite("Wycheproof, ML-KEM-768 public keys")
def test_a_public_key_is_taken_exactly_where_wycheproof_encapsulates_to_it(tally: Tally) -> None:
    """A key that is not reduced would be two texts of one key. What is encapsulated is drawn, so not theirs again."""
    for _, case in wycheproof("mlkem_768_encaps"):
        public = raw(case)["ek"] + X25519.public_key().public_bytes_raw()
        if case["result"] == "valid":
            sealing_key(public)
        else:
            with pytest.raises(Invalid) as caught:
                sealing_key(public)
            assert caught.value.code == "key.sealing", case
        tally.ran()


@pytest.mark.suite("Wycheproof, X25519")
def test_x25519s_half_is_theirs_and_no_point_of_small_order_is_a_key_or_opens(tally: Tally) -> None:
    """As a party's key it is refused; as a sender's half of a wrap the envelope does not open."""
    public = MLKEM.public_key().public_bytes_raw()
    mlkem, ciphertext = MLKEM.public_key().encapsulate()
    for _, case in wycheproof("x25519"):
        given = raw(case)
        secret = MLKEM.private_bytes_raw() + given["private"]
        shared = combine(mlkem, given["shared"], given["public"], sealing_public(secret)[1184:])
        if given["shared"] == ZERO:
            with pytest.raises(Invalid) as caught:
                sealing_key(public + given["public"])
            assert caught.value.code == "key.sealing", case
            with pytest.raises(Invalid) as caught:
                opened(secret, ciphertext + given["public"], shared)
            assert caught.value.code == "envelope.wrap", case
        else:
            sealing_key(public + given["public"])
            assert opened(secret, ciphertext + given["public"], shared).record == RECORD, case
        tally.ran()


# --- what is sealed ---------------------------------------------------------------------------------------------------


@pytest.mark.suite("Wycheproof, AES-GCM")
def test_aes_gcm_is_theirs_and_each_way_to_alter_a_tag_is_noticed_in_our_files(tally: Tally) -> None:
    """Our keys are derived, of 256 bits, with nonces of 96: the library is called so, in envelopes and key files."""
    masks = set()
    for group, case in wycheproof("aes_gcm"):
        given = raw(case)
        if group["keySize"] != 256:
            tally.set_aside("of keys of 128 or 192 bits")
            continue
        if group["ivSize"] != 96:
            tally.set_aside("of nonces of other than 96 bits")
            continue
        good = AESGCM(given["key"]).encrypt(given["iv"], given["msg"], given["aad"])
        tag = int.from_bytes(good[-16:]) ^ int.from_bytes(given["tag"])
        assert (tag == 0) == (case["result"] == "valid"), case
        assert good[:-16] == given["ct"]
        assert gcm_opens(given) == (case["result"] == "valid"), case
        masks |= {tag} - {0}
        tally.ran()
    assert len(masks) >= 25
    for mask in masks:
        assert_altered_tags_are_noticed(mask)


def gcm_opens(given: Raw) -> bool:
    try:
        plaintext = AESGCM(given["key"]).decrypt(given["iv"], given["ct"] + given["tag"], given["aad"])
    except InvalidTag:
        return False
    return plaintext == given["msg"]


def altered(sealed: bytes, mask: int) -> bytes:
    return sealed[:-16] + (int.from_bytes(sealed[-16:]) ^ mask).to_bytes(16)


ENVELOPE = hand().make()
KEY_FILE = lock(b"a seed", "a passphrase", "node", bytes(16), bytes(12), Cost(memory_kib=8192, passes=1, lanes=1))


def assert_altered_tags_are_noticed(mask: int) -> None:
    """In an envelope, and in a key file."""
    open_envelope(ENVELOPE, "af", {AF.sealing_id: AF.sealing}, MANIFESTS, KINDS)
    with pytest.raises(Invalid) as caught:
        open_envelope(altered(ENVELOPE, mask), "af", {AF.sealing_id: AF.sealing}, MANIFESTS, KINDS)
    assert caught.value.code == "envelope.altered"
    file = msgspec.json.decode(KEY_FILE)
    sealed = base64.b64encode(altered(base64.b64decode(file["sealed"]), mask)).decode()
    with pytest.raises(Invalid) as caught:
        unlock(KEY_FILE.replace(file["sealed"].encode(), sealed.encode()), "a passphrase", "node")
    assert caught.value.code == "key-file.passphrase"
