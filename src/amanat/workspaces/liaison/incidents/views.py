"""What was told of incidents: tables derived from records, and of each side no more than is bounded.

Law: a row says nothing that its record does not, and goes with it. Nothing depends on the order in which records
arrive: what follows from several of them, `rules` works out of all that are here.
"""

from collections import Counter
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, Final

import msgspec
from sqlalchemy import (
    Column,
    Index,
    Integer,
    Row,
    String,
    Table,
    and_,
    case,
    exists,
    func,
    literal,
    or_,
    select,
    union_all,
)

from amanat.party import canonical
from amanat.record.kind import Tx
from amanat.record.record import Record
from amanat.workspaces.liaison.incidents.kinds import (
    MOST_ACCOUNTS,
    MOST_VERSIONS,
    Account,
    Done,
    Incident,
    Joint,
    Linked,
    Proposed,
    Same,
    Step,
    text_digest,
)
from amanat.workspaces.liaison.kinds import Named
from amanat.workspaces.liaison.narrowing import counted, named
from amanat.workspaces.liaison.rules import AHEAD, SKEW
from amanat.workspaces.liaison.views import add, spell, table

MOST_STEPS: Final = 40
"""Of one side in one incident, the last of each type."""
MOST_WORDS: Final[Mapping[str, int]] = {"answered": 400, "note": 400}
"""Of what is said of each statement: who answers 40 statements ten times over says no more."""

INCIDENT: Final = table(
    "incident",
    Column("type", String, nullable=False),
    Column("sector", String, nullable=False),
    Column("happened", String, nullable=False),
    Column("since", String, nullable=False),
    Column("body", String, nullable=False),
    Index("liaison_incident_at", "at"),
)
ACCOUNT: Final = table(
    "account",
    Column("incident_party", String, nullable=False),
    Column("incident_id", String, nullable=False),
    Column("type", String, nullable=False),
    Column("number", Integer, nullable=False),
    Column("body", String, nullable=False),
    Index("liaison_account_of", "incident_party", "incident_id", "party", "number", "at"),
)
STEP: Final = table(
    "incident_step",
    Column("incident_party", String, nullable=False),
    Column("incident_id", String, nullable=False),
    Column("type", String, nullable=False),
    Column("names_party", String, nullable=False),
    Column("names_id", String, nullable=False),
    Column("body", String, nullable=False),
    Index("liaison_incident_step_of", "incident_party", "incident_id", "party", "type", "at"),
    Index("liaison_incident_step_names", "names_party", "names_id", "type", "party", "at"),
)
STATEMENT: Final = table(
    "statement",
    Column("incident_party", String, nullable=False),
    Column("incident_id", String, nullable=False),
    Column("type", String, nullable=False),
    Column("number", Integer, nullable=False),
    Column("text_party", String, nullable=False),
    Column("text_id", String, nullable=False),
    Column("digest", String, nullable=False),
    Column("since", String, nullable=False),
    Column("body", String, nullable=False),
    Index("liaison_statement_of", "incident_party", "incident_id", "party", "type", "number", "at"),
    Index("liaison_statement_text", "text_party", "text_id", "party", "at"),
)

BODIES: Final[Mapping[Table, Any]] = {ACCOUNT: Account, STEP: Step, STATEMENT: Joint}
MOST_READ: Final[Mapping[Table, int]] = {ACCOUNT: MOST_ACCOUNTS, STEP: MOST_STEPS}


def apply_incident(tx: Tx, record: Record) -> None:
    """Add an incident's row."""
    body: Incident = record.body
    more = {"type": body.type, "sector": body.sector or "", "happened": spell(body.when.time), "body": _data(body)}
    more["since"] = spell(record.fields.at - SKEW)
    add(tx, INCIDENT, record, **more)


def apply_account(tx: Tx, record: Record) -> None:
    """Add an account's row."""
    body: Account = record.body
    add(tx, ACCOUNT, record, **_of(body), type="account", number=body.number, body=_data(body))


def apply_step(tx: Tx, record: Record) -> None:
    """Add the row of what follows an incident."""
    body: Step = record.body
    names = _names(body)
    more = {"type": type(body).__name__.lower(), "names_party": names.party, "names_id": names.id, "body": _data(body)}
    add(tx, STEP, record, **_of(body), **more)


def apply_statement(tx: Tx, record: Record) -> None:
    """Add the row of a text that is proposed, or of a signature under one."""
    body: Joint = record.body
    text = Named("", "") if isinstance(body, Proposed) else body.text
    more = {
        "type": "proposed" if isinstance(body, Proposed) else "signed",
        "number": body.number if isinstance(body, Proposed) else 0,
        "text_party": text.party,
        "text_id": text.id,
        "digest": text_digest(body) if isinstance(body, Proposed) else body.digest,
        "since": spell(record.fields.at - SKEW),
        "body": _data(body),
    }
    add(tx, STATEMENT, record, **_of(body), **more)


def incident_of(row: Row[Any]) -> Incident:
    """Return an incident as its row keeps it."""
    return msgspec.json.decode(row.body, type=Incident)


def body_of(table_: Table, row: Row[Any]) -> Any:  # noqa: ANN401 - a body of the table's kind
    """Return a body as its row keeps it."""
    return msgspec.json.decode(row.body, type=BODIES[table_])


def of_incidents(tx: Tx, table_: Table, keys: Collection[tuple[str, str]], now: datetime) -> list[Row[Any]]:
    """Return the rows of a table that belong to these incidents: of each side and type the last, and no more than such.

    The last are those of the highest number, of several with one number the earliest; of steps, the latest. Of what
    does not count, since it is dated ahead of now, none takes the place of another.
    """
    if not keys:
        return []
    if table_ is not ACCOUNT:
        return (_statements if table_ is STATEMENT else _steps)(tx, keys, now)
    column = table_.c
    last = (column.number.desc(), column.at, column.id)
    parts = (column.incident_party, column.incident_id, column.party, column.type)
    number = func.row_number().over(partition_by=parts, order_by=last).label("place")
    its = select(table_, number).where(*named(keys, column, "incident_"), column.at <= spell(now + AHEAD)).subquery()
    found = tx.execute(select(its).where(its.c.place <= MOST_ACCOUNTS).order_by(its.c.at, its.c.party, its.c.id))
    wanted = set(keys)
    return [row for row in found if (row.incident_party, row.incident_id) in wanted]


def _steps(tx: Tx, keys: Collection[tuple[str, str]], now: datetime) -> list[Row[Any]]:
    """Return what follows these incidents: of each side and type the last words.

    And the first words of each side that a step was done, so many of the steps that the same parties say were done: so
    that whatever a side says of other steps afterwards hides none that the other side signed too.
    """
    column, wanted = STEP.c, set(keys)
    said = select(column.party).where(*named(keys, column, "incident_"), column.type == "done").distinct()
    parties = sorted(tx.execute(said).scalars())
    side, name = (column.incident_party, column.incident_id, column.type), (column.names_party, column.names_id)
    first, last = (column.at, column.id), (column.at.desc(), column.id.desc())
    by = (func.max(case((column.party == each, 1), else_=0)).over(partition_by=(*side, *name)) for each in parties)
    places = (
        func.row_number().over(partition_by=(*side, column.party), order_by=last).label("place"),
        func.row_number().over(partition_by=(*side, column.party, *name), order_by=first).label("of_name"),
        *(each.label(f"by_{number}") for number, each in enumerate(by)),
    )
    its = counted(select(STEP, *places), STEP, INCIDENT, keys, now).subquery().c
    alike = (its.incident_party, its.incident_id, its.type, its.party, *(its[f"by_{n}"] for n in range(len(parties))))
    order = (its.of_name, its.at.desc(), its.id.desc())
    ranked = select(*its, func.row_number().over(partition_by=alike, order_by=order).label("alike")).subquery()
    most = case(dict(MOST_WORDS), value=ranked.c.type, else_=MOST_READ[STEP])
    here = or_(ranked.c.place <= most, and_(ranked.c.type == "done", ranked.c.alike <= MOST_READ[STEP]))
    found = tx.execute(select(ranked).where(here).order_by(ranked.c.at, ranked.c.party, ranked.c.id))
    return [row for row in found if (row.incident_party, row.incident_id) in wanted]


def _statements(tx: Tx, keys: Collection[tuple[str, str]], now: datetime) -> list[Row[Any]]:
    """Return the texts for a joint statement, and of each side its first signature under each of the other's.

    Of each side these texts: the earliest of each number; and whatever it proposes besides, what the other side signed,
    the last so many.
    """
    text, other = STATEMENT.c, STATEMENT.alias("other")
    elsewhere = (
        other.c.incident_party == text.incident_party,
        other.c.incident_id == text.incident_id,
        other.c.party != text.party,
        other.c.digest == text.digest,
    )
    under = (other.c.text_party == text.party, other.c.text_id == text.id, other.c.at >= text.since)
    signed = case((exists().where(*elsewhere, *under), 1), else_=0)
    side, first = (text.incident_party, text.incident_id, text.party), (text.at, text.id)
    places = (
        signed.label("signed"),
        func.row_number().over(partition_by=(*side, text.number), order_by=first).label("of_number"),
        func.row_number().over(partition_by=(*side, signed), order_by=(text.at.desc(), text.id.desc())).label("last"),
    )
    its = counted(select(STATEMENT, *places), STATEMENT, INCIDENT, keys, now).where(text.type == "proposed").subquery()
    here = or_(its.c.of_number == 1, and_(its.c.signed == 1, its.c.last <= MOST_VERSIONS))
    wanted = set(keys)
    texts = [row for row in tx.execute(select(its).where(here)) if (row.incident_party, row.incident_id) in wanted]
    found = [*texts, *_signatures(tx, keys, now, [(row.party, row.id) for row in texts])]
    return sorted(found, key=lambda row: (row.at, row.party, row.id))


def _signatures(
    tx: Tx, keys: Collection[tuple[str, str]], now: datetime, texts: Collection[tuple[str, str]]
) -> list[Row[Any]]:
    """Return the first signature of each side under each of these texts, by its digest."""
    column, text, wanted = STATEMENT.c, STATEMENT.alias("text"), set(texts)
    named_ = (text.c.party == column.text_party, text.c.id == column.text_id, text.c.digest == column.digest)
    parts = (column.incident_party, column.incident_id, column.text_party, column.text_id, column.party)
    number = func.row_number().over(partition_by=parts, order_by=(column.at, column.id)).label("place")
    its = counted(select(STATEMENT, number).join(text, and_(*named_)), STATEMENT, INCIDENT, keys, now).where(
        *named(texts, column, "text_"), column.party != column.text_party, column.at >= text.c.since
    )
    ranked = its.subquery()
    found = tx.execute(select(ranked).where(ranked.c.place == 1)) if wanted else ()
    return [row for row in found if (row.text_party, row.text_id) in wanted]


def count_by(tx: Tx, table_: Table, party: str, key: Named, type_: str) -> int:
    """Return how much of a type a party said about an incident, all of it."""
    column = table_.c
    its = select(func.count()).where(
        column.incident_party == key.party, column.incident_id == key.id, column.party == party, column.type == type_
    )
    return int(tx.execute(its).scalar_one())


def beyond(
    tx: Tx, keys: Collection[tuple[str, str]], read: Mapping[str, int], now: datetime
) -> tuple[tuple[str, int], ...]:
    """Return how much each party told of these incidents beyond what was `read` of it, of those that did."""
    found = Counter[str]()
    for each in BODIES:
        its = counted(select(each.c.party, func.count().label("told")), each, INCIDENT, keys, now)
        found.update({row.party: row.told for row in tx.execute(its.group_by(each.c.party))})
    return tuple((party, count - read[party]) for party, count in sorted(found.items()) if count > read[party])


def said_same(tx: Tx, keys: Collection[tuple[str, str]]) -> list[Row[Any]]:
    """Return the words that one of these incidents is the same event as another: of each side the last ones.

    And of each side the first that name a pair, so many of those that the same parties name: no other hides them.
    """
    near, far = ("incident_party", "incident_id"), ("names_party", "names_id")
    ends = (
        select(
            STEP,
            *(STEP.c[name].label(f"end_{n}") for n, name in enumerate((*its, *others))),
            literal(its[0]).label("way"),
        ).where(STEP.c.type == "same", *named(keys, STEP.c, its[0].removesuffix("party")))
        for its, others in ((near, far), (far, near))
    )
    every = union_all(*ends).subquery("ends")
    said, pair = every.c, (every.c.end_0, every.c.end_1, every.c.end_2, every.c.end_3)
    parties = sorted(tx.execute(select(said.party).distinct()).scalars())
    by = (func.max(case((said.party == each, 1), else_=0)).over(partition_by=pair) for each in parties)
    places = (
        # apart by the way: who names one incident from thousands of others is bounded too
        func.row_number()
        .over(partition_by=(*pair[:2], said.way, said.party), order_by=(said.at.desc(), said.id.desc()))
        .label("place"),
        func.row_number().over(partition_by=(*pair, said.party), order_by=(said.at, said.id)).label("of_pair"),
        *(each.label(f"by_{number}") for number, each in enumerate(by)),
    )
    its = select(every, *places).subquery().c
    alike = (its.end_0, its.end_1, its.party, *(its[f"by_{n}"] for n in range(len(parties))))
    order = (its.of_pair, its.at.desc(), its.id.desc())
    ranked = select(*its, func.row_number().over(partition_by=alike, order_by=order).label("alike")).subquery()
    here = or_(ranked.c.place <= MOST_READ[STEP], ranked.c.alike <= MOST_READ[STEP])
    return list({(row.party, row.id): row for row in tx.execute(select(ranked).where(here))}.values())


def naming(tx: Tx, keys: Collection[tuple[str, str]], most: int) -> list[tuple[str, str]]:
    """Return the incidents that are said to have to do with one of some records: by each the last so many words."""
    column, wanted = STEP.c, set(keys)
    number = func.row_number().over(partition_by=(column.party,), order_by=(column.at.desc(), column.id.desc()))
    its = select(STEP, number.label("place")).where(column.type == "linked", *named(keys, column, "names_")).subquery()
    found = tx.execute(select(its).where(its.c.place <= most).order_by(its.c.at, its.c.party, its.c.id))
    rows = [row for row in found if (row.names_party, row.names_id) in wanted]
    return list(dict.fromkeys((row.incident_party, row.incident_id) for row in rows))


def _names(body: Step) -> Named:
    """Return what a word names: a record, or the step that was done, as of no party."""
    if isinstance(body, Done):
        return Named("", body.step)
    return body.same if isinstance(body, Same) else body.record if isinstance(body, Linked) else Named("", "")


def _of(body: Any) -> dict[str, str]:  # noqa: ANN401 - a body that names its incident
    return {"incident_party": body.incident.party, "incident_id": body.incident.id}


def _data(body: msgspec.Struct) -> str:
    return canonical.encode(body).decode()
