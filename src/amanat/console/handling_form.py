"""The handling of a draft as a form: filled in with the compact's defaults, and what of it differs from them.

Law: pure. What an officer left as the compact has it is not said in the draft: it is then as the compact has it on the
day of sending.
"""

from collections.abc import Mapping
from typing import Any, Final, get_args

import msgspec

from amanat.console.fields import Field, moment, with_moment
from amanat.exchange.parts import Fields
from amanat.record.handling import H_MEANING, STRICTNESS, CustodyRisk, Grading, Handling

_EMPTY: Final[Mapping[str, Any]] = {
    "codes": [],
    "caveats": [],
    "not_to": [],
    "legal_basis": None,
    "grading": None,
    "custody_risk": None,
}
OF_PERSON: Final = frozenset(("legal_basis", "grading", "custody_risk"))
"""What is said where a person is named."""

_GRADING: Final = ("scheme", "source", "information")
_RISK: Final = ("torture", "death_penalty", "not_obtained_by_torture", "basis")


def shown(base: Handling, said: Mapping[str, Any]) -> dict[str, Any]:
    """Return what stands in the form: the compact's defaults, and over them what a draft says, right or wrong."""
    held = _plain(base) | dict(said)
    lists = {name: held[name] if isinstance(held[name], list) else [] for name in ("codes", "caveats", "not_to")}
    groups = {
        name: dict.fromkeys(parts, "") | (held[name] if isinstance(held[name], dict) else {})
        for name, parts in (("grading", _GRADING), ("custody_risk", _RISK))
    }
    expires = with_moment(Field("handling/expires", "expires", "moment"), said.get("expires"))
    filled = {"names_person": any(held[name] for name in ("legal_basis", "grading", "custody_risk"))}
    return held | lists | groups | filled | {"expires": expires}


def choices() -> dict[str, tuple[str, ...]]:
    """Return the closed lists of the form: markings from the loosest to the strictest, codes, gradings."""
    hints = {each.name: get_args(each.type) for each in msgspec.structs.fields(Grading)}
    risks = {each.name: get_args(each.type) for each in msgspec.structs.fields(CustodyRisk)}
    return hints | {
        "tlp": tuple(STRICTNESS),
        "codes": tuple(H_MEANING),
        "torture": risks["torture"],
        "death_penalty": risks["death_penalty"],
    }


def typed(given: Fields, base: Handling) -> dict[str, Any]:
    """Return what of a form's handling is not as the compact has it; what cannot be is kept as it was typed."""

    def one(name: str) -> str:
        return given.get(f"handling/{name}", ("",))[-1].strip()

    said: dict[str, Any] = {
        "tlp": one("tlp"),
        "purpose": one("purpose"),
        "codes": sorted({*given.get("handling/codes", ())}),
        "caveats": [line.strip() for line in one("caveats").splitlines() if line.strip()],
        "legal_basis": one("legal_basis") or None,
        "not_to": sorted({*given.get("handling/not_to", ())}),
        "grading": {name: one(name) for name in _GRADING if one(name)} or None,
        "custody_risk": _risk({name: one(name) for name in _RISK if one(name)}),
    }
    held = _plain(base)
    differs = {name: value for name, value in said.items() if value != held[name]}
    return differs | ({"expires": moment(one("expires"))} if one("expires") else {})


def typed_of_person(given: Fields, base: Handling) -> dict[str, Any]:
    """Return what of a form's handling where a person is named is not as the compact has it, and nothing else of it."""
    return {name: value for name, value in typed(given, base).items() if name in OF_PERSON}


def _plain(base: Handling) -> dict[str, Any]:
    return {**_EMPTY, **msgspec.json.decode(msgspec.json.encode(base))}


def _risk(said: dict[str, Any]) -> dict[str, Any] | None:
    return said | {"not_obtained_by_torture": "not_obtained_by_torture" in said} if said else None
