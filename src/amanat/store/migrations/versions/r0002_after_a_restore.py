"""Revision 0002: the statements by which a party's log ends, and the envelopes asked for again and given if allowed."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make their tables; no log was ended before, nothing asked for or allowed, and each lost entry stood by itself."""
    op.create_table(
        "ending",
        sa.Column("compact", sa.String(), nullable=False),
        sa.Column("party", sa.String(), nullable=False),
        sa.Column("number", NUMBER, nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("compact", "party", "number"),
    )
    op.create_table(
        "again",
        sa.Column("party", sa.String(), nullable=False),
        sa.Column("envelope", sa.String(), nullable=False),
        sa.Column("ours", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("party", "envelope", "ours"),
    )
    op.create_table(
        "giving",
        sa.Column("party", sa.String(), nullable=False),
        sa.Column("until", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("party"),
    )
    with op.batch_alter_table("lost") as table:
        table.add_column(sa.Column("last", NUMBER))
    op.execute("UPDATE lost SET last = log_index")
    with op.batch_alter_table("lost") as table:
        table.alter_column("last", nullable=False)
