"""Whenever the power goes, what was said to be done is done, and the same command given again does the rest.

Random moments are drawn from a seed each, over the time that the whole command takes: `--kills 200` draws more of them
than the gate does, and what is printed with a failure draws the same one again. Besides, commands are killed as they
ask the disk to hold each thing that they write; and what they ask is read from a trace.
"""

import json
import random
import re
import shutil
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import permutations
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
from faults.plug import POST, Outlet, Run, furnish, outlet, require_strace, stands, stick, traced

REPORTS, RECALLED = 260, 12  # more than one batch of an import; and how many of them are to be destroyed
IMPORT = "bundle import -C af to-af --passphrase-file af.pass"
EXPORT = "bundle export -C af --to pk --out to-pk --passphrase-file af.pass"
SEND = "send -C pk report.json --compact pk-af --to af --post torkham/duty --exercise --passphrase-file pk.pass"
ERASE = "erase -C af --yes --passphrase-file af.pass"
FEW = 20  # moments: so many are spread enough for something to be asked of all of them together


@dataclass(frozen=True)
class Scene:
    """Where a command is given: the folder as it stands before, and what an unkilled one makes of it."""

    before: Path
    after: Path
    run: Run


@pytest.fixture(scope="module")
def mains() -> Iterator[Outlet]:
    with outlet() as made:
        yield made


@pytest.fixture(scope="module")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three parties, and a stick of pk for af on which a courier damaged one envelope and one manifest."""
    folder = tmp_path_factory.mktemp("plug") / "furnished"
    sent = furnish(folder, REPORTS)

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
    after = shutil.copytree(before, before.with_name(name))
    run = mains.run(after, command)
    assert run.code == 0, run.err
    return Scene(before, after, run)


@pytest.fixture(scope="module")
def importing(mains: Outlet, furnished: Path) -> Scene:
    return scene(mains, furnished, IMPORT, "imported")


@pytest.fixture(scope="module")
def exporting(mains: Outlet, importing: Scene) -> Scene:
    return scene(mains, importing.after, EXPORT, "exported")


@pytest.fixture(scope="module")
def erasing(mains: Outlet, importing: Scene) -> Scene:
    folder = shutil.copytree(importing.after, importing.after.with_name("recalled"))
    assert mains.run(folder, IMPORT.replace("to-af", "recall")).code == 0
    return scene(mains, folder, ERASE, "erased")


@pytest.fixture
def seeds(request: pytest.FixtureRequest) -> range:
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


def check_lost_nothing(mains: Outlet, folder: Path, party: str, said: str) -> None:
    """What was said stands, and all that stands is as it was signed and logged."""
    audited = shutil.copytree(folder / party, folder / "audited")
    run = mains.run(folder, f"audit -C audited --passphrase-file {party}.pass")
    assert run.code == 0, run.out + run.err
    shutil.rmtree(audited)
    accepted = re.findall(r"^accepted +(\w+):(\S+) .* our log (\d+)\n", said, re.MULTILINE)
    logged = {(row["party"], row["id"], str(row["log_index"])) for row in stands(folder / party)["record"]}
    assert set(accepted) <= logged


def check_spread(runs: list[Run], states: Counter[str]) -> None:
    """The moments fell into the work: most runs died of it, and left the database in more than one state."""
    if len(runs) >= FEW:
        assert sum(run.code == -9 for run in runs) >= len(runs) / 2
        assert states["nothing"] + states["part"] >= len(runs) / 4
        assert len(states) >= 2, states


def state_of(folder: Path, party: str, at: Scene) -> str:
    now = stands(folder / party)
    named = {"nothing": stands(at.before / party), "all": stands(at.after / party)}
    return next((name for name, each in named.items() if each == now), "part")


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
    wanted, runs, states = stands(importing.after / "af"), [], Counter[str]()
    for seed in seeds:
        with told_how_to_repeat(seed):
            folder = tmp_path / str(seed)
            runs.append(killed(mains, importing, IMPORT, seed, folder))
            states[state_of(folder, "af", importing)] += 1
            check_lost_nothing(mains, folder, "af", runs[-1].out)
            again = mains.run(folder, IMPORT)
            assert (again.code, stands(folder / "af"), parts(folder)) == (0, wanted, []), again.err
            assert len(re.findall("^(accepted|repeated|refused) ", again.out, re.MULTILINE)) == REPORTS + 1
            shutil.rmtree(folder)
    check_spread(runs, states)


def test_an_export_cut_off_leaves_a_whole_bundle_or_none_and_gives_all_of_it_again(
    mains: Outlet, exporting: Scene, seeds: range, tmp_path: Path
) -> None:
    wanted, runs, states = stands(exporting.after / "af"), [], Counter[str]()
    for seed in seeds:
        with told_how_to_repeat(seed):
            folder = tmp_path / str(seed)
            runs.append(killed(mains, exporting, EXPORT, seed, folder))
            states[state_of(folder, "af", exporting)] += 1
            check_lost_nothing(mains, folder, "af", "")
            check_bundle(mains, folder, exporting, runs[-1].err)
            assert (stands(folder / "af"), parts(folder)) == (wanted, [])
            shutil.rmtree(folder)
    check_spread(runs, states)


def check_bundle(mains: Outlet, folder: Path, at: Scene, said: str) -> None:
    """Whole or not there; there if that was said; and the same command has all of it, where it was not said."""
    file, wanted = folder / "to-pk", answers(at.after / "to-pk")
    assert len(wanted) == REPORTS + 1
    if file.exists():
        assert answers(file) == wanted
    if "Wrote to-pk" in said:
        assert file.exists()
        return
    file.unlink(missing_ok=True)  # as the operator does who was not told that it was written
    run = mains.run(folder, EXPORT)
    assert (run.code, answers(file)) == (0, wanted), run.err


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
    mains: Outlet, importing: Scene, exporting: Scene, tmp_path: Path
) -> None:
    """What a killed import and a killed export left, carried on by sticks until everybody has countersigned."""
    folder = tmp_path / "border"
    killed(mains, importing, IMPORT, 1, folder)
    assert mains.run(folder, IMPORT).code == 0
    mains.run(folder, EXPORT, after=exporting.run.seconds / 2)
    for turn, (sender, recipient) in enumerate((*permutations(("pk", "af", "obs"), 2),) * 2):
        name = f"{turn}-{sender}-{recipient}"
        sent = mains.run(
            folder, f"bundle export -C {sender} --to {recipient} --out {name} --passphrase-file {sender}.pass"
        )
        came = mains.run(folder, f"bundle import -C {recipient} {name} --passphrase-file {recipient}.pass")
        assert (sent.code, came.code) == (0, 0), sent.err + came.err
    delivered = Counter((row["recipient"], row["state"]) for row in stands(folder / "pk")["delivery"])
    assert delivered == {("af", "final"): REPORTS + RECALLED}


# --- at each thing the disk is asked to hold --------------------------------------------------------------------------


@pytest.fixture(
    params=[*(("fdatasync", nth) for nth in range(1, 9)), ("fsync", 1), ("fsync", 2)],
    ids=lambda given: f"{given[0]}-{given[1]}",
)
def cut(request: pytest.FixtureRequest) -> Iterator[Outlet]:
    """An outlet whose commands are killed as they ask that of the disk for the n-th time."""
    asked, nth = request.param
    strace, killing = require_strace(), f"inject={asked}:signal=KILL:when={nth}"
    with outlet(strace, "-f", "-qq", "-o", "/dev/null", "-e", f"trace={asked}", "-e", killing) as made:
        yield made


def test_a_command_cut_off_as_it_asks_the_disk_loses_nothing(
    mains: Outlet, cut: Outlet, exporting: Scene, erasing: Scene, tmp_path: Path
) -> None:
    """Send, export and erase; SQLite asks by fdatasync, a bundle's file and folder by fsync."""
    check_send(mains, cut, erasing, tmp_path / "send")
    check_export(mains, cut, exporting, tmp_path / "export")
    check_erase(mains, cut, erasing, tmp_path / "erase")


def check_send(mains: Outlet, cut: Outlet, at: Scene, folder: Path) -> None:
    """It stands once or not at all, and did if that was said; `outbox` tells an operator who was not told."""
    shutil.copytree(at.before, folder)
    before = len(stands(folder / "pk")["record"])
    run = cut.run(folder, SEND)
    check_lost_nothing(mains, folder, "pk", "")
    stood = len(stands(folder / "pk")["record"]) - before
    assert stood in ((1,) if "Logged at" in run.err or run.out else (0, 1))
    if not stood:
        assert mains.run(folder, SEND).code == 0
    assert len(stands(folder / "pk")["record"]) == before + 1
    assert len(stands(folder / "pk")["delivery"]) == before + 1


def check_export(mains: Outlet, cut: Outlet, at: Scene, folder: Path) -> None:
    shutil.copytree(at.before, folder)
    run = cut.run(folder, EXPORT)
    check_lost_nothing(mains, folder, "af", "")
    check_bundle(mains, folder, at, run.err)
    assert (stands(folder / "af"), parts(folder)) == (stands(at.after / "af"), [])


def check_erase(mains: Outlet, cut: Outlet, at: Scene, folder: Path) -> None:
    """The next erasure destroys the rest, from the raw files too, and gives each word once."""
    shutil.copytree(at.before, folder)
    wanted = secrets(folder / "af")
    run = cut.run(folder, ERASE)
    check_lost_nothing(mains, folder, "af", "")
    if "Destroyed" not in run.err:
        assert mains.run(folder, ERASE).code == 0
    check_lost_nothing(mains, folder, "af", "")
    assert remains.left(remains.on_disk(folder / "af" / node.DATABASE), wanted) == set()
    kinds = Counter((row["kind"], row["state"]) for row in stands(folder / "af")["record"])
    assert kinds == Counter((row["kind"], row["state"]) for row in stands(at.after / "af")["record"])
    assert kinds["record.destroyed/1", "current"] == kinds["intelligence.report/1", "destroyed"] == RECALLED


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


def asked_and_said(folder: Path, command: str) -> list[str]:
    """What a command asked of the disk and said, in that order: `sync FILE`, `write FILE`, `say WORDS`, `rename`."""
    run = traced(folder, command, "-e", "trace=fsync,fdatasync,pwrite64,write,rename")
    assert run.code == 0, run.err
    calls = re.findall(
        r'^\d+ +(\w+)\((?:(\d+)<([^>]*)>)?(?:, )?(?:"(.*?)")?', (folder / "trace").read_text("utf-8"), re.MULTILINE
    )
    return [
        f"say {words}"
        if call == "write" and number in "12"
        else f"{call.replace('fdata', 'f')} {Path(file).name}".strip()
        for call, number, file, words in calls
    ]


def last(steps: list[str], beginning: str, before: int) -> int:
    """Where among the steps before that one the last stands that begins so."""
    return max(at for at, each in enumerate(steps[:before]) if each.startswith(beginning))


@pytest.mark.parametrize(
    ("command", "party", "acknowledged"), [(IMPORT, "af", "say accepted"), (SEND, "pk", "say pk:")]
)
def test_what_is_acknowledged_is_on_the_disk_before(
    furnished: Path, tmp_path: Path, command: str, party: str, acknowledged: str
) -> None:
    """The write-ahead log holds every page of the last transaction, and was asked to hold it for good."""
    folder = shutil.copytree(furnished, tmp_path / "traced")
    steps = asked_and_said(folder, command)
    said = next(at for at, each in enumerate(steps) if each.startswith(acknowledged))
    wal = f"{node.DATABASE}-wal"
    assert last(steps, f"fsync {wal}", said) > last(steps, f"pwrite64 {wal}", said)
    assert stands(folder / party)["record"]


def test_a_bundle_and_its_name_are_on_the_disk_before_it_is_said_to_be_written(
    importing: Scene, tmp_path: Path
) -> None:
    folder = shutil.copytree(importing.after, tmp_path / "traced")
    steps = asked_and_said(folder, EXPORT)
    said = steps.index("say Wrote to-pk for pk: 3 manifests, 1 compact, 260 receipts, 1 refusal, 1 heartbeat, ")
    renamed = last(steps, "rename", said)
    assert last(steps, "write .to-pk.", said) < last(steps, "fsync .to-pk.", said) < renamed
    assert renamed < last(steps, f"fsync {folder.name}", said)
    wal = f"{node.DATABASE}-wal"
    assert last(steps, f"pwrite64 {wal}", said) < last(steps, f"fsync {wal}", said)
