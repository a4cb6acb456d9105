"""What this node sends of hotlines, made ready: to whom, under which compact, and how long it may live.

Law: a record of a call expires with the call and refers to it, since what answers a record of the other side is bound
by its handling (floor 8). A phrase never asks for a marking: the compact's defaults are its handling.
"""

from datetime import datetime, timedelta
from typing import Any

import msgspec

from amanat.compact import calling
from amanat.exchange.drafting import Asked
from amanat.exchange.means import Turn
from amanat.party.errors import Invalid, Refused
from amanat.record.record import Ref
from amanat.workspaces.liaison import calls
from amanat.workspaces.liaison.calls import Line
from amanat.workspaces.liaison.kinds import MOST_SAID, Call, Confirmed, Named, Urgency
from amanat.workspaces.liaison.rules import Facts


def require_line(turn: Turn, code: str) -> Line:
    """Return a hotline that this party is an end of. Raises `Invalid`."""
    found = calls.line(turn, code)
    if found is None:
        known = ", ".join(each.code for each in calls.lines(turn)) or "none"
        raise Invalid("liaison.hotline", f"This party is at no end of a hotline {code[:48]!r}.", f"It has: {known}.")
    return found


def require_post(turn: Turn, code: str, post: str) -> None:
    """Raise `Refused` for a post that does not stand on a hotline."""
    line = require_line(turn, code)
    own = turn.means.party
    if code not in calling.of_post(line.compact.terms, own, post):
        posts = ", ".join(line.terms.posts[own])
        raise Refused(
            "liaison.post",
            f"The post {post} is not one of those that stand on this hotline.",
            f"Those are: {posts}. Let an officer of one of them do it.",
            by="the compact's posts",
        )


def require_call(turn: Turn, party: str, id_: str) -> Facts:
    """Return a call that is here. Raises `Invalid`."""
    found = calls.one(turn, party, id_)
    if found is None:
        raise Invalid("liaison.call", f"No call {id_[:40]} is here.", "See the calls that are: it may have expired.")
    return found


def ring(turn: Turn, line: Line, urgency: Urgency, *, test: bool = False, exercise: bool = False) -> Asked:
    """Return the record by which a hotline is rung."""
    return said(turn, line, "liaison.call", Call(hotline=line.code, urgency=urgency, test=test), exercise=exercise)


def said(  # noqa: PLR0913 - what is said, and what it hangs on
    turn: Turn,
    line: Line,
    kind: str,
    body: msgspec.Struct,
    *,
    facts: Facts | None = None,
    answers: Named | None = None,
    exercise: bool = False,
) -> Asked:
    """Return a record of a hotline, and of a call where `facts` are given; `answers` is what of the call it is to."""
    refs = list[Ref]()
    if facts is not None:
        key = facts.rung.key
        refs.append(Ref("answers" if key.party != turn.means.party else "about", key.party, key.id))
        exercise = facts.rung.exercise
        if answers is not None and answers != key:
            refs.append(Ref("about", answers.party, answers.id))
    return Asked(
        kind=kind,
        compact=line.compact.terms.id,
        to=(line.other,),
        body=msgspec.to_builtins(body),
        handling=_expiry(turn, line, kind, facts),
        refs=tuple(sorted(refs)),
        exercise=exercise,
    )


def about_voice(turn: Turn, line: Line, body: Confirmed, expires: str | None) -> Asked:
    """Return the word on a conversation by voice that the other side logged, which expires with that."""
    asked = said(turn, line, "liaison.message", body)
    handling = {"expires": expires} if expires else {}
    return msgspec.structs.replace(asked, refs=(Ref("answers", body.of.party, body.of.id),), handling=handling)


def next_number(turn: Turn, facts: Facts) -> int:
    """Return the number of what this party says next in a call. Raises `Invalid` in one that is full."""
    number = 1 + max((each.n for each in facts.uttered if each.key.party == turn.means.party), default=0)
    if number > MOST_SAID:
        raise Invalid("liaison.full", f"In this call {MOST_SAID} messages were said by this side.", "Ring anew.")
    return number


def _expiry(turn: Turn, line: Line, kind: str, facts: Facts | None) -> dict[str, Any]:
    """Return the expiry of a record of a call: its kind's, but never after the call's."""
    terms = line.compact.terms.kinds.get(kind)
    if facts is None or facts.rung.expires is None or terms is None:
        return {}
    usual = turn.now + timedelta(days=terms.handling.expires_days)
    return {"expires": _spelt(min(usual, facts.rung.expires))}


def _spelt(time: datetime) -> str:
    return time.isoformat().replace("+00:00", "Z")
