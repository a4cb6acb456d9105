"""Who a bundle names, and by what nobody may be judged, hidden as the sending side's clever officer would hide it.

Law: each test hides what stands in the bundle as data; what stands only in prose is not seen (`test_places.py`).
"""

from time import perf_counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amanat.workspaces.intelligence.tests.bundles import (
    GROUP,
    INCIDENT,
    ORGANISATION,
    PERSON,
    PLACE,
    facts,
    hidden,
    ref,
    stix,
    tie,
)


@pytest.mark.parametrize(
    "objects",
    [
        pytest.param([PERSON], id="an individual"),
        pytest.param([stix("identity", name="A. Example")], id="an identity of no class"),
        pytest.param([PERSON | {"identity_class": "Group "}], id="a class nobody knows"),
        pytest.param([stix("threat-actor", name="A. Example")], id="a threat actor of no level"),
        pytest.param([stix("threat-actor", name="A. Example", resource_level="individual")], id="one of one person"),
        pytest.param([stix("x-acme-fighter", name="A. Example")], id="a custom type"),
        pytest.param([stix("x-mitre-suspect", name="A. Example")], id="a custom type that sounds known"),
        pytest.param(
            [{"type": "acme-thing", "id": ref("acme-thing"), "value": "A. Example"}], id="a custom observable"
        ),
        pytest.param([{"type": "user-account", "id": ref("user-account"), "user_id": "a"}], id="an account"),
        pytest.param(
            [{"type": "email-addr", "id": ref("email-addr"), "value": "a@example.org", "display_name": "A. Example"}],
            id="an address with a name",
        ),
        pytest.param(
            [
                stix(
                    "observed-data",
                    first_observed="2026-11-24T06:30:00Z",
                    last_observed="2026-11-24T06:30:00Z",
                    number_observed=1,
                    objects={"0": {"type": "user-account", "user_id": "a"}},
                )
            ],
            id="an account embedded in observed data",
        ),
        pytest.param(
            [stix("note", content="Seen.", authors=["A. Example"], object_refs=[INCIDENT["id"]]), INCIDENT],
            id="the author of a note",
        ),
        pytest.param(
            [stix("opinion", opinion="agree", authors=["A. Example"], object_refs=[INCIDENT["id"]]), INCIDENT],
            id="the author of an opinion",
        ),
        pytest.param(
            [stix("language-content", object_ref=ref("identity", 9), contents={"ur": {"name": "مثال"}})],
            id="the translated name of somebody elsewhere",
        ),
        pytest.param([INCIDENT, tie(6, ref("identity", 9), "related-to", INCIDENT["id"])], id="a reference elsewhere"),
        pytest.param([INCIDENT | {"x_about": ref("identity", 9)}], id="a reference in a custom property"),
        pytest.param([INCIDENT | {"x_about": [{"a": ref("x-acme-man", 9)}]}], id="a reference to a custom type"),
    ],
)
def test_what_may_be_a_person_is_one(objects: list[dict[str, Any]]) -> None:
    assert facts(*objects).names_person


@pytest.mark.parametrize(
    "pattern",
    [
        "[user-account:display_name = 'A. Example']",
        "[user-account : user_id = '1']",
        "[user-account:'credential' = '1']",
        "[user-account\u200b:user_id = '1']",
        "[email-message:from_ref.display_name = 'A. Example']",
        "[identity:name = 'A. Example']",
        "[x-acme-man:name = 'A. Example']",
    ],
)
def test_a_pattern_that_looks_for_a_person_names_one(pattern: str) -> None:
    indicator = stix("indicator", pattern=pattern, pattern_type="stix", valid_from="2026-11-24T06:30:00Z")
    assert facts(indicator).names_person


PERSONAL = [
    {"passport_number": "X1"},
    {"x_acme_fatherName": "B."},
    {"DateOfBirth": "2000-01-01"},
    {"national-id": "1"},
    {"object_relation": "first-name", "type": "text", "value": "A."},
    {"key": "CNIC", "value": "1"},
    {"name": "Tazkira", "values": ["1"]},
    {"wanted_suspects": ["A. Example"]},
]


@given(st.sampled_from(PERSONAL).flatmap(hidden))
def test_what_only_a_person_has_is_found_wherever_it_stands(item: dict[str, Any]) -> None:
    assert facts(INCIDENT | {"id": ref("incident", 8)}, item).names_person


def test_groups_organisations_and_things_are_no_persons() -> None:
    things = [
        GROUP,
        ORGANISATION,
        INCIDENT,
        PLACE,
        stix("malware", 6, is_family=True, name="An invented family"),
        stix("threat-actor", 7, name="An invented group (exercise)", resource_level="organization"),
        stix("x-mitre-tactic", 8, name="Initial access"),
        {"type": "email-addr", "id": ref("email-addr"), "value": "a@example.org"},
        {"type": "user-account", "id": ref("user-account"), "user_id": "backup", "is_service_account": True},
    ]
    known = stix("grouping", 9, context="suspicious-activity", object_refs=[thing["id"] for thing in things])
    assert not facts(*things, known).names_person


def test_who_made_an_object_is_not_named_by_it() -> None:
    """Else every report of a service that does not introduce itself anew would count as naming a person."""
    assert not facts(INCIDENT | {"created_by_ref": ref("identity", 9)}).names_person


PROTECTED = [
    {"religion": "x"},
    {"x_acme_motherTribe": "x"},
    {"Ethnic-Group": "x"},
    {"object_relation": "religion", "value": "x"},
    {"key": "Sect", "value": "x"},
    {"labels": ['person:tribe="x"']},
]


@given(st.sampled_from(PROTECTED).flatmap(hidden))
def test_what_nobody_may_be_judged_by_is_found_wherever_it_stands(item: dict[str, Any]) -> None:
    words = {word for name in facts(INCIDENT | {"id": ref("incident", 8)}, item).attributes for word in name.split("_")}
    assert words & {"religion", "tribe", "ethnic", "sect"}


SHORT_WORDS = {"_".join("q" * 110) + "_" + "_".join(f"{number:05}"): 1 for number in range(8_000)}
LONG_STATEMENT = stix(
    "marking-definition", 6, definition_type="statement", definition={"statement": ["tlp "] * 125_000}
)
del LONG_STATEMENT["modified"]


@pytest.mark.parametrize(
    "item",
    [
        pytest.param(
            INCIDENT | {"x_text": '{"' + "a_" * 1_000_000 + '": 1}'}, id="a name of a million words in a text"
        ),
        pytest.param(INCIDENT | {"labels": ["a_" * 1_000_000 + "=1"]}, id="a tag of a million words"),
        pytest.param(INCIDENT | {"x_text": {"key": "a_" * 1_000_000, "value": 1}}, id="a label of a million words"),
        pytest.param(INCIDENT | {"x_text": "[" * 2_000_000}, id="a text that opens two million lists"),
        pytest.param(INCIDENT | {"x_text": "34.12 " * 300_000}, id="three hundred thousand numbers"),
        pytest.param(INCIDENT | {"x_text": "1234N" + " " * 2_000_000}, id="a coordinate that never comes"),
        pytest.param(INCIDENT | {"x_text": "a-" * 1_000_000 + "-1"}, id="an identifier that never comes"),
        pytest.param(INCIDENT | {"x_names": SHORT_WORDS}, id="eight thousand names of a hundred words"),
        pytest.param(
            INCIDENT | {"object_marking_refs": [LONG_STATEMENT["id"]] * 15_000},
            id="a long definition referred to fifteen thousand times",
        ),
        pytest.param(
            INCIDENT | {"x_tagged": {"labels": ["tlp=red"] * 90_000, "value": "red" * 300_000}},
            id="ninety thousand tags beside a long value",
        ),
        pytest.param(INCIDENT | {"x_text": "a" + "\u0315\u0300" * 500_000}, id="a letter with a million marks"),
        pytest.param(INCIDENT | {"x_text": "\u0315\uff9e" * 400_000}, id="marks that become marks"),
    ],
)
def test_what_is_made_to_keep_a_node_busy_is_read_in_seconds(item: dict[str, Any]) -> None:
    """Two megabytes each; what grew with the square of them would take minutes, and some of it hours."""
    started = perf_counter()
    facts(GROUP, LONG_STATEMENT, item)
    assert perf_counter() - started < 20
