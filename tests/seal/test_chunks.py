"""A sealed attachment opens chunk by chunk to exactly its file, each chunk in its own place and nowhere else."""

import hashlib
from collections.abc import Iterator

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from amanat.party.errors import Invalid
from amanat.record.attachment import Attachment
from amanat.seal.chunks import CHUNK_BYTES, TAG_BYTES, address, chunk_count, open_chunk, seal_chunks
from seal.by_hand import derive

KEY = "11" * 32


def of(file: bytes, key: str = KEY) -> Attachment:
    return Attachment("f.mp4", "video/mp4", len(file), hashlib.sha256(file).hexdigest(), key)


def pieces(file: bytes) -> Iterator[bytes]:
    yield from (file[at : at + CHUNK_BYTES] for at in range(0, len(file), CHUNK_BYTES))


def sealed(file: bytes, attachment: Attachment | None = None) -> list[bytes]:
    return list(seal_chunks(attachment or of(file), pieces(file)))


def refused(attachment: Attachment, number: int, data: bytes) -> bool:
    with pytest.raises(Invalid) as caught:
        open_chunk(attachment, number, data)
    return caught.value.code == "attachment.chunk"


def by_hand(attachment: Attachment, number: int, data: bytes, *, last: bool) -> bytes:
    """Seal a chunk as docs/protocol/attachment.md says it, with none of our code."""
    key = derive(bytes.fromhex(attachment.key), b"amanat/attachment-key/v1\n" + bytes.fromhex(attachment.sha256))
    return AESGCM(key).encrypt(number.to_bytes(11, "big") + (b"\1" if last else b"\0"), data, None)


THREE = bytes(CHUNK_BYTES) + b"\1" * CHUNK_BYTES + b"the rest"


@pytest.mark.parametrize("size", [1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 2 * CHUNK_BYTES])
def test_what_was_sealed_opens_to_the_file(size: int) -> None:
    file = (bytes(range(251)) * (size // 251 + 1))[:size]
    chunks = sealed(file)
    assert len(chunks) == chunk_count(of(file))
    assert [len(each) for each in chunks] == [len(each) + TAG_BYTES for each in pieces(file)]
    assert b"".join(open_chunk(of(file), number, each) for number, each in enumerate(chunks)) == file


@pytest.mark.parametrize("file", [b"two lorries", THREE, bytes(2 * 262_144)], ids=["one", "three", "two full"])
def test_chunks_are_these_bytes(file: bytes) -> None:
    attachment, parts = of(file), [file[at : at + 262_144] for at in range(0, len(file), 262_144)]
    chunks = [by_hand(attachment, at, part, last=at == len(parts) - 1) for at, part in enumerate(parts)]
    assert sealed(file) == chunks
    assert [open_chunk(attachment, at, chunk) for at, chunk in enumerate(chunks)] == parts


def test_an_address_is_these_bytes() -> None:
    label = b"amanat/attachment-address/v1\n" + hashlib.sha256(b"two lorries").digest()
    said = label + (11).to_bytes(8, "big") + b"pk"
    assert address(of(b"two lorries"), "pk") == derive(bytes.fromhex(KEY), said)


def test_no_chunk_beyond_the_last_opens_even_by_its_senders_own_hand() -> None:
    full = of(bytes(262_144))
    assert refused(full, 1, by_hand(full, 1, b"", last=False))
    assert refused(full, -1, bytes(262_144 + TAG_BYTES))


def test_a_file_given_in_other_pieces_is_not_sealed() -> None:
    """Its bytes are right as a whole, and a reader could not find a chunk's place from its number."""
    for other in (
        [THREE[:9], THREE[9:]],
        [THREE[:262_144], THREE[262_144:]],
        [THREE[:9], THREE[9:18], THREE[18:]],
        [*pieces(THREE), b""],
        [],
    ):
        with pytest.raises(Invalid) as caught:
            list(seal_chunks(of(THREE), other))
        assert caught.value.code == "attachment.changed"
    two = of(bytes(262_145))
    with pytest.raises(Invalid):
        list(seal_chunks(two, []))


def test_sealing_again_gives_the_same_bytes() -> None:
    assert sealed(THREE) == sealed(THREE)


def test_no_two_files_are_sealed_under_one_key_even_when_their_records_name_one() -> None:
    """Else the bytes of both, sealed under the same nonces, would tell their difference."""
    one, other = sealed(b"two lorries")[0], sealed(b"ten lorries")[0]
    difference = bytes(a ^ b for a, b in zip(one, other, strict=True))[:11]
    assert difference != bytes(a ^ b for a, b in zip(b"two lorries", b"ten lorries", strict=True))


@pytest.mark.promised(
    "an attachment cut, moved or altered",
    "docs/protocol/attachment.md",
    "Chunks",
    "no chunk can be left out, repeated, moved, or taken for the end",
)
@given(st.data())
def test_no_chunk_opens_in_the_place_of_another(data: st.DataObject) -> None:
    chunks = sealed(THREE)
    number, place = data.draw(st.permutations(range(3)))[:2]
    assert refused(of(THREE), place, chunks[number])


@given(st.integers(0, 23), st.integers(1, 255))
def test_no_altered_chunk_opens(at: int, bits: int) -> None:
    last = sealed(THREE)[2]
    assert refused(of(THREE), 2, last[:at] + bytes([last[at] ^ bits]) + last[at + 1 :])


@pytest.mark.promised(
    "an attachment cut, moved or altered",
    "docs/protocol/attachment.md",
    "Chunks",
    "no chunk can be left out, repeated, moved, or taken for the end",
)
def test_a_file_cut_off_at_a_chunk_is_not_taken_for_the_whole() -> None:
    """Whoever cuts it can name the size that is left, and has no chunk that is marked as the last."""
    short = Attachment("f.mp4", "video/mp4", 2 * CHUNK_BYTES, of(THREE).sha256, KEY)
    assert refused(short, 1, sealed(THREE)[1])


def test_nothing_can_be_put_behind_the_last_chunk() -> None:
    longer = Attachment("f.mp4", "video/mp4", 3 * CHUNK_BYTES, of(THREE).sha256, KEY)
    assert refused(longer, 2, sealed(THREE)[2])
    assert refused(of(THREE), 3, sealed(THREE)[2])
    assert refused(of(THREE), -1, sealed(THREE)[2])


def test_a_chunk_opens_under_its_own_key_and_content_only() -> None:
    chunk = sealed(b"two lorries")[0]
    assert refused(of(b"two lorries", "22" * 32), 0, chunk)
    assert refused(of(b"ten lorries"), 0, chunk)


def test_an_address_is_one_for_key_and_content_and_tells_neither() -> None:
    addresses = {address(of(file, key), "pk") for file in (b"a", b"b") for key in (KEY, "22" * 32)}
    assert len(addresses) == 4
    assert not {bytes.fromhex(KEY), hashlib.sha256(b"a").digest()} & addresses


@pytest.mark.parametrize(
    "file", [b"ten lorries", b"two lorries.", b"two lorrie", b""], ids=["other", "longer", "shorter", "gone"]
)
def test_a_file_that_changed_since_it_was_measured_is_not_sealed(file: bytes) -> None:
    with pytest.raises(Invalid) as caught:
        sealed(file, of(b"two lorries"))
    assert caught.value.code == "attachment.changed"


@pytest.mark.parametrize("change", [slice(0, 2), slice(0, 4)])
def test_a_long_file_that_changed_is_not_sealed_to_its_end(change: slice) -> None:
    given = [*pieces(THREE), b"more"][change]
    made: list[bytes] = []
    with pytest.raises(Invalid):
        made.extend(seal_chunks(of(THREE), iter(given)))
