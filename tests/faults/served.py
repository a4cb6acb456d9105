"""Nodes served by the real program, `amanat node serve`, each a process of its own as an operator begins it."""

import signal
import subprocess
import sys
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from amanat import node
from amanat.demo import cast
from amanat.exchange.lines import set_address
from faults.plug import environment
from wire import free_port

SERVE: Final = "node serve -C {0} --passphrase-file {0}.pass"


def settle_down(folder: Path, parties: Collection[str]) -> dict[str, int]:
    """Give each node a port, and the others its address; return the ports."""
    ports = {party: free_port() for party in parties}
    for party in parties:
        with (folder / party / "node.toml").open("a", encoding="utf-8") as file:
            file.write(f"port = {ports[party]}\n")
        means = node.open_node(folder / party, cast.passphrase(party))
        for other in set(parties) - {party}:
            set_address(means, other, f"http://127.0.0.1:{ports[other]}")
        means.engine.dispose()
    return ports


@contextmanager
def serving(folder: Path, party: str) -> Iterator[None]:
    """Serve a node until it is asked to stop, as an operator does."""
    program = "import sys; from amanat.cli import main; sys.exit(main())"
    with (folder / f"{party}.log").open("w", encoding="utf-8") as said:
        running = subprocess.Popen(  # noqa: S603 - ourselves
            [sys.executable, "-B", "-c", program, *SERVE.format(party).split()],
            cwd=folder,
            env=environment(),
            stdout=said,
            stderr=said,
        )
        try:
            yield
        finally:
            running.send_signal(signal.SIGINT)
            assert running.wait(30) == 0, (folder / f"{party}.log").read_text("utf-8")
