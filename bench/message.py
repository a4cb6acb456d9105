"""What the benches of messages share: what is sent, by whom, and two served nodes with lines to one another.

Real are both nodes, each in a process of its own on SQLite, their lines, the compact and the officers' sessions. A
message is posted as a page posts it, by officers at pk, and read by one at af. What is posted and where it is seen
stands here once.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx
import msgspec

from amanat.demo.cast import COMPACT, Cast
from amanat.demo.reports import reports
from amanat.exchange.caller import COOKIE, form_word
from amanat.exchange.lines import set_address
from bundle_import import met
from hiring import hired
from serving import served
from wire import eventually, free_port

OFFICERS: Final = 16
"""Who write; one alone may ask 200 times at once and 50 times a second."""

KIND: Final = "intelligence.report"
PAGE: Final = "/records"
"""Where the officer at af has it before his eyes."""


def message(number: int) -> dict[str, Any]:
    """What is posted to /api/v1/records as the message of that number."""
    texts = reports("pk")[:6]
    body = {"bundle": msgspec.json.decode(texts[number % len(texts)])}
    return {"kind": KIND, "compact": COMPACT, "to": ["af"], "body": body}


def shown(party: str, id_: str) -> str:
    """The id, or `data-message`, of what stands for a record on that page."""
    return f"{party}-{id_}"


@dataclass(frozen=True)
class Desk:
    """A served node, and a session of each of its duty officers."""

    url: str
    cookies: tuple[str, ...]

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
            _meet(made)
            yield made


def _tell(parties: Cast, ports: Mapping[str, int]) -> None:
    for party, other in (("pk", "af"), ("af", "pk")):
        set_address(parties[party].means, other, f"http://127.0.0.1:{ports[other]}")


def _meet(made: Desks) -> None:
    """Wait until a first message has come."""
    sent = httpx.post(f"{made['pk'].url}/api/v1/records", json=message(0), headers=made["pk"].headers())
    sent.raise_for_status()
    where = f"{made['af'].url}/api/v1/records/pk/{sent.json()['id']}"
    eventually(lambda: httpx.get(where, headers=made["af"].headers()).is_success)
