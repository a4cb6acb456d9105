"""A wrong clock of either side stops no traffic; both sides are warned of it, and what it says is never taken for proof."""

from datetime import timedelta
from typing import Any

import pytest

from amanat.exchange import clocks, erasure, live, times
from amanat.exchange.accept import Accepted
from amanat.exchange.clocks import Clocks, Difference
from amanat.exchange.means import look
from amanat.exchange.send import Pending
from amanat.exchange.withdraw import withdraw
from amanat.log.bounds import Bound, Bounds
from amanat.record.notices import Withdrawal
from amanat.record.record import Ref
from amanat.store import listing
from border import Border
from side import Side, public_id
from wire import connected, eventually

WRONG = [{"minutes": -10}, {"minutes": 10}]


def told(side: Side) -> dict[str, Difference]:
    with look(side.means) as turn:
        return dict(clocks.differences(turn.tx))


def events(side: Side) -> list[tuple[str, str]]:
    with look(side.means) as turn:
        return [(each.party, each.detail) for each in live.after(turn.tx, 0) if each.type == "clock"]


# --- traffic ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ahead", WRONG)
@pytest.mark.parametrize("wrong", ["pk", "af", "obs"])
def test_a_clock_ten_minutes_off_stops_nothing(border: Border, wrong: str, ahead: dict[str, int]) -> None:
    border.set_clock(wrong, **ahead)
    sent = border.pk.send("af")
    answer = border.af.send("pk")
    border.settle()
    assert (border.pk.delivery(sent, "af"), border.af.delivery(answer, "pk")) == ("final", "final")
    border.af.open(sent.record.key)
    withdraw(sent.record.fields.id, Withdrawal("mistaken"), border.pk.post, border.pk.means)
    border.settle()
    assert erasure.erase_due(border.af.means) != []
    border.settle()
    assert [each.kind.name for each in border.pk.received()] == [
        "intelligence.report", "record.opened", "record.destroyed"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("hours", "follows"), [(-1, True), (-24, True), (-25, False), (1, True)], ids=["behind", "a day", "more", "ahead"]
)
def test_an_answer_is_dated_no_earlier_than_what_it_answers(border: Border, hours: int, *, follows: bool) -> None:
    """Where its author's clock is behind by a day or less: whom nobody's clock agrees with draws no other along."""
    asked = border.pk.send("af")
    border.settle()
    border.set_clock("af", hours=hours)
    answer = border.af.send("pk", refs=(Ref("answers", *asked.record.key),), handling=asked.record.fields.handling)
    assert (answer.record.fields.at >= asked.record.fields.at) == follows
    assert answer.record.fields.at >= border.af.means.now().replace(microsecond=0)


@pytest.mark.parametrize("ahead", WRONG)
@pytest.mark.parametrize("wrong", ["pk", "af"])
def test_keys_and_manifests_drawn_by_a_wrong_clock_are_believed_at_once(
    border: Border, wrong: str, ahead: dict[str, int]
) -> None:
    """They hold from the minute they were written, which the other side's clock may not have reached."""
    border.set_clock(wrong, **ahead)
    border.pk.begin_now()
    border.exchange("pk", "af")
    sent, answer = border.pk.send("af"), border.af.send("pk")
    border.settle()
    assert (border.pk.delivery(sent, "af"), border.af.delivery(answer, "pk")) == ("final", "final")


def test_a_clock_put_back_stops_nothing(border: Border) -> None:
    before = border.pk.send("af")
    border.settle()
    border.clock.forward(minutes=-10)
    after = [border.pk.send("af") for _ in range(2)]
    outcomes = border.carry("pk", "af").outcomes
    assert [type(each) for each in outcomes] == [Accepted, Accepted]
    border.settle()
    assert [border.pk.delivery(each, "af") for each in (before, *after)] == ["final"] * 3


def test_a_sender_whose_clock_was_put_back_is_given_again_what_was_lost(border: Border) -> None:
    """Its heartbeats are dated before those it sent; what they say counts all the same."""
    sent = border.pk.send("af")
    for sender, recipient in (("pk", "af"), ("af", "obs"), ("obs", "af"), ("af", "pk"), ("pk", "af")):
        border.carry(sender, recipient)
    lost = border.items("af", "pk", "receipt")
    assert (len(lost), border.items("af", "pk", "receipt")) == (1, [])
    border.clock.forward(minutes=-10)
    border.carry("pk", "af")
    border.carry("af", "pk")
    assert border.pk.delivery(sent, "af") == "final"


def test_a_holder_whose_clock_was_put_back_is_not_sent_the_same_file_for_ever(border: Border) -> None:
    sent = border.pk.with_file("af", data=b"x" * 300_000)
    chunks = border.items("pk", "af", "chunk")
    border.af.take("envelope", *border.items("pk", "af", "envelope"), sender="pk")
    border.af.take("chunk", chunks[0], sender="pk")
    border.carry("af", "pk")
    border.clock.forward(minutes=-10)
    border.exchange("pk", "af")
    border.carry("af", "pk")
    assert border.af.file(sent) == b"x" * 300_000
    assert border.items("pk", "af", "chunk") == []


# --- and both are warned ----------------------------------------------------------------------------------------------


def test_over_the_wire_both_sides_are_warned_of_clocks_that_differ(border: Border) -> None:
    border.set_clock("af", minutes=10)
    with connected(border):
        sent = border.pk.send("af")
        eventually(lambda: border.pk.delivery(sent, "af") == "final")
        eventually(lambda: told(border.pk)["af"].warns and told(border.af)["pk"].warns)
    assert timedelta(minutes=9) < told(border.pk)["af"].ahead < timedelta(minutes=11)
    assert timedelta(minutes=-11) < told(border.af)["pk"].ahead < timedelta(minutes=-9)
    assert [party for party, detail in events(border.pk) if detail.startswith("+")] == ["af"]
    assert {party for party, detail in events(border.af) if detail.startswith("-")} == {"pk", "obs"}
    assert not told(border.pk)["obs"].warns


@pytest.fixture
def heard(border: Border) -> Clocks:
    return Clocks(border.pk.means)


def test_two_minutes_are_no_reason_to_warn(border: Border, heard: Clocks) -> None:
    heard.heard("af", timedelta(minutes=2))
    assert events(border.pk) == []
    assert told(border.pk) == {"af": Difference(timedelta(minutes=2), border.clock())}


def test_a_warning_is_given_once_and_taken_back_once(border: Border, heard: Clocks) -> None:
    for seconds in (0, 121, 125, 300, 90, 95):
        heard.heard("af", timedelta(seconds=seconds))
    assert events(border.pk) == [("af", "+121 s"), ("af", "agrees")]


def test_a_difference_is_noted_anew_only_when_it_changed(border: Border, heard: Clocks) -> None:
    """A line hears it every few seconds, and each note is a commit."""
    heard.heard("af", timedelta(seconds=1))
    border.clock.forward(minutes=5)
    heard.heard("af", timedelta(seconds=20))
    assert told(border.pk)["af"].at == border.clock() - timedelta(minutes=5)
    heard.heard("af", timedelta(seconds=31))
    assert told(border.pk)["af"] == Difference(timedelta(seconds=31), border.clock())


def test_a_peer_that_tells_no_time_is_no_warning(border: Border, heard: Clocks) -> None:
    heard.heard("af", None)
    assert told(border.pk) == {}


def test_our_clock_is_ahead_only_when_all_peers_say_so(heard: Clocks) -> None:
    assert heard.ours_ahead() == timedelta(0)
    heard.heard("af", timedelta(minutes=-30))
    assert heard.ours_ahead() == timedelta(minutes=30)
    heard.heard("obs", timedelta(minutes=-10))
    assert heard.ours_ahead() == timedelta(minutes=10)
    heard.heard("obs", timedelta(minutes=-2))
    assert heard.ours_ahead() == timedelta(0)


@pytest.mark.parametrize(
    ("ahead", "said"),
    [
        (timedelta(minutes=10), "its clock is 10 min 0 s ahead of ours"),
        (timedelta(seconds=-125), "its clock is 2 min 5 s behind ours"),
    ],
)
def test_it_is_said_whose_clock_is_ahead(ahead: timedelta, said: str) -> None:
    assert clocks.words(ahead) == said


# --- and whose time is believed ---------------------------------------------------------------------------------------


def when(side: Side, sent: Pending) -> dict[str, Any]:
    """Between which times a record came into this side's own log."""
    with look(side.means) as turn:
        row = listing.one(turn.tx, *sent.record.key)
        assert row is not None
        return times.as_data(times.logged(turn, row.compact, row.log_index))


def test_others_clocks_bound_when_a_record_came_into_a_log_whatever_its_own_party_says(border: Border) -> None:
    """Af's clock is a day behind, and so is the date of what it writes."""
    border.set_clock("af", days=-1)
    border.set_clock("obs", seconds=1)
    border.af.send("pk")
    border.settle()
    before = border.clock()
    border.clock.forward(hours=2)
    sent = border.af.send("pk")
    border.clock.forward(hours=1)
    border.settle()
    late = border.clock() + timedelta(seconds=1)
    assert sent.record.fields.at == before + timedelta(days=-1, hours=2)
    assert when(border.af, sent) == {
        "not_before": {"at": (before + timedelta(seconds=1)).isoformat(), "by": "obs"},
        "not_after": {"at": (late - timedelta(seconds=1)).isoformat(), "by": "pk"},
    }


def test_before_anybody_countersigned_nothing_bounds_it(border: Border) -> None:
    assert when(border.pk, border.pk.send("af")) == {}


def test_a_receipt_says_until_when_it_was_accepted(border: Border) -> None:
    sent = border.pk.send("af")
    border.clock.forward(minutes=5)
    border.settle()
    with look(border.pk.means) as turn:
        (delivery,) = listing.deliveries(turn.tx, sent.digest)
        found = times.accepted(turn, "pk-af", "af", delivery.answer or b"")
    assert times.words(found) == "not after 2026-11-24 06:35:00 UTC by obs"


def test_while_a_witness_changes_its_keys_it_is_named_once() -> None:
    assert times.words(Bounds(None, Bound(1800000000, "obs.2"))) == "not after 2027-01-15 08:00:00 UTC by obs"


def test_a_time_beyond_all_calendars_is_shown_as_the_last() -> None:
    assert times.words(Bounds(Bound(2**63 - 1, "obs"), None)) == "not before 9999-12-31 23:59:59 UTC by obs"


def test_a_checkpoint_under_a_revoked_key_bounds_nothing(border: Border) -> None:
    sent = border.pk.send("af")
    border.settle()
    stolen = public_id(border.pk.means.keys.log)
    border.pk.rotate("log")
    border.pk.revoke(stolen)
    assert when(border.pk, sent) == {}
