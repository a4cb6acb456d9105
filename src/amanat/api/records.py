"""Records: lists, one in full, its way, sending and withdrawing."""

from dataclasses import replace
from typing import Annotated, Any, Literal
from urllib.parse import urlencode

import msgspec
from litestar import Request
from litestar.di import Dependency, Provide
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter, SkipValidationMarker
from litestar.response import Stream

from amanat.exchange import drafting, drafts, shown
from amanat.exchange.became import Step
from amanat.exchange.cursor import Page
from amanat.exchange.drafting import Asked, Verdict
from amanat.exchange.export import Format, export
from amanat.exchange.means import look
from amanat.exchange.route import Area, By, Here, Printing, does, named, reads
from amanat.exchange.send import Held, Pending
from amanat.exchange.shown import Item, Whole
from amanat.exchange.withdraw import take_back
from amanat.party.types import Time
from amanat.record.notices import Withdrawal
from amanat.record.record import Post
from amanat.store.listing import Search

Limit = Annotated[int, QueryParameter(ge=1, le=200, description="At most so many.")]
Cursor = Annotated[str, QueryParameter(max_length=200, description="`next` of the page before.")]
Word = Annotated[str, QueryParameter(max_length=200)]

RecordPage = Annotated[Page[Item], named("RecordPage")]


class Sent(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a draft. `digest` is by what its second person approves it, `envelope` what stands in the log."""

    party: str
    id: str
    state: Literal["held", "logged"]
    digest: str = ""
    envelope: str = ""
    log_index: int | None = None


class PressedRead(msgspec.Struct, frozen=True):
    """Which record was opened at which of our posts; `notice` tells its originator, None when that was done before."""

    party: str
    id: str
    post: str
    notice: Sent | None


class Untold(msgspec.Struct, frozen=True):
    """Who could not be told yet, and why."""

    party: str
    code: str
    says: str


class Withdrawn(msgspec.Struct, frozen=True):
    """Who was told by a notice of its own, and who could not be told yet."""

    told: tuple[Sent, ...]
    untold: tuple[Untold, ...]


def searched(
    means: Here,
    box: Annotated[
        Literal["in", "out", "all"], QueryParameter(description="What came in, what we sent, or both.")
    ] = "all",
    kind: Annotated[str, QueryParameter(max_length=80, description="By name: intelligence.report.")] = "",
    party: Word = "",
    compact: Word = "",
    standing: Annotated[
        Literal["", "current", "superseded", "withdrawn", "destroyed"], QueryParameter(name="state")
    ] = "",
    since: Annotated[Time | None, QueryParameter(description="From this time of theirs on.")] = None,
    until: Annotated[Time | None, QueryParameter(description="Before this time of theirs.")] = None,
    exercise: FromQuery[bool | None] = None,
    unread: Annotated[bool | None, QueryParameter(description="What no post here has read yet, or all else.")] = None,
    text: Annotated[str, QueryParameter(max_length=200, description="Words they hold, by their beginnings.")] = "",
) -> Search:
    """Return which records are looked for; the same for a list and for an export."""
    return Search(
        own=shown.BOXES[box],
        text=text,
        kind=means.kinds.newest(kind).name if kind else "",
        party=party,
        compact=compact,
        state=standing,
        since=since,
        until=until,
        exercise=exercise,
        unread=unread,
    )


Wanted = Annotated[Search, Dependency(), SkipValidationMarker()]
_SEARCHED = {"search": Provide(searched, sync_to_thread=False)}


@reads("/", "record.read", dependencies=_SEARCHED)
def list_records(means: Here, actor: By, search: Wanted, cursor: Cursor = "", limit: Limit = 50) -> RecordPage:
    """List records, newest first. The title of one that names a person is shown to who may look at it, and noted."""
    return shown.page(means, actor, replace(search, limit=limit), cursor)


@does(
    "GET",
    "/export",
    "record.export",
    "record.export",
    media_type="application/octet-stream",
    dependencies=_SEARCHED,
)
def export_records(
    request: Request[Any, Any, Any],
    means: Here,
    actor: By,
    press: Printing,
    search: Wanted,
    format_: Annotated[
        Format, QueryParameter(name="format", description="JSON Lines, CSV for spreadsheets, or PDF for paper.")
    ],
    cursor: Cursor = "",
) -> Stream:
    """Take out the records that the same list shows, newest first: at most 10,000; `Link` leads on to the rest.

    A PDF is in the language of the officer, and holds 1,000; where these are more, none is made.
    """
    made = export(means, actor, search, format_, press, cursor)
    headers = made.headers()
    if made.next is not None:
        asked = [each for each in request.query_params.multi_items() if each[0] != "cursor"]
        headers["Link"] = f'<?{urlencode([*asked, ("cursor", made.next)])}>; rel="next"'
    return Stream(made.pieces, media_type="application/octet-stream", headers=headers)


@reads("/{party:str}/{id_:str}", "record.read")
def show_record(means: Here, actor: By, party: FromPath[str], id_: FromPath[str]) -> Whole:
    """Show one record in full. Nobody is told: only an officer opens a record, never a program."""
    return shown.whole(means, actor, party, id_)


@reads("/{party:str}/{id_:str}/provenance", "record.read")
def show_provenance(means: Here, party: FromPath[str], id_: FromPath[str]) -> tuple[Step, ...]:
    """Show the way of a record, step by step, with who says so and when as far as that is known."""
    return shown.way(means, party, id_)


@does("POST", "/{party:str}/{id_:str}/opened", "record.acknowledge", "record.acknowledge")
def open_record(means: Here, actor: By, party: FromPath[str], id_: FromPath[str]) -> PressedRead:
    """Press *read*: sign that an officer at one's post opened another party's record, once. No token may."""
    signed = shown.press_read(means, actor, party, id_)
    return PressedRead(party, id_, actor.post, None if signed is None else sent(signed))


@does("POST", "/check", "record.compose", None)
def check_draft(means: Here, actor: By, data: JSONBody[Asked]) -> Verdict:
    """Say what sending this draft would say, field by field, and send nothing."""
    with look(means) as turn:
        return drafting.judged(turn, data, Post(means.party, actor.post))


@does("POST", "/", "record.send", "record.send", status_code=201)
def send_record(means: Here, actor: By, data: JSONBody[Asked]) -> Sent:
    """Send a draft. One that needs a second person is held until that officer approves it."""
    return sent(drafts.send_unkept(means, actor, data))


@does("POST", "/{party:str}/{id_:str}/withdrawal", "record.withdraw", "record.withdraw")
def withdraw_record(
    means: Here, actor: By, party: FromPath[str], id_: FromPath[str], data: JSONBody[Withdrawal]
) -> Withdrawn:
    """Withdraw a record of ours: each who was sent it is told, and does as the record's kind has it."""
    done = take_back(means, actor, party, id_, data)
    untold = tuple(Untold(each, problem.code, problem.says) for each, problem in sorted(done.untold.items()))
    return Withdrawn(tuple(sent(each) for each in done.told), untold)


def sent(done: Pending | Held) -> Sent:
    """Say what became of a draft."""
    party, id_ = done.record.key
    if isinstance(done, Held):
        return Sent(party=party, id=id_, state="held", digest=done.digest)
    return Sent(party=party, id=id_, state="logged", envelope=done.digest, log_index=done.log_index)


ROUTES: list[Any] = [
    Area(
        "/records",
        route_handlers=[
            list_records,
            export_records,
            show_record,
            show_provenance,
            open_record,
            check_draft,
            send_record,
            withdraw_record,
        ],
        tags=["records"],
    )
]
