"""The forms a STIX 2.1 value can have: identifier, timestamp, hashes, reference and the like (sections 2 and 3).

Law: each form decides about one value alone and says in words what it wants; what an object demands between its
properties stands in types.py.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from ipaddress import ip_interface
from typing import Any, Final

_UUID: Final = r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[1-5][0-9a-fA-F]{3}-[89abAB][0-9a-fA-F]{3}-[0-9a-fA-F]{12}"
_ID: Final = re.compile(rf"([a-z][a-z0-9-]+[a-z0-9])--{_UUID}")
_TIME: Final = re.compile(r"\d{4}-\d\d-\d\dT([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d+)?Z", re.ASCII)
_MILLISECONDS: Final = re.compile(r".+\.\d{3,}Z", re.ASCII)
_EXTENSION: Final = re.compile(rf"extension-definition--{_UUID}|[a-z][a-z0-9-]*-ext")
_EXTENSION_TYPES: Final = (
    "new-sdo",
    "new-sco",
    "new-sro",
    "property-extension",
    "toplevel-property-extension",
)
_HASHES: Final = {
    "MD5": re.compile(r"[a-fA-F0-9]{32}"),
    "SHA-1": re.compile(r"[a-fA-F0-9]{40}"),
    "SHA-256": re.compile(r"[a-fA-F0-9]{64}"),
    "SHA-512": re.compile(r"[a-fA-F0-9]{128}"),
    "SHA3-256": re.compile(r"[a-fA-F0-9]{64}"),
    "SHA3-512": re.compile(r"[a-fA-F0-9]{128}"),
}
_REGISTRIES: Final = {"cve": re.compile(r"CVE-\d{4}-\d{4,}"), "capec": re.compile(r"CAPEC-\d+")}


@dataclass(frozen=True, slots=True)
class Form:
    """What a property's value may be: `says` completes "must be …" for the reader, `fits` decides."""

    says: str
    fits: Callable[[Any], bool]


def type_of(id_: Any) -> str | None:  # noqa: ANN401 - anything that stands where an identifier should
    """Return the type an identifier names ("identity--…" is "identity"), or None where it is no identifier."""
    match = _ID.fullmatch(id_) if isinstance(id_, str) else None
    return match[1] if match else None


def instant(time: str) -> tuple[str, str]:
    """Return a key that orders STIX timestamps of any number of decimals."""
    return time[:19], time[20:-1].rstrip("0")


def _is_time(value: Any) -> bool:  # noqa: ANN401 - foreign JSON
    if not isinstance(value, str) or not _TIME.fullmatch(value):
        return False
    try:
        date.fromisoformat(value[:10])
    except ValueError:
        return False
    return True


def _is_whole(value: Any) -> bool:  # noqa: ANN401 - foreign JSON
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(value: Any) -> bool:  # noqa: ANN401 - foreign JSON
    return _is_whole(value) or isinstance(value, float)


def _is_address(value: Any) -> bool:  # noqa: ANN401 - foreign JSON
    if not isinstance(value, str):
        return False
    try:
        ip_interface(value)
    except ValueError:
        return False
    return True


def _are_hashes(value: Any) -> bool:  # noqa: ANN401 - foreign JSON
    return (
        bool(value)
        and isinstance(value, dict)
        and all(
            isinstance(digest, str) and (name not in _HASHES or bool(_HASHES[name].fullmatch(digest)))
            for name, digest in value.items()
        )
    )


def _are_extensions(value: Any) -> bool:  # noqa: ANN401 - foreign JSON
    return (
        bool(value)
        and isinstance(value, dict)
        and all(
            bool(_EXTENSION.fullmatch(name))
            and bool(said)
            and isinstance(said, dict)
            and (name.endswith("-ext") or said.get("extension_type") in _EXTENSION_TYPES)
            for name, said in value.items()
        )
    )


def _is_reference(value: Any) -> bool:  # noqa: ANN401 - foreign JSON
    if not isinstance(value, dict) or not isinstance(value.get("source_name"), str):
        return False
    registry = _REGISTRIES.get(value["source_name"])
    if registry:
        return bool(registry.fullmatch(str(value.get("external_id"))))
    return any(isinstance(value.get(name), str) for name in ("description", "url", "external_id"))


def _is_granular(value: Any) -> bool:  # noqa: ANN401 - foreign JSON
    return (
        isinstance(value, dict)
        and list_of(TEXT).fits(value.get("selectors"))
        and (isinstance(value.get("lang"), str) or type_of(value.get("marking_ref")) == "marking-definition")
    )


def _is_phase(value: Any) -> bool:  # noqa: ANN401 - foreign JSON
    return isinstance(value, dict) and all(
        isinstance(value.get(name), str) for name in ("kill_chain_name", "phase_name")
    )


def list_of(form: Form) -> Form:
    """The form of a list whose members all have `form`; STIX has no empty lists (section 2.6)."""
    return Form(
        f"a list, not empty, of which each is {form.says}",
        lambda value: isinstance(value, list) and bool(value) and all(map(form.fits, value)),
    )


def like(says: str, pattern: re.Pattern[str]) -> Form:
    """The form of a text that a pattern matches in full."""
    return Form(says, lambda value: isinstance(value, str) and bool(pattern.fullmatch(value)))


def one_of(*words: str) -> Form:
    """The form of a closed vocabulary."""
    return Form(f"one of {', '.join(words)}", lambda value: value in words)


def within(low: float, high: float, kind: Callable[[Any], bool] = _is_whole) -> Form:
    """The form of a number from `low` to `high`, whole unless `kind` says otherwise."""
    word = "a whole number" if kind is _is_whole else "a number"
    return Form(f"{word} from {low} to {high}", lambda value: kind(value) and low <= value <= high)


def to(*types: str) -> Form:
    """The form of a reference to an object of one of `types`; of any type when none is given."""
    kinds = f" of {', '.join(types)}" if types else ""
    return Form(
        f"an identifier{kinds} like type--UUID",
        lambda value: (type_ := type_of(value)) is not None and (not types or type_ in types),
    )


def to_no(*types: str) -> Form:
    """The form of a reference to an object of any type but `types`."""
    return Form(
        f"an identifier like type--UUID, of no {', '.join(types)}",
        lambda value: type_of(value) not in {None, *types},
    )


TEXT: Final = Form("a text", lambda value: isinstance(value, str))
OBJECT: Final = Form("an object that is not empty", lambda value: isinstance(value, dict) and bool(value))
FLAG: Final = Form("true or false", lambda value: isinstance(value, bool))
WHOLE: Final = Form("a whole number", _is_whole)
TIME: Final = Form("a UTC time like 2026-11-24T06:30:00Z (RFC 3339)", _is_time)
STAMP: Final = Form(
    "a UTC time with milliseconds like 2026-11-24T06:30:00.000Z (RFC 3339)",
    lambda value: _is_time(value) and bool(_MILLISECONDS.fullmatch(value)),
)
LATITUDE: Final = within(-90, 90, _is_number)
LONGITUDE: Final = within(-180, 180, _is_number)
METRES: Final = within(0, 40_100_000, _is_number)
HEX: Final = like("hexadecimal", re.compile(r"([0-9a-fA-F]{2})+"))
BASE64: Final = like("base64", re.compile(r"(?=.)([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?"))
IP: Final = Form("an IP address", _is_address)
MAC: Final = like("a MAC address like 01:23:45:67:89:ab", re.compile(r"([0-9a-f]{2}:){5}[0-9a-f]{2}"))
HASHES: Final = Form("an object of hashes by algorithm, each of its length", _are_hashes)
EXTENSIONS: Final = Form("an object of extensions by id, each with its extension_type", _are_extensions)
REFERENCES: Final = list_of(Form("a source_name with a description, url or external_id", _is_reference))
GRANULAR: Final = list_of(Form("selectors with a marking_ref or lang", _is_granular))
PHASES: Final = list_of(Form("a kill_chain_name with a phase_name", _is_phase))
