"""How many of others' cases each suite ran and set aside: counted here, held against docs/conformance.md, told at the end.

Law: the numbers stand once, in that page's table. A suite that runs fewer or more, or sets others aside, fails.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

PAGE = Path(__file__).resolve().parent.parent / "docs" / "conformance.md"
_ROW = re.compile(r"^\| ([^|]+) \| (\d+) \| ([^|]+) \| ([^|]+) \| `([^`|]+)::([^`|]+)` \|$", re.MULTILINE)


@dataclass(frozen=True)
class Row:
    """What the page says of a suite: how many of its cases run, how many do not for which reason, and in which test."""

    ran: int
    aside: dict[str, int]
    file: str
    test: str


@dataclass
class Tally:
    """What a suite ran of its cases, counted while it runs."""

    cases: int = 0
    left: Counter[str] = field(default_factory=Counter)

    def ran(self, cases: int = 1) -> None:
        """Count cases that were judged by us and whose verdict was looked at."""
        self.cases += cases

    def set_aside(self, reason: str, cases: int = 1) -> None:
        """Count cases that say nothing about us, by the reason in the page's words."""
        self.left[reason] += cases


def rows() -> dict[str, Row]:
    """The suites of the page."""
    return {
        name.strip(): Row(int(ran), _aside(aside), file, test)
        for name, ran, aside, _through, file, test in _ROW.findall(PAGE.read_text("utf-8"))
    }


def _aside(cell: str) -> dict[str, int]:
    """Read "66 of other keys; 12 of subtrees": how many, by reason."""
    if cell.strip() == "none":
        return {}
    parts = (part.strip().partition(" ") for part in cell.split(";"))
    return {reason: int(number) for number, _, reason in parts}


@pytest.fixture
def tally(request: pytest.FixtureRequest) -> Iterator[Tally]:
    """Count the cases of the suite that the test's mark names, and hold the counts against the page."""
    (name,) = request.node.get_closest_marker("suite").args
    counted, failed = Tally(), request.session.testsfailed
    yield counted
    request.node.user_properties.append(("suite", (name, counted.cases, counted.left.total())))
    if request.session.testsfailed > failed:
        return  # it counted only as far as it came
    said = rows()[name]
    assert (counted.cases, dict(counted.left)) == (said.ran, said.aside), (
        f"docs/conformance.md says otherwise of {name}"
    )


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what ran; under xdist, what all workers told."""
    told = sorted(
        value
        for reports in terminalreporter.stats.values()
        for report in reports
        if getattr(report, "when", "") == "teardown"
        for name, value in report.user_properties
        if name == "suite"
    )
    if not told:
        return
    terminalreporter.section("others' vectors (docs/conformance.md)", sep="-")
    for name, ran, aside in told:
        terminalreporter.write_line(f"{ran:6} cases of {name}" + (f"; {aside} set aside" if aside else ""))
    terminalreporter.write_line(f"{sum(ran for _, ran, _ in told):6} cases in {len(told)} suites")
