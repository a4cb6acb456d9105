"""Time as the receiver has it: what expired on the way is not taken in, and no sender's date makes anything live longer."""

from dataclasses import replace
from datetime import timedelta

import msgspec
import pytest
from sqlalchemy import select

from amanat.exchange.accept import Accepted, Declined
from amanat.exchange.erasure import erase_due
from amanat.exchange.means import begin
from amanat.party.errors import Refused
from amanat.store.tables import EVIDENCE
from border import Border

RETENTION_DAYS, EXPIRES_DAYS, AHEAD_DAYS = 365, 180, 300


def test_what_expired_on_the_way_is_refused_and_its_sender_knows(border: Border) -> None:
    sent = border.pk.send("af", text="the lorry is white")
    stick = border.bundle("pk", "af")
    border.clock.forward(days=EXPIRES_DAYS)
    (outcome,) = border.insert("af", stick).outcomes
    assert isinstance(outcome, Declined)
    assert outcome.problem.code == "record.expired"
    assert border.af.received() == []
    border.carry("af", "pk")
    assert border.pk.delivery(sent, "af") == "refused"


def test_what_was_refused_for_its_age_is_destroyed_with_the_next_erasure(border: Border) -> None:
    border.pk.send("af")
    stick = border.bundle("pk", "af")
    border.clock.forward(days=EXPIRES_DAYS)
    border.insert("af", stick)
    erase_due(border.af.means)
    with begin(border.af.means) as turn:
        assert turn.tx.execute(select(EVIDENCE.c.code, EVIDENCE.c.data)).all() == [("record.expired", None)]


def test_a_record_dated_ahead_lives_no_longer_than_was_agreed(border: Border) -> None:
    """The compact lets a report live 365 days; counted from a date to come, it would be kept so much longer."""
    border.dishonest.add("pk")
    truthful = border.pk.means
    border.pk.means = replace(truthful, now=lambda: border.clock() + timedelta(days=AHEAD_DAYS))
    sent = border.pk.send("af", text="the lorry is white")
    border.pk.means = truthful
    (outcome,) = border.carry("pk", "af").outcomes
    assert isinstance(outcome, Accepted), "a wrong clock stops nothing"
    border.clock.forward(days=RETENTION_DAYS - 1)
    erase_due(border.af.means)
    assert border.af.state(sent) == "current"
    border.clock.forward(days=1)
    erase_due(border.af.means)
    assert border.af.state(sent) == "destroyed"


def test_what_an_expired_manifest_signed_is_refused(border: Border) -> None:
    """Else whoever held back the manifest that revokes a key could go on for ever with the one before."""
    until = border.pk.manifest.until
    border.clock.forward(days=(until - border.clock()).days - 1)
    border.pk.send("af")
    stick = border.bundle("pk", "af")
    border.clock.forward(days=1, hours=1)
    (outcome,) = border.insert("af", stick).outcomes
    assert isinstance(outcome, Declined)
    assert outcome.problem.code == "manifest.expired"


@pytest.mark.parametrize("days", [1, EXPIRES_DAYS - 1])
def test_what_comes_in_time_is_taken_in(border: Border, days: int) -> None:
    border.pk.send("af")
    stick = border.bundle("pk", "af")
    border.clock.forward(days=days)
    (outcome,) = border.insert("af", stick).outcomes
    assert isinstance(outcome, Accepted)


def test_nothing_is_sent_that_lives_longer_than_agreed(border: Border) -> None:
    handling = border.pk.draft("af").handling
    late = msgspec.structs.replace(handling, expires=border.clock() + timedelta(days=RETENTION_DAYS + 1))
    with pytest.raises(Refused, match="lets it live 365 days"):
        border.pk.send("af", handling=late)
