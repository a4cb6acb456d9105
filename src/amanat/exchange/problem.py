"""Errors as machines read them: problem details (RFC 9457), from the same sentences that people are shown."""

from typing import Any, Final

from amanat.log.malformed import Malformed
from amanat.party.errors import Fault, Invalid, Problem, Refused, Unreachable

MEDIA_TYPE: Final = "application/problem+json"
TITLES: Final = {
    400: "Not what it must be",
    401: "Not signed in",
    403: "Not permitted",
    404: "Not here",
    409: "Not as things stand",
    413: "Too large",
    422: "Does not hold",
    429: "Too much at once",
    500: "A fault of this node",
    503: "Not now",
}


def status_of(problem: Problem | Malformed) -> int:
    """Return the HTTP status of an error whose place names no better one."""
    match problem:
        case Refused():
            return 403
        case Fault():
            return 503 if problem.code in ("store.full", "store.busy") else 500
        case Unreachable():
            return 503
        case Invalid() if problem.code.endswith((".unknown", ".missing")):
            return 404
        case _:
            return 400


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
