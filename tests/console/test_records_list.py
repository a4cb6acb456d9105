"""The list of records: narrowed down by days and exercises, kept under names, led forth and back, taken out as a file."""

import csv
import io
import re
from collections.abc import Callable
from datetime import UTC, datetime

import httpx
import msgspec
import pytest

from amanat.console import filters
from amanat.console.zones import zone
from amanat.exchange.means import begin
from amanat.officer import audit
from amanat.officer.audit import Search
from amanat.party.errors import Invalid
from amanat.store import saved
from api.cast import Desk
from border import Border
from console.reading import Read

SignIn = Callable[..., httpx.Response]


# --- what it is narrowed down to --------------------------------------------------------------------------------------


def test_days_are_those_of_the_partys_own_zone_both_ends_among_them() -> None:
    kabul = zone("Asia/Kabul")
    assert kabul is not None
    search = filters.read({"since": "2026-11-24", "until": "2026-11-24"}).search(kabul, 50)
    assert search.since == datetime(2026, 11, 23, 19, 30, tzinfo=UTC)
    assert search.until == datetime(2026, 11, 24, 19, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "wrong", [{"box": "x"}, {"since": "yesterday"}, {"exercise": "perhaps"}, {"text": "x" * 201}, {"stat": "withdrawn"}]
)
def test_a_filter_that_there_is_not_is_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(Invalid, match="no such filter"):
        filters.read(wrong)


@pytest.mark.parametrize("day", ["2026-02-31", "0001-01-01", "9999-12-31"])
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
    assert browser.post("/records/saved", data={**form, "name": "filter 7"}).url.query == b"text=y"


def test_a_page_of_another_session_keeps_nothing(browser: httpx.Client, sign_in: SignIn) -> None:
    sign_in("duty")
    data = {"form": "0" * 64, "address": "/records?text=x", "name": "x"}
    assert browser.post("/records/saved", data=data).status_code == 403


# --- taking out -------------------------------------------------------------------------------------------------------


def test_a_file_holds_what_the_list_shows_and_each_look_at_a_person_is_noted(
    af: Desk, browser: httpx.Client, sign_in: SignIn, came: dict[str, str]
) -> None:
    sign_in("duty")
    given = browser.get("/records/export", params={"format": "jsonl", "box": "in"})
    assert re.fullmatch(r'attachment; filename="af-records-\d{8}T\d{4}Z.jsonl"', given.headers["content-disposition"])
    lines = {each["head"]["id"]: each for each in map(msgspec.json.decode, given.content.splitlines())}
    assert lines[came["plain"]]["record"]["body"] == {"text": "three lorries at Torkham"}
    with begin(af.side.means) as turn:
        rows = audit.search(turn.tx, Search(officer=af.officer("duty").id))
    assert {"record.export", "record.person"} <= {row.act for row in rows}
    assert f"pk:{came['person']}" in {row.subject for row in rows if row.act == "record.person"}


def test_a_spreadsheet_runs_nothing_that_another_party_wrote(
    browser: httpx.Client, sign_in: SignIn, came: dict[str, str]
) -> None:
    sign_in("duty")
    given = browser.get("/records/export", params={"format": "csv", "box": "in"})
    assert given.headers["content-type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(given.content.decode("utf-8-sig"))))
    (person,) = [row for row in rows if row["id"] == came["person"]]
    assert (person["tlp"], person["names_person"], person["post"]) == ("TLP:AMBER", "yes", "duty")


def test_who_may_not_export_is_offered_no_file(browser: httpx.Client, sign_in: SignIn) -> None:
    sign_in("observer")
    assert not [link for link in Read(browser.get("/records").text).links if "export" in link]
    assert browser.get("/records/export", params={"format": "csv"}).status_code == 403
