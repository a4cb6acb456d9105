"""Watches of a post: planned, taken over, handed over with notes and open matters, and signed by both officers.

Law: a post has one watch at most, and nothing here changes that silently: who takes over from somebody who handed over
nothing says so, and it stays visible. What is handed over is signed twice, by the row in the audit log of who gave it
and by that of who took it: both name its digest, which is salted and tells nothing once the notes are destroyed. All
is done in the transaction of an act (`acting`), which is noted on what `subject` says. Notes never leave the house.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Annotated, Final

import msgspec

from amanat.exchange.means import Turn
from amanat.officer import account, audit
from amanat.officer.account import Officer
from amanat.officer.audit import SALT_BYTES, Entry, Search
from amanat.officer.may import Actor
from amanat.officer.sessions import LONGEST
from amanat.party import canonical, labels
from amanat.party.errors import Invalid, Refused
from amanat.party.types import PartyCode, first_hidden
from amanat.record.record import Uuid7
from amanat.store import watches
from amanat.store.watches import Watch

EARLY: Final = timedelta(hours=1)
"""How long before its planned beginning a watch may be taken over."""
LONGEST_PLANNED: Final = timedelta(hours=24)
UNPLANNED: Final = LONGEST
"""How long a watch is that nobody planned: no session lasts longer."""
MAX_NOTES: Final = 4000
MAX_MATTERS: Final = 200


class Matter(msgspec.Struct, frozen=True):
    """A record that was open when a watch was handed over; it is written "PARTY:ID"."""

    party: PartyCode
    id: Uuid7


class _Handed(msgspec.Struct, frozen=True):
    """What both watches sign."""

    number: int
    notes: str
    matters: tuple[str, ...]
    salt: Annotated[str, "hex"]


def digest(watch: Watch) -> str:
    """Return the SHA-256, in hex, of what was handed over with a watch; "" where nothing was."""
    if watch.salt is None:
        return ""
    handed = _Handed(watch.number, watch.notes, watch.matters, watch.salt.hex())
    return hashlib.sha256(labels.WATCH + canonical.encode(handed)).hexdigest()


def subject(watch: Watch) -> str:
    """Return what the audit log calls a watch; one that is handed over with the digest of what both sign."""
    return ":".join(("watch", str(watch.number), *([digest(watch)] if watch.salt else [])))


def signatures(turn: Turn, watch: Watch) -> tuple[Entry, ...]:
    """Return by which rows of the audit log what was handed over is signed as it stands here, the first one first.

    None where nothing was, or where it is not what was signed.
    """
    if watch.salt is None:
        return ()
    found = audit.search(turn.tx, Search(subject=subject(watch), outcome="done"))
    return tuple(each for each in reversed(found) if each.act in {"watch.give", "watch.take"})


def may_plan(actor: Actor, post: str) -> bool:
    """Whether an officer may plan the watches of a post: of the own one, and an approver those of every post."""
    return "watch.plan" in actor.permissions and (actor.post == post or "approver" in actor.roles)


def may_stand(turn: Turn, post: str) -> tuple[Officer, ...]:
    """Return the officers who may have the watch of a post, by sign-in name."""
    found = account.officers(turn.tx)
    return tuple(each for each in found if each.active and each.post == post and "duty" in each.roles)


def posts(turn: Turn) -> tuple[str, ...]:
    """Return the posts that have watches: where a duty officer works, or somebody has the watch."""
    working = {each.post for each in account.officers(turn.tx) if each.active and "duty" in each.roles}
    return tuple(sorted(working | watches.current(turn.tx).keys()))


def plan(turn: Turn, actor: Actor, post: str, officer: int, span: tuple[datetime, datetime]) -> Watch:
    """Enter a watch in the roster of a post: whose it is to be, and from when until when, in UTC.

    Raises `Invalid` for a time or an officer that cannot be, `Refused` for another's post.
    """
    _require_planner(actor, post)
    begins, ends = span
    if not turn.now < ends or not timedelta(0) < ends - begins <= LONGEST_PLANNED:
        raise Invalid(
            "watch.span",
            "A watch ends after it begins, within 24 hours, and is not over yet.",
            "Mend the day, or from when until when it is.",
        )
    if all(each.id != officer for each in may_stand(turn, post)):
        raise Invalid(
            "watch.officer",
            f"That is no duty officer of {post} who may sign in.",
            "Choose one of those who work there.",
        )
    if any(each.taken is None for each in watches.roster(turn.tx, post, begins, ends)):
        raise Invalid(
            "watch.overlap",
            f"Another watch of {post} is planned within that time.",
            "Cancel that one first, or choose another time.",
        )
    return watches.add(turn.tx, post, officer, begins, ends)


def cancel(turn: Turn, actor: Actor, number: int) -> Watch:
    """Take a watch off the roster that nobody has taken. Raises `Invalid`, `Refused`."""
    found = _known(turn, number)
    _require_planner(actor, found.post)
    if found.taken is not None or found.cancelled is not None:
        raise Invalid("watch.begun", f"The watch {number} was taken or cancelled already.", "Load the page anew.")
    return _put(turn, replace(found, cancelled=turn.now))


def take(turn: Turn, actor: Actor, over: int | None = None) -> Watch:
    """Begin one's watch at one's post. `over` is the number of another's that one takes over without a hand-over.

    Raises `Refused` where another has the watch: what that one offered is accepted, and else taken over knowingly.
    """
    _require_own_post(turn, actor)
    held = watches.left_open(turn.tx, actor.post)
    if held is not None and turn.now < held.ends + watches.LAPSES:
        if held.officer == actor.officer:
            raise Refused("watch.own", "You have the watch already.", "Hand it over when it ends.", by="one watch")
        if held.number != over:
            raise Refused(
                "watch.held",
                f"Another officer has the watch of {actor.post}.",
                "Have it handed over; or say that you take it over without that.",
                by="one watch",
            )
    if held is not None and held.offered is not None and held.officer != actor.officer:
        raise Refused(
            "watch.offered",
            "What the watch before wrote for you waits to be read.",
            "Read it and accept it: then the watch is yours.",
            by="the hand-over",
        )
    return _begin(turn, actor, held)


def hand_over(turn: Turn, actor: Actor, notes: str, matters: Sequence[str] = ()) -> Watch:
    """Offer one's watch to the next officer, with notes and what is open; it is one's own until that one accepts.

    Offered again, it is what was offered last. Raises `Refused` for who has no watch, `Invalid` for what is too much.
    """
    held = watches.left_open(turn.tx, actor.post)
    if held is None or held.officer != actor.officer:
        raise Refused(
            "watch.none",
            f"You do not have the watch of {actor.post}.",
            "Take it first: nobody hands over what another has.",
            by="one watch",
        )
    written = _notes(notes)
    salt = turn.means.random(SALT_BYTES)
    return _put(turn, replace(held, offered=turn.now, notes=written, matters=_matters(matters), salt=salt))


def accept(turn: Turn, actor: Actor, number: int, read: str) -> tuple[Watch, Watch]:
    """Take over a watch as it was offered: `read` is the `digest` of what one was shown. Return it, and one's own.

    Raises `Refused` where it is one's own, is not offered, or was written anew since; `Invalid` for none.
    """
    _require_own_post(turn, actor)
    held = _known(turn, number)
    if held.post != actor.post or held.officer == actor.officer:
        raise Refused(
            "watch.next",
            "A watch is accepted by another officer of the same post.",
            "Have the next officer sign in.",
            by="signed by both watches",
        )
    if not held.open or digest(held) != read or not read:
        raise Refused(
            "watch.changed",
            "What is handed over is not what you were shown.",
            "Read it as it is now, then accept it.",
            by="signed by both watches",
        )
    began = _begin(turn, actor, held)
    return _known(turn, number), began


def forget(turn: Turn) -> int:
    """Destroy watches that ended long ago (`watches.KEPT`), with their notes; return how many."""
    return watches.forget(turn.tx, turn.now)


def _begin(turn: Turn, actor: Actor, before: Watch | None) -> Watch:
    """Begin the officer's planned watch, or one that nobody planned, and end the one before."""
    ahead = watches.roster(turn.tx, actor.post, turn.now, turn.now + EARLY)
    own = next((each for each in ahead if each.officer == actor.officer and each.taken is None), None)
    mine = own or watches.add(turn.tx, actor.post, actor.officer, turn.now, turn.now + UNPLANNED)
    if before is not None:
        _put(turn, replace(before, given=turn.now, next=mine.number))
    return _put(turn, replace(mine, taken=turn.now))


def _put(turn: Turn, changed: Watch) -> Watch:
    watches.put(turn.tx, changed)
    return changed


def _known(turn: Turn, number: int) -> Watch:
    found = watches.watch(turn.tx, number)
    if found is None:
        raise Invalid("watch.unknown", f"There is no watch {number}.", "Load the page anew.")
    return found


def _require_planner(actor: Actor, post: str) -> None:
    if not may_plan(actor, post):
        raise Refused(
            "watch.elsewhere",
            f"The roster of {post} is kept by its own duty officers, and by approvers.",
            "Ask one of those.",
            by="the post",
        )


def _require_own_post(turn: Turn, actor: Actor) -> None:
    """An officer at work has one; who opens the node at the machine is nobody who has a watch."""
    if all(each.id != actor.officer for each in may_stand(turn, actor.post)):
        raise Refused(
            "watch.duty",
            f"The watch of {actor.post} is for its own duty officers.",
            "Ask an administrator for that post and role.",
            by="the post",
        )


def _notes(typed: str) -> str:
    """A form ends lines by two characters, of which one is no letter of anybody's."""
    notes = typed.replace("\r\n", "\n").strip()
    if len(notes) > MAX_NOTES or first_hidden(notes, besides="\n\t") is not None:
        raise Invalid(
            "watch.notes",
            f"The notes have more than {MAX_NOTES} characters, or some that nobody sees.",
            "Write what the next watch needs, in plain text.",
        )
    return notes


def _matters(given: Sequence[str]) -> tuple[str, ...]:
    wanted = tuple(sorted(set(given)))
    try:
        for each in wanted:
            msgspec.convert(dict(zip(("party", "id"), each.split(":", 1), strict=False)), Matter)
    except msgspec.ValidationError as error:
        raise _no_matter() from error
    if len(wanted) > MAX_MATTERS:
        raise _no_matter()
    return wanted


def _no_matter() -> Invalid:
    return Invalid(
        "watch.matters",
        f"An open matter is no record, or there are more than {MAX_MATTERS}.",
        "Load the page anew, and choose among those shown.",
    )
