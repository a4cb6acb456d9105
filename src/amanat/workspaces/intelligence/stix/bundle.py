"""Read a STIX 2.1 bundle: refuse what the OASIS standard forbids, keep everything it lets a sender add.

Law: judges what the standard says a producer must do, and nothing that it leaves to taste: open vocabularies, unknown
types and properties, and references to objects that are elsewhere pass. Patterns of indicators are not parsed.
"""

import json
import re
from typing import Any, Final, NoReturn

from amanat.party import canonical
from amanat.party.errors import Invalid
from amanat.workspaces.intelligence.stix import types
from amanat.workspaces.intelligence.stix.forms import instant, type_of

MAX_OBJECTS: Final = 10_000
MAX_NAME: Final = 250

_TYPE: Final = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
# Wider than the standard, which knows no capitals and hyphens here: MISP writes them into its custom properties.
_PROPERTY: Final = re.compile(rf"[A-Za-z][A-Za-z0-9_-]{{0,{MAX_NAME - 1}}}")

# Of what stands deeper the standard says the same; there producers write spaces, dots and colons too.
_INNER: Final = re.compile(rf"[ -~]{{1,{MAX_NAME}}}")

# `spec_version` is STIX 2.0's, which 2.1 passes over; only as one of its two values is it nothing said.
_OF_BUNDLES: Final = frozenset(["type", "id", "objects", "spec_version"])

_SORTS: Final = {
    str: "a text",
    bool: "true or false",
    int: "a whole number",
    float: "a number with decimals",
    list: "a list",
    dict: "an object",
    type(None): "nothing",
}

StixObject = dict[str, Any]


def read(data: bytes) -> list[StixObject]:
    """Return the objects of a STIX 2.1 bundle, in the order they stand in it.

    Raises `Invalid` naming the object, the property and what the standard wants there, never the value.
    """
    objects = _contents(canonical.plain(data, "STIX bundle"))
    if len(objects) > MAX_OBJECTS:
        raise Invalid(
            "stix.many",
            f"The bundle has {len(objects)} objects; at most {MAX_OBJECTS} are read.",
            "Send it as several reports.",
        )
    for place, item in enumerate(objects, start=1):
        _check(item, place)
    _check_versions(objects)
    return objects


def objects(data: bytes) -> list[StixObject]:
    """Return the objects of a bundle that `read` has passed, which stands in a `Record`, without judging it again."""
    found: list[StixObject] = json.loads(data.decode()).get("objects", [])
    return found


def _contents(bundle: Any) -> list[StixObject]:  # noqa: ANN401 - foreign JSON
    """Return what a bundle wraps. It is no statement itself (section 8): what it said, no floor would read."""
    if not isinstance(bundle, dict) or bundle.get("type") != "bundle" or type_of(bundle.get("id")) != "bundle":
        raise Invalid(
            "stix.bundle",
            "This is JSON, but no STIX bundle with an id like bundle--UUID.",
            'Put the objects into {"type": "bundle", "id": "bundle--…", "objects": […]}.',
        )
    own = sorted(bundle.keys() - _OF_BUNDLES)
    if own or bundle.get("spec_version", "2.1") not in ("2.0", "2.1"):
        raise Invalid(
            "stix.bundle",
            f"The bundle itself says something in {_shown((own or ['spec_version'])[0])}.",
            "Say it in one of its objects.",
        )
    objects = bundle.get("objects", [])
    if not isinstance(objects, list) or not all(isinstance(item, dict) for item in objects):
        raise Invalid("stix.bundle", 'The "objects" of the bundle are not a list of objects.', "Write a list there.")
    return objects


def _check(item: StixObject, place: int) -> None:
    """Hold the object that stands at `place` against what its type demands."""
    type_ = item.get("type")
    if not isinstance(type_, str) or not _TYPE.fullmatch(type_) or type_of(item.get("id")) != type_:
        raise Invalid(
            "stix.id",
            f"Object {place} of the bundle has {_sort(type_)} as its type and {_sort(item.get('id'))} as its id.",
            "An id is the type, two hyphens and a UUID: identity--8c6af861-7b20-41ef-9b59-6344fd872a8f.",
        )
    if type_ == "bundle":
        _wrong("stix.bundle", item, "is a bundle in a bundle", "Take its objects out of it.")
    _check_presence(item, _shape(item, type_))
    _check_values(item, type_)
    _check_times(item)
    if type_ == "malware" and item["is_family"] and "name" not in item:
        _wrong("stix.missing", item, "is a malware family without a name", "Add the name.")


def _shape(item: StixObject, type_: str) -> types.Shape:
    """What is demanded of an object: by its type, or for a custom one by whether it has versions."""
    custom = types.VERSIONED if item.keys() & {"created", "modified"} else types.Shape()
    return types.SHAPES.get(type_, custom)


def _check_presence(item: StixObject, shape: types.Shape) -> None:
    missing = [name for name in shape.required if name not in item]
    missing += [f"{beside} (beside {name})" for name, beside in shape.needs if name in item and beside not in item]
    if shape.some_of and not item.keys() & set(shape.some_of):
        missing.append(" or ".join(shape.some_of))
    if missing:
        _wrong("stix.missing", item, f"lacks {', '.join(missing)}", "Add what is missing.")
    if shape.not_both and item.keys() >= set(shape.not_both):
        _wrong("stix.both", item, f"has both {' and '.join(shape.not_both)}", "Take one of the two out.")


def _check_values(item: StixObject, type_: str) -> None:
    """Hold each property against the form the standard gives it; those it does not know need only be no nothing."""
    forms = types.PROPERTIES if type_ in types.SHAPES else types.COMMON
    own = types.IN_TYPE.get(type_, {})
    defanged = item.get("defanged") is True
    for name, value in item.items():
        if not _PROPERTY.fullmatch(name):
            _wrong(
                "stix.property",
                item,
                f"has a property {_shown(name)}",
                "Use at most 250 of a-z, 0-9 and _ for its name.",
            )
        if value is None or value == []:
            _wrong("stix.value", item, f"says nothing in {name}", "Leave the property out instead.")
        if (odd := odd_name(value)) is not None:
            _wrong("stix.property", item, f"has a property {_shown(odd)} in {name}", "Use ASCII for its name.")
        form = own.get(name) or forms.get(name)
        if form is not None and not form.fits(value) and not (defanged and name == "value"):
            _wrong("stix.value", item, f"has {_sort(value)} as {name}", f"It must be {form.says}.")


def odd_name(value: Any) -> str | None:  # noqa: ANN401 - foreign JSON
    """Return a name at any depth of `value` that is not ASCII: what the floors look for could hide under it."""
    if isinstance(value, dict):
        odd = next((name for name in value if not _INNER.fullmatch(name)), None)
        return odd if odd is not None else odd_name(list(value.values()))
    if isinstance(value, list):
        return next((odd for one in value if (odd := odd_name(one)) is not None), None)
    return None


def _check_times(item: StixObject) -> None:
    for first, last in types.ORDERED:
        if first in item and last in item and instant(item[first]) > instant(item[last]):
            _wrong("stix.times", item, f"has {last} before {first}", "Correct one of the two.")
    for first, last in types.STRICTLY_ORDERED:
        if first in item and last in item and instant(item[first]) >= instant(item[last]):
            _wrong("stix.times", item, f"has {last} not after {first}", "Correct one of the two.")


def _check_versions(objects: list[StixObject]) -> None:
    """Refuse two statements under one id and version: readers could each pick another (section 3.6)."""
    seen: dict[tuple[str, Any], StixObject] = {}
    for item in objects:
        if seen.setdefault((item["id"], item.get("modified")), item) != item:
            _wrong("stix.twice", item, "stands there twice, and differs", "Give the later one a later modified.")


def _sort(value: Any) -> str:  # noqa: ANN401 - foreign JSON
    """Say in an error of what sort a value is, and never the value: a person's name may stand there."""
    if (type_ := type_of(value)) in types.SHAPES:
        return f"an identifier of {type_}"
    if isinstance(value, str) and value in types.SHAPES:
        return repr(value)
    return _SORTS[type(value)]


def _shown(name: str) -> str:
    """Show a property's name in an error, cut where it would fill the screen."""
    text = repr(name)
    return text if len(text) <= 80 else f"{text[:80]}…"  # noqa: PLR2004 - one line of a terminal


def _wrong(code: str, item: StixObject, says: str, mend: str) -> NoReturn:
    raise Invalid(code, f"The STIX object {item['id']} {says}.", mend)
