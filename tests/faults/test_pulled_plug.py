"""Whenever the power goes, what was said to be done is done, and the same command given again does the rest.

Random moments are drawn from a seed each, over the time that the whole command takes: `--kills 200` draws more of them
than the gate does, and what is printed with a failure draws the same one again. Besides, commands are killed as they
ask the disk to hold each thing that they write; and what they ask is read from a trace.
"""

import json
import random
import re
import shutil
import signal
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import select

import remains
from amanat import node
from amanat.demo import cast
from amanat.exchange import bundle
from amanat.exchange.bundle import Item
from amanat.exchange.withdraw import withdraw
from amanat.log.proof import parse_proof
from amanat.party import dsse, labels
from amanat.record.notices import Withdrawal
from amanat.store import sqlite
from amanat.store.tables import ENVELOPE, RECORD
from faults.plug import BATCH, POST, Database, Outlet, Run, furnish, outlet, stands, stick, traced

REPORTS = 4 * BATCH - 8
FEW, RECALLED = 24, 12  # reports where there are many things to try, and how many of them are to be destroyed
IMPORT = "bundle import -C af to-af --passphrase-file af.pass"
EXPORT = "bundle export -C af --to pk --out to-pk --passphrase-file af.pass"
SEND = "send -C pk report.json --compact pk-af --to af --post torkham/duty --exercise --passphrase-file pk.pass"
ERASE = "erase -C af --yes --passphrase-file af.pass"
SPREAD = 10  # moments: so many are spread enough for something to be asked of all of them together


@dataclass(frozen=True)
class Scene:
    """Where a command is given: the folder before, what an unkilled one makes of it, and what af holds in either."""

    before: Path
    after: Path
    run: Run
    nothing: Database
    all: Database


@pytest.fixture(scope="module")
def mains() -> Iterator[Outlet]:
    with outlet() as made:
        yield made


@pytest.fixture(scope="module")
def hurt() -> Iterator[Outlet]:
    with outlet() as made:
        yield made


def furnished(folder: Path, reports: int) -> Path:
    """Three parties, and a stick of pk for af on which a courier damaged one envelope and one manifest; then a recall."""
    sent = furnish(folder, reports)

    def damage(items: list[Item]) -> list[Item]:
        first = next(at for at, item in enumerate(items) if item.type == "envelope")
        copy = Item("envelope", items[first].data[:-1] + bytes([items[first].data[-1] ^ 1]))
        return [Item("manifest", b"{}"), *items[:first], copy, *items[first:]]

    stick(folder, "to-af", damage)
    means = node.open_node(folder / "pk", cast.passphrase("pk"))
    for each in sent[:RECALLED]:
        withdraw(each.record.fields.id, Withdrawal("mistaken"), POST, means)
    means.engine.dispose()
    stick(folder, "recall", list)
    return folder


def scene(mains: Outlet, before: Path, command: str, name: str) -> Scene:
    """Give a command in a copy of a folder, and let its database be audited."""
    after = shutil.copytree(before, before.with_name(name))
    run = mains.run(after, command)
    assert run.code == 0, run.err
    assert mains.run(after, "audit -C af --passphrase-file af.pass").code == 0
    return Scene(before, after, run, stands(before / "af"), stands(after / "af"))


@pytest.fixture(scope="module")
def importing(mains: Outlet, tmp_path_factory: pytest.TempPathFactory) -> Scene:
    return scene(mains, furnished(tmp_path_factory.mktemp("many") / "furnished", REPORTS), IMPORT, "imported")


@pytest.fixture(scope="module")
def exporting(mains: Outlet, importing: Scene) -> Scene:
    return scene(mains, importing.after, EXPORT, "exported")


@pytest.fixture(scope="module")
def importing_few(mains: Outlet, tmp_path_factory: pytest.TempPathFactory) -> Scene:
    return scene(mains, furnished(tmp_path_factory.mktemp("few") / "furnished", FEW), IMPORT, "imported")


@pytest.fixture(scope="module")
def exporting_few(mains: Outlet, importing_few: Scene) -> Scene:
    return scene(mains, importing_few.after, EXPORT, "exported")


@pytest.fixture(scope="module")
def erasing_few(mains: Outlet, importing_few: Scene) -> Scene:
    folder = shutil.copytree(importing_few.after, importing_few.after.with_name("recalled"))
    assert mains.run(folder, IMPORT.replace("to-af", "recall")).code == 0
    return scene(mains, folder, ERASE, "erased")


@pytest.fixture
def seeds(request: pytest.FixtureRequest) -> range:
    """Of all moments; the even ones are for imports, the odd ones for exports."""
    first = int(request.config.getoption("--first-kill"))
    return range(first, first + int(request.config.getoption("--kills")))


# --- what is asked ----------------------------------------------------------------------------------------------------


@contextmanager
def told_how_to_repeat(seed: int) -> Iterator[None]:
    try:
        yield
    except AssertionError as error:
        error.add_note(f"again: --kills 1 --first-kill {seed}")
        raise


def killed(mains: Outlet, at: Scene, command: str, seed: int, folder: Path) -> Run:
    """Give a command in a copy of its folder, and pull its plug at the moment that the seed draws."""
    shutil.copytree(at.before, folder)
    moment = random.Random(seed).random()  # noqa: S311 - so that it can be drawn again
    return mains.run(folder, command, after=moment * at.run.seconds)


def check_said(folder: Path, said: str) -> None:
    """What af said it accepted stands in its log where it said."""
    accepted = re.findall(r"^accepted +(\w+):(\S+) .* our log (\d+)\n", said, re.MULTILINE)
    logged = {(row["party"], row["id"], str(row["log_index"])) for row in stands(folder / "af")["record"]}
    assert set(accepted) <= logged


def check_state(mains: Outlet, folder: Path, at: Scene) -> str:
    """Say how much of a command is done at af; what is between nothing and all is audited as those two were."""
    now = stands(folder / "af")
    if now in (at.nothing, at.all):
        return "nothing" if now == at.nothing else "all"
    check_audit(mains, folder, "af")
    return "part"


def check_audit(mains: Outlet, folder: Path, party: str) -> None:
    """All that stands is as it was signed and logged; a copy is audited, so that what was left is left as it is."""
    shutil.copytree(folder / party, folder / "audited")
    run = mains.run(folder, f"audit -C audited --passphrase-file {party}.pass")
    assert run.code == 0, run.out + run.err
    shutil.rmtree(folder / "audited")


def check_spread(runs: list[Run], states: Counter[str]) -> None:
    """The moments fell into the work: many runs died of it, and left the database in more than one state."""
    if len(runs) >= SPREAD:
        assert sum(run.code == -9 for run in runs) >= len(runs) / 3
        assert states["nothing"] + states["part"] >= len(runs) / 5  # a run on a busier machine measured the moments
        assert len(states) >= 2, states


def parts(folder: Path) -> list[str]:
    """Names of all files that are there and that nobody asked for."""
    known = {"node.key", "node.sqlite", "manifest.json", "stdout", "stderr", "to-af", "to-pk", "recall", "report.json"}
    return [
        each.name
        for each in folder.rglob("*")
        if each.is_file() and each.name not in known and not each.name.endswith((".pass", "-wal", "-shm"))
        if not each.name.startswith("custodian-")
    ]


# --- at random moments ------------------------------------------------------------------------------------------------


def test_an_import_cut_off_loses_nothing_and_is_completed_by_the_same_command(
    mains: Outlet, importing: Scene, seeds: range, tmp_path: Path
) -> None:
    runs, states = [], Counter[str]()
    for seed in (each for each in seeds if each % 2 == 0):
        with told_how_to_repeat(seed):
            folder = tmp_path / str(seed)
            runs.append(killed(mains, importing, IMPORT, seed, folder))
            check_said(folder, runs[-1].out)
            states[check_state(mains, folder, importing)] += 1
            again = mains.run(folder, IMPORT)
            assert (again.code, stands(folder / "af"), parts(folder)) == (0, importing.all, []), again.err
            assert len(re.findall("^(accepted|repeated|refused) ", again.out, re.MULTILINE)) == REPORTS + 1
            shutil.rmtree(folder)
    check_spread(runs, states)


def test_an_export_cut_off_leaves_a_whole_bundle_or_none_and_then_gives_all_of_it_again(
    mains: Outlet, exporting: Scene, seeds: range, tmp_path: Path
) -> None:
    runs, states = [], Counter[str]()
    for seed in (each for each in seeds if each % 2 == 1):
        with told_how_to_repeat(seed):
            folder = tmp_path / str(seed)
            runs.append(killed(mains, exporting, EXPORT, seed, folder))
            states[check_state(mains, folder, exporting)] += 1
            check_bundle(mains, folder, exporting, runs[-1].err)
            shutil.rmtree(folder)
    check_spread(runs, states)


def check_bundle(mains: Outlet, folder: Path, at: Scene, said: str) -> None:
    """What stands under the bundle's name is all of it, and is not written over; else the same command writes it."""
    file, wanted = folder / "to-pk", answers(at.after / "to-pk")
    assert Counter(kind for kind, _ in wanted) in [{"receipt": each, "refusal": 1} for each in (FEW, REPORTS)]
    assert file.exists() or "Wrote to-pk" not in said
    stood = file.exists()
    run = mains.run(folder, EXPORT)
    assert (run.code, "exists already" in run.err, answers(file)) == (2 if stood else 0, stood, wanted)
    assert parts(folder) == []
    assert stood or stands(folder / "af") == at.all


def answers(file: Path) -> list[tuple[str, str]]:
    """The answers in a bundle that is whole, each by the envelope it is about."""
    with file.open("rb") as stream:
        bundle.verify(stream)
        items = list(bundle.read(stream))
    receipts = [(parse_proof(item.data).extra or b"").hex() for item in items if item.type == "receipt"]
    refusals = [dsse.parse(item.data, labels.REFUSAL, "").body() for item in items if item.type == "refusal"]
    return sorted(
        [("receipt", each) for each in receipts] + [("refusal", json.loads(each)["envelope"]) for each in refusals]
    )


def test_receipts_become_final_after_both_were_cut_off(
    mains: Outlet, importing_few: Scene, exporting_few: Scene, tmp_path: Path
) -> None:
    """What a killed import and a killed export left, carried on by sticks until everybody has countersigned."""
    folder = tmp_path / "border"
    killed(mains, importing_few, IMPORT, 1, folder)
    assert mains.run(folder, IMPORT).code == 0
    mains.run(folder, EXPORT, after=exporting_few.run.seconds / 2)
    for name in ("pk-af-1", "af-obs-2", "af-pk-3", "obs-af-4", "pk-af-5", "af-pk-6"):
        sender, recipient, _ = name.split("-")
        sent = mains.run(
            folder, f"bundle export -C {sender} --to {recipient} --out {name} --passphrase-file {sender}.pass"
        )
        came = mains.run(folder, f"bundle import -C {recipient} {name} --passphrase-file {recipient}.pass")
        assert (sent.code, came.code) == (0, 0), sent.err + came.err
    delivered = Counter((row["recipient"], row["state"]) for row in stands(folder / "pk")["delivery"])
    assert delivered == {("af", "final"): FEW + RECALLED}


# --- at each thing the disk is asked to hold --------------------------------------------------------------------------


@pytest.fixture(
    params=[*(("fdatasync", nth) for nth in range(3, 8)), ("fsync", 1), ("fsync", 2)],
    ids=lambda given: f"{given[0]}-{given[1]}",
)
def cut(request: pytest.FixtureRequest, hurt: Outlet) -> Iterator[Outlet]:
    """An outlet whose commands are killed as they ask that of the disk for the n-th time."""
    asked, nth = request.param
    with hurt.watched("-e", f"trace={asked}", "-e", f"inject={asked}:signal=KILL:when={nth}"):
        yield hurt


def test_a_command_cut_off_as_it_asks_the_disk_loses_nothing(
    mains: Outlet, cut: Outlet, exporting_few: Scene, erasing_few: Scene, tmp_path: Path
) -> None:
    """Send, export and erase; SQLite asks by fdatasync, a bundle's file and folder by fsync."""
    ended = [
        check_send(mains, cut, erasing_few, tmp_path / "send"),
        check_export(mains, cut, exporting_few, tmp_path / "export"),
        check_erase(mains, cut, erasing_few, tmp_path / "erase"),
    ]
    assert -signal.SIGKILL in ended, "nothing was cut off"


def check_send(mains: Outlet, cut: Outlet, at: Scene, folder: Path) -> int:
    """It stands once or not at all, and did if that was said; `outbox` tells an operator who was not told."""
    shutil.copytree(at.before, folder)
    before = len(stands(folder / "pk")["record"])
    run = cut.run(folder, SEND)
    check_audit(mains, folder, "pk")
    stood = len(stands(folder / "pk")["record"]) - before
    assert stood in ((1,) if "Logged at" in run.err or run.out else (0, 1))
    if not stood:
        assert mains.run(folder, SEND).code == 0
    assert len(stands(folder / "pk")["record"]) == before + 1
    assert len(stands(folder / "pk")["delivery"]) == before + 1
    return run.code


def check_export(mains: Outlet, cut: Outlet, at: Scene, folder: Path) -> int:
    shutil.copytree(at.before, folder)
    run = cut.run(folder, EXPORT)
    check_state(mains, folder, at)
    check_bundle(mains, folder, at, run.err)
    return run.code


def check_erase(mains: Outlet, cut: Outlet, at: Scene, folder: Path) -> int:
    """The next erasure destroys the rest, from the raw files too, and gives each word once."""
    shutil.copytree(at.before, folder)
    wanted = secrets(folder / "af")
    run = cut.run(folder, ERASE)
    check_state(mains, folder, at)
    if "Destroyed" not in run.err:
        assert mains.run(folder, ERASE).code == 0
    check_audit(mains, folder, "af")
    assert remains.left(remains.on_disk(folder / "af" / node.DATABASE), wanted) == set()
    kinds = Counter((row["kind"], row["state"]) for row in stands(folder / "af")["record"])
    assert kinds == Counter((row["kind"], row["state"]) for row in at.all["record"])
    assert kinds["record.destroyed/1", "current"] == kinds["intelligence.report/1", "destroyed"] == RECALLED
    return run.code


def secrets(party: Path) -> set[bytes]:
    """What must be gone with the records that were recalled."""
    engine = sqlite.open_existing(str(party / node.DATABASE))
    joined = RECORD.join(ENVELOPE, ENVELOPE.c.digest == RECORD.c.envelope)
    query = select(RECORD.c.data, ENVELOPE.c.data.label("sealed"), ENVELOPE.c.content_key).select_from(joined)
    with engine.begin() as tx:
        found = remains.of_records(tx.execute(query.where(RECORD.c.state == "withdrawn")).all())
    engine.dispose()
    assert len(remains.left(remains.on_disk(party / node.DATABASE), found)) > len(found) / 2
    return found


# --- on the disk before it is said ------------------------------------------------------------------------------------


def asked_and_said(folder: Path, command: str, *besides: str) -> list[str]:
    """What a command asked of the disk, by call and file, and what it said: `fsync FILE`, `say WORDS`, `tell WORDS`."""
    watched = ",".join(("fsync", "fdatasync", "pwrite64", "write", "rename", *besides))
    run = traced(folder, command, "-e", f"trace={watched}")
    assert run.code == 0, run.err
    trace = (folder / "trace").read_text("utf-8")
    calls = re.findall(r'^\d+ +(\w+)\((?:(\d+)<([^>]*)>)?(?:, )?(?:"(.*?)")?', trace, re.MULTILINE)
    streams = {("write", "1"): "say", ("write", "2"): "tell"}
    return [
        f"{streams[call, number]} {words}"
        if (call, number) in streams
        else f"{call.replace('fdata', 'f')} {Path(file).name}"
        for call, number, file, words in calls
    ]


def last(steps: list[str], beginning: str, before: int) -> int:
    """Where among the steps before that one the last stands that begins so."""
    return max(at for at, each in enumerate(steps[:before]) if each.startswith(beginning))


@pytest.mark.parametrize("command", [IMPORT, SEND], ids=["import", "send"])
def test_what_is_acknowledged_is_on_the_disk_before(importing_few: Scene, tmp_path: Path, command: str) -> None:
    """The write-ahead log holds every page of the last transaction, and was asked to hold it for good."""
    folder = shutil.copytree(importing_few.before, tmp_path / "traced")
    steps = asked_and_said(folder, command)
    said = next(at for at, each in enumerate(steps) if each.startswith("say "))
    wal = f"{node.DATABASE}-wal"
    assert last(steps, f"fsync {wal}", said) > last(steps, f"pwrite64 {wal}", said)


def test_a_bundle_and_its_name_are_on_the_disk_before_it_is_said_to_be_written(
    importing_few: Scene, tmp_path: Path
) -> None:
    folder = shutil.copytree(importing_few.after, tmp_path / "traced")
    steps = asked_and_said(folder, EXPORT)
    said = next(at for at, each in enumerate(steps) if each.startswith("tell Wrote to-pk"))
    renamed = last(steps, "rename", said)
    assert last(steps, "write .to-pk.", said) < last(steps, "fsync .to-pk.", said) < renamed
    assert renamed < last(steps, f"fsync {folder.name}", said)
    wal = f"{node.DATABASE}-wal"
    assert last(steps, f"pwrite64 {wal}", said) < last(steps, f"fsync {wal}", said)


def test_what_is_said_to_be_destroyed_is_so_on_the_disk_before(erasing_few: Scene, tmp_path: Path) -> None:
    """The database written anew, and the log in which old pages stood cut to nothing."""
    folder = shutil.copytree(erasing_few.before, tmp_path / "traced")
    steps = asked_and_said(folder, ERASE, "ftruncate")
    said = next(at for at, each in enumerate(steps) if each.startswith("tell Destroyed"))
    wal = f"{node.DATABASE}-wal"
    assert steps[:said].count(f"ftruncate {wal}") > 0
    assert (
        last(steps, f"pwrite64 {wal}", said) < last(steps, f"fsync {wal}", said) < last(steps, f"ftruncate {wal}", said)
    )
