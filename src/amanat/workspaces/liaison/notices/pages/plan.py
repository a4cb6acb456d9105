"""Planning: a form by type of activity, held against what the other side told of before anything is given.

Law: asking writes nothing down. What is given is what was looked at, and who changes a notice begins from what it says.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

import msgspec
from sqlalchemy import select

from amanat.exchange.drafting import flaws_of
from amanat.exchange.means import Turn
from amanat.officer.may import Actor, may
from amanat.party.errors import Invalid
from amanat.workspace import Page
from amanat.workspaces.liaison import administered, calls, dealings, views
from amanat.workspaces.liaison.dealings import Dealing
from amanat.workspaces.liaison.ground import drawn
from amanat.workspaces.liaison.notices import coarse, forms, giving, rules, stories
from amanat.workspaces.liaison.notices.deconfliction import OtherRoute, OtherTime, Proposal
from amanat.workspaces.liaison.notices.giving import Preview
from amanat.workspaces.liaison.notices.kinds import CAMP, HUMANITARIAN, OF_PEOPLE, TYPES
from amanat.workspaces.liaison.notices.pages.one import positions
from amanat.workspaces.liaison.notices.rules import Story
from amanat.workspaces.liaison.notices.tables import NOTICE

PATH: Final = "/liaison/plan"
MOST_OFFERED: Final = 50
"""Notices that are offered to be said to belong together with another."""


@dataclass(frozen=True, slots=True)
class Offered:
    """A proposal as a link: the form filled in with it, or where one talks."""

    proposal: Proposal
    what: str
    path: str


def context(turn: Turn, actor: Actor, query: Any) -> Mapping[str, Any]:  # noqa: ANN401 - a `forms.Typed`
    """Return the form, and what is known of what was filled in."""
    found = dealings.dealings(turn, giving.KIND)
    held = _begun(turn, query)
    type_ = held["type"]
    shown: dict[str, Any] = {
        "dealings": found,
        "may_give": may(actor, "record.send"),
        "types": tuple(TYPES),
        "type": type_,
        "held": held,
        "fields": forms.fields(type_),
        "hotlines": calls.titles(turn),
        "forms": forms,
        **_countries(turn, found),
        "above": type_ in forms.ABOVE,
        "of_people": TYPES.get(type_) in OF_PEOPLE or held["site"] == CAMP,
        "related": _related(turn) if any(each.sort == "notices" for each in forms.fields(type_)) else (),
        "humanitarian": TYPES.get(type_) in HUMANITARIAN,
        "address": _address(held),
        "preview": None,
        "wrong": None,
        "own": turn.means.party,
    }
    if found and type_ and held["check"]:
        try:
            shown |= _checked(turn, held)
        except Invalid as wrong:
            shown |= {"wrong": wrong, "flaws": flaws_of(wrong)}
    return shown


def _begun(turn: Turn, query: Any) -> dict[str, str]:  # noqa: ANN401 - as above
    """Return what the form is filled in with: what was typed, or what is to be changed says."""
    held: dict[str, str] = msgspec.to_builtins(query)
    if held["changes"] and not held["type"]:
        story = stories.one(turn, *held["changes"].partition(":")[::2])
        if story is not None and story.author == turn.means.party:
            compact, exercise = story.given.compact, "on" if story.given.exercise else ""
            return {**held, **forms.typed_of(turn, story.given.body), "compact": compact, "exercise": exercise}
    return held


def _checked(turn: Turn, held: Mapping[str, str]) -> Mapping[str, Any]:
    """Return what is known of what was filled in. Raises `Invalid`."""
    dealing = dealings.require_dealing(turn, giving.KIND, held["compact"])
    body, exercise = forms.read(turn, forms.Typed(**held)), bool(held["exercise"])
    giving.require_changed(turn, dealing, body, exercise=exercise)
    giving.require_related(turn, body)
    preview = giving.preview(turn, dealing, body, exercise=exercise)
    told = coarse.coarse(body.shape) if preview.coarse else None
    return {
        "preview": preview,
        "offered": tuple(_offered(turn, held, preview)),
        "told": {**drawn.typed(told), "positions": positions(told)} if told is not None else None,
        "audience": dealing.audience(giving.KIND),
        "over": body.window.until <= turn.now,
        "short_notice": rules.short_notice(body),
        "hidden": {name: value for name, value in held.items() if value and name not in {"check", "coarse"}},
    }


def _offered(turn: Turn, held: Mapping[str, str], preview: Preview) -> Iterator[Offered]:
    for each in preview.proposals:
        if isinstance(each, OtherTime):
            times = {
                "since": drawn.typed_time(turn, each.window.since),
                "until": drawn.typed_time(turn, each.window.until),
            }
            later = each.window.since > preview.body.window.since
            yield Offered(each, "later" if later else "earlier", _address({**held, **times}))
        elif isinstance(each, OtherRoute):
            yield Offered(each, "route", _address({**held, **drawn.typed(each.shape)}))
        else:
            yield Offered(each, "talk", "/liaison/desk")


def _address(held: Mapping[str, str]) -> str:
    return f"{PATH}?{urlencode({name: value for name, value in held.items() if value})}"


def _related(turn: Turn) -> tuple[Story, ...]:
    """Return the notices of our own that one may be said to belong together with: those that stand and begin last."""
    ours = (NOTICE.c.party == turn.means.party, NOTICE.c.until > views.spell(turn.now))
    rows = turn.tx.execute(select(NOTICE).where(*ours).order_by(NOTICE.c.since.desc(), NOTICE.c.id).limit(MOST_OFFERED))
    return tuple(each for each in stories.of(turn, rows) if rules.stands(each, turn.now))


def _countries(turn: Turn, found: tuple[Dealing, ...]) -> Mapping[str, Any]:
    """Return whose ground it may be: our own first."""
    owns, grounds = (
        {each.own for each in found},
        administered.context(turn, {party for each in found for party in each.compact.terms.members}),
    )
    return {**grounds, "countries": sorted(grounds["countries"], key=lambda each: each[1] not in owns)}


PAGE: Final = Page("plan", "record.read", context, query=forms.Typed)
