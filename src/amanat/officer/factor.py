"""The second factor: codes that an officer's own device shows (RFC 6238, TOTP), and recovery codes for when it is lost.

Law: a code is good once, and so is a recovery code. The secret is kept sealed under a key that is not in the database,
recovery codes as SHA-256 of 80 random bits; neither is shown a second time.
"""

import base64
import hashlib
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.constant_time import bytes_eq
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from sqlalchemy import Connection, delete, func, select, update

from amanat.officer.may import Actor
from amanat.officer.password import MIN_CHARACTERS
from amanat.party import labels
from amanat.party.errors import Fault, Invalid
from amanat.store.tables import FACTOR, RECOVERY

SECRET_BYTES = 20  # RFC 4226 section 4, R6
NONCE_BYTES = 12
DIGITS = 6
STEP_SECONDS = 30
RECOVERY_CODES = 8
_RECOVERY_BYTES = 10

_CODE = re.compile(r"[0-9]{6}")
_RECOVERY = re.compile(r"[A-Z2-7]{16}")


@dataclass(frozen=True, slots=True)
class Standing:
    """Since when an officer has a second factor, and how many recovery codes are left."""

    since: datetime
    recovery: int


@dataclass(frozen=True, slots=True)
class Judged:
    """Whether what was typed is good, and what is spent by it: the step of a code (0 for none), or a recovery code."""

    good: bool
    step: int = 0
    recovery: str = ""

    @property
    def beside(self) -> str:
        """What was typed beside the password, as the audit log names it; "" where nothing had to be."""
        return "-and-recovery-code" if self.recovery else "-and-code" if self.step else ""


def sealed(secret: bytes, officer: int, own: bytes, nonce: bytes) -> bytes:
    """Return what is kept of a secret, for that officer alone; `own` is the node's (`NodeKeys.own`), `nonce` fresh."""
    return nonce + AESGCM(_key(own)).encrypt(nonce, secret, _kept_for(officer))


def require_own(own: bytes) -> None:
    """Raise `Fault` where the node has no secret of its own: nobody could sign in by a code, or set one up."""
    if not own:
        raise Fault("factor.key", "This node's key file has no secret of its own.", "Upgrade the node.")


def unsealed(kept: bytes, officer: int, own: bytes) -> bytes:
    """Return the secret. Raises `Fault` for what was altered, of another officer, or sealed by another node."""
    try:
        return AESGCM(_key(own)).decrypt(kept[:NONCE_BYTES], kept[NONCE_BYTES:], _kept_for(officer))
    except (InvalidTag, ValueError) as error:
        raise Fault(
            "factor.kept",
            "What is kept of an officer's second factor does not open.",
            "Take the second factor away, so that the officer sets up another.",
        ) from error


def offered(secret: bytes, to: Actor, own: bytes, nonce: bytes, now: datetime) -> bytes:
    """Return a secret as a page carries it until it is confirmed: sealed for that session, and good for an hour."""
    return nonce + AESGCM(_key(own)).encrypt(nonce, secret, _offered_to(to, _hour(now)))


def taken(given: bytes, by: Actor, own: bytes, now: datetime) -> bytes:
    """Return the secret that was offered in this hour or the one before. Raises `Invalid` for anything else."""
    for hour in (_hour(now), _hour(now) - 1):
        try:
            return AESGCM(_key(own)).decrypt(given[:NONCE_BYTES], given[NONCE_BYTES:], _offered_to(by, hour))
        except (InvalidTag, ValueError):
            continue
    raise Invalid("factor.form", "The form does not hold the secret that it was given.", "Begin anew.")


def address(secret: bytes, sign_in: str, party: str) -> str:
    """Return the address that a device takes a secret from, mostly as a QR code (otpauth://totp/…)."""
    return _totp(secret).get_provisioning_uri(sign_in, f"Amanat {party}")


def written(secret: bytes) -> str:
    """Return a secret as it is typed into a device that reads no QR code: Base32 in groups of four."""
    text = base64.b32encode(secret).decode()
    return " ".join(text[at : at + 4] for at in range(0, len(text), 4))


def recovery_codes(random: Callable[[int], bytes]) -> tuple[str, ...]:
    """Draw recovery codes, as they are shown once."""
    drawn = (base64.b32encode(random(_RECOVERY_BYTES)).decode() for _ in range(RECOVERY_CODES))
    return tuple("-".join(each[at : at + 4] for at in range(0, len(each), 4)) for each in drawn)


def is_code(tx: Connection, officer: int, typed: str) -> bool:
    """Whether what was typed is a code, and no password: shorter than any, or a recovery code of that officer."""
    code = _stripped(typed)
    if _CODE.fullmatch(code):
        return len(typed.strip()) < MIN_CHARACTERS
    return bool(_RECOVERY.fullmatch(code)) and _is_kept(tx, officer, _digest(officer, code))


def enrolled(tx: Connection, officer: int) -> bool:
    """Whether an officer has a second factor."""
    return tx.execute(select(FACTOR.c.officer).where(FACTOR.c.officer == officer)).first() is not None


def standing(tx: Connection, officer: int) -> Standing | None:
    """Return how an officer's second factor stands; None where there is none."""
    since = tx.execute(select(FACTOR.c.since).where(FACTOR.c.officer == officer)).scalar_one_or_none()
    if since is None:
        return None
    left = select(func.count()).select_from(RECOVERY).where(RECOVERY.c.officer == officer)
    return Standing(datetime.fromisoformat(since), tx.execute(left).scalar_one())


def confirmed(secret: bytes, typed: str, now: datetime) -> int:
    """Return the step of the first code of a secret, which it spends.

    Raises `Invalid` when the device does not show that code, so that nobody locks oneself out.
    """
    judged = _judge(secret, _stripped(typed), 0, now)
    if not judged.good:
        raise Invalid(
            "factor.code",
            "That is not the code of this secret at this time.",
            "Type the code that the device shows now; see that its clock is right.",
        )
    return judged.step


def enrol(tx: Connection, officer: int, kept: bytes, step: int, now: datetime) -> None:
    """Give an officer a confirmed second factor in place of the one before, whose recovery codes end with it."""
    remove(tx, officer)
    tx.execute(FACTOR.insert(), {"officer": officer, "sealed": kept, "since": now.isoformat(), "step": step})


def set_recovery(tx: Connection, officer: int, codes: Iterable[str]) -> None:
    """Keep these recovery codes of an officer and no other."""
    tx.execute(delete(RECOVERY).where(RECOVERY.c.officer == officer))
    for each in codes:
        tx.execute(RECOVERY.insert(), {"officer": officer, "digest": _digest(officer, _stripped(each))})


def remove(tx: Connection, officer: int) -> None:
    """Take an officer's second factor away; one who has none keeps none."""
    tx.execute(delete(FACTOR).where(FACTOR.c.officer == officer))
    tx.execute(delete(RECOVERY).where(RECOVERY.c.officer == officer))


def judge(tx: Connection, officer: int, typed: str, own: bytes, now: datetime) -> Judged:
    """Judge what was typed as a code, and spend nothing. For who has no second factor anything is good."""
    row = tx.execute(select(FACTOR).where(FACTOR.c.officer == officer)).one_or_none()
    if row is None:
        return Judged(good=True)
    code = _stripped(typed)
    if _RECOVERY.fullmatch(code):
        digest = _digest(officer, code)
        return Judged(good=_is_kept(tx, officer, digest), recovery=digest)
    return (
        _judge(unsealed(row.sealed, officer, own), code, row.step, now) if _CODE.fullmatch(code) else Judged(good=False)
    )


def spend(tx: Connection, officer: int, judged: Judged) -> None:
    """Let what was judged good be good no more."""
    tx.execute(delete(RECOVERY).where(RECOVERY.c.officer == officer, RECOVERY.c.digest == judged.recovery))
    if judged.step:
        tx.execute(update(FACTOR).where(FACTOR.c.officer == officer).values(step=judged.step))


def _is_kept(tx: Connection, officer: int, digest: str) -> bool:
    mine = (RECOVERY.c.officer == officer, RECOVERY.c.digest == digest)
    return tx.execute(select(RECOVERY.c.digest).where(*mine)).first() is not None


def _judge(secret: bytes, code: str, spent: int, now: datetime) -> Judged:
    """A device's clock may be a step behind or ahead (RFC 6238 section 5.2); a step that was used is past."""
    current, good = int(now.timestamp()) // STEP_SECONDS, 0
    for step in (current - 1, current, current + 1):
        shown = _totp(secret).generate(step * STEP_SECONDS)
        if bytes_eq(shown, code.encode()) and step > spent:
            good = step
    return Judged(good=good > 0, step=good)


def _totp(secret: bytes) -> TOTP:
    return TOTP(secret, DIGITS, SHA1(), STEP_SECONDS)  # noqa: S303 - as every device has it; HMAC asks no more of it


def _stripped(typed: str) -> str:
    return re.sub(r"[\s-]", "", typed).upper()


def _digest(officer: int, code: str) -> str:
    return hashlib.sha256(labels.RECOVERY_CODE + f"{officer}\n{code}".encode()).hexdigest()


def _kept_for(officer: int) -> bytes:
    return labels.FACTOR_SECRET + str(officer).encode()


def _offered_to(to: Actor, hour: int) -> bytes:
    return labels.FACTOR_OFFERED + f"{to.officer}\n{to.session}\n{hour}".encode()


def _hour(now: datetime) -> int:
    return int(now.timestamp()) // 3600


def _key(own: bytes) -> bytes:
    require_own(own)
    return HKDF(SHA256(), 32, None, labels.FACTOR_KEY).derive(own)
