"""What of a record is still somewhere in the files of a database, in any form that could be read or put together again.

Law: any 24 bytes in a row count, of the text, the content key, the wraps, the sealed part, or of what gives one of them
away: the commitment to the key, and the digest of the plain bytes. They count as they are, in hex and in base64.
"""

import base64
import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from amanat.seal.header import parse_header

FRAGMENT = 24


def of_records(rows: Iterable[Any], *texts: str) -> set[bytes]:
    """Fragments that must go with these rows of records and envelopes; `texts` are words of theirs that nothing else has."""
    found = of_secrets(*(each.encode() for each in texts))
    for row in rows:
        found |= of_envelope(row.sealed) | of_secrets(row.content_key, hashlib.sha256(row.data).digest())
    return found


def of_envelope(envelope: bytes) -> set[bytes]:
    """Fragments of an envelope's wraps and sealed part, and of what its core says of the content key."""
    header = parse_header(envelope)
    return _fragments(envelope[len(header.core_bytes) :]) | of_secrets(bytes.fromhex(header.core.commitment))


def of_secrets(*secrets: bytes) -> set[bytes]:
    """Fragments of something short in each of its forms."""
    return {fragment for each in secrets for form in _forms(each) for fragment in _fragments(form)}


def on_disk(database: Path) -> bytes:
    """All bytes of a database: the file itself, and its write-ahead log, shared memory and journal where they are."""
    return b"".join(each.read_bytes() for each in sorted(database.parent.glob(f"{database.name}*")))


def left(files: bytes, wanted: set[bytes]) -> set[bytes]:
    """Which of the fragments are somewhere in the files."""
    return _fragments(files) & wanted


def _fragments(data: bytes) -> set[bytes]:
    return {data[at : at + FRAGMENT] for at in range(len(data) - FRAGMENT + 1)}


def _forms(secret: bytes) -> Iterator[bytes]:
    """As it is, in hex, and in base64 wherever in a longer text it may begin."""
    yield from (secret, secret.hex().encode(), secret.hex().upper().encode())
    for before in range(3):
        begun = bytes(before) + secret
        for encoded in (base64.b64encode(begun), base64.urlsafe_b64encode(begun)):
            yield encoded[4 if before else 0 : -4]
