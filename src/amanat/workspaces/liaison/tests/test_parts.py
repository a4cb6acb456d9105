"""The parts together: what two of them name they call the same, and each kind belongs to one."""

from collections import Counter

from amanat.workspaces.liaison.part import all_of
from amanat.workspaces.liaison.parts import PARTS


def test_what_two_parts_name_they_call_the_same() -> None:
    called = {
        (list_, code, word) for part in PARTS for list_, words in part.words.items() for code, word in words.items()
    }
    counts = Counter((list_, code) for list_, code, _ in called)
    assert [each for each, count in counts.items() if count > 1] == []


def test_each_kind_page_deed_and_file_is_of_one_part() -> None:
    for field in ("kinds", "pages", "deeds", "files"):
        names = Counter(each.name for each in all_of(PARTS, field))
        assert [each for each, count in names.items() if count > 1] == []
