"""Which acts about a compact still count: at most four of each member, however many it, or a thief, signed.

Law: the state that acts bring a compact to, and the numbers that may follow them, hang on these alone, in whatever
order all of them came. What counts is read at every turn and passed on; the rest is history.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final

from amanat.compact.signing import Act, custodians_last
from amanat.compact.terms import Terms

OF_ONE_NUMBER: Final = 2
"""How many acts of one kind that a member signed under one number are kept: two prove that it signed two."""


def counting(versions: Sequence[Terms], acts: Sequence[Act]) -> list[Act]:
    """Return those of the acts, all about one of these texts, that count; of two that are as good, the earlier given.

    Of each member: the suspension and the resumption under the highest number that either bears, the notice that ends
    it first, and the resumption or notice of the highest number, from which the numbers of suspensions are counted.
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
    """Return which act is not to be kept when `act` comes to those `beside` it, under one number; itself, or another.

    None while fewer than `OF_ONE_NUMBER` of its kind are there. What is among `counted` stays.
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
