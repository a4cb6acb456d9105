"""Whose countersignatures make a log final, and that every member's log can have them."""

import pytest

from amanat.compact.quorum import flaw, lines_for

SIDES = "group sides all pk af obs\nquorum sides\n"


def test_the_owner_of_a_log_does_not_count_in_it() -> None:
    assert lines_for(SIDES, "pk") == ("group sides all af obs", "quorum sides", "")


def test_a_group_that_has_nobody_left_is_left_out_too() -> None:
    quorum = "group a any pk\ngroup b any af\n# both\ngroup both all a b\nquorum both"
    assert lines_for(quorum, "pk") == ("", "group b any af", "# both", "group both all b", "quorum both")


@pytest.mark.parametrize(
    "quorum",
    [
        SIDES,
        "# anyone\n\n  group one any pk af\n\tgroup both all one obs\nquorum both",
        "group two 2 pk af obs\nquorum two",
        "group a any pk\ngroup b any af\ngroup both all a b obs\nquorum both\n",
        "quorum obs",
        "#all of them\ngroup a all pk af obs\nquorum a",
        f"group {'a' * 48} all pk af obs\nquorum {'a' * 48}",
        "group a any pk af obs\nquorum a",
    ],
)
def test_a_quorum_that_every_log_can_meet_has_no_flaw(quorum: str) -> None:
    assert flaw(quorum, ("af", "obs", "pk"), ("af", "pk")) is None


@pytest.mark.parametrize(
    ("quorum", "says"),
    [
        ("witness pk vkey\nquorum pk", "its line 1 begins with 'witness'; only group, quorum and # may"),
        ("\nlog vkey", "its line 2 begins with 'log'; only group, quorum and # may"),
        ("quorum none", "its line 1 asks for no witness, so that a party could show two histories unseen"),
        ("group a all pk zz\nquorum a", "its line 1 names 'zz'"),
        ("group p\u043a any af obs\nquorum p\u043a", "it holds letters beyond ASCII, which could pass for others"),
        (
            "group pk.1 any pk af\nquorum pk.1",
            "its line 1 names a group otherwise than in small letters, or by the code of a party",
        ),
        (
            f"group {'a' * 49} all pk af obs\nquorum {'a' * 49}",
            "its line 1 names a group otherwise than in small letters, or by the code of a party",
        ),
        ("\ngroup", "its line 2 names a group otherwise than in small letters, or by the code of a party"),
        ("group a 4 pk af obs\nquorum a", "its line 1 asks for '4' of 3"),
        ("group a any pk af\n", "The policy has no quorum line"),
        ("group a any pk\ngroup b any pk\nquorum a", "its line 2 makes 'pk' a member again"),
        ("quorum pk", "the log of pk, where pk itself does not count, could never meet it: its line 1 names 'pk'"),
        (
            "group three 3 pk af obs\nquorum three",
            "the log of af, where af itself does not count, could never meet it: its line 1 asks for '3' of 2",
        ),
        (
            "group own all pk\nquorum own",
            "the log of pk, where pk itself does not count, could never meet it: its line 2 names 'own'",
        ),
    ],
)
def test_a_quorum_that_could_not_be_kept_is_named_by_its_line(quorum: str, says: str) -> None:
    found = flaw(quorum, ("af", "obs", "pk"), ("af", "obs", "pk"))
    assert found is not None
    assert found.startswith(says)


def test_no_group_is_called_by_the_code_of_a_party_that_countersigns_nothing() -> None:
    """A reader would take "quorum obs" for the observer's word, and it would be that of a member."""
    found = flaw("group obs any af pk\nquorum obs", ("af", "pk"), ("af", "obs", "pk"))
    assert found == "its line 1 names a group otherwise than in small letters, or by the code of a party"


def test_what_the_logs_parser_says_is_told_in_one_sentence() -> None:
    assert flaw("group a all pk zz\nquorum a", ("af", "obs", "pk"), ("af", "pk")) == (
        "its line 1 names 'zz' (Here witnesses and groups defined on lines above are allowed)"
    )
