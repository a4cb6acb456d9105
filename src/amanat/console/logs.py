"""Our logs, told so that a minister understands: how they grow, who countersigned, who lags, and what proves a breach.

Law: it shows what the API shows, by `exchange.logs`. What a chart draws stands below it as a table.
"""

from dataclasses import dataclass
from typing import Any, Final

from litestar import Request, Response
from litestar.params import FromPath

from amanat.console.shell import inside
from amanat.exchange import logs
from amanat.exchange.logs import Growth
from amanat.exchange.means import look
from amanat.exchange.route import Here, Who, reads

WIDTH: Final = 560
HEIGHT: Final = 100
GAP: Final = 8
"""Of the chart, in its own units: how wide and high it is, and how far its bars stand apart."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A day's bar: where it begins, how wide it is, from which height down to the base."""

    x: int
    y: int
    width: int
    height: int


@reads("/logs", "log.read")
def listed(request: Request[Any, Any, Any], means: Here, caller: Who) -> Response[str]:
    """List our logs, the last audit, and what proves a breach."""
    with look(means) as turn:
        given = {
            "here": "logs",
            "standings": logs.standings(turn),
            "evidence": logs.evidence(turn),
            "audited": logs.last_audit(turn),
        }
    return inside(request, means, caller, "logs.html", given)


@reads("/logs/{log:str}", "log.read")
def one(request: Request[Any, Any, Any], means: Here, caller: Who, log: FromPath[str]) -> Response[str]:
    """Show one of our logs: its growth, its witnesses, its newest checkpoint."""
    with look(means) as turn:
        standing = logs.standing(turn, log)
        growth = logs.growth(turn, log)
        given = {
            "here": "logs",
            "standing": standing,
            "growth": growth,
            "bars": bars(growth),
            "width": WIDTH,
            "height": HEIGHT,
            "witnesses": logs.witnesses(turn, log),
        }
    return inside(request, means, caller, "log.html", given)


def bars(growth: Growth) -> tuple[Bar, ...]:
    """Return a bar a day, the highest of the chart's height; a day with entries has one that is seen."""
    most = max((day.entries for day in growth.days), default=0)
    step = WIDTH // max(len(growth.days), 1)
    heights = [-(-day.entries * HEIGHT // most) if most else 0 for day in growth.days]
    return tuple(Bar(at * step + GAP // 2, HEIGHT - high, step - GAP, high) for at, high in enumerate(heights))


ROUTES: Final[list[Any]] = [listed, one]
"""The list, and one log."""
