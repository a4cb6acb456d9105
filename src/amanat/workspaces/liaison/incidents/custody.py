"""Who held a piece of evidence, and where nobody or two at once are said to have.

Law: pure; a gap is told and judged by nobody here.
"""

from datetime import datetime, timedelta

from amanat.workspaces.liaison.incidents.kinds import Evidence


def flaws(kept: Evidence) -> list[tuple[datetime, datetime, bool]]:
    """Return where the chain of custody has a gap, or two held it at once (True), each with its two times."""
    found, until = list[tuple[datetime, datetime, bool]](), kept.taken.time + timedelta(minutes=kept.taken.minutes)
    for number, each in enumerate(kept.held):
        if each.since > until:
            found.append((until, each.since, False))
        elif each.since < until and number:
            found.append((each.since, until, True))
        until = max(until, each.until or until)
    return found
