"""A report passes from one state to another by file, and neither can later deny it."""

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
