"""What does an outage cost once it is over? 100,000 records of 1 KiB wait for a peer, and the line to it comes back.

Ours: the line as a node runs it, with a served node at its other end in a process of its own: shares are read, brought,
taken in, answered, and the receipts taken in, one after the other. The peer is what taking in alone comes to, as
`wire_accept.py` measures it: one share of the same records is brought to the same node before, and its receipts are not
taken in. Memory is the most that each process held beyond what it held when the line came back.
"""

import resource
import tempfile
import time
from pathlib import Path

import httpx
from sqlalchemy import func, select

from amanat.demo.cast import Actor
from amanat.exchange import bundle
from amanat.exchange.lines import set_address
from amanat.exchange.peer_client import Wire
from amanat.exchange.receive import Report, receive
from amanat.node import DATABASE
from amanat.store import turns
from amanat.store.tables import DELIVERY
from bundle_import import border, send_all
from serving import Served, connected, served
from wire import free_port
from wire_accept import brought, shares

RECORDS, AHEAD = 100_000, 5_000
PATIENCE = 3600.0
MIB = 1024 * 1024


def taken_in_alone(sender: Actor, node: Served) -> float:
    """Seconds a record that the node took for the first records; their receipts are taken in afterwards."""
    wire = Wire(httpx.Client(timeout=60, trust_env=False), node.url, "pk", "af", sender.means.keys.record)
    papers, *loads = shares(sender, "af")
    brought(wire, papers, sender)
    begun = time.perf_counter()
    answers = [wire.exchange(load, sender.means.now(), pull=False)[0] for load in loads]
    took = time.perf_counter() - begun
    for answer in answers:
        receive("af", bundle.read(answer), sender.means)
    return took / AHEAD


def waiting(sender: Actor) -> int:
    """How many records wait for an answer."""
    with turns.reading(sender.means.engine) as tx:
        return tx.execute(select(func.count()).where(DELIVERY.c.state == "pending")).scalar_one()


def caught_up(sender: Actor, node: Served) -> float:
    """Seconds until every record is answered, once the line is back."""
    answered = 0

    def told(report: Report) -> None:
        nonlocal answered
        answered += report.items["receipt"]

    set_address(sender.means, "af", node.url)
    _, lines = connected(sender.means, told)
    wanted, begun = waiting(sender), time.perf_counter()
    lines.begin()
    while answered < wanted and time.perf_counter() < begun + PATIENCE:
        time.sleep(0.02)
    took = time.perf_counter() - begun
    lines.end()
    if left := waiting(sender):
        raise SystemExit(f"error: {left} records were not answered")
    return took


def held() -> int:
    """The most bytes of memory that this process held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def main() -> None:
    """Let them catch up; print figures and ratio."""
    with tempfile.TemporaryDirectory() as place, border(Path(place)) as parties:
        pk = parties["pk"]
        send_all(parties, AHEAD)
        with served(parties["af"], free_port()) as node:
            alone = taken_in_alone(pk, node)
            send_all(parties, RECORDS)
            ours, theirs, begun = held(), node.fares(), time.process_time()
            took = caught_up(pk, node) / RECORDS
            after, processor, most = node.fares(), time.process_time() - begun, held()
        size = (parties["af"].folder / DATABASE).stat().st_size
    print(
        f"{RECORDS} records caught up: {took * 1e6:.0f} us each, {1 / took:.0f}/s; processor of the sender "
        f"{processor / RECORDS * 1e6:.0f}, of the receiver {(after[0] - theirs[0]) / RECORDS * 1e6:.0f}; "
        f"taking in alone {alone * 1e6:.0f} us each; memory grew by {(most - ours) / MIB:.0f} and "
        f"{(after[1] - theirs[1]) / MIB:.0f} MiB; the receiver's database has {size / MIB:.0f} MiB"
    )
    print(f"ratio catch_up_vs_accept {alone / took:.2f}")


if __name__ == "__main__":
    main()
