"""Revision 0015: what a node keeps back until it is to be said; before, nothing was."""

from alembic import op
from sqlalchemy import Column, LargeBinary, String

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    """Make the table, empty."""
    op.create_table(
        "kept_back",
        Column("digest", String, primary_key=True),
        Column("data", LargeBinary, nullable=False),
        Column("until", String, nullable=False),
    )
