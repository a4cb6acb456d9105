"""Parallel measures: what a set of records comes to, and that nobody says anything for the other side."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, get_args, get_origin

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from amanat.party.errors import Invalid, Refused
from amanat.workspaces.liaison.ground.shapes import Area, Corridor, Point, Position, Shape, Window
from amanat.workspaces.liaison.kinds import Named
from amanat.workspaces.liaison.measures import facts, kinds, rules
from amanat.workspaces.liaison.measures.kinds import OwnPart
from amanat.workspaces.liaison.measures.rules import Measure, Standing
from amanat.workspaces.liaison.tests.lines import DUTY
from amanat.workspaces.liaison.told import Told

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
WINDOW = Window(NOON + timedelta(hours=2), NOON + timedelta(hours=4))
ROOT = Named("pk", "01936e1a-7a00-7000-8000-000000000000")
FIELD = Point(Position(34.0, 71.2), 3000)


def part(country: str = "PK", *, clear: bool = False, action: kinds.Action = "search") -> OwnPart:
    return OwnPart(action=action, country=country, area=FIELD, clear=(FIELD,) if clear else (), contact="torkham/duty")


def said(number: int, party: str, body: Any, minutes: int | None = None) -> Told:
    key = Named(party, f"01936e1a-7a00-7000-8000-{number:012x}")
    return Told(key, "torkham/duty", NOON + timedelta(minutes=number if minutes is None else minutes), body)


def measure(*steps: Told, own: OwnPart | None = None) -> Measure:
    root = Told(ROOT, DUTY, NOON, kinds.Proposed(purpose="search", window=WINDOW, part=own or part()))
    administers = {"pk": frozenset({"PK"}), "af": frozenset({"AF"})}
    return Measure(root, "af", frozenset(steps), administers, timedelta(hours=4))


def stands(*steps: Told, now: datetime = NOON, own: OwnPart | None = None) -> Standing:
    return rules.standing(measure(*steps, own=own), now)


def turns(standing: Standing) -> list[tuple[str, str]]:
    return [(each.code, each.party) for each in standing.waits]


PARTS = [said(1, "af", kinds.Part(measure=ROOT, part=part("AF")))]
DIGEST = stands(*PARTS).digest
SIGNED = [said(number, party, kinds.Agreed(measure=ROOT, digest=DIGEST)) for number, party in ((2, "pk"), (3, "af"))]


def did(number: int, party: str, what: kinds.Confirmed, digest: str = DIGEST) -> Told:
    named = None if what in ("holds", "stopped") else digest
    return said(number, party, kinds.Said(measure=ROOT, did=what, digest=named))


def test_a_measure_goes_from_the_proposal_to_where_both_stopped() -> None:
    steps = [
        *PARTS,
        *SIGNED,
        did(4, "pk", "started"),
        did(5, "af", "started"),
        did(6, "pk", "stopped"),
        did(7, "af", "stopped"),
    ]
    seen = [stands(*steps[:count]) for count in range(len(steps) + 1)]
    assert [each.state for each in seen] == [
        "proposed",
        "to-agree",
        "to-agree",
        "agreed",
        "under-way",
        "under-way",
        "held",
        "stopped",
    ]
    assert turns(seen[0]) == [("part", "af")]
    assert turns(seen[1]) == [("agreed", "pk"), ("agreed", "af")]
    assert turns(seen[2]) == [("agreed", "af")]
    assert turns(seen[3]) == [("started", "pk"), ("started", "af")]
    assert turns(seen[6]) == [("stopped", "af")]
    assert [each.due for each in seen[3].waits] == [WINDOW.since] * 2
    assert turns(seen[7]) == []


def test_who_keeps_areas_clear_confirms_that_first() -> None:
    own = part(clear=True)
    signed = stands(*PARTS, own=own).digest
    agreed = [
        said(number, party, kinds.Agreed(measure=ROOT, digest=signed)) for number, party in ((2, "pk"), (3, "af"))
    ]
    assert turns(stands(*PARTS, *agreed, own=own)) == [("clear", "pk"), ("started", "af")]
    assert turns(stands(*PARTS, *agreed, did(4, "pk", "clear", signed), own=own)) == [
        ("started", "pk"),
        ("started", "af"),
    ]


def test_a_part_that_is_changed_undoes_the_agreement_also_when_it_is_changed_back() -> None:
    changed = said(4, "af", kinds.Part(measure=ROOT, part=part("AF", action="close")))
    back = said(5, "af", kinds.Part(measure=ROOT, part=part("AF")))
    assert stands(*PARTS, *SIGNED).agreed is not None
    for steps in ([changed], [changed, back]):
        after = stands(*PARTS, *SIGNED, *steps)
        assert (after.agreed, after.state, turns(after)) == (None, "to-agree", [("agreed", "pk"), ("agreed", "af")])


@pytest.mark.parametrize("by", ["pk", "af"])
def test_a_part_that_is_changed_under_way_holds_it_and_unsays_nobodys_start(by: str) -> None:
    country = "PK" if by == "pk" else "AF"
    begun, other = [*PARTS, *SIGNED, did(4, "pk", "started")], "af" if by == "pk" else "pk"
    changed = said(6, by, kinds.Part(measure=ROOT, part=part(country, action="close")))
    after = stands(*begun, changed)
    assert (after.state, after.agreed, after.columns[0].confirmed) == ("held", None, (begun[-1],))
    assert ("stopped", "pk") in turns(after)
    assert "stopped" in rules.acts(measure(*begun, changed), NOON, "pk")
    assert rules.interrupts(measure(*begun, changed), by, NOON) == changed
    assert rules.interrupts(measure(*begun, changed), other, NOON) is None
    again = [
        said(number, party, kinds.Agreed(measure=ROOT, digest=after.digest)) for number, party in ((7, "pk"), (8, "af"))
    ]
    anew = stands(*begun, changed, *again)
    assert (anew.state, turns(anew)) == ("under-way", [("started", "pk"), ("started", "af")])
    assert rules.interrupts(measure(*begun, changed, *again), by, NOON) is None
    assert stands(*begun, changed, did(9, "pk", "stopped"), did(9, "af", "stopped")).state == "stopped"


def test_once_both_agreed_nobody_declines_any_more() -> None:
    begun = [*PARTS, *SIGNED, did(4, "pk", "started")]
    late = said(6, "af", kinds.Declined(measure=ROOT))
    assert stands(*begun, late) == stands(*begun)
    assert "declined" not in rules.acts(measure(*begun), NOON, "af")
    before = said(2, "pk", kinds.Declined(measure=ROOT))
    crossed = [*PARTS, *SIGNED, before, did(4, "af", "started")]
    assert stands(*crossed).state == "held"  # who had not heard of it started, and is rung
    assert rules.interrupts(measure(*crossed), "pk", NOON) == before


@pytest.mark.parametrize("minutes", [1, -4])
def test_a_part_that_is_dated_before_its_side_agreed_holds_it_as_any_other(minutes: int) -> None:
    begun = [*PARTS, *SIGNED, did(4, "pk", "started")]
    given = kinds.Part(measure=ROOT, part=part("AF", action="close"))
    changed = said(9, "af", given, minutes)
    if minutes < 0:  # then the part before it is the last
        assert stands(*begun, changed) == stands(*begun)
        return
    after = stands(*begun, changed)
    assert (after.state, after.agreed) == ("held", None)
    assert rules.interrupts(measure(*begun, changed), "af", NOON) == changed
    assert rules.interrupts(measure(*begun, changed), "pk", NOON) is None


def test_who_agreed_after_it_declined_takes_part_whatever_is_dated_before() -> None:
    begun = [*PARTS, *SIGNED, did(4, "af", "started")]
    for at in (1, 2):
        late = said(1, "pk", kinds.Declined(measure=ROOT), at)
        assert stands(*begun, late) == stands(*begun)
        assert rules.interrupts(measure(*begun, late), "pk", NOON) is None


@pytest.mark.parametrize("by", ["pk", "af"])
@pytest.mark.parametrize("minutes", [0, 6, 9])
def test_what_both_stopped_stays_so_whoever_withdraws_its_word(by: str, minutes: int) -> None:
    begun = [*PARTS, *SIGNED, did(4, "pk", "started"), did(5, "pk", "stopped"), did(6, "af", "stopped")]
    gone = [
        replace(each, withdrawn=NOON + timedelta(minutes=minutes)) if each.party == by and each in begun[-2:] else each
        for each in begun
    ]
    assert stands(*gone).state == "stopped"
    both = [*begun[:-2], *(replace(each, withdrawn=NOON) for each in begun[-2:])]
    assert stands(*both).state == "under-way"


def test_a_hold_is_heard_also_when_clear_is_said_after_it() -> None:
    own = part(clear=True)
    signed = stands(*PARTS, own=own).digest
    agreed = [said(n, party, kinds.Agreed(measure=ROOT, digest=signed)) for n, party in ((2, "pk"), (3, "af"))]
    holds = did(4, "pk", "holds")
    for digest in (signed, "0" * 64):
        steps = [*PARTS, *agreed, holds, did(5, "pk", "clear", digest)]
        assert rules.interrupts(measure(*steps, own=own), "pk", NOON) == holds
        assert stands(*steps, own=own).state == "held"


def test_what_was_agreed_covers_both_parts_and_the_window() -> None:
    other = [said(1, "af", kinds.Part(measure=ROOT, part=part("AF", action="close")))]
    assert len({DIGEST, stands(*other).digest, stands(*PARTS, own=part(action="close")).digest}) == 3
    assert stands().digest == ""


def test_a_hold_or_a_stop_counts_always_and_a_start_only_of_what_was_agreed() -> None:
    assert stands(did(1, "af", "holds")).state == "held"
    assert stands(*PARTS, did(2, "pk", "stopped")).state == "held"
    assert stands(*PARTS, did(2, "pk", "started")).state == "to-agree"
    assert stands(*PARTS, *SIGNED, did(4, "pk", "started", "0" * 64)).state == "agreed"
    assert stands(*PARTS, *SIGNED, did(4, "pk", "holds"), did(5, "pk", "started")).state == "under-way"


def test_a_part_on_ground_of_the_other_side_counts_for_nothing() -> None:
    tasking = said(1, "pk", kinds.Part(measure=ROOT, part=part("AF")))
    assert stands(tasking) == stands()
    assert stands(own=part("AF")).columns[0].part is None
    assert turns(stands(own=part("AF"))) == [("part", "pk"), ("part", "af")]


@pytest.mark.parametrize("step", [*PARTS, *SIGNED, did(4, "af", "started"), did(4, "af", "stopped")])
def test_whatever_one_side_says_the_other_sides_column_is_as_it_was(step: Told) -> None:
    others = [each for each in (*PARTS, *SIGNED) if each.party != step.party]
    before, after = stands(*others), stands(*others, step)
    place = 1 if step.party == "pk" else 0
    one, other = before.columns[place], after.columns[place]
    assert (one.party, one.part, one.given, one.declined) == (other.party, other.part, other.given, other.declined)
    assert other.confirmed == one.confirmed
    assert all(each.party == other.party for each in other.confirmed)


def test_no_body_has_a_field_that_names_a_side_or_takes_free_words() -> None:
    for body in (*get_args(kinds.Body), OwnPart):
        for field in msgspec.structs.fields(body):
            assert field.name not in {"by", "to", "for", "party", "side"}
            assert field.type is not str
    assert "fire" not in get_args(kinds.Action)
    assert get_origin(kinds.Action) is Literal


def test_one_side_declines_and_takes_part_again_by_a_part() -> None:
    declined = said(2, "af", kinds.Declined(measure=ROOT))
    assert (stands(declined).state, turns(stands(declined))) == ("declined", [])
    again = said(3, "af", kinds.Part(measure=ROOT, part=part("AF")))
    assert stands(declined, again).state == "to-agree"


def test_a_measure_that_nobody_began_is_over_with_its_window() -> None:
    assert stands(*PARTS, *SIGNED, now=WINDOW.until).state == "lapsed"
    assert rules.acts(measure(*PARTS, *SIGNED), WINDOW.until, "pk") == ()
    assert stands(*PARTS, *SIGNED, did(4, "pk", "started"), now=WINDOW.until).state == "under-way"


BODIES = st.sampled_from(
    [
        kinds.Part(measure=ROOT, part=part("PK")),
        kinds.Part(measure=ROOT, part=part("AF")),
        kinds.Agreed(measure=ROOT, digest=DIGEST),
        kinds.Agreed(measure=ROOT, digest="0" * 64),
        kinds.Said(measure=ROOT, did="started", digest=DIGEST),
        kinds.Said(measure=ROOT, did="clear", digest=DIGEST),
        kinds.Said(measure=ROOT, did="holds"),
        kinds.Said(measure=ROOT, did="stopped"),
        kinds.Declined(measure=ROOT),
    ]
)


@given(
    st.lists(st.tuples(st.sampled_from(["pk", "af", "obs"]), BODIES, st.integers(-10, 30)), max_size=9),
    st.randoms(use_true_random=False),
)
def test_a_measure_stands_the_same_whatever_order_its_records_came_in(steps: list[Any], chance: Any) -> None:
    made = [*PARTS, *(said(number, party, body, at) for number, (party, body, at) in enumerate(steps, 2))]
    other = list(made)
    chance.shuffle(other)
    one = stands(*made)
    assert one == stands(*other)
    without = stands(*(each for each in made if each.party != "obs"))
    assert one == without
    for each in one.waits:
        assert each.code in rules.acts(measure(*made), NOON, each.party)
    for column in one.columns:
        assert all(each.party == column.party for each in column.confirmed)
    assert rules.acts(measure(*made), NOON, "obs") == ()


# --- floor 6 ----------------------------------------------------------------------------------------------------------

SMALL: list[Shape] = [
    Point(Position(34.0, 71.2), 0),
    Point(Position(34.0, 71.2), 499),
    Corridor((Position(34.0, 71.2), Position(34.1, 71.2)), 100),
    Area((Position(34.0, 71.2), Position(34.001, 71.2), Position(34.001, 71.201))),
]


@pytest.mark.parametrize("shape", SMALL)
def test_no_area_is_so_small_that_it_could_be_aimed_at(shape: Any) -> None:
    for own in (
        OwnPart(action="search", country="PK", area=shape, contact="torkham/duty"),
        OwnPart(action="search", country="PK", area=FIELD, clear=(shape,), contact="torkham/duty"),
    ):
        for body in (kinds.Part(measure=ROOT, part=own), kinds.Proposed(purpose="quiet", window=WINDOW, part=own)):
            with pytest.raises(Refused) as refusal:
                facts.of_measure(body)
            assert refusal.value.code == "floor.6"


@pytest.mark.parametrize("action", get_args(kinds.Action))
def test_where_own_people_are_the_floors_are_told_and_of_no_other_area(action: kinds.Action) -> None:
    """Floor 6: else a measure would say where men stand to whoever proposed that they stand still."""
    own = OwnPart(action=action, country="PK", area=FIELD, contact="torkham/duty")
    told = facts.of_measure(kinds.Part(measure=ROOT, part=own)).places
    people = action in ("search", "return", "stand-still", "escort")
    assert [(each.country, each.metres) for each in told] == ([("PK", 3000)] if people else [])


@pytest.mark.parametrize(
    "body",
    [kinds.Said(measure=ROOT, did="started"), kinds.Said(measure=ROOT, did="stopped", digest=DIGEST)],
)
def test_a_start_says_of_which_agreement_and_a_stop_of_none(body: Any) -> None:
    with pytest.raises(Invalid) as refusal:
        facts.of_measure(body)
    assert refusal.value.code == "liaison.measure-digest"
