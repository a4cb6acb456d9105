"""One record on a page: what it says, how it is to be handled, every step of its way, and what may be done with it.

Law: to show a record opens it for nobody, and tells nobody; a button does, which signs for the officer's post.
"""

from typing import Any, Final
from urllib.parse import quote

import msgspec
from litestar import Request, Response
from litestar.params import FromPath
from litestar.response import Redirect, Stream

from amanat.console import body
from amanat.console.done import on_to
from amanat.console.rules import rules
from amanat.console.shell import inside
from amanat.exchange import checks, export, shown
from amanat.exchange.means import Means, begin, look
from amanat.exchange.opening import NOTICE_LABELS
from amanat.exchange.route import Here, Who, does, reads
from amanat.exchange.shown import Became, Item
from amanat.officer.may import Actor, may
from amanat.record.handling import Handling


def path(party: str, id_: str) -> str:
    """Return where a record is shown."""
    return f"/record/{quote(party, safe='')}/{quote(id_, safe='')}"


@reads("/record/{party:str}/{id_:str}", "record.read")
def record(
    request: Request[Any, Any, Any], means: Here, caller: Who, party: FromPath[str], id_: FromPath[str]
) -> Response[str]:
    """Show one record and its way."""
    whole = shown.whole(means, caller.actor, party, id_)
    said = whole.record
    with look(means) as turn:
        terms = turn.known.compact(whole.head.compact).terms
    refs = () if said is None else said.get("refs", ())
    given = _stands(means, caller.actor, whole, [f"{ref['party']}:{ref['id']}" for ref in refs]) | {
        "refs": refs,
        "rules": () if said is None else rules(msgspec.convert(said["handling"], Handling), terms),
        "body": None if said is None else body.shown(means.kinds.get(whole.head.kind), said["body"]),
    }
    return inside(request, means, caller, "record.html", given)


@reads("/record/{party:str}/{id_:str}/way", "record.read", renews=True)
def way(
    request: Request[Any, Any, Any], means: Here, caller: Who, party: FromPath[str], id_: FromPath[str]
) -> Response[str]:
    """Show how it stands and its way, by which its page brings itself up to date: nothing of what the record says."""
    given = _stands(means, caller.actor, shown.became(means, party, id_), [])
    return inside(request, means, caller, "record_way.html", given)


def _stands(means: Means, actor: Actor, whole: Became, refs: list[str]) -> dict[str, Any]:
    """Return what a page shows of how a record stands, and nothing of what it says, but titles of others and `refs`."""
    successors = shown.successors(means, whole.head.party, whole.head.id)
    answers = [name for meant in whole.meanings for name in meant.answered_by]
    return {
        "successors": successors,
        "titles": shown.titles(means, actor, [*refs, *successors, *answers]),
        "here": "records",
        "whole": whole,
        "unread": shown.waits_to_be_read(whole, actor, means.party),
        "read_here": actor.post in shown.opened_at(whole, means.party),
        "steps": shown.way(means, whole.head.party, whole.head.id),
        "acts": _acts(means, actor, whole.head),
    }


def _acts(means: Means, actor: Actor, head: Item) -> frozenset[str]:
    """Return what this officer may do with a record: "reply", "supersede", "withdraw", "export"."""
    ours = head.party == means.party
    writes = may(actor, "record.compose") and head.state == "current" and head.kind not in NOTICE_LABELS
    stands = head.state in ("current", "superseded") and head.kind not in NOTICE_LABELS
    found = {
        "reply": writes and not ours,
        "supersede": writes and ours,
        "withdraw": stands and ours and may(actor, "record.withdraw"),
        "export": may(actor, "record.export"),
    }
    return frozenset(name for name, permitted in found.items() if permitted)


@reads("/record/{party:str}/{id_:str}/check", "record.read")
def check(
    request: Request[Any, Any, Any], means: Here, caller: Who, party: FromPath[str], id_: FromPath[str]
) -> Response[str]:
    """Check a record anew, and offer its proofs. None of them says what is in it, and so nobody is noted."""
    with begin(means) as turn:
        row = shown.row_of(turn, party, id_)
        found = checks.checked(turn, row)
    given = {
        "here": "records",
        "key": (row.party, row.id),
        "found": found,
        "fails": any(each.result == "fails" for each in found),
        "owners": [each.of for each in found if each.what in ("log", "receipt") and each.index is not None],
        "export": may(caller.actor, "record.export") and row.state != "destroyed",
    }
    return inside(request, means, caller, "record_check.html", given)


@does("POST", "/record/{party:str}/{id_:str}/opened", "record.acknowledge", "record.acknowledge")
def press_read(means: Here, caller: Who, party: FromPath[str], id_: FromPath[str]) -> Redirect:
    """Sign that an officer at this post read it."""
    shown.press_read(means, caller.actor, party, id_)
    return on_to(caller.cookie, path(party, id_), "opened")


@does("GET", "/record/{party:str}/{id_:str}/file/{name:str}", "record.export", "record.export")
def take_file(means: Here, caller: Who, party: FromPath[str], id_: FromPath[str], name: FromPath[str]) -> Stream:
    """Take a file of it out."""
    made = export.file(means, caller.actor, party, id_, name)
    return Stream(made.pieces, media_type="application/octet-stream", headers=made.headers())


@does("GET", "/record/{party:str}/{id_:str}/check/envelope", "record.export", "record.export")
def take_envelope(means: Here, caller: Who, party: FromPath[str], id_: FromPath[str]) -> Stream:
    """Take its sealed envelope out."""
    made = export.envelope(means, caller.actor, party, id_)
    return Stream(made.pieces, media_type="application/octet-stream", headers=made.headers())


ROUTES: Final[list[Any]] = [record, way, check, press_read, take_file, take_envelope]
"""One record, its way, its checks, the button that signs that it was read, its files and its envelope."""
