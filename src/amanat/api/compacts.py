"""Compacts: which were joined and in what state, their text and clauses, and whether something may be sent."""

from typing import Any

import msgspec
from litestar import Response, Router
from litestar.params import FromPath, JSONBody

from amanat.compact import policy
from amanat.compact.check import Compact
from amanat.compact.explain import Question, explain, summary
from amanat.compact.terms import defaults
from amanat.exchange.means import look
from amanat.exchange.route import Here, does, reads
from amanat.party.types import PartyCode
from amanat.record.handling import over
from amanat.record.kind import Facts


class Head(msgspec.Struct, frozen=True, kw_only=True):
    """A compact that this party joined."""

    id: str
    version: int
    digest: str
    title: str
    state: str
    starts: str
    ends: str
    members: tuple[str, ...]
    observers: tuple[str, ...]


class Clause(msgspec.Struct, frozen=True):
    """A clause of its policy: what it says, whether it permits or forbids, and the Cedar that is signed."""

    number: str
    says: str
    effect: str
    cedar: str


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """A compact in full; `summary` tells it in plain words."""

    head: Head
    summary: str
    clauses: tuple[Clause, ...]


class Asked(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What may be asked: may this party send this kind, so handled, to those."""

    kind: str
    to: tuple[PartyCode, ...]
    handling: dict[str, Any] = {}
    names_person: bool = False
    exercise: bool = False


class Answer(msgspec.Struct, frozen=True):
    """Whether it may be sent, what decides that, why, and what to change."""

    may: bool
    by: str
    says: str
    change: str


@reads("/", "compact.read")
def list_compacts(means: Here) -> tuple[Head, ...]:
    """List the compacts that this party joined."""
    with look(means) as turn:
        return tuple(_head(turn.known.compacts[id_]) for id_ in sorted(turn.known.compacts))


@reads("/{id_:str}", "compact.read")
def show_compact(means: Here, id_: FromPath[str]) -> Told:
    """Tell a compact in plain words and clause by clause."""
    with look(means) as turn:
        compact = turn.known.compact(id_)
    written = policy.written(compact.terms.policy)
    said = policy.clauses(compact.terms.policy)
    clauses = tuple(Clause(number, " ".join(says.split()), *written[number]) for number, says in said.items())
    return Told(head=_head(compact), summary=summary(compact.terms), clauses=clauses)


@reads("/{id_:str}/text", "compact.read", media_type="text/plain")
def compact_text(means: Here, id_: FromPath[str]) -> Response[bytes]:
    """The very bytes that its members signed."""
    with look(means) as turn:
        return Response(turn.known.compact(id_).terms.text, media_type="text/plain")


@does("POST", "/{id_:str}/question", "compact.read", None)
def ask_compact(means: Here, id_: FromPath[str], data: JSONBody[Asked]) -> Answer:
    """Ask whether something may be sent now: yes or no, by which clause, and what to change."""
    with look(means) as turn:
        compact = turn.known.compact(id_)
    handled = over(defaults(compact.terms, data.kind, means.now()), data.handling)
    facts = Facts(person="a person, as asked" if data.names_person else "")
    asked = Question(data.kind, handled, means.party, data.to, means.now(), facts, data.exercise)
    answer = explain(asked, compact)
    return Answer(answer.may, answer.by, answer.says, answer.change)


def _head(compact: Compact) -> Head:
    terms = compact.terms
    return Head(
        id=terms.id,
        version=terms.version,
        digest=terms.digest,
        title=terms.title,
        state=compact.state,
        starts=str(terms.starts),
        ends=str(terms.ends),
        members=tuple(sorted(terms.members)),
        observers=tuple(sorted(terms.observers)),
    )


ROUTES: list[Any] = [
    Router("/compacts", route_handlers=[list_compacts, show_compact, compact_text, ask_compact], tags=["compacts"])
]
