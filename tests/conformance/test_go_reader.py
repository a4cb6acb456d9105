"""A reader written elsewhere verifies what a node serves: Go's own packages for notes and tiles, by HTTP and nothing else.

They stand in Go's source, as `go` itself checks modules by them; they are copied from there beside our few lines
(`reader.go`) when a test needs them. Law: the reader shares no line with ours, and is told two keys and an address.
"""

import json
import shutil
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import Column, ColumnElement, select, update

from amanat.exchange.means import begin
from amanat.exchange.publish import origin_hash
from amanat.exchange.receipt import log_key, witness_keys
from amanat.log.checkpoint import Checkpoint
from amanat.log.note import Note, SignatureLine, VerifierKey, parse_note, sign_ed25519, vkey
from amanat.party.manifest import log_name
from amanat.settings import Settings
from amanat.store.tables import ENTRIES, TILE, WITNESSED
from border import Border
from side import COMPACT, Side
from tally import Tally
from wire import Node, connected, eventually

GO_MOD = """module reader

go 1.19

require golang.org/x/mod v0.0.0
replace golang.org/x/mod => ./mod
replace golang.org/x/crypto => ./crypto
"""
PACKAGES = {"mod": ("sumdb/note", "sumdb/tlog"), "crypto": ("ed25519",)}


def run(*command: str | Path, folder: Path | None = None, env: Mapping[str, str] | None = None) -> tuple[int, str, str]:
    """Run a command; return how it ended, what it said and what it said of errors."""
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False, timeout=300)  # noqa: S603 - this file's own words
    return done.returncode, done.stdout, done.stderr


@dataclass(frozen=True)
class Reader:
    """The program, and what it is told: where a log is, whose it is, and which witness must have cosigned."""

    program: Path
    log: str
    key: VerifierKey
    witness: VerifierKey

    def run(self, *more: str) -> tuple[int, str, str]:
        return run(self.program, "-log", self.log, "-key", vkey(self.key), "-witness", vkey(self.witness), *more)

    def finds(self, *more: str) -> dict[str, Any]:
        """What it says of a log that holds."""
        ended, said, errors = self.run(*more)
        assert ended == 0, errors
        found: dict[str, Any] = json.loads(said)
        return found

    def refuses(self, *more: str) -> str:
        """What it says of a log that does not hold."""
        ended, said, errors = self.run(*more)
        assert (ended, said) == (1, ""), said
        return errors


@pytest.fixture(scope="session")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the reader, from Go's own source and ours, without a network."""
    go = shutil.which("go")
    assert go, "Go is not installed: `apt-get install golang-go` (or your system's way), then `make test` again"
    folder = tmp_path_factory.mktemp("reader")
    root = run(go, "env", "GOROOT")[1].strip()
    vendored = Path(root) / "src/cmd/vendor/golang.org/x"
    for module, packages in PACKAGES.items():
        for package in packages:
            if (vendored / module / package).is_dir():  # later ones do without golang.org/x/crypto
                shutil.copytree(vendored / module / package, folder / module / package)
        (folder / module).mkdir(exist_ok=True)
        needs = "require golang.org/x/crypto v0.0.0\n" if module == "mod" else ""
        (folder / module / "go.mod").write_text(f"module golang.org/x/{module}\n\ngo 1.19\n\n{needs}", "utf-8")
    (folder / "go.mod").write_text(GO_MOD, "utf-8")
    shutil.copy(Path(__file__).parent / "reader.go", folder / "reader.go")
    away = {"GOPROXY": "off", "GOSUMDB": "off", "GOFLAGS": "-mod=mod", "GOTOOLCHAIN": "local"}
    given = {"GOCACHE": str(folder / "cache"), "GOPATH": str(folder / "path"), "PATH": "/usr/bin:/bin"}
    ended, _, errors = run(go, "build", "-o", "reader", ".", folder=folder, env=away | given)
    assert ended == 0, errors
    return folder / "reader"


def key_of(log: Side) -> VerifierKey:
    return log_key(log.manifest, log_name(log.manifest, COMPACT))


def witness_of(side: Side) -> VerifierKey:
    return witness_keys(side.manifest)[0]


def reader(program: Path, node: Node, log: Side, witness: Side) -> Reader:
    """A reader of one's log where `node` serves it."""
    url = f"{node.url}/log/{origin_hash(log_name(log.manifest, COMPACT))}"
    return Reader(program, url, key_of(log), witness_of(witness))


def checkpoint(of: Reader) -> bytes:
    return httpx.get(f"{of.log}/checkpoint").content


def resized(log: Side, size: int, root: bytes) -> bytes:
    """A checkpoint that the log's own key signed, of another history."""
    text = Checkpoint(key_of(log).name, size, root).text()
    return Note(text, (sign_ed25519(text, key_of(log).name, log.means.keys.log),)).encode()


def change(side: Side, column: Column[Any], where: ColumnElement[bool], by: Callable[[bytes], bytes]) -> bytes:
    """Change one thing in a node's database as whoever holds the disk can; return what stood there."""
    with begin(side.means) as turn:
        before: bytes = turn.tx.execute(select(column).where(where)).scalar_one()
        turn.tx.execute(update(column.table).where(where).values({column.name: by(before)}))
    return before


def flipped(data: bytes, _key: VerifierKey) -> bytes:
    return data[:-1] + bytes([data[-1] ^ 1])


def resigned(note: bytes, key: VerifierKey, alter: Callable[[bytes], bytes]) -> bytes:
    """A note whose line by that key is altered."""
    read = parse_note(note)
    lines = [
        SignatureLine(each.name, each.key_id, alter(each.signature)) if each.key_id == key.key_id else each
        for each in read.signatures
    ]
    return Note(read.text, tuple(lines)).encode()


def forged(note: bytes, key: VerifierKey) -> bytes:
    return resigned(note, key, lambda signature: flipped(signature, key))


def redated(note: bytes, key: VerifierKey) -> bytes:
    return resigned(note, key, lambda signature: (int.from_bytes(signature[:8]) + 1).to_bytes(8) + signature[8:])


@pytest.mark.suite("Go's sumdb packages, logs as we serve them")
def test_go_verifies_every_served_log_and_its_witnesses(
    border: Border, program: Path, tmp_path: Path, tally: Tally
) -> None:
    for side in (border.pk, border.af):
        side.log(300)
    border.settle()
    with connected(border, settings=Settings(serve_logs=True)) as nodes:
        readers = [
            reader(program, nodes[served], log, witness)
            for served, log, witness in (
                ("pk", border.pk, border.obs),
                ("pk", border.pk, border.af),
                ("obs", border.pk, border.obs),
                ("af", border.pk, border.af),
                ("af", border.af, border.obs),
                ("obs", border.af, border.obs),
            )
        ]
        older = [tmp_path / f"{number}" for number in range(len(readers))]
        for each, file in zip(readers, older, strict=True):
            file.write_bytes(checkpoint(each))
        sent = border.pk.send("af")
        for each, file in zip(readers, older, strict=True):
            asked = ("-entry", sent.digest, "-older", str(file))
            eventually(lambda of=each, asked=asked: of.run(*asked)[0] == 0)  # type: ignore[misc]
            found = each.finds(*asked)
            assert found["origin"] == each.key.name
            assert found["size"] > found["index"] >= found["from"] == 300
            assert found["cosigned"] == int(border.clock().timestamp())
            tally.ran()


@pytest.mark.suite("Go's sumdb packages, logs that do not hold")
def test_go_refuses_what_was_altered_and_what_another_key_signed(
    border: Border, program: Path, tmp_path: Path, tally: Tally
) -> None:
    border.pk.log(300)
    border.settle()
    with connected(border, "obs", settings=Settings(serve_logs=True)) as nodes:
        good = reader(program, nodes["obs"], border.pk, border.obs)
        assert good.finds()["size"] == 300
        for wrong in (
            replace(good, key=replace(good.key, public=key_of(border.af).public)),
            replace(good, key=key_of(border.af)),
            replace(good, witness=replace(good.witness, public=witness_of(border.af).public)),
            replace(good, witness=witness_of(border.af)),
        ):
            assert "1 of 2 keys signed the checkpoint" in wrong.refuses()
            tally.ran()
        assert "stands nowhere in the log" in good.refuses("-entry", "00" * 32)
        tally.ran()
        older = tmp_path / "older"
        older.write_bytes(resized(border.pk, 200, bytes(32)))
        assert "invalid transparency proof" in good.refuses("-older", str(older))
        tally.ran()
        mirrored = good.key.name
        for column, where, alter, says in (
            (TILE.c.data, (TILE.c.log == mirrored) & (TILE.c.number == 1), flipped, "inconsistent tile"),
            (TILE.c.data, (TILE.c.log == mirrored) & (TILE.c.level == 1), flipped, "inconsistent tile"),
            (
                ENTRIES.c.data,
                (ENTRIES.c.log == mirrored) & (ENTRIES.c.number == 0),
                flipped,
                "entry 255 is not the one",
            ),
            (WITNESSED.c.note, WITNESSED.c.origin == mirrored, forged, "invalid signature for key"),
            (WITNESSED.c.note, WITNESSED.c.origin == mirrored, redated, "invalid signature for key"),
        ):
            before = change(border.obs, column, where, lambda data, by=alter: by(data, good.witness))  # type: ignore[misc]
            assert says in good.refuses()
            change(border.obs, column, where, lambda _, was=before: was)  # type: ignore[misc]
            assert good.finds()["size"] == 300
            tally.ran()
