"""Passkeys (WebAuthn, level 3): keys that an officer's device holds for this site alone, and asks its holder for.

Law: user verification is required, so that a passkey is what one has and what one is or knows; a challenge is good
once; a counter that goes back tells of a copy, and lets nobody in. What is kept is public.
"""

import base64
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, TypeVar

import msgspec
from sqlalchemy import Connection, delete, select, update
from webauthn import (
    base64url_to_bytes,
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import (
    decode_credential_public_key,
    parse_authentication_credential_json,
    parse_client_data_json,
    parse_registration_credential_json,
)
from webauthn.helpers.decoded_public_key_to_cryptography import decoded_public_key_to_cryptography
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticationCredential,
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    RegistrationCredential,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from amanat.officer.account import Officer
from amanat.party import canonical
from amanat.party.errors import Invalid
from amanat.party.types import Line
from amanat.store.tables import PASSKEY

MOST = 10
"""How many passkeys an officer has at the most."""

Take = Callable[[str], bool]
"""Uses a challenge up; whether it was ours, young and unused."""

_Answer = TypeVar("_Answer", AuthenticationCredential, RegistrationCredential)
_HOLDS_NOT: Final = (WebAuthnException, ValueError, LookupError, TypeError, AttributeError, Invalid)
"""What is raised for an answer that does not hold: the reader of its CBOR takes each part for what it should be."""


@dataclass(frozen=True, slots=True)
class Site:
    """Whose passkeys they are: the domain (RP ID), and the origin that the browser has to name."""

    domain: str
    origin: str


@dataclass(frozen=True, slots=True)
class Passkey:
    """A passkey as its officer is shown it; `used` is None until it let somebody in."""

    id: str
    domain: str
    name: str
    created: datetime
    used: datetime | None


def of(tx: Connection, officer: int) -> list[Passkey]:
    """Return an officer's passkeys, the oldest first."""
    query = select(PASSKEY).where(PASSKEY.c.officer == officer).order_by(PASSKEY.c.created, PASSKEY.c.id)
    return [_read(row) for row in tx.execute(query)]


def asks_to_register(tx: Connection, officer: Officer, site: Site, party: str, challenge: str) -> str:
    """Return what a browser is asked in order to make one (PublicKeyCredentialCreationOptionsJSON)."""
    held = [PublicKeyCredentialDescriptor(base64url_to_bytes(each.id)) for each in of(tx, officer.id)]
    options = generate_registration_options(
        rp_id=site.domain,
        rp_name=f"Amanat {party}",
        user_id=f"{party}/{officer.id}".encode(),
        user_name=officer.sign_in,
        challenge=challenge.encode(),
        exclude_credentials=held,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
        ),
    )
    return options_to_json(options)


def asks_who(site: Site, challenge: str) -> str:
    """Return what a browser is asked in order to sign in by any passkey of this site."""
    required = UserVerificationRequirement.REQUIRED
    options = generate_authentication_options(
        rp_id=site.domain, challenge=challenge.encode(), user_verification=required
    )
    return options_to_json(options)


def register(  # noqa: PLR0913, PLR0917 - whose, where, what, when
    tx: Connection, officer: Officer, site: Site, name: str, answered: str, take: Take, now: datetime
) -> str:
    """Keep a new passkey; return its id. Raises `Invalid` for an answer that does not hold, or one too many."""
    try:
        msgspec.convert(name, Line)
        _, challenge = _read_answer(parse_registration_credential_json, answered)
        made = verify_registration_response(
            credential=answered,
            expected_challenge=challenge.encode(),
            expected_rp_id=site.domain,
            expected_origin=site.origin,
            require_user_verification=True,
        )
        # none of the above opens the key, and one that does not open would let nobody in, whenever it is tried
        decoded_public_key_to_cryptography(decode_credential_public_key(made.credential_public_key))
    except _HOLDS_NOT as error:
        raise _does_not_hold() from error
    id_ = _id(made.credential_id)
    taken = tx.execute(select(PASSKEY.c.id).where(PASSKEY.c.id == id_)).first() is not None
    if not take(challenge) or taken or len(of(tx, officer.id)) >= MOST:
        raise _does_not_hold()
    row = {
        "id": id_,
        "officer": officer.id,
        "domain": site.domain,
        "name": name,
        "public_key": made.credential_public_key,
        "counter": made.sign_count,
        "created": now.isoformat(),
    }
    tx.execute(PASSKEY.insert(), row)
    return id_


def whose(tx: Connection, site: Site, answered: str, take: Take, now: datetime) -> int | None:
    """Return the number of the officer whose passkey answered, and note that it did; None for what does not hold."""
    try:
        given, challenge = _read_answer(parse_authentication_credential_json, answered)
        id_ = _id(given.raw_id)
    except _HOLDS_NOT:  # whoever asks is told the same for every reason, and it is noted as refused
        return None
    row = tx.execute(select(PASSKEY).where(PASSKEY.c.id == id_, PASSKEY.c.domain == site.domain)).one_or_none()
    if row is None or not take(challenge):
        return None
    try:
        done = verify_authentication_response(
            credential=answered,
            expected_challenge=challenge.encode(),
            expected_rp_id=site.domain,
            expected_origin=site.origin,
            credential_public_key=row.public_key,
            credential_current_sign_count=row.counter,
            require_user_verification=True,
        )
    except _HOLDS_NOT:  # as above
        return None
    values = {"counter": done.new_sign_count, "used": now.isoformat()}
    tx.execute(update(PASSKEY).where(PASSKEY.c.id == row.id).values(values))
    return int(row.officer)


def remove(tx: Connection, officer: int, id_: str) -> None:
    """Let a passkey of an officer in no more. Raises `Invalid` when there is none of that id."""
    if not tx.execute(delete(PASSKEY).where(PASSKEY.c.officer == officer, PASSKEY.c.id == id_)).rowcount:
        raise Invalid("passkey.unknown", "There is no such passkey of this officer.", "List them.")


def remove_all(tx: Connection, officer: int) -> None:
    """Let no passkey of an officer in any more."""
    tx.execute(delete(PASSKEY).where(PASSKEY.c.officer == officer))


def _read_answer(parse: Callable[[str], _Answer], answered: str) -> tuple[_Answer, str]:
    """Return an answer and the challenge that it names; both texts in it are bounded in depth before they are parsed.

    Raises one of `_HOLDS_NOT`.
    """
    canonical.check_text(answered.encode(), "answer")
    given = parse(answered)
    canonical.check_text(given.response.client_data_json, "answer")
    return given, parse_client_data_json(given.response.client_data_json).challenge.decode("ascii")


def _id(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _does_not_hold() -> Invalid:
    return Invalid(
        "passkey.answer",
        "The device's answer does not hold, or is one too many.",
        f"Try again with a device that asks who holds it; {MOST} passkeys are the most.",
    )


def _read(row: Any) -> Passkey:  # noqa: ANN401 - a row of passkeys
    used = None if row.used is None else datetime.fromisoformat(row.used)
    return Passkey(row.id, row.domain, row.name, datetime.fromisoformat(row.created), used)
