"""Free words in a call, or a translation of somebody's: what is typed becomes a draft, to which files are attached.

Law: free words go the way of every record that names a person, for no machine reads them; here nothing is sent.
"""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Final

import msgspec

from amanat.exchange.drafting import Asked
from amanat.exchange.means import Turn
from amanat.officer.may import Actor, may
from amanat.party.errors import Invalid
from amanat.record.handling import Differs
from amanat.record.record import read
from amanat.store import records
from amanat.workspace import Bound, Form, Page
from amanat.workspaces.liaison import calls, composing, ringing
from amanat.workspaces.liaison.kinds import Named, Spoken, Text
from amanat.workspaces.liaison.pages import conversation

LANGUAGES: Final[tuple[Spoken, ...]] = ("en", "fa-AF", "ps", "ur")


class Query(msgspec.Struct, frozen=True):
    """In which call, and which text of it is translated ("PARTY:ID"), if any."""

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
    """Return the call, and the text that is translated."""
    facts = calls.one(turn, query.party, query.id)
    line = None if facts is None else calls.line(turn, facts.rung.hotline)
    if facts is None or line is None:
        return {"call": None, "query": query, "languages_written": LANGUAGES}
    said = conversation.said(turn, actor, facts)
    of = next((each for each in said if query.of and each.name == query.of and each.type == "text"), None)
    return {"call": facts, "hotline": line, "query": query, "of": of, "languages_written": LANGUAGES}


def persons(turn: Turn, actor: Actor, query: Query) -> Iterator[tuple[str, str]]:
    """Yield the text that is translated: it is looked at here."""
    facts = calls.one(turn, query.party, query.id)
    if facts is not None and may(actor, "record.person"):
        yield from (key for key in conversation.persons(turn, facts) if ":".join(key) == query.of)


def draft(turn: Turn, actor: Actor, typed: Typed) -> Asked:
    """Return what the draft begins with. Raises `Invalid` for no words, or a text that is not in the call."""
    facts = composing.require_call(turn, typed.party, typed.id)
    composing.require_post(turn, facts.rung.hotline, actor.post)
    composing.require_room(turn, facts)
    line = composing.require_line(turn, facts.rung.hotline)
    text = typed.text.strip()
    if not text:
        raise Invalid("liaison.text-empty", "There are no words.", "Write some.")
    of = _translated(typed.of, {each.key for each in facts.uttered if each.type == "text"})
    body = Text(call=facts.rung.key, text=text, language=typed.language, translates=of)
    asked = composing.said(turn, line, "liaison.text", body, facts=facts, answers=of)
    return asked if of is None else msgspec.structs.replace(asked, handling=_bound_by(turn, of, asked.handling))


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
    """Return in which call free words are written, and what they translate; None of a draft that names no call here."""
    try:
        call, of = msgspec.convert(asked.body.get("call"), Named), asked.body.get("translates")
        translated = msgspec.convert(of, Named) if of else None
    except msgspec.ValidationError:
        return None
    facts = calls.one(turn, call.party, call.id)
    line = None if facts is None else calls.line(turn, facts.rung.hotline)
    if facts is None or line is None:
        return None
    at = "{id}" if translated is None else translated.id
    return Bound(
        fields=frozenset(("call", "translates")),
        says="liaison.translation" if translated else "liaison.text",
        of=line.terms.title,
        then=f"{ringing.path(facts)}#m-{at}",
        beside=(translated.party, translated.id) if translated else None,
    )


def _translated(typed: str, texts: set[Named]) -> Named | None:
    if not typed:
        return None
    party, _, id_ = typed.partition(":")
    found = next((each for each in texts if (each.party, each.id) == (party, id_)), None)
    if found is None:
        raise Invalid("liaison.translates", "What is translated is no text of this call.", "Choose it on the call.")
    return found


PAGE: Final = Page("text", "record.compose", context, query=Query, form=Form(Typed, draft), persons=persons)
