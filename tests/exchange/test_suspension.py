"""One member stops the compact by its node's signature, at once; what saves life goes on; custodians start it again."""

from dataclasses import replace
from typing import Any

import msgspec
import pytest

from amanat.exchange.accept import Accepted, Declined
from amanat.exchange.erasure import erase_due
from amanat.exchange.means import begin
from amanat.exchange.withdraw import withdraw
from amanat.party import dsse, labels
from amanat.party.errors import Refused
from amanat.record.notices import Withdrawal
from border import Border, brought
from side import COMPACT, Side, public_id


def warning(side: Side) -> dict[str, Any]:
    """What makes a draft a warning of a danger to life, which clause 4.1.f lets pass."""
    handling = side.draft("af" if side.party == "pk" else "pk").handling
    return {"handling": msgspec.structs.replace(handling, purpose="protection-of-life")}


def code_of(report: Any) -> str:
    ((_, problem),) = report.problems
    return str(problem.code)


@pytest.fixture
def suspended(border: Border) -> Border:
    """Af has suspended the compact, and everybody knows."""
    brought(border, _suspend)
    return border


def _suspend(border: Border) -> None:
    border.af.act("suspend", 1)
    border.settle()


@pytest.mark.parametrize(("sender", "recipient"), [("pk", "af"), ("af", "pk")])
def test_both_directions_stop(suspended: Border, sender: str, recipient: str) -> None:
    with pytest.raises(Refused, match="only warnings of a danger to life"):
        suspended.sides[sender].send(recipient)


@pytest.mark.parametrize(("sender", "recipient"), [("pk", "af"), ("af", "pk")])
def test_a_warning_of_a_danger_to_life_survives(suspended: Border, sender: str, recipient: str) -> None:
    side = suspended.sides[sender]
    sent = side.send(recipient, text="fire near the school", **warning(side))
    suspended.settle()
    assert suspended.sides[recipient].received() == [sent.record]
    assert side.delivery(sent, recipient) == "final"


def test_withdrawing_and_destroying_survive(border: Border) -> None:
    """What was sent before the suspension is still recalled, and the holder still gives its word (floor 11)."""
    sent = border.pk.send("af")
    border.settle()
    border.af.act("suspend", 1)
    border.settle()
    assert withdraw(sent.record.fields.id, Withdrawal("mistaken"), border.pk.post, border.pk.means).told
    border.settle()
    assert [erased.because for erased in erase_due(border.af.means)] == ["withdrawn"]
    border.settle()
    assert [record.kind.name for record in border.pk.received()] == ["record.destroyed"]


def test_what_is_in_flight_when_the_suspension_arrives_is_refused_and_the_sender_knows(border: Border) -> None:
    sent = border.pk.send("af")
    stick = border.bundle("pk", "af")
    border.af.act("suspend", 1)
    (outcome,) = border.insert("af", stick).outcomes
    assert isinstance(outcome, Declined)
    assert outcome.problem.code == "check.clause"
    border.carry("af", "pk")
    assert border.pk.delivery(sent, "af") == "refused"


def test_what_was_refused_stays_refused_when_the_compact_resumes(border: Border) -> None:
    """A refusal is signed; its sender writes anew what still holds."""
    sent = border.pk.send("af")
    stick = border.bundle("pk", "af")
    border.af.act("suspend", 1)
    border.insert("af", stick)
    border.af.act("resume", 2, custodians=True)
    border.insert("af", stick)
    border.settle()
    assert border.pk.delivery(sent, "af") == "refused"
    again = border.pk.send("af")
    border.settle()
    assert border.af.received() == [again.record]


def test_the_record_that_came_before_its_own_partys_suspension_stands(border: Border) -> None:
    sent = border.pk.send("af")
    border.carry("pk", "af")
    border.pk.act("suspend", 1)
    border.settle()
    assert border.af.received() == [sent.record]
    assert border.pk.delivery(sent, "af") == "final"


def test_custodians_of_the_member_that_suspended_resume_it(suspended: Border) -> None:
    suspended.af.act("resume", 2, custodians=True)
    suspended.settle()
    sent = suspended.pk.send("af")
    (outcome,) = suspended.carry("pk", "af").outcomes
    assert isinstance(outcome, Accepted)
    assert outcome.key == sent.record.key


def test_its_node_alone_does_not_resume_it(suspended: Border) -> None:
    resumption = suspended.af.sign_act("resume", 2)
    assert code_of(suspended.pk.take("act", resumption, sender="af")) == "act.unsigned"
    with pytest.raises(Refused):
        suspended.pk.send("af")


def test_the_other_members_custodians_do_not_resume_it(suspended: Border) -> None:
    suspended.pk.act("resume", 1, custodians=True)
    suspended.settle()
    with pytest.raises(Refused):
        suspended.pk.send("af")
    with pytest.raises(Refused):
        suspended.af.send("pk")


def test_each_of_two_suspensions_has_to_be_lifted(suspended: Border) -> None:
    suspended.pk.act("suspend", 1)
    suspended.settle()
    suspended.af.act("resume", 2, custodians=True)
    suspended.settle()
    with pytest.raises(Refused):
        suspended.pk.send("af")
    suspended.pk.act("resume", 2, custodians=True)
    suspended.settle()
    suspended.pk.send("af")


def test_the_observer_does_not_suspend(border: Border) -> None:
    assert code_of(border.pk.take("act", border.obs.sign_act("suspend", 1), sender="obs")) == "act.party"
    border.pk.send("af")


@pytest.mark.promised(
    "an old act played again",
    "docs/threat-model.md",
    "The compact as a weapon",
    "Acts count in the order of their serials",
)
def test_an_old_resumption_played_again_lifts_no_later_suspension(suspended: Border) -> None:
    resumption = suspended.af.act("resume", 2, custodians=True)
    suspended.settle()
    suspended.af.act("suspend", 3)
    suspended.settle()
    assert suspended.pk.take("act", resumption, sender="af").problems == []
    with pytest.raises(Refused):
        suspended.pk.send("af")


def test_ending_it_takes_custodians_and_the_notice_agreed(border: Border) -> None:
    assert code_of(border.pk.take("act", border.af.sign_act("end", 1), sender="af")) == "act.unsigned"
    border.af.act("end", 1, custodians=True)
    border.settle()
    border.clock.forward(days=89)
    border.pk.send("af")
    border.settle()
    border.clock.forward(days=1)
    for sender, recipient in (("pk", "af"), ("af", "pk")):
        with pytest.raises(Refused) as caught:
            border.sides[sender].send(recipient)
        assert caught.value.code == "check.ended"


def test_after_the_end_no_warning_passes_and_what_was_sent_is_still_destroyed(border: Border) -> None:
    sent = border.pk.send("af")
    border.af.act("end", 1, custodians=True)
    border.settle()
    border.clock.forward(days=90)
    with pytest.raises(Refused, match="has ended"):
        border.pk.send("af", **warning(border.pk))
    withdraw(sent.record.fields.id, Withdrawal("outdated"), border.pk.post, border.pk.means)
    border.settle()
    erase_due(border.af.means)
    border.settle()
    assert border.af.state(sent) == "destroyed"


@pytest.mark.promised(
    "a forged suspension", "docs/protocol/bundle.md", "Frame", "the member (suspend: its record key or custodians"
)
def test_a_forged_suspension_stops_nothing(border: Border) -> None:
    forged = replace(border.obs, party="af").sign_act("suspend", 1)
    assert code_of(border.pk.take("act", forged, sender="af")) == "act.unsigned"
    border.pk.send("af")


# --- what a member does twice, or late --------------------------------------------------------------------------------


def states(border: Border) -> set[str]:
    found: set[str] = set()
    for side in border.sides.values():
        with begin(side.means) as turn:
            found.add(turn.known.compact(COMPACT).state)
    return found


@pytest.mark.parametrize("first", ["pk", "obs"])
def test_two_acts_under_one_serial_leave_all_in_one_state_and_both_are_kept(border: Border, first: str) -> None:
    """Af tells pk that it suspends, and obs that it resumes: whoever hears both sees it, and it stays suspended."""
    suspension = border.af.sign_act("suspend", 1)
    resumption = border.af.sign_act("resume", 1, custodians=True)
    border.pk.take("act", suspension, sender="af")
    border.obs.take("act", resumption, sender="af")
    second = "obs" if first == "pk" else "pk"
    assert [problem.code for _, problem in border.carry(first, second).problems] == ["act.fork"]  # type: ignore[attr-defined]
    assert border.sides[second].evidence() == ["act.fork"]
    border.carry(second, first)
    border.carry("pk", "af")
    assert [border.sides[party].evidence() for party in ("pk", "obs", "af")] == [["act.fork"]] * 3
    assert states(border) == {"suspended"}
    border.settle()
    border.af.act("resume", 2, custodians=True)
    border.settle()
    assert states(border) == {"active"}


def test_a_notice_held_back_on_the_way_ends_it_for_all_on_one_day(border: Border) -> None:
    """And who heard of it late says so."""
    border.af.act("end", 1, custodians=True)
    border.carry("af", "obs")
    border.clock.forward(days=15)
    assert code_of(border.carry("af", "pk")) == "act.late"
    assert border.pk.evidence() == ["act.late"]
    border.settle()
    border.clock.forward(days=74)
    assert states(border) == {"active"}
    border.clock.forward(days=1)
    assert states(border) == {"ended"}


# --- when other people become a member's custodians -------------------------------------------------------------------


def held(border: Border) -> list[set[bytes]]:
    """The acts that each party holds, as it passes them on."""
    return [{*side.acts} for side in border.sides.values()]


@pytest.fixture
def divided(suspended: Border) -> Border:
    """Af's custodians lifted its suspension; obs had that before others took their place, and pk gets it only after."""
    suspended.af.act("resume", 2, custodians=True)
    suspended.carry("af", "obs")
    suspended.af.change_custodians()
    assert code_of(suspended.carry("af", "pk")) == "act.unsigned"
    assert states(suspended) == {"active", "suspended"}
    return suspended


def test_signed_anew_an_act_reaches_also_who_refused_it_and_all_are_in_one_state(divided: Border) -> None:
    """Word for word it is the same act, so that nobody counts it twice, nor is anything held against its member."""
    old = divided.af.acts[-1]
    (anew,) = divided.af.sign_anew(old)
    divided.carry("af", "obs")
    assert old not in divided.obs.acts
    divided.carry("obs", "pk")
    divided.settle()
    assert states(divided) == {"active"}
    assert held(divided) == [{divided.af.acts[0], anew}] * 3
    assert [divided.sides[party].evidence() for party in ("af", "obs", "pk")] == [[], [], ["act.unsigned"]]


def test_a_notice_signed_anew_ends_it_for_all_on_one_day(border: Border) -> None:
    border.af.act("end", 1, custodians=True)
    border.carry("af", "obs")
    border.af.change_custodians()
    assert code_of(border.carry("af", "pk")) == "act.unsigned"
    border.clock.forward(days=15)
    border.af.sign_anew(*border.af.acts)
    assert code_of(border.carry("af", "pk")) == "act.late"
    border.settle()
    assert border.obs.evidence() == []
    border.clock.forward(days=74)
    assert states(border) == {"active"}
    border.clock.forward(days=1)
    assert states(border) == {"ended"}


def test_a_suspension_by_a_key_that_was_revoked_since_is_signed_anew(border: Border) -> None:
    key = border.af.means.keys.record
    border.af.act("suspend", 1)
    border.carry("af", "obs")
    border.af.rotate("record")
    border.af.revoke(public_id(key))
    assert code_of(border.carry("af", "pk")) == "act.unsigned"
    border.af.sign_anew(*border.af.acts)
    border.settle()
    assert states(border) == {"suspended"}


def test_what_was_accepted_before_counts_on_and_is_passed_on(divided: Border) -> None:
    assert code_of(divided.carry("obs", "pk")) == "act.unsigned"
    assert divided.obs.acts == divided.af.acts
    divided.obs.take("act", divided.af.acts[-1], sender="af")
    assert held(divided)[0] == held(divided)[1]


@pytest.mark.parametrize("signed", [0, 1], ids=["nobody", "too few"])
def test_signatures_are_replaced_by_none_that_do_not_count(divided: Border, signed: int) -> None:
    old = divided.af.acts[-1]
    body = dsse.parse(old, labels.ACT, "act").body()
    poor = dsse.to_bytes(dsse.sign(labels.ACT, body, divided.af.custodians[:signed]))
    assert divided.af.take("act", poor).problems == []
    assert divided.af.acts[-1] == old


def test_signatures_that_count_are_never_replaced(divided: Border) -> None:
    old = divided.af.acts[-1]
    (anew,) = divided.af.sign_anew(old)
    body = dsse.parse(old, labels.ACT, "act").body()
    others = dsse.to_bytes(dsse.sign(labels.ACT, body, divided.af.custodians[1:]))
    assert divided.af.take("act", others, old).problems == []
    assert divided.af.acts[-1] == anew


def test_who_has_not_heard_of_the_new_custodians_keeps_the_signatures_it_believes(divided: Border) -> None:
    """Until the manifest comes that names them."""
    old = divided.obs.acts
    anew = divided.af.sign_anew(old[-1])
    divided.obs.take("act", *anew, sender="af")
    assert divided.obs.acts == old
    divided.carry("af", "obs")
    assert divided.obs.acts == divided.af.acts


@pytest.mark.promised(
    "an act of dismissed custodians",
    "docs/threat-model.md",
    "A party that tells two others different things",
    "Dismissed custodians do nothing more",
)
def test_dismissed_custodians_neither_act_nor_sign_anew(suspended: Border) -> None:
    dismissed = replace(suspended.af)
    suspended.af.change_custodians()
    suspended.settle()
    resumption = dismissed.sign_act("resume", 2, custodians=True)
    for side in suspended.sides.values():
        assert code_of(side.take("act", resumption, sender="af")) == "act.unsigned"
    before = held(suspended)
    for side in suspended.sides.values():
        side.take("act", *dismissed_signs(dismissed, side), sender="af")
    assert held(suspended) == before
    assert states(suspended) == {"suspended"}


def dismissed_signs(dismissed: Side, side: Side) -> list[bytes]:
    """What a party holds, signed by who are custodians no more."""
    bodies = [dsse.parse(data, labels.ACT, "act").body() for data in side.acts]
    return [dsse.to_bytes(dsse.sign(labels.ACT, body, dismissed.custodians[:2])) for body in bodies]
