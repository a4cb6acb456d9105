"""What lists call notices and what follows them: sentences in English, with codes and moments as signed."""

from datetime import datetime

from amanat.workspaces.liaison.notices.kinds import Notice, type_of
from amanat.workspaces.liaison.notices.steps import Ended, Judged, Step, Visited, Visiting
from amanat.workspaces.liaison.notices.words import WORDS


def of_notice(body: Notice) -> str:
    """Return what a notice is called by: its type, and from when until when."""
    code = "liaison.notice changed" if body.changes else "liaison.notice"
    since, until = _moment(body.window.since), _moment(body.window.until)
    return WORDS["title"][code].format(planned=type_of(body), since=since, until=until)


def of_step(body: Step) -> str:
    """Return what a step is called by."""
    code = f"liaison.notice-step {body.__struct_config__.tag}"
    if isinstance(body, Ended):
        return WORDS["title"][f"{code} {body.how}"]
    if isinstance(body, Visiting):
        said = WORDS["title"][f"{code} {'yes' if body.accepts else 'no'}"]
        return said.format(time=_moment(body.time)) if body.time else said
    if isinstance(body, Judged):
        return WORDS["title"][f"{code} {'yes' if body.enough else 'no'}"]
    if isinstance(body, Visited):
        return WORDS["title"][f"{code} {'yes' if body.took_place else 'no'}"]
    return WORDS["title"][code]


def _moment(time: datetime) -> str:
    return f"{time:%Y-%m-%dT%H:%M:%SZ}"
