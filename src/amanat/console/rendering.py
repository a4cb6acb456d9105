"""Pages from templates: everything escaped, nothing undefined, each in a language."""

import gzip
from collections.abc import Iterable, Mapping
from functools import cache, partial
from typing import Any, Final

from jinja2 import BytecodeCache, ChoiceLoader, Environment, PackageLoader, StrictUndefined, pass_context
from jinja2.bccache import Bucket
from jinja2.runtime import Context
from litestar import Request, Response
from markupsafe import Markup, escape

from amanat.console import said
from amanat.console.beside import Both, Value, alike, as_code, fill, in_english
from amanat.console.built import asset, taken
from amanat.console.calendars import number
from amanat.console.going import asked_for
from amanat.console.languages import SPOKEN, Catalogue, catalogue, chosen
from amanat.console.words import words
from amanat.exchange.problem import status_of
from amanat.log.malformed import Malformed
from amanat.officer.password import MAX_CHARACTERS, MIN_CHARACTERS
from amanat.party.errors import Problem
from amanat.party.lexicon import Language
from amanat.workspaces import find

ISOLATED: Final = ("\u2068", "\u2069")
"""What sets text of another direction apart where no markup may stand: first strong isolate, and its end."""


def page(
    request: Request[Any, Any, Any],
    template: str,
    given: Mapping[str, Any],
    problem: Problem | Malformed | None = None,
    status: int | None = None,
    **more: Any,  # noqa: ANN401 - as litestar takes it
) -> Response[Any]:
    """Return a page in the language of whoever asks; `more` is what else the answer has, such as cookies.

    A `problem` is told on it, and gives the answer its status unless one is given.

    It is compressed for who takes gzip, as a line of 64 kbit/s needs it; not for a request that another site had a
    browser make, which could learn from lengths what a page holds (BREACH).
    """
    code = chosen(request)
    context = {"back": asked_for(request), "problem": None if problem is None else told(problem, code), **given}
    rendered = environment(code).get_template(template).render(context)
    if status is None:
        status = 200 if problem is None else status_of(problem)
    headers = {"Vary": "Accept-Encoding"}
    content = rendered.encode()
    if "gzip" in taken(request.headers.get("accept-encoding", "")) and _own(request):
        headers["Content-Encoding"], content = "gzip", gzip.compress(content, 6, mtime=0)
    return Response(content, status_code=status, media_type="text/html", headers=headers, **more)


def _own(request: Request[Any, Any, Any]) -> bool:
    """Whether no other site had a browser ask, as far as it says (Fetch Metadata)."""
    return request.headers.get("sec-fetch-site", "none") in ("none", "same-origin")


class _Compiled(BytecodeCache):
    """What templates were compiled to, once for all languages: no filter, which is compiled in, is of one of them."""

    def __init__(self) -> None:
        self.held = dict[tuple[str, str], bytes]()

    def load_bytecode(self, bucket: Bucket) -> None:
        """Give what was compiled of that text, if it was."""
        held = self.held.get((bucket.key, bucket.checksum))
        if held is not None:
            bucket.bytecode_from_string(held)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep what was compiled."""
        self.held[bucket.key, bucket.checksum] = bucket.bytecode_to_string()


_COMPILED: Final = _Compiled()


@cache
def environment(code: Language) -> Environment:
    """Return what makes pages in a language: `_` and `trans` in content, `plain` where no markup may stand."""
    folders = [("amanat.console", each) for each in ("templates", "components")]
    folders += [(f"amanat.workspaces.{each.name}", "templates") for each in find() if each.pages]
    made = Environment(
        loader=ChoiceLoader([PackageLoader(*each) for each in folders]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        extensions=["jinja2.ext.i18n"],
        bytecode_cache=_COMPILED,
    )
    held = catalogue(code)
    made.policies["ext.i18n.trimmed"] = True
    made.extend(newstyle_gettext=True)  # `trans` hands its values over, instead of filling them in itself
    made.globals.update(
        {
            "gettext": partial(_shown, held),
            "ngettext": partial(_counted, held),
            "asset": asset,
            "spoken": SPOKEN[code],
            "languages": tuple(SPOKEN.values()),
            "plain": partial(_plain, held, ISOLATED if SPOKEN[code].direction == "rtl" else ("", "")),
            "called": partial(_called, held),
            "called_all": partial(_called_all, held),
            "plain_called": lambda of, written: held.said(words(of).get(written, written)),
            "said": lambda place, english: said.sentence(place, english, code),
            "code": as_code,
            "bdi": _apart,
            "password_least": MIN_CHARACTERS,
            "password_most": MAX_CHARACTERS,
        }
    )
    made.filters["number"] = _number
    return made


@pass_context
def _number(context: Context, value: float) -> Both:
    """Return a number as the language of the page writes it."""
    code = context["spoken"].code
    return alike(number(value, code), number(value, "en"))


def _shown(held: Catalogue, english: str, /, **values: Value) -> Both:
    """Return a message of a template, with its values."""
    return _message(held, english, held.said(english), english, values) if values else _valueless(held, english)


def _counted(held: Catalogue, one: str, more: str, count: int, /, **values: Value) -> Both:
    return _message(held, one, held.counted(one, more, count), one if count == 1 else more, {"num": count} | values)


def _message(held: Catalogue, key: str, translated: str, english: str, values: Mapping[str, Value]) -> Both:
    # From our own catalogues and templates alone: the extractor saw both as literals.
    words, beside = Markup(translated), Markup(english)  # noqa: S704
    return fill(words, beside, values, reviewed=key not in held.unreviewed)


@cache
def _valueless(held: Catalogue, english: str) -> Both:
    """Return a message that has no values: it is the same on every page."""
    return _message(held, english, held.said(english), english, {})


@cache
def _listed(held: Catalogue, english: str) -> Both:
    """Return what one of a closed list is called."""
    return Both(escape(held.said(english)), escape(english), english not in held.unreviewed)


def _apart(written: Value) -> Both:
    """Return what was written set apart from the direction of what stands around it.

    What somebody wrote stands once: in the English beside a sentence, a mark is in its place.
    """
    apart = Markup("<bdi>{}</bdi>")
    if isinstance(written, Both):
        return Both(apart.format(written.words), apart.format(written.english), written.reviewed)
    return Both(apart.format(written), Markup("…"), reviewed=True)


def _plain(held: Catalogue, around: tuple[str, str], english: str, **values: str) -> str:
    """Return a message without the English beside it, for titles and attributes; values are set apart from the rest."""
    before, after = around
    return held.said(english) % {name: f"{before}{value}{after}" for name, value in values.items()}


def _called(held: Catalogue, of: str, code: str, /, **values: Value) -> Markup | Both:
    """Return what a code of a closed list is called (`words`), with its values where it is a sentence that has some.

    One that is not listed stands as it is.
    """
    english = words(of).get(code)
    if english is None:
        return as_code(code)
    name = _listed(held, english)
    return fill(name.words, name.english, values, reviewed=name.reviewed) if values else name


def _called_all(held: Catalogue, of: str, codes: Iterable[str]) -> Both:
    """Return what several codes are called, as a list in the language's own punctuation."""
    listed = [_called(held, of, code) for code in codes]
    joined = words("joined")["list"]
    return Both(escape(held.said(joined)).join(listed), escape(joined).join(map(in_english, listed)), reviewed=True)


def told(error: Problem | Malformed, code: Language) -> dict[str, Any]:
    """Return an error in a language: what it says, what to do, and its code."""
    return {"says": said.says(error, code), "mend": said.mend(error, code), "code": error.code}
