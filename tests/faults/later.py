"""The program as a later version of it would be: one more revision of the core's tables, and views of another version.

Law: it differs from the program at hand in those two alone, so that what it upgrades is a border of today. It may be
killed as one of its steps returns.
"""

import os
import signal
import sys
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Final

from amanat import node
from amanat.cli import main
from amanat.store import database, migrations, schema, sqlite, views
from amanat.workspaces import find

REVISION: Final = "9999"
COLUMN: Final = "sa.Column('later', sa.String, nullable=False, server_default='none')"
STEPS: Final[dict[str, tuple[Any, str]]] = {
    "the copy": (sqlite, "copy"),
    "all changes of the core's tables": (migrations, "upgrade"),
    "their commit": (database, "upgrade"),
    "the making of empty views": (views, "make"),
}
"""What an upgrade does, by where the program finds it."""


def revisions(folder: Path) -> Path:
    """Write the revisions there are, and one more, to a new folder."""
    folder.mkdir()
    for path in (migrations.HERE / "versions").glob("r*.py"):
        (folder / path.name).write_bytes(path.read_bytes())
    lines = ["import sqlalchemy as sa", "from alembic import op", f"revision = '{REVISION}'"]
    lines += [f"down_revision = '{schema.REVISION}'", "def upgrade():", "    with op.batch_alter_table('record') as t:"]
    (folder / "r9999_later.py").write_text("\n".join([*lines, f"        t.add_column({COLUMN})"]))
    return folder


def upgrade(versions: Path, folder: Path, party: str, last: str) -> None:
    """Upgrade a party's node as `amanat node upgrade` of that version does, and die after the step `last`."""
    become_later(versions)
    if last:
        where, name = STEPS[last]
        setattr(where, name, _the_last(getattr(where, name)))
    sys.stdout = sys.stderr = (folder / f"{party}.said").open("w", encoding="utf-8", buffering=1)
    os.chdir(folder)
    sys.exit(main(["node", "upgrade", "-C", party, "--passphrase-file", f"{party}.pass"]))


def become_later(versions: Path) -> None:
    """Make the program in this process that version."""
    later = [replace(each, views=replace(each.views, version=each.views.version + 1)) for each in find()]
    vars(schema)["REVISION"] = REVISION
    vars(migrations)["upgrade"] = partial(migrations.upgrade, versions=versions)
    vars(node)["find"] = lambda: later


def _the_last(do: Callable[..., object]) -> Callable[..., None]:
    def die(*given: Any) -> None:
        do(*given)
        os.kill(os.getpid(), signal.SIGKILL)

    return die
