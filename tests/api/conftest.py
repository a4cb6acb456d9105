"""A border for each test of the exchange, audited when the test is over."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from audit import check
from border import Border, meet


@pytest.fixture
def border(tmp_path: Path) -> Iterator[Border]:
    """Three parties that have met; whatever the test did, everything still holds at its end."""
    with meet(tmp_path) as met:
        yield met
        check(met)
