"""Running a node: serving it to its peers, its officers and their machines."""

import logging
import multiprocessing
from pathlib import Path
from typing import Any

import structlog
import typer

from amanat import node, settings
from amanat.cli import backup, reconcile, screen
from amanat.cli.options import HERE, Folder, PassphraseFile, making_views, unlocked
from amanat.node import KeyFile, read_key, stamp_of
from amanat.settings import Settings

app = typer.Typer(name="node", help="Run a node.")

HEADER_MILLISECONDS = 10_000  # in which a request's head must have come
BACKLOG, AT_ONCE = 256, 256  # connections that wait, and requests that are worked on


@app.command()
def serve(folder: Folder = HERE, passphrase_file: PassphraseFile = None) -> None:
    """Serve a node until it is stopped.

    Its peers reach it at the address in node.toml, and it reaches those whose address was given.

    Example: amanat node serve -C pk --passphrase-file pk.passphrase
    """
    from granian import Granian
    from granian.constants import HTTPModes, Interfaces
    from granian.http import HTTP1Settings

    chosen = settings.read(folder)
    spoken = screen.passphrase(passphrase_file, f"the node in {folder}")
    party = read_key(folder, spoken).party  # a wrong passphrase is told before anything is begun
    scheme = "https" if chosen.tls_certificate else "http"
    screen.say(f"Serving {party} at {scheme}://{chosen.host}:{chosen.port}. Stop it with Ctrl-C.")
    server = Granian(
        "amanat",
        address=chosen.host,
        port=chosen.port,
        interface=Interfaces.ASGI,
        workers=1,
        websockets=False,
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(header_read_timeout=HEADER_MILLISECONDS),
        backlog=BACKLOG,
        backpressure=AT_ONCE,
        log_enabled=False,
        ssl_cert=Path(chosen.tls_certificate) if chosen.tls_certificate else None,
        ssl_key=Path(chosen.tls_key) if chosen.tls_key else None,
    )
    multiprocessing.set_start_method("fork")  # the process that serves opens the node itself; secrets cross no pipe
    server.serve(target_loader=lambda *_: _load(folder, spoken, chosen), wrap_loader=False)


@app.command()
def upgrade(folder: Folder = HERE, passphrase_file: PassphraseFile = None) -> None:
    """Bring a node's database to this version's form.

    Stop the node first, and back it up; while it is served nothing is done. All is done in one transaction; beside a
    file, the file as it was is kept.

    Example: amanat node upgrade -C pk --passphrase-file pk.passphrase
    """
    spoken = screen.passphrase(passphrase_file, f"the node in {folder}")
    done = node.upgrade(folder, spoken, making_views)
    if done.before == done.after:
        screen.say(f"The database is of revision {done.after} already.")
        return
    screen.say(f"Brought the database from revision {done.before} to {done.after}.")
    if done.copy is not None:
        screen.say(f"As it was it stands in {done.copy.name}. Nothing erases that: destroy it once all is well.")


def _load(folder: Path, spoken: str, chosen: Settings) -> Any:  # noqa: ANN401 - an ASGI application
    """Open the node in the process that serves it, which alone holds its database."""
    from amanat.api.app import Served, create
    from amanat.api.metrics import watched
    from amanat.api.serving import connect
    from amanat.console import app as pages

    level = logging.getLevelNamesMapping()[chosen.log_level.upper()]
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
    )
    key = KeyFile(folder, spoken, stamp_of(folder))  # before it is read: a change meanwhile is seen
    made = connect(unlocked(folder, spoken), chosen, key)
    served = Served(pages.ROUTES, bool(chosen.tls_certificate), watched(made, chosen), chosen.serve_logs)
    return create(made.reception, made.lines, made.keeping, served)


backup.register(app)
reconcile.register(app)
