"""The strictest TLP in a bundle, wherever and however it is written."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amanat.record.handling import STRICTNESS
from amanat.workspaces.intelligence.tests.bundles import INCIDENT, facts, ref, stix

RED = "marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed"
RED_2 = "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1"
CLEAR_2 = "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487"


def marking(number: int, **said: Any) -> dict[str, Any]:
    item = stix("marking-definition", number, **said)
    del item["modified"]
    return item


TLP_2 = "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d"
STATEMENT = marking(6, definition_type="statement", definition={"statement": "Copyright of nobody (exercise)"})


@pytest.mark.parametrize(
    "objects",
    [
        pytest.param([INCIDENT | {"object_marking_refs": [RED]}], id="TLP 1.0's id"),
        pytest.param([INCIDENT | {"object_marking_refs": [RED_2]}], id="TLP 2.0's id"),
        pytest.param(
            [INCIDENT | {"object_marking_refs": [RED.upper().replace("MARKING-DEFINITION", "marking-definition")]}],
            id="in capitals",
        ),
        pytest.param(
            [INCIDENT | {"granular_markings": [{"marking_ref": RED, "selectors": ["name"]}]}], id="a granular marking"
        ),
        pytest.param([INCIDENT | {"x_acme": {"handling": [RED_2]}}], id="a marking in a custom property"),
        pytest.param([INCIDENT | {"object_marking_refs": [ref("marking-definition", 9)]}], id="an id nobody knows"),
        pytest.param(
            [STATEMENT | {"id": CLEAR_2, "name": "TLP:RED"}, INCIDENT | {"object_marking_refs": [CLEAR_2]}],
            id="a known id defined anew",
        ),
        pytest.param([STATEMENT | {"object_marking_refs": [RED]}, INCIDENT], id="the marking of a marking"),
        pytest.param(
            [
                marking(7, definition_type="acme", definition={"level": "secret"}),
                INCIDENT | {"object_marking_refs": [ref("marking-definition", 7)]},
            ],
            id="a definition nobody understands",
        ),
        pytest.param(
            [
                marking(7, definition_type="tlp", definition={"tlp": "Red"}),
                INCIDENT | {"object_marking_refs": [ref("marking-definition", 7)]},
            ],
            id="TLP under an id of one's own",
        ),
        pytest.param(
            [
                marking(7, extensions={TLP_2: {"extension_type": "property-extension", "tlp_2_0": "red"}}),
                INCIDENT | {"object_marking_refs": [ref("marking-definition", 7)]},
            ],
            id="TLP 2.0 under an id of one's own",
        ),
        pytest.param(
            [
                marking(7, extensions={TLP_2: {"extension_type": "property-extension", "tlp_2_0": "ultraviolet"}}),
                INCIDENT | {"object_marking_refs": [ref("marking-definition", 7)]},
            ],
            id="a colour nobody knows",
        ),
        pytest.param([INCIDENT | {"labels": ["TLP:RED"]}], id="a label"),
        pytest.param([INCIDENT | {"labels": ['misp:tlp="red"']}], id="a machine tag"),
        pytest.param(
            [INCIDENT | {"labels": ["tlp:red".translate({letter: letter + 0xFEE0 for letter in range(33, 127)})]}],
            id="a label in wide letters",
        ),
        pytest.param([INCIDENT | {"labels": ["tlp\u200b:red"]}], id="a label with an invisible letter"),
        pytest.param([INCIDENT | {"labels": ["TL\x00P:RE\x07D"]}], id="a label with control characters"),
        pytest.param([INCIDENT | {"x_acme_tlp": "red"}], id="a custom property"),
        pytest.param([INCIDENT | {"x_acme": {"TLP": "Red"}}], id="a custom property, deeper"),
        pytest.param(
            [INCIDENT | {"extensions": {TLP_2: {"extension_type": "property-extension", "tlp_2_0": "red"}}}],
            id="the extension on another object",
        ),
        pytest.param([INCIDENT | {"description": "Not to leave the room: TLP RED."}], id="words"),
    ],
)
def test_tlp_red_is_found_wherever_it_is_written(objects: list[dict[str, Any]]) -> None:
    assert facts(*objects).marked == "TLP:RED"


@given(st.lists(st.sampled_from(sorted(STRICTNESS)), min_size=1, max_size=4))
def test_the_strictest_of_many_markings_counts(colours: list[Any]) -> None:
    objects = [
        INCIDENT | {"id": ref("incident", place), "labels": [tlp.lower()]} for place, tlp in enumerate(colours, 10)
    ]
    assert facts(*objects).marked == max(colours, key=STRICTNESS.__getitem__)


def test_a_definition_that_nothing_refers_to_marks_nothing() -> None:
    """Tools put all of TLP's definitions into every bundle."""
    assert facts(STATEMENT | {"id": RED, "name": "TLP:RED"}, INCIDENT).marked is None


def test_a_statement_is_for_people_and_marks_nothing() -> None:
    assert facts(STATEMENT, INCIDENT | {"object_marking_refs": [STATEMENT["id"]]}).marked is None


def test_a_definition_is_found_in_whatever_case_its_id_is_written() -> None:
    capitals = ref("marking-definition", 0xABC).replace("0000", "ABCD", 1)
    shown = STATEMENT | {"id": capitals.lower()}
    assert facts(shown, INCIDENT | {"object_marking_refs": [f"marking-definition{capitals[18:]}"]}).marked is None


def test_a_well_known_id_asks_what_it_is_known_for() -> None:
    assert facts(INCIDENT | {"object_marking_refs": [CLEAR_2]}).marked == "TLP:CLEAR"


def test_tlp_1_white_is_tlp_2_clear() -> None:
    assert facts(INCIDENT | {"labels": ["tlp:white"]}).marked == "TLP:CLEAR"
