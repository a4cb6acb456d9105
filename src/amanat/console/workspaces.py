"""The pages of workspaces, shown as every page of the console; what is filled in on one becomes a draft.

Law: a page reads and writes nothing, and its form makes a draft that goes the one way of every draft.
"""

from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

import msgspec
from litestar import Request, Response
from litestar.exceptions import ValidationException
from litestar.params import URLEncodedBody
from litestar.response import Redirect

from amanat.console.shell import inside
from amanat.exchange import drafts
from amanat.exchange.caller import Caller
from amanat.exchange.means import Means, look
from amanat.exchange.route import Here, Who, does, reads
from amanat.officer.may import require
from amanat.party.errors import Invalid, Refused
from amanat.party.types import quoted
from amanat.workspace import Form, Page
from amanat.workspaces import find

T = TypeVar("T", bound=msgspec.Struct)


def routes() -> Iterator[Any]:
    """Return the routes of every workspace's pages, and of the forms on them."""
    for space in find():
        for page in space.pages:
            yield _shown(space.name, page)
            if page.form is not None:
                yield _filled_in(space.name, page, page.form)


def _shown(space: str, page: Page) -> Any:  # noqa: ANN401 - the framework's own type
    @reads(f"/{space}/{page.name}", page.permission)
    def show(request: Request[Any, Any, Any], means: Here, caller: Who) -> Response[str]:
        return _page(request, means, caller, (space, page), {}, None)

    return show


def _filled_in(space: str, page: Page, form: Form) -> Any:  # noqa: ANN401 - as above
    @does("POST", f"/{space}/{page.name}", "record.compose", "record.compose")
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
        return Redirect(f"/draft/{drafts.create(means, caller.actor, asked).id}", status_code=303)

    return fill_in


def _page(
    request: Request[Any, Any, Any],
    means: Means,
    caller: Caller,
    at: tuple[str, Page],
    typed: Mapping[str, str],
    problem: Invalid | Refused | None,
) -> Response[str]:
    space, page = at
    query = _read(request.query_params, page.query)
    with look(means) as turn:
        context = page.context(turn, caller.actor, query)
    names = [each.encode_name for each in msgspec.structs.fields(page.form.fields)] if page.form else []
    given = {"here": f"{space}.{page.name}", "typed": {name: typed.get(name, "") for name in names}, **context}
    return inside(request, means, caller, f"{space}/{page.name}.html", given, problem)


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
