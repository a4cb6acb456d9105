"""A log whose entries nobody can give: its party's custodians say where it ended, and the next begins. It hides nothing."""

import pytest

from amanat.compact.ending import Ending, ended_at
from amanat.exchange import ended, reconcile
from amanat.exchange.audit import audit
from amanat.exchange.means import begin, look
from amanat.node import unwatched
from amanat.store import logs, marks, mirrors
from border import Border
from side import COMPACT, Side

PK = "pk.amanat.example/pk-af"


def put_back(border: Border, copy: bytes) -> None:
    """Put a copy of pk's back, as `amanat node restore` does; until it knows again, it breaks its word."""
    border.dishonest.add("pk")
    border.pk.restore(copy)
    with begin(border.pk.means) as turn:
        marks.put(turn.tx, "restored", turn.now)


def draft(side: Side, *without: str) -> Ending:
    with look(side.means) as turn:
        return ended.draft(turn, COMPACT, frozenset(without))


def let_go_on(side: Side, *without: str) -> None:
    with begin(side.means) as turn:
        reconcile.finish(turn, frozenset(without))


def hear(border: Border, *witnesses: str) -> None:
    """Let pk hear what these countersigned of its logs."""
    for witness in witnesses:
        border.carry(witness, "pk")


@pytest.fixture
def old(border: Border) -> bytes:
    """Pk's copy from before it sent and accepted what is lost; what is in the copy was countersigned."""
    border.pk.send("af", text="in the copy")
    border.settle()
    return border.pk.snapshot()


@pytest.fixture
def lost(border: Border, old: bytes) -> Border:
    """Pk is put back to the copy, and both witnesses told that they countersigned two entries more."""
    border.pk.send("af", text="lost")
    border.af.send("pk", text="accepted and lost")
    border.settle()
    put_back(border, old)
    hear(border, "af", "obs")
    return border


def end(border: Border) -> bytes:
    """Let pk's custodians end its log, and the node go on in the next."""
    signed = border.pk.sign_ending(draft(border.pk))
    assert border.pk.take("ending", signed).problems == []
    let_go_on(border.pk)
    border.dishonest.clear()
    return signed


# --- it goes on -------------------------------------------------------------------------------------------------------


def test_what_ends_is_the_largest_that_was_countersigned(lost: Border) -> None:
    made = draft(lost.pk)
    assert (made.number, made.because, ended_at(made).origin, ended_at(made).size) == (1, "lost", PK, 3)


def test_the_node_goes_on_in_the_next_log_and_all_follow(lost: Border) -> None:
    end(lost)
    lost.clock.forward(hours=1)
    sent, back = lost.pk.send("af", text="after"), lost.af.send("pk", text="after, back")
    lost.settle()
    assert (lost.pk.delivery(sent, "af"), lost.af.delivery(back, "pk")) == ("final", "final")
    assert lost.af.evidence() == lost.obs.evidence() == lost.pk.evidence() == []


def test_the_next_log_holds_again_what_is_here_of_the_one_that_ended(lost: Border) -> None:
    end(lost)
    lost.settle()
    with look(lost.obs.means) as turn:
        ended_log, next_log = mirrors.of(turn.tx, PK), mirrors.of(turn.tx, f"{PK}/2")
        assert ended_log is not None
        assert next_log is not None
        assert (ended_log.next, next_log.next) == (3, 1)


def test_what_nobody_can_give_is_listed_and_its_numbers_are_not_used_again(lost: Border) -> None:
    end(lost)
    with look(lost.pk.means) as turn:
        assert [(each.log, each.log_index) for each in reconcile.lost(turn)] == [(PK, 1), (PK, 2)]
    lost.pk.send("af", text="after")
    assert not lost.carry("pk", "af").problems


def test_receipts_of_the_log_that_ended_stand(lost: Border) -> None:
    """Af keeps its proof for what pk accepted and lost."""
    end(lost)
    lost.settle()
    with look(lost.af.means) as turn:
        assert turn.known.log_names("pk", COMPACT) == [f"{PK}/2", PK]
    assert audit(lost.af.means, unwatched) == audit(lost.pk.means, unwatched) == audit(lost.obs.means, unwatched) == []


def test_whoever_shares_the_compact_passes_it_on(lost: Border) -> None:
    end(lost)
    lost.carry("pk", "af")
    lost.carry("af", "obs")
    with look(lost.obs.means) as turn:
        assert turn.known.log_name("pk", COMPACT) == f"{PK}/2"


def test_what_the_log_had_only_begun_to_promise_is_delivered_again(border: Border, old: bytes) -> None:
    """Pk gave a receipt that nobody countersigned; its copy knows nothing of the envelope."""
    sent = border.af.send("pk", text="accepted, promised, lost")
    border.exchange("af", "pk")
    border.carry("pk", "obs")
    put_back(border, old)
    hear(border, "af", "obs")
    assert border.af.delivery(sent, "pk") == "provisional"
    end(border)
    border.settle()
    assert border.af.delivery(sent, "pk") == "final"
    assert [record.body.text for record in border.pk.received()] == ["accepted, promised, lost"]


def test_a_second_end_opens_a_third_log(lost: Border) -> None:
    end(lost)
    lost.settle()
    copy = lost.pk.snapshot()
    lost.pk.send("af", text="lost again")
    lost.settle()
    put_back(lost, copy)
    hear(lost, "af", "obs")
    end(lost)
    sent = lost.pk.send("af", text="in the third")
    lost.settle()
    assert lost.pk.delivery(sent, "af") == "final"
    with look(lost.af.means) as turn:
        assert turn.known.log_name("pk", COMPACT) == f"{PK}/3"


def test_a_copy_from_before_the_end_learns_of_it_and_takes_the_next_log_up(lost: Border, old: bytes) -> None:
    end(lost)
    lost.pk.send("af", text="in the next")
    lost.settle()
    with look(lost.pk.means) as turn:
        kept = logs.bundle(turn.tx, COMPACT, 0, 2)
    put_back(lost, old)
    hear(lost, "af", "obs")
    from amanat.log.tiles import parse_entries  # noqa: PLC0415

    with begin(lost.pk.means) as turn:
        assert reconcile.complete(turn, COMPACT, lambda first, end_: parse_entries(kept)[first:end_]) == 1
        reconcile.finish(turn)
    sent = lost.pk.send("af", text="on from there")
    lost.settle()
    assert lost.pk.delivery(sent, "af") == "final"
    assert lost.af.evidence() == lost.obs.evidence() == []
