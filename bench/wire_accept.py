"""How many records does a node take in over HTTP? 1 KiB each, in shares as the line brings them, durable.

On SQLite, and then with the databases of all parties on a server of PostgreSQL, which takes of the same two cores.

Ours: a served node, in a process of its own, is brought the shares one after the other, each a signed request; it
verifies, opens, judges, logs, stores and applies every record, and its answer carries their receipts. The peers, in
turn with the shares so that all meet the same machine: one HPKE opening and one Ed25519 verification a record on one
core, and single rows committed durably to such a database. Ratios are rates, ours / peer.
"""

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from statistics import median
from time import perf_counter

import httpx

from amanat.demo.cast import Actor, Cast
from amanat.exchange import bundle
from amanat.exchange.bundle import Item
from amanat.exchange.outbox import deliver
from amanat.exchange.pace import MOST
from amanat.exchange.peer_client import Wire
from bundle_import import NONE, SLICE, bare_cryptography, border, send_all
from measuring import seconds
from serving import Served, on_both, one_row_commits, row_commits_on_a_server, served
from wire import free_port

RECORDS, COMMITS = 10_000, 50


def shares(sender: Actor, recipient: str) -> list[list[Item]]:
    """What the sender has, cut as its line would bring it."""
    with deliver(recipient, sender.means) as due:
        items = list(due)
    papers = [item for item in items if bundle.TYPES.index(item.type) < bundle.TYPES.index("envelope")]
    return [papers, *_cut([item for item in items if item.type == "envelope"])]


def _cut(envelopes: Sequence[Item]) -> Iterator[list[Item]]:
    share, size = list[Item](), 0
    for item in envelopes:
        if share and size + len(item.data) > MOST:
            yield share
            share, size = [], 0
        share.append(item)
        size += len(item.data)
    yield share


def brought(wire: Wire, share: Sequence[Item], sender: Actor) -> int:
    """Bring a share; return how many receipts came back."""
    back, _ = wire.exchange(share, sender.means.now(), pull=False)
    return sum(item.type == "receipt" for item in bundle.read(back))


def repeated(commit: Callable[[], None]) -> None:
    """Commit some rows."""
    for _ in range(COMMITS):
        commit()


def measured(parties: Cast, node: Served, commit: Callable[[], None]) -> tuple[float, float, float, float]:
    """Seconds that a record took us, and as bare cryptography; that a row's commit took; processor seconds of ours."""
    pk = parties["pk"]
    wire = Wire(httpx.Client(timeout=60, trust_env=False), node.url, "pk", "af", pk.means.keys.record)
    cryptography = bare_cryptography(parties)
    papers, *loads = shares(pk, "af")
    brought(wire, papers, pk)
    before, _ = node.fares()
    ours, bare, rows, receipts = 0.0, list[float](), list[float](), 0
    for share in loads:
        bare.append(seconds(cryptography) / SLICE)
        rows.append(seconds(lambda: repeated(commit)) / COMMITS)
        begun = perf_counter()
        receipts += brought(wire, share, pk)
        ours += perf_counter() - begun
    if receipts != RECORDS:
        raise SystemExit(f"error: {receipts} receipts for {RECORDS} records")
    return ours / RECORDS, median(bare), median(rows), (node.fares()[0] - before) / RECORDS


def figures(database: str, databases: Mapping[str, str] = NONE) -> None:
    """Bring the records; print figures and ratios."""
    with tempfile.TemporaryDirectory() as place, border(Path(place), databases) as parties:
        send_all(parties, RECORDS)
        with served(parties["af"], free_port()) as node:
            commit = row_commits_on_a_server(databases["af"]) if databases else one_row_commits(Path(place))
            ours, bare, row, processor = measured(parties, node, commit)
    print(
        f"{database}: {RECORDS} records of 1 KiB over HTTP, durable, receipts returned: {ours * 1e6:.0f} us each, "
        f"{1 / ours:.0f}/s; {processor * 1e6:.0f} of the node's processor; bare cryptography {bare * 1e6:.0f} us; "
        f"a row committed {row * 1e6:.0f} us ({1 / row:.0f}/s)"
    )
    named, peer = ("_postgresql", "server") if databases else ("", "sqlite")
    print(f"ratio accept_vs_{peer}_commits{named} {row / ours:.2f}")
    print(f"ratio accept_vs_crypto_floor{named} {bare / ours:.2f}")


if __name__ == "__main__":
    on_both(figures)
