"""The bodies of what is said on a hotline, with examples that documents, tests and the demo use.

Law: whatever belongs to a call names it, and stands by itself: no order of arrival changes what the records say. A
phrase is an id and values; the words are each reader's own (`phrasebook`).
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated, Final, Literal

import msgspec

from amanat.party.errors import Invalid
from amanat.party.types import Code, Digest, PartyCode, Time, require_sorted, require_utc
from amanat.record.kind import Kind
from amanat.record.record import PostName, Uuid7

Urgency = Literal["flash", "immediate", "priority", "routine"]
Cause = Literal["link", "node"]
Means = Literal["telephone", "radio", "in-person"]
Spoken = Literal["en", "fa-AF", "ps", "ur"]

PhraseId = Annotated[str, msgspec.Meta(pattern=r"^[a-z]+(-[a-z0-9]+)*\.[a-z0-9]+(-[a-z0-9]+)*$(?!\n)", max_length=64)]
SlotName = Annotated[str, msgspec.Meta(pattern=r"^[a-z]+(_[a-z0-9]+)*$(?!\n)", max_length=24)]
Rank = Annotated[int, msgspec.Meta(ge=0, le=15)]
Minutes = Annotated[int, msgspec.Meta(ge=0, le=1440)]
Words = Annotated[str, msgspec.Meta(min_length=1, max_length=4000)]

LONGEST_OUTAGE: Final = timedelta(days=31)
MAX_SLOTS: Final = 8
MAX_SPOKEN: Final = 40
MOST_SAID: Final = 2_000
"""By one party in one call: who has more to say rings anew, so that no call outgrows its page."""
MOST_TEXTS: Final = 200
"""Free words, and translations of some, of one party about one matter: those beyond are read as records alone."""
DECIMALS: Final = 5
"""Of a degree: about a metre."""


class Named(msgspec.Struct, frozen=True, forbid_unknown_fields=True, order=True):
    """A record by its originator and id."""

    party: PartyCode
    id: Uuid7


class Spot(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A place: WGS 84 degrees of at most five decimals, known to within `metres`.

    `country` is who administers it by the sender's word (ISO 3166-1 alpha-2), and `name` the key of a name that both
    lexica may have ("place.torkham").
    """

    lat: Annotated[float, msgspec.Meta(ge=-90, le=90)]
    lon: Annotated[float, msgspec.Meta(ge=-180, le=180)]
    metres: Annotated[int, msgspec.Meta(ge=1, le=100_000)]
    country: Annotated[str, msgspec.Meta(pattern=r"^[A-Z]{2}$(?!\n)")] | None = None
    name: Annotated[str, msgspec.Meta(pattern=r"^place\.[a-z0-9-]+$(?!\n)", max_length=64)] | None = None

    def __post_init__(self) -> None:
        if round(self.lat, DECIMALS) != self.lat or round(self.lon, DECIMALS) != self.lon:
            raise Invalid(
                "liaison.decimals", f"A place has more than {DECIMALS} decimals of a degree.", "Leave the others out."
            )


Value = Spot | str | Annotated[int, msgspec.Meta(ge=0, le=1_000_000)]
"""What stands in a slot: a place; a time (RFC 3339) or a code of a closed list; a number."""
Slots = Annotated[Mapping[SlotName, Value], msgspec.Meta(max_length=MAX_SLOTS)]


class Said(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One phrase of the book with what stands in its slots."""

    phrase: PhraseId
    slots: Slots = {}

    def __post_init__(self) -> None:
        require_sorted(tuple(self.slots), "slots")


class Call(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, kw_only=True):
    """The author's post rings its counterpart on a hotline of the compact. A `test` is a node's, at an agreed hour."""

    hotline: Code
    urgency: Urgency
    test: bool = False


class Desk(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag="desk"):
    """From this record's time on the author's desk of a hotline is open before somebody, or before nobody."""

    hotline: Code
    attended: bool


class Escalated(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag="escalated"):
    """The clock of a call ran out at `due`, and it rings the next rank of both sides (a place in the ladder)."""

    call: Named
    rank: Rank
    due: Time

    def __post_init__(self) -> None:
        require_utc(self.due, "due")


class Outage(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag="outage"):
    """Nothing went between the author's node and the other side: nobody answered there, or the node itself was down."""

    cause: Cause
    since: Time
    until: Time

    def __post_init__(self) -> None:
        require_utc(self.since, "since")
        require_utc(self.until, "until")
        if self.until < self.since:
            raise Invalid("liaison.outage", "The outage ends before it begins.", "Set this machine's clock right.")
        if self.until - self.since > LONGEST_OUTAGE:
            raise Invalid("liaison.outage-long", "The outage lasts for longer than a month.", "Tell of each month.")


class Phrase(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, kw_only=True, tag="phrase"):
    """A phrase said in a call. `n` counts what its author's party said there from 1; `answers` is what it is to."""

    call: Named
    n: Annotated[int, msgspec.Meta(ge=1, le=MOST_SAID)]
    said: Said
    answers: Named | None = None


class ReadBack(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag="read-back"):
    """What a receiver of a dangerous phrase (`of`) typed of its place, time and numbers with the original hidden.

    `phrase` is that phrase's id, which says of what its places are, whether or not the original is here.
    """

    call: Named
    n: Annotated[int, msgspec.Meta(ge=1, le=MOST_SAID)]
    of: Named
    phrase: PhraseId
    slots: Slots

    def __post_init__(self) -> None:
        require_sorted(tuple(self.slots), "slots")


Phrases = Annotated[tuple[Said, ...], msgspec.Meta(max_length=MAX_SPOKEN)]
"""Phrases that were said by voice, each with those of its slots that were noted."""


class Voice(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, kw_only=True, tag="voice"):
    """A conversation by voice as one side heard it: when, with which post, and which phrases were said."""

    hotline: Code
    by: Means
    began: Time
    minutes: Minutes
    other: PostName
    heard: Phrases = ()
    told: Phrases = ()

    def __post_init__(self) -> None:
        require_utc(self.began, "began")


class Confirmed(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, kw_only=True, tag="confirmed"
):
    """The other side's word on a conversation by voice that was logged (`of`): so it was, or it was otherwise.

    Who says that it was otherwise may say how: so many minutes, and what that side `heard` and `told`.
    """

    of: Named
    agrees: bool
    minutes: Minutes | None = None
    heard: Phrases = ()
    told: Phrases = ()

    def __post_init__(self) -> None:
        if self.agrees and (self.minutes is not None or self.heard or self.told):
            raise Invalid(
                "liaison.agrees",
                "It says that it was so, and then how it was otherwise.",
                "Say one of the two.",
            )


class Text(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, kw_only=True):
    """Free words about a call or another matter, shown as they are; with `translates`, a translation of such words.

    `about` is the record that began the matter, or a step of it. No machine reads what they say, so that they count as
    naming a person.
    """

    about: Named
    text: Words
    language: Spoken
    translates: Named | None = None


class Day(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A watch's signature under a day (UTC) of a hotline: how many records, and the SHA-256 of their names in order.

    Of names ("PARTY:ID", sorted, a line each) and never of what the records say, so that it gives nothing away.
    """

    hotline: Code
    day: Annotated[str, msgspec.Meta(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$(?!\n)")]
    records: Annotated[int, msgspec.Meta(ge=0, le=1_000_000)]
    digest: Digest


Sign = Desk | Escalated | Outage
Message = Phrase | ReadBack | Voice | Confirmed

_CALL: Final = Named("pk", "01936e1a-7a00-7000-8000-000000000001")
_MESSAGE: Final = Named("af", "01936e1a-7a00-7000-8000-000000000002")
_MORNING: Final = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)

CALL: Final = Kind(
    "liaison.call",
    1,
    Call,
    "stands",
    "A post rings its counterpart on a hotline.",
    (Call(hotline="kurram", urgency="priority"), Call(hotline="kurram", urgency="routine", test=True)),
)
SIGN: Final = Kind(
    "liaison.sign",
    1,
    Sign,
    "stands",
    "What a node tells of a hotline by itself: its desk, a call that climbed, an outage.",
    (
        Desk(hotline="kurram", attended=True),
        Escalated(call=_CALL, rank=1, due=_MORNING),
        Outage(cause="link", since=_MORNING, until=_MORNING.replace(minute=7)),
    ),
    written=False,
    waits=False,
)
MESSAGE: Final = Kind(
    "liaison.message",
    1,
    Message,
    "stands",
    "What is said on a hotline in phrases, read back, or logged of a conversation by voice.",
    (
        Phrase(
            call=_CALL,
            n=1,
            said=Said("works.explain", {"place": Spot(33.9, 70.1, 1000, "AF", "place.kurram"), "works": "trench"}),
        ),
        ReadBack(call=_CALL, n=1, of=_MESSAGE, phrase="fire.hold", slots={"until": "2026-11-24T04:30:00Z"}),
        Voice(
            hotline="kurram",
            by="telephone",
            began=_MORNING,
            minutes=4,
            other="kabul/duty",
            told=(Said("talk.stand-by", {"minutes": 10}),),
        ),
        Confirmed(of=_MESSAGE, agrees=True),
        Confirmed(of=_MESSAGE, agrees=False, minutes=4, heard=(Said("talk.received"),)),
    ),
    written=False,
)
TEXT: Final = Kind(
    "liaison.text",
    1,
    Text,
    "stands",
    "Free words about a call, a notice or another matter, or a translation of them, with files.",
    (Text(about=_CALL, text="The works began again this morning.", language="en"),),
    told="members",
)
DAY: Final = Kind(
    "liaison.day",
    1,
    Day,
    "stands",
    "A watch signs which records a day of a hotline has.",
    (Day(hotline="kurram", day="2026-11-24", records=0, digest="0" * 64),),
    written=False,
)
