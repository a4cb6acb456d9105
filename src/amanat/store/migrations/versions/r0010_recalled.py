"""Revision 0010: of each delivery it is kept whether a word is awaited of what became of a withdrawn record."""

from alembic import op
from sqlalchemy import Boolean, Column, false, text

revision = "0010"
down_revision = "0009"

RECALLED = text("recalled IS true")
AWAITED = """
UPDATE delivery SET recalled = true
WHERE envelope IN (
    SELECT record.envelope FROM record JOIN reference
        ON reference.to_party = record.party AND reference.to_id = record.id AND reference.party = record.party
    WHERE reference.relation = 'withdraws'
)
AND NOT EXISTS (
    SELECT 1 FROM record
        JOIN reference ON reference.to_party = record.party AND reference.to_id = record.id
        JOIN record AS word ON word.party = reference.party AND word.id = reference.id
    WHERE record.envelope = delivery.envelope AND reference.relation = 'about'
        AND reference.party = delivery.recipient AND word.kind LIKE 'record.destroyed/%'
)
"""


def upgrade() -> None:
    """Add the column, say of what was withdrawn who did not answer, and find those by an index."""
    with op.batch_alter_table("delivery") as delivery:
        delivery.add_column(Column("recalled", Boolean, nullable=False, server_default=false()))
    op.execute(AWAITED)
    with op.batch_alter_table("delivery") as delivery:
        delivery.alter_column("recalled", server_default=None)
    op.create_index("delivery_recalled", "delivery", ["envelope"], sqlite_where=RECALLED, postgresql_where=RECALLED)
