"""Sessions of the console: what a browser shows instead of a password, from sign-in to sign-out.

Law: a session is 32 fresh random bytes at every sign-in, never one that a browser brought along; it is kept as its
SHA-256 (256 random bits need no slow hash) and says nothing but who came when. It ends by itself, idle or not.
"""

import base64
import hashlib
import re
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, delete, or_, select, update

from amanat.officer import account
from amanat.officer.account import Officer
from amanat.officer.may import WITH_A_GIVEN_PASSWORD, Actor, permitted
from amanat.party.errors import Fault, Refused
from amanat.store.tables import SESSION

SECRET_BYTES = 32

# NIST SP 800-63B section 4.2.3 (AAL2): sign in again after 12 hours whatever happens, and after 30 minutes without.
LONGEST = timedelta(hours=12)
IDLE = timedelta(minutes=30)
NOTED = timedelta(minutes=1)
"""How often that somebody is there is written down: a page that asks every second writes once a minute."""

_COOKIE = re.compile(r"[A-Za-z0-9_-]{43}")


def start(tx: Connection, officer: Officer, secret: bytes, now: datetime) -> str:
    """Begin a session by 32 fresh random bytes; return what the browser is to show. Sweeps out what has ended."""
    if len(secret) != SECRET_BYTES:
        raise Fault("session.random", "The session's secret has the wrong length.", "Report this; nobody was let in.")
    over = (SESSION.c.created <= _before(now, LONGEST), SESSION.c.seen <= _before(now, IDLE))
    tx.execute(delete(SESSION).where(or_(*over)))
    cookie = base64.urlsafe_b64encode(secret).decode().rstrip("=")
    row = {"digest": _digest(cookie), "officer": officer.id, "created": now.isoformat(), "seen": now.isoformat()}
    tx.execute(SESSION.insert(), row)
    return cookie


def actor(tx: Connection, cookie: str, now: datetime) -> Actor:
    """Return who acts in a session. Raises `Refused`, alike whether it is over, unknown, or its officer disabled."""
    query = select(SESSION.c.officer).where(
        SESSION.c.digest == _digest(cookie),
        SESSION.c.created > _before(now, LONGEST),
        SESSION.c.seen > _before(now, IDLE),
    )
    found = tx.execute(query).scalar_one_or_none()
    officer = None if found is None else account.officer(tx, found)
    if officer is None or not officer.active:
        raise Refused("session.over", "Nobody is signed in here any more.", "Sign in again.", by="sign-in")
    may = WITH_A_GIVEN_PASSWORD if officer.password_given else permitted(officer.roles)
    return Actor(officer.id, officer.post, officer.roles, may, "console", officer.language)


def unnoted(tx: Connection, cookie: str, now: datetime) -> bool:
    """Whether it is time to note that somebody is there: asked by who would rather not write."""
    return tx.execute(select(SESSION.c.officer).where(*_unnoted(cookie, now))).first() is not None


def touch(tx: Connection, cookie: str, now: datetime) -> bool:
    """Note that somebody is there; say whether that had to be written: at most once a minute."""
    return tx.execute(update(SESSION).where(*_unnoted(cookie, now)).values(seen=now.isoformat())).rowcount > 0


def end(tx: Connection, cookie: str) -> None:
    """Sign out; a session that is none is over already."""
    tx.execute(delete(SESSION).where(SESSION.c.digest == _digest(cookie)))


def _digest(cookie: str) -> str:
    """What is kept of a session; of what cannot be one, what none is kept under."""
    return hashlib.sha256(cookie.encode()).hexdigest() if _COOKIE.fullmatch(cookie) else ""


def _unnoted(cookie: str, now: datetime) -> tuple[ColumnElement[bool], ...]:
    return SESSION.c.digest == _digest(cookie), SESSION.c.seen <= _before(now, NOTED)


def _before(now: datetime, span: timedelta) -> str:
    return (now - span).isoformat()
