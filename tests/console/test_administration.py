"""Officers' accounts, one's own tokens and what officers did, on pages: by whom, with what refused, and noted as acts."""

import re
from collections.abc import Callable, Iterator, Mapping
from itertools import count
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from amanat import node
from amanat.exchange import lexica
from amanat.exchange.caller import Gate
from amanat.exchange.means import begin
from amanat.officer import account, factor, sessions, tokens
from amanat.officer.account import Officer
from amanat.officer.may import PERMISSIONS, ROLES, Act, Role
from amanat.party.lexicon import Lexicon
from api.cast import Desk, SignIn
from console.reading import Read, said_done
from officer.cast import CHEAP, SPOKEN, add

WORDS = "eleven grey buses"
SHORT = "short"
NUMBERS = count(1)
FORMS: Mapping[str, Act] = {
    "place": "officer.assign",
    "password": "officer.password",
    "enable": "officer.enable",
    "sessions": "officer.sessions",
    "factor": "officer.factor",
}
"""The forms of an officer's page that ask for the own password, and what each is noted as."""

NAME = "Exercise <b>Nobody</b> & Co"


@pytest.fixture(scope="module", autouse=True)
def quick_passwords() -> Iterator[None]:
    """Passwords cost what they cost in other tests."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(node, "COST", CHEAP)
        yield


@pytest.fixture
def press(af: Desk) -> Callable[..., httpx.Response]:
    """Press a button on a page, in a session that has just begun."""

    def pressed(path: str, role: Role = "administrator", **form: Any) -> httpx.Response:
        headers = af.session(role)
        data = {"form": headers.pop("x-amanat-form"), "own_password": SPOKEN, **form}
        gate: Gate = af.node.app.state.gate
        gate.signing_in.left.clear()
        return af.http.post(path, headers=headers, data=data)

    return pressed


@pytest.fixture
def new(press: Callable[..., httpx.Response]) -> str:
    """The sign-in name of an officer made on a page."""
    sign_in = f"n{next(NUMBERS)}.nobody"
    form = {"sign_in": sign_in, "name": NAME, "post": "chaman/duty", "roles": ["duty", "analyst"], "password": WORDS}
    answer = press("/officers/new", **form)
    location = answer.headers["location"]
    assert (answer.status_code, urlsplit(location).path) == (303, f"/officers/{sign_in}")
    assert said_done(location) == "officer-added"
    return sign_in


@pytest.fixture
def far_west(af: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Officers read times eleven hours behind UTC: it is still the day before there."""
    lexicon = Lexicon(
        party="af",
        serial=1,
        at=af.side.means.now(),
        languages=("en",),
        calendars=("gregorian",),
        names={},
        zones={"af": "Pacific/Pago_Pago"},
    )
    monkeypatch.setattr(lexica, "own_lexicon", lambda _turn: lexicon)


@pytest.mark.parametrize("what", ["place", "password", "enable", "sessions", "factor"])
def test_what_outlives_a_session_is_done_by_the_own_password(
    af: Desk, press: Callable[..., httpx.Response], new: str, what: str
) -> None:
    """A session that was stolen, or a desk that was left, makes itself no other way in."""
    form = {"post": "torkham/chief", "roles": "administrator", "password": WORDS, "own_password": "not this one"}
    refused = press(f"/officers/{new}/{what}", **form)
    assert (refused.status_code, "not the password of this officer" in refused.text) == (401, True)
    assert held(af, new).roles == ("analyst", "duty")
    assert af.outcomes(FORMS[what], f"officer:{new}") == ["refused"]
    refused = press("/officers/new", sign_in="n.other", name=NAME, **form)
    assert (refused.status_code, "n.other" in Read(page(af, "/officers").text).words) == (401, False)


def held(af: Desk, sign_in: str) -> Officer:
    with begin(af.side.means) as turn:
        return account.named(turn.tx, sign_in)


def page(af: Desk, path: str, role: Role = "administrator") -> httpx.Response:
    return af.http.get(path, headers={"cookie": af.session(role)["cookie"]})


# --- who may ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "permission"),
    [("/officers", "officer.manage"), ("/audit", "audit.read"), ("/tokens", "token.own")],
)
@pytest.mark.parametrize("role", ROLES)
def test_who_may_finds_it_and_nobody_else_does(
    browser: httpx.Client, sign_in: SignIn, role: Role, path: str, permission: str
) -> None:
    may = role in PERMISSIONS[permission]
    assert (path in Read(sign_in(role).text).links) is may
    assert browser.get(path).status_code == (200 if may else 403)


@pytest.mark.parametrize(
    "path",
    ["/officers/new", *(f"/officers/x.administrator/{what}" for what in (*FORMS, "disable"))],
)
def test_a_page_of_another_session_changes_no_account(
    af: Desk, press: Callable[..., httpx.Response], path: str
) -> None:
    af.officer("administrator")
    before = held(af, "x.administrator")
    assert press(path, form="0" * 64, sign_in="x", password=WORDS).status_code == 403
    assert press(path, "operator", sign_in="x", password=WORDS).status_code == 403
    assert held(af, "x.administrator") == before


# --- accounts ---------------------------------------------------------------------------------------------------------


def test_a_new_officer_stands_in_the_list_as_words_and_has_yet_to_choose_a_password(af: Desk, new: str) -> None:
    shown = Read(page(af, "/officers").text)
    assert NAME in shown.words
    assert "b" not in shown.tags
    assert "has yet to choose a password" in shown.words
    assert held(af, new).roles == ("analyst", "duty")
    assert af.outcomes("officer.add", f"officer:{new}") == ["done"]
    assert WORDS not in page(af, f"/officers/{new}").text


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"sign_in": "x.administrator"}, "sign_in"),
        ({"sign_in": "No Name"}, "sign_in"),
        ({"post": "no post"}, "post"),
        ({"roles": []}, "roles"),
        ({"roles": ["auditor", "duty"]}, "roles"),
        ({"password": SHORT}, "password"),
    ],
    ids=str,
)
def test_what_is_wrong_with_a_new_officer_stands_beside_its_field_and_what_was_typed_stays(
    af: Desk, press: Callable[..., httpx.Response], changes: dict[str, Any], field: str
) -> None:
    af.officer("administrator")
    form = {"sign_in": "z.nobody", "name": NAME, "post": "chaman/duty", "roles": ["duty"], "password": WORDS}
    answer = press("/officers/new", **form | changes)
    assert answer.status_code in {400, 403, 409}
    assert f'id="wrong-{field}"' in answer.text
    assert f'aria-describedby="wrong-{field}"' in answer.text
    assert "Exercise &lt;b&gt;Nobody" in answer.text
    assert WORDS not in answer.text


def test_another_post_and_one_role_hold_at_once(af: Desk, press: Callable[..., httpx.Response], new: str) -> None:
    assert press(f"/officers/{new}/place", post="torkham/chief", roles="approver").status_code == 303
    assert (held(af, new).post, held(af, new).roles) == ("torkham/chief", ("approver",))
    refused = press(f"/officers/{new}/place", post="torkham/chief")
    assert (refused.status_code, 'id="wrong-roles-place"' in refused.text) == (400, True)


def test_disabling_says_what_follows_before_it_is_done_and_is_taken_back(
    af: Desk, press: Callable[..., httpx.Response], new: str
) -> None:
    assert "All sessions of this officer end at once" in Read(page(af, f"/officers/{new}").text).words
    assert press(f"/officers/{new}/disable").status_code == 303
    assert not held(af, new).active
    shown = page(af, f"/officers/{new}").text
    assert ("Disabled since" in shown, f'action="/officers/{new}/disable"' in shown) == (True, False)
    assert press(f"/officers/{new}/enable").status_code == 303
    assert held(af, new).active


@pytest.mark.parametrize("what", FORMS)
def test_a_wrong_own_password_is_told_beside_the_field_of_the_form_that_came(
    press: Callable[..., httpx.Response], new: str, what: str
) -> None:
    """Several forms of the page have that field, and what is wrong stands beside one of them."""
    if what == "enable":
        assert press(f"/officers/{new}/disable").status_code == 303
    wrong = press(f"/officers/{new}/{what}", post="chaman/duty", roles="duty", password=WORDS, own_password=SHORT)
    ids = re.findall(r' id="([^"]+)"', wrong.text)
    assert [each for each in ids if each.startswith("wrong-")] == [f"wrong-own_password-{what}"]
    assert wrong.text.count(f'aria-describedby="wrong-own_password-{what}"') == 1
    form = wrong.text.split(f'action="/officers/{new}/{what}"')[1].split("</form>")[0]
    assert f'id="wrong-own_password-{what}"' in form
    assert len(ids) == len(set(ids))


def test_an_administrator_ends_all_sessions_of_an_officer_and_no_other(
    af: Desk, press: Callable[..., httpx.Response]
) -> None:
    theirs, others = [af.session("observer") for _ in range(2)], af.session("analyst")
    assert press("/officers/x.observer/sessions").status_code == 303
    assert {af.http.get("/", headers=each).status_code for each in theirs} == {303}
    assert af.http.get("/", headers=others).status_code == 200
    assert af.outcomes("officer.sessions", "officer:x.observer")[-1] == "done"


def test_an_administrator_takes_a_second_factor_away(af: Desk, press: Callable[..., httpx.Response]) -> None:
    with begin(af.side.means) as turn:
        officer = add(turn.tx, "n.factor", "observer").id
        sessions.start(turn.tx, account.officer(turn.tx, officer), bytes(sessions.SECRET_BYTES), turn.now)
    assert "The next sign-in is by the password alone" in Read(page(af, "/officers/n.factor").text).words
    assert press("/officers/n.factor/factor").status_code == 303
    with begin(af.side.means) as turn:
        assert (factor.enrolled(turn.tx, officer), sessions.of(turn.tx, officer, turn.now)) == (False, [])
    assert af.outcomes("officer.factor", "officer:n.factor") == ["done"]


def test_the_last_administrator_stays(af: Desk, press: Callable[..., httpx.Response]) -> None:
    af.officer("administrator")
    refused = press("/officers/x.administrator/disable")
    assert (refused.status_code, "is the last active administrator" in refused.text) == (403, True)
    assert held(af, "x.administrator").active
    assert "refused" in af.outcomes("officer.disable", "officer:x.administrator")


def test_a_lock_is_shown_and_lifted(af: Desk, press: Callable[..., httpx.Response], new: str) -> None:
    with begin(af.side.means) as turn:
        tried = account.trial(turn.tx, new, "")
        for _ in range(6):
            account.settle(turn.tx, tried, turn.now, right=False)
    assert "Locked by wrong passwords until" in page(af, f"/officers/{new}").text
    assert press(f"/officers/{new}/unlock").status_code == 303
    assert "Locked by wrong passwords" not in page(af, f"/officers/{new}").text


def test_a_password_that_was_set_is_to_be_changed(af: Desk, press: Callable[..., httpx.Response], new: str) -> None:
    with begin(af.side.means) as turn:
        one = account.named(turn.tx, new)
        account.set_password(turn.tx, one.id, "x", turn.now, given=False)
    short = press(f"/officers/{new}/password", password=SHORT)
    assert (short.status_code, 'id="wrong-password-password"' in short.text) == (400, True)
    assert press(f"/officers/{new}/password", password=WORDS).status_code == 303
    assert held(af, new).password_given


def test_an_officer_that_is_none_is_told(af: Desk, press: Callable[..., httpx.Response]) -> None:
    assert page(af, "/officers/nobody").status_code == 404
    assert press("/officers/nobody/enable").status_code == 404


# --- one's own tokens -------------------------------------------------------------------------------------------------


def made(answer: httpx.Response) -> str:
    """The token that stands on a page; "" where there is none."""
    found = re.search(r"amanat_\d+_[A-Za-z0-9_-]{43}", answer.text)
    return found[0] if found else ""


def own(af: Desk, role: Role) -> list[tokens.Token]:
    officer = af.officer(role)
    with begin(af.side.means) as turn:
        return list(tokens.tokens(turn.tx, officer.id))


def test_a_token_is_shown_once_and_opens_what_it_is_for_and_nothing_once_it_is_revoked(
    af: Desk, press: Callable[..., httpx.Response]
) -> None:
    answer = press("/tokens", "duty", name="desk <i>program</i>", scope="log.read", password=SPOKEN)
    token = made(answer)
    assert (answer.status_code, bool(token), answer.headers["cache-control"]) == (200, True, "no-store")
    assert made(page(af, "/tokens", "duty")) == ""
    assert "i" not in Read(page(af, "/tokens", "duty").text).tags
    headers = {"authorization": f"Bearer {token}"}
    assert af.http.get("/api/v1/logs", headers=headers).status_code == 200
    assert af.http.get("/api/v1/compacts", headers=headers).status_code == 403
    newest = own(af, "duty")[0]
    assert (newest.scope, press(f"/tokens/{newest.id}/revoke", "duty").status_code) == (("log.read",), 303)
    assert af.http.get("/api/v1/logs", headers=headers).status_code == 401
    assert "revoked" in Read(page(af, "/tokens", "duty").text).words


def test_without_a_scope_it_may_read_and_its_last_day_is_whole(af: Desk, press: Callable[..., httpx.Response]) -> None:
    assert made(press("/tokens", "analyst", name="reader", expires="2026-12-31", password=SPOKEN))
    newest = own(af, "analyst")[0]
    assert ("record.read" in newest.scope, "record.compose" in newest.scope) == (True, False)
    assert newest.expires.isoformat() == "2027-01-01T00:00:00+00:00"


@pytest.mark.usefixtures("far_west")
def test_a_tokens_last_day_ends_where_its_officers_read_times(af: Desk, press: Callable[..., httpx.Response]) -> None:
    assert made(press("/tokens", "analyst", name="west", expires="2026-12-31", password=SPOKEN))
    assert own(af, "analyst")[0].expires.isoformat() == "2027-01-01T11:00:00+00:00"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"password": "wrong wrong wrong"}, "password"),
        ({"name": ""}, "name"),
        ({"expires": "2020-01-01"}, "expires"),
        ({"expires": "soon"}, "expires"),
        ({"expires": "2090-01-01"}, "expires"),
        ({"scope": "officer.manage"}, "scope"),
    ],
    ids=str,
)
def test_what_is_wrong_with_a_token_stands_beside_its_field_and_none_is_made(
    af: Desk, press: Callable[..., httpx.Response], changes: dict[str, str], field: str
) -> None:
    before = len(own(af, "approver"))
    answer = press("/tokens", "approver", **{"name": "x", "password": SPOKEN} | changes)
    assert answer.status_code in {400, 401, 403}
    assert (f'id="wrong-{field}"' in answer.text, made(answer)) == (True, "")
    assert len(own(af, "approver")) == before


def test_another_session_makes_and_revokes_nothing_and_nobody_revokes_anothers(
    af: Desk, press: Callable[..., httpx.Response]
) -> None:
    assert made(press("/tokens", "observer", name="x", password=SPOKEN))
    newest = own(af, "observer")[0]
    assert press("/tokens", "observer", form="0" * 64, name="x", password=SPOKEN).status_code == 403
    assert press(f"/tokens/{newest.id}/revoke", "observer", form="0" * 64).status_code == 403
    assert press(f"/tokens/{newest.id}/revoke", "duty").status_code == 404
    assert own(af, "observer")[0].revoked is None


# --- what officers did ------------------------------------------------------------------------------------------------


def rows(af: Desk, **query: str) -> list[str]:
    """The rows of the table, each as its words."""
    answer = af.http.get("/audit", params=query, headers={"cookie": af.session("auditor")["cookie"]})
    assert answer.status_code == 200, answer.text
    found = re.findall(r"<tr>\n(.*?)</tr>", answer.text, re.DOTALL)
    return [" ".join(Read(row).words.split()) for row in found if "<td" in row]


def test_each_look_is_itself_noted(af: Desk) -> None:
    before = len(af.outcomes("audit.read"))
    rows(af)
    assert len(af.outcomes("audit.read")) == before + 1


def test_acts_are_found_by_officer_act_subject_outcome_and_day(
    af: Desk, press: Callable[..., httpx.Response], new: str
) -> None:
    press("/officers/x.administrator/disable")
    by_subject = rows(af, subject=f"officer:{new}")
    assert len(by_subject) == 1
    assert "made an officer's account" in by_subject[0]
    assert {"x.administrator" in row for row in rows(af, officer="x.administrator")} == {True}
    press(f"/officers/{new}/disable")
    refused = rows(af, outcome="refused", act="officer.disable")
    assert {"refused" in row for row in refused} == {True}
    assert rows(af, subject=f"officer:{new}", act="officer.add", since="2026-11-24", until="2026-11-24") == by_subject
    assert rows(af, subject=f"officer:{new}", until="2026-11-23") == []


@pytest.mark.usefixtures("far_west")
def test_acts_of_a_day_are_those_of_the_zone_in_which_the_page_shows_them(af: Desk, new: str) -> None:
    found = {day: rows(af, subject=f"officer:{new}", since=day, until=day) for day in ("2026-11-23", "2026-11-24")}
    assert [len(each) for each in found.values()] == [1, 0]


@pytest.mark.parametrize("query", [{"since": "soon"}, {"officer": "nobody"}, {"act": "x"}, {"outcome": "x"}], ids=str)
def test_what_cannot_be_looked_for_is_told_above_the_form(af: Desk, query: dict[str, str]) -> None:
    answer = af.http.get("/audit", params=query, headers={"cookie": af.session("auditor")["cookie"]})
    assert answer.status_code in {400, 404}
    assert ('role="alert"' in answer.text, 'action="/audit"' in answer.text) == (True, True)


def test_a_search_leads_from_page_to_page(af: Desk) -> None:
    for _ in range(52):
        rows(af, subject="nothing")
    answer = af.http.get("/audit", params={"act": "audit.read"}, headers={"cookie": af.session("auditor")["cookie"]})
    (older,) = [link for link in Read(answer.text).links if "before=" in link]
    second = af.http.get(older, headers={"cookie": af.session("auditor")["cookie"]})
    assert answer.text.count("<tr>\n<td") == 50
    assert second.text.count("<tr>\n<td") >= 2
