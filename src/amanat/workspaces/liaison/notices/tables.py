"""The tables of notices and of what follows them: a row a record.

Law: a row says nothing that its record does not. `counts` is from when on other records of the matter count, by the
record's own time: what is dated clearly before a notice says nothing of it.
"""

from typing import Final

from sqlalchemy import Boolean, Column, Index, String

from amanat.workspaces.liaison.views import table

NOTICE: Final = table(
    "notice",
    Column("type", String, nullable=False),
    Column("since", String, nullable=False),
    Column("until", String, nullable=False),
    Column("changes_party", String),
    Column("changes_id", String),
    Column("counts", String, nullable=False),
    Column("body", String, nullable=False),
    Index("liaison_notice_at", "at", "party", "id"),
    Index("liaison_notice_changes", "changes_party", "changes_id", "at"),
    Index("liaison_notice_side", "party", "until", "since"),
    Index("liaison_notice_until", "until"),
)
STEP: Final = table(
    "notice_step",
    Column("type", String, nullable=False),
    Column("of_party", String, nullable=False),
    Column("of_id", String, nullable=False),
    Column("ends", Boolean, nullable=False),
    Column("body", String, nullable=False),
    Index("liaison_notice_step_type", "type", "at"),
    Index("liaison_notice_step_of", "of_party", "of_id", "party", "at", "id"),
)
