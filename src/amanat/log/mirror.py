"""C2SP tlog-mirror: a log's entries on their way to whoever keeps a copy, package by package, each with its proof.

Law: a package is believed by its own proof against a checkpoint that the log signed, never by what came with it; who
reads holds one package at a time.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from amanat.log.lines import HASH_SIZE, MAX_NUMBER
from amanat.log.malformed import Malformed
from amanat.log.proof import MAX_PATH, Subtree, subtree_proof, verify_subtree
from amanat.log.tiles import TILE_WIDTH, HashReader, encode_entries
from amanat.log.tree import leaf_hash, root_of

Read = Callable[[int], bytes]
"""read(n) returns the next n bytes of a body; fewer only where it ends."""

MAX_PACKAGES = 32
"""Packages that one request carries (section Implementation Considerations)."""

ACCEPTED = 202
CONFLICT = 409
_MAX_OPAQUE = 2**16 - 1


@dataclass(frozen=True, slots=True)
class Upload:
    """What an add-entries body says before its packages: entries from `start` up to `end`, where a checkpoint ends.

    `ticket` is whatever the mirror gave before; ours gives none.
    """

    origin: str
    start: int
    end: int
    ticket: bytes = b""

    def __post_init__(self) -> None:
        """Refuse what cannot be written, or is no interval."""
        if len(self.origin.encode()) > _MAX_OPAQUE or len(self.ticket) > _MAX_OPAQUE:
            raise Malformed(
                "mirror.head", "The origin or the ticket of an upload is too long.", "65535 bytes are read."
            )
        if not 0 <= self.start <= self.end <= MAX_NUMBER:
            raise Malformed(
                "mirror.head",
                f"An upload begins at {self.start} and ends at {self.end}.",
                "It ends where it begins, or later, below 2**63.",
            )

    def encode(self) -> bytes:
        """Return these fields as they begin the body (section Request Body)."""
        interval = self.start.to_bytes(8) + self.end.to_bytes(8)
        return _opaque(self.origin.encode()) + interval + _opaque(self.ticket)

    def packages(self) -> Iterator[tuple[int, int]]:
        """Yield where each package of the canonical sequence begins and ends: they part at multiples of 256."""
        start = self.start
        while start < self.end:
            end = min(self.end, start - start % TILE_WIDTH + TILE_WIDTH)
            yield start, end
            start = end


@dataclass(frozen=True, slots=True)
class Package:
    """At most 256 entries from index `start`, and the proof of the subtree that they end."""

    start: int
    entries: tuple[bytes, ...]
    proof: tuple[bytes, ...]

    def encode(self) -> bytes:
        """Return the package's bytes (section Request Body)."""
        return encode_entries(self.entries) + len(self.proof).to_bytes(1) + b"".join(self.proof)


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a mirror stands: the size of its pending checkpoint and the first entry that it lacks.

    `status` says what that answers: 202 that some of an upload was kept, 409 that it begins or ends elsewhere.
    """

    status: int
    size: int
    next: int

    def encode(self) -> bytes:
        """Return the answer's body, of type text/x.tlog.mirror-info; our ticket is empty."""
        return b"%d\n%d\n\n" % (self.size, self.next)


def make_package(start: int, end: int, size: int, entries: Sequence[bytes], read: HashReader) -> Package:
    """Return the entries from `start` to `end` with the proof that they stand in the log of `size`, from its tiles."""
    return Package(start, tuple(entries), tuple(subtree_proof(_aligned(start), end, size, read)))


def read_upload(read: Read) -> Upload:
    """Return what a body says before its packages. Raises `Malformed`."""
    origin = _read_opaque(read)
    interval = _exactly(read, 16)
    try:
        return Upload(origin.decode(), int.from_bytes(interval[:8]), int.from_bytes(interval[8:]), _read_opaque(read))
    except UnicodeDecodeError as error:
        raise _cut("its origin is no UTF-8") from error


def read_packages(upload: Upload, read: Read) -> Iterator[Package]:
    """Yield the packages of a body, of which any number may be missing at its end, and at most 32 are read.

    What breaks off within a package is not there (section Processing). Raises `Malformed` for what is no package.
    """
    for start, end in islice(upload.packages(), MAX_PACKAGES):
        package = _read_package(start, end, read)
        if package is None:
            return
        yield package
        if end == upload.end and read(1):
            raise Malformed("mirror.more", "Something follows the last package of an upload.", "Send nothing after it.")


def _read_package(start: int, end: int, read: Read) -> Package | None:
    try:
        entries = tuple(_read_opaque(read) for _ in range(start, end))
        (count,) = _exactly(read, 1)
        if count > MAX_PATH:
            raise Malformed(
                "mirror.proof", f"A package has a proof of {count} hashes.", f"At most {MAX_PATH} are read."
            )
        proof = tuple(_exactly(read, HASH_SIZE) for _ in range(count))
    except _Ended:
        return None
    return Package(start, entries, proof)


def verify_package(package: Package, size: int, root: bytes, before: Sequence[bytes]) -> list[bytes]:
    """Return the leaf hashes of a package whose entries stand in the log of that size and root; raise `Malformed`.

    `before` are the leaf hashes that its reader already holds, from the last multiple of 256 up to where it starts.
    """
    leaves = [leaf_hash(entry) for entry in package.entries]
    start = _aligned(package.start)
    if len(before) != package.start - start:
        raise Malformed(
            "mirror.before",
            f"A package begins at entry {package.start}, and {len(before)} leaves before it are known.",
            f"Begin where the mirror stands; a subtree begins at {start}.",
        )
    subtree = Subtree(start, package.start + len(leaves), root_of([*before, *leaves]))
    verify_subtree(subtree, size, root, package.proof)
    return leaves


def _aligned(start: int) -> int:
    return start - start % TILE_WIDTH


class _Ended(Malformed):
    """A body that ends before it is complete."""


def _cut(why: str) -> _Ended:
    return _Ended("mirror.head", f"The body of an upload cannot be read: {why}.", "Send all of it, unchanged.")


def _exactly(read: Read, count: int) -> bytes:
    data = read(count)
    if len(data) != count:
        raise _cut("it is cut off")
    return data


def _read_opaque(read: Read) -> bytes:
    return _exactly(read, int.from_bytes(_exactly(read, 2)))


def _opaque(data: bytes) -> bytes:
    return len(data).to_bytes(2) + data
