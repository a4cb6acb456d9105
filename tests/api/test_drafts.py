"""Drafts that are kept: several hands, one version; sent, handed to a second person, given back; erased when left."""

import os
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from amanat.exchange import erasure
from amanat.exchange.attachments import discard_old
from amanat.exchange.drafts import KEPT_FOR
from amanat.exchange.means import begin, look
from amanat.officer.may import Role
from amanat.record.kind import Kinds
from amanat.record.notices import NOTICES
from amanat.store import attachments, drafts
from amanat.store.tables import DRAFT, EVENT
from api.cast import API, Desk, desk, draft, person
from border import Border
from officer.cast import add
from side import REPORT


def begun(pk: Desk, role: Role = "analyst", **changes: Any) -> Any:
    """A draft that was kept."""
    answer = pk.ask(role, "POST", "/drafts", json=draft() | changes)
    assert answer.status_code == 201, answer.text
    assert answer.headers["etag"] == '"1"'
    return answer.json()["head"]


def asked(pk: Desk, role: Role, what: str, version: int = 1, json: Any = None) -> Any:
    """Ask as who read that version: "PUT ID"."""
    method, path = what.split(" ")
    headers = pk.session(role) | {"if-match": f'"{version}"'}
    return pk.http.request(method, f"{API}/drafts/{path}", headers=headers, json=json)


def noted(pk: Desk, subject: str) -> list[tuple[str, str]]:
    """What was done to it, oldest first."""
    return [(row.act, row.outcome) for row in pk.noted(subject=subject)]


# --- several hands ----------------------------------------------------------------------------------------------------


def test_a_draft_is_kept_shown_and_changed_by_a_colleague(pk: Desk) -> None:
    kept = begun(pk)
    shown = pk.ask("duty", "GET", f"/drafts/{kept['id']}")
    assert shown.headers["etag"] == '"1"'
    changed = asked(pk, "duty", f"PUT {kept['id']}", json=draft("four lorries"))
    assert changed.json()["head"]["version"] == 2
    assert pk.get("analyst", f"/drafts/{kept['id']}")["form"]["body"] == {"text": "four lorries"}
    assert noted(pk, f"draft:{kept['id']}") == [("record.compose", "done")] * 2


@pytest.mark.parametrize(
    ("method", "path"), [("PUT", ""), ("DELETE", ""), ("POST", "/sending"), ("POST", "/submission")]
)
def test_who_read_an_older_version_changes_sends_and_discards_nothing(pk: Desk, method: str, path: str) -> None:
    kept = begun(pk)
    assert asked(pk, "duty", f"PUT {kept['id']}", json=draft("four lorries")).status_code == 200
    late = asked(pk, "duty", f"{method} {kept['id']}{path}", json=draft("five lorries") if method == "PUT" else None)
    assert (late.status_code, late.json()["code"]) == (412, "draft.changed")
    assert pk.get("analyst", f"/drafts/{kept['id']}")["form"]["body"] == {"text": "four lorries"}


def test_who_does_not_say_what_was_read_is_told_so(pk: Desk) -> None:
    kept = begun(pk)
    path = f"/drafts/{kept['id']}"
    for answer in (pk.ask("duty", "PUT", path, json=draft("other")), pk.ask("duty", "DELETE", path)):
        assert (answer.status_code, answer.json()["code"]) == (428, "draft.version")
    assert pk.get("duty", path)["head"] == kept


def test_of_what_a_workspace_or_the_node_makes_nobody_writes_a_draft_and_a_program_sends_it(
    border: Border, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What has several forms has no form of fields."""
    made = Kinds([replace(REPORT, written=False), *NOTICES])
    with desk(border.af) as af:
        monkeypatch.setattr(af.node.reception, "means", replace(af.side.means, kinds=made))
        answer = af.ask("duty", "POST", "/drafts", json=draft() | {"to": ["pk"]})
        assert (answer.status_code, answer.json()["code"]) == (400, "draft.unwritten")
        offered = af.http.get("/compose", headers=af.session("duty"))
        assert (offered.status_code, "intelligence.report" in offered.text) == (200, False)
        af.send(to=["pk"])


def test_a_page_of_drafts_leads_to_the_next_and_together_they_are_all(pk: Desk) -> None:
    made = {begun(pk)["id"] for _ in range(5)}
    found = [each["id"] for each in pk.pages("duty", "/drafts")]
    assert made <= set(found)
    assert len(found) == len(set(found))
    assert found == sorted(found, reverse=True)


def test_what_is_wrong_with_a_draft_is_told_field_by_field_and_keeps_it_from_nothing_but_being_sent(pk: Desk) -> None:
    answer = pk.ask("duty", "POST", "/drafts", json=draft() | {"compact": "pk-xx", "body": {"txt": "a"}})
    assert answer.status_code == 201
    kept = answer.json()
    assert {flaw["field"] for flaw in kept["verdict"]["flaws"]} == {"compact", "body"}
    refused = asked(pk, "duty", f"POST {kept['head']['id']}/sending")
    assert (refused.status_code, refused.json()["code"]) == (403, "compact.unknown")
    assert noted(pk, f"draft:{kept['head']['id']}")[-1] == ("record.send", "refused")
    assert pk.get("duty", f"/drafts/{kept['head']['id']}")["head"]["version"] == 1


def test_a_draft_kept_before_titles_were_is_listed_without_one_until_it_is_written_again(pk: Desk) -> None:
    kept = begun(pk)
    with begin(pk.side.means) as turn:
        turn.tx.execute(update(DRAFT).values(title=None))

    def title() -> str | None:
        titles: dict[str, str | None] = {each["id"]: each["title"] for each in pk.get("analyst", "/drafts")["items"]}
        return titles[kept["id"]]

    assert title() is None
    asked(pk, "duty", f"PUT {kept['id']}", json=draft("four lorries"))
    assert title() is not None


def test_a_draft_that_may_name_a_person_has_no_title_and_to_read_it_is_a_look(pk: Desk) -> None:
    names, unread, plain = begun(pk, **person()), begun(pk, body={"txt": "?"}), begun(pk)
    assert (names["title"], unread["title"], plain["title"] is not None) == (None, None, True)
    blank = begun(pk, body={"text": "", "names_person": False})
    for each, looks in ((names, 1), (unread, 1), (plain, 0), (blank, 0), (begun(pk, body={}), 0)):
        pk.get("duty", f"/drafts/{each['id']}")
        assert noted(pk, f"draft:{each['id']}").count(("record.person", "done")) == looks
    narrow = pk.token("duty", "record.compose")
    assert pk.http.get(f"{API}/drafts/{plain['id']}", headers=narrow).status_code == 200
    hidden = pk.http.get(f"{API}/drafts/{names['id']}", headers=narrow)
    assert (hidden.status_code, "a person" in hidden.text) == (403, False)


# --- what becomes of it -----------------------------------------------------------------------------------------------


def test_a_draft_that_was_sent_is_a_record_and_no_draft(pk: Desk) -> None:
    kept = begun(pk)
    sent = asked(pk, "duty", f"POST {kept['id']}/sending").json()
    assert sent["state"] == "logged"
    assert pk.ask("duty", "GET", f"/drafts/{kept['id']}").json()["code"] == "draft.unknown"
    assert pk.get("duty", f"/records/pk/{sent['id']}")["record"]["author"]["name"] == "torkham/duty"
    assert noted(pk, f"pk:{sent['id']}") == [("record.send", "done")]


def test_an_analyst_sends_nothing_and_submits_what_a_second_person_lets_go(pk: Desk) -> None:
    kept = begun(pk)
    assert asked(pk, "analyst", f"POST {kept['id']}/sending").status_code == 403
    held = asked(pk, "analyst", f"POST {kept['id']}/submission").json()
    assert held["state"] == "held"
    digest = pk.get("approver", f"/held/{held['id']}")["digest"]
    let_go = pk.ask("approver", "POST", f"/held/{held['id']}/approval", json={"digest": digest})
    assert let_go.json()["state"] == "logged"
    assert pk.get("duty", f"/records/pk/{held['id']}")["record"]["approved_by"]["name"] == "torkham/chief"


def test_who_wrote_in_a_draft_is_not_its_second_person_whoever_sends_it(pk: Desk) -> None:
    with begin(pk.side.means) as turn:
        pk.officers["both"] = add(turn.tx, "x.both", "analyst", "approver", post="torkham/both")
    both: Any = "both"
    kept = begun(pk, both, **person())
    held = asked(pk, "duty", f"POST {kept['id']}/sending").json()
    digest = pk.get(both, f"/held/{held['id']}")["digest"]
    own = pk.ask(both, "POST", f"/held/{held['id']}/approval", json={"digest": digest})
    assert (own.status_code, own.json()["code"]) == (403, "approval.own")
    assert pk.ask("approver", "POST", f"/held/{held['id']}/approval", json={"digest": digest}).status_code == 200


def test_what_is_given_back_is_a_draft_again_with_the_reason_and_its_files(pk: Desk) -> None:
    file = pk.ask("analyst", "POST", "/files/sketch.txt", content=b"a sketch").json()["address"]
    kept = begun(pk, **person("two lorries"), attachments=[file])
    held = asked(pk, "analyst", f"POST {kept['id']}/submission").json()
    digest = pk.get("approver", f"/held/{held['id']}")["digest"]
    back = {"digest": digest, "reason": "Say where."}
    stale = pk.ask("approver", "POST", f"/held/{held['id']}/return", json=back | {"digest": "0" * 64})
    assert (stale.status_code, stale.json()["code"]) == (409, "approval.digest")
    again = pk.ask("approver", "POST", f"/held/{held['id']}/return", json=back).json()["draft"]
    assert pk.ask("approver", "GET", f"/held/{held['id']}").status_code == 404
    shown = pk.get("analyst", f"/drafts/{again}")
    assert shown["head"]["returned"] == {"by": "torkham/chief", "reason": "Say where."}
    assert (shown["verdict"]["flaws"], shown["form"]["attachments"]) == ([], [file])
    assert noted(pk, f"pk:{held['id']}")[-1] == ("record.return", "done")
    mended = shown["form"] | {"body": shown["form"]["body"] | {"text": "two lorries at Torkham"}}
    assert asked(pk, "analyst", f"PUT {again}", json=mended).status_code == 200
    held = asked(pk, "analyst", f"POST {again}/submission", version=2).json()
    digest = pk.get("approver", f"/held/{held['id']}")["digest"]
    pk.ask("approver", "POST", f"/held/{held['id']}/approval", json={"digest": digest})
    download = pk.ask("duty", "GET", f"/files/pk/{held['id']}/sketch.txt")
    assert download.content == b"a sketch"


def test_why_a_draft_that_may_name_a_person_was_given_back_is_told_by_the_draft_and_by_no_list(pk: Desk) -> None:
    given: dict[str, Any] = {}
    for changes in (person(), {}):
        held = asked(pk, "analyst", f"POST {begun(pk, **changes)['id']}/submission").json()
        said = {"digest": pk.get("approver", f"/held/{held['id']}")["digest"], "reason": "Exercise Gul is misspelt."}
        given[pk.ask("approver", "POST", f"/held/{held['id']}/return", json=said).json()["draft"]] = changes
    listed = {each["id"]: each["returned"] for each in pk.get("analyst", "/drafts")["items"]}
    for id_, changes in given.items():
        reason = None if changes else "Exercise Gul is misspelt."
        assert listed[id_] == {"by": "torkham/chief", "reason": reason}
        assert pk.get("analyst", f"/drafts/{id_}")["head"]["returned"]["reason"] == "Exercise Gul is misspelt."
        assert noted(pk, f"draft:{id_}").count(("record.person", "done")) == bool(changes)


@pytest.mark.parametrize("path", ["return", "approval"])
def test_what_is_not_held_is_neither_given_back_nor_let_go(pk: Desk, path: str) -> None:
    said = {"digest": "0" * 64} | ({"reason": "Why."} if path == "return" else {})
    answer = pk.ask("approver", "POST", f"/held/none/{path}", json=said)
    assert (answer.status_code, answer.json()["code"]) == (404, "held.unknown")


def test_what_happens_to_drafts_is_told_live_to_who_may_write_them(pk: Desk) -> None:
    kept = begun(pk)
    asked(pk, "duty", f"DELETE {kept['id']}")
    with look(pk.side.means) as turn:
        rows = turn.tx.execute(EVENT.select().where(EVENT.c.id == kept["id"]).order_by(EVENT.c.number)).all()
    assert [(row.type, row.detail) for row in rows] == [("draft", "written"), ("draft", "discarded")]
    assert noted(pk, f"draft:{kept['id']}")[-1] == ("record.discard", "done")


# --- how it ends ------------------------------------------------------------------------------------------------------


def test_a_draft_that_nobody_touched_for_two_weeks_is_destroyed_and_nothing_of_it_is_on_the_disk(
    border: Border,
) -> None:
    secret = os.urandom(8).hex()
    with desk(border.pk) as pk:
        kept = begun(pk, body={"text": secret})
    assert secret.encode() in border.pk.files()
    border.clock.at += KEPT_FOR - timedelta(minutes=1)
    assert erasure.erase_due(border.pk.means) == []
    border.clock.at += timedelta(minutes=1)
    assert [each.id for each in erasure.erase_due(border.pk.means)] == [kept["id"]]
    assert secret.encode() not in border.pk.files()


def test_a_file_that_a_draft_names_is_kept_with_it_and_no_longer(border: Border) -> None:
    with desk(border.pk) as pk:
        file = pk.ask("analyst", "POST", "/files/sketch.txt", content=b"a sketch").json()["address"]
        kept = begun(pk, **person(), attachments=[file])
    border.clock.forward(days=3)

    def here() -> bool:
        with begin(border.pk.means) as turn:
            discard_old(turn)
            return attachments.staged(turn.tx, "pk", file) is not None

    assert here()
    with begin(border.pk.means) as turn:
        drafts.remove(turn.tx, kept["id"], 1)
    assert not here()
