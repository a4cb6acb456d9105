"""Revision 0002: entries of others' logs are kept, clocks are compared, and what was withdrawn is found at once."""

from alembic import op
from sqlalchemy import BigInteger, Column, Integer, LargeBinary, String, text

revision = "0002"
down_revision = "0001"

NUMBER = BigInteger().with_variant(Integer(), "sqlite")
WITHDRAWN = text("state = 'withdrawn'")


def upgrade() -> None:
    """Whoever countersigned a log so far was asked for all of it."""
    op.create_table(
        "pending",
        Column("origin", String, primary_key=True),
        Column("size", NUMBER, nullable=False),
        Column("note", LargeBinary, nullable=False),
        Column("next", NUMBER, nullable=False),
    )
    op.create_table(
        "clock",
        Column("party", String, primary_key=True),
        Column("ahead", NUMBER, nullable=False),
        Column("at", String, nullable=False),
    )
    op.create_index("record_withdrawn", "record", ["state"], sqlite_where=WITHDRAWN, postgresql_where=WITHDRAWN)
    with op.batch_alter_table("cosigned") as cosigned:
        cosigned.add_column(Column("pending", NUMBER, nullable=False, server_default="0"))
        cosigned.add_column(Column("next", NUMBER, nullable=False, server_default="0"))
    op.execute("UPDATE cosigned SET pending = size, next = size")
    with op.batch_alter_table("cosigned") as cosigned:
        cosigned.alter_column("pending", server_default=None)
        cosigned.alter_column("next", server_default=None)
