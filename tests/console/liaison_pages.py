"""The pages of liaison, each where one of it stands that has something to show: done by its own deeds, as an exercise."""

from datetime import timedelta
from urllib.parse import parse_qsl, urlencode, urlsplit

from amanat.officer.may import Role
from api.cast import Desk

PLANNED = {
    "type": "works", "works": "trench", "purpose": "water", "country": "AF", "shape": "point",
    "places": "34.10000, 71.10000", "metres": "200", "since": "2027-01-10 10:00", "until": "2027-01-10 18:00",
}  # fmt: skip
HAPPENED = {"type": "shots", "place": "33.9, 70.1", "time": "now", "minutes": "5"}
STRAY = {"type": "fire", "here": "yes", "arms": "mortar", "began": "now", "near": "34.1, 71.1"}
SAW = {
    "sight": "building", "activity": "works", "country": "PK", "shape": "point", "places": "34.1, 71.2", "metres": "1500",
    "since": "2026-11-20 10:00", "until": "2026-11-20 11:00",
}  # fmt: skip
QUIET = {
    "purpose": "quiet", "since": "2026-11-30 10:00", "until": "2026-11-30 12:00", "action": "no-fire",
    "shape": "point", "places": "34.0, 71.2", "metres": "3000",
}  # fmt: skip
WARNED = {
    "event": "closure", "near": "Torkham (AF)", "urgent": "immediate", "severity": "minor", "certainty": "observed",
    "shape": "point", "places": "34.137, 71.082", "metres": "500", "since": "2026-11-24 06:00",
    "until": "2027-01-24 06:00", "other_crossing": "on", "exercise": "on",
}  # fmt: skip
FILES = {
    "/liaison/calendar.ics",
    "/liaison/map.geojson",
    "/liaison/meetings.ics",
    "/liaison/warning.xml",
    "/liaison/warnings.atom",
    "/liaison/year.csv",
}
"""What is given out in a format of others."""


def addresses(desk: Desk) -> dict[str, tuple[Role, str]]:
    """Return where each page of liaison is, whose it is first."""
    called = _done(desk, "ring", {"hotline": "kurram", "urgency": "priority"})
    met, happened = _minuted(desk), _done(desk, "incident-open", HAPPENED)
    found = {
        "desk": "desk",
        "calls": "calls",
        "voice": "voice",
        "phrases": "phrases",
        "quality": "quality",
        "days": "days?hotline=kurram",
        "watch": "watch",
        "call": called,
        "text": called.replace("call?", "text?"),
        "notices": "notices",
        "notice": _done(desk, "give-notice", PLANNED),
        "plan": f"plan?{urlencode(PLANNED | {'check': 'on'})}",
        "calendar": "calendar?of=2027-01",
        "clarifications": "clarifications",
        "clarification-new": "clarification-new",
        "clarification": _done(desk, "clarification-ask", SAW),
        "sealed-notices": "sealed-notices",
        "seal": f"seal?{urlencode(PLANNED)}",
        "sealed": _done(desk, f"seal-notice?{urlencode(PLANNED)}", {**PLANNED, "opens": "2027-01-09 10:00"}),
        "incidents": "incidents",
        "incident": happened,
        "account": happened.replace("incident?", "account?"),
        "statement": happened.replace("incident?", "statement?"),
        "tracks": "tracks",
        "track-new": "track-new?type=offered",
        "track": _done(desk, "track-open?type=fire", STRAY),
        "measures": "measures",
        "measure-new": "measure-new",
        "measure": _done(desk, "measure-propose", QUIET),
        "meetings": "meetings",
        "tasks": "tasks",
        "propose-meeting": "propose-meeting",
        "meeting": met,
        "write-minutes": met.replace("meeting?", "write-minutes?"),
        "minutes": met.replace("meeting?", "minutes?"),
        "scan": met.replace("meeting?", "scan?") + "&of=af:none",
        "warnings": "warnings",
        "warn": f"warn?{urlencode(WARNED | {'step': 'look'})}",
        "warning": _done(desk, "warn-public", WARNED),
        "year": "year?exercise=on",
        "map": "map",
    }
    return {f"/liaison/{page}": ("duty", f"/liaison/{at}") for page, at in found.items()}


def _done(desk: Desk, deed: str, typed: dict[str, str]) -> str:
    """Do something of liaison by its form; return where it leads, within the workspace."""
    answer = desk.http.post(f"/liaison/{deed}", data=typed, headers=desk.session("duty"))
    assert answer.status_code == 303, answer.text
    return answer.headers["location"].partition("&done")[0].removeprefix("/liaison/")


def _minuted(desk: Desk) -> str:
    """Propose a meeting, and the minutes of it; return where it is shown."""
    later, earlier = (f"{desk.side.means.now() + timedelta(hours=hours):%Y-%m-%d %H:%M}" for hours in (48, -1))
    at = {"place": "Torkham (AF)", "place0": "Torkham (AF)", "topic0": "fire", "ours_post0": "torkham/duty"}
    given = at | {"level": "sector", "minutes": "60", "begins0": later, "works0": "on", "ours_number0": "2"}
    met = _done(desk, "send-proposal", given)
    began = f"{desk.side.means.now() - timedelta(hours=2):%Y-%m-%d %H:%M}"
    named = dict(parse_qsl(urlsplit(met).query))
    text = at | named | {"began": began, "ended": earlier, "chair": "af", "ours_number0": "2", "outcome0": "agreed"}
    task = {"what0": "joint-visit", "whose0": "both", "by0": later}
    _done(desk, f"propose-minutes?{urlencode(named)}", text | task)
    return met
