"""What the floors have to know of a warning: that none tells who fired how to aim the next round."""

from typing import Any

from amanat.record.kind import NO_FACTS, Facts
from amanat.workspaces.liaison.facts import require_fire
from amanat.workspaces.liaison.notices.coarse import closely
from amanat.workspaces.liaison.warnings.kinds import Warned


def of_warning(body: Any) -> Facts:  # noqa: ANN401 - a body of the kind
    """Return the facts of a warning. Raises `Refused` for shelling that is told too closely (floor 6)."""
    if isinstance(body, Warned) and body.danger == "shelling":
        require_fire(closely(body.shape))
    return NO_FACTS
