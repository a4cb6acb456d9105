"""A record's page: what it says in readable parts, its way as a picture, its checks, and what each officer may do with it."""

import re
from pathlib import Path

import httpx
import msgspec
import pytest

from amanat.console import body
from amanat.exchange import shown
from amanat.exchange.caller import BY_ITSELF
from amanat.exchange.erasure import erase_due
from amanat.exchange.means import begin
from amanat.exchange.withdraw import withdraw
from amanat.record.notices import Withdrawal
from amanat.record.record import Ref
from amanat.store.tables import ENVELOPE
from amanat.workspaces.intelligence import WORKSPACE
from api.cast import API, Desk, SignIn, desk
from border import Border, meet
from console.reading import Read
from officer.cast import SPOKEN


@pytest.fixture(scope="module")
def ours(border: Border, af: Desk) -> dict[str, str]:
    """The ids of a record of ours that pk has and all countersigned, and of one that nobody answered yet."""
    final = af.side.send("pk", text="a tanker on the road")
    border.settle()
    waiting = af.side.send("pk", text="a second tanker")
    return {"final": final.record.fields.id, "waiting": waiting.record.fields.id}


# --- what it says -----------------------------------------------------------------------------------------------------


def test_a_bundle_is_read_in_parts_with_when_where_and_how_marked() -> None:
    (kind,) = WORKSPACE.kinds
    shown = body.shown(kind, msgspec.json.decode(msgspec.json.encode(kind.examples[0])))
    assert [(part.what, part.name) for part in shown.parts] == [
        ("report", "Mortar fire near the line (exercise)"),
        ("incident", "Mortar fire near the line (exercise)"),
        ("location", "Kurram"),
    ]
    assert dict(shown.parts[2].said) == {"place": "Kurram, PK"}
    assert '"x_rounds_counted": 4' in shown.json


def test_a_body_whose_kind_knows_no_parts_is_read_field_by_field(
    browser: httpx.Client, sign_in: SignIn, came: dict[str, str]
) -> None:
    sign_in("duty")
    words = Read(browser.get(f"/record/pk/{came['plain']}").text).words
    assert "three lorries at Torkham" in words
    assert "The same in JSON" in words


# --- who looks ---------------------------------------------------------------------------------------------------------


def looks(af: Desk, id_: str) -> int:
    return len(af.noted("record.person", f"pk:{id_}"))


@pytest.mark.promised(
    "a look that calls itself none",
    "docs/officers.md",
    "What each role may do",
    "a look at a whole record, by the API, or to take it out, is always noted",
)
@pytest.mark.parametrize("path", ["/record/pk/{}", f"{API}/records/pk/{{}}", f"{API}/records?box=in"])
def test_nobody_looks_at_a_person_unnoted_by_saying_that_the_page_asks(
    af: Desk, browser: httpx.Client, sign_in: SignIn, came: dict[str, str], path: str
) -> None:
    sign_in("duty")
    browser.get("/records")
    before = looks(af, came["person"])
    assert browser.get(path.format(came["person"]), headers={BY_ITSELF: "1"}).status_code == 200
    assert looks(af, came["person"]) == before + 1


@pytest.mark.promised(
    "a look that calls itself none",
    "docs/officers.md",
    "What each role may do",
    "a look at a whole record, by the API, or to take it out, is always noted",
)
def test_nothing_is_taken_out_unnoted_either(
    af: Desk, browser: httpx.Client, sign_in: SignIn, came: dict[str, str]
) -> None:
    sign_in("duty")
    browser.get("/records")
    before = looks(af, came["person"])
    assert "Exercise Nobody" in browser.get("/records/export?format=jsonl", headers={BY_ITSELF: "1"}).text
    assert looks(af, came["person"]) == before + 1


def test_a_list_that_brings_itself_up_to_date_is_no_new_look_nor_is_a_way(
    af: Desk, browser: httpx.Client, sign_in: SignIn, came: dict[str, str]
) -> None:
    """A record's page asks for the way alone, which says nothing of what the record says."""
    sign_in("duty")
    browser.get("/records")
    whole = browser.get(f"/record/pk/{came['person']}").text
    before = looks(af, came["person"])
    assert browser.get("/records", headers={BY_ITSELF: "1"}).status_code == 200
    assert f'data-again="/record/pk/{came["person"]}/way"' in whole
    way = browser.get(f"/record/pk/{came['person']}/way", headers={BY_ITSELF: "1"})
    assert looks(af, came["person"]) == before
    assert (way.status_code, 'id="its-way"' in way.text) == (200, True)
    assert ("Exercise Nobody" in whole, "Exercise Nobody" in way.text) == (True, False)


def test_of_the_many_that_answer_one_the_first_are_looked_at_and_the_rest_are_named_alone(
    border: Border, af: Desk, browser: httpx.Client, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = af.side.send("pk", text="which of the roads?").record
    border.settle()
    refs = (Ref("answers", *asked.key),)
    answers = []
    for _ in range(3):
        border.clock.forward(seconds=1)
        answers.append(border.pk.with_file("af", **border.pk.person(), refs=refs).record.fields.id)
    border.settle()
    monkeypatch.setattr(shown, "MOST_NAMED", 2)
    sign_in("duty")
    before = [looks(af, each) for each in answers]
    page = browser.get(f"/record/af/{asked.fields.id}").text
    assert [looks(af, each) - seen for each, seen in zip(answers, before, strict=True)] == [1, 1, 0]
    assert [f'href="/record/pk/{each}"' in page for each in answers] == [True, True, False]
    assert f"pk:{answers[2]}" in page


# --- its way ----------------------------------------------------------------------------------------------------------


def test_the_way_shows_a_lane_to_each_recipient_and_names_what_is_lacking(
    browser: httpx.Client, sign_in: SignIn, ours: dict[str, str]
) -> None:
    sign_in("duty")
    final = Read(browser.get(f"/record/af/{ours['final']}").text)
    assert ("final" in final.words, "Lacking" in final.words) == (True, False)
    waiting = Read(browser.get(f"/record/af/{ours['waiting']}").text)
    assert "no receipt came yet; that proves nothing" in waiting.words
    assert "has not countersigned our log so far" in waiting.words


def test_between_which_times_it_came_into_a_log_is_told_on_both_clocks_and_of_the_rest_nothing(
    af: Desk, browser: httpx.Client, sign_in: SignIn, ours: dict[str, str]
) -> None:
    sign_in("duty")
    steps = {(step["did"], step["to"]): step for step in af.get("duty", f"/records/af/{ours['final']}/provenance")}
    logged, delivered = steps["logged", ""], steps["delivered", "pk"]
    page = browser.get(f"/record/af/{ours['final']}").text
    for step in (logged, delivered):
        assert step["at"] is None
        at = step["not_after"]["at"].replace("+00:00", "Z")
        assert f'<time datetime="{at}"' in page
        assert "UTC" not in step["says"]
    assert "by the clock of" in Read(page).words
    assert (steps["sealed", ""]["at"], steps["sealed", ""]["not_after"]) == (None, None)


def test_what_a_printed_sheet_bears_goes_along_with_every_page(
    browser: httpx.Client, sign_in: SignIn, came: dict[str, str]
) -> None:
    """By whom and when, marking and exercise; and of each moment the day and the zone, which paper does not know."""
    sign_in("duty")
    record, list_ = (browser.get(path).text for path in (f"/record/pk/{came['plain']}", "/records"))
    borne, bare = (re.findall(r'<div class="sheet-head">(.*?)</div>', page, re.DOTALL)[0] for page in (record, list_))
    for head in (borne, bare):
        assert "Printed by torkham/duty at af, as it stood at today 06:30." in Read(head).words
        assert 'data-day="24 November 2026"' in head
    said = Read(borne).words
    assert ("EXERCISE EXERCISE EXERCISE" in said, "TLP:" in said, "TLP:" in Read(bare).words) == (True, True, False)
    moments = re.findall(r"<time [^>]*>", record)
    assert all("data-zone=" in each for each in moments)
    assert any('data-day="24 November 2026"' in each for each in moments)


def test_a_party_is_called_by_one_name_and_purposes_by_the_compacts_words(
    browser: httpx.Client, sign_in: SignIn, came: dict[str, str]
) -> None:
    sign_in("duty")
    shown = browser.get(f"/record/pk/{came['person']}").text
    assert "purpose: counter-terrorism" not in Read(shown).words
    assert 'dir="ltr">criminal-procedure</bdi></small>' in shown
    assert "UTC" not in Read(shown.partition('id="handling"')[2].partition("</section>")[0]).words


# --- checking ---------------------------------------------------------------------------------------------------------


def test_checking_verifies_anew_and_offers_the_proofs(
    browser: httpx.Client, sign_in: SignIn, ours: dict[str, str]
) -> None:
    sign_in("duty")
    shown = Read(browser.get(f"/record/af/{ours['final']}/check").text)
    assert "All that is here holds." in shown.words
    offered = [link for link in shown.links if link.startswith(API) or link.endswith("/envelope")]
    assert [link.rpartition(f"/af/{ours['final']}/")[2] for link in offered] == [
        "check/envelope",
        "proof",
        "policies/af",
        "receipts/pk",
        "policies/pk",
    ]
    for link in offered:
        given = browser.get(link)
        assert given.status_code == 200
        assert given.headers["content-disposition"].startswith("attachment")


def test_checking_says_which_step_does_not_hold(
    af: Desk, browser: httpx.Client, sign_in: SignIn, ours: dict[str, str]
) -> None:
    sign_in("duty")
    with begin(af.side.means) as turn:
        held = dict(turn.tx.execute(ENVELOPE.select().with_only_columns(ENVELOPE.c.digest, ENVELOPE.c.data)).all())
        turn.tx.execute(ENVELOPE.update().values(data=b"other bytes"))
    try:
        words = Read(browser.get(f"/record/af/{ours['final']}/check").text).words
    finally:
        with begin(af.side.means) as turn:
            for digest, data in held.items():
                turn.tx.execute(ENVELOPE.update().where(ENVELOPE.c.digest == digest).values(data=data))
    assert "Something does not hold." in words
    assert "verify.envelope" in words


def test_who_may_not_export_is_offered_no_envelope(
    browser: httpx.Client, sign_in: SignIn, ours: dict[str, str]
) -> None:
    sign_in("observer")
    shown = Read(browser.get(f"/record/af/{ours['final']}/check").text)
    assert not [link for link in shown.links if link.endswith("/envelope")]
    assert browser.get(f"{API}/records/af/{ours['final']}/envelope").status_code == 403


# --- acting -----------------------------------------------------------------------------------------------------------


OFFERED = {
    "duty": ({"supersedes", "withdrawal", "check"}, {"answers", "check"}),
    "analyst": ({"supersedes", "check"}, {"answers", "check"}),
    "approver": ({"withdrawal", "check"}, {"check"}),
    "observer": ({"check"}, {"check"}),
}
"""What a role is offered to do with a record of its own party, and with one of others."""


@pytest.mark.parametrize("role", OFFERED)
def test_an_officer_is_offered_what_the_role_may_and_nothing_else(
    browser: httpx.Client, sign_in: SignIn, ours: dict[str, str], came: dict[str, str], role: str
) -> None:
    sign_in(role)
    for (party, id_), expected in zip((("af", ours["final"]), ("pk", came["plain"])), OFFERED[role], strict=True):
        links = Read(browser.get(f"/record/{party}/{id_}").text).links
        forms = {f"/compose?answers={party}:{id_}", f"/compose?supersedes={party}:{id_}"}
        forms |= {f"/record/{party}/{id_}/withdrawal", f"/record/{party}/{id_}/check"}
        offered = {re.split(r"[/?=]", link.removesuffix(f"={party}:{id_}"))[-1] for link in forms & {*links}}
        assert offered == expected


def test_after_signing_as_read_a_link_leads_back_to_what_waits(
    browser: httpx.Client, sign_in: SignIn, came: dict[str, str]
) -> None:
    sign_in("analyst")
    shown = Read(browser.get(f"/record/pk/{came['person']}").text)
    assert "Back to what waits" not in shown.words
    done = Read(browser.post(f"/record/pk/{came['person']}/opened", data={"form": shown.hidden["form"]}).text)
    assert "Back to what waits" in done.words


# --- withdrawing ------------------------------------------------------------------------------------------------------


EXPIRED = "Manifest 1 of obs holds from 2026-10-25 to 2029-11-23; today is 2029-11-24."


def test_withdrawing_says_first_what_follows_at_whom_then_asks_why_then_says_who_was_told(
    border: Border, af: Desk, browser: httpx.Client, sign_in: SignIn
) -> None:
    sent = af.side.send("pk", text="to be withdrawn").record.fields.id
    border.settle()
    sign_in("duty", password=SPOKEN)
    page = f"/record/af/{sent}/withdrawal"
    asked = Read(browser.get(page).text)
    assert "It destroys the record and signs that it did" in asked.words
    nothing = browser.post(page, data={"form": asked.hidden["form"]})
    assert (nothing.status_code, "No reason was chosen." in nothing.text) == (400, True)
    done = browser.post(page, data={"form": asked.hidden["form"], "reason": "mistaken"})
    assert (done.status_code, "The notice to it is signed" in Read(done.text).words) == (200, True)
    again = browser.post(page, data={"form": asked.hidden["form"], "reason": "mistaken"})
    assert "withdraw.done" in again.text
    border.settle()
    assert "Withdraw it" not in Read(browser.get(f"/record/af/{sent}").text).words


def test_one_that_never_answered_may_hold_it_and_the_question_says_so(
    border: Border, af: Desk, browser: httpx.Client, sign_in: SignIn
) -> None:
    sent = af.side.send("pk", text="unanswered").record.fields.id
    sign_in("duty")
    assert "may hold the record" in Read(browser.get(f"/record/af/{sent}/withdrawal").text).words
    border.settle()


def test_whom_nothing_reaches_is_named_beside_why(tmp_path: Path) -> None:
    """The manifest of obs expired, and nobody may seal to it until it issues another."""
    with meet(tmp_path) as met:
        sent = met.af.send("pk", "obs", **met.af.green()).record.fields.id
        met.settle()
        met.clock.forward(days=365 * 3 + 1)
        for side in (met.af, met.pk):
            side.renew(side.secrets)
        met.exchange("af", "pk")
        with desk(met.af) as served:
            headers = served.session("duty")
            form = {"form": headers.pop("x-amanat-form"), "reason": "mistaken"}
            done = served.http.post(f"/record/af/{sent}/withdrawal", headers=headers, data=form)
    assert done.status_code == 200, done.text
    told = re.findall(r'<li class="panel">.*?</li>', done.text)
    assert [" ".join(Read(each).words.split()) for each in told] == [
        "pk The notice to it is signed, and goes out now.",
        f"obs It cannot be told yet, and is told as soon as it can be. {EXPIRED} manifest.expired",
    ]


NOTICE = re.compile("/record/pk/[0-9a-z-]+")


def test_who_read_it_sees_that_it_was_withdrawn_why_and_by_what_notice_and_answers_it_no_more(
    border: Border, af: Desk, browser: httpx.Client, sign_in: SignIn
) -> None:
    sent = border.pk.send("af", text="mistaken for a tanker")
    border.settle()
    sign_in("duty")
    page = f"/record/pk/{sent.record.fields.id}"
    before = Read(browser.get(page).text)
    browser.post(f"{page}/opened", data={"form": before.hidden["form"]})
    withdraw(sent.record.fields.id, Withdrawal("mistaken"), border.pk.post, border.pk.means)
    border.settle()
    shown = Read(browser.get(page).text)
    assert "Withdrawn by pk duty" in shown.words
    assert "mistaken." in shown.words
    assert ("Answer it" in before.words, "Answer it" in shown.words) == (True, False)
    (notice,) = {link for link in shown.links if NOTICE.fullmatch(link)} - {page}
    assert f'id="withdrawn-pk-{notice.rpartition("/")[2]}"' in browser.get("/").text
    told = Read(browser.get(notice).text)
    assert page in told.links
    done = Read(browser.post(f"{notice}/opened", data={"form": told.hidden["form"]}).text)
    assert "It was signed as read at your post." in done.words
    assert "withdrawn-pk-" not in browser.get("/").text
    erase_due(af.side.means)
    assert "Destroyed here" in Read(browser.get(page).text).words


def part(page: str, id_: str) -> tuple[str, str]:
    """What an element of a page is brought up to date by, and what it and all behind it say."""
    ((told, rest),) = re.findall(f'<[a-z]+ id="{id_}"[^>]* data-live="([^"]*)"(.*)', page, re.DOTALL)
    return told, Read(rest).words


def test_a_page_that_is_open_learns_that_it_was_withdrawn_and_offers_no_more_what_cannot_be_done(
    border: Border, browser: httpx.Client, sign_in: SignIn
) -> None:
    sent = border.pk.send("af", text="open on a desk")
    border.settle()
    sign_in("duty")
    page = browser.get(f"/record/pk/{sent.record.fields.id}").text
    (again,) = re.findall('data-again="([^"]*)"', page)
    for id_, before, after in (("its-state", "current", "withdrawn"), ("to-do", "Sign as read", "Withdrawn by pk")):
        for read in (page, browser.get(again, headers={BY_ITSELF: "1"}).text):
            told, words = part(read, id_)
            assert {"withdrawn", "erased"} <= {*told.split()}
            assert (before in words, after in words) == (True, False)
    withdraw(sent.record.fields.id, Withdrawal("mistaken"), border.pk.post, border.pk.means)
    border.settle()
    now = browser.get(again, headers={BY_ITSELF: "1"}).text
    for id_, before, after in (("its-state", "current", "withdrawn"), ("to-do", "Sign as read", "Withdrawn by pk")):
        assert (before in part(now, id_)[1], after in part(now, id_)[1]) == (False, True)
    assert ("Sign as read" in now, "Answer it" in now) == (False, False)


def test_what_is_withdrawn_is_signed_as_read_no_more(border: Border, browser: httpx.Client, sign_in: SignIn) -> None:
    sent = border.pk.send("af", text="never read")
    border.settle()
    sign_in("duty")
    page = f"/record/pk/{sent.record.fields.id}"
    assert "Sign as read" in Read(browser.get(page).text).words
    withdraw(sent.record.fields.id, Withdrawal("outdated"), border.pk.post, border.pk.means)
    border.settle()
    assert "Sign as read" not in Read(browser.get(page).text).words


def test_nobody_withdraws_what_others_sent(browser: httpx.Client, sign_in: SignIn, came: dict[str, str]) -> None:
    sign_in("duty")
    refused = browser.get(f"/record/pk/{came['plain']}/withdrawal")
    assert "withdraw.others" in refused.text
