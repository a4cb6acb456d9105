"""Compacts, parties, logs, lines, officers, tokens and the audit log, as programs are shown them."""

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from typing import Any

import httpx
import pytest

from amanat import node
from amanat.exchange import answers
from amanat.exchange.caller import COOKIE
from amanat.exchange.logs import told
from amanat.exchange.means import begin
from amanat.exchange.signing_in import OFFICERS
from amanat.officer import account
from amanat.officer.may import Role
from amanat.officer.sessions import MOST_WRONG
from amanat.party.fingerprint import fingerprint, words
from amanat.store.tables import PEER
from api.cast import API, Desk, desk
from border import meet
from officer.cast import CHEAP, SPARE, SPOKEN, kept
from wire import free_port


@pytest.fixture(scope="module", autouse=True)
def quick_passwords() -> Iterator[None]:
    """Passwords cost what they cost in other tests."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(node, "COST", CHEAP)
        yield


# --- what was agreed, and with whom -----------------------------------------------------------------------------------


def test_a_compact_is_told_clause_by_clause_and_word_for_word(pk: Desk) -> None:
    (head,) = pk.get("administrator", "/compacts")
    assert (head["id"], head["state"], head["members"], head["observers"]) == ("pk-af", "active", ["af", "pk"], ["obs"])
    told_ = pk.get("administrator", "/compacts/pk-af")
    assert {clause["effect"] for clause in told_["clauses"]} == {"permit", "forbid"}
    assert pk.ask("administrator", "GET", "/compacts/pk-af/text").content == pk.side.terms.text
    assert pk.ask("administrator", "GET", "/compacts/pk-xx").json()["code"] == "compact.unknown"


@pytest.mark.parametrize(
    ("asked", "may"),
    [
        ({"to": ["af"]}, True),
        ({"to": ["obs"]}, False),
        ({"to": ["af"], "handling": {"tlp": "TLP:RED"}}, False),
        ({"to": ["af"], "names_person": True}, False),
    ],
    ids=str,
)
def test_the_compact_says_whether_something_may_be_sent_and_why(pk: Desk, asked: dict[str, object], may: bool) -> None:  # noqa: FBT001
    answer = pk.ask("analyst", "POST", "/compacts/pk-af/question", json={"kind": "intelligence.report", **asked})
    said = answer.json()
    assert (answer.status_code, said["may"]) == (200, may)
    assert said["by"]
    assert said["says"]


def test_a_party_is_shown_with_the_words_by_which_it_is_compared(pk: Desk) -> None:
    assert [each["party"] for each in pk.get("observer", "/parties")] == ["af", "obs", "pk"]
    root = fingerprint(pk.side.manifest.root)
    own = pk.get("observer", "/parties/pk")
    assert (own["own"], own["fingerprint"], own["words"]) == (True, root.hex(), list(words(root)))
    assert pk.ask("observer", "GET", "/parties/xx").json()["code"] == "party.unknown"


def test_a_kind_is_shown_with_its_schema(pk: Desk) -> None:
    assert "intelligence.report/1" in [each["kind"] for each in pk.get("observer", "/kinds")]
    assert pk.get("observer", "/kinds/intelligence.report")["title"] == "intelligence.report/1"
    assert pk.ask("observer", "GET", "/kinds/trade.none").json()["code"] == "kind.unknown"


# --- logs and lines ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("size", "final", "by", "hours", "says"),
    [
        (0, 0, [], None, "empty"),
        (3, 3, ["af", "obs"], None, "final"),
        (4, 3, [], 2, "countersigned by nobody, 2 h"),
        (4, 0, ["A"], 31, "countersigned by A only, 31 h"),
        (4, 0, ["A", "B"], None, "countersigned by A and B only"),
    ],
)
def test_a_log_that_lacks_its_quorum_says_who_countersigned_and_since_when(
    size: int, final: int, by: list[str], hours: int | None, says: str
) -> None:
    assert told(size, final, by, None if hours is None else timedelta(hours=hours)) == says


def test_a_log_is_final_once_its_quorum_saw_it_and_not_before(tmp_path_factory: pytest.TempPathFactory) -> None:
    with meet(tmp_path_factory.mktemp("border")) as met, desk(met.pk) as pk:
        pk.send()
        met.clock.forward(hours=3)
        (log,) = pk.get("auditor", "/logs")
        assert (log["size"], log["final"], log["says"]) == (1, 0, "countersigned by nobody, 3 h")
        assert log["waits_for"]
        met.settle()
        log = pk.get("auditor", "/logs/pk-af")
        assert (log["final"], log["waits_for"], log["says"]) == (1, "", "final")
        assert {each["by"] for each in log["countersigned"]} >= {"obs"}
        assert pk.ask("auditor", "GET", "/logs/audit").json()["code"] == "log.unknown"


def test_what_waits_for_a_recipient_is_shown_until_it_came(tmp_path_factory: pytest.TempPathFactory) -> None:
    with meet(tmp_path_factory.mktemp("border")) as met, desk(met.pk) as pk:
        assert pk.get("operator", "/outbox") == []
        sent = pk.send()
        (due,) = pk.get("operator", "/outbox")
        assert (due["recipient"], due["pending"], due["provisional"], due["refused"]) == ("af", 1, 0, 0)
        assert [each["id"] for each in due["first"]] == [sent["id"]]
        met.settle()
        assert pk.get("operator", "/outbox") == []


def test_a_line_is_paused_resumed_and_tried_by_hand(tmp_path_factory: pytest.TempPathFactory) -> None:
    with meet(tmp_path_factory.mktemp("border")) as met:
        with begin(met.pk.means) as turn:
            row = {"party": "af", "url": f"http://127.0.0.1:{free_port()}", "paused": False}
            turn.tx.execute(PEER.insert(), row)
        with desk(met.pk) as pk:
            for what, paused in (("pause", True), ("resume", False), ("retry", False)):
                answer = pk.ask("operator", "POST", f"/peers/af/{what}")
                assert (answer.status_code, answer.json()["state"] == "paused") == (200, paused)
                (line,) = pk.get("operator", "/peers")
                assert (line["state"] == "paused") is paused
            assert pk.ask("operator", "POST", "/peers/xx/pause").json()["code"] == "peer.unknown"
            assert pk.ask("operator", "POST", "/peers/af/cut").status_code == 400
            assert len(pk.noted("peers.operate")) == 3


def test_a_peer_is_given_again_what_it_lost_while_an_operator_says_so(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    with meet(tmp_path_factory.mktemp("border")) as met, desk(met.pk) as pk:
        sent = met.pk.send("af")
        assert pk.get("duty", "/peers/again") == []
        met.pk.take("asking", answers.ask(sent.digest, "pk", met.af.means), sender="af")
        assert pk.get("duty", "/peers/again") == [{"party": "af", "waiting": 1, "until": None}]
        assert pk.ask("operator", "PUT", "/peers/af/again", json={"days": 15}).status_code == 400
        assert pk.ask("operator", "PUT", "/peers/xx/again", json={}).json()["code"] == "party.unknown"
        given = pk.ask("operator", "PUT", "/peers/af/again", json={"days": 2}).json()
        assert pk.get("duty", "/peers/again") == [given]
        assert (given["waiting"], given["until"] > "2026") == (1, True)
        assert pk.ask("operator", "DELETE", "/peers/af/again").json()["waiting"] == 1
        assert pk.get("duty", "/peers/again") == []
        assert len(pk.noted("peers.give")) == 2


# --- officers ---------------------------------------------------------------------------------------------------------


def test_an_officer_is_hired_placed_locked_out_and_let_in_again(pk: Desk) -> None:
    new = {
        "sign_in": "m.khan",
        "name": "Exercise Khan",
        "post": "torkham/duty",
        "roles": ["analyst"],
        "password": SPOKEN,
        "own_password": SPOKEN,
    }
    made = pk.ask("administrator", "POST", "/officers", json=new)
    assert made.status_code == 201
    assert made.json()["password_given"] is True
    assert SPOKEN not in made.text
    assert "argon2" not in made.text
    assert pk.ask("administrator", "POST", "/officers", json=new).json()["code"] == "officer.taken"
    placed = {"post": "chaman/duty", "roles": ["duty"], "own_password": SPOKEN}
    assert pk.ask("administrator", "PUT", "/officers/m.khan", json=placed).json()["roles"] == ["duty"]
    for what, given, active in (
        ("disable", None, False),
        ("enable", {"own_password": SPOKEN}, True),
        ("unlock", None, True),
        ("sessions/end", {"own_password": SPOKEN}, True),
        ("factor/reset", {"own_password": SPOKEN}, True),
    ):
        assert pk.ask("administrator", "POST", f"/officers/m.khan/{what}", json=given).json()["active"] is active
    short = set_password(pk, "m.khan", "short")
    assert (short.status_code, short.json()["code"]) == (400, "password.length")
    assert set_password(pk, "m.khan", "eleven grey buses").status_code == 200
    both = placed | {"roles": ["duty", "auditor"]}
    apart = pk.ask("administrator", "PUT", "/officers/m.khan", json=both)
    assert (apart.status_code, apart.json()["code"]) == (403, "officer.apart")
    assert "m.khan" in [each["sign_in"] for each in pk.get("administrator", "/officers")]
    assert pk.ask("administrator", "POST", "/officers/nobody/disable").status_code == 404


@pytest.mark.promised(
    "a stolen administrator's session",
    "docs/officers.md",
    "Passwords, tokens, sessions",
    "so that a stolen session becomes no account",
)
@pytest.mark.parametrize(
    ("method", "path", "given", "act"),
    [
        ("POST", "", {"sign_in": "x.other", "name": "x", "post": "x", "roles": ["duty"], "password": SPOKEN}, "add"),
        ("PUT", "/x.analyst", {"post": "x", "roles": ["administrator"]}, "assign"),
        ("PUT", "/x.analyst/password", {"password": "eleven grey buses"}, "password"),
        ("POST", "/x.analyst/enable", {}, "enable"),
        ("POST", "/x.analyst/sessions/end", {}, "sessions"),
        ("POST", "/x.analyst/factor/reset", {}, "factor"),
    ],
)
def test_an_administrators_open_session_makes_nobody_a_way_in_without_the_password(
    pk: Desk, method: str, path: str, given: dict[str, Any], act: str
) -> None:
    """A few wrong ones end the session, and each is noted with whom it was tried for."""
    analyst, stolen = pk.officer("analyst"), pk.session("administrator")
    gate = pk.node.app.state.gate
    gate.signing_in.left.clear()
    assert pk.ask("administrator", method, f"/officers{path}", json=given).status_code == 400
    answers = [
        pk.http.request(method, f"{API}/officers{path}", headers=stolen, json=given | {"own_password": each}).json()
        for each in ["wrong wrong wrong"] * MOST_WRONG + [SPOKEN]
    ]
    assert [each["code"] for each in answers] == ["session.wrong"] * (MOST_WRONG - 1) + ["session.over"] * 2
    (last,) = pk.get("auditor", "/audit", act=f"officer.{act}", limit=1)
    assert (last["subject"], last["outcome"]) == (f"officer:x.{'analyst' if path else 'other'}", "refused")
    with begin(pk.side.means) as turn:
        assert account.officer(turn.tx, analyst.id) == analyst
        assert "x.other" not in [each.sign_in for each in account.officers(turn.tx)]
    gate.signing_in.left[f"officer {pk.officer('administrator').id}"] = (-1000.0, gate.signing_in.seconds())
    answer = pk.ask("administrator", method, f"/officers{path}", json=given | {"own_password": SPOKEN})
    assert (answer.status_code, answer.json()["code"]) == (429, "rate.exceeded")
    gate.signing_in.left.clear()


@pytest.mark.parametrize("path", ["/officers", "/officers/x.analyst/password"])
def test_a_new_password_is_read_only_at_one_of_the_places_where_few_are_tried_at_once(pk: Desk, path: str) -> None:
    """Making it costly to guess takes as much memory as trying one: a stolen session has no more of it than others."""
    new = {"sign_in": "x.other", "name": "x", "post": "x", "roles": ["duty"]} if path == "/officers" else {}
    given, method = {**new, "password": "short", "own_password": SPOKEN}, "PUT" if not new else "POST"
    pk.officer("analyst")
    with ExitStack() as places:
        while OFFICERS.acquire(blocking=False):
            places.callback(OFFICERS.release)
        assert pk.ask("administrator", method, path, json=given).json()["code"] == "sign-in.busy"
    assert pk.ask("administrator", method, path, json=given).json()["code"] == "password.length"
    pk.node.app.state.gate.signing_in.left.clear()


@pytest.mark.parametrize("what", ["disable", "enable", "unlock"])
def test_that_who_may_not_tried_to_shut_an_officer_out_or_let_one_in_is_noted(pk: Desk, what: str) -> None:
    assert pk.ask("duty", "POST", f"/officers/x.administrator/{what}").status_code == 403
    (*_, last) = pk.noted(f"officer.{what}")  # type: ignore[arg-type]  # an act
    assert (last.officer, last.outcome) == (pk.officer("duty").id, "refused")


def test_a_token_is_shown_once_used_and_revoked_by_its_own_officer(pk: Desk) -> None:
    made = new_token(pk, "duty", "the map").json()
    headers = {"authorization": f"Bearer {made['token']}"}
    assert pk.http.get(f"{API}/records", headers=headers).status_code == 200
    assert pk.http.post(f"{API}/tokens", headers=headers, json={"name": "more", "password": SPOKEN}).status_code == 403
    number = made["kept"]["id"]
    assert made["token"] not in pk.ask("duty", "GET", "/tokens").text
    assert pk.ask("analyst", "DELETE", f"/tokens/{number}").json()["code"] == "token.unknown"
    assert pk.ask("duty", "DELETE", f"/tokens/{number}").json()["revoked"]
    assert pk.http.get(f"{API}/records", headers=headers).status_code == 401
    assert new_token(pk, "analyst", "x", scope=["record.send"]).json()["code"] == "token.scope"


@pytest.mark.promised(
    "a stolen session that makes itself a token",
    "docs/officers.md",
    "Passwords, tokens, sessions",
    "a session left open makes none",
)
def test_an_open_session_makes_no_token_without_the_password(pk: Desk) -> None:
    """A few wrong passwords end it, and each is noted."""
    stolen = pk.session("observer")
    assert pk.ask("observer", "POST", "/tokens", json={"name": "the map"}).status_code == 400
    pk.node.app.state.gate.signing_in.left.clear()
    for spoken in ["wrong wrong wrong"] * MOST_WRONG + [SPOKEN]:
        asked = {"name": "the map", "password": spoken}
        assert pk.http.post(f"{API}/tokens", headers=stolen, json=asked).status_code == 401
    assert pk.get("observer", "/tokens") == []
    (last,) = pk.get("auditor", "/audit", act="token.new", limit=1)
    assert (last["sign_in"], last["outcome"]) == ("x.observer", "refused")


@pytest.mark.promised(
    "a token made with a stolen password",
    "docs/officers.md",
    "Passwords, tokens, sessions",
    "and revokes all tokens for good",
)
def test_no_token_outlives_the_password_whoever_sets_another(pk: Desk) -> None:
    before = pk.token("operator")
    assert change(pk, pk.session("operator"), SPOKEN, "eleven grey buses").status_code == 200
    between = pk.token("operator")
    assert pk.http.get(f"{API}/peers", headers=between).status_code == 200
    assert set_password(pk, "x.operator", SPOKEN).status_code == 200
    assert [pk.http.get(f"{API}/peers", headers=each).status_code for each in (before, between)] == [401, 401]
    assert change(pk, pk.session("operator"), SPOKEN, "ten quiet lorries").status_code == 200
    with begin(pk.side.means) as turn:
        id_ = pk.officer("operator").id
        account.set_password(turn.tx, id_, kept(sign_in="x.operator"), turn.now, given=False)


def new_token(pk: Desk, role: Role, name: str, **given: Any) -> httpx.Response:
    """Make a token as that officer would from a page."""
    return pk.ask(role, "POST", "/tokens", json={"name": name, "password": SPOKEN} | given)


def set_password(pk: Desk, sign_in: str, new: str) -> httpx.Response:
    """Set another's password, as an administrator."""
    path, given = f"/officers/{sign_in}/password", {"password": new, "own_password": SPOKEN}
    return pk.ask("administrator", "PUT", path, json=given)


def change(pk: Desk, session: dict[str, str], old: str, new: str) -> httpx.Response:
    """Change one's own password."""
    pk.http.cookies.clear()
    pk.node.app.state.gate.signing_in.left.clear()
    return pk.http.put(f"{API}/session/password", headers=session, json={"old": old, "new": new})


def test_who_changes_ones_own_password_goes_on_and_is_signed_out_everywhere_else(pk: Desk) -> None:
    session, elsewhere = pk.session("approver"), pk.session("approver")
    done = change(pk, session, SPOKEN, "eleven grey buses")
    assert done.status_code == 200
    cookie = f"{COOKIE}={done.cookies[COOKIE]}"
    pk.http.cookies.clear()
    assert pk.http.get(f"{API}/session", headers=session).status_code == 401
    assert pk.http.get(f"{API}/session", headers=elsewhere).status_code == 401
    goes_on = {"cookie": cookie, "x-amanat-form": done.json()["form"]}
    assert pk.http.get(f"{API}/session", headers=goes_on).status_code == 200
    back = change(pk, goes_on, "eleven grey buses", SPOKEN)
    assert back.status_code == 200
    rows = pk.get("auditor", "/audit", act="password.own", limit=2)
    assert [(each["subject"], each["outcome"]) for each in rows] == [("officer:x.approver", "done")] * 2


@pytest.mark.parametrize(
    ("old", "new", "answered"),
    [
        ("wrong wrong wrong", "eleven grey buses", (401, "session.wrong")),
        (SPOKEN, "short", (400, "password.length")),
        (SPOKEN, SPOKEN, (400, "password.same")),
    ],
)
def test_a_password_is_not_changed_without_the_old_one_or_to_a_weak_one(
    pk: Desk, old: str, new: str, answered: tuple[int, str]
) -> None:
    session = pk.session("analyst")
    said = change(pk, session, old, new)
    assert (said.status_code, said.json()["code"]) == answered
    assert pk.http.get(f"{API}/session", headers=session).status_code == 200


@pytest.mark.promised(
    "a stolen session that guesses",
    "docs/officers.md",
    "Passwords, tokens, sessions",
    "a session left open is no place to guess",
)
def test_who_guesses_the_old_password_from_an_open_session_has_five_tries_and_locks_nobody_out(pk: Desk) -> None:
    session, elsewhere = pk.session("observer"), pk.session("observer")
    for _ in range(MOST_WRONG):
        assert change(pk, session, "wrong wrong wrong", "eleven grey buses").status_code == 401
    ended = change(pk, session, SPOKEN, "eleven grey buses")
    assert (ended.status_code, ended.json()["code"]) == (401, "session.over")
    assert pk.http.get(f"{API}/session", headers=elsewhere).status_code == 200
    typed = {"name": "x.observer", "password": SPOKEN, "code": SPARE[0]}
    assert pk.http.post(f"{API}/session", json=typed).status_code == 201
    pk.http.cookies.clear()


def test_a_right_one_in_between_begins_the_count_anew(pk: Desk) -> None:
    session = pk.session("observer")
    for spoken in ("wrong wrong wrong",) * (MOST_WRONG - 1), (SPOKEN,), ("wrong wrong wrong",) * (MOST_WRONG - 1):
        pk.node.app.state.gate.signing_in.left.clear()
        for each in spoken:
            answer = pk.http.post(f"{API}/session/proof", json={"typed": each}, headers=session)
            assert answer.status_code == (204 if each == SPOKEN else 401)
    assert pk.http.get(f"{API}/session", headers=session).status_code == 200


def test_who_signed_in_by_a_password_that_another_set_may_do_nothing_but_change_it(pk: Desk) -> None:
    assert set_password(pk, pk.officer("duty").sign_in, SPOKEN).status_code == 200
    session = pk.session("duty")
    for method, path in (("GET", "/records"), ("POST", "/records"), ("GET", "/session"), ("POST", "/tokens")):
        answer = pk.http.request(method, f"{API}{path}", headers=session, json=None if method == "GET" else {})
        assert (answer.status_code, answer.json()["code"]) == (403, "password.given"), path
    done = change(pk, session, SPOKEN, "eleven grey buses")
    cookie = f"{COOKIE}={done.cookies[COOKIE]}"
    pk.http.cookies.clear()
    assert pk.http.get(f"{API}/records", headers={"cookie": cookie}).status_code == 200


def test_who_searched_the_audit_log_is_in_it(pk: Desk) -> None:
    pk.send()
    sent = pk.get("auditor", "/audit", act="record.send", officer=pk.officer("duty").id, limit=1)
    assert [(each["act"], each["sign_in"], each["outcome"]) for each in sent] == [("record.send", "x.duty", "done")]
    newest, *_ = pk.get("auditor", "/audit", limit=2)
    assert newest["act"] == "audit.read"
    older = pk.get("auditor", "/audit", limit=1, before=newest["number"])
    assert older[0]["number"] < newest["number"]


def test_whoever_asks_is_told_who_that_is(pk: Desk) -> None:
    me = pk.get("duty", "/session")
    assert (me["post"], me["roles"], me["channel"]) == ("torkham/duty", ["duty"], "console")
    program = pk.http.get(f"{API}/session", headers=pk.token("duty", "compact.read")).json()
    assert (program["permissions"], program["channel"]) == (["compact.read"], "api")
    with begin(pk.side.means) as turn:
        assert account.named(turn.tx, "x.duty").id == me["officer"]
