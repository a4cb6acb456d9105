"""Sessions: they end by themselves, with their officer, and when somebody says so; what is kept opens nothing."""

import os
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Connection, select

from amanat.officer import account, sessions
from amanat.officer.may import PROOF_LASTS, UNTIL_SAFE, Actor, Channel, permitted, require, require_proven
from amanat.officer.sessions import IDLE, LONGEST, NOTED
from amanat.party.errors import Fault, Invalid, Refused
from amanat.store import watches
from amanat.store.tables import OFFICER, SESSION
from amanat.store.watches import LAPSES
from officer.cast import add
from side import START

SECOND = timedelta(seconds=1)


def open_(tx: Connection, cookie: str, after: timedelta = timedelta()) -> bool:
    try:
        sessions.actor(tx, cookie, START + after)
    except Refused as problem:
        assert problem.code == "session.over"
        return False
    return True


def test_a_session_acts_for_its_officer_with_all_that_the_roles_permit_now(tx: Connection) -> None:
    khan = add(tx, "khan", "duty")
    cookie = sessions.start(tx, khan, os.urandom(32), START)
    (session,) = tx.execute(select(SESSION.c.digest)).scalars()
    assert sessions.actor(tx, cookie, START) == Actor(
        khan.id, khan.post, ("duty",), permitted(["duty"]), "console", proven=START, session=session
    )
    account.assign(tx, khan.id, "chaman", ("observer",))
    assert sessions.actor(tx, cookie, START) == Actor(
        khan.id, "chaman", ("observer",), permitted(["observer"]), "console", proven=START, session=session
    )


def test_what_is_kept_of_a_session_opens_nothing(tx: Connection) -> None:
    cookie = sessions.start(tx, add(tx, "khan"), os.urandom(32), START)
    (row,) = tx.execute(select(SESSION))
    assert cookie not in str(row)
    assert not open_(tx, row.digest)


@pytest.mark.parametrize("foreign", ["", "A" * 43, "A" * 44, "\N{ARABIC LETTER ALEF}" * 43, "\0" * 43])
def test_what_is_no_session_opens_nothing(tx: Connection, foreign: str) -> None:
    sessions.start(tx, add(tx, "khan"), os.urandom(32), START)
    assert not open_(tx, foreign)


def test_a_session_ends_when_nobody_does_anything(tx: Connection) -> None:
    cookie = sessions.start(tx, add(tx, "khan"), os.urandom(32), START)
    assert open_(tx, cookie, IDLE - SECOND)
    assert not open_(tx, cookie, IDLE)
    sessions.touch(tx, cookie, START + IDLE - SECOND)
    assert open_(tx, cookie, IDLE)


def test_a_session_ends_however_busy_it_is(tx: Connection) -> None:
    cookie = sessions.start(tx, add(tx, "khan"), os.urandom(32), START)
    for each in range(0, int(LONGEST.total_seconds()), 60):
        sessions.touch(tx, cookie, START + timedelta(seconds=each))
    assert open_(tx, cookie, LONGEST - SECOND)
    assert not open_(tx, cookie, LONGEST)


def test_that_somebody_is_there_is_written_once_a_minute(tx: Connection) -> None:
    cookie = sessions.start(tx, add(tx, "khan"), os.urandom(32), START)
    assert [sessions.touch(tx, cookie, START + after) for after in (SECOND, NOTED - SECOND, NOTED, NOTED + SECOND)] == [
        False,
        False,
        True,
        False,
    ]


def test_a_session_ends_with_its_officer_and_does_not_come_back(tx: Connection) -> None:
    khan = add(tx, "khan")
    cookie = sessions.start(tx, khan, os.urandom(32), START)
    account.disable(tx, khan.id, START)
    assert not open_(tx, cookie)
    account.enable(tx, khan.id)
    assert not open_(tx, cookie)


def test_a_session_that_outlived_its_officers_account_opens_nothing(tx: Connection) -> None:
    """Whoever disabled the officer by hand, in the database, forgot the sessions."""
    khan = add(tx, "khan")
    cookie = sessions.start(tx, khan, os.urandom(32), START)
    tx.execute(OFFICER.update().values(active=False))
    assert not open_(tx, cookie)


def test_signing_out_ends_that_session_and_no_other(tx: Connection) -> None:
    khan = add(tx, "khan")
    one, other = (sessions.start(tx, khan, os.urandom(32), START) for _ in range(2))
    sessions.end(tx, one)
    sessions.end(tx, one)
    assert (open_(tx, one), open_(tx, other)) == (False, True)


def test_sessions_that_are_over_are_swept_out_by_the_next_sign_in(tx: Connection) -> None:
    khan = add(tx, "khan")
    sessions.start(tx, khan, os.urandom(32), START)
    sessions.start(tx, khan, os.urandom(32), START + IDLE)
    assert len(tx.execute(select(SESSION)).all()) == 1


def test_a_session_that_anybody_could_guess_is_our_fault(tx: Connection) -> None:
    with pytest.raises(Fault) as caught:
        sessions.start(tx, add(tx, "khan"), b"short", START)
    assert caught.value.code == "session.random"


# --- one's own, seen and ended ----------------------------------------------------------------------------------------


def test_an_officer_is_shown_the_sessions_that_are_open_and_what_opens_none_of_them(tx: Connection) -> None:
    khan, other = add(tx, "khan"), add(tx, "gul")
    first = sessions.start(tx, khan, os.urandom(32), START)
    sessions.touch(tx, first, START + NOTED)
    begun = sessions.Begun("one-click", "Firefox, Linux", "192.0.2.7")
    second = sessions.start(tx, khan, os.urandom(32), START + SECOND, begun)
    sessions.start(tx, other, os.urandom(32), START)
    found = sessions.of(tx, khan.id, START + NOTED)
    assert [
        (each.id, sessions.Begun(each.began_by, each.browser, each.address), each.created, each.seen) for each in found
    ] == [
        (sessions.id_of(second), begun, START + SECOND, START + SECOND),
        (sessions.id_of(first), sessions.Begun(), START, START + NOTED),
    ]
    assert not any(open_(tx, each.id) for each in found)
    assert [each.id for each in sessions.of(tx, khan.id, START + IDLE + SECOND)] == [sessions.id_of(first)]


def test_a_session_is_ended_by_its_own_officer_alone(tx: Connection) -> None:
    khan, gul = add(tx, "khan"), add(tx, "gul")
    cookie = sessions.start(tx, khan, os.urandom(32), START)
    for officer, id_ in ((gul.id, sessions.id_of(cookie)), (khan.id, ""), (khan.id, sessions.id_of(cookie)[:8])):
        with pytest.raises(Invalid) as caught:
            sessions.end_one(tx, officer, id_)
        assert caught.value.code == "session.unknown"
    assert open_(tx, cookie)
    sessions.end_one(tx, khan.id, sessions.id_of(cookie))
    assert not open_(tx, cookie)


def test_all_others_end_and_this_one_goes_on(tx: Connection) -> None:
    khan, gul = add(tx, "khan"), add(tx, "gul")
    this, *others = (sessions.start(tx, khan, os.urandom(32), START) for _ in range(3))
    hers = sessions.start(tx, gul, os.urandom(32), START)
    assert len(sessions.end_all(tx, khan.id, but=this)) == 2
    assert [open_(tx, each) for each in (this, *others, hers)] == [True, False, False, True]
    assert sessions.end_all(tx, khan.id) == [sessions.id_of(this)]


# --- who sits at it ---------------------------------------------------------------------------------------------------


def test_who_signed_in_is_believed_for_five_minutes_and_then_asked_once_more(tx: Connection) -> None:
    cookie = sessions.start(tx, add(tx, "khan"), os.urandom(32), START)

    def proven(after: timedelta) -> bool:
        try:
            require_proven(sessions.actor(tx, cookie, START + after), START + after)
        except Refused as problem:
            assert problem.code == "session.proof"
            return False
        return True

    assert [proven(PROOF_LASTS - SECOND), proven(PROOF_LASTS)] == [True, False]
    sessions.prove(tx, sessions.actor(tx, cookie, START).session, START + PROOF_LASTS)
    assert [proven(PROOF_LASTS), proven(2 * PROOF_LASTS)] == [True, False]


def test_a_session_of_before_that_was_noted_is_asked(tx: Connection) -> None:
    cookie = sessions.start(tx, add(tx, "khan"), os.urandom(32), START)
    tx.execute(SESSION.update().values(proven=None))
    with pytest.raises(Refused):
        require_proven(sessions.actor(tx, cookie, START), START)


@pytest.mark.parametrize("channel", ["api", "cli"])
def test_a_program_and_the_machine_are_not_asked(channel: Channel) -> None:
    require_proven(Actor(1, "torkham/duty", ("duty",), permitted(["duty"]), channel), START)


# --- on watch ---------------------------------------------------------------------------------------------------------

HOURS = timedelta(hours=1)


def on_watch(tx: Connection, officer: account.Officer, hours: int = 8) -> watches.Watch:
    """The watch of the officer's post, taken when it begins."""
    planned = watches.add(tx, officer.post, officer.id, START, START + hours * HOURS)
    watches.put(tx, replace(planned, taken=START))
    return planned


def lacks(tx: Connection, cookie: str, after: timedelta) -> str | None:
    """What a session lacks; None once it is over."""
    return sessions.actor(tx, cookie, START + after).lacks if open_(tx, cookie, after) else None


def test_a_session_on_watch_rests_when_nobody_does_anything_and_may_next_to_nothing(tx: Connection) -> None:
    khan = add(tx, "khan")
    on_watch(tx, khan)
    cookie = sessions.start(tx, khan, os.urandom(32), START)
    assert (lacks(tx, cookie, IDLE - SECOND), lacks(tx, cookie, IDLE)) == ("", "rest")
    rests = sessions.actor(tx, cookie, START + IDLE)
    assert rests.permissions == UNTIL_SAFE["rest"] == {"compact.read", "password.own"}
    for permission in permitted(["duty"]) - rests.permissions:
        with pytest.raises(Refused) as caught:
            require(rests, permission)
        assert caught.value.code == "session.rests"


def test_a_session_that_rests_is_woken_by_who_says_who_it_is_and_by_nothing_else(tx: Connection) -> None:
    khan = add(tx, "khan")
    on_watch(tx, khan)
    cookie = sessions.start(tx, khan, os.urandom(32), START)
    assert not sessions.asks(tx, cookie, START + IDLE)[1]
    assert not sessions.touch(tx, cookie, START + IDLE)
    assert lacks(tx, cookie, IDLE) == "rest"
    sessions.prove(tx, sessions.actor(tx, cookie, START + IDLE).session, START + IDLE)
    assert lacks(tx, cookie, IDLE + SECOND) == ""
    assert sessions.actor(tx, cookie, START + IDLE).proven == START + IDLE


def test_a_session_rests_no_longer_than_an_hour_after_the_watch(tx: Connection) -> None:
    khan = add(tx, "khan")
    on_watch(tx, khan, hours=8)
    cookie = sessions.start(tx, khan, os.urandom(32), START)
    over = 8 * HOURS + LAPSES
    assert (lacks(tx, cookie, over - SECOND), lacks(tx, cookie, over)) == ("rest", None)


def test_a_session_rests_no_longer_than_any_session_lasts(tx: Connection) -> None:
    khan = add(tx, "khan")
    on_watch(tx, khan, hours=24)
    cookie = sessions.start(tx, khan, os.urandom(32), START)
    assert (lacks(tx, cookie, LONGEST - SECOND), lacks(tx, cookie, LONGEST)) == ("rest", None)


def test_an_idle_session_ends_with_the_watch_and_rests_for_no_other_officer(tx: Connection) -> None:
    khan, gul = add(tx, "khan"), add(tx, "gul")
    kept = on_watch(tx, khan)
    his, hers = (sessions.start(tx, each, os.urandom(32), START) for each in (khan, gul))
    assert (lacks(tx, his, IDLE), lacks(tx, hers, IDLE)) == ("rest", None)
    watches.put(tx, replace(kept, taken=START, given=START + SECOND))
    assert lacks(tx, his, IDLE) is None


def test_who_was_moved_to_another_post_has_no_watch_to_rest_by(tx: Connection) -> None:
    khan = add(tx, "khan")
    on_watch(tx, khan)
    cookie = sessions.start(tx, khan, os.urandom(32), START)
    account.assign(tx, khan.id, "chaman", ("duty",))
    assert lacks(tx, cookie, IDLE) is None


def test_a_session_that_rests_and_lacks_what_makes_it_safe_is_over(tx: Connection) -> None:
    khan = add(tx, "khan")
    on_watch(tx, khan)
    cookie = sessions.start(tx, khan, os.urandom(32), START)
    tx.execute(OFFICER.update().values(password_given=True))
    assert (lacks(tx, cookie, IDLE - SECOND), lacks(tx, cookie, IDLE)) == ("password", None)


def test_a_session_that_rests_is_listed_and_no_sign_in_sweeps_it_out(tx: Connection) -> None:
    khan, gul = add(tx, "khan"), add(tx, "gul")
    on_watch(tx, khan)
    cookie = sessions.start(tx, khan, os.urandom(32), START)
    sessions.start(tx, gul, os.urandom(32), START + IDLE)
    assert [each.id for each in sessions.of(tx, khan.id, START + IDLE)] == [sessions.id_of(cookie)]
    sessions.start(tx, gul, os.urandom(32), START + LONGEST)
    assert sessions.of(tx, khan.id, START + LONGEST - SECOND) == []
