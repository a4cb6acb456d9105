"""What waits for a second person, as who wrote it sees it: read in full, and taken back.

Law: it is shown to nobody else, whatever they may: who may approve it reads it among the approvals.
"""

from typing import Any, Final

from litestar import Request, Response
from litestar.params import FromPath
from litestar.response import Redirect

from amanat.console.approvals import read_in_full
from amanat.console.done import on_to
from amanat.console.shell import inside
from amanat.exchange import held
from amanat.exchange.route import Here, Who, does, reads


@reads("/drafts/waiting/{id_:str}", "record.compose")
def show(request: Request[Any, Any, Any], means: Here, caller: Who, id_: FromPath[str]) -> Response[str]:
    """Show one, as its recipients would see it."""
    whole = held.own_one(means, caller.actor, id_)
    given = {"here": "drafts"} | read_in_full(means, caller.actor, whole)
    return inside(request, means, caller, "handed_in.html", given)


@does("POST", "/drafts/waiting/{id_:str}/taking-back", "record.compose", "record.take-back")
def take_back(means: Here, caller: Who, id_: FromPath[str]) -> Redirect:
    """Make it a draft again, and lead to that."""
    return on_to(caller.cookie, f"/draft/{held.take_back(means, caller.actor, id_).id}", "taken-back")


ROUTES: Final[list[Any]] = [show, take_back]
"""One of them, and taking it back."""
