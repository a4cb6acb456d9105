"""The list of records: what came in and what was sent, narrowed down, kept under a name, and taken out as a file."""

from typing import Any, Final, Literal, get_args

import msgspec
from litestar import Request, Response
from litestar.params import FromQuery, URLEncodedBody
from litestar.response import Stream

from amanat.console import filters
from amanat.console.done import on_to
from amanat.console.filters import Filters
from amanat.console.shell import inside
from amanat.exchange import shown
from amanat.exchange.caller import Caller
from amanat.exchange.cursor import Page
from amanat.exchange.export import FORMATS, MOST, PRINTED, Format, export
from amanat.exchange.lexica import own_zone
from amanat.exchange.means import Means, begin, look
from amanat.exchange.route import Here, Printing, Who, does, reads
from amanat.exchange.rows import beside
from amanat.exchange.shown import Item
from amanat.officer.may import Actor, may
from amanat.party.errors import Invalid
from amanat.store import saved
from amanat.store.listing import Search
from amanat.store.text import MOST_FOUND
from amanat.workspaces import find

PAGE: Final = 50
MOST_SAVED: Final = 30
NAME: Final = 60
"""Characters in the name of a filter."""

Asked = Request[Any, Any, Any]


class Kept(msgspec.Struct, frozen=True):
    """A filter that an officer keeps, or forgets: its name, and the address of the list."""

    name: str = ""
    address: str = ""
    does: Literal["keep", "forget"] = "keep"
    form: str = ""


@reads("/records", "record.read", renews=True)
def records(
    request: Asked, means: Here, caller: Who, cursor: FromQuery[str] = "", newer: FromQuery[str] = ""
) -> Response[str]:
    """List records, newest first: after a cursor, or before one (`newer`)."""
    return _list(request, means, caller, filters.read(request.query_params), (cursor, newer), None)


@does("GET", "/records/export", "record.export", "record.export")
def take_out(
    request: Asked,
    means: Here,
    caller: Who,
    press: Printing,
    format: FromQuery[Format],  # noqa: A002 - as the address has it
) -> Stream:
    """Take out what the list shows, as a file."""
    with look(means) as turn:
        zone = own_zone(turn)
    search = filters.read(request.query_params).search(zone, PAGE)
    made = export(means, caller.actor, search, format, press)
    return Stream(made.pieces, media_type=made.media_type, headers=made.headers())


@does("POST", "/records/saved", "record.read", None)
def keep(request: Asked, means: Here, caller: Who, data: URLEncodedBody[Kept]) -> Response[Any]:
    """Keep a filter under a name, or forget one, and show the list so narrowed down."""
    wanted = filters.read_address(data.address)
    try:
        _kept(means, caller, data, wanted)
    except Invalid as problem:
        return _list(request, means, caller, wanted, ("", ""), problem)
    return on_to(caller.cookie, wanted.address(), "filter-kept" if data.does == "keep" else "filter-forgotten")


def _kept(means: Means, caller: Caller, data: Kept, wanted: Filters) -> None:
    name, officer = " ".join(data.name.split()), caller.actor.officer
    if not 0 < len(name) <= NAME:
        raise Invalid("filter.name", f"A filter is called by 1 to {NAME} characters.", "Give it a name.")
    with begin(means) as turn:
        if data.does == "forget":
            saved.remove(turn.tx, officer, name)
            return
        held = saved.of(turn.tx, officer)
        if name not in held and len(held) >= MOST_SAVED:
            raise Invalid("filter.many", f"{MOST_SAVED} filters are kept already.", "Forget one of them first.")
        saved.put(turn.tx, officer, name, wanted.address())


def _found(means: Means, actor: Actor, search: Search, place: tuple[str, str]) -> tuple[Page[Item], bool]:
    """Return a page of the list, and whether there is one before it."""
    cursor, newer = place
    if newer:
        return shown.newer(means, actor, search, newer)
    return shown.page(means, actor, search, cursor), bool(cursor)


def _choices(means: Means, wanted: Filters) -> dict[str, Any]:
    """Return what the form offers to narrow the list down by."""
    return {
        "kinds": sorted({kind.name for kind in means.kinds if kind.name.startswith(wanted.workspace)}),
        "boxes": get_args(Filters.__annotations__["box"]),
        "states": [each for each in get_args(Filters.__annotations__["state"]) if each],
        "workspaces": [each.name for each in find()],
    }


def _list(
    request: Asked,
    means: Means,
    caller: Caller,
    wanted: Filters,
    place: tuple[str, str],
    problem: Invalid | None,
) -> Response[str]:
    with look(means) as turn:
        zone, parties = own_zone(turn), sorted(turn.known.manifests)
        kept = saved.of(turn.tx, caller.actor.officer)
    found, more = Page[Item]((), None), False
    try:
        found, more = _found(means, caller.actor, wanted.search(zone, PAGE), place)
    except Invalid as wrong:
        if not wrong.code.startswith("form."):
            raise
        problem = wrong
    given = _choices(means, wanted) | {
        "here": wanted.workspace or "records",
        "found": found,
        "beside": beside(means, caller.actor, found.items),
        "filters": wanted,
        "newer": shown.cursor_of(found.items[0]) if more and found.items else "",
        "saved": kept,
        "formats": FORMATS if may(caller.actor, "record.export") else (),
        "most": MOST,
        "printed": PRINTED,
        "most_found": MOST_FOUND,
        "name_most": NAME,
        "parties": parties,
    }
    return inside(request, means, caller, "records.html", given, problem)


ROUTES: Final[list[Any]] = [records, take_out, keep]
"""The list, its file, and its filters that are kept."""
