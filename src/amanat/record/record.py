"""One immutable statement of a post: who says what to whom, when, under which compact and handling.

A record is never edited; a later one supersedes, withdraws or answers it. Its bytes are the one encoding of `Fields`
(`party.canonical`), so that a signature over bytes is a signature over meaning.
"""

import hashlib
import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

import msgspec

from amanat.party import canonical
from amanat.party.errors import Invalid
from amanat.party.types import Digest, PartyCode, Time, require_sorted, require_utc
from amanat.record.attachment import Attachment, require_distinct
from amanat.record.handling import Handling
from amanat.record.kind import NO_FACTS, Facts, Kind, Kinds

MAX_RECORD_BYTES = 4 * 1024 * 1024 - 64 * 1024
MAX_AUDIENCE = 16
MAX_REFS = 64
MOST_AHEAD = timedelta(days=1)
"""How far ahead of ours a clock is believed: what is dated later is a mistake, or malice."""
UNSEEN = "what its attachments show, which no machine looks into"

Uuid7 = Annotated[
    str, msgspec.Meta(pattern=r"^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$(?!\n)")
]
PostName = Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9][a-z0-9./-]{0,63}$(?!\n)")]
KindLabel = Annotated[str, msgspec.Meta(pattern=r"^[a-z]+\.[a-z]+(-[a-z]+)*/[1-9][0-9]{0,3}$(?!\n)")]
Relation = Literal["about", "answers", "supersedes", "withdraws"]


class Post(msgspec.Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """A desk of a party ("pk", "torkham/duty"). Records name the post; the officer's name stays at home."""

    party: PartyCode
    name: PostName


class Ref(msgspec.Struct, frozen=True, forbid_unknown_fields=True, order=True, gc=False):
    """A reference to an earlier record by its originator and id."""

    relation: Relation
    party: PartyCode
    id: Uuid7


class Fields(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, kw_only=True, gc=False):
    """What a record says, as it is signed.

    `compact` is the SHA-256 of the compact's text: it binds all clauses, the without-prejudice clause among them, into
    every record.
    """

    id: Uuid7
    compact: Digest
    author: Post
    audience: tuple[PartyCode, ...]
    at: Time
    kind: KindLabel
    handling: Handling
    refs: tuple[Ref, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    exercise: bool = False
    approved_by: Post | None = None
    body: msgspec.Raw

    def __post_init__(self) -> None:
        require_utc(self.at, "at")
        require_sorted(self.audience, "audience")
        if len(self.refs) > 1 and list(self.refs) != sorted(set(self.refs)):
            raise Invalid("record.refs", "The references are not sorted or repeat themselves.", "Sort them, each once.")
        require_distinct(self.attachments)
        wrong = _contradiction(self)
        if wrong:
            raise Invalid("record.contradiction", f"The record contradicts itself: {wrong}.", "Correct one of the two.")


@dataclass(frozen=True, slots=True)
class Draft:
    """What an officer fills in; `body` is a struct of the kind. The rest comes from the node and the compact."""

    kind: str
    body: Any
    audience: tuple[str, ...]
    handling: Handling
    compact: str
    refs: tuple[Ref, ...] = ()
    exercise: bool = False
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True, slots=True)
class Record:
    """A record that was read: its fields, their exact bytes, and the body as its kind understands it."""

    fields: Fields
    data: bytes
    kind: Kind
    body: Any
    facts: Facts

    @property
    def digest(self) -> str:
        """SHA-256 of the record's bytes, hex; shown at home for approval, never logged (it could be guessed at)."""
        return hashlib.sha256(self.data).hexdigest()

    @property
    def key(self) -> tuple[str, str]:
        """(originator, id): what names a record."""
        return self.fields.author.party, self.fields.id


def compose(draft: Draft, author: Post, kinds: Kinds, id_: str, now: datetime) -> Record:
    """Step 1: make a record of a draft, checked in every field. Raises `Invalid`."""
    fields = Fields(
        id=id_,
        compact=draft.compact,
        author=author,
        audience=tuple(sorted(set(draft.audience))),
        at=now.replace(microsecond=0),
        kind=draft.kind,
        handling=draft.handling,
        refs=tuple(sorted(set(draft.refs))),
        attachments=draft.attachments,
        exercise=draft.exercise,
        body=msgspec.Raw(canonical.encode(draft.body)),
    )
    return read(canonical.encode(fields), kinds)


def read(data: bytes, kinds: Kinds) -> Record:
    """Parse a record's bytes, from our own hand or a foreign one alike. Raises `Invalid`."""
    record = reread(data, kinds, NO_FACTS)
    facts = record.kind.facts(record.body)
    if record.fields.attachments and not facts.person:
        facts = replace(facts, person=UNSEEN)
    return replace(record, facts=facts)


def reread(data: bytes, kinds: Kinds, facts: Facts) -> Record:
    """Parse a record's bytes that were `read` before, with what was kept of its facts: to find them costs the most."""
    fields = read_fields(data)
    kind = kinds.get(fields.kind)
    body = canonical.decode(bytes(fields.body), kind.body, f"body of {kind.label}", limit=MAX_RECORD_BYTES)
    return Record(fields, data, kind, body, facts)


def read_fields(data: bytes) -> Fields:
    """Parse a record's bytes but for its body, whose kind this program may not have. Raises `Invalid`."""
    return canonical.decode(data, Fields, "record", limit=MAX_RECORD_BYTES)


def approve(held: Record, digest: str, second: Post, kinds: Kinds) -> Record:
    """Step 4: return the held record with the second person's post in it.

    `digest` is the hex SHA-256 of the bytes the second person read. Raises `Invalid` when the held bytes are others
    by now, or when the post may not be the second person.
    """
    require_read(held.digest, digest)
    return read(canonical.encode(msgspec.structs.replace(held.fields, approved_by=second)), kinds)


def require_read(held: str, digest: str) -> None:
    """Raise `Invalid` when what is held is not what the second person read; both are SHA-256 in hex."""
    if held != digest:
        raise Invalid(
            "approval.digest",
            "The record held is not the one that was read for approval.",
            "Read it again and judge what it says now.",
        )


def refs_to(record: Record, relation: Relation) -> tuple[Ref, ...]:
    """Return the record's references of one relation."""
    return tuple(ref for ref in record.fields.refs if ref.relation == relation)


def _contradiction(fields: Fields) -> str | None:
    """Name the first pair of fields that cannot both hold, or None."""
    return _audience_contradiction(fields) or _approval_contradiction(fields) or _reference_contradiction(fields)


def _audience_contradiction(fields: Fields) -> str | None:
    party = fields.author.party
    if not 0 < len(fields.audience) <= MAX_AUDIENCE:
        return f"the audience is {len(fields.audience)} parties, and must be 1 to {MAX_AUDIENCE}"
    if party in fields.audience:
        return f"{party} is author and audience"
    excluded = sorted({*fields.audience, party} & set(fields.handling.not_to))
    if excluded:
        return f"not_to names {excluded[0]}, who is to have it"
    if fields.handling.expires is not None and fields.handling.expires <= fields.at:
        return "it expires before it is written"
    return None


def _approval_contradiction(fields: Fields) -> str | None:
    party = fields.author.party
    if fields.approved_by is not None and fields.approved_by.party != party:
        return "the second person is of another party than the author"
    if fields.approved_by == fields.author:
        return "author and second person are the same post"
    return None


def _reference_contradiction(fields: Fields) -> str | None:
    party, withdrawal = fields.author.party, fields.kind.startswith("record.withdrawal/")
    if not fields.refs and not withdrawal:
        return None
    if len(fields.refs) > MAX_REFS:
        return f"it has {len(fields.refs)} references, and at most {MAX_REFS} are read"
    own = [ref for ref in fields.refs if ref.relation in ("supersedes", "withdraws")]
    if any(ref.party != party for ref in own):
        return "only the originator supersedes or withdraws a record"
    withdraws = any(ref.relation == "withdraws" for ref in fields.refs)
    if withdraws != withdrawal:
        return "a withdrawal, and nothing else, names what it withdraws"
    if any(ref.id == fields.id and ref.party == party for ref in fields.refs):
        return "it refers to itself"
    return None


def uuid7(milliseconds: int, random: bytes) -> str:
    """Return a UUIDv7 (RFC 9562 section 5.7) of a Unix time in milliseconds and 10 random bytes."""
    number = (milliseconds << 80) | int.from_bytes(random[:10], "big")
    number = number & ~(0xF << 76) & ~(0x3 << 62) | (0x7 << 76) | (0x2 << 62)
    digits = f"{number:032x}"
    return re.sub(r"^(.{8})(.{4})(.{4})(.{4})(.{12})$", r"\1-\2-\3-\4-\5", digits)
