"""Pages of incidents through served nodes: what each shows, what a form keeps, and where a deed leads."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from typing import Any

import httpx
import pytest

from amanat.officer.may import Role
from amanat.party.lexicon import Language
from amanat.record.record import Record
from amanat.workspaces.liaison.incidents import views
from amanat.workspaces.liaison.incidents.kinds import Noticed
from amanat.workspaces.liaison.kinds import Named
from amanat.workspaces.liaison.tests.incidents_cast import FIRED, HURT, PLACE, Event, event, on
from api.cast import Desk, desk
from console.reading import Read


@pytest.fixture(scope="module")
def shots(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Event]:
    with event(tmp_path_factory.mktemp("pages")) as made:
        yield made


@pytest.fixture(scope="module")
def at(shots: Event) -> Iterator[dict[str, Desk]]:
    """The served nodes of all three."""
    with ExitStack() as open_:
        yield {party: open_.enter_context(desk(shots.border.sides[party])) for party in ("pk", "af", "obs")}


@pytest.fixture(scope="module")
def opened(shots: Event) -> Record:
    """Shots of which both gave an account, with a text that waits and an observer's note."""
    made = shots.open()
    kept = {"digest0": "ab" * 32, "thing0": "photo", "taken0": "08:00", "within0": "5"}
    shots.account("pk", made, FIRED, HURT, **kept, held0="torkham/duty; 09:00", watcher_radar="on")
    shots.carry()
    shots.account(
        "af",
        made,
        {**FIRED, "who": "ours", "did": "returned-fire"},
        {**HURT, "who": "theirs"},
        {"sort": "damage", "who": "ours", "damaged": "school", "damages": "1"},
    )
    said = shots.seen("pk", made).findings
    theirs = next(each for each in said if each.party == "pk")
    shots.step(
        "af",
        made,
        "answer",
        of="pk",
        statement=theirs.digest,
        stance="disputes",
        sort0="happened",
        did0="warned",
        who0="ours",
    )
    shots.step("obs", made, "note", of="pk", statement=theirs.digest, stance="heard")
    shots.step("obs", made, "observe", of="", statement="", stance="", sort0="happened", did0="fired", who0="unknown")
    shots.step("pk", made, "consent", mediators="elders-of-both", consents="yes")
    shots.do("pk", "statement-propose", **on(made), use3="on", slot12="06:35", use0="on", slot0=PLACE, slot1="06:30")
    shots.done("pk", made, "cease")
    shots.carry()
    return made


def page(at: Desk, path: str, asked: Mapping[str, str], language: Language = "en", role: Role = "duty") -> str:
    at.speak(role, language)
    answer = at.http.get(f"/liaison/{path}", params=dict(asked), headers=at.session(role))
    assert answer.status_code == 200, answer.text
    return answer.text


def words(text: str) -> str:
    return " ".join(Read(text).words.split())


def press(at: Desk, deed: str, address: dict[str, str], **typed: str) -> httpx.Response:
    at.speak("duty", "en")
    given: dict[str, Any] = {"params": address, "data": {**address, **typed}, "headers": at.session("duty")}
    return at.http.post(f"/liaison/{deed}", **given)


@pytest.mark.parametrize("party", ["pk", "af", "obs"])
@pytest.mark.parametrize("language", ["en", "ur", "ps", "fa-AF"])
def test_every_page_is_shown_to_all_three_in_every_language(
    at: dict[str, Desk], opened: Record, party: str, language: Language
) -> None:
    for path in ("incident", "account", "statement"):
        assert Read(page(at[party], path, on(opened), language)).words
    assert Read(page(at[party], "incidents", {}, language)).words


def test_the_page_of_an_incident_says_who_does_what_by_when_and_what_is_agreed(
    at: dict[str, Desk], opened: Record
) -> None:
    told = words(page(at["af"], "incident", on(opened)))
    for said in (
        "10.1 cease fire",
        "Nobody owes it.",
        "consents to elders of both sides",
        "fired.",
        "20 times",
        "Civilians of",
        "wounded: 2 at the least 1 at the most 4",
        "Of af was damaged: school.",
        "The other side says the same by itself.",
        "notes: heard as it says",
        "somebody unknown fired.",
        "a text waits for the signature of this side",
        "nobody is said to have held it",
        "May have been seen by: a radar",
        "not signed",
    ):
        assert said in told, said


def test_all_three_are_shown_the_same_verdicts(at: dict[str, Desk], opened: Record) -> None:
    """What one may press, whose side comes first and whose clock it is may differ: what is agreed may not."""
    found = set()
    for each in at.values():
        joint = page(each, "incident", on(opened)).partition('id="findings"')[2].partition('id="observers"')[0]
        found.add(tuple(joint.count(f"#{icon}") for icon in ("handshake", "circle-x", "circle-dashed", "eye")))
    assert len(found) == 1
    assert all(found.pop())


def test_an_observer_reads_it_and_may_note_and_nothing_else(at: dict[str, Desk], opened: Record) -> None:
    text = page(at["obs"], "incident", on(opened))
    assert "/liaison/incident-note" in text
    assert "/liaison/incident-observe" in text
    for deed in ("incident-done", "incident-close", "incident-answer", "incident-consent", "incident-notice"):
        assert f"/liaison/{deed}" not in text
    assert "statement-propose" not in page(at["obs"], "statement", on(opened))
    assert "account-send" not in page(at["obs"], "account", on(opened))


def test_the_list_is_narrowed_down_and_says_what_is_not_there(at: dict[str, Desk], opened: Record) -> None:
    assert opened.key[1] in page(at["pk"], "incidents", {"state": "open", "type": "shots", "sector": "kurram"})
    for asked in ({"state": "closed"}, {"type": "drone"}, {"sector": "khyber"}, {"since": "2027-01-01"}, {"page": "9"}):
        assert "No incident is like that." in words(page(at["pk"], "incidents", asked))


def test_an_incident_is_told_of_by_a_form_that_keeps_what_was_typed(at: dict[str, Desk]) -> None:
    typed = {"type": "drone", "place": "nowhere at all", "time": "06:00", "minutes": "3", "sector": "khyber"}
    refused = press(at["pk"], "incident-open", {}, **typed)
    assert refused.status_code == 400
    for kept in (
        'value="nowhere at all"',
        'value="06:00"',
        '<option value="drone" selected>',
        '<option value="khyber" selected>',
        "liaison.place",
    ):
        assert kept in refused.text, kept
    done = press(at["pk"], "incident-open", {}, **{**typed, "place": PLACE})
    assert done.status_code == 303
    assert done.headers["location"].startswith("/liaison/incident?party=pk&id=")


def test_an_account_begins_from_ours_and_keeps_what_was_typed(at: dict[str, Desk], opened: Record) -> None:
    begun = page(at["pk"], "account", on(opened))
    for kept in (
        '<option value="fired" selected>',
        'value="1/2/4"',
        'value="20"',
        "ab" * 32,
        "Yes, give it as account number 2",
    ):
        assert kept in begun, kept
    refused = press(
        at["pk"],
        "account-send",
        on(opened),
        sort0="harmed",
        who0="ours",
        killed0="5/1/9",
        sort1="happened",
        did1="ceased",
        who1="ours",
        time1="07:00",
    )
    assert refused.status_code == 400
    for kept in (
        'value="5/1/9"',
        'value="07:00"',
        '<option value="ceased" selected>',
        "In statement 1: ",
        "liaison.estimate-order",
    ):
        assert kept in refused.text, kept


def test_empty_statements_of_the_form_are_none_though_their_lists_begin_with_a_choice(
    at: dict[str, Desk], opened: Record, shots: Event
) -> None:
    """As a browser sends it: every select of every statement, and the first alone filled in."""
    empty = {f"{name}{number}": "" for number in range(1, 5) for name in ("sort", "did", "arms", "civilians")}
    chosen = {f"who{number}": "ours" for number in range(1, 5)}
    sent = press(at["af"], "account-send", on(opened), sort0="happened", did0="ceased", who0="ours", **empty, **chosen)
    assert sent.status_code == 303, sent.text
    stands = shots.seen("af", opened).findings
    assert len([each for each in stands if each.party == "af"]) == 1


def test_statements_shown_grow_by_an_address_and_never_beyond_what_an_account_holds(
    at: dict[str, Desk], opened: Record
) -> None:
    assert page(at["pk"], "account", on(opened)).count('id="statement-') == 5
    assert page(at["pk"], "account", {**on(opened), "blank": "40"}).count('id="statement-') == 40


def test_an_answer_leads_on_to_its_statement_and_one_refused_keeps_how_it_was(
    at: dict[str, Desk], shots: Event, opened: Record
) -> None:
    theirs = next(each for each in shots.seen("pk", opened).findings if each.party == "af" and each.answer is None)
    typed = {
        "of": "af",
        "statement": theirs.digest,
        "stance": "disputes",
        "sort0": "happened",
        "did0": "fired",
        "who0": "ours",
        "place0": "nowhere at all",
    }
    refused = press(at["pk"], "incident-answer", on(opened), **typed)
    assert refused.status_code == 400
    assert 'value="nowhere at all"' in refused.text
    assert "liaison.place" in refused.text
    done = press(at["pk"], "incident-answer", on(opened), **{**typed, "stance": "agrees"})
    assert done.status_code == 303
    assert f"#s-{theirs.digest[:16]}" in done.headers["location"]


def test_a_step_that_cannot_have_been_is_refused_with_the_time_that_was_typed(
    at: dict[str, Desk], opened: Record
) -> None:
    refused = press(at["af"], "incident-done", on(opened), step="cease", time="2026-01-01 10:00")
    assert refused.status_code == 400
    its = refused.text.partition('id="step-cease"')[2].partition("</tr>")[0]
    assert 'value="2026-01-01 10:00"' in its
    assert "liaison.step-before" in its
    assert refused.text.count("liaison.step-before") == 1
    assert press(at["af"], "incident-done", on(opened), step="cease", time="now").status_code == 303
    again = press(at["af"], "incident-done", on(opened), step="cease", time="now")
    assert "liaison.step-done" in again.text  # there is no form of it any more


def test_a_text_is_proposed_by_a_form_that_keeps_what_was_typed_and_signed_in_four_languages(
    at: dict[str, Desk], shots: Event, opened: Record
) -> None:
    refused = press(
        at["pk"], "statement-propose", on(opened), use3="on", slot12="no time", use0="on", slot0=PLACE, slot1="06:30"
    )
    assert refused.status_code == 400
    for kept in ('name="use3" value="on" checked', 'value="no time"', f'value="{PLACE}"', "liaison.time"):
        assert kept in refused.text, kept
    (text,) = shots.seen("af", opened).versions
    name = f"{text.told.key.party}:{text.told.key.id}"
    signed = press(at["af"], "statement-sign", on(opened), text=name, digest=text.digest)
    assert signed.status_code == 303
    shots.carry()
    for party in ("pk", "af", "obs"):
        shown = page(at[party], "statement", on(opened))
        for language in ("en", "ur", "ps", "fa-AF"):
            assert f'<section lang="{language}"' in shown
        assert "Signed by both sides" in shown
        assert "دونوں جانب نے بوقت" in shown
        urdu = shown.partition('<section lang="ur"')[2].partition("</section>")[0]
        assert "آج" in urdu  # its times too, and not in the language of who reads the page
        assert "today" not in urdu


def test_what_waits_stands_on_now_and_leads_to_the_incident(at: dict[str, Desk], opened: Record) -> None:
    at["af"].speak("duty", "en")
    now = at["af"].http.get("/", headers=at["af"].session("duty")).text
    assert f"/liaison/incident?party={opened.key[0]}&amp;id={opened.key[1]}" in now


def test_an_incident_that_is_not_here_is_said_to_be_not_here(at: dict[str, Desk]) -> None:
    asked = {"party": "pk", "id": "01936e1a-7a00-7000-8000-000000000099"}
    for path in ("incident", "account", "statement"):
        assert "That incident is not here." in words(page(at["pk"], path, asked))


def test_each_step_asks_once_more_before_it_is_signed(at: dict[str, Desk], opened: Record) -> None:
    """Its time stands typed in: one press would sign it, the step that is due next too."""
    ladder = page(at["af"], "incident", on(opened)).partition('id="ladder"')[2].partition('id="closing"')[0]
    unasked, *asked = ladder.split('<details class="second-step"')
    assert len(asked) > 1
    assert "/liaison/incident-done" not in unasked
    for each in asked:
        inside, _, after = each.partition("</details>")
        assert "Yes, sign that it is done" in inside
        assert "/liaison/incident-done" not in after


def test_one_thing_stands_out_on_an_open_incident(at: dict[str, Desk], shots: Event) -> None:
    made = shots.open()
    shots.carry()
    stands_out = []
    for deed in ("notice", ""):
        text = page(at["af"], "incident", on(made))
        said = text.partition('id="incident-head"')[2].partition('id="findings"')[0]
        outside = "".join(each.rpartition("</summary>")[0] or each for each in said.split("</details>"))
        stands_out.append(outside.count("main-act"))
        if deed:
            shots.step("af", made, deed)
    assert stands_out == [1, 1]


def test_a_closed_incident_offers_no_answers_and_takes_none_until_it_is_opened_again(
    at: dict[str, Desk], shots: Event
) -> None:
    made = shots.open()
    shots.account("pk", made, FIRED)
    shots.carry()
    (fired,) = shots.seen("af", made).findings
    typed = {"of": "pk", "statement": fired.digest, "stance": "agrees"}
    assert "/liaison/incident-answer" in page(at["af"], "incident", on(made))
    for party in ("pk", "af"):
        shots.step(party, made, "close")
        shots.carry()
    assert "/liaison/incident-answer" not in page(at["af"], "incident", on(made))
    refused = press(at["af"], "incident-answer", on(made), **typed)
    assert (refused.status_code, "liaison.answer-closed" in refused.text) == (400, True)
    shots.step("af", made, "reopen")
    assert press(at["af"], "incident-answer", on(made), **typed).status_code == 303


def test_the_page_says_how_much_of_a_side_it_does_not_read(at: dict[str, Desk], shots: Event) -> None:
    made = shots.open()
    shots.carry()
    noticed = Noticed(incident=Named(*made.key))
    for _ in range(views.MOST_READ[views.STEP]):
        shots.tell("af", made, "liaison.incident-step", noticed)
    unread = "of af stands among the records alone."
    assert unread not in words(page(at["af"], "incident", on(made)))
    shots.tell("af", made, "liaison.incident-step", noticed)
    shots.carry()
    for each in at.values():
        assert f"1 more message {unread}" in words(page(each, "incident", on(made)))
