"""Pages of warnings at served nodes: each says what it must, what is refused keeps what was typed, deeds lead on."""

from collections.abc import Iterator
from contextlib import ExitStack
from urllib.parse import urlencode

import httpx
import pytest

from amanat.workspaces.liaison.tests.lines import Hotline, hotline, page
from amanat.workspaces.liaison.tests.warnings_cast import TYPED, cancel, change, matter, named, warn
from api.cast import Desk, desk
from console.reading import Read


@pytest.fixture(scope="module")
def line(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hotline]:
    with hotline(tmp_path_factory.mktemp("warnings")) as between:
        yield between


@pytest.fixture(scope="module")
def at(line: Hotline) -> Iterator[dict[str, Desk]]:
    with ExitStack() as open_:
        yield {party: open_.enter_context(desk(line.side(party))) for party in ("pk", "af")}


def words(text: str) -> str:
    return " ".join(Read(text).words.split())


def press(at: Desk, deed: str, address: dict[str, str], **typed: str) -> httpx.Response:
    at.speak("duty", "en")
    return at.http.post(f"/liaison/{deed}", params=address, data=typed, headers=at.session("duty"))


def test_before_the_first_warning_the_list_says_what_will_stand_there(at: dict[str, Desk]) -> None:
    assert "Nobody was warned yet." in words(page(at["pk"], "/liaison/warnings"))
    assert "No warning is like that." in words(page(at["pk"], "/liaison/warnings?phase=over"))
    page(at["pk"], "/liaison/warnings?phase=perhaps", status=400)


@pytest.mark.parametrize("language", ["en", "ur"])
def test_the_form_shows_what_the_public_would_be_told_in_every_language_before_it_is_sent(
    at: dict[str, Desk], language: str
) -> None:
    shown = page(at["pk"], "/liaison/warn?" + urlencode({**TYPED, "step": "look"}), language)  # type: ignore[arg-type]
    assert "Danger of shelling near Torkham" in shown
    assert "گولہ باری" in shown
    assert 'action="/liaison/warn-public?' in shown


def test_a_link_fills_the_form_in(at: dict[str, Desk]) -> None:
    given = {"shape": "corridor", "places": "34.1, 71.1\n34.2, 71.2", "metres": "500", "event": "blasting"}
    shown = page(at["pk"], "/liaison/warn?" + urlencode({**given, "since": "14:30", "until": "16:00"}))
    assert '<option value="corridor" selected>' in shown
    assert '<option value="blasting" selected>' in shown
    assert "34.1, 71.1\n34.2, 71.2" in shown
    assert 'value="14:30"' in shown
    assert 'action="/liaison/warn-public?' not in shown


def test_what_is_wrong_is_told_on_the_form_that_keeps_what_was_typed(at: dict[str, Desk]) -> None:
    wrong = {**TYPED, "until": "2026-11-20 10:00", "step": "look"}
    shown = page(at["pk"], "/liaison/warn?" + urlencode(wrong))
    assert "liaison.window" in shown
    assert 'value="2026-11-20 10:00"' in shown
    assert 'action="/liaison/warn-public?' not in shown


def test_a_warning_is_sent_and_its_page_follows(at: dict[str, Desk]) -> None:
    answer = press(at["pk"], "warn-public", {**TYPED, "step": "look"}, **TYPED)
    assert answer.status_code == 303, answer.text
    shown = words(page(at["pk"], answer.headers["location"].partition("&done")[0]))
    assert "In force" in shown
    assert "Danger of shelling near Torkham" in shown
    assert "Security" in shown


def test_one_that_is_refused_is_shown_again_as_it_was_typed(at: dict[str, Desk]) -> None:
    typed = {**TYPED, "near": "Kabul"}
    answer = press(at["pk"], "warn-public", {**typed, "step": "look"}, **typed)
    assert answer.status_code == 400
    assert "liaison.warning-far" in answer.text
    assert 'value="Kabul"' in answer.text


def test_the_list_is_narrowed_down_by_state_danger_and_party(at: dict[str, Desk], line: Hotline) -> None:
    over = warn(line, "af", event="flood", high_ground="on")
    cancel(line, over)
    line.carry()
    shown = page(at["pk"], "/liaison/warnings?phase=cancelled&danger=flood&by=af")
    assert over.key[1] in shown
    assert over.key[1] not in page(at["pk"], "/liaison/warnings?phase=in-force")
    assert over.key[1] not in page(at["pk"], "/liaison/warnings?by=pk")


def test_who_gave_it_changes_and_cancels_it_in_two_steps(at: dict[str, Desk], line: Hotline) -> None:
    root = warn(line)
    shown = page(at["pk"], "/liaison/warn?" + urlencode({"updates": root.key[1]}))
    assert "34.12000, 71.09000" in shown
    changed = press(at["pk"], "warn-public", {}, **{**TYPED, "updates": root.key[1], "severity": "minor"})
    assert changed.headers["location"].startswith(f"/liaison/warning?party=pk&id={root.key[1]}")
    refused = press(at["pk"], "cancel-warning", named(root), **named(root))
    assert "liaison.warning-sure" in refused.text
    line.border.clock.forward(seconds=1)
    done = press(at["pk"], "cancel-warning", named(root), **named(root), sure="on")
    assert done.status_code == 303
    shown = words(page(at["pk"], "/liaison/warning?" + urlencode(named(root))))
    assert "Cancelled" in shown
    assert "Update" in shown
    again = press(at["pk"], "warn-public", {}, **{**TYPED, "updates": root.key[1]})
    assert "liaison.warning-ended" in again.text


def test_nobody_changes_anothers_warning(at: dict[str, Desk], line: Hotline) -> None:
    root = warn(line)
    line.carry()
    shown = page(at["af"], "/liaison/warning?" + urlencode(named(root)))
    assert "cancel-warning" not in shown
    refused = press(at["af"], "cancel-warning", named(root), **named(root), sure="on")
    assert "liaison.warning-theirs" in refused.text
    assert "liaison.warning" in press(at["af"], "warn-public", {}, **{**TYPED, "updates": root.key[1]}).text


def test_what_came_waits_on_now_until_it_is_noted_once_for_all(at: dict[str, Desk], line: Hotline) -> None:
    root = warn(line, event="closure", other_crossing="on")
    change(line, root, event="closure", severity="minor")
    line.carry()
    assert root.key[1] in page(at["af"], "/")
    shown = page(at["af"], "/liaison/warning?" + urlencode(named(root)))
    assert "note-warning" in shown
    assert press(at["af"], "note-warning", named(root), **named(root)).status_code == 303
    assert root.key[1] not in page(at["af"], "/")
    assert "note-warning" not in page(at["af"], "/liaison/warning?" + urlencode(named(root)))
    assert matter(line, "af", root).standing.severity == "minor"


@pytest.mark.parametrize("language", ["ps", "fa-AF"])
def test_every_page_renders_in_every_language(at: dict[str, Desk], line: Hotline, language: str) -> None:
    root = warn(line)
    for path in ("/liaison/warnings", "/liaison/warn", "/liaison/warning?" + urlencode(named(root))):
        page(at["pk"], path, language)  # type: ignore[arg-type]


def test_files_are_given_out_in_their_own_media_types(at: dict[str, Desk], line: Hotline) -> None:
    root = warn(line)
    for path, media in (
        ("/liaison/warning.xml?" + urlencode(named(root)), "application/cap+xml"),
        ("/liaison/warnings.atom", "application/atom+xml"),
    ):
        answer = at["pk"].http.get(path, headers=at["pk"].session("duty"))
        assert (answer.status_code, answer.headers["content-type"].partition(";")[0]) == (200, media)
        assert root.key[1] in answer.text
