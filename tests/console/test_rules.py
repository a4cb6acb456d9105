"""How handling is told on pages: what stands in codes by the compact's words for it, and times as moments."""

from datetime import UTC, datetime
from importlib.resources import files

import msgspec

from amanat.compact.terms import defaults, parse
from amanat.console.rules import Rule, rules
from amanat.record.handling import Handling, describe

TERMS = parse(files("amanat.compact").joinpath("examples", "pk-af.toml").read_bytes())
EXPIRES = datetime(2026, 12, 1, tzinfo=UTC)
FULL = Handling(
    tlp="TLP:AMBER",
    purpose="counter-terrorism",
    codes=("H1",),
    legal_basis="criminal-procedure",
    not_to=("obs",),
    expires=EXPIRES,
)


def test_codes_are_named_by_the_compact_and_the_rest_is_said_as_everywhere() -> None:
    found = rules(FULL, TERMS)
    assert [each.says for each in found if not each.field] == [describe(FULL)[0], describe(FULL)[2]]
    assert found[1] == Rule("purpose", code="counter-terrorism", name=TERMS.purposes["counter-terrorism"])
    assert found[3:] == (
        Rule("legal_basis", code="criminal-procedure", name=TERMS.legal_bases["criminal-procedure"]),
        Rule("not_to", parties=("obs",)),
        Rule("expires", at=EXPIRES),
    )


def test_every_rule_is_told_once() -> None:
    base = defaults(TERMS, "intelligence.report", EXPIRES)
    for handling in (base, FULL, msgspec.structs.replace(FULL, expires=None, legal_basis=None, not_to=())):
        assert len(rules(handling, TERMS)) == len(describe(handling))


def test_what_no_compact_here_names_stands_as_its_code() -> None:
    assert rules(FULL, None)[1] == Rule("purpose", code="counter-terrorism")
