"""The end of a log of ours whose entries nobody can give: drafted here, for the party's custodians to sign."""

from typing import Annotated

import typer

from amanat.cli import arguments, screen
from amanat.cli.options import HERE, CompactId, Folder, Out, PassphraseFile, Yes, at, open_means
from amanat.cli.statement import describe, write_statement
from amanat.exchange import ended
from amanat.exchange.means import look
from amanat.party import canonical, dsse, labels


def register(app: typer.Typer) -> None:
    """Add the command to those of a node."""
    app.command("end-log")(end_log)


def end_log(
    compact: CompactId,
    out: Out,
    folder: Folder = HERE,
    without: Annotated[
        list[str] | None,
        typer.Option("--without", metavar="PARTY", parser=arguments.party_code, help="Go on without hearing it."),
    ] = None,
    yes: Yes = False,
    passphrase_file: PassphraseFile = None,
) -> None:
    """Draft the end of a log that nobody can give back.

    For a node that was put back to an old copy, where the entries that others countersigned are with nobody, or two
    histories were signed. The custodians sign what is written; then `amanat node reconcile --ending` goes on in the next
    log. All that was countersigned stays owed.

    Example: amanat node end-log -C pk --compact pk-af --out pk.ending
    """
    screen.require_new(out)
    means = open_means(folder, passphrase_file)
    with look(means) as turn:
        made = ended.draft(turn, compact, frozenset(without or ()))
        witnesses = sorted({*turn.known.compact(compact).terms.witnesses} - {means.party})
    statement = dsse.sign(labels.ENDING, canonical.encode(made), [])
    for line in describe(statement):
        screen.say(line)
    screen.say(f"Each of {' and '.join(witnesses)} is bound to keep what it countersigned: ask them for it first.")
    screen.confirm("Can nobody give the entries?", yes=yes)
    write_statement(out, statement)
    screen.say(f"Wrote {out}, for the custodians to sign: `amanat custodian sign`.")
    screen.say(f"Next: `amanat node reconcile{at(folder)} --ending {out}`.")
