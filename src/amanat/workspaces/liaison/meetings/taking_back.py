"""What a side takes back by withdrawing what it said of a meeting: what was open, never what both had agreed or signed.

A withdrawal is a word with a date of its own, as all else is; but that date is its author's, and may be any. So what
the other side named or signed too stays, by whatever dates.

- That it declines, a word on a guest or on a task, and a sheet are gone.
- Other times that it offered are gone unless the other side agreed to one of them.
- That it agrees is gone where the other side stood by that time neither when it was said or withdrawn nor since. A
  meeting that was agreed it calls off.
- A text of the minutes, and a signature under one, is gone unless the other side signed that very text. A text under
  which a side's signature is gone is offered no more: else that of the other side, who may not know of it, would bring
  it back.
- That a task is done stays once the other side judged it, and that a meeting is called off stays.
- To withdraw the proposal is to call the meeting off (`rules.cancelled`).

Law: pure, over the same steps as `rules`. An answer that was withdrawn itself holds nothing.
"""

from collections.abc import Collection, Iterable, Mapping

from amanat.workspaces.liaison.kinds import Named
from amanat.workspaces.liaison.meetings.kinds import Agreed, Cancelled, Countered, Done, Judged, Minutes, Signature
from amanat.workspaces.liaison.meetings.steps import Step


def taken_back(steps: Iterable[Step], digests: Mapping[Named, str], members: Iterable[str]) -> tuple[Step, ...]:
    """Return what was withdrawn of a meeting's steps, and counts no more; `digests` are those of the minutes.

    Only what the `members` said holds anything: no guest's word does.
    """
    listed, sides = tuple(steps), set(members)
    stand = [each for each in listed if each.withdrawn is None and each.key.party in sides]
    back = (each for each in listed if each.withdrawn is not None)
    theirs = {each: [it for it in stand if it.key.party != each] for each in {it.key.party for it in listed}}
    return tuple(each for each in back if not _stays(each, theirs[each.key.party], digests))


def unsigned(gone: Iterable[Step], members: Collection[str]) -> frozenset[Named]:
    """Return the texts of minutes under which a signature of one of the `members` is gone: no guest's is one."""
    return frozenset(each.body.of for each in gone if isinstance(each.body, Signature) and each.key.party in members)


def _stays(each: Step, theirs: list[Step], digests: Mapping[Named, str]) -> bool:
    """Whether what the other side said holds it."""
    body, since = each.body, max(each.at, each.withdrawn or each.at)
    if isinstance(body, Agreed):
        then = [it for it in theirs if it.at <= since]
        return _stood_by(each, body, then) or _stood_by(each, body, theirs)
    if isinstance(body, Countered):
        return any(isinstance(it.body, Agreed) and it.body.of == each.key for it in theirs)
    if isinstance(body, Minutes | Signature):
        text = (body.of, body.digest) if isinstance(body, Signature) else (each.key, digests.get(each.key))
        return any(isinstance(it.body, Signature) and (it.body.of, it.body.digest) == text for it in theirs)
    if isinstance(body, Done):
        return any(isinstance(it.body, Judged) and it.body.of == each.key for it in theirs)
    return isinstance(body, Cancelled)


def _stood_by(each: Step, body: Agreed, theirs: list[Step]) -> bool:
    """Whether the other side stood by the same time: it agreed to it last, or had offered it after all it agreed to."""
    last = max((it for it in theirs if isinstance(it.body, Agreed)), key=lambda it: (it.at, it.key), default=None)
    if last is not None and (last.body.of, last.body.choice) == (body.of, body.choice):
        return True
    offered = next((it.at for it in theirs if it.key == body.of), None)
    return body.of.party != each.key.party and (last is None or (offered is not None and offered > last.at))
