"""Peers: where their nodes are reached."""

from typing import Annotated

import typer

from amanat.cli import arguments, screen
from amanat.cli.options import HERE, Folder, Json, PassphraseFile, open_means
from amanat.exchange import lines
from amanat.store import turns

app = typer.Typer(name="peer", help="Say where the nodes of others are reached.")

Peer = Annotated[
    str, typer.Argument(metavar="PARTY", parser=arguments.party_code, help="The other party's code, such as af.")
]


@app.command("set")
def set_(
    party: Peer,
    url: Annotated[str, typer.Argument(metavar="URL", help="Its address, such as https://node.example:8440.")],
    folder: Folder = HERE,
    passphrase_file: PassphraseFile = None,
) -> None:
    """Say where a peer's node is reached.

    A node that is being served takes the new address at its next start.

    Example: amanat peer set -C pk af https://af.example:8440
    """
    lines.set_address(open_means(folder, passphrase_file), party, url)
    screen.say(f"{party} is reached at {url}.")


@app.command("forget")
def forget(party: Peer, folder: Folder = HERE, passphrase_file: PassphraseFile = None) -> None:
    """Forget a peer's address; it is met by bundle again.

    Example: amanat peer forget -C pk af
    """
    lines.forget_address(open_means(folder, passphrase_file), party)
    screen.say(f"{party} is reached by bundle only.")


@app.command("list")
def list_(folder: Folder = HERE, passphrase_file: PassphraseFile = None, as_json: Json = False) -> None:
    """List the addresses of peers.

    Example: amanat peer list -C pk
    """
    with turns.reading(open_means(folder, passphrase_file).engine) as tx:
        peers = lines.addresses(tx)
    for party, (url, paused) in peers.items():
        if as_json:
            screen.show_json({"party": party, "url": url, "paused": paused})
    if not as_json:
        rows = [[party, url, "paused" if paused else ""] for party, (url, paused) in peers.items()]
        screen.show_rows(("party", "address", ""), rows)
