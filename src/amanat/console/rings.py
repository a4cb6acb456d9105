"""What rings, alone: short, for every page asks for it whenever something happens, over any line.

Law: it rings for who may open it, by the word of the workspace that it belongs to (`shell.ringing`).
"""

from typing import Any, Final

from litestar import Request, Response

from amanat.console.languages import chosen
from amanat.console.rendering import page
from amanat.console.shell import ringing, telling
from amanat.exchange.lexica import own_lexicon
from amanat.exchange.means import look
from amanat.exchange.route import Here, Who, reads


@reads("/rings", "compact.read")
def rings(request: Request[Any, Any, Any], means: Here, caller: Who) -> Response[str]:
    """Show what rings for this officer."""
    with look(means) as turn:
        found, lexicon = ringing(turn, caller.actor), own_lexicon(turn)
        parties = tuple(sorted({*turn.known.manifests} - {means.party}))
    told = telling(lexicon, chosen(request), turn.now, parties)
    return page(request, "ringing.html", told | {"party": means.party, "ringing": found})


ROUTES: Final[list[Any]] = [rings]
"""What rings."""
