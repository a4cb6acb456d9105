"""The bodies of what is told of an incident, with examples that documents, tests and the demo use.

Law: whatever belongs to an incident names it, and stands by itself: no order of arrival changes what the records say.
Nothing here is free words, and nothing has room for a person.
"""

import hashlib
from datetime import UTC, datetime
from typing import Annotated, Final

import msgspec

from amanat.party import canonical
from amanat.party.errors import Invalid
from amanat.party.types import Code, Digest, PartyCode, Time, require_sorted, require_utc
from amanat.record.kind import Kind
from amanat.record.record import PostName
from amanat.workspaces.liaison.incidents.lists import (
    Arms,
    Damaged,
    Did,
    Direction,
    Mediator,
    Seen,
    Stance,
    Thing,
    Type,
    Watcher,
    Who,
)
from amanat.workspaces.liaison.kinds import Named, Said, Spot

Minutes = Annotated[int, msgspec.Meta(ge=0, le=10_080)]
Count = Annotated[int, msgspec.Meta(ge=0, le=100_000)]

MOST_STATEMENTS: Final = 40
MOST_EVIDENCE: Final = 20
MOST_HOLDERS: Final = 8
MOST_ACCOUNTS: Final = 50
"""Of one side about one incident."""
MOST_SENTENCES: Final = 30
MOST_VERSIONS: Final = 50
"""Of a joint statement, by one side."""


class Estimate(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """How many, at the least, as best one knows, and at the most; None is not known."""

    low: Count | None = None
    best: Count | None = None
    high: Count | None = None

    def __post_init__(self) -> None:
        known = [each for each in (self.low, self.best, self.high) if each is not None]
        if not known:
            raise Invalid("liaison.estimate", "A number has neither least, best nor most.", "Say one, or leave it out.")
        if known != sorted(known):
            raise Invalid("liaison.estimate-order", "The numbers fall.", "Say the least, then the best, then the most.")


class When(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A whole minute of UTC, known to within so many minutes."""

    time: Time
    minutes: Minutes

    def __post_init__(self) -> None:
        require_utc(self.time, "time")
        if self.time.second or self.time.microsecond:
            raise Invalid("liaison.minute", "The time time is no whole minute.", "Leave the seconds out.")


class Happened(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, kw_only=True, tag="happened"
):
    """Somebody did something, as far as the sender says where, when, with what, how often and in which direction."""

    did: Did
    by: Who
    place: Spot | None = None
    when: When | None = None
    arms: Arms | None = None
    count: Count | None = None
    towards: Direction | None = None


class Harmed(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, kw_only=True, tag="harmed"):
    """Who of a side was killed or wounded, soldiers or civilians; `of` is whose they are, as the sender says it."""

    of: Who
    civilians: bool
    killed: Estimate | None = None
    wounded: Estimate | None = None

    def __post_init__(self) -> None:
        if self.killed is None and self.wounded is None:
            raise Invalid("liaison.harmed", "It says of nobody how many were killed or wounded.", "Say one of the two.")


class Damage(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, kw_only=True, tag="damage"):
    """What of a side was damaged, and how many of them."""

    of: Who
    what: Damaged
    count: Estimate | None = None
    place: Spot | None = None


Statement = Happened | Harmed | Damage
Statements = Annotated[tuple[Statement, ...], msgspec.Meta(max_length=MOST_STATEMENTS)]


class Held(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which post held a piece of evidence, from when until when; the last one holds it still where `until` is None."""

    post: PostName
    since: Time
    until: Time | None = None

    def __post_init__(self) -> None:
        require_utc(self.since, "since")
        if self.until is not None:
            require_utc(self.until, "until")
            if self.until <= self.since:
                raise Invalid("liaison.held", "A post held the evidence until before it had it.", "Exchange the times.")


class Evidence(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Something that is kept: the SHA-256 of a file or of what a paper says, what it is, when taken, who held it.

    The file may go with the record or stay in house. A chain of custody with a gap is told as it is: pages show it.
    """

    digest: Digest
    what: Thing
    taken: When
    held: Annotated[tuple[Held, ...], msgspec.Meta(max_length=MOST_HOLDERS)] = ()

    def __post_init__(self) -> None:
        if any(each.until is None for each in self.held[:-1]):
            raise Invalid("liaison.held-still", "Only the last post holds the evidence still.", "Say until when.")
        if list(self.held) != sorted(self.held, key=lambda each: each.since):
            raise Invalid(
                "liaison.held-order", "The posts that held the evidence are out of order.", "The first first."
            )


class Incident(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, kw_only=True):
    """That something happened, where and when; `sector` is a hotline of the compact, whose posts see to it."""

    type: Type
    place: Spot
    when: When
    sector: Code | None = None


class Account(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, kw_only=True):
    """What one side says of an incident; the one of the highest `number` is its account, the others stay."""

    incident: Named
    number: Annotated[int, msgspec.Meta(ge=1, le=MOST_ACCOUNTS)]
    statements: Statements
    evidence: Annotated[tuple[Evidence, ...], msgspec.Meta(max_length=MOST_EVIDENCE)] = ()
    watchers: tuple[Watcher, ...] = ()

    def __post_init__(self) -> None:
        require_sorted(self.watchers, "watchers")
        if not self.statements:
            raise Invalid("liaison.account-empty", "The account says nothing.", "Say one thing at the least.")
        if len({digest(each) for each in self.statements}) < len(self.statements):
            raise Invalid("liaison.statement-twice", "The account says one thing twice.", "Say it once.")
        if len({each.digest for each in self.evidence}) < len(self.evidence):
            raise Invalid("liaison.evidence-twice", "The account lists one thing twice.", "List it once.")


class Noticed(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag="noticed"):
    """The author's party knows of the incident."""

    incident: Named


class Done(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag="done"):
    """The author's party did a step of the ladder at a time, by its own word."""

    incident: Named
    step: Code
    time: Time

    def __post_init__(self) -> None:
        require_utc(self.time, "time")


class Answered(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, kw_only=True, tag="answered"
):
    """How the author's party stands to a statement of another (its party and digest), and how it was instead."""

    incident: Named
    party: PartyCode
    statement: Digest
    stance: Stance
    otherwise: Statement | None = None

    def __post_init__(self) -> None:
        if self.otherwise is not None and self.stance != "disputes":
            raise Invalid(
                "liaison.otherwise", "It says how it was otherwise, and disputes nothing.", "Say one of both."
            )


class Same(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag="same"):
    """The author's party says that another incident is the same event. Both words join the two."""

    incident: Named
    same: Named


class Linked(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag="linked"):
    """A record that has to do with the incident: a notice, a call, a meeting."""

    incident: Named
    record: Named


class Consents(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag="consents"):
    """The author's party consents to local mediation of this incident by so-called mediators, or no more.

    What is consented to decides no guilt, punishes nobody, and gives no person as compensation.
    """

    incident: Named
    mediators: Mediator
    consents: bool


class Closes(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag="closes"):
    """For the author's party the incident is over."""

    incident: Named


class Reopens(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag="reopens"):
    """For the author's party the incident is not over, or no more."""

    incident: Named


class Note(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag="note"):
    """An observer's word on a statement of a side."""

    incident: Named
    party: PartyCode
    statement: Digest
    seen: Seen


class Observed(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag="observed"):
    """What an observer says of the incident by itself, in one statement."""

    incident: Named
    observed: Statement

    def __post_init__(self) -> None:
        whose = self.observed.by if isinstance(self.observed, Happened) else self.observed.of
        if whose in {"ours", "theirs"}:
            raise Invalid(
                "liaison.observed", "An observer is no side of an incident.", "Name the side on a statement of its own."
            )


class Proposed(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag="proposed"):
    """The text of a joint statement, which the author's party signs by proposing it.

    `wording` is the SHA-256 of how the author's book words these sentences in every language (`sentences.wording`):
    what is signed is signed in each of them, and no later book words it otherwise unseen.
    """

    incident: Named
    number: Annotated[int, msgspec.Meta(ge=1, le=MOST_VERSIONS)]
    sentences: Annotated[tuple[Said, ...], msgspec.Meta(min_length=1, max_length=MOST_SENTENCES)]
    wording: Digest


class Signature(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag="signed"):
    """The author's party signs a text that the other proposed, by the digest of its sentences and their wording."""

    incident: Named
    text: Named
    digest: Digest


Step = Noticed | Done | Answered | Same | Linked | Consents | Closes | Reopens | Note | Observed
Joint = Proposed | Signature


def digest(statement: Statement) -> str:
    """Return what a statement is named by: an unchanged one in a later account keeps what was said of it."""
    return hashlib.sha256(canonical.encode(statement)).hexdigest()


def text_digest(text: Proposed) -> str:
    """Return what the text of a joint statement is signed by."""
    return hashlib.sha256(canonical.encode((text.sentences, text.wording))).hexdigest()


_INCIDENT: Final = Named("pk", "01936e1a-7a00-7000-8000-000000000011")
_OTHER: Final = Named("af", "01936e1a-7a00-7000-8000-000000000012")
_DUSK: Final = datetime(2026, 11, 24, 13, 10, tzinfo=UTC)
_WHERE: Final = Spot(33.91, 70.12, 500)
_FIRED: Final = Happened(did="fired", by="theirs", place=_WHERE, when=When(_DUSK, 5), arms="small-arms", count=20)
_HARMED: Final = Harmed(of="ours", civilians=True, wounded=Estimate(1, 2, 4))
_TEXT: Final = (Said("joint.ceased", {"time": "2026-11-24T13:40:00Z"}), Said("joint.no-guilt"))
_PROPOSED: Final = Proposed(incident=_INCIDENT, number=1, sentences=_TEXT, wording="5a" * 32)

INCIDENT: Final = Kind(
    "liaison.incident",
    1,
    Incident,
    "stands",
    "That something happened near the line, where and when.",
    (
        Incident(type="shots", place=_WHERE, when=When(_DUSK, 10), sector="kurram"),
        Incident(type="works", place=_WHERE, when=When(_DUSK, 60)),
    ),
    written=False,
    waits=False,
    told="members",
)
ACCOUNT: Final = Kind(
    "liaison.account",
    1,
    Account,
    "stands",
    "What one side says of an incident, statement by statement, and what it keeps of it.",
    (
        Account(
            incident=_INCIDENT,
            number=1,
            statements=(_FIRED, _HARMED, Damage(of="ours", what="post", count=Estimate(best=1))),
            evidence=(
                Evidence(
                    digest="0" * 64,
                    what="photo",
                    taken=When(_DUSK, 0),
                    held=(
                        Held("torkham/duty", _DUSK, _DUSK.replace(hour=15)),
                        Held("torkham/commander", _DUSK.replace(hour=15)),
                    ),
                ),
            ),
            watchers=("camera", "observer-post"),
        ),
    ),
    written=False,
    waits=False,
    told="members",
)
STEP: Final = Kind(
    "liaison.incident-step",
    1,
    Step,
    "stands",
    "What follows an incident: a step that was done, what is agreed or disputed, consent, closing, an observer's note.",
    (
        Noticed(incident=_INCIDENT),
        Done(incident=_INCIDENT, step="cease", time=_DUSK.replace(minute=30)),
        Answered(incident=_INCIDENT, party="pk", statement=digest(_FIRED), stance="agrees"),
        Answered(
            incident=_INCIDENT,
            party="pk",
            statement=digest(_HARMED),
            stance="disputes",
            otherwise=Harmed(of="theirs", civilians=True, wounded=Estimate(best=1)),
        ),
        Same(incident=_INCIDENT, same=_OTHER),
        Linked(incident=_INCIDENT, record=_OTHER),
        Consents(incident=_INCIDENT, mediators="elders-of-both", consents=True),
        Closes(incident=_INCIDENT),
        Reopens(incident=_INCIDENT),
        Note(incident=_INCIDENT, party="pk", statement=digest(_FIRED), seen="heard"),
        Observed(incident=_INCIDENT, observed=Happened(did="fired", by="unknown", when=When(_DUSK, 2))),
    ),
    written=False,
    waits=False,
    told="members",
)
STATEMENT: Final = Kind(
    "liaison.statement",
    1,
    Joint,
    "stands",
    "The joint statement on an incident: a text that is proposed, and the other side's signature under exactly that.",
    (
        _PROPOSED,
        Signature(incident=_INCIDENT, text=_OTHER, digest=text_digest(_PROPOSED)),
    ),
    written=False,
    waits=False,
    told="members",
)
