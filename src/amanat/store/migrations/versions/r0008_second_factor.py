"""Revision 0008: officers have a second factor; who was here before sets one up at the next sign-in."""

from alembic import op
from sqlalchemy import BigInteger, Column, Integer, LargeBinary, String

revision = "0008"
down_revision = "0007"

NUMBER = BigInteger().with_variant(Integer(), "sqlite")


def upgrade() -> None:
    """Make both tables, empty."""
    op.create_table(
        "factor",
        Column("officer", NUMBER, primary_key=True, autoincrement=False),
        Column("sealed", LargeBinary, nullable=False),
        Column("since", String, nullable=False),
        Column("step", NUMBER, nullable=False),
    )
    op.create_table(
        "recovery",
        Column("officer", NUMBER, primary_key=True, autoincrement=False),
        Column("digest", String, primary_key=True),
    )
