"""What the codes of tracks are called in English, and what lists call their records.

Law: translators meet these words as they stand here; a title says no more than its body does.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from amanat.workspaces.liaison.tracks import kinds
from amanat.workspaces.liaison.tracks.kinds import Body

_FIELD: Final = {
    "adults": "Adults",
    "animals": "Animals",
    "arms": "Weapon",
    "asked": "Asked whether they fear return",
    "began": "Began",
    "children": "Children",
    "companions": "Companions",
    "contact": "Whom to speak to",
    "count": "How many",
    "dead": "Dead",
    "did": "What was done",
    "explanation": "Explanation",
    "found": "Found",
    "here": "On the sender's side",
    "linked": "Linked records",
    "marked": "Marked",
    "metres": "Metres",
    "near": "Near",
    "need": "How soon they need treatment",
    "of": "Of what",
    "ordnance": "Ordnance",
    "patients": "Patients",
    "place": "Where",
    "since": "Since",
    "species": "Animals of which kind",
    "stops": "All activity there stops",
    "track": "Track",
    "vehicle": "Vehicle",
    "visitor": "Who visits",
    "well": "Well",
    "who": "Who",
    "window": "From, until",
    "wounded": "Wounded",
}

WORDS: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {
        "field": _FIELD,
        "said": _FIELD,
        "place": {
            "liaison.crossed": "Tracks",
            "liaison.tracks": "Tracks",
            "liaison.track": "Track",
            "liaison.track-new": "Open a track",
        },
        "kind": {"liaison.track": "Step of a track"},
        "title": {
            "liaison.track offered": "Hand-back offered: {count}",
            "liaison.track missing": "Sought: {count}",
            "liaison.track livestock found": "Animals found: {count}",
            "liaison.track livestock sought": "Animals sought: {count}",
            "liaison.track vehicle found": "Vehicles found: {count}",
            "liaison.track vehicle sought": "Vehicles sought: {count}",
            "liaison.track captured": "Personnel held: {count}",
            "liaison.track passage": "Passage for patients: {count}",
            "liaison.track bodies found": "Dead found: {count}",
            "liaison.track bodies sought": "Dead to be recovered: {count}",
            "liaison.track ordnance": "Unexploded ordnance",
            "liaison.track fire here": "Fire that fell here",
            "liaison.track fire there": "Fire that went over",
            "liaison.track answered": "What was sought is found",
            "liaison.track answered not": "What was sought is not found so far",
            "liaison.track proposed": "Place and time proposed",
            "liaison.track agreed": "Place and time agreed",
            "liaison.track handed-over": "Handed over: {count}",
            "liaison.track given-back": "Given back: {count}",
            "liaison.track received": "Received: {count}",
            "liaison.track not-completed": "Not completed",
            "liaison.track visit-asked": "A visit is asked for",
            "liaison.track visit-granted": "A visit may take place",
            "liaison.track visited": "A visit took place",
            "liaison.track opens": "Patients are received",
            "liaison.track clearing": "Ordnance is being cleared",
            "liaison.track done passed": "Patients passed",
            "liaison.track done recovered": "Dead were recovered",
            "liaison.track done cleared": "Ordnance was cleared",
            "liaison.track explained": "Fire was explained",
            "liaison.track closed": "One side closed a track",
        },
        "matter": {
            "liaison.track-step": "A step of a track is ours: %(title)s",
            "liaison.track-sought": "The other side misses somebody: %(title)s",
            "liaison.track-read": "News of a track is to be read: %(title)s",
            "liaison.track-astray": "A step came of a track that is not here",
        },
        "follows": {
            "liaison.track-step": "Until it is made, the other side sees that it waits for us.",
            "liaison.track-sought": "After that it reads “not completed” at both sides, and nobody has to say so.",
            "liaison.track-read": "Until somebody reads it, the other side sees that nobody has.",
            "liaison.track-astray": "Until somebody reads it, the other side sees that nobody has.",
        },
        "track type": {
            "offered": "Persons who crossed by mistake",
            "missing": "Persons who did not come back",
            "livestock": "Livestock",
            "vehicle": "Vehicles",
            "captured": "Captured personnel",
            "passage": "Passage for patients",
            "bodies": "Recovery of the dead",
            "ordnance": "Unexploded ordnance",
            "fire": "Stray fire",
        },
        "track state": {
            "open": "Still open",
            "not-completed": "Not completed",
            "done": "Done, to be closed",
            "closed": "Closed",
            "withdrawn": "Withdrawn",
        },
        "track step": {
            "opened": "Told of",
            "missing": "Sought",
            "offered": "Hand-back offered",
            "found": "Found",
            "proposed": "Place and time proposed",
            "agreed": "Place and time agreed",
            "handed": "Handed over",
            "received": "Received",
            "visit-asked": "Visit asked for",
            "visit-granted": "Visit granted",
            "visited": "Visit took place",
            "opens": "Received there",
            "passed": "Patients passed",
            "recovered": "Recovered",
            "clearing": "Being cleared",
            "cleared": "Cleared",
            "looking": "Looked into",
            "explained": "Explained",
            "closed": "Closing",
        },
        "track act": {
            "offered": "Offer to hand back",
            "found": "Say whether it is found",
            "proposed": "Propose a place and a time",
            "agreed": "Agree",
            "handed": "Sign the hand-over",
            "received": "Sign as received",
            "visit-asked": "Ask for a visit",
            "visit-granted": "Grant the visit",
            "visited": "Sign that the visit took place",
            "opens": "Say where and when we receive them",
            "passed": "Sign that they passed",
            "recovered": "Sign the recovery",
            "clearing": "Say when we clear it",
            "cleared": "Sign that it is cleared",
            "explained": "Explain the fire",
            "not-completed": "Say “not completed”",
            "closed": "Close it for our side",
        },
        "track who": {
            "adult": "adults",
            "family": "children with their family",
            "soldier": "soldiers in uniform",
            "child-alone": "a child alone",
        },
        "language": {
            "ar": "Arabic",
            "bal": "Balochi",
            "brh": "Brahui",
            "en": "English",
            "fa-AF": "Dari",
            "hno": "Hindko",
            "khw": "Khowar",
            "other": "another language",
            "pa": "Punjabi",
            "ps": "Pashto",
            "sd": "Sindhi",
            "tk": "Turkmen",
            "ur": "Urdu",
            "uz": "Uzbek",
        },
        "species": {
            "sheep": "sheep",
            "goats": "goats",
            "cattle": "cattle",
            "camels": "camels",
            "donkeys": "donkeys",
            "horses": "horses",
            "mixed": "several kinds",
        },
        "vehicle": {
            "car": "car",
            "pick-up": "pick-up",
            "lorry": "lorry",
            "bus": "bus",
            "motorcycle": "motorcycle",
            "tractor": "tractor",
            "ambulance": "ambulance",
            "other": "another vehicle",
        },
        "need": {"at-once": "right away", "today": "today", "days": "within days"},
        "ordnance": {
            "mine": "mine",
            "shell": "shell",
            "mortar-bomb": "mortar bomb",
            "rocket": "rocket",
            "grenade": "grenade",
            "bomb": "bomb from the air",
            "improvised": "improvised device",
            "unknown": "not known",
        },
        "explanation": {
            "mistake": "ours, by mistake",
            "practice": "ours, at practice",
            "not-ours": "not ours",
            "looking": "we look into it",
        },
        "visitor": {
            "red-cross-red-crescent": "Red Cross or Red Crescent",
            "observer": "the observer",
            "doctor": "a doctor",
        },
        "track did": {
            "passed": "patients passed",
            "recovered": "dead were recovered",
            "cleared": "ordnance was cleared",
        },
    }
)
"""List → code → what it is called."""


def title(body: Body) -> str:
    """Return what a step, or what opened a track, is called by."""
    sentence = WORDS["title"][f"liaison.track {_code(body)}"]
    return sentence.format(count=_count(body))


def _code(body: Any) -> str:  # noqa: ANN401 - a body of the kind
    tag = str(body.__struct_config__.tag)
    if isinstance(body, kinds.Livestock | kinds.Vehicles | kinds.Bodies):
        return f"{tag} {'found' if body.found else 'sought'}"
    if isinstance(body, kinds.Fire):
        return f"{tag} {'here' if body.here else 'there'}"
    if isinstance(body, kinds.Answered):
        return tag if body.found else f"{tag} not"
    return f"{tag} {body.did}" if isinstance(body, kinds.Done) else tag


def _count(body: Any) -> int:  # noqa: ANN401 - a body of the kind
    if isinstance(body, kinds.Missing):
        return body.adults + body.children
    if isinstance(body, kinds.Captured):
        return body.well + body.wounded + body.dead
    return int(getattr(body, "patients", None) or getattr(body, "count", None) or 0)
