"""Revision 0004: every token ends, and it is counted how often an attachment's chunks were dropped."""

from datetime import datetime, timedelta

from alembic import op
from sqlalchemy import BigInteger, Column, Integer, String, column, select, table

revision = "0004"
down_revision = "0003"

NUMBER = BigInteger().with_variant(Integer(), "sqlite")
TOKEN = table("token", column("id"), column("created"), column("expires"))
LASTED = timedelta(days=90)


def upgrade() -> None:
    """A token that had no end ends as if it were made now without saying when: 90 days after it was made."""
    tx = op.get_bind()
    for row in tx.execute(select(TOKEN).where(TOKEN.c.expires.is_(None))).all():
        expires = (datetime.fromisoformat(row.created) + LASTED).isoformat()
        tx.execute(TOKEN.update().where(TOKEN.c.id == row.id).values(expires=expires))
    with op.batch_alter_table("token") as token:
        token.alter_column("expires", existing_type=String(), nullable=False)
    with op.batch_alter_table("attachment") as attachment:
        attachment.add_column(Column("dropped", NUMBER, nullable=False, server_default="0"))
