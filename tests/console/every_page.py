"""Every page of the console: by its route, whose it is, and where one of it stands that has something to show."""

from datetime import timedelta
from urllib.parse import parse_qsl, urlencode, urlsplit

from amanat.console import workspaces
from amanat.console.app import AREAS
from amanat.officer.may import Role
from api.cast import Desk, draft, person

NO_PAGES = {
    "/records/export",
    "/record/{party:str}/{id_:str}/file/{name:str}",
    "/record/{party:str}/{id_:str}/check/envelope",
    "/sign-in/passkey",
    "/passkeys/new",
    "/liaison/book",
    "/liaison/warning.xml",
    "/liaison/warnings.atom",
    "/liaison/map.geojson",
    "/liaison/meetings.ics",
}
"""What is taken out, and what scripts read."""

WARNED = {
    "event": "closure", "near": "Torkham (AF)", "urgent": "immediate", "severity": "minor", "certainty": "observed",
    "shape": "point", "places": "34.137, 71.082", "metres": "500", "since": "2026-11-24 06:00",
    "until": "2027-01-24 06:00", "other_crossing": "on", "exercise": "on",
}  # fmt: skip
"""What a form says of a warning for an exercise."""


def routes() -> set[str]:
    """The routes of all pages, those of workspaces too."""
    handlers = [*(route for area in AREAS for route in area.ROUTES), *workspaces.routes()]
    return {path for route in handlers if "GET" in route.http_methods for path in route.paths} - NO_PAGES


def addresses(desk: Desk, received: str) -> dict[str, tuple[Role, str]]:
    """Write and send what there is to see at a desk of af, which received this record of pk; return each page's place."""
    record, compact = f"/record/pk/{received}", "/compacts/pk-af"
    held = desk.ask("duty", "POST", "/records", json={**draft(), **person(), "to": ["pk"]}).json()["id"]
    kept = desk.ask("duty", "POST", "/drafts", json={**draft(), "to": ["pk"]}).json()["head"]["id"]
    ours = desk.ask("duty", "POST", "/records", json={**draft(), "to": ["pk"]}).json()["id"]
    ringing = {"hotline": "kurram", "urgency": "priority"}
    rung = desk.http.post("/liaison/ring", data=ringing, headers=desk.session("duty"))
    called = rung.headers["location"].partition("&done")[0]
    given = desk.http.post("/liaison/warn-public", data=WARNED, headers=desk.session("duty"))
    warned = given.headers["location"].partition("&done")[0]
    met = _minuted(desk)
    return {
        "/": ("duty", "/"),
        "/records": ("duty", "/records"),
        "/audit": ("auditor", "/audit"),
        "/record/{party:str}/{id_:str}": ("duty", record),
        "/record/{party:str}/{id_:str}/check": ("duty", f"{record}/check"),
        "/record/{party:str}/{id_:str}/way": ("duty", f"{record}/way"),
        "/record/{party:str}/{id_:str}/withdrawal": ("duty", f"/record/af/{ours}/withdrawal"),
        "/password": ("duty", "/password"),
        "/draft/{id_:str}": ("duty", f"/draft/{kept}"),
        "/draft/{id_:str}/sending": ("duty", f"/draft/{kept}/sending"),
        "/draft/{id_:str}/import": ("duty", f"/draft/{kept}/import"),
        "/tokens": ("duty", "/tokens"),
        "/parties": ("duty", "/parties"),
        "/parties/{code:str}": ("duty", "/parties/pk"),
        "/parties/{code:str}/again": ("operator", "/parties/pk/again"),
        "/sign-in": ("duty", "/sign-in"),
        "/compacts": ("duty", "/compacts"),
        "/compacts/{id_:str}": ("duty", compact),
        "/compacts/{id_:str}/question": ("duty", f"{compact}/question?kind=intelligence.report&to=pk"),
        "/compose": ("duty", "/compose"),
        "/officers": ("administrator", "/officers"),
        "/officers/new": ("administrator", "/officers/new"),
        "/officers/{sign_in:str}": ("administrator", "/officers/x.duty"),
        "/approvals": ("approver", "/approvals"),
        "/approvals/{id_:str}": ("approver", f"/approvals/{held}"),
        "/roles": ("duty", "/roles"),
        "/drafts": ("duty", "/drafts"),
        "/drafts/waiting/{id_:str}": ("duty", f"/drafts/waiting/{held}"),
        "/logs": ("duty", "/logs"),
        "/logs/{log:str}": ("duty", "/logs/pk-af"),
        "/sessions": ("duty", "/sessions"),
        "/second-factor": ("duty", "/second-factor"),
        "/passkeys": ("duty", "/passkeys"),
        "/prove": ("duty", "/prove"),
        "/rings": ("duty", "/rings"),
        "/liaison/desk": ("duty", "/liaison/desk"),
        "/liaison/calls": ("duty", "/liaison/calls"),
        "/liaison/voice": ("duty", "/liaison/voice"),
        "/liaison/phrases": ("duty", "/liaison/phrases"),
        "/liaison/quality": ("duty", "/liaison/quality"),
        "/liaison/days": ("duty", "/liaison/days?hotline=kurram"),
        "/liaison/watch": ("duty", "/liaison/watch"),
        "/liaison/call": ("duty", called),
        "/liaison/text": ("duty", called.replace("call?", "text?")),
        "/liaison/warnings": ("duty", "/liaison/warnings"),
        "/liaison/warn": ("duty", f"/liaison/warn?{urlencode(WARNED | {'step': 'look'})}"),
        "/liaison/warning": ("duty", warned),
        "/liaison/map": ("duty", "/liaison/map"),
        "/liaison/meetings": ("duty", "/liaison/meetings"),
        "/liaison/tasks": ("duty", "/liaison/tasks"),
        "/liaison/propose-meeting": ("duty", "/liaison/propose-meeting"),
        "/liaison/meeting": ("duty", met),
        "/liaison/write-minutes": ("duty", met.replace("meeting?", "write-minutes?")),
        "/liaison/minutes": ("duty", met.replace("meeting?", "minutes?")),
        "/liaison/scan": ("duty", met.replace("meeting?", "scan?") + "&of=af:none"),
    }


def _minuted(desk: Desk) -> str:
    """Propose a meeting, and the minutes of it; return where it is shown."""
    later, earlier = (f"{desk.side.means.now() + timedelta(hours=hours):%Y-%m-%d %H:%M}" for hours in (48, -1))
    at = {"place": "Torkham (AF)", "place0": "Torkham (AF)", "topic0": "fire", "ours_post0": "torkham/duty"}
    given = at | {"level": "sector", "minutes": "60", "begins0": later, "works0": "on", "ours_number0": "2"}
    proposed = desk.http.post("/liaison/send-proposal", data=given, headers=desk.session("duty"))
    met = proposed.headers["location"].partition("&done")[0]
    began = f"{desk.side.means.now() - timedelta(hours=2):%Y-%m-%d %H:%M}"
    named = dict(parse_qsl(urlsplit(met).query))
    text = at | named | {"began": began, "ended": earlier, "chair": "af", "ours_number0": "2", "outcome0": "agreed"}
    task = {"what0": "joint-visit", "whose0": "both", "by0": later}
    written = desk.http.post(
        f"/liaison/propose-minutes?{urlencode(named)}", data=text | task, headers=desk.session("duty")
    )
    assert written.status_code == 303, written.text
    return met
