"""A border in a box: two states and an observer talk in a folder, and nine ways to cheat are caught."""

import os
import shlex
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from rich.console import Console

from amanat.demo import day, day_incident, day_proven, hotline, story
from amanat.demo.cast import Cast, close, passphrase
from amanat.demo.folders import ENVELOPE, RECEIPT
from amanat.demo.nodes import Nodes, prepare
from amanat.demo.officers import PASSWORD, RANKS, SIGN_IN, appoint
from amanat.demo.screen import check, fact, heading
from amanat.demo.tamper import ATTACKS, attempt
from amanat.demo.trial import Catch
from amanat.party.errors import Invalid

CHECKER = Path("docs", "protocol", "check_receipt.py")  # lies in a checkout, and not where amanat is only installed


def run(folder: Path, console: Console, stay: Callable[[], object] | None = None) -> bool:
    """Play the whole story in an empty folder and leave it there; return whether everything held.

    `stay`, where given, is called when all is told and the nodes are up again; they stop when it returns. Raises
    `Invalid` when something is in the folder already.
    """
    if folder.exists() and any(folder.iterdir()):
        raise Invalid("demo.folder", f"{folder} is not empty.", "Name an empty folder, or one that is not there yet.")
    folder.mkdir(parents=True, exist_ok=True)
    cast = story.ceremony(folder, console)
    appoint(cast)
    nodes = prepare(cast)
    try:
        holds = _played(cast, nodes, folder, console)
        nodes.stop_all()
        holds &= tampering(cast, console)
        close(cast)
        _farewell(folder, console, holds=holds)
        if stay is not None:
            _stay(nodes, console, stay)
    finally:
        nodes.stop_all()
        close(cast)
    return holds


def _played(cast: Cast, nodes: Nodes, folder: Path, console: Console) -> bool:
    """Play the honest part, the nodes up; return whether everything held."""
    story.serve(nodes, console)
    called = hotline.hotline(cast, console)
    called &= _day(day.Day(cast, nodes, folder / "day", console))
    sent, holds = story.reports(cast, console)
    holds &= called
    holds &= story.live(cast, sent, console)
    holds &= story.audited(cast, folder, console)
    holds &= story.cut(cast, nodes, folder, console)
    holds &= story.withdrawal(cast, sent, console)
    story.desk(cast, console)
    return holds & story.proofs(cast, folder, console)


def _day(played: day.Day) -> bool:
    """Play the day at the line; return whether everything held, and is proven afterwards."""
    before = day_proven.begun(played)
    holds = day.morning(played)
    holds &= day_incident.dusk(played)
    return holds & day_proven.proven(played, before)


def _stay(nodes: Nodes, console: Console, stay: Callable[[], object]) -> None:
    """Bring the nodes up again and tell where they are, until `stay` returns."""
    heading(console, "", "The three nodes stay up. Stop them with Ctrl-C.")
    for code, url in nodes.urls.items():
        nodes.start(code)
        fact(console, f"{code:<4}{url}/sign-in")
    fact(console, f"Sign in by one click as {', '.join(SIGN_IN[:-1])} or {SIGN_IN[-1]}.")
    fact(console, f"Calls that nobody opens climb to {', '.join(name for name, _, _ in RANKS)}.")
    fact(console, f"Where one is asked for, the password is: {PASSWORD}")
    stay()


def tampering(cast: Cast, console: Console) -> bool:
    """Try the nine attacks on copies of the parties; return whether each was caught by the check meant for it."""
    heading(console, "", "Nine ways to cheat, each really tried on copies of the three parties")
    held = 0
    for number, attack in enumerate(ATTACKS, 1):
        heading(console, str(number), attack.name)
        fact(console, attack.what)
        held += _caught(attempt(attack, cast), console)
        fact(console, attack.page, "dim")
    console.print()
    return check(
        console, f"{held} of {len(ATTACKS)} attacks were caught, each by its own check.", holds=held == len(ATTACKS)
    )


def _caught(catches: Sequence[Catch], console: Console) -> bool:
    """Tell what each try of one attack met."""
    for catch in catches:
        met = f"{catch.tried}: {catch.code}"
        check(console, met if catch.held else f"{met}, and not {catch.expected}", holds=catch.held, word="caught")
        fact(console, f"  {catch.says}")
    return all(catch.held for catch in catches)


def _farewell(folder: Path, console: Console, *, holds: bool) -> None:
    heading(console, "", "Everything held." if holds else "NOT EVERYTHING HELD. What did not stands in red above.")
    fact(console, f"What was played stays in {folder}. Try by hand:")
    for line in _hints(folder):
        console.print(f"    {line}", soft_wrap=True, markup=False, highlight=False)


def _hints(folder: Path) -> Iterator[str]:
    """Yield lines that a shell takes as they are, wherever our programs lie."""
    programs, checker = Path(sys.executable).parent, Path.cwd() / CHECKER
    if str(programs) not in os.get_exec_path():
        yield f"PATH={shlex.quote(str(programs))}:$PATH"
    yield f"cd {shlex.quote(str(folder.absolute()))}"
    yield f"amanat inbox -C af   # passphrase: {passphrase('af')}"
    yield "amanat bundle show bundles/01-pk-to-af.bundle"
    yield "amanat log audit logs/af --vkey logs/af.vkey"
    receipt = "receipts/pk-to-af-1"
    if checker.is_file():
        yield f"{Path(sys.executable).name} {shlex.quote(str(checker))} \\"
        yield f"  {receipt}{ENVELOPE} {receipt}{RECEIPT} logs/af.policy"
    yield f"amanat verify receipt --envelope {receipt}{ENVELOPE} \\"
    yield f"  --receipt {receipt}{RECEIPT} --policy logs/af.policy"
