"""The vectors beside the protocol pages: made as they say, and read alike by our code and by one who has the pages only."""

import base64
import hashlib
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from amanat.exchange import bundle
from amanat.exchange.answers import Heartbeat, Refusal
from amanat.exchange.means import begin
from amanat.log.checkpoint import Checkpoint
from amanat.log.malformed import Malformed
from amanat.log.note import Note, sign_ed25519
from amanat.log.policy import parse_policy, verify_proof
from amanat.log.proof import parse_proof
from amanat.log.tiles import new_tiles
from amanat.log.tree import Tree, grow, leaf_hash
from amanat.party import canonical, dsse, labels
from amanat.party.errors import Invalid, Refused
from amanat.party.manifest import Manifest
from amanat.record.attachment import Attachment
from amanat.record.kind import Kinds
from amanat.record.notices import NOTICES
from amanat.seal import chunks
from amanat.seal.open import open_envelope, open_with_key
from amanat.store import mirrors
from amanat.store.mirrors import Checkpointed
from border import Border, codes, meet
from protocol import reader, vectors
from protocol.envelopes import AF, GONE, OBS, PK
from protocol.make_vectors import VECTORS, kept, make
from protocol.uploads import entries
from protocol.vectors import load
from seal.by_hand import open_by_hand
from seal.cast import manifest
from side import COMPACT

PARTIES = {party.code: party for party in (AF, OBS)}
KINDS = Kinds(NOTICES)


ENVELOPES, RECEIPTS, BUNDLES, ATTACHMENTS = load("envelope"), load("receipt"), load("bundle"), load("attachment")
UPLOADS = load("witness")


def each(file: Any, having: str) -> list[Any]:
    """The vectors of a file that have a key, as parameters."""
    return [pytest.param(vector, id=vector["name"]) for vector in file["vectors"] if having in vector]


# --- how they were made -----------------------------------------------------------------------------------------------


def test_making_the_vectors_again_gives_the_same_bytes() -> None:
    chance = kept()
    made = make(chance)
    assert {path.name: path.read_text("utf-8") for path in VECTORS.glob("*.json")} == made
    assert chance.used == kept().kept.keys(), "data/drawn.json keeps what was used, and nothing else"


def test_vectors_have_names_that_differ() -> None:
    for file in (ENVELOPES, RECEIPTS, BUNDLES, ATTACHMENTS, UPLOADS):
        names = [vector["name"] for vector in file["vectors"]]
        assert sorted(names) == sorted(set(names))


def test_each_of_the_eight_checks_has_a_vector_that_fails_it() -> None:
    failing = {vector["fails"]["check"] for vector in ENVELOPES["vectors"] if "fails" in vector}
    assert failing == set(range(1, 9))


# --- envelopes, by our code -------------------------------------------------------------------------------------------


def manifests() -> dict[str, Manifest]:
    """The senders' manifests as envelope.json tells them."""
    held = {"pk": manifest(PK), "gone": manifest(GONE, revoked=(GONE.record_id,))}
    for code, said in ENVELOPES["senders"].items():
        assert [base64.b64encode(bytes.fromhex(key)).decode() for key in said["listed"].values()] == list(
            held[code].record
        )
        assert [revoked.keyid for revoked in held[code].revoked] == said["revoked"]
    return held


@pytest.mark.parametrize("vector", each(ENVELOPES, "opens"))
def test_a_good_envelope_opens_to_what_the_vector_says(vector: Any) -> None:
    party, data, said = PARTIES[vector["to"]], base64.b64decode(vector["envelope"]), vector["opens"]
    opened = open_envelope(data, party.code, {party.sealing_id: party.sealing}, manifests(), KINDS)
    assert opened.record.data == said["record"].encode()
    assert (opened.content_key.hex(), opened.sequence) == (said["content_key"], said["sequence"])
    assert opened.digest.hex() == said["digest"]
    assert open_with_key(data, opened.content_key, manifests(), KINDS) == opened.record


@pytest.mark.parametrize("vector", each(ENVELOPES, "fails"))
def test_a_bad_envelope_fails_with_the_vectors_code(vector: Any) -> None:
    party, data = PARTIES[vector["to"]], base64.b64decode(vector["envelope"])
    with pytest.raises((Invalid, Refused)) as caught:
        open_envelope(data, party.code, {party.sealing_id: party.sealing}, manifests(), KINDS)
    assert caught.value.code == vector["fails"]["code"]


# --- envelopes, from the page alone -----------------------------------------------------------------------------------


def read(vector: Any) -> reader.Read:
    """Open a vector with nothing but what envelope.json holds."""
    sealing = ENVELOPES["sealing"][vector["to"]]
    senders = {
        code: reader.Sender(
            {id_: bytes.fromhex(key) for id_, key in said["listed"].items()}, frozenset(said["revoked"])
        )
        for code, said in ENVELOPES["senders"].items()
    }
    data = base64.b64decode(vector["envelope"])
    own = reader.Own(vector["to"], bytes.fromhex(sealing["private"]), sealing["id"])
    return reader.open_envelope(data, own, senders)


@pytest.mark.parametrize("vector", each(ENVELOPES, "opens"))
def test_who_has_the_page_only_opens_the_same(vector: Any) -> None:
    said = vector["opens"]
    assert read(vector) == reader.Read(said["record"].encode(), bytes.fromhex(said["content_key"]), said["sequence"])
    by_hand = open_by_hand(base64.b64decode(vector["envelope"]), PARTIES[vector["to"]])
    assert by_hand.payload[32:] == said["record"].encode()


@pytest.mark.parametrize("vector", each(ENVELOPES, "fails"))
def test_who_has_the_page_only_stops_at_the_same_check(vector: Any) -> None:
    with pytest.raises(reader.Failed) as caught:
        read(vector)
    assert caught.value.args == (vector["fails"]["check"],)


# --- receipts ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("vector", each(RECEIPTS, "holds"))
def test_a_good_receipt_holds_as_the_vector_says(vector: Any) -> None:
    said, proof = vector["holds"], parse_proof(vectors.receipt(vector))
    policy = parse_policy(RECEIPTS["policies"][vector["policy"]].encode())
    verified = verify_proof(policy, proof, leaf_hash(bytes.fromhex(RECEIPTS["entry"])))
    assert verified.quorum is (said["state"] == "final")
    assert (verified.log_name, proof.index) == (said["log"], said["index"])
    assert list(verified.cosigned) == said["countersigned"]


@pytest.mark.parametrize("vector", each(RECEIPTS, "fails"))
def test_a_bad_receipt_does_not_hold(vector: Any) -> None:
    with pytest.raises(Malformed):
        verify_proof(
            parse_policy(RECEIPTS["policies"][vector["policy"]].encode()),
            parse_proof(vectors.receipt(vector)),
            leaf_hash(bytes.fromhex(RECEIPTS["entry"])),
        )


# --- bundles ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("vector", each(BUNDLES, "reads"))
def test_a_good_bundle_reads_as_the_vector_says(vector: Any) -> None:
    data = vectors.bundle(vector)
    items = [(item.type, item.data) for item in bundle.read(io.BytesIO(data))]
    said = vector["reads"]
    assert [{"type": type_, "sha256": hashlib.sha256(item).hexdigest()} for type_, item in items] == said["items"]
    assert reader.read_bundle(data) == (said["sender"], said["recipient"], items)
    again = io.BytesIO()
    bundle.write(again, said["sender"], said["recipient"], [bundle.Item(*item) for item in items])
    assert again.getvalue() == data


@pytest.mark.parametrize("vector", each(BUNDLES, "fails"))
def test_a_bad_bundle_is_refused_as_a_whole(vector: Any) -> None:
    data = vectors.bundle(vector)
    with pytest.raises(Invalid) as caught:
        bundle.verify(io.BytesIO(data))
    assert caught.value.code == vector["fails"]
    assert reader.read_bundle(data) is None


def test_the_statements_in_the_answer_are_signed_and_in_their_one_encoding() -> None:
    """A refusal and a heartbeat as our code reads them, by the key the file names."""
    items = bundle.read(io.BytesIO(vectors.bundle(vectors.named("bundle", "answer"))))
    given = {item.type: item.data for item in items}
    keys = {id_: bytes.fromhex(key) for id_, key in BUNDLES["record_key"].items()}
    for name, label in (("refusal", labels.REFUSAL), ("heartbeat", labels.HEARTBEAT)):
        assert dsse.signers(dsse.parse(given[name], label, name), keys, name) == keys.keys()
    refusal = canonical.decode(dsse.parse(given["refusal"], labels.REFUSAL, "").body(), Refusal, "refusal")
    heartbeat = canonical.decode(dsse.parse(given["heartbeat"], labels.HEARTBEAT, "").body(), Heartbeat, "heartbeat")
    assert (refusal.sender, refusal.recipient) == (heartbeat.recipient, heartbeat.sender) == ("pk", "af")


# --- attachments ------------------------------------------------------------------------------------------------------


def named_in(vector: Any) -> Attachment:
    return canonical.decode(json.dumps(vector["attachment"], separators=(",", ":")).encode(), Attachment, "vector")


@pytest.mark.parametrize("vector", each(ATTACHMENTS, "attachment"))
def test_an_attachment_is_sealed_as_the_vector_says_and_opens_to_its_file(vector: Any) -> None:
    unit, times = vector.get("repeated", [vector.get("file"), 1])
    file, said = base64.b64decode(unit) * times, named_in(vector)
    assert chunks.address(said, vector["party"]).hex() == vector["address"]
    plain = [file[at : at + chunks.CHUNK_BYTES] for at in range(0, len(file), chunks.CHUNK_BYTES)]
    sealed = list(chunks.seal_chunks(said, plain))
    items = [
        chunks.address(said, vector["party"]) + number.to_bytes(4, "big") + one for number, one in enumerate(sealed)
    ]
    if "items" in vector:
        assert [base64.b64encode(item).decode() for item in items] == vector["items"]
    else:
        assert [hashlib.sha256(item).hexdigest() for item in items] == vector["sha256"]
    assert [chunks.open_chunk(said, number, one) for number, one in enumerate(sealed)] == plain


@pytest.mark.parametrize("vector", each(ATTACHMENTS, "item"))
def test_a_chunk_that_is_wrong_in_one_thing_does_not_open(vector: Any) -> None:
    item = base64.b64decode(vector["item"])
    with pytest.raises(Invalid) as caught:
        chunks.open_chunk(
            named_in(vectors.named("attachment", vector["of"])), int.from_bytes(item[32:36], "big"), item[36:]
        )
    assert caught.value.code == vector["fails"]


# --- a witness --------------------------------------------------------------------------------------------------------


@pytest.fixture
def border(tmp_path: Path) -> Iterator[Border]:
    with meet(tmp_path) as met:
        yield met


@pytest.mark.parametrize("vector", each(UPLOADS, "name"))
def test_a_witness_keeps_what_a_vector_says_and_refuses_the_others(border: Border, vector: Any) -> None:
    origin, kept = f"{border.af.manifest.name}/{COMPACT}", entries(vector["kept"])
    log = border.af.means.keys.log
    text = Checkpoint(origin, vector["size"], bytes.fromhex(vector["root"])).text()
    pending = Checkpointed(vector["size"], Note(text, (sign_ed25519(text, origin, log),)).encode())
    with begin(border.obs.means) as turn:
        if kept:
            growth = grow(Tree(), [leaf_hash(entry) for entry in kept])
            mirrors.add(turn.tx, origin, 0, kept, new_tiles(growth, lambda *_: b""))
        mirrors.wait_for(turn.tx, origin, pending, vector["kept"])
    report = border.obs.take("entries", vectors.upload(vector), sender="af")
    with begin(border.obs.means) as turn:
        found = mirrors.of(turn.tx, origin)
        assert found is not None
        assert found.next == vector.get("keeps", vector["kept"])
        assert (found.mirrored is not None) == (found.next == vector["size"])
    assert codes(report) == ([("entries", vector["fails"])] if "fails" in vector else [])


@pytest.mark.parametrize("vector", each(UPLOADS, "name"))
def test_the_pages_reader_keeps_the_same(vector: Any) -> None:
    log = entries(vector["size"])
    kept = reader.keep_entries(
        vectors.upload(vector), log[: vector["kept"]], vector["size"], bytes.fromhex(vector["root"])
    )
    assert kept == (log[: vector["keeps"]] if "keeps" in vector else None)
