"""Backing a node up while it runs, and putting it back: sealed to a monthly key whose private half is kept elsewhere.

Law: what was destroyed at the node does not live on in its backups. The private half of a month's backup key is
destroyed once nothing that the node held in that month may still be kept. Both are noted in the audit log, of which the
row becomes a leaf with the next act: no key is at hand here.
"""

import base64
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy import delete, update

from amanat import node, settings
from amanat.cli import screen
from amanat.cli.options import HERE, OPERATOR, Folder, Out, PassphraseFile, at
from amanat.exchange import means
from amanat.officer import account, audit
from amanat.officer.audit import Done
from amanat.party.errors import Invalid
from amanat.party.key_file import unlock
from amanat.party.key_id import key_id
from amanat.party.keys import SEALING_PUBLIC_BYTES, SEALING_SECRET_BYTES, sealing_private, sealing_public
from amanat.party.types import unbase64
from amanat.seal.backup import MAX_HEAD, Head, Opening, open_backup, read_head, seal_backup
from amanat.store import backup, database, marks, sqlite, turns
from amanat.store.tables import PASSKEY, SESSION, TOKEN

PUBLIC = "backup-keys"  # the folder of public halves in a party's folder
PARTS = ".restoring-"
_TAKEN = re.compile(rf"node\.key|node\.toml|node\.sqlite|{PUBLIC}/\d{{4}}-\d{{2}}\.pub")

BackupFile = Annotated[Path, typer.Argument(metavar="BACKUP", exists=True, dir_okay=False, help="A backup's file.")]


def register(app: typer.Typer) -> None:
    """Add the commands to those of a node."""
    app.command("backup-keys")(backup_keys)
    app.command("backup")(backup_)
    app.command("restore")(restore)


def backup_keys(
    keys: Annotated[Path, typer.Argument(metavar="KEYS", exists=True, file_okay=False, help="A folder elsewhere.")],
    folder: Folder = HERE,
    months: Annotated[
        int, typer.Option("--months", metavar="N", min=1, max=24, help="For how many months, this one first.")
    ] = 12,
    passphrase_file: PassphraseFile = None,
) -> None:
    """Draw backup keys, and destroy those past.

    Their private halves stay in KEYS, on a medium kept in a safe, under a passphrase of their own; the node gets the
    public ones. A month's private half is destroyed once no record of that time may be kept any more. Copies that you
    made of it, you destroy.

    Example: amanat node backup-keys -C pk /media/safe/pk
    """
    now = node.now()
    coming = [each for each in _months(now, months) if not (keys / f"{each}.key").exists()]
    if coming:
        spoken = screen.passphrase(passphrase_file, f"the backup keys in {keys}", new=True)
    for month in screen.track(coming, "drawing", len(coming)):
        secret = node.random(SEALING_SECRET_BYTES)
        public = base64.b64encode(sealing_public(secret)) + b"\n"
        node.write_file(keys / f"{month}.key", node.locked(secret, spoken, "backup"), mode=0o600)
        node.write_file(keys / f"{month}.pub", public)
    (folder / PUBLIC).mkdir(exist_ok=True)
    for month in _months(now, months):
        node.write_file(folder / PUBLIC / f"{month}.pub", screen.read_file(keys / f"{month}.pub"))
    for month in _over(keys, folder, now):
        for each in (keys / f"{month}.key", keys / f"{month}.pub", folder / PUBLIC / f"{month}.pub"):
            _destroy(each)
        screen.say(f"Destroyed the backup key of {month}: no backup of that month opens any more.")
    screen.say(f"{screen.many(len(coming), 'key')} drawn; there are keys to the end of {_months(now, months)[-1]}.")


def backup_(
    out: Out,
    folder: Folder = HERE,
    to: Annotated[
        Path | None,
        typer.Option(
            "--to",
            metavar="PUB",
            exists=True,
            dir_okay=False,
            help="Another public backup key.",
            show_default="this month's",
        ),
    ] = None,
) -> None:
    """Write a node's files into one sealed file.

    The node may go on serving. No passphrase is asked for: `node.key` goes in as it is, locked, and only the private
    half of the backup key opens the file.

    Example: amanat node backup -C pk --out /srv/backup/pk-monday
    """
    screen.require_new(out)
    now = node.now().replace(microsecond=0)
    public = _public(to or folder / PUBLIC / f"{now:%Y-%m}.pub")
    where = node.database_of(folder)
    with node.writing(out) as file:
        while True:
            key = _key_of(folder)
            sealing = seal_backup(public, now, node.random, file.write)
            backup.write(sealing, _files(folder, key), backup.at_one_moment(where, folder))
            if _key_of(folder) == key:  # keys that changed meanwhile would not fit the database
                break
            file.seek(0)
            file.truncate()
    engine = database.open_any(where)  # before an upgrade, it is of an earlier revision
    with turns.writing(engine) as tx:
        marks.put(tx, "backup", now, key_id(public))
        audit.note(tx, OPERATOR, Done("node.backup", key_id(public)[:16]), now, node.random(audit.SALT_BYTES))
    engine.dispose()
    screen.say(f"Wrote {out}, {out.stat().st_size} bytes, sealed to the backup key {key_id(public)[:16]}.")


def restore(
    file: BackupFile,
    key: Annotated[
        Path, typer.Option("--key", metavar="KEY", exists=True, dir_okay=False, help="The month's backup key.")
    ],
    folder: Folder = HERE,
    passphrase_file: PassphraseFile = None,
) -> None:
    """Put a node back from a backup, in an empty folder.

    It signs nothing until it knows what it signed since: `amanat node reconcile`. Officers sign in anew, and tokens and
    passkeys are made anew; who was disabled since, or got another password, other roles or another second factor, is as
    before, and so all who may sign in are named. The database of an earlier version is brought up to date;
    `amanat node upgrade` does so with the key file. Where `node.toml`, the folder's or else the backup's, names a
    server's database, which must be empty, all is put there.

    Example: amanat node restore /srv/backup/pk-monday --key /media/safe/pk/2026-11.key -C pk
    """
    for name in (node.KEY_FILE, node.DATABASE):
        if (folder / name).exists():
            raise Invalid("node.exists", f"{folder} holds a {name} already.", "Choose an empty folder.")
    with file.open("rb") as sealed:
        line = sealed.readline(MAX_HEAD)
        head = read_head(line)
        secret = unlock(screen.read_file(key), screen.passphrase(passphrase_file, f"the backup key {key}"), "backup")
        private = sealing_private(secret)
        if key_id(sealing_public(secret)) != head.key:
            raise Invalid(
                "backup.key", f"{file} is sealed to another key than {key}.", f"Give that of {head.at:%Y-%m}."
            )
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _unfinished(folder) as part:
            _unpack(open_backup(line, private, sealed.read), part)
            earlier = _bring_up_to_date(part / node.DATABASE)
            active = _mark_restored(part / node.DATABASE, head)
            _move(part, folder)
    screen.say(f"Restored to {folder} what stood there at {head.at:%Y-%m-%d %H:%M} UTC.")
    screen.say("It signs nothing, and so sends and accepts nothing, until it knows what it signed since.")
    if active:
        screen.say(f"As before, with the password, roles and second factor of then, may sign in: {', '.join(active)}.")
        screen.say("Recovery codes that were spent since are good again; passkeys are made anew.")
        screen.say(f"Disable anew whoever was since, before it is served: `amanat officer disable{at(folder)}`.")
    if earlier:
        screen.say(f"First of all: `amanat node upgrade{at(folder)}`, for the key file is as that version made it.")
    screen.say(f"Next: `amanat node serve{at(folder)}`, or take in bundles; then `amanat node reconcile{at(folder)}`.")


def _unpack(opened: Opening, part: Path) -> None:
    """Write the files of a backup. Raises `Invalid` for one that no node of ours put there."""
    for name, content in backup.read(opened):
        if not _TAKEN.fullmatch(name):
            raise Invalid("backup.content", f"The backup holds a file {name!r}.", "Do not use it.")
        (part / name).parent.mkdir(exist_ok=True)
        with node.writing(part / name) as written:
            shutil.copyfileobj(content, written)


def _bring_up_to_date(copy: Path) -> bool:
    """Let an earlier version's database be one of this version's, as `amanat node upgrade` does; say whether it was.

    The key file stays as it is: the backup's key opens the backup, and not that.
    """
    done = database.upgrade(str(copy.absolute()))
    if done.copy is None:
        return False
    _destroy(done.copy)
    screen.say(f"Brought the database from revision {done.before} to {done.after}, as `amanat node upgrade` does.")
    return True


def _mark_restored(copy: Path, of: Head) -> list[str]:
    """Note in the copy that it is one, and return who may sign in.

    Who was let in then may have been shut out since: no session, token or passkey of then lets anybody in, and whether
    a password may the operator says, for the copy does not know it.
    """
    engine = sqlite.open_existing(str(copy.absolute()))
    now, said = node.now().replace(microsecond=0), Done("node.restore", f"{of.at:%Y-%m-%dT%H:%M:%SZ}")
    with turns.writing(engine) as tx:
        marks.put(tx, "restored", now, of.at.isoformat())
        # the last backup that is known of: what is put back was read before it was noted
        marks.put(tx, "backup", of.at, of.key)
        marks.drop(tx, "alive")  # the node was served after that, the copy knows not how long
        audit.note(tx, OPERATOR, said, now, node.random(audit.SALT_BYTES))
        tx.execute(delete(SESSION))
        tx.execute(delete(PASSKEY))
        tx.execute(update(TOKEN).where(TOKEN.c.revoked.is_(None)).values(revoked=now.isoformat()))
        active = [each.sign_in for each in account.officers(tx) if each.active]
    sqlite.scrub(engine)  # one file again, whole
    engine.dispose()
    return active


@contextmanager
def _unfinished(folder: Path) -> Iterator[Path]:
    """Lend a folder in the folder for what is not whole yet; what a crash left of one is removed first."""
    for left in folder.glob(f"{PARTS}*"):
        shutil.rmtree(left)
    part = Path(tempfile.mkdtemp(dir=folder, prefix=PARTS))
    try:
        yield part
    finally:
        shutil.rmtree(part)


def _move(part: Path, folder: Path) -> None:
    """Move the files to their place: settings that stand there stay, and the key comes last and makes it a node."""
    (folder / PUBLIC).mkdir(exist_ok=True)
    for each in sorted(part.glob(f"{PUBLIC}/*")):
        each.replace(folder / PUBLIC / each.name)
    where = node.database_of(folder if (folder / settings.FILE).exists() else part)
    if database.served(where):
        engine = node.empty_database(where)
        backup.load((part / node.DATABASE).absolute(), engine)
        engine.dispose()
    else:
        (part / node.DATABASE).replace(folder / node.DATABASE)
    if not (folder / settings.FILE).exists() and (part / settings.FILE).exists():
        (part / settings.FILE).replace(folder / settings.FILE)
    node.write_file(folder / node.KEY_FILE, (part / node.KEY_FILE).read_bytes(), mode=0o600)


def _files(folder: Path, key: bytes) -> dict[str, bytes]:
    files = {node.KEY_FILE: key}
    if (folder / settings.FILE).is_file():
        files[settings.FILE] = screen.read_file(folder / settings.FILE)
    for each in sorted((folder / PUBLIC).glob("*.pub")):
        files[f"{PUBLIC}/{each.name}"] = screen.read_file(each)
    return files


def _key_of(folder: Path) -> bytes:
    if not (folder / node.KEY_FILE).is_file():
        raise Invalid(
            "node.missing", f"{folder} is not a party's folder: it holds no {node.KEY_FILE}.", "Name it by -C DIR."
        )
    return screen.read_file(folder / node.KEY_FILE)


def _public(path: Path) -> bytes:
    if not path.is_file():
        raise Invalid(
            "backup.key", f"There is no backup key {path}.", "Draw keys: `amanat node backup-keys`, on a medium apart."
        )
    return unbase64(screen.read_text(path).strip(), f"backup key {path}", SEALING_PUBLIC_BYTES)


def _months(now: datetime, count: int) -> list[str]:
    """Name so many months, this one first."""
    first = now.year * 12 + now.month - 1
    return [f"{(first + each) // 12}-{(first + each) % 12 + 1:02}" for each in range(count)]


def _over(keys: Path, folder: Path, now: datetime) -> list[str]:
    """The months of which nothing may be kept any more, by the compacts that this node has joined."""
    engine = database.open_existing(node.database_of(folder))
    with turns.reading(engine) as tx:
        known = means.known(tx, now)
    engine.dispose()
    if not known.compacts:
        return []
    names = (path.stem for path in sorted(keys.glob("*.key")) if re.fullmatch(r"\d{4}-\d{2}", path.stem))
    return [each for each in names if _end(each) + known.longest_retention() < now]


def _end(month: str) -> datetime:
    """When the month's last backup was made at the latest."""
    first = datetime.strptime(month, "%Y-%m").replace(tzinfo=UTC)
    return (first + timedelta(days=32)).replace(day=1)


def _destroy(path: Path) -> None:
    """Overwrite a file and remove it; a medium that keeps old blocks keeps them."""
    if path.exists():
        with path.open("r+b") as file:
            file.write(bytes(path.stat().st_size))
            file.flush()
        path.unlink()
