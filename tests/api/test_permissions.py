"""Who may ask for what: each route names its permission, and answers those whose role has it and nobody else."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from litestar import Litestar
from litestar.handlers import HTTPRouteHandler

from amanat.exchange.caller import COOKIE, Gate
from amanat.exchange.means import begin
from amanat.exchange.route import OPEN
from amanat.officer import account, tokens
from amanat.officer.may import ACTS, NEVER_BY_TOKEN, PERMISSIONS, ROLES, Role
from api.cast import Desk

ANYBODY = {
    ("GET", "/peer/v1/nonce"),
    ("POST", "/peer/v1/exchange"),
    ("GET", "/health/live"),
    ("GET", "/health/ready"),
    ("GET", "/metrics"),
    ("GET", "/api"),
    ("GET", "/api/openapi.json"),
    ("GET", "/api/{path:str}"),
    ("POST", "/api/v1/session"),
    ("GET", "/sign-in"),
    ("POST", "/sign-in"),
    ("GET", "/sign-in/passkey"),
    ("POST", "/sign-in/passkey"),
    ("POST", "/sign-in/language"),
    ("GET", "/static/{name:str}"),
}
"""All that answers who does not say who asks."""


def routes(app: Litestar) -> Iterator[tuple[str, str, HTTPRouteHandler]]:
    """Every method of every path, and what answers it."""
    for route in sorted(app.routes, key=lambda each: each.path):
        for handler in getattr(route, "route_handlers", ()):
            for method in sorted(handler.http_methods - {"HEAD", "OPTIONS"}):
                yield method, route.path, handler


def guarded(desk: Desk) -> list[tuple[str, str, str]]:
    """Method, path and permission of every route that is not open, with something in place of each parameter."""
    return [
        (
            method,
            re.sub(r"\{\w+:int\}", "7", re.sub(r"\{what:str\}", "unlock", re.sub(r"\{\w+:str\}", "none", path))),
            handler.opt["permission"],
        )
        for method, path, handler in routes(desk.node.app)
        if handler.opt["permission"] != OPEN
    ]


def answer(desk: Desk, method: str, path: str, headers: dict[str, str]) -> tuple[int, str]:
    """Status and code of an answer, of which no more than that is read: some never end.

    A page leads who is not signed in to where one signs in, which is its way of saying 401.
    """
    with desk.http.stream(method, path, headers=headers) as response:
        if response.headers.get("location", "").partition("?")[0] == "/sign-in" and (
            method == "GET" or "cookie" not in headers
        ):
            return 401, "sign-in"
        if response.status_code < 400:
            return response.status_code, ""
        response.read()
        if response.headers["content-type"].startswith("text/html"):
            page = re.search(r"<small><bdi[^>]*>(.*?)</bdi></small>", response.text)
            return response.status_code, page[1] if page else ""
        return response.status_code, response.json()["code"]


def test_every_route_names_a_permission_that_there_is(pk: Desk) -> None:
    for method, path, handler in routes(pk.node.app):
        permission = handler.opt.get("permission")
        assert permission == OPEN or permission in PERMISSIONS, f"{method} {path}"
        act = handler.opt.get("act")
        assert act is None or ACTS[act] == permission, f"{method} {path}"


def test_nobody_is_open_to_all_but_what_is_listed(pk: Desk) -> None:
    assert {
        (method, path) for method, path, handler in routes(pk.node.app) if handler.opt["permission"] == OPEN
    } == ANYBODY


def test_another_sites_page_is_told_by_no_route_that_it_may_ask(pk: Desk) -> None:
    assert {answer(pk, "OPTIONS", path, {"origin": "https://evil.example"}) for _, path, _ in guarded(pk)} == {
        (405, "http"),
        (405, "page.method"),
    }


def test_who_did_not_say_who_asks_is_answered_nothing(pk: Desk) -> None:
    answers = {answer(pk, method, path, {}) for method, path, _ in guarded(pk)}
    assert answers == {(401, "session.none"), (401, "sign-in")}


@pytest.mark.parametrize("role", ROLES)
def test_a_role_is_answered_where_the_table_says_so_and_nowhere_else(pk: Desk, role: Role) -> None:
    wrong = []
    for method, path, permission in guarded(pk):
        status, code = answer(pk, method, path, pk.session(role))
        allowed = (status, code) != (403, "officer.forbidden")
        asks = (status, code) == (401, "session.wrong")  # the own password once more
        if (status in (401, 429, 500) and not asks) or allowed != (role in PERMISSIONS[permission]):
            wrong.append((method, path, permission, status, code))
    assert wrong == []


@pytest.mark.parametrize("role", ROLES)
def test_a_token_does_what_its_officer_may_but_for_accounts_and_tokens(pk: Desk, role: Role) -> None:
    headers, wrong = pk.token(role), []
    for method, path, permission in guarded(pk):
        status, code = answer(pk, method, path, headers)
        allowed = status != 403 or code not in ("officer.forbidden", "officer.scope")
        if allowed != (role in PERMISSIONS[permission] and permission not in NEVER_BY_TOKEN):
            wrong.append((method, path, permission, status, code))
    assert wrong == []


def test_a_token_is_for_its_scope(pk: Desk) -> None:
    headers = pk.token("duty", "compact.read")
    assert answer(pk, "GET", "/api/v1/compacts", headers) == (200, "")
    assert answer(pk, "GET", "/api/v1/records", headers) == (403, "officer.scope")


@pytest.mark.parametrize("shown", ["Bearer", "Bearer amanat_1_x", "Basic eDp5", "amanat_1_", "Bearer \u00ff" * 3])
def test_what_is_no_token_opens_nothing(pk: Desk, shown: str) -> None:
    headers: Any = {"authorization": shown.encode("latin-1")} | {"cookie": pk.session("duty")["cookie"]}
    assert answer(pk, "GET", "/api/v1/records", headers) == (401, "token.refused")


def test_a_revoked_token_opens_nothing_at_any_route(pk: Desk) -> None:
    headers, number = pk.new_token("duty")
    assert answer(pk, "GET", "/api/v1/records", headers) == (200, "")
    with begin(pk.side.means) as turn:
        tokens.revoke(turn.tx, number, turn.now)
    gate: Gate = pk.node.app.state.gate
    answered = set()
    for method, path, _ in guarded(pk):
        gate.unknown.left.clear()  # there are more routes than one may ask in vain at once
        answered.add(answer(pk, method, path, headers))
    assert answered == {
        (401, "token.refused"),
        (401, "sign-in"),
    }


@pytest.mark.parametrize("shown", [{"authorization": "Bearer amanat_1_x"}, {"cookie": f"{COOKIE}={'A' * 43}"}], ids=str)
def test_who_shows_too_often_what_is_nobodys_waits_and_no_officer_at_that_address_does(
    pk: Desk, shown: dict[str, str]
) -> None:
    gate: Gate = pk.node.app.state.gate
    gate.unknown.left["127.0.0.1"] = (-1000.0, gate.unknown.seconds())
    assert answer(pk, "GET", "/api/v1/peers", shown) == (429, "rate.exceeded")
    assert answer(pk, "POST", "/api/v1/records", shown) == (429, "rate.exceeded")
    assert answer(pk, "GET", "/api/v1/peers", pk.token("auditor")) == (200, "")
    assert answer(pk, "GET", "/api/v1/peers", pk.session("auditor")) == (200, "")
    assert answer(pk, "GET", "/api/v1/peers", {}) == (401, "session.none")
    gate.unknown.left.clear()
    assert answer(pk, "GET", "/api/v1/peers", shown)[0] == 401
    assert gate.unknown.left["127.0.0.1"][0] == gate.unknown.burst - 1


def test_who_was_disabled_is_out_at_once(pk: Desk) -> None:
    session, token = pk.session("observer"), pk.token("observer")
    observer = pk.officer("observer").id
    with begin(pk.side.means) as turn:
        account.disable(turn.tx, observer, turn.now)
    assert answer(pk, "GET", "/api/v1/records", session) == (401, "session.over")
    assert answer(pk, "GET", "/api/v1/records", token) == (401, "token.refused")
    with begin(pk.side.means) as turn:
        account.enable(turn.tx, observer)


def test_a_session_changes_nothing_without_the_word_of_its_page(pk: Desk) -> None:
    session = pk.session("duty")
    for word in ("", "0" * 64, pk.session("duty")["x-amanat-form"]):
        assert answer(pk, "POST", "/api/v1/records", session | {"x-amanat-form": word}) == (403, "form.word")
    assert answer(pk, "GET", "/api/v1/records", {"cookie": session["cookie"]}) == (200, "")


def test_who_asks_too_often_waits_and_keeps_nobody_else_from_being_answered(pk: Desk) -> None:
    headers = pk.token("operator")
    gate: Gate = pk.node.app.state.gate
    officer = str(pk.officer("operator").id)
    gate.rate.left[officer] = (-1000.0, gate.rate.seconds())
    assert answer(pk, "GET", "/api/v1/peers", headers) == (429, "rate.exceeded")
    assert answer(pk, "GET", "/api/v1/peers", pk.token("auditor")) == (200, "")
    gate.rate.left.pop(officer)
    assert answer(pk, "GET", "/api/v1/peers", headers) == (200, "")
