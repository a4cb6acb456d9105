"""Choosing the language of the pages: an officer's own is kept with the account, before sign-in a cookie has it.

Law: a form of this node's own pages changes it and no other, and leads back to nowhere but a page of this node.
"""

from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

import msgspec
from litestar import Request
from litestar.params import URLEncodedBody
from litestar.response import Redirect

from amanat.console.going import own
from amanat.console.languages import COOKIE, known
from amanat.console.sign_in import FORM_COOKIE
from amanat.exchange import signing_in
from amanat.exchange.caller import require_own
from amanat.exchange.means import begin
from amanat.exchange.route import OPEN, Here, Who, does
from amanat.officer import account
from amanat.party.errors import Invalid
from amanat.party.lexicon import Language

KEPT: Final = timedelta(days=365)


class Chosen(msgspec.Struct, frozen=True):
    """The tag of a language, the page to go back to, and the word of that page."""

    language: str = ""
    back: str = "/"
    form: str = ""


@does("POST", "/language", "password.own", None)
def choose(request: Request[Any, Any, Any], means: Here, caller: Who, data: URLEncodedBody[Chosen]) -> Redirect:
    """Keep an officer's own language, and tell the browser, which shows the sign-in page in it from now on."""
    language = _required(data)
    with begin(means) as turn:
        account.speak(turn.tx, caller.actor.officer, language)
    return _told(request, language, data.back)


@does("POST", "/sign-in/language", OPEN, None, request_max_body_size=signing_in.MAX_BYTES)
def choose_before(request: Request[Any, Any, Any], data: URLEncodedBody[Chosen]) -> Redirect:
    """Tell the browser the language of whoever has not signed in."""
    require_own(data.form, request.cookies.get(FORM_COOKIE, ""))
    return _told(request, _required(data), data.back)


def _required(data: Chosen) -> Language:
    language = known(data.language)
    if language is None:
        raise Invalid("language.choice", "Pages are not in that language.", "Choose one of those listed.")
    return language


def _told(request: Request[Any, Any, Any], language: Language, back: str) -> Redirect:
    cookie = replace(signing_in.cookie(request, language, COOKIE), max_age=int(KEPT.total_seconds()))
    return Redirect(own(back), status_code=303, cookies=[cookie])


ROUTES: Final[list[Any]] = [choose, choose_before]
"""Choosing, as who has signed in and before."""
