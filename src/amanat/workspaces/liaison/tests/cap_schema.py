"""Says what of an XML document is not as a schema (XSD) says, for the part of XSD that the schema of CAP 1.2 uses.

No library of ours reads schemas; this reads the published one, and raises for whatever it uses that is not read here.
"""

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Final

XS: Final = "{http://www.w3.org/2001/XMLSchema}"
PATTERNS: Final = {
    "string": r"[\s\S]*",
    "anyURI": r"\S*",
    "language": r"[a-zA-Z]{1,8}(-[a-zA-Z0-9]{1,8})*",
    "integer": r"[+-]?\d+",
    "decimal": r"[+-]?(\d+(\.\d*)?|\.\d+)",
    "dateTime": r"-?\d{4,}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?",
}


class Schema:
    """A schema of one namespace."""

    def __init__(self, path: Path) -> None:
        """Read it."""
        root = ET.parse(path).getroot()  # noqa: S314 - of this folder
        self.space = f"{{{root.attrib['targetNamespace']}}}"
        self.named = {each.attrib["name"]: each for each in root.findall(f"{XS}element")}

    def wrong(self, document: bytes) -> list[str]:
        """What is wrong with a document, "" for nothing."""
        root = ET.fromstring(document)  # noqa: S314 - of this folder, or ours
        name = root.tag.removeprefix(self.space)
        return list(self._element(self.named[name], root)) if name in self.named else [f"{root.tag} is unknown"]

    def _element(self, declared: ET.Element, found: ET.Element) -> Iterator[str]:
        inner = next((each for each in declared if each.tag != f"{XS}annotation"), None)
        if found.attrib:
            yield f"{found.tag} has attributes"
        if inner is not None and inner.tag == f"{XS}complexType":
            yield from self._sequence(inner[0], found)
            return
        if len(found):
            yield f"{found.tag} has elements"
        yield from self._value(declared, inner, found)

    def _sequence(self, sequence: ET.Element, found: ET.Element) -> Iterator[str]:
        assert sequence.tag == f"{XS}sequence"
        if (found.text or "").strip() or any((each.tail or "").strip() for each in found):
            yield f"{found.tag} has text between its elements"
        rest = list(found)
        for particle in sequence:
            if particle.tag == f"{XS}any":
                rest = [each for each in rest if not each.tag.startswith(f"{{{particle.attrib['namespace']}}}")]
                continue
            assert particle.tag == f"{XS}element"
            name = particle.attrib.get("name") or particle.attrib["ref"].partition(":")[2]
            declared = self.named[name] if "ref" in particle.attrib else particle
            those = 0
            while rest and rest[0].tag == self.space + name:
                yield from self._element(declared, rest.pop(0))
                those += 1
            if those < int(particle.attrib.get("minOccurs", "1")):
                yield f"{found.tag} lacks {name}"
            most = particle.attrib.get("maxOccurs", "1")
            if most != "unbounded" and those > int(most):
                yield f"{found.tag} has too many {name}"
        yield from (f"{each.tag} is not to stand in {found.tag} there" for each in rest)

    def _value(self, declared: ET.Element, inner: ET.Element | None, found: ET.Element) -> Iterator[str]:
        text, facets, base = found.text or "", list[ET.Element](), declared.attrib.get("type", "")
        if inner is not None:
            (restriction,) = inner
            base, facets = restriction.attrib["base"], list(restriction)
        base = base.removeprefix("xs:")
        if not re.fullmatch(PATTERNS[base], text) or (base == "dateTime" and not _is_time(text)):
            yield f"{found.tag}: {text!r} is no {base}"
        for facet in ("enumeration", "pattern"):
            allowed = [each.attrib["value"] for each in facets if each.tag == XS + facet]
            fits = text in allowed if facet == "enumeration" else any(re.fullmatch(each, text) for each in allowed)
            if allowed and not fits:
                yield f"{found.tag}: {text!r} is none of what it may be"
        assert all(each.tag in {f"{XS}enumeration", f"{XS}pattern"} for each in facets)


def _is_time(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True
