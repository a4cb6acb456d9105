"""What no compact can lower: one function a floor, asked first by both ends (docs/safeguards.md).

Law: a floor reads what the body says of itself and never what the sender claims of it; a `WithinFloors` is made here
and nowhere else. Floors that no record can break by itself are kept elsewhere; docs/safeguards.md says where.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from amanat.compact.terms import Terms
from amanat.party.errors import Refused
from amanat.record.handling import STRICTNESS, at_least_as_strict
from amanat.record.notices import NOTICES
from amanat.record.record import Record

FLOORS: Final[dict[int, str]] = {
    1: "No machine decides about a person.",
    2: "A record naming a person carries purpose, legal basis, source grading and expiry, and is then destroyed.",
    3: 'The other side learns "referred" or "not completed", never whose list or why.',
    4: "Whoever pleads for protection is protected from the state they plead against.",
    5: "A wrongly matched person can be cleared once for all.",
    6: "No targeting: precise places of persons or groups go only to the party administering the place.",
    7: "Every look at a person's data is in the party's own tamper-evident audit log.",
    8: "The originator's handling binds all re-use, and onward sharing needs the originator's word.",
    9: "A listed official of a party is a matter of review, never of disclosure.",
    10: "Nobody is judged by ethnicity, tribe, religion, political opinion, sex or guardian.",
    11: "What was recalled or has expired is destroyed at every holder, and the holder signs that it was.",
    12: "Where detention may follow, the risk of torture and death penalty is assessed; torture's yield is unusable.",
    13: "Mediation is optional and consented to; humanitarian notices inform and never ask permission.",
}

PRECISE_METRES: Final = 10_000
MAX_LATITUDE: Final = 90
MAX_LONGITUDE: Final = 180

PROTECTED: Final = frozenset(
    {
        "caste",
        "clan",
        "ethnic",
        "ethnicity",
        "faith",
        "gender",
        "guardian",
        "guardians",
        "mahram",
        "political_affiliation",
        "political_affiliations",
        "political_opinion",
        "political_opinions",
        "qawm",
        "race",
        "religion",
        "religions",
        "religious",
        "sect",
        "sex",
        "sexual_orientation",
        "sexuality",
        "tribal",
        "tribe",
        "tribes",
    }
)

_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_NO_WORD = re.compile(r"[^a-z]+")
_ARABIC_POINT = "\u066b"
# A decimal number that is precise to some 100 metres as degrees; \d takes the digits of every script.
_DEGREES = re.compile(rf"(?<![\d.{_ARABIC_POINT}])\d{{1,3}}[.{_ARABIC_POINT}]\d{{3,}}")
_NOTICES = frozenset(notice.label for notice in NOTICES)


@dataclass(frozen=True, slots=True)
class WithinFloors:
    """A record that keeps every floor."""

    record: Record


def keep(record: Record, terms: Terms, cited: Mapping[tuple[str, str], Record]) -> WithinFloors:
    """Step 2: ask every floor that a record can break by itself, in order of number. Raises `Refused`.

    `cited` are those of the records it refers to, itself or by way of one another, that are held here, by
    (originator, id).
    """
    _floor_2(record)
    _floor_4(record, terms)
    _floor_6(record, terms)
    _floor_6_in_texts(record)
    _floor_8(record, cited)
    _floor_10(record)
    _floor_12(record)
    return WithinFloors(record)


def _floor_2(record: Record) -> None:
    """A record naming a person carries purpose, legal basis, grading and expiry; purpose is always there."""
    handling = record.fields.handling
    needed = {"legal_basis": handling.legal_basis, "grading": handling.grading, "expires": handling.expires}
    lacking = [name for name, value in needed.items() if value is None]
    if record.facts.names_person and lacking:
        raise Refused(
            "floor.2",
            f"The record names a person ({record.facts.person}) and has no {' and no '.join(lacking)}.",
            "State it in the handling, or take the person out.",
            by="floor 2",
        )


def _floor_4(record: Record, terms: Terms) -> None:
    """What is not to reach a party is logged only where that party sees no log: in a compact without it."""
    excluded = sorted(set(terms.parties) & set(record.fields.handling.not_to))
    if excluded:
        raise Refused(
            "floor.4",
            f"The record is not to reach {excluded[0]}, a party of {terms.id}, which sees the logs of this compact.",
            f"Send it under a compact without {excluded[0]}.",
            by="floor 4",
        )


def _floor_6(record: Record, terms: Terms) -> None:
    """Precise places of persons or groups are addressed only to the party that administers the place."""
    for place in record.facts.places:
        if place.metres >= PRECISE_METRES:  # asked this way round, so that "not a number" counts as precise
            continue
        administering = [party for party, member in terms.members.items() if place.country in member.administers]
        others = sorted(set(record.fields.audience) - set(administering))
        if others:
            where = place.country or "a country not stated"
            raise Refused(
                "floor.6",
                f"The record gives a place of persons or groups in {where} to within {place.metres:g} metres; "
                f"{others[0]} does not administer it.",
                f"Give it to no better than {PRECISE_METRES // 1000} km, or address only the party administering it.",
                by="floor 6",
            )


def _floor_6_in_texts(record: Record) -> None:
    """The texts of a handling give no coordinates: of a place outside the body nobody can say who administers it."""
    handling = record.fields.handling
    texts = [*handling.caveats, handling.custody_risk.basis if handling.custody_risk else ""]
    numbers = [float(found.replace(_ARABIC_POINT, ".")) for found in _DEGREES.findall("\n".join(texts))]
    degrees = sorted(number for number in numbers if number <= MAX_LONGITUDE)
    if len(degrees) > 1 and degrees[0] <= MAX_LATITUDE:
        raise Refused(
            "floor.6",
            "The caveats or the basis of the custody risk give coordinates.",
            "Give the place in the body, to the party administering it, or leave it out.",
            by="floor 6",
        )


def _floor_8(record: Record, cited: Mapping[tuple[str, str], Record]) -> None:
    """Markings inside a body and the handling of cited records bind. A notice carries no content, and always goes."""
    fields, marked = record.fields, record.facts.marked
    if fields.kind in _NOTICES:
        return
    if marked is not None and STRICTNESS[marked] > STRICTNESS[fields.handling.tlp]:
        raise Refused(
            "floor.8",
            f"The body is marked {marked} inside, and the record {fields.handling.tlp}.",
            f"Mark the record {marked}, or ask the originator of the marking to change it.",
            by="floor 8",
        )
    for original in _originals(record, cited):
        party, id_ = original.key
        new = sorted(set(fields.audience) - {*original.fields.audience, party})
        if new:
            raise Refused(
                "floor.8",
                f"The record cites {id_} of {party}, which {new[0]} never had.",
                f"Ask {party} to send it to {new[0]}, or leave {new[0]} out.",
                by="floor 8",
            )
        if not at_least_as_strict(fields.handling, original.fields.handling):
            raise Refused(
                "floor.8",
                f"The record cites {id_} of {party} and is handled less strictly than it.",
                "Take over its TLP, codes, exclusions and caveats, and let it expire no later.",
                by="floor 8",
            )


def _originals(record: Record, cited: Mapping[tuple[str, str], Record]) -> Iterator[Record]:
    """Yield the records of others that it cites, also those that it cites by way of the author's own."""
    waiting, met = list(record.fields.refs), set()
    for ref in waiting:
        key = (ref.party, ref.id)
        if key not in cited or key in met:
            continue
        met.add(key)
        if ref.party == record.fields.author.party:
            waiting += cited[key].fields.refs
        else:
            yield cited[key]


def _floor_10(record: Record) -> None:
    """No body describes persons by what nobody may be judged by, as a word of its own or within a name."""
    for attribute in sorted(record.facts.attributes):
        plain = _NO_WORD.sub("_", _CAMEL.sub("_", attribute).lower())
        found = sorted(word for word in PROTECTED if f"_{word}_" in f"_{plain}_")
        if found:
            raise Refused(
                "floor.10",
                f"The body has a field {attribute!r}; {found[0]} is nothing anyone may be judged by.",
                "Take the field out of the body.",
                by="floor 10",
            )


def _floor_12(record: Record) -> None:
    """What may lead to detention carries the sender's assessment, and nothing was got by torture."""
    risk = record.fields.handling.custody_risk
    if record.facts.names_person and risk is None:
        raise Refused(
            "floor.12",
            f"The record names a person ({record.facts.person}), so that detention may follow, and has no "
            "custody_risk.",
            "State the risk of torture and of the death penalty, and what that rests on.",
            by="floor 12",
        )
    if risk is not None and not risk.not_obtained_by_torture:
        raise Refused(
            "floor.12",
            "The record does not state that nothing in it was obtained by torture.",
            "What was, or may have been, is unusable and is not sent.",
            by="floor 12",
        )
