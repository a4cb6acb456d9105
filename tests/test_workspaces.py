"""Every workspace keeps what workspaces promise; found, not listed: a seventh is held to it unasked."""

import importlib
from pathlib import Path

import msgspec
import pytest

import amanat
from amanat.party.canonical import decode, encode
from amanat.record.kind import Kind, schema

FOLDERS = sorted(Path(amanat.__file__).parent.glob("workspaces/*/__init__.py"))
KINDS: list[Kind] = [
    kind
    for folder in FOLDERS
    for kind in importlib.import_module(f"amanat.workspaces.{folder.parent.name}").WORKSPACE.kinds
]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.label)
def test_a_kind_shows_what_it_is_by_example(kind: Kind) -> None:
    """Documents, demo and tests use the examples, so each must be a body, and come back as it was given."""
    assert kind.summary
    assert kind.examples
    for example in kind.examples:
        assert decode(encode(example), kind.body, kind.label) == example
        kind.facts(example)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.label)
def test_a_kind_has_a_schema_to_publish(kind: Kind) -> None:
    published = schema(kind)
    assert published["title"] == kind.label
    assert msgspec.json.encode(published)
