"""How the core's tables became what they are: one revision after the other, run by alembic in the caller's transaction.

Views have none: what is derived is made anew. A revision that was released is never changed again.
"""

from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection

HERE: Final = Path(__file__).parent


def upgrade(tx: Connection, to: str = "head", versions: Path = HERE / "versions") -> None:
    """Run the revisions that a database lacks, up to `to`."""
    config = Config(attributes={"connection": tx})
    config.set_main_option("script_location", str(HERE).replace("%", "%%"))
    config.set_main_option("path_separator", "newline")
    config.set_main_option("version_locations", str(versions).replace("%", "%%"))
    command.upgrade(config, to)
