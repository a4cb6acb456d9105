"""Taking out records in other forms, and their files: a list as JSON Lines, CSV or PDF, as its officer may read it.

Law: an export is an act and is noted as one; each record in it that names a person is a look at it, noted before it is
given (floor 7), and judged anew. Who has to say first who it is, is asked before anything is read; what names a person
and was not asked for goes out as what may not be read. A batch of records is in memory and no more, but for a document,
which is made whole or not at all, and noted once it is. To take a record out opens it for nobody.
"""

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any, Final, Literal, get_args
from urllib.parse import quote

import msgspec

from amanat.exchange import cursor, shown
from amanat.exchange.acting import acting, ask, looked, looked_at, releasing
from amanat.exchange.attachments import named, read_out
from amanat.exchange.means import Means, look
from amanat.exchange.shown import Item
from amanat.officer.may import Actor, is_proven, may
from amanat.party.errors import Invalid
from amanat.record.record import Fields, Record
from amanat.store import attachments, listing
from amanat.store.listing import Search
from amanat.store.text import MOST_FOUND

Format = Literal["jsonl", "csv", "pdf"]
FORMATS: Final[tuple[Format, ...]] = get_args(Format)

MOST: Final = 10_000
"""How many records one export holds, the newest; what is older is taken out after the last of these."""
PRINTED: Final = 1_000
"""How many records one document holds; more are refused, since what is on paper does not say what it lacks."""
BATCH: Final = 100

Rows = Iterator[tuple[Item, Record | None]]


def attached(name: str) -> str:
    """Return the `Content-Disposition` of a file to be kept under its name (RFC 6266)."""
    written = quote(name, safe="")
    return f'attachment; filename="{name}"' if written == name else f"attachment; filename*=UTF-8''{written}"


@dataclass(frozen=True, slots=True)
class Export:
    """An export under way: how its file is called, of what type it is, and its pieces as they come.

    `next` is the cursor from which the rest can be taken out, None when there is none, or where only a search for
    more words or within days finds it, which the name then says.
    """

    name: str
    media_type: str
    next: str | None
    pieces: Iterator[bytes]

    def headers(self) -> dict[str, str]:
        """Return what has a browser keep it under its name."""
        return {"Content-Disposition": attached(self.name)}


@dataclass(frozen=True, slots=True)
class Taken:
    """A file on its way out: how it is called, its size in bytes, and its pieces as they come."""

    name: str
    size: int
    pieces: Iterator[bytes]

    def headers(self) -> dict[str, str]:
        """Return what has a browser keep it under its name, and open it by no program of its own choice."""
        return {"Content-Disposition": attached(self.name), "Content-Length": str(self.size)}


@dataclass(frozen=True, slots=True)
class Selection:
    """What a document is made of: the records looked for at a moment, as the actor may read them."""

    means: Means
    actor: Actor
    search: Search
    now: datetime
    rows: Rows


Press = Callable[[Selection], bytes]
"""What makes a document of a selection, in the officer's language: a PDF. It stands above us, where languages do."""


class Line(msgspec.Struct, frozen=True):
    """A line of JSON Lines: where a record stands, and what it says; None for what may not be read, or is no more."""

    head: Item
    record: dict[str, Any] | None


def export(  # noqa: PLR0913, PLR0917 - what is looked for, by whom, in which form
    means: Means, actor: Actor, search: Search, format_: Format, press: Press, place: str = ""
) -> Export:
    """Begin an export of the records looked for, after a cursor.

    Raises `Refused`; `Invalid` for a cursor that no page gave, and for more than a document holds; and what the press
    raises.
    """
    search = replace(search, persons=search.persons and (may(actor, "record.person") or not search.text))
    most = PRINTED if format_ == "pdf" else MOST
    with look(means) as turn:
        search = listing.searched(turn.tx, search)
        asked = replace(search, after=shown.place_of(turn, place) if place else None)
        last = listing.last_of(turn.tx, means.party, asked, most)
        person = may(actor, "record.person") and listing.names_person(turn.tx, means.party, asked, most)
        now = turn.now
    cut = search.found is not None and search.found.cut
    if format_ == "pdf" and (last or cut):
        raise _on_paper(cut=cut)
    wanted = _Wanted(means, actor, search, place, most, may(actor, "record.person") and is_proven(actor, now))
    newest = f"-newest-{most}" if last else f"-newest-{MOST_FOUND}" if cut else ""
    name = f"{means.party}-records-{now:%Y%m%dT%H%MZ}{newest}.{format_}"
    pieces = _printed(wanted, now, press, person) if format_ == "pdf" else _written(wanted, format_, person)
    return Export(name, _TYPES[format_], cursor.written(*last) if last else None, pieces)


def file(means: Means, actor: Actor, party: str, id_: str, name: str) -> Taken:
    """Begin to take out a file of a record, whole and as its record signs it. Raises `Invalid` or `Refused`."""
    with look(means) as turn:
        record = shown.read_row(turn, shown.row_of(turn, party, id_))
        here = named(attachments.of(turn.tx, (party, id_)), name)
    person = record is not None and record.facts.names_person
    ask(means, actor, "record.export", f"{party}:{id_}", names_person=person)
    for _ in read_out(here, means):  # read to its end before the first byte is given: what is shown is shown whole
        pass
    with acting(means, actor, "record.export", f"{party}:{id_}") as act:
        looked(act.turn, actor, [record] if record else [])
    return Taken(here.attachment.name, here.attachment.size, read_out(here, means))


def envelope(means: Means, actor: Actor, party: str, id_: str) -> Taken:
    """Take out the sealed envelope of a record. Raises `Invalid` or `Refused`."""
    with acting(means, actor, "record.export", f"{party}:{id_}") as act:
        row = shown.row_of(act.turn, party, id_)
        sealed, record = listing.sealed(act.turn.tx, row.envelope), shown.read_row(act.turn, row)
        if sealed is None:
            raise Invalid("record.destroyed", f"The record {id_} was destroyed here.", "What is destroyed stays so.")
        person = row.person or (record is not None and record.facts.names_person)
        releasing(act.turn, actor, names_person=person)
    return Taken(f"{id_}.envelope", len(sealed[0]), iter((sealed[0],)))


def _on_paper(*, cut: bool) -> Invalid:
    """Return what refuses a document that would not say what it lacks."""
    mend = "Narrow the list down, or take it out as JSON Lines or CSV."
    if cut:
        says = f"More than {MOST_FOUND} records have these words, and a search finds no more of them."
        return Invalid("export.found", says, mend)
    return Invalid("export.many", f"A PDF holds at most {PRINTED} records, and these are more.", mend)


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What goes out: so many of the records looked for after a cursor, with `persons` or nothing of them."""

    means: Means
    actor: Actor
    search: Search
    place: str
    most: int
    persons: bool


def _printed(wanted: _Wanted, now: datetime, press: Press, person: bool) -> Iterator[bytes]:  # noqa: FBT001 - private
    """Make the document, then note it with each look at a person, then give it."""
    means, actor, people = wanted.means, wanted.actor, list[str]()
    ask(means, actor, "record.export", "list:pdf", names_person=person)
    rows = _rows(wanted, lambda records: people.extend(":".join(each.key) for each in records if each.facts.person))
    document = press(Selection(means, actor, wanted.search, now, rows))
    with acting(means, actor, "record.export", "list:pdf") as act:
        looked_at(act.turn, actor, people)
    return iter((document,))


def _written(wanted: _Wanted, format_: Format, person: bool) -> Iterator[bytes]:  # noqa: FBT001 - private
    """Note it, then write it, each look at a person noted before what was read."""
    means, actor = wanted.means, wanted.actor
    with acting(means, actor, "record.export", f"list:{format_}") as act:
        releasing(act.turn, actor, names_person=person)
    rows = _rows(wanted, partial(shown.note_look, means, actor))
    return _json_lines(rows) if format_ == "jsonl" else _csv(rows)


def _rows(wanted: _Wanted, note: Callable[[Sequence[Record]], None]) -> Rows:
    """Yield the newest of the records looked for, a batch of them in memory, each batch noted first."""
    left, more, place = wanted.most, True, wanted.place
    while more and left:
        search = replace(wanted.search, limit=min(BATCH, left))
        found, more = shown.judged(wanted.means, search, place, persons=wanted.persons)
        note([record for _, record in found if record is not None])
        yield from found
        left -= len(found)
        if found:
            place = shown.cursor_of(found[-1][0])


def _json_lines(rows: Rows) -> Iterator[bytes]:
    for item, record in rows:
        yield msgspec.json.encode(Line(item, None if record is None else shown.plain(record))) + b"\n"


# --- CSV (RFC 4180), for spreadsheets: UTF-8 with its mark, so that they read Arabic letters --------------------------

BEGINS: Final = "\ufeff".encode()
"""What a CSV begins with, so that spreadsheets read it as UTF-8."""
_COLUMNS: Final = (
    *("party", "id", "kind", "at", "expires", "state", "kept_until", "exercise", "names_person", "compact"),
    *("log_index", "title", "post", "audience", "tlp", "purpose", "codes", "caveats", "not_to", "refs"),
)
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What makes a spreadsheet run a cell instead of showing it, plain or full width."""


def _csv(rows: Rows) -> Iterator[bytes]:
    yield BEGINS
    yield csv_line(_COLUMNS)
    for item, record in rows:
        said = msgspec.structs.asdict(item) | ({} if record is None else _handled(record.fields))
        yield csv_line([cell(said.get(name)) for name in _COLUMNS])


def _handled(fields: Fields) -> dict[str, Any]:
    handling = fields.handling
    return {
        "post": fields.author.name,
        "audience": " ".join(fields.audience),
        "tlp": handling.tlp,
        "purpose": handling.purpose,
        "codes": " ".join(handling.codes),
        "caveats": "; ".join(handling.caveats),
        "not_to": " ".join(handling.not_to),
        "refs": " ".join(f"{each.relation}:{each.party}:{each.id}" for each in fields.refs),
    }


def cell(value: object) -> str:
    """Return what stands in a cell of a CSV: a text, never a formula, whatever another party wrote."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = str(value)
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA) else text


def csv_line(cells: Iterable[str]) -> bytes:
    """Return a line of a CSV: every cell quoted, its end a carriage return and a line feed (RFC 4180)."""
    line = io.StringIO()
    csv.writer(line, quoting=csv.QUOTE_ALL).writerow(cells)
    return line.getvalue().encode()


_TYPES: Final[Mapping[Format, str]] = {"jsonl": "application/jsonl", "csv": "text/csv", "pdf": "application/pdf"}
