"""Every code of a closed list below has words on a page: one that is added there is missed here."""

from collections.abc import Mapping
from typing import get_args, get_type_hints

import msgspec
import pytest

from amanat.compact import check, floors
from amanat.console.words import FILLED, WORDS, words
from amanat.exchange import became, checks, evidence, export, parties, peer_line, recalls
from amanat.exchange.problem import TITLES
from amanat.officer import audit, may
from amanat.party import manifest
from amanat.record import notices
from amanat.record.handling import CustodyRisk, HCode, Tlp
from amanat.record.record import Relation
from amanat.workspaces import find

KINDS = (*notices.NOTICES, *(kind for workspace in find() for kind in workspace.kinds))
RECORD = ("current", "superseded", "withdrawn", "destroyed")


def of(struct: type, field: str) -> tuple[str, ...]:
    """The literals that a field of a struct may have."""
    return get_args(get_type_hints(struct)[field])


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
    "outcome": get_args(audit.Outcome),
    "kind": tuple(kind.name for kind in KINDS),
    "field": tuple({field.name for kind in KINDS for field in msgspec.structs.fields(kind.body)}),
    "reason": of(notices.Withdrawal, "reason"),
    "because": of(notices.Destroyed, "because"),
    "ground": get_args(notices.Ground),
    "relation": get_args(Relation),
    "torture": of(CustodyRisk, "torture"),
    "death penalty": of(CustodyRisk, "death_penalty"),
    "tlp": get_args(Tlp),
    "h-code": get_args(HCode),
    "effect": ("permit", "forbid"),
    "channel": get_args(may.Channel),
    "evidence": tuple(evidence.PROOFS),
    "key": get_args(parties.Purpose),
    "revoked": of(manifest.Revoked, "reason"),
    "floor": tuple(map(str, floors.FLOORS)),
    "problem": ("", *map(str, TITLES)),
    "check": get_args(checks.What),
    "result": get_args(checks.Result),
    "format": export.FORMATS,
}


@pytest.mark.parametrize("name", CLOSED)
def test_a_closed_list_has_words_for_each_of_its_codes_and_for_no_other(name: str) -> None:
    assert set(words(name)) == set(CLOSED[name])


def test_what_is_filled_into_a_sentence_is_of_a_list_that_there_is() -> None:
    assert set(FILLED.values()) <= set(WORDS)


def test_no_code_is_shown_where_words_could_stand() -> None:
    assert [
        of for of, listed in WORDS.items() for english in listed.values() if english != english.strip() != ","
    ] == []
