"""Beginning a record: what one may write, under which compact, about what; it is a draft from its first moment.

Law: offered is what a compact lets this party send. What a draft takes over from a record is shown only to who may look
at that, and the look is noted.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any, Final

import msgspec
from litestar import Request, Response
from litestar.params import QueryParameter, URLEncodedBody
from litestar.response import Redirect

from amanat.console import drafted
from amanat.console.shell import inside
from amanat.exchange import drafts, shown
from amanat.exchange.acting import acting
from amanat.exchange.drafting import Asked
from amanat.exchange.means import Means, Turn, look
from amanat.exchange.route import Here, Who, does, reads
from amanat.officer.may import Actor
from amanat.record.record import Ref

_Name = Annotated[str, QueryParameter(max_length=80)]


class Begun(msgspec.Struct, frozen=True):
    """What is to be written: "COMPACT KIND", and the record that it answers or supersedes, as "PARTY:ID"."""

    choice: str = ""
    answers: str = ""
    supersedes: str = ""
    form: str = ""


@dataclass(frozen=True, slots=True)
class Offered:
    """A kind that may be written under a compact, by which clause, and to whom it may go."""

    compact: str
    title: str
    state: str
    kind: str
    clause: str
    to: tuple[str, ...]


@reads("/compose", "record.compose")
def compose(
    request: Request[Any, Any, Any],
    means: Here,
    caller: Who,
    answers: _Name = "",
    supersedes: _Name = "",
    kind: _Name = "",
) -> Response[str]:
    """Show what one may write."""
    with look(means) as turn:
        about = [shown.row_of(turn, ref.party, ref.id) for ref in _refs(answers, supersedes)]
        offered = [each for each in _offered(turn) if all(each.compact == row.compact for row in about)]
        if supersedes:
            offered = [each for each in offered if all(row.kind.partition("/")[0] == each.kind for row in about)]
    given = {"here": "drafts", "offered": offered, "answers": answers, "supersedes": supersedes, "kind": kind}
    return inside(request, means, caller, "compose.html", given)


@does("POST", "/compose", "record.compose", "record.compose")
def begin(means: Here, caller: Who, data: URLEncodedBody[Begun]) -> Redirect:
    """Keep a draft with what is known of it, to be filled in."""
    compact, _, kind = data.choice.partition(" ")
    asked = _asked(means, caller.actor, compact, kind, _refs(data.answers, data.supersedes))
    with acting(means, caller.actor, "record.compose") as act:
        row = drafts.create(act.turn, caller.actor, asked)
        act.on(f"draft:{row.id}")
    return Redirect(f"/draft/{row.id}", status_code=303)


def _offered(turn: Turn) -> Iterator[Offered]:
    known = {kind.name for kind in turn.means.kinds}
    for compact in turn.known.compacts.values():
        for name, terms in compact.terms.kinds.items():
            to = drafted.recipients(turn.means.party, terms)
            if to and name in known:
                yield Offered(compact.terms.id, compact.terms.title, compact.state, name, terms.clause, to)


def _refs(answers: str, supersedes: str) -> tuple[Ref, ...]:
    named = {"answers": answers, "supersedes": supersedes}
    return tuple(drafted.reference(relation, name) for relation, name in named.items() if name)


def _asked(means: Means, actor: Actor, compact: str, kind: str, refs: tuple[Ref, ...]) -> Asked:
    """Return the form to begin with: an answer goes to whom it answers, a later version is as the earlier one was."""
    with look(means) as turn:
        may = next((each.to for each in _offered(turn) if (each.compact, each.kind) == (compact, kind)), ())
    to: tuple[str, ...] = may if len(may) == 1 else ()
    body: dict[str, Any] = {}
    handling: dict[str, Any] = {}
    exercise = False
    for ref in refs:
        earlier = shown.whole(means, actor, ref.party, ref.id)
        exercise = exercise or earlier.head.exercise
        if ref.relation == "answers":
            to = tuple(party for party in (ref.party,) if party in may)
        elif earlier.record is not None:
            to, body = tuple(earlier.record["audience"]), earlier.record["body"]
            handling = {name: said for name, said in earlier.record["handling"].items() if name != "expires"}
    return Asked(kind=kind, compact=compact, to=to, body=body, handling=handling, refs=refs, exercise=exercise)


ROUTES: Final[list[Any]] = [compose, begin]
"""What one may write, and beginning it."""
