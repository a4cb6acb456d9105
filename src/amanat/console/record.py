"""One record on a page: what it says, how it is to be handled, and every step of its way.

Law: to show a record opens it for nobody, and tells nobody; a button does, which signs for the officer's post.
"""

from typing import Any, Final
from urllib.parse import quote

import msgspec
from litestar import Request, Response
from litestar.params import FromPath
from litestar.response import Redirect

from amanat.console.shell import inside
from amanat.exchange import shown
from amanat.exchange.route import Here, Who, does, reads
from amanat.record.handling import Handling, describe


@reads("/record/{party:str}/{id_:str}", "record.read")
def record(
    request: Request[Any, Any, Any], means: Here, caller: Who, party: FromPath[str], id_: FromPath[str]
) -> Response[str]:
    """Show one record and its way."""
    whole = shown.whole(means, caller.actor, party, id_)
    given = {
        "here": "records",
        "whole": whole,
        "unread": shown.waits_to_be_read(whole, caller.actor, means.party),
        "steps": shown.way(means, party, id_),
        "handling": [] if whole.record is None else describe(msgspec.convert(whole.record["handling"], Handling)),
        "body": "" if whole.record is None else msgspec.json.format(msgspec.json.encode(whole.record["body"])).decode(),
    }
    return inside(request, means, caller, "record.html", given)


@does("POST", "/record/{party:str}/{id_:str}/opened", "record.acknowledge", "record.acknowledge")
def press_read(means: Here, caller: Who, party: FromPath[str], id_: FromPath[str]) -> Redirect:
    """Sign that an officer at this post read it."""
    shown.press_read(means, caller.actor, party, id_)
    return Redirect(f"/record/{quote(party, safe='')}/{quote(id_, safe='')}", status_code=303)


ROUTES: Final[list[Any]] = [record, press_read]
"""One record, and the button that signs that it was read."""
