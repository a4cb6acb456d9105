"""Parties on pages: how fingerprints are compared, which keys are in use or revoked, and what one does about a line."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from amanat.exchange import answers
from amanat.exchange.means import begin
from amanat.officer.may import ROLES, Role
from amanat.party.fingerprint import fingerprint, words
from amanat.store.tables import PEER
from api.cast import Desk, SignIn, desk
from border import Border, meet
from console.reading import Read
from side import public_id
from wire import free_port


@pytest.fixture
def alone(tmp_path: Path) -> Iterator[tuple[Border, Desk]]:
    """A border of one's own, and the node of pk, which knows an address of af at which nobody answers."""
    with meet(tmp_path) as met:
        with begin(met.pk.means) as turn:
            row = {"party": "af", "url": f"http://127.0.0.1:{free_port()}", "paused": False}
            turn.tx.execute(PEER.insert(), row)
        with desk(met.pk) as served:
            yield met, served


def seen(served: Desk, path: str = "/parties/af", role: Role = "operator") -> httpx.Response:
    return served.http.get(path, headers={"cookie": served.session(role)["cookie"]})


def said(answer: httpx.Response) -> str:
    assert answer.status_code == 200, answer.text
    return " ".join(Read(answer.text).words.split())


def press(served: Desk, path: str, role: Role = "operator", **form: str) -> httpx.Response:
    """Press a button on a page."""
    headers = served.session(role)
    data = {"form": headers.pop("x-amanat-form"), **form}
    return served.http.post(path, headers=headers, data=data)


# --- who it is --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ROLES)
def test_every_role_may_compare_a_fingerprint(
    border: Border, browser: httpx.Client, sign_in: SignIn, role: Role
) -> None:
    assert "/parties" in Read(sign_in(role).text).links
    assert browser.get("/parties").status_code == 200
    page = browser.get("/parties/pk")
    shown = Read(page.text)
    assert " ".join(words(fingerprint(border.pk.manifest.root))) in " ".join(shown.words.split())
    assert ("2 of 3 custodians sign for it." in shown.words, "svg" in shown.tags) == (True, True)


def test_the_picture_has_no_style_that_the_page_forbids(browser: httpx.Client, sign_in: SignIn) -> None:
    sign_in("observer")
    page = browser.get("/parties/pk").text
    Read(page)  # refuses style and on… attributes
    assert '<path class="qrline"' in page


def test_keys_are_shown_as_in_use_as_listed_and_as_revoked(alone: tuple[Border, Desk]) -> None:
    met, served = alone
    first = public_id(met.af.means.keys.record)
    assert f"{first[:4]} {first[4:8]}" in said(seen(served))
    met.clock.forward(days=1)
    met.af.rotate("record")
    second = public_id(met.af.means.keys.record)
    met.exchange("af", "pk")
    shown = said(seen(served))
    assert f"{second[:4]} {second[4:8]} {second[8:12]} {second[12:16]} signing records 26 October 2026 in use" in shown
    assert "listed, so that what it signed still holds" in shown
    met.pk.take("manifest", met.af.revoke(first), sender="af")
    shown = said(seen(served))
    assert f"{first[:4]} {first[4:8]} {first[8:12]} {first[12:16]} 25 November 2026 revoked: stolen" in shown
    assert shown.count("2 of 3 custodians") >= 3


def test_a_party_that_is_not_known_is_told(browser: httpx.Client, sign_in: SignIn) -> None:
    sign_in("observer")
    assert browser.get("/parties/xx").status_code == 404


# --- the line ---------------------------------------------------------------------------------------------------------


def test_a_line_is_paused_and_gone_on_with_and_each_is_noted(alone: tuple[Border, Desk]) -> None:
    _, served = alone
    for what, stands in (("pause", "Go on"), ("resume", "Pause"), ("retry", "Pause")):
        answer = press(served, f"/parties/af/line/{what}")
        assert (answer.status_code, answer.headers["location"].partition("?")[0]) == (303, "/parties/af")
        assert stands in said(seen(served))
    assert len(served.noted("peers.operate")) == 3


def test_a_withdrawal_is_not_said_to_go_out_while_the_line_is_paused(alone: tuple[Border, Desk]) -> None:
    _, served = alone
    press(served, "/parties/af/line/pause")
    page = f"/record/pk/{served.send()['id']}/withdrawal"
    shown = said(press(served, page, "duty", reason="mistaken"))
    assert ("goes out when the line is back." in shown, "goes out now." in shown) == (True, False)


@pytest.mark.parametrize("role", ["duty", "observer"])
def test_who_may_not_operate_is_shown_no_button_and_refused(alone: tuple[Border, Desk], role: Role) -> None:
    _, served = alone
    page = seen(served, role=role)
    assert "/parties/af/line/" not in page.text
    assert ("The line" in said(page)) is (role == "duty")
    assert press(served, "/parties/af/line/pause", role).status_code == 403


@pytest.mark.parametrize("path", ["/parties/af/line/pause", "/parties/af/again", "/parties/af/again/nothing"])
def test_a_page_of_another_session_moves_no_line(alone: tuple[Border, Desk], path: str) -> None:
    _, served = alone
    assert press(served, path, form="0" * 64).status_code == 403
    assert (len(served.noted("peers.operate")), len(served.noted("peers.give"))) == (0, 0)


def test_what_waits_is_shown_until_it_came(alone: tuple[Border, Desk]) -> None:
    met, served = alone
    assert "Nothing waits for it." in said(seen(served))
    met.pk.send("af")
    assert "Nothing came back for 1 record." in said(seen(served))
    met.settle()
    assert "Nothing waits for it." in said(seen(served))


# --- giving again -----------------------------------------------------------------------------------------------------


def test_what_was_lost_is_given_again_only_once_an_operator_decided_on_a_page_that_says_what_follows(
    alone: tuple[Border, Desk],
) -> None:
    met, served = alone
    sent = met.pk.send("af")
    met.pk.take("asking", answers.ask(sent.digest, "pk", met.af.means), sender="af")
    assert "It asks for 1 envelope again. They are given nothing until it is allowed." in said(seen(served))
    assert "Whoever stole the keys of its node can ask in its name" in said(seen(served, "/parties/af/again"))
    assert len(served.noted("peers.give")) == 0
    assert press(served, "/parties/af/again", days="2").status_code == 303
    assert "They are given until 26 November 2026 06:30." in said(seen(served))
    assert press(served, "/parties/af/again/nothing").status_code == 303
    assert "It lost envelopes" not in said(seen(served))
    assert len(served.noted("peers.give")) == 2


@pytest.mark.parametrize("days", ["", "0", "15", "two", "٣", "-1"])
def test_a_number_of_days_that_is_none_is_told_beside_its_field(alone: tuple[Border, Desk], days: str) -> None:
    _, served = alone
    answer = press(served, "/parties/af/again", days=days)
    assert (answer.status_code, 'aria-invalid="true"' in answer.text) == (400, True)
    assert "Type a whole number from 1 to 14." in answer.text
    assert len(served.noted("peers.give")) == 0


def test_who_may_not_give_is_refused(alone: tuple[Border, Desk]) -> None:
    _, served = alone
    assert seen(served, "/parties/af/again", "duty").status_code == 403
    assert press(served, "/parties/af/again", "duty", days="2").status_code == 403
