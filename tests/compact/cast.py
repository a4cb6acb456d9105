"""The compact of these tests, and records that are within it unless a test says otherwise.

Law: nobody here is real; the kind `intelligence.report` is a stand-in whose body says its own facts.
"""

from datetime import UTC, datetime, timedelta
from importlib.resources import files
from typing import Any

import msgspec

from amanat.compact.check import Compact, Permitted, check
from amanat.compact.floors import keep
from amanat.compact.terms import Terms, parse
from amanat.record.handling import CustodyRisk, Grading, Handling
from amanat.record.kind import NO_FACTS, Facts, Kind, Kinds
from amanat.record.notices import NOTICES
from amanat.record.record import Draft, Post, Record, Ref, compose

NOW = datetime(2026, 11, 24, 6, 30, tzinfo=UTC)
ID = "01936000-0000-7000-8000-000000000001"
OTHER_ID = "01936000-0000-7000-8000-000000000002"
REPORT = "intelligence.report/1"

EXAMPLE = files("amanat.compact").joinpath("examples", "pk-af.toml").read_bytes()
TERMS = parse(EXAMPLE)
ACTIVE = Compact(TERMS, "active")

GRADING = Grading("4x4", "B", "2")
RISK = CustodyRisk("low", "none", not_obtained_by_torture=True, basis="assessed by the legal desk")
PERSON = Facts(names_person=True)


class Body(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A body that holds nothing."""

    text: str = ""


def kinds(facts: Facts = NO_FACTS) -> Kinds:
    """The notices, a report whose body holds these facts, and a kind that no compact lists."""
    report = Kind("intelligence.report", 1, Body, "destroy", "A report.", (Body(),), facts=lambda _: facts)
    note = Kind("liaison.note", 1, Body, "stands", "A note.", (Body(),))
    return Kinds([*NOTICES, report, note])


def handling(days: float = 30, **changed: Any) -> Handling:
    """The handling of a plain report that lives for `days`."""
    given: dict[str, Any] = {"tlp": "TLP:AMBER", "purpose": "counter-terrorism", "expires": NOW + timedelta(days=days)}
    return Handling(**given | changed)


def of_person(**changed: Any) -> Handling:
    """The handling of a report naming a person."""
    careful = {"codes": ("H1", "H2"), "legal_basis": "criminal-procedure", "grading": GRADING, "custody_risk": RISK}
    return handling(**careful | changed)


def record(  # noqa: PLR0913 - a record has that many sides
    audience: tuple[str, ...] = ("af",),
    *,
    author: str = "pk",
    kind: str = REPORT,
    body: Any = Body(),  # noqa: B008 - frozen
    handling: Handling = handling(),  # noqa: B008 - frozen
    facts: Facts = NO_FACTS,
    refs: tuple[Ref, ...] = (),
    compact: str = TERMS.digest,
    exercise: bool = False,
    id_: str = ID,
) -> Record:
    """A plain report from pk to af, or what is changed of it."""
    draft = Draft(kind, body, audience, handling, compact, refs, exercise)
    return compose(draft, Post(author, "torkham/duty"), kinds(facts), id_, NOW)


def judge(given: Record, compact: Compact = ACTIVE, *cited: Record) -> Permitted:
    """Steps 2 and 3, as both ends take them."""
    return check(keep(given, compact.terms, {other.key: other for other in cited}), compact)


def amended(*changes: tuple[str, str]) -> bytes:
    """The example with these texts replaced, each of which must stand there."""
    text = EXAMPLE.decode()
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    return text.encode()


def terms_of(*changes: tuple[str, str]) -> Terms:
    """The terms of the example with these texts replaced."""
    return parse(amended(*changes))
