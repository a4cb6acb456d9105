"""Revision 0007: a session says how it was begun, and when its officer last proved who it is."""

from alembic import op
from sqlalchemy import Column, String

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Add both: who is signed in came by a password, and is asked once more before letting a record on a person go."""
    with op.batch_alter_table("session") as session:
        session.add_column(Column("began_by", String, nullable=False, server_default="password"))
        session.add_column(Column("proven", String))
