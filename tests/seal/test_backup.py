"""A backup opens whole, with its own key, or not at all."""

import base64
import hashlib
import io
import json
import os
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from amanat.party import canonical
from amanat.party.errors import Invalid
from amanat.party.keys import SEALING_SECRET_BYTES, sealing_private, sealing_public
from amanat.seal.backup import open_backup, read_head, seal_backup
from amanat.seal.chunks import CHUNK_BYTES, TAG_BYTES
from amanat.seal.header import SUITE

AT = datetime(2026, 11, 24, 6, 30, tzinfo=UTC)
SECRET = os.urandom(SEALING_SECRET_BYTES)
SIZES = [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES]


def sealed(plain: bytes, piece: int = 100_000) -> bytes:
    out = io.BytesIO()
    sealing = seal_backup(sealing_public(SECRET), AT, os.urandom, out.write)
    for at in range(0, len(plain), piece):
        sealing.write(plain[at : at + piece])
    sealing.end()
    return out.getvalue()


def opened(data: bytes, secret: bytes = SECRET) -> bytes:
    file = io.BytesIO(data)
    opening = open_backup(file.readline(), sealing_private(secret), file.read)
    return b"".join(iter(lambda: opening.read(70_000), b""))


@pytest.mark.parametrize("size", SIZES)
def test_what_was_sealed_comes_out(size: int) -> None:
    plain = os.urandom(size)
    assert opened(sealed(plain)) == plain


@pytest.mark.parametrize("size", SIZES)
def test_a_chunk_is_full_before_the_next_begins(size: int) -> None:
    data = sealed(bytes(size))
    chunks = max(1, -(-size // CHUNK_BYTES))
    assert len(data) - data.index(b"\n") - 1 == size + chunks * TAG_BYTES


def test_a_backup_is_what_its_primitives_make_of_it() -> None:
    """HPKE, HKDF-SHA256 and AES-256-GCM as the library has them, by labels that never change."""
    line, chunk = sealed(b"what was kept").split(b"\n", 1)
    head = json.loads(line)
    info = b"amanat/backup-wrap/v1\n" + bytes.fromhex(head["key"])
    key = SUITE.decrypt(base64.b64decode(head["wrap"]), sealing_private(SECRET), info=info)
    label = b"amanat/backup-key/v1\n" + hashlib.sha256(line + b"\n").digest()
    of_chunks = HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=label).derive(key)
    assert AESGCM(of_chunks).decrypt(bytes(11) + b"\x01", chunk, None) == b"what was kept"


@pytest.mark.parametrize(
    ("name", "value"),
    [("at", "2026-11-24T06:30:00+01:00"), ("wrap", base64.b64encode(bytes(1167)).decode()), ("note", "x")],
)
def test_a_head_that_was_never_written_is_refused_by_name(name: str, value: str) -> None:
    head = json.loads(sealed(b"").split(b"\n")[0]) | {name: value}
    with pytest.raises(Invalid, match=rf"\b{name}\b"):
        read_head(canonical.encode(head))


def test_its_head_says_when_it_was_made_and_to_which_key() -> None:
    assert read_head(sealed(b"").split(b"\n")[0] + b"\n").at == AT


@pytest.mark.parametrize("size", SIZES[3:])
def test_one_cut_off_at_a_chunk_is_not_taken_for_the_whole(size: int) -> None:
    data = sealed(bytes(size))
    head = data.index(b"\n") + 1
    with pytest.raises(Invalid, match="altered"):
        opened(data[: head + CHUNK_BYTES + TAG_BYTES] if size > CHUNK_BYTES else data[:-1])


@pytest.mark.parametrize("place", [-1, -CHUNK_BYTES, 60])
def test_an_altered_byte_is_noticed(place: int) -> None:
    data = bytearray(sealed(bytes(2 * CHUNK_BYTES)))
    data[place] ^= 1
    with pytest.raises(Invalid):
        opened(bytes(data))


def test_chunks_under_another_head_do_not_open() -> None:
    one, other = sealed(b"one"), sealed(b"other")
    with pytest.raises(Invalid, match="altered"):
        opened(one[: one.index(b"\n") + 1] + other[other.index(b"\n") + 1 :])


def test_another_key_opens_nothing() -> None:
    with pytest.raises(Invalid, match="another key") as refused:
        opened(sealed(b"one"), os.urandom(SEALING_SECRET_BYTES))
    assert refused.value.code == "backup.altered"
