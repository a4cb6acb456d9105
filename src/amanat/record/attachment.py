"""A file that goes with a record: what the record says of it, and the key by which it is sealed apart (seal/chunks.py).

Law: the record names content, size and key, so that the signature over the record covers the file; its bytes travel
beside the envelope and open to nothing else. No machine looks into a file: a record with one counts as naming a person.
"""

import re
import unicodedata
from typing import Annotated, Final, Literal

import msgspec

from amanat.party.errors import Invalid
from amanat.party.types import Digest, Line

MAX_ATTACHMENTS = 16
MAX_ATTACHMENT_BYTES = 1024**3
MAX_NAME = 120

MediaType = Literal[
    "application/geo+json",
    "application/json",
    "application/pdf",
    "audio/mpeg",
    "audio/ogg",
    "image/jpeg",
    "image/png",
    "text/csv",
    "text/plain",
    "video/mp4",
    "video/webm",
]

# By a name's last part, in lower case: nothing that an officer's machine would run, and no type that its name belies.
SUFFIXES: Final[dict[str, MediaType]] = {
    ".csv": "text/csv",
    ".geojson": "application/geo+json",
    ".jpeg": "image/jpeg",
    ".jpg": "image/jpeg",
    ".json": "application/json",
    ".mp3": "audio/mpeg",
    ".mp4": "video/mp4",
    ".ogg": "audio/ogg",
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".txt": "text/plain",
    ".webm": "video/webm",
}

Size = Annotated[int, msgspec.Meta(ge=1, le=MAX_ATTACHMENT_BYTES)]

_NO_NAME = re.compile(r'^[. ]|[. ]$|[/\\:*?"<>|]')


class Attachment(msgspec.Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """One file: its name for readers, what it is, its bytes' number and SHA-256, and its 32-byte key, in hex too."""

    name: Line
    media_type: MediaType
    size: Size
    sha256: Digest
    key: Digest

    def __post_init__(self) -> None:
        if media_type(self.name) != self.media_type:
            raise Invalid(
                "attachment.type",
                f"The attachment {self.name!r} says that it is {self.media_type}, and its name does not.",
                "Name it as what it is.",
            )


def media_type(name: str) -> MediaType:
    """Return what a file's name says that it is. Raises `Invalid` for a name no attachment may have."""
    if len(name) > MAX_NAME or _NO_NAME.search(name) or unicodedata.normalize("NFC", name) != name:
        raise Invalid(
            "attachment.name",
            f"{name!r} is no name for an attachment.",
            f'Name it in at most {MAX_NAME} letters without / \\ : * ? " < > | and no point or space at either end.',
        )
    suffix = name[name.rfind(".") :].lower() if "." in name else ""
    if suffix not in SUFFIXES:
        raise Invalid(
            "attachment.type",
            f"The attachment {name!r} is of no type that is carried.",
            f"Carried are {', '.join(SUFFIXES)}: save it as one of these.",
        )
    return SUFFIXES[suffix]


def require_distinct(attachments: tuple[Attachment, ...]) -> None:
    """Refuse more attachments than are read, or two of one name or one key. Raises `Invalid`."""
    names, keys = {each.name for each in attachments}, {each.key for each in attachments}
    if len(attachments) > MAX_ATTACHMENTS or len(names) != len(attachments) or len(keys) != len(attachments):
        raise Invalid(
            "attachment.several",
            f"The record has over {MAX_ATTACHMENTS} attachments, or two with one name or one key.",
            "Give each a name and a key of its own, and send more in a second record.",
        )
