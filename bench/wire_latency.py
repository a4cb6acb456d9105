"""How long until a sender holds the receipt? 50 records a second over HTTP on loopback, from the commit to the receipt.

Ours: a node with its line, and the served node of its peer in a process of its own; every 20 ms a record is committed,
and its receipt counts once it is verified and committed. The peer is what nobody can do without: one page synchronised
with the disk and one HTTP round trip to that same node, at their medians, measured between the records. Ratios are
ours / peer; what is beyond 1 is cryptography and the other commits on the way (docs/performance.md). On SQLite, and
then with the databases of all parties on a server of PostgreSQL, which takes of the same two cores.
"""

import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from statistics import median, quantiles

import httpx
from sqlalchemy import select

from amanat.demo.cast import Actor
from amanat.exchange.lines import Lines, set_address
from amanat.exchange.receive import Report
from amanat.exchange.send import Pending, send
from amanat.record.record import Post
from amanat.store import turns
from amanat.store.tables import DELIVERY
from bundle_import import NONE, border, drafts
from measuring import seconds
from serving import PATIENCE, connected, on_both, served, syncs
from wire import free_port

SECONDS, EVERY, FLOOR_EVERY = 20, 0.02, 25


class Watch:
    """When each record was committed, and when its receipt was."""

    def __init__(self, sender: Actor) -> None:
        """Begin with none."""
        self.sender = sender
        self.drafts = drafts(sender, range(int(SECONDS / EVERY)))
        self.sent = dict[str, float]()
        self.took = list[float]()

    def told(self, report: Report) -> None:
        """Ask, once an answer was taken in, whose receipts are here."""
        if not report.items["receipt"]:
            return
        now = time.perf_counter()
        with turns.reading(self.sender.means.engine) as tx:
            waiting = DELIVERY.c.envelope.in_(list(self.sent))
            answered = tx.execute(select(DELIVERY.c.envelope).where(waiting, DELIVERY.c.state != "pending")).scalars()
            for digest in answered.all():
                self.took.append(now - self.sent.pop(digest))

    def send(self, number: int) -> None:
        """Send one record, and note when it stood."""
        (pending,) = send([self.drafts[number]], Post("pk", "desk"), self.sender.means)
        if isinstance(pending, Pending):
            self.sent[pending.digest] = time.perf_counter()


def flow(watch: Watch, floor: list[tuple[float, float]], sync: Callable[[], None], ask: Callable[[], object]) -> None:
    """Send at an even pace, and measure the floor between."""
    begun = time.perf_counter()
    for number in range(int(SECONDS / EVERY)):
        time.sleep(max(0.0, begun + number * EVERY - time.perf_counter()))
        watch.send(number)
        if number % FLOOR_EVERY == FLOOR_EVERY - 1:
            time.sleep(EVERY / 2)  # what was sent is answered by then, or nearly
            floor.append((seconds(sync), seconds(ask)))
    until = time.perf_counter() + PATIENCE
    while watch.sent and time.perf_counter() < until:
        time.sleep(0.01)


def measured(sender: Actor, url: str, folder: Path) -> tuple[list[float], float, float]:
    """Seconds that each receipt took, and the medians of a synchronisation and of a round trip."""
    watch = Watch(sender)
    set_address(sender.means, "af", url)
    _, lines = connected(sender.means, watch.told)
    floor: list[tuple[float, float]] = []
    with httpx.Client(trust_env=False) as http:
        lines.begin()
        _warm(watch, lines)
        flow(watch, floor, syncs(folder), lambda: http.get(f"{url}/peer/v1/nonce"))
        lines.end()
    if watch.sent:
        raise SystemExit(f"error: {len(watch.sent)} receipts never came")
    sync, trip = (median(times) for times in zip(*floor, strict=True))
    return watch.took, sync, trip


def _warm(watch: Watch, lines: Lines) -> None:
    until = time.perf_counter() + PATIENCE
    while lines.standing()["af"].state != "up" and time.perf_counter() < until:
        time.sleep(0.01)
    watch.send(0)
    while watch.sent and time.perf_counter() < until:
        time.sleep(0.01)
    watch.took.clear()


def figures(database: str, databases: Mapping[str, str] = NONE) -> None:
    """Let records flow; print figures and ratios."""
    with (
        tempfile.TemporaryDirectory() as place,
        border(Path(place), databases) as parties,
        served(parties["af"], free_port()) as node,
    ):
        took, sync, trip = measured(parties["pk"], node.url, Path(place))
    half, last = median(took), quantiles(took, n=100)[98]
    print(
        f"{database}: {len(took)} receipts at {1 / EVERY:.0f} records/s: half within {half * 1e3:.1f} ms, 99 of 100 "
        f"within {last * 1e3:.1f} ms; one synchronisation {sync * 1e3:.2f} ms, one round trip {trip * 1e3:.2f} ms"
    )
    named = "_postgresql" if databases else ""
    print(f"ratio receipt_latency_p99_vs_floor{named} {last / (sync + trip):.1f}")
    print(f"ratio receipt_latency_vs_floor{named} {half / (sync + trip):.1f}")


if __name__ == "__main__":
    on_both(figures)
