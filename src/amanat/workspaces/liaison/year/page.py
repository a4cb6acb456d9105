"""The page of a year in figures, with the year before beside it and its months, and the same as CSV.

Law: `figures` decides what is counted, and `lines` how it stands in tables: the page and the file say the same.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Final, Literal
from urllib.parse import urlencode

import msgspec

from amanat.compact.terms import Terms
from amanat.exchange.export import BEGINS, cell, csv_line
from amanat.exchange.means import Turn
from amanat.officer.may import Actor
from amanat.party.errors import Invalid
from amanat.workspace import File, Page
from amanat.workspaces.liaison.dealings import SIDES
from amanat.workspaces.liaison.quality import Period
from amanat.workspaces.liaison.year import charts, known, lines
from amanat.workspaces.liaison.year.charts import Month
from amanat.workspaces.liaison.year.figures import FEW, Figures, Rows, Value, figures, months
from amanat.workspaces.liaison.year.lines import Sheet

BACK: Final = 5
"""Years that can be chosen before this one."""


class Query(msgspec.Struct, frozen=True):
    """Which year of UTC ("2026"), "" is this; of which compact, "" is the first; and whether of exercises alone."""

    year: Annotated[str, msgspec.Meta(pattern=r"^(20[0-9]{2})?$(?!\n)")] = ""
    compact: Annotated[str, msgspec.Meta(max_length=64)] = ""
    exercise: Literal["", "on"] = ""

    def address(self, path: str) -> str:
        """Return where that is given at a path."""
        said = {name: value for name, value in msgspec.to_builtins(self).items() if value}
        return path + (f"?{urlencode(said)}" if said else "")


@dataclass(frozen=True, slots=True)
class Shown:
    """A year of a compact: all its tables and months, and how much of each side was too much to be counted."""

    year: int
    terms: Terms
    within: Period
    until: datetime
    now: Figures
    before: Figures
    sheets: tuple[Sheet, ...]
    months: tuple[Month, ...]
    more: Mapping[str, int]
    cut: bool

    @property
    def empty(self) -> bool:
        """Whether nothing was told in either year."""
        return all(each.empty for each in self.sheets)


def shown(turn: Turn, query: Query) -> Shown | None:
    """Return a year; None where no compact of two is here. Raises `Invalid` for a compact that is not."""
    terms = _terms(turn, query.compact)
    if terms is None:
        return None
    until = turn.now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    year = int(query.year or until.year)
    within, past = _year(year, until), _year(year - 1, until)
    rows, earlier = (_rows(turn, terms.id, each, until, exercise=bool(query.exercise)) for each in (within, past))
    now, before = figures(rows, within), figures(earlier, past)
    return Shown(
        year=year,
        terms=terms,
        within=within,
        until=until,
        now=now,
        before=before,
        sheets=lines.sheets(now, before, tuple(sorted(terms.members)), tuple(terms.deescalation)),
        months=tuple(Month(f"{each.since:%Y-%m}", each, figures(rows, each)) for each in months(within)),
        more=_more(rows, earlier),
        cut=rows.cut or earlier.cut,
    )


def _rows(turn: Turn, compact: str, within: Period, until: datetime, *, exercise: bool) -> Rows:
    return known.rows(turn, known.asked(turn, compact, within, until, exercise=exercise))


def _more(*rows: Rows) -> Mapping[str, int]:
    parties = sorted({party for each in rows for party in each.more})
    return {party: sum(each.more.get(party, 0) for each in rows) for party in parties}


def _compacts(turn: Turn) -> list[Terms]:
    return [each.terms for each in turn.known.compacts.values() if len(each.terms.members) == SIDES]


def _terms(turn: Turn, compact: str) -> Terms | None:
    here = _compacts(turn)
    found = next((each for each in here if compact in ("", each.id)), None)
    if found is None and compact:
        known_here = ", ".join(each.id for each in here) or "none"
        raise Invalid("liaison.year-compact", "No such compact of two is here.", f"There are: {known_here}.")
    return found


def _year(year: int, until: datetime) -> Period:
    """Return a year of UTC, and no time beyond `until`."""
    first = datetime(year, 1, 1, tzinfo=UTC)
    return Period(first, max(first, min(datetime(year + 1, 1, 1, tzinfo=UTC), until)))


# --- the page ---------------------------------------------------------------------------------------------------------


def context(turn: Turn, _actor: Actor, query: Query) -> Mapping[str, Any]:
    """Return what the page shows. Raises `Invalid` for a compact that is not here."""
    found = shown(turn, query)
    this = turn.now.astimezone(UTC).year
    years = [str(this - each) for each in range(BACK + 1)]
    return {
        "shown": found,
        "filters": query,
        "years": years if query.year in ("", *years) else [query.year, *years],
        "compacts": _compacts(turn),
        "steps": {name: each.title for name, each in found.terms.deescalation.items()} if found else {},
        "hotlines": {code: each.title for code, each in found.terms.hotlines.items()} if found else {},
        "own_side": found is not None and turn.means.party in found.terms.members,
        "file": query.address("/liaison/year.csv"),
        "few": FEW,
        "by_month": [(each.code, lines.of_month(each.figures)) for each in found.months] if found else [],
        "columns": (tuple(charts.notices(found.months)), tuple(charts.incidents(found.months))) if found else (),
        "dots": tuple(charts.lengths(found.months)) if found else (),
        "marks": [(charts.height(each), each) for each in charts.MARKS],
    }


# --- the file ---------------------------------------------------------------------------------------------------------

_HEAD: Final = ("year", "month", "table", "of", "code", "party", "figure", "value", "unit")


def written(turn: Turn, _actor: Actor, query: Query) -> bytes:
    """Return the year, the year before and the months as CSV (RFC 4180). Raises `Invalid` as the page does."""
    found = shown(turn, query)
    given = [csv_line(_HEAD)]
    if found is not None:
        given += [csv_line([cell(each) for each in line]) for line in _lines(found)]
    return BEGINS + b"".join(given)


def _lines(found: Shown) -> Iterator[Sequence[str]]:
    for sheet in found.sheets:
        for row in sheet.rows:
            for year, values in ((found.year, row.now), (found.year - 1, row.before)):
                for column, value in zip(sheet.columns, values, strict=True):
                    yield str(year), "", sheet.code, row.of, row.code, row.party, column, *_said(value)
    for month in found.months:
        for column, value in lines.of_month(month.figures):
            yield str(found.year), month.code, "months", "all", "", "", column, *_said(value)


def _said(value: Value) -> tuple[str, str]:
    """Return a value and its unit: how many, seconds, or nothing where it is not told or not known."""
    if isinstance(value, timedelta):
        return str(int(value.total_seconds())), "seconds"
    if value == "few":
        return "", f"fewer than {FEW}"
    return ("", "not known") if value is None else (str(value), "count")


PAGE: Final = Page("year", "record.read", context, query=Query, group="liaison.year")
FILE: Final = File("year.csv", "record.read", "text/csv; charset=utf-8", written, query=Query)
