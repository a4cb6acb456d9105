"""Officers' accounts: who they are, at which post, with which roles; and whether somebody may sign in as one of them.

Law: a name that nobody has, one that is disabled or locked, and a wrong password are answered alike, in the same time
and the same words: whoever has not signed in learns of nobody who works here. Officers are never deleted, for the
audit log names them by number; and there is always one active administrator, once there was one.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Annotated, Any

import msgspec
from sqlalchemy import Connection, bindparam, delete, func, select, update

from amanat.officer.may import Role, require_apart
from amanat.officer.password import fits
from amanat.party.errors import Invalid, Refused
from amanat.party.lexicon import Language
from amanat.party.types import Line, quoted
from amanat.record.record import PostName
from amanat.store.tables import OFFICER, PASSKEY, SESSION, TOKEN

SignInName = Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9][a-z0-9.-]{1,31}$(?!\n)")]

# Wrong passwords are free up to here, for fingers slip; each more locks the account twice as long as the one before.
# The longest lock bounds a guesser to about a hundred passwords a day, and keeps nobody from the desk for a night.
FREE_FAILURES = 5
FIRST_LOCK = timedelta(minutes=1)
LONGEST_LOCK = timedelta(minutes=15)

_ONE = select(OFFICER).where(OFFICER.c.id == bindparam("number"))


class Appointment(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What an administrator says of a new officer; the sign-in name never changes."""

    sign_in: SignInName
    name: Line
    post: PostName
    roles: tuple[Role, ...]


@dataclass(frozen=True, slots=True)
class Officer:
    """A person who works at this node; the name stays here, and nothing of it goes to another party.

    `locked_until` is past, or None, when a password may be tried; `password_given` says that somebody else set the
    password, so that nothing is permitted but to set another. `language` is what pages are in for this officer.
    """

    id: int
    sign_in: str
    name: str
    post: str
    roles: tuple[Role, ...]
    active: bool
    created: datetime
    disabled: datetime | None
    locked_until: datetime | None
    password_given: bool
    language: Language


@dataclass(frozen=True, slots=True)
class Trial:
    """What a password is to be tried against: of whom it is (None: of nobody), and what is kept of the password."""

    officer: int | None
    kept: str

    def right(self, password: str) -> bool:
        """Whether the password fits; takes some tenths of a second whoever it is, so hold no transaction meanwhile."""
        return fits(password, self.kept) and self.officer is not None


def add(tx: Connection, who: Appointment, kept: str, now: datetime) -> Officer:
    """Make an account; `kept` is `password.hashed`. Raises `Invalid` for what cannot stand or a name that is taken."""
    _require_form(who)
    require_apart(who.roles)
    if tx.execute(select(OFFICER.c.id).where(OFFICER.c.sign_in == who.sign_in)).first() is not None:
        raise Invalid(
            "officer.taken",
            f"An officer signs in as {who.sign_in!r} already.",
            "Choose another sign-in name; those of disabled officers stay taken.",
        )
    row = {
        "sign_in": who.sign_in,
        "name": who.name,
        "post": who.post,
        "roles": _written(who.roles),
        "active": True,
        "created": now.isoformat(),
        "password": kept,
        "password_given": True,
        "failures": 0,
        "language": "en",
    }
    (number,) = tx.execute(OFFICER.insert().returning(OFFICER.c.id), row).one()
    return officer(tx, number)


def officers(tx: Connection) -> list[Officer]:
    """Return all officers there ever were, by sign-in name."""
    return [_read(row) for row in tx.execute(select(OFFICER).order_by(OFFICER.c.sign_in))]


def sign_ins(tx: Connection) -> dict[int, str]:
    """Return the sign-in name of each officer there ever was, by number."""
    return {row.id: row.sign_in for row in tx.execute(select(OFFICER.c.id, OFFICER.c.sign_in))}


def officer(tx: Connection, id_: int) -> Officer:
    """Return one officer by number. Raises `Invalid` when there is none."""
    row = tx.execute(_ONE, {"number": id_}).one_or_none()
    return _read(_known(row, str(id_)))


def named(tx: Connection, sign_in: str) -> Officer:
    """Return one officer by sign-in name. Raises `Invalid` when there is none; never asked by who has not signed in."""
    row = tx.execute(select(OFFICER).where(OFFICER.c.sign_in == sign_in)).one_or_none()
    return _read(_known(row, repr(sign_in)))


def assign(tx: Connection, id_: int, post: str, roles: tuple[Role, ...]) -> Officer:
    """Give an officer another post and other roles. Raises `Refused` when no administrator would be left."""
    held = officer(tx, id_)
    _require_form(Appointment(held.sign_in, held.name, post, roles))
    require_apart(roles)
    if "administrator" not in roles:
        _require_another_administrator(tx, held)
    tx.execute(update(OFFICER).where(OFFICER.c.id == id_).values(post=post, roles=_written(roles)))
    return officer(tx, id_)


def disable(tx: Connection, id_: int, now: datetime) -> Officer:
    """Let an officer in no more: sessions end at once, tokens and passkeys for good.

    Raises `Refused` for the last administrator.
    """
    _require_another_administrator(tx, officer(tx, id_))
    tx.execute(update(OFFICER).where(OFFICER.c.id == id_).values(active=False, disabled=now.isoformat()))
    _end_all(tx, id_, now)
    _end_passkeys(tx, id_)
    return officer(tx, id_)


def enable(tx: Connection, id_: int) -> Officer:
    """Let an officer in again, with the same password and second factor, and no token or passkey."""
    officer(tx, id_)
    values = {"active": True, "disabled": None, "failures": 0, "locked_until": None}
    tx.execute(update(OFFICER).where(OFFICER.c.id == id_).values(values))
    return officer(tx, id_)


def set_password(tx: Connection, id_: int, kept: str, now: datetime, *, given: bool) -> Officer:
    """Replace what is kept of the password (`password.hashed`), lift a lock, end all sessions, and tokens for good.

    Whoever knew the old one may have made a session or a token with it. `given` says that it was not the officer who
    chose the new one: then passkeys end too, for nobody who could tell whose they are was asked; and so do those made
    while the old one was another's choice, for they need not be the officer's.
    """
    held = officer(tx, id_)
    values = {"password": kept, "password_given": given, "failures": 0, "locked_until": None}
    tx.execute(update(OFFICER).where(OFFICER.c.id == id_).values(values))
    _end_all(tx, id_, now)
    if given or held.password_given:
        _end_passkeys(tx, id_)
    return officer(tx, id_)


def speak(tx: Connection, id_: int, language: Language) -> None:
    """Choose the language that pages are in for an officer."""
    tx.execute(update(OFFICER).where(OFFICER.c.id == id_).values(language=language))


def unlock(tx: Connection, id_: int) -> Officer:
    """Lift the lock that wrong passwords brought."""
    officer(tx, id_)
    tx.execute(update(OFFICER).where(OFFICER.c.id == id_).values(failures=0, locked_until=None))
    return officer(tx, id_)


def trial(tx: Connection, sign_in: str, of_nobody: str) -> Trial:
    """Begin a sign-in: what to try the password against, outside of any transaction. `of_nobody` is `password`'s."""
    row = tx.execute(select(OFFICER.c.id, OFFICER.c.password).where(OFFICER.c.sign_in == sign_in)).one_or_none()
    return Trial(None, of_nobody) if row is None else Trial(row.id, row.password)


def settle(tx: Connection, tried: Trial, now: datetime, *, right: bool) -> Officer | None:
    """End a sign-in: return who may come in, or count the failure and return None; never raise, so that it is kept.

    Asked anew are all that may have changed while the password was tried: lock, account and the password itself. While
    an account is locked nothing is counted, and the right password does not open it either.
    """
    row = tx.execute(select(OFFICER).where(OFFICER.c.id == (tried.officer or 0))).one_or_none()
    if row is None:
        return None
    held = _read(row)
    if not held.active or (held.locked_until and now < held.locked_until):
        return None
    if right and row.password == tried.kept:
        return unlock(tx, held.id)
    failures = row.failures + 1
    locked = None if failures < FREE_FAILURES else (now + lock_after(failures)).isoformat()
    tx.execute(update(OFFICER).where(OFFICER.c.id == held.id).values(failures=failures, locked_until=locked))
    return None


def lock_after(failures: int) -> timedelta:
    """Return how long so many wrong passwords in a row lock an account: 1, 2, 4, 8, then 15 minutes."""
    doubled = min(failures - FREE_FAILURES, 30)
    return min(FIRST_LOCK * (1 << doubled), LONGEST_LOCK)


def not_let_in() -> Refused:
    """Return the one answer to everybody who is not let in, whatever the reason."""
    return Refused(
        "officer.sign-in",
        "Nobody was signed in: name, password or code is wrong, or the account is locked or disabled.",
        f"A code is good once: wait for the next. After {FREE_FAILURES} failures in a row wait a minute, after more of "
        f"them up to {int(LONGEST_LOCK.total_seconds()) // 60}, or ask an administrator to unlock the account.",
        by="sign-in",
    )


def _end_all(tx: Connection, id_: int, now: datetime) -> None:
    """End an officer's sessions, and revoke all tokens."""
    tx.execute(delete(SESSION).where(SESSION.c.officer == id_))
    tx.execute(update(TOKEN).where(TOKEN.c.officer == id_, TOKEN.c.revoked.is_(None)).values(revoked=now.isoformat()))


def _end_passkeys(tx: Connection, id_: int) -> None:
    """Let no passkey of an officer in any more: one that was made by a stolen password is good without it."""
    tx.execute(delete(PASSKEY).where(PASSKEY.c.officer == id_))


def _require_form(who: Appointment) -> None:
    try:
        msgspec.convert(msgspec.structs.asdict(who), Appointment)
    except msgspec.ValidationError as error:
        raise Invalid(
            "officer.form",
            f"The officer cannot be called or placed so: {quoted(error)}.",
            "Sign-in names are small letters, digits, dots and hyphens; posts are named as torkham/duty.",
        ) from error
    if not who.roles:
        raise Invalid("officer.roles", "The officer would have no role.", "Give one role at least, or disable it.")


def _require_another_administrator(tx: Connection, held: Officer) -> None:
    """Refuse to take away the last one who could give it back."""
    if not held.active or "administrator" not in held.roles:
        return
    rest = select(func.count()).select_from(OFFICER).where(OFFICER.c.active, OFFICER.c.id != held.id)
    others = tx.execute(rest.where(OFFICER.c.roles.contains("administrator", autoescape=True))).scalar_one()
    if not others:
        raise Refused(
            "officer.last-administrator",
            f"{held.sign_in} is the last active administrator.",
            "Make another officer administrator first.",
            by="one administrator is always left",
        )


def _known(row: Any, what: str) -> Any:  # noqa: ANN401 - a row of officers
    if row is None:
        raise Invalid("officer.unknown", f"There is no officer {what}.", "List them.")
    return row


def _read(row: Any) -> Officer:  # noqa: ANN401 - a row of officers
    return Officer(
        row.id,
        row.sign_in,
        row.name,
        row.post,
        _roles(row.roles),
        row.active,
        datetime.fromisoformat(row.created),
        _time(row.disabled),
        _time(row.locked_until),
        row.password_given,
        _language(row.language),
    )


@cache
def _roles(written: str) -> tuple[Role, ...]:
    """Officers are many, and what they may be is little."""
    return msgspec.convert(written.split(), tuple[Role, ...])


@cache
def _language(written: str) -> Language:
    language: Language = msgspec.convert(written, Language)
    return language


def _time(written: str | None) -> datetime | None:
    return None if written is None else datetime.fromisoformat(written)


def _written(roles: tuple[Role, ...]) -> str:
    return " ".join(sorted(set(roles)))
