"""A report passes from one state to another by file, and neither can later deny it."""

import pytest

from amanat.exchange.accept import Accepted, Declined, Repeated
from amanat.exchange.outbox import deliver
from amanat.party.errors import Refused
from amanat.record.handling import Handling
from amanat.record.record import Ref
from border import Border


def test_a_report_passes_both_ways(border: Border) -> None:
    there = border.pk.send("af", text="a lorry at the north gate")
    back = border.af.send("pk", text="a lorry at the south gate")
    border.carry("pk", "af")
    border.carry("af", "pk")
    assert border.af.received() == [there.record]
    assert border.pk.received() == [back.record]


def test_a_receipt_is_provisional_until_the_others_have_countersigned(border: Border) -> None:
    sent = border.pk.send("af")
    border.carry("pk", "af")
    assert border.pk.delivery(sent, "af") == "pending"
    border.carry("af", "pk")
    assert border.pk.delivery(sent, "af") == "provisional"
    border.settle()
    assert border.pk.delivery(sent, "af") == "final"


def test_one_record_for_two_is_one_envelope(border: Border) -> None:
    sent = border.pk.send("af", "obs", handling=green(border))
    border.settle()
    assert border.af.received() == border.obs.received() == [sent.record]
    assert (border.pk.delivery(sent, "af"), border.pk.delivery(sent, "obs")) == ("final", "final")


def test_what_is_refused_comes_back_as_refused_with_the_rule(border: Border) -> None:
    """Pk's node was altered and sends what the compact does not permit; af's node asks the same text."""
    border.dishonest.add("pk")
    first = border.pk.send("af")
    (outcome,) = border.af.take("envelope", border.pk.envelope(first)[:-1] + b"x", sender="pk").outcomes
    assert isinstance(outcome, Declined)
    assert outcome.problem.code == "envelope.altered"
    assert border.af.evidence() == ["envelope.altered"]
    assert [item.type for item in deliver("pk", border.af.means)].count("refusal") == 1


def test_a_refusal_settles_the_delivery(border: Border) -> None:
    """Af suspends the compact while the envelope is on its way."""
    sent = border.pk.send("af")
    border.af.act("suspend", 1)
    (outcome,) = border.carry("pk", "af").outcomes
    assert isinstance(outcome, Declined)
    assert outcome.problem.code == "check.clause"
    border.carry("af", "pk")
    assert border.pk.delivery(sent, "af") == "refused"
    assert border.af.state(sent) is None


def test_the_same_stick_twice_changes_nothing_and_is_answered_again(border: Border) -> None:
    border.pk.send("af")
    stick = border.bundle("pk", "af")
    (first,) = border.insert("af", stick).outcomes
    (second,) = border.insert("af", stick).outcomes
    assert isinstance(first, Accepted)
    assert isinstance(second, Repeated)
    assert len(border.af.received()) == 1
    border.carry("af", "pk")


def test_one_envelope_twice_in_a_batch_is_logged_once(border: Border) -> None:
    sent = border.pk.send("af")
    outcomes = border.af.take("envelope", *[border.pk.envelope(sent)] * 2, sender="pk").outcomes
    assert [type(outcome) for outcome in outcomes] == [Accepted, Repeated]


def test_only_the_sender_brings_its_envelopes(border: Border) -> None:
    sent = border.pk.send("af")
    (outcome,) = border.af.take("envelope", border.pk.envelope(sent), sender="obs").outcomes
    assert isinstance(outcome, Declined)
    assert outcome.problem.code == "envelope.courier"


def test_a_batch_that_breaks_a_view_leaves_nothing_of_itself(border: Border) -> None:
    """A fault of ours in the last record takes back the whole batch: log, records, answers; later all is well."""
    good = border.pk.send("af")
    with pytest.raises(ZeroDivisionError):
        border.pk.send("af", text="a report that breaks the view")
    border.carry("pk", "af")
    assert border.af.received() == [good.record]


def test_nothing_of_a_sending_stands_when_one_draft_is_refused(border: Border) -> None:
    from amanat.exchange.send import send  # noqa: PLC0415 - the two names are one word

    drafts = [border.pk.draft("af"), border.pk.draft("obs")]
    with pytest.raises(Refused):
        send(drafts, border.pk.post, border.pk.means)
    border.carry("pk", "af")
    assert border.af.received() == []


def test_no_bundle_goes_to_a_stranger(border: Border) -> None:
    with pytest.raises(Refused, match="No compact is shared with xx"):
        deliver("xx", border.pk.means)


def green(border: Border) -> Handling:
    return Handling(tlp="TLP:GREEN", purpose="counter-terrorism", expires=border.clock().replace(year=2027, month=1))


# --- one record after another -----------------------------------------------------------------------------------------


def test_a_later_record_supersedes_an_earlier_one_on_both_sides(border: Border) -> None:
    old = border.pk.send("af", text="two lorries")
    new = border.pk.send("af", text="three lorries", refs=(Ref("supersedes", *old.record.key),))
    border.carry("pk", "af")
    for side in (border.pk, border.af):
        assert (side.state(old), side.state(new)) == ("superseded", "current")


def test_the_order_of_arrival_does_not_matter_to_supersession(border: Border) -> None:
    old = border.pk.send("af", text="two lorries")
    new = border.pk.send("af", text="three lorries", refs=(Ref("supersedes", *old.record.key),))
    border.af.take("envelope", border.pk.envelope(new), border.pk.envelope(old), sender="pk")
    assert (border.af.state(old), border.af.state(new)) == ("superseded", "current")
