"""Giving evidence away: the receipt for a record of ours, or a record itself to a third party."""

from pathlib import Path
from typing import Annotated

import typer

from amanat import node
from amanat.cli import screen
from amanat.cli.handling import describe
from amanat.cli.options import HERE, Folder, Out, PassphraseFile, Yes, open_means, record_name
from amanat.exchange.means import Means
from amanat.party.errors import Invalid
from amanat.record.record import read
from amanat.store import listing
from amanat.store.listing import Listed


def register(app: typer.Typer) -> None:
    """Add these commands to the top level."""
    for command in (receipt, disclose):
        app.command()(command)


def receipt(
    name: Annotated[str, typer.Argument(metavar="ID")],
    party: Annotated[str, typer.Option("--from", metavar="PARTY", help="Whose receipt.")],
    out: Out,
    envelope: Annotated[
        Path | None, typer.Option("--envelope", metavar="FILE", help="Write the sealed envelope too.")
    ] = None,
    folder: Folder = HERE,
    passphrase_file: PassphraseFile = None,
) -> None:
    """Write the receipt a party gave for a record of ours: its own log's proof, a C2SP tlog-proof.

    Example: amanat receipt -C pk ID --from af --out af.receipt --envelope record.envelope
    """
    means = open_means(folder, passphrase_file)
    row = _row(name, means)
    with means.engine.begin() as tx:
        given = {each.recipient: each for each in listing.deliveries(tx, row.envelope)}
        sealed = listing.sealed(tx, row.envelope)
    found = given.get(party)
    if found is None or found.answer is None or found.state == "refused":
        raise Invalid("receipt.none", f"There is no receipt of {party} for {row.id}.", "See `amanat outbox`.")
    _write(out, found.answer)
    if envelope is not None and sealed is not None:
        _write(envelope, sealed[0])
    screen.say(
        f"Wrote {out}, {found.state}. Anyone checks it: `amanat verify receipt`, or docs/protocol/check_receipt.py."
    )


def disclose(
    name: Annotated[str, typer.Argument(metavar="[PARTY:]ID")],
    out: Out,
    folder: Folder = HERE,
    yes: Yes = False,
    passphrase_file: PassphraseFile = None,
) -> None:
    """Write a record's envelope, and its content key beside it, so that a third party can read who signed what.

    Example: amanat disclose -C pk ID --out record.envelope
    """
    means = open_means(folder, passphrase_file)
    row = _row(name, means)
    with means.engine.begin() as tx:
        sealed = listing.sealed(tx, row.envelope)
    if sealed is None or row.data is None:
        raise Invalid("record.destroyed", f"The record {row.id} was destroyed here.", "What is destroyed stays so.")
    screen.say("Whoever gets both files can read it. Its handling says:")
    for line in describe(read(row.data, means.kinds).fields.handling):
        screen.say(f"  {line}")
    screen.confirm("Disclose it?", yes=yes)
    _write(out, sealed[0])
    _write(out.with_name(f"{out.name}.key"), f"{sealed[1].hex()}\n".encode())
    screen.say(f"Wrote {out} and {out}.key. Checked by `amanat verify record`.")


def _row(name: str, means: Means) -> Listed:
    party, id_ = record_name(name, means.party)
    with means.engine.begin() as tx:
        row = listing.one(tx, party, id_)
    if row is None:
        raise Invalid("record.unknown", f"No record {id_} of {party} is here.", "See `amanat inbox` and `outbox`.")
    return row


def _write(path: Path, data: bytes) -> None:
    screen.refuse_overwriting(path)
    node.write_file(path, data)
