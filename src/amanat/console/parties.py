"""Parties and their keys: who each is, how to compare its fingerprint, how its line stands, and what waits for it.

Law: it shows what the API shows, by `exchange.parties` and `exchange.peers`; a button stands where one may press it.
"""

from typing import Annotated, Any, Final
from urllib.parse import quote

import msgspec
from litestar import Request, Response
from litestar.params import FromPath, URLEncodedBody
from litestar.response import Redirect
from markupsafe import Markup

from amanat.console.done import on_to
from amanat.console.shell import inside
from amanat.exchange import again, parties, peers
from amanat.exchange.caller import Caller
from amanat.exchange.means import Means, look
from amanat.exchange.peers import What
from amanat.exchange.route import Here, Standing, Who, does, reads
from amanat.officer.may import may
from amanat.party.errors import Invalid, Refused
from amanat.party.fingerprint import qr_svg, qr_text


class Days(msgspec.Struct, frozen=True):
    """For how many days a peer is given what it lost, as typed, and the word of the page."""

    days: Annotated[str, msgspec.Meta(max_length=8)] = ""
    form: str = ""


@reads("/parties", "compact.read")
def listed(request: Request[Any, Any, Any], means: Here, lines: Standing, caller: Who) -> Response[str]:
    """List the parties known here."""
    with look(means) as turn:
        found = parties.parties(turn)
        reached = peers.peers(turn, lines.standing()) if may(caller.actor, "peers.read") else ()
    given = {"here": "parties", "found": found, "reached": {each.party: each for each in reached}}
    return inside(request, means, caller, "parties.html", given)


@reads("/parties/{code:str}", "compact.read")
def one(
    request: Request[Any, Any, Any], means: Here, lines: Standing, caller: Who, code: FromPath[str]
) -> Response[str]:
    """Show one party: fingerprint, custodians, keys, manifests; to who may see it, its line and what waits."""
    sees = may(caller.actor, "peers.read")
    with look(means) as turn:
        found = parties.party(turn, code)
        keys = parties.keys(turn, code)
        reached = peers.peers(turn, lines.standing()) if sees else ()
        waits = peers.outbox(turn) if sees else ()
        lost = peers.asked_again(turn) if sees else ()
    given = {
        "here": "parties",
        "found": found,
        "keys": keys,
        "qr": Markup(qr_svg(qr_text(code, bytes.fromhex(found.fingerprint)))),  # noqa: S704 - drawn here, of code and digits
        "sees": sees and not found.own,
        "line": next((each for each in reached if each.party == code), None),
        "waits": next((each for each in waits if each.recipient == code), None),
        "lost": next((each for each in lost if each.party == code), None),
        "operates": may(caller.actor, "peers.operate"),
        "gives": may(caller.actor, "peers.give"),
    }
    return inside(request, means, caller, "party.html", given)


@does("POST", "/parties/{code:str}/line/{what:str}", "peers.operate", "peers.operate")
def operate(means: Here, lines: Standing, caller: Who, code: FromPath[str], what: FromPath[What]) -> Redirect:
    """Pause a line, go on with it, or try it now."""
    peers.operate(means, lines, caller.actor, code, what)
    return _back(caller, code)


@reads("/parties/{code:str}/again", "peers.give")
def ask_again(request: Request[Any, Any, Any], means: Here, caller: Who, code: FromPath[str]) -> Response[str]:
    """Say what follows when a peer is given again what it lost, and ask whether it is to be."""
    return _again(request, means, caller, code, None)


@does("POST", "/parties/{code:str}/again", "peers.give", "peers.give")
def give_again(
    request: Request[Any, Any, Any], means: Here, caller: Who, code: FromPath[str], data: URLEncodedBody[Days]
) -> Response[Any]:
    """Let a peer be given what it lost, for so many days."""
    try:
        peers.give_again(means, caller.actor, code, _days(data.days))
    except Invalid as problem:
        return _again(request, means, caller, code, problem)
    return _back(caller, code)


@does("POST", "/parties/{code:str}/again/nothing", "peers.give", "peers.give")
def give_nothing(means: Here, caller: Who, code: FromPath[str]) -> Redirect:
    """Give a peer nothing again."""
    peers.give_nothing_again(means, caller.actor, code)
    return _back(caller, code)


def _again(
    request: Request[Any, Any, Any], means: Means, caller: Caller, code: str, problem: Invalid | Refused | None
) -> Response[str]:
    with look(means) as turn:
        found = parties.party(turn, code)
        lost = next((each for each in peers.asked_again(turn) if each.party == code), None)
    given = {
        "here": "parties",
        "found": found,
        "lost": lost,
        "most": again.MOST_DAYS,
    }
    return inside(request, means, caller, "again.html", given, problem)


def _days(typed: str) -> int:
    if not typed.isascii() or not typed.isdecimal() or not 1 <= int(typed) <= again.MOST_DAYS:
        raise Invalid("again.days", "That is no number of days.", f"Type a whole number from 1 to {again.MOST_DAYS}.")
    return int(typed)


def _back(caller: Caller, code: str) -> Redirect:
    return on_to(caller.cookie, f"/parties/{quote(code, safe='')}", "line-changed")


ROUTES: Final[list[Any]] = [listed, one, operate, ask_again, give_again, give_nothing]
"""The list, one party, its line, and giving again what it lost."""
