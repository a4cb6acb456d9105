"""Taking out records in other forms, and their files: a list as JSON Lines, CSV or PDF, as its officer may read it.

Law: an export is an act and is noted as one; each record in it that names a person is a look at it, noted before it is
given (floor 7). A batch of records is in memory and no more, but for a document, which is made whole or not at all.
To take a record out opens it for nobody.
"""

import csv
import io
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final, Literal, get_args
from urllib.parse import quote

import msgspec

from amanat.exchange import cursor, shown
from amanat.exchange.acting import acting, releasing
from amanat.exchange.attachments import named, read_out
from amanat.exchange.means import Means, look
from amanat.exchange.shown import Item
from amanat.officer.may import Actor, may
from amanat.party.errors import Invalid
from amanat.record.record import Fields, Record
from amanat.store import attachments, listing
from amanat.store.listing import Search

Format = Literal["jsonl", "csv", "pdf"]
FORMATS: Final[tuple[Format, ...]] = get_args(Format)

MOST: Final = 10_000
"""How many records one export holds, the newest; what is older is taken out after the last of these."""
PRINTED: Final = 1_000
"""How many records one document holds; more are refused, since what is on paper does not say what it lacks."""
BATCH: Final = 100

Rows = Iterator[tuple[Item, Record | None]]


@dataclass(frozen=True, slots=True)
class Export:
    """An export under way: how its file is called, of what type it is, and its pieces as they come.

    `next` is the cursor from which the rest can be taken out, None when all is in it.
    """

    name: str
    media_type: str
    next: str | None
    pieces: Iterator[bytes]


@dataclass(frozen=True, slots=True)
class Taken:
    """A file on its way out: how it is called, its size in bytes, and its pieces as they come."""

    name: str
    size: int
    pieces: Iterator[bytes]

    def headers(self) -> dict[str, str]:
        """Return what has a browser keep it under its name, and open it by no program of its own choice."""
        name = quote(self.name, safe="")
        return {"Content-Disposition": f"attachment; filename*=UTF-8''{name}", "Content-Length": str(self.size)}


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
    readable = search.persons and (may(actor, "record.person") or not search.text)
    most = PRINTED if format_ == "pdf" else MOST
    with look(means) as turn:
        after = shown.place_of(turn, place) if place else None
        search = replace(search, persons=readable)
        last = listing.last_of(turn.tx, means.party, replace(search, after=after), most)
        now = turn.now
    if last and format_ == "pdf":
        raise Invalid(
            "export.many",
            f"A PDF holds at most {PRINTED} records, and these are more.",
            "Narrow the list down, or take it out as JSON Lines or CSV.",
        )
    with acting(means, actor, "record.export", f"list:{format_}") as act:
        asked = replace(search, after=after)
        person = may(actor, "record.person") and listing.names_person(act.turn.tx, means.party, asked, most)
        releasing(act.turn, actor, names_person=person)
    newest = f"-newest-{most}" if last else ""
    name = f"{means.party}-records-{now:%Y%m%dT%H%MZ}{newest}.{format_}"
    pieces = _written(Selection(means, actor, search, now, _rows(means, actor, search, place, most)), format_, press)
    return Export(name, _TYPES[format_], cursor.written(*last) if last else None, pieces)


def file(means: Means, actor: Actor, party: str, id_: str, name: str) -> Taken:
    """Begin to take out a file of a record, whole and as its record signs it. Raises `Invalid` or `Refused`."""
    with look(means) as turn:
        record = shown.read_row(turn, shown.row_of(turn, party, id_))
        here = named(attachments.of(turn.tx, (party, id_)), name)
    shown.note_look(means, actor, [record] if record else [])
    for _ in read_out(here, means):  # read to its end before the first byte is given: what is shown is shown whole
        pass
    with acting(means, actor, "record.export", f"{party}:{id_}") as act:
        releasing(act.turn, actor, names_person=record is not None and record.facts.names_person)
    return Taken(here.attachment.name, here.attachment.size, read_out(here, means))


def _written(chosen: Selection, format_: Format, press: Press) -> Iterator[bytes]:
    match format_:
        case "jsonl":
            return _json_lines(chosen.rows)
        case "csv":
            return _csv(chosen.rows)
        case "pdf":
            return iter((press(chosen),))


def _rows(means: Means, actor: Actor, search: Search, place: str, most: int) -> Rows:
    """Yield the newest `most` of the records looked for, a batch of them in memory."""
    left, more = most, True
    while more and left:
        found, more = shown.batch(means, actor, replace(search, limit=min(BATCH, left)), place)
        yield from found
        left -= len(found)
        if found:
            place = shown.cursor_of(found[-1][0])


def _json_lines(rows: Rows) -> Iterator[bytes]:
    for item, record in rows:
        yield msgspec.json.encode(Line(item, None if record is None else shown.plain(record))) + b"\n"


# --- CSV (RFC 4180), for spreadsheets: UTF-8 with its mark, so that they read Arabic letters --------------------------

_COLUMNS: Final = (
    *("party", "id", "kind", "at", "expires", "state", "kept_until", "exercise", "names_person", "compact"),
    *("log_index", "title", "post", "audience", "tlp", "purpose", "codes", "caveats", "not_to", "refs"),
)
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What makes a spreadsheet run a cell instead of showing it, plain or full width."""


def _csv(rows: Rows) -> Iterator[bytes]:
    yield "\ufeff".encode()
    yield _csv_line(_COLUMNS)
    for item, record in rows:
        said = msgspec.structs.asdict(item) | ({} if record is None else _handled(record.fields))
        yield _csv_line([_cell(said.get(name)) for name in _COLUMNS])


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


def _cell(value: object) -> str:
    """Return what stands in a cell: a text, never a formula, whatever another party wrote."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = str(value)
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA) else text


def _csv_line(cells: Any) -> bytes:  # noqa: ANN401 - as csv takes it
    line = io.StringIO()
    csv.writer(line, quoting=csv.QUOTE_ALL).writerow(cells)
    return line.getvalue().encode()


_TYPES: Final[Mapping[Format, str]] = {"jsonl": "application/jsonl", "csv": "text/csv", "pdf": "application/pdf"}
