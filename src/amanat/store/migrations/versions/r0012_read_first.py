"""Revision 0012: what is to be read, and acts that are narrowed down, are found by an index alone."""

from alembic import op
from sqlalchemy import text

revision = "0012"
down_revision = "0011"

UNREAD = text("read_by IS NOT NULL")
CHANGED = text("state <> 'current'")


def upgrade() -> None:
    """Make the indexes anew."""
    for name in ("record_unread", "record_state"):
        op.drop_index(name, "record")
    op.create_index("record_unread", "record", ["read_by", "id", "kind"], sqlite_where=UNREAD, postgresql_where=UNREAD)
    places = ["state", "at", "party", "id", "kind"]
    op.create_index("record_state", "record", places, sqlite_where=CHANGED, postgresql_where=CHANGED)
    for name in ("ix_audit_at", "ix_audit_officer", "ix_audit_subject", "audit_act", "audit_outcome"):
        op.drop_index(name, "audit")
    op.create_index("audit_at", "audit", ["at", "number"])
    for name in ("officer", "act", "subject", "outcome"):
        op.create_index(f"audit_{name}", "audit", [name, "at", "number"])
