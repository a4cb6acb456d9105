"""What the floors are told of sealed notices, and what lists call their records.

Law: what opens one says where persons are as the notice itself does (floor 6), and so does what is entrusted. A sealed
notice tells nothing; its title says no more.
"""

from datetime import datetime

from amanat.record.kind import NO_FACTS, Facts
from amanat.workspaces.liaison.notices import coarse
from amanat.workspaces.liaison.notices.kinds import Notice, type_of
from amanat.workspaces.liaison.sealed.kinds import Entrusted, Holds, Sealed, Step, Unsealed
from amanat.workspaces.liaison.sealed.words import WORDS


def of_step(body: Step) -> Facts:
    """Return the facts of a sealed notice, of what opens one, or of a holder's word."""
    return coarse.facts(body.notice) if isinstance(body, Unsealed) else NO_FACTS


def of_entrusted(body: Entrusted) -> Facts:
    """Return the facts of what is entrusted."""
    return coarse.facts(body.notice)


def step_title(body: Step) -> str:
    """Return what a sealed notice, what opens one, or a holder's word is called by."""
    if isinstance(body, Sealed):
        return sealed_title(body.opens)
    if isinstance(body, Holds):
        return WORDS["title"]["liaison.sealed holds" if body.fits else "liaison.sealed holds-wrong"]
    return _planned("liaison.sealed opened", body.notice)


def sealed_title(opens: datetime) -> str:
    """Return what a sealed notice is called by that opens then."""
    return WORDS["title"]["liaison.sealed"].format(opens=_moment(opens))


def entrusted_title(body: Entrusted) -> str:
    """Return what that which is entrusted is called by."""
    return _planned("liaison.escrow", body.notice)


def _planned(code: str, notice: Notice) -> str:
    window = notice.window
    filled = {"since": _moment(window.since), "until": _moment(window.until)}
    return WORDS["title"][code].format(planned=type_of(notice), **filled)


def _moment(time: datetime) -> str:
    return f"{time:%Y-%m-%dT%H:%M:%SZ}"
