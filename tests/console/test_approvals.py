"""What waits for a second person, on pages: read in full, held against what was sent before, and decided on."""

import re
from typing import Any

import httpx
import pytest

from amanat.exchange import held as holding
from amanat.exchange.held import HeldWhole
from amanat.exchange.means import Means, begin, look
from amanat.exchange.send import discard_held
from amanat.officer.may import Actor
from amanat.record.record import Ref
from amanat.store import drafts, listing
from amanat.store.tables import HELD
from api.cast import Desk, SignIn, draft, person
from border import Border
from console.reading import HOSTILE, Read


def waits(border: Border, text: str = "a person", **changes: Any) -> str:
    """The page of a record that waits for its second person."""
    return f"/approvals/{border.af.hold('pk', **(border.af.person(text) | changes)).record.fields.id}"


def held(af: Desk, page: str) -> bool:
    with look(af.side.means) as turn:
        return listing.held_one(turn.tx, page.rpartition("/")[2]) is not None


def form(page: httpx.Response, **said: str) -> dict[str, str]:
    hidden = Read(page.text).hidden
    return {"form": hidden["form"], "digest": hidden["digest"], **said}


def test_what_waits_longest_comes_first_with_how_long_it_waits(
    border: Border, browser: httpx.Client, sign_in: SignIn
) -> None:
    first = waits(border, "the first")
    border.clock.forward(minutes=90)
    second = waits(border, "the second")
    sign_in("approver")
    page = browser.get("/approvals")
    links = [each for each in Read(page.text).links if each.startswith("/approvals/")]
    assert links.index(first) < links.index(second)
    assert "30 mins" in Read(page.text).words


def test_only_second_persons_have_the_place_and_it_counts_what_waits(
    border: Border, browser: httpx.Client, sign_in: SignIn
) -> None:
    page = waits(border)
    first = sign_in("approver")
    assert 'href="/approvals"' in first.text
    assert 'class="badge"' in first.text
    browser.cookies.clear()
    assert "/approvals" not in Read(sign_in("duty").text).links
    for path in ("/approvals", page):
        assert browser.get(path).status_code == 403


def test_it_is_shown_as_its_recipients_will_see_it_with_the_clause_and_the_look_is_noted(
    af: Desk, border: Border, browser: httpx.Client, sign_in: SignIn
) -> None:
    page = waits(border, HOSTILE)
    sign_in("approver")
    answer = browser.get(page)
    shown = Read(answer.text)
    for said in ("<script>alert(1)</script>", "Who will receive it", "Clause 4.1.a", "TLP:AMBER", "Legal basis"):
        assert said in shown.words
    assert (len(shown.scripts), "img" in shown.tags) == (1, False)
    assert af.noted("record.person", f"af:{page.rpartition('/')[2]}")


def test_what_differs_from_the_record_that_it_takes_the_place_of_is_shown_field_by_field(
    border: Border, browser: httpx.Client, sign_in: SignIn
) -> None:
    earlier = border.af.send("pk", text="two lorries").record.fields.id
    page = waits(border, "four lorries", refs=(Ref("supersedes", "af", earlier),))
    sign_in("approver")
    answer = browser.get(page)
    assert '<del dir="auto">two lorries</del>' in answer.text
    assert '<ins dir="auto">four lorries</ins>' in answer.text
    assert "names_person" in Read(answer.text).words


def test_approving_says_what_follows_and_sends_what_was_read(
    af: Desk, border: Border, browser: httpx.Client, sign_in: SignIn
) -> None:
    page = waits(border)
    sign_in("approver")
    answer = browser.get(page)
    assert "sent to pk at once, exactly as you read it" in Read(answer.text).words
    done = browser.post(f"{page}/approval", data=form(answer))
    assert (done.url.path, "on its way" in done.text) == ("/approvals", True)
    assert not held(af, page)


@pytest.mark.parametrize("what", ["approval", "return"])
def test_another_text_than_the_one_that_was_read_is_not_decided_on(
    af: Desk, border: Border, browser: httpx.Client, sign_in: SignIn, what: str
) -> None:
    page = waits(border)
    sign_in("approver")
    late = browser.post(f"{page}/{what}", data=form(browser.get(page), digest="0" * 64, reason="a reason"))
    assert (late.status_code, "approval.digest" in late.text, held(af, page)) == (409, True, True)


@pytest.mark.parametrize("word", ["", "0" * 64])
def test_a_form_of_another_page_decides_nothing(
    af: Desk, border: Border, browser: httpx.Client, sign_in: SignIn, word: str
) -> None:
    page = waits(border)
    sign_in("approver")
    answer = browser.get(page)
    assert answer.text.count('method="post"') == answer.text.count('name="form"')
    for what in ("approval", "return", "destruction"):
        assert browser.post(f"{page}/{what}", data=form(answer, form=word, reason="a reason")).status_code == 403
    assert held(af, page)


def test_giving_back_needs_a_reason_and_makes_it_a_draft_again(
    af: Desk, border: Border, browser: httpx.Client, sign_in: SignIn
) -> None:
    page = waits(border)
    sign_in("approver")
    answer = browser.get(page)
    without = browser.post(f"{page}/return", data=form(answer, reason=" "))
    assert (without.status_code, "approval.reason" in without.text, held(af, page)) == (400, True, True)
    done = browser.post(f"{page}/return", data=form(answer, reason="say which gate"))
    assert "given back with your reason" in done.text
    with look(af.side.means) as turn:
        assert drafts.page(turn.tx, "", 1)[0].returned == "say which gate"


def test_destroying_says_what_follows_and_leaves_nothing(
    af: Desk, border: Border, browser: httpx.Client, sign_in: SignIn
) -> None:
    page = waits(border)
    sign_in("approver")
    answer = browser.get(page)
    assert "cannot be had back" in answer.text
    done = browser.post(f"{page}/destruction", data=form(answer))
    assert ("It was destroyed" in done.text, held(af, page)) == (True, False)


def test_one_that_is_destroyed_while_its_page_is_made_is_told_to_wait_no_more(
    border: Border, browser: httpx.Client, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    page, read = waits(border), holding.whole

    def late(means: Means, actor: Actor, id_: str) -> HeldWhole:
        found = read(means, actor, id_)
        with begin(means) as turn:
            discard_held(turn, id_, "discarded")
        return found

    sign_in("approver")
    monkeypatch.setattr(holding, "whole", late)
    answer = browser.get(page)
    assert (answer.status_code, "held.unknown" in answer.text) == (404, True)


def test_until_when_it_may_be_sent_is_told_as_the_records_end_and_nobodys_deadline(
    border: Border, browser: httpx.Client, sign_in: SignIn
) -> None:
    page = waits(border)
    sign_in("approver")
    assert re.search(r"expires .*, after that it cannot be sent", Read(browser.get(page).text).words)


def test_who_wrote_it_is_told_kindly_and_has_no_button(
    af: Desk, border: Border, browser: httpx.Client, sign_in: SignIn
) -> None:
    page, officer = waits(border), af.officer("approver")
    sign_in("approver")
    assert f'action="{page}/approval"' in browser.get(page).text
    with begin(af.side.means) as turn:
        turn.tx.execute(HELD.update().where(HELD.c.id == page.rpartition("/")[2]).values(officer=officer.id))
    answer = browser.get(page)
    assert "You cannot decide on this one" in answer.text
    assert f'action="{page}/approval"' not in answer.text
    word = Read(answer.text).hidden["form"]
    assert (
        browser.post(f"{page}/approval", data={"form": word, "digest": Read(answer.text).hidden["digest"]}).status_code
        == 403
    )


def test_what_expired_while_it_waited_goes_to_nobody_and_the_page_says_so(
    border: Border, browser: httpx.Client, sign_in: SignIn
) -> None:
    page = waits(border)
    border.clock.forward(days=31)
    sign_in("approver")
    late = browser.post(f"{page}/approval", data=form(browser.get(page)))
    assert (late.status_code, "held.expired" in late.text) == (409, True)


def handed_in(
    af: Desk, browser: httpx.Client, sign_in: SignIn, asked: dict[str, Any], by: str
) -> tuple[str, httpx.Response]:
    """The page from which the duty officer sent it, and that on which the second person then reads it."""
    before = waiting(af)
    made = af.ask("duty", "POST", "/drafts", json=asked).json()["head"]
    sign_in("duty")
    sending = browser.get(f"/draft/{made['id']}/sending").text
    browser.post(f"/draft/{made['id']}/{by}", data=Read(sending).hidden)
    browser.cookies.clear()
    sign_in("approver")
    (id_,) = waiting(af) - before
    return sending, browser.get(f"/approvals/{id_}")


def test_who_approves_sees_of_it_what_its_sender_saw(af: Desk, browser: httpx.Client, sign_in: SignIn) -> None:
    refs = [{"relation": "about", "party": "pk", "id": "01a20c3f-3a40-73f6-8094-6a9fff92296d"}]
    asked = draft() | person() | {"to": ["pk"], "refs": refs}
    sending, approval = handed_in(af, browser, sign_in, asked, "sending")
    for part in ("who", "what", "how"):
        assert seen(part, approval.text) == seen(part, sending), part


def test_who_sends_and_who_approves_sees_what_the_records_page_will_show(
    af: Desk, browser: httpx.Client, sign_in: SignIn
) -> None:
    """A field that stands as its kind has it anyway is not signed, and is shown on none of the pages."""
    asked = draft("a lorry") | {"to": ["pk"], "body": {"text": "a lorry", "names_person": False}}
    sending, approval = handed_in(af, browser, sign_in, asked, "submission")
    page = approval.url.path
    browser.post(f"{page}/approval", data=form(approval))
    record = browser.get(f"/record/af/{page.rpartition('/')[2]}").text
    assert said(record) == said(approval.text) == said(sending) != []


def waiting(af: Desk) -> set[str]:
    """The ids of all that waits for a second person."""
    with look(af.side.means) as turn:
        return {each.id for each in listing.held(turn.tx)}


def said(page: str) -> list[str]:
    """What a page shows of a body, in parts and in JSON."""
    return re.findall(r'<article class="part">.*?</article>|<pre dir="ltr">.*?</pre>', page, re.DOTALL)


def seen(part: str, page: str) -> str:
    """A section of a page; of the first, without what comes of sending."""
    (section,) = re.findall(rf'<section class="panel" aria-labelledby="{part}">(.*?)</section>', page, re.DOTALL)
    return re.sub(r"<p>It waits here.*?</p>", "", section).strip()
