"""API tokens: what a program shows instead of an officer's password, for some of what that officer may.

Law: a token is shown once and kept as its SHA-256. It ends by itself, never outlives its officer or the password by
which its officer signed in, nor outranks what the officer may today, and it can never make tokens or accounts. A slow
hash as for passwords would gain nothing: nobody guesses 256 random bits however fast a hash is, and each request would
cost a tenth of a second.
"""

import base64
import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import msgspec
from cryptography.hazmat.primitives.constant_time import bytes_eq
from sqlalchemy import ColumnElement, Connection, select, update

from amanat.officer import account
from amanat.officer.account import Officer
from amanat.officer.may import NEVER_BY_TOKEN, PERMISSIONS, Actor, Role, permitted
from amanat.party.errors import Fault, Invalid, Refused
from amanat.party.types import Line
from amanat.store.tables import TOKEN

SECRET_BYTES = 32

# A program that nobody looks after any more is no open door for ever; one that is used gets a new token each year.
LASTS = timedelta(days=90)
LONGEST = timedelta(days=366)

_SHOWN = re.compile(r"amanat_([1-9][0-9]{0,14})_([A-Za-z0-9_-]{43})")


@dataclass(frozen=True, slots=True)
class Token:
    """What is kept of a token. `used` is the last day it was shown; `scope` what its maker let it do."""

    id: int
    officer: int
    name: str
    scope: tuple[str, ...]
    created: datetime
    expires: datetime
    used: date | None
    revoked: datetime | None


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a new token is to be: its name, its scope, and when it ends, None for after `LASTS`."""

    name: str
    scope: frozenset[str]
    expires: datetime | None = None


def reading(roles: Iterable[Role]) -> frozenset[str]:
    """Return the scope of a token that changes nothing: all that these roles may read, but nothing of persons."""
    return frozenset(each for each in permitted(roles) if each.endswith(".read"))


def new(tx: Connection, owner: Officer, wanted: Wanted, secret: bytes, now: datetime) -> tuple[Token, str]:
    """Make a token of 32 fresh random bytes; return it, and the text to show its owner once.

    Raises `Invalid` for a name, end or scope that cannot be, `Refused` for a scope beyond what the owner may.
    """
    if len(secret) != SECRET_BYTES:
        raise Fault("token.random", "The token's secret has the wrong length.", "Report this; no token was made.")
    _require_sound(wanted, now)
    beyond = sorted(wanted.scope - (permitted(owner.roles) - NEVER_BY_TOKEN))
    if beyond:
        raise Refused(
            "token.scope",
            f"A token of {owner.sign_in} cannot have {beyond[0]}.",
            "It has at most what its officer may, and never what only a person does.",
            by="the officer's roles",
        )
    row = {
        "officer": owner.id,
        "name": wanted.name,
        "digest": _digest(secret),
        "scope": " ".join(sorted(wanted.scope)),
        "created": now.isoformat(),
        "expires": (wanted.expires or now + LASTS).isoformat(),
    }
    (number,) = tx.execute(TOKEN.insert().returning(TOKEN.c.id), row).one()
    return token(tx, number), f"amanat_{number}_{base64.urlsafe_b64encode(secret).decode().rstrip('=')}"


def actor(tx: Connection, shown: str, now: datetime) -> tuple[Actor, int]:
    """Return who acts by a token, and its number for `touch`. Raises `Refused`, alike for whatever is wrong with it."""
    shaped = _SHOWN.fullmatch(shown)
    row = _row(tx, int(shaped[1])) if shaped else None
    if shaped is None or row is None or not bytes_eq(_digest_of(shaped[2]), row.digest.encode()):
        raise _refused()
    held, owner = _read(row), account.officer(tx, row.officer)
    if held.revoked or not owner.active or held.expires <= now:
        raise _refused()
    may = permitted(owner.roles) & frozenset(held.scope) - NEVER_BY_TOKEN
    return Actor(owner.id, owner.post, owner.roles, may, "api"), held.id


def unnoted(tx: Connection, id_: int, now: datetime) -> bool:
    """Whether it is to be noted that a token was shown today: asked by who would rather not write."""
    return tx.execute(select(TOKEN.c.id).where(*_unnoted(id_, now))).first() is not None


def touch(tx: Connection, id_: int, now: datetime) -> bool:
    """Note that a token was shown today; say whether that had to be written: once a day."""
    return tx.execute(update(TOKEN).where(*_unnoted(id_, now)).values(used=now.date().isoformat())).rowcount > 0


def revoke(tx: Connection, id_: int, now: datetime) -> Token:
    """Let a token open nothing more. Raises `Invalid` when there is none; doing it twice changes nothing."""
    token(tx, id_)
    where = (TOKEN.c.id == id_, TOKEN.c.revoked.is_(None))
    tx.execute(update(TOKEN).where(*where).values(revoked=now.isoformat()))
    return token(tx, id_)


def tokens(tx: Connection, officer: int | None = None) -> list[Token]:
    """Return all tokens there ever were, or one officer's, newest first."""
    query = select(TOKEN).order_by(TOKEN.c.id.desc())
    return [_read(row) for row in tx.execute(query if officer is None else query.where(TOKEN.c.officer == officer))]


def token(tx: Connection, id_: int) -> Token:
    """Return one token by number. Raises `Invalid` when there is none."""
    row = _row(tx, id_)
    if row is None:
        raise Invalid("token.unknown", f"There is no token {id_}.", "List them.")
    return _read(row)


def _require_sound(wanted: Wanted, now: datetime) -> None:
    try:
        msgspec.convert(wanted.name, Line)
    except msgspec.ValidationError as error:
        raise Invalid(
            "token.name", "A token is called by one line of 1 to 400 characters.", "Say which program it is for."
        ) from error
    foreign = sorted(wanted.scope - PERMISSIONS.keys())
    if foreign or not wanted.scope:
        raise Invalid(
            "token.unscoped",
            f"{foreign[0]!r} is no permission." if foreign else "The token would be for nothing.",
            "Permissions stand in docs/officers.md; `read` is what changes nothing and names nobody.",
        )
    if wanted.expires is not None and wanted.expires <= now:
        raise Invalid("token.past", f"{wanted.expires:%Y-%m-%d %H:%M} UTC is past.", "Give a time to come.")
    if wanted.expires is not None and wanted.expires > now + LONGEST:
        raise Invalid(
            "token.long",
            f"A token that ends at {wanted.expires:%Y-%m-%d %H:%M} UTC would last over {LONGEST.days} days.",
            "Let it end sooner, and make a new one then.",
        )


def _unnoted(id_: int, now: datetime) -> tuple[ColumnElement[bool], ...]:
    return TOKEN.c.id == id_, TOKEN.c.used.is_distinct_from(now.date().isoformat())


def _row(tx: Connection, id_: int) -> Any:  # noqa: ANN401 - a row of tokens
    return tx.execute(select(TOKEN).where(TOKEN.c.id == id_)).one_or_none()


def _read(row: Any) -> Token:  # noqa: ANN401 - a row of tokens
    return Token(
        row.id,
        row.officer,
        row.name,
        tuple(row.scope.split()),
        datetime.fromisoformat(row.created),
        datetime.fromisoformat(row.expires),
        row.used and date.fromisoformat(row.used),
        row.revoked and datetime.fromisoformat(row.revoked),
    )


def _digest(secret: bytes) -> str:
    return hashlib.sha256(secret).hexdigest()


def _digest_of(text: str) -> bytes:
    return _digest(base64.urlsafe_b64decode(f"{text}=")).encode()


def _refused() -> Refused:
    return Refused(
        "token.refused",
        "The token opens nothing: it is unknown, revoked or over, or its officer is disabled.",
        "Make a new one.",
        by="sign-in",
    )
