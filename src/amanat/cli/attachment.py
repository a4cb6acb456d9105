"""Files that go with a record: attached when it is sent, and saved to a file of one's own by whoever has it."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from amanat.cli import screen
from amanat.cli.arguments import split_name
from amanat.cli.options import HERE, Folder, Out, PassphraseFile, RecordName, open_means
from amanat.exchange.acting import acting, looked_at
from amanat.exchange.attachments import discard, named, read_out, stage
from amanat.exchange.means import Means
from amanat.exchange.shown import file
from amanat.node import writing
from amanat.officer.may import MACHINE
from amanat.record.attachment import Attachment
from amanat.seal.chunks import chunk_count
from amanat.store import attachments
from amanat.store.attachments import Here

Attach = Annotated[
    list[Path] | None,
    typer.Option("--attach", metavar="FILE", exists=True, dir_okay=False, help="A file that goes with it; repeatable."),
]

_KIBI = 1024


def register(app: typer.Typer) -> None:
    """Add this command to the top level."""
    app.command()(save)


def save(
    name: RecordName,
    out: Out,
    attached: Annotated[str, typer.Argument(metavar="[ATTACHMENT]", help="Its name, where there are several.")] = "",
    folder: Folder = HERE,
    passphrase_file: PassphraseFile = None,
) -> None:
    """Save what is attached to a record.

    It is checked part by part, and as a whole against the SHA-256 that its sender signed, before the file has its name.
    The audit log says that it was saved, which is a look at a person's data.

    Example: amanat save -C af pk:ID sketch.png --out sketch.png
    """
    screen.require_new(out)
    means = open_means(folder, passphrase_file)
    record = split_name(name, means.party)
    with acting(means, MACHINE, "record.export", ":".join(record)) as act:
        here = named(attachments.of(act.turn.tx, record), attached)
        looked_at(act.turn, MACHINE, [":".join(record)])  # whatever has a file counts as naming a person
    with writing(out) as saved:
        for piece in screen.track(read_out(here, means), "saving", chunk_count(here.attachment)):
            saved.write(piece)
    screen.say(
        f"Wrote {out}, {size(here.attachment)}. Opening it is at your own risk: {here.party} chose what is in it."
    )


@contextmanager
def staged(files: Sequence[Path], means: Means) -> Iterator[tuple[Attachment, ...]]:
    """Seal files for a record that is sent inside the block; when that raises, nothing of them is kept."""
    made: list[Attachment] = []
    with ExitStack() as undo:
        undo.callback(discard, made, means)
        for path in files:
            with path.open("rb") as opened:
                made.append(
                    stage(path.name, opened, means, lambda pieces, count: screen.track(pieces, "sealing", count))
                )
        yield tuple(made)
        undo.pop_all()


def size(attachment: Attachment) -> str:
    """Say a file's size: "812 bytes", "2.1 MiB"."""
    number, units = float(attachment.size), iter(("KiB", "MiB", "GiB"))
    unit = "bytes"
    while number >= _KIBI:
        number, unit = number / _KIBI, next(units)
    return f"{number:.0f} bytes" if unit == "bytes" else f"{number:.1f} {unit}"


def progress(here: Here) -> str:
    """Say how much of an attachment is here."""
    return "complete" if here.complete else f"{here.chunks} of {chunk_count(here.attachment)} parts"


def as_data(here: Here) -> dict[str, Any]:
    """Return what is here of an attachment for a program."""
    return msgspec.structs.asdict(file(here))
