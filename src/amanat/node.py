"""One party's node: the composition root, where folder, passphrase, clock, randomness and workspaces meet.

The only place that reads the clock and draws random bytes; everything below is handed them. A party's folder holds two
files: `node.key`, the secrets locked under a passphrase, and `node.sqlite`, unless `node.toml` names a database on a
server. Opening never creates either.
"""

import glob
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

import msgspec
from sqlalchemy import Engine, select

from amanat import settings
from amanat.exchange import journal
from amanat.exchange.means import Means, begin
from amanat.exchange.rebuild import Watch, rebuild
from amanat.log.checkpoint import parse_checkpoint
from amanat.log.note import parse_note
from amanat.party import canonical
from amanat.party.errors import Fault, Invalid
from amanat.party.key_file import DEFAULT, NONCE_BYTES, SALT_BYTES, Purpose, lock, unlock
from amanat.party.keys import SEED_BYTES, NodeKeys, NodeSecrets, new_secrets, node_keys
from amanat.party.types import PartyCode, to_base64
from amanat.record.kind import Kinds
from amanat.record.notices import NOTICES
from amanat.store import database, logs
from amanat.store.tables import METADATA
from amanat.workspaces import find

KEY_FILE = "node.key"
DATABASE = "node.sqlite"
COST = DEFAULT  # of deriving the key that locks a key file
PART = ".part"  # how the name of a file ends that is being written


class NodeKey(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What `node.key` locks: whose node it is, the secrets in use, and those that wait for their manifest.

    Peers refuse what a key signs that no manifest lists, so rotated secrets are `coming` until the own custodians
    signed the manifest that names them.
    """

    party: PartyCode
    secrets: NodeSecrets
    coming: NodeSecrets | None = None


def now() -> datetime:
    """Return the time in UTC."""
    return datetime.now(UTC)


def monotonic() -> float:
    """Return the seconds of a clock that never goes back."""
    return time.monotonic()


def random(count: int) -> bytes:
    """Return `count` bytes of the operating system's randomness."""
    return os.urandom(count)


def unwatched(records: Iterator[bytes], _count: int) -> Iterator[bytes]:
    """Pass on what is worked through, and tell nobody how far it is."""
    return records


def all_kinds() -> Kinds:
    """Return the core's notices and every workspace's kinds."""
    return Kinds([*NOTICES, *(kind for workspace in find() for kind in workspace.kinds)])


def create(folder: Path, party: str, passphrase: str) -> Means:
    """Make a party's folder with fresh keys and an empty database. Raises `Invalid` when one is there already.

    The key file comes last and makes it a node: a database without one, which a crash left empty, is used as it is.
    """
    if (folder / KEY_FILE).exists():
        raise Invalid(
            "node.exists", f"{folder} holds a node already.", "Choose another folder; keys are never overwritten."
        )
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    where = database_of(folder)
    engine = empty_database(where)
    if not database.served(where):
        os.chmod(where, 0o600)  # a folder that was there may let others in
    key = NodeKey(party, new_secrets(random))
    write_key(folder, key, passphrase)
    return _ready(key, engine, where, unwatched)


def open_node(folder: Path, passphrase: str, watch: Watch = unwatched) -> Means:
    """Open a party's folder, and make views anew whose version has changed, which `watch` may show.

    Raises `Invalid` when it is none or the passphrase does not fit.
    """
    key = read_key(folder, passphrase)
    where = database_of(folder)
    return _ready(key, database.open_existing(where), where, watch)


def upgrade(folder: Path, passphrase: str, watch: Watch = unwatched) -> database.Upgraded:
    """Bring a node's database to this version's form, then make anew the views whose version has changed.

    Raises `Invalid` when the folder is no party's, the passphrase does not fit, or a later version made the database,
    `Fault` when another program has it open, as a node that is served has.
    """
    key = read_key(folder, passphrase)
    done = database.upgrade(database_of(folder))
    if not key.secrets.own:
        write_key(folder, _with_own(key), passphrase)
    open_node(folder, passphrase, watch).engine.dispose()
    return done


def _with_own(key: NodeKey) -> NodeKey:
    """Return the key file of a node that was made before nodes had a secret of their own, with one."""
    own = to_base64(random(SEED_BYTES))
    coming = None if key.coming is None else msgspec.structs.replace(key.coming, own=own)
    return msgspec.structs.replace(key, secrets=msgspec.structs.replace(key.secrets, own=own), coming=coming)


def database_of(folder: Path) -> str:
    """Return where a node's database is: the server's address in `node.toml`, or the file beside it."""
    return settings.read(folder).database or str((folder / DATABASE).absolute())


@dataclass(slots=True)
class KeyFile:
    """A folder's `node.key` as a served node sees it, which may be changed beside it (`amanat party update`)."""

    folder: Path
    passphrase: str
    seen: tuple[int, int, int]

    def changed(self) -> NodeKeys | None:
        """Return the keys in use if the file was written since it was last looked at, else None.

        What does not open is told in the log, and the keys at hand stay.
        """
        stamp = stamp_of(self.folder)
        if stamp == self.seen:
            return None
        self.seen = stamp
        try:
            keys = node_keys(read_key(self.folder, self.passphrase).secrets)
        except (Invalid, OSError) as problem:
            journal.keys(getattr(problem, "code", "file.read"))
            return None
        journal.keys("")
        return keys


def stamp_of(folder: Path) -> tuple[int, int, int]:
    """Return what changes whenever a folder's `node.key` is written anew; zeros while there is none."""
    try:
        found = (folder / KEY_FILE).stat()
    except FileNotFoundError:
        return 0, 0, 0
    return found.st_ino, found.st_mtime_ns, found.st_size


def read_key(folder: Path, passphrase: str) -> NodeKey:
    """Unlock `node.key`. Raises `Invalid` when there is none or the passphrase does not fit."""
    path = folder / KEY_FILE
    if not path.is_file():
        raise Invalid(
            "node.missing", f"{folder} is not a party's folder: it holds no {KEY_FILE}.", "Name it by -C DIR."
        )
    return canonical.decode(unlock(path.read_bytes(), passphrase, "node"), NodeKey, "node key")


def write_key(folder: Path, key: NodeKey, passphrase: str) -> None:
    """Lock `node.key` anew under a fresh salt; the old file stands until the new one is on the disk."""
    write_file(folder / KEY_FILE, locked(canonical.encode(key), passphrase, "node"), mode=0o600)


def locked(secret: bytes, passphrase: str, purpose: Purpose) -> bytes:
    """Return the key file of a secret, under a fresh salt and nonce."""
    return lock(secret, passphrase, purpose, salt=random(SALT_BYTES), nonce=random(NONCE_BYTES), cost=COST)


def write_file(path: Path, data: bytes, mode: int = 0o644) -> None:
    """Write a file so that after a crash either the old or the new one stands, whole."""
    with writing(path) as file:
        os.fchmod(file.fileno(), mode)
        file.write(data)


@contextmanager
def writing(path: Path) -> Iterator[BinaryIO]:
    """Lend a file, for its owner alone, that stands at `path` once the block ended well: whole, and on the disk.

    What an earlier crash left of such a file is removed first, for it may hold keys that were forgotten since. Raises
    `Fault` when the disk does not take it.
    """
    with _naming(path):
        for left in path.parent.glob(f".{glob.escape(path.name)}.*{PART}"):
            left.unlink(missing_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=PART)
        with ExitStack() as undo:
            undo.callback(Path(name).unlink, missing_ok=True)
            with os.fdopen(handle, "wb") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            os.replace(name, path)
            undo.pop_all()
        _sync_folder(path.parent)


@contextmanager
def _naming(path: Path) -> Iterator[None]:
    """Let an error of the disk name the file that was to be written, and not our temporary one."""
    try:
        yield
    except OSError as error:
        raise Fault(
            "file.write",
            f"{path} could not be written: {error.strerror or error}.",
            "See to its disk and rights, or take another, then give the command again.",
        ) from error


def _sync_folder(folder: Path) -> None:
    """Make a rename in a folder durable: on a memory stick pulled out the next moment too."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def empty_database(where: str) -> Engine:
    """Make a database; one that a crash left empty is used as it is. Raises `Fault` when something is there."""
    return _left_empty(where) or database.create(where)


def _left_empty(where: str) -> Engine | None:
    """Open a database that has all the core's tables and nothing in any of them, if that is what is there."""
    if not database.served(where) and not Path(where).is_file():
        return None
    try:
        engine = database.open_existing(where)
    except (Fault, Invalid):
        return None
    with engine.connect() as connection:
        used = any(connection.execute(select(table).limit(1)).first() for table in METADATA.sorted_tables)
    if used:
        engine.dispose()
        return None
    return engine


def _require_one_party(means: Means, where: str) -> None:
    """Refuse a database whose logs are another party's: signed by this key they would be a second history."""
    with begin(means) as turn:
        own = turn.known.manifests.get(means.party)
        for log in logs.logs(turn.tx):
            origin = parse_checkpoint(parse_note(logs.latest(turn.tx, log)[1]).text).origin
            if own is None or origin not in turn.known.log_names(means.party, log):
                raise Invalid(
                    "node.mixed",
                    f"{KEY_FILE} is of {means.party}, and {where} holds the log {origin}.",
                    "Give each party a folder and a database of its own.",
                )


def _ready(key: NodeKey, engine: Engine, where: str, watch: Watch) -> Means:
    means = Means(key.party, node_keys(key.secrets), all_kinds(), engine, now, random)
    _require_one_party(means, where.partition("?")[0].rpartition("/")[2])
    rebuild(means, {each.name: (each.views.tables, each.views.version) for each in find()}, watch)
    return means
