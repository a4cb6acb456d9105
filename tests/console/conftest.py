"""A party's node with its pages, served for all tests of a file, and a browser that comes to it."""

from collections.abc import Iterator

import httpx
import pytest

from amanat.exchange.caller import Gate
from amanat.exchange.means import begin
from amanat.officer import factor
from api.cast import Desk, SignIn, desk
from border import Border, meet
from console.reading import HOSTILE, Read
from officer.cast import SPARE, SPOKEN
from side import Report
from wire import TRUST


@pytest.fixture(scope="module")
def border(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Border]:
    """Three parties that have met."""
    with meet(tmp_path_factory.mktemp("border")) as met:
        yield met


@pytest.fixture(scope="module")
def af(border: Border) -> Iterator[Desk]:
    """The node of one side."""
    with desk(border.af) as served:
        yield served


@pytest.fixture
def browser(af: Desk) -> Iterator[httpx.Client]:
    """A browser that was never here."""
    gate: Gate = af.node.app.state.gate
    gate.signing_in.left.clear()
    with httpx.Client(base_url=af.node.url, follow_redirects=True, timeout=60, verify=TRUST) as client:
        yield client


@pytest.fixture
def sign_in(af: Desk, browser: httpx.Client) -> SignIn:
    """Sign in as the officer of a role."""

    def typed(role: str = "analyst", password: str = SPOKEN, **form: str) -> httpx.Response:
        officer = af.officer(role)  # type: ignore[arg-type]
        with begin(af.side.means) as turn:
            factor.set_recovery(turn.tx, officer.id, SPARE)
        shown = Read(browser.get("/sign-in").text)
        return browser.post(
            "/sign-in", data={"name": f"x.{role}", "password": password, "code": SPARE[0], **shown.hidden, **form}
        )

    return typed


@pytest.fixture(scope="module")
def came(border: Border, af: Desk) -> dict[str, str]:
    """The ids of a record that names a person, in words that would be markup, and of one that names nobody."""
    hostile = {**border.pk.person(), "body": Report(HOSTILE, names_person=True)}
    person = border.pk.with_file("af", **hostile)
    plain = border.pk.send("af", text="three lorries at Torkham", exercise=True)
    border.settle()
    assert af.side.received()
    return {"person": person.record.fields.id, "plain": plain.record.fields.id}
