"""Revision 0003: drafts that are kept, who wrote what is held, and passwords that somebody else set."""

from alembic import op
from sqlalchemy import BigInteger, Boolean, Column, Integer, LargeBinary, String, false

revision = "0003"
down_revision = "0002"

NUMBER = BigInteger().with_variant(Integer(), "sqlite")


def upgrade() -> None:
    """What is held was written by who had it held; who works here by now has a password of one's own."""
    op.create_table(
        "draft",
        Column("id", String, primary_key=True),
        Column("version", NUMBER, nullable=False),
        Column("changed", String, nullable=False),
        Column("expires", String, nullable=False),
        Column("officer", NUMBER, nullable=False),
        Column("post", String, nullable=False),
        Column("writers", String, nullable=False),
        Column("files", String, nullable=False),
        Column("returned", String),
        Column("returned_by", String),
        Column("data", LargeBinary, nullable=False),
    )
    op.create_index("ix_draft_expires", "draft", ["expires"])
    with op.batch_alter_table("held") as table:
        table.add_column(Column("writers", String, nullable=False, server_default=""))
    with op.batch_alter_table("officer") as table:
        table.add_column(Column("password_given", Boolean, nullable=False, server_default=false()))
