"""What a manifest may say: nothing in it contradicts itself, and each key has one role and one time."""

from datetime import datetime, timedelta, timezone

import msgspec
import pytest

from amanat.party.canonical import decode, encode
from amanat.party.errors import Invalid
from amanat.party.fingerprint import fingerprint
from amanat.party.keys import new_secrets, public_keys
from amanat.party.manifest import MAX_KEYS, Manifest, Revoked, Sealing, accept_first
from party.cast import MANIFEST, NOW, PUBLIC, ROOT, SINCE, SPARE, UNTIL, drawn, manifest, revoked, signed_bytes

(SEALING,) = MANIFEST.sealing


def others(role: str, count: int) -> tuple[str, ...]:
    """Public keys of one role that are nobody's."""
    return tuple(public_keys(new_secrets(drawn(100 + number)))[role] for number in range(count))


def code_of(old: bytes, new: bytes) -> str:
    """The code with which the manifest is refused that has `new` where the true one has `old`."""
    body = encode(MANIFEST)
    assert body.count(old) >= 1
    with pytest.raises(Invalid) as caught:
        accept_first(signed_bytes(body.replace(old, new, 1)), fingerprint(ROOT))
    return caught.value.code


def test_a_manifest_is_read_as_it_was_written() -> None:
    assert decode(encode(MANIFEST), Manifest, "manifest") == MANIFEST
    whole = manifest(record=(SPARE["record"],), revoked=(revoked(PUBLIC["record"]),))
    assert decode(encode(whole), Manifest, "manifest") == whole


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"record": ()}, "record lists 0 keys, and must list 1 to 4"),
        ({"sealing": ()}, "sealing lists 0 keys, and must list 1 to 12"),
        ({"log": MANIFEST.record}, "each key has one role"),
        ({"log": (ROOT.keys[0],)}, "each key has one role"),
        ({"record": MANIFEST.record * 2}, "each key has one role"),
        ({"sealing": MANIFEST.sealing * 2}, "each key has one role"),
        ({"until": SINCE}, "a time of validity ends before it begins"),
        ({"sealing": (msgspec.structs.replace(SEALING, until=SINCE),)}, "a time of validity ends before it begins"),
        (
            {"sealing": (SEALING, Sealing(SPARE["sealing"], SINCE + timedelta(days=30), UNTIL))},
            "its sealing keys are not listed newest first",
        ),
        ({"witness_pq": MANIFEST.record}, "32 bytes, not 1312"),
        ({"record": MANIFEST.witness_pq}, "1312 bytes, not 32"),
        ({"record": ("A" * 43 + "=",)}, "Anybody could sign for the record key"),
        ({"since": SINCE.replace(microsecond=1)}, "The time since is not a whole second of UTC"),
        ({"until": UNTIL.astimezone(timezone(timedelta(hours=5)))}, "The time until is not a whole second of UTC"),
        ({"revoked": (revoked(SPARE["log"]),) * 2}, "The list revoked is not sorted or repeats itself"),
    ],
)
def test_a_manifest_that_contradicts_itself_cannot_be_made(changed: dict[str, object], says: str) -> None:
    with pytest.raises(Invalid, match=says):
        manifest(**changed)


@pytest.mark.parametrize(("role", "most"), [("record", 4), ("log", 16), ("witness", 16), ("witness_pq", 16)])
def test_a_role_has_so_many_keys_and_no_more(role: str, most: int) -> None:
    assert MAX_KEYS[role] == most
    manifest(**{role: others(role, most)})
    with pytest.raises(Invalid, match=f"{role} lists {most + 1} keys, and must list 1 to {most}"):
        manifest(**{role: others(role, most + 1)})


def test_there_are_at_most_twelve_sealing_keys() -> None:
    lines = tuple(Sealing(key, SINCE, UNTIL) for key in others("sealing", MAX_KEYS["sealing"] + 1))
    manifest(sealing=lines[:-1])
    with pytest.raises(Invalid, match="sealing lists 13 keys, and must list 1 to 12"):
        manifest(sealing=lines)


def test_a_key_is_not_revoked_twice() -> None:
    """Two lines on one key could name two times, and a reader would have to choose."""
    line = revoked(SPARE["log"])
    with pytest.raises(Invalid, match="The list revoked is not sorted or repeats itself"):
        manifest(revoked=(line, msgspec.structs.replace(line, reason="lost")))


@pytest.mark.parametrize("field", ["since", "until"])
def test_a_sealing_key_has_its_time_in_whole_seconds_of_utc(field: str) -> None:
    with pytest.raises(Invalid, match=rf"The time sealing\.{field} is not a whole second of UTC"):
        msgspec.structs.replace(SEALING, **{field: SINCE.replace(microsecond=1)})
    with pytest.raises(Invalid, match="The sealing key has 32 bytes, not 1216"):
        msgspec.structs.replace(SEALING, key=PUBLIC["log"])


def test_a_revocation_has_its_time_in_whole_seconds_of_utc() -> None:
    with pytest.raises(Invalid, match=r"The time revoked\.at is not a whole second of UTC"):
        Revoked("0" * 64, datetime(2026, 11, 24, 11, tzinfo=timezone(timedelta(hours=5))), "lost")
    assert Revoked("0" * 64, NOW, "lost").at == NOW


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        (b'"party":"pk"', b'"party":"PK"', "json.field"),
        (b'"party":"pk"', b'"party":"pk\\n"', "json.field"),
        (b'"party":"pk",', b'"party":"af","party":"pk",', "json.encoding"),
        (b'"serial":7', b'"serial":0', "json.field"),
        (b'"serial":7', b'"serial":2147483649', "json.field"),
        (b'"serial":7', b'"serial":' + b"9" * 4000, "json.field"),
        (b'"serial":7', b'"serial":7.0', "json.field"),
        (b'"serial":7', b'"serial":true', "json.field"),
        (b"pk.amanat.example", b"pk..example", "json.field"),
        (b"pk.amanat.example", b"pk.-amanat", "json.field"),
        (b"pk.amanat.example", b"pk/amanat", "json.field"),
        (b"pk.amanat.example", b"pk+amanat", "json.field"),
        (b"pk.amanat.example", b"a" * 64, "json.field"),
        (b"pk.amanat.example", b"a-" * 100_000, "json.field"),
        (b'"since":"2026-11-01T00:00:00Z"', b'"since":"2026-11-01T00:00:00"', "json.field"),
        (b'"since":"2026-11-01T00:00:00Z"', b'"since":"2026-11-01T00:00:00+00:00"', "json.encoding"),
        (b'"since":"2026-11-01T00:00:00Z"', b'"since":"0001-01-01T00:00:00+23:59"', "field.time"),
        (b'"since":"2026-11-01T00:00:00Z"', b'"since":"9999-12-31T23:59:59Z"', "field.year"),
        (b'"threshold":3', b'"threshold":6', "root.threshold"),
        (b'"threshold":3', b'"threshold":17', "json.field"),
        (b'"threshold":3', b'"threshold":2', "manifest.fingerprint"),
        (b'"record":["', b'"record":["","', "field.length"),
        (b'"sealing":[', b'"sealing":[null,', "json.field"),
        (b'"sealing":[', b'"sealing":' + b"[" * 40, "json.depth"),
        (b'{"party"', b' {"party"', "json.encoding"),
        (b'{"party"', b'{"office":"x","party"', "json.field"),
        (b'{"party"', b'{"x":"' + b"a" * 256 * 1024 + b'","party"', "json.size"),
        (b"pk.amanat.example", b"\xff", "json.utf8"),
    ],
    ids=lambda value: value[:40].decode("latin-1") if isinstance(value, bytes) else value,
)
def test_what_custodians_signed_is_read_as_strictly_as_what_strangers_send(old: bytes, new: bytes, code: str) -> None:
    """Their signature says who wrote it, not that all parties would read the same in it."""
    assert code_of(old, new) == code
