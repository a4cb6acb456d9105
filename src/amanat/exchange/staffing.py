"""What an administrator does with officers' accounts: each an act, permitted now, done and noted in one transaction.

Law: nothing of a password is ever given back; a new one is made costly to guess before any transaction begins, and at
one of the few places where that is done at once, which whoever asks sees to (`signing_in.asked_again`). What would
outlive the administrator's session is done by a password typed once more, which whoever asks sees to too (`Proven`).
"""

from contextlib import AbstractContextManager
from typing import Protocol

from amanat.exchange.acting import Acting, acting
from amanat.exchange.means import Means, look
from amanat.officer import account, factor, passkey, password, sessions
from amanat.officer.account import Appointment, Officer
from amanat.officer.may import Act, Actor, Role
from amanat.party.key_file import Cost


class Proven(Protocol):
    """Lends a transaction for one act, for which an administrator typed the own password once more."""

    def __call__(self, act: Act, *subjects: str) -> AbstractContextManager[Acting]:
        """Raise `Refused` for a wrong one, or `TooMuch`."""


def officers(means: Means) -> tuple[Officer, ...]:
    """Return all officers there ever were, by sign-in name."""
    with look(means) as turn:
        return tuple(account.officers(turn.tx))


def officer(means: Means, sign_in: str) -> Officer:
    """Return one officer. Raises `Invalid` when there is none."""
    with look(means) as turn:
        return account.named(turn.tx, sign_in)


def add(proven: Proven, means: Means, who: Appointment, typed: str, cost: Cost) -> Officer:
    """Give an officer an account, whose first password is to be changed at the first sign-in. Raises `Invalid`."""
    kept = _kept(typed, who.sign_in, means, cost)
    with proven("officer.add", _subject(who.sign_in)) as act:
        return account.add(act.turn.tx, who, kept, act.turn.now)


def place(proven: Proven, sign_in: str, post: str | None, roles: tuple[Role, ...]) -> Officer:
    """Give an officer other roles and another post, or the one there was, at once, in open sessions and for tokens."""
    with proven("officer.assign", _subject(sign_in)) as act:
        held = account.named(act.turn.tx, sign_in)
        return account.assign(act.turn.tx, held.id, held.post if post is None else post, roles)


def set_password(proven: Proven, means: Means, sign_in: str, typed: str, cost: Cost) -> Officer:
    """Set an officer's password anew, to be changed at the next sign-in; sessions and tokens end, a lock is lifted."""
    kept = _kept(typed, sign_in, means, cost)
    with proven("officer.password", _subject(sign_in)) as act:
        tx, now = act.turn.tx, act.turn.now
        return account.set_password(tx, account.named(tx, sign_in).id, kept, now, given=True)


def disable(means: Means, actor: Actor, sign_in: str) -> Officer:
    """Let an officer in no more: sessions end at once, tokens for good."""
    with acting(means, actor, "officer.disable", _subject(sign_in)) as act:
        return account.disable(act.turn.tx, account.named(act.turn.tx, sign_in).id, act.turn.now)


def enable(proven: Proven, sign_in: str) -> Officer:
    """Let an officer in again, with the same password and no token."""
    with proven("officer.enable", _subject(sign_in)) as act:
        return account.enable(act.turn.tx, account.named(act.turn.tx, sign_in).id)


def unlock(means: Means, actor: Actor, sign_in: str) -> Officer:
    """Lift the lock that wrong passwords brought."""
    with acting(means, actor, "officer.unlock", _subject(sign_in)) as act:
        return account.unlock(act.turn.tx, account.named(act.turn.tx, sign_in).id)


def end_sessions(proven: Proven, sign_in: str) -> Officer:
    """End all of an officer's sessions; who it is can sign in again."""
    with proven("officer.sessions", _subject(sign_in)) as act:
        held = account.named(act.turn.tx, sign_in)
        sessions.end_all(act.turn.tx, held.id)
        return held


def reset_factor(proven: Proven, sign_in: str) -> Officer:
    """Take an officer's second factor and passkeys away: sessions end, and the next sign-in sets up another."""
    with proven("officer.factor", _subject(sign_in)) as act:
        tx, held = act.turn.tx, account.named(act.turn.tx, sign_in)
        factor.remove(tx, held.id)
        passkey.remove_all(tx, held.id)
        sessions.end_all(tx, held.id)
        return held


def _kept(typed: str, sign_in: str, means: Means, cost: Cost) -> str:
    return password.hashed(typed, sign_in, means.random(password.SALT_BYTES), cost)


def _subject(sign_in: str) -> str:
    return f"officer:{sign_in}"[:200]
