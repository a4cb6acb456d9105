"""How a record may be used: TLP 2.0, Europol H-codes, source grading, purpose, legal basis, expiry, caveats.

Contradictions cannot be built: `Handling` refuses them when made, from a form or from foreign bytes alike.
Sources: FIRST TLP 2.0; Council document 6243/18 (SIENA handling codes, 4x4 evaluation); AJP-2.1 (Admiralty code).
"""

from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal

import msgspec

from amanat.party.errors import Invalid
from amanat.party.types import Code, Line, PartyCode, Time, quoted, require_sorted, require_utc

Tlp = Literal["TLP:CLEAR", "TLP:GREEN", "TLP:AMBER", "TLP:AMBER+STRICT", "TLP:RED"]
HCode = Literal["H0", "H1", "H2", "H3"]

MAX_CAVEATS: Final = 8

STRICTNESS: Final[dict[Tlp, int]] = {
    "TLP:CLEAR": 0,
    "TLP:GREEN": 1,
    "TLP:AMBER": 2,
    "TLP:AMBER+STRICT": 3,
    "TLP:RED": 4,
}
H_MEANING: Final[dict[HCode, str]] = {
    "H0": "for preventing and combating crime only",
    "H1": "not in judicial proceedings without the originator's permission",
    "H2": "not to be passed on without the originator's permission",
    "H3": "other restrictions, stated in the caveats",
}

TLP_MEANING: Final[dict[Tlp, str]] = {
    "TLP:CLEAR": "may be published",
    "TLP:GREEN": "for the community, not for the public",
    "TLP:AMBER": "for the receiving party and those it must inform, need to know",
    "TLP:AMBER+STRICT": "for the receiving party only, need to know",
    "TLP:RED": "for the named recipients' eyes only",
}

_SOURCE_4X4_TO_ADMIRALTY: Final = {"A": "A", "B": "B", "C": "D", "X": "F"}
_SOURCE_ADMIRALTY_TO_4X4: Final = {"A": "A", "B": "B", "C": "B", "D": "C", "E": "C", "F": "X"}
_INFORMATION_4X4_TO_ADMIRALTY: Final = {"1": "1", "2": "2", "3": "3", "4": "6"}
_INFORMATION_ADMIRALTY_TO_4X4: Final = {"1": "1", "2": "2", "3": "3", "4": "4", "5": "4", "6": "4"}


class Grading(msgspec.Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """An evaluation of source and information, in the scheme the originator's service uses.

    4x4: source A B C X, information 1 to 4. Admiralty: source A to F, information 1 to 6.
    """

    scheme: Literal["4x4", "admiralty"]
    source: Literal["A", "B", "C", "D", "E", "F", "X"]
    information: Literal["1", "2", "3", "4", "5", "6"]

    def __post_init__(self) -> None:
        sources, informations = ("ABCX", "1234") if self.scheme == "4x4" else ("ABCDEF", "123456")
        if self.source not in sources or self.information not in informations:
            raise Invalid(
                "handling.grading",
                f"The {self.scheme} grading has no {self.source}{self.information}.",
                f"Use a source of {', '.join(sources)} and information of {', '.join(informations)}.",
            )


class CustodyRisk(msgspec.Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """The sender's assessment where information may lead to detention (floor 12); `basis` says what it rests on."""

    torture: Literal["low", "real"]
    death_penalty: Literal["none", "possible"]
    not_obtained_by_torture: bool
    basis: Line


class Handling(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, kw_only=True, gc=False):
    """All that binds whoever holds the record. Lists are sorted and without doubles; times are whole UTC seconds."""

    tlp: Tlp
    purpose: Code
    codes: tuple[HCode, ...] = ()
    grading: Grading | None = None
    legal_basis: Code | None = None
    not_to: tuple[PartyCode, ...] = ()
    expires: Time | None = None
    caveats: tuple[Line, ...] = ()
    custody_risk: CustodyRisk | None = None

    def __post_init__(self) -> None:
        for field in ("codes", "not_to"):
            require_sorted(getattr(self, field), f"handling.{field}")
        if self.expires is not None:
            require_utc(self.expires, "handling.expires")
        clash = _contradiction(self)
        if clash:
            raise Invalid(
                "handling.contradiction",
                f"The handling contradicts itself: {clash}.",
                "Take one of the two out.",
            )


def at_least_as_strict(handling: Handling, other: Handling) -> bool:
    """Whether `handling` loosens nothing that `other` demands: TLP, codes, exclusions, caveats and expiry."""
    return (
        STRICTNESS[handling.tlp] >= STRICTNESS[other.tlp]
        and set(handling.codes) >= set(other.codes)
        and set(handling.not_to) >= set(other.not_to)
        and set(handling.caveats) >= set(other.caveats)
        and (other.expires is None or (handling.expires is not None and handling.expires <= other.expires))
    )


Differs = Annotated[
    dict[str, Any],
    msgspec.Meta(
        description="What is to differ from the handling that the compact gives records of the kind: any of its fields "
        f"({', '.join(Handling.__struct_fields__)}), as in a record; null takes out what a record may lack.",
        examples=[{"tlp": "TLP:AMBER", "codes": ["H1"], "legal_basis": "criminal-procedure"}],
    ),
]
"""What is said to `over`, as /api describes it. Any object is one: what of it is wrong is told field by field."""


def over(base: Handling, said: Mapping[str, Any]) -> Handling:
    """Return `base` with what is said, by the names of its fields, put over it and read again. Raises `Invalid`.

    It is a form, written by hand or by a program of one's own: its fields stand in any order.
    """
    try:
        return msgspec.convert(msgspec.to_builtins(base) | said, Handling)
    except msgspec.ValidationError as error:
        raise Invalid("json.field", f"The handling does not fit: {quoted(error)}.", "Correct that field.") from error


def describe(handling: Handling) -> list[str]:
    """Put handling into plain words, one rule a line."""
    lines = [f"{handling.tlp}: {TLP_MEANING[handling.tlp]}", f"purpose: {handling.purpose}"]
    lines += [f"{code}: {H_MEANING[code]}" for code in handling.codes]
    lines += [f"caveat: {caveat}" for caveat in handling.caveats]
    if handling.grading:
        grading = handling.grading
        other = to_admiralty(grading) if grading.scheme == "4x4" else to_4x4(grading)
        lines.append(f"graded {_spelt(grading)} by its originator, nearest to {_spelt(other)}")
    if handling.legal_basis:
        lines.append(f"legal basis for naming a person: {handling.legal_basis}")
    if handling.not_to:
        lines.append(f"not to reach: {', '.join(handling.not_to)}")
    if handling.custody_risk:
        risk = handling.custody_risk
        lines.append(f"if it leads to detention: risk of torture {risk.torture}, death penalty {risk.death_penalty}")
        lines.append(f"that assessment rests on: {risk.basis}")
    if handling.expires:
        lines.append(f"to be destroyed by {handling.expires:%Y-%m-%d %H:%M} UTC")
    return lines


def _spelt(grading: Grading) -> str:
    return f"{grading.source}{grading.information} ({grading.scheme})"


def to_admiralty(grading: Grading) -> Grading:
    """Return the nearest Admiralty grading. The schemes differ: show it beside the original, never instead."""
    if grading.scheme == "admiralty":
        return grading
    return Grading(
        "admiralty",
        _SOURCE_4X4_TO_ADMIRALTY[grading.source],  # type: ignore[arg-type]  # the tables hold only allowed letters
        _INFORMATION_4X4_TO_ADMIRALTY[grading.information],  # type: ignore[arg-type]
    )


def to_4x4(grading: Grading) -> Grading:
    """Return the nearest 4x4 grading. The schemes differ: show it beside the original, never instead."""
    if grading.scheme == "4x4":
        return grading
    return Grading(
        "4x4",
        _SOURCE_ADMIRALTY_TO_4X4[grading.source],  # type: ignore[arg-type]  # the tables hold only allowed letters
        _INFORMATION_ADMIRALTY_TO_4X4[grading.information],  # type: ignore[arg-type]
    )


def _contradiction(handling: Handling) -> str | None:
    """Name the first pair of demands that cannot both be kept, or None."""
    level = STRICTNESS[handling.tlp]
    if level == 0 and handling.codes:
        return f"TLP:CLEAR lets anyone publish it, {handling.codes[0]} does not"
    if level <= 1 and "H2" in handling.codes:
        return f"{handling.tlp} lets the community pass it on, H2 does not"
    if level <= 1 and handling.not_to:
        return f"{handling.tlp} lets the community pass it on, not_to does not"
    return _caveat_contradiction(handling)


def _caveat_contradiction(handling: Handling) -> str | None:
    if len(handling.caveats) > MAX_CAVEATS:
        return f"it has {len(handling.caveats)} caveats, and at most {MAX_CAVEATS} are read"
    if "H3" in handling.codes and not handling.caveats:
        return "H3 says that caveats follow, and there are none"
    if handling.caveats and "H3" not in handling.codes:
        return "there are caveats, which H3 has to announce"
    return None
