"""The list of mutants that survive is true of the sources as they stand; whether they survive is `make soak`'s affair."""

from soak.mutants import SOURCE, mutants
from soak.mutate import PACKAGES, listed

FILES = [path.relative_to(SOURCE).as_posix() for each in PACKAGES for path in sorted((SOURCE / each).glob("*.py"))]


def test_each_stands_where_the_list_says_and_says_why_it_is_harmless() -> None:
    possible = {mutant for file in FILES for mutant in mutants(file)}
    for mutant, reason in listed():
        assert mutant in possible
        assert len(reason.split()) > 2, mutant


def test_none_is_listed_twice() -> None:
    """Else the second reason would never be read."""
    assert len({mutant for mutant, _ in listed()}) == len(listed())
