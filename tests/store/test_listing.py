"""Pages of records, newest first: every record once, however many share a moment, whatever arrives between two pages."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Connection, event, insert

from amanat.store import listing, records
from amanat.store import text as text_index
from amanat.store.listing import Due, Listed, Search
from amanat.store.tables import DELIVERY, RECORD

MANY = 3000
MOMENT = datetime(2026, 11, 24, 6, 1, 40, tzinfo=UTC)  # of number 700


def row(number: int, **changes: Any) -> dict[str, Any]:
    """A report of af, one of seven in the same second; every tenth is of obs."""
    party = "obs" if number % 10 == 0 else "af"
    return {
        "party": party,
        "id": f"{number * 7919 % 100_003:06}",
        "envelope": f"digest {number}",
        "compact": "pk-af",
        "kind": "intelligence.report/1" if number % 3 else "record.withdrawal/1",
        "at": f"2026-11-24T06:{number // 7 // 60:02}:{number // 7 % 60:02}+00:00",
        "exercise": number % 5 == 0,
        "person": number % 4 == 0,
        "log_index": number,
        "state": "current",
        "data": f'{{"text":"lorry {number}"}}'.encode(),
        **changes,
    }


@pytest.fixture
def tx(tx: Connection) -> Connection:
    """A transaction in a database of a few thousand records of others and three of our own."""
    tx.execute(insert(RECORD), [row(number) for number in range(MANY)])
    tx.execute(insert(RECORD), [row(number, party="pk", envelope=f"own {number}") for number in range(3)])
    return tx


def pages(tx: Connection, **search: Any) -> Iterator[list[Listed]]:
    """All pages of a search, one after the other."""
    after = None
    while page := listing.listing(tx, "pk", Search(**{"own": False, **search}, after=after)):
        yield page
        after = (page[-1].party, page[-1].id)


def test_pages_together_are_every_record_once_newest_first(tx: Connection) -> None:
    listed = [each for page in pages(tx) for each in page]
    keys = [(each.at, each.party, each.id) for each in listed]
    assert len(keys) == len(set(keys)) == MANY
    assert keys == sorted(keys, reverse=True)


@pytest.mark.parametrize("limit", [1, 7, 50, 999])
def test_the_size_of_a_page_changes_nothing_in_the_order(tx: Connection, limit: int) -> None:
    found = [each.envelope for page in pages(tx, limit=limit, party="obs") for each in page]
    assert found == [each.envelope for page in pages(tx, party="obs") for each in page]
    assert len(found) == MANY // 10


def test_what_arrives_between_two_pages_moves_nothing(tx: Connection) -> None:
    turned = pages(tx, limit=100)
    first = next(turned)
    tx.execute(insert(RECORD), [row(number, at="2026-12-01T00:00:00+00:00") for number in range(MANY, MANY + 20)])
    rest = [each.envelope for page in turned for each in page]
    assert len({*rest, *(each.envelope for each in first)}) == MANY


def test_ours_and_others_are_two_lists(tx: Connection) -> None:
    assert [each.party for page in pages(tx, own=True) for each in page] == ["pk"] * 3
    assert {each.party for page in pages(tx) for each in page} == {"af", "obs"}


def cut(tx: Connection, **search: Any) -> bool:
    """Whether a search finds not all that has its words."""
    found = listing.searched(tx, Search(own=None, **search)).found
    return found is not None and found.cut


def say(tx: Connection, number: int, words: str) -> None:
    """Let a record say something."""
    text_index.index(tx, [((row(number)["party"], row(number)["id"]), words)])


@pytest.mark.parametrize(
    "text", ["lorries torkham", "TORKHAM", "torkh", '"seven', "قندهار", "café", "cafe", "x-ray 7", "lorr\0tork", "\0x"]
)
def test_a_record_is_found_by_the_beginnings_of_its_words(tx: Connection, text: str) -> None:
    say(tx, 1234, "Seven lorries at Torkham, from قندهار; a café\nx-ray 7")
    (found,) = [each for page in pages(tx, text=text) for each in page]
    assert found.envelope == "digest 1234"


@pytest.mark.parametrize(
    "text",
    [
        "%",
        "_orry",
        "orry",
        "lorry 1'; DROP TABLE record; --",
        "lorry OR bus",
        "NOT bus",
        '""',
        "words:bus",
        "a\0lorry\0b",
        "\0",
    ],
)
def test_what_is_searched_is_words_and_no_language(tx: Connection, text: str) -> None:
    say(tx, 1234, "a lorry")
    say(tx, 1235, "a bus")
    assert list(pages(tx, text=text)) == []


def find_few(monkeypatch: pytest.MonkeyPatch, most: int) -> None:
    """Let a search find so many, and look at no more than are of one second around a day."""
    monkeypatch.setattr(text_index, "MOST_FOUND", most)
    monkeypatch.setattr(text_index, "_NEAR", 7)


def test_of_words_that_very_many_have_the_last_that_came_are_found(
    tx: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Up to a day too; and where as many have the words whole, not those that only begin so."""
    find_few(monkeypatch, 10)
    for number in range(690, 712):
        say(tx, number, "lorries" if number % 2 else "lorry")
    found = {int(each.envelope.split()[1]) for page in pages(tx, text="lorr") for each in page}
    assert found == set(range(702, 712))
    whole = {int(each.envelope.split()[1]) for page in pages(tx, text="lorry") for each in page}
    assert whole == set(range(692, 712, 2))
    earlier = {int(each.envelope.split()[1]) for page in pages(tx, text="lorr", until=MOMENT) for each in page}
    assert earlier == set(range(690, 700))


@pytest.mark.parametrize(
    ("days", "says"),
    [({}, True), ({"since": MOMENT}, True), ({"until": MOMENT}, False), ({"since": MOMENT, "kind": "a.b"}, True)],
    ids=str,
)
def test_a_search_says_whether_more_have_the_words_than_it_finds(
    tx: Connection, monkeypatch: pytest.MonkeyPatch, days: dict[str, Any], *, says: bool
) -> None:
    find_few(monkeypatch, 10)
    for number in range(690, 712):
        say(tx, number, "lorry")
    assert cut(tx, text="lorr", **days) is says
    assert not cut(tx, text="bus", **days)
    assert not cut(tx, **days)


def test_a_day_from_which_on_less_came_than_a_search_finds_leaves_nothing_out(
    tx: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    find_few(monkeypatch, 12)
    for number in range(690, 712):
        say(tx, number, "lorry")
    assert not cut(tx, text="lorry", since=MOMENT)
    assert len([each for page in pages(tx, text="lorry", since=MOMENT) for each in page]) == 12


def test_what_was_destroyed_next_to_a_day_hides_nothing_that_is_held(
    tx: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    find_few(monkeypatch, 10)
    for number in range(660, 740):
        say(tx, number, "lorry")
    for number in range(690, 710):
        records.destroy(tx, row(number)["party"], row(number)["id"], f"digest {number}")
    asked: list[tuple[dict[str, Any], range]] = [
        ({"until": MOMENT}, range(680, 690)),
        ({"since": MOMENT}, range(730, 740)),
    ]
    for days, held in asked:
        found = {int(each.envelope.split()[1]) for page in pages(tx, text="lorry", **days) for each in page}
        assert found == set(held)
        assert cut(tx, text="lorry", **days)


def test_how_many_hidden_records_have_a_word_is_told_by_no_shortfall(
    tx: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every fourth names a person; who may not look at these finds as many others as anybody finds."""
    monkeypatch.setattr(text_index, "MOST_FOUND", 10)
    for number in range(1201, 1231):
        say(tx, number, "lorry")
    found = {int(each.envelope.split()[1]) for page in pages(tx, text="lorry", persons=False) for each in page}
    assert found == {each for each in range(1218, 1231) if each % 4}


@pytest.mark.parametrize(
    ("search", "by"),
    [
        ({}, "record_place"),
        ({"party": "obs"}, "record_party"),
        ({"kind": "record.withdrawal", "state": "current"}, "record_kind"),
        ({"state": "superseded", "party": "obs"}, "record_state"),
        ({"exercise": True, "own": False}, "record_exercise"),
        ({"unread": True, "kind": "intelligence.report"}, "record_unread_place"),
    ],
    ids=lambda each: str(each) if isinstance(each, dict) else each,
)
@pytest.mark.parametrize("deep", [False, True])
def test_a_page_is_read_in_order_by_an_index_and_nothing_is_sorted(
    tx: Connection, search: dict[str, Any], by: str, *, deep: bool
) -> None:
    asked = list[tuple[str, Any]]()
    event.listen(tx.engine, "before_cursor_execute", lambda *given: asked.append((given[2], given[3])))
    after = ("af", row(1234)["id"]) if deep else None
    listing.listing(tx, "pk", Search(**{"own": None, **search}, after=after))
    plan = [each[3] for each in tx.exec_driver_sql(f"EXPLAIN QUERY PLAN {asked[-1][0]}", asked[-1][1])]
    assert len(plan) == 1
    assert f"INDEX {by}" in plan[0]


def test_a_word_that_very_many_have_whole_is_not_looked_for_by_its_beginning(
    tx: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To go through all words that begin so takes as long as there are records with them."""
    monkeypatch.setattr(text_index, "MOST_FOUND", 10)
    for number in range(700, 720):
        say(tx, number, "lorry")
    asked = list[str]()
    event.listen(tx.engine, "before_cursor_execute", lambda *given: asked.append(str(given[3])))
    assert len(listing.listing(tx, "pk", Search(None, text="lorry"))) == 10
    assert [each for each in asked if "lorry" in each]
    assert not [each for each in asked if '"lorry"*' in each]


def test_what_waits_at_each_recipient_is_counted_and_the_first_in_line_is_told(tx: Connection) -> None:
    states = {"af": ("final", "pending", "pending", "provisional"), "in": ("final",), "obs": ("refused",)}
    sent = [(recipient, state) for recipient, each in states.items() for state in each]
    rows = [row(number, party="pk", envelope=f"sent {number}") for number in range(7000, 7000 + len(sent) * 70, 70)]
    tx.execute(insert(RECORD), rows)
    tx.execute(
        insert(DELIVERY),
        [
            {"envelope": each["envelope"], "recipient": to, "sequence": number, "state": state, "answer": None}
            for number, (each, (to, state)) in enumerate(zip(rows, sent, strict=True), 1)
        ],
    )
    assert listing.due(tx) == [Due("af", 2, 1, 0, rows[1]["at"]), Due("obs", 0, 0, 1, None)]


def test_what_waits_is_counted_without_reading_what_is_settled(tx: Connection) -> None:
    tx.execute(
        insert(DELIVERY),
        {"envelope": "digest 1", "recipient": "af", "sequence": 1, "state": "pending", "answer": None},
    )
    asked = list[tuple[str, Any]]()
    event.listen(tx.engine, "before_cursor_execute", lambda *given: asked.append((given[2], given[3])))
    listing.due(tx)
    plan = [str(tx.exec_driver_sql(f"EXPLAIN QUERY PLAN {said}", values).all()) for said, values in list(asked)]
    assert not [each for each in plan if "SCAN" in each]
    assert (
        len([each for each in plan if "delivery_open (recipient=? AND state=?)" in each]) == 2
    )  # counts, and the first


def test_a_destroyed_record_is_listed_and_found_by_no_word(tx: Connection) -> None:
    say(tx, 1234, "a lorry")
    records.destroy(tx, "af", row(1234)["id"], "digest 1234")
    assert list(pages(tx, text="lorry")) == []
    assert tx.exec_driver_sql("SELECT count(*) FROM text_index WHERE words MATCH 'lorry'").scalar_one() == 0
    states = [each.state for page in pages(tx) for each in page if each.envelope == "digest 1234"]
    assert states == ["destroyed"]


@pytest.mark.parametrize(
    ("search", "holds"),
    [
        ({"exercise": True}, lambda number: number % 5 == 0),
        ({"exercise": False}, lambda number: number % 5 != 0),
        ({"persons": False}, lambda number: number % 4 != 0),
        ({"since": MOMENT}, lambda number: number >= 700),
        ({"until": MOMENT}, lambda number: number < 700),
        ({"compact": "pk-af"}, lambda _: True),
        ({"compact": "other"}, lambda _: False),
        ({"state": "current"}, lambda _: True),
        ({"state": "withdrawn"}, lambda _: False),
    ],
    ids=lambda each: str(each) if isinstance(each, dict) else "asked",
)
def test_what_is_asked_of_a_record_holds_of_all_that_are_found(
    tx: Connection, search: dict[str, Any], holds: Callable[[int], bool]
) -> None:
    found = {each.envelope for page in pages(tx, limit=1000, **search) for each in page}
    assert found == {f"digest {number}" for number in range(MANY) if holds(number)}


def test_to_whom_only_numbers_were_lost_nothing_is_due(tx: Connection) -> None:
    def went(number: int, recipient: str, state: str) -> dict[str, Any]:
        return {"envelope": f"own {number}", "recipient": recipient, "sequence": number + 1, "state": state}

    tx.execute(insert(DELIVERY), [went(0, "af", "lost"), went(0, "obs", "lost"), went(1, "obs", "pending")])
    assert listing.due(tx) == [listing.Due("obs", 1, 0, 0, row(1)["at"])]
    assert [each.state for each in listing.deliveries(tx, "own 0")] == ["lost", "lost"]


def test_both_lists_are_one(tx: Connection) -> None:
    assert len([each for page in pages(tx, own=None, limit=1000) for each in page]) == MANY + 3


def test_a_kind_is_named_without_its_version(tx: Connection) -> None:
    kinds = {each.kind for page in pages(tx, kind="record.withdrawal") for each in page}
    assert kinds == {"record.withdrawal/1"}
    assert list(pages(tx, kind="record")) == list(pages(tx, kind="intelligence%")) == []


def test_one_record_is_found_by_its_name(tx: Connection) -> None:
    found = listing.one(tx, "af", row(1234)["id"])
    assert found is not None
    assert found.data == b'{"text":"lorry 1234"}'
    assert listing.one(tx, "obs", row(1234)["id"]) is None
