"""What waits for a second person: the queue, one record as its recipients will see it, and what was said before.

Law: what is let go is what was read, by its digest, which the page carries and no address does. Nobody approves what
one wrote, and is told so before trying.
"""

from typing import Any, Final

import msgspec
from litestar import Request, Response
from litestar.params import FromPath, URLEncodedBody
from litestar.response import Redirect

from amanat.console import body, draft_form
from amanat.console.differences import Difference, differences
from amanat.console.done import on_to
from amanat.console.languages import chosen
from amanat.console.problems import UNPROVEN
from amanat.console.rendering import told
from amanat.console.rules import rules
from amanat.console.shell import inside
from amanat.exchange import held, shown
from amanat.exchange.caller import Caller
from amanat.exchange.cursor import ById
from amanat.exchange.held import HeldWhole
from amanat.exchange.means import Means, Turn, look
from amanat.exchange.route import Here, Who, does, reads
from amanat.exchange.send import cited, permit
from amanat.officer.approve import approve
from amanat.officer.may import Actor, may
from amanat.party.errors import Invalid, Refused
from amanat.party.types import Line
from amanat.record.handling import Handling

PAGE: Final = 50
_SAID: Final = ("audience", "kind", "handling", "attachments", "exercise", "body")
"""What of a record its readers compare: its id, time and author are others each time."""


class Decided(msgspec.Struct, frozen=True):
    """The digest of what was read, why it is given back where it is, and the word of the page."""

    digest: str = ""
    reason: str = ""
    form: str = ""


@reads("/approvals", "record.approve", renews=True)
def approvals(
    request: Request[Any, Any, Any],
    means: Here,
    caller: Who,
    cursor: ById = "",
) -> Response[str]:
    """List what waits, what waits longest first."""
    found = held.page(means, caller.actor, cursor, PAGE)
    given = {"here": "approvals", "found": found, "first": not cursor}
    return inside(request, means, caller, "approvals.html", given)


@reads("/approvals/{id_:str}", "record.approve")
def show(request: Request[Any, Any, Any], means: Here, caller: Who, id_: FromPath[str]) -> Response[str]:
    """Show one in full, as its recipients will see it."""
    return _page(request, means, caller, id_, None)


@does("POST", "/approvals/{id_:str}/approval", "record.approve", "record.approve")
def let_go(
    request: Request[Any, Any, Any], means: Here, caller: Who, id_: FromPath[str], data: URLEncodedBody[Decided]
) -> Response[Any]:
    """Approve what was read: it is checked again and sent."""
    try:
        held.let_go(means, caller.actor, id_, data.digest)
    except (Invalid, Refused) as problem:
        if problem.code == UNPROVEN:
            raise
        return _page(request, means, caller, id_, problem)
    return on_to(caller.cookie, "/approvals", "approved")


@does("POST", "/approvals/{id_:str}/return", "record.approve", "record.return")
def give_back(
    request: Request[Any, Any, Any], means: Here, caller: Who, id_: FromPath[str], data: URLEncodedBody[Decided]
) -> Response[Any]:
    """Give it back to who wrote it, with the reason."""
    try:
        held.give_back(means, caller.actor, id_, data.digest, _reason(data.reason))
    except (Invalid, Refused) as problem:
        return _page(request, means, caller, id_, problem)
    return on_to(caller.cookie, "/approvals", "returned")


@does("POST", "/approvals/{id_:str}/destruction", "record.withdraw", "record.withdraw")
def destroy(means: Here, caller: Who, id_: FromPath[str]) -> Redirect:
    """Destroy it: it goes to nobody."""
    held.discard(means, caller.actor, id_)
    return on_to(caller.cookie, "/approvals", "destroyed")


def _reason(typed: str) -> str:
    try:
        return msgspec.convert(typed.strip(), Line)
    except msgspec.ValidationError as error:
        raise Invalid(
            "approval.reason",
            "The reason is no line of 1 to 400 characters.",
            "Write in one line what is to be mended.",
        ) from error


def _page(
    request: Request[Any, Any, Any], means: Means, caller: Caller, id_: str, problem: Invalid | Refused | None
) -> Response[str]:
    whole = held.whole(means, caller.actor, id_)
    earlier, changed = _before(means, caller.actor, whole)
    with look(means) as turn:
        own = _own(turn, caller.actor, whole)
    given = read_in_full(means, caller.actor, whole) | {
        "here": "approvals",
        "earlier": earlier,
        "changed": changed,
        "own": None if own is None else told(own, chosen(request)),
        "may_destroy": may(caller.actor, "record.withdraw"),
    }
    return inside(request, means, caller, "approval.html", given, problem)


def read_in_full(means: Means, actor: Actor, whole: HeldWhole) -> dict[str, Any]:
    """Return what a page shows of one as its recipients will see it, and by which clauses it would go out now."""
    with look(means) as turn:
        under = _under(turn, whole.head.id)
    refs = whole.record.get("refs", ())
    return under | {
        "whole": whole,
        "body": body.shown(means.kinds.get(whole.head.kind), whole.record["body"]),
        "files": tuple((each.sha256, each.name, each.size) for each in whole.attachments),
        "rules": rules(msgspec.convert(whole.record["handling"], Handling), under["terms"]),
        "titles": shown.titles(means, actor, [f"{ref['party']}:{ref['id']}" for ref in refs]),
    }


def _before(means: Means, actor: Actor, whole: HeldWhole) -> tuple[str, tuple[Difference, ...] | None]:
    """Return the record that this one takes the place of, and what differs from it; ("", None) where there is none."""
    for ref in whole.record.get("refs", ()):
        if ref["relation"] == "supersedes":
            name = f"{ref['party']}:{ref['id']}"
            try:
                earlier = shown.whole(means, actor, ref["party"], ref["id"])
            except Invalid:  # it never was here, or only as a name
                return name, None
            return name, None if earlier.record is None else differences(_said(earlier.record), _said(whole.record))
    return "", None


def _said(record: dict[str, Any]) -> dict[str, Any]:
    return {name: record[name] for name in _SAID if name in record}


def _own(turn: Turn, actor: Actor, whole: HeldWhole) -> Refused | None:
    """Return why this officer may not be its second person; None for who may."""
    try:
        approve(turn.tx, actor, turn.means.party, whole.head.id, whole.digest)
    except Refused as refused:
        return refused
    return None


def _under(turn: Turn, id_: str) -> dict[str, Any]:
    """Return by which clauses it would go out now, or what is said against it. Raises `Invalid` for none."""
    record = held.record_of(turn, id_)
    try:
        permitted = permit(turn, record, cited(turn, [record]))
    except Refused as refused:
        return {"clauses": (), "refused": refused, "terms": None}
    terms = turn.known.by_digest(record.fields.compact).terms
    return {"clauses": draft_form.clauses(terms, permitted.clause), "refused": None, "terms": terms}


ROUTES: Final[list[Any]] = [approvals, show, let_go, give_back, destroy]
"""The queue, one of it, and what becomes of that."""
