"""STIX 2.1 reports for the demo, made from public incidents and public descriptions of groups; always the same bytes.

Law: no person but an invented one, in a report that says it is an exercise; no place of a group closer than 10 km.
"""

import csv
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from typing import Any, Literal
from uuid import UUID, uuid5

import msgspec

NAMESPACE = UUID("6d0a7a52-9f4c-5b0e-8a64-0f1c0b6a2d11")
WRITTEN = "2026-11-01T06:00:00.000Z"
COUNTRIES = {"pk": "PK", "af": "AF"}
PRECISION_METRES = 12_000
SENT = 6

Stix = dict[str, Any]


class Group(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A public description of a group, as data/groups.json holds it."""

    side: str
    name: str
    uuid: str
    description: str
    aliases: tuple[str, ...]
    references: tuple[str, ...]


@lru_cache(maxsize=2)
def reports(side: Literal["pk", "af"]) -> tuple[bytes, ...]:
    """Return one side's reports as STIX bundles.

    Six are on incidents, one describes a group, and the last is an exercise naming an invented person.
    """
    data = files("amanat.demo").joinpath("data")
    rows = csv.DictReader(data.joinpath("incidents.csv").read_text("utf-8").splitlines())
    events = [row for row in rows if row["side"] == side]
    groups = msgspec.json.decode(data.joinpath("groups.json").read_bytes(), type=list[Group])
    return (
        *(_on_incident(row) for row in events[:: len(events) // SENT][:SENT]),
        *(_on_group(group) for group in groups if group.side == side),
        _exercise(side),
    )


def _on_incident(row: Mapping[str, str]) -> bytes:
    key = f"ucdp/{row['event']}"
    group = _object("threat-actor", row["group"], name=row["group"], resource_level="organization")
    place = _place(key, row)
    name = f"{row['group']}, {row['area'] or 'near the line'}, {row['date']}"
    source = {"source_name": "UCDP GED (CC BY 4.0)", "external_id": row["event"]}
    incident = _object("incident", key, name=name, description=_told(row), external_references=[source])
    tied = [
        _relationship(key, incident, "related-to", group),
        _relationship(key, incident, "related-to", place),
    ]
    return _bundle(key, name, row["date"], [incident, group, place, *tied])


def _on_group(group: Group) -> bytes:
    sources = [{"source_name": "MISP galaxy, threat actors (CC0)", "external_id": group.uuid}]
    sources += [{"source_name": "public report", "url": url} for url in group.references]
    optional = {"aliases": group.aliases} if group.aliases else {}
    described = _object(
        "threat-actor",
        f"galaxy/{group.uuid}",
        name=group.name,
        description=group.description,
        resource_level="organization",
        external_references=sources,
        **optional,
    )
    return _bundle(f"galaxy/{group.uuid}", f"{group.name}: what is known in public", WRITTEN[:10], [described])


def _exercise(side: str) -> bytes:
    key = f"exercise/{side}"
    name = "EXERCISE: a report that names a person, invented"
    who = _object(
        "identity", key, name="Example Person One (invented)", identity_class="individual", labels=["exercise"]
    )
    place = _object("location", key, name="somewhere on our side (exercise)", country=COUNTRIES[side])
    return _bundle(key, name, "2026-11-01", [who, place, _relationship(key, who, "located-at", place)])


def _told(row: Mapping[str, str]) -> str:
    return f"Armed incident with {row['against']}; dead, by the best estimate: {row['deaths']}. Public data, retold."


def _place(key: str, row: Mapping[str, str]) -> Stix:
    return _object(
        "location",
        key,
        name=row["area"] or "near the line",
        country=COUNTRIES[row["side"]],
        latitude=float(row["latitude"]),
        longitude=float(row["longitude"]),
        precision=PRECISION_METRES,
    )


def _bundle(key: str, name: str, date: str, objects: list[Stix]) -> bytes:
    report = _object(
        "report", key, name=name, published=f"{date}T00:00:00.000Z", object_refs=[item["id"] for item in objects]
    )
    made = {"type": "bundle", "id": _id("bundle", key), "objects": [report, *objects]}
    return msgspec.json.encode(made)


def _relationship(key: str, source: Stix, how: str, target: Stix) -> Stix:
    ends = {"relationship_type": how, "source_ref": source["id"], "target_ref": target["id"]}
    return _object("relationship", f"{key}/{target['id']}", **ends)


def _object(type_: str, key: str, **properties: Any) -> Stix:  # noqa: ANN401 - STIX properties
    dates = {"spec_version": "2.1", "id": _id(type_, key), "created": WRITTEN, "modified": WRITTEN}
    return {"type": type_, **dates, **properties}


def _id(type_: str, key: str) -> str:
    return f"{type_}--{uuid5(NAMESPACE, f'{type_}/{key}')}"
