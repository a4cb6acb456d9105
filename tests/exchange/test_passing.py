"""A report passes from one state to another by file, and neither can later deny it."""

import pytest
from msgspec.structs import replace

from amanat.compact.terms import defaults
from amanat.exchange.accept import Accepted, Repeated
from amanat.exchange.means import look
from amanat.exchange.send import Pending
from amanat.record.handling import Handling
from amanat.record.record import Ref
from amanat.store import listing
from border import Border
from side import KINDS, Side

SIGN = KINDS.get("liaison.sign/1")
"""A kind of others, of which nobody waits that it is read."""


def test_a_report_passes_both_ways(border: Border) -> None:
    there = border.pk.send("af", text="a lorry at the north gate")
    back = border.af.send("pk", text="a lorry at the south gate")
    border.carry("pk", "af")
    border.carry("af", "pk")
    assert border.af.received() == [there.record]
    assert border.pk.received() == [back.record]


def test_one_record_for_two_is_one_envelope(border: Border) -> None:
    sent = border.pk.send("af", "obs", **border.pk.green())
    border.settle()
    assert border.af.received() == border.obs.received() == [sent.record]
    assert (border.pk.delivery(sent, "af"), border.pk.delivery(sent, "obs")) == ("final", "final")


@pytest.mark.promised(
    "a stick carried twice", "docs/threat-model.md", "The network and the courier", "Replays are idempotent"
)
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


# --- one record after another -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("border", ["sqlite", "postgresql"], indirect=True)
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


def to_read(side: Side, *sent: Pending) -> list[bool]:
    """Which of these wait there to be read."""
    with look(side.means) as turn:
        rows = {(each.party, each.id): each.read_by is not None for each in listing.named(turn.tx, keys(sent))}
    return [rows[key] for key in keys(sent)]


def keys(sent: tuple[Pending, ...]) -> list[tuple[str, str]]:
    return [each.record.key for each in sent]


@pytest.mark.parametrize("late", [False, True])
def test_an_outdated_report_is_read_no_more_where_a_later_one_is(border: Border, *, late: bool) -> None:
    old = border.pk.send("af", text="two lorries")
    new = border.pk.send("af", text="three lorries", refs=(Ref("supersedes", *old.record.key),))
    came = [border.pk.envelope(each) for each in (old, new)]
    border.af.take("envelope", *(came[::-1] if late else came), sender="pk")
    assert to_read(border.af, old, new) == [False, True]


def test_what_is_put_in_the_place_of_a_report_and_is_none_hides_it_from_nobody(border: Border) -> None:
    report = border.pk.send("af", text="two lorries")
    handling = replace(defaults(border.pk.terms, SIGN.label, border.clock.at), expires=handling_of(report).expires)
    body, refs = SIGN.examples[0], (Ref("supersedes", *report.record.key),)
    border.pk.send("af", kind=SIGN.label, body=body, handling=handling, refs=refs)
    border.carry("pk", "af")
    assert border.af.state(report) == "superseded"
    assert to_read(border.af, report) == [True]


def handling_of(sent: Pending) -> Handling:
    return sent.record.fields.handling
