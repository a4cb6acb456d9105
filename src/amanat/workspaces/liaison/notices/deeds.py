"""What an officer does at once about a notice: give it, acknowledge it, ask, explain, judge, end it, invite and visit.

Law: each is judged whole before it is sent, by who may do it: only the party that gave a notice changes, explains and
ends it; only the other member acknowledges, asks, and judges what was explained. Nothing is approved or refused by it.
"""

import re
from collections.abc import Iterable
from typing import Any, Final

import msgspec

from amanat.exchange.lexica import own_zone
from amanat.exchange.means import Turn
from amanat.officer.may import Actor
from amanat.party.errors import Invalid, Refused
from amanat.workspace import Deed, Sent
from amanat.workspaces.liaison import dealings, places, slots, views
from amanat.workspaces.liaison.dealings import Root
from amanat.workspaces.liaison.ground import drawn
from amanat.workspaces.liaison.kinds import Named
from amanat.workspaces.liaison.notices import explaining, forms, giving, rules, stories
from amanat.workspaces.liaison.notices.kinds import type_of
from amanat.workspaces.liaison.notices.rules import Story
from amanat.workspaces.liaison.notices.steps import (
    Acknowledged,
    Ended,
    Explained,
    Invited,
    Judged,
    Questioned,
    Step,
    Visited,
    Visiting,
)
from amanat.workspaces.liaison.notices.tables import NOTICE

PAGE: Final = "/liaison/notice?party={party}&id={id}"
MOST_TIMES: Final = 4
_POST: Final = re.compile(r"[a-z0-9][a-z0-9./-]{0,63}")


class Acknowledging(msgspec.Struct, frozen=True):
    """Which notice is acknowledged; to which unit it was passed on, and when, where that is said."""

    party: str
    id: str
    unit: str = ""
    passed: str = ""


class Judging(msgspec.Struct, frozen=True):
    """Of which question ("PARTY:ID") it is said whether what was explained is enough: "yes" or "no"."""

    party: str
    id: str
    question: str
    enough: str


class Ending(msgspec.Struct, frozen=True):
    """Which notice is ended, and how; `sure` is the second step."""

    party: str
    id: str
    how: str
    sure: str = ""


class Inviting(msgspec.Struct, frozen=True):
    """Which notice a visit is offered about: its times, where one meets, for how many."""

    party: str
    id: str
    time0: str = ""
    time1: str = ""
    time2: str = ""
    time3: str = ""
    place: str = ""
    country: str = ""
    most: str = ""


class Answering(msgspec.Struct, frozen=True):
    """Which visit is answered ("PARTY:ID"), and how: at which of its times with how many, or "no"."""

    party: str
    id: str
    visit: str
    accepts: str
    time: str = ""
    count: str = ""


class Telling(msgspec.Struct, frozen=True):
    """Of which visit it is said whether it took place."""

    party: str
    id: str
    visit: str
    took_place: str


def give(turn: Turn, _actor: Actor, typed: Any) -> Sent:  # noqa: ANN401 - a `forms.Typed`
    """Give notice of what is planned, or another notice in the place of one that was given."""
    dealing = dealings.require_dealing(turn, giving.KIND, typed.compact)
    exercise = bool(typed.exercise)
    body = forms.read(turn, typed)
    changed = giving.require_changed(turn, dealing, body, exercise=exercise)
    giving.require_related(turn, body)
    if body.window.until <= turn.now:
        raise Invalid("liaison.notice-over", "It is over already.", "Say a later time; what happened is an incident.")
    told = giving.told(dealing, body) if typed.coarse else body
    answers = changed.given.key if changed else None
    asked = dealings.asked(turn, dealing, giving.KIND, told, answers=answers, exercise=exercise)
    return Sent((asked,), then=PAGE)


def acknowledge(turn: Turn, _actor: Actor, typed: Acknowledging) -> Sent:
    """Say that a notice is here, or that it was passed on to a unit on the ground. It approves nothing."""
    story = require_theirs(turn, typed.party, typed.id)
    unit, passed = typed.unit.strip(), typed.passed.strip()
    if not unit and rules.acknowledged(story) is not None:
        raise Invalid("liaison.notice-acknowledged", "It was acknowledged here before.", "There is nothing to do.")
    if not unit:
        return _step(turn, story, Acknowledged(notice=story.given.key))
    at = slots.time(passed, own_zone(turn), turn.now) if passed else turn.now.replace(microsecond=0)
    if at > turn.now or not _POST.fullmatch(unit):
        raise Invalid(
            "liaison.notice-passed",
            "It does not say to the unit at which post it was passed on, or at a time that is to come.",
            'Name a post like "torkham/company", and when it was told.',
        )
    return _step(turn, story, Acknowledged(notice=story.given.key, unit=unit, passed=at))


def ask(turn: Turn, _actor: Actor, typed: Any) -> Sent:  # noqa: ANN401 - an `explaining.Asking`
    """Ask for an explanation of some things at once."""
    story = require_theirs(turn, typed.party, typed.id)
    if rules.humanitarian(story.given.body):
        raise Refused(
            "liaison.notice-humanitarian",
            "Aid informs, and is asked nothing.",
            "Talk on a hotline where something endangers it.",
            by="floor 13",
        )
    if any(each.answered is None for each in rules.questions(story)):
        raise Invalid("liaison.notice-asked", "An explanation was asked before, and is not given yet.", "Wait for it.")
    about = tuple(sorted(each for each in explaining.ABOUT if getattr(typed, explaining.about(each))))
    if not about:
        raise Invalid("liaison.notice-about", "Nothing was chosen to be explained.", "Choose one thing or several.")
    return _step(turn, story, Questioned(notice=story.given.key, about=about))


def explain(turn: Turn, _actor: Actor, typed: Any) -> Sent:  # noqa: ANN401 - an `explaining.Answer`
    """Answer a question, thing by thing."""
    story = require_ours(turn, typed.party, typed.id)
    asked = next((each for each in rules.questions(story) if _name(each.asked.key) == typed.question), None)
    if asked is None or (asked.answered is not None and not asked.lacking):
        raise Invalid(
            "liaison.notice-question", "There is no such question to be answered here.", "Load the page anew."
        )
    says = explaining.read(turn, asked.asked, type_of(story.given.body), typed)
    return _step(
        turn, story, Explained(notice=story.given.key, question=asked.asked.key, says=says), opens=(asked.asked.key,)
    )


def judge(turn: Turn, _actor: Actor, typed: Judging) -> Sent:
    """Say whether what was explained is enough for this side, which asked; where it is not, the two meet."""
    story = require_theirs(turn, typed.party, typed.id)
    asked = next((each for each in rules.questions(story) if _name(each.asked.key) == typed.question), None)
    if asked is None or asked.answered is None or typed.enough not in ("yes", "no"):
        raise Invalid("liaison.notice-judged", "There is no explanation to say this of.", "Load the page anew.")
    answer = asked.answers[-1].key
    return _step(turn, story, Judged(notice=story.given.key, answer=answer, enough=typed.enough == "yes"), (answer,))


def require_sure(sure: str) -> None:
    """Raise `Invalid` unless who ends something ticked that it is so."""
    if not sure:
        raise Invalid("liaison.notice-sure", "It was not confirmed.", "Tick that it is so, and end it again.")


def end(turn: Turn, _actor: Actor, typed: Ending) -> Sent:
    """Say that it is done, or called off: from then on nothing is held against it; or that what was built is gone."""
    story = require_ours(turn, typed.party, typed.id)
    built = rules.built(story, turn.now)
    before = (rules.gone(story),) if built and typed.how == "gone" else (rules.ended(story), rules.changed_by(story))
    if any(before):
        raise Invalid("liaison.notice-ended", "It was ended or changed before.", "There is nothing to do.")
    require_sure(typed.sure)
    if typed.how not in ("done", "called-off", *(("gone",) if built else ())):
        raise Invalid("liaison.notice-how", "It does not say how it ended.", "Choose done or called off.")
    return _step(turn, story, Ended(notice=story.given.key, how=typed.how))  # type: ignore[arg-type]


def invite(turn: Turn, _actor: Actor, typed: Inviting) -> Sent:
    """Offer the other side a visit."""
    story = require_ours(turn, typed.party, typed.id)
    if rules.humanitarian(story.given.body):
        raise Invalid("liaison.notice-visit", "Aid is not visited.", "Meet at a flag meeting.")
    zone = own_zone(turn)
    typed_times = (getattr(typed, f"time{number}").strip() for number in range(MOST_TIMES))
    times = tuple(sorted({slots.time(each, zone, turn.now) for each in typed_times if each}))
    if not times or times[0] <= turn.now:
        raise Invalid(
            "liaison.visit-time", "No time of the visit lies ahead.", "Give one to four, all of them to come."
        )
    place = places.read(turn, typed.place, typed.country or None)
    most = drawn.whole(typed.most, "most")
    return _step(turn, story, Invited(notice=story.given.key, times=times, place=place, most=most))


def answer(turn: Turn, _actor: Actor, typed: Answering) -> Sent:
    """Say that one comes, when and with how many, or that nobody does."""
    story = require_theirs(turn, typed.party, typed.id)
    visit = _offered(turn, story, typed.visit, ("offered", "accepted", "declined"))
    body = visit.offered.body
    assert isinstance(body, Invited)  # noqa: S101 - as `rules.offers` has it
    if typed.accepts != "yes":
        return _step(
            turn,
            story,
            Visiting(notice=story.given.key, visit=visit.offered.key, accepts=False),
            opens=(visit.offered.key,),
        )
    time = next((each for each in body.times if each.isoformat() == typed.time), None)
    count = drawn.whole(typed.count, "count")
    if time is None or time <= turn.now or not 1 <= count <= body.most:
        raise Invalid(
            "liaison.visit-answer",
            "The time is not one of those offered, or is past, or there are too many.",
            f"Choose a time that lies ahead, and one to {body.most} persons.",
        )
    said = Visiting(notice=story.given.key, visit=visit.offered.key, accepts=True, time=time, count=count)
    return _step(turn, story, said, opens=(visit.offered.key,))


def tell(turn: Turn, _actor: Actor, typed: Telling) -> Sent:
    """Say whether a visit took place: each side's own word."""
    story = require_notice(turn, typed.party, typed.id)
    visit = _offered(turn, story, typed.visit, ("accepted", "took-place", "did-not", "disputed"))
    said = visit.answer.body if visit.answer else None
    if not isinstance(said, Visiting) or said.time is None or said.time > turn.now:
        raise Invalid("liaison.visit-ahead", "Nobody was to come yet.", "Say so once the time of the visit is past.")
    took_place = typed.took_place == "yes"
    return _step(turn, story, Visited(notice=story.given.key, visit=visit.offered.key, took_place=took_place))


# --- whose it is ------------------------------------------------------------------------------------------------------


def require_notice(turn: Turn, party: str, id_: str) -> Story:
    """Return a notice that is here, and that this party is a side of. Raises `Invalid`."""
    story = stories.one(turn, party, id_)
    if story is None or turn.means.party not in (story.author, story.other):
        raise Invalid(
            "liaison.notice-unknown", "That notice is not here.", "Choose it from the list: it may have expired."
        )
    return story


def require_ours(turn: Turn, party: str, id_: str) -> Story:
    """Return a notice of this party. Raises `Invalid`."""
    story = require_notice(turn, party, id_)
    if story.author != turn.means.party:
        raise Invalid("liaison.notice-theirs", "The notice is the other side's.", "Only who gave it does this.")
    return story


def require_theirs(turn: Turn, party: str, id_: str) -> Story:
    """Return a notice of the other side. Raises `Invalid`."""
    story = require_notice(turn, party, id_)
    if story.author == turn.means.party:
        raise Invalid("liaison.notice-ours", "The notice is our own.", "Only the other side does this.")
    return story


def _offered(turn: Turn, story: Story, name: str, states: tuple[str, ...]) -> rules.Offer:
    found = next((each for each in rules.offers(story, turn.now) if _name(each.offered.key) == name), None)
    if found is None or found.state not in states:
        raise Invalid("liaison.visit", "There is no such visit to say this of.", "Load the page anew.")
    return found


def _step(turn: Turn, story: Story, body: Step, opens: Iterable[Named] = ()) -> Sent:
    """Return a step to be sent; what of the other side it is about is opened by it."""
    own, key = turn.means.party, story.given.key
    dealing = dealings.require_dealing(turn, giving.STEP_KIND, story.given.compact)
    (row,) = views.rows(turn.tx, NOTICE, NOTICE.c.party == key.party, NOTICE.c.id == key.id)
    asked = dealings.asked(turn, dealing, giving.STEP_KIND, body, of=Root.of(row))
    opened = tuple((each.party, each.id) for each in (key, *opens) if each.party != own)
    return Sent((asked,), opened, PAGE.format(party=key.party, id=key.id))


def _name(key: Named) -> str:
    return f"{key.party}:{key.id}"


DEEDS: Final = (
    Deed("give-notice", "plan", "record.send", forms.Typed, give),
    Deed("acknowledge-notice", "notice", "record.send", Acknowledging, acknowledge),
    Deed("ask-notice", "notice", "record.send", explaining.Asking, ask),
    Deed("explain-notice", "notice", "record.send", explaining.Answer, explain),
    Deed("judge-notice", "notice", "record.send", Judging, judge),
    Deed("end-notice", "notice", "record.send", Ending, end),
    Deed("invite-notice", "notice", "record.send", Inviting, invite),
    Deed("visit-notice", "notice", "record.send", Answering, answer),
    Deed("visited-notice", "notice", "record.send", Telling, tell),
)
