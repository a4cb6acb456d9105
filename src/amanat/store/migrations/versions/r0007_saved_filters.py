"""Revision 0007: filters of the list of records that officers keep by a name."""

from alembic import op
from sqlalchemy import BigInteger, Column, Integer, String

revision = "0007"
down_revision = "0006"

NUMBER = BigInteger().with_variant(Integer(), "sqlite")


def upgrade() -> None:
    """Nobody has kept one yet."""
    op.create_table(
        "saved_filter",
        Column("officer", NUMBER, primary_key=True, autoincrement=False),
        Column("name", String, primary_key=True),
        Column("address", String, nullable=False),
    )
