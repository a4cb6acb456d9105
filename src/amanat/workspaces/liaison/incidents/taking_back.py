"""What a side takes back by withdrawing what it said of an event: what was open, never what both said.

A withdrawal is a word with a date of its own, as all else is; but that date is its author's, and may be any. So what
the other side said holds a word by whatever date that was withdrawn.

- What one side says for itself is gone: that it knows, an answer, a note, what was observed, what has to do with it.
- A step that is signed, and that two events are one, is gone unless the other side said the same.
- An account is gone unless the other side answered something in it, or said something in it alike.
- A consent is given no more from then on; mediation that both signed meanwhile stays so, whatever date that has.
- A word that it is over is taken back from then on, unless the other side said so after it, or it was closed by both.
- An opening again is gone unless the other side said anything after it.
- A text, or a signature under it, is gone unless the other side signed that very record.
- The event itself is as if it had not been told of, unless the other side told of it too, or said more than that it
  knows.

Law: pure, over the same facts as `rules`, so that all who hold the same set say the same. An answer that was withdrawn
itself holds nothing.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import chain
from typing import Final

from msgspec import structs

from amanat.workspaces.liaison.incidents.kinds import (
    Account,
    Answered,
    Closes,
    Consents,
    Done,
    Noticed,
    Proposed,
    Reopens,
    Same,
    Signature,
    digest,
)
from amanat.workspaces.liaison.incidents.told import BY_OBSERVERS, Facts, mirrored, of, signs
from amanat.workspaces.liaison.told import Told

_Said = Mapping[type, Sequence[Told]]


def taken_back(told: Sequence[Told]) -> list[Told]:
    """Return what was withdrawn of what counts of an event, and counts no more."""
    back = [each for each in told if each.withdrawn is not None]
    if not back:
        return []
    said = defaultdict[type, list[Told]](list)
    for each in told:
        if each.withdrawn is None:
            said[type(each.body)].append(each)
    return [each for each in back if not _HELD.get(type(each.body), _gone)(each, said)]


def dated(told: Sequence[Told]) -> list[tuple[bool, Told]]:
    """Return words in order, each when it was said, and those that were withdrawn once more, as taken back (True)."""
    once = ((each.order, False, each) for each in told)
    again = ((_back(each).order, True, each) for each in told if each.withdrawn is not None)
    return [each[1:] for each in sorted(chain(once, again), key=lambda each: each[:2])]


def consents(told: Iterable[Told]) -> list[Told]:
    """Return the words of consent in order; what was withdrawn while it was its side's last consents no more since."""
    last, found = dict[str, Told](), list[Told]()
    for back, each in dated(of(told, Consents)):
        if not back or last[each.key.party] is each:
            word = _back(each, structs.replace(each.body, consents=False)) if back else each
            last[each.key.party] = word
            found.append(word)
    return found


def event_since(facts: Facts, told: Iterable[Told]) -> datetime | None:
    """Return since when an event is withdrawn by all who told of it; None of one that stands."""
    times = [each.withdrawn for each in facts.opened if each.withdrawn is not None]
    if len(times) < len(facts.opened):
        return None
    since, tellers = max(times), {each.key.party for each in facts.opened}
    others = (
        each
        for each in told
        if each.key.party in facts.members and each.key.party not in tellers and not isinstance(each.body, Noticed)
    )
    return None if any(others) else since


def closing_held(closing: Told, told: Iterable[Told]) -> bool:
    """Whether a word that it is over stays, though it was withdrawn, since the other side said after it that it is."""
    since = (one for one in of(told, Closes) if one.withdrawn is None and one.order > closing.order)
    return any(_others(closing, one) for one in since)


def _back(each: Told, body: object = None) -> Told:
    """Return a word as of when it was taken back, saying something else then."""
    assert each.withdrawn is not None  # noqa: S101 - of what was withdrawn alone
    return replace(each, at=max(each.at, each.withdrawn), body=body)


def _others(each: Told, one: Told) -> bool:
    """Whether one word is of the other side than another."""
    return one.key.party != each.key.party


def _answered(account: Told, said: _Said) -> bool:
    """Whether the other side answered something in an account, or said something in it alike."""
    by, statements = account.key.party, account.body.statements
    names, alike = {digest(one) for one in statements}, {mirrored(one) for one in statements}
    answers = (one.body.party == by and one.body.statement in names for one in said[Answered] if _others(account, one))
    return any(answers) or any(alike & set(one.body.statements) for one in said[Account] if _others(account, one))


def _signed(text: Told, said: _Said) -> bool:
    return any(signs(one, text) for one in said[Signature])


def _signs(signature: Told, said: _Said) -> bool:
    return any(signs(signature, one) for one in said[Proposed])


def _acted_since(opening: Told, said: _Said) -> bool:
    of_sides = chain(*(words for type_, words in said.items() if type_ not in BY_OBSERVERS))
    return any(one.at > opening.at for one in of_sides if _others(opening, one))


def _both_did(done: Told, said: _Said) -> bool:
    return any(one.body.step == done.body.step for one in said[Done] if _others(done, one))


def _both_joined(same: Told, said: _Said) -> bool:
    pair = {same.body.incident, same.body.same}
    return any({one.body.incident, one.body.same} == pair for one in said[Same] if _others(same, one))


def _from_then(_: Told, _said: _Said) -> bool:
    """What stays said, and is taken back from a time on: `dated`."""
    return True


def _gone(_: Told, _said: _Said) -> bool:
    return False


_HELD: Final[Mapping[type, Callable[[Told, _Said], bool]]] = {
    Account: _answered,
    Closes: _from_then,
    Consents: _from_then,
    Done: _both_did,
    Proposed: _signed,
    Reopens: _acted_since,
    Same: _both_joined,
    Signature: _signs,
}
"""By what a word that was withdrawn stays, where anything can hold it."""
