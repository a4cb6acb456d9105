"""Drafts that are kept: a colleague goes on where one left off, and nobody overwrites what another wrote meanwhile.

Law: whoever changes, sends or discards a draft shows the version that was read, as `If-Match`; `ETag` is what it is.
"""

from typing import Annotated, Any

import msgspec
from litestar import Response
from litestar.params import FromPath, HeaderParameter, JSONBody, QueryParameter

from amanat.api.records import Limit, Sent, sent
from amanat.exchange import drafting
from amanat.exchange import drafts as keeping
from amanat.exchange.cursor import Page
from amanat.exchange.drafting import Asked, Verdict
from amanat.exchange.drafts import Summary
from amanat.exchange.means import Turn, look
from amanat.exchange.route import Area, By, Here, does, named, reads
from amanat.officer.may import Actor
from amanat.party.errors import Invalid
from amanat.record.record import Post, Uuid7
from amanat.store.drafts import Row

Version = Annotated[
    str | None,
    HeaderParameter(name="If-Match", pattern=r'^"[1-9][0-9]{0,14}"$', description="The `ETag` of what was read."),
]


DraftPage = Annotated[Page[Summary], named("DraftPage")]


class DraftWhole(msgspec.Struct, frozen=True):
    """A draft in full: its form, and what sending it now would say, field by field."""

    head: Summary
    form: Asked
    verdict: Verdict


@reads("/", "record.compose")
def list_drafts(
    means: Here,
    cursor: Annotated[Uuid7 | None, QueryParameter(description="`next` of the page before.")] = None,
    limit: Limit = 50,
) -> DraftPage:
    """List drafts, the newest first. Each is destroyed when nobody touched it for two weeks."""
    with look(means) as turn:
        return keeping.page(turn, cursor or "", limit)


@does("POST", "/", "record.compose", "record.compose", status_code=201)
def create_draft(means: Here, actor: By, data: JSONBody[Asked]) -> Response[DraftWhole]:
    """Keep a draft. It may be wrong or unfinished; the answer says what of it is."""
    row = keeping.create(means, actor, data)
    with look(means) as turn:
        return _whole(turn, actor, row, 201)


@reads("/{id_:str}", "record.compose")
def show_draft(means: Here, actor: By, id_: FromPath[str]) -> Response[DraftWhole]:
    """Show a draft in full. One that may name a person is a look at that person's data, and noted."""
    row = keeping.opened(means, actor, id_)
    with look(means) as turn:
        return _whole(turn, actor, row)


@does("PUT", "/{id_:str}", "record.compose", "record.compose")
def change_draft(
    means: Here, actor: By, id_: FromPath[str], data: JSONBody[Asked], version: Version = None
) -> Response[DraftWhole]:
    """Write over a draft, whole. It is answered with 412 when somebody else changed it meanwhile."""
    row = keeping.change(means, actor, id_, _number(version), data)
    with look(means) as turn:
        return _whole(turn, actor, row)


@does("DELETE", "/{id_:str}", "record.compose", "record.discard", status_code=204)
def discard_draft(means: Here, actor: By, id_: FromPath[str], version: Version = None) -> None:
    """Destroy a draft that is not to be sent."""
    keeping.discard(means, actor, id_, _number(version))


@does("POST", "/{id_:str}/submission", "record.compose", "record.submit")
def submit_draft(means: Here, actor: By, id_: FromPath[str], version: Version = None) -> Sent:
    """Hand a draft to its second person, who sends it or gives it back; also where the compact asks for none."""
    return sent(keeping.send(means, actor, id_, _number(version), submits=True))


@does("POST", "/{id_:str}/sending", "record.send", "record.send")
def send_draft(means: Here, actor: By, id_: FromPath[str], version: Version = None) -> Sent:
    """Send a draft. One that needs a second person is held until that officer approves it."""
    return sent(keeping.send(means, actor, id_, _number(version)))


def _whole(turn: Turn, actor: Actor, row: Row, status: int = 200) -> Response[DraftWhole]:
    asked = keeping.form(row)
    verdict = drafting.judged(turn, asked, Post(turn.means.party, actor.post))
    return Response(
        DraftWhole(keeping.summary(row), asked, verdict), status_code=status, headers={"ETag": f'"{row.version}"'}
    )


def _number(version: str | None) -> int:
    """Return the version that was read. Raises `Invalid` where none is shown (RFC 6585, 3)."""
    if version is None:
        says, mend = "The request shows no version of the draft.", "Give the `ETag` of what was read as `If-Match`."
        raise Invalid("draft.version", says, mend)
    return int(version.strip('"'))


ROUTES: list[Any] = [
    Area(
        "/drafts",
        route_handlers=[
            list_drafts,
            create_draft,
            show_draft,
            change_draft,
            discard_draft,
            submit_draft,
            send_draft,
        ],
        tags=["drafts"],
    )
]
