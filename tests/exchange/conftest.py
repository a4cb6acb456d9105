"""A border for each test of the exchange, audited when the test is over; much of it once on each kind of database.

On both run the files that together reach every table and each way of asking it. A test among them of what only a file
can show says so: `pytest.mark.parametrize("border", ["sqlite"], indirect=True)`.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from amanat.exchange.send import Pending
from audit import check
from border import Border, brought, meet
from kept import in_folder, on

BOTH = "again audit keeping rebuild recalls wire"
"""Reach every table, and each way of asking it, together with the tests of others that say that they are run on both.

`--everywhere` (make soak) runs the rest on both too.
"""

REST = (
    "approval attachments bundle clocks ending erasure evidence gaps many_acts names one_transaction opening passing "
    "receipt refusal rollback too_late withdrawal"
)

WORD = re.compile(r"\w+")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test on both databases, unless it says on which, or none of its file does."""
    chosen = any(
        "border" in WORD.findall(str(mark.args[0])) for mark in metafunc.definition.iter_markers("parametrize")
    )
    files = f"{BOTH} {REST}" if metafunc.config.getoption("--everywhere") else BOTH
    here = metafunc.module.__name__.rpartition("test_")[2] in files.split()
    if "border" in metafunc.fixturenames and here and not chosen:
        metafunc.parametrize("border", ["sqlite", "postgresql"], indirect=True)


@pytest.fixture
def border(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Border]:
    """Three parties that have met; whatever the test did, everything still holds at its end."""
    keep = on(request.getfixturevalue("server")) if getattr(request, "param", "") == "postgresql" else in_folder
    with meet(tmp_path, keep=keep) as met:
        yield met
        check(met)


@pytest.fixture
def sent(border: Border) -> Pending:
    """A report of pk that af holds."""
    return brought(border, _sent)


def _sent(border: Border) -> Pending:
    sent = border.pk.send("af", text="the lorry is white")
    border.settle()
    return sent
