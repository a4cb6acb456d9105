"""A bundle: what one party has for another, in one file for a memory stick or one body for the wire.

Text frame around self-verifying items (docs/protocol/bundle.md): a first line that names version, sender and
recipient, then each item as "<type> <length>", its bytes and a newline, then "end <items> <SHA-256 of all before>".
The frame is not signed: every item is, or proves itself. The digest catches accidents; the courier is caught by
signatures, sequence numbers and heartbeats.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import BinaryIO, Final

from amanat.party.errors import Invalid

VERSION = "amanat/bundle/v1"
# In the order in which they are written and taken in: what is needed to judge an item comes before it.
TYPES: Final = (
    "manifest",
    "lexicon",
    "compact",
    "act",
    "ending",
    "envelope",
    "receipt",
    "refusal",
    "heartbeat",
    "checkpoint",
    "entries",
    "cosignature",
    "mirrored",
    "asking",
    "again",
    "holding",
    "chunk",
)
MAX_ITEM_BYTES = 4 * 1024 * 1024
MOST_WITHOUT = 31
"""Receipts in a row that may go without their checkpoint: so few that nobody has much made of little."""
_GAP = b"\n\n"  # before a receipt's checkpoint
_MAX_LINE = 160
_FIRST = re.compile(rb"amanat/bundle/v1 ([a-z][a-z0-9-]{1,15}) ([a-z][a-z0-9-]{1,15})\n")
_ITEM = re.compile(rb"([a-z]+) (0|[1-9][0-9]{0,9})\n")
_END = re.compile(rb"end (0|[1-9][0-9]{0,9}) ([0-9a-f]{64})\n")
_AGAIN = "Copy the bundle again from where it came; nothing of it was taken in."


@dataclass(frozen=True, slots=True)
class Item:
    """One thing carried: its type (one of `TYPES`) and bytes."""

    type: str
    data: bytes


def in_order(items: Iterable[Item]) -> list[Item]:
    """Return items in the order in which they are written, those of one type as they stood."""
    return sorted(items, key=lambda item: TYPES.index(item.type))


def write(file: BinaryIO, sender: str, recipient: str, items: Iterable[Item]) -> int:
    """Write a bundle; return how many items it carries."""
    digest, count = hashlib.sha256(), 0

    def put(data: bytes) -> None:
        digest.update(data)
        file.write(data)

    put(f"{VERSION} {sender} {recipient}\n".encode())
    for item in as_written(items):
        put(f"{item.type} {len(item.data)}\n".encode())
        put(item.data)
        put(b"\n")
        count += 1
    file.write(f"end {count} {digest.hexdigest()}\n".encode())
    return count


def as_written(items: Iterable[Item]) -> Iterator[Item]:
    """Yield items as they stand in a bundle: a receipt of the same checkpoint as the one before goes without it."""
    before, without = b"", 0
    for item in items:
        head, gap, checkpoint = _parted(item)
        if not checkpoint or checkpoint != before or without == MOST_WITHOUT:
            before, without = checkpoint, 0
            yield item
        else:
            without += 1
            yield Item(item.type, head + gap)


def _completed(items: Iterable[Item]) -> Iterator[Item]:
    """Give receipts that go without it their checkpoint again; one too many stays without, and proves nothing."""
    before, without = b"", 0
    for item in items:
        _, gap, checkpoint = _parted(item)
        if not gap or checkpoint or without == MOST_WITHOUT:
            before, without = checkpoint, 0
            yield item
        else:
            without += 1
            yield Item(item.type, item.data + before)


def _parted(item: Item) -> tuple[bytes, bytes, bytes]:
    """What of a receipt stands before its checkpoint, what parts them, and the checkpoint; nothing of another item."""
    return item.data.partition(_GAP) if item.type == "receipt" else (b"", b"", b"")


def parties(file: BinaryIO) -> tuple[str, str]:
    """Read the first line: (sender, recipient), as the bundle says. Raises `Invalid`."""
    match = _FIRST.fullmatch(file.readline(_MAX_LINE))
    if match is None:
        raise Invalid("bundle.first", "The file does not begin as a bundle of this version.", "Give a bundle file.")
    sender, recipient = match.groups()
    return sender.decode(), recipient.decode()


def read(file: BinaryIO) -> Iterator[Item]:
    """Yield the items of a bundle from its start. Raises `Invalid`; call `verify` first, so that it raises early."""
    yield from _completed(_read(file))


def _read(file: BinaryIO) -> Iterator[Item]:
    digest, count, stage = hashlib.sha256(), 0, 0
    file.seek(0)
    parties(file)
    file.seek(0)
    digest.update(file.readline(_MAX_LINE))
    while True:
        line = file.readline(_MAX_LINE)
        if line.startswith(b"end "):
            _require_end(line, count, digest.hexdigest(), file.read(1))
            return
        item = _item(line, file, count)
        if TYPES.index(item.type) < stage:
            raise Invalid("bundle.order", f"Item {count + 1}, a {item.type}, stands out of order.", _AGAIN)
        stage = TYPES.index(item.type)
        digest.update(line + item.data + b"\n")
        count += 1
        yield item


def verify(file: BinaryIO) -> int:
    """Read a bundle to its end and return its number of items. Raises `Invalid` when it is cut off or altered."""
    return sum(1 for _ in _read(file))


def _item(line: bytes, file: BinaryIO, count: int) -> Item:
    match = _ITEM.fullmatch(line)
    if match is None or match[1].decode() not in TYPES:
        at = "is cut off" if not line.endswith(b"\n") else "has no item line"
        raise Invalid("bundle.item", f"The bundle {at} after {count} items.", _AGAIN)
    size = int(match[2])
    if size > MAX_ITEM_BYTES:
        raise Invalid("bundle.size", f"Item {count + 1} has {size} bytes; {MAX_ITEM_BYTES} are the most.", _AGAIN)
    data = file.read(size)
    if len(data) != size or file.read(1) != b"\n":
        raise Invalid("bundle.truncated", f"The bundle is cut off in item {count + 1}.", _AGAIN)
    return Item(match[1].decode(), data)


def _require_end(line: bytes, count: int, digest: str, after: bytes) -> None:
    match = _END.fullmatch(line)
    if match is None or int(match[1]) != count or match[2].decode() != digest or after:
        raise Invalid("bundle.end", "The bundle's last line does not fit what stands before it.", _AGAIN)
