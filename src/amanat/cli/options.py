"""The options that mean the same in every command, and opening the node they name."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from amanat.cli.screen import passphrase
from amanat.exchange.bundle import Item
from amanat.exchange.means import Means
from amanat.exchange.receive import receive
from amanat.node import open_node
from amanat.party import canonical
from amanat.party.errors import Invalid
from amanat.record.record import Post

Folder = Annotated[
    Path, typer.Option("-C", "--dir", metavar="DIR", help="The party's folder.", show_default="the current one")
]
PassphraseFile = Annotated[
    Path | None,
    typer.Option(
        "--passphrase-file", metavar="FILE", exists=True, dir_okay=False, help="Read the passphrase from a file."
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON: one object, or one a line.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask to confirm.")]
Out = Annotated[Path, typer.Option("--out", metavar="FILE", dir_okay=False, help="Where to write it.")]
Source = Annotated[Path, typer.Argument(metavar="FILE", exists=True, dir_okay=False)]
StatementFile = Annotated[Path, typer.Argument(metavar="STATEMENT", exists=True, dir_okay=False)]
CompactId = Annotated[str, typer.Option("--compact", metavar="ID", help="The compact whose log it is.")]
HERE = Path()


def open_means(folder: Path, passphrase_file: Path | None) -> Means:
    """Open the node in a folder, asking for its passphrase where no file gives it."""
    return open_node(folder, passphrase(passphrase_file, f"the node in {folder}"))


def take_in(type_: str, data: bytes, means: Means) -> None:
    """Take in one item by hand as a bundle brings it. Raises the `Problem` that kept it out."""
    for _, problem in receive(means.party, [Item(type_, data)], means).problems:
        raise problem


def post_of(party: str, name: str) -> Post:
    """Return the post of our party that acts. Raises `Invalid` for a name no record could carry."""
    return canonical.decode(canonical.encode(Post(party, name)), Post, "post")


def record_name(text: str, own: str) -> tuple[str, str]:
    """Read "[PARTY:]ID"; without a party it is our own record."""
    party, colon, id_ = text.rpartition(":")
    return (party if colon else own), id_


def read_time(text: str, option: str) -> datetime:
    """Read a date or time of UTC, as RFC 3339 writes it. Raises `Invalid`."""
    try:
        time = datetime.fromisoformat(text)
    except ValueError as error:
        raise Invalid(
            "option.time", f"{option} {text!r} is no date.", "Write it like 2026-11-24 or 2026-11-24T06:30:00Z."
        ) from error
    return time.astimezone(UTC) if time.tzinfo else time.replace(tzinfo=UTC)
