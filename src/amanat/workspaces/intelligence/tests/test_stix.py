"""What STIX 2.1 is, by OASIS's own tools and examples: our verdict on each is theirs, or stands among the differences.

Law: docs/conformance.md says how many cases each suite has, so that one which shrinks or is not found fails. The data is
in data/, with sources; examples naming persons stand only in the installed package of OASIS's validator, and are read there.
"""

import copy
import gzip
import json
import warnings
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
import stix2
import stix2validator
from stix2validator import ValidationOptions

from amanat.party.errors import Invalid
from amanat.workspaces.intelligence.stix import read
from amanat.workspaces.intelligence.stix.types import SHAPES
from amanat.workspaces.intelligence.tests.bundles import GROUP, INCIDENT, bundle, ref, stix
from tally import Tally

DATA = Path(__file__).parent / "data"
PUBLISHED = Path(stix2validator.__file__).parent / "schemas-2.1"
# What the standard demands; what it only recommends neither of us refuses.
OPTIONS = ValidationOptions(version="2.1", disabled="all")

Case = tuple[str, str]


def wrapped(text: str) -> str:
    """A file of one object as a bundle; what is no JSON stays as it is."""
    try:
        said = json.loads(text)
    except ValueError:
        return text
    return text if said.get("type") == "bundle" else bundle(said).decode()


def files(folder: Path) -> Iterator[Case]:
    return ((path.stem, wrapped(path.read_text("utf-8"))) for path in sorted(folder.rglob("*.json")))


def misp() -> Iterator[Case]:
    cases = json.loads(gzip.decompress((DATA / "misp.json.gz").read_bytes()))
    return ((name, bundle(*(said if isinstance(said, list) else [said])).decode()) for name, said in cases.items())


def tlp() -> Iterator[Case]:
    definitions = json.loads((DATA / "tlp2_marking_definitions.json").read_text("utf-8"))
    return ((one["name"], bundle(one).decode()) for one in definitions)


# Each suite by its name in docs/conformance.md: its cases, and how many of them are good STIX.
SUITES: dict[str, tuple[Callable[[], Iterator[Case]], int]] = {
    "STIX, OASIS's worked examples": (lambda: files(DATA / "oasis"), 9),
    "STIX, examples beside OASIS's schemas": (lambda: files(PUBLISHED / "examples"), 8),
    "STIX, OASIS's validator's own cases": (lambda: files(DATA / "validator"), 6),
    "STIX, translated from STIX 1 by OASIS": (lambda: files(DATA / "elevator"), 9),
    "STIX, TLP 2.0 by OASIS": (tlp, 5),
    "STIX, exports of MISP": (misp, 126),
}
PERSONS = "that name persons, or may"
# What stands in a suite as published and not in data/: by its README, cases of which we were not sure whom they name.
NOT_COPIED = {
    "STIX, OASIS's worked examples": 2,
    "STIX, translated from STIX 1 by OASIS": 1,
    "STIX, exports of MISP": 14,
}


def ours(text: str) -> Invalid | None:
    try:
        read(text.encode())
    except Invalid as problem:
        return problem
    return None


def validator_passes(text: str) -> bool:
    """The validator's verdict; where a check of its own breaks on a value it did not expect, that is a no."""
    try:
        with warnings.catch_warnings():
            # It asks its schema library for an exception's old name.
            warnings.simplefilter("ignore", DeprecationWarning)
            return bool(stix2validator.validate_instance(json.loads(text), OPTIONS).is_valid)
    except (ValueError, TypeError, AttributeError, stix2validator.ValidationError):
        return False


def parser_passes(text: str) -> bool:
    try:
        stix2.parse(text, allow_custom=True, version="2.1")
    except (ValueError, stix2.exceptions.STIXError):
        return False
    return True


# Cases of the suites on which we and the validator differ; why is said beside DIFFERENCES, and in the README.
PASSED_HERE_ONLY = {
    "observable-with-networkconnection-instance": "extensions",
    "CPE_ASSET_OBSERVABLE_OBJECT": "languages",
    "HASHLOOKUP_INDICATOR_OBJECT": "pattern",
    "HTTP_REQUEST_OBSERVABLE_OBJECT": "extensions",
    "REGKEY_OBSERVABLE_ATTRIBUTE": "key",
    "REGKEY_VALUE_OBSERVABLE_ATTRIBUTE": "key",
}


@pytest.mark.parametrize("suite", [pytest.param(name, marks=pytest.mark.suite(name)) for name in SUITES])
def test_our_verdict_is_that_of_oasis(suite: str, tally: Tally) -> None:
    """And what is good by both is parsed by OASIS's own library too."""
    cases, good = SUITES[suite]
    differing, passed = set(), 0
    for name, text in cases():
        here, there = ours(text) is None, validator_passes(text)
        differing |= {name} if here != there else set()
        passed += there
        assert not there or (here and parser_passes(text)), name
        tally.ran()
    if suite in NOT_COPIED:
        tally.set_aside(PERSONS, NOT_COPIED[suite])
    assert differing == PASSED_HERE_ONLY.keys() & {name for name, _ in cases()}
    assert passed == good


# --- property by property -----------------------------------------------------------------------------------

ABSENT = object()
CHANGES = {"left out": ABSENT, "a number": 7, "two words": "x y"}

SYNTAX = "what a value is called after is for people to read; refusing a report over it would lose the report"
# Where we pass what the validator refuses, by property.
LAXER = {
    **dict.fromkeys(["mime_type", "url", "path_enc", "lang"], SYNTAX),
    "value": f"{SYNTAX}: host names, e-mail and web addresses; IP and MAC addresses are judged",
    "pattern": "patterns are not parsed; receivers' tools do that",
    "name": "TLP's definitions may be told in other words; their ids decide",
}
# Where we refuse what the validator passes, by property.
OLD = "STIX 2.0's keys in place of identifiers: the standard's 2.1 has them no more"
STRICTER = {
    "spec_version": "the standard demands it; the validator is told the version and fills it in",
    **dict.fromkeys(["content_ref", "dst_ref", "from_ref", "parent_directory_ref", "src_ref"], OLD),
}


@lru_cache(maxsize=1)
def specimens() -> dict[tuple[str, str], dict[str, Any]]:
    """For each type and property that occurs in the suites, an object that both find good."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for cases, _ in SUITES.values():
        for _, text in cases():
            if ours(text) is None and validator_passes(text):
                for item in json.loads(text)["objects"]:
                    for name in item.keys() - {"type"}:
                        found.setdefault((item["type"], name), item)
    return found


def test_changing_any_property_changes_our_verdict_as_it_does_theirs() -> None:
    """Left out, a number, or two words in its place: over a thousand changed objects."""
    tried, laxer, stricter = 0, set(), set()
    for (_, name), item in sorted(specimens().items(), key=lambda each: each[0]):
        for change in CHANGES.values():
            changed = copy.deepcopy(item)
            changed[name] = change
            if change is ABSENT:
                del changed[name]
            text = bundle(changed).decode()
            here, there = ours(text) is None, validator_passes(text)
            tried += 1
            laxer |= {name} if here and not there else set()
            stricter |= {name} if there and not here else set()
    assert tried > 1_000
    assert laxer == LAXER.keys()
    assert stricter == STRICTER.keys()


MAIL = {"type": "email-message", "id": ref("email-message"), "is_multipart": False}
OTHERS = [
    pytest.param(MAIL | {"additional_header_fields": {"Reply-To": 1}}, True, id="values of header fields"),
    pytest.param(MAIL | {"id": "email-message--ff57c042-04de-5872-9c27-e7e2b750f75c"}, True, id="an observable's UUID"),
    pytest.param({"type": "file", "id": ref("file"), "name": "a", "name_enc": "x y"}, True, id="encodings"),
    pytest.param(MAIL | {"to_refs": ["0"]}, False, id="STIX 2.0's keys in a list"),
    pytest.param(GROUP | {"x_note": {"عرض": 1}}, False, id="names that are not ASCII"),
]


@pytest.mark.parametrize(("item", "here"), OTHERS)
def test_other_differences_are_as_the_readme_says(item: dict[str, Any], *, here: bool) -> None:
    text = bundle(item).decode()
    assert (ours(text) is None, validator_passes(text)) == (here, not here)


def with_own(**said: Any) -> str:
    return json.dumps(json.loads(bundle(GROUP)) | said)


@pytest.mark.parametrize("said", [{"x_suspect": "A. Example"}, {"labels": ["tlp:red"]}, {"spec_version": "34.1, 71.5"}])
def test_a_bundle_says_nothing_itself(said: dict[str, Any]) -> None:
    """The validator passes it; but a bundle is a wrapping, and what were written on it no floor would read."""
    assert validator_passes(with_own(**said))
    problem = ours(with_own(**said))
    assert problem is not None
    assert problem.code == "stix.bundle"
    assert next(iter(said)) in problem.says
    assert ours(with_own(spec_version="2.0")) is None


# --- against the schemas ------------------------------------------------------------------------------------


def schemas() -> dict[str, Any]:
    folders = ("sdos", "sros", "observables")
    return {
        path.stem: json.loads(path.read_text("utf-8"))
        for folder in folders
        for path in (PUBLISHED / "schemas" / folder).glob("*.json")
    }


def demanded(schema: dict[str, Any]) -> set[str]:
    """What a schema says an object must carry, in itself or in the parts it is put together from."""
    own = set(schema.get("required", []))
    return own.union(*(part.get("required", []) for part in schema.get("allOf", [])))


def test_every_type_of_the_published_schemas_is_known_with_what_it_must_carry() -> None:
    published = schemas()
    assert len(published) == 39
    assert published.keys() <= SHAPES.keys()
    lacking = {type_: demanded(schema) - set(SHAPES[type_].required) for type_, schema in published.items()}
    assert {type_: names for type_, names in lacking.items() if names - {"type", "id"}} == {}


# --- refusals name object and property ----------------------------------------------------------------------

NAMELESS = {name: value for name, value in GROUP.items() if name != "name"}
WRONG = [
    pytest.param(NAMELESS, "stix.missing", "name", id="a property is missing"),
    pytest.param(GROUP | {"modified": "yesterday"}, "stix.value", "modified", id="a time in words"),
    pytest.param(GROUP | {"modified": "2026-11-24T06:29:00.000Z"}, "stix.times", "modified", id="modified first"),
    pytest.param(GROUP | {"created": "2026-11-24T06:30:00Z"}, "stix.value", "created", id="no milliseconds"),
    pytest.param(GROUP | {"created": "2026-02-30T06:30:00.000Z"}, "stix.value", "created", id="no such day"),
    pytest.param(GROUP | {"confidence": 101}, "stix.value", "confidence", id="more than sure"),
    pytest.param(GROUP | {"confidence": True}, "stix.value", "confidence", id="true for a number"),
    pytest.param(GROUP | {"aliases": "one"}, "stix.value", "aliases", id="a text for a list"),
    pytest.param(GROUP | {"aliases": []}, "stix.value", "aliases", id="an empty list"),
    pytest.param(GROUP | {"x_note": None}, "stix.value", "x_note", id="nothing"),
    pytest.param(GROUP | {"x note": 1}, "stix.property", "x note", id="a space in a name"),
    pytest.param(GROUP | {"created_by_ref": ref("tool")}, "stix.value", "created_by_ref", id="made by a tool"),
    pytest.param(GROUP | {"extensions": {"x": {"a": 1}}}, "stix.value", "extensions", id="an extension of no kind"),
    pytest.param(stix("location", latitude=34.1, country="PK"), "stix.missing", "longitude", id="half a place"),
    pytest.param(stix("location", latitude=95, longitude=71), "stix.value", "latitude", id="beyond the pole"),
    pytest.param(stix("malware", is_family=True), "stix.missing", "name", id="a family without a name"),
    pytest.param(
        stix("artifact", payload_bin="QQ==", url="https://example.org", hashes={"MD5": "0" * 32}),
        "stix.both",
        "url",
        id="one of two",
    ),
    pytest.param(stix("bundle"), "stix.bundle", ref("bundle"), id="a bundle in a bundle"),
    pytest.param(GROUP | {"id": ref("tool")}, "stix.id", "an identifier of tool", id="the id of another type"),
    pytest.param(GROUP | {"id": "intrusion-set--1"}, "stix.id", "'intrusion-set'", id="no UUID"),
]


@pytest.mark.parametrize(("item", "code", "names"), WRONG)
def test_a_refusal_names_the_object_and_the_property(item: dict[str, Any], code: str, names: str) -> None:
    problem = ours(bundle(INCIDENT, item).decode())
    assert problem is not None
    assert problem.code == code
    assert names in f"{problem.says} {problem.mend}"
    assert (item["id"] if code != "stix.id" else "Object 2") in problem.says


def test_a_refusal_quotes_no_value() -> None:
    """A person's name may stand in any, and what was refused is kept as evidence and shown."""
    said: list[Any] = ["A. Example", ["A. Example"], {"A. Example": 1}, {"name": "A. Example"}]
    for (_, name), item in specimens().items():
        for value in said:
            problem = ours(bundle(item | {name: value}).decode())
            assert "Example" not in (f"{problem.says} {problem.mend}" if problem else "")
    for value in said:
        problem = ours(bundle(INCIDENT | {"type": value}).decode())
        assert problem is not None
        assert "Example" not in f"{problem.says} {problem.mend}"


def test_one_object_twice_is_refused_only_where_the_two_differ() -> None:
    assert ours(bundle(GROUP, GROUP).decode()) is None
    assert ours(bundle(GROUP, GROUP | {"modified": "2026-11-25T06:30:00.000Z"}).decode()) is None
    problem = ours(bundle(GROUP, GROUP | {"name": "Another (exercise)"}).decode())
    assert problem is not None
    assert problem.code == "stix.twice"


def test_more_objects_than_are_read_are_refused() -> None:
    many = [stix("incident", number, name="x") for number in range(10_001)]
    assert ours(bundle(*many[:-1]).decode()) is None
    problem = ours(bundle(*many).decode())
    assert problem is not None
    assert problem.code == "stix.many"
