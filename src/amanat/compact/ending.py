"""How a party's log for a compact ends whose entries nobody can give: by a statement of its custodians.

Law: an ending hides nothing. It names a checkpoint that the log's own key signed and a witness countersigned; all up to
there stays promised, nothing beyond it is the log's, and what comes after stands in the next log, under another name.
The keys at a node cannot end a log: whoever has those may be the one who lost, or hid, its entries.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Annotated, Final, Literal

import msgspec

from amanat.compact.signing import custodians_signed
from amanat.compact.terms import Terms
from amanat.log.checkpoint import Checkpoint, parse_checkpoint
from amanat.log.cosignature import verify_cosignature
from amanat.log.note import Note, VerifierKey, parse_note, verify_ed25519
from amanat.party import canonical, dsse, labels
from amanat.party.errors import Invalid, Refused
from amanat.party.manifest import Manifest, log_name
from amanat.party.types import Code, PartyCode, Time, require_utc

MAX_LOGS: Final = 64
"""Logs that a party may have for one compact, one after the other."""
MAX_ENTRIES: Final = 2**40
"""More than any log has that somebody really kept: whoever has its key and a witness's can sign any size."""

Number = Annotated[int, msgspec.Meta(ge=1, le=MAX_LOGS - 1)]
Signed = Annotated[str, msgspec.Meta(max_length=16 * 1024)]


class Ending(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The `number`-th log of the party for a compact ended `because` its entries were lost, or two histories signed.

    `checkpoint` is the largest that witnesses countersigned: a signed note with the log's line and one of theirs.
    """

    compact: Code
    party: PartyCode
    number: Number
    checkpoint: Signed
    at: Time
    because: Literal["lost", "forked"]

    def __post_init__(self) -> None:
        require_utc(self.at, "at")


def read_ending(data: bytes) -> Ending:
    """Read an ending; nothing that it says is checked. Raises `Invalid`."""
    return canonical.decode(dsse.parse(data, labels.ENDING, "ending").body(), Ending, "ending")


@lru_cache(maxsize=64)
def ended_at(ending: Ending) -> Checkpoint:
    """Return where the log ended. Raises `Malformed` for a checkpoint that is none."""
    return parse_checkpoint(parse_note(ending.checkpoint.encode()).text)


def origin_of(ending: Ending, manifests: Mapping[str, Manifest]) -> str:
    """Return the name of the log that ended."""
    return log_name(manifests[ending.party], ending.compact, ending.number)


def accept_ending(
    data: bytes, terms: Terms, manifests: Mapping[str, Manifest], keys: Sequence[VerifierKey], of: Sequence[VerifierKey]
) -> Ending:
    """Return an ending that its party's custodians signed, and whose checkpoint is what it must be.

    `keys` are all that the log ever listed, `of` those of the compact's other witnesses. Raises `Invalid`, `Refused`
    or `Malformed`.
    """
    ending = read_ending(data)
    if ending.party not in terms.parties:
        raise Refused(
            "ending.party",
            f"{ending.party} is no party of {terms.id}, and has no log for it.",
            "Only a party's own custodians end its log.",
            by="own logs",
        )
    if not stands(data, manifests):
        raise Refused(
            "ending.unsigned",
            f"The ending of the log of {ending.party} for {terms.id} is not signed by enough of its custodians.",
            "No key of a node can end a log; collect their signatures on the same file.",
            by="custodians end logs",
        )
    note, checkpoint = parse_note(ending.checkpoint.encode()), ended_at(ending)
    if checkpoint.origin != origin_of(ending, manifests) or not _countersigned(note, checkpoint, of):
        raise Invalid(
            "ending.checkpoint",
            f"The ending of {origin_of(ending, manifests)} shows no checkpoint of it that a witness countersigned.",
            "Show the largest one that a witness of the compact countersigned.",
        )
    if checkpoint.size > MAX_ENTRIES:
        raise Invalid(
            "ending.size",
            f"{checkpoint.origin} is said to have ended at {checkpoint.size}, which is more than any log can have.",
            f"Nobody owes what was never kept: show a checkpoint of at most {MAX_ENTRIES} entries.",
        )
    verify_ed25519(note, next((key for key in keys if note.by(key)), keys[0]))
    return ending


def stands(data: bytes, manifests: Mapping[str, Manifest]) -> bool:
    """Whether enough of those who are the party's custodians now signed it. Raises `Invalid` for one that fails."""
    statement, manifest = dsse.parse(data, labels.ENDING, "ending"), manifests[read_ending(data).party]
    return custodians_signed(statement, manifest, "ending")


def _countersigned(note: Note, checkpoint: Checkpoint, of: Sequence[VerifierKey]) -> bool:
    """Whether one of these keys did; all their lines are looked at, for one that fails condemns the note."""
    times = [verify_cosignature(note, checkpoint, key) for key in of]
    return any(each is not None for each in times)
