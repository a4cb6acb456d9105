"""What fits the form of [calling] and of [hotlines.NAME], and cannot stand.

Law: each is judged beside the others of its text; which clause numbers are taken is handed in.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import get_args

from amanat.compact.form import Calling, Hotline, Source, Urgency
from amanat.party.errors import Invalid


def wrong_calling(
    source: Source, calling: Calling | None, hotlines: Mapping[str, Hotline], numbers: Sequence[str]
) -> Iterator[Invalid]:
    """Name what cannot stand in how hotlines are kept; `numbers` are those of all clauses outside the policies."""
    if calling is None:
        for name in hotlines:
            yield source.wrong(
                ("hotlines", name), "there is no [calling]", "Say there how hotlines are kept, or take them out."
            )
        return
    if not hotlines:
        yield source.wrong(("calling",), "there is no hotline", "Name one as [hotlines.NAME], or take this table out.")
    if numbers.count(calling.clause) > 1:
        yield source.wrong(("calling", "clause"), f"clause {calling.clause} stands twice", "Number each clause once.")
    seconds = [calling.acknowledge_seconds[urgency] for urgency in get_args(Urgency)]
    if seconds != sorted(seconds):
        yield source.wrong(
            ("calling", "acknowledge_seconds"),
            "a more urgent call may wait longer than one less urgent",
            f"Let the seconds not fall from one to the next: {', '.join(get_args(Urgency))}.",
        )
    if list(calling.tests) != sorted(set(calling.tests)):
        yield source.wrong(("calling", "tests"), "they are out of order", "Name each time once, the earliest first.")


def wrong(
    source: Source, name: str, hotlines: Mapping[str, Hotline], members: Collection[str], ranks: Collection[str]
) -> Iterator[Invalid]:
    """Name what cannot stand in a hotline, beside the others."""
    yield from _wrong_posts(source, name, hotlines[name], members, ranks)
    yield from _wrong_hours(source, name, hotlines)


def _wrong_posts(
    source: Source, name: str, hotline: Hotline, members: Collection[str], ranks: Collection[str]
) -> Iterator[Invalid]:
    path = ("hotlines", name, "posts")
    for party, posts in hotline.posts.items():
        if party not in members:
            yield source.wrong(path, f"{party[:80]!r} is no member", f"Name two of: {', '.join(sorted(members))}.")
        if len(set(posts)) < len(posts):
            yield source.wrong(path, f"a post of {party[:80]!r} stands twice", "Name each post at one rank.")
        if len(posts) > len(ranks):
            yield source.wrong(
                path,
                f"{party[:80]!r} has {len(posts)} posts",
                f"At most {len(ranks)}, as many as the ladder has ranks.",
            )


def _wrong_hours(source: Source, name: str, hotlines: Mapping[str, Hotline]) -> Iterator[Invalid]:
    hotline = hotlines[name]
    path, hours, after = ("hotlines", name), hotline.hours, hotline.after_hours
    if hours is None or after is None:
        if hours or after:
            key = "after_hours" if hours is None else "hours"
            yield source.wrong((*path, key), "hours and after_hours stand together", "Write both, or neither.")
        return
    begins, _, ends = hours.partition("-")
    if begins == ends:
        yield source.wrong(
            (*path, "hours"),
            "they end when they begin",
            "A hotline kept day and night has neither hours nor after_hours.",
        )
    others = [
        other
        for other, its in sorted(hotlines.items())
        if other != name and its.hours is None and set(its.posts) == set(hotline.posts)
    ]
    if after not in others:
        yield source.wrong(
            (*path, "after_hours"),
            f"{after!r} is no other hotline of the same two members, kept day and night",
            f"Allowed: {', '.join(others)}."
            if others
            else "Write one, without hours, or leave hours and after_hours out.",
        )
