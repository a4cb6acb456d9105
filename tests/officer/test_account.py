"""Accounts: whoever may not come in learns nothing, a guesser gets nowhere, and one administrator is always left."""

from datetime import timedelta

import msgspec
import pytest
from sqlalchemy import Connection, select

from amanat.officer import account, passkey, sessions
from amanat.officer.account import FREE_FAILURES, LONGEST_LOCK, Appointment, lock_after
from amanat.officer.may import Role
from amanat.officer.password import of_nobody
from amanat.party.errors import Invalid, Refused
from amanat.store.tables import OFFICER, PASSKEY, SESSION
from officer.cast import CHEAP, NAME, SPOKEN, add, kept
from side import START

MINUTE = timedelta(minutes=1)


def try_in(tx: Connection, sign_in: str, spoken: str, after: timedelta = timedelta()) -> bool:
    """Whether that password lets somebody in, some time after the start."""
    trial = account.trial(tx, sign_in, of_nobody(CHEAP))
    return account.settle(tx, trial, START + after, right=trial.right(spoken)) is not None


def fail(tx: Connection, times: int, after: timedelta = timedelta()) -> None:
    for _ in range(times):
        assert not try_in(tx, "khan", "wrong wrong wrong", after)


# --- signing in -------------------------------------------------------------------------------------------------------


def test_an_officer_comes_in_by_the_password(tx: Connection) -> None:
    add(tx, "khan")
    assert try_in(tx, "khan", SPOKEN)
    assert not try_in(tx, "khan", SPOKEN.upper())
    assert not try_in(tx, "marjan", SPOKEN)


def test_a_password_is_kept_as_its_hash_alone(tx: Connection) -> None:
    add(tx, "khan")
    (row,) = tx.execute(select(OFFICER))
    assert SPOKEN not in str(row)
    assert row.password.startswith("$argon2id$v=19$m=8192,t=1,p=1$")


def test_a_name_that_nobody_has_is_tried_like_any_other(tx: Connection) -> None:
    """One derivation of the same cost, one answer; not even a password that fitted would let in nobody."""
    trial = account.trial(tx, "marjan", kept(sign_in="marjan"))
    assert not trial.right(SPOKEN)
    assert account.settle(tx, trial, START, right=True) is None


def test_too_many_wrong_passwords_lock_the_account_against_the_right_one_too(tx: Connection) -> None:
    add(tx, "khan")
    fail(tx, FREE_FAILURES)
    assert not try_in(tx, "khan", SPOKEN, MINUTE - timedelta(seconds=1))
    assert try_in(tx, "khan", SPOKEN, MINUTE)


def test_each_wrong_password_after_a_lock_locks_twice_as_long() -> None:
    minutes = [lock_after(failures) // MINUTE for failures in range(FREE_FAILURES, FREE_FAILURES + 8)]
    assert minutes == [1, 2, 4, 8, 15, 15, 15, 15]
    assert lock_after(10**9) == LONGEST_LOCK


def test_a_guesser_gets_about_a_hundred_guesses_a_day(tx: Connection) -> None:
    """However often one asks: what is asked while the account is locked is not even looked at."""
    add(tx, "khan")
    counted = 0
    for minute in range(24 * 60):
        before = tx.execute(select(OFFICER.c.failures)).scalar_one()
        trial = account.trial(tx, "khan", "")
        account.settle(tx, trial, START + minute * MINUTE, right=False)
        counted += tx.execute(select(OFFICER.c.failures)).scalar_one() - before
    assert 90 < counted < 110


def test_the_right_password_forgives_the_wrong_ones_before(tx: Connection) -> None:
    add(tx, "khan")
    fail(tx, FREE_FAILURES - 1)
    assert try_in(tx, "khan", SPOKEN)
    fail(tx, FREE_FAILURES - 1)
    assert try_in(tx, "khan", SPOKEN)


def test_an_administrator_lifts_a_lock(tx: Connection) -> None:
    held = add(tx, "khan")
    fail(tx, FREE_FAILURES)
    assert account.officer(tx, held.id).locked_until == START + MINUTE
    assert account.unlock(tx, held.id).locked_until is None
    assert try_in(tx, "khan", SPOKEN)


def test_an_account_locked_while_the_password_was_tried_lets_nobody_in(tx: Connection) -> None:
    add(tx, "khan")
    trial = account.trial(tx, "khan", of_nobody(CHEAP))
    fail(tx, FREE_FAILURES)
    assert account.settle(tx, trial, START, right=True) is None


def test_a_password_replaced_while_the_old_one_was_tried_lets_nobody_in(tx: Connection) -> None:
    held = add(tx, "khan")
    trial = account.trial(tx, "khan", of_nobody(CHEAP))
    account.set_password(tx, held.id, kept("another few words"), START, given=False)
    assert account.settle(tx, trial, START, right=True) is None


def test_a_new_password_replaces_the_old_one_lifts_a_lock_and_ends_sessions(tx: Connection) -> None:
    held = add(tx, "khan")
    sessions.start(tx, held, bytes(32), START)
    fail(tx, FREE_FAILURES)
    account.set_password(tx, held.id, kept("another few words"), START, given=False)
    assert not try_in(tx, "khan", SPOKEN)
    assert try_in(tx, "khan", "another few words")
    assert tx.execute(select(SESSION)).all() == []


def holds_passkey(tx: Connection, officer: int) -> None:
    """Give an officer a passkey, made by whoever knew the password."""
    made = {"domain": "node.example", "name": "a stranger's", "public_key": b"", "counter": 0}
    tx.execute(PASSKEY.insert(), {"id": "abc", "officer": officer, "created": START.isoformat()} | made)


@pytest.mark.promised(
    "a passkey made with a stolen password",
    "docs/officers.md",
    "Passwords, tokens, sessions",
    "Where somebody else sets it, all passkeys are removed as well",
)
def test_no_passkey_outlives_a_password_that_somebody_else_set(tx: Connection) -> None:
    held = add(tx, "khan")
    holds_passkey(tx, held.id)
    account.set_password(tx, held.id, kept("another few words"), START, given=False)
    assert len(passkey.of(tx, held.id)) == 1, "the page shows them to who changes the own password"
    account.set_password(tx, held.id, kept(), START, given=True)
    assert passkey.of(tx, held.id) == []


def test_no_passkey_outlives_a_password_that_somebody_else_knew(tx: Connection) -> None:
    held = add(tx, "khan")
    account.set_password(tx, held.id, kept(), START, given=True)
    holds_passkey(tx, held.id)
    account.set_password(tx, held.id, kept("another few words"), START, given=False)
    assert passkey.of(tx, held.id) == []


@pytest.mark.promised(
    "a passkey made with a stolen password",
    "docs/officers.md",
    "Passwords, tokens, sessions",
    "and so do disabling the officer",
)
def test_who_was_disabled_is_let_in_again_without_passkeys(tx: Connection) -> None:
    held = add(tx, "khan")
    holds_passkey(tx, held.id)
    account.disable(tx, held.id, START)
    account.enable(tx, held.id)
    assert passkey.of(tx, held.id) == []


# --- who there is -----------------------------------------------------------------------------------------------------


def test_an_officer_is_what_the_administrator_said(tx: Connection) -> None:
    held = add(tx, "khan", "duty", "approver")
    assert account.named(tx, "khan") == account.officer(tx, held.id) == held
    assert (held.name, held.post, held.roles, held.active, held.created) == (
        NAME,
        "torkham/duty",
        ("approver", "duty"),
        True,
        START,
    )
    assert account.officers(tx) == [held]


def test_two_officers_never_share_a_sign_in_name(tx: Connection) -> None:
    account.disable(tx, add(tx, "khan").id, START)
    with pytest.raises(Invalid) as caught:
        add(tx, "khan")
    assert caught.value.code == "officer.taken"


@pytest.mark.parametrize(
    "wrong",
    [
        {"sign_in": "Khan"},
        {"sign_in": "k"},
        {"sign_in": "khan khan"},
        {"sign_in": "khan\n"},
        {"name": ""},
        {"name": "two\nlines"},
        {"name": "x" * 401},
        {"post": "Torkham"},
        {"roles": ("king",)},
    ],
)
def test_an_officer_who_cannot_be_called_or_placed_so_is_refused(tx: Connection, wrong: dict[str, object]) -> None:
    who = msgspec.structs.replace(Appointment("khan", NAME, "torkham/duty", ("duty",)), **wrong)
    with pytest.raises(Invalid) as caught:
        account.add(tx, who, kept(), START)
    assert caught.value.code == "officer.form"


def test_an_officer_has_a_role(tx: Connection) -> None:
    with pytest.raises(Invalid) as caught:
        account.add(tx, Appointment("khan", NAME, "torkham/duty", ()), kept(), START)
    assert caught.value.code == "officer.roles"


def test_roles_that_watch_one_another_are_never_given_to_one(tx: Connection) -> None:
    with pytest.raises(Refused) as caught:
        add(tx, "khan", "administrator", "duty")
    assert caught.value.code == "officer.apart"
    held = add(tx, "khan", "duty")
    with pytest.raises(Refused):
        account.assign(tx, held.id, held.post, ("duty", "auditor"))


@pytest.mark.parametrize("ask", [account.officer, account.unlock, account.enable])
def test_an_officer_who_is_not_there_is_said_to_be_unknown(tx: Connection, ask: object) -> None:
    with pytest.raises(Invalid) as caught:
        ask(tx, 7)  # type: ignore[operator]
    assert caught.value.code == "officer.unknown"


def test_an_officer_moves_to_another_post_with_other_roles(tx: Connection) -> None:
    held = account.assign(tx, add(tx, "khan").id, "spin-boldak", ("analyst",))
    assert (held.post, held.roles) == ("spin-boldak", ("analyst",))


def test_a_disabled_officer_comes_in_no_more_until_enabled(tx: Connection) -> None:
    held = add(tx, "khan")
    assert account.disable(tx, held.id, START).disabled == START
    assert not try_in(tx, "khan", SPOKEN)
    assert account.enable(tx, held.id).disabled is None
    assert try_in(tx, "khan", SPOKEN)


# --- the last administrator -------------------------------------------------------------------------------------------


def test_the_last_administrator_stays(tx: Connection) -> None:
    only = add(tx, "khan", "administrator", "operator")
    with pytest.raises(Refused, match="khan is the last active administrator") as caught:
        account.disable(tx, only.id, START)
    assert caught.value.code == "officer.last-administrator"
    with pytest.raises(Refused, match="khan is the last active administrator"):
        account.assign(tx, only.id, only.post, ("operator",))
    assert account.officer(tx, only.id) == only


@pytest.mark.parametrize("roles", [("administrator",), ("administrator", "operator")])
def test_an_administrator_may_go_when_another_is_there(tx: Connection, roles: tuple[Role, ...]) -> None:
    first, second = add(tx, "khan", "administrator"), add(tx, "marjan", *roles)
    account.disable(tx, first.id, START)
    with pytest.raises(Refused):
        account.disable(tx, second.id, START)
    account.enable(tx, first.id)
    account.assign(tx, second.id, second.post, ("duty",))


def test_a_disabled_administrator_is_none(tx: Connection) -> None:
    first, second = add(tx, "khan", "administrator"), add(tx, "marjan", "administrator")
    account.disable(tx, first.id, START)
    account.disable(tx, first.id, START)
    account.assign(tx, first.id, first.post, ("duty",))
    with pytest.raises(Refused):
        account.disable(tx, second.id, START)
