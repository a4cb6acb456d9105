"""What the benches of messages share: what is sent, by whom, and two served nodes with lines to one another.

Real are both nodes, each in a process of its own on SQLite, their lines, the compact and the officers' sessions. A
message is posted as a page posts it, by officers at pk, and read by one at af. What is posted and where it is seen
stands here once.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import httpx

from amanat.demo.cast import COMPACT, Cast
from amanat.exchange.caller import COOKIE, form_word
from amanat.exchange.lines import set_address
from amanat.workspaces.liaison.kinds import MOST_SAID
from bundle_import import met
from hiring import hired
from serving import served
from wire import eventually, free_port

OFFICERS: Final = 16
"""Who write; one alone may ask 200 times at once and 50 times a second."""

KIND: Final = "liaison.message"
CALLS: Final = 20
"""On which all is said: in each a party says 2,000 phrases at most."""


def message(desk: "Desk", number: int) -> dict[str, Any]:
    """What is posted to /api/v1/records as the message of that number: a phrase with a place and a kind of works."""
    slots = {"place": {"lat": 33.86, "lon": 70.05, "metres": 1000}, "works": "trench"}
    call = {"party": "pk", "id": desk.calls[number // MOST_SAID % CALLS]}
    said = {"phrase": "works.explain", "slots": slots}
    body = {"type": "phrase", "call": call, "n": number % MOST_SAID + 1, "said": said}
    return {"kind": KIND, "compact": COMPACT, "to": ["af"], "body": body}


def page(desk: "Desk") -> str:
    """Where the officer at af has the first call before his eyes."""
    return f"/liaison/call?party=pk&id={desk.calls[0]}"


def shown(_party: str, id_: str) -> str:
    """The id of what stands for a record on that page."""
    return f"m-{id_}"


@dataclass(frozen=True)
class Desk:
    """A served node, a session of each of its duty officers, and the calls that they rang."""

    url: str
    cookies: tuple[str, ...]
    calls: tuple[str, ...] = ()

    def headers(self, officer: int = 0) -> dict[str, str]:
        """What a page of that officer's sends."""
        cookie = self.cookies[officer % len(self.cookies)]
        return {"cookie": f"{COOKIE}={cookie}", "x-amanat-form": form_word(cookie)}


Desks = Mapping[str, Desk]


@contextmanager
def desks(place: Path) -> Iterator[Desks]:
    """Serve pk and af, whose lines are up; begin no thread before."""
    with met(place) as parties:
        cookies = {party: tuple(hired(parties[party], ["duty"] * OFFICERS)) for party in ("pk", "af")}
        ports = {party: free_port() for party in cookies}
        _tell(parties, ports)
        with served(parties["pk"], ports["pk"]) as pk, served(parties["af"], ports["af"]) as af:
            made = {"pk": Desk(pk.url, cookies["pk"]), "af": Desk(af.url, cookies["af"])}
            yield made | {"pk": replace(made["pk"], calls=_rung(made))}


def _tell(parties: Cast, ports: Mapping[str, int]) -> None:
    for party, other in (("pk", "af"), ("af", "pk")):
        set_address(parties[party].means, other, f"http://127.0.0.1:{ports[other]}")


def _rung(made: Desks) -> tuple[str, ...]:
    """Ring the calls, and wait until the last has come; return their ids."""
    call = {
        "kind": "liaison.call",
        "compact": COMPACT,
        "to": ["af"],
        "body": {"hotline": "kurram", "urgency": "routine"},
    }
    ids = list[str]()
    for _ in range(CALLS):
        sent = httpx.post(f"{made['pk'].url}/api/v1/records", json=call, headers=made["pk"].headers())
        sent.raise_for_status()
        ids.append(sent.json()["id"])
    where = f"{made['af'].url}/api/v1/records/pk/{ids[-1]}"
    eventually(lambda: httpx.get(where, headers=made["af"].headers()).is_success)
    return tuple(ids)
