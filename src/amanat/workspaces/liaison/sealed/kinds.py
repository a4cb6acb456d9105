"""The bodies of sealed notices: what is told now, what opens it, and what an observer is entrusted with; with examples.

Law: before it is opened nothing is told of a notice but that there is one, and when it opens. What is entrusted goes to
observers alone. An opening names what it opens, and is judged against that record's digest and nothing else.
"""

from datetime import UTC, datetime
from typing import Annotated, Final, Literal

import msgspec

from amanat.party.errors import Invalid
from amanat.party.types import Digest, PartyCode, Time, require_sorted, require_utc
from amanat.record.kind import Kind
from amanat.workspaces.liaison.kinds import Named
from amanat.workspaces.liaison.notices.kinds import NOTICE, Notice
from amanat.workspaces.liaison.sealed.commitment import Salt, commitment

Because = Literal["time", "incident", "chosen", "escrow"]
"""Why it was opened: its time came, something happened near it, its sender chose to, or it was held in trust."""

MOST_HOLDERS: Final = 8


class Sealed(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, kw_only=True, tag="sealed"):
    """A notice is told of under seal: its `commitment`, and when the author's node `opens` it at the latest.

    `held_by` are the observers to whom it is entrusted, of whom `escrow` have to open it for it to count as opened.
    """

    commitment: Digest
    opens: Time
    held_by: Annotated[tuple[PartyCode, ...], msgspec.Meta(max_length=MOST_HOLDERS)] = ()
    escrow: Annotated[int, msgspec.Meta(ge=0, le=MOST_HOLDERS)] = 0

    def __post_init__(self) -> None:
        require_utc(self.opens, "opens")
        require_sorted(self.held_by, "held_by")
        if self.escrow > len(self.held_by) or (self.escrow == 0) != (not self.held_by):
            raise Invalid(
                "liaison.escrow",
                f"{self.escrow} observers are to open it, and {len(self.held_by)} are entrusted with it.",
                "Entrust it to as many as are to open it, or to nobody.",
            )


class Unsealed(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, kw_only=True, tag="unsealed"
):
    """What a sealed notice (`of`) says, and the salt by which everybody can see that it was that."""

    of: Named
    because: Because
    salt: Salt
    notice: Notice
    incident: Named | None = None

    def __post_init__(self) -> None:
        may = self.because in {"incident", "escrow"}
        if (self.because == "incident" and self.incident is None) or (self.incident is not None and not may):
            raise Invalid(
                "liaison.unsealed-incident",
                "What is opened on an incident names it, and nothing else does but what observers open.",
                "Name the incident, or give another reason.",
            )


class Holds(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag="holds"):
    """An observer's word that it holds in trust what opens a sealed notice (`of`), and whether that fits its digest."""

    of: Named
    fits: bool


class Entrusted(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What opens the author's sealed notice of that `commitment`, kept in trust until it is due and not opened."""

    commitment: Digest
    salt: Salt
    notice: Notice


Step = Sealed | Unsealed | Holds

_SALT: Final = "5a" * 32
_WORKS: Final = NOTICE.examples[0]
_OPENS: Final = datetime(2026, 12, 1, 16, 0, tzinfo=UTC)
_SEALED: Final = Named("pk", "01936e1a-7a00-7000-8000-000000000021")
_INCIDENT: Final = Named("af", "01936e1a-7a00-7000-8000-000000000022")
_COMMITMENT: Final = commitment("pk", _SALT, _WORKS)

SEALED: Final = Kind(
    "liaison.sealed",
    1,
    Step,
    "stands",
    "A notice under seal: only a digest of it now, what it says later.",
    (
        Sealed(commitment=_COMMITMENT, opens=_OPENS),
        Sealed(commitment=_COMMITMENT, opens=_OPENS, held_by=("obs",), escrow=1),
        Unsealed(of=_SEALED, because="time", salt=_SALT, notice=_WORKS),
        Unsealed(of=_SEALED, because="incident", salt=_SALT, notice=_WORKS, incident=_INCIDENT),
        Holds(of=_SEALED, fits=True),
    ),
    written=False,
    waits=False,
    told="members",
)
ESCROW: Final = Kind(
    "liaison.escrow",
    1,
    Entrusted,
    "stands",
    "What a sealed notice says, entrusted to an observer.",
    (Entrusted(commitment=_COMMITMENT, salt=_SALT, notice=_WORKS),),
    written=False,
    waits=False,
    told="trust",
)
