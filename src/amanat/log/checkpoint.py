"""C2SP tlog-checkpoint: the note by which a log commits to its size and root.

Law: one checkpoint has one text; nothing of it is believed before the log's own signature verified.
"""

from dataclasses import dataclass

from amanat.log.lines import HASH_SIZE, MAX_NUMBER, decimal, hash_from_base64, quote, text_lines, to_base64
from amanat.log.malformed import Malformed
from amanat.log.note import Note, VerifierKey, parse_note, verify_ed25519

_LINES = 3


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A log's origin, its size in entries, its RFC 6962 root (32 bytes), and extension lines, which nobody audits."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse values that have no text, or one that reads back differently (section Note text)."""
        if not 0 <= self.size <= MAX_NUMBER or len(self.root) != HASH_SIZE:
            raise Malformed(
                "checkpoint.head",
                f"A checkpoint has size {self.size} and a root of {len(self.root)} bytes.",
                "The size is below 2**63 and the root has 32 bytes.",
            )
        for line in (self.origin, *self.extensions):
            if not line or any(character < " " or "\ud800" <= character <= "\udfff" for character in line):
                raise Malformed(
                    "checkpoint.line",
                    f"A checkpoint has the line {quote(line)}.",
                    "Origin and extensions are non-empty lines without control characters.",
                )

    def text(self) -> bytes:
        """Return the text to be signed: origin, size, root and extensions, each line ending in newline."""
        head = (self.origin, str(self.size), to_base64(self.root))
        return "".join(line + "\n" for line in (*head, *self.extensions)).encode()


def parse_checkpoint(text: bytes) -> Checkpoint:
    """Return the checkpoint in a note's text (section Note text)."""
    lines = text_lines(text, "checkpoint.text", "A checkpoint")
    if len(lines) < _LINES:
        raise Malformed(
            "checkpoint.text",
            f"A checkpoint has {len(lines)} lines.",
            "Origin, size and root are three lines.",
        )
    origin, size, root, *extensions = lines
    return Checkpoint(
        origin,
        decimal(size, "checkpoint.size", "The size of a checkpoint"),
        hash_from_base64(root, "checkpoint.root", "The root of a checkpoint"),
        tuple(extensions),
    )


def open_checkpoint(note_bytes: bytes, log_key: VerifierKey) -> tuple[Checkpoint, Note]:
    """Return the checkpoint that the log of `log_key` (type 0x01, named for its origin) signed, and its note."""
    note = parse_note(note_bytes)
    verify_ed25519(note, log_key)
    checkpoint = parse_checkpoint(note.text)
    if checkpoint.origin != log_key.name:
        raise Malformed(
            "checkpoint.origin",
            f"The checkpoint is of {quote(checkpoint.origin)}, but signed by {quote(log_key.name)}.",
            "A log signs under its origin; check which verifier key was given.",
        )
    return checkpoint, note
