"""All that the exchange may touch: a party's keys, kinds, database, clock and randomness, handed in from outside."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache

from sqlalchemy import Connection, Engine

from amanat.compact import ending, signing, terms
from amanat.compact.check import Compact
from amanat.compact.ending import Ending
from amanat.log.checkpoint import Checkpoint
from amanat.party import canonical, dsse, labels
from amanat.party.errors import Refused
from amanat.party.keys import NodeKeys
from amanat.party.manifest import Manifest, log_name, record_keys
from amanat.record.kind import Kinds
from amanat.record.record import uuid7
from amanat.store import statements, turns
from amanat.store.tables import MANIFEST


@dataclass(frozen=True, slots=True)
class Means:
    """One party's node as the pipeline sees it. `random(n)` gives n bytes; `now()` an aware UTC time."""

    party: str
    keys: NodeKeys
    kinds: Kinds
    engine: Engine
    now: Callable[[], datetime]
    random: Callable[[int], bytes]

    def new_id(self) -> str:
        """Return a fresh UUIDv7."""
        return uuid7(int(self.now().timestamp() * 1000), self.random(10))


@dataclass(frozen=True, slots=True)
class Known:
    """What a transaction judges by: the latest manifests, the latest compacts with their state, and which logs ended.

    `endings` are by (party, compact), of each log in turn.
    """

    manifests: Mapping[str, Manifest]
    compacts: Mapping[str, Compact]
    endings: Mapping[tuple[str, str], tuple[Ending, ...]] = field(default_factory=dict)

    def compact(self, id_: str) -> Compact:
        """Return the compact of that id. Raises `Refused` when this party joined none."""
        if id_ not in self.compacts:
            raise Refused(
                "compact.unknown",
                f"This party has joined no compact {id_!r}.",
                f"It has joined: {', '.join(sorted(self.compacts)) or 'none'}.",
                by="no compact",
            )
        return self.compacts[id_]

    def by_digest(self, digest: str) -> Compact:
        """Return the compact whose latest text has that digest. Raises `Refused` for an outdated or foreign one."""
        for compact in self.compacts.values():
            if compact.terms.digest == digest:
                return compact
        raise Refused(
            "compact.outdated",
            f"The record names the compact text {digest[:16]}, which is not the latest of any compact held here.",
            "Exchange compacts, then compose the record anew under the latest version.",
            by="compact version",
        )

    def ended(self, party: str, compact: str) -> tuple[Ending, ...]:
        """Return how the logs of a party for a compact ended, the first one first; mostly none did."""
        return self.endings.get((party, compact), ())

    def log_names(self, party: str, compact: str) -> list[str]:
        """Return the names of a party's logs for a compact, that of the one it keeps now first."""
        count = len(self.ended(party, compact)) + 1
        return [log_name(self.manifests[party], compact, number) for number in range(count, 0, -1)]

    def log_name(self, party: str, compact: str) -> str:
        """Return the name of the log that a party keeps now for a compact."""
        return self.log_names(party, compact)[0]

    def ending_of(self, origin: str) -> Ending | None:
        """Return how the log of that name ended; None when it did not, or is not known."""
        every = (each for those in self.endings.values() for each in those)
        return next((each for each in every if ending.origin_of(each, self.manifests) == origin), None)

    def longest_retention(self) -> timedelta:
        """Return how long anything may be kept that came under any of the compacts."""
        kinds = [kind for compact in self.compacts.values() for kind in compact.terms.kinds.values()]
        return timedelta(days=max((kind.retention_days for kind in kinds), default=0))

    def unread_retention(self, kinds: Kinds) -> timedelta:
        """Return how long what nobody could read may be kept: as long as what must go soonest, for it may be of that.

        What stands counts only where nothing else is agreed.
        """
        stands = {kind.name for kind in kinds if kind.on_withdraw == "stands"}
        agreed = [each for compact in self.compacts.values() for each in compact.terms.kinds.items()]
        days = [kind.retention_days for name, kind in agreed if name not in stands]
        return timedelta(days=min(days)) if days else self.longest_retention()


@dataclass(frozen=True, slots=True)
class Turn:
    """One transaction at work: its connection, what is known in it, the whole second it began at, and the means."""

    tx: Connection
    known: Known
    now: datetime
    means: Means
    compared: set[Checkpoint] = field(default_factory=set)
    """Checkpoints held against what is kept of their logs, once for all that carry them."""


@contextmanager
def begin(means: Means) -> Iterator[Turn]:
    """Open a transaction to write in: what the block wrote is durable after it, or taken back when the block raises.

    Blocks of several threads that meet are committed together (`store.turns`). A block must not open another.
    """
    with turns.writing(means.engine) as tx:
        yield _turn(tx, means)


@contextmanager
def look(means: Means) -> Iterator[Turn]:
    """Open a transaction that only reads: it sees one moment, and waits for nobody who writes."""
    with turns.reading(means.engine) as tx:
        yield _turn(tx, means)


def _turn(tx: Connection, means: Means) -> Turn:
    now = means.now().replace(microsecond=0)
    return Turn(tx, known(tx, now), now, means)


def known(tx: Connection, now: datetime) -> Known:
    """Read what is known now. Statements were verified when they were taken in."""
    held, compacts = statements.in_force(tx), {}
    for id_, data in held.compacts.items():
        acts = [read_act(act) for act in held.acts.get(id_, ())]
        versions = texts(tx, id_) if acts else [read_terms(data)]
        compacts[id_] = Compact(versions[-1], signing.fold(versions, acts, now))
    papers = {party: read_manifest(data) for party, data in held.manifests.items()}
    return Known(papers, compacts, _in_turn(held.endings))


def _in_turn(statements_: Iterable[bytes]) -> dict[tuple[str, str], tuple[Ending, ...]]:
    """Read how logs ended, by (party, compact) and in turn."""
    found = dict[tuple[str, str], tuple[Ending, ...]]()
    for each in map(read_ending, statements_):
        of = (each.party, each.compact)
        found[of] = (*found.get(of, ()), each)
    return found


def manifests(tx: Connection) -> dict[str, Manifest]:
    """Read the latest manifest of every party."""
    return {party: read_manifest(data) for party, data in statements.latest(tx, MANIFEST).items()}


def texts(tx: Connection, compact: str) -> list[terms.Terms]:
    """Read all versions of a compact that are held, oldest first."""
    return [read_terms(data) for data in statements.versions(tx, compact)]


@lru_cache(maxsize=256)
def read_manifest(statement: bytes) -> Manifest:
    """Parse a manifest that was verified before it was stored."""
    body = dsse.parse(statement, labels.MANIFEST, "stored manifest").body()
    return canonical.decode(body, Manifest, "stored manifest")


def manifest_that_listed(turn: Turn, party: str, key: str) -> Manifest:
    """Return the manifest under which a record key, by id, still spoke: what is logged is judged by what preceded."""
    held = [read_manifest(data) for data in statements.history(turn.tx, party)]
    return next((each for each in held if key in record_keys(each)), held[-1])


@lru_cache(maxsize=256)
def read_act(statement: bytes) -> signing.Act:
    """Parse an act that was verified before it was stored."""
    return signing.read_act(statement)


@lru_cache(maxsize=64)
def read_ending(statement: bytes) -> Ending:
    """Parse an ending that was verified before it was stored."""
    return ending.read_ending(statement)


@lru_cache(maxsize=64)
def read_terms(statement: bytes) -> terms.Terms:
    """Parse a compact that was verified before it was stored."""
    return terms.parse(dsse.parse(statement, labels.COMPACT, "stored compact").body())
