"""How a record is to be handled, for a person to read, rule by rule: what stands in codes is named, times are moments.

Law: pure. The rules are those of `record.handling.describe`, in its order; what a compact calls a purpose and a legal
basis, it says itself.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import msgspec

from amanat.compact.terms import Terms
from amanat.record.handling import Handling, describe


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: a sentence as `describe` says it, or what a `field` says.

    `code` is what stands in the record, and `name` what the compact calls it, "" where that is not known here.
    """

    field: Literal["", "purpose", "legal_basis", "not_to", "expires"] = ""
    says: str = ""
    code: str = ""
    name: str = ""
    parties: tuple[str, ...] = ()
    at: datetime | None = None


def rules(handling: Handling, terms: Terms | None) -> tuple[Rule, ...]:
    """Return the rules of a record under a compact, None where its text is not here."""
    purposes, bases = ({}, {}) if terms is None else (terms.purposes, terms.legal_bases)
    purpose, basis = handling.purpose, handling.legal_basis
    marking, _purpose, *others = describe(msgspec.structs.replace(handling, legal_basis=None, not_to=(), expires=None))
    found = [Rule(says=marking), Rule("purpose", code=purpose, name=purposes.get(purpose, ""))]
    found += [Rule(says=each) for each in others]
    if basis is not None:
        found.append(Rule("legal_basis", code=basis, name=bases.get(basis, "")))
    if handling.not_to:
        found.append(Rule("not_to", parties=handling.not_to))
    if handling.expires is not None:
        found.append(Rule("expires", at=handling.expires))
    return tuple(found)
