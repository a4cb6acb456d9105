"""What a fuzz target is: readers of foreign bytes, what each may answer, seeds to begin from; and running one input.

Law: a reader either returns or raises an answer it declares, soon and in bounded memory. Whatever else is a finding.
"""

import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from soak.alter import Form

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
SEEDS = HERE / "seeds"
SLOW_SECONDS = 2.0
"""Of processor time for one input: longer is a finding, for whoever sends many such inputs stops a node."""

LONGEST_ANSWER = 2000
"""Characters of an error: a parser quotes what it did not expect, and whoever wrote that chose its length."""


@dataclass(frozen=True, slots=True)
class Reader:
    """One way in: `parsers` are the functions it drives, by module below `amanat`; `why` says who hands in the bytes.

    `read` may also raise `AssertionError`, where what was read contradicts a second oracle.
    """

    parsers: tuple[str, ...]
    why: str
    answers: tuple[type[Exception], ...]
    read: Callable[[bytes], object]


@dataclass(frozen=True, slots=True)
class Target:
    """Readers that are given the same bytes.

    `form` says how inputs are altered, `longest` how long they may grow, `tries` how many `make test` gives to them.
    """

    name: str
    readers: tuple[Reader, ...]
    seeds: Callable[[], list[bytes]]
    form: Form
    longest: int = 16 * 1024
    tries: int = 300

    def inputs(self) -> list[bytes]:
        """The seeds, and what once broke a reader of this target (tests/soak/seeds)."""
        kept = sorted((SEEDS / self.name).glob("*"))
        return [*self.seeds(), *(path.read_bytes() for path in kept)]


@dataclass(frozen=True, slots=True)
class Finding:
    """What a reader must not do. `where` is the same for the same fault, however many inputs show it."""

    where: str
    says: str


def run(target: Target, data: bytes) -> Iterator[Finding]:
    """Give the bytes to every reader of a target, and yield what no reader may do."""
    for reader in target.readers:
        begun = time.process_time()
        try:
            reader.read(data)
        except reader.answers as answer:
            if not 0 < len(str(answer).strip()) <= LONGEST_ANSWER:
                says = f"{answer.__class__.__name__}, {len(str(answer))} characters: {str(answer)[:LONGEST_ANSWER]}\n"
                code = getattr(answer, "code", "")
                yield Finding(f"{reader.parsers[0]} {code} no sentence", says)
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException as error:  # noqa: BLE001 - anything at all: a panic of a library is no Exception
            frames = traceback.extract_tb(error.__traceback__)
            inner = next((f for f in reversed(frames) if "amanat" in Path(f.filename).parts), frames[-1])
            where = f"{type(error).__name__} {Path(inner.filename).name}:{inner.lineno}"
            yield Finding(f"{reader.parsers[0]} {where}", "".join(traceback.format_exception(error, limit=-12)))
        spent = time.process_time() - begun
        if spent > SLOW_SECONDS:
            yield Finding(f"{reader.parsers[0]} slow", f"{spent:.1f} seconds of processor time\n")
