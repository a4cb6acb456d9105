"""Records on paper: a selection as a page in the officer's language, and the PDF that the typesetter makes of it.

Law: the officer's name is on no sheet, only the post. What a record says is text, whatever stands in it: it is escaped
as on a page, and what would order, hide or break the text around it does not reach the sheet.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any, Final
from unicodedata import category

import msgspec
from jinja2 import Template
from markupsafe import Markup

from amanat.compact.terms import Terms
from amanat.console import body
from amanat.console.moments import Moments
from amanat.console.rendering import environment
from amanat.console.rules import rules
from amanat.console.shell import named, parties_named
from amanat.console.titles import titles
from amanat.console.typesetting import stand, too_long, typeset
from amanat.exchange.export import Selection
from amanat.exchange.lexica import own_lexicon
from amanat.exchange.means import look
from amanat.exchange.shown import BOXES, Item, plain
from amanat.record.handling import STRICTNESS, Tlp
from amanat.record.record import Record
from amanat.store.listing import Search

LONGEST: Final = 5 * 1024 * 1024
"""Characters of one document with its marks; a thousand records of the demo are 3 to 4 million."""

ROOM: Final = 50_000
"""Characters of one record on paper, and of one text less than half; what is longer is cut, which the record says.

A sender who means harm finds letters of which so many take some seconds to set.
"""
LONG: Final = 20_000
LINES: Final = 500
"""Lines of one text, and things in one list."""
_EACH: Final = 40
"""As many characters more each text counts for, that has a row of its own."""
SIGNS: Final = 8
"""Signs in a row upon one letter: nobody writes more than four."""

_BREAKS: Final = re.compile("\r\n?|[\u2028\u2029]")
_ORDERS: Final = re.compile("[\u202a-\u202e\u2066-\u2069]")
_CONTROLS: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ufffe\uffff]")
_NO_LETTERS: Final = re.compile(rf"\W{{{SIGNS + 1},}}")
_UPON: Final = frozenset(("Mn", "Mc", "Me", "Cf"))
"""Of these categories of Unicode are the signs that stand upon a letter, or between two and are not seen."""


def printed(chosen: Selection) -> bytes:
    """Return a selection as PDF. Raises `Invalid` for one that is too long, and what `stand` and `typeset` raise."""
    with stand():
        return _printed(chosen)


def _printed(chosen: Selection) -> bytes:
    means, language = chosen.means, chosen.actor.language
    with look(means) as turn:
        lexicon, parties = own_lexicon(turn), tuple(sorted({*turn.known.manifests} - {means.party}))
        terms = {id_: compact.terms for id_, compact in turn.known.compacts.items()}
        moments = Moments(chosen.now, lexicon, language, parties, near=False)
        titled = titles(turn, moments)
    around = {
        "titled": titled,
        "moment": moments.moment,
        "named": partial(named, lexicon=lexicon, language=language),
        "parties_named": partial(parties_named, lexicon=lexicon, language=language),
    }
    template = environment(language).get_template("paper_record.html")
    records, marks, exercises, length = list[Markup](), set[Tlp](), 0, 0
    for item, said in chosen.rows:
        records.append(_record(template, item, said, terms[item.compact], around))
        marks |= set() if said is None else {said.fields.handling.tlp}
        exercises += item.exercise
        length += len(records[-1])
        if length > LONGEST:
            raise too_long()
    given = {
        "party": means.party,
        "post": chosen.actor.post,
        "clocks": moments.clocks(),
        "narrowed": list(_narrowed(chosen.search)),
        "records": records,
        "exercises": exercises,
        "tlp": _strictest(marks),
    }
    page = environment(language).get_template("paper.html").render({**around, **given})
    return typeset(page, chosen.now)


@dataclass(slots=True)
class Room:
    """How much more a record may say on paper, and whether anything of it was cut."""

    left: int = ROOM
    cut: bool = False


def printable(value: Any, room: Room | None = None) -> Any:  # noqa: ANN401 - plain data
    """Return plain data as a sheet can hold it, as far as there is room.

    What reorders text is left out of it (Unicode, UAX #9: embeddings, overrides, isolates), and where a control
    character stood, a replacement character stands: paper shows a text in the order in which it was written. Of signs
    upon one letter, of one text and of a list as much is left as no sender can stall or break the typesetter with.
    """
    room = room or Room()
    if isinstance(value, str):
        return _printable_text(value, room)
    if isinstance(value, dict):
        return {name: printable(each, room) for name, each in value.items()}
    if isinstance(value, list | tuple):
        found = [printable(each, room) for each in value[:LINES] if room.left > 0]
        room.cut |= len(found) < len(value)
        return found
    return value


def _printable_text(value: str, room: Room) -> str:
    text = _CONTROLS.sub("\ufffd", _ORDERS.sub("", _BREAKS.sub("\n", value)))
    short = _NO_LETTERS.sub(_few_signs, text[: max(min(LONG, room.left), 0)])
    short = "\n".join(short.split("\n", LINES)[:LINES])
    room.left -= len(short) + _EACH
    if short == text:
        return text
    room.cut = True
    return f"{short} […]"


def _few_signs(found: re.Match[str]) -> str:
    kept, run = list[str](), 0
    for sign in found.group():
        run = run + 1 if category(sign) in _UPON else 0
        if run <= SIGNS:
            kept.append(sign)
    return "".join(kept)


def _record(template: Template, item: Item, said: Record | None, terms: Terms, around: Mapping[str, Any]) -> Markup:
    """Return one record as it stands in the document."""
    room = Room()
    given = {"head": printable(msgspec.structs.asdict(item), room), "fields": None}
    if said is not None:
        fields = plain(said)
        shown = body.shown(said.kind, fields["body"])
        given["fields"] = printable({name: each for name, each in fields.items() if name != "body"}, room)
        given["rules"] = printable([asdict(each) for each in rules(said.fields.handling, terms)], room)
        given["body"] = {"more": shown.more, "parts": printable([asdict(each) for each in shown.parts], room)}
        given["cut"] = room.cut
    return Markup(template.render({**around, **given}))  # noqa: S704 - rendered, and so escaped


def _narrowed(search: Search) -> Iterator[tuple[str, Any]]:
    """Yield what the records were chosen by, in the order of the list's own form."""
    if search.text:
        yield "text", printable(search.text)
    if search.unread:
        yield "box", "unread"
    elif search.own is not None:
        yield "box", next(name for name, own in BOXES.items() if own is search.own)
    for name in ("kind", "workspace", "party", "compact", "state", "since", "until"):
        if getattr(search, name):
            yield name, printable(getattr(search, name))
    if search.exercise is not None:
        yield "exercise", search.exercise


def _strictest(marks: Iterable[Tlp]) -> Tlp | None:
    """Return the mark that all sheets bear; None where nobody may read any of the records."""
    return max(marks, key=STRICTNESS.__getitem__, default=None)
