"""The watch of a post: planned, taken, handed over and signed by both; one at most, whatever the order of acts."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update

from amanat.exchange import watches
from amanat.exchange.acting import acting
from amanat.exchange.means import Turn, begin, look
from amanat.exchange.watches import EARLY, LONGEST_PLANNED, MAX_MATTERS, MAX_NOTES, UNPLANNED
from amanat.officer import account, audit
from amanat.officer.audit import Search
from amanat.officer.may import MACHINE, NEVER_BY_TOKEN, Actor, Role, permitted
from amanat.party.errors import Invalid, Refused
from amanat.store import watches as kept
from amanat.store.tables import WATCH
from amanat.store.watches import KEPT, LAPSES, Watch
from officer.cast import acting_as, add, at, know_itself
from side import Clock, Side, side

POST = "torkham/duty"
HOUR = timedelta(hours=1)
RECORD = "af:01940000-0000-7000-8000-000000000001"
NOTES = "The gate is shut since noon.\nThe driver waits."


@pytest.fixture
def clock() -> Clock:
    """What time it is here."""
    return Clock()


@pytest.fixture
def pk(tmp_path: Path, clock: Clock) -> Iterator[Side]:
    """A party alone: watches are nobody else's affair."""
    alone = side("pk", tmp_path, clock)
    know_itself(alone)
    yield alone
    alone.means.engine.dispose()


def officer(pk: Side, name: str, role: Role = "duty", post: str = POST) -> Actor:
    with begin(pk.means) as turn:
        return acting_as(add(turn.tx, name, role, post=post))


@pytest.fixture
def khan(pk: Side) -> Actor:
    """The officer who has the watch first."""
    return officer(pk, "khan")


@pytest.fixture
def gul(pk: Side) -> Actor:
    """The officer of the same post who is next."""
    return officer(pk, "gul")


def planned(pk: Side, by: Actor, whose: Actor, begins: timedelta = timedelta(0), lasts: timedelta = 8 * HOUR) -> Watch:
    """A watch of the officer's post, from so long from now."""
    with acting(pk.means, by, "watch.plan") as act:
        since = act.turn.now + begins
        made = watches.plan(act.turn, by, whose.post, whose.officer, (since, since + lasts))
        act.on(watches.subject(made))
        return made


def take(pk: Side, actor: Actor, over: int | None = None) -> Watch:
    with acting(pk.means, actor, "watch.take") as act:
        began = watches.take(act.turn, actor, over)
        act.on(watches.subject(began))
        return began


def hand_over(pk: Side, actor: Actor, notes: str = NOTES, matters: tuple[str, ...] = ()) -> Watch:
    with acting(pk.means, actor, "watch.give") as act:
        offered = watches.hand_over(act.turn, actor, notes, matters)
        act.on(watches.subject(offered))
        return offered


def accept(pk: Side, actor: Actor, offered: Watch) -> tuple[Watch, Watch]:
    with acting(pk.means, actor, "watch.take") as act:
        given, began = watches.accept(act.turn, actor, offered.number, watches.digest(offered))
        act.on(watches.subject(given), watches.subject(began))
        return given, began


def cancel(pk: Side, actor: Actor, number: int) -> Watch:
    with acting(pk.means, actor, "watch.plan", f"watch:{number}") as act:
        return watches.cancel(act.turn, actor, number)


def held(pk: Side) -> Watch | None:
    with look(pk.means) as turn:
        return kept.held(turn.tx, POST, turn.now)


def refused(code: str) -> Any:
    """What is expected to be refused, by that code."""
    return pytest.raises((Invalid, Refused), check=lambda problem: problem.code == code)


# --- the roster -------------------------------------------------------------------------------------------------------


def test_a_watch_is_planned_by_its_own_post_and_by_approvers_and_nobody_else(pk: Side, khan: Actor) -> None:
    assert planned(pk, khan, khan).officer == khan.officer
    planned(pk, officer(pk, "chief", "approver", "chief"), khan, 8 * HOUR)
    with refused("watch.elsewhere"):
        planned(pk, officer(pk, "far", post="chaman/duty"), khan, 16 * HOUR)
    with refused("officer.forbidden"):
        planned(pk, officer(pk, "reader", "analyst"), khan, 16 * HOUR)
    with refused("watch.elsewhere"), begin(pk.means) as turn:
        watches.plan(turn, MACHINE, POST, khan.officer, (turn.now, turn.now + HOUR))


@pytest.mark.parametrize(
    ("begins", "lasts"),
    [
        (HOUR, timedelta(0)),
        (HOUR, -HOUR),
        (HOUR, LONGEST_PLANNED + timedelta(seconds=1)),
        (-8 * HOUR, 8 * HOUR),
    ],
    ids=["no time", "backwards", "too long", "over already"],
)
def test_a_watch_ends_after_it_begins_within_a_day_and_is_not_over(
    pk: Side, khan: Actor, begins: timedelta, lasts: timedelta
) -> None:
    with refused("watch.span"):
        planned(pk, khan, khan, begins, lasts)


def test_no_two_watches_are_planned_at_once_and_one_that_ended_early_keeps_none_away(
    pk: Side, khan: Actor, gul: Actor
) -> None:
    first = planned(pk, khan, khan)
    with refused("watch.overlap"):
        planned(pk, khan, gul, 7 * HOUR)
    planned(pk, khan, gul, 8 * HOUR)
    cancel(pk, khan, first.number)
    planned(pk, khan, gul, HOUR, HOUR)
    take(pk, khan)
    planned(pk, khan, gul, 2 * HOUR, HOUR)


def test_a_watch_is_planned_for_a_duty_officer_of_the_post_who_may_sign_in(pk: Side, khan: Actor, gul: Actor) -> None:
    far, reader = officer(pk, "far", post="chaman/duty"), officer(pk, "reader", "analyst")
    with begin(pk.means) as turn:
        account.disable(turn.tx, gul.officer, turn.now)
    for whose in (at(far, POST), reader, gul):
        with refused("watch.officer"):
            planned(pk, khan, whose)


def test_what_is_planned_is_cancelled_until_somebody_took_it(pk: Side, khan: Actor) -> None:
    one, other = planned(pk, khan, khan), planned(pk, khan, khan, 8 * HOUR)
    take(pk, khan)
    cancel(pk, khan, other.number)
    for number, code in ((one.number, "watch.begun"), (other.number, "watch.begun"), (99, "watch.unknown")):
        with refused(code):
            cancel(pk, khan, number)
    with look(pk.means) as turn:
        assert [each.number for each in kept.roster(turn.tx, POST, turn.now, turn.now + 24 * HOUR)] == [one.number]


def test_posts_with_watches_are_those_where_a_duty_officer_works_or_somebody_has_the_watch(
    pk: Side, khan: Actor, gul: Actor
) -> None:
    far = officer(pk, "far", post="chaman/duty")
    officer(pk, "chief", "approver", "chief")
    take(pk, far)
    with begin(pk.means) as turn:
        account.disable(turn.tx, far.officer, turn.now)
        assert watches.posts(turn) == ("chaman/duty", POST)
        assert [each.id for each in watches.may_stand(turn, POST)] == [gul.officer, khan.officer]


# --- taken ------------------------------------------------------------------------------------------------------------


def test_the_planned_watch_is_taken_an_hour_before_at_the_earliest(
    pk: Side, clock: Clock, khan: Actor, gul: Actor
) -> None:
    theirs, mine = planned(pk, khan, gul, lasts=EARLY), planned(pk, khan, khan, EARLY)
    clock.forward(seconds=1)
    assert take(pk, khan).number == mine.number
    assert (mine.number, theirs.taken) == (mine.number, None)


def test_a_watch_that_nobody_planned_lasts_as_long_as_a_session(pk: Side, khan: Actor) -> None:
    far_off = planned(pk, khan, khan, EARLY)
    began = take(pk, khan)
    assert began.number != far_off.number
    assert (began.begins, began.ends - began.begins, began.taken) == (began.taken, UNPLANNED, began.begins)


def test_nobody_takes_what_one_has_or_what_is_another_posts(pk: Side, khan: Actor) -> None:
    take(pk, khan)
    with refused("watch.own"):
        take(pk, khan)
    with refused("watch.duty"):
        take(pk, at(khan, "chaman/duty"))
    with refused("watch.duty"), begin(pk.means) as turn:
        watches.take(turn, MACHINE)


def test_who_takes_over_without_a_hand_over_says_so_and_it_stays_visible(pk: Side, khan: Actor, gul: Actor) -> None:
    his = take(pk, khan)
    for over in (None, his.number + 1):
        with refused("watch.held"):
            take(pk, gul, over)
    hers = take(pk, gul, his.number)
    with look(pk.means) as turn:
        before = kept.watch(turn.tx, his.number)
        assert before is not None
        assert (before.unannounced, before.next, held(pk)) == (True, hers.number, hers)
        assert watches.signatures(turn, before) == ()


def test_a_watch_that_lapsed_is_nobodys_and_taking_it_needs_no_word(
    pk: Side, clock: Clock, khan: Actor, gul: Actor
) -> None:
    planned(pk, khan, khan, lasts=HOUR)
    his = take(pk, khan)
    clock.forward(seconds=int((HOUR + LAPSES).total_seconds()))
    assert held(pk) is None
    hers = take(pk, gul)
    with look(pk.means) as turn:
        assert kept.watch(turn.tx, his.number) == replace(his, given=hers.taken, next=hers.number)


# --- handed over ------------------------------------------------------------------------------------------------------


def test_what_is_handed_over_is_signed_by_both_watches(pk: Side, clock: Clock, khan: Actor, gul: Actor) -> None:
    take(pk, khan)
    planned(pk, khan, gul, HOUR)
    offered = hand_over(pk, khan, NOTES.replace("\n", "\r\n"), (RECORD,))
    assert (held(pk), offered.notes, offered.matters) == (offered, NOTES, (RECORD,))
    clock.forward(seconds=60)
    given, began = accept(pk, gul, offered)
    assert (given.given, given.next, given.unannounced) == (began.taken, began.number, False)
    assert held(pk) == began
    with look(pk.means) as turn:
        signed = watches.signatures(turn, given)
    assert [(each.act, each.officer, each.subject) for each in signed] == [
        ("watch.give", khan.officer, f"watch:{given.number}:{watches.digest(given)}"),
        ("watch.take", gul.officer, f"watch:{given.number}:{watches.digest(given)}"),
    ]


def test_notes_that_were_altered_afterwards_are_signed_by_nobody(pk: Side, khan: Actor, gul: Actor) -> None:
    take(pk, khan)
    given, _ = accept(pk, gul, hand_over(pk, khan))
    with begin(pk.means) as turn:
        turn.tx.execute(update(WATCH).where(WATCH.c.number == given.number).values(notes="The gate is open."))
        altered = kept.watch(turn.tx, given.number)
        assert altered is not None
        assert watches.signatures(turn, altered) == ()


def test_the_digest_of_short_notes_cannot_be_guessed(pk: Side, khan: Actor) -> None:
    take(pk, khan)
    assert watches.digest(hand_over(pk, khan, "")) != watches.digest(hand_over(pk, khan, ""))


def test_what_was_written_anew_is_read_anew(pk: Side, khan: Actor, gul: Actor) -> None:
    take(pk, khan)
    before = hand_over(pk, khan)
    after = hand_over(pk, khan, "The gate is open.")
    with refused("watch.changed"):
        accept(pk, gul, before)
    accept(pk, gul, after)
    with refused("watch.changed"):
        accept(pk, officer(pk, "third"), after)


def test_what_waits_to_be_read_is_not_passed_over(pk: Side, clock: Clock, khan: Actor, gul: Actor) -> None:
    his = take(pk, khan)
    hand_over(pk, khan)
    with refused("watch.offered"):
        take(pk, gul, his.number)
    clock.forward(seconds=int((UNPLANNED + LAPSES).total_seconds()))
    with refused("watch.offered"):
        take(pk, gul)


def test_a_watch_is_accepted_by_another_officer_of_the_same_post_and_once_it_is_offered(
    pk: Side, khan: Actor, gul: Actor
) -> None:
    his = take(pk, khan)
    with refused("watch.changed"):
        accept(pk, gul, his)
    offered = hand_over(pk, khan)
    for other in (khan, officer(pk, "far", post="chaman/duty")):
        with refused("watch.next"):
            accept(pk, other, offered)
    with refused("watch.unknown"):
        accept(pk, gul, replace(offered, number=99))


def test_only_who_has_the_watch_hands_it_over(pk: Side, khan: Actor, gul: Actor) -> None:
    for taken in (False, True):
        if taken:
            take(pk, khan)
        with refused("watch.none"):
            hand_over(pk, gul)


@pytest.mark.parametrize("notes", ["x" * (MAX_NOTES + 1), "the \N{RIGHT-TO-LEFT OVERRIDE}gate", "\0"])
def test_notes_are_plain_text_of_a_bounded_length(pk: Side, khan: Actor, notes: str) -> None:
    take(pk, khan)
    with refused("watch.notes"):
        hand_over(pk, khan, notes)


@pytest.mark.parametrize("matters", [("af",), ("af:none",), ("AF:" + RECORD[3:],), ("",), None])
def test_open_matters_are_records_and_not_too_many(pk: Side, khan: Actor, matters: tuple[str, ...] | None) -> None:
    take(pk, khan)
    many = tuple(f"{RECORD[:-4]}{number:04}" for number in range(MAX_MATTERS + 1))
    with refused("watch.matters"):
        hand_over(pk, khan, matters=many if matters is None else matters)
    assert len(hand_over(pk, khan, matters=(*many[:-1], many[0])).matters) == MAX_MATTERS


# --- what is noted, and when it is gone -------------------------------------------------------------------------------


def test_every_act_has_its_row_also_one_that_was_refused(pk: Side, khan: Actor, gul: Actor) -> None:
    mine = planned(pk, khan, khan)
    take(pk, khan)
    with suppress(Refused):
        take(pk, gul)
    with look(pk.means) as turn:
        rows = audit.search(turn.tx, Search())[::-1]
    assert [(each.act, each.subject, each.outcome) for each in rows] == [
        ("watch.plan", f"watch:{mine.number}", "done"),
        ("watch.take", f"watch:{mine.number}", "done"),
        ("watch.take", "", "refused"),
    ]


def test_no_program_takes_a_watch_or_hands_one_over() -> None:
    assert "watch.stand" in NEVER_BY_TOKEN
    assert "watch.stand" not in permitted(["approver", "analyst", "operator", "administrator", "observer", "auditor"])


def test_notes_are_destroyed_with_their_watch(pk: Side, clock: Clock, khan: Actor) -> None:
    his = take(pk, khan)
    hand_over(pk, khan)
    clock.forward(seconds=int((his.ends - his.begins + KEPT).total_seconds()))
    with begin(pk.means) as turn:
        assert (watches.forget(turn), watches.forget(turn)) == (1, 0)
        assert turn.tx.execute(select(WATCH)).all() == []


# --- whatever the order -----------------------------------------------------------------------------------------------

OFFICERS = st.integers(0, 2)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("plan"), OFFICERS, st.integers(0, 20)),
        st.tuples(st.just("take"), OFFICERS, st.booleans()),
        st.tuples(st.just("give"), OFFICERS, st.just(0)),
        st.tuples(st.just("accept"), OFFICERS, st.booleans()),
        st.tuples(st.just("cancel"), OFFICERS, st.integers(1, 6)),
        st.tuples(st.just("wait"), OFFICERS, st.integers(1, 14)),
    ),
    max_size=25,
)


class Undone(Exception):
    """Leaves nothing of what hypothesis tried."""


@given(steps=STEPS)
@settings(max_examples=settings().max_examples // 3)
def test_one_watch_at_most_is_held_whatever_the_order_of_acts(walked: tuple[Side, list[Actor]], steps: Any) -> None:
    """And each that ended names the one that followed, so that none is lost without a word."""
    pk, officers = walked
    with suppress(Undone), begin(pk.means) as first:
        turn = first
        for what, who, how in steps:
            with suppress(Invalid, Refused), turn.tx.begin_nested():
                turn = step(turn, officers[who], what, how)
            rows = [kept.watch(turn.tx, number) for number in turn.tx.execute(select(WATCH.c.number)).scalars()]
            open_ = [each for each in rows if each and each.open]
            assert len(open_) <= 1
            assert kept.left_open(turn.tx, POST) == (open_[0] if open_ else None)
            given_ = [each.next for each in rows if each and each.given]
            taken = {each.number for each in rows if each and each.taken}
            assert len(given_) == len(set(given_))
            assert set(given_) <= taken
            assert len(taken) - len(given_) == len(open_)
        raise Undone


@pytest.fixture(scope="module")
def walked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Side, list[Actor]]]:
    """A party and three officers of one post."""
    alone = side("pk", tmp_path_factory.mktemp("walked"), Clock())
    know_itself(alone)
    yield alone, [officer(alone, name) for name in ("khan", "gul", "shah")]
    alone.means.engine.dispose()


def step(turn: Turn, actor: Actor, what: str, how: int) -> Turn:
    """Do one act, or let hours go by."""
    before = kept.left_open(turn.tx, POST)
    match what:
        case "plan":
            since = turn.now + how * HOUR
            watches.plan(turn, actor, POST, actor.officer, (since, since + 8 * HOUR))
        case "take":
            watches.take(turn, actor, before.number if before and how else None)
        case "give":
            watches.hand_over(turn, actor, NOTES)
        case "accept" if before is not None:
            watches.accept(turn, actor, before.number, watches.digest(before) if how else "0" * 64)
        case "cancel":
            watches.cancel(turn, actor, how)
        case "wait":
            return replace(turn, now=turn.now + how * HOUR)
        case _:  # nothing is there to be accepted
            pass
    return turn
