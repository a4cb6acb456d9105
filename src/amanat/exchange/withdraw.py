"""Withdrawing a record of our own: a notice to each who was sent it; what they then do is their kind's rule.

Law: one whom nothing reaches now keeps nobody else from being told, and is told with the first erasure when it can be.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from amanat.exchange import shown
from amanat.exchange.acting import acting
from amanat.exchange.means import Means, Turn, begin
from amanat.exchange.recalls import hours
from amanat.exchange.send import Pending, notify
from amanat.officer.may import Actor
from amanat.party.errors import Invalid, Refused
from amanat.record.notices import Withdrawal
from amanat.record.record import Post, Ref, read
from amanat.store import listing, records
from amanat.store.listing import Listed


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """Who was told, each by a notice of its own, and who could not be told yet and why."""

    told: tuple[Pending, ...]
    untold: Mapping[str, Refused]


@dataclass(frozen=True, slots=True)
class Follows:
    """What follows at a recipient once a record is withdrawn.

    It "destroys" what it holds and answers within `lasts`; "marks" it withdrawn and keeps it; holds "nothing",
    because it refused it; or may hold it ("unknown"), because it never answered: it is told all the same.
    """

    party: str
    does: Literal["destroys", "marks", "nothing", "unknown"]
    lasts: timedelta


def follows(turn: Turn, row: Listed) -> tuple[Follows, ...]:
    """Return what would follow at each recipient of a record of ours."""
    destroyed = turn.means.kinds.get(row.kind).on_withdraw == "destroy"
    within = timedelta(hours=hours(turn, row.compact, row.kind))
    does: dict[str, Literal["nothing", "unknown"]] = {"refused": "nothing", "pending": "unknown", "lost": "unknown"}
    return tuple(
        Follows(each.recipient, does.get(each.state) or ("destroys" if destroyed else "marks"), within)
        for each in listing.deliveries(turn.tx, row.envelope)
    )


def require_withdrawable(turn: Turn, row: Listed) -> None:
    """Raise `Invalid` for a record of others, and for one that was withdrawn or destroyed already."""
    if row.party != turn.means.party:
        raise Invalid(
            "withdraw.others", f"The record {row.id} is of {row.party}.", f"Only {row.party} can withdraw it: ask it."
        )
    if row.state in ("withdrawn", "destroyed"):
        raise Invalid("withdraw.done", f"The record {row.id} is {row.state} already.", "Nothing is to be done.")


def take_back(means: Means, actor: Actor, party: str, id_: str, withdrawal: Withdrawal) -> Withdrawn:
    """Withdraw a record as an officer's act, where it may be withdrawn now (`require_withdrawable`): see `withdraw`."""
    with acting(means, actor, "record.withdraw", f"{party}:{id_}"[:200]) as act:
        require_withdrawable(act.turn, shown.row_of(act.turn, party, id_))
        return withdraw_in(act.turn, id_, withdrawal, Post(means.party, actor.post))


def withdraw(id_: str, withdrawal: Withdrawal, author: Post, means: Means) -> Withdrawn:
    """Withdraw our record, under the compact's latest text. Raises `Invalid`, or `Refused` when nobody can be told."""
    with begin(means) as turn:
        return withdraw_in(turn, id_, withdrawal, author)


def withdraw_in(turn: Turn, id_: str, withdrawal: Withdrawal, author: Post) -> Withdrawn:
    """Withdraw our record in the turn's transaction."""
    means = turn.means
    data = records.data_of(turn.tx, [(means.party, id_)]).get((means.party, id_))
    if data is None:
        raise Invalid("record.unknown", f"No record {id_} of ours is held.", "See what came in, and what was sent.")
    told, untold = [], {}
    for party in read(data, means.kinds).fields.audience:
        try:
            told.append(_tell(turn, id_, party, withdrawal, author))
        except Refused as problem:
            untold[party] = problem
    if not told:
        raise next(iter(untold.values()))
    return Withdrawn(tuple(told), untold)


def tell_the_rest(turn: Turn) -> None:
    """Tell those who could not be told when a record was withdrawn; whom nothing reaches now is told later."""
    for id_, party, notice in records.untold(turn.tx, turn.means.party):
        first = read(notice, turn.means.kinds)
        try:
            _tell(turn, id_, party, first.body, first.fields.author)
        except Refused:
            continue


def _tell(turn: Turn, id_: str, party: str, withdrawal: Withdrawal, author: Post) -> Pending:
    return notify(turn, party, withdrawal, Ref("withdraws", turn.means.party, id_), author)
