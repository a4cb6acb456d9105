"""Every workspace keeps what workspaces promise; found, not listed: a seventh is held to it unasked."""

import importlib
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import msgspec
import pytest
from sqlalchemy import Column, Connection, MetaData, String, Table, create_engine, select

import amanat
from amanat.cli.kind import newest
from amanat.console.words import WORDS
from amanat.node import all_kinds
from amanat.officer.may import PERMISSIONS
from amanat.party.canonical import decode, encode
from amanat.party.errors import Fault, Invalid
from amanat.record.handling import CustodyRisk, Grading, Handling
from amanat.record.kind import Facts, Kind, schema
from amanat.record.record import Draft, Post, Record, compose, read, uuid7
from amanat.workspace import Deed, Nothing, Page, Sent, Views, Workspace
from amanat.workspaces import claimed, find

FOLDERS = sorted(path.parent for path in Path(amanat.__file__).parent.glob("workspaces/*/__init__.py"))
FOUND: list[Workspace] = [importlib.import_module(f"amanat.workspaces.{path.name}").WORKSPACE for path in FOLDERS]
KINDS: list[Kind] = [kind for workspace in FOUND for kind in workspace.kinds]
NOW = datetime(2026, 11, 24, 6, 30, tzinfo=UTC)
STRICTEST = Handling(
    tlp="TLP:RED",
    purpose="exercise",
    legal_basis="exercise",
    grading=Grading("4x4", "B", "2"),
    expires=NOW + timedelta(days=30),
    custody_risk=CustodyRisk("low", "none", not_obtained_by_torture=True, basis="an exercise"),
)

each_workspace = pytest.mark.parametrize("workspace", FOUND, ids=lambda workspace: workspace.name)
each_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.label)


def records(kinds: list[Kind]) -> list[Record]:
    """A record of every example, twice, by each of two parties in turn: what a workspace's views are tried with."""
    bodies = [(kind, example) for kind in kinds for example in kind.examples] * 2
    return [made(kind, example, number) for number, (kind, example) in enumerate(bodies, 1)]


def made(kind: Kind, body: Any, number: int) -> Record:
    author, other = ("pk", "af") if number % 2 else ("af", "pk")
    draft = Draft(kind.label, body, (other,), STRICTEST, "0" * 64, exercise=True)
    id_ = uuid7(1_764_000_000_000 + number, bytes(10))
    return compose(draft, Post(author, "duty"), all_kinds(), id_, NOW + timedelta(minutes=number))


# --- folders ------------------------------------------------------------------------------------------------


def test_a_workspace_is_found_because_its_folder_is_there() -> None:
    assert [workspace.name for workspace in find()] == [folder.name for folder in FOLDERS]
    assert FOLDERS


@each_workspace
def test_a_readme_tells_officers_what_they_do_here_with_every_kind(workspace: Workspace) -> None:
    text = (Path(amanat.__file__).parent / "workspaces" / workspace.name / "README.md").read_text("utf-8")
    assert text.startswith("# ")
    assert [kind.label for kind in workspace.kinds if f"`{kind.label}`" not in text] == []
    headings = re.findall(r"^## (.+)$", text, re.MULTILINE)
    assert headings[:4] == ["Kinds", "States", "Who may what", "Standards"]


def claims(name: str = "posts", kind: str = "posts.opening", table: str = "posts_opening") -> Workspace:
    """What a workspace of the folder posts would say of itself."""
    tables = MetaData()
    Table(table, tables, Column("id", String, primary_key=True))
    body = Kind(kind, 1, Facts, "stands", "An opening.", ())
    return Workspace(name, "files", (body,), Views(tables, 1))


def test_a_workspace_bears_its_folders_name_in_all_it_claims() -> None:
    assert claimed("posts", claims()).name == "posts"


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(claims(name="trade"), id="another's name"),
        pytest.param(claims(kind="trade.permit"), id="another's kind"),
        pytest.param(claims(kind="postscript.opening"), id="a kind that only begins alike"),
        pytest.param(claims(table="trade_permit"), id="another's table"),
        pytest.param(claims(table="postscript"), id="a table that only begins alike"),
        pytest.param(claims(table="record"), id="the core's table"),
    ],
)
def test_two_workspaces_cannot_claim_one_name(other: Workspace) -> None:
    """Whatever bears another folder's name is refused at start, so that there is nothing two could both claim."""
    with pytest.raises(Fault) as refusal:
        claimed("posts", other)
    assert refusal.value.code == "workspace.name"


def test_a_workspace_cannot_have_a_kind_twice() -> None:
    once = claims()
    with pytest.raises(Fault) as refusal:
        claimed("posts", replace(once, kinds=once.kinds * 2))
    assert refusal.value.code == "workspace.twice"


@pytest.mark.parametrize("names", [("plan", "plan"), ("records",)], ids=["two of its own", "the list of its records"])
def test_a_workspace_cannot_have_a_page_twice(names: tuple[str, ...]) -> None:
    pages = tuple(Page(name, "record.read", lambda _turn, _actor, _query: {}) for name in names)
    with pytest.raises(Fault) as refusal:
        claimed("posts", replace(claims(), pages=pages))
    assert refusal.value.code == "workspace.twice"


def deed(name: str, page: str = "plan") -> Deed:
    """A deed that does nothing."""
    return Deed(name, page, "record.send", Nothing, lambda _turn, _actor, _typed: Sent())


@pytest.mark.parametrize(
    ("deeds", "code"),
    [
        pytest.param((deed("say"), deed("say")), "workspace.twice", id="twice"),
        pytest.param((deed("plan"),), "workspace.twice", id="where a page is"),
        pytest.param((deed("say", "records"),), "workspace.page", id="on a page of the core"),
    ],
)
def test_a_deed_has_an_address_of_its_own_and_a_page(deeds: tuple[Deed, ...], code: str) -> None:
    plan = Page("plan", "record.read", lambda _turn, _actor, _query: {})
    assert claimed("posts", replace(claims(), pages=(plan,), deeds=(deed("say"),))).deeds
    with pytest.raises(Fault) as refusal:
        claimed("posts", replace(claims(), pages=(plan,), deeds=deeds))
    assert refusal.value.code == code


# --- kinds --------------------------------------------------------------------------------------------------


@each_kind
def test_a_kind_shows_what_it_is_by_example(kind: Kind) -> None:
    """Documents, demo and tests use the examples, so each must be a body, and come back as it was given."""
    assert kind.summary
    assert kind.examples
    for example in kind.examples:
        assert encode(decode(encode(example), kind.body, kind.label)) == encode(example)
        kind.facts(example)


@each_kind
def test_an_example_travels_in_a_record_and_arrives_as_it_was(kind: Kind) -> None:
    for number, example in enumerate(kind.examples, 1):
        sent = made(kind, example, number)
        arrived = read(sent.data, all_kinds())
        assert arrived == sent
        assert encode(arrived.body) == encode(example)
        assert arrived.facts == kind.facts(example)


@each_kind
def test_a_kind_has_a_schema_to_publish_that_its_examples_fit(kind: Kind) -> None:
    """What `amanat kind schema` prints is JSON Schema 2020-12 for whoever reads us without our code."""
    published = json.loads(msgspec.json.encode(schema(newest(kind.label))))
    jsonschema.Draft202012Validator.check_schema(published)
    assert published["$schema"] == jsonschema.Draft202012Validator.META_SCHEMA["$id"]
    assert (published["title"], published["description"]) == (kind.label, kind.summary)
    fits = jsonschema.Draft202012Validator(published)
    assert [fault.message for example in kind.examples for fault in fits.iter_errors(json.loads(encode(example)))] == []
    assert not fits.is_valid({"no such field": 1})


@each_kind
def test_a_body_with_a_field_too_many_is_refused(kind: Kind) -> None:
    """Two parties must not be able to read different things in one body."""
    with pytest.raises(Invalid):
        decode(b'{"no such field":1}', kind.body, kind.label)


# --- views --------------------------------------------------------------------------------------------------


@pytest.fixture
def tx() -> Iterator[Connection]:
    engine = create_engine("sqlite://")
    for workspace in FOUND:
        workspace.views.tables.create_all(engine)
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def rows(tx: Connection, workspace: Workspace) -> list[str]:
    """All that a workspace's views hold, in an order of its own."""
    tables = workspace.views.tables.sorted_tables
    return sorted(f"{table.name}: {row!r}" for table in tables for row in tx.execute(select(table)))


def fill(tx: Connection, made_of: list[Record]) -> None:
    for record in made_of:
        record.kind.apply(tx, record)


def empty(tx: Connection, made_of: list[Record]) -> None:
    for record in made_of:
        record.kind.forget(tx, *record.key)


@each_workspace
def test_views_rebuild_to_the_same_rows_in_whatever_order_records_come(workspace: Workspace, tx: Connection) -> None:
    everything = records(list(workspace.kinds))
    fill(tx, everything)
    first = rows(tx, workspace)
    empty(tx, everything)
    fill(tx, everything[::-1])
    assert rows(tx, workspace) == first
    assert not workspace.views.tables.tables or first


@each_workspace
def test_what_is_destroyed_leaves_no_row_and_no_other_row_changes(workspace: Workspace, tx: Connection) -> None:
    """Floor 11: also when the kinds of a workspace tell of one another, the rest stands as if it had never come."""
    everything = records(list(workspace.kinds))
    kept, destroyed = everything[::2], everything[1::2]
    fill(tx, kept)
    expected = rows(tx, workspace)
    fill(tx, destroyed)
    empty(tx, destroyed)
    assert rows(tx, workspace) == expected
    empty(tx, kept)
    assert rows(tx, workspace) == []


# --- pages and words ------------------------------------------------------------------------------------------------


@each_workspace
def test_a_workspace_and_all_that_it_shows_has_a_name(workspace: Workspace) -> None:
    """Itself, each of its pages, its kinds and their fields; each code's list is the console's to show."""
    place, kind, field = (workspace.words.get(of, {}) for of in ("place", "kind", "field"))
    groups = {page.group for page in workspace.pages} - {""}
    assert {workspace.name, *groups, *(f"{workspace.name}.{page.name}" for page in workspace.pages)} == set(place)
    assert {each.name for each in workspace.kinds} == set(kind)
    fields = {each.name for kind in workspace.kinds for of in kind.bodies for each in msgspec.structs.fields(of)}
    assert fields == {*field, *(fields & WORDS["field"].keys())}
    matters = (set(workspace.words.get(of, {})) for of in ("matter", "follows"))
    assert len({frozenset(each) for each in matters}) == 1


def test_no_two_call_one_code_differently() -> None:
    said: dict[tuple[str, str], set[str]] = {}
    for words in (WORDS, *(each.words for each in FOUND)):
        for of, listed in words.items():
            for code, english in listed.items():
                said.setdefault((of, code), set()).add(english)
    assert {code: ways for code, ways in said.items() if len(ways) > 1} == {}


@each_workspace
def test_a_page_has_a_template_in_its_workspaces_folder_and_a_permission_that_there_is(workspace: Workspace) -> None:
    folder = Path(amanat.__file__).parent / "workspaces" / workspace.name / "templates"
    templates = {path.relative_to(folder).as_posix() for path in folder.rglob("*.html")}
    assert {f"{workspace.name}/{page.name}.html" for page in workspace.pages} <= templates
    assert [each for each in templates if not each.startswith(f"{workspace.name}/")] == []
    assert {page.permission for page in workspace.pages} <= PERMISSIONS.keys()


# --- importers ----------------------------------------------------------------------------------------------


@each_workspace
def test_an_importer_names_the_files_it_takes_and_refuses_what_is_none(workspace: Workspace) -> None:
    for importer in workspace.importers:
        assert importer.name
        assert importer.suffixes
        assert all(re.fullmatch(r"\.[a-z0-9]+", suffix) for suffix in importer.suffixes)
        for nothing in (b"", b"\xff\xfe", b"{}", b"\x00" * 1024):
            with pytest.raises(Invalid):
                importer.read(nothing)
