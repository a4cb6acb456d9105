"""The list of reports: rows derived from records, in whatever order those come, and gone with them."""

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, create_engine, select
from sqlalchemy.schema import CreateTable

from amanat.record.record import Record
from amanat.store import sqlite
from amanat.workspaces.intelligence import views
from amanat.workspaces.intelligence.rules import State
from amanat.workspaces.intelligence.tests.bundles import GROUP, NOW, PERSON, bundle, id_of, record, stix


def database() -> Connection:
    engine = create_engine("sqlite://")
    views.TABLES.create_all(engine)
    return engine.connect()


@pytest.fixture
def tx() -> Iterator[Connection]:
    with database() as connection:
        yield connection


def named(number: int, name: str, **changes: Any) -> Record:
    return record(number, bundle(stix("intrusion-set", name=name)), **changes)


def rows(tx: Connection) -> list[Any]:
    """All that the views hold, in an order of its own."""
    return sorted(repr(row) for table in views.TABLES.sorted_tables for row in tx.execute(select(table)))


# --- what a row says ----------------------------------------------------------------------------------------


def test_a_row_says_what_its_record_and_its_bundle_say(tx: Connection) -> None:
    views.apply(tx, record(1, bundle(GROUP | {"labels": ["b", "a"]}, PERSON)))
    assert views.report(tx, "pk", id_of(1)) == views.ReportRow(
        party="pk",
        id=id_of(1),
        at=NOW + timedelta(minutes=1),
        expires=NOW + timedelta(days=30),
        exercise=True,
        tlp="TLP:RED",
        names_person=True,
        name="An invented group (exercise)",
        published=None,
        labels=("a", "b"),
        counts=(("identity", 1), ("intrusion-set", 1)),
        superseded_by=None,
    )


def test_there_is_no_row_of_what_never_came(tx: Connection) -> None:
    assert views.report(tx, "pk", id_of(1)) is None
    assert views.reports(tx) == ()


@pytest.mark.parametrize(
    ("later", "days", "expected"), [(False, 0, "current"), (True, 0, "superseded"), (True, 30, "expired")]
)
def test_a_row_knows_its_state(tx: Connection, *, later: bool, days: int, expected: State) -> None:
    views.apply(tx, named(1, "first"))
    if later:
        views.apply(tx, named(2, "second", supersedes=1))
    row = views.report(tx, "pk", id_of(1))
    assert row is not None
    assert row.state(NOW + timedelta(days=days)) == expected


def test_the_last_of_several_reports_that_supersede_one_is_shown(tx: Connection) -> None:
    for number in (1, 3, 2):
        views.apply(tx, named(number, "x", supersedes=1 if number > 1 else None))
    row = views.report(tx, "pk", id_of(1))
    assert row is not None
    assert row.superseded_by == id_of(3)


def test_the_other_sides_report_of_the_same_id_is_another(tx: Connection) -> None:
    """Ids are each party's own; so one party can supersede nothing of the other's."""
    views.apply(tx, named(1, "ours"))
    views.apply(tx, named(1, "theirs", party="af"))
    views.apply(tx, named(2, "theirs, later", party="af", supersedes=1))
    superseded = {(row.party, row.name): row.superseded_by for row in views.reports(tx)}
    assert superseded == {("pk", "ours"): None, ("af", "theirs"): id_of(2), ("af", "theirs, later"): None}


# --- rebuilding ---------------------------------------------------------------------------------------------

RECORDS = {number: named(number, f"report {number}", supersedes=number - 1 or None) for number in range(1, 6)}


@given(st.permutations([*RECORDS, *RECORDS]), st.sets(st.sampled_from(sorted(RECORDS))), st.permutations([*RECORDS]))
def test_rows_are_the_same_in_whatever_order_records_came_and_went(
    events: list[int], destroyed: set[int], again: list[int]
) -> None:
    """Each comes, and some are destroyed at some later time. A node that destroyed some holds what one would that never
    had them, so that a rebuild also proves deletion.
    """
    with database() as lived, database() as rebuilt:
        for place, number in enumerate(events):
            if number not in events[:place]:
                views.apply(lived, RECORDS[number])
            elif number in destroyed:
                views.forget(lived, "pk", id_of(number))
        for number in again:
            if number not in destroyed:
                views.apply(rebuilt, RECORDS[number])
        assert rows(lived) == rows(rebuilt)
        assert views.reports(lived) == views.reports(rebuilt)


def test_a_destroyed_report_leaves_no_row_and_no_byte(tmp_path: Path) -> None:
    """Looked for in the database's files as a thief of the disk would."""
    engine = sqlite.create(str(tmp_path / "node.sqlite"))
    views.TABLES.create_all(engine)
    with engine.begin() as tx:
        views.apply(tx, named(1, "an-unmistakable-name", supersedes=9))
        views.apply(tx, named(2, "another"))
    assert b"an-unmistakable-name" in files(tmp_path)
    with engine.begin() as tx:
        views.forget(tx, "pk", id_of(1))
        assert [row.name for row in views.reports(tx)] == ["another"]
        assert not any(id_of(1) in row for row in rows(tx))
    sqlite.scrub(engine)
    engine.dispose()
    assert b"an-unmistakable-name" not in files(tmp_path)
    assert id_of(1).encode() not in files(tmp_path)
    assert id_of(2).encode() in files(tmp_path)


def files(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.iterdir())


def test_tables_do_not_change_without_a_new_version() -> None:
    """A node drops and rebuilds its views when the version changes, and at no other time."""
    made = "".join(str(CreateTable(table)) for table in views.TABLES.sorted_tables)
    digest = hashlib.sha256(made.encode()).hexdigest()[:16]
    assert (views.VIEWS_VERSION, digest) == (2, "aef9c666a5520681")


# --- searching and paging -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("", [4, 3, 2, 1]),
        ("mortar", [2, 1]),
        ("MORTAR line", [1]),
        ("line mortar", [1]),
        ("mort", [2, 1]),
        ("mortar lorry", []),
        ("100%", [3]),
        ("%", [3]),
        ("_", []),
        ("\\", []),
        ("' OR 1=1 --", []),
        ("\u0643\u0627\u0628\u0644", [4]),
    ],
)
def test_a_search_finds_what_holds_every_word(tx: Connection, words: str, found: list[int]) -> None:
    for number, name in enumerate(
        ["Mortar near the line", "Mortar at the gate", "A lorry, 100% full", "\u06a9\u0627\u0628\u0644"], 1
    ):
        views.apply(tx, named(number, name))
    assert [row.id for row in views.reports(tx, words)] == [id_of(number) for number in found]


def test_pages_hold_every_report_once_in_order_while_new_ones_arrive(tx: Connection) -> None:
    """Three thousand reports, three a minute; between any two pages a newer one comes, and is on no page behind."""
    template = named(1, "one of many")
    for number in sorted(range(1, 3_001), key=lambda number: number * 7 % 3_001):
        views.apply(tx, renumbered(template, number, minutes=number // 3))
    seen, before, late = [], None, 3_000
    while page := views.reports(tx, "many", before=before, limit=64):
        seen += [row.id for row in page]
        before, late = page[-1].cursor, late + 1
        views.apply(tx, renumbered(template, late, minutes=5_000 + late))
    assert seen == [id_of(number) for number in range(3_000, 0, -1)]
    assert late == 3_000 + 47


def renumbered(template: Record, number: int, minutes: int) -> Record:
    """The same report under another id and time, without the work of composing it anew."""
    fields = msgspec.structs.replace(template.fields, id=id_of(number), at=NOW + timedelta(minutes=minutes))
    return replace(template, fields=fields)
