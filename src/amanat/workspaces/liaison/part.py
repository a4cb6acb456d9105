"""What one part of liaison adds to the workspace: hotlines, notices, incidents, and so on, each of a folder.

Law: parts are put one after another and know nothing of one another here; what one needs of another it imports.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from amanat.exchange.drafting import Asked
from amanat.exchange.matter import Waiting
from amanat.exchange.means import Turn
from amanat.exchange.tending import Attending
from amanat.officer.may import Actor
from amanat.record.kind import Kind
from amanat.workspace import Bound, Deed, File, Page, Ring
from amanat.workspaces.liaison.ground.features import Shows

T = TypeVar("T")


def _nothing(*_: object) -> Iterable[Any]:
    return ()


@dataclass(frozen=True, slots=True)
class Part:
    """The fields of a `Workspace` of which it has several; what is asked yields nothing where there is none.

    `waits` counts what of the part stands beside the workspace's name; `shown` yields what of it the map of all shows;
    `bound` says what a draft is bound to that was begun on a page of the part, None of any other.
    """

    kinds: tuple[Kind, ...] = ()
    pages: tuple[Page, ...] = ()
    deeds: tuple[Deed, ...] = ()
    files: tuple[File, ...] = ()
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    waits: Callable[[Turn, Actor], int] = lambda _turn, _actor: 0
    now: Callable[[Turn, Actor], Iterable[Waiting]] = _nothing
    rings: Callable[[Turn, Actor], Iterable[Ring]] = _nothing
    tend: Callable[[Turn, Attending], Iterable[Asked]] = _nothing
    shown: Shows = _nothing
    bound: Callable[[Turn, Asked], Bound | None] = lambda _turn, _asked: None
    spent: Callable[[Turn], Iterable[str]] = _nothing


def all_of(parts: Iterable[Part], name: str) -> tuple[Any, ...]:
    """Return what all parts have of a field that is a tuple, in their order."""
    return tuple(each for part in parts for each in getattr(part, name))


def all_words(parts: Iterable[Part]) -> Mapping[str, Mapping[str, str]]:
    """Return the words of all parts, list by list."""
    found = dict[str, dict[str, str]]()
    for part in parts:
        for of, listed in part.words.items():
            found.setdefault(of, {}).update(listed)
    return found


def count(parts: Iterable[Part]) -> Callable[[Turn, Actor], int]:
    """Return what counts what waits in all parts."""
    those = tuple(parts)
    return lambda turn, actor: sum(each.waits(turn, actor) for each in those)


def bound(parts: Iterable[Part]) -> Callable[[Turn, Asked], Bound | None]:
    """Return what says what a draft is bound to, by the part on a page of which it was begun."""
    those = tuple(parts)
    return lambda turn, asked: next((found for each in those if (found := each.bound(turn, asked)) is not None), None)


def each_of(asks: Iterable[Callable[..., Iterable[T]]]) -> Callable[..., Iterator[T]]:
    """Return what yields all that each of several yields."""
    those = tuple(asks)
    return lambda *given: (found for ask in those for found in ask(*given))
