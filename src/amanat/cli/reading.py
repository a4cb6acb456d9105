"""What officers read: what came in, what became of what went out, and one record in full."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from amanat.cli import arguments, screen
from amanat.cli.arguments import split_name
from amanat.cli.attachment import as_data, progress
from amanat.cli.became import became, meaning_words, opened_here, short, short_meaning, words
from amanat.cli.full_record import EXERCISE, show_record
from amanat.cli.kind import newest, short_kind
from amanat.cli.options import HERE, Folder, Json, PassphraseFile, PostName, RecordName, at, known_party, open_means
from amanat.cli.ways import way
from amanat.exchange import opening, shown, times
from amanat.exchange.acting import acting, looked
from amanat.exchange.means import Means, Turn, begin
from amanat.officer.may import MACHINE, Actor, at_machine
from amanat.party.errors import Refused
from amanat.record.record import Record, read
from amanat.store import attachments, listing
from amanat.store.listing import Listed, Search

Text = Annotated[str, typer.Option("--search", metavar="TEXT", help="Only records with words that begin so.")]
Kind = Annotated[str, typer.Option("--kind", metavar="KIND", help="Only this kind, such as intelligence.report.")]
Limit = Annotated[int, typer.Option("--limit", metavar="N", min=1, max=1000, help="At most so many.")]
After = Annotated[
    str | None,
    typer.Option("--after", metavar="[PARTY:]ID", parser=arguments.record_name, help="The page after this record."),
]


def register(app: typer.Typer) -> None:
    """Add these commands to the top level."""
    for command in (inbox, outbox, show):
        app.command()(command)
    app.command("open")(open_)


def inbox(
    folder: Folder = HERE,
    search: Text = "",
    kind: Kind = "",
    party: Annotated[
        str | None, typer.Option("--party", metavar="PARTY", parser=arguments.party_code, help="Only from this party.")
    ] = None,
    limit: Limit = 50,
    after: After = None,
    passphrase_file: PassphraseFile = None,
    as_json: Json = False,
) -> None:
    """List what others sent us, newest first.

    Example: amanat inbox -C af --search Torkham --limit 20
    """
    with begin(open_means(folder, passphrase_file)) as turn:
        if party:
            known_party(turn, party)
        found = _page(turn, Search(own=False, text=search, kind=kind, party=party or "", limit=limit), after)
        opened = opened_here(turn, [row for row, _ in found])
    if as_json:
        for (row, record), said in zip(found, opened, strict=True):
            screen.show_json(_head(row, record) | said)
    else:
        screen.show_records([_cells(*one, said) for one, said in zip(found, opened, strict=True)])
    _tell_more(found, limit)


def outbox(
    folder: Folder = HERE,
    search: Text = "",
    kind: Kind = "",
    limit: Limit = 50,
    after: After = None,
    passphrase_file: PassphraseFile = None,
    as_json: Json = False,
) -> None:
    """List what we sent, and what became of it.

    Newest first, with how each party's answer stands: final or provisional, refused, or yet to come; whether a post
    there opened it, and whether it was answered. `amanat show` tells it in full.

    Example: amanat outbox -C pk
    """
    with begin(open_means(folder, passphrase_file)) as turn:
        found = _page(turn, Search(own=True, text=search, kind=kind, limit=limit), after)
        stand = list(screen.track(became(turn, [row for row, _ in found]), "checking receipts", len(found)))
    if as_json:
        for (row, record), each in zip(found, stand, strict=True):
            screen.show_json(_head(row, record) | {"deliveries": each})
    else:
        screen.show_records([_cells(*one, {}, short(each)) for one, each in zip(found, stand, strict=True)])
    _tell_more(found, limit)


def show(
    name: RecordName, folder: Folder = HERE, passphrase_file: PassphraseFile = None, as_json: Json = False
) -> None:
    """Show one record in full.

    What it says, how it binds us, where it stands, and what became of it. Nobody is told that it was looked at: an
    officer who reads another's record opens it by `amanat open`. One that waits for its second person is shown with
    the digest by which it is approved.

    Example: amanat show -C af pk:ID
    """
    _show(name, folder, open_means(folder, passphrase_file), MACHINE, as_json=as_json)


def open_(
    name: RecordName,
    post: PostName,
    folder: Folder = HERE,
    passphrase_file: PassphraseFile = None,
    as_json: Json = False,
) -> None:
    """Open a record of another party, and show it.

    Its originator is told that an officer at this post opened it, and when, over the line or with the next bundle; once
    for each post.

    Example: amanat open -C af pk:ID --post spin-boldak/duty
    """
    means = open_means(folder, passphrase_file)
    try:
        party, id_ = split_name(name, means.party)
        with acting(means, at_machine(post), "record.acknowledge", f"{party}:{id_}") as act:
            signed = opening.open_in(act.turn, party, id_, post)
            how = way(act.turn, [party])
        told = f"{party} is told {how}." if signed else "It was told before."
    except Refused as problem:
        told = f"Its originator cannot be told yet. {problem.says} Open it again when it can."
    _show(name, folder, means, at_machine(post), as_json=as_json)
    screen.say(told)


def row_of(turn: Turn, name: str) -> Listed:
    """Return the row of the record an operator named. Raises `Invalid` when there is none."""
    return shown.row_of(turn, *split_name(name, turn.means.party))


def _show(name: str, folder: Path, means: Means, actor: Actor, *, as_json: bool) -> None:
    with begin(means) as turn:
        party, id_ = split_name(name, means.party)
        held = _held(turn, id_) if party == turn.means.party else None
        row = None if held else row_of(turn, name)
        record = held or (shown.read_row(turn, row) if row else None)
        looked(turn, actor, [record] if record else [])
        stand = next(became(turn, [row])) if row else {}
        (here,) = opened_here(turn, [row]) if row else ({},)
        logged = times.logged(turn, row.compact, row.log_index) if row else None
        clause = _clause(turn, row, record)
        attached = attachments.of(turn.tx, (party, id_))
    if as_json:
        head = _head(row, record) if row else {"party": party, "id": id_, "state": "held"}
        here |= {"logged": times.as_data(logged)} if logged else {}
        body = shown.plain(record) if record else None
        files = [as_data(each) for each in attached]
        screen.show_json(
            head | here | {"deliveries": stand, "without_prejudice": clause, "attachments": files, "record": body}
        )
        return
    if row:
        screen.show(f"{party}:{id_}  {_state(row, record)}  log {row.compact} at {row.log_index}")
        screen.show(f"envelope {row.envelope}")
    if logged and times.words(logged):
        screen.show(f"logged {times.words(logged)}")
    for line in (*words(stand), *meaning_words(turn.means.party, here)):
        screen.show(line)
    if record:
        show_record(record, clause, {each.attachment.name: progress(each) for each in attached})
    if held:
        screen.say(f"Held. Next: `amanat approve{at(folder)} {id_} --digest {held.digest} --post POST`.")


def _page(turn: Turn, search: Search, after: str | None) -> list[tuple[Listed, Record | None]]:
    """A page of the list, each row with its record unless that was destroyed."""
    name = newest(search.kind).name if search.kind else ""
    last = row_of(turn, after) if after else None
    wanted = replace(search, kind=name, after=(last.party, last.id) if last else None)
    found = [(row, shown.read_row(turn, row)) for row in listing.listing(turn.tx, turn.means.party, wanted)]
    looked(turn, MACHINE, [record for _, record in found if record])  # a title tells of whom a record is
    return found


def _tell_more(found: list[tuple[Listed, Record | None]], limit: int) -> None:
    if len(found) == limit:
        last, _ = found[-1]
        screen.say(f"There may be more: --after {last.party}:{last.id}")


def _held(turn: Turn, id_: str) -> Record | None:
    """A record of ours that waits for its second person, who reads it by this command."""
    waiting = (read(row.data, turn.means.kinds) for row in listing.held(turn.tx))
    return next((record for record in waiting if record.fields.id == id_), None)


def _clause(turn: Turn, row: Listed | None, record: Record | None) -> str:
    """The standing without-prejudice clause of the compact a record was written under."""
    if row is not None:
        return turn.known.compact(row.compact).terms.without_prejudice
    return turn.known.by_digest(record.fields.compact).terms.without_prejudice if record else ""


def _state(row: Listed, record: Record | None) -> str:
    """Current, superseded, withdrawn or destroyed; until when it is kept; whether it is an exercise."""
    kept = f", kept until {row.kept_until[:10]}" if row.kept_until and row.state != "destroyed" else ""
    exercise = f", {EXERCISE}" if record and record.fields.exercise else ""
    return f"{row.state}{kept}{exercise}"


def _cells(row: Listed, record: Record | None, here: Mapping[str, Any], delivery: str = "") -> list[str]:
    """Name, time, kind, state and what our posts did, delivery if it is ours, and title, as `show_records` has them."""
    title = record.kind.title(record.body) if record else ""
    kind = short_kind(row.kind) if screen.on_terminal() else row.kind
    said = [f"{row.party}:{row.id}", f"{row.at[:16]}Z", kind, _state(row, record) + short_meaning(here)]
    return [*said, *([delivery] if delivery else []), title]


def _head(row: Listed, record: Record | None) -> dict[str, object]:
    return {
        "party": row.party,
        "id": row.id,
        "kind": row.kind,
        "at": row.at,
        "expires": row.expires,
        "state": row.state,
        "kept_until": row.kept_until,
        "title": record.kind.title(record.body) if record else None,
        "exercise": record.fields.exercise if record else None,
        "compact": row.compact,
        "log_index": row.log_index,
        "envelope": row.envelope,
    }
