"""Who asks: an officer by session or token, what that officer may, and how often.

Law: denied by default. A session counts for changes only with the word that stands in its own pages (`form_word`), so
that no other page can have an officer's browser act; nobody who was not recognised learns what is here.
"""

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from cryptography.hazmat.primitives.constant_time import bytes_eq

from amanat.exchange import live
from amanat.exchange.acting import acting
from amanat.exchange.means import Means, begin
from amanat.exchange.rates import Rate
from amanat.officer import sessions, tokens
from amanat.officer.may import Act, Actor, may, require
from amanat.party.errors import Refused
from amanat.store import turns

COOKIE: Final = "amanat_session"
BY_ITSELF: Final = "x-amanat-by-itself"
"""The header by which a page says that it asks, and not its officer, who may have left."""
WORD: Final = "x-amanat-form"
"""The header, or as `form` the field, in which the word of a page comes back."""

_BEARER: Final = "bearer "
_LABEL: Final = b"amanat form word\0"


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, and the session's cookie where it is one.

    `newest` is the number of the newest event when it was asked, before anything was read: a page that follows events
    from there misses none of what happened while it was made.
    """

    actor: Actor
    cookie: str = ""
    newest: int = 0


@dataclass(frozen=True, slots=True)
class Shown:
    """What a request shows of who asks: the headers named for it, the cookie, and whether it would change something.

    `address` is whom it is counted for where it shows nobody. `by_itself` says that a page asked, and no officer: that
    keeps no session from ending; `renews`, that besides it is a list, and no new look at the persons in it.
    """

    authorization: str
    cookie: str
    word: str
    changes: bool
    address: str = ""
    by_itself: bool = False
    renews: bool = False


@dataclass(slots=True)
class Gate:
    """Where each request of an officer or a program passes. `rate` is for each officer, whatever the way in.

    `unknown` is for each address that shows tokens or sessions which are none; who is recognised is not asked for it.
    """

    means: Means
    rate: Rate
    signing_in: Rate
    unknown: Rate

    def use(self, means: Means) -> None:
        """Go on with other keys, by which the log of what officers do is signed."""
        self.means = means

    def pass_(self, shown: Shown, permission: str, act: Act | None) -> Caller:
        """Return who asks. Raises `Refused`, noted where what is asked for is an act, or `TooMuch`."""
        caller = self.recognise(shown)
        self.rate.take(str(caller.actor.officer))
        if shown.changes and caller.cookie:
            require_own(shown.word, caller.cookie)
        if act is not None and not may(caller.actor, permission):
            with acting(self.means, caller.actor, act):
                pass
        require(caller.actor, permission)
        return caller

    def recognise(self, shown: Shown) -> Caller:
        """Return who asks. Raises `Refused`, or `TooMuch` for an address that showed too often what is nobody's."""
        try:
            return recognise(shown, self.means)
        except Refused:
            if shown.authorization or shown.cookie:
                self.unknown.take(shown.address)
            raise


def recognise(shown: Shown, means: Means) -> Caller:
    """Return who asks. Raises `Refused`."""
    if shown.authorization:
        return _by_token(shown.authorization, means)
    if not shown.cookie:
        raise Refused("session.none", "Nobody is signed in.", "Sign in, or show a token: docs/api.md.", by="sign-in")
    now = _now(means)
    with turns.reading(means.engine) as tx:
        actor, unnoted = sessions.asks(tx, shown.cookie, now)
        newest = live.newest(tx)
    if unnoted and not shown.by_itself:
        with begin(means) as turn:
            sessions.touch(turn.tx, shown.cookie, turn.now)
    return Caller(replace(actor, renews=shown.renews), shown.cookie, newest)


def _by_token(authorization: str, means: Means) -> Caller:
    text = authorization[len(_BEARER) :].strip() if authorization.lower().startswith(_BEARER) else ""
    now = _now(means)
    with turns.reading(means.engine) as tx:  # no paper is read for whoever may be a stranger
        actor, number = tokens.actor(tx, text, now)
        unnoted = tokens.unnoted(tx, number, now)
    if unnoted:
        with begin(means) as turn:
            tokens.touch(turn.tx, number, turn.now)
    return Caller(actor)


def _now(means: Means) -> datetime:
    return means.now().replace(microsecond=0)


def form_word(cookie: str) -> str:
    """Return the word that a page's forms bring back: it follows from the cookie, and tells nothing of it."""
    return hashlib.sha256(_LABEL + cookie.encode()).hexdigest()


def require_own(word: str, cookie: str) -> None:
    """Raise `Refused` for a form that does not come from a page that was given together with this cookie.

    Another site's page brings no cookie along, and what follows from none anybody can work out.
    """
    if not cookie or not bytes_eq(form_word(cookie).encode(), word.encode()):
        raise Refused(
            "form.word",
            "The request does not come from a page of this session.",
            "Load the page anew and try again.",
            by="the session's own pages",
        )
