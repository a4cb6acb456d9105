"""RFC 6962 and tlog-tiles word for word, recursive and slow: what the log is held against in these tests."""

from collections.abc import Callable
from hashlib import sha256

from amanat.log.malformed import Malformed


def mth(entries: list[bytes]) -> bytes:
    """MTH(D[n]) of RFC 6962 section 2.1."""
    if not entries:
        return sha256(b"").digest()
    if len(entries) == 1:
        return sha256(b"\x00" + entries[0]).digest()
    k = split(len(entries))
    return sha256(b"\x01" + mth(entries[:k]) + mth(entries[k:])).digest()


def path(m: int, entries: list[bytes]) -> list[bytes]:
    """PATH(m, D[n]) of RFC 6962 section 2.1.1."""
    if len(entries) == 1:
        return []
    k = split(len(entries))
    if m < k:
        return [*path(m, entries[:k]), mth(entries[k:])]
    return [*path(m - k, entries[k:]), mth(entries[:k])]


def consistency(m: int, entries: list[bytes]) -> list[bytes]:
    """PROOF(m, D[n]) of RFC 6962 section 2.1.2."""
    return subproof(m, entries, known=True)


def subproof(m: int, entries: list[bytes], *, known: bool) -> list[bytes]:
    """SUBPROOF(m, D[n], b) of RFC 6962 section 2.1.2."""
    if m == len(entries):
        return [] if known else [mth(entries)]
    k = split(len(entries))
    if m <= k:
        return [*subproof(m, entries[:k], known=known), mth(entries[k:])]
    return [*subproof(m - k, entries[k:], known=False), mth(entries[:k])]


def subtree(start: int, end: int, entries: list[bytes]) -> list[bytes]:
    """SUBTREE_PROOF(start, end, D[n]) of draft-ietf-plants-merkle-tree-certs section 4.4.1."""
    return subtree_subproof(start, end, entries, known=True)


def subtree_subproof(start: int, end: int, entries: list[bytes], *, known: bool) -> list[bytes]:
    """SUBTREE_SUBPROOF(start, end, D[n], b) of the same."""
    if (start, end) == (0, len(entries)):
        return [] if known else [mth(entries)]
    k = split(len(entries))
    left, right = entries[:k], entries[k:]
    if end <= k:
        return [*subtree_subproof(start, end, left, known=known), mth(right)]
    if k <= start:
        return [*subtree_subproof(start - k, end - k, right, known=known), mth(left)]
    return [*subtree_subproof(0, end - k, right, known=False), mth(left)]


def subtrees(size: int) -> list[tuple[int, int]]:
    """Every subtree of a log that is not empty: it begins at a multiple of the least power of two that it fits in."""
    between = [(start, end) for start in range(size) for end in range(start + 1, size + 1)]
    return [(start, end) for start, end in between if start % split(2 * (end - start)) == 0]


def split(n: int) -> int:
    """The largest power of two smaller than n."""
    k = 1
    while 2 * k < n:
        k *= 2
    return k


def tile(entries: list[bytes], level: int, n: int, width: int) -> bytes:
    """The first hashes of a tile, by the formula of tlog-tiles, section Merkle Tree."""
    span = 256**level
    first = n * 256
    return b"".join(mth(entries[i * span : (i + 1) * span]) for i in range(first, first + width))


def reader(entries: list[bytes]) -> Callable[[int, int, int], bytes]:
    """A log's tiles, computed when asked for. A tile that the log does not have is a failed test."""

    def read(level: int, n: int, width: int) -> bytes:
        assert 1 <= width <= 256
        assert n * 256 + width <= len(entries) // 256**level
        return tile(entries, level, n, width)

    return read


def holds(verify: Callable[..., None], *arguments: object) -> bool:
    """Whether ours takes a proof; when it does not, it says which and nothing else."""
    try:
        verify(*arguments)
    except Malformed as error:
        assert error.code in {"proof.inclusion", "proof.consistency", "proof.index", "proof.subtree"}
        return False
    return True
