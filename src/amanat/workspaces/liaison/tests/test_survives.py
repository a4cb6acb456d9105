"""What a hotline outlives, and what it may not do: a suspended compact and a lost link stop it not, the floors do."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from amanat.exchange.means import look
from amanat.officer.may import Actor, permitted
from amanat.party.errors import Refused
from amanat.record.record import Record
from amanat.workspaces.liaison import facts, ringing, rules
from amanat.workspaces.liaison.kinds import Named, Phrase, Said, Spot
from amanat.workspaces.liaison.tests.lines import DUTY, PLACE, Hotline, hotline, of

CALL = Named("pk", "01936e1a-7a00-7000-8000-000000000001")


@pytest.fixture
def line(tmp_path: Path) -> Iterator[Hotline]:
    with hotline(tmp_path) as made:
        yield made


def test_the_hotline_survives_the_suspension_of_all_else(line: Hotline) -> None:
    line.border.af.act("suspend", 1)
    line.border.settle()
    with pytest.raises(Refused, match="only warnings of a danger to life"):
        line.border.pk.send("af")
    call = line.ring("pk")
    line.carry()
    line.say("af", call, "talk.received")
    line.carry()
    assert rules.state(line.facts("pk", call), line.border.clock()) == "answered"


def test_what_is_carried_by_stick_and_comes_late_and_twice_is_in_order_with_its_own_times(line: Hotline) -> None:
    call = line.ring("pk")
    line.carry()
    asked = line.say("pk", call, "works.explain", PLACE, "trench")
    stick = line.border.bundle("pk", "af")
    line.border.clock.forward(hours=1)
    line.say("pk", call, "talk.thanks")
    later = line.border.bundle("pk", "af")
    line.border.insert("af", later)
    line.border.insert("af", stick)
    line.border.insert("af", later)
    said = rules.in_order(line.facts("af", call).uttered)
    assert said[0].key.id == asked.fields.id
    assert [(each.n, each.at) for each in said] == [
        (1, asked.fields.at),
        (2, asked.fields.at.replace(hour=asked.fields.at.hour + 1)),
    ]


def wounded(line: Hotline, call: Record, place: str, country: str) -> None:
    """Say from pk where wounded persons are."""
    line.do("pk", "say", **of(call), phrase="medical.wounded", slot0=place, country0=country, slot1="3")


def test_where_persons_are_is_told_exactly_to_nobody_but_who_administers_the_place(line: Hotline) -> None:
    call = line.ring("pk")
    line.carry()
    with pytest.raises(Refused, match="does not administer it"):
        wounded(line, call, "33.9012, 70.1034", "PK")
    wounded(line, call, "33.9012, 70.1034", "AF")
    wounded(line, call, "34, 70 ±20 km", "PK")


@pytest.mark.parametrize(
    ("spot", "metres"),
    [
        (Spot(33.90123, 70.10345, 100_000, "PK"), 2),
        (Spot(34.0, 70.0, 100_000, "PK"), 100_000),
        (Spot(34.0, 70.0, 100_000, "PK", "place.torkham-pk"), 0),
    ],
    ids=["digits tell more than what is said beside them", "vague", "a name tells where it is"],
)
def test_a_place_of_persons_is_as_exact_as_its_digits(spot: Spot, metres: float) -> None:
    said = Said("medical.wounded", {"count": 3, "place": spot})
    (place,) = facts.of_message(Phrase(call=CALL, n=1, said=said)).places
    assert place.country == "PK"
    assert place.metres <= metres


def test_what_is_said_in_a_call_expires_no_later_than_the_call(line: Hotline) -> None:
    """Else what answers the other side's call would be handled less strictly than that (floor 8)."""
    call = line.ring("pk")
    line.carry()
    line.border.clock.forward(hours=5)
    said = line.say("af", call, "talk.received")
    assert said.fields.handling.expires == call.fields.handling.expires


def test_free_words_count_as_naming_a_person(line: Hotline) -> None:
    call = line.ring("pk")
    text = line.write("pk", call, "Somebody may be meant.")
    assert text.facts.person == facts.UNREAD


def test_nothing_is_said_by_a_post_that_does_not_stand_on_the_hotline(line: Hotline) -> None:
    with pytest.raises(Refused, match="not one of those that stand on this hotline"):
        line.do("pk", "ring", at="peshawar/desk", hotline="kurram", urgency="flash")


def test_what_is_said_in_an_open_call_sounds_where_it_cannot_wait(line: Hotline) -> None:
    call = line.ring("pk", urgency="routine")
    line.carry()
    line.do("af", "open", **of(call))
    line.carry()
    assert rung(line, "af") == []
    line.say("pk", call, "talk.received")
    line.carry()
    assert rung(line, "af") == [("liaison.said", False, "routine")]
    line.say("pk", call, "fire.still", PLACE)
    line.carry()
    assert rung(line, "af") == [("liaison.said", True, "flash")]


def rung(line: Hotline, party: str) -> list[tuple[str, bool, str]]:
    """What rings for a duty officer: by which words, whether it sounds, and how urgent it is."""
    officer = Actor(1, DUTY, ("duty",), permitted(["duty"]), "console")
    with look(line.side(party).means) as turn:
        return [(each.title, each.urgent, each.urgency) for each in ringing.rings(turn, officer)]
