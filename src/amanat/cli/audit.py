"""Auditing one's own node: that the database shows what was signed, and nothing was changed behind its back."""

from collections.abc import Iterator
from typing import Any

import typer

from amanat.cli import screen
from amanat.cli.failed import CheckFailed
from amanat.cli.options import HERE, Folder, Json, PassphraseFile, open_means
from amanat.exchange import audit as auditing
from amanat.exchange.means import begin
from amanat.store import marks


def register(app: typer.Typer) -> None:
    """Add `audit` to the top level."""
    app.command()(audit)


def audit(folder: Folder = HERE, passphrase_file: PassphraseFile = None, as_json: Json = False) -> None:
    """Check this node's own database.

    Manifests are signed one after the other, logs hash to what their keys signed, and each record shows what its sender
    signed and stands in the log. Exit code 3 says that something was changed.

    Example: amanat audit -C af
    """
    means = open_means(folder, passphrase_file)
    found = auditing.audit(means, _watch)
    with begin(means) as turn:
        marks.put(turn.tx, "audit", turn.now, str(len(found)))
    if as_json:
        screen.show_json({"good": not found, "findings": [{"what": each.what, "says": each.says} for each in found]})
    else:
        for each in found:
            screen.show(f"{each.what}: {each.says}")
    if found:
        raise CheckFailed(
            f"In {screen.many(len(found), 'place')} {folder} is not as it was signed.",
            "Stop using this database, keep it, and restore the last good copy; peers will tell what is missing.",
        )
    screen.say("good: manifests, logs, records and what officers did are as they were signed")


def _watch(records: Iterator[Any], count: int) -> Iterator[Any]:
    return screen.track(records, "auditing", count)
