"""The core's own kinds: a withdrawal, and a holder's signed word that a record was opened, destroyed or kept.

No compact can forbid them between parties of the record (floor 11), and none of them carries content: bodies hold
words of closed lists and a date, and all are handled in the one way written here.
"""

from typing import Final, Literal

import msgspec

from amanat.party.types import Time, require_utc
from amanat.record.handling import Handling
from amanat.record.kind import Kind

NOTICE_HANDLING: Final = Handling(tlp="TLP:AMBER", purpose="safeguards")

Reason = Literal["mistaken", "outdated", "retracted-by-source", "sent-in-error", "redress"]
Ground = Literal["court-order", "investigation-open", "complaint-open", "audit", "protection"]


class Withdrawal(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The originator withdraws the record it refers to by "withdraws"."""

    reason: Reason


class Destroyed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The holder's word that the record referred to by "about" is destroyed here."""

    because: Literal["withdrawn", "expired"]


class Kept(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The holder's word that the record referred to by "about" is kept, on what ground and until when."""

    ground: Ground
    until: Time

    def __post_init__(self) -> None:
        require_utc(self.until, "until")


class OpenedHere(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The word of the post that signs it: an officer there opened the record referred to by "about".

    Which post and when, its author and its time say; there is nothing else in it.
    """


Notice = Withdrawal | Destroyed | Kept | OpenedHere


def _reason(body: Withdrawal) -> str:
    return body.reason


def _because(body: Destroyed) -> str:
    return body.because


def _ground(body: Kept) -> str:
    return f"until {body.until:%Y-%m-%d}: {body.ground}"


WITHDRAWAL = Kind(
    "record.withdrawal",
    1,
    Withdrawal,
    "stands",
    "The originator withdraws a record.",
    (Withdrawal("outdated"),),
    title=_reason,
)
DESTROYED = Kind(
    "record.destroyed",
    1,
    Destroyed,
    "stands",
    "A holder destroyed a record.",
    (Destroyed("withdrawn"),),
    title=_because,
)
KEPT = Kind("record.kept", 1, Kept, "stands", "A holder keeps a withdrawn or expired record.", (), title=_ground)
OPENED = Kind("record.opened", 1, OpenedHere, "stands", "An officer at a post opened a record.", (OpenedHere(),))

NOTICES = (WITHDRAWAL, DESTROYED, KEPT, OPENED)
