"""Signed statements as they came: manifests, lexica, compacts and acts, newest versions first."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Table, func, select

from amanat.log.malformed import Malformed
from amanat.party.errors import Problem
from amanat.store.sqlite import upsert
from amanat.store.tables import ACT, COMPACT, EVIDENCE, LEXICON, MANIFEST

Shown = Problem | Malformed  # what can be wrong with foreign bytes


def latest(tx: Connection, table: Table) -> Mapping[str, bytes]:
    """Return each party's newest manifest or lexicon (`MANIFEST` or `LEXICON`), by party code."""
    newest = select(table.c.party, func.max(table.c.serial).label("serial")).group_by(table.c.party).subquery()
    joined = table.join(newest, (table.c.party == newest.c.party) & (table.c.serial == newest.c.serial))
    return {row.party: row.data for row in tx.execute(select(table.c.party, table.c.data).select_from(joined))}


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


def compacts(tx: Connection) -> Mapping[str, bytes]:
    """Return the newest version of every compact, by compact id."""
    newest = select(COMPACT.c.id, func.max(COMPACT.c.version).label("version")).group_by(COMPACT.c.id).subquery()
    joined = COMPACT.join(newest, (COMPACT.c.id == newest.c.id) & (COMPACT.c.version == newest.c.version))
    return {row.id: row.data for row in tx.execute(select(COMPACT.c.id, COMPACT.c.data).select_from(joined))}


def add_compact(tx: Connection, id_: str, version: int, digest: str, data: bytes) -> None:
    """Keep a compact that every member signed."""
    tx.execute(COMPACT.insert(), {"id": id_, "version": version, "digest": digest, "data": data})


def acts(tx: Connection, compact: str) -> list[bytes]:
    """Return the acts (suspend, resume, end) on one compact, by party and serial."""
    where = ACT.c.compact == compact
    return list(tx.execute(select(ACT.c.data).where(where).order_by(ACT.c.party, ACT.c.serial)).scalars())


def add_act(tx: Connection, compact: str, party: str, serial: int, data: bytes) -> None:
    """Keep an act that was accepted."""
    tx.execute(upsert(ACT, ("data",)), {"compact": compact, "party": party, "serial": serial, "data": data})


def add_evidence(tx: Connection, party: str, problem: Shown, at: datetime, data: bytes) -> None:
    """Keep bytes that show what somebody did, with what is wrong about them."""
    row = {"party": party, "code": problem.code, "says": problem.says, "at": at.isoformat(), "data": data}
    tx.execute(EVIDENCE.insert(), row)


def evidence(tx: Connection) -> list[Any]:
    """Return all evidence, oldest first."""
    return list(tx.execute(select(EVIDENCE).order_by(EVIDENCE.c.number)).all())
