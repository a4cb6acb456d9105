"""What waits, as it is asked for over HTTP: each officer is told what that officer may act on, as soon as it is so and until it is done."""

from typing import Any

from amanat.officer.may import Role
from api.cast import Desk, person
from border import Border


def waits(desk: Desk, role: Role, what: str) -> list[Any]:
    """What of that sort an officer of that role is told."""
    return [each for each in desk.get(role, "/waiting") if each["what"] == what]


def test_a_record_waits_for_those_who_read_until_one_pressed_read(met: Border, af: Desk) -> None:
    sent = met.pk.send("af", text="a lorry")
    met.settle()
    (one,) = waits(af, "duty", "read")
    assert (one["party"], one["id"], one["peer"]) == ("pk", sent.record.fields.id, "pk")
    assert one["since"] < one["due"]
    assert waits(af, "observer", "read") == []
    assert af.ask("duty", "POST", f"/records/pk/{one['id']}/opened").status_code == 200
    assert waits(af, "duty", "read") == []


def test_what_is_held_waits_for_who_approves_and_for_nobody_else(pk: Desk) -> None:
    held = pk.send("duty", **person())
    (one,) = waits(pk, "approver", "approve")
    assert (one["id"], one["names_person"], one["title"] is None) == (held["id"], True, False)
    assert waits(pk, "duty", "approve") == []
    assert pk.http.get("/api/v1/waiting").status_code == 401
