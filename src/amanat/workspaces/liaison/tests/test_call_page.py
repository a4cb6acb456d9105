"""The page of a call, asked for over HTTP at both sides while what they say is carried between them."""

import re
from datetime import timedelta
from pathlib import Path

import pytest

from amanat.demo.lexica import lexicon
from amanat.party import canonical, dsse, labels
from amanat.party.errors import Invalid
from amanat.record.record import Record
from amanat.workspaces.liaison.kinds import Escalated, Named, Phrase, Said, Spot, Value
from amanat.workspaces.liaison.tests.lines import PLACE, Hotline, hotline, named, of
from amanat.workspaces.liaison.tests.lines import call_page as page
from amanat.workspaces.liaison.tests.lines import call_words as words
from amanat.workspaces.liaison.tests.lines import page as get
from amanat.workspaces.liaison.tests.lines import press as post
from api.cast import Desk, desk
from console.reading import Read

# --- how far it came --------------------------------------------------------------------------------------------------


def test_each_step_stands_there_once_somebody_signed_it(line: Hotline, at: dict[str, Desk]) -> None:
    rung = line.ring()
    begun = words(at["pk"], rung)
    assert "Not delivered yet Not opened yet Not answered yet" in begun
    assert "If nobody opens it, rank 1 is rung at 24 November 2026 06:45:00" in begun
    line.carry()
    assert "Delivered by the receipt of af Not opened yet" in words(at["pk"], rung)
    line.do("af", "open", **of(rung))
    line.carry()
    assert "signed by af torkham/duty Not answered yet" in words(at["pk"], rung)
    assert "rank 1 is rung" not in words(at["pk"], rung)
    line.say("af", rung, "talk.received")
    line.carry()
    for party in ("pk", "af"):
        assert "Not answered yet" not in words(at[party], rung)


def test_a_rank_that_was_rung_stands_there_with_whose_node_said_so(line: Hotline, at: dict[str, Desk]) -> None:
    rung = line.ring(urgency="flash")
    line.carry()
    line.border.clock.forward(seconds=70)
    line.tend("af")  # hears of nothing for ten seconds, and rings by its own clock
    assert "by its own clock, for it heard of nothing" in words(at["af"], rung)
    line.border.clock.forward(seconds=5)
    line.carry()
    both = words(at["pk"], rung)
    assert "rank 1 was rung at 24 November 2026 06:31:10 UTC. af torkham/commander · pk torkham/commander" in both


def test_opening_is_a_press_that_the_other_side_sees(line: Hotline, at: dict[str, Desk]) -> None:
    rung = line.ring()
    line.carry()
    assert "Open the call" in words(at["af"], rung)
    assert "Not opened yet" in words(at["af"], rung)  # to look at it is not to open it
    assert post(at["af"], "open", rung).status_code == 303
    line.carry()
    assert "Opened" in words(at["pk"], rung)
    assert "Open the call" not in words(at["af"], rung)


@pytest.mark.promised(
    "a backdated opening", "docs/threat-model.md", "A hotline as a weapon", "the call's page says both"
)
def test_an_opening_that_came_after_a_climb_it_makes_void_says_so_to_who_rang(
    line: Hotline, at: dict[str, Desk]
) -> None:
    rung = line.ring(urgency="flash")
    line.carry()
    line.border.clock.forward(seconds=30)
    line.do("af", "open", **of(rung))  # dated now, whenever it was signed
    line.border.clock.forward(seconds=30)
    line.tend("pk")
    assert "rank 1 was rung" in words(at["pk"], rung)
    line.border.clock.forward(minutes=4)
    line.carry()
    ours, theirs = words(at["pk"], rung), words(at["af"], rung)
    dated, rang = (f"{rung.fields.at + timedelta(seconds=each):%H:%M:%S}" for each in (30, 60))
    assert f"Opened dated {line.border.clock.at:%-d %B %Y} {dated}" in ours
    assert "came after rank 1 was rung at" in ours
    assert rang in ours.partition("came after rank 1")[2][:60]
    assert "Nobody opened it: rank 1" not in ours  # void, and said to have been
    assert "dated" not in theirs


@pytest.mark.promised(
    "a backdated opening", "docs/threat-model.md", "A hotline as a weapon", "the call's page says both"
)
def test_an_opening_that_witnesses_saw_come_late_says_so_though_no_rank_was_rung(
    line: Hotline, at: dict[str, Desk]
) -> None:
    rung = line.ring(urgency="routine")
    line.carry()
    line.do("af", "open", **of(rung))
    prompt = line.ring(urgency="routine")
    line.carry()
    assert "dated" not in words(at["pk"], rung)
    line.do("af", "open", **of(prompt))
    line.border.clock.forward(minutes=6)
    line.ring(urgency="routine")
    line.border.settle()
    late = words(at["pk"], prompt)
    assert "came later than" not in late  # no witness saw the log without it so late
    line.border.clock.forward(minutes=1)
    third = line.ring(urgency="routine")
    line.carry()
    line.do("af", "open", **of(third))
    line.border.clock.forward(minutes=6)
    for witness in ("af", "obs"):  # which learn of pk's log, while af's word is held back
        line.border.carry("pk", witness)
    line.border.carry("obs", "pk")
    line.border.settle()
    late = words(at["pk"], third)
    assert "came later than" in late
    assert "was here by" in late


def test_an_opening_that_was_here_before_a_word_that_the_call_climbed_came_in_time(
    line: Hotline, at: dict[str, Desk]
) -> None:
    rung = line.ring(urgency="flash")
    line.carry()
    line.border.clock.forward(seconds=30)
    line.do("af", "open", **of(rung))
    line.carry()
    due = rung.fields.at + timedelta(seconds=60)
    line.border.clock.at = due + timedelta(seconds=20)
    line.tell("af", Escalated(call=Named(*rung.key), rank=1, due=due))
    line.carry()
    assert "came after rank" not in words(at["pk"], rung)


def test_who_stands_at_no_post_of_the_hotline_reads_and_does_nothing(at: dict[str, Desk], call: Record) -> None:
    shown = page(at["af"], call, role="approver")  # at torkham/chief
    assert "Who says something in it stands at one" in shown
    assert "/liaison/say" not in shown
    assert "/liaison/open" not in shown


def test_a_call_that_is_not_here_is_told_so(at: dict[str, Desk]) -> None:
    answer = at["af"].http.get("/liaison/call?party=pk&id=none", headers=at["af"].session("duty"))
    assert (answer.status_code, "That call is not here." in answer.text) == (200, True)


def test_a_place_that_the_gazetteer_has_elsewhere_and_a_doubled_number_are_marked(
    line: Hotline, at: dict[str, Desk], call: Record
) -> None:
    key = Named(*call.key)
    true, false = Spot(34.137, 71.082, 1000, "AF", "place.torkham-af"), Spot(31.0, 66.4, 1000, "PK", "place.torkham-af")
    for spot in (true, false):
        slots: dict[str, Value] = {"arms": "mortar", "place": spot, "time": "2026-11-24T06:00:00Z"}
        line.utter("pk", call, Phrase(call=key, n=1, said=Said("fire.fell-at", slots)))
        line.border.clock.forward(seconds=1)
    line.carry()
    _, first, second = words(at["af"], call).split("under a number that another message of pk has too")
    assert "administered by af, as its sender says" in first
    assert "the gazetteer here has" not in first
    assert "administered by pk, as its sender says" in second
    assert "the gazetteer here has Torkham in af" in second
    assert "the gazetteer here has Torkham 560 km from these degrees" in second


# --- what was said ----------------------------------------------------------------------------------------------------


def test_a_phrase_is_read_in_ones_own_language_with_the_english_beside(
    line: Hotline, at: dict[str, Desk], call: Record
) -> None:
    line.say("pk", call, "fire.hold", "15:30")
    line.carry()
    shown = words(at["af"], call, language="ur")
    assert "براہ کرم آج 15:30 تک فائر روکے رکھیں" in shown
    assert "Please hold your fire until today 15:30" in shown
    assert "روکے" not in words(at["af"], call)


def test_a_time_stands_on_the_clocks_of_both_sides_and_in_utc_wherever_it_is_shown(tmp_path: Path) -> None:
    with hotline(tmp_path) as made, desk(made.side("af")) as at:
        means = made.side("af").means
        signed = dsse.sign(labels.LEXICON, canonical.encode(lexicon("af", means.now())), [means.keys.record])
        assert not made.side("af").take("lexicon", dsse.to_bytes(signed)).problems
        rung = made.ring()
        said = made.say("pk", rung, "fire.cease", PLACE, "21:30")
        made.carry()
        made.read_back("af", rung, said, PLACE, "2026-11-25 02:00")
        day = f"/liaison/days?hotline=kurram&day={made.border.clock.at:%Y-%m-%d}"
        for path in (f"/liaison/call?party={rung.key[0]}&id={rung.key[1]}", day, f"/record/pk/{said.key[1]}"):
            shown = " ".join(Read(get(at, path)).words.split())
            assert "tomorrow 02:00 pk 02:30 21:30Z -1 day" in shown, path


def test_what_one_says_is_at_one_side_with_how_it_stands(line: Hotline, at: dict[str, Desk], call: Record) -> None:
    said = line.say("pk", call, "fire.still", PLACE)
    line.carry()
    assert re.search(f'id="m-{said.key[1]}" class="ours"', page(at["pk"], call))
    assert re.search(f'id="m-{said.key[1]}" class="theirs"', page(at["af"], call))
    assert "not opened yet" in words(at["af"], call)
    line.do("af", "open", **of(call))
    line.carry()
    assert "opened by torkham/duty" in words(at["pk"], call)


def test_what_was_withdrawn_is_struck(line: Hotline, at: dict[str, Desk], call: Record) -> None:
    said = line.say("pk", call, "fire.still", PLACE)
    line.say("pk", call, "talk.withdraw", answers=said)
    line.carry()
    for party in ("pk", "af"):
        assert "<del>Fire still comes at" in page(at[party], call)
        assert "withdrawn by who said it" in words(at[party], call)


def test_nobody_withdraws_what_the_other_side_said(line: Hotline, at: dict[str, Desk], call: Record) -> None:
    said = line.say("pk", call, "fire.still", PLACE)
    line.carry()
    with pytest.raises(Invalid, match="said nothing in the call yet"):
        line.say("af", call, "talk.withdraw", answers=said)
    own = line.say("af", call, "fire.still", PLACE)
    line.say("af", call, "talk.withdraw", answers=said)
    shown = page(at["af"], call)
    assert shown.count("<del>") == 1
    assert "<del>" in shown.partition(f'id="m-{own.key[1]}"')[2].partition("</li>")[0]


def test_what_is_not_here_yet_is_counted(line: Hotline, at: dict[str, Desk], call: Record) -> None:
    line.say("pk", call, "talk.received")
    line.say("pk", call, "talk.thanks")
    line.say("pk", call, "fire.still", PLACE)
    *_, last = line.border.items("pk", "af", "envelope")
    assert not line.side("af").take("envelope", last, sender="pk").problems
    assert "2 messages of pk are not here yet." in words(at["af"], call)
    line.carry()
    assert "not here yet" not in words(at["af"], call)


# --- reading back -----------------------------------------------------------------------------------------------------


def test_what_is_read_back_is_nowhere_on_the_page_meanwhile(line: Hotline, at: dict[str, Desk], call: Record) -> None:
    said = line.say("pk", call, "fire.cease", "33.91234, 70.1", "14:37")
    line.carry()
    line.read_back("af", call, said, "33.91235, 70.1", "14:37")  # what was typed before would give it away
    assert "33.91234" in page(at["af"], call)
    hidden = page(at["af"], call, back=named(said))
    assert [each for each in ("33.9123", "14:37", "T14:37", "Cease fire at") if each in hidden] == []
    assert 'name="slot0" value=""' in hidden
    assert 'name="slot1" value=""' in hidden


def test_a_read_back_that_differs_alarms_both_sides_and_names_the_slots(
    line: Hotline, at: dict[str, Desk], call: Record
) -> None:
    said = line.say("pk", call, "fire.cease", PLACE, "14:30")
    line.carry()
    assert "not read back yet" in words(at["pk"], call)
    typed = {"phrase": "fire.cease", "answers": named(said), "slot0": PLACE, "slot1": "14:35"}
    assert post(at["af"], "read-back", call, {"back": named(said)}, **typed).status_code == 303
    line.carry()
    assert "af read it back otherwise than it was said: time" in words(at["pk"], call)
    assert "It was read back from here otherwise than it was said: time" in words(at["af"], call)
    assert post(at["af"], "read-back", call, {"back": named(said)}, **{**typed, "slot1": "14:30"}).status_code == 303
    line.carry()
    for party in ("pk", "af"):
        shown = words(at[party], call)
        assert ("otherwise" in shown, "read back as it was said" in shown) == (False, True)


def test_who_said_it_is_not_asked_to_read_it_back(line: Hotline, at: dict[str, Desk], call: Record) -> None:
    said = line.say("pk", call, "fire.cease", PLACE, "14:30")
    assert "back=" not in page(at["pk"], call)
    assert "Cease fire at" in words(at["pk"], call, back=named(said))
    answer = post(at["pk"], "read-back", call, phrase="fire.cease", answers=named(said), slot0=PLACE, slot1="14:30")
    assert "liaison.read-back" in answer.text


def test_a_read_back_that_cannot_be_read_keeps_what_was_typed_and_what_is_hidden(
    line: Hotline, at: dict[str, Desk], call: Record
) -> None:
    said = line.say("pk", call, "fire.cease", "33.91234, 70.1", "14:37")
    line.carry()
    typed = {"phrase": "fire.cease", "answers": named(said), "slot0": "the ridge at", "slot1": "15:00"}
    answer = post(at["af"], "read-back", call, {"back": named(said)}, **typed)
    assert answer.status_code == 400
    assert 'role="alert"' in answer.text
    assert 'value="the ridge at"' in answer.text
    assert "33.91234" not in answer.text


# --- saying something -------------------------------------------------------------------------------------------------


def test_usual_answers_are_one_press_or_lead_to_what_is_to_be_filled_in(
    line: Hotline, at: dict[str, Desk], call: Record
) -> None:
    said = line.say("pk", call, "fire.cease", PLACE, "14:30")
    line.carry()
    shown = page(at["af"], call)
    assert 'name="phrase" value="talk.wilco"' in shown
    assert f"phrase=fire.ceased&amp;answers={named(said)}" in shown
    answer = post(at["af"], "say", call, phrase="talk.wilco", answers=named(said))
    assert answer.status_code == 303
    assert answer.headers["location"].startswith(f"/liaison/call?party={call.key[0]}&id={call.key[1]}")
    assert "Understood, we will do so." in words(at["af"], call)


def test_a_chosen_phrase_has_its_fields_within_the_sentence(at: dict[str, Desk], call: Record) -> None:
    shown = page(at["af"], call, phrase="fire.cease")
    form = shown.partition('class="sentence"')[2].partition("</form>")[0]
    order = [each for each in re.findall(r'>Cease fire at |name="(?:slot0|country0|slot1)"|> at <', form) if each]
    assert order == [">Cease fire at ", 'name="slot0"', 'name="country0"', "> at <", 'name="slot1"']
    assert "This one is read back" in Read(shown).words
    assert 'inputmode="numeric"' in page(at["af"], call, phrase="talk.stand-by")


def test_what_cannot_be_said_is_told_beside_what_was_typed(at: dict[str, Desk], call: Record) -> None:
    answer = post(
        at["af"], "say", call, {"phrase": "fire.cease"}, phrase="fire.cease", slot0=PLACE, country0="AF", slot1="25:99"
    )
    assert answer.status_code == 400
    assert "liaison.time" in answer.text
    assert 'value="25:99"' in answer.text
    assert f'value="{PLACE}"' in answer.text
    assert '<option value="AF" selected>' in answer.text


@pytest.mark.parametrize("sought", ["hold fire until", "تک فائر روکے", "تر پورې ډزې مه", "لطفاً تا فیر نکنید", "103"])
def test_a_phrase_is_found_in_any_of_the_languages_without_a_script(
    at: dict[str, Desk], call: Record, sought: str
) -> None:
    found = page(at["af"], call, find=sought).partition('id="found"')[2].partition("</ol>")[0]
    assert "phrase=fire.hold" in found


def test_nothing_found_says_so(at: dict[str, Desk], call: Record) -> None:
    assert "No phrase has these words." in words(at["af"], call, find="zzz")
    assert re.search(r'id="found-none"[^>]* hidden>', page(at["af"], call, find="fire"))


def test_the_book_is_fetched_once_and_small_enough_for_a_slow_line(at: dict[str, Desk]) -> None:
    for language in ("en", "ur", "ps", "fa-AF"):
        at["af"].speak("duty", language)
        headers = {**at["af"].session("duty"), "accept-encoding": "gzip"}
        with at["af"].http.stream("GET", "/liaison/book?edition=1", headers=headers) as answer:
            assert sum(map(len, answer.iter_raw())) <= 25_000
