"""Revision 0013: a session says by what browser and from what address it was begun; of those that are open, nothing."""

from alembic import op
from sqlalchemy import Column, String

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Add both, empty."""
    with op.batch_alter_table("session") as session:
        session.add_column(Column("browser", String, nullable=False, server_default=""))
        session.add_column(Column("address", String, nullable=False, server_default=""))
