"""What lists call the records of flag meetings: sentences in English, with codes of closed lists in them.

Law: a title says no more than its body does; the console says it in the reader's language.
"""

from amanat.workspaces.liaison.meetings.kinds import GuestWord, Judged, Meeting, Proposed, Task
from amanat.workspaces.liaison.meetings.words import WORDS


def of(body: Meeting) -> str:
    """Return what a record of a meeting is called by."""
    if isinstance(body, Proposed):
        return _title("", meeting_level=body.level)
    if isinstance(body, GuestWord):
        return _title(f" guest {body.word}", meeting_guest=body.guest.role)
    if isinstance(body, Judged):
        return _title(" judged so" if body.agrees else " judged otherwise")
    return _title(f" {type(body).__struct_config__.tag}")


def of_task(task: Task) -> str:
    """Return what a task is called by where it is listed among other matters."""
    return _title(" task", meeting_task=task.what)


def _title(code: str, **filled: str) -> str:
    return WORDS["title"][f"liaison.meeting{code}"].format(**filled)
