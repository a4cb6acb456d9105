"""Revision 0011: what a list calls a draft by is kept with it, and records are counted by day from an index alone."""

from alembic import op
from sqlalchemy import Column, String

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Add what is missing: of a draft there is already, no list shows a title until it is written again."""
    with op.batch_alter_table("draft") as draft:
        draft.add_column(Column("title", String))
    op.drop_index("record_party", "record")
    op.create_index("record_party", "record", ["party", "at", "id", "kind", "state", "compact"])
