"""A border for each test of the exchange, once on each kind of database, audited when the test is over.

A test of what only a file can show says so: `pytest.mark.parametrize("border", ["sqlite"], indirect=True)`.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from border import Border, meet
from kept import in_folder, on


@pytest.fixture(params=["sqlite", "postgresql"])
def border(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Border]:
    """Three parties that have met; whatever the test did, everything still holds at its end."""
    keep = in_folder if request.param == "sqlite" else on(request.getfixturevalue("server"))
    with meet(tmp_path, keep=keep) as met:
        yield met
        met.check()
