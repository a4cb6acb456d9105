"""The list of records: narrowed down by days and exercises, kept under names, led forth and back, taken out as a file."""

import csv
import io
import re
from datetime import UTC, datetime

import httpx
import msgspec
import pytest

from amanat.console import filters
from amanat.demo.lexica import lexicon
from amanat.exchange import lexica
from amanat.exchange.lexica import zone
from amanat.exchange.means import begin
from amanat.exchange.withdraw import withdraw
from amanat.party.errors import Invalid
from amanat.record.notices import Withdrawal
from amanat.store import saved
from api.cast import Desk, SignIn
from border import Border
from console.reading import Read, said_done

# --- what it is narrowed down to --------------------------------------------------------------------------------------


def test_days_are_those_of_the_partys_own_zone_both_ends_among_them() -> None:
    kabul = zone("Asia/Kabul")
    assert kabul is not None
    search = filters.read({"since": "2026-11-24", "until": "2026-11-24"}).search(kabul, 50)
    assert search.since == datetime(2026, 11, 23, 19, 30, tzinfo=UTC)
    assert search.until == datetime(2026, 11, 24, 19, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "wrong",
    [{"box": "x"}, {"since": "2026-11-24 or so"}, {"exercise": "perhaps"}, {"text": "x" * 201}, {"stat": "withdrawn"}],
)
def test_a_filter_that_there_is_not_is_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(Invalid, match="no such filter"):
        filters.read(wrong)


@pytest.mark.parametrize("day", ["2026-02-31", "0001-01-01", "9999-12-31", "yesterday"])
def test_a_day_that_there_is_not_is_refused(day: str) -> None:
    east = zone("Asia/Karachi")
    assert east is not None
    with pytest.raises(Invalid, match="There is no day"):
        filters.read({"since": day, "until": day}).search(east, 50)


def test_an_address_leads_back_to_the_same_filters_and_nowhere_else() -> None:
    said = filters.read({"text": "a & b=c", "exercise": "yes", "box": "in", "until": "2026-11-24"})
    assert filters.read_address(said.address()) == said
    assert filters.read_address("https://elsewhere.example/?text=x&cursor=y").address() == "/records?text=x"
    with pytest.raises(Invalid, match="no such filter"):
        filters.read_address("/records?text=x&next=//elsewhere")


def test_the_list_is_narrowed_down_to_exercises_and_days(
    browser: httpx.Client, sign_in: SignIn, came: dict[str, str]
) -> None:
    sign_in("duty")
    for query, there in (
        ({"exercise": "yes"}, True),
        ({"exercise": "no"}, False),
        ({"since": "2026-11-24", "until": "2026-11-24"}, True),
        ({"until": "2026-11-23"}, False),
    ):
        assert (f"/record/pk/{came['plain']}" in Read(browser.get("/records", params=query).text).links) is there, query


# --- forth and back ---------------------------------------------------------------------------------------------------


def test_older_and_newer_lead_forth_and_back_over_the_same_rows(
    border: Border, browser: httpx.Client, sign_in: SignIn
) -> None:
    for number in range(120):
        border.pk.send("af", text=f"barge {number}")
    border.carry("pk", "af")
    sign_in("observer")

    def rows(page: Read) -> list[str]:
        return [link for link in page.links if link.startswith("/record/pk/")]

    first = Read(browser.get("/records", params={"text": "barge"}).text)
    second = Read(browser.get(first.rels["next"]).text)
    third = Read(browser.get(second.rels["next"]).text)
    assert [len(rows(each)) for each in (first, second, third)] == [50, 50, 20]
    assert "next" not in third.rels
    back = Read(browser.get(third.rels["prev"]).text)
    assert rows(back) == rows(second)
    start = Read(browser.get(back.rels["prev"]).text)
    assert rows(start) == rows(first)
    assert "prev" not in {**start.rels, **first.rels}


# --- filters that are kept --------------------------------------------------------------------------------------------


def test_a_filter_is_kept_by_name_for_its_officer_alone_and_forgotten(
    af: Desk, browser: httpx.Client, sign_in: SignIn
) -> None:
    sign_in("duty")
    wanted = "/records?text=lorry&exercise=no"
    form = {"form": Read(browser.get(wanted).text).hidden["form"], "address": wanted}
    shown = Read(browser.post("/records/saved", data={**form, "name": " lorries  now "}).text)
    assert wanted in shown.links
    browser.cookies.clear()
    sign_in("analyst")
    assert wanted not in Read(browser.get("/records").text).links
    browser.cookies.clear()
    sign_in("duty")
    form["form"] = Read(browser.get("/records").text).hidden["form"]
    browser.post("/records/saved", data={**form, "name": "lorries now", "does": "forget"})
    with begin(af.side.means) as turn:
        assert saved.of(turn.tx, af.officer("duty").id) == {}


@pytest.mark.parametrize("name", ["", "   ", "x" * 61])
def test_a_filter_without_a_name_is_told_beside_the_field(browser: httpx.Client, sign_in: SignIn, name: str) -> None:
    sign_in("duty")
    form = {"form": Read(browser.get("/records").text).hidden["form"], "address": "/records?text=x"}
    answer = browser.post("/records/saved", data={**form, "name": name})
    assert (answer.status_code, "filter.name" in answer.text) == (400, True)


def test_an_officer_keeps_so_many_filters_and_no_more(af: Desk, browser: httpx.Client, sign_in: SignIn) -> None:
    sign_in("approver")
    who = af.officer("approver").id
    with begin(af.side.means) as turn:
        for number in range(30):
            saved.put(turn.tx, who, f"filter {number}", "/records?text=x")
    form = {"form": Read(browser.get("/records").text).hidden["form"], "address": "/records?text=y"}
    assert "filter.many" in browser.post("/records/saved", data={**form, "name": "one more"}).text
    kept = browser.post("/records/saved", data={**form, "name": "filter 7"}).url
    assert (kept.params["text"], said_done(kept)) == ("y", "filter-kept")


def test_a_page_of_another_session_keeps_nothing(browser: httpx.Client, sign_in: SignIn) -> None:
    sign_in("duty")
    data = {"form": "0" * 64, "address": "/records?text=x", "name": "x"}
    assert browser.post("/records/saved", data=data).status_code == 403


def test_a_filter_that_is_kept_already_is_not_offered_to_be_kept(
    af: Desk, browser: httpx.Client, sign_in: SignIn
) -> None:
    sign_in("analyst")
    offered = 'name="does" value="keep"'
    assert offered in browser.get("/records?text=barge").text
    with begin(af.side.means) as turn:
        saved.put(turn.tx, af.officer("analyst").id, "barges", "/records?text=barge")
    assert offered not in browser.get("/records?text=barge").text


@pytest.mark.parametrize("path", ["/records", "/api/v1/records"])
def test_an_address_that_says_a_filter_twice_is_refused(browser: httpx.Client, sign_in: SignIn, path: str) -> None:
    sign_in("duty")
    answer = browser.get(f"{path}?kind=intelligence.report&kind=record.opened")
    assert (answer.status_code, "page.twice" in answer.text) == (400, True)
    assert browser.get(f"{path}?kind=intelligence.report").status_code == 200


@pytest.fixture
def named(af: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages tell parties, days and times by the lexicon of the exercise."""
    spoken = lexicon("af", af.side.means.now())
    monkeypatch.setattr(lexica, "own_lexicon", lambda _turn: spoken)


# --- rows that are told apart -----------------------------------------------------------------------------------------


def row(page: str, party: str, id_: str) -> str:
    """The words of a row of the list."""
    found = re.search(f'<tr id="{party}-{id_}".*?</tr>', page, re.DOTALL)
    assert found
    return " ".join(Read(found[0]).words.split())


@pytest.mark.usefixtures("named")
def test_a_row_names_the_other_party_and_how_what_we_sent_stands_there(
    border: Border, browser: httpx.Client, sign_in: SignIn, came: dict[str, str]
) -> None:
    sent = border.af.send("pk", text="two barges").record.fields.id
    sign_in("duty")
    assert "From Pakistan" in row(browser.get("/records?text=Torkham").text, "pk", came["plain"])
    waits = row(browser.get("/records?party=af").text, "af", sent)
    assert ("To Pakistan" in waits, "pending" in waits) == (True, True)
    border.settle()
    assert "final" in row(browser.get("/records?party=af").text, "af", sent)


def test_a_notice_is_told_with_the_title_of_what_it_is_of_to_who_may_look_at_that_and_the_look_is_noted(
    af: Desk, border: Border, browser: httpx.Client, sign_in: SignIn
) -> None:
    sent = border.pk.send("af", text="a barge, exercise")
    person = border.pk.with_file("af", **border.pk.person())
    border.settle()
    withdrawn = Withdrawal("mistaken")
    notices = list[str]()
    for each in (sent, person):
        id_ = each.record.fields.id
        (told,) = withdraw(id_, withdrawn, border.pk.post, border.pk.means).told
        notices.append(told.record.fields.id)
    border.settle()
    sign_in("observer")
    page = browser.get("/records?kind=record.withdrawal").text
    assert ["names a person" in row(page, "pk", each) for each in notices] == [False, True]
    browser.cookies.clear()
    before = len(af.noted("record.person", f"pk:{person.record.fields.id}"))
    sign_in("duty")
    page = browser.get("/records?kind=record.withdrawal").text
    assert "Withdrawal:" in row(page, "pk", notices[0])
    assert len(af.noted("record.person", f"pk:{person.record.fields.id}")) > before


# --- days that are typed ----------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("named")
@pytest.mark.parametrize("role_and_path", [("duty", "/records"), ("auditor", "/audit")])
def test_a_day_is_said_to_be_of_the_partys_zone_and_stands_in_its_calendars(
    browser: httpx.Client, sign_in: SignIn, role_and_path: tuple[str, str]
) -> None:
    role, path = role_and_path
    sign_in(role)
    words = Read(browser.get(path, params={"since": "2026-11-24"}).text).words
    assert "A day by the clock of Kabul" in words
    assert re.search("A day by the clock of Kabul: 24 November 2026 · .* 1405", words)


@pytest.mark.parametrize("role_and_path", [("duty", "/records"), ("auditor", "/audit")])
@pytest.mark.parametrize(
    ("days", "code"),
    [
        ({"since": "2026-11-24", "until": "2026-11-23"}, "form.days"),
        ({"since": "2026-11-24", "until": "20261123"}, "form.days"),
        ({"since": "2026-02-31"}, "form.day"),
        ({"until": "24.11.2026"}, "form.day"),
    ],
)
def test_days_that_are_none_or_the_wrong_way_round_are_told_beside_their_fields(
    browser: httpx.Client, sign_in: SignIn, role_and_path: tuple[str, str], days: dict[str, str], code: str
) -> None:
    role, path = role_and_path
    sign_in(role)
    answer = browser.get(path, params=days)
    assert answer.status_code == 400
    assert re.search(f'id="wrong-days">.*{code}', answer.text)
    assert answer.text.count('role="alert"') == 1
    assert answer.text.count("wrong-days") == 3
    untrue = "No record is like that|Nobody did such a thing|Keep this filter"
    assert not re.search(untrue, Read(answer.text).words)


# --- taking out -------------------------------------------------------------------------------------------------------


def test_a_file_holds_what_the_list_shows_and_each_look_at_a_person_is_noted(
    af: Desk, browser: httpx.Client, sign_in: SignIn, came: dict[str, str]
) -> None:
    sign_in("duty")
    given = browser.get("/records/export", params={"format": "jsonl", "box": "in"})
    assert re.fullmatch(r'attachment; filename="af-records-\d{8}T\d{4}Z.jsonl"', given.headers["content-disposition"])
    lines = {each["head"]["id"]: each for each in map(msgspec.json.decode, given.content.splitlines())}
    assert lines[came["plain"]]["record"]["body"] == {"text": "three lorries at Torkham"}
    rows = af.noted(by="duty")
    assert {"record.export", "record.person"} <= {row.act for row in rows}
    assert f"pk:{came['person']}" in {row.subject for row in rows if row.act == "record.person"}


def test_a_spreadsheet_has_a_row_for_each_record_with_its_marking_and_whether_it_names_a_person(
    browser: httpx.Client, sign_in: SignIn, came: dict[str, str]
) -> None:
    sign_in("duty")
    given = browser.get("/records/export", params={"format": "csv", "box": "in"})
    assert given.headers["content-type"] == "text/csv; charset=utf-8"
    rows = {row["id"]: row for row in csv.DictReader(io.StringIO(given.content.decode("utf-8-sig")))}
    said = {id_: (rows[id_]["tlp"], rows[id_]["names_person"], rows[id_]["post"]) for id_ in came.values()}
    assert said == {
        came["person"]: ("TLP:AMBER", "yes", "duty"),
        came["plain"]: ("TLP:AMBER", "no", "duty"),
    }


def test_who_may_not_export_is_offered_no_file(browser: httpx.Client, sign_in: SignIn) -> None:
    sign_in("observer")
    assert not [link for link in Read(browser.get("/records").text).links if "export" in link]
    assert browser.get("/records/export", params={"format": "csv"}).status_code == 403
