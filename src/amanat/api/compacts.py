"""Compacts: which were joined and in what state, their text, clauses and history, and whether something may be sent."""

from typing import Any

import msgspec
from litestar import Response
from litestar.params import FromPath, JSONBody

from amanat.exchange import agreed
from amanat.exchange.agreed import Head, History, Proposal, Told
from amanat.exchange.means import look
from amanat.exchange.route import Area, Here, does, reads


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
        return agreed.heads(turn)


@reads("/{id_:str}", "compact.read")
def show_compact(means: Here, id_: FromPath[str]) -> Told:
    """Tell a compact in plain words and clause by clause."""
    with look(means) as turn:
        return agreed.told(turn.known.compact(id_))


@reads("/{id_:str}/text", "compact.read", media_type="text/plain")
def compact_text(means: Here, id_: FromPath[str]) -> Response[bytes]:
    """The very bytes that its members signed."""
    with look(means) as turn:
        return Response(turn.known.compact(id_).terms.text, media_type="text/plain")


@reads("/{id_:str}/history", "compact.read")
def compact_history(means: Here, id_: FromPath[str]) -> History:
    """Tell how it stands, who signed which version, and what its members did about it."""
    with look(means) as turn:
        return agreed.history(turn, id_)


@does("POST", "/{id_:str}/question", "compact.read", None)
def ask_compact(means: Here, id_: FromPath[str], data: JSONBody[Proposal]) -> Answer:
    """Ask whether something may be sent now: yes or no, by which clause, and what to change."""
    answer = agreed.ask(means, id_, data)
    return Answer(answer.may, answer.by, answer.says, answer.change)


ROUTES: list[Any] = [
    Area(
        "/compacts",
        route_handlers=[list_compacts, show_compact, compact_text, compact_history, ask_compact],
        tags=["compacts"],
    )
]
