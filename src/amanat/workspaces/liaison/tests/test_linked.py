"""What stands beside a matter: what names it, what was near it, and where one goes on from it; the same on both sides."""

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta

import pytest

from amanat.exchange.means import look
from amanat.party.errors import Invalid
from amanat.record.record import Record
from amanat.workspaces.liaison import links
from amanat.workspaces.liaison.ground import drawn
from amanat.workspaces.liaison.incidents import matters as incidents
from amanat.workspaces.liaison.incidents.beside import Beside, beside
from amanat.workspaces.liaison.kinds import Named
from amanat.workspaces.liaison.links import Link
from amanat.workspaces.liaison.tests import notices_cast
from amanat.workspaces.liaison.tests.all_cast import ORDNANCE, All, all_of_it
from amanat.workspaces.liaison.tests.beside_cast import address, page, press
from amanat.workspaces.liaison.tests.incidents_cast import PLACE
from amanat.workspaces.liaison.tests.sealed_cast import works
from api.cast import Desk, desk
from console.reading import Read

Served = tuple[All, dict[str, Desk]]
SEALED_AT = "34.10000, 71.10000 ±100 m"
THERE = {"shape": "point", "places": "33.91000, 70.12000", "metres": "200"}
SIDES = ("pk", "af", "obs")


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with ExitStack() as open_:
        made = open_.enter_context(all_of_it(tmp_path_factory.mktemp("all")))
        yield made, {party: open_.enter_context(desk(made.beside.side(party))) for party in SIDES}


@pytest.fixture
def made(served: Served) -> All:
    clock = served[0].beside.border.clock
    clock.at = (clock.at + timedelta(days=8)).replace(hour=6, minute=30, second=0)
    return served[0]


@pytest.fixture
def nodes(served: Served) -> dict[str, Desk]:
    return served[1]


def name(record: Record) -> str:
    return ":".join(record.key)


def naming(made: All, party: str, *records: Record) -> list[Link]:
    with look(made.beside.side(party).means) as turn:
        return list(links.naming(turn, *(Named(*each.key) for each in records)))


def near(made: All, party: str, incident: Record) -> list[Beside]:
    with look(made.beside.side(party).means) as turn:
        matter = incidents.one(turn, *incident.key)
        assert matter is not None
        return [each for each in beside(turn, matter) if each.kind != "liaison.call"]


def at_work(made: All, after: int = -3, until: int = 3) -> dict[str, str]:
    now = made.sealed.now
    return {
        what: f"{now + timedelta(hours=count):%Y-%m-%d %H:%MZ}" for what, count in (("since", after), ("until", until))
    }


# --- what names it ----------------------------------------------------------------------------------------------------


def test_what_belongs_to_an_incident_stands_there_and_leads_back(made: All, nodes: dict[str, Desk]) -> None:
    incident = made.incidents.open("pk")
    made.carry()
    track = made.beside.open("af", "ordnance", **ORDNANCE, linked=name(incident))
    measure = made.beside.propose("pk", linked=name(incident))
    meeting = made.meetings.propose("pk", linked=name(incident))
    made.carry()
    for party in SIDES:
        found = naming(made, party, incident)
        assert [(each.key, each.by) for each in found] == [
            (Named(*measure.key), "pk"),
            (Named(*track.key), "af"),
            (Named(*meeting.key), "pk"),
        ]
    for party, at in nodes.items():
        shown = Read(page(at, address("incident", incident))).links
        assert {
            address(what, of) for what, of in (("track", track), ("measure", measure), ("meeting", meeting))
        } <= set(shown), party
        for what, of in (("track", track), ("measure", measure), ("meeting", meeting)):
            assert address("incident", incident) in Read(page(at, address(what, of))).links, what


def test_a_notice_that_a_side_named_leads_back_to_the_incident(made: All, nodes: dict[str, Desk]) -> None:
    notice, incident = made.notices.give("pk", notices_cast.WORKS), made.incidents.open("pk")
    made.carry()
    made.incidents.step("af", incident, "link", name=name(notice))
    made.carry()
    for party, at in nodes.items():
        ((key, by),) = [(each.key, each.by) for each in naming(made, party, notice)]
        assert (key, by) == (Named(*incident.key), "af")
        assert address("incident", incident) in Read(page(at, address("notice", notice))).links
        assert address("notice", notice) in Read(page(at, address("incident", incident))).links


def test_nothing_belongs_to_what_is_not_here(made: All) -> None:
    with pytest.raises(Invalid) as gone:
        made.beside.open("pk", "ordnance", **ORDNANCE, linked="pk:01936e1a-7a00-7000-8000-0000000000ff")
    with pytest.raises(Invalid) as nobody:
        made.beside.propose("pk", linked="nobody")
    assert {gone.value.code, nobody.value.code} == {"liaison.linked"}


def test_of_one_side_no_more_is_shown_than_it_would_say(made: All, monkeypatch: pytest.MonkeyPatch) -> None:
    incident = made.incidents.open("pk")
    for _ in range(3):
        made.beside.propose("pk", linked=name(incident))
        made.beside.border.clock.forward(seconds=1)
    made.carry()
    own = made.beside.propose("af", linked=name(incident))
    made.carry()
    monkeypatch.setattr(links, "MOST", 1)
    assert [each.by for each in naming(made, "obs", incident)] == ["pk", "af"]
    assert Named(*own.key) in [each.key for each in naming(made, "pk", incident)]


# --- from its page ----------------------------------------------------------------------------------------------------


def test_from_an_incident_one_goes_on_with_the_link_filled_in(made: All, nodes: dict[str, Desk]) -> None:
    incident, at = made.incidents.open("pk"), nodes["pk"]
    shown = Read(page(at, address("incident", incident))).links
    those = [
        each
        for each in shown
        if each.startswith(("/liaison/propose-meeting?", "/liaison/track-new?", "/liaison/measure-new?"))
    ]
    assert len(those) == 3
    assert f'name="linked" value="{name(incident)}"' in page(at, those[0])
    assert f'name="linked" value="{name(incident)}"' in page(at, those[2])
    assert f'name="linked" value="{name(incident)}"' in page(at, f"{those[1]}&type=ordnance")
    made.carry()
    assert not [each for each in Read(page(nodes["obs"], address("incident", incident))).links if "linked=" in each]
    answer = press(
        at, f"/liaison/track-open?type=ordnance&linked={name(incident)}", type="ordnance", **ORDNANCE, linked="pk:gone"
    )
    assert answer.status_code in {400, 422}
    assert 'name="linked" value="pk:gone"' in answer.text


# --- the ladder -------------------------------------------------------------------------------------------------------


def step(at: Desk, incident: Record, act: str) -> str:
    text = page(at, address("incident", incident))
    return text.partition(f'id="step-{act}"')[2].partition("</tr>")[0]


def test_the_step_to_meet_shows_the_meeting_once_it_was_agreed_and_is_signed_by_nobody(
    made: All, nodes: dict[str, Desk]
) -> None:
    incident = made.incidents.open("pk")
    made.carry()
    with look(made.beside.side("pk").means) as turn:
        matter = incidents.one(turn, *incident.key)
        assert matter is not None
        meets, states = (
            next(each.step.name for each in matter.dues if each.step.act == act) for act in ("meet", "state")
        )
    meeting = made.meetings.propose("pk", linked=name(incident))
    made.carry()
    link = address("meeting", meeting).replace("&", "&amp;")
    assert link not in step(nodes["af"], incident, meets)
    made.meetings.agree("af", meeting)
    made.carry()
    for at in nodes.values():
        assert link in step(at, incident, meets)
        assert "none was proposed yet" in step(at, incident, states)
    with look(made.beside.side("pk").means) as turn:
        matter = incidents.one(turn, *incident.key)
        assert matter is not None
        assert not next(each for each in matter.dues if each.step.name == meets).signed


# --- what was near ----------------------------------------------------------------------------------------------------


def test_what_was_planned_near_it_at_that_time_stands_there_of_both_sides_as_found(
    made: All, nodes: dict[str, Desk]
) -> None:
    ours = made.notices.give("pk", notices_cast.WORKS | THERE, **at_work(made))
    theirs = made.notices.give("af", notices_cast.BLASTING | THERE, **at_work(made))
    made.notices.give("af", notices_cast.BLASTING | THERE, **at_work(made, 30, 36))
    made.notices.give("pk", notices_cast.WORKS | THERE | {"places": "34.10000, 70.12000"}, **at_work(made))
    exercise = made.notices.give("pk", notices_cast.FLIGHT | THERE, **at_work(made), exercise="on")
    incident = made.incidents.open("pk", place=PLACE)
    made.carry()
    for party in SIDES:
        assert {each.id for each in near(made, party, incident)} == {ours.key[1], theirs.key[1]}
        shown = Read(page(nodes[party], address("incident", incident)))
        assert {address("notice", each) for each in (ours, theirs)} <= set(shown.links)
        assert address("notice", exercise) not in shown.links
        assert "found here, by no side's word" in shown.words


def test_what_was_called_off_before_it_was_not_near_it_and_what_was_after_it_was(made: All) -> None:
    before, after = (made.notices.give("pk", notices_cast.WORKS | THERE, **at_work(made)) for _ in range(2))
    made.notices.do("pk", "end-notice", before, how="called-off", sure="on")
    made.sealed.pass_time(timedelta(minutes=30))
    incident = made.incidents.open("pk", place=PLACE, minutes="1")
    made.sealed.pass_time(timedelta(minutes=30))
    made.notices.do("pk", "end-notice", after, how="called-off", sure="on")
    made.carry()
    assert [(each.id, each.state) for each in near(made, "af", incident)] == [
        (after.key[1], ("notice state", "called-off"))
    ]


def test_a_sealed_notice_opened_on_it_stands_there_at_all_three(made: All, nodes: dict[str, Desk]) -> None:
    sealed = made.sealed.seal("pk", works(made.sealed.now))
    elsewhere = made.sealed.seal("pk", works(made.sealed.now + timedelta(days=3)))
    made.carry()
    incident = made.incidents.open("af", place=SEALED_AT)
    made.carry()
    assert near(made, "af", incident) == []
    (opened,) = made.sealed.tend("pk")
    made.carry()
    assert opened.body.incident == Named(*incident.key)
    for party in SIDES:
        (found,) = near(made, party, incident)
        assert (found.kind, found.id, found.state) == ("liaison.sealed", sealed.key[1], ("sealed state", "on-incident"))
        (link,) = naming(made, party, incident)
        assert (link.key, link.by, link.state) == (Named(*sealed.key), "pk", ("sealed state", "on-incident"))
        assert link.title.startswith("A sealed notice, opened: works")
        shown = Read(page(nodes[party], address("incident", incident)))
        assert shown.links.count(address("sealed", sealed)) == 1
        assert address("sealed", elsewhere) not in shown.links
        assert "Opened on an incident" in shown.words


def test_one_that_was_opened_later_was_near_it_too_unless_it_was_called_off_before(made: All) -> None:
    called_off, stood = (made.sealed.seal("pk", works(made.sealed.now)) for _ in range(2))
    made.carry()
    made.sealed.do("pk", "open-sealed", called_off, sure="on")
    made.beside.withdraw("pk", called_off)
    made.sealed.pass_time(timedelta(minutes=10))
    incident = made.incidents.open("af", place=SEALED_AT, minutes="1")
    made.sealed.do("pk", "open-sealed", stood, sure="on")
    made.carry()
    for party in SIDES:
        assert [each.id for each in near(made, party, incident)] == [stood.key[1]]
        assert naming(made, party, incident) == []


def test_of_many_near_it_the_nearest_of_each_side_are_shown(made: All, monkeypatch: pytest.MonkeyPatch) -> None:
    far = {"places": "33.94000, 70.12000"}
    monkeypatch.setattr("amanat.workspaces.liaison.incidents.beside.MOST", 1)
    made.notices.give("pk", notices_cast.WORKS | THERE | far, **at_work(made))
    nearest = made.notices.give("pk", notices_cast.WORKS | THERE, **at_work(made))
    other = made.notices.give("af", notices_cast.BLASTING | THERE | far, **at_work(made))
    incident = made.incidents.open("pk", place="33.91000, 70.12000 ±100 m")
    made.carry()
    assert {each.id for each in near(made, "obs", incident)} == {nearest.key[1], other.key[1]}


def test_from_blasting_one_warns_the_public_with_what_the_notice_says(made: All, nodes: dict[str, Desk]) -> None:
    times = at_work(made, 2, 6)
    blasting = made.notices.give("af", notices_cast.BLASTING | THERE, **times)
    works = made.notices.give("af", notices_cast.WORKS | THERE, **times)
    made.carry()

    def warns(party: str, notice: Record) -> list[str]:
        shown = Read(page(nodes[party], address("notice", notice))).links
        return [each for each in shown if each.startswith("/liaison/warn?")]

    assert [warns("pk", blasting), warns("af", works), warns("obs", blasting)] == [[], [], []]
    (link,) = warns("af", blasting)
    form = page(nodes["af"], link)
    assert '<option value="blasting" selected>' in form
    assert "33.91000, 70.12000" in form
    assert 'name="metres" value="200"' in form
    with look(made.beside.side("af").means) as turn:
        began = drawn.typed_time(turn, blasting.body.window.since)
    assert f'name="since" value="{began}"' in form
