"""Peers: where their nodes are reached."""

from typing import Annotated

import typer

from amanat.cli import arguments, screen
from amanat.cli.options import HERE, OPERATOR, Folder, Json, PassphraseFile, open_means
from amanat.exchange import clocks
from amanat.exchange.acting import noted
from amanat.exchange.clocks import Difference
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
    from amanat.exchange import lines

    means = open_means(folder, passphrase_file)
    with noted(means, OPERATOR, "peers.operate", party):
        lines.set_address(means, party, url)
    screen.say(f"{party} is reached at {url}.")


@app.command("forget")
def forget(party: Peer, folder: Folder = HERE, passphrase_file: PassphraseFile = None) -> None:
    """Forget a peer's address; it is met by bundle again.

    Example: amanat peer forget -C pk af
    """
    from amanat.exchange import lines

    means = open_means(folder, passphrase_file)
    with noted(means, OPERATOR, "peers.operate", party):
        lines.forget_address(means, party)
    screen.say(f"{party} is reached by bundle only.")


@app.command("list")
def list_(folder: Folder = HERE, passphrase_file: PassphraseFile = None, as_json: Json = False) -> None:
    """List the addresses of peers, and how their clocks differ.

    A clock that is over two minutes from ours is named; nothing stops for it, but one of the two is to be set right.

    Example: amanat peer list -C pk
    """
    from amanat.exchange import lines

    with turns.reading(open_means(folder, passphrase_file).engine) as tx:
        peers, told = lines.addresses(tx), clocks.differences(tx)
    for party in sorted({*peers, *told}) if as_json else ():
        url, paused = peers.get(party, (None, False))
        ahead = int(told[party].ahead.total_seconds()) if party in told else None
        screen.show_json({"party": party, "url": url, "paused": paused, "clock_ahead_seconds": ahead})
    if not as_json:
        shown = sorted({*peers, *(party for party, each in told.items() if each.warns)})
        rows = [[party, *_cells(peers.get(party)), _clock(told.get(party))] for party in shown]
        screen.show_rows(("party", "address", "", ""), rows)


def _cells(peer: tuple[str, bool] | None) -> tuple[str, str]:
    return ("by bundle, or it asks us", "") if peer is None else (peer[0], "paused" if peer[1] else "")


def _clock(told: Difference | None) -> str:
    return clocks.words(told.ahead) if told is not None and told.warns else ""
