"""The languages that pages are in: which there are, their catalogues, and which of them a request is answered in.

Law: a translation that no native speaker reviewed is marked `fuzzy` in its catalogue, and is shown with the English
beside it. Catalogues are read from `locale/*.po` when first needed, and never changed by a running node: the console's
and each workspace's, as one (docs/decisions/0046-catalogues-of-workspaces-are-read-as-one.md).
"""

import gettext
import io
import re
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Final, Literal, cast

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from litestar import Request

from amanat.party.lexicon import Language
from amanat.workspaces import find

OWN: Final = "amanat.console"
"""Where the console's own messages are; a workspace's are in its folder."""

COOKIE: Final = "amanat_language"
"""What a browser keeps of the language chosen before anybody has signed in."""

_QUALITY: Final = r"(?:;\s*q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?))?"
_RANGE: Final = re.compile(rf"\s*([A-Za-z]{{1,8}}(?:-[A-Za-z0-9]{{1,8}})*|\*)\s*{_QUALITY}\s*")


@dataclass(frozen=True, slots=True)
class Spoken:
    """A language: its tag (BCP 47), what it calls itself, which way it runs, and its locale of CLDR."""

    code: Language
    name: str
    direction: Literal["ltr", "rtl"]
    locale: str


SPOKEN: Final = MappingProxyType[Language, Spoken](
    {
        "en": Spoken("en", "English", "ltr", "en"),
        "ur": Spoken("ur", "اردو", "rtl", "ur"),
        "ps": Spoken("ps", "پښتو", "rtl", "ps"),
        "fa-AF": Spoken("fa-AF", "دری", "rtl", "fa_AF"),
    }
)


@dataclass(frozen=True, slots=True, eq=False)
class Catalogue:
    """The messages of a language, with which of them nobody reviewed; English has none and says what it is asked.

    There is one of each language (`catalogue`), and what was made from it is remembered by it.
    """

    messages: gettext.NullTranslations
    unreviewed: frozenset[str] = frozenset()
    places: MappingProxyType[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))

    def said(self, english: str) -> str:
        """Return a message in this language, or in English where it has none."""
        return self.messages.gettext(english)

    def counted(self, one: str, more: str, number: int) -> str:
        """Return that form of a message that goes with a number."""
        return self.messages.ngettext(one, more, number)


@cache
def catalogue(code: Language) -> Catalogue:
    """Return the catalogue of a language."""
    if code == "en":
        return Catalogue(gettext.NullTranslations())
    read = parse(code)
    for space in find():
        for each in parse(code, f"amanat.workspaces.{space.name}"):
            if each.id:
                read.add(each.id, each.string, flags=each.flags, auto_comments=each.auto_comments)
    compiled = io.BytesIO()
    write_mo(compiled, read, use_fuzzy=True)
    compiled.seek(0)
    unreviewed = frozenset(str(first(each.id)) for each in read if each.id and each.fuzzy)
    return Catalogue(gettext.GNUTranslations(compiled), unreviewed, _places(read))


def parse(code: Language, package: str = OWN) -> Catalog:
    """Return the file of a language as it stands."""
    text = files(package).joinpath("locale", f"{SPOKEN[code].locale}.po").read_bytes()
    return read_po(io.BytesIO(text), locale=SPOKEN[code].locale)


def first(id_: str | tuple[str, ...] | list[str]) -> str:
    """Return what a message is looked up by: of one with plurals, the form for one."""
    return id_ if isinstance(id_, str) else id_[0]


def _places(read: Catalog) -> MappingProxyType[str, tuple[str, ...]]:
    """Return for each place in the layers below, such as "error store.busy", the messages that may come from there."""
    found: dict[str, list[str]] = {}
    for message in read:
        for comment in message.auto_comments:
            found.setdefault(comment, []).append(first(message.id))
    return MappingProxyType({place: tuple(messages) for place, messages in found.items()})


def N_(english: str) -> str:  # noqa: N802 - as gettext's tools know it
    """Mark a message that Python code holds in English, and that is translated when it is shown."""
    return english


def chosen(request: Request[Any, Any, Any]) -> Language:
    """Return what to answer in: the officer's language; before sign-in what the browser was told or asks for."""
    caller = request.scope["state"].get("caller")
    if caller is not None:
        return cast("Language", caller.actor.language)
    kept = request.cookies.get(COOKIE, "")
    return known(kept) or accepted(request.headers.get("accept-language", ""))


def known(code: str) -> Language | None:
    """Return a tag that is one of ours, or None."""
    return code if code in SPOKEN else None  # type: ignore[return-value]  # the keys are the languages


def accepted(header: str) -> Language:
    """Return the language of ours that a browser asks for first (RFC 9110, section 12.5.4; basic filtering)."""
    asked = []
    for at, each in enumerate(header[:500].split(",")):
        match = _RANGE.fullmatch(each)
        if match and float(match[2] or 1) > 0:
            asked.append((-float(match[2] or 1), at, match[1].lower()))
    for _, _, tag in sorted(asked):
        found = _of_range(tag)
        if found:
            return found
    return "en"


def _of_range(tag: str) -> Language | None:
    """Return ours for a range; Persian of any country, and Dari by its own code, are served in Dari."""
    primary = tag.split("-", maxsplit=1)[0]
    return "fa-AF" if primary in {"fa", "prs"} else known(primary)
