"""Sessions of the console: what a browser shows instead of a password, from sign-in to sign-out.

Law: a session is 32 fresh random bytes at every sign-in, never one that a browser brought along; it is kept as its
SHA-256 (256 random bits need no slow hash) and says nothing but who came when. It ends by itself, idle or not; while
its officer has a watch, an idle one rests instead until somebody says who it is (docs/decisions/0048).
"""

import base64
import hashlib
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal

import msgspec
from sqlalchemy import Connection, bindparam, delete, not_, or_, select, update

from amanat.officer import account, factor
from amanat.officer.account import Officer
from amanat.officer.may import UNTIL_SAFE, Actor, Lack, permitted
from amanat.party.errors import Fault, Invalid, Refused
from amanat.store import watches
from amanat.store.tables import SESSION

SECRET_BYTES = 32

# NIST SP 800-63B section 4.2.3 (AAL2): sign in again after 12 hours whatever happens, and after 30 minutes without.
LONGEST = timedelta(hours=12)
IDLE = timedelta(minutes=30)
NOTED = timedelta(minutes=1)
"""How often that somebody is there is written down: a page that asks every second writes once a minute."""

ID_DIGITS = 16

MOST_WRONG = 5
"""How many wrong passwords or codes in a row end the session that they were typed at."""

Beginning = Literal["password", "passkey", "one-click"]
"""How a session was begun: by password and code, by a passkey, or in the demo by one click."""


@dataclass(frozen=True, slots=True)
class Begun:
    """How and where a session was begun: what browser and system are called, and the address as it reached the node."""

    by: Beginning = "password"
    browser: str = ""
    address: str = ""


BY_PASSWORD: Final = Begun()
"""By password and code, where nothing was said of the place."""


@dataclass(frozen=True, slots=True)
class Session:
    """An open session as its officer is shown it (`Begun`). `id` begins what is kept of it, and opens nothing."""

    id: str
    created: datetime
    seen: datetime
    began_by: Beginning
    browser: str
    address: str


_COOKIE = re.compile(r"[A-Za-z0-9_-]{43}")

# What every request asks is built once; what the clock says are parameters (`_times`).
_ON_WATCH = watches.standing(SESSION.c.officer)
_OPEN = select(SESSION).where(
    SESSION.c.created > bindparam("begun"), or_(SESSION.c.seen > bindparam("idle"), _ON_WATCH)
)
_OF_COOKIE = _OPEN.where(SESSION.c.digest == bindparam("shown"))
_OF_OFFICER = _OPEN.where(SESSION.c.officer == bindparam("of")).order_by(SESSION.c.created.desc())
_OVER = delete(SESSION).where(
    or_(SESSION.c.created <= bindparam("begun"), (SESSION.c.seen <= bindparam("idle")) & not_(_ON_WATCH))
)
_TOUCHED = update(SESSION).where(
    SESSION.c.digest == bindparam("shown"), SESSION.c.seen <= bindparam("noted"), SESSION.c.seen > bindparam("idle")
)


def start(tx: Connection, officer: Officer, secret: bytes, now: datetime, begun: Begun = BY_PASSWORD) -> str:
    """Begin a session by 32 fresh random bytes; return what the browser is to show. Sweeps out what has ended."""
    if len(secret) != SECRET_BYTES:
        raise Fault("session.random", "The session's secret has the wrong length.", "Report this; nobody was let in.")
    tx.execute(_OVER, _times(now))
    cookie = base64.urlsafe_b64encode(secret).decode().rstrip("=")
    at = now.isoformat()
    row = {"digest": _digest(cookie), "officer": officer.id, "created": at, "seen": at, "proven": at}
    tx.execute(
        SESSION.insert(), row | {"began_by": begun.by, "wrong": 0, "browser": begun.browser, "address": begun.address}
    )
    return cookie


def actor(tx: Connection, cookie: str, now: datetime) -> Actor:
    """Return who acts in a session. Raises `Refused`, alike whether it is over, unknown, or its officer disabled.

    One that is idle and its officer on watch rests (`Lack`): it may next to nothing.
    """
    return asks(tx, cookie, now)[0]


def asks(tx: Connection, cookie: str, now: datetime) -> tuple[Actor, bool]:
    """Return who acts in a session (`actor`), and whether it is time to note that somebody is there (`touch`)."""
    found = tx.execute(_OF_COOKIE, {"shown": _digest(cookie), **_times(now)}).one_or_none()
    officer = None if found is None else account.officer(tx, found.officer)
    if found is None or officer is None or not officer.active:
        raise over()
    lacks = _lacks(tx, officer, found.began_by)
    if found.seen <= _before(now, IDLE):
        if lacks:  # who was to set something up first has no watch that could need it
            raise over()
        lacks = "rest"
    may = UNTIL_SAFE[lacks] if lacks else permitted(officer.roles)
    proven = None if found.proven is None else datetime.fromisoformat(found.proven)
    language, session = officer.language, found.digest
    acts = Actor(officer.id, officer.post, officer.roles, may, "console", language, proven, lacks, session=session)
    return acts, _before(now, IDLE) < found.seen <= _before(now, NOTED)


def prove(tx: Connection, session: str, now: datetime) -> None:
    """Note that who sits at it (`Actor.session`) typed what only its officer knows or has; `Refused` if it is over.

    One that rests is awake by that.
    """
    at = now.isoformat()
    proven = update(SESSION).where(SESSION.c.digest == session).values(proven=at, seen=at, wrong=0)
    if not tx.execute(proven).rowcount:
        raise over()


def fail(tx: Connection, session: str) -> bool:
    """Count something wrong that was typed at it (`Actor.session`); say whether it is over: `MOST_WRONG` end it."""
    this = SESSION.c.digest == session
    tx.execute(update(SESSION).where(this).values(wrong=SESSION.c.wrong + 1))
    tx.execute(delete(SESSION).where(this, SESSION.c.wrong >= MOST_WRONG))
    return tx.execute(select(SESSION.c.digest).where(this)).first() is None


def over() -> Refused:
    """Return the one answer to every session that is none."""
    return Refused("session.over", "Nobody is signed in here any more.", "Sign in again.", by="sign-in")


def wrong() -> Refused:
    """Return the answer to something wrong that was typed at a session, whether as a password or as a code."""
    return Refused(
        "session.wrong",
        "That is not the password of this officer, nor a code that is good now.",
        f"A code is good once: wait for the next. {MOST_WRONG} wrong ones in a row end this session.",
        by="the officer of the session",
    )


def begun(tx: Connection, session: str) -> Begun:
    """Return how and where an open session (`Actor.session`) was begun."""
    return _begun(tx.execute(select(SESSION).where(SESSION.c.digest == session)).one())


def of(tx: Connection, officer: int, now: datetime) -> list[Session]:
    """Return an officer's open sessions, the newest first."""
    return [_read(row) for row in tx.execute(_OF_OFFICER, {"of": officer, **_times(now)})]


def id_of(cookie: str) -> str:
    """Return the id of the session whose cookie it is."""
    return _digest(cookie)[:ID_DIGITS]


def end_one(tx: Connection, officer: int, id_: str) -> None:
    """End one session of an officer. Raises `Invalid` when there is none of that id."""
    known = tx.execute(select(SESSION.c.digest).where(SESSION.c.officer == officer)).scalars()
    digest = next((each for each in known if each[:ID_DIGITS] == id_), None)
    if digest is None:
        raise Invalid("session.unknown", f"There is no session {id_[:ID_DIGITS]} of this officer.", "List them.")
    tx.execute(delete(SESSION).where(SESSION.c.digest == digest))


def end_all(tx: Connection, officer: int, but: str = "") -> list[str]:
    """End an officer's sessions, all or all but the one of a cookie; return their ids."""
    query = delete(SESSION).where(SESSION.c.officer == officer, SESSION.c.digest != _digest(but))
    return [digest[:ID_DIGITS] for digest in tx.execute(query.returning(SESSION.c.digest)).scalars()]


def touch(tx: Connection, cookie: str, now: datetime) -> bool:
    """Note that somebody is there, unless it rests; say whether that had to be written: at most once a minute."""
    at = {"shown": _digest(cookie), "noted": _before(now, NOTED), "idle": _before(now, IDLE)}
    return tx.execute(_TOUCHED, {**at, "seen": now.isoformat()}).rowcount > 0


def end(tx: Connection, cookie: str) -> None:
    """Sign out; a session that is none is over already."""
    tx.execute(delete(SESSION).where(SESSION.c.digest == _digest(cookie)))


def _lacks(tx: Connection, officer: Officer, began_by: Beginning) -> Lack:
    """What begins without a password needs no second factor to stand beside it."""
    if officer.password_given:
        return "password"
    return "factor" if began_by == "password" and not factor.enrolled(tx, officer.id) else ""


def _times(now: datetime) -> dict[str, str]:
    """From when on a session is open: begun after that, and somebody there, or its officer's watch not over."""
    return {"begun": _before(now, LONGEST), "idle": _before(now, IDLE), "after": _before(now, watches.LAPSES)}


def _read(row: Any) -> Session:  # noqa: ANN401 - a row of sessions
    return Session(
        row.digest[:ID_DIGITS],
        datetime.fromisoformat(row.created),
        datetime.fromisoformat(row.seen),
        msgspec.convert(row.began_by, Beginning),
        row.browser,
        row.address,
    )


def _begun(row: Any) -> Begun:  # noqa: ANN401 - a row of sessions
    return Begun(msgspec.convert(row.began_by, Beginning), row.browser, row.address)


def _digest(cookie: str) -> str:
    """What is kept of a session; of what cannot be one, what none is kept under."""
    return hashlib.sha256(cookie.encode()).hexdigest() if _COOKIE.fullmatch(cookie) else ""


def _before(now: datetime, span: timedelta) -> str:
    return (now - span).isoformat()
