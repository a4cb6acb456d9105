"""Two parties' nodes, served for all tests of a file: what they write stands beside what others wrote."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from api.cast import Desk, desk
from audit import check
from border import Border, meet


@pytest.fixture(scope="module")
def border(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Border]:
    """Three parties that have met; whatever the tests did, everything still holds at their end."""
    with meet(Path(tmp_path_factory.mktemp("border"))) as met:
        yield met
        check(met)


@pytest.fixture(scope="module")
def pk(border: Border) -> Iterator[Desk]:
    """The node of one side."""
    with desk(border.pk) as served:
        yield served


@pytest.fixture(scope="module")
def af(border: Border) -> Iterator[Desk]:
    """The node of the other."""
    with desk(border.af) as served:
        yield served
