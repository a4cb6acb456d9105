"""What the list of records is narrowed down to, as its address says it; the list, its file and saved filters share it.

Law: an address is read whole or refused, and written anew from what was read: none leads anywhere but to the list.
"""

from collections.abc import Mapping
from datetime import tzinfo
from typing import Annotated, Final, Literal
from urllib.parse import parse_qsl, urlencode

import msgspec

from amanat.console import days
from amanat.console.done import ASKED
from amanat.exchange.shown import BOXES
from amanat.party.errors import Invalid
from amanat.party.types import quoted
from amanat.store.listing import Search

LIST: Final = "/records"

_Word = Annotated[str, msgspec.Meta(max_length=80)]
_Day = Annotated[str, msgspec.Meta(max_length=10)]


_BESIDE: Final = frozenset(("cursor", "newer", "format", ASKED))
"""What an address says besides: from where on the list is shown, as what it is taken out, and what was done before."""


class Filters(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the list is narrowed down to; "" is everything. Days are from `since` to `until`, both among them."""

    box: Literal["all", "in", "out", "unread"] = "all"
    text: Annotated[str, msgspec.Meta(max_length=200)] = ""
    workspace: _Word = ""
    kind: _Word = ""
    party: _Word = ""
    state: Literal["", "current", "superseded", "withdrawn", "destroyed"] = ""
    since: _Day = ""
    until: _Day = ""
    exercise: Literal["", "yes", "no"] = ""

    def address(self, path: str = LIST, **more: str) -> str:
        """Return where the list is shown so narrowed down, or what else stands at a path, with more said."""
        said = msgspec.to_builtins(self) | more
        narrowed = {name: value for name, value in said.items() if value and (name, value) != ("box", "all")}
        return path + (f"?{urlencode(narrowed)}" if narrowed else "")

    def search(self, zone: tzinfo, limit: int) -> Search:
        """Return which records these are; days are those of a zone. Raises `Invalid` for a day that there is not."""
        since, until = days.between(self.since, self.until, zone)
        return Search(
            own=None if self.box == "unread" else BOXES[self.box],
            text=self.text,
            kind=self.kind,
            workspace=self.workspace,
            party=self.party,
            state=self.state,
            since=since,
            until=until,
            exercise=None if not self.exercise else self.exercise == "yes",
            unread=True if self.box == "unread" else None,
            limit=limit,
        )


def read(query: Mapping[str, str]) -> Filters:
    """Return the filters that a query says. Raises `Invalid` for one that there is not, or a value."""
    try:
        return msgspec.convert({name: value for name, value in query.items() if name not in _BESIDE}, Filters)
    except msgspec.ValidationError as error:
        raise Invalid(
            "filter.value", f"The list has no such filter: {quoted(error)}.", "Choose from those shown."
        ) from error


def read_address(address: str) -> Filters:
    """Return the filters of an address that `Filters.address` gave. Raises `Invalid`."""
    return read(dict(parse_qsl(address.partition("?")[2])))
