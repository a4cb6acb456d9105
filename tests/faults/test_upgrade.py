"""A node's database brought to a later version's form: all of it or none, killed after any step, and never under a node.

The later version is this one with one more revision and other versions of its views (`later.py`). The database is of a
border at work: it holds what its party sent, received, answered and countersigned.
"""

import shutil
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from sqlalchemy import Engine, MetaData, select

from amanat import node
from amanat.demo import cast
from amanat.officer.audit import LOG
from amanat.store import database, migrations, postgres, schema, sqlite, turns
from amanat.store.tables import RECORD
from audit import check_pair
from faults import later
from faults.mortal import PATIENCE, forked
from faults.plug import furnish, give
from faults.served import serving
from faults.test_killed_nodes import Desk, check_node
from server import Server
from wire import TRUST, eventually, free_port

REPORTS = 12
PARTIES = ("pk", "af", "obs")
CARRIED = (("pk", "af"), ("af", "obs"), ("af", "pk"), ("obs", "af"))


@pytest.fixture(scope="module")
def versions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The later version's revisions."""
    return later.revisions(tmp_path_factory.mktemp("later") / "versions")


@pytest.fixture(scope="module")
def met(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three parties in the midst of an exchange."""
    folder = tmp_path_factory.mktemp("met") / "border"
    furnish(folder, REPORTS)
    for number, (sender, recipient) in enumerate(CARRIED):
        carry(folder, sender, recipient, f"before-{number}")
    return folder


@pytest.fixture
def border(met: Path, tmp_path: Path) -> Path:
    """A copy of them."""
    return shutil.copytree(met, tmp_path / "border")


def carry(folder: Path, sender: str, recipient: str, name: str) -> None:
    """Carry a stick from one to the other."""
    written = give(folder, f"bundle export -C {sender} --to {recipient} --out {name} --passphrase-file {sender}.pass")
    taken = give(folder, f"bundle import -C {recipient} {name} --passphrase-file {recipient}.pass")
    assert (written.code, taken.code) == (0, 0), written.err + taken.err


def opened(party: Path) -> Engine:
    """A party's database, of whatever revision."""
    where = node.database_of(party)
    return postgres.open_any(where) if database.served(where) else sqlite.open_any(where)


def holds(folder: Path, party: str = "af") -> dict[str, list[str]]:
    """All rows of all tables of a party, as they stand in its database, but for those of what commands were given."""
    engine, held = opened(folder / party), MetaData()
    with turns.reading(engine) as tx:
        held.reflect(tx, only=lambda name, _: not name.startswith("text_index"))
        rows = {table.name: tx.execute(select(table)).mappings().all() for table in held.sorted_tables}
    engine.dispose()
    return {
        name: sorted(str(row) for row in found if name != LOG and row.get("log") != LOG) for name, found in rows.items()
    }


def upgraded(versions: Path, folder: Path, last: str = "") -> int:
    """Give the later version's command; return how it ended."""
    ran = forked(later.upgrade, versions, folder, "af", last)
    ran.join(PATIENCE)
    assert ran.exitcode is not None
    return ran.exitcode


def said(folder: Path) -> str:
    return (folder / "af.said").read_text("utf-8")


def check_all(folder: Path) -> None:
    """What must hold of a border holds, and its records still find their way."""
    for number, (sender, recipient) in enumerate(2 * CARRIED):
        carry(folder, sender, recipient, f"after-{number}")
    desks = [Desk(party, node.open_node(folder / party, cast.passphrase(party))) for party in PARTIES]
    for one in desks:
        check_node(one)
        for other in desks:
            if one is not other:
                check_pair(one, other)
    for one in desks:
        one.means.engine.dispose()


# --- all of it or none ------------------------------------------------------------------------------------------------


def test_all_records_are_there_afterwards_and_the_views_made_anew(versions: Path, border: Path) -> None:
    before = holds(border)
    assert upgraded(versions, border) == 0
    after = holds(border)
    assert said(border).startswith(f"Brought the database from revision {schema.REVISION} to {later.REVISION}.\n")
    assert [each.replace(", 'later': 'none'", "") for each in after["record"]] == before["record"]
    assert after["intelligence_report"] == before["intelligence_report"] != []
    same = before.keys() - {"record", "revision", "view"}
    assert {name: after[name] for name in same} == {name: before[name] for name in same}
    assert upgraded(versions, border) == 0
    assert said(border) == f"The database is of revision {later.REVISION} already.\n"
    assert holds(border) == after


@pytest.mark.parametrize("last", later.STEPS)
def test_killed_after_any_step_it_is_whole_and_the_same_command_does_the_rest(
    versions: Path, border: Path, last: str
) -> None:
    before, whole = holds(border), shutil.copytree(border, border.with_name("whole"))
    assert upgraded(versions, whole) == 0
    assert upgraded(versions, border, last) == -signal.SIGKILL
    committed = last in ("their commit", "the making of empty views")
    assert (holds(border) == before) is not committed
    assert holds(border)["revision"] == holds(whole if committed else border)["revision"]
    assert upgraded(versions, border) == 0
    assert holds(border) == holds(whole)
    copy = border / "af" / f"{node.DATABASE}.before-{later.REVISION}"
    assert copy.is_file()
    assert (
        give(border, "audit -C af --passphrase-file af.pass").code == 2
    )  # this version refuses what the later one made
    copy.replace(border / "af" / node.DATABASE)
    assert holds(border) == before


def test_how_far_views_are_made_anew_is_shown(versions: Path, border: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[tuple[int, int]] = []

    def watch(records: Iterator[bytes], count: int) -> Iterator[bytes]:
        for number, each in enumerate(records, 1):
            shown.append((number, count))
            yield each

    for module, name in ((schema, "REVISION"), (migrations, "upgrade"), (node, "find")):
        monkeypatch.setattr(module, name, getattr(module, name))  # so that it is put back
    later.become_later(versions)
    node.upgrade(border / "af", cast.passphrase("af"), watch)
    assert shown == [(number, REPORTS) for number in range(1, REPORTS + 1)]


def test_a_border_goes_on_with_a_node_that_was_upgraded(versions: Path, border: Path) -> None:
    assert upgraded(versions, border, "the making of empty views") == -signal.SIGKILL
    assert upgraded(versions, border) == 0
    back = opened(border / "af")
    with back.begin() as tx:  # the column that was added is in nobody's way
        assert len(tx.execute(select(RECORD.c.id)).all()) == REPORTS
        tx.execute(schema.MADE_BY.update().values(version_num=schema.REVISION))
    back.dispose()
    check_all(border)


# --- never under a node -----------------------------------------------------------------------------------------------


@contextmanager
def served(folder: Path) -> Iterator[None]:
    """Serve af until the block ends."""
    port = free_port()
    with (folder / "af" / "node.toml").open("a", encoding="utf-8") as file:
        file.write(f"port = {port}\n")

    def ready() -> bool:
        try:
            return httpx.get(f"http://127.0.0.1:{port}/health/ready", verify=TRUST).status_code == 204
        except httpx.HTTPError:
            return False

    with serving(folder, "af"):
        eventually(ready)
        yield


@pytest.mark.parametrize("place", ["sqlite", "postgresql"])
def test_it_is_refused_while_the_node_is_served(
    versions: Path, border: Path, tmp_path: Path, place: str, request: pytest.FixtureRequest
) -> None:
    if place == "postgresql":
        server: Server = request.getfixturevalue("server")
        border = tmp_path / "on-server"
        furnish(border, REPORTS, {"af": server.address(server.new())})
    with served(border):
        before = holds(border)
        assert upgraded(versions, border) == 4
        assert said(border).startswith("error: Another program holds ")
        after = holds(border)  # and the node goes on to write: whose desk is attended it says as it begins
        assert (after["revision"], after["view"]) == (before["revision"], before["view"])
        assert set(before["record"]) <= set(after["record"])
    assert upgraded(versions, border) == 0
