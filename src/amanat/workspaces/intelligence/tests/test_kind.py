"""Intelligence reports: STIX 2.1 kept byte for byte, and its facts read from the bundle itself."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from amanat.party.canonical import decode, encode
from amanat.party.errors import Invalid
from amanat.workspaces.intelligence.importers import read_stix
from amanat.workspaces.intelligence.kinds import REPORT, Report

STAMP = "2026-11-24T06:30:00.000Z"


def stix(type_: str, number: int, **properties: Any) -> dict[str, Any]:
    """One object with what every STIX object has."""
    id_ = f"{type_}--00000000-0000-4000-8000-{number:012}"
    return {"type": type_, "spec_version": "2.1", "id": id_, "created": STAMP, "modified": STAMP, **properties}


def bundle(*objects: dict[str, Any]) -> bytes:
    whole = {"type": "bundle", "id": "bundle--00000000-0000-4000-8000-000000000000", "objects": list(objects)}
    return json.dumps(whole, indent=1).encode()


def facts(*objects: dict[str, Any]) -> Any:
    return REPORT.facts(Report(msgspec.Raw(bundle(*objects))))


GROUP = stix("intrusion-set", 1, name="An invented group (exercise)")
PLACE = stix("location", 2, latitude=34.1, longitude=71.1, country="PK")
PERSON = stix("identity", 3, name="A. Example (exercise)", identity_class="individual")


def test_the_example_reads_back_byte_for_byte() -> None:
    for example in REPORT.examples:
        data = encode(example)
        assert encode(decode(data, Report, "report")) == data
        assert bytes(decode(data, Report, "report").bundle) == bytes(example.bundle)


@given(
    st.dictionaries(st.from_regex(r"x_[a-z]{3,10}", fullmatch=True), st.integers() | st.text(max_size=9), max_size=4)
)
def test_custom_properties_and_white_space_are_kept(properties: dict[str, Any]) -> None:
    data = bundle(stix("intrusion-set", 1, name="An invented group (exercise)", **properties))
    ((label, body),) = read_stix(b"\n" + data + b" \n")
    assert label == "intelligence.report/1"
    assert bytes(decode(encode(body), Report, "report").bundle) == data


def test_an_individual_is_a_person() -> None:
    assert facts(PERSON).names_person
    assert not facts(GROUP).names_person


def test_beside_a_group_every_precise_place_counts_as_the_groups() -> None:
    """Even without a relationship: leaving it out opens no way round floor 6."""
    (place,) = facts(GROUP, PLACE).places
    assert place.country == "PK"
    assert place.metres < 10_000


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{}",
        b'{"type":"bundle"',
        bundle({"type": "intrusion-set"}),
        bundle(stix("intrusion-set", 1)),
        bundle(stix("identity", 1, name="x", identity_class="individual", modified="yesterday")),
        b'{"type":"bundle","type":"bundle","id":"bundle--00000000-0000-4000-8000-000000000000"}',
    ],
)
def test_what_is_not_stix_is_refused(data: bytes) -> None:
    with pytest.raises(Invalid):
        REPORT.facts(read_stix(data)[0][1])
