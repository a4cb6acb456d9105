"""What is shown on a map and kept for plans: nothing that a side dates ahead, or proposes anew, takes its place."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from amanat.exchange.means import look
from amanat.officer.may import at_machine
from amanat.record.record import Record
from amanat.workspaces.liaison.ground.features import Asking
from amanat.workspaces.liaison.kinds import Named
from amanat.workspaces.liaison.measures import shown as measures
from amanat.workspaces.liaison.meetings import shown as meetings
from amanat.workspaces.liaison.tests.all_cast import ORDNANCE, All, all_of_it
from amanat.workspaces.liaison.tests.beside_cast import NEAR, PLAN
from amanat.workspaces.liaison.tests.lines import DUTY
from amanat.workspaces.liaison.tracks import shown as tracks

PARTS: tuple[Any, ...] = (tracks, measures, meetings)


@pytest.fixture
def made(tmp_path: Path) -> Iterator[All]:
    with all_of_it(tmp_path) as made:
        yield made


def paths(made: All, party: str) -> tuple[set[str], set[str]]:
    """What is shown, and what is kept, at a party, of the four days from now on."""
    with look(made.beside.side(party).means) as turn:
        asking = Asking(turn.now, turn.now + timedelta(days=4))
        drawn = {each.path for part in PARTS for each in part.shown(turn, at_machine(DUTY), asking)}
        return drawn, {each.path for part in PARTS for each in part.kept(turn, asking)}


def handed(made: All) -> tuple[Record, Record]:
    """A vehicle to be given back at a place and a time that both agreed to, and the word that agreed."""
    track = made.beside.open("pk", "vehicle", found="yes", vehicle="car", count="1", near=NEAR)
    made.carry()
    proposed = made.beside.step("pk", track, "proposed", **PLAN)
    made.carry()
    agreed = made.beside.step("af", track, "agreed", of=":".join(proposed.key))
    made.carry()
    return track, agreed


def one_of_each(made: All) -> list[Record]:
    """Matters of pk that both agreed to; and ordnance, which nobody has to."""
    measure = made.beside.propose("pk")
    made.beside.both_agree(measure)
    return [made.beside.open("pk", "ordnance", **ORDNANCE), handed(made)[0], measure, made.meetings.agreed()]


def test_nothing_that_is_dated_ahead_pushes_out_what_is(made: All, monkeypatch: pytest.MonkeyPatch) -> None:
    for each in PARTS:
        monkeypatch.setattr(each, "MOST", 1)
    true, clock = one_of_each(made), made.beside.border.clock
    clock.at += timedelta(days=2)
    ahead = one_of_each(made)
    clock.at -= timedelta(days=2)
    made.carry()
    for party in ("pk", "af"):
        for each in paths(made, party):
            assert [any(one.key[1] in path for path in each) for one in true] == [True] * len(true)
            assert [any(one.key[1] in path for path in each) for one in ahead] == [False] * len(ahead)


@pytest.mark.parametrize("by", ["pk", "af"])
def test_what_both_agreed_to_is_where_it_was_until_both_agree_to_another(made: All, by: str) -> None:
    track, agreed = handed(made)
    anew = made.beside.step(by, track, "proposed", **PLAN | {"place": "34.3, 71.3"})
    made.carry()
    for party in ("pk", "af"):
        assert by_which(made, party) == {(Named(*agreed.key), 34.1)}
        assert [any(track.key[1] in path for path in each) for each in paths(made, party)] == [True, True]
    other = "af" if by == "pk" else "pk"
    later = made.beside.step(other, track, "agreed", of=":".join(anew.key))
    made.carry()
    for party in ("pk", "af"):
        assert by_which(made, party) == {(Named(*later.key), 34.3)}


def by_which(made: All, party: str) -> set[tuple[Named, float]]:
    """By which words hand-overs are kept, and how far north they are."""
    with look(made.beside.side(party).means) as turn:
        found = list(tracks.kept(turn, Asking(turn.now, turn.now + timedelta(days=1))))
    return {(each.by, each.shape.at.lat) for each in found}  # type: ignore[union-attr]
