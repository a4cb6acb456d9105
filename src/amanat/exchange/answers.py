"""Signed answers and signs of life: refusals, heartbeats, and what is held of an attachment or kept of a log.

All are DSSE statements by the party's record key. A receipt needs no statement: it is the log's own proof.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import Annotated, TypeVar

import msgspec
from sqlalchemy import Delete, Update

from amanat.exchange.bundle import Item
from amanat.exchange.means import Known, Means
from amanat.party import canonical, dsse, labels
from amanat.party.errors import Invalid, Refused
from amanat.party.key_id import key_id
from amanat.party.manifest import record_keys
from amanat.party.types import Digest, Line, PartyCode, Time, require_utc
from amanat.store import records
from amanat.store.attachments import Runs

T = TypeVar("T")
Count = Annotated[int, msgspec.Meta(ge=0, le=2**53)]
MAX_RUNS = 4096
MAX_VOID = 65536  # runs in one heartbeat, 3.2 MB at the most


@dataclass(frozen=True, slots=True)
class Answer:
    """What is due as an answer to a peer; `given` notes that those of some `keys` were given to the party `of`."""

    item: Item
    given: Update | Delete
    key: str


class Refusal(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`recipient` did not accept the `envelope` (SHA-256, hex) of `sender`: which rule said so, and in words why.

    It quotes nothing of the content: an envelope that did not open is refused in the same form.
    """

    envelope: Digest
    sender: PartyCode
    recipient: PartyCode
    code: Line
    by: Line
    at: Time

    def __post_init__(self) -> None:
        require_utc(self.at, "at")


class Heartbeat(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How the line from `sender` to `recipient` stands at `at`, in sequence numbers of envelopes, from 1 on.

    Numbers up to `sent` were given out. One that never came was lost on the way, unless it is in one of the `void` runs
    (first, last): that envelope is sent no more, because it was withdrawn before it was answered, or its recipient
    refused it and could not read which number it bears, or there may never have been one. For each number up to
    `settled` the sender holds the last answer there will be (a final receipt, or a refusal), or it is void. Above that
    a final receipt may have been lost on its way back, and is given again.
    """

    sender: PartyCode
    recipient: PartyCode
    sent: Count
    settled: Count
    void: Annotated[tuple[tuple[Count, Count], ...], msgspec.Meta(max_length=MAX_VOID)]
    at: Time

    def __post_init__(self) -> None:
        require_utc(self.at, "at")
        if not _are_runs(self.void) or max((self.settled, *(last for _, last in self.void))) > self.sent:
            raise Invalid(
                "heartbeat.numbers",
                "The heartbeat's numbers are not in order, or go beyond what was sent.",
                "Ask the party's engineers; nothing else of the bundle is touched by it.",
            )


class Holding(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`recipient` holds these `chunks` of an attachment of `sender`, as runs (first, last) of their numbers."""

    address: Digest
    sender: PartyCode
    recipient: PartyCode
    chunks: Annotated[tuple[tuple[Count, Count], ...], msgspec.Meta(max_length=MAX_RUNS)]
    at: Time

    def __post_init__(self) -> None:
        require_utc(self.at, "at")
        if not _are_runs(self.chunks):
            raise Invalid(
                "holding.chunks",
                "The runs of chunks are not in order, or touch one another.",
                "Ask the party's engineers; the chunks are sent once more.",
            )


class Mirrored(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How far `sender` keeps the log of `recipient` for a compact, which it has yet to countersign.

    `size` is that of the pending checkpoint, the last whose proof it took in; `next` the first entry that it lacks.
    """

    log: Line
    sender: PartyCode
    recipient: PartyCode
    size: Count
    next: Count
    at: Time

    def __post_init__(self) -> None:
        require_utc(self.at, "at")
        if self.next > self.size:
            raise Invalid(
                "mirrored.next",
                f"{self.sender} says that it keeps {self.next} entries of a log of {self.size}.",
                "Ask the party's engineers; entries are sent from where it last stood.",
            )


class Asking(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`sender` lost the `envelope` (SHA-256, hex) that it exchanged with `recipient`, and asks for it again."""

    envelope: Digest
    sender: PartyCode
    recipient: PartyCode
    at: Time

    def __post_init__(self) -> None:
        require_utc(self.at, "at")


Said = Refusal | Heartbeat | Holding | Mirrored | Asking
S = TypeVar("S", bound=Said)


def refuse(digest: str, sender: str, problem: Invalid | Refused, means: Means) -> bytes:
    """Return the signed refusal of an envelope."""
    by = problem.by if isinstance(problem, Refused) else "the protocol"
    refusal = Refusal(digest, sender, means.party, problem.code, by, means.now().replace(microsecond=0))
    return _sign(labels.REFUSAL, refusal, means)


def renewed(data: bytes, means: Means) -> bytes:
    """Return a refusal of ours, signed anew if the record key has changed: peers believe no key that was revoked."""
    statement = dsse.parse(data, labels.REFUSAL, "stored refusal")
    own = key_id(means.keys.record.public_key().public_bytes_raw())
    if any(line.keyid == own for line in statement.signatures):
        return data
    return dsse.to_bytes(dsse.sign(labels.REFUSAL, statement.body(), [means.keys.record]))


def beat(recipient: str, line: records.LineState, means: Means) -> bytes:
    """Return a signed heartbeat to a peer."""
    now = means.now().replace(microsecond=0)
    made = Heartbeat(means.party, recipient, line.sent, line.settled, line.void[:MAX_VOID], now)
    return _sign(labels.HEARTBEAT, made, means)


def hold(address: str, sender: str, chunks: Runs, means: Means) -> bytes:
    """Return our signed word of which chunks of an attachment are here."""
    now = means.now().replace(microsecond=0)
    return _sign(labels.HOLDING, Holding(address, sender, means.party, chunks[:MAX_RUNS], now), means)


def keep_track(log: str, recipient: str, size: int, next_entry: int, means: Means) -> bytes:
    """Return our signed word of how far a peer's log is kept here."""
    now = means.now().replace(microsecond=0)
    return _sign(labels.MIRRORED, Mirrored(log, means.party, recipient, size, next_entry, now), means)


def ask(envelope: str, recipient: str, means: Means) -> bytes:
    """Return our signed request for an envelope that was lost here."""
    return _sign(labels.ASKING, Asking(envelope, means.party, recipient, means.now().replace(microsecond=0)), means)


def read_refusal(data: bytes, sender: str, known: Known, means: Means) -> Refusal:
    """Verify a refusal that `sender` made of an envelope of ours. Raises `Invalid`."""
    refusal = _verified(data, labels.REFUSAL, Refusal, sender, known)
    return _between(refusal, "refusal.parties", "The refusal is about an exchange of others.", (means.party, sender))


def read_heartbeat(data: bytes, sender: str, known: Known, means: Means) -> Heartbeat:
    """Verify a heartbeat of `sender` to us. Raises `Invalid`."""
    heartbeat = _verified(data, labels.HEARTBEAT, Heartbeat, sender, known)
    return _between(heartbeat, "heartbeat.parties", "The heartbeat is for others.", (sender, means.party))


def read_holding(data: bytes, sender: str, known: Known, means: Means) -> Holding:
    """Verify the word of `sender` on what it holds of an attachment of ours. Raises `Invalid`."""
    holding = _verified(data, labels.HOLDING, Holding, sender, known)
    return _between(holding, "holding.parties", "The word is about an attachment of others.", (means.party, sender))


def read_mirrored(data: bytes, sender: str, known: Known, means: Means) -> Mirrored:
    """Verify the word of `sender` on how far it keeps a log of ours. Raises `Invalid`."""
    mirrored = _verified(data, labels.MIRRORED, Mirrored, sender, known)
    return _between(mirrored, "mirrored.parties", "The word is about a log of others.", (sender, means.party))


def read_asking(data: bytes, sender: str, known: Known, means: Means) -> Asking:
    """Verify that `sender` asks us for an envelope. Raises `Invalid`."""
    asking = _verified(data, labels.ASKING, Asking, sender, known)
    return _between(asking, "asking.parties", "Others are asked for an envelope.", (sender, means.party))


def _between(said: S, code: str, says: str, parties: tuple[str, str]) -> S:
    if (said.sender, said.recipient) != parties:
        raise Invalid(code, says, "Give it to those it names.")
    return said


def _are_runs(runs: Runs) -> bool:
    """Whether runs (first, last) are in order, and no two of them touch."""
    ends = [end for first, last in runs for end in (2 * first, 2 * last + 1)]
    return ends == sorted(set(ends)) and all(after[0] > before[1] + 1 for before, after in pairwise(runs))


def stored_holding(data: bytes) -> Holding:
    """Parse a holder's word that was verified before it was stored."""
    return _stored(data, labels.HOLDING, Holding)


def stored_heartbeat(data: bytes) -> Heartbeat:
    """Parse a heartbeat that was verified before it was stored."""
    return _stored(data, labels.HEARTBEAT, Heartbeat)


def _stored(data: bytes, label: str, type_: type[T]) -> T:
    what = f"stored {type_.__name__.lower()}"
    return canonical.decode(dsse.parse(data, label, what).body(), type_, what)


def _sign(label: str, value: Said, means: Means) -> bytes:
    return dsse.to_bytes(dsse.sign(label, canonical.encode(value), [means.keys.record]))


def _verified(data: bytes, label: str, type_: type[T], sender: str, known: Known) -> T:
    what = f"{type_.__name__.lower()} of {sender}"
    statement = dsse.parse(data, label, what)
    if sender not in known.manifests or not dsse.signers(statement, record_keys(known.manifests[sender]), what):
        raise Invalid(
            "statement.unsigned",
            f"The {what} is not signed by a record key of {sender}.",
            "Ask for it again.",
        )
    return canonical.decode(statement.body(), type_, what)
