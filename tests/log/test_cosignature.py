"""Cosignatures: the bytes signed are the specification's, and a line that does not fit is refused."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey, MLDSA44PublicKey
from hypothesis import given, settings
from hypothesis import strategies as st

from amanat.log.checkpoint import Checkpoint, parse_checkpoint
from amanat.log.cosignature import cosign_ed25519, cosign_mldsa44, verify_cosignature
from amanat.log.malformed import Malformed
from amanat.log.note import (
    COSIGNATURE_ED25519,
    COSIGNATURE_MLDSA44,
    ED25519,
    Note,
    SignatureLine,
    VerifierKey,
    parse_note,
)

EXAMPLE = """\
example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==
""".encode()
CHECKPOINT = parse_checkpoint(parse_note(EXAMPLE).text)
WHEN = 1679315147
NAME = "witness.example.com/w1"

ED = Ed25519PrivateKey.from_private_bytes(bytes(32))
ED_KEY = VerifierKey(NAME, COSIGNATURE_ED25519, ED.public_key().public_bytes_raw())
ML = MLDSA44PrivateKey.from_seed_bytes(bytes(32))
ML_KEY = VerifierKey(NAME, COSIGNATURE_MLDSA44, ML.public_key().public_bytes_raw())


def cosigned(*lines: SignatureLine) -> Note:
    return Note(CHECKPOINT.text(), lines)


# --- bytes --------------------------------------------------------------------------------------------------


def test_an_ed25519_cosignature_signs_the_specifications_lines() -> None:
    line = cosign_ed25519(CHECKPOINT.text(), NAME, ED, WHEN)
    message = b"""\
cosignature/v1
time 1679315147
example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=
"""
    assert line.signature[:8].hex() == "00000000641850cb"
    Ed25519PublicKey.from_public_bytes(ED_KEY.public).verify(line.signature[8:], message)


def test_an_ml_dsa_44_cosignature_signs_the_specifications_structure() -> None:
    line = cosign_mldsa44(CHECKPOINT, NAME, ML, WHEN)
    message = (
        b"subtree/v1\n\x00"
        b"\x16witness.example.com/w1"
        b"\x00\x00\x00\x00\x64\x18\x50\xcb"
        b"\x1bexample.com/behind-the-sofa"
        b"\x00\x00\x00\x00\x00\x00\x00\x00"
        b"\x00\x00\x00\x00\x01\x3e\x2d\xc3"
    ) + CHECKPOINT.root
    assert line.signature[:8].hex() == "00000000641850cb"
    assert len(line.signature) == 8 + 2420
    MLDSA44PublicKey.from_public_bytes(ML_KEY.public).verify(line.signature[8:], message)


# --- verifying ----------------------------------------------------------------------------------------------


@given(st.integers(1, 2**63 - 1), st.integers(0, 2**63 - 1), st.binary(min_size=32, max_size=32))
@settings(max_examples=20)
def test_a_cosignature_verifies_and_tells_its_time(when: int, size: int, root: bytes) -> None:
    checkpoint = Checkpoint("example.com/log", size, root)
    lines = (cosign_ed25519(checkpoint.text(), NAME, ED, when), cosign_mldsa44(checkpoint, NAME, ML, when))
    note = parse_note(Note(checkpoint.text(), lines).encode())
    assert verify_cosignature(note, checkpoint, ED_KEY) == when
    assert verify_cosignature(note, checkpoint, ML_KEY) == when


def test_a_witness_that_did_not_cosign_has_no_time() -> None:
    note = cosigned(cosign_ed25519(CHECKPOINT.text(), NAME, ED, WHEN))
    assert verify_cosignature(note, CHECKPOINT, ML_KEY) is None
    assert verify_cosignature(parse_note(EXAMPLE), CHECKPOINT, ED_KEY) is None


@pytest.mark.parametrize("key", [ED_KEY, ML_KEY], ids=["ed25519", "ml-dsa-44"])
def test_a_cosignature_fits_no_other_checkpoint_time_or_name(key: VerifierKey) -> None:
    lines = (cosign_ed25519(CHECKPOINT.text(), NAME, ED, WHEN), cosign_mldsa44(CHECKPOINT, NAME, ML, WHEN))
    signature = next(line.signature for line in lines if line.key_id == key.key_id)
    origin, size, root = CHECKPOINT.origin, CHECKPOINT.size, CHECKPOINT.root
    others = [Checkpoint("o", size, root), Checkpoint(origin, 1, root), Checkpoint(origin, size, bytes(32))]
    broken = [signature[:-1], signature + b"\x00", signature[:7], bytes(8) + signature[8:], b"\x80" + signature[1:]]
    tried = [(signature, other) for other in others] + [(wrong, CHECKPOINT) for wrong in broken]
    for candidate, checkpoint in tried:
        with pytest.raises(Malformed) as refused:
            verify_cosignature(cosigned(SignatureLine(NAME, key.key_id, candidate)), checkpoint, key)
        assert refused.value.code == "cosignature.signature"


@pytest.mark.parametrize("when", [2**63, 2**64 - 1])
def test_a_time_beyond_2_to_the_63_is_refused_though_its_signature_holds(when: int) -> None:
    time = when.to_bytes(8)
    by_ed = ED.sign(b"cosignature/v1\ntime %d\n" % when + CHECKPOINT.text())
    by_ml = ML.sign(
        b"subtree/v1\n\x00\x16witness.example.com/w1"
        + time
        + b"\x1bexample.com/behind-the-sofa"
        + bytes(8)
        + CHECKPOINT.size.to_bytes(8)
        + CHECKPOINT.root
    )
    for key, signature in ((ED_KEY, by_ed), (ML_KEY, by_ml)):
        with pytest.raises(Malformed) as refused:
            verify_cosignature(cosigned(SignatureLine(NAME, key.key_id, time + signature)), CHECKPOINT, key)
        assert refused.value.code == "cosignature.signature"


def test_an_ml_dsa_44_cosignature_commits_to_the_witnesss_name_and_an_ed25519_one_does_not() -> None:
    """Why an Ed25519 key must never serve two witnesses."""
    for line, key, commits in [
        (cosign_ed25519(CHECKPOINT.text(), NAME, ED, WHEN), ED_KEY, False),
        (cosign_mldsa44(CHECKPOINT, NAME, ML, WHEN), ML_KEY, True),
    ]:
        renamed = VerifierKey("other.example", key.algorithm, key.public)
        note = cosigned(SignatureLine(renamed.name, renamed.key_id, line.signature))
        if commits:
            with pytest.raises(Malformed):
                verify_cosignature(note, CHECKPOINT, renamed)
        else:
            assert verify_cosignature(note, CHECKPOINT, renamed) == WHEN


def test_extension_lines_are_covered_by_ed25519_alone() -> None:
    extended = Checkpoint(CHECKPOINT.origin, CHECKPOINT.size, CHECKPOINT.root, ("extension",))
    note = cosigned(cosign_ed25519(extended.text(), NAME, ED, WHEN), cosign_mldsa44(extended, NAME, ML, WHEN))
    assert verify_cosignature(note, extended, ED_KEY) == WHEN
    with pytest.raises(Malformed):
        verify_cosignature(note, CHECKPOINT, ED_KEY)
    assert verify_cosignature(note, CHECKPOINT, ML_KEY) == WHEN


def test_of_two_cosignatures_by_one_witness_the_latest_counts_and_both_must_verify() -> None:
    early, late = (cosign_ed25519(CHECKPOINT.text(), NAME, ED, when) for when in (WHEN, WHEN + 60))
    assert verify_cosignature(cosigned(late, early), CHECKPOINT, ED_KEY) == WHEN + 60
    bad = SignatureLine(NAME, ED_KEY.key_id, late.signature[:8] + early.signature[8:])
    with pytest.raises(Malformed):
        verify_cosignature(cosigned(early, bad), CHECKPOINT, ED_KEY)


def test_an_ml_dsa_44_cosigner_may_leave_out_the_time() -> None:
    """Then it states consistency, and not that this is the largest tree it saw."""
    message = b"".join(
        (
            b"subtree/v1\n\x00",
            bytes([len(NAME)]) + NAME.encode(),
            bytes(8),
            bytes([len(CHECKPOINT.origin)]) + CHECKPOINT.origin.encode(),
            bytes(8),
            CHECKPOINT.size.to_bytes(8),
            CHECKPOINT.root,
        )
    )
    line = SignatureLine(NAME, ML_KEY.key_id, bytes(8) + ML.sign(message))
    assert verify_cosignature(cosigned(line), CHECKPOINT, ML_KEY) == 0


# --- what is not cosigned -----------------------------------------------------------------------------------


@pytest.mark.parametrize("when", [-1, 0, 2**63])
def test_we_never_cosign_without_a_time(when: int) -> None:
    with pytest.raises(Malformed, match="POSIX seconds") as refused:
        cosign_ed25519(CHECKPOINT.text(), NAME, ED, when)
    assert refused.value.code == "cosignature.time"
    with pytest.raises(Malformed, match="POSIX seconds"):
        cosign_mldsa44(CHECKPOINT, NAME, ML, when)


def test_a_text_that_is_no_checkpoint_is_not_cosigned() -> None:
    with pytest.raises(Malformed) as refused:
        cosign_ed25519(b"not a checkpoint\n", NAME, ED, WHEN)
    assert refused.value.code == "checkpoint.text"


def test_a_name_or_origin_above_255_bytes_has_no_ml_dsa_44_cosignature() -> None:
    longest = Checkpoint("o" * 255, 1, bytes(32))
    assert len(cosign_mldsa44(longest, "w" * 255, ML, WHEN).signature) == 8 + 2420
    for checkpoint, name in [(Checkpoint("é" * 128, 1, bytes(32)), NAME), (longest, "w" * 256)]:
        with pytest.raises(Malformed) as refused:
            cosign_mldsa44(checkpoint, name, ML, WHEN)
        assert refused.value.code == "cosignature.name"


def test_a_logs_key_is_no_cosigners_key() -> None:
    with pytest.raises(Malformed) as refused:
        verify_cosignature(parse_note(EXAMPLE), CHECKPOINT, VerifierKey(NAME, ED25519, bytes(32)))
    assert refused.value.code == "cosignature.algorithm"
