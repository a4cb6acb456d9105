"""What a page tells of each row of a list of records, so that rows are told apart: the other party, and what it is of.

Law: as in `exchange.shown`: the title of a record that names a person is shown only to who may look at it, and each
such look is noted before.
"""

from collections.abc import Mapping, Sequence
from itertools import groupby

import msgspec

from amanat.exchange import shown
from amanat.exchange.means import Means, look
from amanat.exchange.opening import NOTICE_LABELS
from amanat.exchange.shown import Item
from amanat.officer.may import Actor
from amanat.store import rows


class Beside(msgspec.Struct, frozen=True):
    """What is told of a row: to whom a record of ours went, with how that stands there, and what a notice is of."""

    sent: tuple[tuple[str, str], ...] = ()
    of: Item | None = None


def beside(means: Means, actor: Actor, items: Sequence[Item]) -> Mapping[tuple[str, str], Beside]:
    """Return what is told of each row of a page, by (party, id)."""
    notices = sorted((each.party, each.id) for each in items if each.kind in NOTICE_LABELS)
    own = [each.id for each in items if each.party == means.party]
    with look(means) as turn:
        sent = rows.sent(turn.tx, means.party, own) if own else {}
        meant = {
            (party, id_): row
            for party, keys in groupby(notices, key=lambda key: key[0])
            for id_, row in rows.meant(turn.tx, party, [id_ for _, id_ in keys]).items()
        }
    titles = dict(zip(meant, shown.items(means, actor, list(meant.values())), strict=True))
    return {
        (each.party, each.id): Beside(
            tuple(sent.get(each.id, ())) if each.party == means.party else (),
            titles.get((each.party, each.id)),
        )
        for each in items
    }
