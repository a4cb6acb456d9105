"""Before what names a person goes out, its officer is asked who it is, is led back, and finds all as it stood."""

from contextlib import ExitStack

import httpx
import pytest
from sqlalchemy import select, update

from amanat.exchange import signing_in
from amanat.exchange.caller import Gate
from amanat.exchange.means import begin, look
from amanat.officer import account, factor
from amanat.officer.may import PROOF_LASTS
from amanat.officer.sessions import MOST_WRONG
from amanat.store import drafts, listing
from amanat.store.tables import OFFICER
from api.cast import API, Desk, SignIn, draft, person
from border import Border
from console.reading import Read, said_done
from officer.cast import SPARE, SPOKEN, kept


@pytest.fixture
def sign_in_and_sit(border: Border, sign_in: SignIn) -> SignIn:
    """Sign in, and be at the desk until nobody can tell any more who sits there."""

    def sit(role: str) -> httpx.Response:
        shown = sign_in(role)
        border.clock.forward(seconds=int(PROOF_LASTS.total_seconds()))
        return shown

    return sit


def proven(browser: httpx.Client, asked: httpx.Response) -> httpx.Response:
    """Say who one is on the page that asks, and come back."""
    assert (asked.status_code, asked.url.path) == (200, "/prove"), asked.text
    return browser.post("/prove", data={**Read(asked.text).hidden, "typed": SPOKEN})


def waiting(af: Desk) -> set[str]:
    """The ids of what waits for a second person."""
    return {each["id"] for each in af.get("approver", "/held")["items"]}


def test_a_draft_is_sent_after_that_as_it_was_written(af: Desk, browser: httpx.Client, sign_in_and_sit: SignIn) -> None:
    form = draft() | person("written before") | {"to": ["pk"]}
    made = af.ask("duty", "POST", "/drafts", json=form).json()["head"]
    path, before = f"/draft/{made['id']}/sending", waiting(af)
    sign_in_and_sit("duty")
    page = browser.get(path)
    back = proven(browser, browser.post(path, data=Read(page.text).hidden))
    assert (back.url.path, "written before" in back.text) == (path, True)
    assert waiting(af) == before
    with look(af.side.means) as turn:
        kept = drafts.one(turn.tx, made["id"])
    assert (kept is not None, kept and kept.version) == (True, 1)
    done = browser.post(path, data=Read(back.text).hidden)
    assert (done.url.path, said_done(done.url)) == ("/drafts", "held")
    assert len(waiting(af) - before) == 1
    assert af.outcomes("record.send", f"draft:{made['id']}")[-2:] == ["refused", "done"]


def test_one_that_is_handed_to_a_second_person_goes_out_by_that_officer_who_is_asked(
    af: Desk, browser: httpx.Client, sign_in_and_sit: SignIn
) -> None:
    form = draft() | person("handed over") | {"to": ["pk"]}
    made = af.ask("duty", "POST", "/drafts", json=form).json()["head"]
    before = waiting(af)
    sign_in_and_sit("analyst")
    page = browser.get(f"/draft/{made['id']}/sending")
    done = browser.post(f"/draft/{made['id']}/submission", data=Read(page.text).hidden)
    assert (done.url.path, said_done(done.url)) == ("/drafts", "held")
    browser.cookies.clear()
    (held,) = waiting(af) - before
    path = f"/approvals/{held}"
    sign_in_and_sit("approver")
    hidden = Read(browser.get(path).text).hidden
    back = proven(browser, browser.post(f"{path}/approval", data=hidden))
    assert (back.url.path, "handed over" in back.text) == (path, True)
    with look(af.side.means) as turn:
        assert listing.held_one(turn.tx, held) is not None
    assert said_done(browser.post(f"{path}/approval", data=hidden).url) == "approved"
    assert af.outcomes("record.approve", f"af:{held}") == ["refused", "done"]


def test_a_list_is_taken_out_after_that_from_the_page_it_stands_on_narrowed_down_as_it_was(
    browser: httpx.Client, sign_in_and_sit: SignIn, came: dict[str, str]
) -> None:
    assert came["person"]
    sign_in_and_sit("duty")
    address = "/records/export?box=in&party=pk&format=csv"
    back = proven(browser, browser.get(address))
    assert (back.url.path, back.url.params["box"], back.url.params["party"]) == ("/records", "in", "pk")
    (link,) = [each for each in Read(back.text).links if each.startswith("/records/export") and "csv" in each]
    assert "attachment" in browser.get(link).headers["content-disposition"]


def test_a_list_that_names_nobody_asks_for_nothing(
    browser: httpx.Client, sign_in_and_sit: SignIn, came: dict[str, str]
) -> None:
    sign_in_and_sit("duty")
    given = browser.get("/records/export", params={"format": "csv", "text": "three lorries", "exercise": "yes"})
    assert (given.url.path, came["plain"] in given.text) == ("/records/export", True)


def test_a_file_is_taken_out_after_that_from_the_page_of_its_record_and_is_opened_by_no_browser(
    af: Desk, browser: httpx.Client, sign_in_and_sit: SignIn, came: dict[str, str]
) -> None:
    """A browser that guessed what a file is could run what another party sent as a picture."""
    sign_in_and_sit("duty")
    record = f"/record/pk/{came['person']}"
    (link,) = [each for each in Read(browser.get(record).text).links if "/file/" in each]
    back = proven(browser, browser.get(link))
    assert back.url.path == record
    given = browser.get(link)
    assert given.content == b"two lorries"
    assert given.headers["content-type"] == "application/octet-stream"
    assert given.headers["x-content-type-options"] == "nosniff"
    assert given.headers["content-disposition"] == 'attachment; filename="bridge.jpg"'
    assert af.outcomes("record.export", f"pk:{came['person']}")[-2:] == ["refused", "done"]


def test_an_envelope_is_taken_out_after_that_from_the_page_of_its_checks(
    af: Desk, browser: httpx.Client, sign_in_and_sit: SignIn, came: dict[str, str]
) -> None:
    sign_in_and_sit("duty")
    path = f"/record/pk/{came['person']}/check"
    (link,) = [each for each in Read(browser.get(path).text).links if each.endswith("/envelope")]
    assert browser.get(f"{API}/records/pk/{came['person']}/envelope").json()["code"] == "session.proof"
    back = proven(browser, browser.get(link))
    assert back.url.path == path
    assert browser.get(link).content.startswith(b"amanat/envelope/v1\n")
    assert af.outcomes("record.export", f"pk:{came['person']}")[-3:] == ["refused", "refused", "done"]


def test_no_stranger_keeps_an_officer_at_work_from_saying_it(
    af: Desk, browser: httpx.Client, sign_in_and_sit: SignIn
) -> None:
    """Whoever knows a name can lock its account, and try as many passwords at once as are tried."""
    sign_in_and_sit("duty")
    gate: Gate = af.node.app.state.gate
    with httpx.Client(base_url=af.node.url) as stranger:
        for _ in range(account.FREE_FAILURES):
            gate.signing_in.left.clear()
            hidden = Read(stranger.get("/sign-in").text).hidden
            stranger.post("/sign-in", data={**hidden, "name": "x.duty", "password": "wrong wrong wrong"})
    with begin(af.side.means) as turn:
        locked = account.officer(turn.tx, af.officer("duty").id).locked_until
        factor.set_recovery(turn.tx, af.officer("duty").id, SPARE)
    assert locked is not None
    with ExitStack() as crowd:
        while signing_in.AT_ONCE.acquire(blocking=False):
            crowd.callback(signing_in.AT_ONCE.release)
        for typed in (SPOKEN, SPARE[0]):
            hidden = Read(browser.get("/prove").text).hidden
            said = browser.post("/prove", data={**hidden, "typed": typed}, follow_redirects=False)
            assert said.status_code == 303, typed
    with begin(af.side.means) as turn:
        account.unlock(turn.tx, af.officer("duty").id)


@pytest.mark.parametrize("phrase", ["the quick brown fox", "1-2-3-4-5-6-"])
def test_a_password_that_looks_like_a_code_is_a_password(
    af: Desk, browser: httpx.Client, sign_in_and_sit: SignIn, phrase: str
) -> None:
    sign_in_and_sit("duty")
    mine = OFFICER.c.id == af.officer("duty").id
    with begin(af.side.means) as turn:
        before = turn.tx.execute(select(OFFICER.c.password).where(mine)).scalar_one()
        turn.tx.execute(update(OFFICER).where(mine).values(password=kept(phrase, "x.duty")))
    hidden = Read(browser.get("/prove").text).hidden
    said = browser.post("/prove", data={**hidden, "typed": phrase}, follow_redirects=False)
    with begin(af.side.means) as turn:
        turn.tx.execute(update(OFFICER).where(mine).values(password=before))
    assert said.status_code == 303


def test_who_guesses_who_it_is_finds_the_session_over(browser: httpx.Client, sign_in_and_sit: SignIn) -> None:
    sign_in_and_sit("duty")
    hidden = Read(browser.get("/prove").text).hidden
    told = [browser.post("/prove", data={**hidden, "typed": "not this one"}) for _ in range(MOST_WRONG)]
    assert [each.status_code for each in told] == [401] * MOST_WRONG
    assert ["session.over" in each.text for each in told] == [False] * (MOST_WRONG - 1) + [True]
    assert browser.get("/records").url.path == "/sign-in"


def test_who_does_not_say_it_lets_nothing_go(
    af: Desk, browser: httpx.Client, sign_in_and_sit: SignIn, came: dict[str, str]
) -> None:
    sign_in_and_sit("duty")
    link = f"/record/pk/{came['person']}/file/bridge.jpg"
    asked = browser.get(link)
    wrong = browser.post("/prove", data={**Read(asked.text).hidden, "typed": "not this one"})
    assert (wrong.status_code, browser.get(link).url.path) == (401, "/prove")
    assert af.outcomes("session.prove")[-1] == "refused"
