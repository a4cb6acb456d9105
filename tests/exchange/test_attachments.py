"""Files that go with records: they come whole or not at all, only what is missing travels again, and they end with them."""

import hashlib
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from threading import Thread
from typing import Any

import msgspec
import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Executable, delete, func, select, update

from amanat.exchange import attachments as exchanged
from amanat.exchange import bundle
from amanat.exchange.accept import Declined
from amanat.exchange.answers import Holding
from amanat.exchange.attachments import stage
from amanat.exchange.audit import audit
from amanat.exchange.erasure import erase_due
from amanat.exchange.means import begin
from amanat.exchange.outbox import deliver
from amanat.exchange.receive import Report, receive
from amanat.exchange.send import Pending, send
from amanat.exchange.withdraw import withdraw
from amanat.node import unwatched
from amanat.party import canonical, dsse, labels
from amanat.party.errors import Invalid, Refused
from amanat.record.attachment import Attachment
from amanat.record.notices import NOTICE_HANDLING, Withdrawal
from amanat.record.record import Ref
from amanat.seal.chunks import CHUNK_BYTES, address, open_chunk, seal_chunks
from amanat.seal.header import derive
from amanat.store import attachments, turns
from amanat.store.tables import ATTACHMENT, CHUNK, HOLDING
from border import Border
from side import Side

FILE = bytes(range(251)) * (3 * CHUNK_BYTES // 251)  # three chunks, the last not full
LACKING = Attachment("a.txt", "text/plain", 3, "ab" * 32, "01" * 32)
PLACES = (ATTACHMENT, CHUNK, HOLDING)


def rows(side: Side) -> tuple[int, ...]:
    """How many attachments, chunks and words of holders stand at a side."""
    with begin(side.means) as turn:
        return tuple(turn.tx.execute(select(func.count()).select_from(table)).scalar_one() for table in PLACES)


def without(stick: bytes, *numbers: int) -> bytes:
    """The stick as a courier leaves it who takes out these chunks, counted from 0 as they lie there."""
    file = io.BytesIO(stick)
    sender, recipient = bundle.parties(file)
    items = list(bundle.read(file))
    chunks = [at for at, item in enumerate(items) if item.type == "chunk"]
    gone = {chunks[number] for number in numbers}
    left = io.BytesIO()
    bundle.write(left, sender, recipient, [item for at, item in enumerate(items) if at not in gone])
    return left.getvalue()


def codes(report: Report) -> list[str]:
    """What did not hold, by code."""
    return [problem.code for _, problem in report.problems if isinstance(problem, Invalid)]


def refusal(border: Border, sealed: bytes) -> str:
    (declined,) = border.af.take("envelope", sealed, sender="pk").outcomes
    assert isinstance(declined, Declined)
    return declined.problem.code


# --- leaving ----------------------------------------------------------------------------------------------------------


def test_what_is_due_is_remembered_in_runs_however_large_the_file_is(border: Border) -> None:
    """Not chunk by chunk: a file may have 4,096 of them, and a peer any number of files to come."""
    sent = border.pk.with_file("af", data=FILE * 3)
    with deliver("af", border.pk.means) as due:
        assert [numbers for _, numbers in due.chunks.due] == [range(9)]
        assert len(due.chunks) == len(list(due.chunks)) == 9
    border.insert("af", without(border.bundle("pk", "af"), 1, 2, 7))
    border.carry("af", "pk")
    with deliver("af", border.pk.means) as due:
        assert [numbers for _, numbers in due.chunks.due] == [range(1, 3), range(7, 8)]
        assert len(due.chunks) == len(list(due.chunks)) == 3
    border.settle()
    assert border.af.parts(sent) == 9


# --- from one side to the other ---------------------------------------------------------------------------------------


def test_a_file_comes_with_its_record_and_reads_as_it_was_given(border: Border) -> None:
    sent = border.pk.with_file("af", data=FILE)
    report = border.carry("pk", "af")
    assert [each.complete for each in report.attachments] == [True]
    assert border.af.file(sent) == border.pk.file(sent) == FILE


def test_only_what_is_missing_travels_again(border: Border) -> None:
    sent = border.pk.with_file("af", data=FILE)
    report = border.insert("af", without(border.bundle("pk", "af"), 1))
    assert [each.chunks for each in report.attachments] == [2]
    with pytest.raises(Invalid) as caught:
        border.af.file(sent)
    assert caught.value.code == "attachment.incomplete"
    border.carry("af", "pk")
    (chunk,) = border.items("pk", "af", "chunk")
    assert chunk[32:36] == (1).to_bytes(4, "big")
    border.carry("pk", "af")
    assert border.af.file(sent) == FILE
    border.carry("af", "pk")
    assert border.items("pk", "af", "chunk") == []


@pytest.mark.promised(
    "a file read through without an end", "docs/protocol/attachment.md", "Carrying", "read through once"
)
def test_a_chunk_brought_again_has_nothing_read_but_itself(border: Border, monkeypatch: pytest.MonkeyPatch) -> None:
    border.pk.with_file("af", data=FILE)
    chunks = border.items("pk", "af", "chunk")
    border.carry("pk", "af")
    opened: list[int] = []

    def counted(attachment: Attachment, number: int, sealed: bytes) -> bytes:
        opened.append(number)
        return open_chunk(attachment, number, sealed)

    monkeypatch.setattr(exchanged, "open_chunk", counted)
    report = border.af.take("chunk", chunks[1], sender="pk")
    assert opened == [1]
    assert [each.complete for each in report.attachments] == [True]
    assert len(border.items("af", "pk", "holding")) == 1


@dataclass
class Meanwhile:
    """Opens chunks, and does something else once, when the first that is read for the second time is read."""

    does: Callable[[], None]
    opened: set[int] = field(default_factory=set)
    done: bool = False

    def __call__(self, attachment: Attachment, number: int, sealed: bytes) -> bytes:
        if number in self.opened and not self.done:
            self.done = True
            self.does()
        self.opened.add(number)
        return open_chunk(attachment, number, sealed)


def test_others_write_while_a_file_is_read_through(border: Border, monkeypatch: pytest.MonkeyPatch) -> None:
    wrote = list[bool]()

    def write() -> None:
        with begin(border.af.means):
            pass

    def somebody_writes() -> None:
        writer = Thread(target=write)
        writer.start()
        writer.join(timeout=5)
        wrote.append(not writer.is_alive())

    sent = border.pk.with_file("af", data=FILE)
    monkeypatch.setattr(exchanged, "open_chunk", Meanwhile(somebody_writes))
    border.carry("pk", "af")
    assert wrote == [True]
    monkeypatch.undo()
    assert border.af.file(sent) == FILE


def with_two_of_three(border: Border) -> tuple[Pending, list[bytes]]:
    """A file of which af has the first two chunks, and those that come."""
    sent = border.pk.with_file("af", data=FILE)
    chunks = border.items("pk", "af", "chunk")
    border.insert("af", without(border.bundle("pk", "af"), 2))
    return sent, chunks


def test_what_changed_while_it_was_read_through_is_read_anew(border: Border, monkeypatch: pytest.MonkeyPatch) -> None:
    """A reader brings other chunks at that moment, in place of those that were read."""
    sent, chunks = with_two_of_three(border)
    (attached,) = sent.record.fields.attachments
    forged = another(sent, b"x" * CHUNK_BYTES, last=False)[36:]

    def swap() -> None:
        with begin(border.af.means) as turn:
            attachments.drop_chunks(turn.tx, address(attached, "pk").hex())
            others = [(0, forged), (1, chunks[1][36:])]
            attachments.put(turn.tx, [(address(attached, "pk").hex(), *each) for each in others])

    border.af.take("chunk", chunks[0], sender="pk")
    monkeypatch.setattr(exchanged, "open_chunk", Meanwhile(swap))
    assert codes(border.af.take("chunk", chunks[1], chunks[2], sender="pk")) == ["attachment.content"]
    assert border.af.parts(sent) == 0
    monkeypatch.undo()
    border.exchange("af", "pk")
    border.carry("pk", "af")
    assert border.af.file(sent) == FILE


def test_what_was_destroyed_while_it_was_read_through_is_not_kept(
    border: Border, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent, chunks = with_two_of_three(border)

    def destroy() -> None:
        with begin(border.af.means) as turn:
            attachments.forget(turn.tx, sent.record.key)
            attachments.sweep(turn.tx)

    monkeypatch.setattr(exchanged, "open_chunk", Meanwhile(destroy))
    assert codes(border.af.take("chunk", chunks[1], chunks[2], sender="pk")) == ["attachment.unknown"]
    assert rows(border.af) == (0, 0, 0)


def test_all_travels_until_the_holder_has_said_what_it_holds(border: Border) -> None:
    """A stick may be lost on either way."""
    border.pk.with_file("af", data=FILE)
    border.carry("pk", "af")
    lost = border.items("af", "pk", "holding")
    assert len(lost) == 1
    assert len(border.items("pk", "af", "chunk")) == 3
    assert border.items("af", "pk", "holding") == []
    border.carry("pk", "af")  # they came once more, and so it says once more that it has them
    border.carry("af", "pk")
    assert border.items("pk", "af", "chunk") == []


@pytest.mark.promised(
    "an attachment cut, moved or altered",
    "docs/protocol/attachment.md",
    "Carrying",
    "any other is reported and thrown away",
)
def test_a_chunk_that_was_altered_is_reported_and_comes_again(border: Border) -> None:
    sent = border.pk.with_file("af", data=FILE)
    envelope, chunks = border.pk.envelope(sent), border.items("pk", "af", "chunk")
    border.af.take("envelope", envelope, sender="pk")
    altered = chunks[1][:-1] + bytes([chunks[1][-1] ^ 1])
    report = border.af.take("chunk", chunks[0], altered, chunks[2], chunks[0][:20], sender="pk")
    assert codes(report) == ["attachment.chunk", "attachment.unknown"]
    assert border.af.parts(sent) == 2
    border.exchange("af", "pk")
    border.carry("pk", "af")
    assert border.af.file(sent) == FILE


def test_a_chunk_that_comes_before_its_record_is_left_and_comes_again(border: Border) -> None:
    sent = border.pk.with_file("af", data=FILE)
    report = border.af.take("chunk", *border.items("pk", "af", "chunk"), sender="pk")
    assert [str(problem).split(" belong")[0] for _, problem in report.problems] == ["3 chunks"]
    assert rows(border.af) == (0, 0, 0)
    border.carry("pk", "af")
    assert border.af.file(sent) == FILE


def test_anybody_may_bring_a_chunk_for_it_proves_itself(border: Border) -> None:
    sent = border.pk.with_file("af")
    border.af.take("envelope", border.pk.envelope(sent), sender="pk")
    assert not border.af.take("chunk", *border.items("pk", "af", "chunk"), sender="obs").problems
    assert border.af.file(sent) == b"two lorries"


def test_an_older_word_of_what_is_held_does_not_undo_a_later_one(border: Border) -> None:
    border.pk.with_file("af", data=FILE)
    border.insert("af", without(border.bundle("pk", "af"), 0, 1))
    (old,) = border.items("af", "pk", "holding")
    border.clock.forward(minutes=1)
    border.carry("pk", "af")
    (new,) = border.items("af", "pk", "holding")
    border.pk.take("holding", new, old, sender="af")
    assert border.items("pk", "af", "chunk") == []


@pytest.mark.promised(
    "a holder's word by somebody else", "docs/protocol/attachment.md", "Carrying", "by the record key of who holds"
)
def test_nobody_speaks_for_a_holder(border: Border) -> None:
    sent = border.pk.with_file("af", data=FILE)
    border.carry("pk", "af")
    (word,) = border.items("af", "pk", "holding")
    assert codes(border.pk.take("holding", word, sender="obs")) == ["statement.unsigned"]
    theirs = Holding(address(sent.record.fields.attachments[0], "pk").hex(), "af", "obs", ((0, 2),), border.clock())
    forged = dsse.to_bytes(dsse.sign(labels.HOLDING, canonical.encode(theirs), [border.obs.means.keys.record]))
    assert codes(border.pk.take("holding", forged, sender="obs")) == ["holding.parties"]
    assert len(border.items("pk", "af", "chunk")) == 3


@pytest.mark.parametrize("chunks", [((1, 0),), ((0, 0), (1, 1)), ((2, 2), (0, 0)), ((0, 1), (1, 2))])
def test_what_is_held_has_one_spelling(border: Border, chunks: Any) -> None:
    with pytest.raises(Invalid) as caught:
        Holding("ab" * 32, "pk", "af", chunks, border.clock())
    assert caught.value.code == "holding.chunks"


# --- what floors and compact say of it --------------------------------------------------------------------------------


def test_a_record_with_a_file_counts_as_naming_a_person(border: Border) -> None:
    attached = border.pk.attach("bridge.jpg", b"two lorries")
    with pytest.raises(Refused) as caught:
        border.pk.send("af", attachments=(attached,))
    assert caught.value.code == "floor.2"
    assert "no machine looks into" in caught.value.says


def test_files_over_what_the_clause_carries_are_refused_at_both_ends(border: Border) -> None:
    small = Attachment("a.mp4", "video/mp4", 128 * 1024**2, "ab" * 32, "01" * 32)
    border.dishonest.add("pk")
    two = (small, Attachment("b.mp4", "video/mp4", 128 * 1024**2 + 1, "ab" * 32, "02" * 32))
    with pytest.raises(Refused) as caught:
        send([border.pk.draft("af", attachments=two, **border.pk.person())], border.pk.post, border.pk.means)
    assert caught.value.code == "check.attachments"
    assert refusal(border, border.pk.forge("af", attachments=two, **border.pk.person())) == "check.attachments"


def test_a_notice_carries_no_file_past_the_compact(border: Border) -> None:
    """A file asks for the handling of a person (floor 2), and a notice has the one handling that every notice has."""
    about = border.af.send("pk")
    border.dishonest.add("pk")
    border.exchange("af", "pk")
    notice: dict[str, Any] = {
        "kind": "record.destroyed/1",
        "body": {"because": "expired"},
        "handling": NOTICE_HANDLING,
        "refs": (Ref("about", *about.record.key),),
        "attachments": (LACKING,),
    }
    person = border.pk.person()["handling"]
    assert refusal(border, border.pk.forge("af", **notice)) == "floor.2"
    assert refusal(border, border.pk.forge("af", sequence=2, **notice | {"handling": person})) == "check.notice"


def test_a_record_with_two_files_of_one_name_is_refused_whoever_sealed_it(border: Border) -> None:
    with pytest.raises(Invalid) as caught:
        border.pk.forge("af", attachments=(LACKING, LACKING), approved=True, **border.pk.person())
    assert caught.value.code == "attachment.several"


def test_what_is_not_all_here_is_not_sent(border: Border) -> None:
    with pytest.raises(Invalid) as caught:
        send([border.pk.draft("af", attachments=(LACKING,), **border.pk.person())], border.pk.post, border.pk.means)
    assert caught.value.code == "attachment.missing"
    assert rows(border.pk) == (0, 0, 0)


@pytest.mark.parametrize(("name", "data"), [("a.exe", b"MZ"), ("a.txt", b"")], ids=["no type carried", "empty"])
def test_a_file_that_cannot_be_attached_leaves_nothing(border: Border, name: str, data: bytes) -> None:
    with pytest.raises(Invalid):
        border.pk.attach(name, data)
    assert rows(border.pk) == (0, 0, 0)


def test_a_file_is_sealed_and_thrown_away_in_turn_with_all_who_write(border: Border) -> None:
    """Who waits for his turn waits for one queue, and not for as long as the database has patience."""
    engine = border.pk.means.engine
    commits, _ = turns.commits(engine)
    staged = border.pk.attach("bridge.jpg", FILE)
    assert turns.commits(engine)[0] == commits + 2
    exchanged.discard([staged], border.pk.means)
    assert turns.commits(engine)[0] == commits + 3
    assert rows(border.pk) == (0, 0, 0)


def test_a_file_that_changes_while_it_is_read_leaves_nothing(border: Border) -> None:
    class Changing(io.BytesIO):
        def seek(self, *where: int) -> int:
            self.getbuffer()[0] += 1
            return super().seek(*where)

    with pytest.raises(Invalid) as caught:
        stage("a.mp4", Changing(FILE), border.pk.means, unwatched)
    assert caught.value.code == "attachment.changed"
    assert rows(border.pk) == (0, 0, 0)


# --- a reader that lies -----------------------------------------------------------------------------------------------


def another(sent: Pending, file: bytes, *, last: bool = True) -> bytes:
    """The first chunk as a reader can seal it, who has the key, over another file of the same size."""
    (attached,) = sent.record.fields.attachments
    key = derive(bytes.fromhex(attached.key), labels.ATTACHMENT_KEY + bytes.fromhex(attached.sha256))
    return address(attached, "pk") + bytes(4) + AESGCM(key).encrypt(bytes(11) + bytes([last]), file, None)


@pytest.mark.parametrize("party", ["pk", "af"])
def test_a_reader_cannot_put_another_file_in_the_place_of_one_that_is_here(border: Border, party: str) -> None:
    sent = border.pk.with_file("af")
    border.carry("pk", "af")
    border.sides[party].take("chunk", another(sent, b"ten lorries"), sender="pk")
    assert border.sides[party].file(sent) == b"two lorries"


def test_another_file_that_a_reader_brought_first_is_thrown_away_and_the_true_one_comes(border: Border) -> None:
    sent = border.pk.with_file("af")
    border.af.take("envelope", border.pk.envelope(sent), sender="pk")
    assert codes(border.af.take("chunk", another(sent, b"ten lorries"), sender="pk")) == ["attachment.content"]
    assert border.af.parts(sent) == 0
    border.exchange("af", "pk")
    border.carry("pk", "af")
    assert border.af.file(sent) == b"two lorries"


@pytest.mark.parametrize("size", [len(FILE), CHUNK_BYTES])
def test_a_readers_own_record_of_the_file_neither_stops_it_nor_outlives_it(border: Border, size: int) -> None:
    """Who may read a file knows its key, and can name both in a record of its own, with another size."""
    sent = border.pk.with_file("af", data=FILE)
    (attached,) = sent.record.fields.attachments
    border.dishonest.add("obs")
    theirs = msgspec.structs.replace(attached, size=size)
    with begin(border.af.means) as turn:
        attachments.name(turn.tx, ("obs", "01936000-0000-7000-8000-000000000001"), (theirs,), "2026-11-24")
    border.carry("pk", "af")
    assert border.af.file(sent) == FILE
    withdraw(sent.record.fields.id, Withdrawal("mistaken"), border.pk.post, border.pk.means)
    border.carry("pk", "af")
    erase_due(border.af.means)
    assert rows(border.af)[:2] == (1, 0)


def test_what_a_holder_lost_comes_again(border: Border) -> None:
    sent = border.pk.with_file("af", data=FILE)
    border.exchange("pk", "af")
    with begin(border.af.means) as turn:
        turn.tx.execute(delete(CHUNK).where(CHUNK.c.number == 1))
    border.clock.forward(minutes=1)
    border.carry("af", "pk")
    border.carry("pk", "af")
    assert border.af.file(sent) == FILE


# --- a sender that lies -----------------------------------------------------------------------------------------------


def lie(border: Border, file: bytes, **said: Any) -> str:
    """Let pk sign for a file what is not so, seal it as it says, and af take both in; return how af's reading fails."""
    border.dishonest.add("pk")
    honest = {"size": len(file), "sha256": hashlib.sha256(file).hexdigest()}
    attachment = Attachment("a.mp4", "video/mp4", **{**honest, **said}, key="01" * 32)
    held = border.pk.forge("af", attachments=(attachment,), approved=True, **border.pk.person())
    border.af.take("envelope", held, sender="pk")
    key = derive(bytes.fromhex(attachment.key), labels.ATTACHMENT_KEY + bytes.fromhex(attachment.sha256))
    sealed = AESGCM(key).encrypt(bytes(11) + b"\x01", file, None)
    report = border.af.take("chunk", address(attachment, "pk") + bytes(4) + sealed, sender="pk")
    if report.problems:
        return codes(report)[0]
    return "nothing"


@pytest.mark.promised(
    "another file than was signed", "docs/protocol/attachment.md", "Carrying", "A file is shown only whole"
)
def test_other_content_than_was_signed_is_never_shown(border: Border) -> None:
    assert lie(border, b"two lorries", sha256="ab" * 32) == "attachment.content"


def test_another_size_than_was_signed_does_not_come_in(border: Border) -> None:
    assert lie(border, b"two lorries", size=10) == "attachment.chunk"


def test_two_records_of_two_parties_may_name_one_file_and_each_ends_by_itself(border: Border) -> None:
    """Who knows a key can name it in a record of its own: that must neither crash a holder nor reach another's file."""
    border.dishonest.add("pk")
    sent = border.pk.with_file("af")
    border.exchange("pk", "af")
    (attached,) = sent.record.fields.attachments
    copied = border.pk.forge("af", attachments=(attached,), approved=True, sequence=50, **border.pk.person())
    border.af.take("envelope", copied, sender="pk")
    first, second = border.af.received()
    assert border.af.file(first) == border.af.file(second) == b"two lorries"
    withdraw(sent.record.fields.id, Withdrawal("mistaken"), border.pk.post, border.pk.means)
    border.carry("pk", "af")
    erase_due(border.af.means)
    (left,) = (each for each in border.af.received() if each.fields.kind == "intelligence.report/1")
    assert border.af.file(left) == b"two lorries"


# --- how it ends ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("party", ["pk", "af"])
def test_a_file_is_destroyed_with_its_record_down_to_the_raw_bytes(border: Border, party: str) -> None:
    sent = border.pk.with_file("af", data=FILE)
    border.exchange("pk", "af")
    side = border.sides[party]
    (attached,) = sent.record.fields.attachments
    pieces = [FILE[at : at + CHUNK_BYTES] for at in range(0, len(FILE), CHUNK_BYTES)]
    chunks = list(seal_chunks(attached, pieces))
    wanted = [attached.key.encode(), bytes.fromhex(attached.key), attached.sha256.encode()]
    wanted += [each[at : at + 24] for each in chunks for at in range(0, len(each) - 24, 4000)]
    before = side.files()
    assert sum(each in before for each in wanted) > 0.9 * len(wanted)  # some lie across two pages
    withdraw(sent.record.fields.id, Withdrawal("mistaken"), border.pk.post, border.pk.means)
    border.carry("pk", "af")
    erase_due(side.means)
    after = side.files()
    assert [each for each in wanted if each in after] == []
    assert rows(side) == (0, 0, 0)


def test_what_was_withdrawn_or_refused_is_not_sent_any_more(border: Border) -> None:
    sent = border.pk.with_file("af", data=FILE)
    assert len(border.items("pk", "af", "chunk")) == 3
    withdraw(sent.record.fields.id, Withdrawal("mistaken"), border.pk.post, border.pk.means)
    assert border.items("pk", "af", "chunk") == []
    other = border.pk.with_file("af", data=FILE)
    border.clock.forward(days=31)  # it expired on the way, and is refused
    for sender, recipient in (("pk", "af"), ("af", "pk")):
        border.carry(sender, recipient)
    assert border.pk.delivery(other, "af") == "refused"
    assert border.items("pk", "af", "chunk") == []


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (
            update(CHUNK).where(CHUNK.c.number == 1).values(data=b"another"),
            "Part 2 of the attachment 'bridge.jpg' is not",
        ),
        (update(ATTACHMENT).values(data=canonical.encode(LACKING)), "Part 1 of the attachment 'a.txt' is not"),
        (delete(ATTACHMENT), "Its attachments are not those that its sender signed."),
    ],
    ids=["a chunk", "its row", "no row"],
)
@pytest.mark.parametrize("missing", [(), (0,)], ids=["complete", "in parts"])
def test_what_was_rewritten_is_found_by_an_audit(
    border: Border, change: Executable, says: str, missing: tuple[int, ...]
) -> None:
    border.pk.with_file("af", data=FILE)
    border.insert("af", without(border.bundle("pk", "af"), *missing))
    assert audit(border.af.means, unwatched) == []
    copy = border.af.snapshot()
    with begin(border.af.means) as turn:
        turn.tx.execute(change)
    (finding,) = audit(border.af.means, unwatched)
    assert finding.says.startswith(says) or (missing and finding.says.startswith("Part 2"))
    border.af.restore(copy)


def test_no_more_than_some_mebibytes_are_drawn_ahead_of_what_is_kept(border: Border) -> None:
    sent = border.pk.with_file("af", data=bytes(40 * CHUNK_BYTES))
    border.af.take("envelope", border.pk.envelope(sent), sender="pk")
    waiting = []

    def chunks() -> Iterator[bundle.Item]:
        for number, data in enumerate(border.items("pk", "af", "chunk")):
            waiting.append(number - border.af.parts(sent))
            yield bundle.Item("chunk", data)

    receive("pk", chunks(), border.af.means)
    assert border.af.parts(sent) == 40
    assert max(waiting) <= 16


def test_a_draft_that_nobody_approved_takes_its_file_with_it(border: Border) -> None:
    border.pk.hold("af", attachments=(border.pk.attach("a.txt", b"two lorries"),), **border.pk.person())
    assert rows(border.pk) == (1, 1, 0)
    border.clock.forward(days=31)
    erase_due(border.pk.means)
    assert rows(border.pk) == (0, 0, 0)


def test_what_was_staged_and_never_sent_is_destroyed_after_a_day(border: Border) -> None:
    border.pk.attach("a.txt", b"two lorries")
    erase_due(border.pk.means)
    assert rows(border.pk) == (1, 1, 0)
    border.clock.at += timedelta(days=1, seconds=1)
    erase_due(border.pk.means)
    assert rows(border.pk) == (0, 0, 0)
