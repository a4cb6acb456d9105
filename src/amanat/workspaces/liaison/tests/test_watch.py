"""The page of watches: what one sees and does there, from planning to a hand-over that both signed, and what is refused."""

import re
from collections.abc import Collection, Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import delete

from amanat.exchange import watches
from amanat.exchange.lexica import own_zone
from amanat.exchange.means import Turn, begin, look
from amanat.officer.may import Role
from amanat.store import watches as kept
from amanat.store.tables import WATCH
from amanat.store.watches import Watch
from amanat.workspace import Nothing
from amanat.workspaces.liaison import WORKSPACE, watch
from api.cast import Desk, desk
from border import meet
from console.reading import HOSTILE, Read
from officer.cast import acting_as, add

POST = "torkham/duty"


@pytest.fixture(scope="module")
def af(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A node whose pages are served, and two duty officers of one post: `x.duty` and `x.next`."""
    with meet(tmp_path_factory.mktemp("watches")) as met:
        WORKSPACE.views.tables.create_all(met.af.means.engine)
        with desk(met.af) as served:
            with begin(met.af.means) as turn:
                served.officers["next"] = add(turn.tx, "x.next", "duty", post=POST)
            yield served


@pytest.fixture(autouse=True)
def nobody_has_it(af: Desk) -> None:
    """Each test begins with an empty roster."""
    with begin(af.side.means) as turn:
        turn.tx.execute(delete(WATCH))


def page(af: Desk, who: str = "duty") -> str:
    session = af.session(who)  # type: ignore[arg-type]
    answer = af.http.get("/liaison/watch", headers={"cookie": session["cookie"]})
    assert answer.status_code == 200, answer.text
    return answer.text


def do(af: Desk, what: str, who: str = "duty", **form: Any) -> httpx.Response:
    session = af.session(who)  # type: ignore[arg-type]
    given = {"form": session["x-amanat-form"], **form}
    return af.http.post(f"/liaison/watch-{what}", headers={"cookie": session["cookie"]}, data=given)


def done(af: Desk, what: str, who: str = "duty", **form: Any) -> None:
    answer = do(af, what, who, **form)
    assert (answer.status_code, answer.headers["location"]) == (303, "/liaison/watch"), answer.text


def held(af: Desk) -> Watch | None:
    with look(af.side.means) as turn:
        return kept.held(turn.tx, POST, turn.now)


def test_a_desk_without_a_watch_says_so_and_lets_one_take_it(af: Desk) -> None:
    shown = Read(page(af)).words
    assert ("Nobody has the watch." in shown, "No watch is planned in the next 7 days." in shown) == (True, True)
    done(af, "take")
    found = held(af)
    assert found is not None
    assert found.officer == af.officer("duty").id
    assert "You have the watch since" in Read(page(af)).words
    assert [each.subject for each in af.noted("watch.take", f"watch:{found.number}")] == [f"watch:{found.number}"]


def test_a_watch_is_handed_over_read_and_signed_by_both(af: Desk) -> None:
    done(af, "take")
    done(af, "give", notes=HOSTILE)
    assert "yours until the next officer accepts" in Read(page(af)).words
    offered = Read(page(af, "next"))
    assert (HOSTILE in offered.words, "img" in offered.tags) == (True, False)
    done(af, "accept", "next", number=offered.hidden["number"], read=offered.hidden["read"])
    found = held(af)
    assert found is not None
    assert found.officer == af.officers["next"].id
    assert "Signed by" in Read(page(af)).words
    with look(af.side.means) as turn:
        (before,) = kept.before(turn.tx, POST, 5)
        assert [each.act for each in watches.signatures(turn, before)] == ["watch.give", "watch.take"]


def test_who_takes_over_without_a_hand_over_confirms_it_and_it_is_shown(af: Desk) -> None:
    done(af, "take")
    refused = do(af, "take", "next")
    assert (refused.status_code, "watch.held" in refused.text) == (403, True)
    confirming = Read(page(af, "next"))
    assert "Take it over without a hand-over" in confirming.words
    done(af, "take", "next", over=confirming.hidden["over"])
    assert "taken over without a hand-over" in Read(page(af)).words


def test_a_watch_is_planned_by_the_own_clock_through_the_night_and_cancelled(af: Desk) -> None:
    with look(af.side.means) as turn:
        day = (turn.now + timedelta(days=1)).date().isoformat()
    typed: dict[str, Any] = {
        "post": POST,
        "officer": af.officers["next"].id,
        "day": day,
        "since": "20:00",
        "until": "06:00",
    }
    done(af, "plan", **typed)
    with look(af.side.means) as turn:
        (planned,) = kept.roster(turn.tx, POST, turn.now, turn.now + timedelta(days=7))
        assert planned.ends - planned.begins == timedelta(hours=10)
        assert f"{planned.begins.astimezone(own_zone(turn)):%Y-%m-%d %H:%M}" == f"{day} 20:00"
    shown = Read(page(af))
    assert f"{planned.begins:%H:%M}–{planned.ends:%H:%M} UTC" in shown.words
    again = do(af, "plan", **typed)
    assert (again.status_code, "watch.overlap" in again.text) == (400, True)
    assert f'value="{day}"' in again.text
    done(af, "cancel", number=planned.number)
    assert "No watch is planned in the next 7 days." in Read(page(af)).words


@pytest.mark.parametrize("typed", [{"day": "tomorrow"}, {"since": "25:00"}, {"day": "9999-12-31", "until": "05:00"}])
def test_a_day_or_time_that_is_none_is_told_on_the_page(af: Desk, typed: dict[str, str]) -> None:
    form: dict[str, Any] = {
        "post": POST,
        "officer": af.officer("duty").id,
        "day": "2026-11-30",
        "since": "06:00",
        "until": "14:00",
    }
    answer = do(af, "plan", **(form | typed))
    assert (answer.status_code, "liaison.watch-time" in answer.text) == (400, True)


@pytest.mark.parametrize(("role", "status"), [("approver", 200), ("analyst", 403), ("administrator", 403)])
def test_the_roster_is_for_who_may_keep_it(af: Desk, role: Role, status: int) -> None:
    session = af.session(role)
    answer = af.http.get("/liaison/watch", headers={"cookie": session["cookie"]})
    assert answer.status_code == status
    if status == 200:
        assert "/liaison/watch-plan" in answer.text
        assert not re.search("/liaison/watch-(take|give|accept)", answer.text)
        assert do(af, "take", role).status_code == 403


def test_open_matters_are_the_open_calls_of_the_post(af: Desk) -> None:
    with look(af.side.means) as turn:
        assert watch.open_matters(turn, acting_as(af.officer("duty"))) == ()


def test_what_is_handed_over_is_told_by_its_hotline_state_and_time(af: Desk) -> None:
    session = af.session("duty")
    given = {"form": session["x-amanat-form"], "hotline": "kurram", "urgency": "priority"}
    rung = af.http.post("/liaison/ring", headers={"cookie": session["cookie"]}, data=given)
    path = rung.headers["location"].partition("&done")[0]
    id_ = path.rpartition("=")[2]
    done(af, "take")
    done(af, "give", notes="one call")
    shown = page(af, "next")
    (item,) = re.findall(r'<li class="facts">(.*?)</li>', shown, re.DOTALL)
    assert f'href="{path.replace("&", "&amp;")}"' in item
    said = " ".join(Read(item).words.split())
    assert re.fullmatch(r"Kurram Priority af torkham/duty rang today \d\d:\d\d Rung", said), said
    with look(af.side.means) as turn:
        gone = f"pk:{'0' * 8}{id_[8:]}"
        there, lost = watch.matters(turn, (gone, f"af:{id_}"))
    assert (there.path, there.state, lost.name, lost.call) == (path, "rung", gone, None)


def test_the_calls_of_all_watches_that_are_shown_are_asked_for_at_once(
    af: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = list[int]()
    matters = watch.matters

    def counted(turn: Turn, names: Collection[str]) -> tuple[watch.Matter, ...]:
        asked.append(len(names))
        return matters(turn, names)

    monkeypatch.setattr(watch, "matters", counted)
    officer = af.officer("duty")
    with begin(af.side.means) as turn:
        for hours in (8, 16, 24):
            span = (turn.now + timedelta(hours=hours), turn.now + timedelta(hours=hours + 8))
            kept.add(turn.tx, officer.post, officer.id, *span)
    with look(af.side.means) as turn:
        watch.context(turn, acting_as(officer), Nothing())
    assert len(asked) <= 2  # of the watches, and of what is open now
