"""What differs between two texts, field by field."""

from amanat.console.differences import Difference, differences


def test_only_what_differs_is_told_with_the_way_to_it() -> None:
    before = {"tlp": "TLP:AMBER", "body": {"text": "two lorries", "old": 1}}
    after = {"tlp": "TLP:AMBER", "body": {"text": "four lorries", "new": 2}}
    assert differences(before, after) == (
        Difference(("body", "text"), "two lorries", "four lorries"),
        Difference(("body", "new"), None, "2"),
        Difference(("body", "old"), "1", None),
    )


def test_pieces_that_have_an_id_are_told_apart_by_it_wherever_they_stand() -> None:
    one, two, three = ({"id": name, "says": name} for name in ("one", "two", "three"))
    assert differences([one, two], [three, one, two]) == (
        Difference(("three", "id"), None, "three"),
        Difference(("three", "says"), None, "three"),
    )


def test_pieces_without_one_are_told_apart_by_their_number() -> None:
    assert differences(["a", "b"], ["a", "c"]) == (Difference(("2",), "b", "c"),)
