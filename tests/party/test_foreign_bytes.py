"""Bytes from anybody, in the place of each signed or stored thing of `party`.

Law: whatever comes, a reader raises `Invalid`, or has read something that it would write as the very same bytes.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amanat.party import dsse, labels
from amanat.party.canonical import MAX_DEPTH, decode, encode
from amanat.party.errors import Invalid
from amanat.party.fingerprint import fingerprint
from amanat.party.keys import NodeSecrets, node_keys
from amanat.party.lexicon import accept
from amanat.party.manifest import accept_first, accept_next
from amanat.party.root import Root
from party.cast import (
    CUSTODIANS,
    KEYS,
    LEXICON,
    MANIFEST,
    PUBLIC,
    ROOT,
    SECRETS,
    SPARE,
    manifest,
    revoked,
    signed,
    signed_bytes,
)
from soak.alter import places, replaced

COMPARED = fingerprint(ROOT)
REVOKING = manifest(record=(SPARE["record"],), revoked=(revoked(PUBLIC["record"]),))


def read_statement(data: bytes) -> bytes:
    statement = dsse.parse(data, labels.MANIFEST, "statement")
    dsse.signers(statement, ROOT.by_id(), "statement")
    return dsse.to_bytes(statement)


def read_root(data: bytes) -> bytes:
    root = decode(data, Root, "root")
    root.by_id()
    return encode(root)


def read_secrets(data: bytes) -> bytes:
    secrets = decode(data, NodeSecrets, "secrets")
    node_keys(secrets)
    return encode(secrets)


def read_manifest(body: bytes) -> bytes:
    return encode(accept_first(signed_bytes(body), COMPARED))


def read_next_manifest(body: bytes) -> bytes:
    return encode(accept_next(signed_bytes(body), manifest(serial=6)))


def read_lexicon(body: bytes) -> bytes:
    return encode(accept(dsse.to_bytes(dsse.sign(labels.LEXICON, body, [KEYS.record])), MANIFEST, None))


@dataclass(frozen=True)
class Thing:
    """Good bytes of something, and its reader, which returns what it would write."""

    good: bytes
    read: Callable[[bytes], bytes]


THINGS = {
    "statement": Thing(signed(MANIFEST, CUSTODIANS), read_statement),
    "root": Thing(encode(ROOT), read_root),
    "secrets": Thing(encode(SECRETS), read_secrets),
    "manifest": Thing(encode(REVOKING), read_manifest),
    "next manifest": Thing(encode(MANIFEST), read_next_manifest),
    "lexicon": Thing(encode(LEXICON), read_lexicon),
}
every_thing = pytest.mark.parametrize("thing", THINGS.values(), ids=THINGS)

# What stands where it should not: other types, numbers no machine holds, times on the edge, keys of nobody.
ODD: list[Any] = [
    None, True, 0, -1, 2**31, 2**53, 2**63, 2**64, 10**400, 0.5, -0.0, 1e308,
    "", "\0", "\ud800", "\u202e", "é", "x" * 5000, [], {}, [[]], [None], {"": {}}, {"keyid": "", "sig": ""},
    "0001-01-01T00:00:00+23:59", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "9999-12-31T23:59:59-23:59",
    "2026-11-24T23:59:60Z", "0000-00-00", "2026-11-24", "A" * 43 + "=", "/" * 1621 + "w==", "A" * 1622 + "==",
    "AAAA", "A===", "pk", "af", "0" * 64,
]  # fmt: skip


def held_or_invalid(thing: Thing, data: bytes) -> None:
    try:
        written = thing.read(data)
    except Invalid:
        return
    assert written == data


def written(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "surrogatepass")


@every_thing
def test_the_good_bytes_are_read(thing: Thing) -> None:
    assert thing.read(thing.good) == thing.good == written(json.loads(thing.good))


@every_thing
def test_cut_off_anywhere_they_are_refused(thing: Thing) -> None:
    for end in range(len(thing.good)):
        with pytest.raises(Invalid):
            thing.read(thing.good[:end])


@every_thing
@given(data=st.binary(max_size=200))
def test_any_bytes_at_all_are_refused_or_read_exactly(thing: Thing, data: bytes) -> None:
    held_or_invalid(thing, data)


@every_thing
@given(choice=st.data())
def test_any_bytes_within_good_ones_are_refused_or_read_exactly(thing: Thing, choice: st.DataObject) -> None:
    start = choice.draw(st.integers(0, len(thing.good)))
    length = choice.draw(st.integers(0, 8) | st.integers(0, len(thing.good)))
    patch = choice.draw(st.binary(max_size=8) | st.integers(0, len(thing.good)).map(lambda at: thing.good[at:]))
    held_or_invalid(thing, thing.good[:start] + patch + thing.good[start + length :])


@every_thing
def test_each_value_may_be_anything_odd(thing: Thing) -> None:
    value = json.loads(thing.good)
    for path, _ in places(value):
        for odd in ODD:
            held_or_invalid(thing, written(replaced(value, path, odd)))


@every_thing
def test_each_list_may_be_empty_doubled_or_turned_round(thing: Thing) -> None:
    value = json.loads(thing.good)
    for path, found in places(value):
        if isinstance(found, list):
            for other in ([], found * 2, found[::-1], found * 30):
                held_or_invalid(thing, written(replaced(value, path, other)))


@every_thing
def test_no_name_stands_twice_is_missing_or_unknown(thing: Thing) -> None:
    head, tail = thing.good[:1], thing.good[1:]
    name = json.dumps(next(iter(json.loads(thing.good)))).encode()
    for data in (
        head + name + b":null," + tail,
        head + tail.split(b",", 1)[1],
        head + b'"unknown":null,' + tail,
        tail + b"," + head + b'"' + name[1:-1] + b'":0}',
    ):
        with pytest.raises(Invalid):
            thing.read(data)


@every_thing
@pytest.mark.parametrize(
    "data",
    [
        b"[" * 200_000,
        b'{"a":' * 200_000,
        b'{"payload":' * MAX_DEPTH + b"1" + b"}" * MAX_DEPTH,
        b"9" * 200_000,
        b'"' + b'\\"' * 100_000,
        b'"' + b"a" * 5_000_000 + b'"',
        b"\xff\xfe" + "{}".encode("utf-16-le"),
        b"\xef\xbb\xbf{}",
        b"\0" * 1000,
        b"null",
    ],
    ids=[
        "lists",
        "objects",
        "payloads",
        "digits",
        "escapes",
        "megabytes",
        "UTF-16",
        "byte order mark",
        "zeros",
        "null",
    ],
)
def test_what_is_made_to_exhaust_a_reader_is_refused(thing: Thing, data: bytes) -> None:
    with pytest.raises(Invalid):
        thing.read(data)
