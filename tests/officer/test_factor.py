"""The second factor: its codes are RFC 6238's, each is good once, and what is kept of it opens nothing by itself."""

import os
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Connection, select

from amanat.exchange import journal
from amanat.exchange.acting import change_password, prove_by_code, sign_in
from amanat.exchange.means import begin
from amanat.officer import account, audit, factor, sessions
from amanat.officer.account import Appointment, Officer
from amanat.officer.audit import Search
from amanat.officer.may import UNTIL_SAFE, require, require_proven
from amanat.party.errors import Fault, Invalid, Refused
from amanat.store.tables import FACTOR, RECOVERY
from officer.cast import CHEAP, NAME, SPOKEN, code_at, kept
from side import START, Side

OWN = bytes(range(32))
SECRET = b"12345678901234567890"
STEP = timedelta(seconds=factor.STEP_SECONDS)


def hire(tx: Connection, sign_in_name: str = "khan") -> Officer:
    """An officer with a password alone."""
    hidden = kept(sign_in=sign_in_name)
    made = account.add(tx, Appointment(sign_in_name, NAME, "torkham/duty", ("duty",)), hidden, START)
    return account.set_password(tx, made.id, hidden, START, given=False)


def enrol(tx: Connection, officer: Officer, own: bytes = OWN, now: datetime = START) -> None:
    """Set up `SECRET`, confirmed by its code of that time."""
    step = factor.confirmed(SECRET, code_at(SECRET, now), now)
    factor.enrol(tx, officer.id, factor.sealed(SECRET, officer.id, own, os.urandom(12)), step, now)


def good(tx: Connection, officer: Officer, typed: str, now: datetime) -> bool:
    """Whether a code lets in, which spends it."""
    judged = factor.judge(tx, officer.id, typed, OWN, now)
    if judged.good:
        factor.spend(tx, officer.id, judged)
    return judged.good


@pytest.mark.parametrize(
    ("seconds", "code"),
    [
        (59, "287082"),
        (1111111109, "081804"),
        (1111111111, "050471"),
        (1234567890, "005924"),
        (2000000000, "279037"),
        (20000000000, "353130"),
    ],
)
def test_codes_are_those_of_rfc_6238_appendix_b(seconds: int, code: str) -> None:
    assert code_at(SECRET, datetime.fromtimestamp(seconds, UTC)) == code


def test_a_code_is_good_once_and_for_a_step_before_and_after(tx: Connection) -> None:
    khan = hire(tx)
    enrol(tx, khan)
    now = START + 10 * STEP
    codes = [code_at(SECRET, now + each * STEP) for each in range(-2, 3)]
    assert [good(tx, khan, each, now) for each in (codes[0], codes[4])] == [False, False]
    assert [good(tx, khan, codes[1], now) for _ in range(2)] == [True, False]
    assert [good(tx, khan, codes[3], now) for _ in range(2)] == [True, False]
    assert not good(tx, khan, codes[2], now), "it is older than the one that was used"
    assert good(tx, khan, code_at(SECRET, now + 5 * STEP), now + 5 * STEP)


def test_the_code_that_confirmed_it_is_spent(tx: Connection) -> None:
    khan = hire(tx)
    enrol(tx, khan)
    assert not good(tx, khan, code_at(SECRET, START), START)


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "\N{ARABIC-INDIC DIGIT ONE}" * 6, "A" * 16, "\0" * 6])
def test_what_is_no_code_lets_nobody_in(tx: Connection, typed: str) -> None:
    khan = hire(tx)
    enrol(tx, khan)
    assert not good(tx, khan, typed, START + STEP)


def test_a_code_may_be_typed_in_groups(tx: Connection) -> None:
    khan = hire(tx)
    enrol(tx, khan)
    code = code_at(SECRET, START + STEP)
    assert good(tx, khan, f" {code[:3]} {code[3:]}\n", START + STEP)


def test_a_wrong_first_code_sets_up_nothing() -> None:
    code = code_at(SECRET, START)
    with pytest.raises(Invalid) as caught:
        factor.confirmed(SECRET, str((int(code) + 1) % 10**6).zfill(6), START)
    assert caught.value.code == "factor.code"


def test_what_is_kept_tells_no_secret_and_opens_for_its_officer_and_node_alone(tx: Connection) -> None:
    khan = hire(tx)
    enrol(tx, khan)
    row = tx.execute(select(FACTOR)).one()
    assert SECRET not in row.sealed
    assert factor.unsealed(row.sealed, khan.id, OWN) == SECRET
    altered = row.sealed[:-1] + bytes([row.sealed[-1] ^ 1])
    for sealed, officer, own in (
        (row.sealed, khan.id + 1, OWN),
        (row.sealed, khan.id, bytes(32)),
        (altered, khan.id, OWN),
        (b"", khan.id, OWN),
    ):
        with pytest.raises(Fault) as caught:
            factor.unsealed(sealed, officer, own)
        assert caught.value.code == "factor.kept"
    with pytest.raises(Fault) as caught:
        factor.sealed(SECRET, khan.id, b"", os.urandom(12))
    assert caught.value.code == "factor.key"


def test_a_recovery_code_lets_in_once_and_is_kept_as_a_digest(tx: Connection) -> None:
    khan, gul = hire(tx), hire(tx, "gul")
    for each in (khan, gul):
        enrol(tx, each)
    codes = factor.recovery_codes(os.urandom)
    factor.set_recovery(tx, khan.id, codes)
    assert len(set(codes)) == factor.RECOVERY_CODES
    assert not any(each.replace("-", "") in str(tx.execute(select(RECOVERY)).all()) for each in codes)
    assert not good(tx, gul, codes[0], START)
    assert [good(tx, khan, codes[0].lower(), START) for _ in range(2)] == [True, False]
    standing = factor.standing(tx, khan.id)
    assert standing == factor.Standing(START, factor.RECOVERY_CODES - 1)
    enrol(tx, khan)
    assert not good(tx, khan, codes[1], START), "they end with the secret they belong to"


# --- signing in -------------------------------------------------------------------------------------------------------


def come(pk: Side, code: str, spoken: str = SPOKEN) -> str:
    """Sign in as khan."""
    return sign_in("khan", spoken, pk.means, CHEAP, code)


def test_who_has_none_may_set_it_up_and_nothing_else(pk: Side) -> None:
    with begin(pk.means) as turn:
        khan = hire(turn.tx)
    cookie = come(pk, "whatever")
    with begin(pk.means) as turn:
        actor = sessions.actor(turn.tx, cookie, turn.now)
        assert (actor.lacks, actor.permissions) == ("factor", UNTIL_SAFE["factor"])
        require(actor, "password.own")
        with pytest.raises(Refused) as caught:
            require(actor, "record.read")
        assert caught.value.code == "factor.missing"
        enrol(turn.tx, khan, pk.means.keys.own)
        assert sessions.actor(turn.tx, cookie, turn.now).lacks == ""


def test_a_password_that_another_set_is_changed_before(pk: Side) -> None:
    with begin(pk.means) as turn:
        account.add(turn.tx, Appointment("khan", NAME, "torkham/duty", ("duty",)), kept(), START)
    cookie = come(pk, "")
    with begin(pk.means) as turn:
        actor = sessions.actor(turn.tx, cookie, turn.now)
    with pytest.raises(Refused) as caught:
        require(actor, "record.read")
    assert caught.value.code == "password.given"


def test_a_session_of_the_demo_needs_none(tx: Connection) -> None:
    cookie = sessions.start(tx, hire(tx), os.urandom(32), START, sessions.Begun("one-click"))
    assert sessions.actor(tx, cookie, START).lacks == ""


def test_no_answer_tells_whether_it_was_the_password_or_the_code_that_was_wrong(pk: Side) -> None:
    with begin(pk.means) as turn:
        enrol(turn.tx, hire(turn.tx), pk.means.keys.own, turn.now - 5 * STEP)
        right = code_at(SECRET, turn.now)
    wrong, answers = str((int(right) + 1) % 10**6).zfill(6), set()
    for spoken, code in ((SPOKEN, wrong), (SPOKEN, ""), ("wrong wrong wrong", right), ("wrong wrong wrong", wrong)):
        with pytest.raises(Refused) as caught:
            come(pk, code, spoken)
        answers.add((caught.value.code, caught.value.says, caught.value.mend, caught.value.by))
    assert len(answers) == 1
    assert come(pk, right), "a code that stood beside a wrong password is not spent"
    with pytest.raises(Refused):
        come(pk, right)


def test_a_factor_that_does_not_open_lets_nobody_in_is_answered_alike_and_told_to_who_runs_the_node(
    pk: Side, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An answer of its own would tell whoever knows no password that somebody has that name."""
    told: list[tuple[int, str]] = []
    monkeypatch.setattr(journal, "unopened", lambda officer, fault: told.append((officer, fault.code)))
    with begin(pk.means) as turn:
        khan = hire(turn.tx)
        enrol(turn.tx, khan, bytes(32), turn.now - 5 * STEP)
    answers = set()
    for name, spoken in (("khan", "wrong wrong wrong"), ("khan", SPOKEN), ("nobody", SPOKEN)):
        with pytest.raises(Refused) as caught:
            sign_in(name, spoken, pk.means, CHEAP, "123456")
        answers.add((caught.value.code, caught.value.says, caught.value.mend, caught.value.by))
    assert len(answers) == 1
    assert told == [(khan.id, "factor.kept")] * 2
    with begin(pk.means) as turn:
        actor = sessions.actor(turn.tx, sessions.start(turn.tx, khan, os.urandom(32), turn.now), turn.now)
    with pytest.raises(Refused) as caught:
        prove_by_code(pk.means, actor, "123456")
    assert caught.value.code == "session.wrong"
    assert told == [(khan.id, "factor.kept")] * 3


@pytest.mark.parametrize("began_by", ["passkey", "one-click"])
def test_who_changes_the_password_goes_on_as_the_session_was_begun(pk: Side, began_by: sessions.Beginning) -> None:
    with begin(pk.means) as turn:
        khan = hire(turn.tx)
        begun = sessions.Begun(began_by, "Firefox, Linux", "192.0.2.7")
        cookie = sessions.start(turn.tx, khan, os.urandom(32), turn.now, begun)
        actor = sessions.actor(turn.tx, cookie, turn.now)
    goes_on = change_password(actor, SPOKEN, "eleven grey buses", pk.means, CHEAP)
    with begin(pk.means) as turn:
        assert sessions.actor(turn.tx, goes_on, turn.now).lacks == ""
        (held,) = sessions.of(turn.tx, khan.id, turn.now)
        assert (held.began_by, held.browser, held.address) == (begun.by, begun.browser, begun.address)


def test_guessing_codes_locks_the_account_as_guessing_passwords_does(pk: Side) -> None:
    with begin(pk.means) as turn:
        enrol(turn.tx, hire(turn.tx), pk.means.keys.own, turn.now - 5 * STEP)
        right = code_at(SECRET, turn.now)
    for _ in range(account.FREE_FAILURES):
        with pytest.raises(Refused):
            come(pk, "AAAA-AAAA-AAAA-AAAA")
    with pytest.raises(Refused):
        come(pk, right)
    with begin(pk.means) as turn:
        assert account.named(turn.tx, "khan").locked_until == turn.now + account.FIRST_LOCK


def test_a_code_says_once_more_who_sits_at_a_session_and_a_wrong_one_counts(pk: Side) -> None:
    with begin(pk.means) as turn:
        khan, gul = hire(turn.tx), hire(turn.tx, "gul")
        enrol(turn.tx, khan, pk.means.keys.own, turn.now - 5 * STEP)
        right = code_at(SECRET, turn.now)
        cookie = sessions.start(turn.tx, khan, os.urandom(32), turn.now - timedelta(minutes=10))
        hers = sessions.start(turn.tx, gul, os.urandom(32), turn.now - timedelta(minutes=10))
        his, her = (sessions.actor(turn.tx, each, turn.now) for each in (cookie, hers))
    wrong = str((int(right) + 1) % 10**6).zfill(6)
    for actor, code in ((his, wrong), (her, right)):
        with pytest.raises(Refused) as caught:
            prove_by_code(pk.means, actor, code)
        assert caught.value.code == "session.wrong"
    assert prove_by_code(pk.means, his, right)
    with pytest.raises(Refused):
        prove_by_code(pk.means, his, right)
    with begin(pk.means) as turn:
        require_proven(sessions.actor(turn.tx, cookie, turn.now), turn.now)
        with pytest.raises(Refused):
            require_proven(sessions.actor(turn.tx, hers, turn.now), turn.now)
        assert [each.outcome for each in audit.search(turn.tx, Search(act="session.prove"))] == [
            "refused",
            "done",
            "refused",
            "refused",
        ]
