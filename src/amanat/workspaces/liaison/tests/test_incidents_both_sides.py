"""Two sides and an observer over a real border: all three say the same of an incident, and nothing is merged by force."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest

from amanat.exchange.means import look
from amanat.officer.may import at_machine
from amanat.party.errors import Invalid, Refused
from amanat.record.record import Record
from amanat.workspaces.liaison.incidents import acting, custody, kinds, matters, rules, views, waiting
from amanat.workspaces.liaison.incidents.beside import beside
from amanat.workspaces.liaison.incidents.kinds import Consents, Done, Happened, Note, digest, text_digest
from amanat.workspaces.liaison.incidents.told import mirrored, of
from amanat.workspaces.liaison.kinds import Named, Said, Spot
from amanat.workspaces.liaison.tests.incidents_cast import DUTY, FIRED, HURT, PLACE, Event, event, on, says


@pytest.fixture
def shots(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Event]:
    with event(tmp_path_factory.mktemp("shots")) as made:
        yield made


def test_of_one_incident_one_thing_waits_the_most_pressing(shots: Event) -> None:
    opened = shots.open()
    shots.carry()
    assert waits_at(shots, "af", "chaman/duty") == []  # stands elsewhere
    shots.step("af", opened, "notice")
    assert waits_at(shots, "af") == ["liaison.incident-step-due"]
    for step in ("cease", "hold", "inform"):
        shots.done("af", opened, step)
    assert waits_at(shots, "af") == []
    shots.account("pk", opened, FIRED)
    shots.carry()
    assert waits_at(shots, "af") == ["liaison.incident-account"]
    assert waits_at(shots, "af", "torkham/commander") == ["liaison.incident-step-due"]
    shots.do("pk", "statement-propose", **on(opened), use21="on")
    shots.carry()
    assert waits_at(shots, "af") == ["liaison.incident-text"]
    text = shots.seen("af", opened).versions[0]
    shots.do("af", "statement-sign", **on(opened), text=f"{text.told.key.party}:{text.told.key.id}", digest=text.digest)
    shots.step("af", opened, "answer", of="pk", statement=shots.seen("af", opened).findings[0].digest, stance="agrees")
    assert waits_at(shots, "af") == []
    shots.step("pk", opened, "close")
    shots.carry()
    assert waits_at(shots, "af") == ["liaison.incident-close"]
    assert waits_at(shots, "af", "torkham/commander") == ["liaison.incident-close"]  # it closes what is due with it
    shots.step("af", opened, "close")
    assert waits_at(shots, "af") == []
    assert waits_at(shots, "obs") == []


def test_the_joint_statement_is_due_at_the_posts_of_its_rank_until_it_is_signed_by_both(shots: Event) -> None:
    opened = shots.open()
    shots.carry()
    (step,) = (each for each in shots.seen("af", opened).dues if each.step.act == "state")
    with look(shots.border.sides["af"].means) as turn:
        matter = matters.require(turn, *opened.key)
        (post,) = acting.posts_of_rank(matter.terms, "af", "kurram", step.step.rank, turn.now)
    shots.step("af", opened, "notice", at=post)
    assert waits_at(shots, "af", post) == ["liaison.incident-step-due"]
    shots.border.clock.at = step.due + timedelta(minutes=1)
    others = [each.step.name for each in shots.seen("af", opened).dues if each.step.act not in ("state", "mediate")]
    for name in others:
        shots.step("af", opened, "done", at=post, step=name, time="now")
    assert waits_at(shots, "af", post) == ["liaison.incident-step-late"]


def test_outside_its_hours_the_posts_of_another_hotline_see_to_it(shots: Event) -> None:
    shots.border.clock.at = shots.border.clock.at.replace(hour=14)
    shots.open(sector="khyber")
    shots.carry()
    assert rings_at(shots, "af", "operations/duty") == ["liaison.incident-new"]
    assert rings_at(shots, "af") == []


def test_of_steps_that_need_no_room_few_are_read(shots: Event) -> None:
    opened = shots.open()
    for _ in range(views.MOST_STEPS + 1):
        shots.wait(seconds=1)
        shots.tell("pk", opened, "liaison.incident-step", kinds.Noticed(incident=Named(*opened.key)))
    assert len(of(shots.seen("pk", opened).told, kinds.Noticed)) == views.MOST_STEPS == 40


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


def waits_at(shots: Event, party: str, post: str = DUTY) -> list[str]:
    with look(shots.border.sides[party].means) as turn:
        return [each.matter for each in waiting.now(turn, at_machine(post))]


def rings_at(shots: Event, party: str, post: str = DUTY) -> list[str]:
    with look(shots.border.sides[party].means) as turn:
        return [each.title for each in waiting.rings(turn, replace(at_machine(post), roles=("duty",)))]


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
    shots.do("af", "statement-sign", **on(opened), text=":".join(text.key), digest=text_digest(text.body.sentences))
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


def test_who_is_late_is_told_on_both_screens_and_rings_at_the_rank(shots: Event) -> None:
    opened = shots.open()
    shots.carry()
    shots.step("af", opened, "notice")
    shots.done("pk", opened, "cease")
    shots.carry()
    shots.wait(minutes=11)
    for party in ("pk", "af", "obs"):
        assert {each.step.name: each.overdue for each in shots.seen(party, opened).late} == {
            "cease": ("af",),
            "hold": ("af", "pk"),
        }
    assert rings_at(shots, "af") == ["liaison.incident-step-late"]
    assert waits_at(shots, "af") == ["liaison.incident-step-late"]
    assert rings_at(shots, "af", "torkham/commander") == []  # the step of that rank is not late yet
    shots.wait(days=1)
    assert rings_at(shots, "af", "torkham/commander") == ["liaison.incident-step-late"]


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


# --- who may, and what is amiss -------------------------------------------------------------------------------------


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


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ({"type": "war"}, "liaison.choice"),
        ({"place": "nowhere at all"}, "liaison.place"),
        ({"time": "later"}, "liaison.time"),
        ({"time": "2027-01-01 10:00"}, "liaison.ahead"),
        ({"minutes": "ten"}, "liaison.whole"),
        ({"minutes": "10081"}, "liaison.within"),
        ({"sector": "nowhere"}, "liaison.sector"),
    ],
)
def test_an_incident_amiss_is_refused(shots: Event, typed: dict[str, str], code: str) -> None:
    with pytest.raises(Invalid) as refused:
        shots.open(**typed)
    assert refused.value.code == code


def test_each_other_deed_amiss_is_refused(shots: Event) -> None:
    opened = shots.open()
    shots.account("pk", opened, FIRED)
    shots.carry()
    said = shots.seen("pk", opened).findings[0].digest
    gone = {"of": "pk", "statement": "0" * 64, "stance": "agrees"}
    cases = [
        ("pk", "done", {"step": "dance", "time": "now"}, "liaison.step"),
        ("pk", "done", {"step": "statement", "time": "now"}, "liaison.step-text"),
        ("pk", "done", {"step": "cease", "time": "2026-01-01 10:00"}, "liaison.step-before"),
        ("af", "answer", gone, "liaison.statement-gone"),
        ("pk", "answer", {"of": "pk", "statement": said, "stance": "agrees"}, "liaison.own"),
        ("af", "answer", {"of": "pk", "statement": said, "stance": "maybe"}, "liaison.choice"),
        ("pk", "same", {"name": ":".join(opened.key)}, "liaison.same"),
        ("pk", "same", {"name": "pk:nothing"}, "liaison.incident"),
        ("pk", "link", {"name": "anything"}, "liaison.record-name"),
        ("pk", "consent", {"mediators": "anybody", "consents": "yes"}, "liaison.choice"),
        ("pk", "reopen", {}, "liaison.open"),
    ]
    for side, deed, typed, code in cases:
        with pytest.raises(Invalid) as refused:
            shots.step(side, opened, deed, **typed)
        assert refused.value.code == code, deed
    shots.done("pk", opened, "cease")
    shots.step("pk", opened, "close")
    for deed, typed, code in (
        ("done", {"step": "cease", "time": "now"}, "liaison.step-done"),
        ("close", {}, "liaison.closed"),
    ):
        with pytest.raises(Invalid) as refused:
            shots.step("pk", opened, deed, **typed)
        assert refused.value.code == code
    with pytest.raises(Refused) as elsewhere:
        shots.step("pk", opened, "notice", at="chaman/duty")
    assert elsewhere.value.code == "liaison.incident-post"


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ({"sort": "", "did": "fired"}, "liaison.statement"),
        ({"sort": "rumour", "who": "ours"}, "liaison.statement"),
        ({"sort": "happened", "did": "sang", "who": "ours"}, "liaison.statement"),
        ({"sort": "happened", "did": "fired", "who": "ours", "count": "many"}, "liaison.whole"),
        ({"sort": "harmed", "who": "ours"}, "liaison.harmed"),
        ({"sort": "harmed", "who": "ours", "killed": "3/2/4"}, "liaison.estimate-order"),
        ({"sort": "harmed", "who": "ours", "killed": "1/2"}, "liaison.estimate-typed"),
        ({"sort": "harmed", "who": "ours", "killed": "//"}, "liaison.estimate"),
    ],
)
def test_a_statement_amiss_is_refused_with_its_number(shots: Event, statement: dict[str, str], code: str) -> None:
    opened = shots.open()
    with pytest.raises(Invalid) as refused:
        shots.account("pk", opened, FIRED, statement)
    assert refused.value.code == code
    assert refused.value.says.startswith("In statement 2: ")


def test_evidence_is_read_with_who_held_it_and_a_gap_is_told(shots: Event) -> None:
    opened = shots.open()
    kept = {"digest0": "ab" * 32, "thing0": "photo", "taken0": "2026-11-24 08:00", "within0": "0"}
    given = shots.account("pk", opened, FIRED, **kept, held0="torkham/duty; 2026-11-24 08:00; 2026-11-24 09:00\ntorkham/commander; 2026-11-24 10:00", watcher_radar="on", watcher_camera="on")  # fmt: skip
    (evidence,) = given.body.evidence
    assert [each.post for each in evidence.held] == ["torkham/duty", "torkham/commander"]
    ((since, until, both),) = custody.flaws(evidence)
    assert (until - since).total_seconds() == 3600
    assert not both
    assert given.body.watchers == ("camera", "radar")
    for wrong, code in (
        ({"digest0": "ab"}, "liaison.evidence"),
        ({"held0": "torkham/duty"}, "liaison.holder"),
        ({"held0": "a; 2026-11-24 09:00; 2026-11-24 08:00"}, "liaison.held"),
        ({"held0": "a; 2026-11-24 09:00\nb; 2026-11-24 10:00"}, "liaison.held-still"),
        ({"held0": "a; 2026-11-24 09:00; 2026-11-24 10:00\nb; 2026-11-24 08:00"}, "liaison.held-order"),
        ({"thing0": "rumour"}, "liaison.evidence"),
    ):
        with pytest.raises(Invalid) as refused:
            shots.account("pk", opened, FIRED, **{**kept, **wrong})
        assert refused.value.code == code


def test_a_text_is_signed_as_it_was_shown_or_not_at_all(shots: Event) -> None:
    opened = shots.open()
    text = shots.do("pk", "statement-propose", **on(opened), use4="on", slot16="now")
    shots.carry()
    cases = [
        ("af", {"text": ":".join(text.key), "digest": "0" * 64}, "liaison.text-other"),
        ("af", {"text": "pk:none", "digest": "0" * 64}, "liaison.text-other"),
        ("pk", {"text": ":".join(text.key), "digest": text_digest(text.body.sentences)}, "liaison.text-signed"),
    ]
    for side, typed, code in cases:
        with pytest.raises(Invalid) as refused:
            shots.do(side, "statement-sign", **on(opened), **typed)
        assert refused.value.code == code
    with pytest.raises(Invalid) as refused:
        shots.do("af", "statement-propose", **on(opened))
    assert refused.value.code == "liaison.no-sentence"
    for said, code in (
        (Said("joint.surrender"), "liaison.sentence"),
        (Said("joint.ceased"), "liaison.slots"),
    ):
        body = kinds.Proposed(incident=Named(*opened.key), number=1, sentences=(said,))
        with pytest.raises(Invalid) as refused:
            shots.tell("pk", opened, "liaison.statement", body)
        assert refused.value.code == code
    twice = (Said("joint.informed"), Said("joint.informed"))
    with pytest.raises(Invalid) as refused:
        shots.tell(
            "pk", opened, "liaison.statement", kinds.Proposed(incident=Named(*opened.key), number=1, sentences=twice)
        )
    assert refused.value.code == "liaison.sentence-often"


def test_a_digest_names_a_statement_by_all_that_it_says() -> None:
    one = Happened(did="fired", by="theirs")
    assert digest(one) == digest(Happened(did="fired", by="theirs"))
    assert digest(one) != digest(Happened(did="fired", by="ours"))
    assert mirrored(one) == Happened(did="fired", by="ours")
