"""What differs between two texts of one thing, field by field: so that a reader need not compare by eye."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Difference:
    """One field that differs, by the names that lead to it; None where it is not there, before or after."""

    path: tuple[str, ...]
    before: str | None
    after: str | None


def differences(before: Any, after: Any) -> tuple[Difference, ...]:  # noqa: ANN401 - JSON
    """Return the fields that differ between two pieces of JSON, in the order of the later one.

    What a list holds is told apart by its `id`, where each piece has one of its own, else by its number.
    """
    old, new = dict(_leaves((), before)), dict(_leaves((), after))
    paths = dict.fromkeys([*new, *old])
    return tuple(Difference(path, old.get(path), new.get(path)) for path in paths if old.get(path) != new.get(path))


def _leaves(path: tuple[str, ...], data: Any) -> Iterator[tuple[tuple[str, ...], str]]:  # noqa: ANN401 - JSON
    if isinstance(data, dict) and data:
        for name, inner in data.items():
            yield from _leaves((*path, str(name)), inner)
    elif isinstance(data, list | tuple) and data:
        for name, inner in zip(_names(data), data, strict=True):
            yield from _leaves((*path, name), inner)
    else:
        yield path, "" if data is None or data in ({}, [], ()) else str(data)


def _names(data: list[Any] | tuple[Any, ...]) -> list[str]:
    ids = [str(each.get("id", "")) if isinstance(each, dict) else "" for each in data]
    return ids if all(ids) and len(set(ids)) == len(ids) else [str(number) for number in range(1, len(data) + 1)]
