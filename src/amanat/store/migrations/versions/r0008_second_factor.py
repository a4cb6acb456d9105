"""Revision 0008: officers have a second factor, and may have passkeys; a session says how it began and was proven.

Who was here before came by a password, sets up a second factor at the next sign-in, and has no passkey yet.
"""

from alembic import op
from sqlalchemy import BigInteger, Column, Integer, LargeBinary, String

revision = "0008"
down_revision = "0007"

NUMBER = BigInteger().with_variant(Integer(), "sqlite")


def upgrade() -> None:
    """Add the columns, and make the three tables, empty."""
    with op.batch_alter_table("session") as session:
        session.add_column(Column("began_by", String, nullable=False, server_default="password"))
        session.add_column(Column("proven", String))
        session.add_column(Column("wrong", NUMBER, nullable=False, server_default="0"))
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
