"""Every page of the console: by its route, whose it is, and where one of it stands that has something to show."""

from urllib.parse import urlencode

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
    "/liaison/calendar.ics",
}
"""What is taken out, and what scripts read."""


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
    planned = {
        "type": "works",
        "works": "trench",
        "purpose": "water",
        "country": "AF",
        "shape": "point",
        "places": "34.10000, 71.10000",
        "metres": "200",
        "since": "2027-01-10 10:00",
        "until": "2027-01-10 18:00",
    }
    given = desk.http.post("/liaison/give-notice", data=planned, headers=desk.session("duty"))
    noticed = given.headers["location"].partition("&done")[0]
    said = {**planned, "opens": "2027-01-09 10:00"}
    told = desk.http.post(f"/liaison/seal-notice?{urlencode(planned)}", data=said, headers=desk.session("duty"))
    sealed = told.headers["location"].partition("&done")[0]
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
        "/liaison/notices": ("duty", "/liaison/notices"),
        "/liaison/notice": ("duty", noticed),
        "/liaison/plan": ("duty", f"/liaison/plan?{urlencode(planned | {'check': 'on'})}"),
        "/liaison/calendar": ("duty", "/liaison/calendar?of=2027-01"),
        "/liaison/text": ("duty", called.replace("call?", "text?")),
        "/liaison/sealed-notices": ("duty", "/liaison/sealed-notices"),
        "/liaison/seal": ("duty", f"/liaison/seal?{urlencode(planned)}"),
        "/liaison/sealed": ("duty", sealed),
    }
