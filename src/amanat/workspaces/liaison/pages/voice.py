"""Conversations by telephone, radio or in person: what one side logged of each, and the other side's word on it.

Law: a log is its side's own account until the other signs that it was so; both stand side by side.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, get_args

import msgspec
from sqlalchemy import Row, select, tuple_

from amanat.exchange.lexica import own_zone
from amanat.exchange.means import Turn
from amanat.officer.may import Actor, may
from amanat.workspace import Page
from amanat.workspaces.liaison import administered, calls, phrasebook, places, views
from amanat.workspaces.liaison.kinds import Confirmed, Means, Said, Slots, Voice
from amanat.workspaces.liaison.phrasebook import Entry

MOST: Final = 30
"""So many conversations stand on a page."""


class Query(msgspec.Struct, frozen=True):
    """What the page goes on after: the last row of the page before ("AT PARTY ID"), "" for the newest."""

    after: str = ""


@dataclass(frozen=True, slots=True)
class Account:
    """What a side noted of a conversation: how many minutes, if it says so, and the phrases with their slots."""

    minutes: int | None
    heard: tuple[tuple[Entry, Slots], ...]
    told: tuple[tuple[Entry, Slots], ...]


@dataclass(frozen=True, slots=True)
class Logged:
    """A conversation as one side logged it; `agrees` is the other side's word, None while it has said none.

    `by` and `at` are who said so and when, and `otherwise` is how it was by that word, where it says how. `to_confirm`
    says that this party is to say a word, and that this officer may.
    """

    party: str
    id: str
    post: str
    other: str
    hotline: str
    body: Voice
    account: Account
    exercise: bool
    agrees: bool | None
    by: str
    at: datetime | None
    otherwise: Account | None
    to_confirm: bool


def context(turn: Turn, actor: Actor, query: Query) -> Mapping[str, Any]:
    """Return a page of conversations, newest first, and what the form to log one offers."""
    lines = {each.code: each for each in calls.lines(turn)}
    mine = calls.at_post(turn, actor) if may(actor, "record.send") else ()
    rows = _rows(turn, query.after, sorted(lines))
    words = _words(turn, rows[:MOST])
    last = rows[MOST - 1] if len(rows) > MOST else None
    posts = {each.code for each in mine}
    names = places.known(turn)
    titles = {code: each.terms.title for code, each in lines.items()}
    return {
        "logged": [_logged(turn, row, words, titles, may_confirm=row.hotline in posts) for row in rows[:MOST]],
        "older": f"{last.at} {last.party} {last.id}" if last else "",
        "first": not query.after,
        "own": turn.means.party,
        "lines": mine,
        "means": get_args(Means),
        "there": sorted({post for each in mine for post in each.terms.posts[each.other]}),
        "clock": f"{turn.now.astimezone(own_zone(turn)):%H:%M}",
        "REVIEWED": phrasebook.REVIEWED,
        "plain_phrase": phrasebook.plain,
        **administered.context(turn),
        "pieces": phrasebook.pieces,
        "place_shown": lambda spot, language: places.shown(spot, names, language),
    }


def _rows(turn: Turn, after: str, hotlines: list[str]) -> list[Row[Any]]:
    voice = views.VOICE.c
    place = (voice.at, voice.party, voice.id)
    query = select(views.VOICE).where(voice.hotline.in_(hotlines))
    at, _, key = after.partition(" ")
    party, _, id_ = key.partition(" ")
    if id_:
        query = query.where(tuple_(*place) < tuple_(at, party, id_))
    return list(turn.tx.execute(query.order_by(*(each.desc() for each in place)).limit(MOST + 1)))


def _words(turn: Turn, rows: list[Row[Any]]) -> Mapping[tuple[str, str], Row[Any]]:
    """Return the last word of the other side on each conversation."""
    confirmed = views.CONFIRMED.c
    others = {(row.party, row.id): row.recipient for row in rows}
    if not others:
        return {}
    found = views.rows(turn.tx, views.CONFIRMED, tuple_(confirmed.of_party, confirmed.of_id).in_(sorted(others)))
    return {(row.of_party, row.of_id): row for row in found if row.party == others[row.of_party, row.of_id]}


def _logged(
    turn: Turn,
    row: Row[Any],
    words: Mapping[tuple[str, str], Row[Any]],
    titles: Mapping[str, str],
    *,
    may_confirm: bool,
) -> Logged:
    body = views.read_message(row.body)
    word = words.get((row.party, row.id))
    answer = views.read_message(word.body) if word else None
    assert isinstance(body, Voice)  # noqa: S101 - as `apply_message` wrote it
    assert isinstance(answer, Confirmed | None)  # noqa: S101 - as `apply_message` wrote it
    says_how = answer is not None and (answer.minutes is not None or answer.heard or answer.told)
    return Logged(
        party=row.party,
        id=row.id,
        post=row.post,
        other=row.recipient,
        hotline=titles[row.hotline],
        body=body,
        account=_account(body),
        exercise=row.exercise,
        agrees=word.agrees if word else None,
        by=word.post if word else "",
        at=datetime.fromisoformat(word.at) if word else None,
        otherwise=_account(answer) if answer is not None and says_how else None,
        to_confirm=word is None and row.party != turn.means.party and may_confirm,
    )


def _account(body: Voice | Confirmed) -> Account:
    return Account(body.minutes, _phrases(body.heard), _phrases(body.told))


def _phrases(said: tuple[Said, ...]) -> tuple[tuple[Entry, Slots], ...]:
    found = ((phrasebook.entry(each.phrase), each.slots) for each in said)
    return tuple((entry, slots) for entry, slots in found if entry is not None)


PAGE: Final = Page("voice", "record.read", context, query=Query)
