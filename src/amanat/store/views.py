"""Views in the database: tables derived from records. They have versions and no migrations: another is made anew."""

from collections.abc import Iterator, Mapping

from sqlalchemy import Connection, MetaData, Select, func, or_, select

from amanat.store.dialect import upsert
from amanat.store.tables import RECORD, VIEW

_READ_AT_ONCE = 256


def outdated(tx: Connection, versions: Mapping[str, int]) -> list[str]:
    """Return the names of those views that stand here in another version, or not at all."""
    held = {row.name: row.version for row in tx.execute(select(VIEW))}
    return sorted(name for name, version in versions.items() if held.get(name) != version)


def make(tx: Connection, name: str, tables: MetaData, version: int) -> None:
    """Drop every table of that name ("intelligence" owns "intelligence_…"), and make these, empty."""
    old = MetaData()
    old.reflect(tx, only=lambda table, _: table.startswith(f"{name}_"))
    old.drop_all(tx)
    tables.create_all(tx)
    upsert(tx, VIEW, ("version",), {"name": name, "version": version})


def sources(tx: Connection, names: list[str]) -> tuple[int, Iterator[bytes]]:
    """Return how many records are kept of which the named views are made, and their bytes one after the other."""
    of_them = or_(*(RECORD.c.kind.startswith(f"{name}.", autoescape=True) for name in names))
    where = (of_them, RECORD.c.data.is_not(None))
    count = tx.execute(select(func.count()).select_from(RECORD).where(*where)).scalar_one()
    return count, _each(tx, select(RECORD.c.data).where(*where).order_by(RECORD.c.party, RECORD.c.id))


def _each(tx: Connection, query: Select[bytes]) -> Iterator[bytes]:
    with tx.execute(query.execution_options(yield_per=_READ_AT_ONCE)) as found:
        yield from found.scalars()
