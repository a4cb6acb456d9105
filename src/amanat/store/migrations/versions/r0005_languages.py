"""Revision 0005: each officer is spoken to in a language; who was here before, in English."""

from alembic import op
from sqlalchemy import Column, String

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add the language, by the tag that manifests' lexicons name it with."""
    with op.batch_alter_table("officer") as officer:
        officer.add_column(Column("language", String, nullable=False, server_default="en"))
