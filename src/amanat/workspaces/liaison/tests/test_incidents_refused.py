"""What of an incident is refused by who would send it, with what is amiss."""

from collections.abc import Iterator

import pytest

from amanat.party.errors import Invalid, Refused
from amanat.workspaces.liaison.incidents import custody, kinds
from amanat.workspaces.liaison.incidents.kinds import text_digest
from amanat.workspaces.liaison.kinds import Named, Said
from amanat.workspaces.liaison.tests.incidents_cast import FIRED, Event, event, on


@pytest.fixture
def shots(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Event]:
    with event(tmp_path_factory.mktemp("shots")) as made:
        yield made


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
        ("pk", {"text": ":".join(text.key), "digest": text_digest(text.body)}, "liaison.text-signed"),
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
        body = kinds.Proposed(incident=Named(*opened.key), number=1, sentences=(said,), wording="5a" * 32)
        with pytest.raises(Invalid) as refused:
            shots.tell("pk", opened, "liaison.statement", body)
        assert refused.value.code == code
    twice = (Said("joint.informed"), Said("joint.informed"))
    with pytest.raises(Invalid) as refused:
        shots.tell(
            "pk",
            opened,
            "liaison.statement",
            kinds.Proposed(incident=Named(*opened.key), number=1, sentences=twice, wording="5a" * 32),
        )
    assert refused.value.code == "liaison.sentence-often"
