"""Targets in `record`, `seal` and `workspaces`: records, STIX bundles, envelopes.

Second oracles: `tests/protocol/reader.py`, written from the pages alone, opens what we open and stops at the same check.
"""

import io
from dataclasses import replace
from datetime import UTC, datetime

import msgspec
from sqlalchemy import create_engine

from amanat.compact.check import Compact, check
from amanat.compact.floors import keep
from amanat.party import canonical
from amanat.party.errors import Invalid, Refused
from amanat.party.keys import SEALING_SECRET_BYTES, sealing_private, sealing_public
from amanat.record.handling import to_4x4, to_admiralty
from amanat.record.kind import Kinds
from amanat.record.notices import NOTICES
from amanat.record.record import Fields, Record, read
from amanat.seal.backup import MAX_HEAD, open_backup, read_head, seal_backup
from amanat.seal.header import parse_header
from amanat.seal.open import open_envelope, open_with_key
from amanat.workspaces import find
from amanat.workspaces.intelligence.importers import read_stix
from amanat.workspaces.intelligence.kinds import REPORT, Report
from amanat.workspaces.intelligence.views import TABLES, apply, reports
from compact import cast as agreed
from protocol import envelopes, reader, vectors
from seal.by_hand import Hand
from seal.cast import manifest
from soak.target import ROOT, Reader, Target

KINDS = Kinds([kind for workspace in find() for kind in workspace.kinds] + list(NOTICES))
_ACTIVE = Compact(agreed.IN_FORCE, "active")
_STIX = ROOT / "src" / "amanat" / "workspaces" / "intelligence" / "tests" / "data"

# --- records ----------------------------------------------------------------------------------------------------------


def _record(data: bytes) -> None:
    record = read(data, KINDS)
    assert canonical.encode(record.fields) == data
    assert record.key == (record.fields.author.party, record.fields.id)
    grading = record.fields.handling.grading
    if grading is not None:
        assert to_admiralty(to_4x4(grading)).scheme == "admiralty"
    record.kind.title(record.body)


def _judged(data: bytes) -> None:
    """What was read is kept within the floors and permitted by a clause, or refused."""
    record = read(data, KINDS)
    within = _under_terms(record)
    assert check(keep(within, _ACTIVE.terms, {}), _ACTIVE).clause


def _under_terms(record: Record) -> Record:
    """The same record under the compact that is in force here, whose digest nobody can hit by chance."""
    fields = msgspec.structs.replace(record.fields, compact=_ACTIVE.terms.digest)
    return replace(record, fields=fields, data=canonical.encode(fields))


def _record_seeds() -> list[bytes]:
    report = agreed.record(facts=agreed.PERSON, handling=agreed.of_person()).fields
    example = canonical.encode(REPORT.examples[0])
    full = msgspec.structs.replace(report, body=msgspec.Raw(example))
    bodies = ('{"reason":"outdated"}', '{"because":"expired"}', '{"ground":"audit","until":"2027-01-01T00:00:00Z"}')
    about = [{"relation": "about", "party": "af", "id": envelopes.WITHDRAWN}]
    return [
        envelopes.record(),
        envelopes.FULL,
        envelopes.record(bodies[1], kind="record.destroyed/1", refs=about),
        envelopes.record(bodies[2], kind="record.kept/1", refs=about),
        canonical.encode(full),
        canonical.encode(msgspec.structs.replace(full, handling=agreed.handling(), exercise=True)),
    ]


RECORD = Target(
    "record",
    (
        Reader(("record.record.read",), "what an opened envelope holds", (Invalid,), _record),
        Reader(("compact.floors.keep", "compact.check.check"), "the same, judged", (Invalid, Refused), _judged),
        Reader(
            ("party.canonical.decode",),
            "fields alone, of a kind not known here",
            (Invalid,),
            lambda data: canonical.decode(data, Fields, "record"),
        ),
    ),
    _record_seeds,
    "json",
    32 * 1024,
)


# --- STIX -------------------------------------------------------------------------------------------------------------


def _stix(data: bytes) -> None:
    ((label, body),) = read_stix(data)
    assert label == REPORT.label
    encoded = canonical.encode(body)
    again = canonical.decode(encoded, Report, "report")
    assert bytes(again.bundle) == data.strip(b" \t\r\n")
    facts = REPORT.facts(again)
    assert not facts.places or all(place.metres >= 0 for place in facts.places)


def _viewed(data: bytes) -> None:
    """What was read can be shown: the view takes it in."""
    ((_, body),) = read_stix(data)
    fields = msgspec.structs.replace(_CARRIED.fields, body=msgspec.Raw(canonical.encode(body)))
    record = read(canonical.encode(fields), KINDS)
    engine = create_engine("sqlite://")
    try:
        with engine.begin() as tx:
            TABLES.create_all(tx)
            apply(tx, record)
            (row,) = reports(tx)
            assert (row.name or "") == record.kind.title(record.body)
            assert reports(tx, row.name or "") == (row,)
            assert len(reports(tx, before=row.cursor)) == 0
    finally:
        engine.dispose()


_CARRIED = agreed.record(handling=agreed.handling())


def _stix_seeds() -> list[bytes]:
    files = sorted([*_STIX.glob("oasis/*.json"), *_STIX.glob("elevator/*.json"), *_STIX.glob("validator/*.json")])
    return [bytes(REPORT.examples[0].bundle), *(path.read_bytes() for path in files)]


STIX = Target(
    "stix",
    (
        Reader(
            (
                "workspaces.intelligence.importers.read_stix",
                "workspaces.intelligence.stix.bundle.read",
                "party.canonical.plain",
                "party.canonical.check_text",
            ),
            "files of other services, bodies of a peer's reports",
            (Invalid,),
            _stix,
        ),
        Reader(
            ("workspaces.intelligence.views.apply", "workspaces.intelligence.stix.bundle.objects"),
            "the same, shown",
            (Invalid,),
            _viewed,
        ),
    ),
    _stix_seeds,
    "json",
    32 * 1024,
)


# --- envelopes --------------------------------------------------------------------------------------------------------

_SENDERS = {
    "pk": manifest(envelopes.PK),
    "gone": manifest(envelopes.GONE, revoked=(envelopes.GONE.record_id,)),
}
_THEIR_SENDERS = {
    code: reader.Sender({id_: bytes.fromhex(key) for id_, key in said["listed"].items()}, frozenset(said["revoked"]))
    for code, said in vectors.load("envelope")["senders"].items()
}
_OWN = {envelopes.AF.sealing_id: envelopes.AF.sealing}
_THEIR_OWN = reader.Own("af", bytes([envelopes.AF.seed]) * 96, envelopes.AF.sealing_id)
_ONLY_NOTICES = Kinds(NOTICES)
# HPKE is slow and random: the wrap of vector `one` serves, because the core around it stays the same.
_WRAPS = (vectors.envelope("one")[len(envelopes.ONE.core) :][:1176],)


def _header(data: bytes) -> None:
    header = parse_header(data)
    assert data.startswith(header.data)
    assert header.core.encode() == header.core_bytes


def _opened(data: bytes) -> None:
    """The envelope as it came; what we open, whoever has the page only opens too, and to the same."""
    _same(data)


def _sealed(data: bytes) -> None:
    """An honest envelope around a record of any bytes, which its sender signed."""
    _same(Hand(data, envelopes.PK, (envelopes.AF,), envelopes.COMPACT, envelopes.ID, wraps=_WRAPS).make())


def _same(envelope: bytes) -> None:
    try:
        theirs: reader.Read | int = reader.open_envelope(envelope, _THEIR_OWN, _THEIR_SENDERS)
    except reader.Failed as failed:
        theirs = failed.args[0]
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError):
        theirs = 7  # their reader trusts that what a sender signed has the page's types
    try:
        opened = open_envelope(envelope, "af", _OWN, _SENDERS, _ONLY_NOTICES)
    except (Invalid, Refused) as problem:
        # What binds fields to one another and their forms is said by the pages in words; their reader checks the rest.
        assert not isinstance(theirs, reader.Read) or not problem.code.startswith("envelope."), problem.code
        raise
    assert theirs == reader.Read(opened.record.data, opened.content_key, opened.sequence)
    assert open_with_key(envelope, opened.content_key, _SENDERS, _ONLY_NOTICES) == opened.record


def _envelope_seeds() -> list[bytes]:
    whole = [vectors.envelope(vector["name"]) for vector in vectors.load("envelope")["vectors"]]
    return [*whole, envelopes.record(), envelopes.FULL, envelopes.ONE.core]


ENVELOPE = Target(
    "envelope",
    (
        Reader(("seal.header.parse_header",), "the start of an envelope", (Invalid,), _header),
        Reader(("seal.open.open_envelope", "seal.open.open_with_key"), "an envelope", (Invalid, Refused), _opened),
        Reader(("record.record.read",), "what a peer signed and sealed", (Invalid, Refused), _sealed),
    ),
    _envelope_seeds,
    "json",
)


# --- backups ----------------------------------------------------------------------------------------------------------

_BACKUP_KEY = bytes(range(SEALING_SECRET_BYTES))
_BACKED_UP_AT = datetime(2026, 11, 24, tzinfo=UTC)
_BACKED_UP = [b"", b"a node's files", bytes(range(256)) * 1500]


def _backup(data: bytes) -> None:
    file = io.BytesIO(data)
    line = file.readline(MAX_HEAD)
    assert read_head(line).key
    opening = open_backup(line, sealing_private(_BACKUP_KEY), file.read)
    assert b"".join(iter(lambda: opening.read(100_000), b"")) in _BACKED_UP


def _backup_seeds() -> list[bytes]:
    seeds = []
    for plain in _BACKED_UP:
        out = io.BytesIO()
        sealing = seal_backup(sealing_public(_BACKUP_KEY), _BACKED_UP_AT, bytes, out.write)
        sealing.write(plain)
        sealing.end()
        seeds.append(out.getvalue())
    return seeds


BACKUP = Target(
    "backup",
    (Reader(("seal.backup.read_head", "seal.backup.open_backup"), "a backup from any disk", (Invalid,), _backup),),
    _backup_seeds,
    "json",
    512 * 1024,
)

TARGETS = (RECORD, STIX, ENVELOPE, BACKUP)
