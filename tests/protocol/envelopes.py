"""Vectors for opening envelopes: made by hand (seal/by_hand.py), each bad one wrong in exactly one thing."""

import base64
import hashlib
import json
from collections.abc import Callable
from functools import partial
from typing import Any

from seal.by_hand import SUITE, Hand, Party

PK, AF, OBS, OTHER, GONE = (Party(code, seed) for seed, code in enumerate(("pk", "af", "obs", "other", "gone"), 1))
COMPACT = "ab" * 32
ID = "01936000-0000-7000-8000-000000000001"
WITHDRAWN = "01936000-0000-7000-8000-0000000000aa"
Chance = Callable[[bytes, Callable[[], bytes]], bytes]
Vector = dict[str, Any]

ABOUT = (
    "Envelopes to open, each with what docs/protocol/envelope.md says comes of it. Bytes are base64, keys hex. The kinds "
    "known are the core's own: record.withdrawal/1, record.destroyed/1, record.kept/1, record.opened/1; what floors and compact say of their "
    "handling comes after opening."
)


def record(body: str = '{"reason":"outdated"}', **changes: Any) -> bytes:
    """A withdrawal by pk, or with `changes` something else; None leaves a field out."""
    fields: dict[str, Any] = {
        "id": ID,
        "compact": COMPACT,
        "author": {"party": "pk", "name": "torkham/duty"},
        "audience": ["af"],
        "at": "2026-11-24T06:30:00Z",
        "kind": "record.withdrawal/1",
        "handling": {"tlp": "TLP:AMBER", "purpose": "safeguards"},
        "refs": [{"relation": "withdraws", "party": "pk", "id": WITHDRAWN}],
        "exercise": None,
        "approved_by": None,
        **changes,
    }
    given = {name: value for name, value in fields.items() if value is not None}
    return json.dumps(given, separators=(",", ":"), ensure_ascii=False).encode()[:-1] + f',"body":{body}}}'.encode()


HANDLING = {
    "tlp": "TLP:AMBER+STRICT",
    "purpose": "counter-terrorism",
    "codes": ["H1", "H3"],
    "grading": {"scheme": "admiralty", "source": "B", "information": "2"},
    "legal_basis": "criminal-procedure",
    "not_to": ["other", "zz"],
    "expires": "2027-11-24T06:30:00Z",
    "caveats": ['د محکمې حکم "17" § 4/2'],
    "custody_risk": {"torture": "low", "death_penalty": "none", "not_obtained_by_torture": True, "basis": "the desk"},
}
FULL = record(
    '{"ground":"court-order","until":"2027-01-01T00:00:00Z"}',
    audience=["af", "obs"],
    kind="record.kept/1",
    handling=HANDLING,
    refs=[
        {"relation": "about", "party": "af", "id": WITHDRAWN},
        {"relation": "answers", "party": "obs", "id": WITHDRAWN},
    ],
    exercise=True,
    approved_by={"party": "pk", "name": "chief"},
)
ONE = Hand(record(), PK, (AF,), COMPACT, ID)
TWO = Hand(FULL, PK, (AF, OBS), COMPACT, ID, content_key=bytes(reversed(range(32))), sequence=2**40)


def envelopes(chance: Chance) -> Vector:
    """The whole file."""
    sealing = {
        party.code: {"private": f"{party.seed:02x}" * 96, "public": party.sealing_bytes.hex(), "id": party.sealing_id}
        for party in (AF, OBS)
    }
    senders = {
        "pk": {"listed": {PK.record_id: PK.record_public.hex()}, "revoked": []},
        "gone": {"listed": {OTHER.record_id: OTHER.record_public.hex()}, "revoked": [GONE.record_id]},
    }
    made = [*_good(chance), *_bad(chance)]
    return {
        "about": ABOUT,
        "sealing": sealing,
        "record": {PK.record_id: "01" * 32},
        "senders": senders,
        "vectors": made,
    }


def _good(chance: Chance) -> list[Vector]:
    one, two = _made(ONE, chance), _made(TWO, chance)
    return [
        _opens("one", "a withdrawal from pk to af", "af", one, ONE),
        _opens("two, af", "every field there is, to af and obs: as af opens it", "af", two, TWO),
        _opens("two, obs", "the same bytes, as obs opens them", "obs", two, TWO),
    ]


def _opens(name: str, says: str, to: str, data: bytes, hand: Hand) -> Vector:
    found = {
        "record": hand.record.decode(),
        "content_key": hand.content_key.hex(),
        "sequence": hand.sequence,
        "digest": hashlib.sha256(data).hexdigest(),
    }
    return {"name": name, "says": says, "to": to, "envelope": base64.b64encode(data).decode(), "opens": found}


def _bad(chance: Chance) -> list[Vector]:
    whole, core = _made(ONE, chance), ONE.core
    two = _made(TWO, chance)
    wraps = [two[len(TWO.core) :][:1176], two[len(TWO.core) + 1176 :][:1176]]
    by = {
        "upper-case hex in core": (1, "envelope.format", whole.replace(b"abab", b"ABAB", 1)),
        "a line too many in core": (1, "envelope.format", whole.replace(b"record ", b"note x\nrecord ", 1)),
        "recipients not sorted": (1, "envelope.to", two.replace(b"to obs", b"to aaa", 1)),
        "a recipient twice": (1, "envelope.to", two.replace(b"to obs", b"to af", 1)),
        "cut off in a wrap": (1, "envelope.truncated", whole[: len(core) + 1175]),
        "sealed part of 111 bytes": (1, "envelope.truncated", whole[: len(core) + 1176 + 111]),
        "addressed to another": (2, "envelope.addressee", _made(ONE.but(to=(OBS,)), chance)),
        "sealed to another key": (2, "envelope.key", _made(ONE.but(to=(Party("af", 6),)), chance)),
        "a bit of the wrap": (2, "envelope.wrap", _flip(whole, len(core))),
        "a bit of core": (2, "envelope.wrap", whole.replace(b"abab", b"abac", 1)),
        "wraps exchanged": (2, "envelope.wrap", _made(TWO.but(wraps=(wraps[1], wraps[0])), chance)),
        "wrap for another core": (2, "envelope.wrap", _made(ONE.but(wrap_info=_info(bytes(32))), chance)),
        "sequence number 0": (2, "envelope.sequence", _made(ONE.but(sequence=0), chance)),
        "sequence number above 2**53": (2, "envelope.sequence", _made(ONE.but(sequence=2**53 + 1), chance)),
        "another commitment": (3, "envelope.commitment", _made(ONE.but(commitment=bytes(32)), chance)),
        "a bit of the signature": (4, "envelope.altered", _flip(whole, len(core) + 1176)),
        "a bit of the tag": (4, "envelope.altered", _flip(whole, len(whole) - 1)),
        "a byte appended": (4, "envelope.altered", whole + b"\n"),
        "signed under another header": (5, "envelope.header", _made(ONE.but(header_digest=bytes(32)), chance)),
        "a sender nobody knows": (6, "envelope.sender", _made(ONE.but(sender_code="zz"), chance)),
        "a key not listed": (6, "envelope.signer", _made(ONE.but(sender=OTHER, sender_code="pk"), chance)),
        "a key revoked": (6, "key.revoked", _made(ONE.but(sender=GONE), chance)),
        "a signature by another key": (6, "envelope.signature", _made(ONE.but(signer=OTHER.record), chance)),
        "signed without PAE": (6, "envelope.signature", _made(ONE.but(signature=_plain(whole)), chance)),
        **{name: (7, code, _made(ONE.but(record=data), chance)) for name, (code, data) in RECORDS.items()},
        **{f"another {name}": (8, "envelope.mismatch", _made(hand, chance)) for name, hand in MISMATCHED.items()},
    }
    return [
        {"name": name, "to": "af", "envelope": base64.b64encode(data).decode(), "fails": {"check": check, "code": code}}
        for name, (check, code, data) in by.items()
    ]


RECORDS = {
    "white space": ("json.encoding", record().replace(b",", b", ", 1)),
    "an escape that is not needed": ("json.encoding", record().replace(b"outdated", b"outd\\u0061ted")),
    "fields in another order": ("json.encoding", record(author={"name": "torkham/duty", "party": "pk"})),
    "a default spelled out": ("json.encoding", record().replace(b',"body"', b',"exercise":false,"body"')),
    "a field twice": ("json.encoding", record().replace(b'"at":', b'"at":"2026-11-24T06:30:00Z","at":')),
    "an unknown field": ("json.field", record().replace(b',"body"', b',"x":1,"body"')),
    "not JSON": ("json.syntax", b"{"),
    "not UTF-8": ("json.utf8", record().replace(b"outdated", b"outdat\xe9d")),
    "an unknown kind": ("kind.unknown", record(kind="record.unheard-of/1", refs=None)),
    "half a second": ("field.time", record(at="2026-11-24T06:30:00.5Z")),
    "another zone": ("field.time", record(at="2026-11-24T11:30:00+05:00")),
    "an audience not sorted": ("field.order", record(audience=["obs", "af"])),
    "the author in the audience": ("record.contradiction", record(audience=["af", "pk"])),
}
MISMATCHED = {
    "compact": ONE.but(record=record(compact="cd" * 32)),
    "author's party": ONE.but(
        record=record(
            '{"because":"expired"}', author={"party": "obs", "name": "duty"}, kind="record.destroyed/1", refs=None
        )
    ),
    "record id": ONE.but(record_id=ID[:-1] + "2"),
    "audience": ONE.but(record=record(audience=["af", "obs"])),
}


def _made(hand: Hand, chance: Chance) -> bytes:
    """The envelope's bytes, its wraps drawn once."""
    if hand.wraps is not None:
        return hand.make()
    wraps = []
    for party in hand.to:
        plaintext = hand.content_key + hand.sequence.to_bytes(8, "big")
        info = hand.wrap_info or _info(hashlib.sha256(hand.core).digest(), party)
        asked = b"wrap" + info + plaintext + party.sealing_bytes
        wraps.append(chance(asked, partial(SUITE.encrypt, plaintext, party.sealing_public, info=info)))
    return hand.but(wraps=tuple(wraps)).make()


def _info(core_digest: bytes, party: Party = AF) -> bytes:
    return b"amanat/wrap/v1\n" + core_digest + bytes.fromhex(party.sealing_id)


def _plain(whole: bytes) -> bytes:
    """A signature over header digest and record as they are, which DSSE would have framed."""
    header = whole[: len(ONE.core) + 1176]
    return PK.record.sign(hashlib.sha256(header).digest() + ONE.record)


def _flip(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
