"""An attachment sealed in chunks, each bound to its place and the last one marked (docs/protocol/attachment.md).

STREAM (Hoang, Reyhanitabar, Rogaway and Vizár, CRYPTO 2015, section 7; as in age): AES-256-GCM under one key, each
nonce an 88-bit counter and a byte that is 1 for the last chunk. So none can be left out, moved or added unseen.
"""

import hashlib
from collections.abc import Iterable, Iterator

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from amanat.party import labels
from amanat.party.errors import Invalid
from amanat.record.attachment import Attachment
from amanat.seal.header import derive

CHUNK_BYTES = 256 * 1024
TAG_BYTES = 16


def address(attachment: Attachment, party: str) -> bytes:
    """Return the 32 bytes that name the sealed attachment of a party's record, telling neither key nor content.

    Another party that names the same file under the same key, or another size of it, names something else.
    """
    said = bytes.fromhex(attachment.sha256) + attachment.size.to_bytes(8, "big") + party.encode()
    return derive(bytes.fromhex(attachment.key), labels.ATTACHMENT_ADDRESS + said)


def chunk_count(attachment: Attachment) -> int:
    """Return in how many chunks it travels; all but the last hold `CHUNK_BYTES`."""
    return -(-attachment.size // CHUNK_BYTES)


def chunk_bytes(attachment: Attachment, number: int) -> int:
    """Return how many bytes of the file the chunk of that number, from 0, holds."""
    return min(CHUNK_BYTES, attachment.size - number * CHUNK_BYTES)


def seal_chunks(attachment: Attachment, plain: Iterable[bytes]) -> Iterator[bytes]:
    """Seal the file's bytes, given `CHUNK_BYTES` at a time. Raises `Invalid` when they are not what it says.

    The key fits these bytes alone (their SHA-256 goes into its derivation), so that no nonce is used for two texts.
    Nothing is yielded for the last chunk before the whole was seen to be right.
    """
    cipher, digest = _cipher(attachment), hashlib.sha256()
    last = chunk_count(attachment) - 1
    number = -1
    for number, data in enumerate(plain):
        digest.update(data)
        whole = number < last or digest.hexdigest() == attachment.sha256
        if not whole or len(data) != chunk_bytes(attachment, number):
            raise _changed(attachment)
        yield cipher.encrypt(_nonce(attachment, number), data, None)
    if number != last:
        raise _changed(attachment)


def open_chunk(attachment: Attachment, number: int, data: bytes) -> bytes:
    """Return the file's bytes in the chunk of that number. Raises `Invalid` when it is not that chunk."""
    if 0 <= number < chunk_count(attachment) and len(data) == chunk_bytes(attachment, number) + TAG_BYTES:
        try:
            return _cipher(attachment).decrypt(_nonce(attachment, number), data, None)
        except InvalidTag:
            pass
    raise Invalid(
        "attachment.chunk",
        f"Part {number + 1} of the attachment {attachment.name!r} is not what its sender sealed there.",
        "Ask for it again; the parts that hold are kept.",
    )


def _cipher(attachment: Attachment) -> AESGCM:
    label = labels.ATTACHMENT_KEY + bytes.fromhex(attachment.sha256)
    return AESGCM(derive(bytes.fromhex(attachment.key), label))


def nonce(number: int, *, last: bool) -> bytes:
    """Return STREAM's nonce of the chunk of that number, from 0."""
    return number.to_bytes(11, "big") + bytes([last])


def _nonce(attachment: Attachment, number: int) -> bytes:
    return nonce(number, last=number == chunk_count(attachment) - 1)


def _changed(attachment: Attachment) -> Invalid:
    return Invalid(
        "attachment.changed",
        f"The file {attachment.name!r} changed while it was read.",
        "Close what writes to it, then send it again.",
    )
