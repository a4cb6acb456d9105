"""What a side withdraws of a track: it counts for nothing further, and unsays nothing that the other side signed on it."""

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta

import pytest

from amanat.party.errors import Invalid
from amanat.record.record import Record
from amanat.workspaces.liaison.kinds import Named
from amanat.workspaces.liaison.tests.all_cast import ORDNANCE
from amanat.workspaces.liaison.tests.beside_cast import (
    AGAIN,
    NEAR,
    OFFER,
    PLAN,
    Beside,
    address,
    beside,
    next_day,
    page,
    words,
)
from amanat.workspaces.liaison.tracks import acts, counted, kinds, rules
from api.cast import Desk, desk

Served = tuple[Beside, dict[str, Desk]]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with beside(tmp_path_factory.mktemp("withdrawn")) as made, ExitStack() as open_:
        yield made, {party: open_.enter_context(desk(made.side(party))) for party in ("pk", "af")}


@pytest.fixture
def made(served: Served) -> Beside:
    return next_day(served[0])


def offered(made: Beside) -> Record:
    track = made.open("pk", "offered", **OFFER)
    made.carry()
    made.border.clock.forward(minutes=1)
    return track


def taken_back(made: Beside, party: str, record: Record) -> None:
    made.withdraw(party, record)
    made.carry()
    made.border.clock.forward(minutes=1)


def states(made: Beside, track: Record) -> set[str]:
    return {made.stands(party, track).state for party in ("pk", "af", "obs")}


def steps(made: Beside, track: Record) -> set[str]:
    """The steps that were made, which are the same at both sides."""
    mine, theirs = (
        {each.code for row in made.stands(party, track).rows for each in row if each.said} for party in ("pk", "af")
    )
    assert mine == theirs
    return mine


def hand(made: Beside, track: Record) -> Record:
    """Sign a hand-over as a program may that is not ours."""
    now = made.border.clock.at
    again = kinds.Question(alone=True, fears=False, language="ps", post="torkham/duty", at=now - timedelta(minutes=5))
    body = kinds.HandedOver(track=Named(*track.key), count=2, asked=again)
    return made.craft("pk", "liaison.track", body, track)


def test_nobody_is_handed_over_on_an_offer_that_was_withdrawn(made: Beside) -> None:
    """Floor 4: the next watch cannot go on with what the one before took back."""
    track = offered(made)
    taken_back(made, "pk", track)
    assert states(made, track) == {"withdrawn"}
    assert {acts.open_to(made.track(party, track), made.border.clock.at, party) for party in ("pk", "af")} == {()}
    with pytest.raises(Invalid, match="not to be done"):
        made.step("pk", track, "handed", count="2", **AGAIN)
    hand(made, track)
    made.carry()
    assert (states(made, track), steps(made, track)) == ({"withdrawn"}, set())
    assert made.stands("af", track).waits == ()


def test_an_offer_in_a_search_that_was_withdrawn_is_none(made: Beside) -> None:
    track = made.open("af", "missing", adults="2", gone="06:00", near=NEAR)
    made.carry()
    made.border.clock.forward(minutes=1)
    offer = made.step("pk", track, "offered", **OFFER)
    made.carry()
    assert "handed" in acts.open_to(made.track("pk", track), made.border.clock.at, "pk")
    taken_back(made, "pk", offer)
    assert counted.offered(made.track("pk", track)) is counted.offered(made.track("af", track)) is None
    assert "handed" not in acts.open_to(made.track("pk", track), made.border.clock.at, "pk")
    hand(made, track)
    made.carry()
    assert steps(made, track) == {"missing"}


def test_both_sides_are_told_that_it_was_withdrawn_on_its_page_and_in_the_list(served: Served, made: Beside) -> None:
    track = offered(made)
    proposed = made.step("pk", track, "proposed", **PLAN)
    made.carry()
    taken_back(made, "pk", proposed)
    for at in served[1].values():
        history = page(at, address("track", track)).partition('id="track-history"')[2].partition("</ol>")[0]
        assert ["withdrawn" in each.partition("<dl>")[0] for each in history.split("<li ")[1:]] == [False, True]
    taken_back(made, "pk", track)
    for at in served[1].values():
        assert "Withdrawn" in words(at, address("track", track))
        row = page(at, "/liaison/tracks").partition(f'id="pk-{track.key[1]}"')[2].partition("</tr>")[0]
        assert "Withdrawn" in row


def handed_back(made: Beside) -> tuple[Record, list[Record]]:
    """A track in which they were handed over and received, and pk's own words in it."""
    track = offered(made)
    proposed = made.step("pk", track, "proposed", **PLAN)
    made.carry()
    made.border.clock.forward(minutes=1)
    made.step("af", track, "agreed", of=":".join(proposed.key))
    made.carry()
    made.border.clock.forward(minutes=1)
    handed = made.step("pk", track, "handed", count="2", **AGAIN)
    made.carry()
    made.border.clock.forward(minutes=1)
    made.step("af", track, "received", count="2")
    made.carry()
    made.border.clock.forward(minutes=1)
    return track, [handed, proposed, track]


def test_who_withdraws_a_hand_over_unsays_nothing_that_the_other_side_received(made: Beside) -> None:
    track, own = handed_back(made)
    before = steps(made, track)
    assert before == {"offered", "proposed", "agreed", "handed", "received"}
    for each in own:
        taken_back(made, "pk", each)
        assert (states(made, track), steps(made, track)) == ({"done"}, before)


def test_a_word_of_having_received_them_that_came_before_holds_no_offer(made: Beside) -> None:
    track = offered(made)
    made.craft("af", "liaison.track", kinds.Received(track=Named(*track.key), count=2), track)
    made.craft("af", "liaison.track", kinds.Closed(track=Named(*track.key)), track)
    made.border.clock.forward(minutes=1)
    taken_back(made, "pk", track)
    assert states(made, track) == {"withdrawn"}
    made.border.clock.forward(minutes=10)
    hand(made, track)
    made.carry()
    assert states(made, track) == {"withdrawn"}


def test_who_was_handed_over_before_the_offer_was_withdrawn_can_still_be_signed_for(made: Beside) -> None:
    track = offered(made)
    made.step("pk", track, "handed", count="2", **AGAIN)
    made.carry()
    taken_back(made, "pk", track)
    assert states(made, track) == {"withdrawn"}
    assert acts.open_to(made.track("pk", track), made.border.clock.at, "pk") == ()
    made.step("af", track, "received", count="2")
    made.carry()
    assert (states(made, track), steps(made, track)) == ({"done"}, {"offered", "handed", "received"})


def test_what_both_closed_stays_closed_whoever_withdraws_their_word(made: Beside) -> None:
    track = made.open("pk", "livestock", found="yes", species="goats", count="4", near=NEAR)
    made.carry()
    closed = {party: made.step(party, track, "closed") for party in ("pk", "af")}
    made.carry()
    assert states(made, track) == {"closed"}
    taken_back(made, "pk", closed["pk"])
    assert states(made, track) == {"closed"}
    taken_back(made, "af", closed["af"])
    assert states(made, track) == {"open"}, "both took it back"


def test_what_one_side_alone_closed_is_open_again_once_it_withdraws_that(made: Beside) -> None:
    track = made.open("pk", "livestock", found="yes", species="goats", count="4", near=NEAR)
    made.carry()
    closed = made.step("pk", track, "closed")
    assert rules.closing(made.track("pk", track)) == {"pk"}
    taken_back(made, "pk", closed)
    assert rules.closing(made.track("af", track)) == frozenset()


def test_a_passage_or_a_visit_that_was_asked_for_and_withdrawn_waits_for_nobody(made: Beside) -> None:
    passage = made.open("pk", "passage", patients="2", need="at-once", **PLAN)
    made.carry()
    made.border.clock.forward(minutes=1)
    made.step("af", passage, "opens", **PLAN)
    made.carry()
    taken_back(made, "pk", passage)
    assert states(made, passage) == {"withdrawn"}
    assert made.stands("af", passage).waits == ()


@pytest.mark.parametrize("type_", ["missing", "captured"])
def test_who_was_handed_over_is_signed_for_whatever_was_withdrawn_of_it(made: Beside, type_: str) -> None:
    """The only word that holds an offer and a hand-over is there to be said."""
    if type_ == "missing":
        track = made.open("af", "missing", adults="2", gone="06:00", near=NEAR)
    else:
        track = made.open("pk", "captured", well="2", wounded="0", dead="0", contact="torkham/duty")
    made.carry()
    made.border.clock.forward(minutes=1)
    offer = made.step("pk", track, "offered", **OFFER)
    made.border.clock.forward(minutes=1)
    handed = hand(made, track)
    made.carry()
    made.border.clock.forward(minutes=1)
    for each in (offer, handed):
        taken_back(made, "pk", each)
        assert states(made, track) == {"open"}
        assert "received" in acts.open_to(made.track("af", track), made.border.clock.at, "af")
        assert "received" not in acts.open_to(made.track("pk", track), made.border.clock.at, "pk")
    made.step("af", track, "received", count="2")
    made.carry()
    assert states(made, track) == {"done"}
    assert {"offered", "handed", "received"} <= steps(made, track)


def test_what_was_given_back_is_signed_for_though_that_was_withdrawn(made: Beside) -> None:
    track = made.open("pk", "livestock", found="yes", species="goats", count="4", near=NEAR)
    made.carry()
    given = made.craft("pk", "liaison.track", kinds.GivenBack(track=Named(*track.key), count=4), track)
    made.carry()
    for each in (given, track):
        taken_back(made, "pk", each)
        assert "received" in acts.open_to(made.track("af", track), made.border.clock.at, "af")
    made.step("af", track, "received", count="4")
    made.carry()
    assert states(made, track) == {"done"}


@pytest.mark.parametrize("how", ["closed", "withdrawn"])
def test_whose_soil_it_is_says_that_ordnance_is_cleared_whatever_became_of_the_track(made: Beside, how: str) -> None:
    track = made.open("pk", "ordnance", **ORDNANCE)
    made.carry()
    if how == "withdrawn":
        taken_back(made, "pk", track)
    for party in ("pk", "af") if how == "closed" else ():
        made.step(party, track, "closed")
    made.carry()
    made.border.clock.forward(minutes=1)
    assert states(made, track) == {how}
    assert acts.open_to(made.track("pk", track), made.border.clock.at, "pk") == ("cleared",)
    assert acts.open_to(made.track("af", track), made.border.clock.at, "af") == ()
    made.step("pk", track, "cleared")
    made.carry()
    assert "cleared" in steps(made, track)
    assert acts.open_to(made.track("pk", track), made.border.clock.at, "pk") in ((), ("closed",))
