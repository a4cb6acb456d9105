"""A memory stick in the story: what one side has for the other, carried by hand, told, and left in a folder."""

from pathlib import Path

from rich.console import Console

from amanat.demo.cast import Cast, carry
from amanat.demo.screen import check
from amanat.exchange.accept import Accepted
from amanat.exchange.receive import Report

# Who hands whom a stick: what was said, its receipts with what was said there, and the word that these came.
_ROUND = (("pk", "af"), ("af", "pk"), ("pk", "af"))
_TOLD = {"envelope": ("envelope", "envelopes"), "receipt": ("receipt", "receipts")}


def both_ways(cast: Cast, folder: Path, console: Console) -> bool:
    """Carry what each has for the other, until each has the other's receipts; return whether all of it held."""
    held = [_carried(cast, folder, *route, console) for route in _ROUND]
    return all(held)


def _carried(cast: Cast, folder: Path, sender: str, recipient: str, console: Console) -> bool:
    """Carry one stick, and tell what was in it; its bundle stays in the folder, numbered."""
    number = len(list(folder.glob("*.bundle"))) + 1
    report = carry(cast, sender, recipient, folder / f"{number:02}-{sender}-to-{recipient}.bundle")
    counts = ((what, report.items[type_]) for type_, what in _TOLD.items())
    told = ", ".join(f"{count} {one if count == 1 else more}" for (one, more), count in counts if count)
    return check(console, f"{sender} to {recipient}: {told or 'signs of life'}", holds=_whole(report))


def _whole(report: Report) -> bool:
    """Whether every item of a bundle held, every envelope was accepted, and none is missing."""
    accepted = all(isinstance(outcome, Accepted) for outcome in report.outcomes)
    return accepted and not report.problems and not report.gaps
