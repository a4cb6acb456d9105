"""A database of its own for each test of what is stored."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection

from amanat.store import sqlite


@pytest.fixture
def tx(tmp_path: Path) -> Iterator[Connection]:
    """A transaction in a new database."""
    engine = sqlite.create(str(tmp_path / "node.sqlite"))
    with engine.begin() as tx:
        yield tx
    engine.dispose()
