"""The page of components: each part that pages are made of, in every state, in both directions, light and dark.

Law: shown are the very parts that pages use, given invented things; what a part says is translated, what a specimen is
called stands in English. No node has this route but one of the demo, and it asks its node for nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, Literal

from jinja2 import ChoiceLoader, Environment, PackageLoader
from litestar import Request, Response
from markupsafe import Markup

from amanat.console.languages import SPOKEN, Spoken, chosen
from amanat.console.rendering import environment
from amanat.demo import specimens
from amanat.exchange.route import OPEN, reads
from amanat.party.lexicon import Language

Theme = Literal["light", "dark"]

PARTS: Final = (
    "controls", "parts", "place", "notices", "rings", "keyboard", "language", "accounts", "fields", "days", "body",
    "said", "way", "stands", "agreed", "told", "charts",
)  # fmt: skip
"""Files of specimens in the order of the page; each but the first is named as the file of components that it shows."""


@dataclass(frozen=True, slots=True)
class Look:
    """All specimens in one language and theme."""

    spoken: Spoken
    theme: Theme

    @property
    def name(self) -> str:
        """Return the place of it on the page: "ur-dark"."""
        return f"{self.spoken.code}-{self.theme}"

    def shown(self, part: str) -> Markup:
        """Return the specimens of one file."""
        template = _environment(self.spoken.code).get_template(f"specimens/{part}.html")
        made = template.render(specimens.given(self.spoken.code) | {"at": f"{self.name}-{part}", "look": self})
        return Markup(made)  # noqa: S704 - rendered by templates that escape


@reads("/design", OPEN)
def design(request: Request[Any, Any, Any]) -> Response[str]:
    """Show all components; from right to left in the reader's language, or in Urdu where that runs the other way."""
    own = chosen(request)
    shown = tuple(looks("ur" if SPOKEN[own].direction == "ltr" else own))
    page = _environment("en").get_template("design.html").render(looks=shown, parts=PARTS)
    return Response(page, media_type="text/html")


def looks(mirrored: Language) -> Iterator[Look]:
    """Yield all looks: English, and a language that runs from right to left, each light and dark."""
    themes: tuple[Theme, ...] = ("light", "dark")
    for language in ("en", mirrored):
        for theme in themes:
            yield Look(SPOKEN[language], theme)


@cache
def _environment(code: Language) -> Environment:
    """Return what makes the console's pages, with the templates here beside."""
    held = environment(code)
    loaders = (held.loader, PackageLoader("amanat.demo", "templates"))
    return held.overlay(loader=ChoiceLoader([each for each in loaders if each is not None]))


ROUTES: Final[list[Any]] = [design]
"""The one page."""
