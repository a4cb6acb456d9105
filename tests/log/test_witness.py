"""The witness decides as tlog-witness says, status by status, and never cosigns a fork."""

from collections.abc import Sequence

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from amanat.log.checkpoint import Checkpoint
from amanat.log.malformed import Malformed
from amanat.log.note import ED25519, MAX_NOTE, Note, SignatureLine, VerifierKey, parse_note, sign_ed25519
from amanat.log.tree import EMPTY_ROOT
from amanat.log.witness import (
    MAX_REQUEST,
    AddCheckpoint,
    Conflict,
    Cosign,
    State,
    WitnessRefused,
    decide,
    parse_add_checkpoint,
)
from log import naive

EXAMPLE = """\
old 20852014
PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=
jrJZDmY8Y7SyJE0MWLpLozkIVMSMZcD5kvuKxPC3swk=
5+pKlUdi2LeF/BcMHBn+Ku6yhPGNCswZZD1X/6QgPd8=
/6WVhPs2CwSsb5rYBH5cjHV/wSmA79abXAwhXw3Kj/0=

example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
— example.com/behind-the-sofa opLqBQsREYCgu6xQkYQwJr9fo45a62DN9EdmHXnZdXNqlcVGlCum2Wks+49/V6267UEjw6QUXTS5Rovnzv++qbSzm9Q=
""".encode()

ORIGIN = "log.example"
PRIVATE = Ed25519PrivateKey.from_private_bytes(bytes(32))
KEY = VerifierKey(ORIGIN, ED25519, PRIVATE.public_key().public_bytes_raw())
KNOWN = {ORIGIN: KEY}
ENTRIES = [bytes([number]) for number in range(8)]


def checkpoint(size: int, root: bytes, origin: str = ORIGIN) -> bytes:
    """A checkpoint as its log signs it."""
    text = Checkpoint(origin, size, root).text()
    return Note(text, (sign_ed25519(text, origin, PRIVATE),)).encode()


def honest(old_size: int, size: int) -> AddCheckpoint:
    """What an honest log of `ENTRIES` asks for."""
    proof = naive.consistency(old_size, ENTRIES[:size]) if 0 < old_size <= size else []
    return AddCheckpoint(old_size, tuple(proof), checkpoint(size, naive.mth(ENTRIES[:size])))


def state(size: int) -> State:
    return State(size, naive.mth(ENTRIES[:size]))


def refusal(request: AddCheckpoint, latest: State | None) -> WitnessRefused:
    with pytest.raises(WitnessRefused) as refused:
        decide(request, KNOWN, latest)
    return refused.value


# --- the request --------------------------------------------------------------------------------------------


@given(
    st.integers(0, 2**63 - 1),
    st.lists(st.binary(min_size=32, max_size=32), max_size=63).map(tuple),
    st.binary(max_size=200),
)
def test_requests_come_back_as_they_were(old_size: int, proof: tuple[bytes, ...], data: bytes) -> None:
    request = AddCheckpoint(old_size, proof, data)
    assert parse_add_checkpoint(request.encode()) == request


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"old 20852014", b"old"),
        (b"old 20852014", b"20852014"),
        (b"old 20852014", b"old 020852014"),
        (b"old 20852014", b"old -1"),
        (b"old 20852014", b"old 9223372036854775808"),
        (b"old 20852014", b"Old 20852014"),
        (b"old 20852014\n", b""),
        (b"old 20852014\n", b"\n"),
        (b"old 20852014\n", b"old 20852014\r\n"),
        (b"old 20852014", b"old \xff"),
        (b"6QgPd8=\n", b"6QgPd8\n"),
        (b"6QgPd8=\n", b"6QgPd9=\n"),
        (b"6QgPd8=\n", b"6QgP\n"),
        (b"old 20852014\n", b"old 20852014\n" + b"PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=\n" * 60),
        (b"old 20852014\n", b"old 20852014\n" + b"A" * MAX_REQUEST),
    ],
)
def test_a_request_that_cannot_be_read_is_a_bad_request(old: bytes, new: bytes) -> None:
    assert EXAMPLE.count(old) == 1
    with pytest.raises(WitnessRefused) as refused:
        parse_add_checkpoint(EXAMPLE.replace(old, new))
    assert (refused.value.status, refused.value.code) == (400, "witness.request")
    assert not refused.value.evidence


def test_the_largest_request_leaves_room_for_the_largest_note() -> None:
    request = AddCheckpoint(2**63 - 1, (bytes(32),) * 63, bytes(MAX_NOTE))
    assert parse_add_checkpoint(request.encode()) == request


@pytest.mark.parametrize(("size", "refused"), [(135_168, False), (135_169, True)])
def test_a_request_has_132_kib_and_not_a_byte_more(size: int, refused: bool) -> None:  # noqa: FBT001
    data = b"old 1\n\n" + bytes(size - 7)
    if refused:
        with pytest.raises(WitnessRefused, match="At most 135168 are read"):
            parse_add_checkpoint(data)
    else:
        assert parse_add_checkpoint(data).old_size == 1


def test_a_request_cut_short_anywhere_is_refused() -> None:
    key = VerifierKey("example.com/behind-the-sofa", ED25519, bytes(32))
    for end in range(len(EXAMPLE)):
        with pytest.raises(WitnessRefused):
            decide(parse_add_checkpoint(EXAMPLE[:end]), {key.name: key}, None)


# --- the decision -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("old_size", range(9))
def test_a_checkpoint_that_follows_is_cosigned(old_size: int) -> None:
    for size in range(old_size, 9):
        request = honest(old_size, size)
        expected = Cosign(Checkpoint(ORIGIN, size, naive.mth(ENTRIES[:size])), parse_note(request.checkpoint))
        assert decide(request, KNOWN, state(old_size)) == expected


def test_a_first_checkpoint_of_any_size_is_cosigned() -> None:
    assert isinstance(decide(honest(0, 0), KNOWN, None), Cosign)
    assert isinstance(decide(honest(0, 8), KNOWN, None), Cosign)


@pytest.mark.parametrize(("old_size", "latest"), [(0, 5), (4, 5), (6, 5), (3, 0)])
def test_a_request_from_elsewhere_is_told_where_the_witness_stands(old_size: int, latest: int) -> None:
    answer = decide(honest(old_size, 8), KNOWN, state(latest) if latest else None)
    assert answer == Conflict(latest)
    assert answer.encode() == f"{latest}\n".encode()


def test_a_checkpoint_that_cannot_be_read_is_a_bad_request() -> None:
    for data in (b"", b"no note", Note(b"no checkpoint\n", (SignatureLine("a", b"abcd", b"e"),)).encode()):
        error = refusal(AddCheckpoint(0, (), data), None)
        assert (error.status, error.evidence) == (400, False)


def test_an_old_size_above_the_checkpoints_is_a_bad_request_even_where_the_witness_stands() -> None:
    error = refusal(honest(6, 5), state(6))
    assert (error.status, error.code, error.evidence) == (400, "witness.size", False)


def test_an_unknown_log_is_not_found() -> None:
    error = refusal(AddCheckpoint(0, (), checkpoint(1, bytes(32), "other.example")), None)
    assert (error.status, error.code, error.evidence) == (404, "witness.origin", False)


def test_a_checkpoint_without_the_logs_valid_signature_is_forbidden() -> None:
    text = Checkpoint(ORIGIN, 8, naive.mth(ENTRIES)).text()
    good = sign_ed25519(text, ORIGIN, PRIVATE)
    bad = SignatureLine(ORIGIN, KEY.key_id, bytes(64))
    stranger = sign_ed25519(text, ORIGIN, Ed25519PrivateKey.from_private_bytes(b"\x01" * 32))
    for lines, code in [((bad,), "note.signature"), ((good, bad), "note.signature"), ((stranger,), "note.unsigned")]:
        error = refusal(AddCheckpoint(0, (), Note(text, lines).encode()), None)
        assert (error.status, error.code, error.evidence) == (403, code, False)
    assert isinstance(decide(AddCheckpoint(0, (), Note(text, (stranger, good)).encode()), KNOWN, None), Cosign)


@pytest.mark.parametrize("latest", [None, State(0, EMPTY_ROOT)])
def test_an_empty_log_with_a_root_is_evidence(latest: State | None) -> None:
    error = refusal(AddCheckpoint(0, (), checkpoint(0, bytes(32))), latest)
    assert (error.status, error.code, error.evidence) == (422, "witness.begin", True)


def test_a_proof_from_size_zero_is_unprocessable() -> None:
    request = AddCheckpoint(0, (bytes(32),), checkpoint(8, naive.mth(ENTRIES)))
    assert refusal(request, None).status == 422


@pytest.mark.parametrize("size", [5, 6, 8])
def test_a_checkpoint_that_does_not_follow_is_evidence(size: int) -> None:
    """At the same size with another root, and at a larger one whatever the proof."""
    forked = [b"fork", *ENTRIES[1:size]]
    for proof in ([], naive.consistency(5, forked), naive.consistency(5, ENTRIES[:size]), [bytes(32)]):
        error = refusal(AddCheckpoint(5, tuple(proof), checkpoint(size, naive.mth(forked))), state(5))
        assert (error.status, error.code, error.evidence) == (422, "proof.consistency", True)


def test_the_same_checkpoint_again_with_a_proof_is_unprocessable() -> None:
    request = AddCheckpoint(5, (bytes(32),), honest(5, 5).checkpoint)
    assert refusal(request, state(5)).status == 422


def test_what_a_witness_raises_is_malformed_with_a_status() -> None:
    """So that no caller can forget one by catching the other."""
    assert issubclass(WitnessRefused, Malformed)


# --- never a fork -------------------------------------------------------------------------------------------

moves = st.tuples(
    st.integers(0, 1),  # which history the checkpoint is of
    st.integers(0, 12),  # its size
    st.none() | st.integers(0, 12),  # the old size claimed; None is the right one
    st.integers(0, 1),  # which history the proof is of
    st.lists(st.binary(min_size=32, max_size=32), max_size=4) | st.none(),  # or a proof of noise
)


@given(st.integers(0, 11), st.lists(moves, max_size=30))
def test_whatever_a_log_of_two_histories_asks_only_one_is_ever_cosigned(
    shared: int, asked: Sequence[tuple[int, int, int | None, int, list[bytes] | None]]
) -> None:
    """The log signs anything, lies about old sizes and sends any proof; the histories part after `shared` entries."""
    common = [bytes([number]) for number in range(shared)]
    histories = [common + [side + bytes([number]) for number in range(12 - shared)] for side in (b"a", b"b")]
    latest: State | None = None
    cosigned: list[State] = []
    for which, size, claimed, proof_of, noise in asked:
        old_size = claimed if claimed is not None else (latest.size if latest else 0)
        right = naive.consistency(old_size, histories[proof_of][:size]) if 0 < old_size <= size else []
        root = naive.mth(histories[which][:size])
        request = AddCheckpoint(old_size, tuple(right if noise is None else noise), checkpoint(size, root))
        try:
            decision = decide(request, KNOWN, latest)
        except WitnessRefused:
            continue
        if isinstance(decision, Cosign):
            latest = State(decision.checkpoint.size, decision.checkpoint.root)
            cosigned.append(latest)
    assert [each.size for each in cosigned] == sorted(each.size for each in cosigned)
    assert any(all(each.root == naive.mth(history[: each.size]) for each in cosigned) for history in histories)


@given(st.lists(st.integers(0, 12), max_size=8))
def test_an_honest_log_that_asks_from_where_the_witness_stands_is_always_cosigned(sizes: list[int]) -> None:
    entries = [bytes([number]) for number in range(12)]
    latest: State | None = None
    for size in sorted(sizes):
        old_size = latest.size if latest else 0
        proof = tuple(naive.consistency(old_size, entries[:size])) if old_size else ()
        root = naive.mth(entries[:size])
        assert isinstance(decide(AddCheckpoint(old_size, proof, checkpoint(size, root)), KNOWN, latest), Cosign)
        latest = State(size, root)
