"""What does taking in a bundle cost beside its bare cryptography? 10,000 records of 1 KiB, durable on SQLite.

Ours: the bundle is read from its file and every envelope opened, judged, logged and stored, in batches each of which is
on the disk before it counts. The peer: for as many records one HPKE opening and one Ed25519 verification on one core,
which no receiver could leave out, a slice of it after each slice of the bundle, so that both meet the same machine. The
last line is peer / ours, the median of a few rounds. Records are of a small kind, so that the road is measured and not
what a workspace reads in its bodies (`read_stix.py` does that).
"""

import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from statistics import median
from time import perf_counter

import msgspec

from amanat.compact.terms import defaults
from amanat.demo import cast
from amanat.demo.cast import COMPACT, Actor, Cast
from amanat.exchange import bundle
from amanat.exchange.accept import Accepted
from amanat.exchange.bundle import Item
from amanat.exchange.outbox import deliver
from amanat.exchange.receive import receive
from amanat.exchange.send import send
from amanat.party.manifest import sealing_key_at
from amanat.record.kind import Kind, Kinds
from amanat.record.notices import NOTICES
from amanat.record.record import Draft, Post
from amanat.seal.header import SUITE
from measuring import dearest, seconds

RECORDS, BATCH, BODY_BYTES = 10_000, 256, 1024
ROUNDS, SLICE = 3, 250
NONE: Mapping[str, str] = {}


class Report(msgspec.Struct, frozen=True):
    """A body of one text."""

    text: str


REPORT = Kind("intelligence.report", 1, Report, "destroy", "A report.", (Report(""),))


def small(actor: Actor) -> Actor:
    """The party, knowing the small kind only."""
    return replace(actor, means=replace(actor.means, kinds=Kinds([REPORT, *NOTICES])))


@contextmanager
def met(folder: Path, databases: Mapping[str, str] = NONE) -> Iterator[Cast]:
    """Three parties who have joined the worked compact; those whose database is named keep theirs on that server."""
    for code, address in databases.items():
        (folder / code).mkdir()
        (folder / code / "node.toml").write_text(f'database = "{address}"\n', "utf-8")
    made = {code: cast.make_party(code, folder / code) for code in cast.NAMES}
    cast.introduce(made)
    cast.join_all(made, cast.sign_compact(made, cast.compact_text(made)))
    try:
        yield made
    finally:
        cast.close(made)


@contextmanager
def border(folder: Path, databases: Mapping[str, str] = NONE) -> Iterator[Cast]:
    """The same, knowing the small kind only."""
    with met(folder, databases) as made:
        yield {code: small(actor) for code, actor in made.items()}


def drafts(sender: Actor, numbers: Iterable[int]) -> list[Draft]:
    """Reports to af, each of another text."""
    terms = cast.terms_of(sender)
    handling = defaults(terms, REPORT.label, sender.means.now())
    texts = (f"{number:06} ".ljust(BODY_BYTES, "x") for number in numbers)
    return [Draft(REPORT.label, Report(text), ("af",), handling, terms.digest) for text in texts]


def send_all(parties: Cast, count: int) -> None:
    """Let pk send so many records to af; they wait in its outbox."""
    for start in range(0, count, BATCH):
        numbers = range(start, min(start + BATCH, count))
        send(drafts(parties["pk"], numbers), Post("pk", "desk"), parties["pk"].means)


def written(parties: Cast, file: Path) -> None:
    """Let pk send all the records to af, and write them to a bundle."""
    send_all(parties, RECORDS)
    with deliver("af", parties["pk"].means) as items:
        cast.write_bundle(file, "pk", "af", items)


def taken_in(parties: Cast, file: Path, between: Callable[[], object]) -> int:
    """Take the bundle in at af, as `amanat bundle import` does; return how many records were accepted.

    `between` is called after every `SLICE` items that were read.
    """
    with file.open("rb") as stream:
        sender, _ = bundle.parties(stream)
        bundle.verify(stream)
        report = receive(sender, paused(bundle.read(stream), between), parties["af"].means)
    return sum(isinstance(outcome, Accepted) for outcome in report.outcomes)


def paused(items: Iterable[Item], between: Callable[[], object]) -> Iterator[Item]:
    """Yield the items, with a call after each slice."""
    for number, item in enumerate(items, 1):
        yield item
        if number % SLICE == 0:
            between()


def bare_cryptography(parties: Cast) -> Callable[[], None]:
    """A function that does what a slice of envelopes costs in cryptography alone."""
    af, pk = parties["af"], parties["pk"]
    key_id, public = sealing_key_at(af.manifest, af.means.now())
    private, signer = af.means.keys.sealing[key_id], pk.means.keys.record
    verifier, message = signer.public_key(), bytes(BODY_BYTES + 400)
    wrap, signature = SUITE.encrypt(bytes(40), public, info=bytes(79)), signer.sign(message)

    def slice_of_it() -> None:
        for _ in range(SLICE):
            SUITE.decrypt(wrap, private, info=bytes(79))
            verifier.verify(signature, message)

    return slice_of_it


def measured(parties: Cast, file: Path) -> tuple[float, float]:
    """Seconds a record that the bare cryptography and the whole import took, each in its turn."""
    peer, peers = bare_cryptography(parties), list[float]()
    begun = perf_counter()
    accepted = taken_in(parties, file, lambda: peers.append(seconds(peer)))
    ours = perf_counter() - begun - sum(peers)
    if accepted != RECORDS:
        raise SystemExit(f"error: {accepted} of {RECORDS} records were accepted in {COMPACT}")
    return sum(peers) / len(peers) / SLICE, ours / RECORDS


def main() -> None:
    """Import the bundle at several copies of one node; print figures, profile and ratio."""
    with tempfile.TemporaryDirectory() as place, border(Path(place)) as parties:
        file = Path(place) / "pk-to-af.bundle"
        written(parties, file)
        rounds = []
        for number in range(ROUNDS):
            with cast.double(parties["af"], Path(place) / f"copy-{number}") as copy:
                rounds.append(measured({**parties, "af": copy}, file))
        bare, whole = (median(times) * 1e6 for times in zip(*rounds, strict=True))
        print(f"{RECORDS} records of 1 KiB, durable: {whole:.0f} us each; bare cryptography {bare:.0f} us")
        print(dearest(lambda: taken_in(parties, file, lambda: None)))
    print(f"ratio bundle_import_vs_crypto_floor {median(bare / whole for bare, whole in rounds):.2f}")


if __name__ == "__main__":
    main()
