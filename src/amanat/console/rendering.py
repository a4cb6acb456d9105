"""Pages from templates: everything escaped, nothing undefined."""

from collections.abc import Mapping
from typing import Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from litestar import Request, Response

from amanat.console.built import asset
from amanat.exchange.caller import Caller, form_word
from amanat.exchange.means import Means
from amanat.exchange.problem import TITLES
from amanat.log.malformed import Malformed
from amanat.officer.may import may
from amanat.party.errors import Problem

_PAGES: Final = Environment(
    loader=PackageLoader("amanat.console"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
)
_PAGES.globals["asset"] = asset


def page(template: str, given: Mapping[str, Any], status: int = 200, **more: Any) -> Response[str]:  # noqa: ANN401
    """Return a page; `more` is what else the answer has, such as cookies."""
    rendered = _PAGES.get_template(template).render(given)
    return Response(rendered, status_code=status, media_type="text/html", **more)


def signed_in(means: Means, caller: Caller) -> dict[str, Any]:
    """Return what the bar of every page of a session shows: whose node it is, the post, and where it leads."""
    return {
        "party": means.party,
        "post": caller.actor.post,
        "word": form_word(caller.cookie),
        "reads": may(caller.actor, "record.read"),
    }


def problem_page(_request: Request[Any, Any, Any], error: Problem | Malformed, status: int) -> Response[str]:
    """Return a page that says what is wrong and what to do."""
    given = {"title": TITLES.get(status, "Problem"), "says": error.says, "mend": error.mend, "code": error.code}
    return page("problem.html", given, status)
