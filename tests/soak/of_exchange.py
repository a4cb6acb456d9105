"""Targets in `exchange`: bundles, and all of a node that takes in what a bundle holds.

Second oracles: `tests/protocol/reader.py` reads the same bundles; a node that took something in can still write its
own bundle, and its log is what its entries hash to.
"""

import atexit
import base64
import contextlib
import hashlib
import io
import json
import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from amanat.exchange import answers, bundle, outbox, peer_auth, sequencer
from amanat.exchange.attachments import take
from amanat.exchange.bundle import Item
from amanat.exchange.means import begin
from amanat.exchange.mirror import add_entries
from amanat.exchange.receive import receive
from amanat.exchange.witness import add_checkpoint
from amanat.log.checkpoint import Checkpoint
from amanat.log.cosignature import cosign_ed25519
from amanat.log.malformed import Malformed
from amanat.log.note import ED25519, Note, SignatureLine, VerifierKey
from amanat.party import labels
from amanat.party.errors import Invalid, Refused
from amanat.record.attachment import media_type
from amanat.store.tables import LOST
from audit import check_evidence, check_logs, check_records
from border import Border, agree, meet
from party.cast import drawn
from protocol import reader, vectors
from side import COMPACT, Side, spoiled
from soak.of_party import signed
from soak.target import Reader, Target

_ITEM = re.compile(rb"([a-z]+) ([0-9]{1,10})\n")


# --- the frame --------------------------------------------------------------------------------------------------------


def _bundle(data: bytes) -> None:
    theirs = reader.read_bundle(data)
    file = io.BytesIO(data)
    try:
        count = bundle.verify(file)
    except Invalid:
        assert theirs is None
        raise
    file.seek(0)
    sender, recipient = bundle.parties(file)
    items = list(bundle.read(file))
    assert theirs == (sender, recipient, [(item.type, item.data) for item in items])
    again = io.BytesIO()
    assert bundle.write(again, sender, recipient, items) == count
    assert again.getvalue() == data


def _ended(data: bytes) -> None:
    """The same with a last line that fits whatever stands before it."""
    at, count = data.find(b"\n") + 1, 0
    while (line := _ITEM.match(data, at)) and (end := line.end() + int(line[2]) + 1) <= len(data):
        at, count = end, count + 1
    whole = data[:at]
    _bundle(whole + b"end %d %b\n" % (count, hashlib.sha256(whole).hexdigest().encode()))


BUNDLE = Target(
    "bundle",
    (
        Reader(("exchange.bundle.read", "exchange.bundle.parties"), "a stick from the courier", (Invalid,), _bundle),
        Reader(("exchange.bundle.verify",), "the same, its last line mended", (Invalid,), _ended),
    ),
    lambda: [vectors.bundle(vector) for vector in vectors.load("bundle")["vectors"]],
    "lines",
)


# --- the node ---------------------------------------------------------------------------------------------------------

_LABELS = {
    "manifest": labels.MANIFEST,
    "lexicon": labels.LEXICON,
    "compact": labels.COMPACT,
    "act": labels.ACT,
    "refusal": labels.REFUSAL,
    "heartbeat": labels.HEARTBEAT,
    "holding": labels.HOLDING,
    "mirrored": labels.MIRRORED,
    "ending": labels.ENDING,
    "asking": labels.ASKING,
}
_NOTES = ("receipt", "checkpoint", "cosignature")
_SENT = "the envelope that af sent"
_HEAD = "the head of what pk gives again"


@dataclass(frozen=True)
class Node:
    """Af's node in the middle of an exchange with pk, as it is put back before every input."""

    border: Border
    copy: bytes
    envelopes: tuple[bytes, ...]
    sent: str
    chunk: bytes
    again: bytes

    @property
    def pk(self) -> Side:
        return self.border.pk

    @property
    def af(self) -> Side:
        return self.border.af


@cache
def node() -> Node:
    """Make it, once a process; its keys are always the same, its envelopes (HPKE) never."""
    kept = contextlib.ExitStack()
    atexit.register(kept.close)
    folder = Path(kept.enter_context(tempfile.TemporaryDirectory()))
    border = kept.enter_context(meet(folder, drawn(7)))
    border.pk.send("af")
    border.af.send("pk", text="an earlier answer")
    border.exchange("pk", "af")
    filed = border.pk.with_file("af")
    border.af.take("envelope", border.pk.envelope(filed), sender="pk")
    (chunk,) = border.items("pk", "af", "chunk")
    border.af.with_file("pk")
    sent = border.af.send("pk", text="an answer")
    waiting = border.pk.send("af", text="another lorry")
    forged = border.pk.forge("af", "obs", body=border.pk.person()["body"])
    envelopes = (border.pk.envelope(waiting), forged, spoiled(forged), b"")
    digest = base64.b64encode(bytes.fromhex(sent.digest)).decode()
    lost = border.pk.send("af", text="lost by af")
    with begin(border.af.means) as turn:
        at = sequencer.commit(turn, COMPACT, [bytes.fromhex(lost.digest)])
        turn.tx.execute(LOST.insert(), {"log": COMPACT, "log_index": at, "last": at, "envelope": lost.digest})
    border.pk.take("asking", answers.ask(lost.digest, "pk", border.af.means), sender="af")
    border.pk.give_again("af")
    (again,) = border.items("pk", "af", "again")
    copy = border.af.snapshot()
    border.carry("af", "pk")  # so that pk has a receipt to give, which af as it is put back has not seen
    return Node(border, copy, envelopes, digest, chunk, again)


def _items(data: bytes) -> Iterator[Item]:
    """Read an input as [[type, content], …] and sign each content as its sender would."""
    try:
        given = json.loads(data)
    except (ValueError, RecursionError):
        return
    for each in given if isinstance(given, list) else ():
        match each:
            case [str(type_), content] if type_ in bundle.TYPES:
                with contextlib.suppress(ValueError, RecursionError):
                    yield Item(type_, _signed(type_, content))


def _signed(type_: str, content: Any) -> bytes:
    pk = node().pk
    if type_ == "envelope":
        return node().envelopes[content % len(node().envelopes) if isinstance(content, int) else 0]
    text = content if isinstance(content, str) else json.dumps(content, separators=(",", ":"), ensure_ascii=False)
    if type_ == "entries":
        return text.encode("latin-1", "replace")
    if type_ == "again":
        head, blank, envelope = node().again.partition(b"\n")
        return text.replace(_HEAD, head.decode()).encode("utf-8", "surrogatepass") + blank + envelope
    raw = text.replace(_SENT, node().sent).encode("utf-8", "surrogatepass")
    if type_ in _LABELS:
        return signed(_LABELS[type_], raw, [*pk.custodians[:2], *node().af.custodians[:2], pk.means.keys.record])
    return _noted(raw) if type_ in _NOTES else raw


def _noted(raw: bytes) -> bytes:
    """What ends in a note, with the signature of pk's log, or of its witness, over whatever its text is by now."""
    head, blank, note = raw.partition(b"\n\n") if raw.startswith((b"c2sp.org", b"old ")) else (b"", b"", raw)
    end = note.rfind(b"\n\n")
    if end < 0:
        return raw
    text = note[: end + 1]
    log = Note(text, (_line("pk.amanat.example/pk-af", node().pk.means.keys.log, text),))
    return head + blank + log.encode() + note[end + 2 :]


def _line(name: str, key: Ed25519PrivateKey, text: bytes) -> SignatureLine:
    public = VerifierKey(name, ED25519, key.public_key().public_bytes_raw())
    return SignatureLine(name, public.key_id, key.sign(text))


def _received(data: bytes) -> None:
    items = sorted(_items(data), key=lambda item: bundle.TYPES.index(item.type))
    if not items:
        return
    af = node().af
    af.restore(node().copy)
    report = receive("pk", items, af.means)
    assert all(isinstance(problem, Invalid | Refused | Malformed) for _, problem in report.problems)
    if len(data) % 4 == 0:  # what takes long, after some of them
        with outbox.deliver("pk", af.means):
            pass
        with begin(af.means) as turn:
            check_evidence(turn)
            check_logs(turn, af)
            check_records(turn)


def _received_seeds() -> list[bytes]:
    due = [item for item in _due("pk", "af") if item.type != "chunk"]
    pairs = [[item.type, _content(item)] for item in due]
    pairs += [[item.type, _content(item)] for item in _due("af", "pk") if item.type in ("receipt", "holding")]
    act = {
        "compact": node().pk.terms.digest,
        "party": "pk",
        "serial": 1,
        "act": "suspend",
        "at": "2026-11-24T06:30:00Z",
    }
    beat = {"sender": "pk", "recipient": "af", "sent": 3, "settled": 1, "void": [[2, 2]], "at": "2026-11-24T06:31:00Z"}
    refusal = {"envelope": "0" * 64, "sender": "af", "recipient": "pk", "code": "x.y", "by": "floor 6"}
    pairs += [["act", {**act, "reason": "a reason"}], ["heartbeat", beat], ["refusal", {**refusal, "at": beat["at"]}]]
    mirrored = {"log": "pk-af", "sender": "pk", "recipient": "af", "size": 2, "next": 1, "at": beat["at"]}
    pairs += [["mirrored", mirrored], ["mirrored", {**mirrored, "size": 0}]]
    pairs.append(["asking", {"envelope": "0" * 64, "sender": "pk", "recipient": "af", "at": beat["at"]}])
    pairs += [["again", _HEAD], ["ending", _ending(str(beat["at"]))]]
    pairs += [["envelope", 0], ["envelope", 1], ["envelope", 2]]
    pairs.append(["compact", _content(Item("compact", agree(node().border.sides.values(), node().pk.terms)))])
    singles = [[each] for each in pairs]
    return [json.dumps(each, ensure_ascii=False, separators=(",", ":")).encode() for each in [*singles, pairs]]


def _ending(at: str) -> dict[str, Any]:
    """The end of pk's log at one entry, as its key and af's have it."""
    checkpoint, af = Checkpoint("pk.amanat.example/pk-af", 1, bytes(32)), node().af.means.keys
    lines = (
        _line(checkpoint.origin, node().pk.means.keys.log, checkpoint.text()),
        cosign_ed25519(checkpoint.text(), "af.amanat.example/witness", af.witness, 1),
    )
    note = Note(checkpoint.text(), lines).encode().decode()
    return {"compact": COMPACT, "party": "pk", "number": 1, "checkpoint": note, "at": at, "because": "forked"}


def _due(sender: str, recipient: str) -> list[Item]:
    with outbox.deliver(recipient, node().border.sides[sender].means) as due:
        return list(due)


def _content(item: Item) -> Any:
    """What of an item is fuzzed: the body of a statement, the text of a note."""
    if item.type == "envelope":
        return 0
    if item.type in _LABELS:
        body = base64.b64decode(json.loads(item.data)["payload"]).decode()
        return body if item.type == "compact" else json.loads(body)
    if item.type == "entries":
        return item.data.decode("latin-1")
    return item.data.decode("utf-8", "surrogateescape").replace(node().sent, _SENT)


RECEIVE = Target(
    "receive",
    (
        Reader(
            (
                "exchange.receive.receive",
                "exchange.means.read_manifest",
                "exchange.means.read_terms",
                "exchange.answers.read_refusal",
                "exchange.answers.read_heartbeat",
                "exchange.answers.read_holding",
                "exchange.accept.accept",
                "exchange.attachments.take_holding",
                "exchange.evidence.core_of",
                "exchange.evidence.foreign",
                "exchange.evidence.keep",
                "exchange.receipt.take_receipt",
                "exchange.witness.take_checkpoint",
                "exchange.witness.take_cosignature",
                "exchange.mirror.take_entries",
                "exchange.mirror.take_mirrored",
                "exchange.answers.read_mirrored",
                "exchange.answers.read_asking",
                "exchange.again.take_asking",
                "exchange.again.take_again",
                "exchange.ended.take_ending",
                "compact.ending.accept_ending",
                "compact.ending.read_ending",
                "compact.ending.stands",
                "seal.again.unwrap_again",
            ),
            "all items of a bundle, by hand or wire; what does not hold is reported, never raised",
            (),
            _received,
        ),
    ),
    _received_seeds,
    "json",
    32 * 1024,
    tries=40,
)

# --- a witness asked by HTTP ------------------------------------------------------------------------------------------


class _TakenBack(Exception):
    """Ends a transaction, so that the next input finds the node as it was."""


def _asked(data: bytes) -> None:
    """Af is asked to countersign, the log's signature made to fit, and for entries then."""
    checkpoint, _, entries = data.partition(_THEN)
    with contextlib.suppress(_TakenBack), begin(node().af.means) as turn:
        with contextlib.suppress(Malformed, Invalid):
            add_checkpoint(turn, _noted(checkpoint))
        answer = add_entries(turn, io.BytesIO(entries).read)
        assert isinstance(answer, bytes) or answer.next <= answer.size
        raise _TakenBack


def _asked_seeds() -> list[bytes]:
    node().af.restore(node().copy)
    by_type = {item.type: item.data for item in _due("pk", "af")}
    checkpoint, entries = by_type["checkpoint"], by_type["entries"]
    return [checkpoint + _THEN + entries, checkpoint + _THEN + entries[:-1], checkpoint + _THEN, _THEN + entries]


_THEN = b"\n==\n"
ASKED = Target(
    "asked",
    (
        Reader(
            ("exchange.witness.add_checkpoint", "exchange.mirror.add_entries"),
            "a log that would be countersigned",
            (Malformed, Invalid),
            _asked,
        ),
    ),
    _asked_seeds,
    "bytes",
    tries=40,
)

# --- what goes with a record ------------------------------------------------------------------------------------------


def _chunk(data: bytes) -> None:
    """A chunk of the attachment that af waits for, or one that claims to be: kept only when it is the very one."""
    af = node().af
    af.restore(node().copy)
    address, sealed = node().chunk[:32], node().chunk[36:]
    kept, problems = take([address + data, data], af.means)
    assert all(isinstance(problem, Invalid) for problem in problems)
    assert bool(kept) == (data == bytes(4) + sealed or data == node().chunk)


ATTACHMENT = Target(
    "attachment",
    (
        Reader(("exchange.attachments.take", "seal.chunks.open_chunk"), "chunks, whoever carries them", (), _chunk),
        Reader(
            ("record.attachment.media_type",),
            "a name that a peer chose",
            (Invalid,),
            lambda data: media_type(data.decode("utf-8", "replace")),
        ),
    ),
    lambda: [node().chunk, node().chunk[32:], node().chunk[32:-1], "پل.jpg".encode()],
    "bytes",
    1024,
    tries=40,
)

# --- a request of a peer ----------------------------------------------------------------------------------------------


def _request(data: bytes) -> None:
    """Read lines "field: value", a blank line and a body as an HTTP server hands them on."""
    head, _, body = data.partition(b"\n\n")
    fields = (line.partition(b":") for line in head.split(b"\n"))
    headers = peer_auth.plain(
        (name.decode("latin-1").strip().lower(), value.decode("latin-1").strip()) for name, _, value in fields
    )
    peer_auth.claimed_nonce(headers)
    request = peer_auth.Message("POST", "https://af.example/peer/v1/exchange", headers)
    assert peer_auth.require_signed(request, node().pk.manifest, "af") == NONCE
    peer_auth.require_body(request, body)
    assert body == BODY


def _request_seeds() -> list[bytes]:
    signed_ = peer_auth.sign(
        "https://af.example/peer/v1/exchange", BODY, ("pk", "af"), node().pk.means.keys.record, NONCE
    )
    fields = "\n".join(f"{name}: {value}" for name, value in signed_.items())
    return [f"{fields}\n\n".encode() + BODY, f"{fields}\nContent-Digest: sha-256=:AA==:\n\n".encode() + BODY]


NONCE, BODY = "bm9uY2U=", b"amanat/bundle/v1 pk af\n"
REQUEST = Target(
    "request",
    (Reader(("exchange.peer_auth.require_body",), "whoever reaches the node's address", (Refused,), _request),),
    _request_seeds,
    "lines",
)

TARGETS = (REQUEST, BUNDLE, RECEIVE, ASKED, ATTACHMENT)
