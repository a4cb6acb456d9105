"""Setting up the second factor on a page: asked for at the first sign-in, confirmed by a code, and shown once."""

import base64
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest

from amanat.exchange.caller import COOKIE, Gate
from amanat.exchange.means import begin
from amanat.officer import factor, sessions
from amanat.officer.may import Role
from amanat.party.errors import Invalid
from api.cast import API, Desk
from console.reading import Read
from officer.cast import SPARE, SPOKEN, code_at

WRONG = "wrong wrong wrong"


@pytest.fixture(autouse=True)
def spare(af: Desk) -> None:
    """Whatever a test before used up or took away, all spare codes are good."""
    roles: tuple[Role, ...] = ("approver", "operator")
    officers = [af.officer(role).id for role in roles]
    with begin(af.side.means) as turn:
        for each in officers:
            factor.set_recovery(turn.tx, each, SPARE)


def without(af: Desk, role: Role) -> int:
    """Take the second factor of that role's officer away."""
    officer = af.officer(role).id
    with begin(af.side.means) as turn:
        factor.remove(turn.tx, officer)
    return officer


@pytest.fixture
def come(af: Desk, browser: httpx.Client) -> Callable[..., httpx.Response]:
    """Sign in as the officer of a role by the password, and by whatever code is given."""

    def typed(role: str, code: str = "", password: str = SPOKEN) -> httpx.Response:
        gate: Gate = af.node.app.state.gate
        gate.signing_in.left.clear()
        hidden = Read(browser.get("/sign-in").text).hidden
        return browser.post("/sign-in", data={"name": f"x.{role}", "password": password, "code": code, **hidden})

    return typed


def secret_on(page: str) -> bytes:
    """The secret that a page offers, as an officer types it into a device."""
    (written,) = re.findall(r"[A-Z2-7]{4}(?: [A-Z2-7]{4}){7}", page)
    return base64.b32decode(written.replace(" ", ""))


def code_now(af: Desk, page: str) -> str:
    """What the officer's device shows, which read the secret off the page."""
    return code_at(secret_on(page), af.side.means.now())


def test_who_has_none_is_led_to_set_it_up_and_may_do_nothing_else_before(
    af: Desk, browser: httpx.Client, come: Callable[..., httpx.Response]
) -> None:
    without(af, "duty")
    shown = come("duty")
    assert (shown.status_code, shown.url.path) == (200, "/second-factor")
    assert "data-since" not in shown.text, "it listens to nothing that is refused, and calls no link dead"
    assert browser.get("/records").url.path == "/second-factor"
    refused = browser.get(f"{API}/records")
    assert (refused.status_code, refused.json()["code"]) == (403, "factor.missing")
    hidden = Read(shown.text).hidden
    assert "svg" in Read(shown.text).tags
    code = code_now(af, shown.text)
    form = {"form": hidden["form"], "sealed": hidden["sealed"]}
    for wrong, status in (
        ({"code": "000000" if code != "000000" else "111111", "password": SPOKEN}, 400),
        ({"code": code, "password": WRONG}, 401),
    ):
        again = browser.post("/second-factor", data={**form, **wrong})
        assert (again.status_code, Read(again.text).hidden["sealed"]) == (status, hidden["sealed"])
    assert browser.post("/second-factor", data={"sealed": hidden["sealed"], "code": code}).status_code == 403
    done = browser.post("/second-factor", data={**form, "code": code, "password": SPOKEN})
    codes = re.findall(r"[A-Z2-7]{4}(?:-[A-Z2-7]{4}){3}", done.text)
    assert (done.status_code, len(codes)) == (200, factor.RECOVERY_CODES)
    assert browser.get("/records").url.path == "/records"
    assert not set(codes) & {*re.findall(r"[A-Z2-7-]{19}", browser.get("/second-factor").text)}
    browser.cookies.clear()
    assert come("duty", code).status_code == 401, "it was spent when it was set up"
    assert come("duty").status_code == 401
    assert come("duty", codes[0]).url.path == "/"
    browser.cookies.clear()
    assert come("duty", codes[0]).status_code == 401


def test_a_secret_that_is_another_officers_is_not_set_up(
    af: Desk, browser: httpx.Client, come: Callable[..., httpx.Response]
) -> None:
    without(af, "analyst")
    without(af, "auditor")
    hers = Read(come("auditor").text).hidden
    browser.cookies.clear()
    shown = Read(come("analyst").text).hidden
    for given in (hers["sealed"], "", "*"):
        form = {"form": shown["form"], "sealed": given, "code": "000000", "password": SPOKEN}
        assert browser.post("/second-factor", data=form).status_code == 400
    with begin(af.side.means) as turn:
        assert not factor.enrolled(turn.tx, af.officer("analyst").id)


def test_one_that_stands_is_replaced_by_a_code_of_it_too_and_ends_all_sessions_elsewhere(
    af: Desk, browser: httpx.Client, come: Callable[..., httpx.Response]
) -> None:
    """Whoever oversaw the password and finds a session open makes no second factor of their own."""
    officer, elsewhere, own = af.officer("operator").id, af.session("operator"), af.side.means.keys.own
    with begin(af.side.means) as turn:
        factor.enrol(turn.tx, officer, factor.sealed(bytes(20), officer, own, bytes(12)), 0, turn.now)
        factor.set_recovery(turn.tx, officer, SPARE)
    come("operator", SPARE[0])
    shown = browser.get("/second-factor")
    code = code_now(af, shown.text)
    form = Read(shown.text).hidden | {"code": code, "password": SPOKEN}
    for old in ("", code, SPARE[0]):  # none, one of the factor to be, and one that was used
        assert browser.post("/second-factor", data=form | {"old": old}).status_code == 401, old
    with begin(af.side.means) as turn:
        standing = factor.standing(turn.tx, officer)
    assert standing is not None
    assert standing.recovery == len(SPARE) - 1
    assert [(row.officer, row.outcome) for row in af.noted("factor.own")[-3:]] == [(officer, "refused")] * 3
    assert af.http.get(f"{API}/session", headers=elsewhere).status_code == 200
    assert browser.post("/second-factor", data=form | {"old": SPARE[1]}).status_code == 200
    assert browser.get("/second-factor").url.path == "/second-factor"
    assert af.http.get(f"{API}/session", headers=elsewhere).status_code == 401


def test_what_is_kept_of_a_second_factor_opens_on_no_page(
    af: Desk, browser: httpx.Client, come: Callable[..., httpx.Response]
) -> None:
    """Whoever has the database and an open session knows neither the password nor what is sealed."""
    officer = af.officer("approver").id
    assert come("approver", SPARE[0]).url.path == "/"
    secret, own = b"S" * factor.SECRET_BYTES, af.side.means.keys.own
    kept = base64.b64encode(factor.sealed(secret, officer, own, bytes(factor.NONCE_BYTES))).decode()
    word = Read(browser.get("/second-factor").text).hidden["form"]
    told = browser.post("/second-factor", data={"form": word, "sealed": kept, "code": "", "password": WRONG})
    assert (told.status_code, factor.written(secret) in told.text) == (400, False)


def test_what_a_page_offers_is_good_in_that_session_and_for_an_hour(
    af: Desk, browser: httpx.Client, come: Callable[..., httpx.Response]
) -> None:
    come("approver", SPARE[1])
    with begin(af.side.means) as turn:
        actor = sessions.actor(turn.tx, browser.cookies[COOKIE], turn.now)
    given = base64.b64decode(Read(browser.get("/second-factor").text).hidden["sealed"])
    own, now = af.side.means.keys.own, af.side.means.now()
    assert factor.taken(given, actor, own, now + timedelta(hours=1))
    for session, late in ((actor.session, 2), ("0" * 64, 0)):
        with pytest.raises(Invalid) as caught:
            factor.taken(given, replace(actor, session=session), own, now + timedelta(hours=late))
        assert caught.value.code == "factor.form"


def test_an_administrator_takes_it_away_by_the_own_password_and_it_is_noted(
    af: Desk, browser: httpx.Client, come: Callable[..., httpx.Response]
) -> None:
    hers, officer = af.session("approver"), af.officer("approver").id
    path = "/officers/x.approver/factor/reset"
    assert af.ask("duty", "POST", path, json={"own_password": SPOKEN}).status_code == 403
    assert af.ask("administrator", "POST", path, json={"own_password": WRONG}).status_code == 401
    with begin(af.side.means) as turn:
        assert factor.enrolled(turn.tx, officer)
    assert af.ask("administrator", "POST", path, json={"own_password": SPOKEN}).status_code == 200
    assert af.http.get(f"{API}/session", headers=hers).status_code == 401
    with begin(af.side.means) as turn:
        assert not factor.enrolled(turn.tx, officer)
    (*before, last) = af.noted("officer.factor")
    assert (last.subject, last.outcome) == ("officer:x.approver", "done")
    assert {row.outcome for row in before} == {"refused"}
    assert come("approver", SPARE[0]).url.path == "/second-factor"
    assert COOKIE in browser.cookies


def test_a_program_signs_in_by_both_too(af: Desk) -> None:
    officer = af.officer("observer").id
    with begin(af.side.means) as turn:
        factor.set_recovery(turn.tx, officer, SPARE)
    asked = {"name": "x.observer", "password": SPOKEN}
    answers = [af.http.post(f"{API}/session", json=asked | more) for more in ({}, {"code": "1"}, {"code": SPARE[0]})]
    af.http.cookies.clear()
    assert [each.status_code for each in answers] == [401, 401, 201]
