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

from amanat.console import draft_form
from amanat.console.shell import inside
from amanat.exchange import drafts, shown
from amanat.exchange.caller import Caller
from amanat.exchange.drafting import Asked
from amanat.exchange.means import Means, Turn, look
from amanat.exchange.route import Here, Who, does, reads
from amanat.officer.may import Actor
from amanat.party.errors import Invalid
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
    return _page(request, means, caller, Begun(answers=answers, supersedes=supersedes), kind)


@does("POST", "/compose", "record.compose", "record.compose")
def begin(request: Request[Any, Any, Any], means: Here, caller: Who, data: URLEncodedBody[Begun]) -> Response[Any]:
    """Keep a draft with what is known of it, to be filled in; or show anew what one may write."""
    try:
        asked = _asked(means, caller.actor, data.choice, _refs(data.answers, data.supersedes))
    except Invalid as problem:
        return _page(request, means, caller, data, "", problem)
    return Redirect(f"/draft/{drafts.create(means, caller.actor, asked).id}", status_code=303)


def _page(
    request: Request[Any, Any, Any],
    means: Means,
    caller: Caller,
    begun: Begun,
    kind: str,
    problem: Invalid | None = None,
) -> Response[str]:
    with look(means) as turn:
        offered = list(_offered(turn, _refs(begun.answers, begun.supersedes)))
    titles = shown.titles(means, caller.actor, [name for name in (begun.answers, begun.supersedes) if name])
    given = {"here": "drafts", "offered": offered, "answers": begun.answers, "supersedes": begun.supersedes}
    return inside(request, means, caller, "compose.html", given | {"kind": kind, "titles": titles}, problem)


def _offered(turn: Turn, refs: tuple[Ref, ...]) -> Iterator[Offered]:
    """Yield what may be written about these records: under their compact, and of a kind with what it supersedes."""
    about = [(ref.relation, shown.row_of(turn, ref.party, ref.id)) for ref in refs]
    kinds = {row.kind.partition("/")[0] for relation, row in about if relation == "supersedes"}
    known = {kind.name for kind in turn.means.kinds if kind.written}
    for compact in turn.known.compacts.values():
        for name, terms in compact.terms.kinds.items():
            to = draft_form.recipients(turn.means.party, terms)
            fits = all(row.compact == compact.terms.id for _, row in about) and kinds <= {name}
            if to and name in known and fits:
                yield Offered(compact.terms.id, compact.terms.title, compact.state, name, terms.clause, to)


def _refs(answers: str, supersedes: str) -> tuple[Ref, ...]:
    named = {"answers": answers, "supersedes": supersedes}
    return tuple(draft_form.reference(relation, name) for relation, name in named.items() if name)


def _asked(means: Means, actor: Actor, choice: str, refs: tuple[Ref, ...]) -> Asked:
    """Return the form to begin with: an answer goes to whom it answers, a later version is as the earlier one was.

    Raises `Invalid` for a choice that was not offered.
    """
    with look(means) as turn:
        chosen = next((each for each in _offered(turn, refs) if f"{each.compact} {each.kind}" == choice), None)
    if chosen is None:
        raise Invalid("draft.choice", "Nothing was chosen that may be written here.", "Choose from what is offered.")
    may = chosen.to
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
    return Asked(
        kind=chosen.kind, compact=chosen.compact, to=to, body=body, handling=handling, refs=refs, exercise=exercise
    )


ROUTES: Final[list[Any]] = [compose, begin]
"""What one may write, and beginning it."""
