"""What a list of records tells of its rows besides: to whom each went and how that stands, and what a notice is of."""

from collections.abc import Collection

from sqlalchemy import Connection, select

from amanat.store.dialect import among
from amanat.store.listing import Listed
from amanat.store.tables import DELIVERY, RECORD, REFERENCE


def sent(tx: Connection, party: str, ids: Collection[str]) -> dict[str, list[tuple[str, str]]]:
    """Return of records of a party, by id, each recipient with the state of what it was sent, in one query."""
    query = select(RECORD.c.id, DELIVERY.c.recipient, DELIVERY.c.state)
    query = query.join(DELIVERY, DELIVERY.c.envelope == RECORD.c.envelope)
    query = query.where(RECORD.c.party == party, among(RECORD.c.id, "ids")).order_by(DELIVERY.c.recipient)
    found: dict[str, list[tuple[str, str]]] = {each: [] for each in ids}
    for id_, recipient, state in tx.execute(query, {"ids": list(ids)}):
        found[id_].append((recipient, state))
    return found


def meant(tx: Connection, party: str, ids: Collection[str]) -> dict[str, Listed]:
    """Return what each of these notices of a party is of, where that is here, by the notice's id, in one query."""
    query = select(REFERENCE.c.id, *(RECORD.c[name] for name in Listed.__slots__))
    query = query.join(RECORD, (RECORD.c.party == REFERENCE.c.to_party) & (RECORD.c.id == REFERENCE.c.to_id))
    of = REFERENCE.c.relation.in_(("about", "withdraws"))
    query = query.where(REFERENCE.c.party == party, among(REFERENCE.c.id, "ids"), of)
    return {row[0]: Listed(*row[1:]) for row in tx.execute(query, {"ids": list(ids)})}
