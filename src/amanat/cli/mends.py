"""What to type to mend an error. Below the command line an error says what to do, and on no surface how."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from amanat.log.malformed import Malformed
from amanat.party.errors import Problem

COMMANDS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "again.wrap": ("amanat node reconcile",),
        "body.form": ("amanat kind schema",),
        "ending.unsigned": ("amanat custodian sign",),
        "ending.whole": ("amanat node reconcile",),
        "factor.key": ("amanat node upgrade",),
        "held.unknown": ("amanat held",),
        "log.missing": ("amanat compact join",),
        "log.unkept": ("amanat log list",),
        "manifest.known": ("amanat party update",),
        "manifest.stranger": ("amanat party learn",),
        "manifest.unsigned": ("amanat custodian sign",),
        "mirror.root": ("amanat audit",),
        "node.restored": ("amanat node reconcile",),
        "officer.unknown": ("amanat officer list",),
        "party.unknown": ("amanat party learn",),
        "password.kept": ("amanat audit", "amanat officer password"),
        "peer.unknown": ("amanat peer list", "amanat peer set"),
        "reconcile.ended": ("amanat node end-log",),
        "reconcile.entries": ("amanat node reconcile --from",),
        "record.unknown": ("amanat inbox", "amanat outbox"),
        "store.old": ("amanat node upgrade",),
        "token.refused": ("amanat token new",),
        "token.unknown": ("amanat token list",),
    }
)
"""Error code → the commands that do what its mend says."""


def mend(problem: Problem | Malformed) -> str:
    """Return what to do about an error, with the commands that do it where there are any."""
    commands = COMMANDS.get(problem.code, ())
    if not commands or "`" in problem.mend:
        return problem.mend
    return f"{problem.mend.removesuffix('.')}: {', '.join(f'`{each}`' for each in commands)}."


def told(error: Exception) -> str:
    """Return an error in one line: what it says and what to do, or what it is when it is none of ours."""
    return f"{error.says} {mend(error)}" if isinstance(error, Problem | Malformed) else str(error)
