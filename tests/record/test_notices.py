"""The core's own kinds: what an originator and a holder say about a record, carrying nothing of its content."""

from datetime import UTC, datetime

import pytest

from amanat.party.canonical import decode, encode
from amanat.party.errors import Invalid
from amanat.record.kind import NO_FACTS, Kind
from amanat.record.notices import NOTICE_HANDLING, NOTICES, Destroyed, Kept, OpenedHere, Withdrawal

UNTIL = datetime(2027, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize("kind", NOTICES, ids=lambda kind: kind.label)
def test_a_notice_stands_and_names_no_person_or_place(kind: Kind) -> None:
    """A notice that could be withdrawn would leave no word of what became of a record."""
    assert kind.on_withdraw == "stands"
    assert kind.facts(None) == NO_FACTS


@pytest.mark.parametrize(
    ("body", "data"),
    [
        (Withdrawal("mistaken"), b'{"reason":"mistaken"}'),
        (Destroyed("expired"), b'{"because":"expired"}'),
        (Kept("court-order", UNTIL), b'{"ground":"court-order","until":"2027-01-01T00:00:00Z"}'),
        (OpenedHere(), b"{}"),
    ],
)
def test_a_notice_has_one_spelling(body: object, data: bytes) -> None:
    assert encode(body) == data
    assert decode(data, type(body), "notice") == body


@pytest.mark.parametrize("reason", ["because", "", "MISTAKEN"])
def test_reasons_are_a_closed_list(reason: str) -> None:
    with pytest.raises(Invalid):
        decode(b'{"reason":"%b"}' % reason.encode(), Withdrawal, "notice")


@pytest.mark.parametrize("ground", ["", "AUDIT", "Gul Khan, 34.12345, 71.54321"])
def test_grounds_are_a_closed_list(ground: str) -> None:
    """A line of free text would be a letter that no clause is asked about."""
    with pytest.raises(Invalid):
        decode(b'{"ground":"%b","until":"2027-01-01T00:00:00Z"}' % ground.encode(), Kept, "notice")


def test_what_is_kept_is_kept_until_a_whole_second() -> None:
    with pytest.raises(Invalid, match="until is not a whole second of UTC"):
        Kept("audit", UNTIL.replace(microsecond=5))


def test_a_notice_is_handled_in_one_way_that_says_nothing() -> None:
    assert encode(NOTICE_HANDLING) == b'{"tlp":"TLP:AMBER","purpose":"safeguards"}'


@pytest.mark.parametrize(
    ("body", "title"),
    [
        (Withdrawal("mistaken"), "mistaken"),
        (Destroyed("expired"), "expired"),
        (Kept("court-order", UNTIL), "until 2027-01-01: court-order"),
        (OpenedHere(), ""),
    ],
)
def test_a_list_calls_a_notice_by_what_it_says(body: object, title: str) -> None:
    assert [kind.title(body) for kind in NOTICES if kind.body is type(body)] == [title]
