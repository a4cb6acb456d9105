"""Who plays in the demo: two states and an observer, each with five custodians, a node of its own and a folder.

Law: real keys, real files and the real exchange; only the place is a play's. Passphrases are shown because they guard
nothing.
"""

import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from importlib.resources import files
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from amanat import node
from amanat.compact.terms import Terms, fill
from amanat.exchange import bundle, join
from amanat.exchange.bundle import Item
from amanat.exchange.means import Means, begin
from amanat.exchange.outbox import deliver
from amanat.exchange.receive import Report, receive
from amanat.party import canonical, dsse, labels
from amanat.party.errors import Refused
from amanat.party.fingerprint import fingerprint
from amanat.party.key_file import unlock
from amanat.party.keys import SEED_BYTES, public_keys
from amanat.party.manifest import Manifest, Sealing
from amanat.party.root import Root
from amanat.party.types import to_base64
from amanat.store import database, sqlite

NAMES = ("pk", "af", "obs")
COMPACT = "pk-af"
CUSTODIANS, THRESHOLD = 5, 3
MANIFEST_DAYS, SEALING_DAYS = 365, 92
LAST_MINUTE = time(23, 59)


@dataclass(frozen=True, slots=True)
class Actor:
    """One party: its node, the custodians who happen to be in the room, and its manifest as they signed it."""

    code: str
    folder: Path
    means: Means
    custodians: tuple[Ed25519PrivateKey, ...]
    manifest: Manifest
    statement: bytes


Cast = Mapping[str, Actor]


def passphrase(whose: str) -> str:
    """Return the invented passphrase of a key file; it is printed, for it guards nothing."""
    return f"{whose} keeps nothing real"


def require_printed(spoken: str) -> None:
    """Raise `Refused` for a passphrase that is not one of those the demo prints: what it opens may be real."""
    if spoken not in {passphrase(code) for code in NAMES}:
        raise Refused(
            "demo.real",
            "This passphrase is not one that the demo prints: what it opens may be real.",
            "Serve it as the node that it is, where officers sign in by what they alone have.",
            by="nobody signs in by a click where anything is real",
        )


def make_party(code: str, folder: Path) -> Actor:
    """Make a party: five custodians with a sealed key file each, a node, and a manifest that three of them sign."""
    custodians = tuple(
        _make_custodian(folder / f"custodian-{n}.key", f"custodian {n} of {code}") for n in range(1, CUSTODIANS + 1)
    )
    means = node.create(folder, code, passphrase(code))
    present = custodians[:THRESHOLD]
    manifest = _first_manifest(means, custodians, folder)
    statement = sign_manifest(manifest, present)
    node.write_file(folder / "manifest.json", statement)
    return Actor(code, folder, means, present, manifest, statement)


def sign_manifest(manifest: Manifest, custodians: Iterable[Ed25519PrivateKey]) -> bytes:
    """Return the manifest's statement, signed by those custodians."""
    return dsse.to_bytes(dsse.sign(labels.MANIFEST, canonical.encode(manifest), custodians))


def introduce(cast: Cast) -> None:
    """Let every party learn every manifest, its own too, by the fingerprint that people compared."""
    for actor in cast.values():
        for other in cast.values():
            join.learn(other.statement, fingerprint(other.manifest.root), actor.means)


def sign_compact(cast: Cast, text: bytes) -> bytes:
    """Return the compact's statement, signed byte for byte by three custodians of each party."""
    keys = [key for actor in cast.values() for key in actor.custodians]
    return dsse.to_bytes(dsse.sign(labels.COMPACT, text, keys))


def compact_text(cast: Cast) -> bytes:
    """Return the worked example's text with the fingerprints of this cast, and test calls that are due at once."""
    example = files("amanat.compact").joinpath("examples", "pk-af.toml").read_bytes()
    hours = ", ".join(f'"{each}"' for each in _test_hours(cast["pk"].means.now()))
    agreed = example.replace(b'tests = ["04:00", "12:00"]', f"tests = [{hours}]".encode())
    return fill(agreed, {code: fingerprint(actor.manifest.root).hex() for code, actor in cast.items()})


def _test_hours(now: datetime) -> list[str]:
    """Return this minute and the one half a day off; in a day's last minute midnight, for nothing rings over that."""
    first = now if now.time() < LAST_MINUTE else now + timedelta(minutes=1)
    return sorted(f"{each:%H:%M}" for each in (first, first + timedelta(hours=12)))


def join_all(cast: Cast, statement: bytes) -> Terms:
    """Let every party join the compact; return its terms."""
    (terms, *_) = [join.join(statement, actor.means) for actor in cast.values()]
    return terms


def carry(cast: Cast, sender: str, recipient: str, file: Path) -> Report:
    """Write all that `sender` has for `recipient` to a bundle file, and take it in on the other side."""
    with deliver(recipient, cast[sender].means) as items:
        write_bundle(file, sender, recipient, items)
    return take_bundle(cast, file)


def write_bundle(file: Path, sender: str, recipient: str, items: Iterable[Item]) -> None:
    """Write a bundle file."""
    with file.open("wb") as stream:
        bundle.write(stream, sender, recipient, items)


def take_bundle(cast: Cast, file: Path) -> Report:
    """Read a bundle file to its end, then take it in at the party it names."""
    with file.open("rb") as stream:
        sender, recipient = bundle.parties(stream)
        stream.seek(0)
        bundle.verify(stream)
        return receive(sender, bundle.read(stream), cast[recipient].means)


@contextmanager
def doubles(cast: Cast, folder: Path) -> Iterator[Cast]:
    """Lend copies of all parties on copies of their databases, so that what is done to them stays in `folder`."""
    with ExitStack() as stack:
        yield {code: stack.enter_context(double(actor, folder / code)) for code, actor in cast.items()}


@contextmanager
def double(actor: Actor, folder: Path) -> Iterator[Actor]:
    """Lend one party on a copy of its database, as a snapshot restored or a machine copied would be."""
    folder.mkdir(parents=True)
    sqlite.scrub(actor.means.engine)  # so that the one file holds all
    shutil.copy(actor.folder / node.DATABASE, folder / node.DATABASE)
    engine = sqlite.open_existing(str((folder / node.DATABASE).absolute()))
    try:
        yield replace(actor, folder=folder, means=replace(actor.means, engine=engine))
    finally:
        engine.dispose()


def close(cast: Cast) -> None:
    """Let go of the parties' databases."""
    for actor in cast.values():
        database.scrub(actor.means.engine)
        actor.means.engine.dispose()


def terms_of(actor: Actor) -> Terms:
    """Return the compact's terms as this party holds them."""
    with begin(actor.means) as turn:
        return turn.known.compact(COMPACT).terms


def _make_custodian(path: Path, whose: str) -> Ed25519PrivateKey:
    """Write a custodian's sealed key file, and open it again as the custodian does to sign."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(node.locked(node.random(SEED_BYTES), passphrase(whose), "custodian"))
    return Ed25519PrivateKey.from_private_bytes(unlock(path.read_bytes(), passphrase(whose), "custodian"))


def _first_manifest(means: Means, custodians: Sequence[Ed25519PrivateKey], folder: Path) -> Manifest:
    now = means.now().replace(microsecond=0)
    keys = public_keys(node.read_key(folder, passphrase(means.party)).secrets)
    return Manifest(
        party=means.party,
        serial=1,
        since=now,
        until=now + timedelta(days=MANIFEST_DAYS),
        name=f"{means.party}.amanat.example",
        root=Root(THRESHOLD, tuple(sorted(to_base64(key.public_key().public_bytes_raw()) for key in custodians))),
        record=(keys["record"],),
        log=(keys["log"],),
        witness=(keys["witness"],),
        witness_pq=(keys["witness_pq"],),
        sealing=(Sealing(keys["sealing"], now, now + timedelta(days=SEALING_DAYS)),),
    )
