"""Withdrawing a record of our own: a notice to everyone who was sent it; what they then do is their kind's rule."""

from amanat.exchange.means import Means, begin
from amanat.exchange.send import Held, Pending, send
from amanat.party.errors import Invalid
from amanat.record.notices import NOTICE_HANDLING, WITHDRAWAL, Withdrawal
from amanat.record.record import Draft, Post, Ref, read
from amanat.store import records


def withdraw(id_: str, withdrawal: Withdrawal, author: Post, means: Means) -> Pending | Held:
    """Send the withdrawal of our record to its audience, under the compact's latest text. Raises `Invalid`."""
    key = (means.party, id_)
    with begin(means) as turn:
        data = records.data_of(turn.tx, [key]).get(key)
        if data is None:
            raise Invalid("record.unknown", f"No record {id_} of ours is held.", "List them: `amanat outbox`.")
        compact_id, _ = records.setting(turn.tx, *key)
        terms = turn.known.compact(compact_id).terms
    fields = read(data, means.kinds).fields
    draft = Draft(
        kind=WITHDRAWAL.label,
        body=withdrawal,
        audience=fields.audience,
        handling=NOTICE_HANDLING,
        compact=terms.digest,
        refs=(Ref("withdraws", means.party, id_),),
        exercise=fields.exercise,
    )
    return send([draft], author, means)[0]
