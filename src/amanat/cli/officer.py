"""Officers: making and changing accounts at the machine itself, and reading what officers did."""

from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from amanat import node
from amanat.cli import arguments, screen
from amanat.cli.options import HERE, Folder, Json, PassphraseFile, PostName, Yes, open_means
from amanat.exchange import staffing
from amanat.exchange.acting import acting, erase_audit
from amanat.exchange.means import Means, look
from amanat.officer import account, audit
from amanat.officer.account import Appointment, Officer
from amanat.officer.audit import Entry, Search
from amanat.officer.may import MACHINE, ROLES, Act, Role

app = typer.Typer(name="officer", help="Who may work at this node, and what they did.")

SignIn = Annotated[str, typer.Argument(metavar="SIGN-IN", help="The name the officer signs in by, such as m.khan.")]
Roles = Annotated[
    list[str],
    typer.Option("--role", metavar="ROLE", parser=arguments.role, help=f"{', '.join(ROLES)}; repeatable."),
]
PasswordFile = Annotated[
    Path | None,
    typer.Option("--password-file", metavar="FILE", exists=True, dir_okay=False, help="Read the password from a file."),
]
Since = Annotated[
    datetime | None, typer.Option("--since", metavar="TIME", parser=arguments.time, help="Only from then on, UTC.")
]
Until = Annotated[
    datetime | None, typer.Option("--until", metavar="TIME", parser=arguments.time, help="Only before then, UTC.")
]


@app.command()
def add(
    sign_in: SignIn,
    name: Annotated[
        str, typer.Option("--name", metavar="NAME", help="The officer's full name; it stays at this node.")
    ],
    post: PostName,
    roles: Roles,
    folder: Folder = HERE,
    password_file: PasswordFile = None,
    passphrase_file: PassphraseFile = None,
) -> None:
    """Give an officer an account.

    The officer types the first password, or it is read from a file. The first officer is best an administrator.

    Example: amanat officer add -C pk m.khan --name "Marjan Khan" --post torkham/duty --role duty
    """
    means = open_means(folder, passphrase_file)
    who, spoken = Appointment(sign_in, name, post, _roles(roles)), screen.new_password(password_file, sign_in)
    staffing.add(_at_machine(means), means, who, spoken, node.COST)
    screen.say(f"{sign_in} may sign in as {' and '.join(sorted(set(roles)))} at {post}.")


@app.command("list")
def list_(folder: Folder = HERE, passphrase_file: PassphraseFile = None, as_json: Json = False) -> None:
    """List all officers there ever were.

    Example: amanat officer list -C pk
    """
    means = open_means(folder, passphrase_file)
    with look(means) as turn:
        found = account.officers(turn.tx)
        now = turn.now
    if as_json:
        for each in found:
            screen.show_json(msgspec.to_builtins(each))
    elif found:
        headings = ("sign-in", "number", "state", "post", "roles", "name")
        screen.show_rows(headings, [_cells(each, now) for each in found])
    else:
        screen.say("Nobody. Next: `amanat officer add`.")


@app.command()
def roles(
    sign_in: SignIn,
    roles: Roles,
    post: Annotated[
        str | None,
        typer.Option("--post", metavar="POST", parser=arguments.post_name, help="And another post: torkham/duty."),
    ] = None,
    folder: Folder = HERE,
    passphrase_file: PassphraseFile = None,
) -> None:
    """Give an officer other roles, and another post.

    They replace those before, at once, in open sessions and for tokens too.

    Example: amanat officer roles -C pk m.khan --role duty --role approver
    """
    now = staffing.place(_at_machine(open_means(folder, passphrase_file)), sign_in, post, _roles(roles))
    screen.say(f"{sign_in} is {' and '.join(now.roles)} at {now.post}.")


@app.command()
def disable(sign_in: SignIn, folder: Folder = HERE, yes: Yes = False, passphrase_file: PassphraseFile = None) -> None:
    """Let an officer in no more.

    Sessions end at once, and tokens for good. The account stays, for the audit log names it.

    Example: amanat officer disable -C pk m.khan
    """
    means = open_means(folder, passphrase_file)
    staffing.officer(means, sign_in)
    screen.confirm(f"Disable {sign_in}, and revoke all tokens for good?", yes=yes)
    staffing.disable(means, MACHINE, sign_in)
    screen.say(f"{sign_in} is disabled.")


@app.command()
def enable(sign_in: SignIn, folder: Folder = HERE, passphrase_file: PassphraseFile = None) -> None:
    """Let a disabled officer in again.

    With the password there was; tokens are to be made anew.

    Example: amanat officer enable -C pk m.khan
    """
    staffing.enable(_at_machine(open_means(folder, passphrase_file)), sign_in)
    screen.say(f"{sign_in} may sign in again.")


@app.command("password")
def password_(
    sign_in: SignIn, folder: Folder = HERE, password_file: PasswordFile = None, passphrase_file: PassphraseFile = None
) -> None:
    """Set an officer's password anew.

    It ends the officer's sessions, and tokens for good, and lifts a lock.

    Example: amanat officer password -C pk m.khan
    """
    means = open_means(folder, passphrase_file)
    staffing.officer(means, sign_in)
    spoken = screen.new_password(password_file, sign_in)
    staffing.set_password(_at_machine(means), means, sign_in, spoken, node.COST)
    screen.say(f"{sign_in} signs in by the new password; sessions and tokens of before are over.")


@app.command()
def unlock(sign_in: SignIn, folder: Folder = HERE, passphrase_file: PassphraseFile = None) -> None:
    """Lift the lock that wrong passwords brought.

    Example: amanat officer unlock -C pk m.khan
    """
    staffing.unlock(open_means(folder, passphrase_file), MACHINE, sign_in)
    screen.say(f"{sign_in} may try again.")


@app.command("factor")
def factor_(sign_in: SignIn, folder: Folder = HERE, yes: Yes = False, passphrase_file: PassphraseFile = None) -> None:
    """Take an officer's second factor away.

    For who lost device and recovery codes. Sessions end; the next sign-in, by the password alone, sets up another.

    Example: amanat officer factor -C pk m.khan
    """
    means = open_means(folder, passphrase_file)
    staffing.officer(means, sign_in)
    screen.confirm(f"Let {sign_in} sign in by the password alone, to set up another second factor?", yes=yes)
    staffing.reset_factor(_at_machine(means), sign_in)
    screen.say(f"{sign_in} sets up another second factor at the next sign-in.")


@app.command()
def log(
    sign_in: Annotated[str, typer.Option("--officer", metavar="SIGN-IN", help="Only what this officer did.")] = "",
    subject: Annotated[
        str, typer.Option("--on", metavar="SUBJECT", help="Only on this: af:ID, officer:m.khan, token:7, a peer.")
    ] = "",
    act: Annotated[Act | None, typer.Option("--act", help="Only this act.")] = None,
    since: Since = None,
    until: Until = None,
    before: Annotated[
        int | None, typer.Option("--before", metavar="NUMBER", min=0, help="The page after this row.")
    ] = None,
    limit: Annotated[int, typer.Option("--limit", metavar="N", min=1, max=1000, help="At most so many.")] = 50,
    folder: Folder = HERE,
    passphrase_file: PassphraseFile = None,
    as_json: Json = False,
) -> None:
    """Search what officers did, newest first.

    Every act, and every look at a person's data. That somebody searched is noted too. `amanat audit` checks that no row
    was changed.

    Example: amanat officer log -C pk --on af:ID
    """
    with acting(open_means(folder, passphrase_file), MACHINE, "audit.read") as at_work:
        tx = at_work.turn.tx
        number = account.named(tx, sign_in).id if sign_in else None
        found = audit.search(tx, Search(number, subject, act, since, until, before, limit))
        names = account.sign_ins(tx)
    if as_json:
        for each in found:
            screen.show_json(_row(each, names))
    else:
        screen.show_rows((), [_words(each, names) for each in found]) if found else screen.say("Nothing.")
    if len(found) == limit:
        screen.say(f"There may be more: --before {found[-1].number}")


@app.command()
def forget(
    before: Annotated[
        datetime, typer.Option("--before", metavar="DATE", parser=arguments.time, help="All that is older, UTC.")
    ],
    folder: Folder = HERE,
    yes: Yes = False,
    passphrase_file: PassphraseFile = None,
) -> None:
    """Erase what old rows of the log say.

    Their digests stay in the log, and tell nothing any more; that they were erased is noted.

    Example: amanat officer forget -C pk --before 2024-01-01
    """
    means = open_means(folder, passphrase_file)
    screen.confirm(f"Erase all that officers did before {before:%Y-%m-%d %H:%M} UTC, for good?", yes=yes)
    screen.say(f"Erased {screen.many(erase_audit(before, MACHINE, means), 'row')}.")


def _at_machine(means: Means) -> staffing.Proven:
    """Whoever opened the node by its passphrase types no other password."""
    return partial(acting, means, MACHINE)


def _roles(typed: list[str]) -> tuple[Role, ...]:
    return msgspec.convert(typed, tuple[Role, ...])


def _cells(officer: Officer, now: datetime) -> list[str]:
    locked = officer.locked_until is not None and now < officer.locked_until
    state = "locked" if locked else "active"
    said = [officer.sign_in, str(officer.id), state if officer.active else "disabled", officer.post]
    return [*said, ", ".join(officer.roles), officer.name]


def _row(entry: Entry, names: dict[int, str]) -> dict[str, Any]:
    row: dict[str, Any] = msgspec.to_builtins(entry)
    return row | {"sign_in": _who(entry, names)}


def _words(entry: Entry, names: dict[int, str]) -> list[str]:
    said = [str(entry.number), f"{entry.at:%Y-%m-%dT%H:%M:%SZ}", _who(entry, names), entry.channel]
    return [*said, entry.act, entry.outcome, entry.subject, entry.post]


def _who(entry: Entry, names: dict[int, str]) -> str:
    """By which name; the machine's operator has none, and who was not let in none either."""
    return names.get(entry.officer, {"cli": "the machine", "node": "the node"}.get(entry.channel, "nobody"))
