"""The day at the line between two nodes and two browsers, all by clicks and keys: what one does, the other's page shows.

Law: a test goes on where the one before it stopped, as a day does; each begins with officers who have just signed in.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from playwright.sync_api import Locator, Page, expect

from border import Border
from e2e.conftest import Open, Watched
from e2e.two_sides import Served, served

WORKS_AT, PATROL_AT, SHOTS_AT = "34.10000, 71.10000", "34.10200, 71.09900", "34.12, 71.09 ±500 m"
POST = "torkham/duty"


@dataclass
class Day:
    """The two sides, and the addresses of what the day is about."""

    served: Served
    paths: dict[str, str] = field(default_factory=dict)

    def at(self, **later: int) -> str:
        """A time so much later as it is typed: no party has a lexicon here, so that it is of UTC."""
        return f"{self.served.border.clock() + timedelta(**later):%Y-%m-%d %H:%M}"

    def wait(self, **length: int) -> None:
        self.served.border.clock.at += timedelta(**length)

    def carry(self) -> None:
        """Carry sticks both ways, until each has the other's receipts."""
        self.served.border.exchange("pk", "af")


@pytest.fixture(scope="module")
def day(border: Border) -> Iterator[Day]:
    with served(border, hour=8) as made:
        yield Day(made)


@dataclass
class Pair:
    """The browser of the duty officer of each side, one in Urdu and one in English."""

    pk: Watched
    af: Watched

    def sign_in(self) -> None:
        """Let both sign in, with no page open: whoever was signed in an hour ago has to."""
        for watched, language in ((self.pk, "ur"), (self.af, "en")):
            for page in watched.context.pages:
                page.close()
            watched.become("duty", language)  # type: ignore[arg-type]  # a language of the console


@pytest.fixture
def pair(day: Day, browsing: Open) -> Pair:
    made = Pair(browsing(day.served.desks["pk"]), browsing(day.served.desks["af"]))
    made.sign_in()
    return made


def path(page: Page) -> str:
    """The address of a matter whose page this is, without what was done before it."""
    found = re.search(r"(/liaison/[a-z-]+\?party=[a-z]+&id=[0-9a-f-]+)", page.url)
    assert found, page.url
    return found[1]


def unfold(each: Locator) -> None:
    """Open by the keyboard all that it is folded away in, the outermost first, once it is there."""
    each.wait_for(state="attached")
    folded = each.locator("xpath=ancestor::details[not(@open)]")
    while folded.count():
        folded.first.locator("> summary").press("Enter")


def fill(within: Page | Locator, **typed: str) -> None:
    """Type or choose in the fields of these names."""
    for name, text in typed.items():
        each = within.locator(f"[name={name}]:not([type=hidden])").first
        unfold(each)
        if each.evaluate("each => each.tagName") == "SELECT":
            each.select_option(text)
        elif each.get_attribute("type") == "checkbox":
            each.check()
        else:
            each.fill(text)


def submit(found: Locator, **typed: str) -> None:
    """Fill in a form and press its last button that does its deed, which may be folded away as a second step."""
    fill(found, **typed)
    button = found.locator("button:not([type=button], [formaction])").last
    unfold(button)
    button.click()


def press(page: Page, deed: str, **typed: str) -> None:
    """Fill in the first form of a deed and press its button."""
    submit(page.locator(f"form[action^='/liaison/{deed}']").first, **typed)


# --- notices ----------------------------------------------------------------------------------------------------------


def test_works_are_told_of_questioned_and_explained_while_both_look(day: Day, pair: Pair) -> None:
    theirs = pair.af.page("/liaison/notices")
    expect(theirs.locator("tr[data-item]")).to_have_count(0)
    ours = pair.pk.page("/liaison/plan?type=works")
    fill(ours, places=WORKS_AT, metres="200", country="PK", since=day.at(days=20), until=day.at(days=20, hours=8))
    fill(ours, works="trench", purpose="water")
    ours.locator("form.draft button.main-act").click()
    press(ours, "give-notice")
    expect(ours.locator("#notice-head .state.soon").first).to_be_visible()
    day.paths["works"] = path(ours)

    theirs.locator("tr[data-item] a").first.click()  # it came by itself
    press(theirs, "acknowledge-notice")
    expect(ours.locator("#notice-head .state.good").first).to_be_visible()
    press(theirs, "ask-notice", about_purpose="on", about_duration="on")
    expect(ours.locator("form[action^='/liaison/explain-notice']")).to_be_visible()
    press(
        ours,
        "explain-notice",
        purpose_word="as-noticed",
        duration_word="as-noticed",
        duration_until=day.at(days=20, hours=8),
    )
    expect(theirs.locator("#to-do .state.good").first).to_contain_text("answered in time")
    expect(theirs.locator("#to-do dl")).to_contain_text("as")


def test_a_patrol_in_conflict_is_found_before_it_is_told_of_and_moved_by_one_press(day: Day, pair: Pair) -> None:
    theirs = pair.pk.page("/liaison/notices")
    expect(theirs.locator("tr[data-item]")).to_have_count(1)
    ours = pair.af.page("/liaison/plan?type=patrol")
    fill(ours, places=PATROL_AT, metres="200", country="AF")
    fill(ours, since=day.at(days=20, hours=1), until=day.at(days=20, hours=3), size="section", on="foot")
    fill(ours, purpose="routine")
    ours.locator("form.draft button.main-act").click()
    expect(ours.locator("#looked-at h2 .state.late")).to_be_visible()
    expect(ours.locator("#looked-at tr[data-item]")).to_contain_text("8.8")
    expect(theirs.locator("tr[data-item]")).to_have_count(1)  # looking told nobody
    ours.locator("#looked-at ul.files a").first.click()
    expect(ours.locator("#looked-at h2 .state.good")).to_be_visible()
    press(ours, "give-notice")
    expect(theirs.locator("tr[data-item]")).to_have_count(2)


# --- an incident --------------------------------------------------------------------------------------------------------


def test_shots_are_told_of_and_known_on_both_sides(day: Day, pair: Pair) -> None:
    theirs, ours = pair.af.page("/liaison/incidents"), pair.pk.page("/liaison/incidents")
    press(ours, "incident-open", type="shots", place=SHOTS_AT, time="now", sector="kurram")
    day.paths["incident"] = path(ours)
    theirs.locator("tr[data-item] a").first.click()  # it came by itself
    press(theirs, "incident-notice")
    expect(theirs.locator("form[action^='/liaison/incident-notice']")).to_have_count(0)
    expect(ours.locator("#ladder tr[data-item]").first).to_be_visible()


def test_two_accounts_stand_beside_one_another_and_each_says_what_it_disputes(day: Day, pair: Pair) -> None:
    ours, theirs = pair.pk.page(day.paths["incident"]), pair.af.page(day.paths["incident"])
    ours.locator("a[href*='/liaison/account?']").first.click()
    fill(ours.locator("#statement-0"), sort0="happened", who0="theirs", did0="fired", arms0="small-arms", count0="20")
    ours.locator("#statement-1 > summary").press("Enter")
    fill(ours.locator("#statement-1"), sort1="harmed", who1="ours", civilians1="yes", wounded1="1/2/4")
    press(ours, "account-send")
    expect(theirs.locator("#account-pk li[data-item]")).to_have_count(2)
    agreeing = (
        theirs.locator("#account-pk li[data-item]").nth(1).locator("details", has=theirs.locator("[value=agrees]"))
    )
    agreeing.locator("summary").click()
    agreeing.locator("button").click()
    expect(ours.locator("#account-pk .state.good")).to_have_count(1)

    theirs.locator("#account-pk li[data-item]").first.locator("a.button").click()
    theirs.locator("button[value=disputes]").click()
    expect(ours.locator("#account-pk .state.late")).to_have_count(1)

    theirs.locator("a[href*='/liaison/account?']").first.click()
    fill(theirs.locator("#statement-0"), sort0="happened", who0="theirs", did0="fired", count0="12")
    press(theirs, "account-send")
    expect(ours.locator("#account-af li[data-item]")).to_have_count(1)
    ours.locator("#account-af li[data-item] a.button").click()
    ours.locator("button[value=disputes]").click()
    expect(theirs.locator("#account-af .state.late")).to_have_count(1)
    expect(theirs.locator("#findings .state.good").first).to_be_visible()


def test_each_step_of_the_ladder_shows_on_the_other_side_once_it_is_signed(day: Day, pair: Pair) -> None:
    ours, theirs = pair.pk.page(day.paths["incident"]), pair.af.page(day.paths["incident"])
    for step in ("cease", "hold", "inform"):
        signed = f"#step-{step} td .state.good"
        sign(ours, step)
        expect(theirs.locator(signed)).to_have_count(1)
        sign(theirs, step)
        expect(ours.locator(signed)).to_have_count(3)  # each side's, and that both did


def sign(page: Page, step: str) -> None:
    button = page.locator(f"#step-{step} form[action^='/liaison/incident-done'] button")
    unfold(button)  # each is asked once more
    button.click()


def test_what_is_signed_while_the_link_is_cut_comes_by_stick(day: Day, pair: Pair) -> None:
    day.served.cut()
    try:
        while_cut(day, pair)
    finally:
        day.served.heal()


def while_cut(day: Day, pair: Pair) -> None:
    ours, theirs = pair.pk.page(day.paths["incident"]), pair.af.page(day.paths["incident"])
    sign(ours, "return")
    sign(theirs, "return")
    for page in (ours, theirs):
        expect(page.locator("#step-return td .state.good")).to_have_count(1)  # its own alone
    ours.goto(f"{day.served.desks['pk'].node.url}/liaison/propose-meeting?of={key(day.paths['incident'])}")
    fill(ours, level="sector", place0="34.12, 71.09", country0="AF", begins0=day.at(days=1), topic0="fire")
    fill(ours, works2="on", works3="on", ours_post0=POST, ours_number0="2", theirs_post0=POST, theirs_number0="3")
    press(ours, "send-proposal")
    day.paths["meeting"] = path(ours)

    day.wait(hours=1)
    pair.sign_in()
    ours, theirs = pair.pk.page(day.paths["meeting"]), pair.af.page(day.paths["incident"])
    waiting = pair.af.page("/liaison/meetings")
    expect(waiting.locator("tr[data-item]")).to_have_count(0)
    expect(theirs.locator("#step-return td .state.good")).to_have_count(1)
    day.carry()
    expect(theirs.locator("#step-return td .state.good")).to_have_count(3)
    expect(waiting.locator("tr[data-item]")).to_have_count(1)
    waiting.locator("tr[data-item] a").first.click()
    press(waiting, "agree-meeting", ours_post0=POST, ours_number0="3")
    expect(waiting.locator("#stands .state.good")).to_be_visible()
    expect(ours.locator("#stands .state.soon")).to_be_visible()  # not there yet
    day.carry()
    expect(ours.locator("#stands .state.good")).to_be_visible()


def key(of: str) -> str:
    """How a form names a matter, by the address of its page."""
    found = re.search(r"party=([a-z]+)&id=([0-9a-f-]+)", of)
    assert found
    return f"{found[1]}:{found[2]}"


def test_minutes_are_signed_by_both_once_they_met(day: Day, pair: Pair) -> None:
    day.wait(days=1, hours=2)
    pair.sign_in()
    query = day.paths["meeting"].partition("?")[2]
    ours, theirs = pair.pk.page(f"/liaison/write-minutes?{query}"), pair.af.page(f"/liaison/meeting?{query}")
    fill(ours, ended=day.at(minutes=-5), outcome0="agreed", what0="joint-visit", whose0="both", by0=day.at(days=7))
    press(ours, "propose-minutes")
    press(ours, "sign-minutes", number="TKM/7-26")
    theirs.locator("#meeting a[href*='/liaison/minutes?']").first.click()
    press(theirs, "sign-minutes", number="NGR/41-5")
    expect(theirs.locator("#minutes > .state.good")).to_be_visible()
    expect(ours.locator("#minutes > .state.good")).to_be_visible()
    for page in (ours, theirs):
        expect(page.locator("#minutes")).to_contain_text("TKM/7-26")
        expect(page.locator("#minutes")).to_contain_text("NGR/41-5")


def test_a_joint_statement_is_signed_by_both_and_the_incident_closed_by_both(day: Day, pair: Pair) -> None:
    query = day.paths["incident"].partition("?")[2]
    ours, theirs = pair.pk.page(f"/liaison/statement?{query}"), pair.af.page(f"/liaison/statement?{query}")
    for number in (3, 4):  # both ceased fire; neither has advanced
        row = ours.locator(f".sentence:has([name=use{number}])")
        row.locator(f"[name=use{number}]").check()
        row.locator("[name^=slot]").first.fill(day.at(minutes=-30))
    press(ours, "statement-propose")
    press(theirs, "statement-sign")
    expect(theirs.locator("#signed-text")).to_be_visible()
    expect(ours.locator("#signed-text")).to_be_visible()
    assert ours.locator("section[lang]").count() == 4  # in each of the languages, which are equally authentic

    ours.goto(f"{day.served.desks['pk'].node.url}{day.paths['incident']}")
    theirs.goto(f"{day.served.desks['af'].node.url}{day.paths['incident']}")
    press(ours, "incident-close")
    expect(theirs.locator("#incident-head .state").first).not_to_contain_text("closed by both")
    press(theirs, "incident-close")
    expect(theirs.locator("#incident-head .state.good")).to_be_visible()
    expect(ours.locator("#incident-head .state.good")).to_be_visible()


# --- a crosser ----------------------------------------------------------------------------------------------------------


def test_a_crosser_is_asked_first_and_then_handed_back(day: Day, pair: Pair) -> None:
    theirs, ours = pair.pk.page("/liaison/tracks"), pair.af.page("/liaison/track-new?type=offered")
    asked = {"alone": "no", "fears": "no", "language": "ps", "asked_at": day.at(minutes=-20)}
    press(ours, "track-open", count="1", near="34.12, 71.09", who="adult", **asked)
    expect(ours.locator("[role=alert]").first).to_contain_text("Nobody is handed back")
    expect(ours.locator("[name=near]")).to_have_value("34.12, 71.09")  # what was typed is kept
    expect(theirs.locator("tr[data-item]")).to_have_count(0)  # and nothing was sent
    pair.af.wrong.clear()  # the browser names the refusal
    press(ours, "track-open", alone="yes")
    day.paths["track"] = path(ours)

    theirs.locator("tr[data-item] a").first.click()  # it came by itself
    step(theirs, "proposed", place="Torkham (AF)", since=day.at(), until=day.at(hours=2))
    step(ours, "agreed")
    step(ours, "handed", count="1", **asked | {"alone": "yes", "asked_at": "now"})
    step(theirs, "received", count="1")
    expect(ours.locator("#track-head .state.good")).to_be_visible()
    step(ours, "closed")
    step(theirs, "closed")
    for page in (ours, theirs):
        expect(page.locator("#track-history li[data-item]")).to_have_count(7)


def step(page: Page, name: str, **typed: str) -> None:
    """Make a step of a track by its form, once it came by itself."""
    submit(page.locator(f"form:has(> [name=step][value={name}])"), **typed)
