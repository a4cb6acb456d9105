"""Errors as machines read them: problem details (RFC 9457), from the same sentences that people are shown."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from amanat.log.malformed import Malformed
from amanat.party.errors import Fault, Invalid, Problem, Refused, Unreachable

MEDIA_TYPE: Final = "application/problem+json"
TITLES: Final = {
    400: "Not what it must be",
    401: "Not signed in",
    403: "Not permitted",
    404: "Not here",
    405: "Not this method",
    408: "Too slow",
    409: "Not as things stand",
    412: "Changed meanwhile",
    413: "Too large",
    415: "Not in this form",
    422: "Does not hold",
    428: "No version shown",
    429: "Too much at once",
    500: "A fault of this node",
    503: "Not now",
}


_BY_CODE: Final[Mapping[str, int]] = MappingProxyType(
    # Nobody showed who asks.
    dict.fromkeys(
        ("officer.sign-in", "peer.nonce", "session.none", "session.over", "session.wrong", "token.refused"), 401
    )
    # It was well said, and does not fit what stands here by now.
    | dict.fromkeys(("approval.digest", "held.expired", "held.superseded", "officer.taken"), 409)
    | {
        "draft.changed": 412,
        "draft.version": 428,
        "attachment.body": 413,
        "peer.size": 413,
        "peer.slow": 408,
        "sign-in.type": 415,
        "store.busy": 503,
        "store.full": 503,
    }
)


class TooMuch(Problem):
    """A caller who has to wait; the request was not looked at."""


def status_of(problem: Problem | Malformed) -> int:
    """Return the HTTP status of an error whose place names no better one."""
    if problem.code in _BY_CODE:
        return _BY_CODE[problem.code]
    match problem:
        case TooMuch():
            status = 429
        case Refused():
            status = 403
        case Fault():
            status = 500
        case Unreachable():
            status = 503
        case Invalid() if problem.code.endswith((".unknown", ".missing")):
            status = 404
        case _:
            status = 400
    return status


def mistake() -> Fault:
    """Return what whoever asked is told of a mistake of ours, whatever it was."""
    return Fault("node.fault", "This node made a mistake.", "Nothing was done; tell who runs it.")


def details(problem: Problem | Malformed, status: int) -> dict[str, Any]:
    """Return the members of a problem document; `code` is that of docs/errors.md, `mend` says what to do."""
    made = {
        "type": f"urn:amanat:problem:{problem.code}",
        "title": TITLES.get(status, "Problem"),
        "status": status,
        "detail": problem.says,
        "code": problem.code,
        "mend": problem.mend,
    }
    return made | ({"by": problem.by} if isinstance(problem, Refused) else {})
