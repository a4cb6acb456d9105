"""The page of hotlines, and of conversations by voice: at both sides, while what they say is carried between them."""

import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import httpx
import pytest
from markupsafe import escape

from amanat.officer.may import Role
from amanat.party.errors import Invalid
from amanat.record.record import Record
from amanat.workspaces.liaison import facts, phrasebook
from amanat.workspaces.liaison.kinds import Confirmed, Escalated, Named, Said, Spot
from amanat.workspaces.liaison.pages import voice
from amanat.workspaces.liaison.tests.lines import DUTY, Hotline, hotline, of
from api.cast import Desk, desk
from console.reading import Read

Served = tuple[Hotline, dict[str, Desk]]


@contextmanager
def serving(folder: Path, *parties: str) -> Iterator[Served]:
    with ExitStack() as open_:
        line = open_.enter_context(hotline(folder))
        yield line, {party: open_.enter_context(desk(line.side(party))) for party in parties}


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("line"), "pk", "af") as made:
        yield made


@pytest.fixture
def line(served: Served) -> Served:
    """The two sides at half past six, so many days later that no call of another test is a matter, nor a test of a line."""
    border = served[0].border
    border.clock.at = (border.clock.at + timedelta(days=8)).replace(hour=6, minute=30, second=0)
    served[0].carry()
    return served


def today(line: Hotline) -> str:
    return f"{line.border.clock.at:%-d %B %Y}"


def page(at: Desk, role: Role = "duty", path: str = "/liaison/desk") -> str:
    at.speak(role, "en")
    answer = at.http.get(path, headers=at.session(role))
    assert answer.status_code == 200, answer.text
    return answer.text


def row(at: Desk, code: str = "kurram", role: Role = "duty") -> str:
    """What the page says of a hotline."""
    text = page(at, role).partition(f'id="hotline-{code}"')[2].partition("</section>")[0]
    return " ".join(Read(f"<p {text}").words.split())


def titles(at: Desk) -> list[str]:
    return re.findall(r'id="hotline-([a-z]+)" data-item', page(at))


def post(at: Desk, deed: str, role: Role = "duty", **typed: str) -> httpx.Response:
    at.speak(role, "en")
    return at.http.post(f"/liaison/{deed}", data=typed, headers=at.session(role))


# --- the hotlines -----------------------------------------------------------------------------------------------------


def test_a_party_at_no_end_of_a_hotline_is_told_so(tmp_path: Path) -> None:
    with serving(tmp_path, "obs") as (_, at):
        assert "This party is at no end of a hotline." in Read(page(at["obs"])).words


def test_what_rings_for_ones_post_stands_first(line: Served) -> None:
    made, at = line
    assert titles(at["af"]) == ["kurram", "khyber", "directorates"]
    made.do("pk", "ring", hotline="khyber", urgency="routine")
    made.carry()
    assert titles(at["af"]) == ["khyber", "kurram", "directorates"]
    made.do("pk", "ring", hotline="kurram", urgency="flash")
    made.carry()
    assert "Flash A call from pk torkham/duty Delivered" in row(at["af"])
    assert f"Rank 1 is rung: in 1 min {today(made)} 06:31:00 UTC" in row(at["af"])
    assert "1 message to be opened" in row(at["af"])


def test_a_ring_names_who_rings_once_and_when_as_every_page_does(line: Served) -> None:
    made, at = line
    made.do("pk", "ring", hotline="kurram", urgency="flash")
    made.carry()
    ring = page(at["af"]).partition('<section id="rings"')[2].partition("</section>")[0]
    said = " ".join(Read(f"<p {ring}").words.split())
    assert "from pk since today 06:30 passed on at today 06:31" in said
    assert "UTC" not in said


def test_a_call_is_there_until_it_is_ended(line: Served) -> None:
    made, at = line
    call = made.ring()
    assert "Called by pk torkham/duty Rung" in row(at["pk"])
    made.carry()
    made.do("af", "open", **of(call))
    made.carry()
    assert "Called by pk torkham/duty Opened" in row(at["pk"])
    assert "Rank 1" not in row(at["pk"])
    made.say("af", call, "talk.end")
    made.carry()
    for party in ("pk", "af"):
        assert "Go to the call" not in row(at[party])


def test_a_call_comes_before_its_officers_even_after_it_climbed(line: Served) -> None:
    made, at = line
    made.ring(urgency="flash")
    made.border.clock.forward(minutes=1)
    assert [each.body.rank for each in made.tend("pk") if isinstance(each.body, Escalated)] == [1]
    assert made.tend("pk") == []  # it is said once
    made.border.clock.forward(minutes=1)
    assert "Never delivered" in row(at["pk"])  # nobody there can have heard it
    made.carry()
    assert "Nobody opened it" in row(at["pk"])


def test_whether_a_desk_is_attended_is_what_its_node_said_last(line: Served) -> None:
    made, at = line
    assert "Their desk not told yet" in row(at["pk"])
    made.tend("af", DUTY)
    made.carry()
    assert "Their desk attended for" in row(at["pk"])
    assert "Our desk attended for" in row(at["af"])
    made.border.clock.forward(minutes=5)
    made.tend("af")
    made.carry()
    made.border.clock.forward(minutes=7)
    assert "Their desk unattended for 7 mins" in row(at["pk"])


def test_the_last_test_call_says_when_it_was_and_whether_it_was_answered_in_time(line: Served) -> None:
    made, at = line
    assert "Last test call none in seven days" in row(at["pk"])
    made.border.clock.forward(hours=5, minutes=30)  # 12:00 UTC
    calls = {each.body.hotline: each for each in made.tend("pk") if each.kind.name == "liaison.call"}
    made.carry()
    assert f"to be answered by {today(made)} 12:15:00 UTC" in row(at["af"])
    made.border.clock.forward(minutes=3)
    made.say("af", calls["kurram"], "talk.test-answered", "12:03")
    made.carry()
    for party in ("pk", "af"):
        assert f"answered in time, by {today(made)} 12:03:00 UTC" in row(at[party])
    made.border.clock.forward(minutes=13)
    assert "not answered" in row(at["pk"], "khyber")


# --- ringing ----------------------------------------------------------------------------------------------------------


def test_one_rings_by_a_press_and_flash_by_a_second_one(line: Served) -> None:
    made, at = line
    shown = page(at["pk"])
    form = shown.partition('id="ring-kurram"')[2].partition("</form>")[0]
    assert re.findall(r'name="urgency" value="([a-z]+)"', form) == ["immediate", "priority", "routine", "flash"]
    assert 'value="flash"' not in form.partition("<details")[0]
    answer = post(at["pk"], "ring", hotline="kurram", urgency="flash", exercise="on")
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/liaison/call?party=pk&id=")
    made.carry()
    assert "EXERCISE Flash A call from pk torkham/duty" in row(at["af"])


def test_nobody_rings_from_a_post_that_does_not_stand_there(line: Served) -> None:
    _, at = line
    assert 'id="ring-directorates"' not in page(at["pk"])
    assert 'id="ring-' not in page(at["pk"], "approver")
    refused = post(at["pk"], "ring", hotline="directorates", urgency="routine")
    assert refused.status_code in (400, 403, 409, 422)
    assert "liaison.post" in refused.text


# --- by voice ---------------------------------------------------------------------------------------------------------

CONVERSATION: Final[dict[str, Any]] = {
    "hotline": "kurram",
    "by": "radio",
    "began": "06:10",
    "minutes": "4",
    "other": "torkham/duty",
}


def logged(at: Desk, path: str = "/liaison/voice") -> str:
    return " ".join(Read(page(at, path=path)).words.split())


def test_a_conversation_is_logged_by_one_side_and_confirmed_by_the_other(line: Served) -> None:
    made, at = line
    told = "101-1 (33.9, 70.1; 06:15), 243-6 (10) talk.end"
    answer = post(at["pk"], "log-voice", **CONVERSATION, heard="202-2", told=told)
    assert (answer.status_code, answer.headers["location"].partition("?")[0]) == (303, "/liaison/voice")
    assert "the other side has not confirmed it yet" in logged(at["pk"])
    made.carry()
    shown = logged(at["af"])
    heard, _, told = shown.partition("Heard there")[2].partition("Told there")
    assert "Received. 202-2" in heard
    assert re.search(r"Cease fire at 33\.90°N 70\.10°E .*? at today 06:15\. 101-1", told), told
    assert ("Stand by. Minutes: 10." in told, "End of call. 220-9" in told) == (True, True)
    assert "to be confirmed here" in shown
    key = re.findall(r'name="party" value="(pk)"><input type="hidden" name="id" value="([^"]*)"', page_of(at["af"]))[0]
    otherwise: dict[str, Any] = {
        "agrees": "no",
        "minutes": "9",
        "heard": "243-6 (15)",
        "told": "101-1 (Torkham (AF); 06:20)",
    }
    assert post(at["af"], "confirm-voice", party=key[0], id=key[1], **otherwise).status_code == 303
    made.carry()
    for party in ("pk", "af"):
        both = logged(at[party])
        assert re.search("otherwise, by the word of [^,]*torkham/duty", both)
        ours, _, theirs = both.partition("logged it")[2].partition("says it was")
        assert "Minutes: 10." in ours
        assert re.search(r"Minutes ?9 ?Heard there ?Stand by\. Minutes: 15\.", theirs), theirs
        assert re.search(r"Cease fire at Torkham.*? at today 06:20\.", theirs), theirs
    assert "So it was" not in logged(at["af"]).partition("otherwise, by")[0]


def page_of(at: Desk) -> str:
    return page(at, path="/liaison/voice")


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("202-2 (3)", "liaison.noted"),
        ("243-6 (soon)", "liaison.slot"),
        ("243-6 (10", "liaison.card"),
        ("((", "liaison.card"),
        ("101-1 (nowhere at all)", "liaison.place"),
    ],
)
def test_what_a_phrase_has_no_gap_for_is_told_where_it_was_typed(line: Served, typed: str, code: str) -> None:
    made, at = line
    record = log(made, "7")
    made.carry()
    answer = post(at["af"], "confirm-voice", party="pk", id=record.key[1], agrees="no", minutes="9", heard=typed)
    assert (answer.status_code, code in answer.text) == (400, True), answer.text
    form = answer.text.partition(f'id="voice-{record.key[1]}"')[2].partition("</article>")[0]
    assert ("<details" in form and " open>" in form, escape(typed) in form) == (True, True)


def test_what_was_so_is_not_otherwise() -> None:
    with pytest.raises(Invalid, match="and then how it was otherwise"):
        Confirmed(of=Named("pk", "01936e1a-7a00-7000-8000-000000000001"), agrees=True, minutes=4)


@pytest.mark.parametrize(
    ("field", "typed", "code"),
    [
        ("minutes", "1441", "liaison.minutes"),
        ("minutes", "9" * 5000, "liaison.minutes"),
        ("other", "Kabul duty", "form.field"),
    ],
)
def test_a_mistake_in_a_log_is_told_on_its_page(line: Served, field: str, typed: str, code: str) -> None:
    _, at = line
    answer = post(at["pk"], "log-voice", **CONVERSATION | {field: typed})
    assert (answer.status_code, code in answer.text, 'value="06:10"' in answer.text) == (400, True, True)


def test_a_number_that_was_misheard_is_told_beside_what_was_typed(line: Served) -> None:
    _, at = line
    answer = post(at["pk"], "log-voice", **CONVERSATION, heard="202-3")
    assert answer.status_code == 400
    assert "liaison.card" in answer.text
    assert 'value="202-3"' in answer.text


def test_older_conversations_stand_on_the_pages_that_follow(line: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    made, at = line
    monkeypatch.setattr(voice, "MOST", 2)
    said = [log(made, minutes) for minutes in ("11", "12", "13", "14", "15")]
    seen, path = list[str](), "/liaison/voice"
    for _ in range(9):
        shown = page(at["pk"], path=path)
        seen += re.findall(r'id="voice-([^"]*)"', shown)
        more = shown.partition('aria-label="More conversations"')[2].partition("</nav>")[0]
        path = next(iter(re.findall(r'href="(/liaison/voice\?after=[^"]*)"', more)), "")
        if not path:
            break
    assert seen[: len(said)] == [each.key[1] for each in reversed(said)]
    assert len(set(seen)) == len(seen)


def log(made: Hotline, minutes: str) -> Record:
    made.border.clock.forward(minutes=1)
    (record,) = made.do("pk", "log-voice", **CONVERSATION | {"minutes": minutes})
    return record


@pytest.mark.parametrize("where", ["heard", "told"])
def test_where_persons_are_is_told_by_voice_as_closely_as_in_a_phrase(where: str) -> None:
    group = next(each for each in phrasebook.book().entries.values() if "place.group" in each.slots.values())
    slot = next(name for name, type_ in group.slots.items() if type_ == "place.group")
    said = (Said(group.id, {slot: Spot(33.9, 70.1, 20, "AF")}),)
    of_ = Named("pk", "01936e1a-7a00-7000-8000-000000000001")
    body = Confirmed(of=of_, agrees=False, **{where: said})  # type: ignore[arg-type]
    assert [each.country for each in facts.of_message(body).places] == ["AF"]
    with pytest.raises(Invalid, match="has the slots"):
        facts.of_message(Confirmed(of=of_, agrees=False, heard=(Said(group.id, {"none_such": 1}),)))
