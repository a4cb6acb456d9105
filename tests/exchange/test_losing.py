"""What is lost, cut off, repeated, reordered or told in two ways is noticed, and by whom."""

import io

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from amanat.exchange import bundle, sequencer
from amanat.exchange.means import begin
from amanat.exchange.outbox import deliver
from amanat.party.errors import Fault, Invalid
from border import Border

# --- lost -------------------------------------------------------------------------------------------------------------


def test_an_envelope_left_out_shows_as_a_gap_and_comes_with_the_next_stick(border: Border) -> None:
    lost, arrived = border.pk.send("af"), border.pk.send("af")
    items = [item for item in deliver("af", border.pk.means) if item.data != border.pk.envelope(lost)]
    stick = io.BytesIO()
    bundle.write(stick, "pk", "af", items)
    assert border.insert("af", stick.getvalue()).gaps == [(1, 1)]
    border.carry("af", "pk")
    assert (border.pk.delivery(lost, "af"), border.pk.delivery(arrived, "af")) == ("pending", "provisional")
    assert border.carry("pk", "af").gaps == []


def test_a_heartbeat_alone_shows_that_the_last_ones_are_missing(border: Border) -> None:
    border.pk.send("af")
    border.pk.send("af")
    items = [item for item in deliver("af", border.pk.means) if item.type == "heartbeat"]
    assert border.af.take("heartbeat", items[0].data, sender="pk").gaps == [(1, 2)]


def test_an_envelope_that_came_and_was_refused_is_no_gap(border: Border) -> None:
    border.pk.send("af")
    border.af.act("suspend", 1)
    assert border.carry("pk", "af").gaps == []


def test_an_older_heartbeat_takes_nothing_back(border: Border) -> None:
    (old,) = (item for item in deliver("af", border.pk.means) if item.type == "heartbeat")
    border.pk.send("af")
    (new,) = (item for item in deliver("af", border.pk.means) if item.type == "heartbeat")
    assert border.af.take("heartbeat", new.data, old.data, sender="pk").gaps == [(1, 1)]


@pytest.mark.parametrize("type_", ["heartbeat", "refusal"])
def test_an_answer_signed_by_another_party_is_evidence_and_no_more(border: Border, type_: str) -> None:
    heartbeat = next(item for item in deliver("af", border.obs.means) if item.type == "heartbeat")
    report = border.af.take(type_, heartbeat.data, sender="pk")
    assert len(report.problems) == 1
    assert len(border.af.evidence()) == 1


# --- damaged ----------------------------------------------------------------------------------------------------------


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(data=st.data())
def test_a_stick_cut_off_or_altered_anywhere_is_refused_whole(border: Border, data: st.DataObject) -> None:
    stick = border.bundle("pk", "af")
    at = data.draw(st.integers(0, len(stick) - 1))
    for damaged in (stick[:at], stick[:at] + bytes([stick[at] ^ 1]) + stick[at + 1 :]):
        with pytest.raises(Invalid):
            bundle.verify(io.BytesIO(damaged))


def test_reordered_and_repeated_envelopes_arrive_all_the_same(border: Border) -> None:
    sent = [border.pk.send("af", text=f"lorry {number}") for number in range(5)]
    envelopes = [border.pk.envelope(each) for each in sent]
    border.af.take("envelope", *reversed(envelopes), *envelopes, sender="pk")
    assert border.af.received() == [each.record for each in reversed(sent)]
    border.carry("pk", "af")
    border.settle()
    assert {border.pk.delivery(each, "af") for each in sent} == {"final"}


# --- told in two ways -------------------------------------------------------------------------------------------------


def test_a_fork_is_never_countersigned(border: Border) -> None:
    """Pk's database is copied; the two copies go on apart, with one log key, and obs is shown both."""
    border.dishonest.add("pk")
    border.pk.send("af", text="common")
    copy = border.pk.snapshot()
    border.pk.send("af", text="one history")
    assert not border.carry("pk", "obs").problems
    border.pk.restore(copy)
    border.pk.send("af", text="another history")
    (problem,) = border.carry("pk", "obs").problems
    assert problem[0] == "checkpoint"
    assert border.obs.evidence() == ["witness.fork"] * 2


def test_a_database_put_back_to_an_old_copy_is_noticed_by_the_next_countersignature(border: Border) -> None:
    border.dishonest.add("pk")
    border.pk.send("af", text="common")
    copy = border.pk.snapshot()
    border.pk.send("af", text="forgotten")
    border.carry("pk", "obs")
    border.pk.restore(copy)
    (problem,) = border.carry("obs", "pk").problems
    assert problem[0] == "cosignature"
    assert border.pk.evidence() == ["log.rollback"]


def test_a_log_is_made_once(border: Border) -> None:
    with pytest.raises(Fault) as caught, begin(border.pk.means) as turn:
        sequencer.create(turn, "pk-af")
    assert caught.value.code == "log.exists"
