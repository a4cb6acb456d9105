"""A party's root: the custodians' public keys and how many of them must act together.

3 of 5 is what we advise, because a party may itself be divided. Where half or fewer suffice, two halves of a party can
each sign a successor of one manifest; where one suffices, any one custodian is the party. Both are allowed.
"""

from collections.abc import Mapping
from typing import Annotated

import msgspec

from amanat.party.errors import Invalid
from amanat.party.key_id import key_id
from amanat.party.keys import ed25519_public
from amanat.party.types import require_sorted, unbase64

MAX_CUSTODIANS = 16


class Root(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`threshold` of the `keys` (sorted base64 of 32-byte Ed25519 public keys) are the party."""

    threshold: Annotated[int, msgspec.Meta(ge=1, le=MAX_CUSTODIANS)]
    keys: tuple[str, ...]

    def __post_init__(self) -> None:
        require_sorted(self.keys, "root.keys")
        for key in self.keys:
            ed25519_public(key, "root key")
        if not 1 <= self.threshold <= len(self.keys) <= MAX_CUSTODIANS:
            raise Invalid(
                "root.threshold",
                f"The root asks for {self.threshold} of {len(self.keys)} custodians.",
                f"Name up to {MAX_CUSTODIANS} custodians, and ask for no more than there are.",
            )

    def by_id(self) -> Mapping[str, bytes]:
        """Return the 32-byte public keys by key id."""
        raw = [unbase64(key, "root key") for key in self.keys]
        return {key_id(each): each for each in raw}
