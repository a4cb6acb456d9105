"""The pages of warnings: all there are, one in every language, and the form by which one is given.

Law: what the public will be told is shown in each language before it is said; a page writes nothing.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Final, Literal, get_args
from urllib.parse import urlencode

import msgspec
from sqlalchemy import ColumnElement, tuple_

from amanat.exchange import cursor
from amanat.exchange.drafting import flaws_of
from amanat.exchange.means import Turn
from amanat.officer.may import Actor, may
from amanat.party.errors import Invalid
from amanat.party.lexicon import Language
from amanat.workspace import Page
from amanat.workspaces.liaison import free_words, heads, links, matter_rows, places
from amanat.workspaces.liaison.dealings import dealings
from amanat.workspaces.liaison.gazetteer import choice
from amanat.workspaces.liaison.ground.drawn import typed as drawn_again
from amanat.workspaces.liaison.views import spell
from amanat.workspaces.liaison.warnings import deeds, reading, rules, sentences, told
from amanat.workspaces.liaison.warnings.cap import CATEGORIES, RESPONSES, Speaker
from amanat.workspaces.liaison.warnings.files import speaker
from amanat.workspaces.liaison.warnings.kinds import Certainty, Danger, Severity, Urgent, Warned
from amanat.workspaces.liaison.warnings.reading import INSTRUCTIONS, Typed, field_of
from amanat.workspaces.liaison.warnings.rules import PHASES, Matter, Phase
from amanat.workspaces.liaison.warnings.unread import unread_of

SHOWN: Final = 30
"""Warnings on a page."""
SOUGHT: Final = 600
"""Warnings that are looked through for those of a page; where it takes more, the page leads on from there."""


class Filters(msgspec.Struct, frozen=True, kw_only=True):
    """What the list is narrowed down to; "" is everything."""

    phase: Literal["", "in-force", "coming", "over", "cancelled"] = ""
    by: Annotated[str, msgspec.Meta(max_length=16)] = ""
    danger: Annotated[str, msgspec.Meta(max_length=48)] = ""
    cursor: Annotated[str, msgspec.Meta(max_length=200)] = ""

    def address(self, **more: str) -> str:
        """Return where the list is shown so narrowed down."""
        said = {name: value for name, value in (msgspec.to_builtins(self) | more).items() if value}
        return "/liaison/warnings" + (f"?{urlencode(said)}" if said else "")


class Named(msgspec.Struct, frozen=True):
    """Which warning is shown."""

    party: str
    id: str


class Drafted(Typed, frozen=True, kw_only=True):
    """What the form holds so far, and whether it is to be looked at ("look") before it is sent."""

    step: Literal["", "look"] = ""


@dataclass(frozen=True, slots=True)
class Text:
    """What the public hears or reads in a language."""

    language: Language
    right_to_left: bool
    reviewed: bool
    event: str
    headline: str
    description: str
    instructions: tuple[str, ...]


def warnings(turn: Turn, actor: Actor, query: Filters) -> Mapping[str, Any]:
    """Return a page of the list, those that began last first. Raises `Invalid` for a cursor that there is not."""
    looked, found = _sought(turn, query)
    last = looked[-1].root.key if len(looked) == SOUGHT or len(found) > SHOWN else None
    if len(found) > SHOWN:
        last = found[SHOWN - 1].root.key
    at = next((each.root.at for each in looked if each.root.key == last), None)
    alone = msgspec.structs.replace(query, cursor="")
    return {
        "listed": [(each, rules.phase(each, turn.now)) for each in found[:SHOWN]],
        "filters": query,
        "phases": PHASES,
        "dangers": get_args(Danger),
        "parties": sorted({party for each in turn.known.compacts.values() for party in each.terms.members}),
        "narrowed": alone != Filters(),
        "alone": alone.address(),
        "next": query.address(cursor=cursor.written(last.party, last.id, spell(at))) if last and at else "",
        "may_warn": _may_warn(turn, actor),
        "place_called": _place_called(turn),
    }


def warning(turn: Turn, actor: Actor, query: Named) -> Mapping[str, Any]:
    """Return one warning, how it came to be as it is, and what may be done about it. Raises `Invalid`."""
    found = told.require(turn, query.party, query.id)
    phase = rules.phase(found, turn.now)
    own, unread = query.party == turn.means.party, unread_of(turn, found)
    return {
        "query": query,
        "found": found,
        "body": found.standing,
        "phase": phase,
        "own": own,
        "texts": list(
            _texts(
                found.standing,
                speaker(turn, query.party),
                exercise=found.root.exercise,
                cancelled=phase == "cancelled",
            )
        ),
        "category": CATEGORIES[found.standing.danger],
        "responses": sorted({RESPONSES[each] for each in found.standing.instructions}),
        "drawn": drawn_again(found.standing.shape),
        "seen": matter_rows.seen(unread),
        "unread": len(unread) if may(actor, "record.acknowledge") else 0,
        "may_change": own and phase in {"coming", "in-force"} and _may_warn(turn, actor),
        "place_called": _place_called(turn),
        "words": free_words.said_about(turn, actor, found.root.key),
        "links": links.naming(turn, found.root.key),
        "head": heads.of(turn, found.root.key, f"/liaison/map?warnings=on&focus={query.party}:{query.id}:0"),
    }


def warn(turn: Turn, actor: Actor, query: Drafted) -> Mapping[str, Any]:
    """Return the form, filled in with what was typed or with the warning that is changed, and what would be said."""
    changed, wrong = None, None
    if query.updates:
        try:
            changed = deeds.require_own(turn, turn.means.party, query.updates)
        except Invalid as problem:
            wrong = problem
    held = query
    if changed is not None and not query.step and not query.event:
        again = msgspec.structs.asdict(reading.typed(turn, changed.standing))
        held = Drafted(**again | {"updates": query.updates})
    texts, body = list[Text](), None
    if query.step and wrong is None:
        try:
            body = reading.body(turn, query)
            exercise = changed.root.exercise if changed else bool(query.exercise)
            texts = list(_texts(body, speaker(turn, turn.means.party), exercise=exercise))
        except Invalid as problem:
            wrong = problem
    names = places.known(turn)
    return {
        "held": {name: value for name, value in msgspec.structs.asdict(held).items() if name != "step"},
        "changed": changed,
        "wrong": wrong,
        "body": body,
        "texts": texts,
        "asked": urlencode({name: value for name, value in msgspec.structs.asdict(query).items() if value}),
        "dealings": dealings(turn, deeds.KIND) if may(actor, "record.send") else (),
        "dangers": get_args(Danger),
        "urgents": get_args(Urgent),
        "severities": get_args(Severity),
        "certainties": get_args(Certainty),
        "instructions": [(each, field_of(each)) for each in INSTRUCTIONS],
        "places_offered": lambda language: places.offered(names, language),
        **({"flaws": flaws_of(wrong)} if wrong else {}),
    }


def _texts(body: Warned, by: Speaker, *, exercise: bool, cancelled: bool = False) -> Iterator[Text]:
    """Yield what a warning says in each language, as its alert in CAP does."""
    for language in sentences.LANGUAGES:
        said = [sentences.exercise(language)] if exercise else []
        said.append(sentences.cancelled(language) if cancelled else sentences.when(body, by.zone, language))
        yield Text(
            language,
            language in sentences.RIGHT_TO_LEFT,
            language in sentences.REVIEWED,
            sentences.event(body.danger)[language],
            sentences.headline(body, by.named, language),
            " ".join(said),
            () if cancelled else sentences.instructions(body, language),
        )


def _sought(turn: Turn, query: Filters) -> tuple[list[Matter], list[Matter]]:
    """Return the matters that were looked through, and of those the ones of the list."""
    w, narrowed = told.WARNING.c, list[ColumnElement[bool]]()
    if query.cursor:
        party, id_, at = cursor.read(query.cursor, 3)
        narrowed.append(tuple_(w.at, w.party, w.id) < tuple_(at, party, id_))
    if query.by:
        narrowed.append(w.party == query.by)
    looked = list(told.newest_first(turn, *narrowed, most=SOUGHT))
    return looked, [each for each in looked if _fits(each, query, turn.now)]


def _fits(matter: Matter, query: Filters, now: datetime) -> bool:
    phase: Phase = rules.phase(matter, now)
    return query.phase in ("", phase) and query.danger in ("", matter.standing.danger)


def _may_warn(turn: Turn, actor: Actor) -> bool:
    return may(actor, "record.send") and bool(dealings(turn, deeds.KIND))


def _place_called(turn: Turn) -> Any:  # noqa: ANN401 - a function for templates
    names = places.known(turn)

    def called(key: str, language: Language) -> str:
        return choice(key, names, language) if key in names.entries else key

    return called


PAGES: Final = (
    Page("warnings", "record.read", warnings, query=Filters, group="liaison.public"),
    Page("warn", "record.send", warn, query=Drafted, group="liaison.public"),
    Page("warning", "record.read", warning, query=Named, group="liaison.public", persons=free_words.persons),
)
