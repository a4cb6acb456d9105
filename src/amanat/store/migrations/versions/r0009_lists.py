"""Revision 0009: lists, searches and logs are read by indexes, however much is kept.

And whether a record that waits for its second person names anybody is kept: of those that wait now, that it does.
"""

from alembic import op
from sqlalchemy import Boolean, Column, text, true

revision = "0009"
down_revision = "0008"

PLACE = ["at", "party", "id"]
WITHDRAWS = text("relation = 'withdraws'")


def upgrade() -> None:
    """Add the indexes, and the column."""
    with op.batch_alter_table("held") as held:
        held.add_column(Column("person", Boolean, nullable=False, server_default=true()))
    op.create_index("record_place", "record", [*PLACE, "kind", "state"])
    op.create_index("record_party", "record", ["party", "at", "id", "kind", "state"])
    op.create_index("record_kind", "record", ["kind", *PLACE, "state"])
    op.create_index("record_state", "record", ["state", *PLACE, "kind"])
    op.create_index("record_log", "record", ["compact", "log_index"])
    op.create_index(
        "reference_withdraws", "reference", ["party", "id"], sqlite_where=WITHDRAWS, postgresql_where=WITHDRAWS
    )
    op.create_index("audit_act", "audit", ["act", "number"])
    op.create_index("audit_outcome", "audit", ["outcome", "number"])
    for name, where in (("exercise", text("exercise IS true")), ("unread_place", text("read_by IS NOT NULL"))):
        op.create_index(f"record_{name}", "record", PLACE, sqlite_where=where, postgresql_where=where)
