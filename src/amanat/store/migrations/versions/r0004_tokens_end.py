"""Revision 0004: every token ends."""

from datetime import datetime, timedelta

from alembic import op
from sqlalchemy import String, column, select, table

revision = "0004"
down_revision = "0003"

TOKEN = table("token", column("id"), column("created"), column("expires"))
LASTED = timedelta(days=90)


def upgrade() -> None:
    """One that had no end ends as if it were made now without saying when: 90 days after it was made."""
    tx = op.get_bind()
    for row in tx.execute(select(TOKEN).where(TOKEN.c.expires.is_(None))).all():
        expires = (datetime.fromisoformat(row.created) + LASTED).isoformat()
        tx.execute(TOKEN.update().where(TOKEN.c.id == row.id).values(expires=expires))
    with op.batch_alter_table("token") as changed:
        changed.alter_column("expires", existing_type=String(), nullable=False)
