"""The core's own kinds: what an originator and a holder say about a record, carrying nothing of its content."""

from datetime import UTC, datetime

import pytest

from amanat.party.canonical import decode, encode
from amanat.party.errors import Invalid
from amanat.record.kind import NO_FACTS, Kind
from amanat.record.notices import NOTICES, Destroyed, Kept, Withdrawal

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
        (Kept("trial pending", UNTIL), b'{"ground":"trial pending","until":"2027-01-01T00:00:00Z"}'),
    ],
)
def test_a_notice_has_one_spelling(body: object, data: bytes) -> None:
    assert encode(body) == data
    assert decode(data, type(body), "notice") == body


@pytest.mark.parametrize("reason", ["because", "", "MISTAKEN"])
def test_reasons_are_a_closed_list(reason: str) -> None:
    with pytest.raises(Invalid):
        decode(b'{"reason":"%b"}' % reason.encode(), Withdrawal, "notice")


def test_a_ground_needs_words_and_an_end_on_the_second() -> None:
    with pytest.raises(Invalid):
        decode(b'{"ground":"","until":"2027-01-01T00:00:00Z"}', Kept, "notice")
    with pytest.raises(Invalid, match="until is not a whole second of UTC"):
        Kept("trial pending", UNTIL.replace(microsecond=5))


@pytest.mark.parametrize(
    ("body", "title"),
    [
        (Withdrawal("mistaken"), "mistaken"),
        (Destroyed("expired"), "expired"),
        (Kept("trial pending", UNTIL), "until 2027-01-01: trial pending"),
    ],
)
def test_a_list_calls_a_notice_by_what_it_says(body: object, title: str) -> None:
    assert [kind.title(body) for kind in NOTICES if kind.body is type(body)] == [title]
