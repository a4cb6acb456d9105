"""A served node destroys by itself what is due, gives its word for it, and says when nothing of it is on the disk."""

from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from amanat.exchange import erasure, keeping, live, watches
from amanat.exchange.erasure import Erased
from amanat.exchange.keeping import HOUR, LATEST, QUIET_AFTER, Keeping
from amanat.exchange.means import begin, look
from amanat.exchange.recalls import recalls
from amanat.exchange.send import Pending
from amanat.exchange.withdraw import withdraw
from amanat.officer import audit
from amanat.officer.audit import Search
from amanat.party.errors import Fault
from amanat.record.notices import Withdrawal
from amanat.store import database, kept_back, turns
from amanat.store import watches as kept_watches
from border import Border
from officer.cast import acting_as, add
from wire import connected, eventually

EARLY = timedelta(minutes=10)


@dataclass
class Keeper:
    """A keeper whose rounds a test calls for; `seconds` is what its clock says that never goes back."""

    border: Border
    seconds: float = 0.0
    ahead: timedelta = timedelta(0)
    of: Keeping = field(init=False)

    def __post_init__(self) -> None:
        self.of = Keeping(self.border.af.means, lambda: self.seconds, lambda: self.ahead)
        self.of.begin()

    def round(self, *, after: float = 0.0) -> list[Erased]:
        self.seconds += after
        return self.of.round()


@pytest.fixture
def keeper(border: Border) -> Keeper:
    """Af's keeper of records."""
    return Keeper(border)


def recall(border: Border, sent: Pending) -> None:
    withdraw(sent.record.fields.id, Withdrawal("mistaken"), border.pk.post, border.pk.means)
    border.settle()


def test_what_was_withdrawn_is_destroyed_in_the_next_round_and_signed_for(
    border: Border, keeper: Keeper, sent: Pending
) -> None:
    recall(border, sent)
    assert keeper.round() == [Erased(*sent.record.key, "withdrawn")]
    assert border.af.state(sent) == "destroyed"
    border.settle()
    with look(border.pk.means) as turn:
        assert [each.state for each in recalls(turn)] == ["destroyed"]


def test_the_audit_log_says_that_the_node_did_it_and_nobody_at_the_machine(
    border: Border, keeper: Keeper, sent: Pending
) -> None:
    recall(border, sent)
    keeper.round()
    with look(border.af.means) as turn:
        (noted,) = audit.search(turn.tx, Search(act="record.erase"))
    assert (noted.channel, noted.officer, noted.subject) == ("node", 0, ":".join(sent.record.key))


def test_who_watches_is_told_of_it(border: Border, keeper: Keeper, sent: Pending) -> None:
    recall(border, sent)
    keeper.round()
    with look(border.af.means) as turn:
        assert ("erased", *sent.record.key, "withdrawn") in [
            (each.type, each.party, each.id, each.detail) for each in live.after(turn.tx, 0)
        ]


@pytest.mark.usefixtures("sent")
def test_a_minute_in_which_nothing_is_due_commits_nothing(border: Border, keeper: Keeper) -> None:
    keeper.round()
    told: list[None] = []
    turns.after_commits(border.af.means.engine, lambda: told.append(None))
    assert keeper.round(after=60) == []
    assert told == []


def test_what_could_not_be_told_is_told_within_the_hour_after_it_can(border: Border, keeper: Keeper) -> None:
    sent = border.pk.send("af")
    border.settle()
    keeper.round()
    border.clock.forward(days=365 * 4)
    assert keeper.round(after=60) == [Erased(*sent.record.key, "expired")]
    border.pk.renew(border.pk.secrets)
    border.af.renew(border.af.secrets)
    border.exchange("pk", "af")
    keeper.round(after=HOUR)
    border.exchange("af", "pk")
    assert [each.kind.name for each in border.pk.received()] == ["record.destroyed"]


# --- on the disk ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("border", ["sqlite"], indirect=True)
def test_the_write_ahead_log_is_cut_in_the_same_round_or_the_first_in_which_nobody_reads(
    border: Border, keeper: Keeper, sent: Pending
) -> None:
    recall(border, sent)
    log = Path(f"{border.af.kept.where}-wal")
    with look(border.af.means):
        keeper.round(after=60)
        assert log.stat().st_size > 0
    keeper.round(after=60)
    assert log.stat().st_size == 0


def test_the_database_is_written_anew_half_a_day_later_in_a_quiet_minute(
    border: Border, keeper: Keeper, sent: Pending, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[float] = []
    monkeypatch.setattr(database, "scrub", lambda _: written.append(keeper.seconds))
    recall(border, sent)
    keeper.round(after=60)
    keeper.round(after=QUIET_AFTER - 61)
    assert written == []
    border.af.send("pk")
    keeper.round(after=1)
    assert written == []
    keeper.of.note()  # what the node writes of itself keeps no minute from being quiet
    keeper.round(after=60)
    assert written == [QUIET_AFTER + 60]
    keeper.round(after=LATEST)
    assert len(written) == 1


def test_a_day_later_it_is_written_anew_however_busy_the_node_is(
    border: Border, keeper: Keeper, sent: Pending, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[float] = []
    monkeypatch.setattr(database, "scrub", lambda _: written.append(keeper.seconds))
    recall(border, sent)
    for after in (60, LATEST - 61, 1):
        border.af.send("pk")
        keeper.round(after=after)
    assert written == [LATEST]


def test_a_full_disk_puts_it_off_to_the_next_round(
    border: Border, keeper: Keeper, sent: Pending, monkeypatch: pytest.MonkeyPatch
) -> None:
    recall(border, sent)
    with monkeypatch.context() as patched:
        patched.setattr(database, "scrub", _no_room)
        keeper.round(after=LATEST)
    keeper.round(after=60)
    assert b"the lorry is white" not in border.af.files()


def test_what_nobody_thought_of_puts_it_off_too_and_is_told(
    border: Border, keeper: Keeper, sent: Pending, monkeypatch: pytest.MonkeyPatch
) -> None:
    recall(border, sent)
    with monkeypatch.context() as patched, capture_logs() as told:
        patched.setattr(erasure, "destroy_due", _mistaken)
        assert keeper.round() == []
    assert [(each["event"], each["what"], each["problem"]) for each in told] == [("put off", "erasure", "KeyError")]
    assert "_mistaken" in told[0]["where"][-1]
    assert keeper.round(after=60) == [Erased(*sent.record.key, "withdrawn")]


def _mistaken(*_: object) -> None:
    raise KeyError("a mistake of ours")


def _no_room(_: object) -> None:
    raise Fault("store.scrub", "No room.", "Make room.")


def test_writers_go_on_while_rounds_are_made(border: Border, keeper: Keeper) -> None:
    """The keeper takes its turn as everybody does."""
    with begin(border.af.means):
        pass
    keeper.round(after=LATEST)
    assert border.af.send("pk").log_index == 0


@pytest.mark.parametrize("border", ["sqlite"], indirect=True)
def test_what_old_watches_left_to_the_next_goes_from_the_disk_too(border: Border, keeper: Keeper) -> None:
    notes = "exercise notes of a night"
    with begin(border.af.means) as turn:
        khan = add(turn.tx, "khan")
        old = replace(watches.take(turn, acting_as(khan)), notes=notes)
        kept_watches.put(turn.tx, old)
    border.clock.forward(seconds=int((old.ends - old.begins + kept_watches.KEPT).total_seconds()))
    keeper.round(after=60)
    keeper.round(after=LATEST)
    with look(border.af.means) as turn:
        assert kept_watches.left_open(turn.tx, khan.post) is None
    assert notes.encode() not in border.af.files()


# --- a clock that is wrong --------------------------------------------------------------------------------------------


def test_a_clock_ahead_of_all_peers_destroys_nothing_before_its_time(border: Border, keeper: Keeper) -> None:
    """What is destroyed too early is gone; what is withdrawn needs no clock."""
    sent, other = border.pk.send("af"), border.pk.send("af")
    border.settle()
    recall(border, other)
    border.clock.forward(days=180)
    keeper.ahead = EARLY
    assert keeper.round() == [Erased(*other.record.key, "withdrawn")]
    border.clock.forward(minutes=10)
    assert keeper.round(after=60) == [Erased(*sent.record.key, "expired")]


def test_what_keeps_it_from_being_noted_ends_nothing(keeper: Keeper, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_given: object) -> None:
        raise OSError

    monkeypatch.setattr("amanat.store.marks.put", full)
    with capture_logs() as lines:
        keeper.of.note()
    assert [each["what"] for each in lines] == ["that the node is served"]


# --- served -----------------------------------------------------------------------------------------------------------


def test_a_served_node_does_it_by_itself(border: Border, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "EVERY", 0.1)
    with connected(border):
        sent = border.pk.send("af")
        eventually(lambda: border.af.state(sent) == "current")
        withdraw(sent.record.fields.id, Withdrawal("mistaken"), border.pk.post, border.pk.means)
        eventually(lambda: border.af.state(sent) == "destroyed")
        eventually(lambda: [each.kind.name for each in border.pk.received()] == ["record.destroyed"])


def test_what_was_kept_back_is_destroyed_once_it_need_not_be_said(border: Border, keeper: Keeper) -> None:
    one, other, third = ("ab" * 32, "cd" * 32, "ef" * 32)
    ends = border.clock() + timedelta(days=1)
    with begin(border.af.means) as turn:
        for digest in (one, other, third):
            kept_back.keep(turn.tx, digest, b"what is planned", ends + timedelta(days=digest == third))
    keeper.of.spent = [lambda _turn: [one]]
    keeper.round(after=60)
    assert kept(border) == {other, third}
    border.clock.at = ends
    keeper.round(after=60)
    assert kept(border) == {third}


def kept(border: Border) -> set[str]:
    with look(border.af.means) as turn:
        return set(kept_back.every(turn.tx))
