"""A witness that is asked by HTTP answers as tlog-witness and tlog-mirror say, status by status."""

import io

import pytest

from amanat.exchange.history import Forked
from amanat.exchange.means import begin
from amanat.exchange.mirror import add_entries
from amanat.exchange.witness import add_checkpoint, keys_in_use
from amanat.log.checkpoint import parse_checkpoint
from amanat.log.cosignature import verify_cosignature
from amanat.log.mirror import Standing
from amanat.log.note import add, parse_note, parse_signature_lines
from amanat.log.witness import AddCheckpoint, Conflict, WitnessRefused, parse_add_checkpoint
from border import Border


def ask(border: Border) -> tuple[bytes, bytes]:
    """The bodies of add-checkpoint and add-entries that pk has for obs."""
    (checkpoint,) = border.items("pk", "obs", "checkpoint")
    (entries,) = border.items("pk", "obs", "entries")
    return checkpoint, entries


def status(border: Border, body: bytes, of: str = "checkpoint") -> int:
    with pytest.raises(WitnessRefused) as refused, begin(border.obs.means) as turn:
        add_checkpoint(turn, body) if of == "checkpoint" else add_entries(turn, io.BytesIO(body).read)
    return refused.value.status


def test_a_checkpoint_is_answered_by_nothing_until_its_entries_came(border: Border) -> None:
    border.pk.log(3)
    checkpoint, entries = ask(border)
    request = parse_add_checkpoint(checkpoint)
    with begin(border.obs.means) as turn:
        assert add_checkpoint(turn, checkpoint) == b""
        assert add_checkpoint(turn, checkpoint) == Conflict(3)
        lines = add_entries(turn, io.BytesIO(entries).read)
        assert isinstance(lines, bytes)
        assert add_checkpoint(turn, AddCheckpoint(3, (), request.checkpoint).encode()) == lines
        assert add_entries(turn, io.BytesIO(entries).read) == lines
        key = turn.known.manifests["obs"]
    note = add(parse_note(request.checkpoint), parse_signature_lines(lines))
    own = [line for line in note.signatures if line.name == f"{key.name}/witness"]
    assert len(own) == 2
    with begin(border.obs.means) as turn:
        keys = keys_in_use(turn)
    assert all(verify_cosignature(note, parse_checkpoint(note.text), each) for each in keys)


def test_who_asks_for_a_log_not_known_here_is_told_404(border: Border) -> None:
    border.pk.log(3)
    checkpoint, entries = ask(border)
    assert status(border, checkpoint.replace(b"/pk-af\n", b"/xx-yy\n", 1)) == 404
    assert status(border, entries.replace(b"/pk-af", b"/xx-yy", 1), "entries") == 404


def test_our_own_log_is_nothing_that_we_witness(border: Border) -> None:
    border.pk.log(3)
    checkpoint, _ = ask(border)
    with pytest.raises(WitnessRefused) as refused, begin(border.pk.means) as turn:
        add_checkpoint(turn, checkpoint)
    assert refused.value.status == 404


def test_a_signature_that_does_not_hold_is_told_403(border: Border) -> None:
    border.pk.log(3)
    checkpoint, _ = ask(border)
    assert status(border, checkpoint.replace(b"\n3\n", b"\n4\n", 1)) == 403


@pytest.mark.parametrize("body", [b"", b"old 1\n", b"old 0\n\nno checkpoint"])
def test_a_checkpoint_that_cannot_be_read_is_told_400(border: Border, body: bytes) -> None:
    assert status(border, body) == 400


def test_a_fork_is_told_422_and_is_evidence(border: Border) -> None:
    request = border.second_history()
    with pytest.raises(Forked), begin(border.obs.means) as turn:
        add_checkpoint(turn, request)
    border.pk.log(1, start=200)
    (again,) = border.items("pk", "obs", "checkpoint")
    forked = AddCheckpoint(3, (bytes(32),), parse_add_checkpoint(again).checkpoint).encode()
    assert status(border, forked) == 422


def test_entries_before_any_checkpoint_are_told_422(border: Border) -> None:
    border.pk.log(3)
    _, entries = ask(border)
    with begin(border.obs.means) as turn:
        assert add_entries(turn, io.BytesIO(entries).read) == Standing(422, 0, 0)


def test_entries_that_end_or_begin_elsewhere_are_told_where_the_mirror_stands(border: Border) -> None:
    border.pk.log(3)
    first, entries = ask(border)
    border.pk.log(3, start=3)
    _, later = ask(border)
    with begin(border.obs.means) as turn:
        assert add_checkpoint(turn, first) == b""
        answer = add_entries(turn, io.BytesIO(later).read)
        assert answer == Standing(409, 3, 0)
        begun = entries[:25] + (1).to_bytes(8) + entries[33:]
        assert add_entries(turn, io.BytesIO(begun).read) == Standing(409, 3, 0)


def test_a_body_that_breaks_off_is_told_202_and_what_is_next(border: Border) -> None:
    border.pk.log(300)
    checkpoint, entries = ask(border)
    with begin(border.obs.means) as turn:
        add_checkpoint(turn, checkpoint)
        assert add_entries(turn, io.BytesIO(entries[:-1]).read) == Standing(202, 300, 256)
        assert isinstance(add_entries(turn, io.BytesIO(entries).read), bytes)


@pytest.mark.parametrize("size", [0, 20, 60])
def test_a_body_without_a_whole_package_is_told_400(border: Border, size: int) -> None:
    border.pk.log(3)
    checkpoint, entries = ask(border)
    with begin(border.obs.means) as turn:
        add_checkpoint(turn, checkpoint)
    assert status(border, entries[:size], "entries") == 400


def test_something_after_the_entries_is_told_400(border: Border) -> None:
    border.pk.log(3)
    checkpoint, entries = ask(border)
    with begin(border.obs.means) as turn:
        add_checkpoint(turn, checkpoint)
    assert status(border, entries + b"\0", "entries") == 400


def test_entries_that_are_not_of_the_log_are_told_422(border: Border) -> None:
    border.pk.log(3)
    checkpoint, entries = ask(border)
    with begin(border.obs.means) as turn:
        add_checkpoint(turn, checkpoint)
    assert status(border, entries.replace(entries[60:70], bytes(10)), "entries") == 422
