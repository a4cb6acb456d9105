"""Policies: the specification's example and grammar, each broken line named, quorums counted as written."""

from collections.abc import Iterable

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from amanat.log.checkpoint import Checkpoint
from amanat.log.cosignature import cosign_ed25519, cosign_mldsa44
from amanat.log.malformed import Malformed
from amanat.log.note import (
    COSIGNATURE_ED25519,
    COSIGNATURE_MLDSA44,
    ED25519,
    Note,
    SignatureLine,
    VerifierKey,
    parse_vkey,
    sign_ed25519,
    vkey,
)
from amanat.log.policy import MAX_POLICY, Group, fewest, parse_policy, satisfied, verify_checkpoint, verify_proof
from amanat.log.proof import Proof
from amanat.log.tree import leaf_hash
from log import naive

WHEN = 1679315147
ORIGIN = "log.example"
LOG = Ed25519PrivateKey.from_private_bytes(bytes(32))
LOG_KEY = vkey(VerifierKey(ORIGIN, ED25519, LOG.public_key().public_bytes_raw()))
ML = MLDSA44PrivateKey.from_seed_bytes(bytes(32))
ML_KEY = vkey(VerifierKey("ml.example", COSIGNATURE_MLDSA44, ML.public_key().public_bytes_raw()))


def private(number: int) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32)


def witness_key(number: int) -> str:
    public = private(number).public_key().public_bytes_raw()
    return vkey(VerifierKey(f"w{number}.example", COSIGNATURE_ED25519, public))


X1, X2, X3, Y1, Y2, Y3 = (witness_key(number) for number in range(1, 7))

EXAMPLE = f"""\
log {LOG_KEY}

witness X1 {X1}
witness X2 {X2}
witness X3 {X3}
group X-witnesses 2 X1 X2 X3

witness Y1 {Y1}
witness Y2 {Y2}
witness Y3 {Y3}
group Y-witnesses any Y1 Y2 Y3

group X-and-Y all X-witnesses Y-witnesses
quorum X-and-Y
"""


def refusal(text: str) -> Malformed:
    """The error with which this policy is refused."""
    with pytest.raises(Malformed) as refused:
        parse_policy(text.encode())
    return refused.value


# --- reading ------------------------------------------------------------------------------------------------


def test_the_specifications_example_reads_as_written() -> None:
    policy = parse_policy(EXAMPLE.encode())
    assert policy.logs == (parse_vkey(LOG_KEY),)
    assert policy.witnesses == {
        "X1": parse_vkey(X1),
        "X2": parse_vkey(X2),
        "X3": parse_vkey(X3),
        "Y1": parse_vkey(Y1),
        "Y2": parse_vkey(Y2),
        "Y3": parse_vkey(Y3),
    }
    assert policy.groups == {
        "X-witnesses": Group(2, ("X1", "X2", "X3")),
        "Y-witnesses": Group(1, ("Y1", "Y2", "Y3")),
        "X-and-Y": Group(2, ("X-witnesses", "Y-witnesses")),
    }
    assert policy.quorum == "X-and-Y"


def test_blanks_comments_urls_and_order_do_not_matter() -> None:
    spaced = f"\t \n  # a comment\n#another\nwitness\tw  {ML_KEY}\thttps://w.example/ \n quorum w\nlog {LOG_KEY} url\n"
    plain = f"log {LOG_KEY}\nwitness w {ML_KEY}\nquorum w\n"
    assert parse_policy(spaced.encode()) == parse_policy(plain.encode())


def test_the_fewest_that_are_a_quorum_are_chosen_group_by_group() -> None:
    """Of two ways the one of fewer witnesses, wherever it stands; who did not countersign is not counted upon."""
    witnesses = "".join(f"witness {name} {key}\n" for name, key in zip("abcd", (X1, X2, X3, Y1), strict=True))
    policy = parse_policy(f"{witnesses}group pair all a b\ngroup two 2 pair c d\nquorum two\n".encode())
    assert fewest(policy, {"a", "b", "c", "d", "stranger"}) == frozenset("cd")
    assert fewest(policy, {"a", "b", "d"}) == frozenset("abd")
    assert fewest(policy, {"a", "d"}) is None
    assert fewest(parse_policy(b"quorum none\n"), {"a"}) == frozenset()


def test_a_quorum_of_none_needs_nothing_else() -> None:
    policy = parse_policy(b"quorum none\n")
    assert (policy.logs, dict(policy.witnesses)) == ((), {})
    assert satisfied(policy, set())


def test_names_are_opaque_octets() -> None:
    """The letter K, the Kelvin sign that Unicode folds into it, and an octet that is no UTF-8 are three names."""
    names = [b"K", "\u212a".encode(), b"\xff"]
    lines = [b"witness %b %b\n" % (name, key.encode()) for name, key in zip(names, [X1, X2, X3], strict=True)]
    policy = parse_policy(b"# \xfe\n" + b"".join(lines) + b"group g all %b\nquorum g\n" % b" ".join(names))
    assert [name.encode(errors="surrogateescape") for name in policy.witnesses] == names
    assert satisfied(policy, set(policy.witnesses))
    assert not satisfied(policy, set(policy.witnesses) - {"K"})


def test_a_policy_of_32_logs_witnesses_and_groups_fits() -> None:
    lines = []
    for number in range(32):
        seed = bytes([100 + number]) * 32
        ed = Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()
        ml = MLDSA44PrivateKey.from_seed_bytes(seed).public_key().public_bytes_raw()
        lines.append(f"log {vkey(VerifierKey(f'log{number}', ED25519, ed))}")
        lines.append(f"witness w{number} {vkey(VerifierKey(f'w{number}', COSIGNATURE_MLDSA44, ml))}")
        lines.append(f"group g{number} any w{number}" + (f" g{number - 1}" if number else ""))
    policy = parse_policy("\n".join([*lines, "quorum g31", ""]).encode())
    assert (len(policy.logs), len(policy.witnesses), len(policy.groups)) == (32, 32, 32)
    assert satisfied(policy, {"w0"})


# --- refusing -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "says", "line"),
    [
        ("policy.line", "Line 15 reads 'vote X1'", "vote X1"),
        ("policy.line", "Line 15 reads 'log'", "log"),
        ("policy.line", "Line 15 reads", f"log {LOG_KEY} url more"),
        ("policy.line", "Line 15 reads 'witness Z'", "witness Z"),
        ("policy.line", "Line 15 reads", f"witness Z {ML_KEY} url more"),
        ("policy.line", "Line 15 reads 'group Z 1'", "group Z 1"),
        ("policy.line", "Line 15 reads 'quorum'", "quorum"),
        ("policy.line", "Line 15 reads 'quorum X1 X2'", "quorum X1 X2"),
        ("policy.key", "Line 15: 'x' is not a verifier key", "log x"),
        ("policy.key", "Line 15: The key name '\\udcff' is not allowed", "witness Z \udcff" + X1[X1.index("+") :]),
        ("policy.key", "Line 15 has a key of type 0x04", f"log {X1}"),
        ("policy.key", "Line 15 has a key of type 0x06", f"log {ML_KEY}"),
        ("policy.key", "Line 15 has a key of type 0x01", f"witness Z {LOG_KEY}"),
        ("policy.duplicate", "Line 15 repeats the public key of 'log.example'", f"log {LOG_KEY}"),
        ("policy.duplicate", "Line 15 repeats the public key of 'w1.example'", f"witness Z {X1}"),
        ("policy.name", "Line 15 defines 'X1' again", f"witness X1 {ML_KEY}"),
        ("policy.name", "Line 15 defines 'X-and-Y' again", f"witness X-and-Y {ML_KEY}"),
        ("policy.name", "Line 15 defines 'none' again", f"witness none {ML_KEY}"),
        ("policy.name", "Line 15 defines 'none' again", "group none any X-and-Y"),
        ("policy.name", "Line 15 defines 'X1' again", "group X1 any X-and-Y"),
        ("policy.name", "Line 15 names 'Z'", "group Z any Z"),
        ("policy.name", "Line 15 names 'none'", "group Z any none"),
        ("policy.member", "Line 15 makes 'X1' a member again", "group Z any X1"),
        ("policy.member", "Line 15 makes 'X-and-Y' a member again", "group Z any X-and-Y X-and-Y"),
        ("policy.threshold", "Line 15 asks for '0' of 1", "group Z 0 X-and-Y"),
        ("policy.threshold", "Line 15 asks for '2' of 1", "group Z 2 X-and-Y"),
        ("policy.threshold", "Line 15 asks for '01' of 1", "group Z 01 X-and-Y"),
        ("policy.threshold", "Line 15 asks for 'some' of 1", "group Z some X-and-Y"),
        ("policy.threshold", "Line 15 asks for '1x' of 1", "group Z 1x X-and-Y"),
        ("policy.threshold", "Line 15 asks for '1_0' of 1", "group Z 1_0 X-and-Y"),
        ("policy.quorum", "Line 15 is a second quorum line", "quorum X1"),
    ],
)
def test_an_error_names_the_line_and_what_it_found(code: str, says: str, line: str) -> None:
    with pytest.raises(Malformed) as refused:
        parse_policy(f"{EXAMPLE}{line}\n".encode(errors="surrogateescape"))
    assert refused.value.code == code
    assert says in refused.value.says
    assert refused.value.mend


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("policy.quorum", ""),
        ("policy.quorum", "# nothing\n"),
        ("policy.quorum", EXAMPLE.replace("quorum X-and-Y\n", "")),
        ("policy.name", f"quorum X1\nwitness X1 {X1}\n"),
        ("policy.name", f"witness a {X1}\ngroup g any a h\ngroup h any g\nquorum g\n"),
        ("policy.end", "quorum none"),
        ("policy.end", EXAMPLE[:-1]),
        ("policy.line", EXAMPLE.replace("quorum X", "quorum\u00a0X")),
        ("policy.size", "#" * MAX_POLICY + "\n"),
    ],
)
def test_a_policy_that_is_not_whole_is_refused(code: str, text: str) -> None:
    assert refusal(text).code == code


@pytest.mark.parametrize("octet", [*(octet for octet in range(32) if chr(octet) not in "\t\n"), 0x7F])
def test_control_characters_are_refused_by_line_and_octet(octet: int) -> None:
    error = refusal(f"quorum none\n\n# {chr(octet)}\n")
    assert error.code == "policy.octet"
    assert error.says == f"Line 3 holds the octet 0x{octet:02x}."


def test_lines_are_counted_from_the_first_though_it_be_empty() -> None:
    assert refusal("\n\x00\n").says.startswith("Line 2 ")


def test_a_policy_has_256_kib_and_not_a_byte_more() -> None:
    largest = "quorum none\n#" + "x" * (262_144 - 14) + "\n"
    assert parse_policy(largest.encode()).quorum == "none"
    assert refusal("\n" + largest).code == "policy.size"


def test_a_policy_cut_short_anywhere_is_refused() -> None:
    data = EXAMPLE.encode()
    for end in range(len(data)):
        with pytest.raises(Malformed):
            parse_policy(data[:end])


@given(st.binary(max_size=100) | st.text("logwitnesgrupqm 1#\n", max_size=60).map(str.encode))
def test_whatever_arrives_is_a_policy_or_malformed(data: bytes) -> None:
    try:
        policy = parse_policy(data)
    except Malformed:
        return
    assert policy.quorum


# --- quorum -------------------------------------------------------------------------------------------------


@given(st.sets(st.sampled_from(["X1", "X2", "X3", "Y1", "Y2", "Y3"])))
def test_the_specifications_example_asks_for_two_of_x_and_one_of_y(names: set[str]) -> None:
    of_x = sum(name.startswith("X") for name in names)
    of_y = sum(name.startswith("Y") for name in names)
    assert satisfied(parse_policy(EXAMPLE.encode()), names) == (of_x >= 2 and of_y >= 1)


def test_a_quorum_may_be_one_witness() -> None:
    policy = parse_policy(f"witness a {X1}\nwitness b {X2}\nquorum a\n".encode())
    assert satisfied(policy, {"a"})
    assert not satisfied(policy, {"b"})


def test_nobody_is_witnessed_by_calling_themselves_a_group_or_none() -> None:
    policy = parse_policy(EXAMPLE.encode())
    assert not satisfied(policy, {"X-witnesses", "Y-witnesses", "X-and-Y", "none", "Z"})


# --- verifying a checkpoint ---------------------------------------------------------------------------------

ENTRIES = [b"a", b"b", b"c"]
CHECKPOINT = Checkpoint(ORIGIN, 3, naive.mth(ENTRIES))
POLICY = parse_policy(f"{EXAMPLE}witness ml {ML_KEY}\n".encode())


def signed(numbers: Iterable[int], *more: SignatureLine) -> bytes:
    """The checkpoint signed by its log and cosigned by these witnesses."""
    text = CHECKPOINT.text()
    lines = [cosign_ed25519(text, f"w{number}.example", private(number), WHEN + number) for number in numbers]
    return Note(text, (sign_ed25519(text, ORIGIN, LOG), *lines, *more)).encode()


def test_a_checkpoint_tells_who_cosigned_it_when_and_whether_they_are_a_quorum() -> None:
    verified = verify_checkpoint(POLICY, signed([1, 3, 5], cosign_mldsa44(CHECKPOINT, "ml.example", ML, WHEN)))
    assert verified.checkpoint == CHECKPOINT
    assert verified.log_name == ORIGIN
    assert verified.cosigned == {"X1": WHEN + 1, "X3": WHEN + 3, "Y2": WHEN + 5, "ml": WHEN}
    assert verified.quorum


def test_a_missing_quorum_is_told_and_stops_nothing() -> None:
    verified = verify_checkpoint(POLICY, signed([1, 5]))
    assert verified.cosigned == {"X1": WHEN + 1, "Y2": WHEN + 5}
    assert not verified.quorum


def test_an_unknown_witness_is_ignored() -> None:
    assert verify_checkpoint(POLICY, signed([9])).cosigned == {}


def test_a_bad_line_by_a_known_witness_condemns_the_checkpoint() -> None:
    bad = SignatureLine("w2.example", parse_vkey(X2).key_id, bytes(72))
    with pytest.raises(Malformed) as refused:
        verify_checkpoint(POLICY, signed([1, 3, 5], bad))
    assert refused.value.code == "cosignature.signature"


def test_a_checkpoint_that_no_log_of_the_policy_signed_is_refused() -> None:
    text = CHECKPOINT.text()
    for line in [
        cosign_ed25519(text, "w1.example", private(1), WHEN),
        sign_ed25519(text, ORIGIN, private(7)),
        sign_ed25519(text, "other.example", LOG),
    ]:
        with pytest.raises(Malformed, match="No log of the policy signed this checkpoint") as refused:
            verify_checkpoint(POLICY, Note(text, (line,)).encode())
        assert refused.value.code == "policy.log"


def test_a_log_of_the_policy_cannot_speak_for_another() -> None:
    text = Checkpoint("other.example", 3, CHECKPOINT.root).text()
    with pytest.raises(Malformed) as refused:
        verify_checkpoint(POLICY, Note(text, (sign_ed25519(text, ORIGIN, LOG),)).encode())
    assert refused.value.code == "policy.log"


def test_a_log_signing_with_two_known_keys_must_be_right_with_both() -> None:
    """So keys rotate: a while both sign."""
    second = VerifierKey(ORIGIN, ED25519, private(8).public_key().public_bytes_raw())
    policy = parse_policy(f"log {LOG_KEY}\nlog {vkey(second)}\nquorum none\n".encode())
    verify_checkpoint(policy, signed([]))
    verify_checkpoint(policy, signed([], sign_ed25519(CHECKPOINT.text(), ORIGIN, private(8))))
    with pytest.raises(Malformed) as refused:
        verify_checkpoint(policy, signed([], SignatureLine(ORIGIN, second.key_id, bytes(64))))
    assert refused.value.code == "note.signature"


def test_a_bad_line_by_another_log_of_the_policy_condemns_the_checkpoint() -> None:
    """Its key is known, so signed-note has us verify what stands in its name (section Signatures)."""
    other = VerifierKey("other.example", ED25519, private(8).public_key().public_bytes_raw())
    policy = parse_policy(f"log {LOG_KEY}\nlog {vkey(other)}\nquorum none\n".encode())
    verify_checkpoint(policy, signed([], sign_ed25519(CHECKPOINT.text(), "other.example", private(8))))
    with pytest.raises(Malformed) as refused:
        verify_checkpoint(policy, signed([], SignatureLine("other.example", other.key_id, bytes(64))))
    assert refused.value.code == "note.signature"


# --- verifying a proof --------------------------------------------------------------------------------------


def test_a_proof_binds_a_leaf_to_a_checkpoint_of_the_policy() -> None:
    proof = Proof(None, 1, tuple(naive.path(1, ENTRIES)), signed([1, 2, 4]))
    verified = verify_proof(POLICY, proof, leaf_hash(b"b"))
    assert verified == verify_checkpoint(POLICY, proof.checkpoint)
    assert verified.quorum


def test_a_proof_of_another_leaf_or_under_another_log_is_refused() -> None:
    proof = Proof(None, 1, tuple(naive.path(1, ENTRIES)), signed([1, 2, 4]))
    with pytest.raises(Malformed) as refused:
        verify_proof(POLICY, proof, leaf_hash(b"a"))
    assert refused.value.code == "proof.inclusion"
    with pytest.raises(Malformed) as refused:
        verify_proof(parse_policy(b"quorum none\n"), proof, leaf_hash(b"b"))
    assert refused.value.code == "policy.log"
