"""The bodies of a flag meeting and of all that follows it, with examples that documents, tests and the demo use.

Law: no body has room for a name or for words: people stand by post and number, guests by role. What belongs to a
meeting names it, and stands by itself: no order of arrival changes what the records say.
"""

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Annotated, Final, Literal

import msgspec

from amanat.party.errors import Invalid
from amanat.party.types import Digest, PartyCode, Time, require_sorted, require_utc
from amanat.record.kind import Kind
from amanat.record.record import PostName
from amanat.workspaces.liaison.kinds import Named, Spoken, Spot

Level = Literal["sector", "brigade", "directorate", "ministry", "working-group", "technical", "medical"]
Topic = Literal[
    "incident",
    "works",
    "fire",
    "crossing",
    "prisoners",
    "livestock",
    "markers",
    "water",
    "road",
    "medical",
    "mines",
    "exercise",
    "aircraft",
    "earlier-decisions",
    "other",
]
Rule = Literal[
    "neutral-ground",
    "white-flag",
    "no-weapons",
    "side-arms-only",
    "equal-numbers",
    "no-aircraft",
    "no-cameras",
    "no-media",
    "activity-ceases",
    "escort-to-the-line",
]
Role = Literal["observer", "mediator", "elders", "red-cross-red-crescent", "united-nations", "medical-team"]
CONSENTED: Final = frozenset(("mediator", "elders"))
"""Roles of guests who come only once both sides agreed to them (floor 13)."""

Why = Literal["no-authority", "too-soon", "too-late", "other-level", "not-a-matter-for-a-meeting", "no-safe-way"]
WhyNot = Literal["settled", "not-safe", "weather", "called-elsewhere", "other-meeting"]
Word = Literal["comes", "does-not-come", "agreed-to", "objected-to"]
Outcome = Literal["agreed", "not-agreed", "postponed", "noted"]
What = Literal[
    "remove-obstacle",
    "fill-trench",
    "stop-works",
    "withdraw-to-own-positions",
    "return-livestock",
    "return-property",
    "repair-marker",
    "joint-visit",
    "next-meeting",
    "hotline-test",
    "provide-explanation",
    "medical-access",
    "clear-ordnance",
    "give-notice",
    "other",
]

MOST_ALTERNATIVES: Final = 5
MOST_ITEMS: Final = 12
MOST_TASKS: Final = 12
MOST_LINKED: Final = 8
MOST_POSTS: Final = 8
"""Posts of one party in one list of people, so that neither leaves the other without room."""
LONGEST_MINUTES: Final = 24 * 60

Lasts = Annotated[int, msgspec.Meta(ge=10, le=LONGEST_MINUTES)]
Parties = Annotated[tuple[PartyCode, ...], msgspec.Meta(min_length=1, max_length=2)]
RegistryNumber = Annotated[str, msgspec.Meta(pattern=r"^[A-Z0-9/.-]{1,32}$(?!\n)")]
"""What a side's own registry calls the minutes: capitals, digits, and signs between them, so that no words fit."""


class When(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where and from which whole minute of UTC on a meeting may be."""

    at: Spot
    begins: Time

    def __post_init__(self) -> None:
        _require_minute(self.begins, "begins")


class Item(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One item of an agenda; `of` is the record that it is about. Another topic than those listed has one."""

    topic: Topic
    of: Named | None = None

    def __post_init__(self) -> None:
        _require_linked(self.topic, self.of)


class People(msgspec.Struct, frozen=True, forbid_unknown_fields=True, order=True):
    """How many of a party's post come, or were there."""

    party: PartyCode
    post: PostName
    number: Annotated[int, msgspec.Meta(ge=1, le=99)]


class Guest(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Who is invited besides the two sides, by role; `party` where it has a node of its own."""

    role: Role
    party: PartyCode | None = None


class Result(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What became of an item of the agenda."""

    topic: Topic
    outcome: Outcome
    of: Named | None = None

    def __post_init__(self) -> None:
        _require_linked(self.topic, self.of)


class Task(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A decision: what is to be done, by which party or both, by when; about which record and where, if it is said."""

    what: What
    whose: Parties
    by: Time
    of: Named | None = None
    at: Spot | None = None

    def __post_init__(self) -> None:
        require_sorted(self.whose, "whose")
        _require_minute(self.by, "by")
        _require_linked(self.what, self.of)


Alternatives = Annotated[tuple[When, ...], msgspec.Meta(min_length=1, max_length=MOST_ALTERNATIVES)]
Agenda = Annotated[tuple[Item, ...], msgspec.Meta(max_length=MOST_ITEMS)]
Present = Annotated[tuple[People, ...], msgspec.Meta(max_length=16)]
Languages = Annotated[tuple[Spoken, ...], msgspec.Meta(max_length=4)]


class Proposed(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, kw_only=True, tag="proposed"
):
    """A meeting is proposed: at which level, where and when it may be, for so many minutes, about what, and with whom.

    `people` are those of both sides as the proposer sees it; `chair` is who presides, by turns; `languages` are those
    worked in, `interpreters` those between which somebody interprets; `rules` are those of the ground.
    """

    level: Level
    alternatives: Alternatives
    minutes: Lasts
    agenda: Annotated[Agenda, msgspec.Meta(min_length=1)]
    chair: PartyCode
    languages: Annotated[Languages, msgspec.Meta(min_length=1)]
    interpreters: Languages = ()
    people: Present = ()
    guests: Annotated[tuple[Guest, ...], msgspec.Meta(max_length=6)] = ()
    rules: Annotated[tuple[Rule, ...], msgspec.Meta(max_length=10)] = ()
    linked: Annotated[tuple[Named, ...], msgspec.Meta(max_length=MOST_LINKED)] = ()

    def __post_init__(self) -> None:
        for name in ("languages", "interpreters", "rules"):
            require_sorted(getattr(self, name), name)
        _require_once(self.linked, "linked")
        _require_once(self.alternatives, "alternatives")
        _require_once(tuple((each.role, each.party) for each in self.guests), "guests")
        _require_one_count(self.people)


class Countered(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, kw_only=True, tag="countered"
):
    """Other places and times for a meeting, by either side; `agenda` is what comes to the agenda with it.

    `of` is the last proposal of the other side that whoever proposes these had read, if there was one.
    """

    meeting: Named
    of: Named | None = None
    alternatives: Alternatives
    minutes: Lasts
    agenda: Agenda = ()

    def __post_init__(self) -> None:
        _require_once(self.alternatives, "alternatives")


class Agreed(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, kw_only=True, tag="agreed"):
    """A side agrees to one alternative: which of those that a proposal (`of`) has, the first being 0.

    `people` are those whom this side sends, where it says so.
    """

    meeting: Named
    of: Named
    choice: Annotated[int, msgspec.Meta(ge=0, le=MOST_ALTERNATIVES - 1)]
    people: Present = ()

    def __post_init__(self) -> None:
        _require_one_count(self.people)


class Declined(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag="declined"):
    """A side declines a meeting. It may agree, or propose another time, afterwards."""

    meeting: Named
    cause: Why


class Cancelled(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag="cancelled"):
    """A side calls a meeting off for good."""

    meeting: Named
    cause: WhyNot


class GuestWord(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag="guest"):
    """A guest's answer, by itself or by the side that invited it; or a side's own word on whether it is welcome."""

    meeting: Named
    guest: Guest
    word: Word


class Minutes(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, kw_only=True, tag="minutes"):
    """The text of joint minutes as a side proposes it; `after` is the version that it changes."""

    meeting: Named
    began: Time
    ended: Time
    held_at: Spot
    chair: PartyCode
    people: Annotated[Present, msgspec.Meta(min_length=1)]
    items: Annotated[tuple[Result, ...], msgspec.Meta(max_length=MOST_ITEMS)]
    decisions: Annotated[tuple[Task, ...], msgspec.Meta(max_length=MOST_TASKS)] = ()
    after: Named | None = None

    def __post_init__(self) -> None:
        _require_minute(self.began, "began")
        _require_minute(self.ended, "ended")
        _require_one_count(self.people)
        if not self.began < self.ended <= self.began + timedelta(minutes=2 * LONGEST_MINUTES):
            raise Invalid(
                "liaison.meeting-ended",
                "The meeting ends before it begins, or two days later.",
                "Say when it began and when it ended.",
            )


class Signature(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag="signed"):
    """A side signs a version of the minutes: its record, its SHA-256, and its number in this side's registry."""

    meeting: Named
    of: Named
    digest: Digest
    number: RegistryNumber


class Done(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag="done"):
    """A side did a task of signed minutes (`of`); the first of them is 0."""

    meeting: Named
    of: Named
    task: Annotated[int, msgspec.Meta(ge=0, le=MOST_TASKS - 1)]


class Judged(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag="judged"):
    """The other side's word on a task that was told done (`of`): so it is, or it is not."""

    meeting: Named
    of: Named
    agrees: bool


class Scan(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag="scan"):
    """The sheet that was signed in ink, as a file that goes with this record, of minutes of this SHA-256."""

    meeting: Named
    of: Named
    digest: Digest


Meeting = Proposed | Countered | Agreed | Declined | Cancelled | GuestWord | Minutes | Signature | Done | Judged | Scan


def _require_minute(time: datetime, field: str) -> None:
    require_utc(time, field)
    if time.second:
        raise Invalid("liaison.meeting-minute", f"The time {field} is no whole minute.", "Leave the seconds out.")


def _require_once(listed: tuple[object, ...], field: str) -> None:
    if len(set(listed)) != len(listed):
        raise Invalid("liaison.meeting-twice", f"The list {field} says a thing twice.", "Leave one of them out.")


def _require_one_count(people: tuple[People, ...]) -> None:
    _require_once(tuple((each.party, each.post) for each in people), "people")
    if any(count > MOST_POSTS for count in Counter(each.party for each in people).values()):
        raise Invalid("liaison.meeting-people", "So many posts of one party are not listed.", "Leave some out.")
    if list(people) != sorted(people):
        raise Invalid("liaison.meeting-order", "The people are not in order.", "Sort them by party and post.")


def _require_linked(code: str, of: Named | None) -> None:
    if code == "other" and of is None:
        raise Invalid(
            "liaison.meeting-other",
            "What is none of those listed says nothing by itself.",
            "Name the record that it is about.",
        )


_MEETING: Final = Named("pk", "01936e1a-7a00-7000-8000-000000000011")
_MINUTES: Final = Named("af", "01936e1a-7a00-7000-8000-000000000012")
_DONE: Final = Named("af", "01936e1a-7a00-7000-8000-000000000013")
_MORNING: Final = datetime(2026, 11, 26, 4, 30, tzinfo=UTC)
_GATE: Final = Spot(34.1187, 71.0866, 500, "PK", "place.torkham")

MEETING: Final = Kind(
    "liaison.meeting",
    1,
    Meeting,
    "stands",
    "A flag meeting, and what follows it: agreed, held, minuted, its tasks done.",
    (
        Proposed(
            level="sector",
            alternatives=(When(_GATE, _MORNING), When(_GATE, _MORNING + timedelta(days=1))),
            minutes=90,
            agenda=(Item("fire"), Item("works")),
            chair="pk",
            languages=("ps", "ur"),
            interpreters=("ps", "ur"),
            people=(People("af", "torkham/commander", 3), People("pk", "torkham/commander", 3)),
            guests=(Guest("observer", "obs"), Guest("elders")),
            rules=("neutral-ground", "white-flag"),
        ),
        Countered(meeting=_MEETING, alternatives=(When(_GATE, _MORNING + timedelta(hours=4)),), minutes=60),
        Agreed(meeting=_MEETING, of=_MEETING, choice=1, people=(People("af", "torkham/duty", 2),)),
        Declined(meeting=_MEETING, cause="other-level"),
        Cancelled(meeting=_MEETING, cause="settled"),
        GuestWord(meeting=_MEETING, guest=Guest("observer", "obs"), word="comes"),
        Minutes(
            meeting=_MEETING,
            began=_MORNING,
            ended=_MORNING + timedelta(minutes=80),
            held_at=_GATE,
            chair="pk",
            people=(People("af", "torkham/commander", 3), People("pk", "torkham/commander", 2)),
            items=(Result("fire", "agreed"), Result("works", "postponed")),
            decisions=(Task("fill-trench", ("af",), _MORNING + timedelta(days=7), at=_GATE),),
        ),
        Signature(meeting=_MEETING, of=_MINUTES, digest="0" * 64, number="TKM/112-26"),
        Done(meeting=_MEETING, of=_MINUTES, task=0),
        Judged(meeting=_MEETING, of=_DONE, agrees=False),
        Scan(meeting=_MEETING, of=_MINUTES, digest="0" * 64),
    ),
    written=False,
    waits=False,
    told="members",
)
