"""What a node remembers of itself: last service, backup and audit, that it is put back to an old copy, recalls told."""

from datetime import datetime
from typing import Literal, get_args

from sqlalchemy import Connection, delete, select

from amanat.party.errors import Refused
from amanat.store.dialect import upsert
from amanat.store.tables import MARK

Name = Literal["restored", "backup", "recalls", "audit", "alive"]

_AT = {name: select(MARK.c.at).where(MARK.c.name == name) for name in get_args(Name)}


def put(tx: Connection, name: Name, at: datetime, detail: str = "") -> None:
    """Note when something happened last."""
    upsert(tx, MARK, ("at", "detail"), {"name": name, "at": at.isoformat(), "detail": detail})


def at(tx: Connection, name: Name) -> datetime | None:
    """Return when something happened last, None for never."""
    text = tx.execute(_AT[name]).scalar_one_or_none()
    return None if text is None else datetime.fromisoformat(text)


def detail(tx: Connection, name: Name) -> str:
    """Return what was said of it when it happened last; "" for never."""
    return tx.execute(select(MARK.c.detail).where(MARK.c.name == name)).scalar_one_or_none() or ""


def drop(tx: Connection, name: Name) -> None:
    """Forget it."""
    tx.execute(delete(MARK).where(MARK.c.name == name))


def require_own_history(tx: Connection) -> None:
    """Raise `Refused` while this database is an old copy: what it signed would contradict what was signed since."""
    if at(tx, "restored") is not None:
        raise Refused(
            "node.restored",
            "This node was put back to an old copy, and signs nothing until it knows what it signed since.",
            "Hear what its peers hold.",
            by="its own log",
        )
