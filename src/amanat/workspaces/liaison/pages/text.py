"""Free words about a call or another matter, or a translation of some: what is typed becomes a draft, with files.

Law: free words go the way of every record that names a person, for no machine reads them; here nothing is sent.
"""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Final

import msgspec

from amanat.exchange.drafting import Asked
from amanat.exchange.means import Turn
from amanat.officer.may import Actor
from amanat.party.errors import Invalid
from amanat.record.handling import Differs
from amanat.record.record import read
from amanat.store import records
from amanat.workspace import Bound, Form, Page
from amanat.workspaces.liaison import calls, composing, dealings, free_words, matters, texts
from amanat.workspaces.liaison.dealings import Root
from amanat.workspaces.liaison.kinds import CALL, TEXT, Named, Spoken, Text
from amanat.workspaces.liaison.matters import Matter

LANGUAGES: Final[tuple[Spoken, ...]] = ("en", "fa-AF", "ps", "ur")


class Query(msgspec.Struct, frozen=True):
    """About which record, and which text about it is translated ("PARTY:ID"), if any."""

    party: str
    id: str
    of: str = ""


class Typed(msgspec.Struct, frozen=True):
    """The words, their language, and what they belong to."""

    party: str
    id: str
    language: Spoken
    text: Annotated[str, msgspec.Meta(max_length=4000)]
    of: str = ""


def context(turn: Turn, actor: Actor, query: Query) -> Mapping[str, Any]:
    """Return what the words are about, what was written before, and the text that is translated."""
    said, key = free_words.said_about(turn, actor, _key(query)), _text_of(turn, query)
    of = next((each for each in said.shown if each.key == key), None)
    return {"words": said, "query": query, "of": of, "in_call": _in_call(said.matter), "languages_written": LANGUAGES}


def persons(turn: Turn, _actor: Actor, query: Query) -> Iterator[tuple[str, str]]:
    """Yield the text that is translated, else all that was written before but in a call: they are looked at here."""
    of, in_call = _text_of(turn, query), _in_call(matters.matter(turn, query.party, query.id))
    those = free_words.persons_of(turn, _key(query))
    yield from (key for key in those if (Named(*key) == of if of else not in_call))


def draft(turn: Turn, actor: Actor, typed: Typed) -> Asked:
    """Return what the draft begins with.

    Raises `Invalid` for no words, or what is not here, and `Refused` for who is at no post of the call's hotline.
    """
    matter = matters.matter(turn, typed.party, typed.id)
    if matter is None:
        raise Invalid(
            "liaison.matter", f"No matter {typed.id[:40]} is here.", "See those that are: it may have expired."
        )
    make = _of_call if _in_call(matter) else _of_matter
    text = typed.text.strip()
    if not text:
        raise Invalid("liaison.text-empty", "There are no words.", "Write some.")
    of = _translated(turn, matter, typed.of)
    asked = make(turn, actor, matter, Text(about=matter.key, text=text, language=typed.language, translates=of))
    free_words.require_room(turn, matter.key)
    return asked if of is None else msgspec.structs.replace(asked, handling=_bound_by(turn, of, asked.handling))


def _of_call(turn: Turn, actor: Actor, matter: Matter, body: Text) -> Asked:
    called = composing.require_call(turn, matter.key.party, matter.key.id)
    composing.require_post(turn, called.rung.hotline, actor.post)
    line = composing.require_line(turn, called.rung.hotline)
    return composing.said(turn, line, TEXT.name, body, facts=called, answers=body.translates)


def _of_matter(turn: Turn, _actor: Actor, matter: Matter, body: Text) -> Asked:
    dealing = dealings.require_dealing(turn, TEXT.name, matter.compact)
    of = Root(matter.key, matter.exercise, matter.expires)
    return dealings.asked(turn, dealing, TEXT.name, body, of=of, answers=body.translates)


def _bound_by(turn: Turn, of: Named, handling: Differs) -> Differs:
    """Return the handling of a translation: it loosens nothing that the text demands (floor 8)."""
    found = records.data_of(turn.tx, [(of.party, of.id)])
    if not found:
        return handling
    (data,) = found.values()
    demanded = msgspec.to_builtins(read(data, turn.means.kinds).fields.handling)
    kept = {name: demanded[name] for name in ("tlp", "codes", "caveats", "not_to") if name in demanded}
    expires = min((each["expires"] for each in (handling, demanded) if each.get("expires")), default=None)
    return {**handling, **kept, **({"expires": expires} if expires else {})}


def bound(turn: Turn, asked: Asked) -> Bound | None:
    """Return about what free words are, and what they translate; None of a draft that names no matter here."""
    try:
        about, of = msgspec.convert(asked.body.get("about"), Named), asked.body.get("translates")
        translated = msgspec.convert(of, Named) if of else None
    except msgspec.ValidationError:
        return None
    matter = matters.matter(turn, about.party, about.id)
    if matter is None:
        return None
    named = _named(turn, matter)
    if named is None:
        return None
    says, title, kind = named
    return Bound(
        fields=frozenset(("about", "translates")),
        says=f"{says}-translation" if translated else says,
        of=title,
        kind=kind,
        then=f"{matter.path}#m-{translated.id if translated else '{id}'}",
        beside=(translated.party, translated.id) if translated else None,
    )


def _named(turn: Turn, matter: Matter) -> tuple[str, str, str] | None:
    """Return how it is said what free words are about: by which code, in which words, and of which kind these title."""
    if not _in_call(matter):
        return "liaison.about", matter.title or matter.key.id, matter.kind
    called = calls.one(turn, matter.key.party, matter.key.id)
    line = None if called is None else calls.line(turn, called.rung.hotline)
    return None if line is None else ("liaison.in-call", line.terms.title, "")


def _in_call(matter: Matter | None) -> bool:
    return matter is not None and matter.name == CALL.name


def _key(query: Query) -> Named:
    return Named(query.party, query.id)


def _translated(turn: Turn, matter: Matter, typed: str) -> Named | None:
    """Return which text about a matter is translated, None for none. Raises `Invalid` for what is no such text."""
    of = _text_of(turn, Query(matter.key.party, matter.key.id, typed))
    if typed and of is None:
        raise Invalid("liaison.translates", "What is translated is no text about this matter.", "Choose it there.")
    return of


def _text_of(turn: Turn, query: Query) -> Named | None:
    """Return which text about a matter an address names to be translated; None where it names none that is there."""
    if not query.of:
        return None
    found, _ = texts.about(turn.tx, _key(query))
    those = (Named(each.party, each.id) for each in found if each.type == "text")
    return next((each for each in those if f"{each.party}:{each.id}" == query.of), None)


PAGE: Final = Page("text", "record.read", context, query=Query, form=Form(Typed, draft), persons=persons)
