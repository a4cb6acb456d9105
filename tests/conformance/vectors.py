"""Others' files as they published them, and HPKE by hand, so that what others encapsulated reaches our own functions.

Law: nothing of `amanat` makes what these functions make; files are read unchanged from data/, with sources beside.
"""

import base64
import gzip
import hashlib
import hmac
import json
import tarfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hpke import MLKEM768X25519PrivateKey

from amanat.party.keys import NodeSecrets, node_keys, sealing_public
from amanat.seal.open import Opened, open_envelope
from seal.by_hand import Hand, Party, key_id
from seal.cast import COMPACT, ID, KINDS, MANIFESTS, PK, record

DATA = Path(__file__).parent / "data"
ENVELOPE_SUITE = (0x647A, 1, 2)  # MLKEM768-X25519, HKDF-SHA256, AES-256-GCM: docs/protocol/envelope.md

Case = dict[str, Any]


# --- files ------------------------------------------------------------------------------------------------------------


def read_json(name: str) -> Any:
    """The JSON of a file in data/."""
    data = (DATA / name).read_bytes()
    return json.loads(gzip.decompress(data) if name.endswith(".gz") else data)


def members(archive: str) -> dict[str, bytes]:
    """The files of an archive in data/ by their paths."""
    with tarfile.open(DATA / archive) as opened:
        return {
            member.name.removeprefix("./"): content.read()
            for member in opened
            if (content := opened.extractfile(member)) is not None
        }


def wycheproof(name: str) -> Iterator[tuple[Case, Case]]:
    """The cases of one of Wycheproof's files, each with its group; as many as the file says it has."""
    file = json.loads(members("wycheproof.tar.xz")[f"{name}_test.json"])
    cases = [(group, case) for group in file["testGroups"] for case in group["tests"]]
    assert len(cases) == file["numberOfTests"]
    return iter(cases)


# --- HPKE by hand -----------------------------------------------------------------------------------------------------


def schedule(shared: bytes, info: bytes, suite: tuple[int, int, int], digest: str = "sha256") -> dict[str, bytes]:
    """Key, base nonce and exporter secret in base mode (RFC 9180 section 5.1), for KDFs of HKDF with this digest."""
    size = hashlib.new(digest).digest_size
    named = b"HPKE-v1HPKE" + b"".join(each.to_bytes(2) for each in suite)

    def extract(label: bytes, ikm: bytes, salt: bytes = bytes(size)) -> bytes:
        return hmac.digest(salt, named + label + ikm, digest)

    def expand(label: bytes, length: int) -> bytes:
        labelled = length.to_bytes(2) + named + label + context
        return hmac.digest(secret, labelled + b"\x01", digest)[:length]

    context = b"\x00" + extract(b"psk_id_hash", b"") + extract(b"info_hash", info)
    secret = extract(b"secret", b"", shared)
    key_size = {1: 16, 2: 32, 3: 32}[suite[2]]
    return {
        "key": expand(b"key", key_size),
        "base_nonce": expand(b"base_nonce", 12),
        "exporter_secret": expand(b"exp", size),
    }


def combine(mlkem: bytes, x25519: bytes, ciphertext: bytes, public: bytes) -> bytes:
    """X-Wing's shared secret from its halves', with X25519's ciphertext and public key (its draft, section 5.3)."""
    return hashlib.sha3_256(mlkem + x25519 + ciphertext + public + b"\\.//^\\").digest()


def encapsulated(secret: X25519PrivateKey, public: bytes) -> tuple[bytes, bytes]:
    """X25519's half of an encapsulation to a public key: ciphertext and shared secret."""
    return secret.public_key().public_bytes_raw(), secret.exchange(X25519PublicKey.from_public_bytes(public))


# --- through our own opening ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Holder(Party):
    """A party whose sealing key is one that others published: 96 raw bytes, ML-KEM seed 64 and X25519 32."""

    raw: bytes = bytes(96)

    @property
    def sealing_bytes(self) -> bytes:
        return sealing_public(self.raw)

    @property
    def _mlkem(self) -> MLKEM768PrivateKey:
        return MLKEM768PrivateKey.from_seed_bytes(self.raw[:64])

    @property
    def _x25519(self) -> X25519PrivateKey:
        return X25519PrivateKey.from_private_bytes(self.raw[64:])


def node_sealing(raw: bytes) -> Mapping[str, MLKEM768X25519PrivateKey]:
    """The sealing keys of a node that holds this one."""
    seed = base64.b64encode(bytes(32)).decode()
    return node_keys(NodeSecrets(seed, seed, seed, seed, (base64.b64encode(raw).decode(),))).sealing


def opened(raw: bytes, enc: bytes, shared: bytes) -> Opened:
    """Open, as the holder of this sealing key, an honest envelope of pk's but for its wrap.

    The wrap is another's encapsulation, and what its shared secret yields by RFC 9180 by hand: it opens only if our
    functions find the same shared secret.
    """
    af = Holder("af", 0, raw)
    honest = Hand(record(audience=("af",)).data, PK, (af,), COMPACT, ID)
    info = b"amanat/wrap/v1\n" + hashlib.sha256(honest.core).digest() + bytes.fromhex(key_id(af.sealing_bytes))
    made = schedule(shared, info, ENVELOPE_SUITE)
    sealed = AESGCM(made["key"]).encrypt(made["base_nonce"], honest.content_key + (1).to_bytes(8), b"")
    return open_envelope(honest.but(wraps=(enc + sealed,)).make(), "af", node_sealing(raw), MANIFESTS, KINDS)
