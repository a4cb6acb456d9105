"""Warnings of two parties that meet only by what is carried, given by what an officer's forms say. Invented."""

from typing import Any

from amanat.exchange.means import look
from amanat.exchange.withdraw import withdraw
from amanat.record.notices import Withdrawal
from amanat.record.record import Record
from amanat.workspaces.liaison.tests.lines import Hotline
from amanat.workspaces.liaison.warnings import told
from amanat.workspaces.liaison.warnings.rules import Matter

TYPED = {
    "event": "shelling",
    "near": "Torkham (AF)",
    "urgent": "immediate",
    "severity": "extreme",
    "certainty": "observed",
    "shape": "point",
    "places": "34.12, 71.09",
    "metres": "4000",
    "since": "now",
    "until": "2026-11-25 18:00",
    "keep_away": "on",
    "shelter": "on",
}
"""What a whole form says; the clock of these tests stands at 06:30 UTC of 2026-11-24."""


def warn(line: Hotline, party: str = "pk", **changes: str) -> Record:
    """Let a party warn its public, and change what it says."""
    line.border.clock.forward(seconds=1)
    (sent,) = line.do(party, "warn-public", **{**TYPED, **changes})
    return sent


def change(line: Hotline, root: Record, **changes: str) -> Record:
    return warn(line, root.key[0], updates=root.key[1], **changes)


def cancel(line: Hotline, root: Record) -> Record:
    line.border.clock.forward(seconds=1)
    (sent,) = line.do(root.key[0], "cancel-warning", sure="on", **named(root))
    return sent


def take_back(line: Hotline, root: Record) -> None:
    """Withdraw a record of a warning."""
    side = line.side(root.key[0])
    withdraw(root.fields.id, Withdrawal("mistaken"), side.post, side.means)


def named(root: Record) -> dict[str, Any]:
    return {"party": root.key[0], "id": root.key[1]}


def matter(line: Hotline, party: str, root: Record) -> Matter:
    """What a party knows of a warning."""
    with look(line.side(party).means) as turn:
        return told.require(turn, *root.key)
