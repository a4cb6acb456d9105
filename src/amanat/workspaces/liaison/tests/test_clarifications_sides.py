"""Clarification between two real sides and an observer: asked, answered, judged, what waits, and what is refused."""

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from typing import Any

import pytest

from amanat.exchange.matter import Waiting
from amanat.exchange.means import look
from amanat.officer.may import Actor, permitted
from amanat.party.errors import Invalid, Refused
from amanat.record.record import Record
from amanat.workspaces.liaison.clarifications import held, pages, rules, shown, waiting
from amanat.workspaces.liaison.clarifications.kinds import Answered, Judged, Seen
from amanat.workspaces.liaison.ground.features import Asking
from amanat.workspaces.liaison.ground.shapes import Point, Position, Window
from amanat.workspaces.liaison.kinds import Named
from amanat.workspaces.liaison.notices.coarse import closely
from amanat.workspaces.liaison.pages import turns
from amanat.workspaces.liaison.tests import beside_cast
from amanat.workspaces.liaison.tests.beside_cast import Beside, beside, next_day, page, press, words
from amanat.workspaces.liaison.tests.lines import DUTY, of
from amanat.workspaces.liaison.tests.meetings_cast import Meetings
from api.cast import Desk, desk
from console.reading import Read

KIND = "liaison.clarification"
SAW = beside_cast.SAW | {"since": "05:00", "until": "06:00"}
WORKS = {
    "type": "works", "works": "trench", "purpose": "water", "country": "AF", "shape": "point",
    "places": "34.10000, 71.10000", "metres": "200",
}  # fmt: skip
Served = tuple[Beside, dict[str, Desk]]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with beside(tmp_path_factory.mktemp("clarified")) as made, ExitStack() as open_:
        made.border.dishonest.add("af")
        yield made, {party: open_.enter_context(desk(made.side(party))) for party in ("pk", "af")}


@pytest.fixture
def made(served: Served) -> Beside:
    """The three, a week after the last test."""
    return next_day(served[0])


def ask(made: Beside, party: str = "pk", **typed: str) -> Record:
    (record,) = made.do(party, "clarification-ask", **SAW | typed)
    made.carry()
    return record


def act(made: Beside, party: str, asked: Record, act: str, **typed: str) -> Record:
    (record,) = made.do(party, "clarification-act", **of(asked), act=act, **typed)
    made.carry()
    made.border.clock.forward(minutes=1)
    return record


def judge(made: Beside, asked: Record, answer: Record, enough: str = "yes", **typed: str) -> Record:
    return act(made, "pk", asked, "judged", answer=":".join(answer.key), enough=enough, **typed)


def stands(made: Beside, party: str, asked: Record) -> rules.Standing:
    with look(made.side(party).means) as turn:
        found = held.one(turn, *asked.key)
    assert found is not None
    return rules.standing(found, made.border.clock.at)


def waits(made: Beside, party: str, asked: Record) -> list[Waiting]:
    actor = Actor(1, DUTY, ("duty",), permitted(["duty"]), "console")
    with look(made.side(party).means) as turn:
        return [each for each in waiting.now(turn, actor) if each.id == asked.key[1]]


def test_both_sides_and_the_observer_see_one_request(made: Beside) -> None:
    asked = ask(made)
    made.border.clock.forward(minutes=1)
    answer = act(made, "af", asked, "answered", word="ours", purpose="repair")
    judge(made, asked, answer)
    seen = [stands(made, party, asked) for party in ("pk", "af", "obs")]
    assert seen[0] == seen[1] == seen[2]
    assert seen[0].state == "enough"


def test_it_waits_with_its_deadline_for_who_must_answer_and_then_for_who_must_judge(made: Beside) -> None:
    asked = ask(made)
    (owed,) = waits(made, "af", asked)
    assert (owed.matter, owed.due) == ("liaison.clarification-answered", asked.fields.at + timedelta(hours=24))
    assert waits(made, "pk", asked) == []
    made.border.clock.forward(hours=2)
    answer = act(made, "af", asked, "answered", word="not-ours")
    (owed,) = waits(made, "pk", asked)
    assert (owed.matter, owed.due) == ("liaison.clarification-judged", answer.fields.at + timedelta(hours=24))
    judge(made, asked, answer)
    assert waits(made, "pk", asked) == []
    assert [each.matter for each in waits(made, "af", asked)] == ["liaison.clarification-read"]
    made.do("af", "clarification-read", **of(asked))
    assert waits(made, "af", asked) == []


def test_where_an_answer_is_not_enough_both_desks_are_to_meet_until_one_proposes_to(made: Beside) -> None:
    asked = ask(made)
    answer = act(made, "af", asked, "answered", word="not-ours")
    said = judge(made, asked, answer, "no", why="differs")
    for party in ("pk", "af"):
        (owed,) = waits(made, party, asked)
        assert (owed.matter, owed.due) == ("liaison.clarification-meet", said.fields.at + timedelta(hours=48))
    made.do("af", "clarification-read", **of(asked))
    Meetings(made.border).propose("pk", linked=":".join(asked.key))
    made.carry()
    assert waits(made, "pk", asked) == waits(made, "af", asked) == []


def test_where_it_was_seen_goes_out_no_closer_than_it_may_be_told(made: Beside) -> None:
    things, people = ask(made), ask(made, sight="troops", activity="")
    assert isinstance(things.body, Seen)
    assert isinstance(people.body, Seen)
    assert (closely(things.body.shape) >= 1_000, closely(people.body.shape) >= 10_000) == (True, True)


def test_what_is_to_come_was_not_seen(made: Beside) -> None:
    with pytest.raises(Invalid) as refusal:
        ask(made, until="09:00")
    assert refusal.value.code == "liaison.clarification-window"


def test_only_the_other_side_answers_and_only_who_asked_judges(made: Beside) -> None:
    asked = ask(made)
    for party in ("pk", "obs"):
        with pytest.raises((Invalid, Refused)):
            act(made, party, asked, "answered", word="not-ours")
    answer = act(made, "af", asked, "answered", word="not-ours")
    for party in ("af", "obs"):
        with pytest.raises((Invalid, Refused)):
            act(made, party, asked, "judged", answer=":".join(answer.key), enough="yes")


def test_an_answer_is_judged_as_it_was_shown(made: Beside) -> None:
    asked = ask(made)
    first = act(made, "af", asked, "answered", word="not-ours")
    made.withdraw("af", first)
    made.carry()
    assert stands(made, "pk", asked).state == "asked"
    act(made, "af", asked, "answered", word="cannot-say")
    with pytest.raises(Invalid) as refusal:
        judge(made, asked, first)
    assert refusal.value.code == "liaison.clarification-changed"


def test_an_answer_names_a_notice_of_its_own_side_alone(made: Beside) -> None:
    asked, day = ask(made), made.border.clock.at + timedelta(days=20)
    window = {"since": f"{day:%Y-%m-%d} 10:00", "until": f"{day:%Y-%m-%d} 18:00"}
    theirs = made.do("pk", "give-notice", **WORKS | window | {"country": "PK"})[0]
    ours = made.do("af", "give-notice", **WORKS | window)[0]
    made.carry()
    for key in (":".join(theirs.key), ":".join(asked.key), "af:none", ""):
        with pytest.raises(Invalid) as refusal:
            act(made, "af", asked, "answered", word="noticed", notice=key)
        assert refusal.value.code == "liaison.clarification-notice"
    answer = act(made, "af", asked, "answered", word="noticed", notice=":".join(ours.key))
    assert answer.body == Answered(clarification=Named(*asked.key), word="noticed", notice=Named(*ours.key))


def test_what_a_foreign_program_says_for_the_other_side_counts_for_nothing(made: Beside) -> None:
    asked = ask(made)
    key = Named(*asked.key)
    mine = made.craft("af", KIND, Answered(clarification=key, word="not-ours"), asked)
    made.craft("af", KIND, Judged(clarification=key, answer=Named(*mine.key), enough=True), asked)
    made.craft("af", KIND, Answered(clarification=Named("pk", mine.key[1]), word="cannot-say"))
    made.craft("af", KIND, Answered(clarification=key, word="cannot-say"), asked, exercise=True)
    made.carry()
    found = stands(made, "pk", asked)
    assert (found.state, found.answer and found.answer.key) == ("answered", Named(*mine.key))


@pytest.mark.promised(
    "answers and judgements of who may not give them",
    "src/amanat/workspaces/liaison/README.md",
    "What was seen without notice",
    "The last that stands, or one that was enough: no later one takes its place.",
)
def test_no_flood_of_answers_dated_back_and_later_hides_that_one_was_enough(made: Beside) -> None:
    asked = ask(made)
    made.border.clock.forward(hours=1)
    answer = act(made, "af", asked, "answered", word="not-ours")
    judge(made, asked, answer)
    made.border.clock.at -= timedelta(minutes=30)
    for _ in range(rules.MOST_SAID + 5):
        made.craft("af", KIND, Answered(clarification=Named(*asked.key), word="cannot-say"), asked)
    made.border.clock.forward(hours=1)
    made.craft("af", KIND, Answered(clarification=Named(*asked.key), word="cannot-say"), asked)
    made.carry()
    found = [stands(made, party, asked) for party in ("pk", "af", "obs")]
    assert {(each.state, each.answer and each.answer.key) for each in found} == {("enough", Named(*answer.key))}


def test_a_place_to_aim_at_is_refused_at_the_other_end(made: Beside) -> None:
    now = made.border.clock.at
    window = Window(now - timedelta(hours=2), now - timedelta(hours=1))
    made.craft("af", KIND, Seen(sight="firing", shape=Point(Position(34.1, 71.2), 50), window=window, country="PK"))
    assert "floor.6" in made.refused("af", "pk")


def test_it_is_on_the_map_until_an_answer_is_enough_and_not_where_it_was_withdrawn(made: Beside) -> None:
    asked = ask(made)
    actor = Actor(1, DUTY, ("duty",), permitted(["duty"]), "console")
    span = Asking(made.border.clock.at - timedelta(hours=3), made.border.clock.at)

    def on_map() -> list[Any]:
        with look(made.side("af").means) as turn:
            return [each for each in shown.shown(turn, actor, span) if each.id == asked.key[1]]

    (feature,) = on_map()
    assert (feature.layer, feature.until) == ("clarifications", None)
    answer = act(made, "af", asked, "answered", word="not-ours")
    judge(made, asked, answer)
    assert [each.until for each in on_map()] == [made.border.clock.at.replace(hour=6, minute=0)]
    made.withdraw("pk", asked)
    made.carry()
    assert on_map() == []


def test_pages_ask_answer_judge_and_lead_to_a_meeting_where_it_is_not_enough(served: Served) -> None:
    made, at = next_day(served[0]), served[1]
    assert "/liaison/clarification-new" in page(at["pk"], "/liaison/notices")
    sent = press(at["pk"], "/liaison/clarification-ask", **SAW)
    assert sent.status_code == 303
    path = sent.headers["location"].partition("&done")[0]
    assert "building or digging" in words(at["pk"], "/liaison/clarifications")
    assert "Nothing that was seen is like that." in words(at["pk"], "/liaison/clarifications?sight=blasts")
    assert 'action="/liaison/clarification-act' not in page(at["pk"], path)
    made.carry()
    acts = path.replace("clarification?", "clarification-act?")
    named = dict(each.split("=") for each in path.partition("?")[2].split("&"))
    assert 'action="/liaison/clarification-act' in page(at["af"], path)
    answered = press(at["af"], acts, **named, act="answered", word="cannot-say")
    assert answered.status_code == 303, Read(answered.text).words
    made.carry()
    made.border.clock.forward(minutes=1)
    with look(made.side("pk").means) as turn:
        found = held.one(turn, named["party"], named["id"])
    assert found is not None
    answer = rules.standing(found, made.border.clock.at).answer
    assert answer is not None
    shown_ = f"{answer.key.party}:{answer.key.id}"
    judged = {"act": "judged", "answer": shown_, "enough": "no", "why": "goes-on"}
    assert press(at["pk"], acts, **named, **judged).status_code == 303
    html = page(at["pk"], path)
    assert f"/liaison/propose-meeting?of={named['party']}%3A{named['id']}" in html.replace("pk:", "pk%3A")
    assert "it is not enough, for what was seen goes on" in words(at["pk"], path)


def test_the_list_goes_on_where_a_page_of_it_ends(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    made, at = next_day(served[0]), served[1]["pk"]
    monkeypatch.setattr(turns, "SHOWN", 1)
    first = ask(made)
    made.border.clock.forward(minutes=1)
    second = ask(made, sight="drones", activity="")
    html = page(at, "/liaison/clarifications?party=pk")
    assert (second.key[1] in html, first.key[1] in html) == (True, False)
    actor = Actor(1, DUTY, ("duty",), permitted(["duty"]), "console")
    with look(made.side("pk").means) as turn:
        next_ = pages.clarifications(turn, actor, pages.Query(party="pk"))["next"]
    assert first.key[1] in page(at, next_)
