"""After a node was put back to an old copy: hear what it signed since, take its log up again, and let it sign."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from amanat.cli import arguments, screen
from amanat.cli.failed import CheckFailed
from amanat.cli.log import Fetch, fetch_from
from amanat.cli.options import HERE, OPERATOR, Folder, Json, PassphraseFile, Yes, at, open_means, take_in
from amanat.exchange import again
from amanat.exchange import reconcile as work
from amanat.exchange.acting import acting, noted
from amanat.exchange.means import Means, Turn, begin, look
from amanat.log.checkpoint import parse_checkpoint
from amanat.log.note import parse_note
from amanat.log.tiles import TILE_WIDTH, entries_path, parse_entries
from amanat.party.errors import Invalid
from amanat.store import marks
from amanat.store.records import UNKNOWN

CHECKPOINT = "checkpoint"

Sources = Annotated[
    list[str] | None, typer.Option("--from", metavar="DIR|URL", help="A copy of one of our logs; repeatable.")
]
Without = Annotated[
    list[str] | None,
    typer.Option("--without", metavar="PARTY", parser=arguments.party_code, help="Go on without hearing it."),
]
End = Annotated[
    Path | None,
    typer.Option("--ending", metavar="FILE", exists=True, dir_okay=False, help="The end that custodians signed."),
]


def register(app: typer.Typer) -> None:
    """Add the command to those of a node."""
    app.command("reconcile")(reconcile)


def reconcile(
    folder: Folder = HERE,
    sources: Sources = None,
    without: Without = None,
    ending: End = None,
    yes: Yes = False,
    passphrase_file: PassphraseFile = None,
    as_json: Json = False,
) -> None:
    """Let a restored node sign again.

    Says what its peers countersigned that is not here, takes entries from those who keep its log, and, once nothing is
    missing, asks to go on. Envelopes that are lost are listed, and peers asked for them: call each, for its people have
    to allow it. Where nobody can give the entries, custodians end that log (`amanat node end-log`), and the node goes on
    in the next (`--ending`).

    Example: amanat node reconcile -C pk --from /media/stick/pk-log
    """
    means = open_means(folder, passphrase_file)
    if ending is not None:
        with noted(means, OPERATOR, "node.reconcile", ending.name):
            take_in("ending", screen.read_file(ending), means)
    with begin(means) as turn:
        marked = marks.at(turn.tx, "restored")
    if marked and sources:
        fetched = [(where, *_fetched(means, where)) for where in sources]
        with acting(means, OPERATOR, "node.reconcile", *sources) as act:
            for where, log, entries in fetched:
                added = work.complete(act.turn, log, entries)
                screen.say(f"{screen.many(added, 'entry', 'entries')} taken up from {where}.")
    with begin(means) as turn:
        standing = work.standing(turn)
    if as_json:
        for each in standing:
            screen.show_json({"log": each.log, "size": each.size, "heard": each.heard, "unheard": each.unheard})
    if marked is None:
        screen.say("This node is not held back: it knows all that it signed, as far as it was told.")
    else:
        _let_sign(means, standing, frozenset(without or ()), at(folder), yes=yes)
    _list(_ask_again(means), as_json=as_json)


def _let_sign(
    means: Means, standing: Sequence[work.Standing], without: frozenset[str], folder: str, *, yes: bool
) -> None:
    _tell(standing)
    _require_all(standing, without, folder)
    screen.confirm("Let the node sign again?", yes=yes)
    with acting(means, OPERATOR, "node.reconcile") as act:
        work.finish(act.turn, without)
    screen.say("The node signs again.")


def _ask_again(means: Means) -> Sequence[work.Lost]:
    """Ask for what is lost, and return all of it."""
    with begin(means) as turn:
        asked, lost = again.ask(turn), work.lost(turn)
    if asked:
        screen.say(f"Its peers are asked for {screen.many(asked, 'envelope')} that it lost.")
        screen.say("Call them: each gives nothing before its people allow it, by `amanat peer give-again`.")
    return lost


def _list(lost: Sequence[work.Lost], *, as_json: bool) -> None:
    for each in lost:
        if as_json:
            told = {"log": each.log, "index": each.log_index, "last": each.last, "envelope": each.envelope}
            screen.show_json(told)
        else:
            known = not each.envelope.startswith(UNKNOWN)
            what = f"envelope {each.envelope}" if known else "nobody knows of which envelope"
            many = each.last > each.log_index
            which = f"entries {each.log_index} to {each.last}" if many else f"entry {each.log_index}"
            screen.show(f"lost: {which} of our log {each.log}, {what}")


def _tell(standing: Sequence[work.Standing]) -> None:
    for each in standing:
        screen.say(f"Our log {each.log} has {screen.many(each.size, 'entry', 'entries')} here.")
        for party, size in sorted(each.heard.items()):
            screen.say(f"  {party} countersigned {f'size {size}' if size else 'only the log that ended'}.")
        if each.beyond:
            screen.say(f"  It was said to have ended before size {each.beyond}, which others countersigned.")
        for party in each.unheard:
            screen.say(f"  {party} was not heard yet.")


def _require_all(standing: Sequence[work.Standing], without: frozenset[str], folder: str) -> None:
    lacking = [each for each in standing if each.lacking or each.beyond]
    unheard = sorted({party for each in standing for party in each.unheard} - without)
    if lacking:
        logs = ", ".join(f"{screen.many(each.lacking, 'entry', 'entries')} of {each.log}" for each in lacking)
        raise CheckFailed(
            f"Not here: {logs}.",
            f"Have a witness write out the log that it keeps: `amanat node reconcile{folder} --from DIR`. Where nobody "
            "can, let custodians end it: `amanat node end-log`.",
        )
    if unheard:
        raise CheckFailed(
            f"What {', '.join(unheard)} countersigned is not known.",
            "Take in a bundle of each, or let the node reach it; `--without` goes on all the same.",
        )


def _fetched(means: Means, where: str) -> tuple[str, work.Entries]:
    """Read from there what is lacking of the log that stands there, before anything is written: it may be slow."""
    fetch = fetch_from(where)
    checkpoint = parse_checkpoint(parse_note(fetch(CHECKPOINT)).text)
    with look(means) as turn:
        log = _log_of(turn, checkpoint.origin, where)
        begin_at, until = work.lacking(turn, log)
    held = _entries(fetch, checkpoint.size)(begin_at, until) if begin_at < until else []

    def read(first: int, end: int) -> Sequence[bytes]:
        if end > until:
            says = f"Meanwhile {end} entries are known to be countersigned, of which {until} were read."
            raise Invalid("reconcile.meanwhile", says, "Give the command again.")
        return held[first - begin_at : end - begin_at]

    return log, read


def _log_of(turn: Turn, origin: str, where: str) -> str:
    for log in turn.known.compacts:
        if turn.known.log_name(turn.means.party, log) == origin:
            return log
    raise Invalid("reconcile.origin", f"{where} holds the log {origin}, not one of ours.", "Name ours.")


def _entries(fetch: Fetch, size: int) -> work.Entries:
    def read(first: int, end: int) -> list[bytes]:
        if end > size:
            raise Invalid("reconcile.short", f"It holds {size} entries, of {end} countersigned.", "Give a later copy.")
        found = list[bytes]()
        for number in range(first // TILE_WIDTH, -(-end // TILE_WIDTH)):
            width = min(TILE_WIDTH, size - number * TILE_WIDTH)
            found += parse_entries(fetch(entries_path(number, width)))[:width]
        skipped = first - first % TILE_WIDTH
        return found[first - skipped : end - skipped]

    return read
