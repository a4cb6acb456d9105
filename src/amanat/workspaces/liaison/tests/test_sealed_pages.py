"""The pages of sealed notices, through served nodes: sealed from a plan, opened, held in trust, listed; in two languages."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from datetime import timedelta

import httpx
import pytest

from amanat.officer.may import Role
from amanat.party.lexicon import Language
from amanat.record.record import Record
from amanat.workspaces.liaison.sealed import listing
from amanat.workspaces.liaison.tests.sealed_cast import HOUR, Sealing
from api.cast import Desk, desk
from border import meet
from console.reading import Read, said_done

PLAN = {
    "type": "works",
    "works": "trench",
    "purpose": "water",
    "country": "PK",
    "shape": "point",
    "places": "34.10000, 71.10000",
    "metres": "200",
    "since": "2026-12-10 10:00",
    "until": "2026-12-10 18:00",
}
PATROL = {**PLAN, "type": "patrol", "size": "section", "on": "foot", "purpose": "routine"}


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sealing]:
    with meet(tmp_path_factory.mktemp("sealed")) as met:
        yield Sealing(met)


@pytest.fixture(scope="module")
def at(three: Sealing) -> Iterator[Mapping[str, Desk]]:
    """The served nodes of all three."""
    with ExitStack() as open_:
        yield {party: open_.enter_context(desk(side)) for party, side in three.border.sides.items()}


def page(
    at: Desk, path: str, asked: Mapping[str, str] | None = None, language: Language = "en", role: Role = "duty"
) -> Read:
    at.speak(role, language)
    answer = at.http.get(f"/liaison/{path}", params=asked or {}, headers=at.session(role))
    assert answer.status_code == 200, answer.text
    return Read(answer.text)


def words(at: Desk, path: str, **asked: str) -> str:
    return " ".join(page(at, path, asked).words.split())


def press(at: Desk, deed: str, address: Mapping[str, str], **typed: str) -> httpx.Response:
    at.speak("duty", "en")
    return at.http.post(f"/liaison/{deed}", params=address, data=typed, headers=at.session("duty"))


def named(sealed: Record) -> dict[str, str]:
    return {"party": sealed.key[0], "id": sealed.key[1]}


class TestSealing:
    """From a plan to a sealed notice."""

    def test_without_a_plan_it_leads_to_one(self, at: Mapping[str, Desk]) -> None:
        shown = page(at["pk"], "seal")
        assert "First it is planned, then sealed." in shown.words
        assert "/liaison/plan" in shown.links

    def test_a_plan_leads_to_it_with_all_that_was_typed(self, at: Mapping[str, Desk]) -> None:
        shown = page(at["pk"], "plan", {**PLAN, "check": "on"})
        (link,) = [each for each in shown.links if each.startswith("/liaison/seal?")]
        sealing = at["pk"].http.get(link, headers=at["pk"].session("duty"))
        assert 'name="works" value="trench"' in sealing.text

    def test_what_is_planned_wrongly_is_told_there(self, at: Mapping[str, Desk]) -> None:
        assert "is empty" in words(at["pk"], "seal", **{**PLAN, "works": ""})

    def test_it_is_sealed_and_leads_to_its_page(self, at: Mapping[str, Desk]) -> None:
        done = press(at["pk"], "seal-notice", PLAN, **PLAN, opens="2026-12-09 10:00", escrow="1")
        assert done.status_code == 303, done.text
        assert said_done(done.headers["location"]) == "sent"
        shown = at["pk"].http.get(done.headers["location"], headers=at["pk"].session("duty")).text
        said = " ".join(Read(shown).words.split())
        assert "Only this node has it, until it opens." in said
        assert "1 observer can open it" in said
        assert "has not said yet that it holds it" in said

    def test_what_is_refused_is_told_and_what_was_typed_stands_there_still(self, at: Mapping[str, Desk]) -> None:
        refused = press(at["pk"], "seal-notice", PLAN, **PLAN, opens="2020-01-01 10:00", escrow="1")
        assert refused.status_code == 400
        assert "liaison.opens" in refused.text
        assert 'value="2020-01-01 10:00"' in refused.text
        assert '<option value="1" selected>' in refused.text
        assert 'name="works" value="trench"' in refused.text

    def test_no_time_and_no_number_are_told(self, at: Mapping[str, Desk]) -> None:
        assert "liaison.opens-empty" in press(at["pk"], "seal-notice", PLAN, **PLAN, opens=" ").text
        several = press(at["pk"], "seal-notice", PLAN, **PLAN, opens="2026-12-09 10:00", escrow="many")
        assert "liaison.whole" in several.text

    def test_of_persons_what_is_sealed_is_coarse_and_says_so_before(self, at: Mapping[str, Desk]) -> None:
        shown = page(at["pk"], "seal", PATROL)
        assert "no better than 10 km" in shown.words
        assert shown.hidden["coarse"] == "on"
        done = press(at["pk"], "seal-notice", PATROL, **PATROL, coarse="on", opens="2026-12-09 10:00")
        assert done.status_code == 303, done.text

    def test_who_may_send_nothing_seals_nothing(self, at: Mapping[str, Desk]) -> None:
        answer = at["pk"].http.get("/liaison/seal", headers=at["pk"].session("analyst"))
        assert answer.status_code == 403

    def test_an_observer_is_told_that_it_seals_nothing(self, at: Mapping[str, Desk]) -> None:
        assert "Under no compact" in words(at["obs"], "seal")


class TestOne:
    """A sealed notice as each is shown it."""

    def test_the_other_side_sees_that_there_is_one_and_not_what(self, three: Sealing, at: Mapping[str, Desk]) -> None:
        sealed = three.seal()
        three.carry()
        said = words(at["af"], "sealed", **named(sealed))
        assert "Its sender alone knows, until it opens." in said
        assert "trench" not in said
        assert "trench" in words(at["pk"], "sealed", **named(sealed))

    def test_opened_it_says_both_when_it_was_told_and_when_it_was_opened(
        self, three: Sealing, at: Mapping[str, Desk]
    ) -> None:
        sealed = three.seal()
        done = press(at["pk"], "open-sealed", named(sealed), **named(sealed), sure="on")
        assert said_done(done.headers["location"]) == "sent"
        three.carry()
        for party in ("pk", "af", "obs"):
            said = words(at[party], "sealed", **named(sealed))
            assert "Opened in time" in said
            assert "told, sealed, by" in said
            assert "fits the digest" in said
            assert "trench" in said
            assert "sealing it was telling it" in said

    def test_a_deed_without_its_second_step_is_refused_on_the_page(
        self, three: Sealing, at: Mapping[str, Desk]
    ) -> None:
        sealed = three.seal()
        refused = press(at["pk"], "open-sealed", named(sealed), **named(sealed))
        assert "liaison.sure" in refused.text
        assert '<details class="second-step" open>' in refused.text

    def test_an_observer_opens_what_it_holds_in_trust(self, three: Sealing, at: Mapping[str, Desk]) -> None:
        sealed = three.seal(escrow=1, after=HOUR)
        three.carry()
        three.tend("obs")
        said = words(at["obs"], "sealed", **named(sealed))
        assert "It is held in trust here" in said
        assert "Open what is held in trust" not in said
        early = press(at["obs"], "open-from-trust", named(sealed), **named(sealed), sure="on")
        assert "liaison.trust" in early.text
        three.pass_time(HOUR + timedelta(minutes=16))
        assert "Open what is held in trust" in words(at["obs"], "sealed", **named(sealed))
        assert (
            "held in trust here was not opened"
            in Read(at["obs"].http.get("/", headers=at["obs"].session("duty")).text).words
        )
        done = press(at["obs"], "open-from-trust", named(sealed), **named(sealed), sure="on")
        assert done.status_code == 303, done.text
        three.carry()
        said = words(at["af"], "sealed", **named(sealed))
        assert "Opened by those who held it in trust" in said
        assert "holds it, and it fits" in said

    def test_it_is_read_and_called_off_by_forms(self, three: Sealing, at: Mapping[str, Desk]) -> None:
        sealed = three.seal(after=200 * HOUR)
        three.carry()
        assert said_done(press(at["af"], "read-sealed", named(sealed), **named(sealed)).headers["location"]) == "opened"
        assert "Sign that it was read" not in words(at["af"], "sealed", **named(sealed))
        unsure = press(at["pk"], "call-off-sealed", named(sealed), **named(sealed), reason="outdated")
        assert "liaison.notice-sure" in unsure.text
        off = press(at["pk"], "call-off-sealed", named(sealed), **named(sealed), reason="outdated", sure="on")
        assert off.status_code == 303, off.text
        three.carry()
        for party in ("pk", "af"):
            assert "Its sender called it off" in words(at[party], "sealed", **named(sealed))

    def test_what_is_not_here_is_said(self, at: Mapping[str, Desk]) -> None:
        said = words(at["af"], "sealed", party="pk", id="01936e1a-7a00-7000-8000-0000000000ff")
        assert "That sealed notice is not here." in said

    @pytest.mark.parametrize("language", ["en", "ur"])
    def test_every_page_is_shown_in_each_direction(
        self, three: Sealing, at: Mapping[str, Desk], language: Language
    ) -> None:
        sealed = three.seal()
        three.carry()
        for path, asked in (("sealed", named(sealed)), ("sealed-notices", {}), ("seal", PLAN)):
            assert page(at["pk"], path, asked, language).words

    def test_an_officer_who_reads_only_is_shown_no_deed(self, three: Sealing, at: Mapping[str, Desk]) -> None:
        sealed = three.seal()
        shown = page(at["pk"], "sealed", named(sealed), role="observer")
        assert "Open it now" not in shown.words
        assert "Call it off" not in shown.words


class TestList:
    """The list, narrowed down."""

    def test_it_says_whose_each_is_and_how_it_stands(self, three: Sealing, at: Mapping[str, Desk]) -> None:
        ours, theirs = three.seal("pk", after=300 * HOUR), three.seal("af", after=300 * HOUR)
        three.do("pk", "open-sealed", ours, sure="on")
        three.carry()
        for narrowed, there, absent in (
            ({"whose": "ours"}, ours, theirs),
            ({"whose": "theirs"}, theirs, ours),
            ({"stands": "opened"}, ours, theirs),
            ({"stands": "sealed"}, theirs, ours),
        ):
            links = page(at["pk"], "sealed-notices", narrowed).links
            assert any(there.key[1] in each for each in links), narrowed
            assert not any(absent.key[1] in each for each in links), narrowed

    def test_what_was_due_and_not_opened_is_found(self, three: Sealing, at: Mapping[str, Desk]) -> None:
        sealed = three.seal("af", after=HOUR)
        three.carry()
        three.pass_time(2 * HOUR)
        assert any(sealed.key[1] in each for each in page(at["pk"], "sealed-notices", {"stands": "unopened"}).links)

    def test_days_and_cursors_that_there_are_not_are_told(self, at: Mapping[str, Desk]) -> None:
        nothing = words(at["pk"], "sealed-notices", since="2020-01-01", until="2020-01-02")
        assert "No sealed notice is like that." in nothing

    def test_a_long_list_has_pages(
        self, three: Sealing, at: Mapping[str, Desk], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(listing, "SHOWN", 1)
        three.seal()
        three.seal()
        first = page(at["pk"], "sealed-notices")
        assert "next" in first.rels
        following = at["pk"].http.get(first.rels["next"], headers=at["pk"].session("duty"))
        assert following.status_code == 200
        assert "start" in Read(following.text).rels
