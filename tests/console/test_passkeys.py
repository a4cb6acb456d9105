"""Passkeys: made by their officer, good at their own site, once for each challenge, and only by whom the device knows."""

import base64
import json
from collections.abc import Callable
from dataclasses import replace

import cbor2
import httpx
import pytest

from amanat.console.sign_in import FORM_COOKIE
from amanat.exchange.caller import COOKIE, Gate
from amanat.exchange.means import begin
from amanat.officer import account, audit, factor, passkey, sessions
from amanat.store.tables import PASSKEY
from api.cast import API, Desk, SignIn
from console.reading import Read, said_done
from console.soft_key import PRESENT, SoftKey, text
from officer.cast import SPOKEN, add, kept

WRONG = {"password": "wrong wrong wrong"}
HOST = "localhost:8440"
HERE = {"host": HOST}
ORIGIN = f"http://{HOST}"
EC2 = {1: 2, 3: -7, -1: 1, -2: bytes(31) + b"x", -3: bytes(31) + b"y"}
"""A key of the right form, of a point that is on no curve."""


@pytest.fixture
def device() -> SoftKey:
    """A device that nobody has used here yet."""
    return SoftKey(ORIGIN)


@pytest.fixture
def made(af: Desk, browser: httpx.Client, sign_in: SignIn, device: SoftKey) -> Callable[..., httpx.Response]:
    """Make a passkey of the duty officer with the device, and sign out."""

    def make(**form: str) -> httpx.Response:
        duty = af.officer("duty").id
        with begin(af.side.means) as turn:
            passkey.remove_all(turn.tx, duty)
        sign_in("duty")
        word = Read(browser.get("/passkeys", headers=HERE).text).hidden["form"]
        answer = device.make(browser.get("/passkeys/new", headers=HERE).json())
        given = {"form": word, "name": "a telephone", "password": SPOKEN, "answer": answer}
        done = browser.post("/passkeys", headers=HERE, data=given | form, follow_redirects=False)
        browser.cookies.clear()
        return done

    return make


@pytest.fixture
def come(af: Desk, browser: httpx.Client) -> Callable[..., httpx.Response]:
    """Sign in by a device."""

    def answer(device: SoftKey, host: str = HOST, **form: str) -> httpx.Response:
        gate: Gate = af.node.app.state.gate
        gate.signing_in.left.clear()
        hidden = Read(browser.get("/sign-in", headers=HERE).text).hidden
        answered = device.answer(browser.get("/sign-in/passkey", headers=HERE).json())
        data = {"form": hidden["form"], "answer": answered} | form
        return browser.post("/sign-in/passkey", headers={"host": host}, data=data, follow_redirects=False)

    return answer


def refused(af: Desk) -> int:
    """How many sign-ins were refused, as the audit log has it."""
    return af.outcomes("sign-in", "by:passkey").count("refused")


def test_a_passkey_signs_its_officer_in_without_password_and_code(
    af: Desk,
    browser: httpx.Client,
    made: Callable[..., httpx.Response],
    come: Callable[..., httpx.Response],
    device: SoftKey,
) -> None:
    assert said_done(made().headers["location"]) == "passkey-made"
    inside = come(device, next="/records")
    assert (inside.status_code, inside.headers["location"]) == (303, "/records")
    assert browser.get(f"{API}/session").json()["officer"] == af.officer("duty").id
    assert FORM_COOKIE not in browser.cookies, "it has served, as it has once a password was typed"
    with begin(af.side.means) as turn:
        newest = sessions.of(turn.tx, af.officer("duty").id, turn.now)
    assert "passkey" in {each.began_by for each in newest}
    (*_, came) = af.noted("sign-in")
    assert (came.subject, came.outcome) == ("by:passkey", "done")
    browser.cookies.clear()
    assert come(device, next="//evil.example").headers["location"] == "/"


def test_what_does_not_hold_lets_nobody_in_and_is_answered_alike(
    browser: httpx.Client,
    made: Callable[..., httpx.Response],
    come: Callable[..., httpx.Response],
    device: SoftKey,
) -> None:
    made()
    for wrong in (
        replace(device, flags=PRESENT),
        replace(device, origin="https://evil.example"),
        replace(device, domain="evil.example"),
        SoftKey(ORIGIN),
        SoftKey(ORIGIN, id=device.id),
    ):
        assert (come(wrong).status_code, COOKIE in browser.cookies) == (401, False)
    for answer in ("", "{}", "[]", '{"id": 1}', "\0", device.answer({"challenge": "bm9ib2R5cw"})):
        assert (come(device, answer=answer).status_code, COOKIE in browser.cookies) == (401, False)
    assert come(device, host="127.0.0.1:8440").status_code == 404
    assert come(device, form="0" * 64).status_code == 403
    assert come(device, host="node.example").status_code == 404, "plain HTTP has none but on this machine"


def test_an_answer_that_is_nested_deeper_than_is_read_is_refused_alike_and_noted(  # noqa: PLR0913, PLR0917 - who is there
    af: Desk,
    browser: httpx.Client,
    sign_in: SignIn,
    made: Callable[..., httpx.Response],
    come: Callable[..., httpx.Response],
    device: SoftKey,
) -> None:
    made()
    deep = "[" * 5000
    inside = json.loads(device.answer({"challenge": "bm9ib2R5cw"}))
    inside["response"]["clientDataJSON"] = text(deep.encode())
    nul = inside | {"id": "\0"}
    for answer in (deep, json.dumps(inside), json.dumps(nul)):
        before = refused(af)
        assert (come(device, answer=answer).status_code, COOKIE in browser.cookies) == (401, False)
        assert refused(af) == before + 1
    inside["response"]["attestationObject"] = text(cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": b""}))
    sign_in("duty")
    word = Read(browser.get("/passkeys", headers=HERE).text).hidden["form"]
    for answer in (deep, json.dumps(inside)):
        form = {"form": word, "name": "a telephone", "password": SPOKEN, "answer": answer}
        assert browser.post("/passkeys", headers=HERE, data=form).status_code == 400


def test_an_answer_is_good_once_and_a_copy_is_found_by_its_counter(
    browser: httpx.Client,
    made: Callable[..., httpx.Response],
    come: Callable[..., httpx.Response],
    device: SoftKey,
) -> None:
    made()
    copy = replace(device)
    answered = device.answer(browser.get("/sign-in/passkey", headers=HERE).json())
    assert come(device, answer=answered).headers["location"] == "/"
    browser.cookies.clear()
    assert come(device, answer=answered).status_code == 401
    assert come(device).headers["location"] == "/"
    browser.cookies.clear()
    assert come(copy).status_code == 401


def test_making_one_asks_for_the_password_and_for_a_device_that_knows_its_holder(
    af: Desk, made: Callable[..., httpx.Response], device: SoftKey
) -> None:
    assert made(**WRONG).status_code == 401
    assert made(answer="{}").status_code == 400
    assert made(name="").status_code == 400
    device.flags = PRESENT
    assert made().status_code == 400
    with begin(af.side.means) as turn:
        assert passkey.of(turn.tx, af.officer("duty").id) == []


@pytest.mark.parametrize(
    "key",
    [{}, {1: 2}, {1: 2, 3: -7}, [], [1], 7, EC2 | {-2: "x" * 32}, EC2 | {-2: 7}, EC2 | {-3: 1.5}, EC2, EC2 | {-1: 9}],
    ids=repr,
)
def test_a_key_that_nothing_could_be_verified_by_is_never_kept(
    af: Desk, made: Callable[..., httpx.Response], device: SoftKey, key: object
) -> None:
    device.key = key
    told = made()
    assert (told.status_code, "answer does not hold" in told.text) == (400, True)
    with begin(af.side.means) as turn:
        assert passkey.of(turn.tx, af.officer("duty").id) == []


def test_a_key_that_was_kept_and_does_not_open_lets_nobody_in_and_that_is_noted(
    af: Desk, made: Callable[..., httpx.Response], come: Callable[..., httpx.Response], device: SoftKey
) -> None:
    made()
    before = refused(af)
    with begin(af.side.means) as turn:
        turn.tx.execute(PASSKEY.update().values(public_key=cbor2.dumps(EC2 | {-2: "x" * 32})))
    assert (come(device).status_code, refused(af)) == (401, before + 1)


def test_a_fault_of_our_own_is_not_taken_for_an_answer_that_does_not_hold(
    af: Desk, made: Callable[..., httpx.Response], device: SoftKey
) -> None:
    made()

    def broken(_challenge: str) -> bool:
        raise TypeError

    answered = device.answer({"challenge": "bm9ib2R5cw"})
    with begin(af.side.means) as turn, pytest.raises(TypeError):
        passkey.whose(turn.tx, passkey.Site(device.domain, device.origin), answered, broken, turn.now)


def test_a_statement_that_holds_something_else_than_it_should_is_refused(
    browser: httpx.Client, sign_in: Callable[..., httpx.Response], device: SoftKey
) -> None:
    sign_in("duty")
    word = Read(browser.get("/passkeys", headers=HERE).text).hidden["form"]
    answer = json.loads(device.make(browser.get("/passkeys/new", headers=HERE).json()))
    attested = cbor2.loads(base64.urlsafe_b64decode(answer["response"]["attestationObject"] + "=="))
    attested |= {"fmt": "android-safetynet", "attStmt": {"ver": "1", "response": 1.5}}
    answer["response"]["attestationObject"] = text(cbor2.dumps(attested))
    form = {"form": word, "name": "a telephone", "password": SPOKEN, "answer": json.dumps(answer)}
    assert browser.post("/passkeys", headers=HERE, data=form).status_code == 400


def test_a_passkey_that_was_removed_or_whose_officer_was_disabled_lets_nobody_in(  # noqa: PLR0913, PLR0917 - who is there
    af: Desk,
    browser: httpx.Client,
    sign_in: SignIn,
    made: Callable[..., httpx.Response],
    come: Callable[..., httpx.Response],
    device: SoftKey,
) -> None:
    made()
    duty = af.officer("duty").id
    with begin(af.side.means) as turn:
        account.disable(turn.tx, duty, turn.now)
    assert come(device).status_code == 401
    with begin(af.side.means) as turn:
        account.enable(turn.tx, duty)
    assert come(device).status_code == 401
    made()
    with begin(af.side.means) as turn:
        (held,) = passkey.of(turn.tx, duty)
    sign_in("analyst")
    word = Read(browser.get("/passkeys").text).hidden["form"]
    assert browser.post(f"/passkeys/{held.id}/remove", data={"form": word}).status_code == 404
    browser.cookies.clear()
    assert come(device).headers["location"] == "/"
    assert "1 passkey goes on signing you in" in browser.get("/password").text
    word = Read(browser.get("/passkeys").text).hidden["form"]
    assert browser.post(f"/passkeys/{held.id}/remove", data={"form": "0" * 64}).status_code == 403
    assert browser.post(f"/passkeys/{held.id}/remove", data={"form": word}).status_code == 200
    rows = af.noted(subject=f"passkey:{held.id}", by="duty")
    assert [row.act for row in rows] == ["passkey.new", "passkey.new", "passkey.remove"], "the device keeps its id"
    browser.cookies.clear()
    assert come(device).status_code == 401


@pytest.mark.promised(
    "a passkey made with a stolen password",
    "docs/officers.md",
    "Passwords, tokens, sessions",
    "until then that officer may nothing else",
)
def test_who_has_yet_to_choose_a_password_or_set_up_a_factor_makes_no_passkey(
    af: Desk, browser: httpx.Client, device: SoftKey
) -> None:
    """An administrator who set a password, and signs in by it, becomes no second person that outlives it."""
    spoken, own = "eleven grey buses", "nine slow red trains"
    with begin(af.side.means) as turn:
        held = add(turn.tx, "x.given", "duty")
        account.set_password(turn.tx, held.id, kept(spoken, "x.given"), turn.now, given=True)
        factor.remove(turn.tx, held.id)

    def led_to(password: str) -> str:
        word = Read(browser.get("/password").text).hidden["form"]
        answer = device.make(browser.get("/sign-in/passkey", headers=HERE).json())
        form = {"form": word, "name": "a telephone", "password": password, "answer": answer}
        done = browser.post("/passkeys", headers=HERE, data=form, follow_redirects=False)
        return str(done.headers["location"])

    hidden = Read(browser.get("/sign-in").text).hidden
    shown = browser.post("/sign-in", data={"name": "x.given", "password": spoken, "code": "", **hidden})
    assert (shown.url.path, led_to(spoken)) == ("/password", "/password")
    assert browser.get("/passkeys/new", headers=HERE).url.path == "/password"
    assert browser.get("/second-factor").url.path == "/password", "a device is the officer's too"
    form = {"form": Read(shown.text).hidden["form"], "old": spoken, "new": own, "again": own}
    assert browser.post("/password", data=form).url.path == "/second-factor"
    assert led_to(own) == "/second-factor"
    with begin(af.side.means) as turn:
        assert passkey.of(turn.tx, held.id) == []
        rows = audit.search(turn.tx, audit.Search(officer=held.id, act="passkey.new"))
    assert [row.outcome for row in rows] == ["refused", "refused"]


@pytest.mark.parametrize(
    ("host", "proto", "possible"),
    [
        ("localhost:8440", "", True),
        ("node.example", "https", True),
        ("node.example", "", False),
        ("127.0.0.1", "https", False),
        ("[::1]:8440", "https", False),
        ("10.0.0.1:8440", "", False),
    ],
)
def test_the_button_stands_only_where_a_browser_has_passkeys(
    browser: httpx.Client, host: str, proto: str, *, possible: bool
) -> None:
    headers = {"host": host} | ({"x-forwarded-proto": proto} if proto else {})
    assert ("/sign-in/passkey" in browser.get("/sign-in", headers=headers).text) == possible
    assert (browser.get("/sign-in/passkey", headers=headers).status_code == 200) == possible
