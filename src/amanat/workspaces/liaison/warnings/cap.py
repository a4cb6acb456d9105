"""A warning as an alert of CAP 1.2 (OASIS Common Alerting Protocol, ITU-T X.1303bis): one XML document a record.

Law: pure; what CAP says twice is derived, and never typed twice: category and response follow from what the danger is
and what one is to do. The document is made by a library for XML, so that no name can be markup.
"""

import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from io import BytesIO
from typing import Final

from amanat.party.lexicon import Language
from amanat.workspaces.liaison.ground.outlines import Ring, rings
from amanat.workspaces.liaison.ground.shapes import Point, Shape
from amanat.workspaces.liaison.warnings import sentences
from amanat.workspaces.liaison.warnings.kinds import Cancelled, Danger, Instruction, Warned
from amanat.workspaces.liaison.warnings.rules import Matter, Told
from amanat.workspaces.liaison.warnings.sentences import LANGUAGES, Named

NAMESPACE: Final = "urn:oasis:names:tc:emergency:cap:1.2"
MEDIA: Final = "application/cap+xml"

CATEGORIES: Final[Mapping[Danger, str]] = {
    "shelling": "Security",
    "closure": "Transport",
    "blasting": "Safety",
    "firing-practice": "Safety",
    "ordnance": "Safety",
    "clearance": "Safety",
    "flood": "Met",
    "landslide": "Geo",
}
RESPONSES: Final[Mapping[Instruction, str]] = {
    "follow": "Execute",
    "high-ground": "Evacuate",
    "keep-away": "Avoid",
    "keep-in": "Shelter",
    "leave": "Evacuate",
    "listen": "Monitor",
    "no-touch": "Avoid",
    "other-crossing": "Avoid",
    "report": "Assess",
    "shelter": "Shelter",
}


@dataclass(frozen=True, slots=True)
class Speaker:
    """By which names and on which clock a party speaks to its public."""

    named: Named
    zone: tzinfo


def alert(matter: Matter, told: Told, speaker: Speaker) -> bytes:
    """Return the alert of one record of a matter, in UTF-8."""
    root = ET.Element("alert", xmlns=NAMESPACE)
    earlier = matter.messages[: matter.messages.index(told)]
    put = _putter(root)
    put("identifier", told.key.id)
    put("sender", sender(told.key.party))
    put("sent", moment(told.at))
    put("status", "Exercise" if told.exercise else "Actual")
    put("msgType", "Cancel" if isinstance(told.body, Cancelled) else "Update" if told.body.updates else "Alert")
    put("source", told.post)
    put("scope", "Public")
    if earlier:
        put("references", " ".join(_reference(each) for each in earlier))
    body = matter.standing if isinstance(told.body, Cancelled) else told.body
    for language in LANGUAGES:
        _info(ET.SubElement(root, "info"), told, body, speaker, language)
    return document(root)


def document(root: ET.Element) -> bytes:
    """Return an XML document in UTF-8, a line an element."""
    ET.indent(root)
    written = BytesIO()
    ET.ElementTree(root).write(written, encoding="utf-8", xml_declaration=True)
    return written.getvalue()


def sender(party: str) -> str:
    """Return what CAP calls a party: an address that is nobody else's, without spaces, commas and markup."""
    return f"urn:amanat:{party}"


def moment(at: datetime) -> str:
    """Return a time as CAP writes it: UTC is -00:00 there, and never Z (3.3.2)."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S}-00:00"


def _reference(told: Told) -> str:
    """Return how a later message names one (3.2.1)."""
    return f"{sender(told.key.party)},{told.key.id},{moment(told.at)}"


def _info(info: ET.Element, told: Told, body: Warned, speaker: Speaker, language: Language) -> None:
    over = isinstance(told.body, Cancelled)
    put = _putter(info)
    put("language", language)
    put("category", CATEGORIES[body.danger])
    put("event", sentences.event(body.danger)[language])
    for response in ("AllClear",) if over else sorted({RESPONSES[each] for each in body.instructions}):
        put("responseType", response)
    put("urgency", "Past" if over else body.urgent.capitalize())
    put("severity", body.severity.capitalize())
    put("certainty", body.certainty.capitalize())
    put("effective", moment(told.at))
    put("onset", moment(body.window.since))
    put("expires", moment(max(body.window.until, told.at)))
    put("senderName", speaker.named(f"party.{told.key.party}", language))
    put("headline", sentences.headline(body, speaker.named, language))
    put("description", " ".join(_description(told, body, speaker, language)))
    if not over:
        put("instruction", " ".join(sentences.instructions(body, language)))
    _area(info, body.shape, speaker.named(body.near, language))


def _description(told: Told, body: Warned, speaker: Speaker, language: Language) -> Iterator[str]:
    if told.exercise:
        yield sentences.exercise(language)
    if isinstance(told.body, Cancelled):
        yield sentences.cancelled(language)
    else:
        yield sentences.when(body, speaker.zone, language)


def _area(info: ET.Element, shape: Shape, named: str) -> None:
    put = _putter(ET.SubElement(info, "area"))
    put("areaDesc", named)
    if isinstance(shape, Point):
        put("circle", f"{shape.at.lat},{shape.at.lon} {shape.metres / 1000}")
        return
    for ring in rings(shape):
        put("polygon", _polygon(ring))


def _polygon(ring: Ring) -> str:
    """Return a closed ring as CAP writes it: pairs of latitude and longitude (3.2.4)."""
    return " ".join(f"{lat:.5f},{lon:.5f}" for lat, lon in ring)


def _putter(parent: ET.Element) -> Callable[[str, str], None]:
    """Return what puts one element after another into a parent."""

    def put(name: str, text: str) -> None:
        ET.SubElement(parent, name).text = text

    return put
