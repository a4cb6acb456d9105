"""States that take part in an exercise: typed by name in any of the four languages, and shown by name."""

import pytest

from amanat.party.errors import Invalid
from amanat.workspaces.liaison.notices import states


@pytest.mark.parametrize(
    "text", ["Pakistan, China", "چین، پاکستان", "پاکستان; چين", "پاکستان، چین", "pk, CN", " china ,,PK"]
)
def test_names_are_read_in_every_language_and_codes_too(text: str) -> None:
    assert states.read(text) == ["CN", "PK"]


@pytest.mark.parametrize("text", ["Pakistan China", "PK CN", "Xanadu", "EU", "United Nations", "ZZ", "P"])
def test_what_is_the_name_of_no_state_is_refused(text: str) -> None:
    with pytest.raises(Invalid, match="is the name of no state") as caught:
        states.read(text)
    assert caught.value.code == "liaison.notice-state"


def test_every_state_is_typed_back_so_that_it_is_read_again() -> None:
    names = [states.named(a + b, "en") for a in "ABCDEFGHIJKLMNOPQRSTUVWXYZ" for b in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"]
    codes = states.read(", ".join(each for each in names if len(each) > 2))
    assert len(codes) > 200
    assert states.read(states.typed(codes)) == codes


def test_a_state_is_shown_by_its_name_and_an_unknown_one_by_its_code() -> None:
    assert [states.named("TR", each) for each in ("en", "ur")] == ["Türkiye", "ترکیہ"]
    assert states.named("XX", "ur") == "XX"
