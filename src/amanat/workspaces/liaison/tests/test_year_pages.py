"""The page of a year and its file through served nodes: what they show and say, empty, filled, of exercises, refused."""

import csv
import io
import re
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from amanat.party.lexicon import Language
from amanat.workspaces.liaison.tests.lines import page
from amanat.workspaces.liaison.tests.notices_cast import WORKS
from amanat.workspaces.liaison.tests.year_cast import Year, year
from amanat.workspaces.liaison.year import known
from api.cast import Desk, desk
from console.reading import Read


@pytest.fixture(scope="module")
def weeks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Year]:
    with year(tmp_path_factory.mktemp("weeks")) as made:
        made.weeks()
        yield made


@pytest.fixture(scope="module")
def at(weeks: Year) -> Iterator[dict[str, Desk]]:
    """The served nodes of both sides and of the observer."""
    with ExitStack() as open_:
        yield {party: open_.enter_context(desk(weeks.line.side(party))) for party in ("pk", "af", "obs")}


def words(at: Desk, path: str = "/liaison/year", status: int = 200) -> str:
    return " ".join(Read(page(at, path, status=status)).words.split())


def lines(at: Desk, path: str = "/liaison/year.csv") -> list[dict[str, str]]:
    answer = at.http.get(path, headers=at.session("duty"))
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("text/csv")
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline=""), strict=True))


@pytest.mark.parametrize("language", ["en", "ur"])
@pytest.mark.parametrize("asked", ["", "?year=2025", "?year=2027", "?year=2031", "?exercise=on"])
def test_every_year_is_shown_in_english_and_urdu(at: dict[str, Desk], language: Language, asked: str) -> None:
    for each in (at["pk"],) if asked else at.values():
        assert page(each, f"/liaison/year{asked}", language)


def test_both_sides_are_shown_the_same_figures(at: dict[str, Desk]) -> None:
    tables = [re.findall(r"<table>.*?</table>", page(at[party], "/liaison/year"), re.DOTALL) for party in ("pk", "af")]
    assert len(tables[0]) > 10
    assert tables[0] == tables[1]


def test_the_page_says_what_was_counted_what_it_is_of_and_what_it_does_not_say(at: dict[str, Desk]) -> None:
    text = words(at["pk"])
    assert "The year in figures: 2026" in text
    assert "the last full hour" in text
    assert "In brackets: 2025." in text
    assert "Shots1 (none)none (none)none (none)1 (none)" in text
    assert "fewer than 5 (none)" in text
    assert "Persons handed back and received none" in text
    assert "What these figures do not say" in text
    assert "it counts what it was shown" not in text
    assert "it counts what it was shown" in words(at["obs"])


def test_charts_have_their_words_and_a_table_beside(at: dict[str, Desk]) -> None:
    shown = page(at["pk"], "/liaison/year")
    charts = re.findall(r'<svg[^>]*role="img" aria-label="([^"]+)"', shown)
    assert len(charts) == 3
    assert all("the table below says the same" in each for each in charts)
    assert shown.count('class="plot-') >= 3
    urdu = page(at["pk"], "/liaison/year", "ur")
    assert shown.count("<rect") == urdu.count("<rect")


def test_a_year_in_which_nothing_was_told_says_so(at: dict[str, Desk]) -> None:
    for asked in ("?year=2025", "?exercise=on"):
        assert "Nothing was told in this year, nor in the year before." in words(at["pk"], f"/liaison/year{asked}")


def test_a_year_that_has_not_begun_has_the_last_one_beside_it(at: dict[str, Desk]) -> None:
    text = words(at["pk"], "/liaison/year?year=2027")
    assert "The year has not begun." in text
    assert "Shotsnone (1)" in text


def test_exercises_stand_alone_and_are_marked(weeks: Year, at: dict[str, Desk]) -> None:
    weeks.notices.give("pk", WORKS, exercise="on")
    weeks.wait(hours=1)
    shown = page(at["pk"], "/liaison/year?exercise=on")
    assert "EXERCISE" in Read(shown).words
    assert "works near the line" in Read(shown).words
    assert "Shots" not in Read(shown).words
    assert 'href="/liaison/year.csv?exercise=on"' in shown
    assert {each["figure"] for each in lines(at["pk"], "/liaison/year.csv?exercise=on") if each["value"] == "1"} >= {
        "told"
    }
    weeks.carry()


@pytest.mark.parametrize("asked", ["year=26", "year=1999", "year=2026%0A", "exercise=yes", "compact=" + "x" * 65])
def test_what_is_no_year_is_refused_and_says_so(at: dict[str, Desk], asked: str) -> None:
    answer = at["pk"].http.get(f"/liaison/year?{asked}", headers=at["pk"].session("duty"))
    assert answer.status_code in (400, 422), answer.status_code


def test_a_compact_that_is_not_here_is_named_with_those_that_are(at: dict[str, Desk]) -> None:
    answer = at["pk"].http.get("/liaison/year?compact=other", headers=at["pk"].session("duty"))
    assert "pk-af" in answer.text
    assert answer.status_code >= 400


def test_what_is_beyond_what_is_counted_is_said(at: dict[str, Desk], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(known, "MOST", {**known.MOST, "liaison_notice": 1})
    assert "1 record of af is not counted" in words(at["pk"])


# --- the file ---------------------------------------------------------------------------------------------------------


def test_the_file_says_what_the_page_says_in_both_years_and_by_month(at: dict[str, Desk]) -> None:
    given = lines(at["pk"])
    assert given == lines(at["af"])
    shots = {
        (each["year"], each["figure"]): each["value"]
        for each in given
        if (each["table"], each["code"]) == ("incidents", "shots")
    }
    assert (shots["2026", "closed"], shots["2025", "closed"]) == ("1", "0")
    (contact,) = (
        each for each in given if (each["year"], each["of"], each["figure"]) == ("2026", "all", "contact-longest")
    )
    assert contact["unit"] == "seconds"
    assert 300 <= int(contact["value"]) < 420
    assert sum(int(each["value"]) for each in given if each["month"] and each["figure"] == "incidents") == 1
    few = [each for each in given if each["table"] == "tracks" and each["year"] == "2026"]
    assert {(each["value"], each["unit"]) for each in few} == {("", "fewer than 5"), ("", "not known")}


def test_the_file_is_of_quoted_lines_that_no_spreadsheet_runs(at: dict[str, Desk]) -> None:
    answer = at["pk"].http.get("/liaison/year.csv", headers=at["pk"].session("duty"))
    data = answer.content.decode()
    assert data.startswith('\ufeff"year"')
    assert data.endswith("\r\n")
    assert all(line.startswith('"') and line.endswith('"') for line in data[1:].split("\r\n")[:-1])
    assert not re.search(r'"\s*[=+\-@\t]', data)


def test_the_file_is_for_who_may_read_records(at: dict[str, Desk]) -> None:
    assert at["pk"].http.get("/liaison/year.csv", follow_redirects=False).status_code != 200
