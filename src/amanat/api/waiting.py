"""What waits for the officer who asks, across all that is done here."""

from typing import Any

from amanat.exchange import waiting
from amanat.exchange.matter import Waiting
from amanat.exchange.route import Area, By, Here, Standing, reads
from amanat.workspaces import find


@reads("/", "compact.read")
def list_waiting(means: Here, lines: Standing, actor: By) -> tuple[Waiting, ...]:
    """List what waits for the caller: what is due first comes first, what has no end last."""
    return waiting.waiting(means, actor, lines.standing(), {each.name: each.now for each in find() if each.now})


ROUTES: list[Any] = [Area("/waiting", route_handlers=[list_waiting], tags=["waiting"])]
"""What waits for an officer."""
