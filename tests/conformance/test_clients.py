"""What others wrote reads what we write, and we read what it writes: a second ML-DSA-44, and a stock DSSE library.

OASIS's own tools read our reports in the intelligence workspace's tests and the demo's.
"""

import base64
import json
from collections.abc import Iterator

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey
from dilithium_py.ml_dsa import ML_DSA_44
from securesystemslib.dsse import Envelope
from securesystemslib.exceptions import VerificationError
from securesystemslib.signer import CryptoSigner, Key, SSlibKey  # type: ignore[attr-defined]  # its own __all__ is short

from amanat.log.checkpoint import Checkpoint
from amanat.log.cosignature import cosign_mldsa44, verify_cosignature
from amanat.log.malformed import Malformed
from amanat.log.note import COSIGNATURE_MLDSA44, Note, SignatureLine, VerifierKey
from amanat.party.dsse import pae, parse, signers
from amanat.party.key_id import key_id
from border import Border
from conformance.vectors import read_json
from tally import Tally

WITNESS, ORIGIN, WHEN = "witness.example", "log.example", 1_800_000_000


# --- ML-DSA-44: nobody published cosignatures, so a second implementation makes and judges them ---------------------------


def message(checkpoint: Checkpoint) -> bytes:
    """The `cosigned_message` of tlog-cosignature, by hand."""
    names = [bytes([len(each)]) + each.encode() for each in (WITNESS, ORIGIN)]
    whole = bytes(8) + checkpoint.size.to_bytes(8) + checkpoint.root
    return b"subtree/v1\n\x00" + names[0] + WHEN.to_bytes(8) + names[1] + whole


@pytest.mark.suite("dilithium-py, cosignatures of ML-DSA-44")
def test_cosignatures_are_those_of_a_second_implementation(tally: Tally) -> None:
    for number in range(10):
        seed, checkpoint = bytes([number]) * 32, Checkpoint(ORIGIN, 2**number, bytes([number]) * 32)
        ours, (public, secret) = MLDSA44PrivateKey.from_seed_bytes(seed), ML_DSA_44.key_derive(seed)
        key = VerifierKey(WITNESS, COSIGNATURE_MLDSA44, public)
        line = cosign_mldsa44(checkpoint, WITNESS, ours, WHEN)
        assert line.key_id == key.key_id, "one seed is one key"
        assert ML_DSA_44.verify(public, message(checkpoint), line.signature[8:])
        tally.ran()
        theirs = ML_DSA_44.sign(secret, message(checkpoint), deterministic=bool(number % 2))
        assert cosigned(theirs, checkpoint, key) == WHEN
        tally.ran()
        with pytest.raises(Malformed):
            cosigned(theirs[:number] + bytes([theirs[number] ^ 1]) + theirs[number + 1 :], checkpoint, key)
        tally.ran()


def cosigned(signature: bytes, checkpoint: Checkpoint, key: VerifierKey) -> int | None:
    line = SignatureLine(WITNESS, key.key_id, WHEN.to_bytes(8) + signature)
    return verify_cosignature(Note(checkpoint.text(), (line,)), checkpoint, key)


# --- DSSE -----------------------------------------------------------------------------------------------------------------


@pytest.mark.suite("DSSE, the protocol's vector")
def test_what_is_signed_is_dsses_pre_authentication_encoding(tally: Tally) -> None:
    vector = read_json("dsse_vector.json")
    assert pae(vector["payloadType"], vector["body"].encode()) == vector["pae"].encode()
    assert base64.b64decode(vector["envelope"]["payload"]) == vector["body"].encode()
    tally.ran()
    tally.set_aside("signature by ECDSA, for statements are signed by Ed25519")


def published(border: Border) -> Iterator[tuple[bytes, dict[str, bytes], int]]:
    """A statement of every type that travels, the keys that may sign it, and how many have to."""
    border.pk.with_file("af", data=b"a file")
    border.carry("pk", "af")
    border.pk.word(1, "the line")
    border.pk.act("suspend", 1)
    border.pk.act("resume", 2, custodians=True)
    border.af.take("envelope", border.pk.forge("af", sequence=2, **border.pk.person()), sender="pk")
    nodes = {key_id(key): key for side in border.sides.values() for key in [base64.b64decode(side.manifest.record[0])]}
    roots = {id_: key for side in border.sides.values() for id_, key in side.manifest.root.by_id().items()}
    for sender, recipient, types, keys, threshold in (
        ("pk", "af", ["manifest"], roots, 2),
        ("pk", "af", ["lexicon"], nodes, 1),
        ("pk", "af", ["compact"], roots, 4),
        ("pk", "af", ["act"], roots | nodes, 1),
        ("pk", "af", ["heartbeat"], nodes, 1),
        ("af", "pk", ["refusal", "holding"], nodes, 1),  # given once, so asked for together
    ):
        items = border.items(sender, recipient, *types)
        assert len(items) >= len(types), types
        yield from ((item, keys, threshold) for item in items)


@pytest.mark.suite("securesystemslib, our statements")
def test_a_stock_dsse_library_verifies_every_statement_we_publish(border: Border, tally: Tally) -> None:
    border.dishonest.add("pk")
    for data, keys, threshold in published(border):
        stock: list[Key] = [SSlibKey(id_, "ed25519", "ed25519", {"public": key.hex()}) for id_, key in keys.items()]
        assert len(Envelope.from_dict(json.loads(data)).verify(stock, threshold)) == threshold
        altered = Envelope.from_dict(json.loads(data))
        altered.payload += b" "
        with pytest.raises(VerificationError):
            altered.verify(stock, 1)
        tally.ran()


@pytest.mark.suite("securesystemslib, its statements")
def test_a_statement_that_a_stock_dsse_library_made_is_read_and_verified(tally: Tally) -> None:
    for number in range(1, 4):
        private = Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32)
        public = private.public_key().public_bytes_raw()
        signer = CryptoSigner(private, SSlibKey(key_id(public), "ed25519", "ed25519", {"public": public.hex()}))
        made = Envelope(b"a payload" * number, "application/vnd.amanat.test", {})
        made.sign(signer)
        data = json.dumps(made.to_dict(), separators=(",", ":")).encode()
        statement = parse(data, "application/vnd.amanat.test", "statement")
        assert signers(statement, {key_id(public): public}, "statement") == {key_id(public)}
        tally.ran()
