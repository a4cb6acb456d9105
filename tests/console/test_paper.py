"""Records on paper, by another's reading of the PDF: what stands there in each language, for whom, and what never does."""

import re
import subprocess
import sys
import time
from contextlib import nullcontext
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from amanat.console import paper, typesetter, typesetting
from amanat.console.paper import printable, printed
from amanat.console.typesetting import typeset
from amanat.exchange import export, journal
from amanat.exchange.export import Press, Selection
from amanat.exchange.problem import TooMuch
from amanat.officer.may import Actor
from amanat.party.errors import Fault, Invalid, Refused
from amanat.party.lexicon import Language
from amanat.record.handling import Handling
from amanat.store.listing import Search
from api.cast import Desk, SignIn
from border import Border
from console.reading import HOSTILE
from console.sheets import opened, says, sheets, tags
from officer.cast import acting_as

pytestmark = pytest.mark.usefixtures("came")

CAME_IN = Search(own=False)
ROOT = Path(__file__).parents[2]
MARKUP = '#eval("1+1") $x$ *bold* @ref <lab> // no comment [#panic()] </bdi></section><h1>x</h1> &amp; \\u{41}'


@pytest.fixture
def duty(af: Desk) -> Actor:
    """The duty officer of af, who may export and look at persons."""
    return replace(acting_as(af.officer("duty")), proven=af.side.means.now())


def press(border: Border, actor: Actor, search: Search = CAME_IN, by: Press = printed) -> bytes:
    """The document of what af finds."""
    return b"".join(export.export(border.af.means, actor, search, "pdf", by).pieces)


def text(pdf: bytes) -> str:
    return "\n".join("".join(pieces) for pieces in sheets(pdf))


# --- what stands on it ------------------------------------------------------------------------------------------------


def test_the_head_says_whose_it_is_when_it_was_made_by_which_post_and_what_chose_it(
    border: Border, duty: Actor
) -> None:
    search = replace(CAME_IN, text="torkham", since=datetime(2026, 11, 24, tzinfo=UTC), exercise=True)
    (first, *_) = sheets(press(border, duty, search))
    for words in (
        "af",
        duty.post,
        f"{border.af.means.now():%Y-%m-%dT%H:%M}",
        "Number of records 1",
        "24 November 2026",
    ):
        assert says(first, words), words
    assert "x.duty" not in "".join(first)


def test_a_record_says_what_its_page_says(border: Border, duty: Actor, came: dict[str, str]) -> None:
    pieces = [each for page in sheets(press(border, duty)) for each in page]
    row = next(each for each in _rows(border, duty) if each[0].id == came["plain"])
    for words in (f"pk:{came['plain']}", "three lorries at Torkham", "current", f"#{row[0].log_index}", "Purpose"):
        assert says(pieces, words), words


@pytest.mark.parametrize(
    ("language", "words"), [("en", "Records"), ("ur", "ریکارڈ"), ("ps", "ریکارډونه"), ("fa-AF", "ریکاردها")]
)
def test_it_is_in_the_officers_language_and_direction(
    border: Border, duty: Actor, language: Language, words: str
) -> None:
    made = press(border, replace(duty, language=language))
    root: Any = opened(made).trailer["/Root"]
    assert str(root["/Lang"]).startswith(language.split("-", maxsplit=1)[0])
    assert root["/ViewerPreferences"]["/Direction"] == ("/L2R" if language == "en" else "/R2L")
    assert says(sheets(made)[0], words)
    assert says([each for page in sheets(made) for each in page], "three lorries at Torkham")


@pytest.mark.parametrize("words", ["کاروان د تورخم", "کاروان در راه", "مال روکا"])
def test_words_in_the_regions_scripts_are_set_whole(border: Border, duty: Actor, words: str) -> None:
    border.pk.send("af", text=f"{words} TK-12")
    border.carry("pk", "af")
    pieces = [each for page in sheets(press(border, duty, replace(CAME_IN, text="TK-12"))) for each in page]
    assert says(pieces, f"{words} TK-12")


def test_it_is_tagged_for_who_hears_it(border: Border, duty: Actor) -> None:
    made = press(border, duty)
    root: Any = opened(made).trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert tags(made).count("/H1") == 1
    assert tags(made).count("/H2") == len(_rows(border, duty))
    assert opened(made).metadata is not None
    assert opened(made).metadata.title == "Records: af"  # type: ignore[union-attr]  # as above


def test_every_sheet_says_the_strictest_handling_and_which_of_how_many_it_is(border: Border, duty: Actor) -> None:
    expires = border.pk.means.now().replace(year=2027)
    strict = Handling(tlp="TLP:AMBER+STRICT", purpose="counter-terrorism", codes=("H2",), expires=expires)
    border.pk.send("af", text="strictly barge", handling=strict)
    for number in range(20):
        border.pk.send("af", text=f"barge {number}")
    border.carry("pk", "af")
    pages = sheets(press(border, duty, replace(CAME_IN, text="barge")))
    assert len(pages) > 3
    for number, pieces in enumerate(pages, 1):
        assert sum("TLP:AMBER+STRICT" in each for each in pieces) >= 2, number
        assert says(pieces, f"Page {number} of {len(pages)}")


def test_an_exercise_is_told_on_its_record_and_on_every_sheet_where_all_are(border: Border, duty: Actor) -> None:
    mixed, alone = press(border, duty), press(border, duty, replace(CAME_IN, exercise=True))
    assert text(mixed).count("EXERCISE EXERCISE EXERCISE") == 1
    assert says(sheets(mixed)[0], "Exercises among them 1")
    for pieces in sheets(alone):
        assert "".join(pieces).count("EXERCISE EXERCISE EXERCISE") >= 2


# --- what never does --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "hostile",
    [MARKUP, HOSTILE.removesuffix("Exercise Nobody"), '#image("/etc/passwd") #sys.inputs', "]]> <!DOCTYPE x> <?x?>"],
)
def test_what_a_sender_wrote_is_text_and_nothing_else(border: Border, duty: Actor, hostile: str) -> None:
    marked = f"quay {hostile}"
    border.pk.send("af", text=marked)
    border.carry("pk", "af")
    pieces = [each for page in sheets(press(border, duty, replace(CAME_IN, text="quay"))) for each in page]
    assert says(pieces, marked)


def test_what_would_order_or_hide_text_around_it_is_left_out() -> None:
    assert printable("a\u202eb\u2066c\u2069\r\nd\u2028e\x00\x1b\uffff") == "abc\nd\ne\ufffd\ufffd\ufffd"
    assert printable({"a": ["\u202d1", 2], "b": None}) == {"a": ["1", 2], "b": None}


def test_who_may_not_look_at_persons_is_given_nothing_of_them(border: Border, duty: Actor) -> None:
    program = replace(duty, permissions=frozenset(("record.read", "record.export")), channel="api")
    said = text(press(border, program))
    assert "Exercise Nobody" in text(press(border, duty))
    assert "Exercise Nobody" not in said
    assert "names a person" in said


def test_each_person_in_it_is_noted_and_so_is_the_export(
    af: Desk, border: Border, duty: Actor, came: dict[str, str]
) -> None:
    press(border, duty)
    rows = {(each.act, each.subject) for each in af.noted(by="duty")}
    assert {("record.export", "list:pdf"), ("record.person", f"pk:{came['person']}")} <= rows


def test_who_may_not_export_is_refused(border: Border, duty: Actor) -> None:
    with pytest.raises(Refused):
        press(border, replace(duty, permissions=frozenset(("record.read",)), channel="api"))


# --- how much, how long -----------------------------------------------------------------------------------------------


def test_more_records_than_a_document_holds_are_refused_before_anything_is_noted(
    border: Border, duty: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "PRINTED", len(_rows(border, duty)) - 1)
    with pytest.raises(Invalid, match="holds at most") as raised:
        press(border, duty, by=_never)
    assert raised.value.code == "export.many"


def test_records_that_are_too_long_are_refused(border: Border, duty: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paper, "LONGEST", 1000)
    with pytest.raises(Invalid, match="too long for one PDF"):
        press(border, duty)


def test_a_typesetter_that_takes_too_long_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(typesetting, "SECONDS", 0.001)
    with pytest.raises(Invalid, match="too long for one PDF"):
        typeset("<paper/>", datetime(2026, 11, 24, tzinfo=UTC))


def test_a_page_that_cannot_be_set_is_a_fault_that_says_why() -> None:
    with pytest.raises(Fault, match=r"made no document: .*parse"):
        typeset("<paper>", datetime(2026, 11, 24, tzinfo=UTC))


def test_one_is_made_at_a_time_and_no_record_is_read_for_another(border: Border, duty: Actor) -> None:
    with typesetting.stand(), pytest.raises(TooMuch):
        printed(Selection(border.af.means, duty, CAME_IN, border.af.means.now(), map(_never, [None])))
    assert press(border, duty)


@pytest.mark.parametrize("fails", ["busy", "long"])
def test_a_document_that_was_never_made_is_noted_by_nobody(
    af: Desk, border: Border, duty: Actor, monkeypatch: pytest.MonkeyPatch, fails: str
) -> None:
    before = af.noted(by="duty")
    if fails == "long":
        monkeypatch.setattr(paper, "LONGEST", 1000)
    with typesetting.stand() if fails == "busy" else nullcontext(), pytest.raises((TooMuch, Invalid)):
        press(border, duty)
    assert af.noted(by="duty") == before
    monkeypatch.undo()
    assert press(border, duty)
    assert len(af.noted(by="duty")) > len(before)


BREAKS = {
    "signs": "a" + "\u0301" * 66_000,
    "lines": "ab\n" * 100_000,
    "directions": "a\u0628" * 300_000,
    "unseen": "a" + "\u200d\ufe0f" * 30_000,
}


@pytest.mark.parametrize("text", BREAKS.values(), ids=BREAKS)
def test_one_text_of_a_hostile_sender_neither_breaks_nor_stalls_what_it_is_in(text: str) -> None:
    short = printable(text)
    assert short.endswith(" […]")
    assert len(short) <= paper.LONG + 10
    assert short.count("\n") <= paper.LINES
    assert not re.search(f"[\u0301\u200d\ufe0f]{{{paper.SIGNS + 1}}}", short)


def test_many_texts_of_one_record_have_no_more_room_together() -> None:
    room = paper.Room()
    (found,) = printable([[[f"field {number}", "a\u0628" * 300] for number in range(100_000)]], room)
    assert room.cut
    assert sum(len(each) for row in found for each in row) <= paper.ROOM + 1000
    assert len(found) <= paper.LINES


def test_what_is_cut_is_said_on_the_sheet_and_what_a_text_needs_is_not(border: Border, duty: Actor) -> None:
    border.pk.send("af", text="wharf " + "barrel\n" * 1000)
    border.carry("pk", "af")
    pieces = [each for page in sheets(press(border, duty, replace(CAME_IN, text="wharf"))) for each in page]
    assert says(pieces, "more is in the record than paper holds")
    assert not says(
        [each for page in sheets(press(border, duty, replace(CAME_IN, exercise=True))) for each in page],
        "than paper holds",
    )
    spoken = "بِسْمِ ٱللَّهِ ٱلرَّحْمَٰنِ – ﷺ\n\n…"
    assert printable(spoken) == spoken


def test_a_page_that_breaks_the_typesetter_is_told_without_what_it_said(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    page = f'<paper lang="en" dir="ltr" digits="123456789" tlp="" title="t" exercise="" page=""><p>{BREAKS["signs"]}</p></paper>'
    kept = list[tuple[int, str]]()
    monkeypatch.setattr(journal, "typesetter_broke", lambda *given: kept.append(given))
    with pytest.raises(Invalid, match="breaks the typesetter") as raised:
        typeset(page, datetime(2026, 11, 24, tzinfo=UTC))
    assert raised.value.code == "export.broke"
    ((code, said),) = kept
    assert "panicked" not in str(raised.value)
    monkeypatch.undo()
    journal.typesetter_broke(code, said)
    written = capsys.readouterr()
    assert "panicked" in said
    assert "typesetter broke" in written.out + written.err
    assert "panicked" not in written.out + written.err


def test_where_memory_runs_out_the_typesetter_is_ended_first_and_the_node_goes_on() -> None:
    """It waits for its page while we look at it."""
    args = [sys.executable, "-I", typesetter.__file__, "template", "fonts", "0", "3"]
    with subprocess.Popen(args, stdin=subprocess.PIPE) as child:  # noqa: S603 - our own program
        about = Path(f"/proc/{child.pid}")
        until = time.monotonic() + 30
        while (score := int((about / "oom_score_adj").read_text("ascii"))) < 1000 and time.monotonic() < until:
            time.sleep(0.01)
        (limit,) = re.findall(r"Max address space +(\d+)", (about / "limits").read_text("ascii"))
        child.kill()
    assert (score, int(limit)) == (1000, typesetter.MEMORY)
    assert "\nOOMPolicy=continue\n" in (ROOT / "offline" / "amanat.service").read_text("utf-8")


@pytest.mark.parametrize("name", ["kind", "party", "workspace", "compact"])
def test_what_it_was_chosen_by_is_printable_too(border: Border, duty: Actor, name: str) -> None:
    search: Any = {name: "\x01\ufffe"}
    assert text(press(border, duty, replace(CAME_IN, **search)))


def test_the_same_records_at_the_same_moment_give_the_same_bytes(border: Border, duty: Actor) -> None:
    assert press(border, duty) == press(border, duty)


# --- the way to it ----------------------------------------------------------------------------------------------------


def test_the_list_offers_it_and_a_browser_is_given_a_pdf(browser: httpx.Client, sign_in: SignIn) -> None:
    sign_in("duty")
    assert "/records/export?box=in&amp;format=pdf" in browser.get("/records", params={"box": "in"}).text
    given = browser.get("/records/export", params={"format": "pdf", "box": "in"})
    assert (given.status_code, given.headers["content-type"]) == (200, "application/pdf")
    assert re.fullmatch(r'attachment; filename="af-records-\d{8}T\d{4}Z.pdf"', given.headers["content-disposition"])
    assert "three lorries at Torkham" in text(given.content)


def test_a_program_is_given_the_same_by_the_api(af: Desk) -> None:
    answer = af.ask("duty", "GET", "/records/export", params={"format": "pdf", "box": "in"})
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/octet-stream")
    assert "three lorries at Torkham" in text(answer.content)


def _rows(border: Border, actor: Actor) -> list[Any]:
    """Each row that af finds, as its document would be given it."""
    found = list[Any]()

    def kept(chosen: Selection) -> bytes:
        found.extend(chosen.rows)
        return b""

    press(border, actor, by=kept)
    return found


def _never(_given: object) -> Any:
    raise AssertionError("it was asked")
