"""The structured log: what the node did, as lines of JSON for whoever keeps it running.

Law: no content, no name of a person, no key. Records appear by their ids, parties by their codes.
"""

import re
import traceback
from collections import Counter

import structlog

from amanat.exchange.accept import Accepted, Declined
from amanat.exchange.receive import Report
from amanat.party.errors import Fault, Problem

_LOG = structlog.get_logger("amanat")


def keys(problem: str) -> None:
    """Say that other keys are in use from here on, or which problem kept them from it."""
    if problem:
        _LOG.error("keys changed and do not open", code=problem)
    else:
        _LOG.info("keys changed")


def unopened(officer: int, fault: Fault) -> None:
    """Say that what is kept of an officer's second factor does not open, so that its codes let nobody in."""
    _LOG.error("second factor does not open", officer=officer, code=fault.code)


def told(report: Report) -> None:
    """Say what came from a peer, and what of it did not hold."""
    counts = dict(report.items)
    accepted = sum(isinstance(each, Accepted) for each in report.outcomes)
    refused = [each.problem.code for each in report.outcomes if isinstance(each, Declined)]
    _LOG.debug("taken in", peer=report.sender, items=counts, accepted=accepted)
    if refused:
        _LOG.warning("refused", peer=report.sender, codes=sorted(set(refused)), count=len(refused))
    wrong = Counter((type_, getattr(problem, "code", "fault")) for type_, problem in report.problems)
    for (type_, code), count in wrong.items():  # one line each: a peer may bring thousands
        _LOG.warning("did not hold", peer=report.sender, item=type_, code=code, count=count)


def unforeseen(error: Exception) -> None:
    """Say that a request met a mistake of ours: of what type, and where in the code, and nothing of what it held."""
    _LOG.error("unforeseen", type=type(error).__name__, where=_where(error))


def typesetter_broke(code: int, said: str) -> None:
    """Say that a document broke the program that sets it, and where in its code; nothing else of what it said."""
    where = re.findall(r"panicked at ([^\s:]+:\d+)", said)
    _LOG.error("typesetter broke", exit=code, where=where[:1])


def erased(because: Counter[str]) -> None:
    """Say how many records were destroyed, and why."""
    _LOG.info("destroyed", **because)


def put_off(what: str, error: Exception) -> None:
    """Say what could not be done now and is tried again; of a mistake of ours, where in the code it was made."""
    if isinstance(error, Problem):
        _LOG.warning("put off", what=what, problem=error.code)
    else:
        _LOG.warning("put off", what=what, problem=type(error).__name__, where=_where(error))


def skewed(peer: str, seconds: int) -> None:
    """Say that a peer's clock is ahead of ours by too much, or behind it."""
    _LOG.warning("clocks differ", peer=peer, seconds=seconds)


def agreed(peer: str) -> None:
    """Say that a peer's clock and ours are near enough again."""
    _LOG.info("clocks agree", peer=peer)


def _where(error: Exception) -> list[str]:
    """Where in the code it was raised, innermost last; nothing of what it says."""
    return [f"{each.name}:{each.lineno}" for each in traceback.extract_tb(error.__traceback__)[-3:]]
