"""Whether a bundle names a person, and whether it is about anybody at all: a person, a group, an organisation.

Law: where the bundle leaves open what something is, it counts as what the floors protect: an identity of no class as a
person, an unknown type as a person, an object that is elsewhere as whatever its type can be.
"""

import re
from collections.abc import Callable, Iterator
from typing import Final

from amanat.party.folding import plain_text
from amanat.party.types import quoted
from amanat.workspaces.intelligence.stix import StixObject
from amanat.workspaces.intelligence.stix.forms import type_of
from amanat.workspaces.intelligence.stix.parts import holds, parts, said, texts, things, words
from amanat.workspaces.intelligence.stix.types import SHAPES

# What can be no single person (STIX 2.1 sections 10.7, identity-class-ov, and 10.22, attack-resource-level-ov).
_NO_PERSON_CLASSES: Final = ("group", "system", "organization", "class")
_NO_PERSON_LEVELS: Final = ("club", "contest", "team", "organization", "government")

# Custom types that are known to be of nobody: MITRE ATT&CK's, which describe techniques and how to notice them.
_OF_NOBODY: Final = frozenset(
    f"x-mitre-{word}"
    for word in (
        "analytic",
        "asset",
        "collection",
        "data-component",
        "data-source",
        "detection-strategy",
        "log-source",
        "matrix",
        "tactic",
    )
)

# Properties that only a description of a person has, whatever object they stand in.
_PERSONAL: Final = words(
    """
    accused age_years arrestee author authors beneficiary biometric biometrics birth_date birthdate birthplace born
    brother cnic commander commanders courier culprit date_of_birth daughter detainee detainees dna_profile dob driver
    emir facilitator family_name father father_name fathers_name fighter fighters financier first_name fugitive
    full_name given_name grandfather household husband id_card identity_card imei imsi individuals
    informant iris_scan kunya last_name leader leaders maiden_name middle_name militant militants mobile_number mother
    mother_name mothers_name msisdn name_of_person national_id nationality next_of_kin nom_de_guerre passenger
    passengers passport patronymic people perpetrator perpetrators person persons phone phone_number phone_numbers
    place_of_birth prisoner real_name recruiter relatives sim_card sister son suspect suspects surname
    tazkira terrorist terrorists traveler traveller travellers victim_name wanted_person whatsapp wife witness witnesses
    """
)

# In the pattern of an indicator: accounts and persons, whatever is asked of them, and custom types.
_PATTERN: Final = re.compile(
    r"(?<![\w-])(user-account|identity|threat-actor|x-[a-z0-9-]+)\s*:|(?<![\w-])display_name\b"
)

# When an object of that type may stand for one person.
_MAY_BE_A_PERSON: Final[dict[str, Callable[[StixObject], bool]]] = {
    "identity": lambda part: part.get("identity_class") not in _NO_PERSON_CLASSES,
    "threat-actor": lambda part: part.get("resource_level") not in _NO_PERSON_LEVELS,
    "user-account": lambda part: part.get("is_service_account") is not True,
    "email-addr": lambda part: "display_name" in part or "belongs_to_ref" in part,
    "indicator": lambda part: _PATTERN.search(plain_text(str(part.get("pattern")))) is not None,
}
_PERSONS_ELSEWHERE: Final = ("identity", "threat-actor", "user-account", "email-addr")
_GROUPS: Final = ("threat-actor", "intrusion-set", "campaign", "infrastructure")


def person_in(objects: list[StixObject]) -> str:
    """Say in words what in the bundle is, describes or refers to what may be one person; "" when nothing does."""
    return next(_persons(objects), "")


def _persons(objects: list[StixObject]) -> Iterator[str]:
    for thing in filter(_may_be_a_person, things(objects)):
        yield quoted(f"the object {thing.get('id') or thing.get('type')}, which is or may be a person")
    for part in parts(objects):
        for name in said(part):
            if holds(name, _PERSONAL):
                yield quoted(f"the property {name}, which describes a person")
    for type_ in sorted(types_elsewhere(objects)):
        if type_ in _PERSONS_ELSEWHERE or _is_unknown(type_):
            yield quoted(f"an object of the type {type_}, which is elsewhere and may be a person")


def about_somebody(objects: list[StixObject]) -> bool:
    """Whether the bundle is about a group or an organisation; one that only speaks, in created_by_ref, is none."""
    return (
        any(map(_is_group, things(objects)))
        or any(type_ in _GROUPS for type_ in types_elsewhere(objects))
        or _speaks_of_organisations(objects)
    )


def types_elsewhere(objects: list[StixObject]) -> set[str]:
    """Types of the objects that the bundle refers to and does not hold; who made an object is no reference to it."""
    here = {item["id"] for item in objects}
    return {type_ for text in _mentions(objects) if text not in here and (type_ := type_of(text))}


def _may_be_a_person(thing: StixObject) -> bool:
    type_ = str(thing.get("type"))
    may_be = _MAY_BE_A_PERSON.get(type_)
    return may_be(thing) if may_be else _is_unknown(type_)


def _is_unknown(type_: str) -> bool:
    """Whether nobody here can tell what a type is. Bundles and the like are of the standard, though no shapes."""
    return type_ not in SHAPES and type_ not in _OF_NOBODY and type_ != "bundle"


def _is_group(thing: StixObject) -> bool:
    type_ = str(thing.get("type"))
    if type_ == "identity":
        return thing.get("identity_class") in ("group", "class")
    return type_ in _GROUPS or _is_unknown(type_)


def _speaks_of_organisations(objects: list[StixObject]) -> bool:
    organisations = {
        item["id"] for item in objects if item["type"] == "identity" and item.get("identity_class") == "organization"
    }
    speakers = {item.get("created_by_ref") for item in objects}
    return not organisations <= speakers - set(_mentions(objects))


def _mentions(objects: list[StixObject]) -> Iterator[str]:
    for item in objects:
        yield from texts({name: value for name, value in item.items() if name not in ("id", "created_by_ref")})
