"""Our logs: how large they are, who countersigned them, and what is lacking."""

from typing import Any

from litestar import Router
from litestar.params import FromPath

from amanat.exchange.logs import LogStanding, standings
from amanat.exchange.means import look
from amanat.exchange.route import Here, reads
from amanat.party.errors import Invalid


@reads("/", "log.read")
def list_logs(means: Here) -> tuple[LogStanding, ...]:
    """List our logs, each with its newest checkpoint as it is signed."""
    with look(means) as turn:
        return standings(turn)


@reads("/{log:str}", "log.read")
def show_log(means: Here, log: FromPath[str]) -> LogStanding:
    """Show one of our logs."""
    with look(means) as turn:
        found = {each.log: each for each in standings(turn)}
    if log not in found:
        raise Invalid("log.unknown", f"This party keeps no log {log[:48]}.", f"It keeps: {', '.join(found) or 'none'}.")
    return found[log]


ROUTES: list[Any] = [Router("/logs", route_handlers=[list_logs, show_log], tags=["logs"])]
