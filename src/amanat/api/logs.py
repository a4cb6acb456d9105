"""Our logs: how large they are, who countersigned them, what is lacking; and what proves that a rule was broken."""

from typing import Any

from litestar.params import FromPath

from amanat.exchange import logs
from amanat.exchange.logs import Evidence, Growth, LogStanding, Witness
from amanat.exchange.means import look
from amanat.exchange.route import Area, Here, reads


@reads("/", "log.read")
def list_logs(means: Here) -> tuple[LogStanding, ...]:
    """List our logs, each with its newest checkpoint as it is signed."""
    with look(means) as turn:
        return logs.standings(turn)


@reads("/{log:str}", "log.read")
def show_log(means: Here, log: FromPath[str]) -> LogStanding:
    """Show one of our logs."""
    with look(means) as turn:
        return logs.standing(turn, log)


@reads("/{log:str}/growth", "log.read")
def log_growth(means: Here, log: FromPath[str]) -> Growth:
    """Tell how many entries were written on each of the last days."""
    with look(means) as turn:
        return logs.growth(turn, logs.standing(turn, log).log)


@reads("/{log:str}/witnesses", "log.read")
def log_witnesses(means: Here, log: FromPath[str]) -> tuple[Witness, ...]:
    """Tell how far each party has countersigned it."""
    with look(means) as turn:
        return logs.witnesses(turn, logs.standing(turn, log).log)


@reads("/evidence", "log.read")
def show_evidence(means: Here) -> Evidence:
    """Tell what of all that came proves a breach."""
    with look(means) as turn:
        return logs.evidence(turn)


ROUTES: list[Any] = [
    Area("/logs", route_handlers=[list_logs, show_log, log_growth, log_witnesses], tags=["logs"]),
    Area("/", route_handlers=[show_evidence], tags=["logs"]),
]
