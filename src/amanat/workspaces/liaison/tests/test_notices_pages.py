"""Pages of notices through served nodes at both ends: what they show, what they keep when refused, where they lead."""

import re
from collections.abc import Iterator
from contextlib import ExitStack
from urllib.parse import urlencode

import msgspec
import pytest

from amanat.exchange.means import look
from amanat.party.errors import Invalid
from amanat.workspaces.liaison.notices import activities, forms
from amanat.workspaces.liaison.notices.pages import listed
from amanat.workspaces.liaison.tests.lines import hotline, of, page
from amanat.workspaces.liaison.tests.notices_cast import (
    AT,
    BLASTING,
    CONVOY,
    EXERCISE,
    FLIGHT,
    LATER,
    PATROL,
    SOON,
    WORKS,
    Notices,
    name,
    press,
    words,
)
from api.cast import Desk, desk
from console.reading import Read


@pytest.fixture(scope="module")
def them(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Notices]:
    with hotline(tmp_path_factory.mktemp("notices")) as line:
        yield Notices(line)


@pytest.fixture(scope="module")
def at(them: Notices) -> Iterator[dict[str, Desk]]:
    """The served nodes of both sides and of the observer."""
    with ExitStack() as open_:
        yield {party: open_.enter_context(desk(them.line.side(party))) for party in ("pk", "af", "obs")}


PLANNED = {**AT, **LATER, **WORKS}


@pytest.mark.parametrize("language", ["en", "ur"])
def test_every_page_is_shown_in_english_and_urdu(them: Notices, at: dict[str, Desk], language: str) -> None:
    given = them.give("pk", WORKS)
    them.give("pk", PATROL, changes="")
    them.carry()
    for party in ("pk", "af", "obs"):
        for path in (
            "/liaison/notices",
            "/liaison/plan",
            "/liaison/calendar",
            "/liaison/calendar?of=2026-12",
            "/liaison/calendar?of=2026",
            f"/liaison/notice?party=pk&id={given.key[1]}",
        ):
            assert page(at[party], path, language)  # type: ignore[arg-type]
    for type_ in (
        "works",
        "flight",
        "exercise",
        "movement",
        "patrol",
        "blasting",
        "firing",
        "clearance",
        "convoy",
        "site",
        "team",
        "drone",
    ):
        assert page(at["pk"], f"/liaison/plan?type={type_}", language)  # type: ignore[arg-type]


def test_whether_a_notice_reached_a_unit_is_said_at_both_sides(them: Notices, at: dict[str, Desk]) -> None:
    site = {"type": "site", "by_whom": "ngo", "site": "hospital", "contact": "torkham/duty", "country": "AF"}
    given = them.give("af", site)
    them.carry()
    them.do("pk", "acknowledge-notice", given)
    them.carry()
    for party in ("pk", "af"):
        text = words(at[party], "/liaison/notice", **of(given))
        assert "not said to have reached units on the ground" in text
        assert "Valid until" in text
        assert "34.1, 71.1" in text
    them.do("pk", "acknowledge-notice", given, unit="torkham/company")
    them.carry()
    for party in ("pk", "af"):
        text = words(at[party], "/liaison/notice", **of(given))
        assert "passed on to the unit at torkham/company" in text
        assert "not said to have reached" not in text
    with pytest.raises(Invalid) as caught:
        them.do("pk", "acknowledge-notice", given, unit="Second company")
    assert caught.value.code == "liaison.notice-passed"


def test_a_large_exercise_is_given_with_what_it_lacks_named_and_changed_with_all_that_was_said(
    them: Notices, at: dict[str, Desk]
) -> None:
    first = them.give("pk", EXERCISE)
    more = {
        "states": "pk, Türkiye",
        "command": "division",
        "calendar": "differs",
        "differs_size": "on",
        "helicopters": "4",
        "helicopters_attack": "1",
        "alerted": "2026-12-10 09:00",
        "relates0": ":".join(first.key),
    }
    given = them.give("pk", EXERCISE, **more)
    them.carry()
    for party in ("pk", "af"):
        text = words(at[party], "/liaison/notice", **of(given))
        assert "By clause 9.4 such a notice says this too, and it does not: direction" in text
        assert "States that take part Pakistan Türkiye" in text
        assert "Differs from the calendar in Size" in text
        assert "By alert: when the troops are told of it 10 December 2026 09:00" in text
    body = them.story("af", given).given.body
    with look(them.line.side("pk").means) as turn:
        typed = msgspec.convert({"country": "", **forms.typed_of(turn, body)}, forms.Typed)
        assert forms.read(turn, typed) == body
    with pytest.raises(Invalid) as caught:
        them.give("pk", EXERCISE, relates0="pk:01936e1a-7a00-7000-8000-000000000099")
    assert caught.value.code == "liaison.notice-related"


def test_what_was_not_held_against_all_is_never_called_clear(
    them: Notices, at: dict[str, Desk], monkeypatch: pytest.MonkeyPatch
) -> None:
    them.give("pk", WORKS)
    ours = them.give("af", BLASTING)
    them.carry()
    monkeypatch.setattr(activities, "MOST_SEEN", 0)
    plan = "/liaison/plan?" + urlencode({**AT, **LATER, **BLASTING, "check": "on"})
    for path in (plan, f"/liaison/notice?party=af&id={ours.key[1]}"):
        said = words(at["af"], path)
        assert "Not all notices were compared with one another" in said
        assert "is near it" not in said
        assert "comes near nothing" not in said
    planned = words(at["af"], plan)
    assert "not known" in planned
    assert "Talk: nothing that was tried is clear" in planned


def test_a_plan_is_looked_at_and_then_given_as_it_was_looked_at(at: dict[str, Desk]) -> None:
    asked = {**PLANNED, "places": "33.1, 70.1", "check": "on", "workers": "24", "machinery_drill": "on"}
    looked_at = shown(at["pk"], "/liaison/plan", asked)
    text = " ".join(Read(looked_at).words.split())
    assert "By the compact's distances it comes near nothing that the other side told of." in text
    assert "By clause 9.1 it is to be told of by 3 December 2026 10:00." in text
    assert "Acknowledged is not approved." in text
    hidden = {name: value for name, value in Read(looked_at).hidden.items() if name not in {"form", "check"}}
    assert hidden["workers"] == "24"
    given = press(at["pk"], "give-notice", {}, **hidden)
    assert given.status_code == 303
    led = given.headers["location"]
    assert led.startswith("/liaison/notice?party=pk&id=")
    text = words(at["pk"], led)
    assert "Workers 24" in text
    assert "Machinery drill" in text
    assert "33.1, 70.1" in text


def test_a_conflict_is_told_with_clause_metres_and_time_and_a_link_to_what_would_be_clear(
    them: Notices, at: dict[str, Desk]
) -> None:
    there = {"places": "32.1, 69.9"}
    blasting = them.give("af", BLASTING, **there)
    them.carry()
    asked = {**PLANNED, **there, "check": "on"}
    looked_at = shown(at["pk"], "/liaison/plan", asked)
    text = " ".join(Read(looked_at).words.split())
    assert "in conflict blasting of af 10 December 2026 10:00 – 10 December 2026 18:00 0 m at once" in text
    assert "8.1" in text
    links = Read(looked_at).links
    assert f"/liaison/notice?party=af&id={blasting.key[1]}" in links
    assert "/liaison/desk" in links
    told = looked_at.partition('id="looked-at"')[2].partition("</section>")[0]
    others = [link for link in Read(told).links if link.startswith("/liaison/plan?")]
    assert len(others) == 3  # later, earlier, another route
    for link in others:
        assert "comes near nothing that the other side told of" in words(at["pk"], link)


def test_what_a_notice_says_either_way_is_shown_also_where_it_says_no(them: Notices, at: dict[str, Desk]) -> None:
    form = shown(at["pk"], "/liaison/plan", {"type": "flight", "armed": "no"})
    assert re.search(r'<select name="armed" required>.*?<option value="no" selected>', form, re.DOTALL)
    for said in ("yes", "no"):
        given = them.give("pk", FLIGHT, armed=said)
        them.carry()
        for party in ("pk", "af"):
            assert f"Armed {said}" in words(at[party], f"/liaison/notice?party=pk&id={given.key[1]}")


def test_what_cannot_be_read_is_told_and_what_was_typed_stays(at: dict[str, Desk]) -> None:
    kept = shown(at["pk"], "/liaison/plan", {**PLANNED, "check": "on", "places": "nowhere at all", "workers": "77"})
    assert 'id="wrong-places-1"' in kept
    assert "liaison.place" in kept
    assert "nowhere at all" in kept
    assert 'value="77"' in kept
    assert "formaction" not in kept
    assert "/liaison/give-notice" not in kept


def test_a_notice_refused_when_it_is_given_keeps_what_was_typed(at: dict[str, Desk]) -> None:
    typed = {**PLANNED, **PATROL, "compact": "pk-af"}
    refused = press(at["pk"], "give-notice", {**typed, "check": "on"}, **typed)
    assert refused.status_code in {403, 422}, refused.status_code
    assert "floor.6" in refused.text
    assert "34.10000, 71.10000" in refused.text
    assert "Give notice, to 10 km" in refused.text


def test_the_exact_place_of_a_patrol_stays_here_in_one_step(them: Notices, at: dict[str, Desk]) -> None:
    asked = {**PLANNED, **PATROL, "places": "34.12345, 71.54321", "check": "on"}
    looked_at = shown(at["pk"], "/liaison/plan", asked)
    assert "Give notice, to 10 km" in looked_at
    hidden = {name: value for name, value in Read(looked_at).hidden.items() if name not in {"form", "check"}}
    led = press(at["pk"], "give-notice", {}, **hidden).headers["location"]
    them.carry()
    there = shown(at["af"], led.partition("&done")[0], {})
    assert "34.1, 71.5" in there
    assert "34.12345" not in there


def test_a_convoys_page_says_that_it_asks_nobody_and_offers_no_question(them: Notices, at: dict[str, Desk]) -> None:
    convoy = them.give("af", CONVOY)
    them.carry()
    text = words(at["pk"], "/liaison/notice", **of(convoy))
    assert "nobody has a duty to give one, and not telling of it lowers no protection that it has." in text
    assert "Acknowledge: we have it" in text
    assert "Ask for an explanation" not in text
    assert "Offer a visit" not in words(at["af"], "/liaison/notice", **of(convoy))


def test_a_notice_is_asked_about_and_explained_on_its_page(them: Notices, at: dict[str, Desk]) -> None:
    notice = them.give("pk", WORKS)
    them.carry()
    nothing = press(at["af"], "ask-notice", of(notice), **of(notice))
    assert "liaison.notice-about" in nothing.text
    assert (
        press(at["af"], "ask-notice", of(notice), **of(notice), about_purpose="on", about_size="on").status_code == 303
    )
    them.carry()
    (asked,) = them.story("pk", notice).steps
    question = f"{asked.key.party}:{asked.key.id}"
    page_of = words(at["pk"], "/liaison/notice", **of(notice))
    assert "An explanation is asked: what for, how large" in page_of or "how large, what for" in page_of
    half = press(
        at["pk"],
        "explain-notice",
        of(notice),
        **of(notice),
        question=question,
        purpose_word="will-stop",
        size_count="9",
    )
    assert "liaison.notice-word" in half.text
    assert 'value="9"' in half.text
    assert '<option value="will-stop" selected>' in half.text
    whole = press(
        at["pk"],
        "explain-notice",
        of(notice),
        **of(notice),
        question=question,
        purpose_word="will-stop",
        size_word="as-noticed",
        size_count="9",
    )
    assert whole.status_code == 303
    them.carry()
    assert "how large as the notice says; number: 9" in words(at["af"], "/liaison/notice", **of(notice))
    assert "It is enough" not in words(at["pk"], "/liaison/notice", **of(notice))
    said = press(at["af"], "judge-notice", of(notice), **of(notice), question=question, enough="no")
    assert said.status_code == 303
    them.carry()
    for party in ("pk", "af"):
        page = shown(at[party], "/liaison/notice", of(notice))
        assert f'href="/liaison/propose-meeting?of=pk%3A{notice.key[1]}"' in page
        assert "not enough by the word of" in page
        assert "The sides meet about it by" in page


def test_ending_has_a_second_step(them: Notices, at: dict[str, Desk]) -> None:
    notice = them.give("pk", WORKS)
    once = press(at["pk"], "end-notice", of(notice), **of(notice), how="called-off")
    assert "liaison.notice-sure" in once.text
    assert press(at["pk"], "end-notice", of(notice), **of(notice), how="called-off", sure="on").status_code == 303
    assert "Called off" in words(at["pk"], "/liaison/notice", **of(notice))


def test_changing_begins_from_what_the_notice_says(them: Notices, at: dict[str, Desk]) -> None:
    notice = them.give("pk", WORKS, workers="31", machinery_drill="on", low="", line_metres="450")
    begun = shown(at["pk"], "/liaison/plan", {"changes": name(notice)})
    assert "It will stand in the place of a notice that was given." in begun
    assert 'value="31"' in begun
    assert 'value="450"' in begun
    assert '<option value="trench" selected>' in begun
    assert 'name="machinery_drill" value="on" checked' in begun
    assert 'value="2026-12-10 10:00"' in begun


def test_an_observer_sees_all_and_does_nothing(them: Notices, at: dict[str, Desk]) -> None:
    notice = them.give("pk", WORKS)
    them.carry()
    text = words(at["obs"], "/liaison/notice", **of(notice))
    for deed in ("Acknowledge: we have it", "Ask for an explanation", "End it", "Offer a visit", "Change it"):
        assert deed not in text
    assert "Given, not acknowledged yet" in text
    assert "Under no compact does this party tell a neighbour" in words(at["obs"], "/liaison/plan")


def test_the_list_is_narrowed_down_and_paged(
    them: Notices, at: dict[str, Desk], monkeypatch: pytest.MonkeyPatch
) -> None:
    notices = [
        them.give("pk", WORKS, since=f"2026-12-{day} 10:00", until=f"2026-12-{day} 11:00") for day in (20, 21, 22)
    ]
    them.do("pk", "end-notice", notices[0], how="called-off", sure="on")
    late = them.give("pk", WORKS, **SOON)

    def ids(path: str) -> set[str]:
        links = Read(shown(at["pk"], path, {})).links
        return {link.partition("id=")[2] for link in links if "/liaison/notice?" in link}

    days = "&since=2026-12-20&until=2026-12-22"
    assert ids(f"/liaison/notices?type=works{days}") == {each.key[1] for each in notices}
    assert ids(f"/liaison/notices?state=called-off{days}") == {notices[0].key[1]}
    assert ids(f"/liaison/notices?side=theirs{days}") == set()
    assert late.key[1] in ids("/liaison/notices?late=yes")
    assert not ids("/liaison/notices?late=yes") & {each.key[1] for each in notices}
    assert "No notice is like that." in words(at["pk"], f"/liaison/notices?type=convoy{days}")
    monkeypatch.setattr(listed, "SHOWN", 2)
    found, path = list[str](), f"/liaison/notices?type=works{days}"
    while path:
        read = Read(shown(at["pk"], path, {}))
        found += [link.partition("id=")[2] for link in read.links if "/liaison/notice?" in link]
        path = read.rels.get("next", "")
    assert sorted(found) == sorted(each.key[1] for each in notices)
    assert words(at["pk"], "/liaison/notices?state=perhaps", status=400)


def test_the_calendar_shows_each_day_a_year_and_leads_to_the_file(them: Notices, at: dict[str, Desk]) -> None:
    notice = them.give("pk", WORKS, since="2027-03-30 10:00", until="2027-04-01 11:00")
    march = words(at["pk"], "/liaison/calendar?of=2027-03")
    assert "Calendar: March 2027 February 2027" in march
    assert "30 March 2027" in march
    assert "goes on" in march
    assert "works near the line pk ours" in march
    assert "goes on works near the line" in words(at["pk"], "/liaison/calendar?of=2027-04")
    assert "works near the line 1" in words(at["pk"], "/liaison/calendar?of=2027")
    assert "Nothing that either side told of is at work then." in words(at["pk"], "/liaison/calendar?of=2029-01")
    for wrong in ("someday", "2026-13", "1999", "2101-01"):
        assert "liaison.calendar" in shown(at["pk"], f"/liaison/calendar?of={wrong}", {}, status=400)
    moved = them.give("pk", WORKS, changes=name(notice), since="2027-03-29 10:00", until="2027-03-29 11:00")
    them.do("pk", "end-notice", moved, how="called-off", sure="on")
    answer = at["pk"].http.get("/liaison/calendar.ics", headers=at["pk"].session("duty"))
    assert answer.headers["content-type"].startswith("text/calendar")
    (its,) = [each for each in answer.text.split("BEGIN:VEVENT") if f"UID:pk:{notice.key[1]}@amanat" in each]
    assert "SEQUENCE:2\r\n" in its
    assert "STATUS:CANCELLED\r\n" in its
    assert "DTSTART:20270329T100000Z\r\n" in its


def test_what_waits_leads_to_the_notice(them: Notices, at: dict[str, Desk]) -> None:
    notice = them.give("pk", WORKS, since="2026-11-24 12:00", until="2026-11-24 13:00")
    them.carry()
    now = shown(at["af"], "/", {})
    assert f"/liaison/notice?party=pk&amp;id={notice.key[1]}" in now
    assert "To be acknowledged: Notice: works near the line" in " ".join(Read(now).words.split())


def test_a_notice_that_is_not_here_says_so(at: dict[str, Desk]) -> None:
    assert "That notice is not here." in words(
        at["pk"], "/liaison/notice?party=pk&id=01936e1a-7a00-7000-8000-000000000001"
    )


def shown(at: Desk, path: str, asked: dict[str, str], status: int = 200) -> str:
    at.speak("duty", "en")
    answer = at.http.get(path, params=asked or None, headers=at.session("duty"))
    assert answer.status_code == status, answer.text
    return answer.text


def test_a_notice_says_which_hotlines_posts_see_to_it(them: Notices, at: dict[str, Desk]) -> None:
    begun = shown(at["pk"], "/liaison/plan", {"type": "works"})
    assert '<option value="kurram">' in begun
    notice = them.give("pk", WORKS, sector="kurram")
    them.carry()
    assert them.story("af", notice).given.body.sector == "kurram"
    assert "Sector Kurram" in words(at["af"], "/liaison/notice", **of(notice))
    with pytest.raises(Invalid) as refused:
        them.give("pk", WORKS, sector="nowhere")
    assert refused.value.field == "sector"
