"""Which incidents are one event: those of which both sides say so.

Law: pure. One side's word joins nothing, nor does one take apart by withdrawing it what both joined.
"""

from collections.abc import Iterable, Mapping

from amanat.workspaces.liaison.incidents.kinds import Same
from amanat.workspaces.liaison.incidents.taking_back import taken_back
from amanat.workspaces.liaison.incidents.told import of
from amanat.workspaces.liaison.kinds import Named
from amanat.workspaces.liaison.told import Told


def standing(told: Iterable[Told], members: Iterable[str]) -> list[Told]:
    """Return the words of the two sides that two are one event, but those that were taken back."""
    sides = set(members)
    words = [each for each in of(told, Same) if each.key.party in sides]
    gone = {each.key for each in taken_back(words)}
    return [each for each in words if each.key not in gone]


def pairs(told: Iterable[Told], members: Iterable[str]) -> dict[frozenset[Named], set[str]]:
    """Return which incidents are said to be one event, and by which sides."""
    found = dict[frozenset[Named], set[str]]()
    for each in standing(told, members):
        if each.body.incident != each.body.same:
            found.setdefault(frozenset((each.body.incident, each.body.same)), set()).add(each.key.party)
    return found


def joined(key: Named, said: Mapping[frozenset[Named], set[str]], members: Iterable[str]) -> set[Named]:
    """Return the incidents that are one event with this one, itself among them: those that both sides joined."""
    both, group, left = set(members), {key}, [key]
    while left:
        one = left.pop()
        for pair, by in said.items():
            if one in pair and by >= both:
                more = pair - group
                group |= more
                left.extend(more)
    return group
