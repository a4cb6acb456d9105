"""What does the road of a record cost beside its bare cryptography? 1 KiB, two recipients, out and in again.

Both sides run in turn in the same process. Ours: floors, check, address, sign, seal at the sender; open, floors, check
at one receiver. The peer: only the calls of `cryptography` (HPKE, HKDF, Ed25519, AES-256-GCM) that no sender and no
receiver of such an envelope could leave out. The last line is peer / ours: 1 would mean that all else is free.
"""

import os
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from statistics import median

import msgspec
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from amanat.compact import floors
from amanat.compact.check import Compact, Permitted, check
from amanat.compact.terms import defaults, parse
from amanat.party.key_id import key_id
from amanat.party.keys import NodeKeys, new_secrets, node_keys, public_keys
from amanat.party.manifest import Manifest, Sealing, sealing_key_at
from amanat.party.root import Root
from amanat.record.kind import Kind, Kinds
from amanat.record.record import Draft, Post, Record, compose
from amanat.seal.envelope import NONCE, Envelope, seal
from amanat.seal.header import KEY_BYTES, SUITE, Recipient, address
from amanat.seal.open import open_envelope
from amanat.seal.sign import sign
from measuring import dearest, seconds

NOW = datetime(2026, 11, 24, 6, 30, tzinfo=UTC)
ROUNDS, TIMES = 15, 40
BODY_BYTES = 1024
PARTIES = ("af", "obs", "pk")


class Report(msgspec.Struct, frozen=True):
    """A body of one text."""

    text: str


REPORT = Kind("intelligence.report", 1, Report, "destroy", "A report.", (Report(""),))
KINDS = Kinds([REPORT])
COMPACT = Compact(parse(files("amanat.compact").joinpath("examples", "pk-af.toml").read_bytes()), "active")


def manifest(party: str, public: Mapping[str, str], until: datetime) -> Manifest:
    """A manifest of one custodian, valid now."""
    custodian = public_keys(new_secrets(os.urandom))["record"]
    return Manifest(
        party=party,
        serial=1,
        since=NOW,
        until=until,
        name=f"{party}.amanat.example",
        root=Root(1, (custodian,)),
        record=(public["record"],),
        log=(public["log"],),
        witness=(public["witness"],),
        witness_pq=(public["witness_pq"],),
        sealing=(Sealing(public["sealing"], NOW, until),),
    )


def our_road(keys: dict[str, NodeKeys], manifests: dict[str, Manifest]) -> Callable[[], Permitted]:
    """A function that takes one record to its envelope, and out of it again at `af`."""
    handling = msgspec.structs.replace(defaults(COMPACT.terms, REPORT.name, NOW), tlp="TLP:GREEN", codes=())
    draft = Draft(REPORT.label, Report("x" * BODY_BYTES), ("af", "obs"), handling, COMPACT.terms.digest)
    record = compose(draft, Post("pk", "desk"), KINDS, "01936000-0000-7000-8000-000000000001", NOW)
    signer = keys["pk"].record
    own = key_id(signer.public_key().public_bytes_raw())

    def permit(given: Record) -> Permitted:
        return check(floors.keep(given, COMPACT.terms, {}), COMPACT)

    def out() -> Envelope:
        to = [(party, *sealing_key_at(manifests[party], NOW)) for party in record.fields.audience]
        recipients = [Recipient(party, id_, key, 1) for party, id_, key in to]
        return seal(sign(address(permit(record), own, recipients, os.urandom(KEY_BYTES)), signer))

    def road() -> Permitted:
        envelope = out()
        return permit(open_envelope(envelope.data, "af", keys["af"].sealing, manifests, KINDS).record)

    return road


def bare_primitives(keys: dict[str, NodeKeys], manifests: dict[str, Manifest]) -> Callable[[], None]:
    """A function that makes the same calls of `cryptography`, and nothing else."""
    publics = [sealing_key_at(manifests[party], NOW)[1] for party in ("af", "obs")]
    private = next(iter(keys["af"].sealing.values()))
    signer = keys["pk"].record
    verifier = signer.public_key()
    info, header, payload = bytes(79), bytes(2800), bytes(BODY_BYTES + 400)

    def derive(key: bytes, label: bytes) -> bytes:
        return HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=label).derive(key)

    def primitives() -> None:
        key = os.urandom(KEY_BYTES)
        derive(key, b"commitment")
        first, _ = [SUITE.encrypt(key + bytes(8), public, info=info) for public in publics]
        signature = signer.sign(payload)
        sealed = AESGCM(derive(key, b"content")).encrypt(NONCE, signature + payload, header)
        content = SUITE.decrypt(first, private, info=info)[:KEY_BYTES]
        derive(content, b"commitment")
        plain = AESGCM(derive(content, b"content")).decrypt(NONCE, sealed, header)
        verifier.verify(plain[:64], plain[64:])

    return primitives


def milliseconds(work: Callable[[], object]) -> float:
    """The mean time of one call."""
    return seconds(lambda: [work() for _ in range(TIMES)]) / TIMES * 1000


def main() -> None:
    """Measure both in turn and print figures, profile and ratio."""
    secrets = {party: new_secrets(os.urandom) for party in PARTIES}
    keys = {party: node_keys(each) for party, each in secrets.items()}
    until = NOW + timedelta(days=90)
    manifests = {party: manifest(party, public_keys(each), until) for party, each in secrets.items()}
    ours, peer = our_road(keys, manifests), bare_primitives(keys, manifests)
    rounds = [(milliseconds(peer), milliseconds(ours)) for _ in range(ROUNDS)]
    bare_time, whole_time = (median(times) for times in zip(*rounds, strict=True))
    print(f"primitives {bare_time:.3f} ms, our road {whole_time:.3f} ms")
    print(dearest(lambda: [ours() for _ in range(TIMES)]))
    print(f"ratio record_path_vs_primitives {median(bare / whole for bare, whole in rounds):.2f}")


if __name__ == "__main__":
    main()
