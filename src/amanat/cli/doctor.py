"""Looking a node over: its disk, database, clock, peers, logs and keys, and what to do about each."""

import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from amanat import node, settings
from amanat.cli import screen, stopping
from amanat.cli.backup import PUBLIC
from amanat.cli.failed import CheckFailed
from amanat.cli.options import HERE, Folder, Json, PassphraseFile, open_means
from amanat.compact.signing import Act
from amanat.exchange.clocks import SKEW, words
from amanat.exchange.doctor import Check, State, examine
from amanat.exchange.means import Means, look
from amanat.party.errors import Problem
from amanat.store import database

if TYPE_CHECKING:
    import httpx

ROOM: Final = 1024**3
"""Bytes free below which we warn; and never less than the database, which erasing writes anew beside itself."""
NO_ROOM: Final = 128 * 1024**2
PATIENCE: Final = 3.0  # seconds for a peer to answer


def register(app: typer.Typer) -> None:
    """Add `doctor` to the top level."""
    app.command()(doctor)


def doctor(
    folder: Folder = HERE,
    offline: Annotated[bool, typer.Option("--offline", help="Ask no peer.")] = False,
    passphrase_file: PassphraseFile = None,
    as_json: Json = False,
) -> None:
    """Look a node over.

    Disk, database, clock, peers, logs, keys, acts, recalls, evidence and backups: each ok, warn or bad, with what to do.
    It changes nothing, and may be given beside a node that serves. Exit code 3 says that something is bad.

    Example: amanat doctor -C pk
    """
    means = open_means(folder, passphrase_file)
    found = [*_disk(folder), *_database(means), *([] if offline else _asked(means, folder))]
    with look(means) as turn:
        found += examine(turn)
        found += _acts(stopping.unsigned(turn))
    found += _backup_key(folder)
    if as_json:
        for each in found:
            screen.show_json({"subject": each.subject, "state": each.state, "says": each.says, "mend": each.mend})
    else:
        screen.show_rows((), [[each.state, each.subject, f"{each.says} {each.mend}".rstrip()] for each in found])
    bad = [each for each in found if each.state == "bad"]
    if bad:
        raise CheckFailed(f"{screen.many(len(bad), 'check')} of {folder} ended bad.", f"First: {bad[0].mend}")


def _disk(folder: Path) -> Iterator[Check]:
    free, database = shutil.disk_usage(folder).free, folder / node.DATABASE
    size = database.stat().st_size if database.exists() else 0
    state: State = "bad" if free < max(NO_ROOM, size) else "warn" if free < max(ROOM, 2 * size) else "ok"
    mend = "Make room: a full disk stops the node, and erasing needs as much as the database has."
    yield Check(
        "disk", state, f"{free // 1024**2} MiB are free; the database has {size // 1024**2}.", mend * (state != "ok")
    )


def _database(means: Means) -> Iterator[Check]:
    says = database.damage(means.engine)
    if says:
        yield Check(
            "database", "bad", f"It is damaged: {says}.", "Stop the node, keep the file, restore the last backup."
        )
    else:
        yield Check("database", "ok", "Its pages hold together; `amanat audit` looks at what they say.")


def _asked(means: Means, folder: Path) -> Iterator[Check]:
    """Ask each peer's node whether it is there, and what time it is."""
    import httpx

    from amanat.api.serving import trusted
    from amanat.exchange import lines

    with look(means) as turn:
        peers = lines.addresses(turn.tx)
    with httpx.Client(verify=trusted(settings.read(folder)), timeout=PATIENCE, trust_env=False) as http:
        for party, (url, _) in peers.items():
            yield _ask(http, party, url, means)


def _ask(http: "httpx.Client", party: str, url: str, means: Means) -> Check:
    import httpx

    from amanat.exchange.peer_client import NONCE_PATH, clock

    name = f"node of {party}"
    try:
        answer = http.get(f"{url}{NONCE_PATH}")
    except httpx.HTTPError as error:
        says = f"It does not answer at {url}: {str(error) or type(error).__name__}."
        return Check(name, "warn", says, "See to the line, or to its address: `amanat peer list`.")
    said = clock(answer.headers.get("Date", ""))
    skew = timedelta() if said is None else said - means.now()
    if abs(skew) > SKEW:
        says = f"It answers, and {words(skew)}."
        return Check(name, "warn", says, "Set the clock of whoever is wrong; nothing is stopped by it.")
    return Check(name, "ok", "It answers, and its clock and ours agree.")


def _acts(unsigned: list[tuple[str, Act]]) -> Iterator[Check]:
    for id_, act in unsigned:
        says = f"Who signed our act {act.serial} on {id_} ({act.act}) speaks for us no more."
        yield Check("acts", "warn", says, f"Have it signed anew: `amanat compact renew {id_} {act.serial} --out FILE`.")
    if not unsigned:
        yield Check("acts", "ok", "None of ours waits to be signed anew.")


def _backup_key(folder: Path) -> Iterator[Check]:
    month = f"{node.now():%Y-%m}"
    there = (folder / PUBLIC / f"{month}.pub").is_file()
    try:
        server = bool(settings.read(folder).database)
    except Problem as problem:
        yield Check("settings", "bad", problem.says, problem.mend)
        return
    if not server:
        says = f"There is {'a' if there else 'no'} key to seal backups of {month} to."
        mend = "Draw keys, on a medium apart: `amanat node backup-keys`."
        yield Check("backup key", "ok" if there else "warn", says, mend * (not there))
