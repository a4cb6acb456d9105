"""One draft on a page: written, saved, handed files, sent or handed to a second person, discarded.

Law: who saves, sends or discards names the version that was read; who comes late is shown both texts. Nothing leaves
but from the page that says who will receive what, and by which clause.
"""

from collections.abc import Mapping
from typing import Any, Final

import msgspec
from anyio import to_thread
from litestar import Request, Response
from litestar.params import FromPath, URLEncodedBody

from amanat.compact.terms import defaults
from amanat.console import body, draft_form, fields, handling_form
from amanat.console.differences import differences
from amanat.console.done import on_to
from amanat.console.problems import UNPROVEN
from amanat.console.record import path
from amanat.console.shell import inside
from amanat.exchange import drafts, shown
from amanat.exchange.caller import Caller
from amanat.exchange.drafting import Asked
from amanat.exchange.handing_in import hand_in
from amanat.exchange.means import Means, look
from amanat.exchange.parts import Fields
from amanat.exchange.problem import TooMuch
from amanat.exchange.route import Coming, Here, Who, does, reads, takes
from amanat.exchange.send import Held
from amanat.exchange.shown import Item
from amanat.node import unwatched
from amanat.party.errors import Invalid, Refused
from amanat.record.kind import schema
from amanat.record.record import Ref
from amanat.seal.chunks import address
from amanat.store.drafts import Row
from amanat.workspace import Bound

CHANGED: Final = "draft.changed"


class Named(msgspec.Struct, frozen=True):
    """The version that was read, and the word of the page."""

    version: drafts.Version = 0
    form: str = ""


@reads("/draft/{id_:str}", "record.compose")
def show(request: Request[Any, Any, Any], means: Here, caller: Who, id_: FromPath[str]) -> Response[str]:
    """Show a draft with its form."""
    row = drafts.opened(means, caller.actor, id_)
    return _page(request, means, caller, row, drafts.form(row))


@takes("/draft/{id_:str}", "record.compose", "record.compose")
async def save(
    request: Request[Any, Any, Any], means: Here, caller: Who, id_: FromPath[str], coming: Coming
) -> Response[Any]:
    """Keep what was typed; or show it anew with a row more or less, or with what is wrong, and keep nothing."""
    typed, name = await coming.until_file()
    problem: Invalid | TooMuch | None = None
    while name:
        try:
            if problem is None:
                made = await hand_in(name, coming.file(), request.app.state.uploads, means, unwatched)
                typed |= {"file": (*typed.get("file", ()), address(made, means.party).hex())}
        except (Invalid, TooMuch) as wrong:
            problem = wrong
        rest, name = await coming.until_file()
        typed |= {each: (*typed.get(each, ()), *values) for each, values in rest.items()}
    return await to_thread.run_sync(_saved, request, means, caller, id_, typed, problem)


def _saved(
    request: Request[Any, Any, Any],
    means: Means,
    caller: Caller,
    id_: str,
    typed: Fields,
    problem: Invalid | TooMuch | None,
) -> Response[Any]:
    row = drafts.opened(means, caller.actor, id_)
    does, _, at = typed.get("do", ("save",))[-1].partition(":")
    if does == "remove":
        typed = {name: values for name, values in typed.items() if not f"{name}/".startswith(f"{at}/")}
    asked = _asked(means, row, typed)
    with look(means) as turn:
        bound = draft_form.bound(turn, asked)
    try:
        asked = asked if bound else msgspec.structs.replace(asked, refs=(*asked.refs, *_new_refs(typed)))
    except Invalid as wrong:
        problem = wrong
    if problem is not None or does in {"add", "remove"}:
        return _page(request, means, caller, row, asked, at if does == "add" else "", problem)
    version = fields.number(typed, "version", drafts.MOST_VERSIONS)
    try:
        drafts.change(means, caller.actor, id_, version, asked)
    except Invalid as wrong:
        if wrong.code != CHANGED:
            raise
        return _page(request, means, caller, drafts.opened(means, caller.actor, id_), asked, "", wrong)
    on = {"send": "/sending", "import": "/import"}.get(does, "")
    return on_to(caller.cookie, f"/draft/{id_}{on}", "saved")


@reads("/draft/{id_:str}/sending", "record.compose")
def ask(request: Request[Any, Any, Any], means: Here, caller: Who, id_: FromPath[str]) -> Response[str]:
    """Show who will receive what, and by which clause, before anything is sent."""
    return _asking(request, means, caller, drafts.opened(means, caller.actor, id_), None)


@does("POST", "/draft/{id_:str}/sending", "record.send", "record.send")
def send(
    request: Request[Any, Any, Any], means: Here, caller: Who, id_: FromPath[str], data: URLEncodedBody[Named]
) -> Response[Any]:
    """Send it; where its clause asks for a second person, it waits for that officer."""
    return _sent(request, means, caller, id_, data.version, submits=False)


@does("POST", "/draft/{id_:str}/submission", "record.compose", "record.submit")
def submit(
    request: Request[Any, Any, Any], means: Here, caller: Who, id_: FromPath[str], data: URLEncodedBody[Named]
) -> Response[Any]:
    """Hand it to a second person, also where the compact asks for none."""
    return _sent(request, means, caller, id_, data.version, submits=True)


@does("POST", "/draft/{id_:str}/discarding", "record.compose", "record.discard")
def discard(
    request: Request[Any, Any, Any], means: Here, caller: Who, id_: FromPath[str], data: URLEncodedBody[Named]
) -> Response[Any]:
    """Destroy it."""
    try:
        drafts.discard(means, caller.actor, id_, data.version)
    except Invalid as problem:
        if problem.code != CHANGED:
            raise
        row = drafts.opened(means, caller.actor, id_)
        return _page(request, means, caller, row, drafts.form(row), "", problem)
    return on_to(caller.cookie, "/drafts", "discarded")


def _sent(
    request: Request[Any, Any, Any], means: Means, caller: Caller, id_: str, version: int, *, submits: bool
) -> Response[Any]:
    with look(means) as turn:
        bound = draft_form.bound(turn, drafts.form(drafts.one(turn, id_)))
    try:
        done = drafts.send(means, caller.actor, id_, version, submits=submits)
    except (Invalid, Refused) as problem:
        if problem.code == UNPROVEN:
            raise
        return _asking(request, means, caller, drafts.opened(means, caller.actor, id_), problem)
    if isinstance(done, Held):
        return on_to(caller.cookie, "/drafts", "held")
    party, record = done.record.key
    return on_to(caller.cookie, bound.then.replace("{id}", record) if bound else path(party, record), "sent")


def _asked(means: Means, row: Row, typed: Fields) -> Asked:
    """Return the form as it was typed. What the page has no fields for is as it was kept."""
    kept = drafts.form(row)
    with look(means) as turn:
        under, bound = draft_form.agreed(turn, kept), draft_form.bound(turn, kept)
    if under is None:
        return kept
    described, base = schema(under.kind), defaults(under.compact.terms, under.kind.name, turn.now)
    if bound is not None:
        return _within(bound, kept, typed, fields.typed(described, typed), handling_form.typed_of_person(typed, base))
    return msgspec.structs.replace(
        kept,
        to=tuple(sorted({*typed.get("to", ())})),
        body=kept.body if draft_form.importers(under.kind) else fields.typed(described, typed),
        handling=handling_form.typed(typed, base),
        refs=tuple(draft_form.reference(*each.partition(" ")[::2]) for each in typed.get("ref", ())),
        exercise=typed.get("exercise", ("",))[-1] == "yes",
        attachments=tuple(dict.fromkeys(typed.get("file", ()))),
    )


def _within(bound: Bound, kept: Asked, typed: Fields, body: Mapping[str, Any], of_person: Mapping[str, Any]) -> Asked:
    """Return the form as it was typed within what it is bound to."""
    return msgspec.structs.replace(
        kept,
        body={name: value for name, value in kept.body.items() if name in bound.fields}
        | {name: value for name, value in body.items() if name not in bound.fields},
        handling={name: value for name, value in kept.handling.items() if name not in handling_form.OF_PERSON}
        | dict(of_person),
        attachments=tuple(dict.fromkeys(typed.get("file", ()))),
    )


def _new_refs(typed: Fields) -> tuple[Ref, ...]:
    """Return the reference that was typed anew, if any. Raises `Invalid`."""
    name = typed.get("name", ("",))[-1].strip()
    return (draft_form.reference(typed.get("relation", ("about",))[-1], name),) if name else ()


def _page(
    request: Request[Any, Any, Any],
    means: Means,
    caller: Caller,
    row: Row,
    asked: Asked,
    row_at: str = "",
    problem: Invalid | TooMuch | None = None,
) -> Response[str]:
    kept = drafts.form(row)
    late = problem is not None and problem.code == CHANGED
    with look(means) as turn:
        saved = row.version > 1 or row.returned is not None
        given = draft_form.filled(turn, caller.actor, asked, row_at, saved=saved)
    given |= {
        "here": "drafts",
        "row": row,
        "titles": _titles(means, caller, asked),
        "beside": _beside(means, caller, given.get("bound")),
        "unsaved": asked != kept,
        "changed": differences(_plain(kept), _plain(asked)) if late else None,
    }
    return inside(request, means, caller, "draft.html", given, problem)


def _asking(
    request: Request[Any, Any, Any], means: Means, caller: Caller, row: Row, problem: Invalid | Refused | None
) -> Response[str]:
    asked = drafts.form(row)
    with look(means) as turn:
        given = draft_form.filled(turn, caller.actor, asked)
    given |= {
        "here": "drafts",
        "row": row,
        "titles": _titles(means, caller, asked),
        "may_send": "record.send" in caller.actor.permissions,
    }
    return inside(request, means, caller, "draft_sending.html", given, problem)


def _beside(means: Means, caller: Caller, bound: Bound | None) -> body.Shown | None:
    """Return the record that one reads beside what one writes, where there is one; a look at it is noted."""
    if bound is None or bound.beside is None:
        return None
    try:
        whole = shown.whole(means, caller.actor, *bound.beside)
    except Invalid:  # it is not here: what was written stays, and is told to answer nothing when it is sent
        return None
    return None if whole.record is None else body.shown(means.kinds.get(whole.head.kind), whole.record["body"])


def _titles(means: Means, caller: Caller, asked: Asked) -> Mapping[str, Item]:
    return shown.titles(means, caller.actor, [f"{ref.party}:{ref.id}" for ref in asked.refs])


def _plain(asked: Asked) -> Mapping[str, Any]:
    plain: dict[str, Any] = msgspec.to_builtins(asked)
    return plain


ROUTES: Final[list[Any]] = [show, save, ask, send, submit, discard]
"""The form, and what becomes of it."""
