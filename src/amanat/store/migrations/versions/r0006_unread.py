"""Revision 0006: by when somebody here is to have read a record. Nothing waits of what came before."""

from alembic import op
from sqlalchemy import Column, String, text

revision = "0006"
down_revision = "0005"

UNREAD = text("read_by IS NOT NULL")


def upgrade() -> None:
    """Add the column, empty, and its index."""
    with op.batch_alter_table("record") as record:
        record.add_column(Column("read_by", String))
    op.create_index("record_unread", "record", ["read_by"], sqlite_where=UNREAD, postgresql_where=UNREAD)
