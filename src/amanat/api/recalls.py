"""What became of our withdrawals at each who was sent the record."""

from typing import Annotated, Any

from litestar.params import QueryParameter

from amanat.api.records import Cursor, Limit
from amanat.exchange import recalls
from amanat.exchange.cursor import Page
from amanat.exchange.means import look
from amanat.exchange.recalls import Recall, State
from amanat.exchange.route import Area, Here, named, reads

RecallPage = Annotated[Page[Recall], named("RecallPage")]


@reads("/", "record.read")
def list_recalls(
    means: Here,
    standing: Annotated[State | None, QueryParameter(name="state", description="Only those that stand so.")] = None,
    cursor: Cursor = "",
    limit: Limit = 50,
) -> RecallPage:
    """List recalls, those that are overdue first: told or not, destroyed, kept on a ground, or still waited for."""
    with look(means) as turn:
        return recalls.page(turn, standing, cursor, limit)


ROUTES: list[Any] = [Area("/recalls", route_handlers=[list_recalls], tags=["records"])]
