"""One party's node: the composition root, where folder, passphrase, clock, randomness and workspaces meet.

The only place that reads the clock and draws random bytes; everything below is handed them.
"""

import os
from datetime import UTC, datetime
from pathlib import Path

from amanat.exchange.means import Means
from amanat.party import canonical
from amanat.party.errors import Fault
from amanat.party.keys import Cost, NodeSecrets, lock, new_secrets, node_keys, unlock
from amanat.record.kind import Kinds
from amanat.record.notices import NOTICES
from amanat.store import sqlite
from amanat.workspaces import find

KEY_FILE = "node.key"
DATABASE = "node.sqlite"


def now() -> datetime:
    """Return the time in UTC."""
    return datetime.now(UTC)


def random(count: int) -> bytes:
    """Return `count` bytes of the operating system's randomness."""
    return os.urandom(count)


def all_kinds() -> Kinds:
    """Return the core's notices and every workspace's kinds."""
    return Kinds([*NOTICES, *(kind for workspace in find() for kind in workspace.kinds)])
