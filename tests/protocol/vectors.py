"""The vector files as the tests of this folder read them."""

import base64
import json
from functools import cache
from typing import Any

from protocol.make_vectors import VECTORS


@cache
def load(name: str) -> Any:
    """Return what a vector file holds."""
    return json.loads((VECTORS / f"{name}.json").read_text("utf-8"))


def named(file: str, name: str) -> Any:
    """Return one vector of a file."""
    (found,) = (vector for vector in load(file)["vectors"] if vector["name"] == name)
    return found


def envelope(name: str) -> bytes:
    return base64.b64decode(named("envelope", name)["envelope"])


def receipt(vector: Any) -> bytes:
    """Return a receipt vector's bytes; for one made `of` another, with the one place replaced."""
    return (
        str(vector["receipt"]).encode() if "receipt" in vector else _replaced(vector, receipt(_of("receipt", vector)))
    )


def bundle(vector: Any) -> bytes:
    """Return a bundle vector's bytes; for one made `of` another, with the one place replaced."""
    return (
        base64.b64decode(vector["bundle"]) if "bundle" in vector else _replaced(vector, bundle(_of("bundle", vector)))
    )


def upload(vector: Any) -> bytes:
    """Return the body of a witness vector; for one made `of` another, with the one place replaced, in hex."""
    if "body" in vector:
        return base64.b64decode(vector["body"])
    return bytes.fromhex(_replaced(vector, upload(_of("witness", vector)).hex().encode()).decode())


def _of(file: str, vector: Any) -> Any:
    return named(file, vector["of"])


def _replaced(vector: Any, of: bytes) -> bytes:
    old, new = (text.encode() for text in vector["replace"])
    assert of.count(old) == 1, "it stands there once"
    return of.replace(old, new)
