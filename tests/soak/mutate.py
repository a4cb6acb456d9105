"""Does a test notice when a line is wrong? Every mutant of `compact`, `seal` and `log` meets the tests that reach it.

`python tests/soak/mutate.py [log | log/tree.py ...]`: each mutant in a process of its own, forked with the libraries
loaded; the tests that run its line, likeliest and quickest first, until one fails. What survives must stand in
survivors.toml with the reason why it is harmless, and what stands there must survive; otherwise the exit code is 1.
"""

import gc
import importlib
import json
import os
import pickle
import resource
import signal
import sys
import tomllib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import lru_cache, partial
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import spec_from_file_location
from itertools import zip_longest
from pathlib import Path
from types import CodeType, FunctionType
from typing import Literal

import pytest
from _pytest.runner import runtestprotocol
from coverage import Coverage
from hypothesis import HealthCheck, Phase, settings
from rich.progress import Progress

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from soak.mutants import SOURCE, Mutant, Site, mutants

PACKAGES = ("compact", "seal", "log")
FOLDERS = ("tests/seal", "tests/log", "tests/compact")
SURVIVORS = Path(__file__).with_name("survivors.toml")
PROCESSES = 2
MAX_MEMORY = 2**30

_LIBRARIES = ("cedarpy", "cryptography.hazmat.primitives.hpke", "msgspec", "hypothesis.strategies", "sqlalchemy")
_QUIET = ("-q", "-pno:cacheprovider", "-pno:xdist", "-pno:cov", "-Wignore::pytest.PytestAssertRewriteWarning")

# The examples that `make test` asks too; a failing one is not made smaller first, for that it fails is all we ask.
settings.register_profile(
    "mutants",
    deadline=None,
    derandomize=True,
    max_examples=100,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)

Verdict = Literal["killed", "timed out", "survived"]
Lines = Mapping[str, AbstractSet[int]]


@dataclass(frozen=True, slots=True)
class Reach:
    """The lines that a test runs, by path, and the seconds it takes. The test without a name is importing them all."""

    test: str
    lines: Lines
    seconds: float
    failed: bool


def _child(work: Callable[[int], None]) -> tuple[int, int]:
    """Run `work` in a process of its own, which may write to a pipe; return its id and the pipe's end to read."""
    ours, theirs = os.pipe()
    process = os.fork()
    if process:
        os.close(theirs)
        return process, ours
    os.close(ours)
    null = os.open(os.devnull, os.O_RDWR)
    for stream in (1, 2):
        os.dup2(null, stream)
    try:
        work(theirs)
    finally:
        os._exit(1)


def _answer(process: int, pipe: int) -> tuple[int, bytes]:
    """Return a process's status and all that it wrote, once it has ended."""
    with os.fdopen(pipe, "rb") as stream:
        said = stream.read()
    return os.waitpid(process, 0)[1], said


def _pytest(plugin: object, arguments: Sequence[str]) -> int:
    return int(pytest.main([*_QUIET, "--hypothesis-profile=mutants", *arguments], plugins=[plugin]))


# --- which test reaches which line ------------------------------------------------------------------------------------


class _Measuring:
    """Runs every test with nothing cached and no fixture left, so that none hides what another reaches."""

    def __init__(self, out: int) -> None:
        self.out = out
        self.coverage = Coverage(data_file=None, config_file=False, include=[f"{SOURCE}/{each}/*" for each in PACKAGES])
        self.coverage.start()

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        caches = [each for each in gc.get_objects() if isinstance(each, type(lru_cache(int)))]
        ran: list[tuple[str, float, bool]] = [("", 0.0, False)]
        for item in session.items:
            for cache in caches:
                cache.cache_clear()
            self.coverage.switch_context(item.nodeid)
            reports = runtestprotocol(item, log=False, nextitem=None)
            ran.append((item.nodeid, sum(each.duration for each in reports), any(each.failed for each in reports)))
        self.coverage.stop()
        with os.fdopen(self.out, "wb") as stream:
            pickle.dump(self.reached(ran), stream)
        return True

    def reached(self, ran: Sequence[tuple[str, float, bool]]) -> list[Reach]:
        data, lines = self.coverage.get_data(), defaultdict[str, dict[str, set[int]]](dict)
        for path in data.measured_files():
            for number, tests in data.contexts_by_lineno(path).items():
                for test in tests:
                    lines[test].setdefault(path, set()).add(number)
        return [Reach(test, lines[test], seconds, failed) for test, seconds, failed in ran]


def measure() -> list[Reach]:
    """Return what importing reaches and what every test. Ends the program when one fails before anything is changed."""
    halves = (FOLDERS[:2], FOLDERS[2:])
    children = [_child(lambda out, half=half: os._exit(_pytest(_Measuring(out), half))) for half in halves]  # type: ignore[misc]
    reached: list[Reach] = [reach for child in children for reach in pickle.loads(_answer(*child)[1])]
    failing = [reach.test for reach in reached if reach.failed]
    if failing:
        sys.exit(f"fails unchanged: {failing[0]}")
    return reached


def tests_for(mutant: Mutant, site: Site, reached: Sequence[Reach]) -> list[Reach]:
    """Return the tests that reach a mutant's statement: of its own file, then package, then others; quickest first.

    What runs when the module is imported decides what all of the package's tests see.
    """
    path, (package, _, name) = str(SOURCE / mutant.file), mutant.file.partition("/")
    own, first = f"tests/{package}/", f"tests/{package}/test_{name}"
    found = [each for each in reached if not each.lines.get(path, set()).isdisjoint(site.lines)]
    if _at_import(mutant, site, reached):
        found = [each for each in reached if each.test.startswith(own)]
    return sorted(
        found, key=lambda each: (not each.test.startswith(first), not each.test.startswith(own), each.seconds)
    )


def _at_import(mutant: Mutant, site: Site, reached: Sequence[Reach]) -> bool:
    """Whether a statement runs when modules and tests are imported, before any test does."""
    lines = [each.lines.get(str(SOURCE / mutant.file), set()) for each in reached if not each.test]
    return any(not each.isdisjoint(site.lines) for each in lines)


# --- one mutant: put into the running process where only tests run its line, imported anew where importing does --------


class _Altered(SourceFileLoader):
    """Loads the mutant in its module's place."""

    def __init__(self, module: str, path: Path, code: CodeType) -> None:
        super().__init__(module, str(path))
        self.code = code

    def find_spec(self, name: str, _path: object = None, _target: object = None) -> ModuleSpec | None:
        return spec_from_file_location(name, self.path, loader=self) if name == self.name else None

    def get_code(self, _name: str) -> CodeType:
        return self.code


class _Asking:
    """Runs the tests in the order of these names, and ends the process at the first that fails, saying which."""

    def __init__(self, names: Sequence[str], out: int) -> None:
        self.order = {name: at for at, name in enumerate(names)}
        self.out = out

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Put first what is named otherwise than ever before: a mutant may have changed what the name is made of."""
        items.sort(key=lambda item: self.order.get(item.nodeid, -1))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            os.write(self.out, report.nodeid.encode())
            os._exit(1)


def _ask_anew(mutant: Mutant, site: Site, names: Sequence[str], out: int) -> None:
    """Import all anew with the mutant, and run the tests file by file; end with 0 when every one passed."""
    path = SOURCE / mutant.file
    module = ".".join(path.relative_to(SOURCE.parent).with_suffix("").parts)
    sys.meta_path.insert(0, _Altered(module, path, site.compiled(path)))
    for file in dict.fromkeys(name.partition("::")[0] for name in names):
        status = _pytest(_Asking([name for name in names if name.startswith(f"{file}::")], out), [file])
        if status:
            os._exit(status)
    os._exit(0)


class _Inside:
    """Gives the mutants of functions that no import runs to tests already collected; writes each verdict."""

    def __init__(self, found: Mapping[Mutant, Site], reached: Sequence[Reach], out: int) -> None:
        self.found, self.reached, self.out = found, reached, out

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        self.items = {item.nodeid: item for item in session.items}
        every = [each for each in gc.get_objects() if isinstance(each, FunctionType)]
        self.functions = {(each.__code__.co_filename, each.__code__.co_qualname): each for each in every}
        gc.freeze()
        with os.fdopen(self.out, "wb", 0) as stream:
            for verdict in judge(self.found, self.reached, self.ask):
                pickle.dump(verdict, stream)
        return True

    def ask(self, mutant: Mutant, site: Site, names: Sequence[str], out: int) -> None:
        """Give the function the mutant's code and run the tests; end with 0 when every one passed."""
        path, parts = str(SOURCE / mutant.file), mutant.function.split(".")
        wholes = (self.functions.get((path, ".".join(parts[: end + 1]))) for end in range(len(parts)))
        whole = next(each for each in wholes if each)
        codes = [site.compiled(Path(path))]
        for code in codes:
            codes += [each for each in code.co_consts if isinstance(each, CodeType)]
        whole.__code__ = next(code for code in codes if code.co_qualname == whole.__qualname__)
        for name, following in zip_longest(names, names[1:]):
            item = self.items[name]
            if any(each.failed for each in runtestprotocol(item, log=False, nextitem=self.items.get(following))):
                os.write(out, name.encode())
                os._exit(1)
        os._exit(0)


Ask = Callable[[Mutant, Site, Sequence[str], int], None]


def _bounded(ask: Ask, mutant: Mutant, site: Site, tests: Sequence[Reach], out: int) -> None:
    seconds = 20 + 5 * int(sum(each.seconds for each in tests))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 60))  # of its own time: others' make nothing late
    signal.alarm(10 * seconds)
    resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY, MAX_MEMORY))
    ask(mutant, site, [each.test for each in tests], out)


def judge(found: Mapping[Mutant, Site], reached: Sequence[Reach], ask: Ask) -> Iterator[tuple[Mutant, Verdict]]:
    """Yield every mutant with what became of it. What killed others of a function is asked first about the next."""
    killers: defaultdict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    running: dict[int, tuple[Mutant, int]] = {}
    waiting = list(found.items())
    while waiting or running:
        while waiting and len(running) < PROCESSES:
            mutant, site = waiting.pop(0)
            known = killers[mutant.file, mutant.function]
            tests = sorted(tests_for(mutant, site, reached), key=lambda each: -known[each.test])
            one = partial(_bounded, ask, mutant, site, tests)
            process, pipe = _child(one)
            running[process] = (mutant, pipe)
        process, status = os.wait()
        mutant, pipe = running.pop(process)
        with os.fdopen(pipe, "rb") as stream:
            killers[mutant.file, mutant.function][stream.read().decode()] += 1
        late = os.WIFSIGNALED(status) and os.WTERMSIG(status) in (signal.SIGALRM, signal.SIGXCPU)
        yield mutant, "timed out" if late else "killed" if status else "survived"


def judge_all(found: Mapping[Mutant, Site], reached: Sequence[Reach]) -> Iterator[tuple[Mutant, Verdict]]:
    """Yield every mutant with what became of it."""
    anew = {mutant: site for mutant, site in found.items() if _at_import(mutant, site, reached)}
    inside = {mutant: site for mutant, site in found.items() if mutant not in anew}
    process, pipe = _child(lambda out: os._exit(_pytest(_Inside(inside, reached, out), FOLDERS)))
    with os.fdopen(pipe, "rb") as stream:
        for _ in inside:
            yield pickle.load(stream)
    os.waitpid(process, 0)
    yield from judge(anew, reached, _ask_anew)


# --- what is known ----------------------------------------------------------------------------------------------------


def listed() -> list[tuple[Mutant, str]]:
    """Return the survivors of survivors.toml, each with the reason why it is harmless."""
    entries = tomllib.loads(SURVIVORS.read_text("utf-8")).get("survivor", [])
    return [
        (Mutant(entry["file"], entry["function"], entry["line"], change), entry["reason"])
        for entry in entries
        for change in entry["changes"]
    ]


def _as_toml(mutants: Sequence[Mutant]) -> str:
    """Return mutants of one line as survivors.toml has them, their reason left to be written."""
    first, changes = mutants[0], "".join(f"    {_text(mutant.change)},\n" for mutant in mutants)
    return (
        f"[[survivor]]\nfile = {_text(first.file)}\nfunction = {_text(first.function)}\nline = {_text(first.line)}\n"
        f'changes = [\n{changes}]\nreason = ""\n'
    )


def _text(text: str) -> str:
    return f"'{text}'" if "'" not in text else json.dumps(text, ensure_ascii=False)


def main(names: Sequence[str]) -> int:
    """Print what is not as listed, figures for each file, and the score; return the exit code."""
    files = [path.relative_to(SOURCE).as_posix() for each in names for path in sorted((SOURCE / each).rglob("*.py"))]
    files += [name for name in names if name.endswith(".py")]
    found = {mutant: site for file in files for mutant, site in mutants(file).items()}
    known = {mutant for mutant, _ in listed() if mutant.file in files}
    for library in _LIBRARIES:
        importlib.import_module(library)
    reached, verdicts = measure(), dict[Mutant, Verdict]()
    with Progress(transient=True) as progress:
        for mutant, verdict in progress.track(judge_all(found, reached), len(found), description="mutants"):
            verdicts[mutant] = verdict
            if verdict == "survived" and mutant not in known:
                print(f"not listed:\n{_as_toml([mutant])}", flush=True)
    survived = {mutant for mutant, verdict in verdicts.items() if verdict == "survived"}
    for mutant in known - survived:
        print(f"listed, and does not survive:\n{_as_toml([mutant])}")
    for file in files:
        tally = Counter(verdict for mutant, verdict in verdicts.items() if mutant.file == file)
        figures = ", ".join(f"{tally[verdict]} {verdict}" for verdict in ("killed", "timed out", "survived"))
        print(f"{file}: {tally.total()} mutants, {figures}")
    noticed, share = len(found) - len(survived), 1 - len(survived) / len(found)
    print(f"noticed {noticed} of {len(found)} mutants, {share:.1%}; {len(survived & known)} of the others are harmless")
    return int(survived != known)


if __name__ == "__main__":
    os.chdir(SOURCE.parents[1])
    sys.exit(main(sys.argv[1:] or PACKAGES))
