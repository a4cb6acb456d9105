"""The pages of meetings at served nodes: what each of the three reads and may press, and what a refused form keeps."""

import re
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import pytest

from amanat.record.record import Record
from amanat.workspaces.liaison.meetings import views
from amanat.workspaces.liaison.meetings.pages import listed
from amanat.workspaces.liaison.tests.lines import GRADED
from amanat.workspaces.liaison.tests.meetings_cast import Meetings, meetings, of, page, press, words
from api.cast import Desk, desk
from console.reading import Read

EVERY = ("meetings", "tasks", "propose-meeting")
OF_ONE = ("meeting", "write-minutes", "minutes")


@pytest.fixture(scope="module")
def met(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Meetings]:
    with meetings(tmp_path_factory.mktemp("met")) as made:
        yield made


@pytest.fixture(scope="module")
def at(met: Meetings) -> Iterator[dict[str, Desk]]:
    with ExitStack() as open_:
        yield {party: open_.enter_context(desk(met.side(party))) for party in ("pk", "af", "obs")}


def shown(at: Desk, meeting: Record, where: str = "meeting", **asked: str) -> str:
    return words(page(at, where, **of(meeting), **asked))


# --- the form of a proposal ------------------------------------------------------------------------------------------


def test_a_meeting_is_proposed_by_a_form_and_shown_to_all_three(met: Meetings, at: dict[str, Desk]) -> None:
    given = met.proposal() | {"guest0": "observer:obs", "guest1": "elders", "rule0": "on", "interprets2": "on"}
    answer = press(at["pk"], "send-proposal", {}, **given)
    assert answer.status_code == 303, answer.text
    assert answer.headers["location"].startswith("/liaison/meeting?party=pk&id=")
    met.carry()
    id_ = re.findall(r"id=([0-9a-f-]{36})", answer.headers["location"])[0]
    for party in ("pk", "af", "obs"):
        text = words(page(at[party], "meeting", party="pk", id=id_))
        for said in (
            "Flag meeting: sector commanders Proposed proposed by pk torkham/duty",
            "Presides af",
            "af torkham/duty (3 persons)",
            "Interpreters for Pashto",
            "on neutral ground",
            "elders comes only if the other side agrees",
        ):
            assert said in text
    assert "Agree to this one" in words(page(at["af"], "meeting", party="pk", id=id_))
    for party in ("pk", "obs"):
        assert "Agree to this one" not in words(page(at[party], "meeting", party="pk", id=id_))
    assert "It comes" in words(page(at["obs"], "meeting", party="pk", id=id_))


def test_a_proposal_that_is_refused_keeps_what_was_typed(met: Meetings, at: dict[str, Desk]) -> None:
    given = met.proposal() | {"place4": "nowhere at all", "begins4": "14:30", "topic5": "water", "rule1": "on"}
    answer = press(at["pk"], "send-proposal", {"of": "pk:x"}, **given, linked="pk:x", guest0="elders")
    assert answer.status_code == 400, answer.text
    text = answer.text
    assert "liaison.place" in text
    for kept in ('value="nowhere at all"', 'value="34.11, 71.08"', 'value="pk:x"', 'value="14:30"'):
        assert kept in text
    for chosen in ('value="water" selected', 'value="elders" selected', 'value="sector" selected'):
        assert chosen in text
    assert re.search(r'name="rule1" value="on" checked', text)
    assert not re.search(r'name="rule0" value="on" checked', text)
    assert len(re.findall(r"<details[^>]* open>", text)) >= 2  # the rows in which something is typed are seen


def test_a_proposal_about_a_record_begins_with_it(at: dict[str, Desk]) -> None:
    assert 'name="linked" value="pk:01936e1a"' in page(at["pk"], "propose-meeting", of="pk:01936e1a")


# --- one meeting -----------------------------------------------------------------------------------------------------


def test_the_other_side_agrees_by_a_press_and_may_say_who_comes(met: Meetings, at: dict[str, Desk]) -> None:
    meeting = met.propose()
    met.carry()
    given = {**of(meeting), "of": ":".join(meeting.key), "choice": "1"}
    wrong = press(at["af"], "agree-meeting", of(meeting), **given, ours_post0="Mr Nobody", ours_number0="1")
    assert wrong.status_code == 400
    assert 'value="Mr Nobody"' in wrong.text
    answer = press(at["af"], "agree-meeting", of(meeting), **given, ours_post0="torkham/chief", ours_number0="5")
    assert answer.status_code == 303, answer.text
    met.carry()
    for party in ("pk", "af", "obs"):
        text = shown(at[party], meeting)
        assert "Flag meeting: sector commanders Agreed" in text
        assert "agreed by both" in text
        assert "af torkham/chief (5 persons)" in text
    assert "Propose to move it" in shown(at["pk"], meeting)


def test_other_times_and_a_cause_that_are_refused_are_told_where_they_were_typed(
    met: Meetings, at: dict[str, Desk]
) -> None:
    meeting = met.propose()
    met.carry()
    when = {"place0": "34.11, 71.08", "begins0": "2020-01-01 10:00", "minutes": "45"}
    answer = press(at["af"], "counter-meeting", of(meeting), **of(meeting), **when)
    assert "liaison.meeting-past" in answer.text
    assert 'value="2020-01-01 10:00"' in answer.text
    answer = press(at["af"], "decline-meeting", of(meeting), **of(meeting), cause="")
    assert "liaison.choice" in answer.text
    answer = press(at["af"], "decline-meeting", of(meeting), **of(meeting), cause="other-level")
    assert answer.status_code == 303
    met.carry()
    for party in ("pk", "af", "obs"):
        assert "declined, today" in shown(at[party], meeting)
        assert "it is for another level" in shown(at[party], meeting)


def test_agreements_that_crossed_are_told_with_what_to_do(met: Meetings, at: dict[str, Desk]) -> None:
    meeting = met.propose()
    met.carry()
    other = met.counter("af", meeting, days=4)
    met.carry()
    met.agree("pk", meeting, other)
    met.agree("af", meeting)
    met.carry()
    for party in ("pk", "af"):
        text = shown(at[party], meeting)
        assert "Both sides agreed, each to another time" in text
        assert text.count("Agree to this one") == 2 if party == "af" else text.count("Agree to this one") >= 1
    assert press(
        at["pk"], "agree-meeting", of(meeting), **of(meeting), of=":".join(meeting.key), choice="0"
    ).has_redirect_location
    met.carry()
    assert met.states(meeting) == {"agreed"}


def test_a_page_that_is_kept_up_to_date_says_since_when(met: Meetings, at: dict[str, Desk]) -> None:
    meeting, _ = met.held()
    for path in OF_ONE:
        assert re.search(r'data-since="[0-9]+"', page(at["pk"], path, **of(meeting)))


def test_a_chair_out_of_turn_is_told(met: Meetings, at: dict[str, Desk]) -> None:
    meeting = met.propose(level="technical", chair="pk")
    met.carry()
    assert "Presides pk it was the turn of af" in shown(at["af"], meeting)


# --- minutes ---------------------------------------------------------------------------------------------------------


def test_minutes_are_written_by_a_form_that_keeps_what_was_typed(met: Meetings, at: dict[str, Desk]) -> None:
    meeting = met.over()
    begun = page(at["pk"], "write-minutes", **of(meeting))
    assert 'value="fire" selected' in begun
    assert 'name="ours_post0" value="torkham/duty"' in begun
    assert "Of the other side, by its own word: af torkham/duty (3 persons)" in words(begun)
    given = {"began": met.typed(hours=-2), "ended": "later", "place": "34.11, 71.08", "chair": "af"}
    given |= {"ours_post0": "torkham/duty", "ours_number0": "2", "topic0": "fire", "outcome0": "agreed"}
    given |= {"what7": "repair-marker", "whose7": "both", "by7": met.typed(days=9)}
    wrong = press(at["pk"], "propose-minutes", of(meeting), **of(meeting), **given)
    assert wrong.status_code == 400
    assert "liaison.time" in wrong.text
    assert 'value="repair-marker" selected' in wrong.text
    right = press(at["pk"], "propose-minutes", of(meeting), **of(meeting), **(given | {"ended": met.typed(hours=-1)}))
    assert right.status_code == 303, right.text
    assert right.headers["location"].startswith("/liaison/minutes?")


def test_both_sign_one_text_and_each_reads_itself_first(met: Meetings, at: dict[str, Desk]) -> None:
    meeting = met.over()
    minutes = met.minutes("pk", meeting)
    met.carry()
    digest = views.digest(minutes.body)
    assert f'name="digest" value="{digest}"' in page(at["af"], "minutes", **of(meeting))
    name = {"of": ":".join(minutes.key), "digest": digest}
    folded = page(at["af"], "minutes", **of(meeting))
    assert (
        folded.index('<details class="second-step">')
        < folded.index("/liaison/sign-minutes")
        < folded.index("Yes, sign")
    )
    wrong = press(at["af"], "sign-minutes", of(meeting), **of(meeting), **name, number="a name")
    assert '<details class="second-step" open>' in wrong.text
    assert wrong.status_code == 400
    assert 'value="a name"' in wrong.text
    for party, number in (("af", "kab/7"), ("pk", "TKM-112")):
        done = press(at[party], "sign-minutes", of(meeting), **of(meeting), **name, number=number)
        assert done.status_code == 303, done.text
    met.carry()
    for party, other in (("pk", "af"), ("af", "pk"), ("obs", "")):
        text = shown(at[party], meeting, "minutes")
        assert "signed by both sides" in text
        assert "Number with af KAB/7" in text
        assert "Number with pk TKM-112" in text
        assert digest in text
        if other:
            assert f"{party} · {other} Joint minutes" in text
        assert ("Sign this text" in text) is False
    assert "data-prints" in page(at["pk"], "minutes", **of(meeting))


def test_the_sheet_signed_in_ink_is_bound_to_the_minutes(met: Meetings, at: dict[str, Desk]) -> None:
    meeting, minutes = met.held()
    name = {"of": ":".join(minutes.key)}
    begun = press(at["pk"], "scan", of(meeting) | name, **of(meeting), **name)
    assert begun.status_code == 303, begun.text
    headers = at["pk"].session("duty")
    draft = at["pk"].http.get(begun.headers["location"], headers=headers)
    assert "A sheet signed in ink, of the minutes TKM/1-26" in words(draft.text)
    hidden = Read(draft.text).hidden
    typed = {"form": hidden["form"], "version": hidden["version"], **GRADED, "body/digest": "f" * 64}
    files = [(field, (None, value)) for field, value in typed.items()]
    sheet = ("upload", ("sheet.png", b"\x89PNG\r\n\x1a\n" + bytes(40), "image/png"))
    kept = at["pk"].http.post(draft.url.path, headers=headers, files=[*files, sheet, ("do", (None, "send"))])
    assert kept.status_code == 303, kept.text
    asking = at["pk"].http.get(f"{draft.url.path}/sending", headers=headers)
    version = {"version": Read(asking.text).hidden["version"]}
    sent = at["pk"].http.post(f"{draft.url.path}/sending", headers=headers, data=version)
    assert sent.headers["location"].startswith(f"/liaison/minutes?party=pk&id={meeting.key[1]}"), sent.text
    met.carry()
    for party in ("pk", "af", "obs"):
        text = shown(at[party], meeting, "minutes")
        assert "Sheets signed in ink from pk torkham/duty" in text
    unwritten = at["pk"].ask(
        "duty", "POST", "/drafts", json={"kind": "liaison.meeting", "compact": "pk-af", "to": ["af"], "body": {}}
    )
    assert unwritten.json()["code"] == "draft.unwritten"


# --- lists -----------------------------------------------------------------------------------------------------------


def test_tasks_stand_on_one_list_what_is_overdue_first(met: Meetings, at: dict[str, Desk]) -> None:
    meeting, _ = met.held()
    met.border.clock.at += timedelta(days=8)
    text = page(at["af"], "tasks", whose="af", stands="overdue")
    assert meeting.key[1] in text
    assert "overdue" in words(text)
    assert "visit a place together" not in words(text).partition("State Meeting")[2]
    all_ = words(page(at["af"], "tasks"))
    assert all_.index("fill a trench") < all_.index("visit a place together")
    told = press(at["af"], "task-done", of(meeting), **of(meeting), task="0")
    assert told.status_code == 303, told.text
    met.carry()
    assert "told done, not confirmed" in shown(at["pk"], meeting)
    assert "So it is" in shown(at["pk"], meeting)
    assert "So it is" not in shown(at["af"], meeting)
    assert "No task is like that." in words(page(at["pk"], "tasks", stands="confirmed"))
    again = press(at["af"], "task-done", of(meeting), **of(meeting), task="0")
    assert "liaison.task" in again.text


def test_the_list_is_narrowed_down_and_goes_on(
    met: Meetings, at: dict[str, Desk], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listed, "SHOWN", 2)
    for _ in range(3):
        met.propose("af", level="ministry")
        met.border.clock.at += timedelta(seconds=1)
    first = page(at["af"], "meetings", level="ministry")
    assert first.count("data-item") == 2
    older = next(each for each in Read(first).links if "cursor=" in each)
    assert at["af"].http.get(older, headers=at["af"].session("duty")).text.count("data-item") == 1
    assert "No meeting is like that here." in words(page(at["af"], "meetings", level="ministry", stands="held"))
    assert "Proposed" in words(page(at["af"], "meetings", level="ministry", stands="open"))
    wrong = at["af"].http.get("/liaison/meetings?cursor=%21", headers=at["af"].session("duty"))
    assert "page.cursor" in wrong.text


def test_nothing_is_there_until_something_is(tmp_path: Path) -> None:
    with meetings(tmp_path) as made, desk(made.side("pk")) as alone:
        assert "No meeting was proposed yet." in words(page(alone, "meetings"))
        assert "No meeting decided anything yet." in words(page(alone, "tasks"))
        nowhere = {"party": "pk", "id": "none"}
        for each in OF_ONE:
            assert "here" in words(page(alone, each, **nowhere))


@pytest.mark.parametrize("language", ["en", "ur"])
def test_every_page_is_read_by_all_three_in_their_language(met: Meetings, at: dict[str, Desk], language: str) -> None:
    meeting, minutes = met.held()
    name = {"of": ":".join(minutes.key)}
    for party in ("pk", "af", "obs"):
        for each in EVERY if party != "pk" else ():  # the others read as pk does
            page(at[party], each, language)
        for each in (*OF_ONE, "scan"):
            page(at[party], each, language, **of(meeting), **(name if each != "meeting" else {}))


def test_who_may_only_read_is_offered_nothing_to_press(met: Meetings, at: dict[str, Desk]) -> None:
    meeting = met.propose()
    met.carry()
    text = page(at["af"], "meeting", role="observer", **of(meeting))
    assert "Agree to this one" not in words(text)
    assert 'action="/liaison/cancel-meeting' not in text
    refused = press(at["af"], "cancel-meeting", of(meeting), role="observer", **of(meeting), cause="weather")
    assert refused.status_code == 403


def test_the_calendar_is_given_out_as_a_file(at: dict[str, Desk]) -> None:
    answer = at["pk"].http.get("/liaison/meetings.ics", headers=at["pk"].session("duty"))
    assert answer.headers["content-type"].startswith("text/calendar")
    assert 'filename="meetings.ics"' in answer.headers["content-disposition"]
    assert answer.content.startswith(b"BEGIN:VCALENDAR\r\n")


def test_what_waits_stands_on_the_first_page_and_leads_to_where_it_is_done(met: Meetings, at: dict[str, Desk]) -> None:
    meeting = met.propose()
    met.carry()
    at["af"].speak("duty", "en")
    now = at["af"].http.get("/", headers=at["af"].session("duty")).text
    assert "A meeting is proposed: Flag meeting: sector commanders" in words(now)
    assert f'href="/liaison/meeting?party=pk&amp;id={meeting.key[1]}"' in now
