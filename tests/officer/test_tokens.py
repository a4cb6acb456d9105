"""Tokens: each opens for its officer what its scope says, and nothing after its end or beyond its officer."""

import hashlib
import os
from datetime import timedelta

import pytest
from sqlalchemy import Connection, select

from amanat.officer import account, tokens
from amanat.officer.may import PERMISSIONS, Actor, permitted
from amanat.officer.tokens import Wanted, reading
from amanat.party.errors import Fault, Invalid, Refused
from amanat.store.tables import TOKEN
from officer.cast import add, kept
from side import START

READ = frozenset(("record.read", "log.read"))
DAY = timedelta(days=1)


def opens(tx: Connection, shown: str, after: timedelta = timedelta()) -> Actor | None:
    try:
        actor, _ = tokens.actor(tx, shown, START + after)
    except Refused as problem:
        assert problem.code == "token.refused"
        return None
    return actor


def test_a_token_acts_for_its_officer_within_its_scope(tx: Connection) -> None:
    khan = add(tx, "khan")
    made, shown = tokens.new(tx, khan, Wanted("feed", READ), os.urandom(32), START)
    assert tokens.actor(tx, shown, START) == (Actor(khan.id, khan.post, khan.roles, READ, "api"), made.id)


def test_a_token_is_shown_once_and_kept_as_its_digest(tx: Connection) -> None:
    secret = os.urandom(32)
    _, shown = tokens.new(tx, add(tx, "khan"), Wanted("feed", READ), secret, START)
    (row,) = tx.execute(select(TOKEN))
    assert row.digest == hashlib.sha256(secret).hexdigest()
    assert shown.split("_", 2)[2] not in str(row)


@pytest.mark.parametrize(
    ("part", "by"),
    [
        ("amanat_1_", "amanat_2_"),
        ("amanat_1_", "amanat_01_"),
        ("amanat_1_", f"amanat_{'9' * 40}_"),
        ("amanat_1_", "amanat_\N{ARABIC-INDIC DIGIT ONE}_"),
        ("amanat_1_", " amanat_1_"),
        ("amanat_1_", ""),
        ("SECRET", "A" * 43),
        ("SECRET", "\N{ARABIC LETTER ALEF}" * 43),
        ("SECRET", ""),
    ],
)
def test_what_is_not_exactly_the_token_opens_nothing(tx: Connection, part: str, by: str) -> None:
    _, shown = tokens.new(tx, add(tx, "khan"), Wanted("feed", READ), os.urandom(32), START)
    assert opens(tx, shown)
    other = shown.replace(shown[9:] if part == "SECRET" else part, by)
    assert opens(tx, other) is None


def test_one_officers_token_is_not_anothers(tx: Connection) -> None:
    """The secret of one under the number of the other opens nothing."""
    _, first = tokens.new(tx, add(tx, "khan"), Wanted("feed", READ), os.urandom(32), START)
    _, second = tokens.new(tx, add(tx, "marjan"), Wanted("feed", READ), os.urandom(32), START)
    assert opens(tx, "_".join([*first.split("_", 2)[:2], second.split("_", 2)[2]])) is None


def test_a_token_is_over_when_its_time_ends(tx: Connection) -> None:
    _, shown = tokens.new(tx, add(tx, "khan"), Wanted("feed", READ, START + DAY), os.urandom(32), START)
    assert opens(tx, shown, DAY - timedelta(seconds=1))
    assert opens(tx, shown, DAY) is None


def test_a_token_is_over_when_it_is_revoked(tx: Connection) -> None:
    made, shown = tokens.new(tx, add(tx, "khan"), Wanted("feed", READ), os.urandom(32), START)
    assert tokens.revoke(tx, made.id, START).revoked == START
    assert tokens.revoke(tx, made.id, START + DAY).revoked == START
    assert opens(tx, shown) is None


def test_a_token_never_outlives_its_officer(tx: Connection) -> None:
    """Not when the officer comes back either: who left may have left it anywhere."""
    khan = add(tx, "khan")
    _, shown = tokens.new(tx, khan, Wanted("feed", READ), os.urandom(32), START)
    account.disable(tx, khan.id, START)
    assert opens(tx, shown) is None
    account.enable(tx, khan.id)
    assert opens(tx, shown) is None


@pytest.mark.parametrize("given", [True, False])
def test_a_token_is_over_when_its_officer_has_another_password(tx: Connection, given: bool) -> None:  # noqa: FBT001
    """Whoever set it, for good, and nobody else's: who knew the old one may have made it."""
    khan = add(tx, "khan")
    _, shown = tokens.new(tx, khan, Wanted("feed", READ), os.urandom(32), START)
    _, other = tokens.new(tx, add(tx, "marjan"), Wanted("feed", READ), os.urandom(32), START)
    account.set_password(tx, khan.id, kept("another few words"), START, given=given)
    assert opens(tx, shown) is None
    assert opens(tx, other)


def test_a_token_ends_by_itself_though_nobody_said_when(tx: Connection) -> None:
    made, shown = tokens.new(tx, add(tx, "khan"), Wanted("feed", READ), os.urandom(32), START)
    assert made.expires == START + 90 * DAY
    assert opens(tx, shown, 90 * DAY - timedelta(seconds=1))
    assert opens(tx, shown, 90 * DAY) is None


def test_a_token_may_last_a_year(tx: Connection) -> None:
    made, _ = tokens.new(tx, add(tx, "khan"), Wanted("feed", READ, START + 366 * DAY), os.urandom(32), START)
    assert made.expires == START + 366 * DAY


def test_a_token_made_for_a_disabled_officer_opens_nothing(tx: Connection) -> None:
    khan = account.disable(tx, add(tx, "khan").id, START)
    _, shown = tokens.new(tx, khan, Wanted("feed", READ), os.urandom(32), START)
    assert opens(tx, shown) is None


def test_a_token_never_outranks_its_officer(tx: Connection) -> None:
    khan = add(tx, "khan", "duty")
    _, shown = tokens.new(tx, khan, Wanted("feed", READ | {"record.send"}), os.urandom(32), START)
    account.assign(tx, khan.id, khan.post, ("observer",))
    actor = opens(tx, shown)
    assert actor is not None
    assert actor.permissions == READ


@pytest.mark.parametrize("beyond", sorted(PERMISSIONS.keys() - (permitted(["duty"]) - {"token.own"})))
def test_a_token_is_never_made_for_what_its_officer_may_not(tx: Connection, beyond: str) -> None:
    with pytest.raises(Refused) as caught:
        tokens.new(tx, add(tx, "khan", "duty"), Wanted("feed", READ | {beyond}), os.urandom(32), START)
    assert caught.value.code == "token.scope"


def test_no_token_makes_tokens_or_accounts_whoever_its_officer_is(tx: Connection) -> None:
    """Else it would make the next one for ever, or set its officer's password and be more than it is."""
    with pytest.raises(Refused):
        tokens.new(
            tx, add(tx, "khan", "administrator"), Wanted("feed", frozenset(("officer.manage",))), os.urandom(32), START
        )
    made, shown = tokens.new(tx, add(tx, "marjan", "duty"), Wanted("feed", READ), os.urandom(32), START)
    tx.execute(TOKEN.update().where(TOKEN.c.id == made.id).values(scope="log.read officer.manage token.own"))
    actor = opens(tx, shown)
    assert actor is not None
    assert actor.permissions == {"log.read"}


def test_reading_is_a_scope_that_changes_nothing_and_names_nobody() -> None:
    assert reading(["duty"]) == {"record.read", "peers.read", "compact.read", "log.read"}
    assert reading(["administrator"]) == {"compact.read"}


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        (Wanted("", READ), "token.name"),
        (Wanted("a\nb", READ), "token.name"),
        (Wanted("x" * 401, READ), "token.name"),
        (Wanted("feed", frozenset()), "token.unscoped"),
        (Wanted("feed", frozenset(("record.raed",))), "token.unscoped"),
        (Wanted("feed", READ, START), "token.past"),
        (Wanted("feed", READ, START + 366 * DAY + timedelta(seconds=1)), "token.long"),
    ],
)
def test_a_token_that_cannot_be_is_not_made(tx: Connection, wanted: Wanted, code: str) -> None:
    with pytest.raises(Invalid) as caught:
        tokens.new(tx, add(tx, "khan"), wanted, os.urandom(32), START)
    assert caught.value.code == code
    assert tokens.tokens(tx) == []


def test_the_last_day_it_was_shown_is_noted_once_a_day(tx: Connection) -> None:
    made, _ = tokens.new(tx, add(tx, "khan"), Wanted("feed", READ), os.urandom(32), START)
    assert made.used is None
    assert [tokens.touch(tx, made.id, START + after) for after in (timedelta(), timedelta(hours=1), DAY)] == [
        True,
        False,
        True,
    ]
    assert tokens.token(tx, made.id).used == (START + DAY).date()


def test_tokens_are_listed_all_or_one_officers_newest_first(tx: Connection) -> None:
    khan, marjan = add(tx, "khan"), add(tx, "marjan")
    made = [tokens.new(tx, each, Wanted("feed", READ), os.urandom(32), START)[0] for each in (khan, marjan, khan)]
    assert tokens.tokens(tx) == made[::-1]
    assert tokens.tokens(tx, khan.id) == [made[2], made[0]]


def test_a_token_that_is_not_there_is_said_to_be_unknown(tx: Connection) -> None:
    with pytest.raises(Invalid) as caught:
        tokens.revoke(tx, 7, START)
    assert caught.value.code == "token.unknown"


def test_a_token_that_anybody_could_guess_is_our_fault(tx: Connection) -> None:
    with pytest.raises(Fault) as caught:
        tokens.new(tx, add(tx, "khan"), Wanted("feed", READ), b"short", START)
    assert caught.value.code == "token.random"
