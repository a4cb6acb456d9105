"""The form of a compact's tables, and reading TOML into it with errors a lawyer can act on.

Each type carries in its `description` what is allowed there, and every error says it: line, key, what stands there.
A key that no form has is refused by `fit`, which tells of the nearest one that it has.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from difflib import get_close_matches
from functools import cache
from typing import Annotated, Any, Literal, TypeVar, get_args, get_type_hints

import msgspec
from msgspec.structs import FieldInfo

from amanat.compact.position import dotted, line_of
from amanat.party.errors import Invalid
from amanat.record.handling import HCode, Tlp

Title = Annotated[
    str, msgspec.Meta(max_length=400, pattern=r"^[^\n\t]+$(?!\n)", description="one line of at most 400 characters")
]
Clause = Annotated[
    str,
    msgspec.Meta(max_length=20, pattern=r"^[0-9]+(\.[0-9a-z]+)*$(?!\n)", description='a clause number like "4.1"'),
]
Fingerprint = Annotated[
    str, msgspec.Meta(pattern=r"^[0-9a-f]{64}$(?!\n)", description="the 64 hex digits of the root keys' fingerprint")
]
Countries = Annotated[
    tuple[Annotated[str, msgspec.Meta(pattern=r"^[A-Z]{2}$(?!\n)")], ...],
    msgspec.Meta(description='country codes of ISO 3166-1 like ["PK"]'),
]
Languages = Annotated[
    tuple[Literal["en", "ur", "ps", "fa-AF"], ...],
    msgspec.Meta(min_length=1, description='some of "en", "ur", "ps", "fa-AF"'),
]
Codes = Annotated[tuple[HCode, ...], msgspec.Meta(description='some of "H0", "H1", "H2", "H3"')]
Words = Annotated[tuple[Title, ...], msgspec.Meta(description="a list of texts of one line each")]
Marking = Annotated[
    Tlp,
    msgspec.Meta(description='"TLP:CLEAR", "TLP:GREEN", "TLP:AMBER", "TLP:AMBER+STRICT" or "TLP:RED"'),
]
Text = Annotated[
    str, msgspec.Meta(min_length=1, max_length=64 * 1024, description='a text; """ opens one of several lines')
]
Code = Annotated[
    str, msgspec.Meta(pattern=r"^[a-z][a-z0-9-]{1,47}$(?!\n)", description='a code like "counter-terrorism"')
]
CompactId = Annotated[  # a party's log for it is called by its name and this, as its audit log and its witness are too
    str,
    msgspec.Meta(
        pattern=r"^(?!(?:audit|witness)$)[a-z][a-z0-9-]{1,47}$(?!\n)",
        description='a code like "pk-af", and neither "audit" nor "witness"',
    ),
]
Version = Annotated[int, msgspec.Meta(ge=1, le=9999, description="a whole number from 1")]
Days = Annotated[int, msgspec.Meta(ge=1, le=3650, description="whole days from 1 to 3650")]
Hours = Annotated[int, msgspec.Meta(ge=1, le=8760, description="whole hours from 1 to 8760")]
Urgency = Literal["flash", "immediate", "priority", "routine"]
Acknowledge = Annotated[
    Hours | Annotated[dict[Urgency, Hours], msgspec.Meta(min_length=1)],
    msgspec.Meta(description="whole hours, 1 to 8760, or { flash = 1, immediate = 4, priority = 24, routine = 72 }"),
]
Seconds = Annotated[int, msgspec.Meta(ge=10, le=86_400, description="whole seconds from 10 to 86400")]
Clock = Annotated[
    str, msgspec.Meta(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$(?!\n)", description='a time of day in UTC like "04:00"')
]
Hours24 = Annotated[
    str,
    msgspec.Meta(
        pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]-([01][0-9]|2[0-3]):[0-5][0-9]$(?!\n)",
        description='two times of day in UTC like "03:00-13:00"',
    ),
]
Post = Annotated[
    str, msgspec.Meta(pattern=r"^[a-z0-9][a-z0-9./-]{0,63}$(?!\n)", description='a post like "torkham/duty"')
]
Planned = Literal[
    "blasting", "clearance", "convoy", "drone", "exercise", "firing",
    "flight", "movement", "patrol", "site", "team", "works",
]  # fmt: skip
"""What may be planned near the line, of which the other side is told."""
Kept = Literal["hand-over", "measure", "meeting", "passage", "warning"]
"""What else is somewhere for a time, by what was agreed or told of: plans are held against it; it is none itself."""
Deed = Literal["cease", "hold", "return", "inform", "meet", "mediate", "guarantor", "state"]
"""What a step of the ladder asks for: to cease; not to advance; to return to own positions; to inform superiors; a flag
meeting; mediation, to which both consented; a guarantor; a joint statement."""
Metres = Annotated[int, msgspec.Meta(ge=0, le=100_000, description="whole metres from 0 to 100000")]
Upwards = Annotated[int, msgspec.Meta(ge=0, le=30_000, description="whole metres from 0 to 30000")]
Minutes = Annotated[int, msgspec.Meta(ge=0, le=1440, description="whole minutes from 0 to 1440")]
Within = Annotated[int, msgspec.Meta(ge=1, le=525_600, description="whole minutes from 1 to 525600")]
Place = Annotated[int, msgspec.Meta(ge=0, le=15, description="the place of a rank in the ladder, from 0")]
Day = Annotated[date, msgspec.Meta(description="a date like 2026-01-31")]
SecondPerson = Annotated[
    Literal["always", "when a person is named", "never"],
    msgspec.Meta(description='"always", "when a person is named" or "never"'),
]
Mebibytes = Annotated[int, msgspec.Meta(ge=0, le=16384, description="whole MiB from 0 to 16384")]
YesNo = Annotated[bool, msgspec.Meta(description="true or false")]


class Header(msgspec.Struct, frozen=True, kw_only=True):
    """[compact]: what is agreed, from when until when (both days included, UTC), and how many days ending it takes.

    `previous` is the digest of the version this one amends; the first version has none.
    """

    id: CompactId
    version: Version
    previous: Fingerprint | None = None
    title: Title
    starts: Day
    ends: Day
    notice_days: Days
    languages: Languages
    without_prejudice: Text


class Member(msgspec.Struct, frozen=True):
    """[members.pk]: a party that signs, its root keys' fingerprint, and the countries whose places it administers."""

    name: Title
    root: Fingerprint
    administers: Countries


class Observer(msgspec.Struct, frozen=True):
    """[observers.mission]: a party that does not sign; `sees` is "logs" and names of kinds, exactly what it gets."""

    name: Title
    root: Fingerprint
    sees: Words


class Defaults(msgspec.Struct, frozen=True):
    """[kinds."…".handling]: the handling a record gets unless its officer says otherwise."""

    tlp: Marking
    purpose: Code
    expires_days: Days
    codes: Codes = ()
    legal_basis: Code | None = None
    caveats: Words = ()


class KindTerms(msgspec.Struct, frozen=True, kw_only=True):
    """[kinds."intelligence.report"]: who may send it to whom, how marked, for how long, and with whose approval.

    `attachments_mib` is how much the files that go with one record may have together; without it, there are none.
    `recall_hours` is how soon after a withdrawal each holder destroys it, or says on what ground it keeps it.
    """

    clause: Clause
    title: Title
    directions: Annotated[
        tuple[Annotated[str, msgspec.Meta(max_length=40)], ...],
        msgspec.Meta(min_length=1, description='a list like ["pk > af", "af > pk"]'),
    ]
    tlp_ceiling: Marking
    retention_days: Days
    acknowledge_hours: Acknowledge
    second_person: SecondPerson
    survives_suspension: YesNo
    attachments_mib: Mebibytes = 0
    recall_hours: Hours = 72
    handling: Annotated[Defaults, msgspec.Meta(description="a table")]

    @property
    def read_within(self) -> timedelta:
        """Within what a record is to be read that names no urgency: where there are several, the longest."""
        hours = self.acknowledge_hours
        return timedelta(hours=hours if isinstance(hours, int) else max(hours.values()))


class Ladder(msgspec.Struct, frozen=True):
    """[ladder]: who is asked next when nobody answers in time, lowest rank first."""

    ranks: Annotated[tuple[Title, ...], msgspec.Meta(min_length=1, description='a list like ["watch", "director"]')]


class Calling(msgspec.Struct, frozen=True, kw_only=True):
    """[calling]: how hotlines are kept. Who does not open a call within the seconds of its urgency is passed over.

    Then the next rank of the ladder is rung at both sides, and so on. `tests` are the times of day (UTC) of test calls,
    which an officer answers within `test_answer_seconds`.
    """

    clause: Clause
    acknowledge_seconds: Annotated[
        dict[Urgency, Seconds],
        msgspec.Meta(min_length=4, description="{ flash = 60, immediate = 300, priority = 900, routine = 3600 }"),
    ]
    tests: Annotated[tuple[Clock, ...], msgspec.Meta(max_length=8, description='a list like ["04:00", "12:00"]')]
    test_answer_seconds: Seconds


class Hotline(msgspec.Struct, frozen=True, kw_only=True):
    """[hotlines.kurram]: which posts of two members are one another's counterparts, by rank, the lowest first.

    Outside `hours` ("03:00-13:00", UTC) a call on it rings the posts of the hotline `after_hours`.
    """

    title: Title
    posts: Annotated[
        dict[str, Annotated[tuple[Post, ...], msgspec.Meta(min_length=1, max_length=16)]],
        msgspec.Meta(min_length=2, max_length=2, description='{ pk = ["torkham/duty"], af = ["jalalabad/duty"] }'),
    ]
    hours: Hours24 | None = None
    after_hours: Code | None = None


class Separation(msgspec.Struct, frozen=True, kw_only=True):
    """[deconfliction.blasting]: how far two planned activities of different members are to be apart, by what they are.

    One of the two may be what is planned by nobody alone: what both agreed to, or what was warned of (`Kept`).
    They are in conflict when they are at most `metres` apart on the ground, at most `height_metres` in height (without
    it, whatever their heights), and in time overlap or are less than `minutes` apart; near, when all that is so but for
    the ground, where they are at most `near_metres` apart.
    """

    clause: Clause
    title: Title
    between: Annotated[
        tuple[Literal[Planned, Kept, "any"], Literal[Planned, Kept, "any"]],
        msgspec.Meta(
            description=f"""two of "any", {", ".join(f'"{each}"' for each in (*get_args(Planned), *get_args(Kept)))}"""
        ),
    ]
    metres: Metres
    near_metres: Metres
    height_metres: Upwards | None = None
    minutes: Minutes


class Deescalation(msgspec.Struct, frozen=True, kw_only=True):
    """[deescalation.cease]: a step by which a clash is talked down, in the order of the text.

    Each member does it within so many minutes of the incident's being opened, or opened again; `rank`, counted from 0
    in the ladder, sees to it. A `guarantor` is named where the step is to turn to one, by a party's code or in words.
    """

    clause: Clause
    title: Title
    act: Annotated[Deed, msgspec.Meta(description=f"""one of {", ".join(f'"{each}"' for each in get_args(Deed))}""")]
    within_minutes: Within
    rank: Place
    guarantor: Title | None = None


class Witnessing(msgspec.Struct, frozen=True):
    """[witnessing]: the `group` and `quorum` lines of a C2SP tlog-policy, over party codes."""

    quorum: Text


class Suspension(msgspec.Struct, frozen=True):
    """[suspension]: the clause that lets one member stop at once, and what it says."""

    clause: Clause
    text: Text


class Cedar(msgspec.Struct, frozen=True):
    """[policy]: what the terms above do not say, as Cedar policies."""

    cedar: Text


Table = Annotated[dict[str, Any], msgspec.Meta(min_length=1, description="a table with at least one entry")]
Section = Annotated[dict[str, Any], msgspec.Meta(description="a table")]


class Document(msgspec.Struct, frozen=True, kw_only=True):
    """The whole file: tables by name."""

    compact: Table
    members: Table
    observers: Section = {}
    kinds: Table
    purposes: Table
    legal_bases: Section = {}
    ladder: Table
    calling: Table | None = None
    hotlines: Section = {}
    deconfliction: Section = {}
    deescalation: Section = {}
    notification: Section = {}
    limits: Section = {}
    witnessing: Table
    suspension: Table
    policy: Table


Form = TypeVar("Form", bound=msgspec.Struct)


@dataclass(frozen=True, slots=True)
class Source:
    """The text that is read, so that errors can say where."""

    text: str

    def at(self, *path: str) -> str:
        """Return "Line 12, kinds."intelligence.report".title"."""
        return f"Line {line_of(self.text, path)}, {dotted(path)}" if path else "The compact"

    def wrong(self, path: tuple[str, ...], says: str, mend: str) -> Invalid:
        """Return the error for terms that fit their form and cannot stand."""
        return Invalid("compact.terms", f"{self.at(*path)}: {says}.", mend)


def fit(source: Source, path: tuple[str, ...], value: object, form: type[Form]) -> Form:
    """Read one table into its form. Raises `Invalid` naming line, key, what stands there and what is allowed."""
    if not isinstance(value, dict):
        raise _misfit(source, path, value, "a table")
    fields = _fields(form)
    for key in value:
        if key not in fields:
            near = get_close_matches(key, fields, 1)
            raise Invalid(
                "compact.key",
                f"{source.at(*path, key)}: this key is not known.",
                f"Did you mean {near[0]}?" if near else f"Known are: {', '.join(fields)}.",
            )
    for name, field in fields.items():
        if field.required and name not in value:
            raise Invalid(
                "compact.missing",
                f"{source.at(*path)}: the key {name} is missing.",
                f"Write {name} = …: {_allowed(form, name)}.",
            )
    for name, field in fields.items():
        if get_args(field.type)[:1] == (Defaults,):
            fit(source, (*path, name), value[name], Defaults)
    try:
        return msgspec.convert(value, form, builtin_types=(date, datetime))
    except msgspec.ValidationError as error:
        raise _misfit_in(source, path, value, form, str(error)) from error


@cache
def _fields(form: type[msgspec.Struct]) -> Mapping[str, FieldInfo]:
    return {field.name: field for field in msgspec.structs.fields(form)}


def name_of(source: Source, path: tuple[str, str], names: tuple[str, str]) -> str:
    """Return the name in a section when it fits a pattern of names, given with an example. Raises `Invalid`."""
    (_, name), (pattern, example) = path, names
    if not re.fullmatch(pattern, name):
        raise Invalid(
            "compact.key",
            f"{source.at(*path)}: {name[:80]!r} is no name for this.",
            f"Allowed: a name like {example}.",
        )
    return name


def line(source: Source, path: tuple[str, ...], value: object) -> str:
    """Return a text of one line. Raises `Invalid`."""
    try:
        return msgspec.convert(value, Title)
    except msgspec.ValidationError as error:
        raise _misfit(source, path, value, _meta(Title)) from error


def _misfit_in(
    source: Source, path: tuple[str, ...], table: dict[str, Any], form: type[msgspec.Struct], says: str
) -> Invalid:
    """Name the key that msgspec found wrong ("… - at `$.codes[1]`"); within an inline table ("[...]"), the table."""
    stands: Any = table
    allowed = ""
    for name, index in re.findall(r"(?:\.([a-z_0-9]+)|\[([0-9]+)\])", says.rpartition("`$")[2].partition("[...]")[0]):
        stands = stands[name] if name else stands[int(index)]
        if name:
            path, allowed = (*path, name), _allowed(form, name)
    return _misfit(source, path, stands, allowed)


def _misfit(source: Source, path: tuple[str, ...], stands: object, allowed: str) -> Invalid:
    return Invalid("compact.value", f"{source.at(*path)}: {_shown(stands)} stands there.", f"Allowed: {allowed}.")


def _shown(stands: object) -> str:
    """Return a value much as TOML writes it, shortened."""
    if isinstance(stands, dict):
        return "a table"
    if isinstance(stands, list):
        return "a list"
    if isinstance(stands, str):
        return f'"{stands[:80]}"'
    return str(stands).lower()[:80]  # true and false are written small, and no other value has letters of two sizes


def _allowed(form: type[msgspec.Struct], name: str) -> str:
    """Return the description of a field's type."""
    return _meta(get_type_hints(form, include_extras=True)[name])


def _meta(hint: Any) -> str:  # noqa: ANN401 - a type annotation
    while not hasattr(hint, "__metadata__"):
        hint = next(part for part in hint.__args__ if part is not type(None))
    return str(hint.__metadata__[0].description)
