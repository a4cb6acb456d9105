"""A node put back to an old copy: it says nothing until it knows what it said since, and then goes on from there."""

import pytest

from amanat.cli import reconcile as command
from amanat.exchange import reconcile
from amanat.exchange.means import begin
from amanat.exchange.outbox import Share, deliver
from amanat.log.tiles import encode_entries, parse_entries
from amanat.party.errors import Invalid, Refused
from amanat.store import logs, marks, mirrors
from border import Border, brought, codes
from side import COMPACT, Side


def entries_of(side: Side) -> list[bytes]:
    """What a witness that keeps a side's log has of it."""
    with begin(side.means) as turn:
        return parse_entries(logs.bundle(turn.tx, COMPACT, 0, logs.latest(turn.tx, COMPACT)[0].size))


@pytest.fixture
def old(border: Border) -> bytes:
    """Pk's copy from before it sent what is forgotten."""
    return brought(border, _old)


def _old(border: Border) -> bytes:
    border.pk.send("af", text="in the copy")
    border.settle()
    return border.pk.snapshot()


def test_it_sends_nothing(border: Border, old: bytes) -> None:
    border.put_back(old)
    with pytest.raises(Refused, match="signs nothing until"):
        border.pk.send("af")


def test_it_writes_no_bundle(border: Border, old: bytes) -> None:
    border.put_back(old)
    with pytest.raises(Refused, match="signs nothing until"):
        border.bundle("pk", "af")


def test_by_wire_it_gives_papers_and_nothing_of_its_own_to_sign(border: Border) -> None:
    border.pk.send("af", text="waits")
    border.put_back(border.pk.snapshot())
    with deliver("af", border.pk.means, Share(most=1)) as items:
        types = {item.type for item in items}
    assert types == {"manifest", "compact"}


def test_what_comes_is_left_for_later_and_answered_then(border: Border, old: bytes) -> None:
    border.put_back(old)
    sent = border.af.send("pk", text="waits outside")
    report = border.carry("af", "pk")
    assert (report.left["envelope"], report.outcomes, report.problems) == (1, [], [])
    border.carry("obs", "pk")
    with begin(border.pk.means) as turn:
        reconcile.finish(turn)
    border.settle()
    assert border.af.delivery(sent, "pk") == "final"


def test_it_countersigns_nothing(border: Border, old: bytes) -> None:
    border.af.send("pk")
    requests = border.items("af", "pk", "checkpoint")
    border.put_back(old)
    assert border.pk.take("checkpoint", *requests, sender="af").left["checkpoint"] == len(requests)


def test_what_it_holds_can_be_read(border: Border) -> None:
    border.af.send("pk", text="to be read")
    border.settle()
    border.put_back(border.pk.snapshot())
    assert [record.body.text for record in border.pk.received()] == ["to be read"]


def test_it_does_not_go_on_before_every_witness_was_heard(border: Border, old: bytes) -> None:
    border.put_back(old)
    border.carry("obs", "pk")
    with begin(border.pk.means) as turn:
        assert [each.unheard for each in reconcile.standing(turn)] == [("af",)]
    with pytest.raises(Invalid, match="What af countersigned"), begin(border.pk.means) as turn:
        reconcile.finish(turn)
    with begin(border.pk.means) as turn:
        reconcile.finish(turn, frozenset({"af"}))


def forgotten(border: Border, old: bytes) -> list[bytes]:
    """Have pk forget two records, one sent and one accepted, of which both witnesses know; return its log's entries."""
    border.pk.send("af", text="forgotten")
    border.af.send("pk", text="accepted and forgotten")
    border.settle()
    kept = entries_of(border.pk)
    border.dishonest.add("pk")  # until it knows again
    border.put_back(old)
    for peer in ("af", "obs"):
        assert not border.carry(peer, "pk").problems
    return kept


def test_it_does_not_go_on_without_the_entries_that_others_countersigned(border: Border, old: bytes) -> None:
    forgotten(border, old)
    with begin(border.pk.means) as turn:
        assert [each.lacking for each in reconcile.standing(turn)] == [2]
    with pytest.raises(Invalid, match="2 entries are not here"), begin(border.pk.means) as turn:
        reconcile.finish(turn)


def test_its_log_goes_on_from_what_was_countersigned_and_is_no_fork(border: Border, old: bytes) -> None:
    kept = forgotten(border, old)
    with begin(border.pk.means) as turn:
        assert reconcile.complete(turn, COMPACT, lambda first, end: kept[first:end]) == 2
        reconcile.finish(turn)
        assert [each.log_index for each in reconcile.lost(turn)] == [1, 2]
    border.dishonest.clear()
    border.clock.forward(hours=1)
    sent, back = border.pk.send("af", text="after"), border.af.send("pk", text="after, back")
    border.settle()
    assert (border.pk.delivery(sent, "af"), border.af.delivery(back, "pk")) == ("final", "final")
    assert border.af.evidence() == border.obs.evidence() == border.pk.evidence() == []


def held_by(side: Side) -> bytes:
    """The checkpoint of pk's log up to which a witness keeps it."""
    with begin(side.means) as turn:
        held = mirrors.of(turn.tx, turn.known.log_name("pk", COMPACT))
    assert held is not None
    return held.pending.note


def test_what_it_lacks_is_fetched_while_others_write(
    border: Border, old: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From an address that may be slow."""
    kept = forgotten(border, old)
    checkpoint = held_by(border.obs)

    def fetch(path: str) -> bytes:
        with begin(border.pk.means):
            return checkpoint if path == command.CHECKPOINT else encode_entries(kept)

    monkeypatch.setattr(command, "fetch_from", lambda _: fetch)
    monkeypatch.setattr(command, "open_means", lambda *_: border.pk.means)
    command.reconcile(sources=["https://obs.example"], yes=True)
    assert entries_of(border.pk) == kept
    border.dishonest.clear()


def test_what_was_countersigned_while_it_fetched_is_not_taken_for_read(
    border: Border, old: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    border.pk.send("af", text="forgotten")
    border.carry("pk", "obs")
    earlier = border.items("obs", "pk", "cosignature")
    border.hear("obs")
    border.pk.send("af", text="forgotten, and heard of later")
    border.carry("pk", "obs")
    checkpoint, kept = held_by(border.obs), entries_of(border.pk)
    border.dishonest.add("pk")  # until it knows again
    border.put_back(old)
    assert not border.pk.take("cosignature", *earlier, sender="obs").problems

    def fetch(path: str) -> bytes:
        if path == command.CHECKPOINT:
            return checkpoint
        border.hear("obs")
        return encode_entries(kept)

    monkeypatch.setattr(command, "fetch_from", lambda _: fetch)
    monkeypatch.setattr(command, "open_means", lambda *_: border.pk.means)
    with pytest.raises(Invalid) as caught:
        command.reconcile(sources=["https://obs.example"], without=["af"], yes=True)
    assert caught.value.code == "reconcile.meanwhile"
    assert entries_of(border.pk) == kept[:1]
    command.reconcile(sources=["https://obs.example"], without=["af"], yes=True)
    assert entries_of(border.pk) == kept
    border.dishonest.clear()


def test_a_receipt_that_comes_late_for_what_was_lost_is_no_contradiction(border: Border, old: bytes) -> None:
    border.pk.send("af", text="forgotten")
    for witness in ("af", "obs"):
        border.carry("pk", witness)
    (receipt,) = border.items("af", "pk", "receipt")
    kept = entries_of(border.pk)
    border.put_back(old)
    border.hear("af", "obs")
    with begin(border.pk.means) as turn:
        reconcile.complete(turn, COMPACT, lambda first, end: kept[first:end])
        reconcile.finish(turn)
    assert border.pk.take("receipt", receipt, sender="af").problems == []


def test_entries_that_lead_elsewhere_are_not_taken(border: Border, old: bytes) -> None:
    kept = forgotten(border, old)
    with pytest.raises(Invalid, match="another history"), begin(border.pk.means) as turn:
        reconcile.complete(turn, COMPACT, lambda first, end: list(reversed(kept[first:end])))


def test_a_second_node_from_the_same_copy_is_caught_by_the_first_countersignature(border: Border, old: bytes) -> None:
    """The first goes on; the second, unmarked, is told of what it never signed, and stops."""
    border.pk.send("af", text="by the first")
    border.carry("pk", "obs")
    border.pk.restore(old)
    assert codes(border.carry("obs", "pk")) == [("cosignature", "log.rollback")]
    with pytest.raises(Refused, match="signs nothing until"):
        border.pk.send("af", text="by the second")


def test_a_clone_that_signed_beside_the_first_never_goes_on(border: Border, old: bytes) -> None:
    border.dishonest.add("pk")
    border.pk.send("af", text="by the first")
    border.carry("pk", "obs")
    first = entries_of(border.pk)
    border.pk.restore(old)
    border.pk.send("af", text="by the second")
    assert codes(border.carry("obs", "pk")) == [("cosignature", "log.rollback")]
    with pytest.raises(Invalid, match="another history"), begin(border.pk.means) as turn:
        reconcile.complete(turn, COMPACT, lambda a, b: first[a:b])


def test_only_a_countersignature_of_what_our_own_key_signed_stops_it(border: Border, old: bytes) -> None:
    """No peer can hold us back with a checkpoint of its own making."""
    border.pk.send("af")
    border.carry("pk", "obs")
    (note,) = [each for each in border.items("obs", "pk", "cosignature") if each.startswith(b"pk.")]
    border.pk.restore(old)
    text, _, lines = note.partition(b"\n\n")
    border.pk.take("cosignature", text + b"\n\n" + b"\n".join(lines.split(b"\n")[1:]), sender="obs")
    with begin(border.pk.means) as turn:
        assert marks.at(turn.tx, "restored") is None


def test_the_mark_is_of_the_database_and_so_goes_with_every_copy(border: Border, old: bytes) -> None:
    border.put_back(old)
    border.pk.restore(border.pk.snapshot())
    with begin(border.pk.means) as turn:
        assert marks.at(turn.tx, "restored") is not None
