"""What a node says by itself of sealed notices: its own are opened when they are due, others' are held in trust.

Law: as of all that a node says by itself: asked anew every second, and said once. A node that was down opens late, and
its record's time says so.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Final

from sqlalchemy import exists

from amanat.exchange.drafting import Asked
from amanat.exchange.means import Turn
from amanat.exchange.tending import Attending
from amanat.store import kept_back, listing
from amanat.workspaces.liaison import views
from amanat.workspaces.liaison.dealings import asked
from amanat.workspaces.liaison.sealed import happened, rules, sealing, stories
from amanat.workspaces.liaison.sealed.commitment import Secret
from amanat.workspaces.liaison.sealed.kinds import Because, Holds
from amanat.workspaces.liaison.sealed.near import Happened
from amanat.workspaces.liaison.sealed.stories import Known
from amanat.workspaces.liaison.sealed.tables import ENTRUSTED, HOLDS, SEALED

MOST: Final = 50
"""Of such words that are said in one second."""
GONE: Final = ("withdrawn", "destroyed")
_FITS: Final = (ENTRUSTED.c.party == SEALED.c.party, ENTRUSTED.c.commitment == SEALED.c.commitment)
_SAID: Final = (HOLDS.c.of_party == SEALED.c.party, HOLDS.c.of_id == SEALED.c.id)


def tend(turn: Turn, _attending: Attending) -> Iterator[Asked]:
    """Yield what this node is to say now."""
    yield from _openings(turn)
    yield from _words(turn)


def _openings(turn: Turn) -> Iterator[Asked]:
    """Yield what opens the own sealed notices that are to be opened now: on an incident near by, or at their time."""
    closed = list(_closed(turn))
    those = tuple(happened.of_late(turn)) if closed else ()
    vouched, left = happened.vouched(turn, those), happened.left(turn)
    for known, secret in closed:
        near = happened.near(turn, known.row, secret.notice, vouched)
        if near is None and (near := happened.near(turn, known.row, secret.notice, _counting(those, left))) is not None:
            left[near.key.party] -= 1
        because: Because = "incident" if near is not None else "time"
        if near is not None or rules.opens_now(known.story.told, turn.now):
            incident = near.key if near else None
            yield sealing.unseal(turn, known, because, secret, incident)


def _counting(those: Iterable[Happened], left: defaultdict[str, int]) -> Iterator[Happened]:
    """Yield the incidents of others on whose word alone something is opened still."""
    return (each for each in those if left[each.key.party] > 0)


def spent(turn: Turn) -> Iterator[str]:
    """Yield what of what is kept back need not be said any more: it was, or its sealed notice is called off or gone."""
    known = {each.row.commitment: each for each in _kept(turn)}
    gone = _gone(turn, list(known.values()))
    yield from (digest for digest in kept_back.every(turn.tx) if digest not in known)
    for digest, each in known.items():
        if _opened_here(turn, each) or each.story.told.key in gone:
            yield digest


def _kept(turn: Turn) -> list[Known]:
    """Return the own sealed notices of which something is kept back here, the first of each commitment."""
    digests = sorted(kept_back.every(turn.tx))
    if not digests:
        return []
    its = (SEALED.c.party == turn.means.party, SEALED.c.commitment.in_(digests))
    return stories.of(turn, views.rows(turn.tx, SEALED, *its))


def _closed(turn: Turn) -> Iterator[tuple[Known, Secret]]:
    """Yield the own sealed notices that stand and that this party has not opened, with what opens each."""
    known = _kept(turn)
    gone = _gone(turn, known)
    for each in known:
        secret = sealing.secret_of(turn, each)
        if secret is not None and not _opened_here(turn, each) and each.story.told.key not in gone:
            yield each, secret


def _opened_here(turn: Turn, known: Known) -> bool:
    return any(each.fits and each.key.party == turn.means.party for each in known.story.shown)


def _gone(turn: Turn, known: list[Known]) -> set[object]:
    keys = {(each.row.party, each.row.id): each.story.told.key for each in known}
    found = listing.named(turn.tx, list(keys)) if keys else []
    return {keys[row.party, row.id] for row in found if row.state in GONE}


def _words(turn: Turn) -> Iterator[Asked]:
    """Say once of each sealed notice that this party holds it in trust, and whether what it holds opens it."""
    entrusted = exists().where(*_FITS)
    said = exists().where(*_SAID, HOLDS.c.party == turn.means.party)
    own = turn.means.party
    to_us = (" " + SEALED.c.held_by + " ").contains(f" {own} ")
    rows = views.rows(turn.tx, SEALED, SEALED.c.party != own, to_us, entrusted, ~said, limit=MOST)
    for each in stories.of(turn, rows):
        held = stories.entrusted(turn, each)
        if held is not None:
            body = Holds(of=each.story.told.key, fits=held[1])
            yield asked(turn, stories.dealing(turn, each), "liaison.sealed", body, of=each.root)
