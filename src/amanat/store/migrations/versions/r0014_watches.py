"""Revision 0014: the watches of a post, planned and kept; of those that were kept before, nothing is known."""

from alembic import op
from sqlalchemy import BigInteger, Column, Integer, LargeBinary, String, text

revision = "0014"
down_revision = "0013"

NUMBER = BigInteger().with_variant(Integer(), "sqlite")
HELD = text("taken IS NOT NULL AND given IS NULL")


def upgrade() -> None:
    """Make the table, empty."""
    op.create_table(
        "watch",
        Column("number", NUMBER, primary_key=True, autoincrement=True),
        Column("post", String, nullable=False),
        Column("officer", NUMBER, nullable=False),
        Column("begins", String, nullable=False),
        Column("ends", String, nullable=False),
        *(Column(name, String) for name in ("cancelled", "taken", "offered", "given")),
        Column("next", NUMBER),
        Column("notes", String, nullable=False),
        Column("matters", String, nullable=False),
        Column("salt", LargeBinary),
    )
    op.create_index("watch_place", "watch", ["post", "begins"])
    op.create_index("watch_held", "watch", ["post"], unique=True, sqlite_where=HELD, postgresql_where=HELD)
