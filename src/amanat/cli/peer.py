"""Peers: where their nodes are reached, and whether what they lost is given again."""

from datetime import datetime, timedelta
from typing import Annotated

import typer

from amanat.cli import arguments, screen
from amanat.cli.options import HERE, OPERATOR, Folder, Json, PassphraseFile, open_means
from amanat.exchange import again, clocks
from amanat.exchange.acting import acting, noted
from amanat.exchange.again import Asked
from amanat.exchange.clocks import Difference
from amanat.exchange.means import look

app = typer.Typer(name="peer", help="Say where others are reached, and give again.")

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

    A node that is being served takes it at once, and goes on with a line that was paused.

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


@app.command("give-again")
def give_again(
    party: Peer,
    days: Annotated[
        int, typer.Option("--days", metavar="N", min=1, max=again.MOST_DAYS, help="How long what it asks for is given.")
    ] = 3,
    no: Annotated[bool, typer.Option("--no", help="Give it nothing, and forget what it asked for.")] = False,
    folder: Folder = HERE,
    passphrase_file: PassphraseFile = None,
) -> None:
    """Give a peer again what it lost.

    First speak with its people, by a way you know them: whoever stole its node's keys can ask in its name, and read what
    is given. It is given what it sent us and we sent it, as far as we hold it, with each exchange or bundle.

    Example: amanat peer give-again -C af pk --days 3
    """
    means = open_means(folder, passphrase_file)
    with acting(means, OPERATOR, "peers.give", party) as act:
        until = act.turn.now + timedelta(days=days)
        count = again.deny(act.turn, party) if no else again.allow(act.turn, party, until)
    if no:
        screen.say(
            f"Nothing is given again to {party}; what it asked for is forgotten: {screen.many(count, 'envelope')}."
        )
    else:
        screen.say(
            f"Until {_time(until)} {party} is given again what it asks for; {screen.many(count, 'envelope')} now."
        )


@app.command("list")
def list_(folder: Folder = HERE, passphrase_file: PassphraseFile = None, as_json: Json = False) -> None:
    """List peers, their clocks, and who lost envelopes.

    A clock that is over two minutes from ours is named; nothing stops for it, but one of the two is to be set right.
    Who asks for envelopes again is given them only when `amanat peer give-again` says so.

    Example: amanat peer list -C pk
    """
    from amanat.exchange import lines

    with look(open_means(folder, passphrase_file)) as turn:
        peers, told, asked = lines.addresses(turn.tx), clocks.differences(turn.tx), again.asked(turn)
    for party in sorted({*peers, *told, *asked}) if as_json else ():
        url, paused = peers.get(party, (None, False))
        ahead = int(told[party].ahead.total_seconds()) if party in told else None
        each = asked.get(party, Asked(0, None))
        lost = {"asks_again": each.waiting, "given_again_until": each.until}
        screen.show_json({"party": party, "url": url, "paused": paused, "clock_ahead_seconds": ahead} | lost)
    if not as_json:
        shown = sorted({*peers, *asked, *(party for party, each in told.items() if each.warns)})
        rows = [
            [party, *_cells(peers.get(party)), _clock(told.get(party)), _again(asked.get(party))] for party in shown
        ]
        screen.show_rows(("party", "address", "", "", ""), rows)


def _cells(peer: tuple[str, bool] | None) -> tuple[str, str]:
    return ("by bundle, or it asks us", "") if peer is None else (peer[0], "paused" if peer[1] else "")


def _clock(told: Difference | None) -> str:
    return clocks.words(told.ahead) if told is not None and told.warns else ""


def _again(asked: Asked | None) -> str:
    if asked is None:
        return ""
    wait = f"asks for {screen.many(asked.waiting, 'envelope')} again"
    return wait if asked.until is None else f"{wait}, given until {_time(asked.until)}"


def _time(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"
