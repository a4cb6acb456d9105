"""An operator is asked before a record is withdrawn; what happened to it while that took counts."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from amanat.cli import ending, screen
from amanat.exchange.withdraw import withdraw
from amanat.party.errors import Invalid
from amanat.record.notices import Withdrawal
from border import meet
from side import Side


@pytest.fixture
def pk(tmp_path: Path) -> Iterator[Side]:
    """A party that has met others."""
    with meet(tmp_path) as met:
        yield met.pk


def test_one_that_was_withdrawn_while_the_operator_was_asked_is_not_withdrawn_twice(
    pk: Side, monkeypatch: pytest.MonkeyPatch
) -> None:
    id_ = pk.send("af", **pk.green()).record.fields.id
    told: list[Any] = []

    def meanwhile(*_: Any, **__: Any) -> None:
        told.extend(withdraw(id_, Withdrawal("mistaken"), pk.post, pk.means).told)

    monkeypatch.setattr(ending, "open_means", lambda *_: pk.means)
    monkeypatch.setattr(screen, "confirm", meanwhile)
    with pytest.raises(Invalid, match="withdrawn already"):
        ending.withdraw(id_, "mistaken", pk.post.name)
    assert len(told) == 1
