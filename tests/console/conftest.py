"""A party's node with its pages, served for all tests of a file."""

from collections.abc import Iterator

import pytest

from api.cast import Desk, desk
from border import Border, meet


@pytest.fixture(scope="module")
def border(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Border]:
    """Three parties that have met."""
    with meet(tmp_path_factory.mktemp("border")) as met:
        yield met


@pytest.fixture(scope="module")
def af(border: Border) -> Iterator[Desk]:
    """The node of one side."""
    with desk(border.af) as served:
        yield served
