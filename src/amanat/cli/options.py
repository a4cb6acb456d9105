"""The options that mean the same in every command, and opening the node they name."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from amanat.cli import arguments
from amanat.cli.screen import passphrase, track
from amanat.exchange.bundle import Item
from amanat.exchange.means import Means, Turn
from amanat.exchange.receive import receive
from amanat.node import open_node
from amanat.officer.may import at_machine
from amanat.party.errors import Invalid
from amanat.party.manifest import Manifest

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
Out = Annotated[Path, typer.Option("--out", metavar="FILE", dir_okay=False, help="The new file to write.")]
BundleFile = Annotated[Path, typer.Argument(metavar="BUNDLE", exists=True, dir_okay=False, help="A bundle's file.")]
CompactId = Annotated[str, typer.Option("--compact", metavar="ID", help="The compact's id, such as pk-af.")]
PostName = Annotated[
    str,
    typer.Option("--post", metavar="POST", parser=arguments.post_name, help="The post that acts: torkham/duty."),
]
KindName = Annotated[str, typer.Option("--kind", metavar="KIND", help="A kind of record: see `amanat kind list`.")]
RecordName = Annotated[
    str,
    typer.Argument(metavar="[PARTY:]ID", parser=arguments.record_name, help="A record; one of ours without party."),
]
HERE = Path()
OPERATOR = at_machine("operator")
"""Who gives commands that look after a node: the audit log has no name of theirs, for the machine knows none."""


def open_means(folder: Path, passphrase_file: Path | None) -> Means:
    """Open the node in a folder, asking for its passphrase where no file gives it."""
    return unlocked(folder, passphrase(passphrase_file, f"the node in {folder}"))


def unlocked(folder: Path, spoken: str) -> Means:
    """Open the node in a folder by its passphrase."""
    return open_node(folder, spoken, making_views)


def making_views(records: Iterator[bytes], count: int) -> Iterator[bytes]:
    """Show how far views are that are made anew."""
    return track(records, "making views anew", count)


def take_in(type_: str, data: bytes, means: Means) -> None:
    """Take in one item by hand as a bundle brings it. Raises the `Problem` that kept it out."""
    for _, problem in receive(means.party, [Item(type_, data)], means).problems:
        raise problem


def known_party(turn: Turn, party: str) -> Manifest:
    """Return what is known of a party. Raises `Invalid` when that is nothing."""
    if party not in turn.known.manifests:
        raise Invalid(
            "party.unknown", f"No manifest of {party} is known.", "Learn it face to face: `amanat party learn`."
        )
    return turn.known.manifests[party]


def at(folder: Path) -> str:
    """Return how a command to type next names the folder, with a space before it."""
    return "" if folder == HERE else f" -C {folder}"
