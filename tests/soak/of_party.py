"""Targets in `party`: statements, manifests, lexica, acts and answers, key files and keys, and what people say aloud.

Bodies are signed anew before they are read, so that what is tried reaches what stands behind the signature.
"""

import contextlib
import json
from base64 import b64encode
from collections.abc import Callable, Iterable

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from amanat.cli import lexicon_file
from amanat.compact.signing import accept_act, fold, read_act, stands
from amanat.exchange.answers import Refusal, stored_heartbeat
from amanat.party import canonical, dsse, key_file, labels
from amanat.party.errors import Invalid, Refused
from amanat.party.fingerprint import fingerprint, parse_qr_text, qr_text, same, words
from amanat.party.key_file import Cost, lock, unlock
from amanat.party.keys import NodeSecrets, ed25519_public, node_keys, sealing_key
from amanat.party.lexicon import accept, name, read_lexicon
from amanat.party.manifest import (
    accept_first,
    accept_next,
    log_name,
    read_party,
    record_keys,
    require_valid,
    sealing_key_at,
    witness_name,
)
from amanat.party.root import Root
from amanat.party.types import unbase64
from compact import cast as agreed
from party import cast
from protocol.bundles import RECORD_KEY, statement
from soak.target import Reader, Target

Keys = Iterable[Ed25519PrivateKey]
LABELS = (labels.MANIFEST, labels.LEXICON, labels.COMPACT, labels.ACT, labels.REFUSAL, labels.HEARTBEAT)
_EVERYBODY = (*cast.CUSTODIANS, *cast.SUCCESSORS)
_PUBLIC = {cast.id_of(cast.public(key)): key.public_key().public_bytes_raw() for key in (*_EVERYBODY, RECORD_KEY)}


def signed(label: str, body: bytes, keys: Keys) -> bytes:
    """The file of a statement over any bytes."""
    return dsse.to_bytes(dsse.sign(label, body, keys))


def exactly(read: Callable[[bytes], object]) -> Callable[[bytes], None]:
    """The reader whose value must be written as the same bytes."""

    def reader(data: bytes) -> None:
        assert canonical.encode(read(data)) == data

    return reader


# --- statements -------------------------------------------------------------------------------------------------------


def _statement(data: bytes) -> None:
    label = next((each for each in LABELS if each.encode() in data), labels.MANIFEST)
    read = dsse.parse(data, label, "statement")
    assert dsse.to_bytes(read) == data
    assert dsse.merge(read, read) == read
    dsse.signers(read, _PUBLIC, "statement")


def _statement_seeds() -> list[bytes]:
    act = agreed.signed_act(agreed.act("pk", "suspend"), agreed.custodians_of("pk", "af"))
    return [cast.signed(cast.MANIFEST, _EVERYBODY), cast.signed(cast.MANIFEST, ()), act, statement("heartbeat", sent=0)]


STATEMENT = Target(
    "statement",
    (
        Reader(
            ("party.dsse.parse", "party.dsse.signers", "party.dsse.merge"),
            "all papers: files, items of bundles",
            (Invalid,),
            _statement,
        ),
    ),
    _statement_seeds,
    "json",
)


# --- manifests --------------------------------------------------------------------------------------------------------


def _first(body: bytes) -> None:
    manifest = accept_first(signed(labels.MANIFEST, body, _EVERYBODY), fingerprint(cast.ROOT))
    assert canonical.encode(manifest) == body
    assert log_name(manifest, "pk-af") != witness_name(manifest)
    assert read_party(signed(labels.MANIFEST, body, ())) == manifest.party
    require_valid(manifest, cast.NOW)
    assert record_keys(manifest)
    sealing_key_at(manifest, cast.NOW)


def _next(body: bytes) -> None:
    held = cast.manifest(serial=6)
    manifest = accept_next(signed(labels.MANIFEST, body, _EVERYBODY), held)
    assert (manifest.party, manifest.name) == (held.party, held.name)
    assert manifest.serial > held.serial


def _manifest_seeds() -> list[bytes]:
    revoking = cast.manifest(record=(cast.SPARE["record"],), revoked=(cast.revoked(cast.PUBLIC["record"]),))
    moved = cast.next_manifest(root=cast.root(cast.SUCCESSORS, 2))
    return [*map(canonical.encode, (cast.MANIFEST, revoking, moved)), canonical.encode(cast.ROOT)]


MANIFEST = Target(
    "manifest",
    (
        Reader(
            ("party.manifest.accept_first", "party.manifest.read_party"),
            "a file handed over face to face",
            (Invalid, Refused),
            _first,
        ),
        Reader(("party.manifest.accept_next",), "a bundle's manifests, whoever carried them", (Invalid,), _next),
        Reader(
            ("party.canonical.decode",),
            "a root, as manifests hold one",
            (Invalid,),
            exactly(lambda data: canonical.decode(data, Root, "root")),
        ),
    ),
    _manifest_seeds,
    "json",
)


# --- lexica -----------------------------------------------------------------------------------------------------------

_TOML = """languages = ["en", "ur"]
calendars = ["gregorian", "lunar-hijri"]

[names.line]
en = "the line"
ur = "سرحد"

[names."place.torkham"]
ur = "طورخم"

[[month_starts]]
year = 1448
month = 6
begins = 2026-11-11

[zones]
af = "Asia/Kabul"
pk = "Asia/Karachi"
"""


def _lexicon(body: bytes) -> None:
    data = signed(labels.LEXICON, body, [cast.KEYS.record])
    lexicon = accept(data, cast.MANIFEST, None)
    assert canonical.encode(lexicon) == body
    assert read_lexicon(data) == lexicon
    assert all(name(lexicon, key, language) for key in lexicon.names for language in lexicon.languages)


def _lexicon_file(data: bytes) -> None:
    """What its party's own people write is signed as it was read, and then accepted by everybody."""
    lexicon = lexicon_file.parse(data, "pk", 3, cast.NOW)
    _lexicon(canonical.encode(lexicon))


LEXICON = Target(
    "lexicon",
    (
        Reader(("party.lexicon.accept", "party.lexicon.read_lexicon"), "a bundle's lexica", (Invalid,), _lexicon),
        Reader(("cli.lexicon_file.parse",), "a file that a linguist sends to the node", (Invalid,), _lexicon_file),
    ),
    lambda: [canonical.encode(cast.LEXICON), _TOML.encode()],
    "json",
)


# --- acts and answers -------------------------------------------------------------------------------------------------


def _act(body: bytes) -> None:
    data = agreed.signed_act_bytes(body, agreed.custodians_of("pk", "af"))
    held = [agreed.act("pk", "suspend")]
    assert canonical.encode(read_act(data)) == body
    accepted = accept_act(data, [agreed.IN_FORCE], agreed.MANIFESTS, held, agreed.NOW)
    assert accepted.party in agreed.IN_FORCE.members
    assert stands(data, agreed.MANIFESTS)
    fold([agreed.IN_FORCE], [*held, accepted], agreed.NOW)


def _heartbeat(body: bytes) -> None:
    beat = stored_heartbeat(signed(labels.HEARTBEAT, body, [RECORD_KEY]))
    assert canonical.encode(beat) == body
    assert 0 <= beat.settled <= beat.sent


def _act_seeds() -> list[bytes]:
    acts = [agreed.act("pk", "suspend", 2), agreed.act("af", "resume", 7), agreed.act("af", "end", 9, reason="د هوکړې")]
    at = json.dumps("2026-11-26T06:31:00Z").encode()
    beat = b'{"sender":"af","recipient":"pk","sent":9,"settled":4,"void":[[5,5],[7,9]],"at":%b}' % at
    refusal = b'{"envelope":"%b","sender":"pk","recipient":"af","code":"x.y","by":"floor 6","at":%b}' % (b"0" * 64, at)
    return [*map(canonical.encode, acts), beat, refusal]


ACT = Target(
    "act",
    (
        Reader(
            tuple(f"compact.signing.{name}" for name in ("accept_act", "read_act", "require_signed", "stands")),
            "a bundle's acts",
            (Invalid, Refused),
            _act,
        ),
        Reader(("exchange.answers.stored_heartbeat",), "a bundle's heartbeats", (Invalid,), _heartbeat),
        Reader(
            ("party.canonical.decode",),
            "a bundle's refusals and heartbeats",
            (Invalid,),
            exactly(lambda data: canonical.decode(data, Refusal, "refusal")),
        ),
    ),
    _act_seeds,
    "json",
)


# --- keys -------------------------------------------------------------------------------------------------------------

_CHEAP = Cost(8 * 1024, 1, 1)


def _key_file(data: bytes) -> None:
    """Whoever made a key file chooses its cost, up to 1 GiB and 16 passes: only those that ask for little are opened."""
    try:
        cost = json.loads(data)["parameters"]["argon2id"]
        if max(cost["memory_kib"] // 8192, cost["passes"], cost["lanes"]) > 2:
            return
    except (ValueError, KeyError, TypeError, RecursionError):
        pass
    for_node = b'"node"' in data
    assert unlock(data, "open", "node" if for_node else "custodian") == b"secret"


def _secrets(data: bytes) -> None:
    secrets = canonical.decode(data, NodeSecrets, "secrets")
    assert canonical.encode(secrets) == data
    assert len(node_keys(secrets).sealing) <= len(secrets.sealing)


def _public(data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    raw = unbase64(text, "key")
    assert b64encode(raw).decode() == text
    for read in (lambda: ed25519_public(text, "key"), lambda: sealing_key(raw)):
        with contextlib.suppress(Invalid):
            assert read()


def _key_seeds() -> list[bytes]:
    locked = [lock(b"secret", "open", each, bytes(16), bytes(12), _CHEAP) for each in ("custodian", "node")]
    return [*locked, canonical.encode(cast.SECRETS), *(text.encode() for text in cast.PUBLIC.values())]


KEYS = Target(
    "keys",
    (
        Reader(("party.key_file.unlock",), "a key file from somebody's stick", (Invalid,), _key_file),
        Reader(("party.canonical.decode",), "what a key file held", (Invalid,), _secrets),
        Reader(
            ("party.types.unbase64", "party.keys.ed25519_public", "party.keys.sealing_key"),
            "keys in manifests and roots",
            (Invalid,),
            _public,
        ),
    ),
    _key_seeds,
    "json",
    key_file.MAX_BYTES,
)


# --- what people say aloud or scan ------------------------------------------------------------------------------------

_FINGERPRINT = fingerprint(cast.ROOT)
_SPOKEN = " ".join(words(_FINGERPRINT))


def _spoken(data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    if len(data) % 8 and not set(text.split()) & set(_SPOKEN.split()):
        return  # finding the nearest of 2,048 words takes 20 ms: not for every input that has none of them
    if same(text, _FINGERPRINT):
        assert text.lower().replace(",", " ").split() == _SPOKEN.split()


def _scanned(data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    assert qr_text(*parse_qr_text(text)) == text.strip()


SPOKEN = (
    Reader(("party.fingerprint.same",), "twelve words over the telephone", (Invalid,), _spoken),
    Reader(("party.fingerprint.parse_qr_text",), "a code that a camera read", (Invalid,), _scanned),
)
SPOKEN_SEEDS = (_SPOKEN.encode(), _SPOKEN.upper().encode(), qr_text("pk", _FINGERPRINT).encode())

TARGETS = (STATEMENT, MANIFEST, LEXICON, ACT, KEYS)
