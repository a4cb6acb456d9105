"""A backup opens whole, with its own key, or not at all."""

import io
import os
from datetime import UTC, datetime

import pytest

from amanat.party.errors import Invalid
from amanat.party.keys import SEALING_SECRET_BYTES, sealing_private, sealing_public
from amanat.seal.backup import open_backup, read_head, seal_backup
from amanat.seal.chunks import CHUNK_BYTES, TAG_BYTES

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
    with pytest.raises(Invalid, match="another key"):
        opened(sealed(b"one"), os.urandom(SEALING_SECRET_BYTES))
