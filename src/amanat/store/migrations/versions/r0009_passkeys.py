"""Revision 0009: officers may have passkeys; nobody has one yet."""

from alembic import op
from sqlalchemy import BigInteger, Column, Integer, LargeBinary, String

revision = "0009"
down_revision = "0008"

NUMBER = BigInteger().with_variant(Integer(), "sqlite")


def upgrade() -> None:
    """Make the table, empty."""
    op.create_table(
        "passkey",
        Column("id", String, primary_key=True),
        Column("officer", NUMBER, nullable=False, index=True),
        Column("domain", String, nullable=False),
        Column("name", String, nullable=False),
        Column("public_key", LargeBinary, nullable=False),
        Column("counter", NUMBER, nullable=False),
        Column("created", String, nullable=False),
        Column("used", String),
    )
