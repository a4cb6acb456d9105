"""The demo: a border in a box, played in a folder."""

import signal
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from amanat.cli.failed import CheckFailed


def register(app: typer.Typer) -> None:
    """Add `demo` to the top level."""
    app.command()(demo)


def demo(
    folder: Annotated[
        Path | None, typer.Option("-C", "--dir", metavar="DIR", file_okay=False, help="An empty folder to play in.")
    ] = None,
    once: Annotated[
        bool, typer.Option("--once", help="Play it and leave; else the nodes stay up until Ctrl-C.")
    ] = False,
) -> None:
    """Play a whole exchange and nine tamperings.

    Two states and an observer exchange reports over the wire, each by a node of its own; each tampering is caught by
    name. The folder stays to look at.

    Example: amanat demo --once --dir demo
    """
    from amanat.demo import run

    signal.signal(signal.SIGTERM, signal.default_int_handler)  # as Ctrl-C does: no node is left behind
    place = folder or Path(tempfile.mkdtemp(prefix="amanat-demo-"))
    if not run(place, Console(highlight=False), None if once else _until_stopped):
        raise CheckFailed("Something that should have been caught or verified was not.", f"Read on in {place}.")


def _until_stopped() -> None:
    """Wait for Ctrl-C, or for whoever looks after this machine."""
    with suppress(KeyboardInterrupt):
        signal.pause()
