"""Rows of notices and of what follows them, made of their records.

Law: each of one record alone, in whatever order they come; what follows from several, `rules` and `activities` ask.
"""

from amanat.party import canonical
from amanat.record.kind import Tx
from amanat.record.record import Record
from amanat.workspaces.liaison.ground.spines import spine
from amanat.workspaces.liaison.notices.activities import disclose
from amanat.workspaces.liaison.notices.deconfliction import Activity
from amanat.workspaces.liaison.notices.kinds import Notice, type_of
from amanat.workspaces.liaison.notices.steps import Ended, Step
from amanat.workspaces.liaison.notices.tables import NOTICE, STEP
from amanat.workspaces.liaison.rules import SKEW
from amanat.workspaces.liaison.views import add, spell


def apply_notice(tx: Tx, record: Record) -> None:
    """Add a notice's row, and what it tells of to the activities."""
    body: Notice = record.body
    party, id_ = record.key
    counts = spell(record.fields.at - SKEW)
    window, changes = body.window, body.changes
    add(
        tx,
        NOTICE,
        record,
        type=type_of(body),
        since=spell(window.since),
        until=spell(window.until),
        changes_party=changes.party if changes else None,
        changes_id=changes.id if changes else None,
        counts=counts,
        body=canonical.encode(body).decode(),
    )
    disclose(tx, record.fields.compact, activity(party, id_, body, exercise=record.fields.exercise), counts)


def apply_step(tx: Tx, record: Record) -> None:
    """Add the row of a step."""
    body: Step = record.body
    add(
        tx,
        STEP,
        record,
        type=str(body.__struct_config__.tag),
        of_party=body.notice.party,
        of_id=body.notice.id,
        ends=isinstance(body, Ended),
        body=canonical.encode(body).decode(),
    )


def activity(party: str, id_: str, body: Notice, *, exercise: bool) -> Activity:
    """Return what is held against others' activities of a notice, or of what is to become one."""
    return Activity(party, id_, type_of(body), body.heights, body.window, exercise, spine(body.shape))
