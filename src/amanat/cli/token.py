"""API tokens: made for an officer's programs, listed, and revoked."""

from datetime import datetime
from typing import Annotated

import msgspec
import typer

from amanat.cli import arguments, screen
from amanat.cli.options import HERE, Folder, Json, PassphraseFile, open_means
from amanat.exchange.acting import acting
from amanat.exchange.means import look
from amanat.officer import account, tokens
from amanat.officer.may import MACHINE
from amanat.officer.tokens import LASTS, LONGEST, SECRET_BYTES, Token, Wanted, reading

READ = "read"

app = typer.Typer(name="token", help="What programs show instead of a password.")

Owner = Annotated[str, typer.Argument(metavar="SIGN-IN", help="The officer for whom it acts.")]


@app.command()
def new(
    sign_in: Owner,
    name: Annotated[str, typer.Option("--name", metavar="NAME", help="Which program it is for.")],
    scope: Annotated[
        list[str] | None,
        typer.Option(
            "--scope",
            metavar="PERMISSION",
            help="What it may, as docs/officers.md lists; repeatable. read: what changes nothing and names nobody.",
            show_default="read",
        ),
    ] = None,
    expires: Annotated[
        datetime | None,
        typer.Option(
            "--expires",
            metavar="DATE",
            parser=arguments.time,
            help=f"When it ends, UTC; within {LONGEST.days} days.",
            show_default=f"in {LASTS.days} days",
        ),
    ] = None,
    folder: Folder = HERE,
    passphrase_file: PassphraseFile = None,
) -> None:
    """Make a token for an officer's program.

    It is shown this once, on stdout. It never may more than its officer, and ends with the officer's password at the
    latest.

    Example: amanat token new -C pk m.khan --name "wall map" --scope read --expires 2027-06-01
    """
    means = open_means(folder, passphrase_file)
    with acting(means, MACHINE, "token.new", f"officer:{sign_in}") as act:
        owner = account.named(act.turn.tx, sign_in)
        said = set(scope or [READ])
        wanted = Wanted(name, frozenset(said - {READ}) | (reading(owner.roles) if READ in said else set()), expires)
        made, shown = tokens.new(act.turn.tx, owner, wanted, means.random(SECRET_BYTES), act.turn.now)
    screen.show(shown)
    screen.say(
        f"Token {made.id} of {sign_in}, for {', '.join(made.scope)}, to {made.expires:%Y-%m-%d}. It is not shown again."
    )


@app.command("list")
def list_(
    sign_in: Annotated[str, typer.Option("--officer", metavar="SIGN-IN", help="Only this officer's.")] = "",
    folder: Folder = HERE,
    passphrase_file: PassphraseFile = None,
    as_json: Json = False,
) -> None:
    """List tokens, newest first.

    Example: amanat token list -C pk --officer m.khan
    """
    with look(open_means(folder, passphrase_file)) as turn:
        owner = account.named(turn.tx, sign_in).id if sign_in else None
        found = tokens.tokens(turn.tx, owner)
        names = account.sign_ins(turn.tx)
        now = turn.now
    if as_json:
        for each in found:
            screen.show_json(msgspec.to_builtins(each) | {"sign_in": names[each.officer]})
    elif found:
        headings = ("number", "officer", "state", "last used", "name", "scope")
        screen.show_rows(headings, [_cells(each, names, now) for each in found])
    else:
        screen.say("None. Next: `amanat token new`.")


@app.command()
def revoke(
    number: Annotated[int, typer.Argument(metavar="NUMBER", min=1, help="The token's number: see the list.")],
    folder: Folder = HERE,
    passphrase_file: PassphraseFile = None,
) -> None:
    """Revoke a token for good.

    Example: amanat token revoke -C pk 7
    """
    with acting(open_means(folder, passphrase_file), MACHINE, "token.revoke", f"token:{number}") as act:
        tokens.revoke(act.turn.tx, number, act.turn.now)
    screen.say(f"Token {number} opens nothing any more.")


def _cells(token: Token, names: dict[int, str], now: datetime) -> list[str]:
    used = "never" if token.used is None else token.used.isoformat()
    return [str(token.id), names[token.officer], _state(token, now), used, token.name, ", ".join(token.scope)]


def _state(token: Token, now: datetime) -> str:
    if token.revoked is not None:
        return "revoked"
    return f"good to {token.expires:%Y-%m-%d}" if now < token.expires else "over"
