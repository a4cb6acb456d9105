"""The scripts, styles and fonts of the pages, as the build left them: what each is called now, and its bytes.

Law: what the build's manifest lists is served, and nothing else that lies beside it. A name holds the hash of its
content, so that a browser keeps it for good; what compresses lies there compressed, and is given so to who takes it so.
"""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from types import MappingProxyType
from typing import Final

import msgspec
from litestar import Response

from amanat.party.errors import Fault, Invalid

_HERE: Final = files("amanat.console").joinpath("static")
_TYPES: Final = MappingProxyType(
    {
        "css": "text/css",
        "js": "text/javascript",
        "mjs": "text/javascript",
        "svg": "image/svg+xml",
        "woff2": "font/woff2",
    }
)
_CODINGS: Final = MappingProxyType({"br": ".br", "gzip": ".gz"})
_NEVER: Final = re.compile(r"q=0(\.0{0,3})?")


class _Made(msgspec.Struct, frozen=True):
    """What the manifest says of a source, as far as we need it."""

    file: str


def manifest(folder: Traversable) -> Mapping[str, str]:
    """Return by their sources the names of all files that were built. Raises `Fault` when none were."""
    try:
        text = folder.joinpath("manifest.json").read_bytes()
    except FileNotFoundError as error:
        says = "The console's scripts and styles were not built."
        raise Fault("assets.missing", says, "Build them with `make assets`.") from error
    return {source: made.file for source, made in msgspec.json.decode(text, type=dict[str, _Made]).items()}


@cache
def built() -> Mapping[str, str]:
    """Return the manifest of this installation, which is read once. Raises `Fault` as it does."""
    return manifest(_HERE)


def asset(source: str) -> str:
    """Return where a page finds what was made of a source, such as `src/console.css`."""
    return f"/static/{built()[source]}"


def static_file(name: str, accepted: str) -> Response[bytes]:
    """Return a built file in the best coding of those accepted (RFC 9110, 12.5.3). Raises `Invalid` for any other."""
    if name not in built().values():
        raise Invalid("page.unknown", "There is no such file.", "Begin at /.")
    headers = {"Cache-Control": "public, max-age=31536000, immutable", "Vary": "Accept-Encoding"}
    content = _HERE.joinpath(name)
    for coding in taken(accepted):
        smaller = _HERE.joinpath(f"{name}{_CODINGS[coding]}")
        if smaller.is_file():
            headers["Content-Encoding"], content = coding, smaller
            break
    return Response(content.read_bytes(), media_type=_TYPES[name.rpartition(".")[2]], headers=headers)


def taken(accepted: str) -> Iterator[str]:
    """Yield those of our codings that an Accept-Encoding names and does not refuse, the smallest first."""
    weights = {
        coding.strip().lower(): weight.strip().lower()
        for coding, _, weight in (each.partition(";") for each in accepted.split(","))
    }
    return (coding for coding in _CODINGS if coding in weights and not _NEVER.fullmatch(weights[coding]))
