"""The parties' nodes while the demo plays: real processes of the real command, each on a port of this machine."""

import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import httpx

from amanat import node, settings
from amanat.demo.cast import Cast, passphrase
from amanat.exchange.lines import set_address
from amanat.exchange.peer_client import NONCE_PATH
from amanat.party.errors import Fault

PORTS: Mapping[str, int] = {"pk": 8441, "af": 8442, "obs": 8443}
PATIENCE = 60.0
"""Seconds that anything on this machine may take, however busy it is."""
_LOOK_EVERY = 0.02
_PASSPHRASE_FILE = "passphrase.txt"  # noqa: S105 - a file's name


@dataclass(slots=True)
class Nodes:
    """The nodes that are being served, by party."""

    cast: Cast
    urls: Mapping[str, str]
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self, code: str) -> None:
        """Serve a party's node. Raises `Fault` when it does not come up."""
        folder = self.cast[code].folder
        command = [sys.executable, "-m", "amanat", "node", "serve", "--demo", "-C", str(folder)]
        with (folder / "node.log").open("ab") as log:
            self.running[code] = subprocess.Popen(  # noqa: S603 - our own command on a folder that we made
                [*command, "--passphrase-file", str(folder / _PASSPHRASE_FILE)], stdout=log, stderr=log
            )
        with httpx.Client(trust_env=False) as asking:
            told = eventually(lambda: _answers(asking, self.urls[code]) or self.running[code].poll() is not None)
        if not told or self.running[code].poll() is not None:
            raise Fault("demo.node", f"The node of {code} does not come up.", f"Read {folder / 'node.log'}.")

    def stop(self, code: str) -> None:
        """Stop a party's node as its machine does when it is shut down."""
        process = self.running.pop(code)
        process.terminate()
        process.wait(PATIENCE)

    def stop_all(self) -> None:
        """Stop them all."""
        for code in list(self.running):
            self.stop(code)


def prepare(cast: Cast) -> Nodes:
    """Give every node its port and the addresses of the others; none is served yet."""
    ports = {code: _free(port) for code, port in PORTS.items()}
    urls = {code: f"http://127.0.0.1:{port}" for code, port in ports.items()}
    for code, actor in cast.items():
        node.write_file(actor.folder / settings.FILE, f"port = {ports[code]}\n".encode())
        node.write_file(actor.folder / _PASSPHRASE_FILE, passphrase(code).encode(), mode=0o600)
        for other in cast.keys() - {code}:
            set_address(actor.means, other, urls[other])
    return Nodes(cast, urls)


def eventually(holds: Callable[[], bool]) -> bool:
    """Wait until something holds, and return whether it came to."""
    until = time.monotonic() + PATIENCE
    while not holds():
        if time.monotonic() > until:
            return False
        time.sleep(_LOOK_EVERY)
    return True


def _free(port: int) -> int:
    """Return the port if nobody listens there, or another one."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _answers(asking: httpx.Client, url: str) -> bool:
    try:
        return asking.get(f"{url}{NONCE_PATH}").is_success
    except httpx.HTTPError:
        return False
