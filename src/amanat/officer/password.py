"""Passwords of officers: what one must be, and what is kept of it: an Argon2id hash (RFC 9106) as a PHC string.

Law: no password is hashed that was not held against the rules, and none is ever kept, printed or logged. The
parameters stand in the string, so that a later default does not lock out anybody; they are bounded before use.
"""

import base64
import re
import unicodedata

from cryptography.exceptions import InvalidKey
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from amanat.party.errors import Fault, Invalid
from amanat.party.key_file import DEFAULT, Cost

MIN_CHARACTERS = 12
MAX_CHARACTERS = 256
SALT_BYTES = 16
HASH_BYTES = 32

_PHC = re.compile(
    r"\$argon2id\$v=19\$m=([0-9]{1,7}),t=([0-9]{1,2}),p=([0-9]{1,2})\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}"
)


def of_nobody(cost: Cost = DEFAULT) -> str:
    """Return what no password fits, so that a name nobody has takes as long to try as one that somebody has."""
    salt, hash_ = (base64.b64encode(bytes(count)).decode().rstrip("=") for count in (SALT_BYTES, HASH_BYTES))
    return f"$argon2id$v=19$m={cost.memory_kib},t={cost.passes},p={cost.lanes}${salt}${hash_}"


def hashed(password: str, sign_in: str, salt: bytes, cost: Cost = DEFAULT) -> str:
    """Return what is kept of a new password; `salt` is 16 fresh bytes. Raises `Invalid` when it breaks a rule."""
    if len(salt) != SALT_BYTES:
        raise Fault("password.salt", "The salt has the wrong length.", "Report this; nothing was written.")
    require_good(password, sign_in)
    return _kdf(salt, cost).derive_phc_encoded(_typed(password))


def fits(password: str, kept: str) -> bool:
    """Whether that is the password, in time that does not depend on either. Raises `Fault` for a foreign hash."""
    _require_ours(kept)
    try:
        Argon2id.verify_phc_encoded(_typed(password[: MAX_CHARACTERS + 1]), kept)
    except InvalidKey:
        return False
    return True


def require_good(password: str, sign_in: str) -> None:
    """Raise `Invalid` saying which rule a new password breaks: its length, or that it is little but the sign-in name.

    No other rule: length is what makes guessing hard (NIST SP 800-63B, 5.1.1.2, asks for no kinds of characters).
    """
    typed = unicodedata.normalize("NFC", password)
    if not MIN_CHARACTERS <= len(typed) <= MAX_CHARACTERS:
        raise Invalid(
            "password.length",
            f"The new password has {len(typed)} characters; {MIN_CHARACTERS} to {MAX_CHARACTERS} are allowed.",
            "Take five or six words drawn by dice.",
        )
    besides = len(typed.casefold().replace(sign_in.casefold(), ""))
    if besides < MIN_CHARACTERS and sign_in.casefold() in typed.casefold():
        raise Invalid(
            "password.name",
            f"Besides the sign-in name the new password has {besides} characters; {MIN_CHARACTERS} are the least.",
            "Take words that have nothing to do with the name.",
        )
    if len(set(typed.casefold())) < MIN_CHARACTERS // 3:
        raise Invalid(
            "password.repeats",
            f"The new password is made of {len(set(typed.casefold()))} different characters.",
            "Take words, not one key pressed often.",
        )
    try:
        typed.encode()
    except UnicodeEncodeError as error:
        raise Invalid("password.text", "The new password is no text that UTF-8 can write.", "Type it anew.") from error


def _typed(password: str) -> bytes:
    """NFC, because two keyboards may write one password in different code points (RFC 8265)."""
    return unicodedata.normalize("NFC", password).encode("utf-8", "surrogatepass")


def _kdf(salt: bytes, cost: Cost) -> Argon2id:
    return Argon2id(salt=salt, length=HASH_BYTES, iterations=cost.passes, lanes=cost.lanes, memory_cost=cost.memory_kib)


def _require_ours(kept: str) -> None:
    """Refuse a hash that was not made here: whoever wrote it into the database would choose what it costs us."""
    shaped = _PHC.fullmatch(kept)
    if shaped is not None and _bounded(*map(int, shaped.groups())):
        return
    raise Fault(
        "password.kept",
        "What is kept of an officer's password is not of the form that we write.",
        "Audit the database, then set the password anew.",
    )


def _bounded(memory_kib: int, passes: int, lanes: int) -> bool:
    try:
        Cost(memory_kib, passes, lanes)
    except Invalid:
        return False
    return True
