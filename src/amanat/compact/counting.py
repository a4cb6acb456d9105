"""Which acts about a compact still count: at most four of each member, however many it, or a thief, signed.

Law: a compact's state, and the numbers that its next acts may bear, depend on these alone, in whatever order all of
them came. What counts is read in every transaction and passed on to others; the rest is history.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final

from amanat.compact.signing import Act, custodians_last
from amanat.compact.terms import Terms

OF_ONE_NUMBER: Final = 2
"""How many acts of one kind that a member signed under one number are kept: two prove that it signed two."""


def counting(versions: Sequence[Terms], acts: Sequence[Act]) -> list[Act]:
    """Return which of these acts, each about one of these texts, count; where two would do, the one given earlier.

    Of each member: its suspension and its resumption under the highest number that it gave to either; the notice that
    ends the compact first; and the resumption or notice of the highest number, above which suspensions are numbered.
    """
    notice = {text.digest: timedelta(days=text.notice_days) for text in versions}
    counted: set[Act] = set()
    for party in {act.party for act in acts}:
        own = [act for act in acts if act.party == party]
        counted |= {*_stops(own), *_first_end(own, notice), *custodians_last(own)}
    return [act for act in dict.fromkeys(acts) if act in counted]


def for_others(acts: Iterable[Act]) -> list[Act]:
    """Return acts in the order in which whoever holds none can take them in: what custodians alone sign comes first."""
    return sorted(acts, key=lambda act: (act.act == "suspend", act.party, act.serial))


def superfluous(act: Act, beside: Sequence[Act], counted: Sequence[Act]) -> Act | None:
    """Return which act is not kept once `act` comes to those held `beside` it under one number: itself, or one of them.

    None while fewer than `OF_ONE_NUMBER` of its kind are held. An act among `counted` is always kept.
    """
    alike = [other for other in beside if other.act == act.act]
    if len(alike) < OF_ONE_NUMBER:
        return None
    return next(other for other in (act, *alike) if other not in counted)


def _stops(own: Sequence[Act]) -> list[Act]:
    last = max((act.serial for act in own if act.act != "end"), default=0)
    latest = {act.act: act for act in reversed(own) if act.serial == last and act.act != "end"}
    return list(latest.values())


def _first_end(own: Iterable[Act], notice: dict[str, timedelta]) -> list[Act]:
    def effect(act: Act) -> datetime:
        return act.at + notice[act.compact]

    return sorted((act for act in own if act.act == "end"), key=effect)[:1]
