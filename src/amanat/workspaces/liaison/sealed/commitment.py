"""What a sealed notice is bound by: a digest that tells nothing of it, and that nobody can say something else to.

Law: SHA-256 of a label, a salt of 32 bytes, and the one encoding of the notice with the party that commits itself: what
another party copies is a commitment to nothing that it could open.
"""

import hashlib
from typing import Annotated, Final

import msgspec

from amanat.party import canonical, labels
from amanat.party.types import PartyCode
from amanat.workspaces.liaison.notices.kinds import Notice

SALT_BYTES: Final = 32
Salt = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}$(?!\n)")]
"""In hex."""


class Secret(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What opens a sealed notice."""

    salt: Salt
    notice: Notice


class _Bound(msgspec.Struct, frozen=True):
    party: PartyCode
    notice: Notice


def commitment(party: str, salt: str, notice: Notice) -> str:
    """Return the digest (hex) by which a party commits itself to a notice, with a salt (hex)."""
    told = canonical.encode(_Bound(party, notice))
    return hashlib.sha256(labels.SEALED_NOTICE + bytes.fromhex(salt) + told).hexdigest()
