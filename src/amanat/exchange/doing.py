"""What an officer does at once: records opened and sent in one transaction, of which no draft is kept.

Law: what is done here goes the way of every record, floors and second person included; each act of it is permitted and
noted by itself, and all of it stands, or nothing.
"""

from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

from amanat.exchange import opening
from amanat.exchange.acting import Acting, acting, besides, looked, releasing
from amanat.exchange.drafting import Asked, drafted
from amanat.exchange.means import Means, Turn
from amanat.exchange.send import Hand, Held, Pending, send_in
from amanat.exchange.shown import read_row, row_of
from amanat.officer.may import Act, Actor
from amanat.record.record import Post


class Said(Protocol):
    """What is to be done: records to send, and records of others to open, by (party, id)."""

    @property
    def asked(self) -> tuple[Asked, ...]:
        """What is sent."""

    @property
    def opens(self) -> tuple[tuple[str, str], ...]:
        """What is opened."""


S = TypeVar("S", bound=Said)


def do(means: Means, actor: Actor, act: Act, says: Callable[[Turn], S]) -> tuple[S, list[Pending | Held]]:
    """Do what `says` returns in the transaction of the act; return it, and what was sent or waits for a second person.

    What is opened is opened first, as an answer follows what it answers. Raises `Invalid` or `Refused`: of what `says`
    finds wrong, of what may not be sent or opened, and of who may not.
    """
    with acting(means, actor, act) as under_way:
        said = says(under_way.turn)
        _opened(under_way, actor, act, said.opens)
        done = _sent(under_way, actor, act, said.asked)
    return said, done


def _opened(under_way: Acting, actor: Actor, act: Act, keys: Sequence[tuple[str, str]]) -> None:
    """Sign that the officer read these, as `shown.press_read` does: a look at each that names a person, and noted."""
    if not keys:
        return
    turn = under_way.turn
    _as(under_way, actor, act, "record.acknowledge", keys)
    for party, id_ in keys:
        opening.open_in(turn, party, id_, actor.post)
    found = (read_row(turn, row_of(turn, *key)) for key in keys)
    looked(turn, actor, [each for each in found if each is not None])


def _sent(under_way: Acting, actor: Actor, act: Act, asked: Sequence[Asked]) -> list[Pending | Held]:
    if not asked:
        return []
    turn = under_way.turn
    drafts = [drafted(turn, each) for each in asked]
    done = send_in(turn, drafts, Post(turn.means.party, actor.post), Hand(actor.officer))
    releasing(turn, actor, names_person=any(each.record.facts.names_person for each in done))
    _as(under_way, actor, act, "record.send", [each.record.key for each in done])
    return done


def _as(under_way: Acting, actor: Actor, act: Act, of: Act, keys: Sequence[tuple[str, str]]) -> None:
    """Note records as what the act is done to, or as those of another act beside it, which has to be permitted too."""
    subjects = [":".join(key) for key in keys]
    if of == act:
        under_way.on(*subjects)
    else:
        besides(under_way, actor, of, *subjects)
