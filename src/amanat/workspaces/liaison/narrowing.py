"""What narrows rows down: to some records by their names, and to what counts of the matters that these began."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, Table, and_

from amanat.workspaces.liaison.rules import AHEAD
from amanat.workspaces.liaison.views import spell

Key = tuple[str, str]


def named(keys: Collection[Key], columns: Any, prefix: str = "") -> tuple[ColumnElement[bool], ...]:  # noqa: ANN401
    """Return what narrows rows down to some records, and hardly any other: two lists, for which there is an index."""
    parties, ids = ({key[place] for key in keys} for place in (0, 1))
    return columns[f"{prefix}party"].in_(sorted(parties)), columns[f"{prefix}id"].in_(sorted(ids))


def counted(query: Select[Any], steps: Table, root: Table, keys: Collection[Key], now: datetime) -> Select[Any]:
    """Return a query for what counts of these matters: not dated before what began one, nor too far ahead of now.

    A step names what began its matter in columns called after the table `root`, whose `since` is that time.
    """
    step, begun, prefix = steps.c, root.alias("begun"), f"{root.name.removeprefix('liaison_')}_"
    its = (begun.c.party == step[f"{prefix}party"], begun.c.id == step[f"{prefix}id"])
    times = (step.at >= begun.c.since, step.at <= spell(now + AHEAD))
    return query.join(begun, and_(*its)).where(*named(keys, step, prefix), *times)
