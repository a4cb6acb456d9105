"""The core's tables came to be what they are by revisions, on both databases, and nothing in a database is lost by them."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import produce_migrations, render_python_code
from alembic.migration import MigrationContext
from sqlalchemy import (
    BigInteger,
    Connection,
    Engine,
    LargeBinary,
    MetaData,
    Table,
    create_engine,
    insert,
    inspect,
    select,
    update,
)

from amanat.party.errors import Fault, Invalid
from amanat.store import database, migrations, postgres, schema, sqlite
from amanat.store.tables import LOST, METADATA
from server import Server

VERSIONS = Path(migrations.__file__).parent / "versions"


@pytest.fixture(params=["sqlite", "postgresql"])
def where(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A place where nothing is yet."""
    if request.param == "sqlite":
        yield str(tmp_path / "node.sqlite")
    else:
        server: Server = request.getfixturevalue("server")
        name = server.new("template0")
        yield server.address(name)
        server.drop(name)


def plainly(where: str) -> Engine:
    """Open what may not be a node's yet."""
    return create_engine(where.replace(":", "+psycopg:", 1) if database.served(where) else f"sqlite:///{where}")


@pytest.fixture
def old(where: str) -> Iterator[Engine]:
    """A database that revision 0001 made, with a row in each of its tables."""
    engine = plainly(where)
    with engine.begin() as tx:
        migrations.upgrade(tx, "0001")
        for table in tables(tx):
            tx.execute(insert(table), row(table))
    yield engine
    engine.dispose()


def tables(tx: Connection) -> list[Table]:
    """All tables that stand in a database, but the one that says which revision made them."""
    held = MetaData()
    held.reflect(tx, only=lambda name, _: name != schema.MADE_BY.name and not name.startswith("text_index"))
    return held.sorted_tables


def row(table: Table) -> dict[str, Any]:
    """Something for every column."""
    made: dict[type, Any] = {str: "text", int: 2, bytes: b"\0bytes", bool: True}
    return {
        column.name: made[bytes if isinstance(column.type, LargeBinary) else column.type.python_type]
        for column in table.columns
    }


def drift(tx: Connection) -> str:
    """The code of the revision that is missing, if any: copy it into a new file of `store/migrations/versions`."""
    options = {
        "version_table": schema.MADE_BY.name,
        "target_metadata": METADATA,
        "include_name": lambda name, _type, _parents: (
            not str(name).startswith("text_index")
        ),  # SQL of their own make it
    }
    found = produce_migrations(MigrationContext.configure(tx, opts=options), METADATA).upgrade_ops
    assert found is not None
    return "" if found.is_empty() else render_python_code(found, render_as_batch=True)


def test_the_revisions_make_what_the_tables_say(where: str) -> None:
    engine = plainly(where)
    with engine.begin() as tx:
        migrations.upgrade(tx)
        missing = drift(tx)
        assert missing == "", missing
        schema.require_current(tx, where)
    engine.dispose()


def test_a_new_database_is_one_that_all_revisions_made(where: str) -> None:
    engine = database.create(where)
    with engine.begin() as tx:
        assert drift(tx) == ""
        assert schema.revision(tx, where) == schema.REVISION
        migrations.upgrade(tx)  # there is none to run
    engine.dispose()


def test_revisions_are_ordinals_and_the_last_is_the_one_we_work_with() -> None:
    numbers = sorted(path.stem[1:5] for path in VERSIONS.glob("r*.py"))
    assert numbers == [f"{at:04}" for at in range(1, len(numbers) + 1)]
    assert numbers[-1] == schema.REVISION


def test_numbers_have_room_for_whatever_a_peer_counts() -> None:
    """In PostgreSQL a plain INTEGER ends at two thousand million."""
    narrow = [
        f"{table.name}.{column.name}"
        for table in METADATA.sorted_tables
        for column in table.columns
        if column.type.python_type is int and not isinstance(column.type, BigInteger)
    ]
    assert narrow == []


def test_a_database_of_the_first_revision_is_brought_up_to_date_with_all_that_is_in_it(old: Engine, where: str) -> None:
    with old.begin() as tx:
        before = {table.name: [dict(each) for each in tx.execute(select(table)).mappings()] for table in tables(tx)}
    old.dispose()
    database.upgrade(where)
    engine = database.open_existing(where)
    with engine.begin() as tx:
        after = {table.name: [dict(each) for each in tx.execute(select(table)).mappings()] for table in tables(tx)}
    engine.dispose()
    assert all(
        [{**new, **was} for new, was in zip(after[name], rows, strict=True)] == after[name]
        for name, rows in before.items()
    )


def test_a_token_that_had_no_end_gets_one(old: Engine, where: str) -> None:
    with old.begin() as tx:
        made = {"created": "2026-01-01T00:00:00+00:00", "expires": None}
        tx.execute(update(next(each for each in tables(tx) if each.name == "token")).values(made))
    old.dispose()
    database.upgrade(where)
    engine = database.open_existing(where)
    with engine.begin() as tx:
        assert tx.execute(select(METADATA.tables["token"].c.expires)).scalar_one() == "2026-04-01T00:00:00+00:00"
    engine.dispose()


def test_an_entry_that_was_lost_before_revision_0002_stands_by_itself(old: Engine, where: str) -> None:
    old.dispose()
    database.upgrade(where)
    engine = database.open_existing(where)
    with engine.begin() as tx:
        assert tx.execute(select(LOST.c.log_index, LOST.c.last)).one() == (2, 2)
    engine.dispose()


def with_revision(folder: Path, *does: str) -> Path:
    """The revisions there are, and one more that does this."""
    versions = folder / "versions"
    versions.mkdir()
    for path in VERSIONS.glob("r*.py"):
        (versions / path.name).write_bytes(path.read_bytes())
    lines = ["import sqlalchemy as sa", "from alembic import op", "revision = '9999'"]
    lines += [f"down_revision = '{schema.REVISION}'", "def upgrade():", *(f"    {each}" for each in does)]
    (versions / "r9999_later.py").write_text("\n".join(lines))
    return versions


def test_a_later_revision_changes_what_it_says_and_keeps_the_rest(old: Engine, tmp_path: Path) -> None:
    """A revision such as others will write: a column with a value for the rows that are there."""
    column = "sa.Column('note', sa.String, nullable=False, server_default='none')"
    versions = with_revision(tmp_path, "with op.batch_alter_table('peer') as table:", f"    table.add_column({column})")
    with old.begin() as tx:
        migrations.upgrade(tx, versions=versions)
    with old.begin() as tx:
        assert schema.revision(tx, "here") == "9999"
        held = {table.name: table for table in tables(tx)}
        assert tx.execute(select(held["peer"])).mappings().one() == {**row(METADATA.tables["peer"]), "note": "none"}
        assert tx.execute(select(held["record"].c.data)).scalar_one() == b"\0bytes"


def test_a_revision_that_fails_leaves_the_database_as_it_was(old: Engine, where: str, tmp_path: Path) -> None:
    old.dispose()
    versions = with_revision(tmp_path, "op.drop_table('record')", "1 / 0")
    engine = opened(where)
    with pytest.raises(ZeroDivisionError):
        run(engine, versions)
    with engine.begin() as tx:
        assert schema.revision(tx, "here") == "0001"
        assert "record" in inspect(tx).get_table_names()
    engine.dispose()


def opened(where: str) -> Engine:
    """As a node opens it for an upgrade: with its own way to begin."""
    return postgres.open_any(where) if database.served(where) else sqlite.open_any(where)


def run(engine: Engine, versions: Path) -> None:
    with engine.begin() as tx:
        migrations.upgrade(tx, versions=versions)


# --- refusing another revision ----------------------------------------------------------------------------------------


def of_revision(where: str, number: str) -> None:
    engine = database.create(where)
    with engine.begin() as tx:
        tx.execute(schema.MADE_BY.update().values(version_num=number))
    engine.dispose()


def test_an_older_database_is_refused_with_what_mends_it(where: str) -> None:
    of_revision(where, "0000")
    with pytest.raises(Invalid, match="bring it up to date") as caught:
        database.open_existing(where)
    assert caught.value.code == "store.old"


@pytest.mark.parametrize("opens", [database.open_existing, database.upgrade])
def test_a_newer_database_is_refused_and_not_touched(where: str, opens: Callable[[str], object]) -> None:
    of_revision(where, "9999")
    with pytest.raises(Invalid) as caught:
        opens(where)
    assert caught.value.code == "store.newer"


def test_a_database_that_says_nothing_of_its_revision_is_no_nodes(where: str) -> None:
    engine = database.create(where)
    with engine.begin() as tx:
        schema.MADE_BY.drop(tx)
    engine.dispose()
    with pytest.raises(Fault) as caught:
        database.open_existing(where)
    assert caught.value.code == "store.missing"


def test_the_file_as_it_was_stands_beside_it_for_its_owner_alone(tmp_path: Path) -> None:
    engine = sqlite.create(str(tmp_path / "node.sqlite"))
    sqlite.copy(engine, tmp_path / "copy")
    engine.dispose()
    assert (tmp_path / "copy").stat().st_mode & 0o777 == 0o600
    database.open_existing(str(tmp_path / "copy")).dispose()
