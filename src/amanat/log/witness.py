"""The decision of a C2SP tlog-witness: cosign a log's next checkpoint, tell where it left off, or refuse.

Law: never cosign a fork. Pure: the caller persists the new state, atomically with having read `latest`, before the
cosignature leaves (section add-checkpoint).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from amanat.log.checkpoint import Checkpoint, parse_checkpoint
from amanat.log.lines import decimal, hash_from_base64, head_and_rest, quote, to_base64
from amanat.log.malformed import Malformed
from amanat.log.note import MAX_NOTE, Note, VerifierKey, parse_note, verify_ed25519
from amanat.log.proof import MAX_PATH, verify_consistency
from amanat.log.tree import EMPTY_ROOT

MAX_REQUEST = MAX_NOTE + 4 * 1024
"""Bytes in an add-checkpoint request: the largest checkpoint, 63 hashes and the old size."""

BAD_REQUEST = 400
FORBIDDEN = 403
NOT_FOUND = 404
UNPROCESSABLE = 422


class WitnessRefused(Malformed):
    """A request that is not cosigned; `status` is the HTTP status the specification gives it."""

    def __init__(self, status: int, code: str, says: str, mend: str) -> None:
        """Take the status beside what every `Malformed` carries."""
        super().__init__(code, says, mend)
        self.status = status

    @property
    def evidence(self) -> bool:
        """Whether to keep the request: the log's signature holds, but what it signed does not follow."""
        return self.status == UNPROCESSABLE


@dataclass(frozen=True, slots=True)
class State:
    """The size and root that this witness last cosigned for a log."""

    size: int
    root: bytes


@dataclass(frozen=True, slots=True)
class AddCheckpoint:
    """A request: the size the log believes was last cosigned, the proof from there, and its signed checkpoint."""

    old_size: int
    proof: tuple[bytes, ...]
    checkpoint: bytes

    def encode(self) -> bytes:
        """Return the request's body (section add-checkpoint)."""
        lines = [f"old {self.old_size}", *map(to_base64, self.proof)]
        return "".join(line + "\n" for line in lines).encode() + b"\n" + self.checkpoint


@dataclass(frozen=True, slots=True)
class Cosign:
    """Cosign this checkpoint with a time, and record it as the latest; `note` is what the log sent."""

    checkpoint: Checkpoint
    note: Note


@dataclass(frozen=True, slots=True)
class Conflict:
    """The request starts elsewhere than where this witness stands (409); `size` is the size it last cosigned."""

    size: int

    def encode(self) -> bytes:
        """Return the answer's body, of type text/x.tlog.size."""
        return b"%d\n" % self.size


def parse_add_checkpoint(data: bytes) -> AddCheckpoint:
    """Return the request in an add-checkpoint body of at most 132 KiB; raises `WitnessRefused` 400."""
    try:
        return _parse(data)
    except Malformed as error:
        raise refused(BAD_REQUEST, error) from error


def _parse(data: bytes) -> AddCheckpoint:
    (old, *hashes), checkpoint = head_and_rest(data, MAX_REQUEST, "witness.request", "A request")
    if not old.startswith("old ") or len(hashes) > MAX_PATH:
        raise Malformed(
            "witness.request",
            f"A request begins with {quote(old)} and {len(hashes)} hashes.",
            f'It begins with "old", a space and a size, and at most {MAX_PATH} hashes follow.',
        )
    return AddCheckpoint(
        decimal(old.removeprefix("old "), "witness.request", "The old size of a request"),
        tuple(hash_from_base64(line, "witness.request", "A hash of a request") for line in hashes),
        checkpoint,
    )


def decide(request: AddCheckpoint, known: Mapping[str, VerifierKey], latest: State | None) -> Cosign | Conflict:
    """Return whether to cosign, given the log keys known by origin and what was last cosigned for this log.

    `latest` is None if nothing was. Raises `WitnessRefused`: 400 for what cannot be read or shrinks, 404 for an unknown
    origin, 403 without the log's valid signature, 422 for what is not consistent with `latest`.
    """
    note, checkpoint = claimed(request)
    _check_signed(note, checkpoint, known)
    if request.old_size > checkpoint.size:
        raise WitnessRefused(
            BAD_REQUEST,
            "witness.size",
            f"The old size {request.old_size} is above the checkpoint's {checkpoint.size}.",
            "Send the checkpoint that follows the one last cosigned.",
        )
    last_size = latest.size if latest else 0
    if request.old_size != last_size:
        return Conflict(last_size)
    if latest and latest.size:
        _check_follows(checkpoint, latest, request.proof)
    else:
        _check_begins(checkpoint, request.proof)
    return Cosign(checkpoint, note)


def _check_follows(checkpoint: Checkpoint, latest: State, proof: Sequence[bytes]) -> None:
    try:
        verify_consistency(latest.size, latest.root, checkpoint.size, checkpoint.root, proof)
    except Malformed as error:
        raise refused(UNPROCESSABLE, error) from error


def _check_begins(checkpoint: Checkpoint, proof: Sequence[bytes]) -> None:
    if proof or (checkpoint.size == 0 and checkpoint.root != EMPTY_ROOT):
        raise WitnessRefused(
            UNPROCESSABLE,
            "witness.begin",
            f"The first checkpoint of {quote(checkpoint.origin)} comes with a proof, or is empty with a root.",
            "From size zero no proof is needed, and the empty tree has the SHA-256 of nothing as root.",
        )


def claimed(request: AddCheckpoint) -> tuple[Note, Checkpoint]:
    """Return the request's checkpoint, whoever signed it; raises `WitnessRefused` 400."""
    try:
        note = parse_note(request.checkpoint)
        return note, parse_checkpoint(note.text)
    except Malformed as error:
        raise refused(BAD_REQUEST, error) from error


def _check_signed(note: Note, checkpoint: Checkpoint, known: Mapping[str, VerifierKey]) -> None:
    key = known.get(checkpoint.origin)
    if key is None:
        raise unknown(checkpoint.origin)
    try:
        verify_ed25519(note, key)
    except Malformed as error:
        raise refused(FORBIDDEN, error) from error


def unknown(origin: str) -> WitnessRefused:
    """Return what answers a request about a log that is not witnessed here."""
    return WitnessRefused(
        NOT_FOUND,
        "witness.origin",
        f"The log {quote(origin)} is not known here.",
        "Ask the witness's party to add the log's verifier key.",
    )


def refused(status: int, error: Malformed) -> WitnessRefused:
    """Return what answers a request that is malformed so, with its status."""
    return WitnessRefused(status, error.code, error.says, error.mend)
