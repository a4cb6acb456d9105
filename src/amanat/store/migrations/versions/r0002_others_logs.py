"""Revision 0002: entries of others' logs are kept, clocks compared, and what is asked most is found at once."""

from alembic import op
from sqlalchemy import BigInteger, Column, Integer, LargeBinary, String, text

revision = "0002"
down_revision = "0001"

NUMBER = BigInteger().with_variant(Integer(), "sqlite")

# Numbers of a sender that follow one another are one run: what their order takes from them is the same for all.
RUNS = """
INSERT INTO arrived (sender, "first", "last")
SELECT sender, min(sequence), max(sequence) FROM (
    SELECT sender, sequence, sequence - row_number() OVER (PARTITION BY sender ORDER BY sequence) AS run
    FROM (SELECT DISTINCT sender, sequence FROM arrival) AS once
) AS ordered
GROUP BY sender, run
"""


def upgrade() -> None:
    """Bring tables, rows and indexes up."""
    _kept_logs()
    _found_at_once()
    op.create_table(
        "clock",
        Column("party", String, primary_key=True),
        Column("ahead", NUMBER, nullable=False),
        Column("at", String, nullable=False),
    )
    op.create_table(
        "arrived",
        Column("sender", String, primary_key=True),
        Column("first", NUMBER, primary_key=True),
        Column("last", NUMBER, nullable=False),
    )
    op.execute(RUNS)


def _kept_logs() -> None:
    """Whoever countersigned a log so far was asked for all of it."""
    op.create_table(
        "pending",
        Column("origin", String, primary_key=True),
        Column("size", NUMBER, nullable=False),
        Column("note", LargeBinary, nullable=False),
        Column("next", NUMBER, nullable=False),
    )
    with op.batch_alter_table("cosigned") as cosigned:
        cosigned.add_column(Column("pending", NUMBER, nullable=False, server_default="0"))
        cosigned.add_column(Column("next", NUMBER, nullable=False, server_default="0"))
    op.execute("UPDATE cosigned SET pending = size, next = size")
    with op.batch_alter_table("cosigned") as cosigned:
        cosigned.alter_column("pending", server_default=None)
        cosigned.alter_column("next", server_default=None)


def _found_at_once() -> None:
    op.create_index("arrival_due", "arrival", ["sender", "answered", "compact", "log_index"])
    op.create_index("delivery_line", "delivery", ["recipient", "sequence"])
    op.create_index("delivery_open", "delivery", ["recipient", "state", "sequence"])
    for name, table, columns, where in (
        ("record_withdrawn", "record", ["state"], "state = 'withdrawn'"),
        ("attachment_untold", "attachment", ["party"], "told IS {false}"),
        ("checkpoint_quorum", "checkpoint", ["log", "size"], "quorum IS {true}"),
        ("refusal_due", "refusal", ["sender"], "answered IS {false}"),
    ):
        lite = text(where.format(true="1", false="0"))
        postgres = text(where.format(true="true", false="false"))
        op.create_index(name, table, columns, sqlite_where=lite, postgresql_where=postgres)
