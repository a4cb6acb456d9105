"""Which record begins a matter of liaison, what lists call it by, and where the page of the matter is.

Law: read from the core's rows of records alone, so that it holds for matters of whatever part and needs no table.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final

import msgspec

from amanat.exchange.means import Turn
from amanat.exchange.shown import listed
from amanat.party.errors import Invalid
from amanat.record.record import Record
from amanat.store import listing
from amanat.store.listing import Listed
from amanat.workspaces.liaison import slots
from amanat.workspaces.liaison.kinds import Named

PAGES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "liaison.call": "/liaison/call",
        "liaison.clarification": "/liaison/clarification",
        "liaison.incident": "/liaison/incident",
        "liaison.measure": "/liaison/measure",
        "liaison.meeting": "/liaison/meeting",
        "liaison.notice": "/liaison/notice",
        "liaison.sealed": "/liaison/sealed",
        "liaison.track": "/liaison/track",
        "liaison.warning": "/liaison/warning",
    }
)
"""Kind that begins a matter → the page of it, which takes "party" and "id"."""

STEPS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "liaison.account": "liaison.incident",
        "liaison.clarification": "liaison.clarification",
        "liaison.incident-step": "liaison.incident",
        "liaison.measure": "liaison.measure",
        "liaison.meeting": "liaison.meeting",
        "liaison.notice-step": "liaison.notice",
        "liaison.sealed": "liaison.sealed",
        "liaison.statement": "liaison.incident",
        "liaison.track": "liaison.track",
        "liaison.warning": "liaison.warning",
    }
)
"""Kind of what follows a matter → the kind that began that, to which a record of it refers; of some kinds both are."""


@dataclass(frozen=True, slots=True)
class Matter:
    """A record about which something may be said: one that began a matter, or a step of one that is shown on its page.

    `compact` is the id of that it stands under, and `kind` its label. `title` is as lists have it, in English, and ""
    where the record names a person. `path` is where the matter is shown.
    """

    key: Named
    kind: str
    compact: str
    expires: datetime | None
    exercise: bool
    title: str
    path: str

    @property
    def name(self) -> str:
        """Its kind's name."""
        return self.kind.partition("/")[0]


def matter(turn: Turn, party: str, id_: str) -> Matter | None:
    """Return the matter that a record began, or is a step of.

    None of a record that is not here, was destroyed, or is neither, and of a step of what is not here.
    """
    row = listing.one(turn.tx, party, id_)
    if row is None or row.data is None:
        return None
    record = listed(turn.means.kinds, row.data, person=row.person)
    began = _began(turn, record) or (row if record.kind.name in PAGES else None)
    if began is None:
        return None
    page = PAGES[began.kind.partition("/")[0]]
    return Matter(
        key=Named(row.party, row.id),
        kind=row.kind,
        compact=row.compact,
        expires=datetime.fromisoformat(row.expires) if row.expires else None,
        exercise=row.exercise,
        title="" if row.person else record.kind.title(record.body),
        path=f"{page}?party={began.party}&id={began.id}",
    )


def linked(turn: Turn, typed: str) -> Named | None:
    """Return the record that a form says something belongs to ("PARTY:ID"), None for none.

    Raises `Invalid` for one that is not here.
    """
    party, _, id_ = typed.strip().partition(":")
    if not party:
        return None
    if listing.one(turn.tx, party, id_) is None:
        with slots.in_field("linked"):
            raise Invalid(
                "liaison.linked", "What it belongs to is not here.", "Copy its name from its page, like pk:0193…."
            )
    return Named(party, id_)


def _began(turn: Turn, record: Record) -> Listed | None:
    """Return what began the matter of a step: of the records that it refers to the first of that kind.

    One that its body does not name is not its matter to the rules of its part either.
    """
    wanted = STEPS.get(record.kind.name)
    if wanted is None:
        return None
    said = set(_named(msgspec.to_builtins(record.body)))
    keys = [key for each in record.fields.refs if (key := (each.party, each.id)) in said]
    rows = {(each.party, each.id): each for each in listing.named(turn.tx, keys)} if keys else {}
    those = (rows[key] for key in keys if key in rows)
    return next((each for each in those if each.kind.partition("/")[0] == wanted and each.data is not None), None)


def _named(value: Any) -> Iterator[tuple[str, str]]:  # noqa: ANN401 - any JSON
    """Yield the records that a body names, as (party, id)."""
    if isinstance(value, dict) and value.keys() == {"party", "id"}:
        yield value["party"], value["id"]
    elif isinstance(value, dict | list | tuple):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _named(each)
