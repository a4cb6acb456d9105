"""A database of its own for each test of accounts, and a border for each that moves records."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection

from amanat.store import sqlite
from audit import check
from border import Border, meet
from officer.cast import know_itself
from side import Clock, Side, side


@pytest.fixture
def tx(tmp_path: Path) -> Iterator[Connection]:
    """A transaction on an empty database of the core's tables."""
    engine = sqlite.create(str(tmp_path / "pk.sqlite"))
    with engine.begin() as connection:
        yield connection
    engine.dispose()


@pytest.fixture
def pk(tmp_path: Path) -> Iterator[Side]:
    """A party alone, before anybody has met."""
    alone = side("pk", tmp_path, Clock())
    know_itself(alone)
    yield alone
    alone.means.engine.dispose()


@pytest.fixture
def border(tmp_path: Path) -> Iterator[Border]:
    """Three parties that have met; whatever the test did, everything still holds at its end."""
    with meet(tmp_path) as met:
        yield met
        check(met)
