"""An invented workspace of the tests: who asks that a gate be opened, and by when that has to be answered. Exercise.

Law: it says of itself what a workspace says, and no more; in a folder of the product this would be several files.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Annotated, Any

import msgspec
from sqlalchemy import Boolean, Column, MetaData, Row, String, Table, func, select

from amanat.exchange.drafting import Asked
from amanat.exchange.matter import Waiting
from amanat.exchange.means import Turn
from amanat.officer.may import Actor, may
from amanat.record.kind import Kind
from amanat.workspace import Deed, Form, Page, Ring, Sent, Views, Workspace


class Opening(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """That a gate be opened."""

    gate: str


OF_PERSONS: Mapping[str, Any] = {
    "tlp": "TLP:AMBER",
    "codes": ("H1", "H2"),
    "legal_basis": "criminal-procedure",
    "grading": {"scheme": "4x4", "source": "B", "information": "2"},
    "custody_risk": {
        "torture": "low",
        "death_penalty": "none",
        "not_obtained_by_torture": True,
        "basis": "an exercise",
    },
}


class Opened(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="opened"):
    """That a gate is open."""

    gate: str


class Shut(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="shut"):
    """That a gate is shut, since a moment."""

    gate: str
    since: datetime


TABLES = MetaData()
ASKED = Table(
    "gates_asked",
    TABLES,
    Column("id", String, primary_key=True),
    Column("gate", String, nullable=False),
    Column("since", String, nullable=False),
    Column("due", String, nullable=False),
    Column("names_person", Boolean, nullable=False),
)


class One(msgspec.Struct, frozen=True):
    """Which opening a page is of."""

    id: str


class Wanted(msgspec.Struct, frozen=True):
    """What is typed to ask for an opening: which gate, of which party, and under which compact."""

    gate: Annotated[str, msgspec.Meta(max_length=60)] = ""
    to: str = ""
    compact: str = "pk-af"


class Told(msgspec.Struct, frozen=True):
    """What is typed to answer at once: in words, and which record of whom is read by it ("PARTY:ID")."""

    words: Annotated[str, msgspec.Meta(max_length=60)] = ""
    compact: str = "pk-af"
    reads: str = ""
    person: str = ""


def _asked(turn: Turn) -> list[Row[Any]]:
    return list(turn.tx.execute(select(ASKED).order_by(ASKED.c.due)))


def openings(turn: Turn, _actor: Actor, _query: Any) -> Mapping[str, Any]:
    return {"openings": _asked(turn)}


def opening(turn: Turn, _actor: Actor, query: One) -> Mapping[str, Any]:
    return {"opening": next((each for each in _asked(turn) if each.id == query.id), None)}


def ask(turn: Turn, _actor: Actor, _query: Any) -> Mapping[str, Any]:
    return {"parties": sorted({*turn.known.manifests} - {turn.means.party})}


def draft(turn: Turn, _actor: Actor, wanted: Wanted) -> Asked:
    compact = turn.known.compact(wanted.compact).terms.id
    return Asked(kind="gates.opening", compact=compact, to=(wanted.to,), body={"gate": wanted.gate}, exercise=True)


def answer(_turn: Turn, _actor: Actor, told: Told) -> Sent:
    body = {"text": told.words, "names_person": bool(told.person)}
    asked = Asked(
        kind="intelligence.report",
        compact=told.compact,
        to=("pk",),
        body=body,
        handling=dict(OF_PERSONS) if told.person else {},
        exercise=True,
    )
    party, _, id_ = told.reads.partition(":")
    opens = ((party, id_),) if told.reads else ()
    return Sent((asked,) if told.words else (), opens, "/gates/openings" if told.words == "leads on" else "")


def rings(turn: Turn, actor: Actor) -> Iterator[Ring]:
    for each in _asked(turn) if may(actor, "record.compose") else ():
        since, due = datetime.fromisoformat(each.since), datetime.fromisoformat(each.due)
        urgent = not each.names_person
        path = f"/gates/opening?id={each.id}"
        yield Ring("gates.rings", each.gate, "pk", since, due if urgent else None, path, urgent=urgent, exercise=True)


def waits(turn: Turn, _actor: Actor) -> int:
    return turn.tx.scalar(select(func.count()).select_from(ASKED)) or 0


def now(turn: Turn, actor: Actor) -> Iterator[Waiting]:
    for each in _asked(turn) if may(actor, "record.compose") else ():
        yield Waiting(
            what="workspace",
            matter="gates.asked",
            since=datetime.fromisoformat(each.since),
            due=datetime.fromisoformat(each.due),
            id=each.id,
            kind="gates.opening",
            title=each.gate,
            names_person=each.names_person,
            path=f"/gates/opening?id={each.id}",
            exercise=True,
        )


WORKSPACE = Workspace(
    name="gates",
    icon="key-round",
    kinds=(
        Kind("gates.opening", 1, Opening, "stands", "That a gate be opened.", (Opening("Exercise"),)),
        Kind(
            "gates.word",
            1,
            Opened | Shut,
            "stands",
            "How a gate stands.",
            (Opened("Exercise"), Shut("Exercise", datetime(2026, 11, 24, 6, 30, tzinfo=UTC))),
            written=False,
            waits=False,
        ),
    ),
    views=Views(TABLES, 1),
    words={
        "place": {"gates": "Gates", "gates.openings": "Openings asked for", "gates.ask": "Ask for an opening"},
        "kind": {"gates.opening": "Opening of a gate", "gates.word": "How a gate stands"},
        "field": {"gate": "Gate"},
        "ring": {"gates.rings": "Somebody is at the gate"},
        "matter": {"gates.asked": "An opening is asked for: %(title)s"},
        "follows": {"gates.asked": "If nobody answers by then, the gate stays shut."},
    },
    pages=(
        Page("ask", "record.compose", ask, form=Form(Wanted, draft)),
        Page("openings", "record.read", openings),
        Page("opening", "record.read", opening, query=One),
    ),
    deeds=(Deed("answer", "opening", "record.send", Told, answer),),
    waits=waits,
    now=now,
    rings=rings,
)
