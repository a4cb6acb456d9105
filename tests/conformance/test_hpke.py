"""HPKE and X-Wing as published: what others encapsulated opens as an envelope, and RFC 9180's key schedule is theirs.

No draft publishes a ciphertext of our suite without associated data. So the last step is made here: the published
shared secret, RFC 9180's key schedule by hand (held against RFC 9180's own vectors), AES-256-GCM. The envelope around
it is by hand too; our functions open it only when they find the shared secret that was published.
"""

import hashlib

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    SECP521R1,
    EllipticCurvePrivateKey,
    derive_private_key,
)
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, ChaCha20Poly1305
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from amanat.party.errors import Invalid
from amanat.party.keys import SEALING_SECRET_BYTES, sealing_public
from conformance.vectors import Case, opened, read_json, schedule
from seal.cast import record
from tally import Tally

# RFC 9180, table 2 and 3 and 5, and what the library calls them; X448 is not known to it.
KEMS = {0x10: KEM.P256, 0x12: KEM.P521, 0x20: KEM.X25519}
KDFS = {1: (KDF.HKDF_SHA256, "sha256"), 3: (KDF.HKDF_SHA512, "sha512")}
AEADS: dict[int, tuple[AEAD, type[AESGCM] | type[ChaCha20Poly1305]]] = {
    1: (AEAD.AES_128_GCM, AESGCM),
    2: (AEAD.AES_256_GCM, AESGCM),
    3: (AEAD.CHACHA20_POLY1305, ChaCha20Poly1305),
}
XWING_KEM = 0x647A
PLAINTEXT = bytes(range(40))


def expand(seed: str) -> bytes:
    """Our 96 bytes of a published 32-byte private key (draft-connolly-cfrg-xwing-kem, expandDecapsulationKey)."""
    return hashlib.shake_256(bytes.fromhex(seed)).digest(SEALING_SECRET_BYTES)


def opens_as_published(seed: str, public: str, enc: str, shared: str) -> bool:
    """Whether the key is ours to hold, and what was encapsulated to it opens with the published secret, and no other."""
    raw = expand(seed)
    assert sealing_public(raw).hex() == public
    with pytest.raises(Invalid) as caught:
        opened(raw, bytes.fromhex(enc), bytes.fromhex(shared)[::-1])
    assert caught.value.code == "envelope.wrap"
    return opened(raw, bytes.fromhex(enc), bytes.fromhex(shared)).record == record(audience=("af",))


@pytest.mark.suite("X-Wing, the draft's vectors")
def test_what_the_x_wing_draft_encapsulated_opens_as_an_envelope(tally: Tally) -> None:
    for case in read_json("xwing_vectors.json"):
        assert opens_as_published(case["sk"], case["pk"], case["ct"], case["ss"])
        tally.ran()


@pytest.mark.suite("HPKE-PQ, the draft's vectors")
def test_what_the_hpke_pq_draft_encapsulated_opens_as_an_envelope(tally: Tally) -> None:
    for case in read_json("hpke_pq_vectors.json.gz"):
        if case["kem_id"] != XWING_KEM:
            tally.set_aside("of another KEM than MLKEM768-X25519")
            continue
        assert opens_as_published(case["skRm"], case["pkRm"], case["enc"], case["shared_secret"])
        if case["kdf_id"] == 1:
            assert_schedule(case, "sha256")
        tally.ran()


def assert_schedule(case: Case, digest: str) -> None:
    suite = (case["kem_id"], case["kdf_id"], case["aead_id"])
    made = schedule(bytes.fromhex(case["shared_secret"]), bytes.fromhex(case["info"]), suite, digest)
    assert {name: value.hex() for name, value in made.items()} == {name: case[name] for name in made}


@pytest.mark.suite("RFC 9180, its vectors")
def test_the_key_schedule_by_hand_and_the_library_are_rfc_9180s(tally: Tally) -> None:
    """Ours is none of its suites: this holds what the suites above rest on, and the library's HPKE, against the RFC."""
    for case in read_json("rfc9180_hpke_vectors.json.gz"):
        if case["mode"] != 0:
            tally.set_aside("with a PSK or the sender's key, for an envelope is sealed in base mode")
        elif case["aead_id"] not in AEADS:
            tally.set_aside("that only export a secret, for a wrap is encrypted")
        elif case["kem_id"] not in KEMS:
            tally.set_aside("of X448, which the library does not know")
        else:
            assert_schedule(case, KDFS[case["kdf_id"]][1])
            assert library_opens(case)
            tally.ran()


def library_opens(case: Case) -> bool:
    """Whether the library opens what was encapsulated, encrypted by the published key without associated data."""
    aead, cipher = AEADS[case["aead_id"]]
    suite = Suite(KEMS[case["kem_id"]], KDFS[case["kdf_id"]][0], aead)
    key, nonce = bytes.fromhex(case["key"]), bytes.fromhex(case["base_nonce"])
    sealed = bytes.fromhex(case["enc"]) + cipher(key).encrypt(nonce, PLAINTEXT, b"")
    return suite.decrypt(sealed, private(case), info=bytes.fromhex(case["info"])) == PLAINTEXT


def private(case: Case) -> X25519PrivateKey | EllipticCurvePrivateKey:
    if case["kem_id"] == 0x20:
        return X25519PrivateKey.from_private_bytes(bytes.fromhex(case["skRm"]))
    return derive_private_key(int(case["skRm"], 16), SECP256R1() if case["kem_id"] == 0x10 else SECP521R1())
