"""Which tables a database must have to be a node's: made whole, and known by the number of the revision that made them.

Core tables have migrations (`store/migrations`); views have none. A database of another revision is refused by name.
"""

from typing import Final

from sqlalchemy import Column, Connection, MetaData, String, Table, inspect, select

from amanat.party.errors import Invalid
from amanat.store.failing import foreign
from amanat.store.tables import METADATA

REVISION: Final = "0015"
"""The newest revision in `store/migrations/versions`: ordinals, so that of two the later is the greater."""

MADE_BY: Final = Table("revision", MetaData(), Column("version_num", String(32), primary_key=True))  # in alembic's form


def make(tx: Connection) -> None:
    """Make the core's tables in an empty database."""
    METADATA.create_all(tx)
    MADE_BY.create(tx)
    tx.execute(MADE_BY.insert(), {"version_num": REVISION})


def names(tx: Connection) -> set[str]:
    """Return the names of all tables that stand here, the views' too."""
    return set(inspect(tx).get_table_names())


def revision(tx: Connection, where: str) -> str:
    """Return by which revision a node's database was made. Raises `Fault` for what is none."""
    if MADE_BY.name not in names(tx):
        raise foreign(where, "nothing in it says which version made it")
    held: list[str] = list(tx.execute(select(MADE_BY.c.version_num)).scalars())
    if len(held) != 1:
        raise foreign(where, "nothing in it says which version made it")
    return held[0]


def require_current(tx: Connection, where: str) -> None:
    """Refuse a database that is not a node's (`Fault`), or is one of another revision (`Invalid`)."""
    held = revision(tx, where)
    if held < REVISION:
        raise Invalid(
            "store.old",
            f"{where} is of revision {held}, and this version works with {REVISION}.",
            "Stop the node, back it up, then bring it up to date.",
        )
    if held > REVISION:
        raise Invalid(
            "store.newer",
            f"{where} is of revision {held}, which a later version made; this one knows up to {REVISION}.",
            "Install that version again; nothing was changed.",
        )
    lacking = METADATA.tables.keys() - names(tx)
    if lacking:
        raise foreign(where, f"it has no {', '.join(sorted(lacking))}")
