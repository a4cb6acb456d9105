"""What is typed is taken as it is written in the field's standards, and all else refused in words."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
import typer

from amanat.cli import arguments


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("2026-11-24", datetime(2026, 11, 24, tzinfo=UTC)),
        ("2026-11-24T06:30:00Z", datetime(2026, 11, 24, 6, 30, tzinfo=UTC)),
        ("2026-11-24T06:30", datetime(2026, 11, 24, 6, 30, tzinfo=UTC)),
        ("2026-11-24T06:30:00.5+05:00", datetime(2026, 11, 24, 1, 30, 0, 500000, tzinfo=UTC)),
    ],
)
def test_a_date_or_time_is_read_as_utc(typed: str, meant: datetime) -> None:
    assert arguments.time(typed) == meant


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "tomorrow",
        "2026-13-01",
        "2026-W01-1",
        "20261124",
        "2026-11-24T0630",
        "٢٠٢٦-11-24",
        "9999-12-31T23:00:00-05:00",
        "0001-01-01T00:00:00+05:00",
    ],
)
def test_what_is_no_date_of_rfc_3339_is_refused(typed: str) -> None:
    with pytest.raises(typer.BadParameter, match="is no date: write 2026-11-24 or 2026-11-24T06:30:00Z"):
        arguments.time(typed)


@pytest.mark.parametrize(
    "read",
    [
        arguments.party_code,
        arguments.log_name,
        arguments.post_name,
        arguments.record_name,
        arguments.line,
        arguments.tlp,
        arguments.handling_code,
        arguments.grading,
        arguments.time,
    ],
)
def test_bytes_that_are_no_utf_8_are_refused_in_words_too(read: Callable[[str], object]) -> None:
    """A terminal set otherwise hands them in, as Python does to every program: as lone surrogates."""
    with pytest.raises(typer.BadParameter):
        read("\udcff:B2")
