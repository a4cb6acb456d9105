"""Every JSON object and text in a bundle, however deep, and the plain names under which they say something.

Law: whoever writes the bundle chooses its spelling, and none of these lets a choice hide anything: upper case, hyphens,
prefixes, digits of another script, invisible letters, JSON written into a text.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, Final

from amanat.party import canonical
from amanat.party.errors import Invalid
from amanat.workspaces.intelligence.stix.bundle import MAX_NAME, StixObject, odd_name

FOLDS: Final = 2

_CAMEL: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_NO_WORD: Final = re.compile(r"[^a-z0-9]+")
# Where a property is no name but holds one: {"key": "tribe", "value": …}, MISP's object_relation.
_LABELS: Final = ("type", "object_relation", "key", "name", "field", "property", "attribute", "label", "category")
_VALUES: Final = ("value", "values")


def unfolded(value: Any, folds: int = FOLDS) -> Any:  # noqa: ANN401 - foreign JSON
    """Return `value` with every text that is itself a JSON object or list read, and the texts in that, `folds` deep."""
    if isinstance(value, dict):
        return {name: unfolded(one, folds) for name, one in value.items()}
    if isinstance(value, list):
        return [unfolded(one, folds) for one in value]
    if folds and isinstance(value, str) and value.lstrip()[:1] in ("{", "["):
        try:
            inner = canonical.plain(value.encode(), "text")
        except Invalid:
            return value
        return unfolded(inner, folds - 1) if odd_name(inner) is None else value
    return value


def parts(value: Any) -> Iterator[StixObject]:  # noqa: ANN401 - foreign JSON
    """Every JSON object in `value`, at any depth: objects of the bundle, their extensions, what stands in those."""
    if isinstance(value, dict):
        yield value
        value = list(value.values())
    if isinstance(value, list):
        for one in value:
            yield from parts(one)


def texts(value: Any) -> Iterator[str]:  # noqa: ANN401 - foreign JSON
    """Every text in `value`, at any depth; names of properties are none."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from texts(one)
    elif isinstance(value, list):
        for one in value:
            yield from texts(one)


def things(objects: list[StixObject]) -> Iterator[StixObject]:
    """The objects of the bundle, and those that STIX 2.0's way of observing embeds in observed-data."""
    for item in objects:
        yield item
        if item["type"] == "observed-data":
            yield from (one for one in item.get("objects", {}).values() if isinstance(one, dict))


def said(part: StixObject) -> dict[str, list[Any]]:
    """What an object says under each plain name; a custom property may repeat a standard one, and both count."""
    found: dict[str, list[Any]] = {}
    for name, value in part.items():
        found.setdefault(plain_name(name), []).append(value)
    values = [part[name] for name in _VALUES if name in part]
    for label in _labels(part):
        if len(label) <= MAX_NAME:
            found.setdefault(plain_name(label), []).extend(values)
    for word in _tag_words(part):
        if len(word) <= MAX_NAME:
            found.setdefault(plain_name(word), [])
    return found


def _labels(part: StixObject) -> Iterator[str]:
    """Names that stand as values in a part, beside a value."""
    paired = any(name in part for name in _VALUES)
    for name in _LABELS:
        label = part.get(name)
        if isinstance(label, str) and (paired or name == "object_relation"):
            yield label


def _tag_words(part: StixObject) -> Iterator[str]:
    """The words of a part's machine tags (person:sect="x"): of any number, each with its value in itself."""
    tags = part.get("labels")
    for tag in tags if isinstance(tags, list) else ():
        if isinstance(tag, str) and "=" in tag:
            yield from tag.partition("=")[0].split(":")


@lru_cache(maxsize=4096)
def plain_name(name: str) -> str:
    """Return a property's name in small letters and single underscores: of "x_acme_motherTongue" acme_mother_tongue."""
    return _NO_WORD.sub("_", _CAMEL.sub("_", name).lower()).strip("_").removeprefix("x_")


def words(text: str) -> frozenset[str]:
    """The words of a text, each a plain name."""
    return frozenset(text.split())


@lru_cache(maxsize=16_384)
def holds(name: str, phrases: frozenset[str]) -> bool:
    """Whether a plain name is one of `phrases`, or has one among its words: "home_city_name" holds city."""
    pieces = name.split("_")
    starts, lengths = range(len(pieces)), range(1, _longest(phrases) + 1)
    return any("_".join(pieces[start : start + length]) in phrases for start in starts for length in lengths)


@lru_cache
def _longest(phrases: frozenset[str]) -> int:
    return max(phrase.count("_") + 1 for phrase in phrases)
