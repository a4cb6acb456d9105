"""What officers do with records: send one, and approve as the second person what another post wrote."""

from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from amanat.cli import arguments, handling, screen
from amanat.cli.arguments import split_name
from amanat.cli.attachment import Attach, staged
from amanat.cli.kind import newest, short_kind
from amanat.cli.options import (
    HERE,
    CompactId,
    Folder,
    Json,
    KindName,
    PassphraseFile,
    PostName,
    RecordName,
    at,
    open_means,
)
from amanat.cli.ways import split
from amanat.compact.terms import defaults
from amanat.exchange import send as sending
from amanat.exchange import shown
from amanat.exchange.acting import acting, looked
from amanat.exchange.drafting import body_of
from amanat.exchange.means import Means, begin, look
from amanat.exchange.send import Held, Pending
from amanat.officer.may import MACHINE, at_machine
from amanat.record.kind import Kind
from amanat.record.record import Draft, Post, Ref, read
from amanat.store import listing
from amanat.workspaces import find

RecordFile = Annotated[
    Path, typer.Argument(metavar="FILE", exists=True, dir_okay=False, help="A STIX file, or the kind's own JSON.")
]
To = Annotated[
    list[str],
    typer.Option("--to", metavar="PARTY", parser=arguments.party_code, help="Who is to have it; repeatable."),
]
Refs = list[str] | None
OTHER = "[PARTY:]ID"
Answers = Annotated[
    Refs, typer.Option(metavar=OTHER, parser=arguments.record_name, help="What it answers; repeatable.")
]
About = Annotated[Refs, typer.Option(metavar=OTHER, parser=arguments.record_name, help="What it is about; repeatable.")]
Supersedes = Annotated[
    Refs, typer.Option(metavar=OTHER, parser=arguments.record_name, help="What it replaces; repeatable.")
]


def register(app: typer.Typer) -> None:
    """Add these commands to the top level, where an officer's hand expects them."""
    for command in (send, held, approve):
        app.command()(command)


@handling.options
def send(
    file: RecordFile,
    compact: CompactId,
    to: To,
    post: PostName,
    said: handling.Said,
    folder: Folder = HERE,
    kind: KindName = "intelligence.report",
    answers: Answers = None,
    about: About = None,
    supersedes: Supersedes = None,
    attach: Attach = None,
    exercise: Annotated[bool, typer.Option("--exercise", help="Mark it as exercise.")] = False,
    passphrase_file: PassphraseFile = None,
    as_json: Json = False,
) -> None:
    """Send what a file holds to other parties.

    It is checked, signed, sealed and logged, and goes out over the line, or with the next bundle where there is none.
    What the compact wants a second person to read is held until that person approves it.

    Example: amanat send -C pk report.json --compact pk-af --to af --post torkham/duty
    """
    means, wanted = open_means(folder, passphrase_file), newest(kind)
    with begin(means) as turn:
        terms = turn.known.compact(compact).terms
    handled = handling.change(defaults(terms, wanted.name, means.now()), said, means.now())
    refs = _refs({"about": about, "answers": answers, "supersedes": supersedes}, means.party)
    said_in = bodies(file, wanted)
    if attach and len(said_in) != 1:
        raise typer.BadParameter(f"{file} holds {len(said_in)} records; attach files to one at a time")
    with staged(attach or (), means) as attached:
        drafts = [
            Draft(wanted.label, body, tuple(to), handled, terms.digest, refs, exercise, attached) for body in said_in
        ]
        with acting(means, at_machine(post), "record.send") as act:
            done = sending.send_in(act.turn, drafts, Post(means.party, post))
            act.on(*(":".join(sent.record.key) for sent in done))
    for sent in done:
        tell(means, sent, folder, as_json=as_json)


def held(folder: Folder = HERE, passphrase_file: PassphraseFile = None, as_json: Json = False) -> None:
    """List what waits for a second person.

    `amanat show ID` prints such a record in full, and the digest by which it is approved.

    Example: amanat held -C pk
    """
    means = open_means(folder, passphrase_file)
    with begin(means) as turn:
        waiting = [read(row.data, means.kinds) for row in listing.held(turn.tx)]
        looked(turn, MACHINE, waiting)
    if as_json:
        for record in waiting:
            screen.show_json({"digest": record.digest, "record": shown.plain(record)})
        return
    screen.show_records(
        [
            (
                f"{means.party}:{each.fields.id}",
                short_kind(each.fields.kind) if screen.on_terminal() else each.fields.kind,
                each.fields.author.name,
                each.kind.title(each.body),
            )
            for each in waiting
        ]
    )


def approve(
    name: RecordName,
    digest: Annotated[str, typer.Option("--digest", metavar="DIGEST", help="Of the record, as `amanat show` says.")],
    post: PostName,
    folder: Folder = HERE,
    passphrase_file: PassphraseFile = None,
    as_json: Json = False,
) -> None:
    """Approve a held record as its second person.

    It is checked again and sent. The digest says that what was read is what goes out.

    Example: amanat approve -C pk ID --digest DIGEST --post torkham/commander
    """
    means = open_means(folder, passphrase_file)
    _, id_ = split_name(name, means.party)
    with acting(means, at_machine(post), "record.approve", f"{means.party}:{id_}") as act:
        sent = sending.release_in(act.turn, id_, digest, Post(means.party, post))
    tell(means, sent, folder, as_json=as_json)


def tell(means: Means, sent: Pending | Held, folder: Path, *, as_json: bool) -> None:
    """Say what became of a record that was handed in, and what to type next."""
    party, id_ = sent.record.key
    if isinstance(sent, Held):
        state: dict[str, object] = {"state": "held", "digest": sent.digest}
        said = f"Held. Its second person reads it by `amanat show{at(folder)} {id_}`."
    else:
        to = sent.record.fields.audience
        state = {"state": "logged", "log_index": sent.log_index, "envelope": sent.digest}
        said = f"Logged at {sent.log_index}; waiting for {' and '.join(to)}. {_next(means, to, folder)}"
    if as_json:
        screen.show_json({"party": party, "id": id_} | state)
    else:
        screen.show(f"{party}:{id_}")
        screen.say(said)


def _next(means: Means, to: tuple[str, ...], folder: Path) -> str:
    """Return how it comes to each: by the line, where there is an address, else by a bundle."""
    with look(means) as turn:
        by_line, by_bundle = split(turn, to)
    bundles = [f"`amanat bundle export{at(folder)} --to {each} --out FILE`" for each in by_bundle]
    said = [f"`amanat node serve{at(folder)}` takes it to {' and '.join(by_line)}."] if by_line else []
    return " ".join([*said, *([f"Next: {' and '.join(bundles)}."] if bundles else [])])


def _refs(named: dict[str, Refs], own: str) -> tuple[Ref, ...]:
    found = [
        msgspec.convert({"relation": relation, "party": party, "id": id_}, Ref)
        for relation, names in named.items()
        for party, id_ in (split_name(name, own) for name in names or ())
    ]
    return tuple(sorted(set(found)))


def bodies(file: Path, kind: Kind) -> list[Any]:
    """Read a file by its workspace's importer for that kind, or as the kind's own JSON."""
    data = screen.read_file(file)
    for workspace in find():
        for importer in workspace.importers:
            if kind in workspace.kinds and file.suffix in importer.suffixes:
                return [body for label, body in importer.read(data) if label == kind.label]
    return [body_of(kind, data, str(file))]
