"""What a report is called, what is found in it, and what state it is in: what an officer could recite."""

from datetime import timedelta

import pytest

from amanat.workspaces.intelligence.rules import State, search_text, state, summarise
from amanat.workspaces.intelligence.tests.bundles import GROUP, INCIDENT, NOW, PLACE, STAMP, ref, stix

REPORTED = stix("report", 6, name="What was seen (exercise)", published=STAMP, object_refs=[INCIDENT["id"]])


def test_a_bundle_is_called_after_its_report_else_after_what_happened_else_after_whom_it_is_about() -> None:
    assert summarise([GROUP, INCIDENT, REPORTED]).name == REPORTED["name"]
    assert summarise([GROUP, INCIDENT]).name == INCIDENT["name"]
    assert summarise([GROUP]).name == GROUP["name"]
    assert summarise([PLACE]).name is None


def test_a_bundle_is_published_when_its_report_was() -> None:
    assert summarise([INCIDENT, REPORTED]).published == STAMP
    assert summarise([INCIDENT]).published is None


def test_labels_are_collected_and_objects_counted() -> None:
    summary = summarise([GROUP | {"labels": ["b", "a"]}, INCIDENT | {"labels": ["a"]}, INCIDENT])
    assert summary.labels == ("a", "b")
    assert summary.counts == (("incident", 2), ("intrusion-set", 1))


def test_a_search_looks_through_names_aliases_labels_and_translations() -> None:
    told = stix("language-content", 7, object_ref=GROUP["id"], contents={"de": {"name": "Eine Gruppe"}})
    text = search_text([GROUP | {"aliases": ["Alias"], "labels": ["Label"], "description": "Prose"}, told])
    assert text.split("\n") == ["alias", "an invented group (exercise)", "eine gruppe", "label"]


def test_a_custom_type_may_put_anything_where_names_stand() -> None:
    """It is somebody's own; a number where a list of aliases is expected must not stop a node that applies it."""
    assert (
        search_text([stix("x-acme-thing", name=7, aliases=8), stix("x-acme-thing", aliases={"a": ["Deep"]})]) == "deep"
    )


@pytest.mark.parametrize(
    ("superseded", "days", "expected"),
    [
        (False, None, "current"),
        (False, 1, "current"),
        (True, 1, "superseded"),
        (True, 0, "expired"),
        (False, 0, "expired"),
    ],
)
def test_a_report_is_current_until_another_supersedes_it_and_at_last_expires(
    *, superseded: bool, days: int | None, expected: State
) -> None:
    """Expiry weighs more: an expired report is to be destroyed, whatever else became of it."""
    expires = None if days is None else NOW + timedelta(days=days)
    assert state(superseded=superseded, expires=expires, now=NOW) == expected


def test_an_id_is_no_name() -> None:
    assert ref("incident", 5) not in search_text([INCIDENT])
