"""Errors say what happened and what to do, by a code that does not change with the words."""

import pytest

from amanat.party.errors import Fault, Invalid, Problem, Refused, Unreachable


@pytest.mark.parametrize("kind", [Invalid, Unreachable, Fault])
def test_an_error_keeps_code_and_both_sentences_apart(kind: type[Problem]) -> None:
    error = kind("json.size", "The manifest has 9 bytes.", "Send less.")
    assert (error.code, error.says, error.mend) == ("json.size", "The manifest has 9 bytes.", "Send less.")
    assert str(error) == "The manifest has 9 bytes. Send less."


def test_a_refusal_names_what_decided() -> None:
    refusal = Refused("floor.6", "It names a precise place.", "Leave it out.", by="floor 6")
    assert (refusal.by, str(refusal)) == ("floor 6", "It names a precise place. Leave it out.")


def test_no_kind_of_error_is_caught_as_another() -> None:
    """Who must act differs: the officer is never shown what an engineer must mend."""
    kinds = [Invalid, Refused, Unreachable, Fault]
    assert [[issubclass(one, other) for other in kinds] for one in kinds] == [
        [one is other for other in kinds] for one in kinds
    ]
