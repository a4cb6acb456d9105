"""What lists call the records of warnings: sentences in English, with codes, keys of places and moments as signed."""

from amanat.workspaces.liaison.warnings.kinds import Cancelled, Warned
from amanat.workspaces.liaison.warnings.words import WORDS


def of(body: Warned | Cancelled) -> str:
    """Return what a record is called by."""
    if isinstance(body, Cancelled):
        return _title("liaison.warning cancelled")
    until = f"{body.window.until:%Y-%m-%dT%H:%M:%SZ}"
    code = "liaison.warning updated" if body.updates else "liaison.warning"
    return _title(code, danger=body.danger, near=body.near, until=until)


def _title(code: str, **filled: str) -> str:
    return WORDS["title"][code].format(**filled)
