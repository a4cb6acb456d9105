"""A node's figures for whoever watches it (Prometheus): counted as things happen, or read when asked for.

Law: no label holds a name of a person, an id of a record or any content; parties and compacts stand by their codes.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from importlib.metadata import version

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.registry import Collector

from amanat.exchange.accept import Accepted, Declined
from amanat.exchange.means import Means, Turn, look
from amanat.exchange.peer_line import Standing
from amanat.exchange.receive import Report
from amanat.store import listing, logs, marks, turns

STATES = ("starting", "up", "down", "paused")


@dataclass(slots=True)
class Meters:
    """The figures of a running node; `free` returns the bytes free on its disk."""

    means: Means
    free: Callable[[], int]
    registry: CollectorRegistry = field(default_factory=lambda: CollectorRegistry(auto_describe=False))
    records: Counter = field(init=False)
    exchanges: Histogram = field(init=False)

    def __post_init__(self) -> None:
        """Register what is counted as it happens."""
        self.records = Counter(
            "amanat_records",
            "Envelopes answered, by outcome and error code.",
            ("outcome", "code"),
            registry=self.registry,
        )
        self.exchanges = Histogram(
            "amanat_exchange_seconds", "How long exchanges with a peer took.", ("peer",), registry=self.registry
        )

    def told(self, report: Report) -> None:
        """Count what became of what a peer brought."""
        for each in report.outcomes:
            match each:
                case Accepted():
                    self.records.labels("accepted", "").inc()
                case Declined():
                    self.records.labels("refused", each.problem.code).inc()
                case _:
                    self.records.labels("repeated", "").inc()

    def exchanged(self, peer: str, seconds: float) -> None:
        """Count an exchange that we asked for."""
        self.exchanges.labels(peer).observe(seconds)

    def exposition(self, standing: Callable[[], Iterable[tuple[str, Standing]]]) -> bytes:
        """Return all figures in Prometheus' text format 0.0.4."""
        passing = CollectorRegistry(auto_describe=False)
        passing.register(_Now(self, standing))
        return generate_latest(self.registry) + generate_latest(passing)


@dataclass(frozen=True, eq=False)
class _Now(Collector):
    """What is read when it is asked for."""

    meters: Meters
    standing: Callable[[], Iterable[tuple[str, Standing]]]

    def collect(self) -> Iterator[Metric]:
        """Yield each figure with its values."""
        means = self.meters.means
        yield InfoMetricFamily("amanat_build", "The program.", {"version": version("amanat"), "party": means.party})
        yield GaugeMetricFamily("amanat_disk_free_bytes", "Bytes free on the node's disk.", self.meters.free())
        commits, writers = turns.commits(means.engine)
        yield CounterMetricFamily("amanat_commits", "Commits of the database.", commits)
        yield CounterMetricFamily("amanat_commit_writers", "Writers that they were for.", writers)
        standing = dict(self.standing())
        yield from _lines(standing)
        with look(means) as turn:
            yield from _outbox(turn, standing)
            yield from _logs(turn)
            yield from _marks(turn)


def _lines(standing: Mapping[str, Standing]) -> Iterator[Metric]:
    state = GaugeMetricFamily("amanat_line_state", "1 for the state that a line is in.", labels=("peer", "state"))
    skew = GaugeMetricFamily("amanat_clock_skew_seconds", "How far a peer's clock is ahead of ours.", labels=("peer",))
    for peer, each in standing.items():
        for name in STATES:
            state.add_metric((peer, name), float(each.state == name))
        if each.skew is not None:
            skew.add_metric((peer,), each.skew.total_seconds())
    yield state
    yield skew


def _outbox(turn: Turn, peers: Iterable[str]) -> Iterator[Metric]:
    depth = GaugeMetricFamily("amanat_outbox_records", "Envelopes without an answer.", labels=("peer",))
    age = GaugeMetricFamily("amanat_outbox_oldest_seconds", "Age of the oldest of them.", labels=("peer",))
    waits = {each.recipient: (each.pending, each.oldest) for each in listing.due(turn.tx)}
    for peer in sorted({*peers, *waits}):
        pending, oldest = waits.get(peer, (0, None))
        depth.add_metric((peer,), pending)
        age.add_metric((peer,), _age(turn, oldest) if oldest else 0.0)
    yield depth
    yield age


def _logs(turn: Turn) -> Iterator[Metric]:
    size = GaugeMetricFamily("amanat_log_entries", "Entries of a log of ours.", labels=("log",))
    lag = GaugeMetricFamily("amanat_log_unconfirmed_entries", "Those without the witness quorum.", labels=("log",))
    for log in sorted(turn.known.compacts.keys() & set(logs.logs(turn.tx))):
        entries, final = logs.latest(turn.tx, log)[0].size, logs.with_quorum(turn.tx, log)
        size.add_metric((log,), entries)
        lag.add_metric((log,), entries - (final[0] if final else 0))
    yield size
    yield lag


def _marks(turn: Turn) -> Iterator[Metric]:
    held = marks.at(turn.tx, "restored") is not None
    yield GaugeMetricFamily("amanat_held_back", "1 while a node that was put back signs nothing.", float(held))
    last = marks.at(turn.tx, "backup")
    if last is not None:
        yield GaugeMetricFamily("amanat_backup_age_seconds", "Since the last backup.", _age(turn, last.isoformat()))


def _age(turn: Turn, at: str) -> float:
    return (turn.now - datetime.fromisoformat(at)).total_seconds()
