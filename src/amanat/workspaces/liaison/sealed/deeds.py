"""What an officer does at once with sealed notices: seals one, opens it, also from trust, calls one off, reads.

Law: who opens what another entrusted says so in a second step, and the rule decides whether it may be opened now.
"""

from typing import Any, Final, Literal

import msgspec

from amanat.exchange.lexica import own_zone
from amanat.exchange.means import Turn
from amanat.exchange.shown import row_of
from amanat.exchange.withdraw import require_withdrawable, withdraw_in
from amanat.officer.may import Actor
from amanat.party.errors import Invalid, Refused
from amanat.record.notices import Withdrawal
from amanat.record.record import Post
from amanat.workspace import Deed, Sent
from amanat.workspaces.liaison import slots
from amanat.workspaces.liaison.dealings import require_dealing
from amanat.workspaces.liaison.ground import drawn
from amanat.workspaces.liaison.notices import forms, giving
from amanat.workspaces.liaison.notices.deeds import require_sure
from amanat.workspaces.liaison.sealed import rules, sealing, stories
from amanat.workspaces.liaison.sealed.commitment import Secret
from amanat.workspaces.liaison.sealed.stories import Known

Typed: Final = msgspec.defstruct(
    "Typed", [(name, str, "") for name in (*forms.Typed.__struct_fields__, "opens", "escrow")], frozen=True
)
"""What was typed of a plan, when it is to open, and how many observers have to open it if it is not."""


class Which(msgspec.Struct, frozen=True):
    """Which sealed notice."""

    party: str
    id: str


class Opening(msgspec.Struct, frozen=True):
    """Which sealed notice is opened, and that one means it ("on")."""

    party: str
    id: str
    sure: str = ""


class CallingOff(msgspec.Struct, frozen=True):
    """Which sealed notice is called off, why, and that one means it ("on")."""

    party: str
    id: str
    reason: Literal["mistaken", "outdated", "sent-in-error"]
    sure: str = ""


def seal(turn: Turn, actor: Actor, said: Any) -> Sent:  # noqa: ANN401 - `Typed`, which is made and not written
    """Seal what was planned, as it may be told once it is opened."""
    notice = forms.read(turn, said)
    if said.coarse:
        notice = giving.told(require_dealing(turn, "liaison.sealed", said.compact), notice)
    with slots.in_field("opens"):
        if not said.opens.strip():
            raise Invalid("liaison.opens-empty", "It is not said when it opens.", "Type a time, like 2026-11-24 14:30.")
        opens = slots.time(said.opens, own_zone(turn), turn.now)
    escrow = drawn.whole(said.escrow or "0", "escrow")
    return sealing.seal(turn, actor, notice, opens, escrow, compact=said.compact, exercise=bool(said.exercise))


def open_own(turn: Turn, _actor: Actor, said: Opening) -> Sent:
    """Open a sealed notice of this party before its time, by choice."""
    known = _own(turn, said.party, said.id)
    _require_sure(said)
    secret = sealing.secret_of(turn, known)
    if secret is None or known.story.told.withdrawn is not None or _opened_by(known, turn.means.party):
        raise Invalid(
            "liaison.sealed-nothing",
            "Nothing is kept back here that opens it.",
            "It was opened or called off already, or what was kept back is gone; see how it stands.",
        )
    return Sent((sealing.unseal(turn, known, "chosen", secret),), then=_page(known))


def open_from_trust(turn: Turn, _actor: Actor, said: Opening) -> Sent:
    """Open a sealed notice that is held in trust here."""
    known, own = stories.require(turn, said.party, said.id), turn.means.party
    _require_sure(said)
    held = stories.entrusted(turn, known)
    if held is None or own not in known.story.told.held_by or own == known.row.party:
        raise Invalid(
            "liaison.trust-nothing", "Nothing is held in trust here of that notice.", "See who holds it on its page."
        )
    incident = stories.near_incident(turn, known, held[0].notice)
    if not rules.may_open(known.story, own, turn.now, incident):
        raise Refused(
            "liaison.trust",
            f"It is held in trust until {known.story.told.due:%Y-%m-%d %H:%M} UTC.",
            "Open it then, if its sender has not.",
            by="trust",
        )
    if _opened_by(known, own):
        raise Invalid("liaison.trust-opened", "This party opened it already.", "See how it stands.")
    secret = Secret(held[0].salt, held[0].notice)
    return Sent((sealing.unseal(turn, known, "escrow", secret, incident),), then=_page(known))


def call_off(turn: Turn, actor: Actor, said: CallingOff) -> Sent:
    """Take back a sealed notice of this party; what is kept back of it is destroyed within a minute."""
    known = _own(turn, said.party, said.id)
    if rules.opened(known.story) is not None:
        raise Invalid("liaison.sealed-open", "It was opened already.", "Say in a call what has changed.")
    require_sure(said.sure)
    require_withdrawable(turn, row_of(turn, said.party, said.id))
    withdraw_in(turn, said.id, Withdrawal(said.reason), Post(turn.means.party, actor.post))
    return Sent(then=_page(known), on=(f"{said.party}:{said.id}",))


def read(turn: Turn, _actor: Actor, said: Which) -> Sent:
    """Sign that one read the sealed notice, and what others said of it."""
    known, own = stories.require(turn, said.party, said.id), turn.means.party
    keys = [known.story.told.key, *(each.key for each in known.story.shown)]
    return Sent(opens=tuple((each.party, each.id) for each in keys if each.party != own), then=_page(known))


def _own(turn: Turn, party: str, id_: str) -> Known:
    known = stories.require(turn, party, id_)
    if party != turn.means.party:
        raise Invalid("liaison.sealed-others", "That sealed notice is the other side's.", "Only its sender does that.")
    return known


def _require_sure(said: Opening) -> None:
    if not said.sure:
        raise Invalid("liaison.sure", "It is not said that it is to be opened.", "Tick that you mean it.")


def _opened_by(known: Known, party: str) -> bool:
    return any(each.fits and each.key.party == party for each in known.story.shown)


def _page(known: Known) -> str:
    return sealing.PAGE.format(party=known.row.party, id=known.row.id)


DEEDS: Final = (
    Deed("seal-notice", "seal", "record.send", Typed, seal),
    Deed("open-sealed", "sealed", "record.send", Opening, open_own),
    Deed("open-from-trust", "sealed", "record.send", Opening, open_from_trust),
    Deed("call-off-sealed", "sealed", "record.withdraw", CallingOff, call_off),
    Deed("read-sealed", "sealed", "record.acknowledge", Which, read),
)
