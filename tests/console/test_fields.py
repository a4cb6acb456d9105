"""A form from a schema: every kind of field, what was typed into it, rows more and less, and no field for nothing."""

from datetime import UTC, date, datetime
from typing import Any, Literal

import msgspec
import pytest

from amanat.console import fields, handling_form
from amanat.console.fields import Field
from amanat.console.rendering import environment
from amanat.party.types import Line, Time
from amanat.record.handling import Handling
from amanat.record.kind import Kind, schema


class Piece(msgspec.Struct, frozen=True, omit_defaults=True):
    """A piece of a load."""

    name: Line
    count: int = 1


class Load(msgspec.Struct, frozen=True, omit_defaults=True):
    """Whatever a form has fields for."""

    title: Line
    says: str
    weight: float
    sealed: bool
    reason: Literal["mistaken", "outdated"]
    depth: Literal[1, 2]
    on: date
    at: Time
    times: tuple[Time, ...] = ()
    pieces: tuple[Piece, ...] = ()
    marks: tuple[str, ...] = ()
    first: Piece | None = None
    foreign: Any = None


SCHEMA = schema(Kind("trade.load", 1, Load, "stands", "A load.", ()))
TIMES = [
    "2026-11-24T06:30:05Z",
    "2026-11-24T06:30:05.500Z",
    "2026-11-24T06:30:05+04:30",
    "2026-11-24T06:30Z",
    "soon",
]
"""One that a browser takes as a date and a time, and others."""

BODY = {
    "title": "Onions",
    "says": "two\nlines",
    "weight": 2.5,
    "sealed": True,
    "reason": "outdated",
    "depth": 2,
    "on": "2026-11-24",
    "at": "2026-11-24T06:30:00Z",
    "times": TIMES,
    "pieces": [{"name": "sack", "count": 3}, {"name": "box"}],
    "marks": ["a", "b"],
    "first": {"name": "net"},
    "foreign": {"any": ["thing", 1]},
}


def every(field: Field) -> list[Field]:
    return [field, *(each for part in field.parts for each in every(part))]


def sent(field: Field) -> dict[str, tuple[str, ...]]:
    """What a browser sends of a form that nobody touched."""
    simple = [each for each in every(field) if each.what not in ("group", "rows")]
    return {each.path: (each.value,) for each in simple if each.what != "yes" or each.value}


def at(field: Field, path: str) -> Field:
    return next(each for each in every(field) if each.path == path)


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("title", "line"),
        ("says", "text"),
        ("weight", "number"),
        ("sealed", "yes"),
        ("reason", "choice"),
        ("depth", "choice"),
        ("on", "day"),
        ("at", "moment"),
        ("pieces", "rows"),
        ("pieces/0", "group"),
        ("pieces/0/count", "whole"),
        ("marks/1", "text"),
        ("first", "group"),
        ("foreign", "data"),
    ],
)
def test_each_property_has_the_field_that_fits_it(name: str, what: str) -> None:
    assert at(fields.form(SCHEMA, BODY), f"body/{name}").what == what


def test_a_form_that_nobody_touched_makes_the_body_that_it_was_filled_in_with() -> None:
    assert fields.typed(SCHEMA, sent(fields.form(SCHEMA, BODY))) == BODY


def test_only_a_whole_second_of_utc_stands_where_a_browser_takes_a_date_and_a_time() -> None:
    """It would empty that of all else, and what nobody touched would be lost."""
    rows = at(fields.form(SCHEMA, BODY), "body/times").parts
    assert [row.what for row in rows] == ["moment", *["line"] * 4]
    assert (rows[0].value, rows[1].value) == ("2026-11-24T06:30:05", "2026-11-24T06:30:05.500Z")


@pytest.mark.parametrize("typed", ["2026-11-24T06:30", "2026-11-24T06:30:00"])
def test_a_browser_may_leave_out_the_seconds(typed: str) -> None:
    said = {"body/at": (typed,), "handling/expires": (typed,)}
    base = Handling(tlp="TLP:AMBER", purpose="trade", expires=datetime(2026, 12, 1, tzinfo=UTC))
    assert fields.typed(SCHEMA, said)["at"] == "2026-11-24T06:30:00Z"
    assert handling_form.typed(said, base)["expires"] == "2026-11-24T06:30:00Z"


@pytest.mark.parametrize("expires", TIMES)
def test_the_moment_of_destruction_is_shown_and_read_as_one_of_the_body(expires: str) -> None:
    base = Handling(tlp="TLP:AMBER", purpose="trade", expires=datetime(2026, 12, 1, tzinfo=UTC))
    field = handling_form.shown(base, {"expires": expires})["expires"]
    assert handling_form.typed({field.path: (field.value,)}, base)["expires"] == expires


def test_what_is_left_empty_is_not_there() -> None:
    made = fields.typed(SCHEMA, sent(fields.form(SCHEMA, {})))
    assert made == {"sealed": False}


def test_what_cannot_be_read_stays_as_it_was_typed() -> None:
    form = fields.form(SCHEMA, {})
    made = fields.typed(SCHEMA, sent(form) | {"body/weight": ("heavy",), "body/depth": ("9",), "body/foreign": ("{",)})
    assert (made["weight"], made["depth"], made["foreign"]) == ("heavy", "9", "{")
    assert at(fields.form(SCHEMA, made), "body/weight").value == "heavy"


def test_a_row_more_is_empty_and_after_the_others() -> None:
    form = fields.with_row(fields.form(SCHEMA, BODY), SCHEMA, "body/pieces")
    assert [row.path for row in at(form, "body/pieces").parts] == ["body/pieces/0", "body/pieces/1", "body/pieces/2"]
    assert at(form, "body/pieces/2/name").value == ""


def test_a_row_that_was_taken_out_leaves_the_others() -> None:
    left = {path: said for path, said in sent(fields.form(SCHEMA, BODY)).items() if "pieces/0/" not in path}
    assert fields.typed(SCHEMA, left)["pieces"] == [{"name": "box"}]


def test_a_choice_is_called_by_its_list_where_there_is_one() -> None:
    form = fields.form(SCHEMA, {})
    assert (at(form, "body/reason").words, at(form, "body/depth").words) == ("reason", "")
    assert at(form, "body/depth").choices == ("1", "2")


def test_a_form_of_a_thing_within_itself_ends() -> None:
    described = {"$ref": "#/$defs/N", "$defs": {"N": {"type": "object", "properties": {"n": {"$ref": "#/$defs/N"}}}}}
    assert len(every(fields.form(described, {}))) == fields.DEEPEST + 1


class Left(msgspec.Struct, frozen=True, tag="left"):
    """One of two forms of a body."""

    depth: int


class Right(msgspec.Struct, frozen=True, tag="right"):
    """The other."""

    name: str


@pytest.mark.parametrize(
    ("written", "body"),
    [
        ('{"type": "left", "depth": 2}', {"type": "left", "depth": 2}),
        ("[1]", {"body": [1]}),
        ("{", {"body": "{"}),
        ("", {}),
    ],
)
def test_a_body_of_several_forms_is_data_in_one_field(written: str, body: dict[str, Any]) -> None:
    """Nobody begins such a draft; one that was taken back from its second person can still be mended."""
    either = schema(Kind("trade.way", 1, Left | Right, "stands", "A way.", ()))
    whole = fields.form(either, body)
    assert (whole.what, whole.path) == ("data", "body")
    assert fields.typed(either, {"body": (written,)}) == body


def test_a_field_is_tied_to_all_that_is_wrong_with_it() -> None:
    marks = environment("en").from_string(
        '{% from "fields.html" import marks with context %}{{ marks(flaws, "body/at") }}'
    )
    assert marks.render(flaws={}) == 'id="body/at" name="body/at"'
    assert marks.render(flaws={"body/at": ["a flaw", "another"]}).endswith(
        'aria-invalid="true" aria-describedby="wrong-body/at-1 wrong-body/at-2"'
    )
