"""Records over the API: found, shown, sent, approved, withdrawn; and who looked at a person's data is noted."""

import hashlib
import socket
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import msgspec
import pytest
from anyio import CapacityLimiter

from amanat.exchange import export, handing_in
from amanat.exchange.caller import Gate
from amanat.exchange.cursor import written
from amanat.exchange.means import begin
from amanat.officer.may import Role
from amanat.record.attachment import MAX_ATTACHMENT_BYTES
from amanat.store.tables import TOKEN
from api.cast import API, Desk, draft, person
from border import Border
from officer.cast import SPOKEN
from wire import eventually

MIB = 1024 * 1024


@pytest.fixture(autouse=True)
def rested(pk: Desk) -> None:
    """Each test has all the requests that an officer may make at once."""
    gate: Gate = pk.node.app.state.gate
    gate.rate.left.clear()


@contextmanager
def begun(desk: Desk, name: str, size: int) -> Iterator[socket.socket]:
    """A file of which the first byte came, and no more."""
    head = [f"POST {API}/files/{name} HTTP/1.1", "host: node", f"content-length: {size}"]
    head += [f"{name}: {value}" for name, value in desk.session("duty").items()]
    with socket.create_connection(("127.0.0.1", desk.http.base_url.port or 0), timeout=20) as line:
        line.sendall("\r\n".join([*head, "", "a"]).encode())
        yield line


def looks(desk: Desk, role: Role) -> list[str]:
    """At which records naming a person an officer looked, oldest first."""
    return [row.subject for row in desk.noted("record.person", by=role)]


def done(desk: Desk, role: Role) -> list[tuple[str, str, str]]:
    """What an officer did, oldest first."""
    return [(row.act, row.subject, row.outcome) for row in desk.noted(by=role)]


def approve(desk: Desk, id_: str) -> Any:
    """Read a held record and approve it, as the second person."""
    digest = desk.get("approver", f"/held/{id_}")["digest"]
    answer = desk.ask("approver", "POST", f"/held/{id_}/approval", json={"digest": digest})
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.fixture(scope="module")
def both(met: Border, pk: Desk) -> dict[str, str]:
    """The ids of two records of pk that af has: one names a person, the other nobody."""
    held = pk.send(text="Exercise Nobody was seen at Torkham", **person("Exercise Nobody was seen at Torkham"))
    approve(pk, held["id"])
    plain = pk.send(text="three lorries at Torkham")
    met.settle()
    return {"person": held["id"], "plain": plain["id"]}


# --- lists ------------------------------------------------------------------------------------------------------------


def test_a_page_leads_to_the_next_and_together_they_are_all(pk: Desk) -> None:
    sent = [pk.send(text=f"lorry {number}")["id"] for number in range(5)]
    found = [each["id"] for each in pk.pages("duty", "/records", box="out", text="lorry")]
    assert sorted(found) == sorted(sent)


@pytest.mark.parametrize("cursor", ["x", "cGs6MQ", "é", "=" * 9, "cGs6" * 40])
def test_a_cursor_that_no_page_gave_is_told(pk: Desk, cursor: str) -> None:
    answer = pk.ask("duty", "GET", "/records", params={"cursor": cursor})
    assert (answer.status_code, answer.json()["code"]) == (400, "page.cursor")


@pytest.mark.parametrize(
    ("query", "there"),
    [
        ({"box": "in"}, True),
        ({"box": "out"}, False),
        ({"party": "pk", "kind": "intelligence.report", "compact": "pk-af", "state": "current"}, True),
        ({"party": "obs"}, False),
        ({"kind": "record.withdrawal"}, False),
        ({"state": "withdrawn"}, False),
        ({"exercise": "true"}, False),
        ({"since": "2026-11-24T06:30:00Z"}, True),
        ({"until": "2026-11-24T06:30:00Z"}, False),
        ({"text": "LORRIES tork"}, True),
        ({"text": "buses"}, False),
    ],
    ids=str,
)
def test_a_list_is_of_what_was_asked(af: Desk, both: dict[str, str], query: dict[str, str], there: bool) -> None:  # noqa: FBT001
    found = [each["id"] for each in af.get("analyst", "/records", **query)["items"]]
    assert (both["plain"] in found) is there


def test_a_list_shows_who_may_not_look_that_there_is_a_record_and_nothing_of_a_person(
    af: Desk, both: dict[str, str]
) -> None:
    items = {each["id"]: each for each in af.get("observer", "/records")["items"]}
    assert (items[both["person"]]["names_person"], items[both["person"]]["title"]) == (True, None)
    assert items[both["plain"]]["title"] is not None
    assert looks(af, "observer") == []


def test_a_word_of_a_record_that_names_a_person_is_found_by_who_may_look_at_it_alone(
    af: Desk, both: dict[str, str]
) -> None:
    assert both["person"] in [each["id"] for each in af.get("analyst", "/records", text="nobody")["items"]]
    assert af.get("observer", "/records", text="nobody") == {"items": [], "next": None}
    assert [each["id"] for each in af.get("observer", "/records", text="torkham")["items"]] == [both["plain"]]


def test_each_list_that_shows_a_person_is_a_look_that_is_noted(af: Desk, both: dict[str, str]) -> None:
    before = looks(af, "duty")
    af.get("duty", "/records", text="torkham")
    assert looks(af, "duty") == [*before, f"pk:{both['person']}"]


# --- one record -------------------------------------------------------------------------------------------------------


def test_a_record_is_shown_as_it_was_signed(af: Desk, both: dict[str, str]) -> None:
    shown = af.get("analyst", f"/records/pk/{both['plain']}")
    assert shown["record"]["body"] == {"text": "three lorries at Torkham"}
    assert shown["record"]["author"] == {"party": "pk", "name": "torkham/duty"}
    assert shown["without_prejudice"]


def test_one_that_names_a_person_is_a_look_that_is_noted(af: Desk, both: dict[str, str]) -> None:
    before = looks(af, "analyst")
    af.get("analyst", f"/records/pk/{both['person']}")
    assert looks(af, "analyst") == [*before, f"pk:{both['person']}"]


@pytest.mark.parametrize("of", ["", "/files"])
def test_who_may_not_look_is_shown_nothing_of_it(af: Desk, both: dict[str, str], of: str) -> None:
    path = f"/files/pk/{both['person']}" if of else f"/records/pk/{both['person']}"
    answer = af.ask("observer", "GET", path)
    assert (answer.status_code, answer.json()["code"]) == (403, "officer.forbidden")
    assert "Exercise Nobody" not in answer.text


@pytest.mark.promised(
    "a preview that opens", "docs/api.md", "Opening", "no request that only reads, and no token, signs it"
)
def test_no_request_that_only_reads_and_no_token_opens_a_record(met: Border, af: Desk, both: dict[str, str]) -> None:
    path = f"/records/pk/{both['plain']}"
    for each in ("", "/provenance", "/opened"):
        af.ask("analyst", "GET", f"{path}{each}")
    token = af.http.post(f"{API}{path}/opened", headers=af.token("analyst"))
    assert (token.status_code, token.json()["code"]) == (403, "officer.scope")
    asked = af.ask(
        "duty", "POST", "/tokens", json={"name": "reader", "password": SPOKEN, "scope": ["record.acknowledge"]}
    )
    assert (asked.status_code, asked.json()["code"]) == (403, "token.scope")
    for role in ("approver", "observer"):
        assert af.ask(role, "POST", f"{path}/opened").status_code == 403
    assert not met.items("af", "pk", "envelope")


def test_an_officer_who_presses_read_opens_it_once_for_the_post_and_its_originator_is_told(
    met: Border, pk: Desk, af: Desk, both: dict[str, str]
) -> None:
    path = f"/records/pk/{both['person']}"
    before = len(looks(af, "analyst"))
    first = af.ask("analyst", "POST", f"{path}/opened").json()
    assert (first["post"], first["notice"]["state"]) == ("torkham/duty", "logged")
    assert af.ask("analyst", "POST", f"{path}/opened").json()["notice"] is None
    assert len(looks(af, "analyst")) > before
    assert ("record.acknowledge", f"pk:{both['person']}", "done") in done(af, "analyst")
    met.settle()
    for side in (pk, af):
        (meant,) = side.get("duty", path)["meanings"]
        assert (meant["party"], [each["post"] for each in meant["opened"]]) == ("af", ["torkham/duty"])


@pytest.mark.parametrize(("party", "code"), [("pk", "open.own"), ("obs", "record.unknown")])
def test_what_is_not_anothers_is_not_opened(pk: Desk, both: dict[str, str], party: str, code: str) -> None:
    assert pk.ask("duty", "POST", f"/records/{party}/{both['plain']}/opened").json()["code"] == code


def test_the_way_of_a_record_is_told_from_the_desk_to_the_others_log(pk: Desk, af: Desk, both: dict[str, str]) -> None:
    way = [(step["did"], step["by"]) for step in pk.get("duty", f"/records/pk/{both['person']}/provenance")]
    assert way[:4] == [
        ("composed", "pk torkham/duty"),
        ("approved", "pk torkham/chief"),
        ("sealed", "pk"),
        ("logged", "pk"),
    ]
    assert ("delivered", "af") in way
    assert ("countersigned", "obs") in way[way.index(("delivered", "af")) :]
    theirs = [(step["did"], step["by"]) for step in af.get("duty", f"/records/pk/{both['person']}/provenance")]
    assert theirs[:4] == [*way[:3], ("logged", "af")]


def test_a_receipt_is_what_the_other_log_proves(pk: Desk, both: dict[str, str]) -> None:
    answer = pk.ask("duty", "GET", f"/records/pk/{both['plain']}/receipts/af")
    assert answer.content.startswith(b"c2sp.org/tlog-proof@v1\n")
    assert "attachment" in answer.headers["content-disposition"]
    assert pk.ask("duty", "GET", f"/records/pk/{both['plain']}/receipts/obs").status_code == 404


def test_a_record_is_checked_anew_and_its_proofs_are_files(pk: Desk, both: dict[str, str]) -> None:
    found = pk.get("duty", f"/records/pk/{both['plain']}/checks")
    assert [(each["what"], each["of"], each["result"]) for each in found] == [
        ("envelope", "pk", "holds"),
        ("signature", "pk", "holds"),
        ("log", "pk", "holds"),
        ("receipt", "af", "holds"),
    ]
    for each, begins in (("proof", b"c2sp.org/tlog-proof@v1\n"), ("policies/af", b"log "), ("policies/pk", b"log ")):
        answer = pk.ask("duty", "GET", f"/records/pk/{both['plain']}/{each}")
        assert (answer.status_code, answer.content.startswith(begins)) == (200, True), each


def test_the_sealed_envelope_is_given_to_who_may_export_and_that_is_noted(pk: Desk, both: dict[str, str]) -> None:
    path = f"/records/pk/{both['plain']}/envelope"
    assert pk.ask("observer", "GET", path).status_code == 403
    answer = pk.ask("analyst", "GET", path)
    assert hashlib.sha256(answer.content).hexdigest() == pk.get("duty", f"/records/pk/{both['plain']}")["envelope"]
    assert ("record.export", f"pk:{both['plain']}", "done") in done(pk, "analyst")


def test_an_export_is_of_what_was_asked_as_a_file(af: Desk, both: dict[str, str]) -> None:
    query = {"format": "jsonl", "text": "lorries torkham"}
    answer = af.ask("duty", "GET", "/records/export", params=query)
    (line,) = [msgspec.json.decode(each) for each in answer.content.splitlines()]
    assert (line["head"]["id"], line["record"]["id"]) == (both["plain"], both["plain"])
    assert "link" not in answer.headers
    assert af.ask("duty", "GET", "/records/export", params={"format": "xls"}).status_code == 400
    assert af.ask("observer", "GET", "/records/export", params=query).status_code == 403


def test_what_an_export_leads_on_to_is_the_rest_of_what_was_asked(pk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "MOST", 2)
    pk.send(text="of another matter")
    sent = {pk.send(text=f"zarghun {number}")["id"] for number in range(3)}
    path, found = "?format=jsonl&box=out&text=zarghun", []
    while path:
        answer = pk.ask("duty", "GET", f"/records/export{path}")
        found += [msgspec.json.decode(each)["head"]["id"] for each in answer.content.splitlines()]
        path = answer.links["next"]["url"] if "next" in answer.links else ""
    assert (len(found), {*found}) == (3, sent)


# --- sending ----------------------------------------------------------------------------------------------------------


def test_what_is_sent_names_the_post_and_is_noted_for_the_officer(pk: Desk) -> None:
    sent = pk.send(text="a bus")
    assert sent["state"] == "logged"
    assert done(pk, "duty")[-1] == ("record.send", f"pk:{sent['id']}", "done")
    assert pk.get("duty", f"/records/pk/{sent['id']}")["record"]["author"]["name"] == "torkham/duty"


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        ({"kind": "trade.declaration"}, "kind", "kind.unknown"),
        ({"compact": "pk-xx"}, "compact", "compact.unknown"),
        ({"to": []}, "to", "draft.to"),
        ({"to": ["pk"]}, "", "record.contradiction"),
        ({"to": ["xx"]}, "", "check.party"),
        ({"body": {"txt": "a"}}, "body", "body.form"),
        ({"handling": {"tlp": "TLP:PINK"}}, "handling", "json.field"),
        ({"handling": {"speed": 3}}, "handling", "json.field"),
        ({"handling": {"purpose": "revenge"}}, "", "check.purpose"),
        ({"attachments": ["00"]}, "attachments", "attachment.unstaged"),
        ({"body": {"text": "a", "names_person": True}}, "", "floor.2"),
    ],
    ids=str,
)
def test_a_draft_is_told_what_is_wrong_with_which_field(
    pk: Desk, change: dict[str, Any], field: str, code: str
) -> None:
    verdict = pk.ask("analyst", "POST", "/records/check", json=draft() | change).json()
    assert [(each["field"], each["code"]) for each in verdict["flaws"]] == [(field, code)]
    refused = pk.ask("duty", "POST", "/records", json=draft() | change)
    assert refused.json()["code"] == code


def test_all_fields_that_are_wrong_are_told_at_once(pk: Desk) -> None:
    wrong = draft() | {"to": [], "body": {}, "handling": {"tlp": ""}}
    flaws = pk.ask("analyst", "POST", "/records/check", json=wrong).json()["flaws"]
    assert [each["field"] for each in flaws] == ["to", "body", "handling"]


def test_a_draft_that_would_go_is_told_by_which_clause_and_whether_a_second_person_is_asked(pk: Desk) -> None:
    plain = pk.ask("analyst", "POST", "/records/check", json=draft()).json()
    assert (plain["flaws"], plain["second_person"], bool(plain["clause"])) == ([], False, True)
    assert pk.ask("analyst", "POST", "/records/check", json=draft() | person()).json()["second_person"] is True


def test_what_an_analyst_tries_to_send_is_not_sent_and_is_noted(pk: Desk) -> None:
    before = pk.get("duty", "/records", box="out", limit=200)["items"]
    assert pk.ask("analyst", "POST", "/records", json=draft()).status_code == 403
    assert done(pk, "analyst")[-1] == ("record.send", "", "refused")
    assert pk.get("duty", "/records", box="out", limit=200)["items"] == before


# --- the second person ------------------------------------------------------------------------------------------------


def test_what_names_a_person_waits_and_goes_once_its_very_digest_is_given_back(pk: Desk) -> None:
    held = pk.send(**person())
    assert held["state"] == "held"
    assert held["id"] in [each["id"] for each in pk.get("approver", "/held", limit=200)["items"]]
    wrong = pk.ask("approver", "POST", f"/held/{held['id']}/approval", json={"digest": "0" * 64})
    assert (wrong.status_code, wrong.json()["code"]) == (409, "approval.digest")
    assert approve(pk, held["id"])["state"] == "logged"
    assert held["id"] not in [each["id"] for each in pk.get("approver", "/held", limit=200)["items"]]
    assert ("record.approve", f"pk:{held['id']}", "done") in done(pk, "approver")


@pytest.mark.promised(
    "a forged approval", "docs/officers.md", "What each role may do", "no token serves for any of them"
)
@pytest.mark.parametrize("what", ["approval", "return"])
def test_no_program_is_the_second_person_nor_gives_anything_back(pk: Desk, what: str) -> None:
    """A token that was made for it before nobody could is of no use any more either."""
    held = pk.send(**person())
    said = {"digest": pk.get("approver", f"/held/{held['id']}")["digest"]} | (
        {"reason": "no"} if what == "return" else {}
    )
    headers, number = pk.new_token("approver")
    with begin(pk.side.means) as turn:
        turn.tx.execute(TOKEN.update().where(TOKEN.c.id == number).values(scope="record.approve record.read"))
    answer = pk.http.post(f"{API}/held/{held['id']}/{what}", headers=headers, json=said)
    assert (answer.status_code, answer.json()["code"]) == (403, "officer.scope")
    assert pk.get("approver", f"/held/{held['id']}")["digest"] == said["digest"]


def test_what_waits_is_shown_without_its_words_to_who_may_not_look_at_a_person(pk: Desk) -> None:
    held = pk.send(**person("Exercise Somebody"))
    waiting = {each["id"]: each for each in pk.get("observer", "/held", limit=200)["items"]}
    assert waiting[held["id"]]["title"] is None
    assert pk.ask("observer", "GET", f"/held/{held['id']}").status_code == 403


def test_a_page_of_what_waits_leads_to_the_next_and_together_they_are_all(pk: Desk) -> None:
    made = [pk.send(**person(f"Exercise Somebody {number}"))["id"] for number in range(5)]
    found = [each["id"] for each in pk.pages("approver", "/held")]
    assert found == sorted(set(found))
    assert set(made) <= set(found)


def test_a_page_of_recalls_leads_to_the_next_and_together_they_are_all(pk: Desk) -> None:
    made = [pk.send(text=f"bus {number}")["id"] for number in range(5)]
    for each in made:
        assert pk.ask("duty", "POST", f"/records/pk/{each}/withdrawal", json={"reason": "mistaken"}).status_code == 200
    found = [(each["id"], each["recipient"]) for each in pk.pages("approver", "/recalls")]
    assert len(found) == len(set(found))
    assert {each for each, _ in found} >= set(made)
    assert found == [(each["id"], each["recipient"]) for each in pk.get("approver", "/recalls", limit=200)["items"]]
    assert [each["id"] for each in pk.pages("approver", "/recalls", state="destroyed")] == []


@pytest.mark.parametrize("cursor", ["x", written("overdue", "none", "af"), written("pk", "none"), "="])
def test_a_cursor_that_no_page_of_recalls_gave_is_told(pk: Desk, cursor: str) -> None:
    answer = pk.ask("duty", "GET", "/recalls", params={"cursor": cursor})
    assert (answer.status_code, answer.json()["code"]) == (400, "page.cursor")


def test_what_is_taken_back_is_not_held_any_more(pk: Desk) -> None:
    held = pk.send(**person("Exercise Mistake"))
    assert pk.ask("duty", "DELETE", f"/held/{held['id']}").status_code == 204
    assert pk.ask("duty", "DELETE", f"/held/{held['id']}").status_code == 404
    assert pk.ask("approver", "GET", f"/held/{held['id']}").status_code == 404
    of_it = [(act, outcome) for act, subject, outcome in done(pk, "duty") if subject == f"pk:{held['id']}"]
    assert of_it == [("record.send", "done"), ("record.cancel", "done")]


# --- withdrawing ------------------------------------------------------------------------------------------------------


def test_a_record_is_withdrawn_at_home_and_its_recipients_are_told(met: Border, pk: Desk, af: Desk) -> None:
    sent = pk.send(text="a mistake")
    met.settle()
    answer = pk.ask("duty", "POST", f"/records/pk/{sent['id']}/withdrawal", json={"reason": "mistaken"})
    assert [each["state"] for each in answer.json()["told"]] == ["logged"]
    met.settle()
    assert af.get("duty", f"/records/pk/{sent['id']}")["head"]["state"] == "withdrawn"
    assert pk.ask("duty", "POST", "/records/af/none/withdrawal", json={"reason": "mistaken"}).status_code == 404


# --- files ------------------------------------------------------------------------------------------------------------


def test_a_file_is_handed_in_sent_and_downloaded_whole(met: Border, pk: Desk, af: Desk) -> None:
    data = b"two lorries\n" * 40_000
    staged = pk.ask("duty", "POST", "/files/bridge.jpg", content=data)
    assert staged.status_code == 201, staged.text
    assert "key" not in staged.json()
    held = pk.send(**person("see the picture"), attachments=[staged.json()["address"]])
    approve(pk, held["id"])
    met.settle()
    met.settle()
    (file,) = af.get("duty", f"/files/pk/{held['id']}")
    assert (file["name"], file["parts"]) == ("bridge.jpg", file["of"])
    (signed,) = af.get("duty", f"/records/pk/{held['id']}")["record"]["attachments"]
    assert "key" not in signed
    got = af.ask("duty", "GET", f"/files/pk/{held['id']}/bridge.jpg")
    assert got.content == data
    assert got.headers["content-disposition"].startswith("attachment;")
    assert got.headers["x-content-type-options"] == "nosniff"
    assert ("record.export", f"pk:{held['id']}", "done") in done(af, "duty")
    assert af.ask("duty", "GET", f"/files/pk/{held['id']}/other.jpg").status_code == 400


@pytest.mark.parametrize(("name", "data", "status"), [("x.exe", b"a", 400), ("x.txt", b"", 400), ("x", b"a", 400)])
def test_what_is_no_file_to_carry_is_refused(pk: Desk, name: str, data: bytes, status: int) -> None:
    assert pk.ask("duty", "POST", f"/files/{name}", content=data).status_code == status


def test_a_large_file_is_taken_in_by_the_disk_and_not_by_the_memory(pk: Desk) -> None:
    piece = bytes(range(256)) * 256
    pk.officer("duty")
    tracemalloc.start()
    staged = pk.ask("duty", "POST", "/files/border.mp4", content=(piece for _ in range(640)))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (staged.status_code, staged.json()["size"]) == (201, 40 * MIB)
    assert staged.json()["sha256"] == hashlib.sha256(piece * 640).hexdigest()
    assert peak < 20 * MIB


def test_a_file_that_is_too_large_is_told_so_before_it_came(pk: Desk) -> None:
    with begun(pk, "border.mp4", MAX_ATTACHMENT_BYTES + 1) as line:
        assert line.recv(4096).startswith(b"HTTP/1.1 413 ")


def test_a_file_whose_size_nobody_said_is_cut_off_where_it_is_too_large(
    pk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handing_in, "MAX_BYTES", 3 * MIB)
    for size, status in ((3, 201), (4, 413)):
        answer = pk.ask("duty", "POST", "/files/border.mp4", content=(bytes(MIB) for _ in range(size)))
        assert answer.status_code == status
    assert handing_in.COMING.borrowed_tokens == 0


def test_so_many_files_come_in_at_once_and_no_more(pk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handing_in, "COMING", CapacityLimiter(1))
    with begun(pk, "border.mp4", MIB):
        eventually(lambda: pk.ask("duty", "POST", "/files/x.txt", content=b"a").status_code == 429)
    eventually(lambda: pk.ask("duty", "POST", "/files/x.txt", content=b"a").status_code == 201)


def test_a_request_over_a_mebibyte_is_refused(pk: Desk) -> None:
    assert pk.ask("duty", "POST", "/records", json=draft("a" * 2**20)).status_code == 413


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[" * 100_000, b'{"a":' * 50_000, b'{"kind":"\xff"}', b"null", b"[]", b'{"kind":1}', b'{"x":1}'],
    ids=lambda body: str(body[:12]),
)
def test_what_is_no_draft_is_told_so(pk: Desk, body: bytes) -> None:
    answer = pk.ask("duty", "POST", "/records", content=body)
    assert answer.status_code == 400
    assert answer.json()["code"] in ("http", "json.depth", "json.utf8")
