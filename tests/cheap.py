"""Key files that cost little to open, for tests of everything but key files (tests/party/test_key_file.py is of those)."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import pytest

from amanat import node
from amanat.party.key_file import Cost

CHEAP: Final = Cost(memory_kib=8 * 1024, passes=1, lanes=1)


@contextmanager
def cheap_keys() -> Iterator[None]:
    """Let nodes and custodians lock their key files by the least that any key file may ask for."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(node, "COST", CHEAP)
        yield
