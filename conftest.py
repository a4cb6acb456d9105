"""What every test stands on, the core's and the workspaces' alike: no foreign network, and reproducible examples.

Law: a test that connects to anything but this machine fails by name; the gate (`make test`) asks the same examples
every time, and `--hypothesis-profile=soak` others, for as long as it takes.
"""

import socket
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

pytest_plugins = ["tally", "server"]  # vectors that others published are counted; PostgreSQL runs for whoever asks

settings.register_profile(
    "gate",
    deadline=None,  # shared machines stall; a slow example is not a wrong one
    derandomize=True,
    max_examples=100,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile(
    "soak",
    settings.get_profile("gate"),
    derandomize=False,
    max_examples=6000,  # of what stands for many examples, such as a journey, a twelfth: half an hour of one core
)


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no test connect to anything but this machine: what needs another is not a test of ours."""

    def within(real: Callable[[socket.socket, Any], Any]) -> Callable[[socket.socket, Any], Any]:
        def connect(self: socket.socket, address: Any) -> Any:  # noqa: ANN401 - as the family of the socket has it
            if self.family in (socket.AF_INET, socket.AF_INET6) and address[0] not in ("127.0.0.1", "::1", "localhost"):
                pytest.fail(f"this test tried to connect to {address}; nothing of ours is there")
            return real(self, address)

        return connect

    monkeypatch.setattr(socket.socket, "connect", within(socket.socket.connect))
    monkeypatch.setattr(socket.socket, "connect_ex", within(socket.socket.connect_ex))


LONGEST = ("tests/offline/", "tests/demo/", "tests/faults/", "tests/e2e/")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the tests that take longest, so that no process is left alone with one of them at the end."""
    items.sort(key=lambda item: (*map(item.nodeid.startswith, LONGEST),), reverse=True)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let whoever has the time pull the plug more often than the gate does (tests/faults)."""
    parser.addoption("--kills", type=int, default=10, help="at how many random moments a command is killed")
    parser.addoption("--everywhere", action="store_true", help="run more on PostgreSQL too")
    parser.addoption("--first-kill", type=int, default=0, help="the seed of the first of them; the others follow")
