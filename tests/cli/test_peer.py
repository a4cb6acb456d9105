"""The list of peers names a clock that is wrong, also of one whose address is not known; nothing stops for it."""

import json
import re
from pathlib import Path

import pytest

from amanat import node
from amanat.cli import main
from amanat.store.tables import CLOCK, PEER
from cheap import CHEAP

AT = "2026-11-24T06:30:00+00:00"


@pytest.fixture
def listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The command, at a node that reaches two peers and is asked by a third."""
    monkeypatch.setattr(node, "COST", CHEAP)
    (tmp_path / "pass").write_text("correct horse battery\n")
    means = node.create(tmp_path / "pk", "pk", "correct horse battery")
    with means.engine.begin() as tx:
        tx.execute(PEER.insert(), {"party": "af", "url": "https://af.example", "paused": True})
        tx.execute(PEER.insert(), {"party": "ir", "url": "https://ir.example", "paused": False})
        clocks = {"af": -125, "ir": 120, "obs": 600}
        tx.execute(CLOCK.insert(), [{"party": party, "ahead": ahead, "at": AT} for party, ahead in clocks.items()])
    means.engine.dispose()
    return ["peer", "list", "-C", str(tmp_path / "pk"), "--passphrase-file", str(tmp_path / "pass")]


def test_a_clock_over_two_minutes_off_is_named(listed: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(listed) == 0
    assert [re.split(r" {2,}", line) for line in capsys.readouterr().out.splitlines()] == [
        ["af", "https://af.example", "paused", "its clock is 2 min 5 s behind ours"],
        ["ir", "https://ir.example"],
        ["obs", "by bundle, or it asks us", "its clock is 10 min 0 s ahead of ours"],
    ]


def test_a_program_is_told_in_seconds(listed: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*listed, "--json"]) == 0
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(each["party"], each["url"], each["clock_ahead_seconds"]) for each in told] == [
        ("af", "https://af.example", -125),
        ("ir", "https://ir.example", 120),
        ("obs", None, 600),
    ]
