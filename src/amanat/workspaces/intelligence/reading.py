"""A STIX bundle as an officer reads it: its objects one by one, what matters first, with when, where and how marked.

Law: says what the bundle says and leaves out what only programs need; whoever wants every byte is given the bundle.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from amanat.record.kind import Part
from amanat.workspaces.intelligence import stix
from amanat.workspaces.intelligence.markings import marked
from amanat.workspaces.intelligence.stix import StixObject

_FIRST: Final = ("report", "grouping", "incident", "indicator", "campaign", "intrusion-set", "threat-actor", "malware")
_LAST: Final = ("location", "identity", "sighting", "relationship")
_UNREAD: Final = frozenset(("marking-definition", "extension-definition", "language-content"))

_TEXTS: Final = (
    "description",
    "abstract",
    "content",
    "opinion",
    "explanation",
    "pattern",
    "value",
    "contact_information",
)
_LISTS: Final = ("aliases", "labels", "authors")
_TIMES: Final = (
    "published",
    "start_time",
    "stop_time",
    "first_seen",
    "last_seen",
    "first_observed",
    "last_observed",
    "valid_from",
    "valid_until",
)
_PLACE: Final = ("street_address", "city", "administrative_area", "country", "region")
_REFS: Final = (
    "source_ref",
    "target_ref",
    "sighting_of_ref",
    "where_sighted_refs",
    "located_at_refs",
    "created_by_ref",
)


def parts(body: Any) -> tuple[Part, ...]:  # noqa: ANN401 - a report's body, given by its kind
    """Return the objects of a report's bundle as they are read, those that tell of an event before those that join."""
    objects = stix.objects(bytes(body.bundle))
    names = {item["id"]: _name(item) for item in objects}
    read = [item for item in objects if item["type"] not in _UNREAD]
    definitions = [item for item in objects if item["type"] == "marking-definition"]
    return tuple(
        Part(item["type"], names[item["id"]], (*_said(item, names), *_marking(item, definitions)))
        for item in sorted(read, key=lambda item: _rank(item["type"]))
    )


def _rank(type_: str) -> int:
    if type_ in _FIRST:
        return _FIRST.index(type_)
    return len(_FIRST) + 1 + _LAST.index(type_) if type_ in _LAST else len(_FIRST)


def _name(item: StixObject) -> str:
    if item["type"] == "location":
        return str(item.get("name") or item.get("administrative_area") or item.get("country") or "")
    return str(item.get("name") or item.get("relationship_type") or "")


def _said(item: StixObject, names: Mapping[str, str]) -> Iterator[tuple[str, str | datetime]]:
    for name in _TEXTS:
        if isinstance(item.get(name), str):
            yield name, item[name]
    for name in _TIMES:
        if name in item:
            yield name, _moment(item[name])
    yield from _where(item)
    for name in _LISTS:
        if name in item:
            yield name, ", ".join(map(str, item[name]))
    if "confidence" in item:
        yield "confidence", f"{item['confidence']}/100"
    for name in _REFS:
        listed = item.get(name, ())
        for ref in [listed] if isinstance(listed, str) else listed:
            yield name.removesuffix("s").removesuffix("_ref"), names.get(ref) or ref


def _where(item: StixObject) -> Iterator[tuple[str, str]]:
    told = [str(item[name]) for name in _PLACE if name in item]
    if told:
        yield "place", ", ".join(told)
    if "latitude" in item and "longitude" in item:
        within = f" ± {item['precision']:g} m" if "precision" in item else ""
        yield "coordinates", f"{item['latitude']}, {item['longitude']}{within}"


def _marking(item: StixObject, definitions: list[StixObject]) -> Iterator[tuple[str, str]]:
    asked = marked([item, *definitions])
    if asked is not None:
        yield "marking", asked


def _moment(time: str) -> datetime:
    """Return a time of the standard's form, to the second: it may have any number of decimals."""
    return datetime.fromisoformat(time[:19]).replace(tzinfo=UTC)
