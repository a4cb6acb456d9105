"""A border whose parties others' programs read."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from border import Border, meet


@pytest.fixture
def border(tmp_path: Path) -> Iterator[Border]:
    with meet(tmp_path) as met:
        yield met
