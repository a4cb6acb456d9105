"""Backups put back where they are needed: on a server or in a file, and by a version later than the one that made them."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import create_engine, insert

from amanat import node, settings
from amanat.cli import main
from amanat.store import database, marks, migrations, schema, turns
from amanat.store.tables import MARK, PASSKEY
from cheap import cheap_keys
from server import Server

SPOKEN = "correct horse battery"


@pytest.fixture(autouse=True)
def _cheap() -> Iterator[None]:
    with cheap_keys():
        yield


@pytest.fixture
def here(tmp_path: Path) -> Path:
    """A folder with a passphrase, and one for backup keys."""
    (tmp_path / "pass").write_text(f"{SPOKEN}\n")
    (tmp_path / "safe").mkdir()
    return tmp_path


@pytest.fixture
def places(server: Server) -> Iterator[tuple[str, str]]:
    """Two places on a server, with nothing in them."""
    names = [server.new("template0") for _ in range(2)]
    yield server.address(names[0]), server.address(names[1])
    for name in names:
        server.drop(name)


def run(*words: object) -> None:
    assert main([str(each) for each in words]) == 0


def back_up(here: Path, folder: Path) -> Path:
    """Draw a key, and back a node up; return where the key is."""
    run("node", "backup-keys", here / "safe", "-C", folder, "--months", 1, "--passphrase-file", here / "pass")
    run("node", "backup", "-C", folder, "--out", here / "copy")
    (key,) = (here / "safe").glob("*.key")
    return key


def put_back(here: Path, key: Path, folder: Path) -> None:
    run("node", "restore", here / "copy", "--key", key, "-C", folder, "--passphrase-file", here / "pass")


def on_server(folder: Path, where: str) -> None:
    folder.mkdir(exist_ok=True)
    (folder / settings.FILE).write_text(f'database = "{where}"\n')


def said(folder: Path) -> tuple[str, bool]:
    """Whose node it is, and whether it is held back."""
    means = node.open_node(folder, SPOKEN)
    with turns.reading(means.engine) as tx:
        held_back = marks.at(tx, "restored") is not None
    means.engine.dispose()
    return means.party, held_back


def test_a_node_on_a_server_is_put_back_on_another(here: Path, places: tuple[str, str]) -> None:
    on_server(here / "pk", places[0])
    node.create(here / "pk", "pk", SPOKEN).engine.dispose()
    key = back_up(here, here / "pk")
    on_server(here / "again", places[1])
    put_back(here, key, here / "again")
    assert said(here / "pk") == ("pk", False)
    assert said(here / "again") == ("pk", True)
    assert not (here / "again" / node.DATABASE).exists()


def test_a_node_on_a_server_is_put_back_in_a_file(here: Path, places: tuple[str, str]) -> None:
    on_server(here / "pk", places[0])
    node.create(here / "pk", "pk", SPOKEN).engine.dispose()
    key = back_up(here, here / "pk")
    (here / "again").mkdir()
    (here / "again" / settings.FILE).write_text("")
    put_back(here, key, here / "again")
    assert said(here / "again") == ("pk", True)


def test_nothing_is_put_over_what_a_servers_database_holds(
    here: Path, places: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    on_server(here / "pk", places[0])
    node.create(here / "pk", "pk", SPOKEN).engine.dispose()
    key = back_up(here, here / "pk")
    words = ["node", "restore", here / "copy", "--key", key, "-C", here / "again", "--passphrase-file", here / "pass"]
    assert main([str(each) for each in words]) != 0
    assert "exists already" in capsys.readouterr().err
    assert not (here / "again" / node.KEY_FILE).exists()


@pytest.mark.promised("a passkey made with a stolen password", "docs/operating.md", "Restoring", "removes all passkeys")
def test_no_passkey_of_then_lets_anybody_in(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    means = node.create(here / "pk", "pk", SPOKEN)
    made = {"domain": "node.example", "name": "lost since", "public_key": b"", "counter": 0, "created": "then"}
    with turns.writing(means.engine) as tx:
        tx.execute(insert(PASSKEY), {"id": "abc", "officer": 1} | made)
    means.engine.dispose()
    put_back(here, back_up(here, here / "pk"), here / "again")
    engine = database.open_existing(str(here / "again" / node.DATABASE))
    with turns.reading(engine) as tx:
        assert tx.execute(PASSKEY.select()).all() == []
    engine.dispose()
    assert "passkeys" not in capsys.readouterr().err, "nobody may sign in: nothing is said of how"


def test_a_backup_of_an_earlier_version_is_brought_up_to_date(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Its database is one that the first revision made, with something in it."""
    node.create(here / "pk", "pk", SPOKEN).engine.dispose()
    old = msgspec.structs.replace(node.read_key(here / "pk", SPOKEN).secrets, own="")
    node.write_key(here / "pk", node.NodeKey("pk", old), SPOKEN)
    (here / "pk" / node.DATABASE).unlink()
    earlier = create_engine(f"sqlite:///{here / 'pk' / node.DATABASE}")
    with earlier.begin() as tx:
        migrations.upgrade(tx, "0001")
        tx.execute(insert(MARK), {"name": "held", "at": "then", "detail": ""})
    earlier.dispose()
    (here / "pk" / "backup-keys").mkdir()
    node.create(here / "keys", "pk", SPOKEN).engine.dispose()
    key = back_up(here, here / "keys")
    (here / "copy").unlink()
    (public,) = (here / "safe").glob("*.pub")
    run("node", "backup", "-C", here / "pk", "--out", here / "copy", "--to", public)
    put_back(here, key, here / "again")
    told = capsys.readouterr().err
    assert f"Brought the database from revision 0001 to {schema.REVISION}" in told
    assert f"First of all: `amanat node upgrade -C {here / 'again'}`" in told
    assert said(here / "again") == ("pk", True)
    engine = database.open_existing(str(here / "again" / node.DATABASE))
    with turns.reading(engine) as tx:
        assert "then" in tx.execute(MARK.select().with_only_columns(MARK.c.at)).scalars().all()
    engine.dispose()
    assert list((here / "again").glob("*before*")) == []
    run("node", "upgrade", "-C", here / "again", "--passphrase-file", here / "pass")
    assert node.read_key(here / "again", SPOKEN).secrets.own
