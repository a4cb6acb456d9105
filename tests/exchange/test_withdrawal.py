"""A withdrawal is told to each who was sent the record, by a notice of its own; one who is out of reach hinders nobody."""

import pytest

from amanat.exchange.erasure import erase_due
from amanat.exchange.send import Pending
from amanat.exchange.withdraw import withdraw
from amanat.party.errors import Refused
from amanat.record.notices import Withdrawal
from border import Border, agree, brought

LATER = {"days": 365 * 3 + 1}  # past every manifest


@pytest.fixture
def sent(border: Border) -> Pending:
    """A report of pk that af and obs hold."""
    return brought(border, _sent)


def _sent(border: Border) -> Pending:
    sent = border.pk.send("af", "obs", **border.pk.green())
    border.settle()
    return sent


def test_each_is_told_by_a_notice_that_names_nobody_else(border: Border, sent: Pending) -> None:
    done = withdraw(sent.record.fields.id, Withdrawal("mistaken"), border.pk.post, border.pk.means)
    assert [notice.record.fields.audience for notice in done.told] == [("af",), ("obs",)]
    border.settle()
    assert (border.af.state(sent), border.obs.state(sent)) == ("withdrawn", "withdrawn")


def test_whom_nothing_reaches_now_is_told_with_the_first_erasure_that_can(border: Border, sent: Pending) -> None:
    border.clock.forward(**LATER)
    border.pk.renew(border.pk.secrets)
    border.af.renew(border.af.secrets)
    border.exchange("pk", "af")
    done = withdraw(sent.record.fields.id, Withdrawal("mistaken"), border.pk.post, border.pk.means)
    assert {party: problem.code for party, problem in done.untold.items()} == {"obs": "manifest.expired"}
    border.carry("pk", "af")
    assert border.af.state(sent) == "withdrawn"
    erase_due(border.pk.means)
    border.obs.renew(border.obs.secrets)
    border.carry("obs", "pk")
    erase_due(border.pk.means)
    border.carry("pk", "obs")
    assert border.obs.state(sent) == "withdrawn"


def test_nothing_is_withdrawn_when_nobody_can_be_told(border: Border, sent: Pending) -> None:
    border.clock.forward(**LATER)
    border.pk.renew(border.pk.secrets)
    with pytest.raises(Refused):
        withdraw(sent.record.fields.id, Withdrawal("mistaken"), border.pk.post, border.pk.means)
    assert border.pk.state(sent) == "current"


def test_a_withdrawal_that_was_refused_on_the_way_is_told_anew(border: Border, sent: Pending) -> None:
    """An amendment crossed it: it named a text that was outdated, and the record would have stayed with its holder."""
    withdraw(sent.record.fields.id, Withdrawal("mistaken"), border.pk.post, border.pk.means)
    stick = border.bundle("pk", "af")
    amendment = agree(border.sides.values(), border.pk.terms, (b"retention_days = 365", b"retention_days = 200"))
    for side in border.sides.values():
        assert not side.take("compact", amendment).problems
    border.insert("af", stick)
    border.settle()
    assert border.af.state(sent) == "current"
    erase_due(border.pk.means)
    border.settle()
    assert border.af.state(sent) == "withdrawn"
    erase_due(border.af.means)
    border.settle()
    before = len(border.items("pk", "af", "envelope"))
    erase_due(border.pk.means)
    assert len(border.items("pk", "af", "envelope")) == before
