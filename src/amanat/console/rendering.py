"""Pages from templates: everything escaped, nothing undefined, each in a language."""

import gzip
from collections.abc import Iterable, Mapping
from functools import cache, partial
from typing import Any, Final

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined
from litestar import Request, Response
from markupsafe import Markup, escape

from amanat.console import said
from amanat.console.built import asset, taken
from amanat.console.calendars import number
from amanat.console.languages import SPOKEN, Catalogue, catalogue, chosen
from amanat.console.words import WORDS
from amanat.exchange.problem import TITLES
from amanat.log.malformed import Malformed
from amanat.party.errors import Problem
from amanat.party.lexicon import Language

ISOLATED: Final = ("\u2068", "\u2069")
"""What sets text of another direction apart where no markup may stand: first strong isolate, and its end."""


def page(
    request: Request[Any, Any, Any],
    template: str,
    given: Mapping[str, Any],
    status: int = 200,
    **more: Any,  # noqa: ANN401 - as litestar takes it
) -> Response[Any]:
    """Return a page in the language of whoever asks; `more` is what else the answer has, such as cookies.

    It is compressed for who takes gzip, as a line of 64 kbit/s needs it; not for a request that another site had a
    browser make, which could learn from lengths what a page holds (BREACH).
    """
    query = request.scope["query_string"].decode("ascii", "replace")
    back = request.url.path + (f"?{query}" if query else "") if request.method == "GET" else "/"
    rendered = environment(chosen(request)).get_template(template).render({"back": back, **given})
    headers = {"Vary": "Accept-Encoding"}
    content = rendered.encode()
    if "gzip" in taken(request.headers.get("accept-encoding", "")) and _own(request):
        headers["Content-Encoding"], content = "gzip", gzip.compress(content, 6, mtime=0)
    return Response(content, status_code=status, media_type="text/html", headers=headers, **more)


def _own(request: Request[Any, Any, Any]) -> bool:
    """Whether no other site had a browser ask, as far as it says (Fetch Metadata)."""
    return request.headers.get("sec-fetch-site", "none") in ("none", "same-origin")


@cache
def environment(code: Language) -> Environment:
    """Return what makes pages in a language: `_` and `trans` in content, `plain` where no markup may stand."""
    made = Environment(
        loader=ChoiceLoader([PackageLoader("amanat.console", each) for each in ("templates", "components")]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    held = catalogue(code)
    made.policies["ext.i18n.trimmed"] = True
    made.install_gettext_callables(  # type: ignore[attr-defined]  # the extension's own
        partial(_shown, held), partial(_counted, held), newstyle=True
    )
    made.globals.update(
        {
            "asset": asset,
            "spoken": SPOKEN[code],
            "languages": tuple(SPOKEN.values()),
            "plain": partial(_plain, held, ISOLATED if SPOKEN[code].direction == "rtl" else ("", "")),
            "called": partial(_called, held),
            "called_all": partial(_called_all, held),
            "plain_called": lambda of, written: held.said(WORDS[of].get(written, written)),
            "said": lambda place, english: said.sentence(place, english, code),
            "code": lambda written: Markup('<bdi class="code" dir="ltr">{}</bdi>').format(written),
            "bdi": lambda written: Markup("<bdi>{}</bdi>").format(written),
        }
    )
    made.filters["number"] = partial(number, language=code)
    return made


def _shown(held: Catalogue, english: str) -> Markup:
    """Return a message of a template; both forms take the same values afterwards."""
    return _beside(held, english, held.said(english), english)


def _counted(held: Catalogue, one: str, more: str, count: int) -> Markup:
    return _beside(held, one, held.counted(one, more, count), one if count == 1 else more)


def _beside(held: Catalogue, key: str, translated: str, english: str) -> Markup:
    words = Markup(translated)  # noqa: S704 - from our own catalogues and templates alone: the extractor saw it as a literal
    return said.beside(words, Markup(english)) if key in held.unreviewed else words  # noqa: S704 - as above


def _plain(held: Catalogue, around: tuple[str, str], english: str, **values: str) -> str:
    """Return a message without the English beside it, for titles and attributes; values are set apart from the rest."""
    before, after = around
    return held.said(english) % {name: f"{before}{value}{after}" for name, value in values.items()}


def _called(held: Catalogue, of: str, code: str) -> Markup:
    """Return what a code of a closed list is called (`words.WORDS`); one that is not listed stands as it is."""
    english = WORDS[of].get(code)
    if english is None:
        return Markup('<bdi class="code" dir="ltr">{}</bdi>').format(code)
    translated = escape(held.said(english))
    return said.beside(translated, english) if english in held.unreviewed else translated


def _called_all(held: Catalogue, of: str, codes: Iterable[str]) -> Markup:
    """Return what several codes are called, as a list in the language's own punctuation."""
    return escape(held.said(WORDS["joined"]["list"])).join(_called(held, of, code) for code in codes)


def problem_page(request: Request[Any, Any, Any], error: Problem | Malformed, status: int) -> Response[str]:
    """Return a page that says what is wrong and what to do."""
    title = str(status) if status in TITLES else ""
    return page(request, "problem.html", {"title": title, "problem": told(request, error)}, status)


def told(request: Request[Any, Any, Any], error: Problem | Malformed) -> dict[str, Any]:
    """Return an error in the language of whoever asks: what it says, what to do, and its code."""
    code = chosen(request)
    return {"says": said.says(error, code), "mend": said.mend(error, code), "code": error.code}
