"""What does taking in a bundle cost beside its bare cryptography? 10,000 records of 1 KiB, durable on SQLite.

Ours: the bundle is read from its file and every envelope opened, judged, logged and stored, in batches each of which is
on the disk before it counts. The peer: for as many records one HPKE opening and one Ed25519 verification on one core,
which no receiver could leave out. The last line is peer / ours. Records are of a small kind, so that the road is
measured and not what a workspace reads in its bodies (`read_stix.py` does that).
"""

import cProfile
import pstats
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from time import perf_counter

import msgspec

from amanat.compact.terms import defaults
from amanat.demo import cast
from amanat.demo.cast import COMPACT, Actor, Cast
from amanat.exchange import bundle
from amanat.exchange.accept import Accepted
from amanat.exchange.outbox import deliver
from amanat.exchange.receive import receive
from amanat.exchange.send import send
from amanat.party.manifest import sealing_key_at
from amanat.record.kind import Kind, Kinds
from amanat.record.notices import NOTICES
from amanat.record.record import Draft, Post
from amanat.seal.header import SUITE

RECORDS, BATCH, BODY_BYTES = 10_000, 256, 1024
PEER_TIMES = 2_000


class Report(msgspec.Struct, frozen=True):
    """A body of one text."""

    text: str


REPORT = Kind("intelligence.report", 1, Report, "destroy", "A report.", (Report(""),))


def small(actor: Actor) -> Actor:
    """The party, knowing the small kind only."""
    return replace(actor, means=replace(actor.means, kinds=Kinds([REPORT, *NOTICES])))


@contextmanager
def border(folder: Path) -> Iterator[Cast]:
    """Three parties who have joined the worked compact."""
    made = {code: cast.make_party(code, folder / code) for code in cast.NAMES}
    cast.introduce(made)
    cast.join_all(made, cast.sign_compact(made, cast.compact_text(made)))
    try:
        yield {code: small(actor) for code, actor in made.items()}
    finally:
        cast.close(made)


def written(parties: Cast, file: Path) -> None:
    """Let pk send all the records to af, and write them to a bundle."""
    pk = parties["pk"]
    terms = cast.terms_of(pk)
    handling = defaults(terms, REPORT.label, pk.means.now())
    for start in range(0, RECORDS, BATCH):
        texts = (f"{number:06} ".ljust(BODY_BYTES, "x") for number in range(start, min(start + BATCH, RECORDS)))
        send(
            [Draft(REPORT.label, Report(text), ("af",), handling, terms.digest) for text in texts],
            Post("pk", "desk"),
            pk.means,
        )
    with deliver("af", pk.means) as items:
        cast.write_bundle(file, "pk", "af", items)


def taken_in(parties: Cast, file: Path) -> int:
    """Take the bundle in at af, as `amanat bundle import` does; return how many records were accepted."""
    with file.open("rb") as stream:
        sender, _ = bundle.parties(stream)
        bundle.verify(stream)
        report = receive(sender, bundle.read(stream), parties["af"].means)
    return sum(isinstance(outcome, Accepted) for outcome in report.outcomes)


def bare_seconds(parties: Cast) -> float:
    """Seconds that the cryptography of all the records takes alone."""
    af, pk = parties["af"], parties["pk"]
    key_id, public = sealing_key_at(af.manifest, af.means.now())
    private, signer = af.means.keys.sealing[key_id], pk.means.keys.record
    verifier, message = signer.public_key(), bytes(BODY_BYTES + 400)
    wrap, signature = SUITE.encrypt(bytes(40), public, info=bytes(79)), signer.sign(message)
    begun = perf_counter()
    for _ in range(PEER_TIMES):
        SUITE.decrypt(wrap, private, info=bytes(79))
        verifier.verify(signature, message)
    return (perf_counter() - begun) / PEER_TIMES * RECORDS


def main() -> None:
    """Import once with figures, then under the profiler a second border's bundle."""
    with tempfile.TemporaryDirectory() as place, border(Path(place)) as parties:
        file = Path(place) / "pk-to-af.bundle"
        written(parties, file)
        before = bare_seconds(parties)
        begun = perf_counter()
        accepted = taken_in(parties, file)
        ours = perf_counter() - begun
        bare = (before + bare_seconds(parties)) / 2
    if accepted != RECORDS:
        raise SystemExit(f"error: {accepted} of {RECORDS} records were accepted in {COMPACT}")
    print(f"{RECORDS} records in {ours:.2f} s, {ours / RECORDS * 1000:.3f} ms each; bare cryptography {bare:.2f} s")
    print(f"ratio bundle_import_vs_crypto_floor {bare / ours:.2f}")


def profiled() -> None:
    """Where an import spends its time, the fifteen dearest."""
    profile = cProfile.Profile()
    with tempfile.TemporaryDirectory() as place, border(Path(place)) as parties:
        file = Path(place) / "pk-to-af.bundle"
        written(parties, file)
        profile.runcall(taken_in, parties, file)
    pstats.Stats(profile).sort_stats("tottime").print_stats(15)


if __name__ == "__main__":
    profiled()
    main()
