"""Notices with all that is known of each, read from the node's database for `rules`.

Law: what is read does not hang on the order in which records came, and is bounded of each side: the first steps of a
party on a notice, and the first notices that say they change it.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec
from sqlalchemy import ColumnElement, Row, func, select

from amanat.compact.deescalation import meets_within
from amanat.compact.terms import Terms
from amanat.exchange.means import Turn
from amanat.workspaces.liaison import calls, views, withdrawals
from amanat.workspaces.liaison.kinds import Named
from amanat.workspaces.liaison.notices import rules
from amanat.workspaces.liaison.notices.kinds import Notice
from amanat.workspaces.liaison.notices.rules import MOST_STEPS, Given, Stepped, Story
from amanat.workspaces.liaison.notices.steps import Step
from amanat.workspaces.liaison.notices.tables import NOTICE, STEP
from amanat.workspaces.liaison.rules import AHEAD

Key = tuple[str, str]

MOST_CHANGES: Final = 16
"""Notices that say they change one, the earliest: its party changes the newest of them, and not the first again."""

AT_ONCE: Final = 500
"""Records that are named in one question."""

_OF: Final = NOTICE.alias("of")
_notice: Final = msgspec.json.Decoder(Notice)
_step: Final = msgspec.json.Decoder(Step)


def one(turn: Turn, party: str, id_: str) -> Story | None:
    """Return a notice that is here, None where there is none."""
    rows = views.rows(turn.tx, NOTICE, NOTICE.c.party == party, NOTICE.c.id == id_)
    return next(iter(of(turn, rows)), None)


def of(turn: Turn, rows: Iterable[Row[Any]], *besides: str) -> list[Story]:
    """Return these notices with what is known of each, in the same order: a handful of queries, however many.

    All steps but those of some types, where nobody asks about these.
    """
    noticed = list(rows)
    keys = [(row.party, row.id) for row in noticed]
    steps = _first(turn, STEP, "of", keys, MOST_STEPS, STEP.c.type.not_in(besides))
    changes = _first(turn, NOTICE, "changes", keys, MOST_CHANGES)
    others = [row for found in (steps, changes) for several in found.values() for row in several]
    withdrawn = withdrawals.times(turn.tx, {(row.party, row.id) for row in (*noticed, *others)}, turn.now)
    texts = {digest: calls.terms_under(turn, digest) for digest in {row.compact for row in (*noticed, *others)}}
    return [
        Story(
            given=_given(row, texts, withdrawn),
            other=_other(row, texts),
            steps=tuple(_stepped(each, texts, withdrawn) for each in steps[key]),
            changes=tuple(_given(each, texts, withdrawn) for each in changes[key]),
            meets_within=_meets_within(row, texts),
        )
        for row, key in zip(noticed, keys, strict=True)
    ]


def rows_of(turn: Turn, keys: Collection[Key]) -> list[Row[Any]]:
    """Return the rows of these notices, of those that are here."""
    found = dict[Key, Row[Any]]()
    ids = sorted({id_ for _, id_ in keys})
    for begin in range(0, len(ids), AT_ONCE):
        rows = views.rows(turn.tx, NOTICE, NOTICE.c.id.in_(ids[begin : begin + AT_ONCE]))
        found |= {(row.party, row.id): row for row in rows}
    return [found[key] for key in sorted(keys) if key in found]


def body_of(row: Row[Any]) -> Notice:
    """Return a notice as its row keeps it."""
    found: Notice = _notice.decode(row.body)
    return found


def _first(
    turn: Turn,
    table: Any,  # noqa: ANN401
    to: str,
    keys: Collection[Key],
    most: int,
    *narrowed: ColumnElement[bool],
) -> Mapping[Key, list[Row[Any]]]:
    """Return the first rows of each party that name each of these notices and count, by notice; of them those that fit.

    What ends a notice is counted apart, as what is said under each text of the compact is: by no number of other steps
    can anybody hide it here, and not from `activities`.
    """
    found = defaultdict[Key, list[Row[Any]]](list)
    if not keys:
        return found
    party, id_ = table.c[f"{to}_party"], table.c[f"{to}_id"]
    apart = (party, id_, table.c.party, table.c.compact, *([table.c.ends] if "ends" in table.c else []))
    number = func.row_number().over(partition_by=apart, order_by=(table.c.at, table.c.id))
    named = (party.in_(sorted({each for each, _ in keys})), id_.in_(sorted({each for _, each in keys})))
    of_ = (_OF.c.party == party) & (_OF.c.id == id_)
    counts = (
        table.c.at >= _OF.c.counts,
        table.c.exercise == _OF.c.exercise,
        ~withdrawals.withdrawn(table, views.spell(turn.now + AHEAD)),
    )
    counted = select(table.c.party, table.c.id, number.label("number")).join(_OF, of_)
    ranked = counted.where(*named, *counts).subquery()
    here = (ranked.c.party == table.c.party) & (ranked.c.id == table.c.id)
    query = select(table).join(ranked, here).where(ranked.c.number <= most, *narrowed)
    for row in turn.tx.execute(query.order_by(table.c.at, table.c.party, table.c.id)):
        found[row._mapping[f"{to}_party"], row._mapping[f"{to}_id"]].append(row)  # noqa: SLF001 - a row's own interface
    return found


Texts = Mapping[str, Terms | None]


def _given(row: Row[Any], texts: Texts, withdrawn: Collection[Key]) -> Given:
    terms, body = texts[row.compact], body_of(row)
    return Given(
        **_said(row, texts, withdrawn),
        body=body,
        terms=terms.notification.get(row.type) if terms else None,
        against=rules.against(terms.limits, body) if terms else (),
    )


def _stepped(row: Row[Any], texts: Texts, withdrawn: Collection[Key]) -> Stepped:
    return Stepped(**_said(row, texts, withdrawn), body=_step.decode(row.body))


def _said(row: Row[Any], texts: Texts, withdrawn: Collection[Key]) -> dict[str, Any]:
    terms = texts[row.compact]
    return {
        "key": Named(row.party, row.id),
        "post": row.post,
        "at": datetime.fromisoformat(row.at),
        "compact": terms.id if terms else row.compact,
        "exercise": row.exercise,
        "withdrawn": (row.party, row.id) in withdrawn,
    }


def _other(row: Row[Any], texts: Texts) -> str:
    """Return the member of the compact that is told, "" where this node knows of none."""
    terms = texts[row.compact]
    return next((each for each in terms.members if each != row.party), "") if terms else ""


def _meets_within(row: Row[Any], texts: Texts) -> timedelta | None:
    terms = texts[row.compact]
    return meets_within(terms.deescalation) if terms else None
