"""Invented STIX objects, and what becomes of them: the bundle, its body, its record, its facts.

Law: persons and groups here are invented, and say that they are an exercise.
"""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from hypothesis import strategies as st

from amanat.record.handling import CustodyRisk, Grading, Handling
from amanat.record.kind import Facts, Kinds
from amanat.record.record import Draft, Post, Record, Ref, compose, uuid7
from amanat.workspaces.intelligence import WORKSPACE
from amanat.workspaces.intelligence.kinds import REPORT, Report

STAMP = "2026-11-24T06:30:00.000Z"
NOW = datetime(2026, 11, 24, 6, 30, tzinfo=UTC)
KINDS = Kinds(WORKSPACE.kinds)
HANDLING = Handling(
    tlp="TLP:RED",
    purpose="counter-terrorism",
    legal_basis="duty-to-warn",
    grading=Grading("4x4", "B", "2"),
    expires=NOW + timedelta(days=30),
    custody_risk=CustodyRisk("low", "none", not_obtained_by_torture=True, basis="an exercise"),
)


def stix(type_: str, number: int = 1, **properties: Any) -> dict[str, Any]:
    """One object with what every STIX object has."""
    return {
        "type": type_,
        "spec_version": "2.1",
        "id": ref(type_, number),
        "created": STAMP,
        "modified": STAMP,
        **properties,
    }


def ref(type_: str, number: int = 1) -> str:
    return f"{type_}--00000000-0000-4000-8000-{number:012}"


def tie(number: int, source: str, relation: str, target: str, **properties: Any) -> dict[str, Any]:
    return stix("relationship", number, source_ref=source, relationship_type=relation, target_ref=target, **properties)


def bundle(*objects: dict[str, Any]) -> bytes:
    whole = {"type": "bundle", "id": ref("bundle", 0), "objects": list(objects)}
    return json.dumps(whole, indent=1, ensure_ascii=False).encode()


def facts(*objects: dict[str, Any]) -> Facts:
    """What the floors are told of a bundle of these objects, which must be good STIX."""
    return REPORT.facts(Report(msgspec.Raw(bundle(*objects))))


def record(number: int, data: bytes, *, supersedes: int | None = None, party: str = "pk", **handling: Any) -> Record:
    """Report `number` of a party, so many minutes after the first."""
    refs = () if supersedes is None else (Ref("supersedes", party, id_of(supersedes)),)
    draft = Draft(
        kind=REPORT.label,
        body=Report(msgspec.Raw(data)),
        audience=("af" if party == "pk" else "pk",),
        handling=msgspec.structs.replace(HANDLING, **handling),
        compact="0" * 64,
        refs=refs,
        exercise=True,
    )
    return compose(draft, Post(party, "duty"), KINDS, id_of(number), NOW + timedelta(minutes=number))


def id_of(number: int) -> str:
    return uuid7(1_764_000_000_000 + number, number.to_bytes(10, "big"))


EXTENSION = "extension-definition--00000000-0000-4000-8000-000000000009"

GROUP = stix("intrusion-set", 1, name="An invented group (exercise)")
PLACE = stix("location", 2, latitude=34.1234, longitude=71.5678, country="PK")
PERSON = stix("identity", 3, name="A. Example (exercise)", identity_class="individual")
ORGANISATION = stix("identity", 4, name="An invented service (exercise)", identity_class="organization")
INCIDENT = stix("incident", 5, name="Mortar fire near the line (exercise)")


def hidden(data: Any) -> st.SearchStrategy[dict[str, Any]]:
    """An incident in which `data` stands somewhere: deep in a custom property, an extension, a text of JSON."""
    names = st.from_regex(r"x_[a-z]{2,5}", fullmatch=True)

    def wrap(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
        return st.one_of(
            inner.map(lambda one: [one]),
            inner.map(lambda one: {"zz": one}),
            inner.map(lambda one: [{"a": "b"}, {"c": one}]),
        )

    deep = st.recursive(st.just(data), wrap, max_leaves=4)
    ways = [
        lambda name, one: INCIDENT | {name: one},
        lambda name, one: INCIDENT | {name: json.dumps(one)},
        lambda name, one: INCIDENT | {name: json.dumps({"zz": json.dumps(one)})},
        lambda _, one: INCIDENT | {"extensions": {EXTENSION: {"extension_type": "property-extension", "zz": one}}},
        lambda name, one: tie(7, INCIDENT["id"], "related-to", GROUP["id"], **{name: one}),
        lambda _, one: stix("language-content", 7, object_ref=INCIDENT["id"], contents={"ps": {"zz": one}}),
        lambda _, one: stix("x-acme-thing", 7, zz=one),
    ]
    return st.builds(lambda way, name, one: way(name, one), st.sampled_from(ways), names, deep)
