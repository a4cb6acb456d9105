"""One click signs in at a node of the demo, and at no other: an ordinary node has no such route, whatever is set."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from litestar import Litestar
from litestar.testing import TestClient

from amanat import node, settings
from amanat.cli.node import _load
from amanat.cli.options import unlocked
from amanat.demo.cast import passphrase, require_printed
from amanat.exchange.caller import COOKIE
from amanat.exchange.means import begin
from amanat.officer import account, audit
from amanat.party.errors import Refused
from amanat.settings import Settings
from cheap import cheap_keys
from console.reading import Read
from officer.cast import add


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A node, as the command makes one, with an officer."""
    made = tmp_path_factory.mktemp("node") / "pk"
    with cheap_keys():
        means = node.create(made, "pk", passphrase("pk"))
        with begin(means) as turn:
            add(turn.tx, "x.duty", "duty")
        means.engine.dispose()
        yield made


def served(folder: Path, *, demo: bool) -> Litestar:
    """The application that `amanat node serve` would serve."""
    app: Litestar = _load(folder, passphrase("pk"), settings.read(folder), demo=demo)
    return app


def paths(app: Litestar) -> set[str]:
    return {route.path for route in app.routes}


def test_an_ordinary_node_has_no_such_route_and_shows_no_such_button(folder: Path) -> None:
    ordinary, demo = served(folder, demo=False), served(folder, demo=True)
    assert paths(demo) - paths(ordinary) == {"/design", "/sign-in/as/{sign_in:str}"}
    with TestClient(ordinary, base_url="http://127.0.0.1") as browser:
        shown = browser.get("/sign-in")
        assert ("/sign-in/as/" in shown.text, "x.duty" in shown.text) == (False, False)
        form = {"form": Read(shown.text).hidden["form"]}
        assert browser.post("/sign-in/as/x.duty", data=form).status_code == 404
        assert browser.get("/design").status_code == 404
        assert COOKIE not in browser.cookies


def test_no_setting_and_no_variable_brings_it_back(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """None has it: there is no name of one to read."""
    assert [name for name in Settings.__struct_fields__ if "demo" in name or "click" in name] == []
    for name in ("DEMO", "AMANAT_DEMO", "AMANAT_ONE_CLICK"):
        monkeypatch.setenv(name, "1")
    assert "/sign-in/as/{sign_in:str}" not in paths(served(folder, demo=False))
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"demo": True}, Settings)


def test_at_a_node_of_the_demo_one_click_signs_in_and_is_noted(folder: Path) -> None:
    with TestClient(served(folder, demo=True), base_url="http://127.0.0.1") as browser:
        shown = browser.get("/sign-in?next=/roles")
        hidden = Read(shown.text).hidden
        refused = browser.post("/sign-in/as/x.duty", data={"form": "0" * 64})
        assert (refused.status_code, COOKIE in browser.cookies) == (403, False)
        assert browser.post("/sign-in/as/nobody", data=hidden).status_code == 404
        inside = browser.post("/sign-in/as/x.duty", data=hidden)
        assert (inside.status_code, inside.url.path) == (200, "/roles")
        assert browser.get("/design").status_code == 200
    with begin(unlocked(folder, passphrase("pk"))) as turn:
        rows = audit.search(turn.tx, audit.Search(act="sign-in"))
    assert [(row.officer, row.subject, row.outcome) for row in rows] == [(1, "by:one-click", "done")]


def test_no_click_lets_in_who_was_disabled_and_that_is_noted(folder: Path) -> None:
    means = unlocked(folder, passphrase("pk"))
    with begin(means) as turn:
        gone = account.disable(turn.tx, add(turn.tx, "x.gone", "duty").id, turn.now)
    with TestClient(served(folder, demo=True), base_url="http://127.0.0.1") as browser:
        hidden = Read(browser.get("/sign-in").text).hidden
        browser.post("/sign-in/as/x.gone", data=hidden)
        assert COOKIE not in browser.cookies
    with begin(means) as turn:
        rows = audit.search(turn.tx, audit.Search(officer=gone.id, act="sign-in"))
    assert [(row.subject, row.outcome) for row in rows] == [("by:one-click", "refused")]


def test_a_node_that_opens_by_another_passphrase_is_not_served_so() -> None:
    require_printed(passphrase("af"))
    with pytest.raises(Refused) as refused:
        require_printed("six words that nobody has printed")
    assert refused.value.code == "demo.real"
