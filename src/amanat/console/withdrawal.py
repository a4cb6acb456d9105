"""Withdrawing a record of ours on two pages: what follows at whom, and why; then who was told and who not yet."""

from typing import Any, Final, get_args

import msgspec
from litestar import Request, Response
from litestar.params import FromPath, URLEncodedBody

from amanat.console.languages import chosen
from amanat.console.record import path
from amanat.console.rendering import told
from amanat.console.shell import inside
from amanat.exchange import shown
from amanat.exchange.caller import Caller
from amanat.exchange.means import Means, look
from amanat.exchange.route import Here, Standing, Who, does, reads
from amanat.exchange.withdraw import follows, require_withdrawable, take_back
from amanat.party.errors import Invalid, Refused
from amanat.record.notices import Reason, Withdrawal


class Chosen(msgspec.Struct, frozen=True):
    """What an officer chose: why the record is withdrawn."""

    reason: str = ""
    form: str = ""


@reads("/record/{party:str}/{id_:str}/withdrawal", "record.withdraw")
def ask(
    request: Request[Any, Any, Any], means: Here, caller: Who, party: FromPath[str], id_: FromPath[str]
) -> Response[str]:
    """Show what follows, and ask for the reason."""
    return _form(request, means, caller, (party, id_), "", None)


@does("POST", "/record/{party:str}/{id_:str}/withdrawal", "record.withdraw", "record.withdraw")
def submit(
    request: Request[Any, Any, Any],
    means: Here,
    lines: Standing,
    caller: Who,
    party: FromPath[str],
    id_: FromPath[str],
    data: URLEncodedBody[Chosen],
) -> Response[str]:
    """Withdraw it and show who was told, or show the form anew with what is wrong."""
    try:
        done = take_back(means, caller.actor, party, id_, _chosen(data.reason))
    except (Invalid, Refused) as problem:
        return _form(request, means, caller, (party, id_), data.reason, problem)
    stand = {each: line.state for each, line in lines.standing().items()}
    given = {
        "here": "records",
        "path": path(party, id_),
        "told": {each: stand.get(each) for each in (one.record.fields.audience[0] for one in done.told)},
        "untold": {each: told(problem, chosen(request)) for each, problem in sorted(done.untold.items())},
    }
    return inside(request, means, caller, "withdrawn.html", given)


def _chosen(reason: str) -> Withdrawal:
    try:
        return msgspec.convert({"reason": reason}, Withdrawal)
    except msgspec.ValidationError as error:
        raise Invalid("withdraw.reason", "No reason was chosen.", "Choose one: all who had it are told.") from error


def _form(
    request: Request[Any, Any, Any],
    means: Means,
    caller: Caller,
    key: tuple[str, str],
    chosen: str,
    problem: Invalid | Refused | None,
) -> Response[str]:
    with look(means) as turn:
        row = shown.row_of(turn, *key)
        require_withdrawable(turn, row)
        found = follows(turn, row)
    given = {
        "here": "records",
        "record": shown.item(means, caller.actor, *key),
        "path": path(*key),
        "follows": found,
        "destroyed": means.kinds.get(row.kind).on_withdraw == "destroy",
        "reasons": get_args(Reason),
        "chosen": chosen,
    }
    return inside(request, means, caller, "withdraw.html", given, problem)


ROUTES: Final[list[Any]] = [ask, submit]
"""The question, and what became of the answer."""
