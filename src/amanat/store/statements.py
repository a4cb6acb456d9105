"""Signed statements as they came: manifests, lexica, compacts and acts, newest versions first."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    Select,
    String,
    Table,
    bindparam,
    case,
    delete,
    exists,
    func,
    literal_column,
    or_,
    select,
    union_all,
    update,
)

from amanat.log.malformed import Malformed
from amanat.party import dsse, labels
from amanat.party.errors import Problem
from amanat.store.dialect import upsert
from amanat.store.tables import ACT, COMPACT, ENDING, EVIDENCE, LEXICON, MANIFEST, RECORD, REFERENCE

_ACTS = select(ACT.c.data).where(ACT.c.compact == bindparam("of")).order_by(ACT.c.party, ACT.c.serial, ACT.c.digest)
_COUNTING = _ACTS.where(ACT.c.counts.is_(True))  # in the words of its index, or that is not used
_ENDINGS = select(ENDING.c.data).order_by(ENDING.c.compact, ENDING.c.party, ENDING.c.number)

ROW_BYTES = 1024  # what a row with its indexes takes, rounded up, so that not even empty items come without end

Shown = Problem | Malformed  # what can be wrong with foreign bytes


@dataclass(frozen=True, slots=True)
class InForce:
    """What counts now: the newest compacts by id, their acts by compact, the newest manifests by party, the endings.

    Acts and endings stand in the order of `acts` and `endings`.
    """

    compacts: Mapping[str, bytes]
    acts: Mapping[str, Sequence[bytes]]
    manifests: Mapping[str, bytes]
    endings: Sequence[bytes]


@dataclass(frozen=True, slots=True)
class Exhibit:
    """Bytes to be kept as evidence, and the type of item that they came as.

    They are destroyed once the `record` that they hold, by (originator, id), is withdrawn or destroyed, and once it is
    `until`; a None of these two destroys nothing. `signed` is the digest of the part of them that a known key signed,
    if any did. If not `whole`, only their digest and size are kept.
    """

    item: str
    data: bytes
    record: tuple[str, str] | None = None
    until: datetime | None = None
    signed: str | None = None
    whole: bool = True


def latest(tx: Connection, table: Table) -> Mapping[str, bytes]:
    """Return each party's newest manifest or lexicon (`MANIFEST` or `LEXICON`), by party code."""
    return {row.name: row.data for row in tx.execute(_newest(table.c.party, table.c.serial, table.c.data))}


def history(tx: Connection, party: str) -> list[bytes]:
    """Return all manifests of a party, oldest first."""
    where = MANIFEST.c.party == party
    return list(tx.execute(select(MANIFEST.c.data).where(where).order_by(MANIFEST.c.serial)).scalars())


def add_manifest(tx: Connection, party: str, serial: int, data: bytes) -> None:
    """Keep a manifest that was accepted."""
    tx.execute(MANIFEST.insert(), {"party": party, "serial": serial, "data": data})


def add_lexicon(tx: Connection, party: str, serial: int, data: bytes) -> None:
    """Keep a lexicon that was accepted."""
    tx.execute(LEXICON.insert(), {"party": party, "serial": serial, "data": data})


def in_force(tx: Connection) -> InForce:
    """Return all that counts now, by one statement: every transaction begins by asking it."""
    found: dict[str, list[tuple[str, bytes]]] = {"compact": [], "act": [], "manifest": [], "ending": []}
    for what, of, data in tx.execute(_in_force()):
        found[what].append((of, data))
    acts: dict[str, list[bytes]] = {}
    for of, data in found["act"]:
        acts.setdefault(of, []).append(data)
    endings_ = [data for _, data in found["ending"]]
    return InForce(dict(found["compact"]), acts, dict(found["manifest"]), endings_)


@cache
def _in_force() -> Select[str, str, bytes]:
    """Select what it is, whose, and its bytes, those of one kind in their order."""
    none, zero = literal_column("''", String), literal_column("0", BigInteger)
    compact = _newest(COMPACT.c.id, COMPACT.c.version, COMPACT.c.data).subquery().c
    manifest = _newest(MANIFEST.c.party, MANIFEST.c.serial, MANIFEST.c.data).subquery().c
    act, end = ACT.c, ENDING.c
    every = union_all(
        _one("compact", compact.name, none, zero, none, compact.data),
        _one("manifest", manifest.name, none, zero, none, manifest.data),
        _one("act", act.compact, act.party, act.serial, act.digest, act.data).where(act.counts.is_(True)),
        _one("ending", end.compact, end.party, end.number, none, end.data),
    ).subquery()
    in_order = (every.c[name] for name in _ONE[:-1])
    return select(every.c.what, every.c["of"], every.c.data).order_by(*in_order)


_ONE = ("what", "of", "party", "number", "said", "data")


def _one(what: str, *columns: ColumnElement[Any]) -> Select[Any]:
    named = zip(_ONE, (literal_column(f"'{what}'", String), *columns), strict=True)
    return select(*(column.label(name) for name, column in named))


@cache
def _newest(name: Column[str], number: Column[int], data: Column[bytes]) -> Select[str, bytes]:
    """Select of each name the row of the highest number."""
    highest = select(name.label("name"), func.max(number).label("number")).group_by(name).subquery()
    joined = name.table.join(highest, (name == highest.c.name) & (number == highest.c.number))
    return select(name.label("name"), data.label("data")).select_from(joined)


def versions(tx: Connection, compact: str) -> list[bytes]:
    """Return all versions of a compact, oldest first."""
    where = COMPACT.c.id == compact
    return list(tx.execute(select(COMPACT.c.data).where(where).order_by(COMPACT.c.version)).scalars())


def compact_named(tx: Connection, digest: str) -> str | None:
    """Return the id of the compact of which some version, the latest or an earlier one, has that digest."""
    return tx.execute(select(COMPACT.c.id).where(COMPACT.c.digest == digest)).scalar_one_or_none()


def add_compact(tx: Connection, id_: str, version: int, digest: str, data: bytes) -> None:
    """Keep a compact that every member signed."""
    tx.execute(COMPACT.insert(), {"id": id_, "version": version, "digest": digest, "data": data})


def acts(tx: Connection, compact: str) -> list[bytes]:
    """Return the acts (suspend, resume, end) on one compact that count, by party and serial."""
    return list(tx.execute(_COUNTING, {"of": compact}).scalars())


def acts_ever(tx: Connection, compact: str) -> list[bytes]:
    """Return the acts that count and those kept as history; a thief may have signed thousands."""
    return list(tx.execute(_ACTS, {"of": compact}).scalars())


def acts_under(tx: Connection, compact: str, party: str, serial: int) -> list[bytes]:
    """Return all acts of a party under one serial that are kept."""
    return list(tx.execute(_ACTS.where(ACT.c.party == party, ACT.c.serial == serial), {"of": compact}).scalars())


def add_act(tx: Connection, compact: str, party: str, serial: int, data: bytes) -> None:
    """Keep an act that was accepted, besides any other under its serial."""
    row = {"compact": compact, "party": party, "serial": serial, "digest": _said(data), "counts": True, "data": data}
    tx.execute(ACT.insert(), row)


def sign_anew(tx: Connection, compact: str, data: bytes) -> None:
    """Replace the signatures of an act that is kept: an act is what it says."""
    tx.execute(update(ACT).where(ACT.c.compact == compact, ACT.c.digest == _said(data)).values(data=data))


def _said(data: bytes) -> str:
    return hashlib.sha256(dsse.parse(data, labels.ACT, "act").body()).hexdigest()


def count_acts(tx: Connection, compact: str, counting: Iterable[bytes]) -> None:
    """Let exactly these of a compact's acts count from now on."""
    digests = [_said(data) for data in counting]
    tx.execute(
        update(ACT).where(ACT.c.compact == compact, ACT.c.counts.is_(True)).values(counts=ACT.c.digest.in_(digests))
    )


def drop_act(tx: Connection, compact: str, data: bytes) -> None:
    """Forget an act of which others of its number are kept."""
    tx.execute(delete(ACT).where(ACT.c.compact == compact, ACT.c.digest == _said(data)))


def endings(tx: Connection) -> list[bytes]:
    """Return the statements by which logs ended, of each log the one that stands, by compact, party and number."""
    return list(tx.execute(_ENDINGS).scalars())


def put_ending(tx: Connection, compact: str, party: str, number: int, data: bytes) -> None:
    """Keep the statement by which a log ended, in the place of one before it."""
    upsert(tx, ENDING, ("data",), {"compact": compact, "party": party, "number": number, "data": data})


def add_evidence(tx: Connection, party: str, problem: Shown, at: datetime, exhibit: Exhibit) -> bool:
    """Keep bytes that show what somebody did, with the code of what is wrong; return whether they are here.

    The same again is kept once. The sentence is not kept: it may quote what the bytes say, and nothing of that is to
    outlive them.
    """
    digest = _digest(exhibit.data)
    same = (EVIDENCE.c.digest == digest, EVIDENCE.c.party == party, EVIDENCE.c.code == problem.code)
    held = tx.execute(select(EVIDENCE.c.data.is_not(None)).where(*same)).scalar_one_or_none()
    if held is not None:
        return bool(held)
    originator, record = exhibit.record or (None, None)
    row = {
        "party": party,
        "code": problem.code,
        "at": at.isoformat(),
        "digest": digest,
        "item": exhibit.item,
        "size": len(exhibit.data),
        "signed": exhibit.signed,
        "data": exhibit.data if exhibit.whole else None,
        "originator": originator,
        "record": record,
        "until": exhibit.until.isoformat() if exhibit.until else None,
    }
    tx.execute(EVIDENCE.insert(), row)
    return exhibit.whole


def shown_before(tx: Connection, code: str, signed: str) -> bool:
    """Whether evidence of that code is kept in which a known key signed the words of that digest."""
    where = (EVIDENCE.c.signed == signed, EVIDENCE.c.code == code)
    return tx.execute(select(EVIDENCE.c.number).where(*where).limit(1)).first() is not None


def unsigned(tx: Connection) -> int:
    """Return how many bytes are kept whole that nobody known signed; each item counts as a row's worth at least."""
    counted = func.sum(case((EVIDENCE.c.size > ROW_BYTES, EVIDENCE.c.size), else_=ROW_BYTES))
    query = select(counted).where(EVIDENCE.c.signed.is_(None), EVIDENCE.c.data.is_not(None))
    return int(tx.execute(query).scalar() or 0)


def evidence(tx: Connection) -> list[Any]:
    """Return all evidence, oldest first; of what had to be destroyed, or proves nothing, there is only the digest."""
    return list(tx.execute(select(EVIDENCE).order_by(EVIDENCE.c.number)).all())


def evidence_counts(tx: Connection) -> list[Any]:
    """Return how many items each party brought that did not hold, by code, and when the first and the last came."""
    counted = (
        func.count().label("items"),
        func.min(EVIDENCE.c.at).label("first"),
        func.max(EVIDENCE.c.at).label("last"),
    )
    of = (EVIDENCE.c.party, EVIDENCE.c.code)
    return list(tx.execute(select(*of, *counted).group_by(*of).order_by(*of)).all())


def destroy_evidence(tx: Connection, now: str) -> int:
    """Overwrite envelopes kept as evidence that are due as their records are; return how many. The digest stays.

    Due is what its originator withdrew, unless that record is itself still kept; what was destroyed here; and what is
    past its time.
    """
    named = (RECORD.c.party == EVIDENCE.c.originator, RECORD.c.id == EVIDENCE.c.record)
    destroyed = exists().where(*named, RECORD.c.data.is_(None))
    kept = exists().where(*named, RECORD.c.data.is_not(None))
    withdrawn = exists().where(
        REFERENCE.c.relation == "withdraws",
        REFERENCE.c.party == EVIDENCE.c.originator,
        REFERENCE.c.to_party == EVIDENCE.c.originator,
        REFERENCE.c.to_id == EVIDENCE.c.record,
    )
    due = or_(EVIDENCE.c.until <= now, destroyed, withdrawn & ~kept)
    return tx.execute(update(EVIDENCE).where(EVIDENCE.c.data.is_not(None), due).values(data=None)).rowcount


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
