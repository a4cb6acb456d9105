"""What a mirror is sent is believed package by package, by proof alone (C2SP tlog-mirror, add-entries)."""

import contextlib
import io
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from amanat.log.malformed import Malformed
from amanat.log.mirror import (
    ACCEPTED,
    CONFLICT,
    MAX_PACKAGES,
    Package,
    Standing,
    Upload,
    make_package,
    read_packages,
    read_upload,
    verify_package,
)
from amanat.log.tree import leaf_hash
from log import naive

ORIGIN = "log.example"


def log_of(size: int) -> list[bytes]:
    """Entries of unequal length, none like another."""
    return [b"%d" % number * (1 + number % 3) for number in range(size)]


def body(entries: list[bytes], start: int, end: int) -> bytes:
    """The add-entries body for these entries of a log that ends at `end`."""
    read = naive.reader(entries[:end])
    upload = Upload(ORIGIN, start, end)
    packages = (make_package(*each, end, entries[slice(*each)], read).encode() for each in upload.packages())
    return upload.encode() + b"".join(packages)


def taken(data: bytes, entries: list[bytes], size: int) -> Iterator[tuple[int, bytes]]:
    """What a mirror that holds all before takes of a body, one package after the other."""
    stream = io.BytesIO(data)
    upload = read_upload(stream.read)
    if upload.end != size or upload.origin != ORIGIN:
        raise Malformed("mirror.conflict", "It ends where no checkpoint does.", "")
    for package in read_packages(upload, stream.read):
        before = [leaf_hash(entry) for entry in entries[package.start - package.start % 256 : package.start]]
        verify_package(package, size, naive.mth(entries[:size]), before)
        yield from enumerate(package.entries, package.start)


def until_refused(found: Iterator[tuple[int, bytes]]) -> list[tuple[int, bytes]]:
    """What is yielded before a `Malformed`, if there is one."""
    got: list[tuple[int, bytes]] = []
    with contextlib.suppress(Malformed):
        got.extend(found)
    return got


ranges = st.integers(1, 700).flatmap(lambda end: st.tuples(st.integers(0, end), st.just(end)))


@settings(max_examples=25)
@given(ranges)
def test_what_an_honest_log_sends_is_all_taken(between: tuple[int, int]) -> None:
    start, end = between
    entries = log_of(end)
    assert list(taken(body(entries, start, end), entries, end)) == list(enumerate(entries))[start:]


@settings(max_examples=60)
@given(ranges, st.data())
def test_nothing_is_taken_that_the_log_does_not_hold_whatever_byte_is_altered(
    between: tuple[int, int], data: st.DataObject
) -> None:
    start, end = between
    entries = log_of(end)
    sent = body(entries, start, end)
    at, bit = data.draw(st.integers(0, len(sent) - 1)), data.draw(st.integers(0, 7))
    altered = sent[:at] + bytes([sent[at] ^ 1 << bit]) + sent[at + 1 :]
    got, whole = until_refused(taken(altered, entries, end)), list(enumerate(entries))[start:]
    assert set(got) <= set(whole)
    if len(Upload(ORIGIN, start, end).encode()) <= at:
        assert got != whole


@pytest.mark.parametrize("kept", [0, 1, 2])
def test_a_body_that_breaks_off_gives_what_came_whole(kept: int) -> None:
    """Packages before the break stand; what is left of the next one does not."""
    entries = log_of(600)
    sent = body(entries, 100, 600)
    head = Upload(ORIGIN, 100, 600).encode()
    packages = [
        make_package(*each, 600, entries[slice(*each)], naive.reader(entries)).encode()
        for each in Upload(ORIGIN, 100, 600).packages()
    ]
    ends = [len(head) + sum(map(len, packages[:count])) for count in range(len(packages) + 1)]
    whole = list(enumerate(entries))[100 : [100, 256, 512][kept]]
    for cut in (ends[kept], ends[kept] + 1, ends[kept + 1] - 33, ends[kept + 1] - 1):
        assert list(taken(sent[:cut], entries, 600)) == whole


def test_packages_part_at_multiples_of_256() -> None:
    assert list(Upload(ORIGIN, 100, 600).packages()) == [(100, 256), (256, 512), (512, 600)]
    assert list(Upload(ORIGIN, 256, 512).packages()) == [(256, 512)]
    assert list(Upload(ORIGIN, 7, 7).packages()) == []


def test_a_body_is_what_the_specification_draws() -> None:
    """One entry of a log of two, byte by byte."""
    entries = [b"a", b"bc"]
    expected = b"\x00\x0blog.example" + bytes(7) + b"\x01" + bytes(7) + b"\x02" + b"\x00\x00"
    expected += b"\x00\x02bc" + b"\x00"
    assert body(entries, 1, 2) == expected
    (package,) = read_packages(Upload(ORIGIN, 1, 2), io.BytesIO(b"\x00\x02bc\x00").read)
    assert package == Package(1, (b"bc",), ())


def test_no_more_than_32_packages_are_read_of_one_body() -> None:
    many = b"\x00\x00" * 256 + b"\x00"
    upload = Upload(ORIGIN, 0, 256 * (MAX_PACKAGES + 2))
    assert len(list(read_packages(upload, io.BytesIO(many * (MAX_PACKAGES + 2)).read))) == MAX_PACKAGES == 32


def test_one_package_is_read_before_the_next_is_asked_for() -> None:
    """So that who reads never holds more than one."""
    one = b"\x00\x00" * 256 + b"\x00"
    stream = io.BytesIO(one * 3)
    packages = read_packages(Upload(ORIGIN, 0, 768), stream.read)
    next(packages)
    assert stream.tell() == len(one)


def test_something_after_the_last_package_is_refused() -> None:
    entries = log_of(3)
    with pytest.raises(Malformed, match="Something follows") as refused:
        list(taken(body(entries, 0, 3) + b"\0", entries, 3))
    assert refused.value.code == "mirror.more"


def test_a_proof_of_as_many_hashes_as_the_largest_log_needs_is_read() -> None:
    body = b"\x00\x01a" + b"\x3f" + bytes(63 * 32)
    assert list(read_packages(Upload(ORIGIN, 0, 1), io.BytesIO(body).read)) == [Package(0, (b"a",), (bytes(32),) * 63)]


def test_a_proof_of_more_hashes_than_any_log_needs_is_refused() -> None:
    with pytest.raises(Malformed, match="proof of 64 hashes") as refused:
        list(read_packages(Upload(ORIGIN, 0, 1), io.BytesIO(b"\x00\x01a" + b"\x40" + bytes(64 * 32)).read))
    assert refused.value.code == "mirror.proof"


@pytest.mark.parametrize("cut", range(32))
def test_a_head_that_breaks_off_is_refused(cut: int) -> None:
    head = Upload(ORIGIN, 1, 2, b"ticket").encode()
    with pytest.raises(Malformed, match="it is cut off") as refused:
        read_upload(io.BytesIO(head[: len(head) - 1 - cut]).read)
    assert refused.value.code == "mirror.head"


@pytest.mark.parametrize(
    "head",
    [
        b"\x00\x01\xff" + bytes(18),
        b"\x00\x01a" + bytes(7) + b"\x02" + bytes(7) + b"\x01\0\0",
        b"\x00\x01a" + b"\xff" * 18,
    ],
)
def test_a_head_that_cannot_be_is_refused(head: bytes) -> None:
    """An origin that is no text, an end before the start, numbers of 2**63 and more."""
    with pytest.raises(Malformed) as refused:
        read_upload(io.BytesIO(head).read)
    assert refused.value.code == "mirror.head"


def test_a_head_that_cannot_be_written_is_refused() -> None:
    for origin, start, ticket in (("a" * 65536, 0, b""), ("a", 0, bytes(65536)), ("a", -1, b"")):
        with pytest.raises(Malformed) as refused:
            Upload(origin, start, 0, ticket)
        assert refused.value.code == "mirror.head"


@pytest.mark.parametrize(("origin", "ticket"), [("لاگ.example", b"ticket"), ("a", b""), ("a" * 65535, bytes(65535))])
def test_a_head_comes_back_as_it_was(origin: str, ticket: bytes) -> None:
    upload = Upload(origin, 3, 2**63 - 1, ticket)
    assert read_upload(io.BytesIO(upload.encode()).read) == upload


def test_a_package_is_not_judged_without_the_leaves_before_it() -> None:
    entries = log_of(5)
    package = make_package(3, 5, 5, entries[3:], naive.reader(entries))
    with pytest.raises(Malformed, match="0 leaves before it are known") as refused:
        verify_package(package, 5, naive.mth(entries), [])
    assert refused.value.code == "mirror.before"


def test_where_a_mirror_stands_is_three_lines_under_the_numbers_of_the_specification() -> None:
    assert (ACCEPTED, CONFLICT) == (202, 409)
    assert Standing(ACCEPTED, 1000, 256).encode() == b"1000\n256\n\n"
