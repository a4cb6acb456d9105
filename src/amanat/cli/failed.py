"""A check that did not hold: whoever asks for one is answered by it, and it ends with an exit code of its own."""

from collections.abc import Iterator
from contextlib import contextmanager

from amanat.log.malformed import Malformed
from amanat.party.errors import Invalid, Refused


class CheckFailed(Exception):
    """What was given did not pass the check that was asked for."""

    def __init__(self, says: str, mend: str) -> None:
        """Take what did not hold, and what to do."""
        super().__init__(says)
        self.says = says
        self.mend = mend


@contextmanager
def checking(what: str) -> Iterator[None]:
    """Turn every fault found in the bytes under check into `CheckFailed`, which names `what` was checked."""
    try:
        yield
    except (Invalid, Refused, Malformed) as problem:
        raise CheckFailed(f"The {what} does not hold. {problem.says}", problem.mend) from problem
