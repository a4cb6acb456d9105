"""A party's root: the custodians' public keys and how many of them must act together."""

import base64
from collections.abc import Mapping
from typing import Annotated

import msgspec

from amanat.party.errors import Invalid
from amanat.party.key_id import key_id
from amanat.party.types import require_sorted, unbase64

MAX_CUSTODIANS = 16


class Root(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`threshold` of the `keys` (sorted base64 of 32-byte Ed25519 public keys) are the party."""

    threshold: Annotated[int, msgspec.Meta(ge=1, le=MAX_CUSTODIANS)]
    keys: tuple[str, ...]

    def __post_init__(self) -> None:
        require_sorted(self.keys, "root.keys")
        for key in self.keys:
            unbase64(key, "root key", 32)
        if not self.threshold <= len(self.keys) <= MAX_CUSTODIANS:
            raise Invalid(
                "root.threshold",
                f"The root asks for {self.threshold} of {len(self.keys)} custodians.",
                f"Name up to {MAX_CUSTODIANS} custodians, and ask for no more than there are.",
            )

    def by_id(self) -> Mapping[str, bytes]:
        """Return the 32-byte public keys by key id."""
        raw = [base64.b64decode(key) for key in self.keys]
        return {key_id(each): each for each in raw}
