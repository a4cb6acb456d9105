"""What a page does while its officer only looks: one stream for all windows, clocks that go on, and a link that drops."""

from datetime import timedelta
from typing import cast
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx
import pytest
from playwright.sync_api import Dialog, Page, Route, expect

from amanat.api.events import NUMBERS
from amanat.console import calendars
from amanat.exchange.broadcast import Broadcast
from amanat.party.lexicon import Language
from api.cast import Desk, draft, person
from border import Border
from console.reading import Read
from e2e.conftest import Open, Watched
from wire import eventually, free_port, serve

LENGTHS = [0, 1, 2, 59, 60, 61, 125, 1439, 1440, 1441, 1500, 2880, 2945, 100 * 1440 + 7]  # minutes
LANGUAGES = cast("tuple[Language, ...]", ("en", "ur", "ps", "fa-AF"))


@pytest.fixture
def duty(desks: dict[str, Desk], browsing: Open) -> Watched:
    """The browser of an officer who has just signed in."""
    made = browsing(desks["af"])
    made.become("duty", "en")
    return made


def streams(desk: Desk) -> int:
    """How many listen to a node."""
    broadcast: Broadcast = desk.node.app.state.broadcast
    return len(broadcast.streams)


def end_streams(desk: Desk) -> None:
    """Let all that listen to a node come again."""
    broadcast: Broadcast = desk.node.app.state.broadcast
    desk.node.loop.call_soon_threadsafe(broadcast.end)


def waits(page: Page) -> str:
    """How many records the rail says wait to be read."""
    return page.locator("[data-count]").get_attribute("data-count") or ""


# --- what is typed ----------------------------------------------------------------------------------------------------


def test_a_draft_that_was_not_saved_is_not_left_unasked(desks: dict[str, Desk], duty: Watched) -> None:
    id_ = desks["af"].ask("duty", "POST", "/drafts", json={**draft(), "to": ["pk"]}).json()["head"]["id"]
    page, asked = duty.page(f"/draft/{id_}"), list[str]()

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    page.on("dialog", stay)
    page.locator("[name='handling/caveats']").press_sequentially("for the post at Torkham alone")
    page.locator(".rail a").first.click(no_wait_after=True)
    eventually(lambda: asked == ["beforeunload"])
    assert page.url.endswith(f"/draft/{id_}")
    page.get_by_role("button", name="Save", exact=True).click()
    page.locator(".rail a").first.click()
    expect(page.locator("#matters")).to_be_visible()
    assert asked == ["beforeunload"]


# --- the stream -------------------------------------------------------------------------------------------------------


def test_all_windows_of_a_browser_listen_by_one_stream_and_another_takes_over(
    desks: dict[str, Desk], duty: Watched
) -> None:
    eventually(lambda: streams(desks["af"]) == 0)
    first = duty.page("/records")
    eventually(lambda: streams(desks["af"]) == 1)
    second = duty.page("/records")
    sent = desks["pk"].send()["id"]
    for page in (first, second):
        expect(page.locator(f"#pk-{sent}")).to_be_visible()
    assert streams(desks["af"]) == 1
    first.close()
    later = desks["pk"].send()["id"]
    expect(second.locator(f"#pk-{later}")).to_be_visible()
    assert streams(desks["af"]) <= 2  # the node may not have seen yet that the first is gone


def test_what_came_between_the_making_of_a_page_and_its_stream_is_on_it(desks: dict[str, Desk], duty: Watched) -> None:
    sent = list[str]()

    def late(route: Route) -> None:
        sent.append(desks["pk"].send()["id"])
        with httpx.Client(base_url=desks["af"].node.url, headers=desks["af"].session("analyst")) as http:
            eventually(lambda: f"/record/pk/{sent[0]}" in Read(http.get("/records").text).links)
        route.continue_()

    page = duty.context.new_page()
    page.route("**/*.js", late)
    page.goto(f"{desks['af'].node.url}/records")
    expect(page.locator(f"#pk-{sent[0]}")).to_be_visible()


def test_a_session_that_is_over_is_told_and_asks_no_more(desks: dict[str, Desk], duty: Watched) -> None:
    page = duty.page("/records")
    eventually(lambda: streams(desks["af"]) == 1)
    duty.context.clear_cookies()
    end_streams(desks["af"])
    expect(page.locator("#notice")).to_contain_text("Your session is over")
    duty.wrong.clear()  # the browser names the refusal


def test_the_queue_of_second_persons_and_the_drafts_come_up_to_date(desks: dict[str, Desk], browsing: Open) -> None:
    desk = desks["pk"]
    second, writer = browsing(desk), browsing(desk)
    second.become("approver", "en")
    writer.become("duty", "en")
    queue, drafts = second.page("/approvals"), writer.page("/drafts")
    id_ = desk.send(**person())["id"]
    expect(queue.locator(f"#held-{id_} [data-moment]")).to_have_count(1)
    read = {"digest": desk.get("approver", f"/held/{id_}")["digest"], "reason": "too long"}
    draft = desk.ask("approver", "POST", f"/held/{id_}/return", json=read).json()["draft"]
    expect(drafts.locator(f"#draft-{draft}")).to_contain_text("given back by")
    expect(queue.locator(f"#held-{id_}")).to_have_count(0)


# --- what a reader holds ----------------------------------------------------------------------------------------------


def test_nothing_is_taken_from_under_who_types_or_reads(desks: dict[str, Desk], duty: Watched) -> None:
    page = duty.page("/records")
    page.locator(".own summary").click()
    field = page.locator("[name=text]")
    field.fill("half a wo")
    before = int(waits(page)) if page.locator("[data-count]").count() else 0
    desks["pk"].send()
    expect(page.locator("[data-count]")).to_have_attribute("data-count", str(before + 1))
    expect(field).to_be_focused()
    expect(field).to_have_value("half a wo")
    expect(page.locator(".own")).to_have_attribute("open", "")
    page.locator("tr[data-item] a").first.focus()
    held = page.evaluate("document.activeElement.href")
    sent = desks["pk"].send()["id"]
    expect(page.locator(f"#pk-{sent}")).to_be_visible()
    assert page.evaluate("document.activeElement.href") == held


OFFER = {
    "type": "offered", "count": "1", "near": "34.12, 71.09", "who": "adult", "alone": "yes", "fears": "no",
    "language": "ps", "asked_at": "now", "exercise": "on",
}  # fmt: skip
PLAN = {"place": "34.1, 71.1", "since": "23:00", "until": "23:30"}
INERT = """() => new MutationObserver((all) => {
    for (const {addedNodes} of all) for (const each of addedNodes) if (each.id?.startsWith("do-agreed")) window.inert = each.inert;
}).observe(document.getElementById("to-do"), {childList: true, subtree: true})"""


def test_what_was_typed_stays_and_what_came_is_not_pressed_at_once(desks: dict[str, Desk], duty: Watched) -> None:
    def done(deed: str, typed: dict[str, str]) -> str:
        answer = desks["pk"].http.post(f"/liaison/{deed}", data=typed, headers=desks["pk"].session("duty"))
        assert answer.status_code == 303, answer.text
        return str(answer.headers["location"])

    path = done("track-open?type=offered", OFFER).partition("&done")[0]
    party, id_ = path.partition("party=")[2].split("&id=")
    their = desks["af"]
    eventually(lambda: "track-head" in their.http.get(path, headers=their.session("duty")).text)
    page = duty.page(path)
    form = page.locator("form:has([name=step][value=proposed])")
    page.locator("#do-proposed summary").click()
    form.locator("[name=place]").fill("Torkham (AF)")
    form.locator("[name=since]").fill("22:15")
    page.locator("#history").click()  # nothing is focused
    page.evaluate(INERT)
    done(f"track-step?party={party}&id={id_}", {"party": party, "id": id_, "step": "proposed", **PLAN})
    agrees = page.locator("form:has([name=step][value=agreed]) button")
    expect(agrees).to_be_visible()
    assert page.evaluate("window.inert") is True
    expect(form.locator("[name=place]")).to_have_value("Torkham (AF)")
    expect(form.locator("[name=since]")).to_have_value("22:15")
    agrees.click()
    expect(page.locator("#track-history li[data-item]")).to_have_count(3)


def test_what_was_typed_and_left_stays_when_the_other_side_says_something(
    desks: dict[str, Desk], browsing: Open
) -> None:
    """Else an officer signs another time than was typed: the page's own clock went on meanwhile."""
    told = (
        desks["af"]
        .http.post(
            "/liaison/incident-open",
            data={"type": "shots", "place": "33.9, 70.1", "time": "now", "minutes": "5", "exercise": "on"},
            headers=desks["af"].session("duty"),
        )
        .headers["location"]
    )
    browser = browsing(desks["pk"])
    browser.become("duty", "en")
    path = told.partition("&done")[0]
    eventually(lambda: desks["pk"].http.get(path, headers=desks["pk"].session("duty")).text.count("step-cease") > 0)
    page = browser.page(path)
    step = page.locator("#step-cease")
    typed, chosen = step.locator("[name=time]"), page.locator("[name=mediators]")
    step.locator("summary").click()
    typed.fill("00:07")
    chosen.select_option(index=1)
    other = chosen.input_value()
    step.locator("form button").focus()
    its = dict(parse_qsl(urlsplit(path).query))
    signed = {**its, "step": "cease", "time": "now"}
    answer = desks["af"].http.post(
        f"/liaison/incident-done?{urlencode(its)}", data=signed, headers=desks["af"].session("duty")
    )
    assert answer.status_code == 303, answer.text
    expect(step.locator(".state.good")).to_have_count(1)
    expect(typed).to_have_value("00:07")
    expect(chosen).to_have_value(other)


# --- time -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_clocks_and_lengths_go_on_as_the_node_would_write_them(
    border: Border, desks: dict[str, Desk], browsing: Open, language: Language
) -> None:
    browser = browsing(desks["af"])
    browser.become("duty", language)
    page = browser.context.new_page()
    page.clock.install()
    page.goto(f"{desks['af'].node.url}/roles")
    began = border.clock() + timedelta(minutes=1)
    page.evaluate(
        "moments => { for (const each of moments) document.querySelector('main').insertAdjacentHTML("
        "'beforeend', `<bdi data-moment='${each}'></bdi>`) }",
        [(began - timedelta(minutes=each, seconds=1)).isoformat() for each in LENGTHS],
    )
    page.clock.fast_forward(60_000)
    expect(page.locator("main [data-moment]")).to_have_text(
        [calendars.duration(timedelta(minutes=each), language) for each in LENGTHS]
    )
    utc = page.locator("[data-clock=UTC]").last
    expect(utc).to_have_text(calendars.numerals(f"{began:%H:%M}", language))


# --- a link that drops ------------------------------------------------------------------------------------------------


def test_a_link_that_drops_is_told_and_on_its_return_what_came(
    border: Border, desks: dict[str, Desk], browsing: Open
) -> None:
    """The node is served at a second address, at which it is stopped and started again."""
    port = free_port()
    with serve(border.af, port) as node, httpx.Client() as http:
        desk = Desk(node, http, desks["af"].officers)
        browser = browsing(desk)
        browser.become("duty", "en")
        page = browser.page("/records")
        eventually(lambda: streams(desk) == 1)
    notice = page.locator("#notice")
    expect(notice).to_contain_text("No link to the node since 06:30.")
    assert notice.get_attribute("role") == "status"
    before = page.locator("tr[data-item]").count()
    arrived = len(border.af.received())
    for _ in range(2):
        desks["pk"].send()
    eventually(lambda: len(border.af.received()) == arrived + 2)
    with serve(border.af, port):
        expect(notice).to_contain_text("Records that came while you were away: 2.")
        expect(page.locator("tr[data-item]")).to_have_count(before + 2)
        page.locator("#notice a").click()
        expect(page.locator("#notice p")).to_have_count(0)
        page.close()  # before the node goes for good: it would be asked again
    browser.wrong.clear()  # the browser names each try


def test_who_was_away_for_longer_than_is_kept_is_told_to_load_the_page_anew(
    desks: dict[str, Desk], duty: Watched
) -> None:
    page = duty.context.new_page()
    page.add_init_script(
        f"addEventListener('readystatechange', () => shell?.setAttribute('data-since', '{NUMBERS}'), true)"
    )
    page.goto(f"{desks['af'].node.url}/records")
    expect(page.locator("#notice")).to_contain_text("More happened meanwhile than is kept")
