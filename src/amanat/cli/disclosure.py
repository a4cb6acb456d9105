"""Giving evidence away: the receipt for a record of ours, or a record itself to a third party."""

from pathlib import Path
from typing import Annotated

import typer

from amanat import node
from amanat.cli import arguments, screen
from amanat.cli.options import HERE, Folder, Out, PassphraseFile, RecordName, Yes, at, open_means
from amanat.cli.reading import row_of
from amanat.exchange.acting import acting, looked
from amanat.exchange.means import Turn, begin
from amanat.log.checkpoint import parse_checkpoint
from amanat.log.note import parse_note
from amanat.log.proof import parse_proof
from amanat.officer.may import MACHINE
from amanat.party.errors import Invalid
from amanat.record.handling import describe
from amanat.record.record import read
from amanat.store import listing
from amanat.store.listing import Listed


def register(app: typer.Typer) -> None:
    """Add these commands to the top level."""
    for command in (receipt, disclose):
        app.command()(command)


def receipt(
    name: RecordName,
    party: Annotated[str, typer.Option("--from", metavar="PARTY", parser=arguments.party_code, help="Whose receipt.")],
    out: Out,
    envelope: Annotated[
        Path | None,
        typer.Option("--envelope", metavar="FILE", dir_okay=False, help="Write the sealed envelope there too."),
    ] = None,
    folder: Folder = HERE,
    passphrase_file: PassphraseFile = None,
) -> None:
    """Write the receipt a party gave for a record.

    It is the proof that our record stands in that party's own log, as a C2SP tlog-proof.

    Example: amanat receipt -C pk ID --from af --out af.receipt --envelope record.envelope
    """
    screen.require_new(*[out, envelope] if envelope else [out])
    with begin(open_means(folder, passphrase_file)) as turn:
        row = row_of(turn, name)
        found = next((each for each in listing.deliveries(turn.tx, row.envelope) if each.recipient == party), None)
        sealed = listing.sealed(turn.tx, row.envelope)
        number = _of_ended(turn, found.answer) if found is not None and found.state != "refused" else None
    if found is None or found.answer is None or found.state == "refused":
        raise Invalid("receipt.none", f"There is no receipt of {party} for {row.id}.", "See `amanat outbox`.")
    if envelope is not None:
        data, _ = _undestroyed(sealed, row)
        node.write_file(envelope, data)
    node.write_file(out, found.answer)
    which = f" --number {number}" if number else ""
    policy = f"amanat log policy{at(folder)} --compact {row.compact} --party {party}{which} > POLICY"
    screen.say(f"Wrote {out}, {found.state}. It is checked under `{policy}`,")
    screen.say(f"by `amanat verify receipt --envelope {envelope or 'FILE'} --receipt {out} --policy POLICY`.")


def _of_ended(turn: Turn, receipt: bytes | None) -> int | None:
    """Which of its party's logs a receipt is from, if that one ended."""
    note = parse_note(parse_proof(receipt).checkpoint) if receipt else None
    ending = turn.known.ending_of(parse_checkpoint(note.text).origin) if note else None
    return ending.number if ending else None


def disclose(
    name: RecordName,
    out: Out,
    folder: Folder = HERE,
    yes: Yes = False,
    passphrase_file: PassphraseFile = None,
) -> None:
    """Let a third party read who signed what.

    Writes the record's envelope, and beside it, as FILE.key, the content key that opens this one record.

    Example: amanat disclose -C pk ID --out record.envelope
    """
    key = out.with_name(f"{out.name}.key")
    screen.require_new(out, key)
    means = open_means(folder, passphrase_file)
    with begin(means) as turn:
        row = row_of(turn, name)
        _undestroyed(listing.sealed(turn.tx, row.envelope), row)
        record = read(row.data or b"", turn.means.kinds)
    screen.say("Whoever gets both files can read it. Its handling says:")
    for line in describe(record.fields.handling):
        screen.say(f"  {line}")
    screen.confirm("Disclose it?", yes=yes)
    with acting(means, MACHINE, "record.export", f"{row.party}:{row.id}") as act:
        data, content_key = _undestroyed(listing.sealed(act.turn.tx, row.envelope), row)
        looked(act.turn, MACHINE, [record])  # whoever gets both files reads all of it
    node.write_file(out, data)
    node.write_file(key, f"{content_key.hex()}\n".encode(), mode=0o600)
    screen.say(
        f"Wrote {out} and {key}. "
        f"Checked by `amanat verify record --envelope {out} --key {key} --manifest {row.party}.manifest`."
    )


def _undestroyed(sealed: tuple[bytes, bytes] | None, row: Listed) -> tuple[bytes, bytes]:
    if sealed is None:
        raise Invalid("record.destroyed", f"The record {row.id} was destroyed here.", "What is destroyed stays so.")
    return sealed
