"""The compact of these tests, records that are within it unless a test says otherwise, and parties who sign it.

Law: nobody here is real, and every key is drawn from a number; the kind `intelligence.report` is a stand-in whose body
says its own facts.
"""

import base64
import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from typing import Any

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from amanat.compact.check import Compact, Permitted, check
from amanat.compact.floors import keep
from amanat.compact.policy import Request
from amanat.compact.signing import Act
from amanat.compact.terms import Terms, fill, parse
from amanat.party import canonical, dsse, labels
from amanat.party.errors import Refused
from amanat.party.fingerprint import fingerprint
from amanat.party.keys import new_secrets, node_keys, public_keys
from amanat.party.manifest import Manifest, Sealing
from amanat.party.root import Root
from amanat.record.handling import CustodyRisk, Grading, Handling
from amanat.record.kind import NO_FACTS, Facts, Kind, Kinds
from amanat.record.notices import NOTICES
from amanat.record.record import Draft, Post, Record, Ref, compose

NOW = datetime(2026, 11, 24, 6, 30, tzinfo=UTC)
ID = "01936000-0000-7000-8000-000000000001"
OTHER_ID = "01936000-0000-7000-8000-000000000002"
REPORT = "intelligence.report/1"

EXAMPLE = files("amanat.compact").joinpath("examples", "pk-af.toml").read_bytes()
TERMS = parse(EXAMPLE)
ACTIVE = Compact(TERMS, "active")

GRADING = Grading("4x4", "B", "2")
RISK = CustodyRisk("low", "none", not_obtained_by_torture=True, basis="assessed by the legal desk")
PERSON = Facts(person="its text")


class Body(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A body that holds nothing."""

    text: str = ""


def kinds(facts: Facts = NO_FACTS) -> Kinds:
    """The notices, a report whose body holds these facts, and a kind that no compact lists."""
    report = Kind("intelligence.report", 1, Body, "destroy", "A report.", (Body(),), facts=lambda _: facts)
    note = Kind("liaison.note", 1, Body, "stands", "A note.", (Body(),))
    return Kinds([*NOTICES, report, note])


def handling(days: float = 30, **changed: Any) -> Handling:
    """The handling of a plain report that lives for `days`."""
    given: dict[str, Any] = {"tlp": "TLP:AMBER", "purpose": "counter-terrorism", "expires": NOW + timedelta(days=days)}
    return Handling(**given | changed)


def of_person(**changed: Any) -> Handling:
    """The handling of a report naming a person."""
    careful: dict[str, Any] = {
        "codes": ("H1", "H2"),
        "legal_basis": "criminal-procedure",
        "grading": GRADING,
        "custody_risk": RISK,
    }
    return handling(**careful | changed)


def record(  # noqa: PLR0913 - a record has that many sides
    audience: tuple[str, ...] = ("af",),
    *,
    author: str = "pk",
    kind: str = REPORT,
    body: Any = Body(),  # noqa: B008 - frozen
    handling: Handling = handling(),  # noqa: B008 - frozen
    facts: Facts = NO_FACTS,
    refs: tuple[Ref, ...] = (),
    compact: str = TERMS.digest,
    exercise: bool = False,
    id_: str = ID,
) -> Record:
    """A plain report from pk to af, or what is changed of it."""
    draft = Draft(kind, body, audience, handling, compact, refs, exercise)
    return compose(draft, Post(author, "torkham/duty"), kinds(facts), id_, NOW)


def judge(given: Record, compact: Compact = ACTIVE, *cited: Record) -> Permitted:
    """Steps 2 and 3, as both ends take them."""
    return check(keep(given, compact.terms, {other.key: other for other in cited}), compact)


def asked(**changed: str | int) -> Request:
    """What Cedar is asked of a plain report."""
    plain: dict[str, str | int] = {
        "sender": "pk",
        "kind": "intelligence.report",
        "to": "af",
        "tlp": 2,
        "h1": 0,
        "h2": 0,
        "h3": 0,
        "persons": 0,
        "exercise": 0,
        "days": 30,
        "purpose": "counter-terrorism",
        "legal_basis": "",
        "suspended": 0,
    }
    return Request(**plain | changed)  # type: ignore[arg-type]  # each of its own type


def amended(*changes: tuple[str, str], of: bytes = EXAMPLE) -> bytes:
    """The example, or another text, with these texts replaced, each of which must stand there."""
    text = of.decode()
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    return text.encode()


def terms_of(*changes: tuple[str, str]) -> Terms:
    """The terms of the example with these texts replaced."""
    return parse(amended(*changes))


SEES = EXAMPLE.decode().partition("\nsees = ")[2].partition("\n]\n")[0] + "\n]"
"""What the observer sees, as the example lists it."""


def _everywhere(text: bytes, *changes: tuple[str, str]) -> bytes:
    told = text.decode()
    for old, new in changes:
        told = told.replace(old, new)
    return told.encode()


UNTOLD = _everywhere(
    EXAMPLE,
    (', "pk > obs", "af > obs", "obs > pk", "obs > af"]', "]"),
    ('"pk > af", "af > pk", "pk > obs", "af > obs"]', '"pk > af", "af > pk"]'),
    ('["pk > obs", "af > obs"]', '["pk > af"]'),
)
"""The example, where no record goes to the observer or comes from it."""
UNNAMED = _everywhere(
    UNTOLD,
    ('context.to == "obs"', 'context.to == "pk"'),
    (', Party::"obs"]', "]"),
    (', "obs"]', "]"),
    ('["obs"]', '["pk"]'),
)
"""And where no clause names it either."""

EVERYTHING = """
@id("1")
@says("Everything is permitted.")
permit (principal, action, resource);
"""
LAX = terms_of(
    ('tlp_ceiling = "TLP:AMBER+STRICT"', 'tlp_ceiling = "TLP:RED"'),
    (TERMS.policy.text, EVERYTHING),
)
"""A compact whose clauses permit everything they can."""


def below(given: Record, *cited: Record) -> Refused:
    """The refusal of a floor, under that compact."""
    with pytest.raises(Refused) as caught:
        keep(given, LAX, {other.key: other for other in cited})
    return caught.value


def within(given: Record, *cited: Record) -> None:
    assert keep(given, LAX, {other.key: other for other in cited}).record is given


# --- who signs it -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Party:
    """A party with real keys: three custodians, of whom two act for it, and a node."""

    code: str
    custodians: tuple[Ed25519PrivateKey, ...]
    node: Ed25519PrivateKey
    manifest: Manifest

    @property
    def root(self) -> str:
        """The fingerprint of its root keys, as a compact names it."""
        return fingerprint(self.manifest.root).hex()


def drawn(seed: int) -> Callable[[int], bytes]:
    """A source of bytes that anybody can foretell: for tests only."""
    count = iter(range(100))
    return lambda length: hashlib.shake_256(f"{seed}/{next(count)}".encode()).digest(length)


def public(key: Ed25519PrivateKey) -> str:
    return base64.b64encode(key.public_key().public_bytes_raw()).decode()


def party(code: str, seed: int) -> Party:
    """A party whose keys all come of its seed."""
    custodians = tuple(Ed25519PrivateKey.from_private_bytes(bytes([seed + each]) * 32) for each in range(3))
    secrets = new_secrets(drawn(seed))
    keys = public_keys(secrets)
    since, until = NOW - timedelta(days=30), NOW + timedelta(days=335)
    manifest = Manifest(
        party=code,
        serial=1,
        since=since,
        until=until,
        name=f"{code}.amanat.example",
        root=Root(2, tuple(sorted(map(public, custodians)))),
        record=(keys["record"],),
        log=(keys["log"],),
        witness=(keys["witness"],),
        witness_pq=(keys["witness_pq"],),
        sealing=(Sealing(keys["sealing"], since, until),),
    )
    return Party(code, custodians, node_keys(secrets).record, manifest)


PARTIES = {code: party(code, seed) for code, seed in {"pk": 10, "af": 20, "obs": 30, "neighbour": 40}.items()}
"""The two members, the observer, and one more who may join them."""
MANIFESTS: Mapping[str, Manifest] = {code: each.manifest for code, each in PARTIES.items()}

AGREED = fill(EXAMPLE, {code: PARTIES[code].root for code in ("pk", "af", "obs")})
"""The example with the parties' roots in it: what their custodians sign."""
IN_FORCE = parse(AGREED)
NEIGHBOUR = (
    "[observers.obs]",
    f'[members.neighbour]\nname = "a neighbour"\nroot = "{PARTIES["neighbour"].root}"\nadministers = []\n\n[observers.obs]',
)
"""The change by which one more party becomes a member."""


def custodians_of(*codes: str, each: int = 2) -> list[Ed25519PrivateKey]:
    """Some custodians of each of these parties: as many as act for it, unless a test says otherwise."""
    return [key for code in codes for key in PARTIES[code].custodians[:each]]


def sealed_with(keys: Sequence[Ed25519PrivateKey], text: bytes = AGREED) -> bytes:
    """The file of a compact that these keys signed."""
    return dsse.to_bytes(dsse.sign(labels.COMPACT, text, keys))


def next_version(*changes: tuple[str, str], after: Terms = IN_FORCE) -> bytes:
    """The version that amends a text, with these texts replaced."""
    head = (f"version = {after.version} ", f'previous = "{after.digest}"\nversion = {after.version + 1} ')
    if after.previous:
        head = (f'previous = "{after.previous}"\nversion = {after.version} ', head[1])
    return amended(head, *changes, of=after.text)


def act(code: str, what: Any, serial: int = 1, **changed: Any) -> Act:
    """What a member does about the compact in force, today."""
    given: dict[str, Any] = {"compact": IN_FORCE.digest, "at": NOW, "reason": "a reason"}
    return Act(party=code, serial=serial, act=what, **given | changed)


def signed_act(done: Act, keys: Sequence[Ed25519PrivateKey]) -> bytes:
    """The file of an act that these keys signed."""
    return signed_act_bytes(canonical.encode(done), keys)


def signed_act_bytes(body: bytes, keys: Sequence[Ed25519PrivateKey]) -> bytes:
    """The same of any bytes, in the place of an act's."""
    return dsse.to_bytes(dsse.sign(labels.ACT, body, keys))
