"""The pages of workspaces, shown as every page of the console; what is filled in on one becomes a draft, or is done.

Law: a page reads and writes nothing; its form makes a draft that goes the one way of every draft, and a deed goes at
once the way of every record. What is refused is told on the page that it was typed on.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, Final, TypeVar
from urllib.parse import urlencode

import msgspec
from litestar import Request, Response
from litestar.exceptions import ValidationException
from litestar.params import URLEncodedBody
from litestar.response import Redirect

from amanat.console.done import ASKED, Done, on_to
from amanat.console.shell import inside
from amanat.exchange import doing, drafts
from amanat.exchange.acting import looked_at
from amanat.exchange.caller import Caller
from amanat.exchange.drafting import flaws_of
from amanat.exchange.export import attached
from amanat.exchange.means import Means, begin, look
from amanat.exchange.route import Here, Who, does, reads
from amanat.exchange.send import Held, Pending
from amanat.officer.may import ACTS, Actor, may, require
from amanat.party.errors import Invalid, Refused
from amanat.party.types import quoted
from amanat.workspace import Deed, File, Form, Page, Sent, Workspace
from amanat.workspaces import find

T = TypeVar("T", bound=msgspec.Struct)

NONE: Final = ""
"""What stands on a page as the deed that was refused, where none was."""


@cache
def routes() -> tuple[Any, ...]:
    """Return the routes of every workspace's pages, of the forms on them, of its files, and of the deeds."""
    return tuple(_routes())


def _routes() -> Iterator[Any]:
    for space in find():
        for page in space.pages:
            yield _shown(space, page)
            if page.form is not None:
                yield _filled_in(space, page, page.form)
        for file in space.files:
            yield _given(space, file)
        for deed in space.deeds:
            yield _done(space, next(each for each in space.pages if each.name == deed.page), deed)


def _shown(space: Workspace, page: Page) -> Any:  # noqa: ANN401 - the framework's own type
    @reads(f"/{space.name}/{page.name}", page.permission, renews=page.persons is not None)
    def show(request: Request[Any, Any, Any], means: Here, caller: Who) -> Response[str]:
        return _page(request, means, caller, (space, page), {})

    return show


def _given(space: Workspace, file: File) -> Any:  # noqa: ANN401 - as above
    @reads(f"/{space.name}/{file.name}", file.permission)
    def give(request: Request[Any, Any, Any], means: Here, caller: Who) -> Response[bytes]:
        query = _read(request.query_params, file.query)
        with look(means) as turn:
            data = file.gives(turn, caller.actor, query)
        return Response(data, media_type=file.media, headers={"Content-Disposition": attached(file.name)})

    return give


def _filled_in(space: Workspace, page: Page, form: Form) -> Any:  # noqa: ANN401 - as above
    @does("POST", f"/{space.name}/{page.name}", "record.compose", "record.compose")
    def fill_in(
        request: Request[Any, Any, Any], means: Here, caller: Who, data: URLEncodedBody[dict[str, str]]
    ) -> Response[Any]:
        require(caller.actor, page.permission)
        try:
            typed = _typed(data, form.fields)
            with look(means) as turn:
                asked = form.draft(turn, caller.actor, typed)
        except (Invalid, Refused) as problem:
            return _page(request, means, caller, (space, page), data, problem)
        return Redirect(f"/draft/{drafts.create(means, caller.actor, asked, on_page=True).id}", status_code=303)

    return fill_in


def _done(space: Workspace, page: Page, deed: Deed) -> Any:  # noqa: ANN401 - as above
    @does("POST", f"/{space.name}/{deed.name}", ACTS[deed.act] or page.permission, deed.act)
    def do(
        request: Request[Any, Any, Any], means: Here, caller: Who, data: URLEncodedBody[dict[str, str]]
    ) -> Response[Any]:
        actor = caller.actor
        require(actor, page.permission)
        _read(request.query_params, page.query)  # what could not be shown again is not done either
        try:
            typed = _typed(data, deed.fields)
            said, done = doing.do(means, actor, deed.act, lambda turn: deed.does(turn, actor, typed))
        except (Invalid, Refused) as problem:
            return _page(request, means, caller, (space, page), data, problem, deed.name)
        return _on(caller, said, done, _address(request, space, page))

    return do


def _on(caller: Caller, said: Sent, done: list[Pending | Held], page: str) -> Redirect:
    """Lead on from what was done, which the page that follows tells where it is known to all."""
    told: Done | None = "held" if any(isinstance(each, Held) for each in done) else "sent" if done else None
    if told is None and said.opens:
        told = "opened"
    to = said.then or page
    if done:
        party, id_ = done[0].record.key
        to = to.replace("{party}", party).replace("{id}", id_)
    return Redirect(to, status_code=303) if told is None else on_to(caller.cookie, to, told)


def _address(request: Request[Any, Any, Any], space: Workspace, page: Page) -> str:
    """Return where the page is that a deed stands on, for what the deed's own address asks."""
    asked = urlencode([(name, value) for name, value in request.query_params.items() if name != ASKED])
    return f"/{space.name}/{page.name}{'?' if asked else ''}{asked}"


def _page(
    request: Request[Any, Any, Any],
    means: Means,
    caller: Caller,
    at: tuple[Workspace, Page],
    typed: Mapping[str, str],
    problem: Invalid | Refused | None = None,
    refused: str = NONE,
) -> Response[str]:
    space, page = at
    query = _read(request.query_params, page.query)
    _note_look(means, caller.actor, page, query)
    with look(means) as turn:
        context = page.context(turn, caller.actor, query)
    told: dict[str, Any] = {"refused": refused, "typed": _held(space, page, typed)}
    told["flaws"] = flaws_of(problem) if isinstance(problem, Invalid) else {}
    given = {"here": f"{space.name}.{page.name}", **told, **context}
    if refused:  # the address is the deed's, at which nothing is shown
        given["back"] = given["again"] = _address(request, space, page)
    return inside(request, means, caller, f"{space.name}/{page.name}.html", given, problem)


def _note_look(means: Means, actor: Actor, page: Page, query: Any) -> None:  # noqa: ANN401 - of the page's own type
    """Note that an officer is about to be shown what names persons, where the page has any (floor 7)."""
    if page.persons is None or not may(actor, "record.person"):
        return
    with look(means) as turn:
        keys = sorted(set(page.persons(turn, actor, query)))
    if keys:
        with begin(means) as turn:
            looked_at(turn, actor, [":".join(key) for key in keys])


def _held(space: Workspace, page: Page, typed: Mapping[str, str]) -> Mapping[str, str]:
    """Return what was typed by name, "" where nothing was: in the page's form, and in the deeds on it."""
    forms = [page.form.fields] if page.form else []
    forms += [deed.fields for deed in space.deeds if deed.page == page.name]
    names = [each.encode_name for form in forms for each in msgspec.structs.fields(form)]
    return {name: typed.get(name, "") for name in names}


def _typed(given: Mapping[str, str], wanted: type[T]) -> T:
    """Return what a form says, as the page wants it. Raises `Invalid`."""
    try:
        return msgspec.convert(dict(given), wanted, strict=False)
    except msgspec.ValidationError as error:
        raise Invalid("form.field", f"What was typed cannot be read: {quoted(error)}.", "Mend it.") from error


def _read(given: Mapping[str, str], wanted: type[T]) -> T:
    """Return what an address says, as the page wants it. Raises `ValidationException`."""
    try:
        return msgspec.convert(dict(given), wanted, strict=False)
    except msgspec.ValidationError as error:
        raise ValidationException(quoted(error)) from error
