"""Files that go with records: handed in before their record is sent, listed, and downloaded whole."""

from typing import Any

import msgspec
from litestar import Request
from litestar.params import FromPath
from litestar.response import Stream

from amanat.exchange import export, shown
from amanat.exchange.handing_in import hand_in as take_in
from amanat.exchange.handing_in import require_small
from amanat.exchange.route import Area, By, Here, does, reads
from amanat.exchange.shown import File
from amanat.node import unwatched
from amanat.seal.chunks import address


class Staged(msgspec.Struct, frozen=True):
    """A file that waits for a record to name it by its address; for a day at most."""

    address: str
    name: str
    media_type: str
    size: int
    sha256: str


@does("POST", "/{name:str}", "record.compose", None, status_code=201, sync_to_thread=None, request_max_body_size=None)
async def hand_in(request: Request[Any, Any, Any], means: Here, name: FromPath[str]) -> Staged:
    """Hand in a file, its bytes as the body, for a draft to name. What is too large is refused before it came."""
    require_small(int(request.headers.get("content-length", "0")))
    made = await take_in(name, request.stream(), request.app.state.uploads, means, unwatched)
    where = address(made, means.party).hex()
    return Staged(where, made.name, made.media_type, made.size, made.sha256)


@reads("/{party:str}/{id_:str}", "record.read")
def list_files(means: Here, actor: By, party: FromPath[str], id_: FromPath[str]) -> tuple[File, ...]:
    """List the files of a record, and how much of each is here. Their names are a look at it."""
    return shown.whole(means, actor, party, id_).attachments


@does(
    "GET", "/{party:str}/{id_:str}/{name:str}", "record.export", "record.export", media_type="application/octet-stream"
)
def download(means: Here, actor: By, party: FromPath[str], id_: FromPath[str], name: FromPath[str]) -> Stream:
    """Download a file, whole and as its record signs it. Opening it is at your own risk."""
    made = export.file(means, actor, party, id_, name)
    return Stream(made.pieces, media_type="application/octet-stream", headers=made.headers())


ROUTES: list[Any] = [
    Area("/files", route_handlers=[hand_in, list_files, download], tags=["files"]),
]
