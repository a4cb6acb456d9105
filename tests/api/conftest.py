"""A border for each test that changes much, and one with two served nodes for all tests of a file."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from api.cast import Desk, desk
from audit import check
from border import Border, meet


@pytest.fixture
def border(tmp_path: Path) -> Iterator[Border]:
    """Three parties that have met; whatever the test did, everything still holds at its end."""
    with meet(tmp_path) as met:
        yield met
        check(met)


@pytest.fixture(scope="module")
def met(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Border]:
    """Three parties that have met; whatever the tests of a file did, everything still holds at their end."""
    with meet(tmp_path_factory.mktemp("border")) as border:
        yield border
        check(border)


@pytest.fixture(scope="module")
def pk(met: Border) -> Iterator[Desk]:
    """The node of one side."""
    with desk(met.pk) as served:
        yield served


@pytest.fixture(scope="module")
def af(met: Border) -> Iterator[Desk]:
    """The node of the other."""
    with desk(met.af) as served:
        yield served
