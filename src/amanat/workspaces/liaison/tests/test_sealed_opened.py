"""When and on what a sealed notice is opened, between two sides and an observer that really send."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from amanat.exchange.withdraw import withdraw
from amanat.party.errors import Invalid
from amanat.record.notices import Withdrawal
from amanat.record.record import Record
from amanat.workspaces.liaison.ground.shapes import Point, Position
from amanat.workspaces.liaison.kinds import Named
from amanat.workspaces.liaison.sealed import rules
from amanat.workspaces.liaison.sealed.happened import COUNTED, MOST_ALONE
from amanat.workspaces.liaison.tests.incidents_cast import FIRED, Event
from amanat.workspaces.liaison.tests.sealed_cast import HOUR, Sealing, matters, works
from border import meet

INCIDENT = Named("af", "01936e1a-7a00-7000-8000-000000000031")
SALT = "5a" * 32
PAST_DUE = 4 * HOUR + rules.GRACE + timedelta(seconds=1)


@pytest.fixture
def three(tmp_path: Path) -> Iterator[Sealing]:
    with meet(tmp_path) as met:
        yield Sealing(met)


def place(number: int) -> str:
    """Where the plan of that number on the grid is, as one types it."""
    return f"{34.1 + 0.2 * number:.5f}, 71.10000 ±100 m"


def on_a_grid(three: Sealing) -> tuple[list[Record], list[Record]]:
    """Let one side seal plans far from one another, and the other tell of an incident at each."""
    plans = [
        msgspec.structs.replace(
            works(three.now - HOUR), shape=Point(Position(round(34.1 + 0.2 * number, 1), 71.1), 200)
        )
        for number in range(MOST_ALONE + 2)
    ]
    sealed = [three.seal(notice=plan, after=timedelta(days=30)) for plan in plans]
    told = [Event(three.border).open("af", place=place(number)) for number in range(len(plans))]
    three.border.exchange("af", "pk")
    return sealed, told


def still_sealed(three: Sealing, sealed: list[Record]) -> list[int]:
    return [number for number, each in enumerate(sealed) if three.state(each, "pk") == "sealed"]


class TestOpened:
    """By its own node, in time or late, on an incident or by choice."""

    def test_until_it_opens_nothing_of_it_is_told(self, three: Sealing) -> None:
        sealed = three.seal()
        three.carry()
        assert three.state(sealed) == "sealed"
        assert set(msgspec.to_builtins(sealed.body)) == {"type", "commitment", "opens"}
        assert three.kept("pk") == 1
        assert three.kept("af") == three.kept("obs") == 0

    def test_its_node_opens_it_when_its_time_comes_and_says_so_once(self, three: Sealing) -> None:
        sealed = three.seal()
        three.carry()
        assert three.tend("pk") == []
        three.pass_time(4 * HOUR)
        (opened,) = three.tend("pk")
        assert opened.body.because == "time"
        assert three.tend("pk") == []
        three.carry()
        assert three.state(sealed) == "in-time"

    def test_a_node_that_was_down_opens_it_late_and_both_see_that(self, three: Sealing) -> None:
        sealed = three.seal()
        three.carry()
        three.pass_time(PAST_DUE)
        assert three.state(sealed) == "not-opened"
        assert "liaison.sealed-stuck" in matters(three, "pk")
        assert "liaison.sealed-silent" in matters(three, "af")
        three.tend("pk")
        three.carry()
        assert three.state(sealed) == "late"
        assert matters(three, "pk") == []

    def test_a_clock_that_is_behind_opens_it_by_its_own_time(self, three: Sealing) -> None:
        sealed = three.seal()
        three.border.set_clock("pk", minutes=-4)
        three.carry()
        three.pass_time(4 * HOUR)
        assert three.tend("pk") == []
        three.pass_time(timedelta(minutes=4))
        assert len(three.tend("pk")) == 1
        three.carry()
        assert three.state(sealed) == "in-time"

    def test_an_incident_near_by_opens_it_at_once_and_one_far_off_does_not(self, three: Sealing) -> None:
        sealed = three.seal(notice=works(three.now - HOUR))
        Event(three.border).open("pk", place="35.00000, 71.10000 ±100 m")
        assert three.tend("pk") == []
        incident = Event(three.border).open("pk", place="34.10000, 71.10000 ±100 m")
        (opened,) = three.tend("pk")
        assert (opened.body.because, opened.body.incident) == ("incident", Named(*incident.key))
        assert three.tend("pk") == []
        three.carry()
        assert three.state(sealed) == "on-incident"

    def test_an_incident_that_the_other_side_told_of_opens_it_once_it_came(self, three: Sealing) -> None:
        sealed = three.seal(notice=works(three.now - HOUR))
        incident = Event(three.border).open("af", place="34.11000, 71.10000 ±500 m")
        assert three.tend("pk") == []
        three.border.exchange("af", "pk")
        (opened,) = three.tend("pk")
        assert (opened.key[0], opened.body.incident) == ("pk", Named(*incident.key))
        three.carry()
        assert three.state(sealed) == "on-incident"

    def test_false_incidents_on_a_grid_open_no_more_than_three_in_a_week(self, three: Sealing) -> None:
        """What more there is we open by an account of our own: whoever tells of what was not learns nothing by it."""
        sealed, told = on_a_grid(three)
        assert len(three.tend("pk")) == MOST_ALONE
        three.pass_time(timedelta(days=1))
        assert three.tend("pk") == []
        last = still_sealed(three, sealed)[-1]
        Event(three.border).account("pk", told[last], {**FIRED, "place": place(last)})
        assert [each.body.of for each in three.tend("pk")] == [Named(*sealed[last].key)]
        assert three.tend("pk") == []

    def test_what_was_opened_on_what_we_gave_an_account_of_is_none_of_the_three(self, three: Sealing) -> None:
        sealed, told = on_a_grid(three)
        three.tend("pk")
        for number in set(range(len(told))) - set(still_sealed(three, sealed)):
            Event(three.border).account("pk", told[number], {**FIRED, "place": place(number)})
        assert len(three.tend("pk")) == len(told) - MOST_ALONE

    @pytest.mark.parametrize("ours", [False, True])
    def test_an_incident_withdrawn_opens_nothing_unless_we_gave_an_account_of_it(
        self, three: Sealing, *, ours: bool
    ) -> None:
        three.seal(notice=works(three.now - HOUR))
        incident = Event(three.border).open("af", place=place(0))
        three.border.exchange("af", "pk")
        if ours:
            Event(three.border).account("pk", incident, {**FIRED, "place": place(0)})
        side = three.border.sides["af"]
        withdraw(incident.fields.id, Withdrawal("mistaken"), side.post, side.means)
        three.border.exchange("af", "pk")
        assert len(three.tend("pk")) == ours

    def test_an_incident_of_our_own_opens_whatever_others_told_of_before(self, three: Sealing) -> None:
        sealed, _ = on_a_grid(three)
        three.tend("pk")
        last = still_sealed(three, sealed)[-1]
        ours = Event(three.border).open("pk", place=place(last))
        (opened,) = three.tend("pk")
        assert (opened.body.of, opened.body.incident) == (Named(*sealed[last].key), Named(*ours.key))

    def test_a_week_later_the_word_of_another_opens_again(self, three: Sealing) -> None:
        on_a_grid(three)
        three.tend("pk")
        three.pass_time(COUNTED)
        assert len(three.tend("pk")) == 2

    @pytest.mark.parametrize("said", [{"place": "34.1, 71.1 ±50 km"}, {"exercise": "on"}, {"type": "shots"}])
    def test_no_vague_word_no_exercise_and_no_other_day_opens_it(self, three: Sealing, said: dict[str, str]) -> None:
        three.seal(notice=works(three.now + (24 * HOUR if said == {"type": "shots"} else -HOUR)))
        Event(three.border).open("af", **({"place": "34.10000, 71.10000 ±100 m"} | said))
        three.border.exchange("af", "pk")
        assert three.tend("pk") == []

    def test_an_officer_opens_it_earlier_by_choice_in_a_second_step(self, three: Sealing) -> None:
        sealed = three.seal()
        with pytest.raises(Invalid) as unsure:
            three.do("pk", "open-sealed", sealed)
        assert unsure.value.code == "liaison.sure"
        three.do("pk", "open-sealed", sealed, sure="on")
        with pytest.raises(Invalid) as again:
            three.do("pk", "open-sealed", sealed, sure="on")
        assert again.value.code == "liaison.sealed-nothing"
        three.carry()
        assert three.state(sealed) == "in-time"

    def test_only_its_sender_opens_or_calls_it_off(self, three: Sealing) -> None:
        sealed = three.seal()
        three.carry()
        for deed, typed in (("open-sealed", {"sure": "on"}), ("call-off-sealed", {"reason": "outdated", "sure": "on"})):
            with pytest.raises(Invalid) as refused:
                three.do("af", deed, sealed, **typed)
            assert refused.value.code == "liaison.sealed-others"

    def test_what_was_opened_waits_to_be_read_until_somebody_signs_that_it_was(self, three: Sealing) -> None:
        sealed = three.seal()
        three.do("pk", "open-sealed", sealed, sure="on")
        three.carry()
        assert matters(three, "af") == ["liaison.sealed-read"]
        three.do("af", "read-sealed", sealed)
        assert matters(three, "af") == []
