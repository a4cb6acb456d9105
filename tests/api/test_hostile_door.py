"""Strangers, other sites' pages and officers in bad faith at the officers' door: they cost little, and sign nobody in."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack

import httpx
import pytest

from amanat.exchange import route
from amanat.exchange.caller import COOKIE, Gate, form_word
from amanat.exchange.signing_in import MAX_BYTES
from amanat.party.errors import Invalid
from api.cast import API, Desk
from exchange.test_hostile_wire import opened, status_of, trickle
from officer.cast import SPARE, SPOKEN

PAGE, DOOR = "docs/threat-model.md", "Whoever reaches the officers' door"
FORM = "application/x-www-form-urlencoded"
SIGN_IN = ("/api/v1/session", "/sign-in")


def head(path: str, *fields: str) -> bytes:
    """The head of a request whose body is still to come."""
    return "\r\n".join([f"POST {path} HTTP/1.1", "Host: node", *fields, "", ""]).encode()


@pytest.fixture
def unhurried(pk: Desk) -> Iterator[Gate]:
    """Nobody tried to sign in before."""
    gate: Gate = pk.node.app.state.gate
    gate.signing_in.left.clear()
    yield gate
    gate.signing_in.left.clear()


# --- what a stranger's request costs ----------------------------------------------------------------------------------


@pytest.mark.promised("a form without an end", PAGE, DOOR, "nothing of a body is read but a sign-in")
@pytest.mark.parametrize("path", ["/api/v1/files/a.txt", "/api/v1/records", "/sign-out"])
def test_no_form_of_a_stranger_is_read(pk: Desk, path: str) -> None:
    with opened(pk.node) as connection:
        connection.sendall(
            head(path, f"Cookie: {COOKIE}={'A' * 43}", f"Content-Type: {FORM}", "Content-Length: 1000000000")
        )
        assert status_of(connection) in (401, 303)


@pytest.mark.promised("a form without an end", PAGE, DOOR, "and no form where a file may come")
def test_no_form_is_read_where_a_file_may_come(pk: Desk) -> None:
    cookie = pk.session("analyst")["cookie"]
    with opened(pk.node) as connection:
        connection.sendall(
            head("/api/v1/files/a.txt", f"Cookie: {cookie}", f"Content-Type: {FORM}", "Content-Length: 1000000000")
        )
        assert status_of(connection) == 403


@pytest.mark.promised("a form without an end", PAGE, DOOR, "a sign-in, of 16 KiB")
@pytest.mark.parametrize("path", SIGN_IN)
def test_of_a_sign_in_no_more_is_read_than_was_typed(pk: Desk, path: str) -> None:
    assert pk.http.post(path, content=b"name=" + b"x" * MAX_BYTES, headers={"content-type": FORM}).status_code == 413


class Counted(str):
    """A name that counts how often names are compared."""

    compared = 0
    __slots__ = ()
    __hash__ = str.__hash__

    def __eq__(self, other: object) -> bool:
        Counted.compared += 1
        return str.__eq__(self, other)


def test_an_address_of_many_names_is_gone_through_once() -> None:
    route.require_once([Counted(f"n{number}") for number in range(2_000)])
    assert Counted.compared < 2_000
    with pytest.raises(Invalid, match="says n1 twice"):
        route.require_once(["n0", "n1", "n2", "n1"])


@pytest.mark.promised("a slow request", PAGE, DOOR, "comes no slower than a peer's body")
@pytest.mark.parametrize("path", SIGN_IN)
def test_a_sign_in_that_trickles_is_given_up(pk: Desk, path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(route, "BODY_SECONDS", 0.5)
    with opened(pk.node) as connection:
        connection.sendall(head(path, f"Content-Type: {FORM}", "Content-Length: 1000"))
        begun = time.monotonic()
        threading.Thread(target=trickle, args=(connection,), daemon=True).start()
        assert status_of(connection) == 408
        assert time.monotonic() - begun < 5


@pytest.mark.promised("a crowd that holds its connections", PAGE, DOOR, "keep nobody from being answered")
def test_a_crowd_that_brings_no_bodies_keeps_nobody_out(pk: Desk) -> None:
    with ExitStack() as crowd:
        for _ in range(300):
            silent: socket.socket = crowd.enter_context(opened(pk.node))
            silent.sendall(head("/sign-in", f"Content-Type: {FORM}", "Content-Length: 1000"))
        assert httpx.get(f"{pk.node.url}/health/live", timeout=10).status_code == 204


# --- other sites' pages -----------------------------------------------------------------------------------------------


@pytest.mark.promised("a sign-in by another site's page", PAGE, DOOR, "No page of another site signs an officer in")
def test_another_sites_form_signs_nobody_in(pk: Desk, unhurried: Gate) -> None:
    """A browser sends no cookie of ours with it; JSON it can write into a form, and only as text."""
    pk.officer("analyst")
    typed = {"name": "x.analyst", "password": SPOKEN, "code": SPARE[0]}
    for word in ("", form_word("")):
        answer = pk.http.post("/sign-in", data={**typed, "form": word})
        assert (answer.status_code, COOKIE in answer.cookies) == (403, False)
    for said in ("text/plain", FORM, ""):
        answer = pk.http.post(
            f"{API}/session",
            content=f'{{"name": "x.analyst", "password": "{SPOKEN}"}}',
            headers={"content-type": said} if said else {},
        )
        assert (answer.status_code, COOKIE in answer.cookies) == (415, False), said
    assert not unhurried.signing_in.left
    answer = pk.http.post(f"{API}/session", json=typed)
    assert (answer.status_code, COOKIE in answer.cookies) == (201, True)
    pk.http.cookies.clear()


def test_a_cookie_that_a_proxy_gives_over_tls_is_for_tls_alone(pk: Desk) -> None:
    """The node itself then speaks plain HTTP, and learns it from the proxy."""
    for said, secure in ((None, False), ("http", False), ("https", True)):
        answer = pk.http.get("/sign-in", headers={"x-forwarded-proto": said} if said else {})
        assert ("Secure" in answer.headers["set-cookie"]) == secure
    pk.http.cookies.clear()


# --- guessing ---------------------------------------------------------------------------------------------------------


@pytest.mark.promised("guessing passwords", PAGE, DOOR, "however it is spelt")
def test_a_name_with_spaces_around_it_is_the_same_name(pk: Desk, unhurried: Gate) -> None:
    for name in ("nobody", " Nobody\t", "nobody" + " \u2003" * 40, "nobody" + "\t" * 2000 + "x"):
        assert pk.http.post(f"{API}/session", json={"name": name, "password": "x"}).status_code == 401
    assert [each for each in unhurried.signing_in.left if each.startswith("name ")] == ["name nobody"]
