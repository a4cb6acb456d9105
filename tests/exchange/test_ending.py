"""A log whose entries nobody can give: its party's custodians say where it ended, and the next begins. It hides nothing."""

import httpx
import msgspec
import pytest
from sqlalchemy import func, select

from amanat.compact.ending import MAX_ENTRIES, Ending, ended_at
from amanat.exchange import ended, reconcile, witness
from amanat.exchange.audit import audit
from amanat.exchange.doctor import examine
from amanat.exchange.means import begin, look
from amanat.log.checkpoint import Checkpoint
from amanat.log.note import Note, parse_note, sign_ed25519
from amanat.log.tiles import parse_entries
from amanat.log.witness import AddCheckpoint
from amanat.node import unwatched
from amanat.party.errors import Invalid, Refused
from amanat.settings import Settings
from amanat.store import logs, marks, mirrors, statements
from amanat.store.tables import DELIVERY
from border import Border, brought, codes
from side import COMPACT, Side
from wire import free_port, serve

PK = "pk.amanat.example/pk-af"


def lose(border: Border, copy: bytes, *heard: str) -> None:
    """Put pk back to a copy; until it knows again, it breaks its word. These tell it what they countersigned."""
    border.dishonest.add("pk")
    border.put_back(copy)
    border.hear(*heard)


def draft(side: Side, *without: str) -> Ending:
    with look(side.means) as turn:
        return ended.draft(turn, COMPACT, frozenset(without))


def let_go_on(side: Side, *without: str) -> None:
    with begin(side.means) as turn:
        reconcile.finish(turn, frozenset(without))


@pytest.fixture
def old(border: Border) -> bytes:
    """Pk's copy from before it sent and accepted what is lost; what is in the copy was countersigned."""
    return brought(border, _old)


def _old(border: Border) -> bytes:
    border.pk.send("af", text="in the copy")
    border.settle()
    return border.pk.snapshot()


@pytest.fixture
def lost(border: Border) -> Border:
    """Pk is put back to the copy, and both witnesses told that they countersigned two entries more."""
    brought(border, _lost)
    return border


def _lost(border: Border) -> None:
    old = brought(border, _old)
    border.pk.send("af", text="lost")
    border.af.send("pk", text="accepted and lost")
    border.settle()
    lose(border, old, "af", "obs")


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


@pytest.mark.parametrize("border", ["sqlite", "postgresql"], indirect=True)
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
        assert [(each.log, each.log_index, each.last) for each in reconcile.lost(turn)] == [(PK, 1, 2)]
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
    lose(border, old, "af", "obs")
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
    lose(lost, copy, "af", "obs")
    end(lost)
    sent = lost.pk.send("af", text="in the third")
    lost.settle()
    assert lost.pk.delivery(sent, "af") == "final"
    with look(lost.af.means) as turn:
        assert turn.known.log_name("pk", COMPACT) == f"{PK}/3"


def test_a_copy_from_before_the_end_learns_of_it_and_takes_the_next_log_up(old: bytes, lost: Border) -> None:
    end(lost)
    lost.pk.send("af", text="in the next")
    lost.settle()
    with look(lost.pk.means) as turn:
        kept = logs.bundle(turn.tx, COMPACT, 0, 2)
    lose(lost, old, "af", "obs")
    with begin(lost.pk.means) as turn:
        assert reconcile.complete(turn, COMPACT, lambda first, end_: parse_entries(kept)[first:end_]) == 1
        reconcile.finish(turn)
    sent = [lost.pk.send("af", text=f"on from there {number}") for number in range(4)]
    lost.settle()
    assert {lost.pk.delivery(each, "af") for each in sent} == {"final"}
    assert lost.af.evidence() == lost.obs.evidence() == []


def test_signed_anew_by_custodians_who_took_over_it_is_the_same_end(lost: Border) -> None:
    """Who did not have it yet believes only those who are custodians now; nobody is stopped by their signing it."""
    end(lost)
    with look(lost.pk.means) as turn:
        (said,) = turn.known.ended("pk", COMPACT)
    lost.pk.change_custodians()
    assert ("ending", "ending.unsigned") in codes(lost.carry("pk", "af"))
    assert lost.pk.take("ending", lost.pk.sign_ending(said)).problems == []
    sent = lost.pk.send("af", text="after")
    lost.settle()
    assert lost.pk.delivery(sent, "af") == "final"


# --- what it does not do ----------------------------------------------------------------------------------------------


def test_a_log_that_lacks_nothing_is_not_ended(border: Border, old: bytes) -> None:
    lose(border, old, "af", "obs")
    with pytest.raises(Invalid, match="no need to end it"):
        draft(border.pk)


def test_no_log_is_ended_of_a_node_that_is_not_held_back(border: Border) -> None:
    with pytest.raises(Invalid, match="is held back"):
        draft(border.pk)


def test_every_witness_is_heard_before_unless_one_is_left_out(border: Border, old: bytes) -> None:
    border.pk.send("af", text="lost")
    border.settle()
    lose(border, old, "obs")
    with pytest.raises(Invalid, match="What af countersigned"):
        draft(border.pk)
    assert ended_at(draft(border.pk, "af")).size == 2


def test_until_its_end_is_known_here_it_lets_nothing_out(lost: Border) -> None:
    with pytest.raises(Invalid, match="2 entries are not here"):
        let_go_on(lost.pk)


def test_an_end_taken_in_stops_a_node_until_it_is_reconciled(lost: Border) -> None:
    """Custodians signed, and meanwhile somebody let the node go on in its old log: what they signed holds."""
    made = draft(lost.pk)
    with look(lost.af.means) as turn:
        entries = parse_entries(mirrors.bundle(turn.tx, PK, 0, 3))
    with begin(lost.pk.means) as turn:
        reconcile.complete(turn, COMPACT, lambda first, end_: entries[first:end_])
        reconcile.finish(turn)
    assert lost.pk.take("ending", lost.pk.sign_ending(made)).problems == []
    with pytest.raises(Refused, match="signs nothing until"):
        lost.pk.send("af")


# --- whoever would hide something by it -------------------------------------------------------------------------------


@pytest.mark.promised(
    "an end that hides entries",
    "docs/threat-model.md",
    "A log that ended",
    "No key at a node can end a log",
)
@pytest.mark.parametrize("role", ["log", "record", "witness"])
def test_no_key_of_a_node_ends_a_log(lost: Border, role: str) -> None:
    """Whoever has the node's keys may be the one who lost, or hid, the entries."""
    key = getattr(lost.pk.means.keys, role)
    report = lost.af.take("ending", lost.pk.sign_ending(draft(lost.pk), key), sender="pk")
    assert codes(report) == [("ending", "ending.unsigned")]
    with look(lost.af.means) as turn:
        assert turn.known.log_name("pk", COMPACT) == PK


@pytest.mark.promised(
    "an end that hides entries",
    "docs/threat-model.md",
    "A log that ended",
    "Whoever countersigned more refuses the end, and keeps both words",
)
def test_no_end_is_before_what_was_countersigned(lost: Border) -> None:
    """Pk would be rid of the last entry. Who countersigned it keeps both words, and pk's log as it was."""
    copy = lost.pk.snapshot()
    with look(lost.af.means) as turn:
        owed = mirrors.of(turn.tx, PK)
    assert owed is not None
    made = draft(lost.pk)
    lost.pk.restore(copy)
    small = msgspec.structs.replace(made, checkpoint=smaller(lost))
    report = lost.af.take("ending", lost.pk.sign_ending(small), sender="pk")
    assert codes(report) == [("ending", "ending.smaller")]
    assert lost.af.evidence() == ["ending.smaller", "ending.smaller"]
    with look(lost.af.means) as turn:
        assert turn.known.log_name("pk", COMPACT) == PK


def smaller(border: Border) -> str:
    """The checkpoint of pk's first entry, which both witnesses countersigned before."""
    with look(border.pk.means) as turn:
        found = logs.with_quorum(turn.tx, COMPACT)
    assert found is not None
    assert found[0] == 1
    return found[1].decode()


@pytest.mark.promised(
    "an end that hides entries",
    "docs/threat-model.md",
    "A log that ended",
    "nor at one that no witness countersigned",
)
def test_no_end_is_at_what_nobody_countersigned(lost: Border) -> None:
    """Room for entries that nobody has seen yet."""
    made, size = draft(lost.pk), 9
    for lines in ((), parse_note(made.checkpoint.encode()).signatures[1:]):
        checkpoint = Checkpoint(PK, size, bytes(32))
        own = sign_ed25519(checkpoint.text(), PK, lost.pk.means.keys.log)
        invented = msgspec.structs.replace(made, checkpoint=Note(checkpoint.text(), (own, *lines)).encode().decode())
        report = lost.af.take("ending", lost.pk.sign_ending(invented), sender="pk")
        assert [code for _, code in codes(report)] in (["ending.checkpoint"], ["cosignature.signature"])


@pytest.mark.promised(
    "an end that hides entries",
    "docs/threat-model.md",
    "A log that ended",
    "Of two ends at one size the first stands, and both are kept",
)
def test_of_two_ends_at_one_size_the_first_stands_and_both_are_kept(lost: Border) -> None:
    """Custodians who sign both, a witness who countersigned both, and the log's own key."""
    made = draft(lost.pk)
    other = forked(lost, ended_at(made).size)
    assert lost.pk.take("ending", lost.pk.sign_ending(made), sender="pk").problems == []
    report = lost.pk.take("ending", lost.pk.sign_ending(msgspec.structs.replace(made, checkpoint=other)), sender="obs")
    assert codes(report) == [("ending", "ending.fork")]
    with look(lost.pk.means) as turn:
        assert turn.known.ended("pk", COMPACT) == (made,)


def forked(border: Border, size: int) -> str:
    """Another history of pk's log of so many entries, signed by its key and countersigned by obs."""
    checkpoint = Checkpoint(PK, size, bytes(32))
    with begin(border.obs.means) as turn:
        line, _ = witness.cosign(turn, checkpoint)
    own = sign_ed25519(checkpoint.text(), PK, border.pk.means.keys.log)
    return Note(checkpoint.text(), (own, line)).encode().decode()


@pytest.mark.promised(
    "an end that hides entries",
    "docs/threat-model.md",
    "A log that ended",
    "of two others the one that owes more, in whatever order they come",
)
def test_an_end_that_owes_more_takes_the_place_of_one_that_owes_less_in_any_order(border: Border, old: bytes) -> None:
    """Af was not heard, and had countersigned more: pk stops again, and says so."""
    border.pk.send("af", text="lost, obs saw it")
    border.carry("pk", "obs")
    border.pk.send("af", text="lost, af saw it")
    border.carry("pk", "af")
    lose(border, old, "obs")
    first = border.pk.sign_ending(draft(border.pk, "af"))
    assert border.pk.take("ending", first).problems == []
    let_go_on(border.pk, "af")
    assert codes(border.carry("pk", "af"))[0] == ("ending", "ending.smaller")
    assert codes(border.carry("af", "pk")) == [("cosignature", "log.rollback")]
    border.hear("obs", "af")
    with pytest.raises(Invalid, match="which is more"):
        let_go_on(border.pk)
    second = border.pk.sign_ending(draft(border.pk))
    assert border.pk.take("ending", second).problems == []
    let_go_on(border.pk)
    for side in (border.af, border.obs):
        for data in (second, first):
            assert side.take("ending", data, sender="pk").problems == []
        with look(side.means) as turn:
            assert [ended_at(each).size for each in turn.known.ended("pk", COMPACT)] == [3]


@pytest.mark.promised(
    "an end that hides entries",
    "docs/threat-model.md",
    "A log that ended",
    "What its key signs beyond its end nobody countersigns, and everybody keeps",
)
def test_what_a_log_signs_beyond_its_end_is_evidence_and_countersigned_by_nobody(lost: Border) -> None:
    """A thief of the log key goes on in the log that ended."""
    made = draft(lost.pk)
    assert lost.obs.take("ending", lost.pk.sign_ending(made), sender="pk").problems == []
    checkpoint = Checkpoint(PK, 4, bytes(32))
    signed = Note(checkpoint.text(), (sign_ed25519(checkpoint.text(), PK, lost.pk.means.keys.log),)).encode()
    report = lost.obs.take("checkpoint", AddCheckpoint(3, (), signed).encode(), sender="pk")
    assert codes(report) == [("checkpoint", "log.ended")]
    report = lost.obs.take("cosignature", signed, sender="af")
    assert codes(report) == [("cosignature", "log.ended")]
    assert set(lost.obs.evidence()) == {"log.ended"}
    with look(lost.obs.means) as turn:
        held = mirrors.of(turn.tx, PK)
        assert held is not None
        assert held.pending.size == 3


@pytest.mark.parametrize("party", ["obs", "pk"])
def test_a_stranger_who_brings_a_checkpoint_from_beyond_an_end_leaves_it_as_evidence(lost: Border, party: str) -> None:
    """Whoever is asked, be it the party whose log that was."""
    end(lost)
    lost.settle()
    beyond = Checkpoint(PK, 4, bytes(32)).text()
    signed = Note(beyond, (sign_ed25519(beyond, PK, lost.pk.means.keys.log),)).encode()
    side = lost.sides[party]
    with (
        serve(side, free_port(), settings=Settings(serve_logs=True)) as node,
        httpx.Client(base_url=node.url, timeout=20) as client,
    ):
        answer = client.post("/witness/add-checkpoint", content=AddCheckpoint(3, (), signed).encode())
    assert (answer.status_code, answer.json()["code"]) == (422, "log.ended")
    with look(side.means) as turn:
        assert {(row.party, row.code) for row in statements.evidence(turn.tx)} == {("pk", "log.ended")}


def test_the_log_that_ended_is_countersigned_no_more(lost: Border) -> None:
    (request, *_) = [AddCheckpoint(3, (), draft(lost.pk).checkpoint.encode()).encode()]
    assert lost.obs.take("ending", lost.pk.sign_ending(draft(lost.pk)), sender="pk").problems == []
    assert codes(lost.obs.take("checkpoint", request, sender="pk")) == [("checkpoint", "witness.ended")]
    unsigned = AddCheckpoint(3, (), Checkpoint(PK, 4, bytes(32)).text() + b"\n\xe2\x80\x94 x AAAAAAA=\n").encode()
    assert [code for _, code in codes(lost.obs.take("checkpoint", unsigned, sender="pk"))] == ["note.unsigned"]


@pytest.mark.promised(
    "an end that hides entries",
    "docs/threat-model.md",
    "A log that ended",
    "a receipt from beyond it, also one given before, proves that more was promised",
)
def test_a_receipt_from_beyond_the_end_is_evidence_and_delivered_again(border: Border, old: bytes) -> None:
    """Pk promised it in a receipt that it showed to nobody else, and then says that its log ended before."""
    border.pk.send("af", text="lost, obs saw it")
    border.carry("pk", "obs")
    sent = border.af.send("pk", text="promised")
    assert not border.carry("af", "pk").problems
    (receipt,) = border.items("pk", "af", "receipt")
    assert not border.af.take("receipt", receipt, sender="pk").problems
    lose(border, old, "obs")
    signed = border.pk.sign_ending(draft(border.pk, "af"))
    assert ended_at(draft(border.pk, "af")).size == 2
    assert not border.af.take("ending", signed, sender="pk").problems
    assert border.af.evidence() == ["log.ended", "log.ended"]
    assert border.af.delivery(sent, "pk") == "pending"
    assert codes(border.af.take("receipt", receipt, sender="pk")) == [("receipt", "log.ended")]


def test_two_histories_do_not_keep_a_log_from_ending(border: Border, old: bytes) -> None:
    """A clone signed beside the first node. Whoever holds the other history keeps it as evidence, and goes on."""
    border.dishonest.add("pk")
    border.pk.send("af", text="by the first")
    border.carry("pk", "obs")
    border.pk.restore(old)
    border.pk.send("af", text="by the second")
    border.carry("pk", "af")
    border.hear("obs")
    with begin(border.pk.means) as turn:
        assert marks.at(turn.tx, "restored") is not None
    border.hear("obs", "af")
    made = draft(border.pk)
    assert made.because == "forked"
    signed = border.pk.sign_ending(made)
    border.pk.take("ending", signed)
    let_go_on(border.pk)
    found = {side.party: codes(side.take("ending", signed, sender="pk")) for side in (border.af, border.obs)}
    assert sorted(found.values()) == [[], [("ending", "witness.fork")]]
    for side in (border.af, border.obs):
        with look(side.means) as turn:
            assert turn.known.log_name("pk", COMPACT) == f"{PK}/2"


# --- a size that nobody kept ------------------------------------------------------------------------------------------


@pytest.mark.promised(
    "a size that nobody kept",
    "docs/threat-model.md",
    "A log that ended",
    "takes neither time nor room",
)
def test_the_largest_size_there_is_takes_neither_time_nor_room(lost: Border) -> None:
    """A thief of pk's log key signed it, and a witness who helps him: nobody ever had those entries."""
    assert lost.pk.take("cosignature", forked(lost, MAX_ENTRIES).encode(), sender="obs").problems == []
    end(lost)
    with look(lost.pk.means) as turn:
        assert [(each.log, each.log_index, each.last) for each in reconcile.lost(turn)] == [(PK, 1, MAX_ENTRIES - 1)]
        assert turn.tx.execute(select(func.count()).select_from(DELIVERY)).scalar_one() == 3
        says = next(each.says for each in examine(turn) if "lost" in each.says)
    assert says == f"{MAX_ENTRIES - 1} envelopes of its logs were lost when it was put back."
    sent = lost.pk.send("af", text="after")
    lost.settle()
    assert lost.pk.delivery(sent, "af") == "final"
    report = lost.carry("pk", "af")
    assert (report.gaps, report.problems) == ([], [])


@pytest.mark.promised(
    "a size that nobody kept",
    "docs/threat-model.md",
    "A log that ended",
    "What says more than any log can have stops no node and ends no log",
)
def test_a_size_that_no_log_can_have_stops_no_node_and_ends_no_log(lost: Border) -> None:
    made, invented = draft(lost.pk), forked(lost, MAX_ENTRIES + 1)
    for side in (lost.pk, lost.obs):
        ending = lost.pk.sign_ending(msgspec.structs.replace(made, checkpoint=invented))
        assert codes(side.take("ending", ending, sender="pk")) == [("ending", "ending.size")]
    end(lost)
    assert codes(lost.pk.take("cosignature", invented.encode(), sender="obs")) == [("cosignature", "cosignature.size")]
    with look(lost.pk.means) as turn:
        assert marks.at(turn.tx, "restored") is None
