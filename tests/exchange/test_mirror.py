"""A witness keeps what it vouches for: entries first, then its word; and what it keeps it gives back."""

import hashlib
from collections.abc import Callable

import pytest
from sqlalchemy import delete, select, update

from amanat.exchange import mirror, outbox, sequencer
from amanat.exchange.audit import audit
from amanat.exchange.due import due as ask
from amanat.exchange.due import shared
from amanat.exchange.means import begin
from amanat.exchange.publish import audit_published, origin_hash, publish, serve
from amanat.exchange.receipt import log_key
from amanat.log.checkpoint import parse_checkpoint
from amanat.log.note import add, parse_note
from amanat.log.tiles import new_tiles
from amanat.log.tree import Tree, leaf_hash
from amanat.log.tree import grow as grow_tree
from amanat.node import unwatched
from amanat.officer import audit as acts
from amanat.party.errors import Refused
from amanat.party.manifest import log_name
from amanat.store import logs, mirrors
from amanat.store.mirrors import Mirror
from amanat.store.tables import CHECKPOINT, COSIGNED, ENTRIES, PENDING, TILE, WITNESSED
from border import Border, codes
from side import COMPACT, Side, spoiled

PK = "pk.amanat.example/pk-af"


def held(side: Side, origin: str = PK) -> Mirror | None:
    with begin(side.means) as turn:
        return mirrors.of(turn.tx, origin)


def standing(side: Side) -> tuple[int, int, int]:
    """How far a witness is with pk's log: entries kept, pending size, countersigned size."""
    found = held(side)
    assert found is not None
    return found.next, found.pending.size, found.mirrored.size if found.mirrored else 0


def vouched(border: Border, witness: str = "obs") -> list[int]:
    """The sizes of pk's log that a witness passes on as countersigned."""
    notes = [note for note in border.items(witness, "pk", "cosignature") if note.startswith(b"pk.")]
    return [parse_checkpoint(parse_note(note).text).size for note in notes]


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """One package an item, one item a bundle: what else takes a hundred thousand entries."""
    monkeypatch.setattr(outbox, "MAX_PACKAGES", 1)
    monkeypatch.setattr(outbox, "MOST_UPLOADS", 1)


# --- entries first ----------------------------------------------------------------------------------------------------


@pytest.mark.promised(
    "a log whose entries only its party holds",
    "docs/threat-model.md",
    "A party that tells two others different things",
    "countersigns nothing whose entries it does not hold",
)
def test_a_checkpoint_without_its_entries_is_not_countersigned(border: Border) -> None:
    border.pk.send("af")
    (request,) = border.items("pk", "obs", "checkpoint")
    assert border.obs.take("checkpoint", request, sender="pk").problems == []
    assert vouched(border) == []
    assert standing(border.obs) == (0, 1, 0)


def test_with_its_entries_it_is(border: Border) -> None:
    border.pk.log(300)
    assert border.carry("pk", "obs").problems == []
    assert standing(border.obs) == (300, 300, 300)
    assert vouched(border) == [300]


def test_entries_without_a_checkpoint_are_not_kept(border: Border) -> None:
    border.pk.log(3)
    (entries,) = border.items("pk", "obs", "entries")
    assert border.obs.take("entries", entries, sender="pk").problems == []
    assert held(border.obs) is None


def test_what_is_kept_of_others_is_no_log_of_ours(border: Border) -> None:
    border.pk.log(3)
    border.carry("pk", "obs")
    with begin(border.obs.means) as turn:
        assert logs.logs(turn.tx) == [COMPACT]
        assert logs.latest(turn.tx, COMPACT)[0].size == 0
        assert set(turn.tx.execute(select(ENTRIES.c.log)).scalars()) == {PK}


@pytest.mark.parametrize("at", [50, 1000, -1])
def test_an_entry_that_the_log_does_not_hold_is_not_kept(border: Border, at: int) -> None:
    border.pk.log(300)
    request, entries = border.items("pk", "obs", "checkpoint", "entries")
    altered = bytearray(entries)
    altered[at] ^= 1
    assert border.obs.take("checkpoint", request, sender="pk").problems == []
    assert codes(border.obs.take("entries", bytes(altered), sender="pk")) == [("entries", "proof.subtree")]
    assert standing(border.obs) == (0, 300, 0)


def test_a_witness_is_no_store_of_other_content(border: Border) -> None:
    """A log that signs entries which are no digests is not kept: they might be read."""
    border.dishonest.add("pk")
    border.pk.log(3, width=31)
    assert codes(border.carry("pk", "obs")) == [("entries", "mirror.entry")]
    assert standing(border.obs) == (0, 3, 0)


def test_no_more_is_kept_than_there_is_room_for(border: Border, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mirror, "MAX_PENDING", 299)
    border.pk.log(299)
    assert border.carry("pk", "obs").problems == []
    border.exchange("obs", "pk")
    border.pk.log(300, start=299)
    assert codes(border.carry("pk", "obs")) == [("entries", "mirror.full")]


@pytest.mark.parametrize(("level", "code"), [(0, "proof.subtree"), (1, "mirror.root")])
def test_what_was_altered_here_since_is_not_countersigned(border: Border, level: int, code: str) -> None:
    """Neither where the next entries stand beside it, nor far from them."""
    border.pk.log(300)
    border.exchange("pk", "obs")
    copy = border.obs.snapshot()
    with begin(border.obs.means) as turn:
        turn.tx.execute(update(TILE).where(TILE.c.log == PK, TILE.c.level == level).values(data=bytes(44 * 32)))
    border.pk.log(1, start=300)
    assert codes(border.carry("pk", "obs")) == [("entries", code)]
    assert standing(border.obs)[2] == 300
    border.obs.restore(copy)


def test_what_was_lost_here_keeps_nothing_else_out(border: Border) -> None:
    border.pk.log(3)
    border.exchange("pk", "obs")
    copy = border.obs.snapshot()
    with begin(border.obs.means) as turn:
        turn.tx.execute(delete(TILE).where(TILE.c.log == PK))
    border.pk.log(1, start=3)
    assert codes(border.carry("pk", "obs")) == [("entries", "mirror.damaged")]
    border.obs.restore(copy)
    assert border.carry("pk", "obs").problems == []


# --- and the log learns from where ------------------------------------------------------------------------------------


@pytest.mark.usefixtures("small")
def test_a_log_that_grew_by_more_than_a_bundle_carries_goes_on_in_the_next(border: Border) -> None:
    border.pk.log(600)
    seen = []
    for _ in range(4):
        assert border.carry("pk", "obs").problems == []
        seen.append(standing(border.obs))
        assert border.carry("obs", "pk").problems == []
    assert seen == [(256, 600, 0), (512, 600, 0), (600, 600, 600), (600, 600, 600)]
    assert border.items("pk", "obs", "checkpoint", "entries") == border.items("obs", "pk", "mirrored") == []


@pytest.mark.usefixtures("small")
def test_it_may_grow_meanwhile(border: Border) -> None:
    for step in range(5):
        border.pk.log(100, start=100 * step)
        assert border.carry("pk", "obs").problems == []
        assert border.carry("obs", "pk").problems == []
    assert standing(border.obs) == (500, 500, 500)


def test_a_log_that_nobody_is_to_see_is_nothing_to_ask_for(border: Border) -> None:
    """What officers did stands in a log too: a line that asked for it would ask for ever."""
    border.pk.log(3)
    border.settle()
    copy = border.pk.snapshot()
    with begin(border.pk.means) as turn:
        if acts.LOG not in logs.logs(turn.tx):
            sequencer.create(turn, acts.LOG)
        turn.tx.execute(update(CHECKPOINT).where(CHECKPOINT.c.log == acts.LOG).values(size=1))
        due = ask(turn.tx, "obs", turn.means, shared(turn, "obs"))
    border.pk.restore(copy)
    assert not due.countersign


def test_a_witness_that_broke_off_between_checkpoint_and_entries_says_so(border: Border) -> None:
    border.pk.log(3)
    (request,) = border.items("pk", "obs", "checkpoint")
    border.obs.take("checkpoint", request, sender="pk")
    border.pk.log(3, start=3)
    assert border.carry("pk", "obs").problems == []
    assert standing(border.obs) == (0, 3, 0)
    border.exchange("obs", "pk")
    border.exchange("pk", "obs")
    assert standing(border.obs) == (6, 6, 6)


def test_the_same_stick_again_completes_what_broke_off(border: Border) -> None:
    border.pk.log(3)
    stick = border.bundle("pk", "obs")
    border.obs.take("checkpoint", *border.items("pk", "obs", "checkpoint"), sender="pk")
    assert border.insert("obs", stick).problems == border.insert("obs", stick).problems == []
    assert standing(border.obs) == (3, 3, 3)


def test_answers_that_were_lost_stop_nothing(border: Border) -> None:
    for step in range(3):
        border.pk.log(2, start=2 * step)
        assert border.carry("pk", "obs").problems == []
        border.bundle("obs", "pk")
    assert standing(border.obs) == (2, 2, 2)
    border.exchange("obs", "pk")
    border.exchange("pk", "obs")
    assert standing(border.obs) == (6, 6, 6)


@pytest.mark.parametrize("entries", [0, 3])
def test_a_witness_put_back_to_an_old_copy_is_sent_all_again(border: Border, entries: int) -> None:
    if entries:
        border.pk.log(entries)
        border.exchange("pk", "obs")
    copy = border.obs.snapshot()
    border.pk.log(300, start=entries)
    border.exchange("pk", "obs")
    assert standing(border.obs)[2] == 300 + entries
    border.obs.restore(copy)
    border.pk.log(1, start=400)
    border.exchange("obs", "pk")
    border.exchange("pk", "obs")
    assert standing(border.obs)[2] == 301 + entries


def test_a_witness_that_kept_no_entries_before_is_sent_them_all(border: Border) -> None:
    """As one that countersigned before witnesses kept anything."""
    border.pk.log(300)
    border.exchange("pk", "obs")
    with begin(border.obs.means) as turn:
        for table in (PENDING, ENTRIES, TILE):
            turn.tx.execute(delete(table))
    assert standing(border.obs) == (0, 300, 300)
    border.exchange("obs", "pk")
    border.exchange("pk", "obs")
    assert standing(border.obs) == (300, 300, 300)


def test_a_witness_that_says_it_has_more_than_there_is_harms_nobody(border: Border) -> None:
    border.pk.log(3)
    with begin(border.pk.means) as turn:
        row = {"log": COMPACT, "witness": "obs", "size": 0, "pending": 2**53, "next": 2**53}
        turn.tx.execute(COSIGNED.insert(), row)
    border.exchange("pk", "obs")
    border.exchange("pk", "obs")
    assert standing(border.obs) == (3, 3, 3)


def test_what_it_says_of_itself_is_held_to_sense(border: Border) -> None:
    (word,) = border.items("obs", "pk", "mirrored")
    for sender, taker, code in (("obs", border.af, "mirrored.parties"), ("af", border.pk, "statement.unsigned")):
        assert codes(taker.take("mirrored", word, sender=sender)) == [("mirrored", code)]


# --- one history ------------------------------------------------------------------------------------------------------


@pytest.mark.promised(
    "a forked log",
    "docs/threat-model.md",
    "A party that tells two others different things",
    "of whatever size the checkpoints are",
)
def test_a_fork_of_a_smaller_size_is_proved_too(border: Border) -> None:
    """Who keeps the entries knows every root that the log ever had."""
    border.dishonest.add("pk")
    border.pk.log(2)
    border.settle()
    copy = border.pk.snapshot()
    border.pk.log(3, start=2)
    assert border.carry("pk", "obs").problems == []
    border.pk.restore(copy)
    border.pk.log(1, start=100)
    assert border.carry("pk", "af").problems == []
    assert codes(border.carry("af", "obs")) == [("cosignature", "witness.fork")]
    assert border.obs.evidence() == ["witness.fork"] * 2


# --- what is kept is given back ---------------------------------------------------------------------------------------


@pytest.mark.promised(
    "a log that its party lost",
    "docs/threat-model.md",
    "A snapshot rolled back offline",
    "gets its log back from any witness",
)
@pytest.mark.parametrize("pending", [0, 5])
def test_a_party_gets_its_log_back_from_its_witness(border: Border, pending: int) -> None:
    """As it was countersigned, whatever came since."""
    border.pk.log(300)
    border.exchange("pk", "obs")
    if pending:
        border.pk.log(pending, start=300)
        for request in border.items("pk", "obs", "checkpoint"):
            border.obs.take("checkpoint", request, sender="pk")
    files: dict[str, bytes] = {}
    with begin(border.obs.means) as turn:
        assert publish(turn, PK, files.__setitem__) == 300
    checkpoint = audit_published(files.__getitem__, log_key(border.pk.manifest, log_name(border.pk.manifest, COMPACT)))
    assert (checkpoint.origin, checkpoint.size) == (PK, 300)
    own: dict[str, bytes] = {}
    if not pending:
        with begin(border.pk.means) as turn:
            publish(turn, PK, own.__setitem__)
        assert {**own, "checkpoint": b""} == {**files, "checkpoint": b""}


def test_what_was_never_countersigned_is_not_given_out(border: Border) -> None:
    border.pk.log(3)
    border.obs.take("checkpoint", *border.items("pk", "obs", "checkpoint"), sender="pk")
    with begin(border.obs.means) as turn:
        assert serve(turn, PK, "checkpoint") is None
        with pytest.raises(Refused, match="is not kept here"):
            publish(turn, PK, dict[str, bytes]().__setitem__)


def test_files_are_served_as_they_are_published(border: Border) -> None:
    """Ours and others'; a tile never changes, a checkpoint does."""
    border.pk.log(300)
    border.exchange("pk", "obs")
    for side in (border.pk, border.obs):
        files: dict[str, bytes] = {}
        with begin(side.means) as turn:
            publish(turn, PK, files.__setitem__)
            for path, data in files.items():
                found = serve(turn, PK, path)
                assert found is not None
                assert (found.data, found.immutable) == (data, path != "checkpoint")
            for path in ("tile/0/000.p/44", "tile/0/001.p/43", "tile/entries/001.p/1"):
                assert serve(turn, PK, path) is not None
            for path in ("tile/0/001", "tile/0/001.p/45", "tile/entries/002", "tile/1/000", "tile/2/000.p/1", "x"):
                assert serve(turn, PK, path) is None
            assert serve(turn, "other.example/log", "checkpoint") is None
    assert origin_hash(PK) == hashlib.sha256(PK.encode()).hexdigest()


def test_what_officers_did_is_served_to_nobody(border: Border) -> None:
    with begin(border.pk.means) as turn:
        if acts.LOG not in logs.logs(turn.tx):
            sequencer.create(turn, acts.LOG)
        assert serve(turn, log_name(border.pk.manifest, acts.LOG), "checkpoint") is None


def test_the_checkpoint_is_served_under_the_witnesss_key_in_use(border: Border) -> None:
    border.pk.log(3)
    border.exchange("pk", "obs")
    border.obs.rotate("witness", "witness_pq")
    with begin(border.obs.means) as turn:
        found = serve(turn, PK, "checkpoint")
    assert found is not None
    assert border.pk.take("manifest", *border.items("obs", "pk", "manifest"), sender="obs").problems == []
    assert border.pk.take("cosignature", found.data, sender="obs").problems == []


# --- the node's own audit ---------------------------------------------------------------------------------------------


def _an_entry(side: Side) -> None:
    with begin(side.means) as turn:
        data = turn.tx.execute(select(ENTRIES.c.data).where(ENTRIES.c.log == PK)).scalar_one()
        turn.tx.execute(update(ENTRIES).where(ENTRIES.c.log == PK).values(data=spoiled(data)))


def _all_entries(side: Side) -> None:
    with begin(side.means) as turn:
        turn.tx.execute(update(PENDING).values(next=0))


def _the_checkpoint(side: Side) -> None:
    with begin(side.means) as turn:
        note = parse_note(turn.tx.execute(select(WITNESSED.c.note).where(WITNESSED.c.origin == PK)).scalar_one())
        lines = [line for line in note.signatures if line.name != PK]
        data = add(type(note)(note.text, ()), lines).encode()
        turn.tx.execute(update(WITNESSED).where(WITNESSED.c.origin == PK).values(note=data))


@pytest.mark.parametrize("spoil", [_an_entry, _all_entries, _the_checkpoint])
def test_an_audit_finds_what_was_changed_of_a_log_kept_for_others(
    border: Border, spoil: Callable[[Side], None]
) -> None:
    border.pk.log(3)
    border.exchange("pk", "obs")
    assert audit(border.obs.means, unwatched) == []
    copy = border.obs.snapshot()
    spoil(border.obs)
    (found,) = audit(border.obs.means, unwatched)
    assert found.what == f"the log {PK}, kept as its witness"
    border.obs.restore(copy)


def test_an_audit_finds_a_root_that_its_entries_do_not_have(border: Border) -> None:
    border.pk.log(3)
    border.exchange("pk", "obs")
    copy = border.obs.snapshot()
    with begin(border.obs.means) as turn:
        for table in (ENTRIES, TILE):
            turn.tx.execute(delete(table).where(table.c.log == PK))
        growth = grow_tree(Tree(), [leaf_hash(bytes(32))] * 3)
        mirrors.add(turn.tx, PK, 0, [bytes(32)] * 3, new_tiles(growth, lambda *_: b""))
    (found,) = audit(border.obs.means, unwatched)
    assert found.says == "Its entries hash to another root than its checkpoint signs."
    border.obs.restore(copy)
