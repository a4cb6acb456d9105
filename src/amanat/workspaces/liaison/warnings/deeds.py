"""What an officer does about warnings at once: give one, change it, cancel it, note that one was read.

Law: only the party that gave a warning changes it, and what is over or was cancelled is changed no more: that is a new
warning.
"""

from typing import Final

import msgspec

from amanat.exchange.means import Turn
from amanat.officer.may import Actor
from amanat.party.errors import Invalid, Refused
from amanat.workspace import Deed, Sent
from amanat.workspaces.liaison import matter_rows
from amanat.workspaces.liaison.dealings import Root, asked, require_dealing
from amanat.workspaces.liaison.warnings import reading, told
from amanat.workspaces.liaison.warnings.kinds import Cancelled
from amanat.workspaces.liaison.warnings.reading import Typed
from amanat.workspaces.liaison.warnings.rules import Matter, phase
from amanat.workspaces.liaison.warnings.unread import unread_of

KIND: Final = "liaison.warning"
PAGE: Final = "/liaison/warning?party={party}&id={id}"


class Cancelling(msgspec.Struct, frozen=True):
    """Which warning is cancelled, and whether that was said twice ("on")."""

    party: str
    id: str
    sure: str = ""


class Noting(msgspec.Struct, frozen=True):
    """Of which warning all that came is noted as read, as far as the page had shown it."""

    party: str
    id: str
    seen: str = ""


def warn(turn: Turn, _actor: Actor, typed: Typed) -> Sent:
    """Give a warning, or what takes the place of one."""
    if not typed.updates:
        dealing = require_dealing(turn, KIND, typed.compact)
        body = reading.body(turn, typed)
        return Sent((asked(turn, dealing, KIND, body, exercise=bool(typed.exercise)),), then=PAGE)
    found = require_own(turn, turn.means.party, typed.updates)
    body = reading.body(turn, typed, found.root.key)
    dealing = require_dealing(turn, KIND, found.root.compact)
    return Sent((asked(turn, dealing, KIND, body, of=_root(found)),), then=_page(found))


def cancel(turn: Turn, _actor: Actor, typed: Cancelling) -> Sent:
    """Cancel a warning, for good."""
    found = require_own(turn, typed.party, typed.id)
    if not typed.sure:
        raise Invalid("liaison.warning-sure", "Nothing was cancelled yet.", "Say that the danger is over, then press.")
    dealing = require_dealing(turn, KIND, found.root.compact)
    return Sent((asked(turn, dealing, KIND, Cancelled(cancels=found.root.key), of=_root(found)),), then=_page(found))


def note(turn: Turn, _actor: Actor, typed: Noting) -> Sent:
    """Open all that the other side said of a warning."""
    found = told.require(turn, typed.party, typed.id)
    return Sent(opens=matter_rows.shown(unread_of(turn, found), typed.seen), then=_page(found))


def require_own(turn: Turn, party: str, id_: str) -> Matter:
    """Return an own warning that may be changed. Raises `Invalid` and `Refused`."""
    found = told.require(turn, party, id_)
    if party != turn.means.party:
        raise Refused(
            "liaison.warning-theirs",
            "The warning is another party's.",
            "Only who gave it changes it: call them on the hotline.",
            by="who gave it",
        )
    if phase(found, turn.now) in {"over", "cancelled"}:
        raise Invalid("liaison.warning-ended", "The warning is over, or was cancelled.", "Give a new one.")
    return found


def _root(found: Matter) -> Root:
    return Root(found.root.key, found.root.exercise, found.root.expires)


def _page(found: Matter) -> str:
    return PAGE.format(party=found.root.key.party, id=found.root.key.id)


DEEDS: Final = (
    Deed("warn-public", "warn", "record.send", Typed, warn),
    Deed("cancel-warning", "warning", "record.send", Cancelling, cancel),
    Deed("note-warning", "warning", "record.acknowledge", Noting, note),
)
