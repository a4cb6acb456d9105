"""Kinds: the registry knows each label once, and publishes a JSON Schema that its examples satisfy."""

from dataclasses import replace
from typing import Any

import jsonschema  # type: ignore[import-untyped]  # ships no types
import msgspec
import pytest

from amanat.party.errors import Fault, Invalid
from amanat.record.handling import Grading
from amanat.record.kind import NO_FACTS, Kind, Kinds, schema
from amanat.record.notices import NOTICES
from amanat.record.record import Fields


class Sighting(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a post saw."""

    text: str
    grading: Grading


SIGHTING = Kind(
    "test.sighting", 1, Sighting, "destroy", "What a post saw.", (Sighting("a lorry", Grading("4x4", "A", "1")),)
)


def test_a_kind_is_named_with_its_version() -> None:
    assert SIGHTING.label == "test.sighting/1"


def test_a_body_may_be_one_of_several() -> None:
    assert SIGHTING.bodies == (Sighting,)
    assert replace(SIGHTING, body=Sighting | Grading).bodies == (Sighting, Grading)


def test_a_kind_that_says_nothing_more_has_no_title_no_facts_and_no_view() -> None:
    """A list calls such a record by its kind; the floors have nothing to ask of it."""
    (seen,) = SIGHTING.examples
    assert SIGHTING.title(seen) == ""
    assert SIGHTING.parts(seen) == ()
    assert SIGHTING.facts(seen) is NO_FACTS


def test_kinds_are_found_by_label_and_listed_in_order() -> None:
    kinds = Kinds([SIGHTING, *NOTICES])
    assert kinds.get("test.sighting/1") is SIGHTING
    assert [kind.label for kind in kinds] == [
        "record.destroyed/1",
        "record.kept/1",
        "record.opened/1",
        "record.withdrawal/1",
        "test.sighting/1",
    ]


def test_two_versions_of_a_kind_stand_side_by_side() -> None:
    kinds = Kinds([SIGHTING, Kind("test.sighting", 2, Sighting, "destroy", "", ())])
    assert [kind.version for kind in kinds] == [1, 2]


def test_two_places_cannot_claim_one_kind() -> None:
    with pytest.raises(Fault, match=r"Two places claim the kind test.sighting/1") as caught:
        Kinds([SIGHTING, SIGHTING])
    assert caught.value.code == "kind.twice"


def test_an_unknown_kind_is_refused_with_those_known() -> None:
    with pytest.raises(Invalid, match=r"'test.other/1'.*It knows test.sighting/1") as caught:
        Kinds([SIGHTING]).get("test.other/1")
    assert caught.value.code == "kind.unknown"


def test_a_label_of_any_length_is_told_in_a_sentence() -> None:
    """A record may name any kind, and what refused it is kept and shown."""
    with pytest.raises(Invalid) as caught:
        Kinds([SIGHTING]).get("a" * 60_000 + ".b/1")
    assert len(str(caught.value)) < 300


def test_a_kind_that_says_nothing_of_its_facts_and_views_has_none() -> None:
    assert SIGHTING.facts(SIGHTING.examples[0]) == NO_FACTS


@pytest.mark.parametrize("kind", [SIGHTING, *NOTICES], ids=lambda kind: kind.label)
def test_the_published_schema_is_a_schema_and_fits_the_examples(kind: Kind) -> None:
    published = schema(kind)
    jsonschema.Draft202012Validator.check_schema(published)
    assert published["title"] == kind.label
    assert published["description"]
    for example in kind.examples:
        jsonschema.validate(msgspec.to_builtins(example), published)


@pytest.mark.parametrize(
    "body",
    [
        {"text": "a lorry"},
        {"text": 1, "grading": {"scheme": "4x4", "source": "A", "information": "1"}},
        {"text": "a lorry", "grading": {"scheme": "6x6", "source": "A", "information": "1"}},
        {"text": "a lorry", "grading": {"scheme": "4x4", "source": "A", "information": "1"}, "religion": "x"},
    ],
)
def test_the_published_schema_refuses_what_the_kind_refuses(body: Any) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(body, schema(SIGHTING))
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(body, Sighting)


def test_a_records_own_fields_have_a_schema_too() -> None:
    """Another government's contractor writes the outer fields from it."""
    jsonschema.Draft202012Validator.check_schema(msgspec.json.schema(Fields))


def test_the_newest_version_of_a_kind_is_found_by_its_name_and_each_by_its_label() -> None:
    kinds = Kinds([replace(SIGHTING, version=version) for version in (1, 3, 2)])
    assert kinds.newest(SIGHTING.name).version == 3
    assert kinds.newest(f"{SIGHTING.name}/2").version == 2
    for unknown in ("trade.none", "trade.none/1", f"{SIGHTING.name}/9"):
        with pytest.raises(Invalid) as caught:
            kinds.newest(unknown)
        assert caught.value.code == "kind.unknown"
