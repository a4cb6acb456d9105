"""What a hostile side can do in tracks: a window that never comes, and a flood of animals. Neither hides who is late."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from amanat.exchange.means import look
from amanat.officer.may import Actor, permitted
from amanat.record.record import Record
from amanat.workspaces.liaison.ground.shapes import Window
from amanat.workspaces.liaison.kinds import Named, Spot
from amanat.workspaces.liaison.tests.beside_cast import NEAR, PLAN, Beside, address, beside, words
from amanat.workspaces.liaison.tests.lines import DUTY
from amanat.workspaces.liaison.told import Told
from amanat.workspaces.liaison.tracks import counted, held, kinds, rules, waiting
from amanat.workspaces.liaison.tracks.counted import Track
from api.cast import desk

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
GATE = Spot(34.1, 71.1, 500)
ROOT = Named("pk", "01936e1a-7a00-7000-8000-000000000000")
HOURS = {"at-once": timedelta(hours=1), "today": timedelta(hours=4), "days": timedelta(hours=24)}
SOON = Window(NOON + timedelta(hours=2), NOON + timedelta(hours=3))


def at(days: int) -> Window:
    return Window(NOON + timedelta(days=days), NOON + timedelta(days=days, hours=1))


def passage(window: Window) -> rules.Standing:
    """How a passage stands that is to be right away, where the other side receives them in a window."""
    root = Told(ROOT, DUTY, NOON, kinds.Passage(patients=1, need="at-once", place=GATE, window=SOON))
    opens = kinds.Opens(track=ROOT, place=GATE, window=window)
    said = Told(Named("af", "01936e1a-7a00-7000-8000-000000000001"), DUTY, NOON, opens)
    return rules.standing(Track(root, "passage", "af", frozenset({said}), HOURS), NOON)


@pytest.mark.parametrize(("days", "code", "due"), [(1, "passed", at(1).until), (32, "opens", NOON + HOURS["at-once"])])
def test_a_window_that_begins_in_more_than_a_month_answers_nothing(days: int, code: str, due: datetime) -> None:
    assert [(each.code, each.party, each.due) for each in passage(at(days)).waits] == [(code, "af", due)]


def test_a_window_in_a_far_year_leaves_it_late() -> None:
    far = datetime(2990, 1, 1, tzinfo=UTC)
    assert [each.code for each in passage(Window(far, far + timedelta(hours=1))).waits] == ["opens"]


def handed_back(root: Told) -> Track:
    """Persons whom one side had and the other received, in a track that was withdrawn since."""
    by, to = ("af", "pk") if isinstance(root.body, kinds.Missing) else ("pk", "af")

    def said(number: int, party: str, body: kinds.Body) -> Told:
        key = Named(party, f"01936e1a-7a00-7000-8000-{number:012x}")
        return Told(key, DUTY, NOON + timedelta(minutes=number), body)

    def asked(number: int) -> kinds.Question:
        return kinds.Question(alone=True, fears=False, language="ps", post=DUTY, at=NOON + timedelta(minutes=number))

    offer = kinds.Offered(track=ROOT, who="soldier", count=2, asked=asked(0))
    steps = (
        said(1, by, offer),
        said(3, by, kinds.HandedOver(track=ROOT, count=2, asked=asked(2))),
        said(9, to, kinds.Received(track=ROOT, count=2)),
    )
    type_: counted.Type = "missing" if by == "af" else "captured"
    return Track(root, type_, "af", frozenset(steps), HOURS)


@pytest.mark.parametrize(
    "body",
    [
        kinds.Missing(adults=2, since=NOON, near=Spot(34.0, 71.0, 12_000)),
        kinds.Captured(well=2, contact="torkham/duty"),
    ],
    ids=["missing", "captured"],
)
def test_who_withdraws_what_opened_it_unsays_no_hand_over(body: kinds.Body) -> None:
    track = handed_back(Told(ROOT, DUTY, NOON, body, NOON + timedelta(minutes=20)))
    assert rules.standing(track, NOON).state == "done"
    without = frozenset(each for each in track.said if not isinstance(each.body, kinds.HandedOver))
    early = replace(track, said=without)
    assert (rules.standing(early, NOON).state, counted.offered(early)) == ("withdrawn", None)


def between(made: Beside, party: str, track: Record, minutes: int, count: int) -> None:
    """Junk of a party that bears a date so much before now."""
    made.border.set_clock(party, minutes=-minutes)
    for _ in range(count):
        made.craft(party, "liaison.track", kinds.NotCompleted(track=Named(*track.key)), track)
    made.border.set_clock(party)
    made.carry()


def test_no_junk_dated_before_it_hides_what_both_agreed_and_the_page_says_how_much_there_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counted, "MOST_STEPS", 3)
    with beside(tmp_path) as made:
        made.border.dishonest.add("af")
        track = made.open("pk", "livestock", found="yes", species="goats", count="4", near=NEAR)
        made.carry()
        made.border.clock.forward(minutes=10)
        proposed = made.step("pk", track, "proposed", **PLAN)
        made.carry()
        agreed = made.step("af", track, "agreed", of=":".join(proposed.key))
        made.carry()
        made.border.clock.forward(minutes=10)
        made.craft("af", "liaison.track", kinds.Agreed(track=Named(*track.key), of=ROOT), track)
        between(made, "af", track, 15, 6)
        for party in ("pk", "af", "obs"):
            said = counted.settled(made.track(party, track))
            assert said is not None
            assert [each.key for each in said] == [Named(*proposed.key), Named(*agreed.key)]
        with desk(made.side("pk")) as at:
            assert "2 more messages of" in words(at, address("track", track))


def test_no_flood_of_animals_pushes_out_patients(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(held, "MOST_OPEN", 2)
    with beside(tmp_path) as made:
        patients = made.open("pk", "passage", patients="2", need="at-once", **PLAN)
        for _ in range(3):
            made.border.clock.forward(minutes=1)
            made.open("pk", "livestock", found="no", species="goats", count="4", near=NEAR)
        made.carry()
        with look(made.side("af").means) as turn:
            open_ = [each.root.key.id for each in held.recent(turn)]
            actor = Actor(1, DUTY, ("duty",), permitted(["duty"]), "console")
            waits = [each.id for each in waiting.now(turn, actor)]
    assert (len(open_), patients.key[1] in open_, patients.key[1] in waits) == (3, True, True)
