"""What the floors have to know of a STIX bundle: whether it names a person, whose places it shows, how it is marked.

Law: where the bundle leaves open what something is, it counts as what the floors protect: an identity of no class as
a person, an unknown type as a group, a coordinate as exact as its digits. Whoever sends can say more; whoever is
written about cannot. Free text is not read: the README lists what this cannot see.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final

from amanat.record.kind import Facts, Place
from amanat.workspaces.intelligence.markings import marked
from amanat.workspaces.intelligence.stix import StixObject
from amanat.workspaces.intelligence.stix_types import SHAPES

METRES_PER_DEGREE: Final = 111_000

# What can be no single person (STIX 2.1 sections 10.7, identity-class-ov, and 10.22, attack-resource-level-ov).
_NO_PERSON_CLASSES: Final = ("group", "system", "organization", "class")
_NO_PERSON_LEVELS: Final = ("club", "contest", "team", "organization", "government")

# Properties that only a description of a person has, whatever object they stand in.
_PERSONAL: Final = frozenset(
    [
        "authors",
        "biometric",
        "biometrics",
        "birth_date",
        "birthdate",
        "birthplace",
        "cnic",
        "date_of_birth",
        "dob",
        "family_name",
        "father_name",
        "fathers_name",
        "first_name",
        "full_name",
        "given_name",
        "id_card",
        "identity_card",
        "last_name",
        "mother_name",
        "mothers_name",
        "national_id",
        "nationality",
        "passport",
        "passport_no",
        "passport_number",
        "person",
        "phone",
        "phone_number",
        "phone_numbers",
        "place_of_birth",
        "surname",
        "tazkira",
    ]
)
_PERSONAL_PATTERN: Final = re.compile(r"user-account:(display_name|account_login|user_id)|email-addr:display_name")
_NAMEABLE: Final = ("identity--", "threat-actor--", "user-account--", "email-addr--")

# Properties that tell a place to the metre without a latitude: GeoJSON, grids, codes, addresses.
_EXACT: Final = frozenset(
    [
        "city",
        "coordinates",
        "geo_point",
        "geo_uri",
        "geohash",
        "geojson",
        "gps",
        "h3",
        "lat_lng",
        "lat_lon",
        "latlng",
        "latlon",
        "mgrs",
        "plus_code",
        "postal_code",
        "street_address",
        "utm",
        "wkt",
    ]
)
_LATITUDES: Final = ("latitude", "lat")
_LONGITUDES: Final = ("longitude", "lon", "lng", "long")

_CAMEL: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def read_facts(objects: list[StixObject]) -> Facts:
    """Return the facts of a bundle's objects, as `stix.read` returns them."""
    person = any(_names_person(part) for part in _parts(objects)) or _translates_a_stranger(objects)
    place = person or any(_is_group(item) for item in objects) or _speaks_of_organisations(objects)
    return Facts(
        names_person=person,
        places=tuple(sorted(set(_places(objects, None)), key=repr)) if place else (),
        marked=marked(objects),
        attributes=frozenset(_attributes(objects)),
    )


# --- persons ------------------------------------------------------------------------------------------------


# When an object of that type may stand for one person.
_MAY_BE_A_PERSON: Final[dict[str, Callable[[StixObject], bool]]] = {
    "identity": lambda part: part.get("identity_class") not in _NO_PERSON_CLASSES,
    "threat-actor": lambda part: part.get("resource_level") not in _NO_PERSON_LEVELS,
    "user-account": lambda part: part.get("is_service_account") is not True,
    "email-addr": lambda part: "display_name" in part or "belongs_to_ref" in part,
    "indicator": lambda part: _PERSONAL_PATTERN.search(str(part.get("pattern"))) is not None,
}


def _names_person(part: StixObject) -> bool:
    may_be = _MAY_BE_A_PERSON.get(str(part.get("type")))
    return (may_be is not None and may_be(part)) or any(not _PERSONAL.isdisjoint(_names(name)) for name in part)


def _translates_a_stranger(objects: list[StixObject]) -> bool:
    """Whether a translation gives the name of somebody whose own object is not in the bundle."""
    here = {item["id"] for item in objects}
    return any(
        item["type"] == "language-content"
        and item["object_ref"].startswith(_NAMEABLE)
        and item["object_ref"] not in here
        for item in objects
    )


# --- groups -------------------------------------------------------------------------------------------------


def _is_group(item: StixObject) -> bool:
    if item["type"] == "identity":
        return item.get("identity_class") in ("group", "class")
    return item["type"] in ("threat-actor", "intrusion-set", "campaign") or item["type"] not in SHAPES


def _speaks_of_organisations(objects: list[StixObject]) -> bool:
    """Whether the bundle is about some organisation, and not only by one: named in nothing but created_by_ref."""
    organisations = {
        item["id"] for item in objects if item["type"] == "identity" and item.get("identity_class") == "organization"
    }
    speakers = {item.get("created_by_ref") for item in objects}
    spoken_of = {text for part in _parts(objects) for text in _mentions(part)}
    return not organisations <= speakers - spoken_of


def _mentions(part: StixObject) -> Iterator[str]:
    for name, value in part.items():
        if name not in ("id", "created_by_ref"):
            yield from (text for text in (value if isinstance(value, list) else [value]) if isinstance(text, str))


# --- places -------------------------------------------------------------------------------------------------


def _places(value: Any, country: str | None) -> Iterator[Place]:  # noqa: ANN401 - foreign JSON
    """Every place told anywhere in `value`, in the country that its nearest object names."""
    if isinstance(value, list):
        for one in value:
            yield from _places(one, country)
    if not isinstance(value, dict):
        return
    said = _said(value)
    country = next(filter(None, map(_country, said.get("country", ()))), country)
    if not _EXACT.isdisjoint(said):
        yield Place(country, 0)
    degrees = [[one for name in names for one in said.get(name, ())] for names in (_LATITUDES, _LONGITUDES)]
    if all(degrees):
        yield Place(country, _metres([*degrees[0], *degrees[1]], said.get("precision", ())))
    for one in value.values():
        yield from _places(one, country)


def _metres(degrees: Iterable[Any], precisions: Iterable[Any]) -> float:
    """How far from its coordinates a place may be: as the sender says, but no farther than their digits let it.

    Without that, exact coordinates could pass as vague ones by a number written beside them.
    """
    stated = min((one for one in precisions if isinstance(one, int | float)), default=0)
    return min(stated, *map(_grid, degrees))


def _grid(degrees: Any) -> float:  # noqa: ANN401 - foreign JSON
    """The width in metres of the grid that a coordinate's decimals make: 34.5 is on one of 11 km."""
    if not isinstance(degrees, int | float):
        return 0
    exponent = Decimal(repr(degrees)).as_tuple().exponent
    return METRES_PER_DEGREE * 10.0 ** min(exponent, 0) if isinstance(exponent, int) else 0


def _country(said: Any) -> str | None:  # noqa: ANN401 - foreign JSON
    code = said.upper() if isinstance(said, str) else ""
    return code if re.fullmatch("[A-Z]{2}", code) else None


def _said(part: StixObject) -> dict[str, list[Any]]:
    """What an object says under each plain name; a custom property may repeat a standard one, and both count."""
    said: dict[str, list[Any]] = {}
    for name, value in part.items():
        for plain in _names(name):
            said.setdefault(plain, []).append(value)
    return said


# --- names of properties ------------------------------------------------------------------------------------


def _attributes(objects: list[StixObject]) -> Iterator[str]:
    """Every name under which something is said anywhere, MISP's that stand as values of object_relation too."""
    for part in _parts(objects):
        for name, value in part.items():
            yield from _names(name)
            if name in ("type", "object_relation") and isinstance(value, str):
                yield from _names(value)


@lru_cache(maxsize=4096)
def _names(name: str) -> tuple[str, ...]:
    """The plain names in a property's: of a custom "x_acme_motherTongue" acme_mother_tongue, mother_tongue, tongue."""
    plain = _CAMEL.sub("_", name).lower().replace("-", "_")
    if not plain.startswith("x_"):
        return (plain,)
    words = plain[2:].split("_")
    return tuple("_".join(words[start:]) for start in range(len(words)))


def _parts(value: Any) -> Iterator[StixObject]:  # noqa: ANN401 - foreign JSON
    """Every JSON object in `value`, at any depth: objects of the bundle, their extensions, what stands in those."""
    if isinstance(value, dict):
        yield value
        value = list(value.values())
    if isinstance(value, list):
        for one in value:
            yield from _parts(one)
