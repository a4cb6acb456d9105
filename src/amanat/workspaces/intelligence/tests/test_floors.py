"""From the bundle's bytes to the floor's no: what each floor that a report can break says of one that does."""

from importlib.resources import files
from typing import Any

import pytest

from amanat.compact import floors, terms
from amanat.party.errors import Refused
from amanat.workspaces.intelligence.tests.bundles import GROUP, INCIDENT, PERSON, PLACE, bundle, record

TERMS = terms.parse(files("amanat.compact").joinpath("examples", "pk-af.toml").read_bytes())
PLAIN: dict[str, Any] = {"legal_basis": None, "grading": None, "expires": None, "custody_risk": None}


def refused_by(*objects: dict[str, Any], **handling: Any) -> str | None:
    """The floor that keeps this report of pk's from af, or None."""
    try:
        floors.keep(record(1, bundle(*objects), **handling), TERMS, {})
    except Refused as refusal:
        return refusal.by
    return None


def test_a_report_that_keeps_the_floors_passes() -> None:
    assert refused_by(PERSON, INCIDENT) is None
    assert refused_by(GROUP, INCIDENT, **PLAIN) is None
    assert refused_by(GROUP, PLACE | {"country": "AF"}, **PLAIN) is None


@pytest.mark.parametrize(
    ("objects", "handling", "floor"),
    [
        pytest.param([PERSON], {"legal_basis": None}, "floor 2", id="a person on no legal basis"),
        pytest.param([INCIDENT | {"x_suspects": ["A. Example"]}], {"expires": None}, "floor 2", id="one for ever"),
        pytest.param([GROUP, PLACE], PLAIN, "floor 6", id="a group's place on the sender's own soil"),
        pytest.param([PERSON, INCIDENT | {"x_at": "34.1234, 71.5678"}], {}, "floor 6", id="a place in a text"),
        pytest.param(
            [INCIDENT | {"labels": ["tlp:red"]}], {"tlp": "TLP:AMBER"}, "floor 8", id="red inside, amber outside"
        ),
        pytest.param([INCIDENT | {"x_acme_religion": "x"}], {}, "floor 10", id="what nobody may be judged by"),
        pytest.param([PERSON], {"custody_risk": None}, "floor 12", id="a person without the risk of custody"),
    ],
)
def test_a_report_that_breaks_a_floor_is_refused_by_it(
    objects: list[dict[str, Any]], handling: dict[str, Any], floor: str
) -> None:
    assert refused_by(*objects, **handling) == floor
