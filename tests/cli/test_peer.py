"""Peers by command: what is said beside a node that serves is followed; a clock that is wrong is named and stops nothing."""

import json
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import select

from amanat import node
from amanat.cli import main
from amanat.demo import cast
from amanat.exchange.means import look
from amanat.store.tables import CLOCK, DELIVERY, PEER
from cheap import CHEAP
from faults.plug import environment, furnish
from faults.served import serving, settle_down
from wire import eventually

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


def test_a_node_that_is_served_goes_on_with_a_paused_line_once_its_address_is_given_again(tmp_path: Path) -> None:
    """The node and the command are programs of their own; what waits for the peer shows how the line is."""
    furnish(tmp_path, reports=1)
    port = settle_down(tmp_path, ("pk", "af"))["af"]
    beside = node.open_node(tmp_path / "pk", cast.passphrase("pk"))
    with beside.engine.begin() as tx:
        tx.execute(PEER.update().values(paused=True))
    at_af = node.open_node(tmp_path / "af", cast.passphrase("af"))
    with at_af.engine.begin() as tx:
        tx.execute(PEER.delete())  # it does not come to fetch what waits for it

    def delivered() -> bool:
        with look(beside) as turn:
            return set(turn.tx.execute(select(DELIVERY.c.state)).scalars()) == {"provisional"}

    with serving(tmp_path, "af"), serving(tmp_path, "pk"):
        time.sleep(2)
        assert not delivered()
        subprocess.run(  # noqa: S603 - ourselves
            [
                *(sys.executable, "-m", "amanat", "peer", "set", "-C", "pk", "--passphrase-file", "pk.pass"),
                *("af", f"http://127.0.0.1:{port}"),
            ],
            cwd=tmp_path,
            env=environment(),
            check=True,
        )
        eventually(delivered)
    beside.engine.dispose()
    at_af.engine.dispose()
