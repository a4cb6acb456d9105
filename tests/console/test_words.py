"""Every code of a closed list below has words on a page: one that is added there is missed here."""

from collections.abc import Iterator, Mapping
from typing import Any, Literal, get_args, get_origin, get_type_hints

import msgspec
import pytest

from amanat.compact import check, floors, form, notification
from amanat.console import done, filters, shell
from amanat.console.words import FILLED, WORDS, words
from amanat.exchange import became, checks, evidence, export, parties, peer_line, recalls
from amanat.exchange.problem import TITLES
from amanat.officer import audit, may, sessions
from amanat.party import manifest
from amanat.record import notices
from amanat.record.handling import CustodyRisk, HCode, Tlp
from amanat.record.record import Relation
from amanat.workspaces import find

KINDS = (*notices.NOTICES, *(kind for workspace in find() for kind in workspace.kinds))
PLACES = tuple(
    code
    for workspace in find()
    for code in (
        workspace.name,
        *(f"{workspace.name}.{page.name}" for page in workspace.pages),
        *({page.group for page in workspace.pages} - {""}),
    )
)
RECORD = ("current", "superseded", "withdrawn", "destroyed")


def of(struct: type, field: str) -> tuple[str, ...]:
    """The literals that a field of a struct may have, itself or within."""
    return tuple(literals(get_type_hints(struct)[field]))


def literals(type_: Any) -> Iterator[str]:
    for each in get_args(type_):
        yield from (each,) if get_origin(type_) is Literal else literals(each)


CLOSED: Mapping[str, tuple[str, ...]] = {
    "record": (*RECORD, "held", "logged"),
    "delivery": of(became.Delivered, "state"),
    "did": get_args(became.Did),
    "compact": get_args(check.State),
    "line": get_args(peer_line.State),
    "recall": get_args(recalls.State),
    "role": may.ROLES,
    "permission": tuple(may.PERMISSIONS),
    "act": get_args(may.Act),
    "place": tuple(place.name for place in shell.PLACES) + PLACES,
    "box": of(filters.Filters, "box"),
    "outcome": get_args(audit.Outcome),
    "kind": tuple(kind.name for kind in KINDS),
    "field": tuple({field.name for kind in KINDS for of in kind.bodies for field in msgspec.structs.fields(of)}),
    "reason": of(notices.Withdrawal, "reason"),
    "because": of(notices.Destroyed, "because"),
    "ground": get_args(notices.Ground),
    "relation": get_args(Relation),
    "precedence": of(form.KindTerms, "acknowledge_hours"),
    "second person": of(form.KindTerms, "second_person"),
    "torture": of(CustodyRisk, "torture"),
    "death penalty": of(CustodyRisk, "death_penalty"),
    "tlp": get_args(Tlp),
    "h-code": get_args(HCode),
    "effect": ("permit", "forbid"),
    "planned": ("any", *get_args(form.Planned), *get_args(form.Kept)),
    "ladder": get_args(form.Deed),
    "level": notification.LEVELS,
    "notice says": get_args(notification.Beside),
    "threshold": notification.COUNTED,
    "channel": get_args(may.Channel),
    "evidence": tuple(evidence.PROOFS),
    "key": get_args(parties.Purpose),
    "revoked": of(manifest.Revoked, "reason"),
    "floor": tuple(map(str, floors.FLOORS)),
    "problem": ("", *map(str, TITLES)),
    "check": get_args(checks.What),
    "result": get_args(checks.Result),
    "format": export.FORMATS,
    "beginning": get_args(sessions.Beginning),
    "done": get_args(done.Done),
}

NO_CODES: Mapping[str, str] = {
    "joined": "what stands between words, of which no layer has codes",
    "said": "what a kind's own format says of a part, which is closed by no type",
}
"""List → why it is not among the closed ones."""


@pytest.mark.parametrize("name", CLOSED)
def test_a_closed_list_has_words_for_each_of_its_codes_and_for_no_other(name: str) -> None:
    assert set(words(name)) == set(CLOSED[name])


def test_what_is_filled_into_a_sentence_is_of_a_list_that_there_is() -> None:
    assert set(FILLED.values()) <= set(WORDS)


def test_every_list_is_closed_or_says_why_it_is_not() -> None:
    assert set(WORDS) == CLOSED.keys() | NO_CODES.keys()


def test_what_examples_say_of_a_part_has_words() -> None:
    said = {name for kind in KINDS for body in kind.examples for part in kind.parts(body) for name, _ in part.said}
    assert said
    assert said <= set(words("said"))


def test_a_field_of_a_body_that_is_read_as_it_stands_has_words_where_it_is_said() -> None:
    assert set(CLOSED["field"]) <= set(words("said"))
