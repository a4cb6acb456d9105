"""Typesetting: a page as XML becomes a PDF, in a process of its own that is ended where it takes too long or too much.

Law: a node that typesets answers as before. The typesetter keeps what it learned of a document in memory, and cannot be
stopped half-way, so that it never runs within the node; it is given the page and nothing else of the node's.
"""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from threading import Lock
from typing import Final

from amanat.exchange import journal
from amanat.exchange.problem import TooMuch
from amanat.party.errors import Fault, Invalid
from amanat.party.types import quoted

SECONDS: Final = 60

_WRONG_PAGE: Final = 3
_HERE: Final = Path(__file__).parent
_STAND: Final = Lock()


@contextmanager
def stand() -> Iterator[None]:
    """Hold the one stand at which a document is made. Raises `TooMuch` while another is."""
    if not _STAND.acquire(blocking=False):
        raise TooMuch("export.busy", "A document is being made already.", "Try again in a few seconds.")
    try:
        yield
    finally:
        _STAND.release()


def too_long() -> Invalid:
    """Return what refuses a document that would not be made in time."""
    mend = "Narrow the list down, or take it out as JSON Lines or CSV."
    return Invalid("export.long", "These records are too long for one PDF.", mend)


def typeset(page: str, made: datetime) -> bytes:
    """Return a page (`templates/paper.html`) as PDF; the same page at the same moment gives the same bytes.

    Raises `Invalid` where it takes too long or too much, or breaks the typesetter, and `Fault` for a page that is none.
    """
    places = (_HERE / "typesetter.py", _HERE / "templates" / "paper.typ", _HERE / "static")
    try:
        done = subprocess.run(  # noqa: S603 - our own program; what is foreign goes to its input
            [sys.executable, "-I", *map(str, places), str(int(made.timestamp())), str(_WRONG_PAGE)],
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
    if done.returncode == _WRONG_PAGE:
        says = f"The typesetter made no document: {quoted(done.stderr.decode(errors='replace').strip())}."
        raise Fault("export.typesetter", says, "Take them out as JSON Lines or CSV, and tell who runs the node.")
    if done.returncode or not done.stdout.startswith(b"%PDF-"):
        journal.typesetter_broke(done.returncode, done.stderr.decode(errors="replace"))
        mend = "Narrow the list down, or take it out as JSON Lines or CSV."
        raise Invalid("export.broke", "Something in these records breaks the typesetter.", mend)
    return done.stdout
