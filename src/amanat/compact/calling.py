"""What a compact says of a call: which posts it rings at an hour, on which hotlines a post stands, and for how long.

Law: the hour is an argument; a hotline as parsed is sound (`terms`), and only names that others wrote are refused here.
"""

from datetime import UTC, datetime, timedelta

from amanat.compact.form import Calling, Hotline, Urgency
from amanat.compact.terms import Terms
from amanat.party.errors import Invalid


def rung(terms: Terms, hotline: str, at: datetime) -> Hotline:
    """Return the hotline whose posts a call rings at that time: outside its hours, the one it names for then.

    Hours begin with their first minute and end before their last (UTC); "22:00-04:00" goes over midnight. Raises
    `Invalid` for a hotline that the compact has not.
    """
    if hotline not in terms.hotlines:
        raise Invalid(
            "compact.hotline",
            f"The compact {terms.id} has no hotline {hotline!r}.",
            f"It has: {', '.join(sorted(terms.hotlines)) or 'none'}.",
        )
    named = terms.hotlines[hotline]
    if named.hours is None or named.after_hours is None or _within(named.hours, at):
        return named
    return terms.hotlines[named.after_hours]


def other(hotline: Hotline, party: str) -> str:
    """Return the member at the other end of a hotline. Raises `Invalid` for a party that is at neither."""
    if party not in hotline.posts:
        raise Invalid(
            "compact.side", f"{party} has no post on this hotline.", f"It is of {' and '.join(sorted(hotline.posts))}."
        )
    (there,) = hotline.posts.keys() - {party}
    return there


def of_post(terms: Terms, party: str, post: str) -> tuple[str, ...]:
    """Return the names of the hotlines, sorted, that a post of a party may be rung on: at any rank, at any hour."""
    return tuple(name for name, named in sorted(terms.hotlines.items()) if post in _posts(terms, named, party))


def acknowledge(calling: Calling, urgency: Urgency) -> timedelta:
    """Return within what time of its ringing a call is to be opened, before it climbs a rank."""
    return timedelta(seconds=calling.acknowledge_seconds[urgency])


def _posts(terms: Terms, hotline: Hotline, party: str) -> tuple[str, ...]:
    own = hotline.posts.get(party, ())
    return own if hotline.after_hours is None else own + terms.hotlines[hotline.after_hours].posts.get(party, ())


def _within(hours: str, at: datetime) -> bool:
    begins, _, ends = hours.partition("-")
    minute = at.astimezone(UTC).strftime("%H:%M")
    return begins <= minute < ends if begins < ends else minute >= begins or minute < ends
