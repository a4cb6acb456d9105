"""Records are taken out as an officer may read them, a batch at a time, as many as is said, and never as formulas."""

import csv
import io
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import islice
from typing import Any

import msgspec
import pytest
from sqlalchemy import Connection

from amanat.exchange import cursor, export, shown
from amanat.exchange.export import Format, Selection
from amanat.exchange.means import begin
from amanat.officer import account, audit
from amanat.officer.may import PROOF_LASTS, Actor
from amanat.party.errors import Invalid, Refused
from amanat.record.handling import Handling
from amanat.store import listing
from amanat.store import text as text_index
from amanat.store.listing import Search
from amanat.store.tables import RECORD
from amanat.store.text import Found
from border import Border, meet
from officer import cast

ALL = Search(own=None)


@pytest.fixture(scope="module")
def border(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Border]:
    """Three parties that have met; pk sent af a dozen reports, one of which names a person."""
    with meet(tmp_path_factory.mktemp("border")) as met:
        met.pk.with_file("af", **met.pk.person("Exercise Nobody"))
        for number in range(11):
            met.pk.send("af", text=f"lorry {number}")
        met.settle()
        yield met


def acting_as(border: Border, *permissions: str) -> Actor:
    """A duty officer of af, or a program of that officer's with these permissions alone."""
    with begin(border.af.means) as turn:
        held = {each.sign_in: each for each in account.officers(turn.tx)}
        actor = cast.acting_as(held.get("x.duty") or cast.add(turn.tx, "x.duty", "duty"))
        actor = replace(actor, proven=turn.now)
    return replace(actor, permissions=frozenset(permissions), channel="api") if permissions else actor


def unprinted(_chosen: Selection) -> bytes:
    raise AssertionError("nobody asked for a document")


def taken(border: Border, actor: Actor, format_: Format = "jsonl", search: Search = ALL, place: str = "") -> bytes:
    return b"".join(export.export(border.af.means, actor, search, format_, unprinted, place).pieces)


def test_each_line_is_a_record_with_where_it_stands_the_newest_first(border: Border) -> None:
    lines = [msgspec.json.decode(line) for line in taken(border, acting_as(border)).splitlines()]
    listed = shown.page(border.af.means, acting_as(border), Search(own=None, limit=200)).items
    assert [line["head"]["id"] for line in lines] == [each.id for each in listed]
    assert all(line["record"]["id"] == line["head"]["id"] for line in lines)
    assert not any("key" in each for line in lines for each in line["record"].get("attachments", ()))


def test_a_program_that_may_not_look_at_persons_is_given_that_they_are_there_and_nothing_of_them(
    border: Border,
) -> None:
    program = acting_as(border, "record.read", "record.export")
    text = taken(border, program)
    hidden = [line for line in map(msgspec.json.decode, text.splitlines()) if line["head"]["names_person"]]
    assert [each["record"] for each in hidden] == [None]
    assert b"Exercise Nobody" not in text + taken(border, program, "csv")
    assert taken(border, program, search=Search(own=None, text="Exercise")) == b""


def test_a_list_that_names_a_person_is_taken_out_by_nobody_who_was_not_asked_lately_who_it_is(border: Border) -> None:
    """A program is not asked, nor is who takes out records that name nobody, or may look at no person's."""
    seen = acting_as(border)
    stale = replace(seen, proven=border.clock() - PROOF_LASTS)
    persons, lorries = ALL, Search(own=None, text="lorry 7")
    with pytest.raises(Refused) as caught:
        taken(border, stale, search=persons)
    assert caught.value.code == "session.proof"
    with begin(border.af.means) as turn:
        (last,) = audit.search(turn.tx, audit.Search(officer=stale.officer, act="record.export", limit=1))
    assert last.outcome == "refused"
    assert taken(border, seen, search=persons)
    assert taken(border, stale, search=lorries)
    assert taken(border, replace(stale, permissions=stale.permissions - {"record.person"}), search=persons)
    assert taken(border, acting_as(border, "record.read", "record.export", "record.person"), search=persons)


def test_who_may_not_export_is_refused_and_that_is_noted(border: Border) -> None:
    reader = acting_as(border, "record.read")
    with pytest.raises(Refused):
        export.export(border.af.means, reader, ALL, "csv", unprinted)
    with begin(border.af.means) as turn:
        rows = audit.search(turn.tx, audit.Search(officer=reader.officer, act="record.export"))
    assert ("list:csv", "refused") in {(row.subject, row.outcome) for row in rows}


def test_so_many_are_taken_out_and_the_rest_goes_on_after_the_last(
    border: Border, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "MOST", 5)
    monkeypatch.setattr(export, "BATCH", 2)
    actor, ids, place = acting_as(border), list[str](), ""
    while True:
        made = export.export(border.af.means, actor, ALL, "jsonl", unprinted, place)
        ids += [msgspec.json.decode(line)["head"]["id"] for line in made.pieces]
        assert ("-newest-5" in made.name) is (made.next is not None)
        if made.next is None:
            break
        place = made.next
    everything = [each.id for each in shown.page(border.af.means, actor, Search(own=None, limit=200)).items]
    assert ids == everything


def test_a_search_that_finds_not_all_is_said_by_the_name_of_its_file_and_is_no_document(
    border: Border, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(text_index, "MOST_FOUND", 5)
    monkeypatch.setattr(export, "MOST_FOUND", 5)
    actor, search = acting_as(border), Search(own=None, text="lorry")
    for format_ in ("jsonl", "csv"):
        made = export.export(border.af.means, actor, search, format_, unprinted)
        assert ("-newest-5." in made.name, made.next) == (True, None)
    assert "newest" not in export.export(border.af.means, actor, replace(search, text="lorry 7"), "csv", unprinted).name
    with pytest.raises(Invalid) as raised:
        export.export(border.af.means, actor, search, "pdf", unprinted)
    assert raised.value.code == "export.found"


def test_what_arrives_while_an_export_is_under_way_pushes_nothing_out_of_it_and_its_words_are_looked_for_once(
    border: Border, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(text_index, "MOST_FOUND", 3)
    monkeypatch.setattr(export, "BATCH", 2)
    asked, find = list[str](), text_index.find

    def noted(tx: Connection, typed: str, *days: Any, persons: bool) -> Found:
        asked.append(typed)
        return find(tx, typed, *days, persons=persons)

    monkeypatch.setattr(text_index, "find", noted)
    sent = {border.pk.send("af", text=f"a bus, number {number}").record.fields.id for number in range(3)}
    border.settle()
    made = export.export(border.af.means, acting_as(border), Search(own=None, text="bus"), "jsonl", unprinted)
    given = [*islice(made.pieces, 1)]
    border.clock.forward(seconds=1)
    for number in range(3):
        border.pk.send("af", text=f"another bus, number {number}")
    border.settle()
    given += made.pieces
    assert (len(given), {msgspec.json.decode(line)["head"]["id"] for line in given}) == (3, sent)
    assert "newest" not in made.name
    assert asked == ["bus"]


@pytest.fixture
def unknown(border: Border) -> Iterator[None]:
    """The database says of the record that names a person that it names none."""
    with begin(border.af.means) as turn:
        (person,) = listing.listing(turn.tx, "af", Search(own=None, text="Exercise"))
        turn.tx.execute(RECORD.update().where(RECORD.c.id == person.id).values(person=False))
    yield
    with begin(border.af.means) as turn:
        turn.tx.execute(RECORD.update().where(RECORD.c.id == person.id).values(person=True))


@pytest.mark.usefixtures("unknown")
def test_what_goes_out_is_judged_anew_whatever_the_database_says_of_it(border: Border) -> None:
    assert b"Exercise Nobody" not in taken(border, acting_as(border, "record.read", "record.export"))
    seen = acting_as(border)
    assert b"Exercise Nobody" in taken(border, seen)
    with begin(border.af.means) as turn:
        (last,) = audit.search(turn.tx, audit.Search(officer=seen.officer, limit=1))
    assert last.act == "record.person"


@pytest.mark.usefixtures("unknown")
def test_a_person_of_whom_nobody_knew_when_it_was_judged_goes_out_by_nobody_who_was_not_asked(border: Border) -> None:
    """As one who comes while records are read."""
    stale = replace(acting_as(border), proven=border.clock() - PROOF_LASTS)
    given = [msgspec.json.decode(line) for line in taken(border, stale).splitlines()]
    assert [(each["record"], each["head"]["title"]) for each in given if each["head"]["names_person"]] == [(None, None)]
    assert b"Exercise Nobody" not in taken(border, stale, "csv")


def test_no_byte_of_a_file_is_read_for_who_was_not_asked_lately_and_its_envelope_is_kept_too(
    border: Border, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = acting_as(border)
    stale = replace(seen, proven=border.clock() - PROOF_LASTS)
    with begin(border.af.means) as turn:
        (row,) = listing.listing(turn.tx, "af", Search(own=None, text="Exercise"))
    assert b"".join(export.envelope(border.af.means, seen, row.party, row.id).pieces)
    assert b"".join(export.file(border.af.means, seen, row.party, row.id, "").pieces)
    monkeypatch.setattr(export, "read_out", lambda _here, _means: unprinted)
    with pytest.raises(Refused, match="asked lately"):
        export.file(border.af.means, stale, row.party, row.id, "")
    with pytest.raises(Refused, match="asked lately"):
        export.envelope(border.af.means, stale, row.party, row.id)
    with begin(border.af.means) as turn:
        last = audit.search(turn.tx, audit.Search(officer=stale.officer, act="record.export", limit=2))
    assert {(each.subject, each.outcome) for each in last} == {(f"{row.party}:{row.id}", "refused")}


@pytest.mark.parametrize(
    ("name", "header"),
    [
        ("af-1.csv", 'attachment; filename="af-1.csv"'),
        ('پل"\r\n.jpg', "attachment; filename*=UTF-8''%D9%BE%D9%84%22%0D%0A.jpg"),
    ],
)
def test_a_file_is_kept_under_its_name_and_no_name_is_more_than_that(name: str, header: str) -> None:
    assert export.attached(name) == header


def test_a_file_that_is_not_whole_is_noted_as_taken_by_nobody(border: Border, monkeypatch: pytest.MonkeyPatch) -> None:
    actor = acting_as(border)

    def torn(*_: Any) -> Iterator[bytes]:
        yield b"a"
        raise Invalid("attachment.content", "a", "b")

    def noted() -> int:
        with begin(border.af.means) as turn:
            return len(audit.search(turn.tx, audit.Search(officer=actor.officer, limit=10_000)))

    with begin(border.af.means) as turn:
        (row,) = listing.listing(turn.tx, "af", Search(own=None, text="Exercise"))
    monkeypatch.setattr(export, "read_out", torn)
    before = noted()
    with pytest.raises(Invalid):
        export.file(border.af.means, actor, row.party, row.id, "")
    assert noted() == before


def test_a_batch_of_records_is_read_at_a_time(border: Border, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "BATCH", 2)
    asked: list[int] = []
    judged = shown.judged

    def counted(*given: Any, **how: Any) -> Any:
        asked.append(given[1].limit)
        return judged(*given, **how)

    monkeypatch.setattr(shown, "judged", counted)
    made = export.export(border.af.means, acting_as(border), ALL, "jsonl", unprinted)
    assert asked == []
    assert len(list(islice(made.pieces, 3))) == 3
    assert asked == [2, 2]


@pytest.mark.parametrize("formula", ["=1+1", "+1", "-1", "@SUM(A1)", " =1", "\uff1d1"])
def test_no_cell_is_a_formula_whatever_its_sender_wrote(border: Border, formula: str) -> None:
    expires = border.pk.means.now() + timedelta(days=30)
    handling = Handling(
        tlp="TLP:AMBER", purpose="counter-terrorism", codes=("H3",), caveats=(formula,), expires=expires
    )
    sent = border.pk.send("af", text="a caveat", handling=handling).record.fields.id
    border.settle()
    text = taken(border, acting_as(border), "csv").decode("utf-8-sig")
    (row,) = [row for row in csv.DictReader(io.StringIO(text)) if row["id"] == sent]
    assert row["caveats"] == f"'{formula}"


def test_a_cursor_that_no_page_gave_is_told_before_anything_is_taken_out(border: Border) -> None:
    with pytest.raises(Invalid, match="cursor"):
        export.export(border.af.means, acting_as(border), ALL, "csv", unprinted, cursor.written("pk", "none"))
