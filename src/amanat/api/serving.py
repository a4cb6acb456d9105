"""A node on the network: where peers ask, the lines by which it asks them, and what runs beside both.

Apart from `node.py`, so that commands which serve nothing load no server.
"""

import shutil
import ssl
from collections.abc import Sequence
from dataclasses import dataclass

from amanat.exchange import journal
from amanat.exchange.keeping import Keeping, Spent
from amanat.exchange.lines import Lines
from amanat.exchange.means import Means
from amanat.exchange.meters import Meters
from amanat.exchange.peer_api import Reception
from amanat.exchange.peer_auth import Nonces
from amanat.exchange.peer_client import client
from amanat.exchange.receive import Report
from amanat.node import KeyFile, monotonic, random
from amanat.settings import Settings


@dataclass(frozen=True, slots=True)
class Connected:
    """A node's side of the network: where peers ask, the lines by which it asks them, and its keeper of records."""

    reception: Reception
    lines: Lines
    meters: Meters
    keeping: Keeping

    def use(self, means: Means) -> None:
        """Answer by other keys from the next request on."""
        self.reception.means = self.meters.means = self.keeping.means = means


def connect(means: Means, settings: Settings, key: KeyFile, spent: Sequence[Spent] = ()) -> Connected:
    """Prepare a node for the network; nothing is asked or answered before its lines begin and it is served.

    `spent` says what of what is kept back is to be destroyed.
    """
    meters = Meters(means, lambda: shutil.disk_usage(key.folder).free)

    def told(report: Report) -> None:
        journal.told(report)
        meters.told(report)

    lines = Lines(means, client(trusted(settings)), monotonic, _chance, told, meters.exchanged, key.changed)
    reception = Reception(means, Nonces(random, monotonic), lines.heard, told)
    made = Connected(reception, lines, meters, Keeping(means, monotonic, lines.clocks.ours_ahead, spent))
    lines.keyed.append(made.use)
    return made


def trusted(settings: Settings) -> ssl.SSLContext:
    """Return what peers' certificates are held against."""
    return ssl.create_default_context(cafile=settings.peer_authorities or None)


def _chance() -> float:
    return int.from_bytes(random(4)) / 2**32
