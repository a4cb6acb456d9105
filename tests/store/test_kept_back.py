"""What is kept back: read as it was kept, and nothing of it once it was destroyed."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from amanat.store import kept_back, sqlite

NOW = datetime(2026, 11, 24, 6, tzinfo=UTC)
ONE, OTHER = "ab" * 32, "cd" * 32


def test_what_is_kept_back_is_read_as_it_was_kept(tx: Connection) -> None:
    kept_back.keep(tx, ONE, b"what is planned", NOW)
    kept_back.keep(tx, OTHER, b"another plan", NOW)
    assert kept_back.of(tx, ONE) == b"what is planned"
    assert kept_back.every(tx) == {ONE: b"what is planned", OTHER: b"another plan"}
    assert kept_back.of(tx, "ef" * 32) is None


def test_under_one_digest_one_thing_is_kept_back(tx: Connection) -> None:
    kept_back.keep(tx, ONE, b"what is planned", NOW)
    with pytest.raises(IntegrityError):
        kept_back.keep(tx, ONE, b"something else", NOW)


def test_what_nobody_said_in_time_is_overdue(tx: Connection) -> None:
    kept_back.keep(tx, ONE, b"what is planned", NOW)
    assert kept_back.overdue(tx, NOW - timedelta(seconds=1)) == []
    assert kept_back.overdue(tx, NOW) == [ONE]


def test_nothing_of_what_was_destroyed_is_left_in_the_file(tmp_path: Path) -> None:
    file = tmp_path / "node.sqlite"
    engine = sqlite.create(str(file))
    with engine.begin() as tx:
        kept_back.keep(tx, ONE, b"a plan that nobody was told", NOW)
    with engine.begin() as tx:
        assert kept_back.destroy(tx, [ONE, OTHER]) == 1
        assert kept_back.every(tx) == {}
    sqlite.cut(engine)
    engine.dispose()
    left = [path for path in tmp_path.iterdir() if b"a plan that nobody was told" in path.read_bytes()]
    assert left == []
