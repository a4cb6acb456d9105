"""Two sides and an observer over a real border: all three say the same of an incident, and nothing is merged by force."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise

import pytest

from amanat.exchange.means import look
from amanat.party.errors import Invalid, Refused
from amanat.record.record import Record
from amanat.workspaces.liaison.incidents import kinds, matters, rules, views
from amanat.workspaces.liaison.incidents.beside import beside
from amanat.workspaces.liaison.incidents.kinds import Consents, Done, Happened, Note, digest, text_digest
from amanat.workspaces.liaison.incidents.told import mirrored, of
from amanat.workspaces.liaison.kinds import Named, Spot
from amanat.workspaces.liaison.tests.incidents_cast import (
    FIRED,
    HURT,
    PLACE,
    Event,
    event,
    on,
    rings_at,
    says,
    waits_at,
)


@pytest.fixture
def shots(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Event]:
    with event(tmp_path_factory.mktemp("shots")) as made:
        yield made


def test_of_steps_that_need_no_room_few_are_read(shots: Event) -> None:
    opened = shots.open()
    for _ in range(views.MOST_STEPS + 1):
        shots.wait(seconds=1)
        shots.tell("pk", opened, "liaison.incident-step", kinds.Noticed(incident=Named(*opened.key)))
    assert len(of(shots.seen("pk", opened).told, kinds.Noticed)) == views.MOST_STEPS == 40


def test_no_words_of_other_steps_hide_a_step_that_both_signed(shots: Event, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(views.MOST_READ, views.STEP, 3)
    opened = shots.open()
    shots.carry()
    for party in ("pk", "af"):
        shots.done(party, opened, "cease")
    shots.carry()
    signed = {each.step.name: each.done for each in shots.seen("af", opened).dues}
    assert signed["cease"]
    for step in (*(f"other-{number}" for number in range(5)), *["cease"] * 4, "notice"):
        shots.wait(seconds=1)
        body = Done(incident=Named(*opened.key), step=step, time=shots.border.clock())
        shots.tell("af", opened, "liaison.incident-step", body)
    shots.carry()
    for party in ("pk", "af", "obs"):
        assert {each.step.name: each.done for each in shots.seen(party, opened).dues} == signed
        assert len(of(shots.seen(party, opened).told, Done)) <= 1 + 3 * 3


def test_what_one_side_says_without_end_is_read_to_a_bound_and_its_own_officers_are_told(
    shots: Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "MOST_STEPS", 3)
    monkeypatch.setitem(views.MOST_READ, views.STEP, 3)
    opened = shots.open()
    key = Named(*opened.key)
    for _ in range(5):
        shots.wait(seconds=1)
        shots.tell("pk", opened, "liaison.incident-step", kinds.Noticed(incident=key))
    shots.step("pk", opened, "close")  # another sort is not crowded out
    shots.carry()
    for party in ("pk", "af", "obs"):
        told = shots.seen(party, opened).told
        assert len(of(told, kinds.Noticed)) == 3
        assert len(of(told, kinds.Closes)) == 1
    with pytest.raises(Invalid) as refused:
        shots.step("pk", opened, "notice")
    assert refused.value.code == "liaison.steps"


def test_an_exercise_and_what_happened_are_never_one(shots: Event) -> None:
    one, other = shots.open(), shots.open(exercise="on")
    with pytest.raises(Invalid) as refused:
        shots.step("pk", one, "same", name=":".join(other.key))
    assert refused.value.code == "liaison.same-apart"
    for side in ("pk", "af"):
        shots.carry()
        shots.tell(side, one, "liaison.incident-step", kinds.Same(incident=Named(*one.key), same=Named(*other.key)))
    shots.carry()
    assert len(shots.seen("obs", one).facts.opened) == 1


def test_a_call_of_about_that_time_stands_beside_it(shots: Event) -> None:
    shots.border.clock.at += timedelta(hours=6)
    call = shots.do("pk", "ring", hotline="kurram", urgency="flash")
    opened = shots.open()
    later = shots.open(time=f"{shots.border.clock.at - timedelta(hours=5):%Y-%m-%d %H:%M}", sector="khyber")
    for incident, found in ((opened, [call.key]), (later, [])):
        with look(shots.border.sides["pk"].means) as turn:
            matter = matters.one(turn, *incident.key)
            assert matter is not None
            assert [(each.party, each.id) for each in beside(turn, matter)] == found


def all_say_the_same(shots: Event, of: Record) -> None:
    told = [says(shots.seen(party, of)) for party in ("pk", "af", "obs")]
    assert told[0] == told[1] == told[2]


def test_from_shots_to_a_statement_of_both(shots: Event) -> None:
    opened = shots.open()
    shots.carry()
    assert rings_at(shots, "af") == ["liaison.incident-new"]
    assert waits_at(shots, "af") == ["liaison.incident-new"]
    shots.step("af", opened, "notice")
    assert rings_at(shots, "af") == []
    for side in ("pk", "af"):
        shots.wait(minutes=2)
        shots.done(side, opened, "cease")
        shots.done(side, opened, "hold")
    shots.account("pk", opened, FIRED, HURT)
    shots.carry()
    theirs = {**FIRED, "who": "ours", "count": "3"}
    shots.account("af", opened, theirs, {**HURT, "who": "theirs"})
    shots.carry()
    matter = shots.seen("af", opened)
    assert {(each.party, each.number): each.verdict for each in matter.findings} == {
        ("pk", 1): "alone",
        ("pk", 2): "agreed",  # both said so by themselves
        ("af", 1): "alone",
        ("af", 2): "agreed",
    }
    first = matter.findings[2 if matter.findings[0].party == "af" else 0]
    assert first.party == "pk"
    shots.step(
        "af",
        opened,
        "answer",
        of="pk",
        statement=first.digest,
        stance="disputes",
        **{f"{n}0": t for n, t in theirs.items()},
    )
    shots.step("obs", opened, "note", of="pk", statement=first.digest, stance="heard")
    shots.carry()
    found = next(each for each in shots.seen("pk", opened).findings if each.digest == first.digest)
    assert (found.verdict, [each.body.seen for each in found.notes]) == ("disputed", ["heard"])
    assert found.answer is not None
    assert found.answer.body.otherwise.count == 3
    text = shots.do("pk", "statement-propose", **on(opened), use3="on", slot12="now", use21="on")
    shots.carry()
    assert rules.to_sign(shots.seen("af", opened).facts, shots.seen("af", opened).versions, "af") is not None
    shots.do("af", "statement-sign", **on(opened), text=":".join(text.key), digest=text_digest(text.body))
    for side in ("af", "pk"):
        shots.step(side, opened, "close")
    shots.carry()
    all_say_the_same(shots, opened)
    done = {each.step.name for each in shots.seen("obs", opened).dues if each.done}
    assert done == {"cease", "hold", "statement"}
    assert shots.seen("obs", opened).standing.state == "closed"


def test_a_statement_that_stays_keeps_what_was_answered_to_it(shots: Event) -> None:
    opened = shots.open()
    shots.account("pk", opened, FIRED, HURT)
    shots.carry()
    told = shots.seen("af", opened).findings
    for each in told:
        shots.step("af", opened, "answer", of="pk", statement=each.digest, stance="agrees")
    shots.carry()
    shots.account("pk", opened, {**FIRED, "count": "21"}, HURT)
    shots.carry()
    assert [each.verdict for each in shots.seen("af", opened).findings] == ["alone", "agreed"]
    assert len(rules.accounts(shots.seen("af", opened).told, "pk")) == 2
    all_say_the_same(shots, opened)


def test_two_are_one_once_both_say_so_and_the_clock_is_the_earlier_ones(shots: Event) -> None:
    ours = shots.open("pk")
    shots.wait(minutes=3)
    theirs = shots.open("af", place="33.92, 70.11 ±1000 m")
    shots.account("pk", ours, FIRED)
    shots.account("af", theirs, HURT)
    shots.carry()
    shots.step("pk", ours, "same", name=":".join(theirs.key))
    shots.carry()
    for each in (ours, theirs):  # one's word alone joins nothing, and is shown at either as such
        assert len(shots.seen("af", each).facts.opened) == 1
        assert [word.key.party for word in shots.seen("af", each).apart] == ["pk"]
    shots.step("af", theirs, "same", name=":".join(ours.key))
    shots.carry()
    for party in ("pk", "af", "obs"):
        for each in (ours, theirs):
            matter = shots.seen(party, each)
            assert [opened.key.party for opened in matter.facts.opened] == ["pk", "af"]
            assert {found.party for found in matter.findings} == {"pk", "af"}
    all_say_the_same(shots, theirs)
    shots.done("af", theirs, "cease")
    shots.carry()
    assert set(shots.seen("pk", ours).dues[0].signed) == {"af"}


def test_no_words_of_other_incidents_take_apart_what_both_joined(shots: Event, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(views.MOST_READ, views.STEP, 3)
    ours, theirs = shots.open("pk"), shots.open("af")
    shots.carry()
    shots.step("pk", ours, "same", name=":".join(theirs.key))
    shots.step("af", theirs, "same", name=":".join(ours.key))
    for number in range(5):
        shots.wait(seconds=1)
        other = Named("af", f"01936e1a-7a00-7000-8000-{number:012d}")
        shots.tell("pk", ours, "liaison.incident-step", kinds.Same(incident=Named(*ours.key), same=other))
    shots.carry()
    for party in ("pk", "af", "obs"):
        for each in (ours, theirs):
            assert len(shots.seen(party, each).facts.opened) == 2


def test_one_side_makes_no_page_load_what_it_chains_together(shots: Event) -> None:
    chain = [shots.open() for _ in range(4)]
    for one, other in pairwise(chain):
        body = kinds.Same(incident=Named(*one.key), same=Named(*other.key))
        shots.tell("pk", one, "liaison.incident-step", body)
    shots.carry()
    with look(shots.border.sides["af"].means) as turn:
        rows, words = matters.with_joined(turn, [chain[0].key])
    assert (len(rows), len(words)) == (1, 1)


def test_what_both_closed_is_opened_again_by_either_and_what_was_not_done_runs_anew(shots: Event) -> None:
    opened = shots.open()
    for side in ("pk", "af"):
        shots.carry()
        shots.done(side, opened, "cease")
        shots.step(side, opened, "close")
    shots.carry()
    shots.wait(hours=3)
    closed = shots.seen("af", opened)
    assert (closed.standing.state, closed.late) == ("closed", [])
    shots.step("af", opened, "reopen")
    shots.carry()
    again = shots.seen("pk", opened)
    assert again.standing.state == "open"
    dues = {each.step.name: each for each in again.dues}
    assert dues["cease"].due < again.standing.reopened[0].at  # that was done
    assert dues["hold"].due - again.standing.reopened[0].at == dues["hold"].step.within
    all_say_the_same(shots, opened)


# --- floors ---------------------------------------------------------------------------------------------------------


def test_floor_6_where_troops_are_is_told_to_ten_kilometres_at_best(shots: Event) -> None:
    opened = shots.open()
    there = {"sort": "happened", "did": "advanced", "who": "theirs", "country": "AF"}
    with pytest.raises(Refused) as refused:
        shots.account("pk", opened, {**there, "place": PLACE})
    assert refused.value.code == "floor.6"
    with pytest.raises(Refused) as refused:  # vague words beside many digits
        shots.tell("pk", opened, "liaison.account", kinds.Account(
            incident=Named(*opened.key), number=1,
            statements=(Happened(did="withdrew", by="ours", place=Spot(33.91234, 70.12345, 50_000, "PK")),),
        ))  # fmt: skip
    assert refused.value.code == "floor.6"
    shots.account("pk", opened, {**there, "place": "33.9, 70.1 ±20 km"})


def test_floor_13_nobody_mediates_without_the_consent_of_both_to_the_same(shots: Event) -> None:
    opened = shots.open()
    shots.carry()
    with pytest.raises(Invalid) as refused:
        shots.done("pk", opened, "mediation")
    assert refused.value.code == "liaison.step-consent"
    shots.step("pk", opened, "consent", mediators="elders-of-both", consents="yes")
    shots.carry()
    for side, mediators in (("af", "traders"), ("af", "elders-of-both")):
        mediation = next(each for each in shots.seen("af", opened).dues if each.optional)
        assert not mediation.ready
        shots.step(side, opened, "consent", mediators=mediators, consents="yes")
        shots.carry()
    shots.done("pk", opened, "mediation")
    shots.step("af", opened, "consent", mediators="elders-of-both", consents="no")
    shots.carry()
    with pytest.raises(Invalid) as refused:
        shots.done("af", opened, "mediation")
    assert refused.value.code == "liaison.step-consent"
    shots.wait(days=80)
    mediation = next(each for each in shots.seen("af", opened).dues if each.optional)
    assert (mediation.overdue, mediation.done) == ((), None)  # nobody owes it, ever


def test_floor_13_a_program_that_signs_mediation_by_itself_signs_nothing(shots: Event) -> None:
    opened = shots.open()
    key = Named(*opened.key)
    shots.tell("pk", opened, "liaison.incident-step", Consents(incident=key, mediators="traders", consents=True))
    now = shots.border.clock.at.replace(microsecond=0)
    shots.tell("pk", opened, "liaison.incident-step", Done(incident=key, step="mediation", time=now))
    shots.carry()
    mediation = next(each for each in shots.seen("af", opened).dues if each.optional)
    assert (mediation.signed, mediation.ready) == ({}, False)


# --- who may --------------------------------------------------------------------------------------------------------


def test_an_observer_takes_no_side_and_a_side_observes_nothing(shots: Event) -> None:
    opened = shots.open()
    shots.account("pk", opened, FIRED)
    shots.carry()
    said = shots.seen("pk", opened).findings[0].digest
    for deed, typed in (("close", {}), ("notice", {}), ("done", {"step": "cease", "time": "now"})):
        with pytest.raises(Refused) as refused:
            shots.step("obs", opened, deed, **typed)
        assert refused.value.code == "liaison.incident-side"
    with pytest.raises(Refused) as refused:
        shots.step("af", opened, "note", of="pk", statement=said, stance="seen")
    assert refused.value.code == "liaison.incident-side"
    shots.tell(
        "af",
        opened,
        "liaison.incident-step",
        Note(incident=Named(*opened.key), party="pk", statement=said, seen="not-seen"),
    )
    shots.carry()
    assert shots.seen("pk", opened).findings[0].notes == ()  # a side's note counts for nothing
    shots.step("obs", opened, "observe", of="", statement="", stance="", sort0="happened", did0="fired", who0="unknown")
    shots.carry()
    all_say_the_same(shots, opened)


def test_a_digest_names_a_statement_by_all_that_it_says() -> None:
    one = Happened(did="fired", by="theirs")
    assert digest(one) == digest(Happened(did="fired", by="theirs"))
    assert digest(one) != digest(Happened(did="fired", by="ours"))
    assert mirrored(one) == Happened(did="fired", by="ours")
