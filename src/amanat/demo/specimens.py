"""What the parts of pages are shown with on the page of components: invented moments, parties, records and mistakes.

Law: nothing here is real, and nothing is asked of a node or a clock: the page is the same whenever it is made.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Final

import msgspec

from amanat.compact.terms import defaults, parse
from amanat.console import body, fields, handling_form, shell
from amanat.console.built import built, static_file
from amanat.console.differences import Difference
from amanat.console.moments import Moments
from amanat.console.rendering import told
from amanat.console.rules import rules
from amanat.console.titles import Titles
from amanat.demo.lexica import lexicon
from amanat.exchange.became import Countersigned, Delivered, Step
from amanat.exchange.drafting import Flaw
from amanat.exchange.logs import LogStanding
from amanat.exchange.peer_line import Standing
from amanat.exchange.shown import Meant, PostOpened
from amanat.officer.may import PERMISSIONS, ROLES
from amanat.party.errors import Invalid
from amanat.party.lexicon import Language
from amanat.record.kind import Kind
from amanat.workspace import Ring

NOW: Final = datetime(2026, 3, 20, 21, 10, tzinfo=UTC)
"""Late in the evening by UTC: on some of the clocks it is tomorrow."""

MIXED: Final = "تورخم: 3 lorries, plate LEA-1234, پھاٹک بند (exercise)"
LONG: Final = (
    "An exercise: three lorries that nobody claims stand since the morning before the gate of the terminal, their "
    "papers are those of another consignment, and the driver of the second says that he was told to wait for a fourth."
)
UNBROKEN: Final = "indicator--0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

ROLE_MISSING: Final = Invalid(
    "officer.roles", "The officer would have no role.", "Give one role at least, or disable it."
)
NAME_TAKEN: Final = Invalid(
    "officer.taken",
    "An officer signs in as 'x.duty' already.",
    "Choose another sign-in name; those of disabled officers stay taken.",
)
DAYS_TURNED: Final = Invalid(
    "form.days", "The day 2026-03-20, from which on it is, is after 2026-03-01.", "Exchange the two days."
)
PASSWORD_SAME: Final = Invalid("password.same", "The new password is the old one.", "Take another.")

WRONG: Final[Mapping[str, list[Flaw]]] = MappingProxyType(
    {
        "handling/tlp": [
            Flaw(
                "handling",
                "check.tlp",
                "The record is TLP:RED; clause 4.1 carries at most TLP:AMBER+STRICT.",
                "What is stricter does not travel under this clause.",
                "clause 4.1",
            )
        ],
        "handling/grading": [
            Flaw(
                "handling",
                "handling.grading",
                "The 4x4 grading has no F6.",
                "Use a source of A, B, C, X and information of 1, 2, 3, 4.",
            )
        ],
        "handling/custody_risk": [
            Flaw(
                "handling",
                "floor.12",
                "The record does not state that nothing in it was obtained by torture.",
                "What was, or may have been, is unusable and is not sent.",
                "floor 12",
            )
        ],
    }
)

NO_PLACE: Final = Flaw(
    "place",
    "liaison.place",
    "'42S WD 1 67' is no place that can be found.",
    'Type a name of the gazetteer, degrees ("33.9, 70.1"), or the grid ("42S WD 12345 67890", of 2 to 10 digits).',
)

_ICON: Final = re.compile(r'<symbol id="([a-z0-9-]+)"')
_REPORT: Final = "intelligence.report"
_SCHEMA: Final[Mapping[str, Any]] = MappingProxyType(
    {
        "type": "object",
        "required": ["reason", "because", "until"],
        "properties": {
            "reason": {"type": "string", "maxLength": 80},
            "bundle": {"type": "string"},
            "because": {"enum": ["withdrawn", "expired"]},
            "lorries": {"type": "integer"},
            "tonnes": {"type": "number"},
            "closed": {"type": "boolean"},
            "day": {"type": "string", "format": "date"},
            "until": {"type": "string", "format": "date-time"},
            "place": {"type": "object", "properties": {"name": {"type": "string", "maxLength": 80}}},
            "plates": {"type": "array", "items": {"type": "string", "maxLength": 20}},
            "anything": {},
        },
    }
)
_BODY: Final[Mapping[str, Any]] = MappingProxyType(
    {
        "reason": MIXED,
        "bundle": LONG,
        "because": "expired",
        "lorries": 3,
        "tonnes": 7.5,
        "closed": True,
        "day": "2026-03-20",
        "until": "2026-03-24T04:30:00Z",
        "place": {"name": UNBROKEN},
        "plates": ["LEA-1234", "LEA-5678"],
        "anything": {"gate": 2, "lanes": [1, 2]},
    }
)

_RINGING: Final = (
    Ring("test", MIXED, "af", NOW, NOW + timedelta(minutes=2), "/", urgent=True, exercise=True, urgency="flash"),
    Ring("ring", LONG, "af", NOW - timedelta(minutes=5), NOW - timedelta(minutes=1), "/", urgent=True),
    Ring("ring", "", "obs", NOW - timedelta(minutes=5), None, "/", urgent=False),
)
"""What sounds before it is passed on, what was passed on, and what only stands there; codes of no workspace's words."""

_READ_BY_FIELD: Final = Kind("exercise.notes", 1, dict, "stands", "Whatever was noted.", ())


def given(language: Language) -> dict[str, Any]:
    """Return what the specimens are made of, in a language."""
    around = shell.telling(lexicon("pk", NOW), language, NOW, ("af", "obs"))
    titled = Titles(Moments(NOW, lexicon("pk", NOW), language, ("af", "obs")), {})
    return around | _things() | {"telling": partial(told, code=language), "titled": titled}


@cache
def _things() -> dict[str, Any]:
    terms = parse(files("amanat.compact").joinpath("examples", "pk-af.toml").read_bytes())
    kind = terms.kinds[_REPORT]
    base = defaults(terms, _REPORT, NOW)
    return {
        "charts": _charts(),
        "icons": _ICON.findall(static_file(built()["icons.svg"], "").content.decode()),
        "hours": lambda count: NOW + timedelta(hours=count),
        "mixed": MIXED,
        "long": LONG,
        "unbroken": UNBROKEN,
        "places": [replace(each, key=each.name[0]) for each in shell.PLACES],
        "roles": {role: [each for each, who in PERMISSIONS.items() if role in who] for role in ROLES},
        "role_missing": ROLE_MISSING,
        "name_taken": NAME_TAKEN,
        "password_same": PASSWORD_SAME,
        "days_turned": DAYS_TURNED,
        "lines": [Standing(each, NOW - timedelta(hours=5)) for each in ("starting", "up", "down", "paused")],
        "logs": _logs(),
        "word": "",
        "ringing": _RINGING,
        "referred": {
            "pk:1": {"title": MIXED, "kind": _REPORT, "state": "current", "names_person": False},
            "pk:2": {"title": None, "kind": _REPORT, "state": "current", "names_person": True},
            "pk:3": {"title": None, "kind": _REPORT, "state": "destroyed", "names_person": False},
        },
        "post": "torkham/duty",
        "steps": _STEPS,
        "endings": (_WITHDRAWN, *(msgspec.structs.replace(each, to="") for each in _ENDED)),
        "deliveries": _DELIVERIES,
        "meanings": _MEANINGS,
        "empty_form": fields.form(_SCHEMA, {}),
        "full_form": fields.form(_SCHEMA, dict(_BODY)),
        "wrong": {f"body/{each}": _flaws(each) for each in ("reason", "because", "lorries", "until", "plates")},
        "terms": terms,
        "kind": kind,
        "choices": handling_form.choices() | {"others": ("obs",)},
        "clauses": (("4.1.a", LONG), ("4.1.b", MIXED)),
        "rules": rules(msgspec.structs.replace(base, not_to=("obs",), legal_basis="criminal-procedure"), terms),
        "plain_handling": handling_form.shown(base, {}),
        "wrong_handling": handling_form.shown(base, {"tlp": "TLP:RED", "purpose": "taxes", "caveats": [MIXED]}),
        "wrong_in_handling": WRONG,
        "body": body.shown(
            _READ_BY_FIELD, dict(_BODY) | {"says": [{"reason": MIXED}, {"reason": LONG}], "nobody": None, "none": []}
        ),
        "none_said": body.Shown((), 3, ""),
        "offered": (_PRECISE, _VAGUE),
        "no_place": NO_PLACE,
        "differences": (
            Difference(("bundle", "reason"), "two lorries", MIXED),
            Difference(("place", "name"), None, UNBROKEN),
            Difference(("until",), LONG, None),
        ),
    }


@dataclass(frozen=True, slots=True)
class _Place:
    """A place that a field offers: what names it, and where it is (`workspaces.liaison.places.Offered`)."""

    says: str
    lat: float
    lon: float


_PRECISE: Final = _Place("34.95346°N 69.13521°E", 34.95346, 69.13521)
_VAGUE: Final = _Place(MIXED, 34.14, 71.08)


def _flaws(name: str) -> list[Flaw]:
    says = f"The body is no {_REPORT}/1: Object missing required field `{name}`."
    return [Flaw("body", "body.form", says, f"See the schema of {_REPORT}.")]


def _logs() -> dict[str, LogStanding]:
    seen = (Countersigned("obs", NOW - timedelta(hours=2)),)

    def one(size: int, final: int, **more: Any) -> LogStanding:  # noqa: ANN401 - fields of one struct
        held = {"countersigned": (), "waits_for": "", "waiting_since": None} | more
        return LogStanding(
            log="pk-af",
            origin="pk.amanat.example/pk-af",
            size=size,
            final=final,
            says="",
            checkpoint="",
            ended=(),
            **held,
        )

    since = NOW - timedelta(days=1, hours=3)
    return {
        "empty": one(0, 0),
        "final": one(1204, 1204),
        "countersigned by one": one(1204, 1200, countersigned=seen, waits_for="af and obs", waiting_since=since),
        "countersigned by nobody": one(1204, 1200, waits_for="af or obs"),
    }


def _at(hours: float) -> datetime:
    return NOW + timedelta(hours=hours)


_WITHDRAWN: Final = Step(
    "withdrawn",
    "pk torkham/duty",
    _at(-4),
    "withdrew it, and tells all who were sent it",
    because="mistaken",
    notice="pk:01JPTQ7Y3N5S8W2X",
)
_ENDED: Final = (
    Step(
        "destroyed",
        "obs records",
        _at(-3),
        "signed that it destroyed what it held",
        "obs",
        because="withdrawn",
        notice="obs:01JPTQ7Y3N5S8W2Y",
    ),
    Step(
        "kept",
        "af records",
        _at(-3),
        "signed that it keeps it, on a ground",
        "af",
        because="investigation-open",
        notice="af:01JPTQ7Y3N5S8W2Z",
    ),
)
_STEPS: Final = (
    Step("composed", "pk torkham/duty", _at(-30), "composed as intelligence.report/1"),
    Step("approved", "pk torkham/commander", None, "approved as the second person"),
    Step("sealed", "pk", None, "signed, and sealed to af and obs"),
    Step(
        "logged",
        "pk",
        None,
        "stands in our log of pk-af, number 41",
        not_before=Countersigned("obs", _at(-29.5)),
        not_after=Countersigned("obs", _at(-29)),
    ),
    Step("countersigned", "obs", _at(-29), "saw our log of pk-af, number 41"),
    _WITHDRAWN,
    Step(
        "delivered",
        "af",
        None,
        "stands in its log, number 17, provisional; waits for the countersignature of obs",
        "af",
        not_after=Countersigned("pk", _at(-29.2)),
    ),
    Step("countersigned", "pk", None, "saw its log, number 17 of af", "af"),
    Step("delivered", "obs", None, "stands in its log, number 3, final", "obs"),
    *_ENDED,
    Step("refused", "un", None, "refused by clause 4.1 (check.tlp)", "un"),
    Step("waits", "xx", None, "no receipt came yet; that proves nothing", "xx"),
    Step(
        "waits",
        "yy",
        None,
        "whether it arrived was lost when this node was put back; ask that party for the envelope again",
        "yy",
    ),
)
_DELIVERIES: Final = (
    Delivered(party="af", state="provisional", log_index=17, waits_for="obs"),
    Delivered(party="obs", state="final", log_index=3, quorum=True),
    Delivered(party="un", state="refused", by="clause 4.1", code="check.tlp"),
    Delivered(party="xx", state="pending"),
    Delivered(party="yy", state="lost"),
)
_MEANINGS: Final = (Meant("af", (PostOpened("torkham/duty", "2026-03-20T08:15:00Z"),), ("af:01JPTQ7Y3N5S8W2V",)),)


def _charts() -> dict[str, Any]:
    """Return what stands on charts: of a week, in shares of their width and height."""
    outcomes = ("in-time", "late", "missed", "waits")
    down = (("link", 50, 10), ("told-link", 60, 5), ("node", 65, 10))
    stood = (("attended", 0, 30), ("unattended", 30, 20), *down, ("attended", 75, 25))
    return {
        "second": timedelta(seconds=1),
        "marks": [(20.2, timedelta(seconds=10)), (36.0, timedelta(minutes=1)), (72.1, timedelta(hours=1))],
        "dots": [{"along": 7 * each, "up": 4 + each**2 % 83, "test": each % 3 == 0} for each in range(14)],
        "columns": [
            {"along": 14 * day + 1, "wide": 11, "up": 50 * of, "high": 42, "what": outcomes[(day + of) % 4]}
            for day in range(7)
            for of in range(2)
        ],
        "bar": [{"what": what, "along": begins, "wide": wide} for what, begins, wide in stood],
        "many": [{"what": ("attended", "unattended")[each % 2], "along": each, "wide": 1} for each in range(100)],
    }
