"""A day that was typed on a page, in the zone in which officers of the party read times (`lexica.own_zone`)."""

from datetime import UTC, date, datetime, time, timedelta, tzinfo

from amanat.party.errors import Invalid


def between(since: str, until: str, zone: tzinfo) -> tuple[datetime | None, datetime | None]:
    """Return from when on and before when it is of days of a zone, both ends among them. Raises `Invalid`."""
    first, beyond = begins(since, zone), begins(until, zone, 1)
    if first is not None and beyond is not None and first >= beyond:
        raise Invalid("form.days", f"The day {since}, from which on it is, is after {until}.", "Exchange the two days.")
    return first, beyond


def begins(day: str, zone: tzinfo, later: int = 0) -> datetime | None:
    """Return when a day begins in a zone, or the one so many days later, in UTC; None for "". Raises `Invalid`."""
    if not day:
        return None
    try:
        begun = date.fromisoformat(day) + timedelta(days=later)
        return datetime.combine(begun, time(), zone).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise Invalid("form.day", f"There is no day {day}.", "Write it as 2026-11-24.") from error
