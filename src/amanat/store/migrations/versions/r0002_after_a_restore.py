"""Revision 0002: the statements by which a party's log ends, and the envelopes that are asked for again."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make their tables; no log was ended before, and nothing asked for."""
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
