"""Which records count as steps of a track or a measure: none that is of another matter in all but its name."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from sqlalchemy import update

from amanat.exchange.means import begin, look
from amanat.officer.may import at_machine
from amanat.record.record import Record
from amanat.store import listing
from amanat.workspaces.liaison import matter_rows
from amanat.workspaces.liaison.kinds import Named
from amanat.workspaces.liaison.measures import kinds as measured
from amanat.workspaces.liaison.measures import pages as measure_pages
from amanat.workspaces.liaison.measures import rules as measures
from amanat.workspaces.liaison.measures import views as measured_rows
from amanat.workspaces.liaison.pages import turns
from amanat.workspaces.liaison.tests.all_cast import ORDNANCE
from amanat.workspaces.liaison.tests.beside_cast import NEAR, OFFER, PLAN, Beside, beside, next_day
from amanat.workspaces.liaison.tests.lines import DUTY, of
from amanat.workspaces.liaison.tests.warnings_cast import change, warn
from amanat.workspaces.liaison.tracks import counted, kinds, rules
from amanat.workspaces.liaison.tracks import pages as track_pages
from amanat.workspaces.liaison.tracks import views as tracks
from amanat.workspaces.liaison.views import spell
from amanat.workspaces.liaison.warnings import pages as warning_pages
from border import agree


@pytest.fixture(scope="module")
def met(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Beside]:
    with beside(tmp_path_factory.mktemp("beside")) as made:
        yield made


@pytest.fixture
def made(met: Beside) -> Beside:
    return next_day(met)


def test_a_step_of_an_exercise_ends_no_real_track(made: Beside) -> None:
    track = made.open("pk", "offered", **OFFER)
    made.craft("pk", "liaison.track", kinds.NotCompleted(track=Named(*track.key)), track, exercise=True)
    made.carry()
    assert {made.stands(party, track).state for party in ("pk", "af")} == {"open"}
    made.craft("pk", "liaison.track", kinds.NotCompleted(track=Named(*track.key)), track)
    made.carry()
    assert {made.stands(party, track).state for party in ("pk", "af")} == {"not-completed"}


def test_a_step_of_an_exercise_stops_no_real_measure(made: Beside) -> None:
    measure = made.propose("pk")
    said = measured.Said(measure=Named(*measure.key), did="stopped")
    made.craft("pk", "liaison.measure", said, measure, exercise=True)
    made.carry()
    assert {made.measure_stands(party, measure).state for party in ("pk", "af")} == {"proposed"}


def test_what_the_other_side_was_not_told_is_refused_by_the_observer_and_counts_for_nothing(made: Beside) -> None:
    """An attack: a side shows an observer alone what it says that it told the other."""
    track, measure = made.open("pk", "offered", **OFFER), made.propose("pk")
    made.craft("pk", "liaison.track", kinds.NotCompleted(track=Named(*track.key)), track, to=("obs",))
    said = measured.Said(measure=Named(*measure.key), did="stopped")
    made.craft("pk", "liaison.measure", said, measure, to=("obs",))
    assert made.refused("pk", "obs") == ["check.members", "check.members"]
    made.carry()
    assert {made.stands(party, track).state for party in ("pk", "af", "obs")} == {"open"}
    assert {made.measure_stands(party, measure).state for party in ("pk", "af", "obs")} == {"proposed"}


def test_a_step_that_was_withdrawn_counts_no_more(made: Beside) -> None:
    track, measure = made.open("pk", "offered", **OFFER), made.propose("pk")
    made.carry()
    ended, stopped = made.step("pk", track, "not-completed"), made.act("pk", measure, "stopped")
    made.carry()
    assert made.stands("af", track).state == "not-completed"
    assert made.measure_stands("af", measure).state == "held"
    made.withdraw("pk", ended)
    made.withdraw("pk", stopped)
    made.carry()
    assert {made.stands(party, track).state for party in ("pk", "af")} == {"open"}
    assert {made.measure_stands(party, measure).state for party in ("pk", "af")} == {"proposed"}


def test_what_is_said_under_a_later_text_of_the_compact_counts(tmp_path: Path) -> None:
    with beside(tmp_path) as made:
        track, measure = made.open("pk", "offered", **OFFER), made.propose("pk")
        made.carry()
        signed = agree(made.border.sides.values(), made.side("pk").terms)
        for side in made.border.sides.values():
            side.take("compact", signed)
        made.step("pk", track, "not-completed")
        made.act("pk", measure, "stopped")
        made.carry()
        assert {made.stands(party, track).state for party in ("pk", "af")} == {"not-completed"}
        assert {made.measure_stands(party, measure).state for party in ("pk", "af")} == {"held"}


def test_what_is_dated_more_than_a_day_ahead_counts_for_nothing_until_then(tmp_path: Path) -> None:
    """A date that no clock can have by mistake unsays nothing."""
    with beside(tmp_path) as made:
        track = made.open("pk", "vehicle", found="yes", vehicle="car", count="1", near=NEAR)
        clock = made.border.clock
        clock.at += timedelta(days=1, minutes=1)
        made.step("pk", track, "proposed", **PLAN)
        clock.at -= timedelta(days=1, minutes=1)
        assert counted.proposal(made.track("pk", track)) == (None, None)
        clock.at += timedelta(minutes=1)
        assert counted.proposal(made.track("pk", track))[0] is not None


def test_what_came_after_the_page_was_shown_is_not_signed_as_read(made: Beside) -> None:
    track = made.open("pk", "ordnance", **ORDNANCE)
    until = f"{made.border.clock.at + timedelta(days=1):%Y-%m-%d %H:%M}"
    warned = warn(made, until=until)
    made.carry()
    actor = at_machine(DUTY)
    with look(made.side("af").means) as turn:
        seen = [
            track_pages.track(turn, actor, track_pages.OneQuery(*track.key))["seen"],
            warning_pages.warning(turn, actor, warning_pages.Named(*warned.key))["seen"],
        ]
    made.border.clock.forward(minutes=1)
    cleared = made.step("pk", track, "clearing", since="08:00", until="09:00")
    changed = change(made, warned, until=until)
    made.carry()
    for _ in range(2):
        made.do("af", "track-read", **of(track), seen=seen[0])
        made.do("af", "note-warning", **of(warned), seen=seen[1])
    with look(made.side("af").means) as turn:
        keys = [track.key, warned.key, cleared.key, changed.key]
        waits = {(row.party, row.id) for row in listing.named(turn.tx, keys) if row.read_by is not None}
    assert waits == {cleared.key, changed.key}


def before(made: Beside, table: Any, junk: list[Record]) -> None:
    """Date records an hour back at both sides, as a program of their party could that is not ours."""
    made.carry()
    for party in ("pk", "af"):
        with begin(made.side(party).means) as turn:
            long_ago = spell(made.border.clock.at - timedelta(hours=1))
            turn.tx.execute(update(table).where(table.c.id.in_([each.key[1] for each in junk])).values(at=long_ago))


def test_what_is_dated_before_its_matter_takes_no_room_in_it(made: Beside, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counted, "MOST_STEPS", 3)
    monkeypatch.setattr(measures, "MOST_SAID", 3)
    track, measure = made.open("pk", "vehicle", found="yes", vehicle="car", count="1", near=NEAR), made.propose("pk")
    made.carry()
    proposed = made.step("pk", track, "proposed", **PLAN)
    made.both_agree(measure)
    agreed = made.step("af", track, "agreed", of=":".join(proposed.key))
    step = kinds.Agreed(track=Named(*track.key), of=Named(*track.key))
    word = measured.Agreed(measure=Named(*measure.key), digest="0" * 64)
    before(made, tracks.STEP, [made.craft("af", "liaison.track", step, track) for _ in range(4)])
    before(made, measured_rows.STEP, [made.craft("af", "liaison.measure", word, measure) for _ in range(4)])
    made.border.clock.forward(minutes=1)
    made.craft("af", "liaison.track", step, track)
    made.craft("af", "liaison.measure", word, measure)
    made.carry()
    for party in ("pk", "af"):
        found = counted.proposal(made.track(party, track))[1]
        assert found is not None
        assert found.key == Named(*agreed.key)
        assert made.measure_stands(party, measure).agreed is not None


def test_the_last_word_of_each_sort_counts_in_a_track_whatever_its_side_said_before(
    made: Beside, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counted, "MOST_STEPS", 3)
    track = made.open("pk", "livestock", found="yes", species="goats", count="4", near=NEAR)
    made.carry()
    made.border.clock.forward(minutes=1)
    for _ in range(4):
        made.craft("af", "liaison.track", kinds.Agreed(track=Named(*track.key), of=Named(*track.key)), track)
    made.border.clock.forward(minutes=1)
    made.craft("af", "liaison.track", kinds.Closed(track=Named(*track.key)), track)
    made.carry()
    assert [rules.closing(made.track(party, track)) for party in ("pk", "af")] == [{"af"}, {"af"}]


@pytest.mark.parametrize("what", ["tracks", "measures"])
def test_a_page_leads_on_also_past_what_is_not_shown(made: Beside, monkeypatch: pytest.MonkeyPatch, what: str) -> None:
    listed: Any = {"tracks": track_pages.tracks, "measures": measure_pages.measures}[what]
    pages: Any = {"tracks": track_pages, "measures": measure_pages}[what]
    those = []
    for _ in range(4):
        those.append(made.open("pk", "ordnance", **ORDNANCE) if what == "tracks" else made.propose("pk"))
        made.border.clock.forward(seconds=1)
    pair, gone = matter_rows.pair, {those[1].key[1], those[2].key[1]}
    monkeypatch.setattr(matter_rows, "pair", lambda turn, row, kind: None if row.id in gone else pair(turn, row, kind))
    monkeypatch.setattr(turns, "SHOWN", 2)
    found, query = list[str](), pages.Query()
    with look(made.side("pk").means) as turn:
        while True:
            shown = listed(turn, at_machine(DUTY), query)
            found += [each.matter.root.key.id for each in shown["listed"]]
            if those[0].key[1] in found:
                break
            query = pages.Query(cursor=parse_qs(shown["next"].partition("?")[2])["cursor"][0])
    assert found[:2] == [those[3].key[1], those[0].key[1]]
