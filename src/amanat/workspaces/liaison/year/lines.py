"""The figures as tables: what the page shows and the file gives out, the year and the year before beside one another.

Law: pure. A table is its code, the codes of its columns, and a row each with what it is of; no words.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, get_args

from amanat.workspaces.liaison.meetings import rules as meetings
from amanat.workspaces.liaison.notices.kinds import TYPES
from amanat.workspaces.liaison.notices.rules import Visit
from amanat.workspaces.liaison.sealed.rules import State as SealedState
from amanat.workspaces.liaison.year.facts import Answer, Duty, InTime, Judged
from amanat.workspaces.liaison.year.figures import Figures, Lengths, OfSector, OfTrack, Value

List = Literal["planned", "party", "incident type", "step", "hotline", "track type", "all"]
"""Of what a row is, and so which list of words has its code; "all" is the whole of the table."""

ANSWERS: Final = get_args(Answer)
STATES: Final = ("open", "closing", "closed")


@dataclass(frozen=True, slots=True)
class Row:
    """A row: of what (its list and code), of which party ("" for both), and what stands in each column."""

    of: List
    code: str
    party: str
    now: tuple[Value, ...]
    before: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table of figures; `columns` are codes of "year column", but where they are types of incidents."""

    code: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]

    @property
    def empty(self) -> bool:
        """Whether nothing is told in it, of either year."""
        return not any(value for row in self.rows for value in (*row.now, *row.before))


def sheets(now: Figures, before: Figures, parties: Sequence[str], ladder: Sequence[str]) -> tuple[Sheet, ...]:
    """Return all tables; `ladder` are the steps of the compact's, in its order."""
    both = (now, before)
    return (
        _sheet("notices", ("told", *get_args(InTime)), both, _notices(both, parties)),
        _sheet("against", ("against",), both, _of_parties(parties, lambda of: of.against, ("against",))),
        _sheet("explanations", ("asked", *ANSWERS), both, _of_parties(parties, lambda of: of.answers, ANSWERS, "sum")),
        _sheet("judged", get_args(Judged), both, _of_parties(parties, lambda of: of.judged, get_args(Judged))),
        _sheet("clarified", ("asked", *ANSWERS), both, _of_parties(parties, lambda of: of.clarified, ANSWERS, "sum")),
        _sheet("noticed-in", _NOTICED_IN, both, _noticed_in(both)),
        _sheet("visits", get_args(Visit), both, _of_parties(parties, lambda of: of.visits, get_args(Visit))),
        _sheet("conflicts", ("found", "settled"), both, [("all", "", "", lambda of: (of.conflicts, of.settled))]),
        _sheet(
            "sealed", get_args(SealedState), both, _of_parties(parties, lambda of: of.sealed, get_args(SealedState))
        ),
        _sheet("incidents", ("told", *STATES), both, _incidents(both)),
        _reached(both, ladder),
        _sheet("sectors", _SECTOR, both, _sectors(both)),
        _sheet("statements", _STATEMENT, both, [("all", "", "", lambda of: _row(of.statements, _STATEMENT))]),
        _sheet("meetings", _MEETING, both, [("all", "", "", _meetings)]),
        _sheet("tasks", get_args(Duty), both, _of_parties(parties, lambda of: of.tasks, get_args(Duty))),
        _sheet("tracks", _TRACK, both, _tracks(both)),
        _sheet("received", ("persons",), both, [("all", "", "", lambda of: (of.received,))]),
    )


Ask = Callable[[Figures], tuple[Value, ...]]
Asks = tuple[List, str, str, Ask]

_NOTICED_IN: Final = ("told", *get_args(InTime), "asked", "answered-in-time")
_SECTOR: Final = (
    "told", "closed",
    "contact-known", "contact-middle", "contact-most", "contact-longest",
    "ceased-known", "ceased-middle", "ceased-most", "ceased-longest",
)  # fmt: skip
_STATEMENT: Final = ("agreed", "disputed", "alone", "stated")
_MEETING: Final = ("proposed", *(f"meeting-{each}" for each in meetings.STATES if each != "proposed"), "after-incident")
_TRACK: Final = ("opened", "ended", "middle", "most", "longest")


def _sheet(code: str, columns: tuple[str, ...], both: tuple[Figures, Figures], asks: Iterable[Asks]) -> Sheet:
    now, before = both
    return Sheet(code, columns, tuple(Row(of, name, party, ask(now), ask(before)) for of, name, party, ask in asks))


def _row(counts: Mapping[str, int], columns: Iterable[str]) -> tuple[Value, ...]:
    return tuple(counts.get(each, 0) for each in columns)


def _summed(counts: Iterable[Mapping[str, int]], columns: Iterable[str]) -> tuple[Value, ...]:
    those = list(counts)
    each = [sum(one.get(code, 0) for one in those) for code in columns]
    return (sum(each), *each)


def _of_parties(
    parties: Iterable[str],
    table: Callable[[Figures], Mapping[str, Mapping[str, int]]],
    columns: Sequence[str],
    also: Literal["", "sum"] = "",
) -> Iterator[Asks]:
    """Yield a row a party; with `also`, their sum in front of what is counted."""

    def of_party(party: str) -> Ask:
        if also:
            return lambda of: _summed([table(of).get(party, {})], columns)
        return lambda of: _row(table(of).get(party, {}), columns)

    yield from (("party", "", party, of_party(party)) for party in parties)


def _notices(both: tuple[Figures, Figures], parties: Iterable[str]) -> Iterator[Asks]:
    """Yield a row for each type of which there is any, by side, and one for all of a side."""
    columns = get_args(InTime)

    def ask(party: str, type_: str = "") -> Ask:
        return lambda of: _summed(
            (counts for key, counts in of.notices.items() if key[1] == party and type_ in ("", key[0])), columns
        )

    for party in parties:
        for type_ in TYPES:
            if any((type_, party) in each.notices for each in both):
                yield "planned", type_, party, ask(party, type_)
        yield "all", "", party, ask(party)


def _incidents(both: tuple[Figures, Figures]) -> Iterator[Asks]:
    def ask(type_: str) -> Ask:
        return lambda of: _summed([of.incidents.get(type_, {})], STATES)

    yield from (("incident type", type_, "", ask(type_)) for type_ in _keys(each.incidents for each in both))
    yield "all", "", "", lambda of: _summed(of.incidents.values(), STATES)


def _reached(both: tuple[Figures, Figures], ladder: Sequence[str]) -> Sheet:
    """Return the farthest steps that both reached: a row a step, a column a type."""
    types = tuple(_keys(each.incidents for each in both))
    known = _keys(each.reached for each in both)
    steps = ("", *ladder, *(each for each in known if each and each not in ladder))

    def ask(step: str) -> Ask:
        return lambda of: _row(of.reached.get(step, {}), types)

    return _sheet("reached", types, both, (("step", step, "", ask(step)) for step in steps) if types else ())


def _noticed_in(both: tuple[Figures, Figures]) -> Iterator[Asks]:
    def ask(code: str) -> Ask:
        def values(of: Figures) -> tuple[Value, ...]:
            asked = of.asked_in.get(code, {})
            told = _summed([of.told_in.get(code, {})], get_args(InTime))
            return (*told, sum(asked.values()), asked.get("in-time", 0))

        return values

    yield from (("hotline", code, "", ask(code)) for code in _keys(each.told_in for each in both))


def _sectors(both: tuple[Figures, Figures]) -> Iterator[Asks]:
    empty = OfSector(0, 0, Lengths(), Lengths())

    def values(of: OfSector) -> tuple[Value, ...]:
        return (of.told, of.closed, *_lengths(of.contact), *_lengths(of.ceased))

    def ask(code: str) -> Ask:
        return lambda of: values(of.sectors.get(code, empty))

    yield from (("hotline", code, "", ask(code)) for code in _keys(each.sectors for each in both))
    yield "all", "", "", lambda of: values(of.whole)


def _lengths(of: Lengths) -> tuple[Value, ...]:
    return of.known, of.middle, of.most, of.longest


def _meetings(of: Figures) -> tuple[Value, ...]:
    states = [each for each in meetings.STATES if each != "proposed"]
    every = sum(of.meetings.get(each, 0) for each in meetings.STATES)
    return (every, *_row(of.meetings, states), of.meetings.get("after-incident", 0))


def _tracks(both: tuple[Figures, Figures]) -> Iterator[Asks]:
    def ask(type_: str) -> Ask:
        none = OfTrack(0, 0, Lengths())

        def values(of: Figures) -> tuple[Value, ...]:
            its = of.tracks.get(type_, none)
            return its.opened, its.ended, its.took.middle, its.took.most, its.took.longest

        return values

    yield from (("track type", type_, "", ask(type_)) for type_ in _keys(each.tracks for each in both))


def _keys(tables: Iterable[Mapping[str, object]]) -> list[str]:
    return sorted({key for table in tables for key in table})


def of_month(of: Figures) -> tuple[tuple[str, Value], ...]:
    """Return what the table of months has of one, by column. No number of persons is told of a month."""
    told = _summed(of.notices.values(), get_args(InTime))
    asked = _summed(of.answers.values(), ANSWERS)
    incidents = _summed(of.incidents.values(), STATES)
    return (
        *zip(("notices", "in-time", "late"), told, strict=False),
        *zip(("asked", "answered-in-time"), asked, strict=False),
        ("conflicts", of.conflicts),
        ("incidents", incidents[0]),
        ("closed", incidents[-1]),
        ("contact-middle", of.whole.contact.middle),
        ("ceased-middle", of.whole.ceased.middle),
        ("meetings-held", of.meetings.get("held", 0)),
    )
