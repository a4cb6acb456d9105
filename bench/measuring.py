"""What the benches here share: how long a piece of work takes, and where its time goes."""

import cProfile
import io
import pstats
from collections.abc import Callable
from time import perf_counter


def seconds(work: Callable[[], object]) -> float:
    """How long one call takes."""
    begun = perf_counter()
    work()
    return perf_counter() - begun


def dearest(work: Callable[[], object], lines: int = 8) -> str:
    """The functions in which one call spends most of its time: calls, seconds of their own, seconds in all."""
    profile = cProfile.Profile()
    profile.runcall(work)
    out = io.StringIO()
    pstats.Stats(profile, stream=out).strip_dirs().sort_stats("tottime").print_stats(lines)
    _, _, rows = out.getvalue().partition("filename:lineno(function)\n")
    return rows.rstrip()
