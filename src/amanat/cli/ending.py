"""How a record ends: withdrawn by its originator, kept on a stated ground, or destroyed with our signed word for it."""

from datetime import datetime
from typing import Annotated

import msgspec
import typer

from amanat.cli import arguments, screen
from amanat.cli.arguments import split_name
from amanat.cli.options import HERE, Folder, Json, PassphraseFile, PostName, RecordName, Yes, open_means
from amanat.cli.reading import row_of
from amanat.cli.record import tell
from amanat.cli.ways import way
from amanat.exchange import erasure
from amanat.exchange import recalls as recalling
from amanat.exchange.acting import acting
from amanat.exchange.means import begin, look
from amanat.exchange.recalls import Recall
from amanat.exchange.withdraw import require_withdrawable, take_back
from amanat.officer.may import MACHINE, at_machine
from amanat.record.notices import Ground, Reason, Withdrawal


def register(app: typer.Typer) -> None:
    """Add these commands to the top level."""
    for command in (withdraw, recalls, keep, erase):
        app.command()(command)


def withdraw(
    name: RecordName,
    reason: Annotated[
        Reason,
        typer.Option("--reason", help="Why; all who had it are told."),
    ],
    post: PostName,
    folder: Folder = HERE,
    yes: Yes = False,
    passphrase_file: PassphraseFile = None,
    as_json: Json = False,
) -> None:
    """Withdraw a record of ours.

    All who were sent it are told, and destroy it where its kind says so: see `amanat kind list`.

    Example: amanat withdraw -C pk ID --reason mistaken --post torkham/duty
    """
    means = open_means(folder, passphrase_file)
    with begin(means) as turn:
        row = row_of(turn, name)
        require_withdrawable(turn, row)
    screen.confirm(f"Withdraw {row.kind} {row.id} of {row.at[:16]}Z for good?", yes=yes)
    done = take_back(means, at_machine(post), row.party, row.id, Withdrawal(reason))
    for sent in done.told:
        tell(means, sent, folder, as_json=as_json)
    for party, problem in done.untold.items():
        screen.say(
            f"{party} cannot be told yet. {problem.says} It is told with the first `amanat erase` when it can be."
        )


def recalls(folder: Folder = HERE, passphrase_file: PassphraseFile = None, as_json: Json = False) -> None:
    """List what became of our withdrawals.

    For each who was sent a record that we withdrew: whether it was told, and that it destroyed the record, keeps it on
    a ground, or has yet to answer; those who are overdue by the compact's recall_hours first.

    Example: amanat recalls -C pk
    """
    with look(open_means(folder, passphrase_file)) as turn:
        found = recalling.recalls(turn)
    if as_json:
        for each in found:
            screen.show_json(msgspec.to_builtins(each))
    else:
        screen.show_rows((), [[each.id, each.recipient, each.state, _recall(each)] for each in found])
    if not found:
        screen.say("Nothing.")


def _recall(recall: Recall) -> str:
    """What is known of a recall, in words."""
    if recall.destroyed is not None:
        return f"destroyed {recall.destroyed:%Y-%m-%d %H:%M} UTC"
    if recall.state == "kept" and recall.kept is not None:
        return f"until {recall.kept.until:%Y-%m-%d}: {recall.kept.ground}"
    told = "not told yet" if recall.told is None else f"told {recall.told:%Y-%m-%d %H:%M} UTC"
    arrived = "" if recall.delivered or recall.told is None else ", not known to have arrived"
    return f"{told}{arrived}; due {recall.due:%Y-%m-%d %H:%M} UTC"


def keep(
    name: RecordName,
    ground: Annotated[Ground, typer.Option("--ground", help="Why it must be kept; its originator is told.")],
    until: Annotated[
        datetime, typer.Option("--until", metavar="DATE", parser=arguments.time, help="And until when, UTC.")
    ],
    folder: Folder = HERE,
    passphrase_file: PassphraseFile = None,
) -> None:
    """Keep another party's record past its end.

    After withdrawal or expiry `amanat erase` leaves it until the date; its originator is told, with the ground.

    Example: amanat keep -C af pk:ID --ground court-order --until 2027-03-01
    """
    means = open_means(folder, passphrase_file)
    party, id_ = split_name(name, means.party)
    with acting(means, MACHINE, "record.keep", f"{party}:{id_}") as act:
        erasure.keep_in(act.turn, (party, id_), ground, until)
        how = way(act.turn, [party])
    screen.say(f"Kept until {until:%Y-%m-%d %H:%M} UTC; {party} is told {how}.")


def erase(
    folder: Folder = HERE, yes: Yes = False, passphrase_file: PassphraseFile = None, as_json: Json = False
) -> None:
    """Destroy what was withdrawn or has expired.

    It is named first. Afterwards the originators get our signed word for it, over the line or with the next bundle.

    Example: amanat erase -C af
    """
    means = open_means(folder, passphrase_file)
    due = erasure.due(means)
    for gone in due:
        if as_json:
            screen.show_json({"party": gone.party, "id": gone.id, "because": gone.because})
        else:
            screen.show(f"{gone.party}:{gone.id}  {gone.because}")
    if due:
        screen.confirm(f"Destroy {len(due)} here, for good?", yes=yes)
    screen.say(f"Destroyed {len(erasure.erase_due(means))}.")
