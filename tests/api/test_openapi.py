"""What /api says of the API is so: whatever a request holds, the answer is one that is described, and never a fault."""

import re
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
import schemathesis
from hypothesis import given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from amanat import node
from amanat.exchange.caller import Gate
from amanat.exchange.route import OPEN
from amanat.officer.may import PERMISSIONS, ROLES, Role
from amanat.record.handling import Handling, over
from api.cast import Desk
from api.test_permissions import routes
from officer.cast import CHEAP

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]


@pytest.fixture(scope="module")
def described(pk: Desk) -> Iterator[schemathesis.BaseSchema]:
    """What a node says of itself; its officers ask as often as they like."""
    gate: Gate = pk.node.app.state.gate
    gate.rate.burst = 1e9
    gate.rate.left.clear()
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(node, "COST", CHEAP)
        yield schemathesis.openapi.from_url(f"{pk.node.url}/api").exclude(path="/api/v1/events")


def role_for(desk: Desk, method: str, path: str) -> Role | None:
    """A role that may ask for this; None where anybody may."""
    for each, template, handler in routes(desk.node.app):
        if (each, template.replace(":str}", "}").replace(":int}", "}")) == (method, path):
            permission = handler.opt["permission"]
            return None if permission == OPEN else next(role for role in ROLES if role in PERMISSIONS[permission])
    raise AssertionError(path)


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
def test_every_answer_is_one_that_is_described(
    described: schemathesis.BaseSchema, pk: Desk, mode: GenerationMode
) -> None:
    """Of each route a few requests that it allows, and a few that it forbids."""
    for found in described.get_all_operations():
        assert isinstance(found, Ok)
        operation = found.ok()
        role = role_for(pk, operation.method.upper(), operation.path)

        @given(case=operation.as_strategy(generation_mode=mode))
        @settings(max_examples=4, deadline=None)
        def ask(case: schemathesis.Case[Any]) -> None:
            case.call_and_validate(headers=pk.session(role) if role else {}, checks=CHECKS)

        with suppress(Unsatisfiable):  # a route that takes nothing forbids nothing
            ask()


def test_every_route_of_the_api_is_described_and_says_what_it_is(pk: Desk) -> None:
    described = pk.http.get("/api").json()
    assert described["openapi"].startswith("3.")
    operations = {
        (method.upper(), path): said for path, methods in described["paths"].items() for method, said in methods.items()
    }
    for method, path, _ in routes(pk.node.app):
        if path.startswith("/api/v1"):
            said = operations.pop((method, path.replace(":str}", "}").replace(":int}", "}")))
            assert said["description"]
            assert said["tags"]
    assert operations == {}


def test_what_is_described_has_plain_names_and_a_form_says_what_may_stand_in_it(pk: Desk) -> None:
    components = pk.http.get("/api").json()["components"]["schemas"]
    assert [name for name in components if not name.isalnum()] == []
    handling = components["Asked"]["properties"]["handling"]
    assert set(Handling.__struct_fields__) <= set(re.findall(r"\w+", handling["description"]))
    (example,) = handling["examples"]
    assert over(Handling(tlp="TLP:RED", purpose="crime"), example).tlp == "TLP:AMBER"
