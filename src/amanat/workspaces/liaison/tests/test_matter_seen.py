"""What a form carries of what its page showed unread: places in logs, of which each text of a compact has its own."""

from typing import Any, NamedTuple, cast

from amanat.workspaces.liaison import matter_rows

ONE, OTHER = "1" * 64, "2" * 64


class Unread(NamedTuple):
    """A row of a record that waits to be read."""

    id: str
    compact: str
    log_index: int
    party: str = "af"


def shown(rows: list[Unread], carried: str) -> list[str]:
    return [id_ for _, id_ in matter_rows.shown(cast("Any", rows), carried)]


def seen(*rows: Unread) -> str:
    return matter_rows.seen(cast("Any", rows))


def test_what_came_under_another_text_is_not_taken_for_seen_because_its_log_is_shorter() -> None:
    before, after = Unread("a", ONE, 900), Unread("b", OTHER, 3)
    assert shown([before, after], seen(before)) == ["a"]


def test_what_was_seen_in_each_log_is_seen_and_no_more() -> None:
    first, second = Unread("a", ONE, 900), Unread("b", OTHER, 3)
    later = [Unread("c", ONE, 901), Unread("d", OTHER, 4)]
    assert shown([first, second, *later], seen(first, second)) == ["a", "b"]


def test_of_a_page_that_showed_nothing_nothing_was_seen_and_without_a_page_all_is() -> None:
    row = Unread("a", ONE, 0)
    assert shown([row], seen()) == []
    assert shown([row], "") == shown([row], "900") == ["a"]
