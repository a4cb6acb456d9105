"""Filters that officers keep by a name: each officer's own, and nobody else's."""

from sqlalchemy import Connection, delete, select

from amanat.store.dialect import upsert
from amanat.store.tables import SAVED


def of(tx: Connection, officer: int) -> dict[str, str]:
    """Return an officer's filters: the address of each by its name, in the order of names."""
    query = select(SAVED.c.name, SAVED.c.address).where(SAVED.c.officer == officer).order_by(SAVED.c.name)
    return {row.name: row.address for row in tx.execute(query)}


def put(tx: Connection, officer: int, name: str, address: str) -> None:
    """Keep a filter; one of the same name gives way to it."""
    upsert(tx, SAVED, ("address",), {"officer": officer, "name": name, "address": address})


def remove(tx: Connection, officer: int, name: str) -> None:
    """Forget a filter."""
    tx.execute(delete(SAVED).where(SAVED.c.officer == officer, SAVED.c.name == name))
