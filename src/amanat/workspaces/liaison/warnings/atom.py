"""The warnings that are in force or to come, as a feed of Atom (RFC 4287), for whoever passes them on to the public.

Law: pure. An entry leads to its last alert in CAP. What was cancelled stays, and says so, until its window ends:
else who asks now and then would never hear of it.
"""

import xml.etree.ElementTree as ET
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlencode

from amanat.workspaces.liaison.warnings import cap, sentences
from amanat.workspaces.liaison.warnings.cap import Speaker
from amanat.workspaces.liaison.warnings.rules import Matter

NAMESPACE: Final = "http://www.w3.org/2005/Atom"
MEDIA: Final = "application/atom+xml"
_LANGUAGE: Final = "{http://www.w3.org/XML/1998/namespace}lang"


def feed(party: str, matters: Iterable[Matter], speaker: Speaker, now: datetime) -> bytes:
    """Return the feed of a party's warnings, in UTF-8, the last changed first."""
    listed = sorted(matters, key=lambda each: each.messages[-1].place, reverse=True)
    root = ET.Element("feed", {"xmlns": NAMESPACE, _LANGUAGE: "en"})
    _put(root, "id", f"{cap.sender(party)}:warnings")
    _put(root, "title", f"Warnings to the public: {speaker.named(f'party.{party}', 'en')}")
    _put(root, "updated", _moment(listed[0].messages[-1].at if listed else now))
    _put(ET.SubElement(root, "author"), "name", speaker.named(f"party.{party}", "en"))
    ET.SubElement(root, "link", rel="self", href="warnings.atom", type=MEDIA)
    for each in listed:
        _entry(root, each, speaker)
    return cap.document(root)


def _entry(root: ET.Element, matter: Matter, speaker: Speaker) -> None:
    entry, last = ET.SubElement(root, "entry"), matter.messages[-1]
    _put(entry, "id", f"urn:uuid:{matter.root.key.id}")
    headline = sentences.headline(matter.standing, speaker.named, "en")
    _put(entry, "title", f"{sentences.exercise('en')} {headline}" if last.exercise else headline)
    _put(entry, "updated", _moment(last.at))
    _put(entry, "published", _moment(matter.root.at))
    over, when = sentences.cancelled("en"), sentences.when(matter.standing, speaker.zone, "en")
    _put(entry, "summary", over if matter.cancel else when)
    ET.SubElement(entry, "category", term="Exercise" if last.exercise else "Actual")
    named = urlencode({"party": matter.root.key.party, "id": matter.root.key.id})
    ET.SubElement(entry, "link", rel="alternate", href=f"warning.xml?{named}", type=cap.MEDIA)


def _moment(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _put(parent: ET.Element, name: str, text: str) -> None:
    ET.SubElement(parent, name).text = text
