"""Rules of warnings: whatever order records come in, both sides say the same; only who gave one changes it."""

import xml.etree.ElementTree as ET
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from amanat.exchange import doing
from amanat.exchange.means import look
from amanat.officer.may import at_machine
from amanat.party.errors import Invalid, Refused
from amanat.workspace import Sent
from amanat.workspaces.liaison.dealings import asked, require_dealing
from amanat.workspaces.liaison.facts import FIRE_METRES
from amanat.workspaces.liaison.ground.features import Asking
from amanat.workspaces.liaison.ground.shapes import Corridor, Point, Position, Window
from amanat.workspaces.liaison.ground.spines import metres_between
from amanat.workspaces.liaison.kinds import Named
from amanat.workspaces.liaison.notices.coarse import closely
from amanat.workspaces.liaison.rules import SKEW
from amanat.workspaces.liaison.tests.lines import DUTY, Hotline, hotline
from amanat.workspaces.liaison.tests.warnings_cast import cancel, change, matter, take_back, warn
from amanat.workspaces.liaison.warnings import atom, facts, files, pages, reading, sentences, shown, told
from amanat.workspaces.liaison.warnings.kinds import WARNING, Cancelled, Warned
from amanat.workspaces.liaison.warnings.rules import Told, phase
from amanat.workspaces.liaison.warnings.rules import matter as of
from border import agree

ATOM: Final = f"{{{atom.NAMESPACE}}}"
NOW: Final = datetime(2026, 11, 24, 6, 30, tzinfo=UTC)
BODY: Final[Warned] = structs.replace(WARNING.examples[0], window=Window(NOW, NOW + timedelta(hours=4)))
ROOT: Final = Told(Named("pk", "01936e1a-7a00-7000-8000-000000000001"), NOW, "duty", "pk-af", False, BODY)  # noqa: FBT003


def key(party: str, number: int) -> Named:
    return Named(party, f"01936e1a-7a00-7000-8000-{number:012}")


@st.composite
def said(draw: st.DrawFn) -> list[Told]:
    """Whatever programs of two parties may say of a warning, in no order."""
    found = list[Told]()
    for number in range(2, 2 + draw(st.integers(0, 7))):
        party = draw(st.sampled_from(["pk", "pk", "pk", "af"]))
        of = draw(st.sampled_from([ROOT.key, ROOT.key, ROOT.key, key("pk", 99)]))
        body: Warned | Cancelled = Cancelled(cancels=of)
        if draw(st.integers(0, 3)):
            hours = draw(st.integers(1, 9))
            window = Window(NOW, NOW + timedelta(hours=hours))
            body = structs.replace(BODY, window=window, updates=of)
        at = NOW + timedelta(minutes=draw(st.integers(-9, 9)))
        exercise = draw(st.integers(0, 6)) == 0
        found.append(Told(key(party, number), at, "duty", "pk-af", exercise, body))
    return found


@given(said(), st.randoms(use_true_random=False), st.integers(-1, 10))
def test_the_same_stands_in_whatever_order_it_came(those: list[Told], random: object, hours: int) -> None:
    mixed = [ROOT, *those]
    random.shuffle(mixed)  # type: ignore[attr-defined]
    once, again = of(ROOT, those), of(ROOT, mixed)
    assert once == again
    assert phase(once, NOW + timedelta(hours=hours)) == phase(again, NOW + timedelta(hours=hours))


@given(said())
def test_only_who_gave_it_changes_it_and_nothing_after_it_was_cancelled(those: list[Told]) -> None:
    found = of(ROOT, those)
    for each in found.messages[1:]:
        assert each.key.party == ROOT.key.party
        assert not each.exercise
        assert each.at >= ROOT.at - SKEW
    if found.cancel is not None:
        assert all(each.place < found.cancel.place for each in found.changes)
        assert phase(found, NOW) == "cancelled"


@given(said(), st.integers(0, 12 * 60))
def test_a_matter_is_in_one_phase_at_a_time_and_never_goes_back(those: list[Told], minutes: int) -> None:
    order = ["coming", "in-force", "over"]
    found, at = of(ROOT, those), NOW + timedelta(minutes=minutes)
    now, later = phase(found, at), phase(found, at + timedelta(hours=1))
    assert now == later == "cancelled" or order.index(now) <= order.index(later)


def test_a_window_is_begun_at_its_first_moment_and_over_at_its_last() -> None:
    found, window = of(ROOT, []), BODY.window
    second = timedelta(seconds=1)
    moments = (window.since - second, window.since, window.until - second, window.until)
    assert [phase(found, at) for at in moments] == ["coming", "in-force", "in-force", "over"]


# --- bodies -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "shape", [Point(Position(34.1, 71.1), 0), Corridor((Position(34.1, 71.1), Position(34.2, 71.1)), 0)]
)
def test_a_warning_holds_somewhere(shape: Point | Corridor) -> None:
    with pytest.raises(Invalid) as refused:
        structs.replace(BODY, shape=shape)
    assert refused.value.code == "liaison.warning-narrow"


# --- two sides --------------------------------------------------------------------------------------------------------


@pytest.fixture
def line(tmp_path: Path) -> Iterator[Hotline]:
    with hotline(tmp_path) as between:
        yield between


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"keep_away": "", "shelter": ""}, "liaison.warning-idle"),
        ({"until": "2026-11-23 10:00", "since": "2026-11-23 09:00"}, "liaison.warning-over"),
        ({"near": "33.9, 70.1"}, "liaison.warning-near"),
        ({"near": "Kabul"}, "liaison.warning-far"),
        ({"near": "Torkham"}, "liaison.places"),
        ({"event": "weather"}, "liaison.choice"),
        ({"urgent": "soon"}, "liaison.choice"),
        ({"severity": ""}, "liaison.choice"),
        ({"certainty": "sure"}, "liaison.choice"),
        ({"shape": "ring"}, "liaison.choice"),
        ({"metres": "0", "event": "blasting"}, "liaison.warning-narrow"),
        ({"compact": "pk-in"}, "liaison.dealing"),
        ({"updates": "01936e1a-7a00-7000-8000-000000000001"}, "liaison.warning"),
    ],
)
def test_what_cannot_be_is_refused_with_its_own_code(line: Hotline, changes: dict[str, str], code: str) -> None:
    with pytest.raises(Invalid) as refused:
        warn(line, **changes)
    assert refused.value.code == code


def test_the_neighbour_and_the_observer_are_told_and_say_the_same(line: Hotline) -> None:
    root = warn(line)
    assert root.fields.audience == ("af", "obs")
    change(line, root, severity="minor")
    last = cancel(line, root)
    assert last.fields.handling.expires == root.fields.handling.expires
    line.carry()
    line.border.exchange("pk", "obs")
    found = [matter(line, party, root) for party in ("pk", "af", "obs")]
    assert found[0] == found[1] == found[2]
    assert [len(each.messages) for each in found] == [3, 3, 3]


def test_no_one_cancels_anothers_warning_by_a_program_of_their_own(line: Hotline) -> None:
    """Refused here, and where it was said all the same, it counts for nothing at either side."""
    root = warn(line)
    line.carry()
    means = line.side("af").means

    def says(turn: object) -> Sent:
        dealing = require_dealing(turn, "liaison.warning")  # type: ignore[arg-type]
        return Sent((asked(turn, dealing, "liaison.warning", Cancelled(cancels=Named(*root.key))),))  # type: ignore[arg-type]

    doing.do(means, at_machine(DUTY), "record.send", says)
    line.carry()
    for party in ("pk", "af"):
        assert matter(line, party, root).cancel is None
    with pytest.raises(Refused) as refused:
        line.do("af", "cancel-warning", party="pk", id=root.key[1], sure="on")
    assert refused.value.code == "liaison.warning-theirs"


def test_an_observer_gives_no_warning(line: Hotline) -> None:
    with pytest.raises(Invalid) as refused:
        warn(line, "obs")
    assert refused.value.code == "liaison.dealing"


def test_what_one_warning_is_changed_without_end_is_read_to_a_bound(
    line: Hotline, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(told, "MOST_CHANGES", 2)
    root = warn(line)
    last = [change(line, root, severity=each) for each in ("minor", "moderate", "severe", "extreme")][-1]
    found = matter(line, "pk", root)
    assert len(found.changes) == 2
    assert found.last.key.id == last.key[1]


def test_the_feed_has_what_holds_what_is_to_come_and_what_was_cancelled_before_its_end(line: Hotline) -> None:
    holds, comes = warn(line), warn(line, since="2026-11-25 10:00")
    cancelled, short = warn(line), warn(line, until="07:00")
    cancel(line, cancelled)
    theirs = warn(line, "af")
    line.carry()
    line.border.clock.forward(hours=2)
    with look(line.side("pk").means) as turn:
        feed = files.feed(turn, at_machine(DUTY), files.Feed()).decode()
        of_theirs = files.feed(turn, at_machine(DUTY), files.Feed(party="af")).decode()
        with pytest.raises(Invalid) as refused:
            files.xml(turn, at_machine(DUTY), files.Message(*holds.key, message=theirs.key[1]))
    assert refused.value.code == "liaison.warning-message"
    assert [each.key[1] in feed for each in (holds, comes, cancelled, short, theirs)] == [
        True,
        True,
        True,
        False,
        False,
    ]
    assert feed.count(sentences.cancelled("en")) == 1
    assert theirs.key[1] in of_theirs


def test_a_warning_that_was_withdrawn_is_not_in_force(line: Hotline) -> None:
    root, other = warn(line), warn(line)
    changed = change(line, other, severity="minor")
    line.carry()
    take_back(line, root)
    take_back(line, changed)
    line.carry()
    for party in ("pk", "af"):
        with look(line.side(party).means) as turn:
            assert phase(told.require(turn, *root.key), turn.now) == "cancelled"
            assert told.require(turn, *other.key).changes == ()
            assert "<msgType>Cancel</msgType>" in files.xml(turn, at_machine(DUTY), files.Message(*root.key)).decode()
            on_map = shown.shown(turn, at_machine(DUTY), Asking(turn.now, turn.now + timedelta(hours=1)))
            assert [each.id for each in on_map] == [other.key[1]]


def test_every_entry_of_the_feed_leads_to_the_last_alert_of_its_warning(line: Hotline) -> None:
    """Who asks now and then, too, hears that one was changed, cancelled or withdrawn."""
    plain, changed, cancelled, withdrawn = (warn(line) for _ in range(4))
    change(line, changed, severity="minor")
    cancel(line, cancelled)
    take_back(line, withdrawn)
    with look(line.side("pk").means) as turn:
        feed = ET.fromstring(files.feed(turn, at_machine(DUTY), files.Feed()))  # noqa: S314 - our own
        links = [each.get("href", "") for each in feed.findall(f"{ATOM}entry/{ATOM}link")]
        asked = [dict(parse_qsl(urlsplit(each).query)) for each in links]
        alerts = [files.xml(turn, at_machine(DUTY), files.Message(**each)).decode() for each in asked]
    said = {
        each["id"]: alert.partition("<msgType>")[2].partition("<")[0] for each, alert in zip(asked, alerts, strict=True)
    }
    assert [said[each.key[1]] for each in (plain, changed, cancelled, withdrawn)] == [
        "Alert",
        "Update",
        "Cancel",
        "Cancel",
    ]


def test_a_cancelling_stands_though_it_was_withdrawn(line: Hotline) -> None:
    """No warning comes back into force without a record that says so."""
    root = warn(line)
    take_back(line, cancel(line, root))
    line.carry()
    for party in ("pk", "af"):
        assert phase(matter(line, party, root), line.border.clock.at) == "cancelled"


@pytest.mark.parametrize("shape", [Point(Position(34.12345, 71.09876), 4000), Point(Position(34.12, 71.09), 900)])
def test_where_shells_fell_is_told_so_that_no_fire_is_corrected_by_it(shape: Point) -> None:
    with pytest.raises(Refused) as refused:
        facts.of_warning(structs.replace(BODY, shape=shape))
    assert refused.value.by == "floor 6"


def test_the_form_makes_a_place_of_shelling_coarse_and_still_holds_it(line: Hotline) -> None:
    body = warn(line, places="34.12345, 71.09876", metres="10").body
    assert closely(body.shape) >= FIRE_METRES
    assert metres_between(body.shape, Point(Position(34.12345, 71.09876), 10)) == 0


def test_a_flood_of_another_partys_warnings_empties_no_feed(line: Hotline, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(told, "MOST_STANDING", 2)
    ours = warn(line)
    theirs = [warn(line, "af") for _ in range(3)]
    line.carry()
    with look(line.side("pk").means) as turn:
        those = [each.root.key.id for each in told.standing(turn, turn.now)]
    assert those == [theirs[2].key[1], theirs[1].key[1], ours.key[1]]


def test_what_changes_a_warning_that_is_not_here_takes_no_place(line: Hotline, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(told, "MOST_STANDING", 1)
    ours, means = warn(line), line.side("pk").means
    line.border.clock.forward(minutes=1)
    stray = structs.replace(ours.body, updates=key("pk", 99))

    def says(turn: Any) -> Sent:
        return Sent((asked(turn, require_dealing(turn, "liaison.warning"), "liaison.warning", stray),))

    doing.do(means, at_machine(DUTY), "record.send", says)
    with look(means) as turn:
        assert [each.root.key.id for each in told.standing(turn, turn.now)] == [ours.key[1]]


def test_a_warning_is_changed_and_cancelled_also_after_the_compact_was_amended(line: Hotline) -> None:
    root = warn(line)
    line.carry()
    sides = line.border.sides
    signed = agree(sides.values(), line.side("pk").terms)
    for side in sides.values():
        side.take("compact", signed)
    change(line, root, severity="minor")
    line.carry()
    assert {len(matter(line, party, root).changes) for party in ("pk", "af")} == {1}
    cancel(line, root)
    line.carry()
    for party in ("pk", "af"):
        assert matter(line, party, root).cancel is not None


def test_a_form_that_is_filled_in_again_says_the_same(line: Hotline) -> None:
    root = warn(line, shape="corridor", places="34.1, 71.0\n34.2, 71.1", metres="300")
    with look(line.side("pk").means) as turn:
        body = told.require(turn, *root.key).standing
        assert reading.body(turn, reading.typed(turn, body)) == body


def test_page_by_page_each_warning_stands_once_also_where_few_of_many_fit(
    line: Hotline, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "SHOWN", 2)
    monkeypatch.setattr(pages, "SOUGHT", 3)
    given = [warn(line, event="flood" if n in {0, 6} else "shelling") for n in range(7)]
    for danger, expected in (("", given), ("flood", [given[0], given[6]])):
        found, query = list[str](), pages.Filters(danger=danger)
        while True:
            with look(line.side("pk").means) as turn:
                listed = pages.warnings(turn, at_machine(DUTY), query)
            found += [each.root.key.id for each, _ in listed["listed"]]
            if not listed["next"]:
                break
            query = pages.Filters(danger=danger, cursor=listed["next"].rpartition("cursor=")[2])
        assert found == [each.key[1] for each in reversed(expected)]
