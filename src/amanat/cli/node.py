"""A node: made, served to its peers, its officers and their machines, and brought up to date."""

import logging
import multiprocessing
import resource
from pathlib import Path
from typing import Annotated, Any

import structlog
import typer

from amanat import node, settings
from amanat.cli import arguments, backup, end_log, reconcile, rotation, screen
from amanat.cli.options import HERE, OPERATOR, Folder, Out, PassphraseFile, making_views, unlocked
from amanat.cli.rotation import Custodians, Threshold
from amanat.exchange.acting import noted
from amanat.node import KeyFile, read_key, stamp_of
from amanat.officer import factor
from amanat.party.keys import node_keys
from amanat.party.root import Root
from amanat.settings import Settings

app = typer.Typer(name="node", help="Make a node, and run it.")

HEADER_MILLISECONDS = 10_000  # in which a request's head must have come
BACKLOG, AT_ONCE = 256, 4096  # connections that wait to be taken, and that are held: each live page holds one
FILES = 2 * AT_ONCE  # that may be open, for them and for all else
LEAVING = 20  # seconds for what is being answered once the node is stopped; live pages would hold it for good


@app.command()
def create(
    party: Annotated[
        str, typer.Option("--party", metavar="PARTY", parser=arguments.party_code, help="Its neutral code, such as pk.")
    ],
    name: Annotated[
        str,
        typer.Option(
            "--name",
            metavar="NAME",
            parser=arguments.log_name,
            help="Its name in logs for good, such as pk.amanat.example.",
        ),
    ],
    custodians: Custodians,
    threshold: Threshold,
    out: Out,
    folder: Folder = HERE,
    passphrase_file: PassphraseFile = None,
) -> None:
    """Make a party's node: keys, database, manifest.

    It begins in an empty folder, or beside a node.toml that says where the database is to be. The custodians sign the
    manifest; then it is learnt here and at the other parties, face to face.

    Example: amanat node create -C pk --party pk --name pk.example --custodian PUB --threshold 1 --out pk.manifest
    """
    screen.require_new(out)
    root = Root(threshold, tuple(sorted(set(custodians))))
    passphrase = screen.passphrase(passphrase_file, f"the new node of {party}", new=True)
    node.create(folder, party, passphrase)
    secrets, now = node.read_key(folder, passphrase).secrets, node.now().replace(microsecond=0)
    rotation.write_draft(out, rotation.manifest_of(secrets, None, now, party=party, name=name, root=root))
    screen.say(f"The node of {party} is in {folder}; its passphrase opens it, and nothing else does.")
    if threshold == 1:
        screen.say("One custodian alone can speak for this party; 3 of 5 is what we advise.")


@app.command()
def serve(
    folder: Folder = HERE,
    passphrase_file: PassphraseFile = None,
    demo: Annotated[
        bool, typer.Option("--demo", help="Serve a node of the demo, where anybody signs in by one click.")
    ] = False,
) -> None:
    """Serve a node until it is stopped.

    Its peers reach it at the address in node.toml, and it reaches those whose address was given. With --demo only a
    node is served that opens by the passphrase that the demo prints.

    Example: amanat node serve -C pk --passphrase-file pk.passphrase
    """
    from granian import Granian
    from granian.constants import HTTPModes, Interfaces
    from granian.http import HTTP1Settings

    chosen = settings.read(folder)
    spoken = screen.passphrase(passphrase_file, f"the node in {folder}")
    if demo:
        from amanat.demo.cast import require_printed

        require_printed(spoken)
    key = read_key(folder, spoken)  # a wrong passphrase is told before anything is begun
    factor.require_own(node_keys(key.secrets).own)
    scheme = "https" if chosen.tls_certificate else "http"
    screen.say(f"Serving {key.party} at {scheme}://{chosen.host}:{chosen.port}. Stop it with Ctrl-C.")
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
        workers_kill_timeout=LEAVING,
        ssl_cert=Path(chosen.tls_certificate) if chosen.tls_certificate else None,
        ssl_key=Path(chosen.tls_key) if chosen.tls_key else None,
    )
    _allow_files()
    multiprocessing.set_start_method("fork")  # the process that serves opens the node itself; secrets cross no pipe
    server.serve(target_loader=lambda *_: _load(folder, spoken, chosen, demo=demo), wrap_loader=False)


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
    with noted(unlocked(folder, spoken), OPERATOR, "node.upgrade", f"{done.before} to {done.after}"):
        screen.say(f"Brought the database from revision {done.before} to {done.after}.")
    if done.copy is not None:
        screen.say(f"As it was it stands in {done.copy.name}. Nothing erases that: destroy it once all is well.")


def _allow_files() -> None:
    """Let this process open as many files as it may need, as far as the system lets it."""
    allowed, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if allowed < FILES:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(FILES, most), most))


def _load(folder: Path, spoken: str, chosen: Settings, *, demo: bool) -> Any:  # noqa: ANN401 - an ASGI application
    """Open the node in the process that serves it, which alone holds its database."""
    from amanat.api.app import Served, create
    from amanat.api.metrics import watched
    from amanat.api.serving import connect
    from amanat.console import app as pages
    from amanat.console.paper import printed
    from amanat.console.problems import lost
    from amanat.demo import design, one_click
    from amanat.workspaces import find

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
    made = connect(unlocked(folder, spoken), chosen, key, [each.spent for each in find() if each.spent])
    served = Served(
        pages.routes((*one_click.ROUTES, *design.ROUTES) if demo else ()),
        printed,
        lost,
        bool(chosen.tls_certificate),
        watched(made, chosen),
        chosen.serve_logs,
        folder,
        [each.tend for each in find() if each.tend],
    )
    return create(made.reception, made.lines, made.keeping, served)


backup.register(app)
end_log.register(app)
reconcile.register(app)
