"""Officers for the tests, all invented, in a party's real database: their numbers, passwords and posts."""

import os
from dataclasses import replace
from datetime import datetime

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from sqlalchemy import Connection

from amanat.exchange import join
from amanat.officer import account, factor, password
from amanat.officer.account import Appointment, Officer
from amanat.officer.may import Actor, Channel, Role, permitted
from amanat.party import canonical, dsse, labels
from amanat.party.fingerprint import fingerprint
from amanat.party.key_file import Cost
from amanat.store.tables import FACTOR
from side import START, Side

CHEAP = Cost(memory_kib=8 * 1024, passes=1, lanes=1)
SPOKEN = "seven quiet lorries"
SPARE = tuple(f"AAAA-AAAA-AAAA-AAA{last}" for last in "ABCDEFGH")
"""Recovery codes, each good once."""

NAME = "Exercise Officer Marjan Nobody"


def kept(spoken: str = SPOKEN, sign_in: str = "khan") -> str:
    """What is kept of a password."""
    return password.hashed(spoken, sign_in, os.urandom(password.SALT_BYTES), CHEAP)


def add(tx: Connection, sign_in: str, *roles: Role, post: str = "torkham/duty") -> Officer:
    """Make an officer, who signs in by `SPOKEN`, chose it, and has a second factor, of which the tests have `SPARE`."""
    hidden = kept(sign_in=sign_in)
    made = account.add(tx, Appointment(sign_in, NAME, post, roles or ("duty",)), hidden, START)
    tx.execute(FACTOR.insert(), {"officer": made.id, "sealed": b"", "since": START.isoformat(), "step": 0})
    factor.set_recovery(tx, made.id, SPARE)
    return account.set_password(tx, made.id, hidden, START, given=False)


def acting_as(officer: Officer, channel: Channel = "console") -> Actor:
    """The officer at work, as a sign-in would have it."""
    return Actor(officer.id, officer.post, officer.roles, permitted(officer.roles), channel)


def code_at(secret: bytes, now: datetime) -> str:
    """The code that a device with this secret shows (RFC 6238, as every device computes it)."""
    return TOTP(secret, 6, SHA1(), 30).generate(int(now.timestamp())).decode()  # noqa: S303 - as every device has it


def at(actor: Actor, post: str) -> Actor:
    """The same officer at another post."""
    return replace(actor, post=post)


def know_itself(alone: Side) -> None:
    """Let a party's node learn its own first manifest, from which its logs have their name."""
    statement = dsse.sign(labels.MANIFEST, canonical.encode(alone.manifest), alone.custodians[:2])
    join.learn(dsse.to_bytes(statement), fingerprint(alone.manifest.root), alone.means)
