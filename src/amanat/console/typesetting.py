"""Typesetting: a page as XML becomes a PDF, in a process of its own that is ended where it takes too long or too much.

Law: a node that typesets answers as before. The typesetter keeps what it learned of a document in memory, and cannot be
stopped half-way, so that it never runs within the node; it is given the page and nothing else of the node's.
"""

import subprocess
import sys
from datetime import datetime
from pathlib import Path
from threading import BoundedSemaphore
from typing import Final

from amanat.exchange.problem import TooMuch
from amanat.party.errors import Fault, Invalid
from amanat.party.types import quoted

SECONDS: Final = 60
AT_ONCE: Final = 2
"""How many documents are typeset at a time, each on one processor."""

_HERE: Final = Path(__file__).parent
STANDS = BoundedSemaphore(AT_ONCE)


def typeset(page: str, made: datetime) -> bytes:
    """Return a page (`templates/paper.html`) as PDF; the same page at the same moment gives the same bytes.

    Raises `Invalid` where it takes too long or too much, `TooMuch` while as many are being made as may be, and `Fault`.
    """
    if not STANDS.acquire(blocking=False):
        says = f"{AT_ONCE} documents are being made already."
        raise TooMuch("export.busy", says, "Try again in a few seconds.")
    try:
        return _by_typesetter(page, made)
    finally:
        STANDS.release()


def too_long() -> Invalid:
    """Return what refuses a document that would not be made in time."""
    mend = "Narrow the list down, or take it out as JSON Lines or CSV."
    return Invalid("export.long", "These records are too long for one PDF.", mend)


def _by_typesetter(page: str, made: datetime) -> bytes:
    places = (_HERE / "typesetter.py", _HERE / "templates" / "paper.typ", _HERE / "static")
    try:
        done = subprocess.run(  # noqa: S603 - our own program; what is foreign goes to its input
            [sys.executable, "-I", *map(str, places), str(int(made.timestamp()))],
            input=page.encode(),
            capture_output=True,
            check=False,
            timeout=SECONDS,
            env={"RAYON_NUM_THREADS": "1"},
        )
    except subprocess.TimeoutExpired as error:
        raise too_long() from error
    if done.returncode < 0:  # ended by the system, for what it took of memory or of time
        raise too_long()
    if done.returncode or not done.stdout.startswith(b"%PDF-"):
        says = f"The typesetter made no document: {quoted(done.stderr.decode(errors='replace').strip())}."
        raise Fault("export.typesetter", says, "Take them out as JSON Lines or CSV, and tell who runs the node.")
    return done.stdout
