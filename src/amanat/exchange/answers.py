"""Signed answers and signs of life: refusals of an envelope, and heartbeats that say how much was sent.

Both are DSSE statements by the party's record key. A receipt needs no statement: it is the log's own proof.
"""

from typing import Annotated, TypeVar

import msgspec

from amanat.exchange.means import Known, Means
from amanat.party import canonical, dsse, labels
from amanat.party.errors import Invalid, Refused
from amanat.party.manifest import record_keys
from amanat.party.types import Digest, Line, PartyCode, Time, require_utc

T = TypeVar("T")
Count = Annotated[int, msgspec.Meta(ge=0, le=2**53)]


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
    """`sender` has, up to `at`, sealed `sent` envelopes to `recipient`; any number up to it that never came is lost."""

    sender: PartyCode
    recipient: PartyCode
    sent: Count
    at: Time

    def __post_init__(self) -> None:
        require_utc(self.at, "at")


def refuse(digest: str, sender: str, problem: Invalid | Refused, means: Means) -> bytes:
    """Return the signed refusal of an envelope."""
    by = problem.by if isinstance(problem, Refused) else "the protocol"
    refusal = Refusal(digest, sender, means.party, problem.code, by, means.now().replace(microsecond=0))
    return _sign(labels.REFUSAL, refusal, means)


def beat(recipient: str, sent: int, means: Means) -> bytes:
    """Return a signed heartbeat to a peer."""
    return _sign(labels.HEARTBEAT, Heartbeat(means.party, recipient, sent, means.now().replace(microsecond=0)), means)


def read_refusal(data: bytes, sender: str, known: Known, means: Means) -> Refusal:
    """Verify a refusal that `sender` made of an envelope of ours. Raises `Invalid`."""
    refusal = _verified(data, labels.REFUSAL, Refusal, sender, known)
    if (refusal.sender, refusal.recipient) != (means.party, sender):
        raise Invalid("refusal.parties", "The refusal is about an exchange of others.", "Give it to those it names.")
    return refusal


def read_heartbeat(data: bytes, sender: str, known: Known, means: Means) -> Heartbeat:
    """Verify a heartbeat of `sender` to us. Raises `Invalid`."""
    heartbeat = _verified(data, labels.HEARTBEAT, Heartbeat, sender, known)
    if (heartbeat.sender, heartbeat.recipient) != (sender, means.party):
        raise Invalid("heartbeat.parties", "The heartbeat is for others.", "Give it to those it names.")
    return heartbeat


def _sign(label: str, value: Refusal | Heartbeat, means: Means) -> bytes:
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
