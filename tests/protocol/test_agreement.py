"""`docs/protocol/check_receipt.py` and `amanat.log` say the same of whatever somebody may hand in as a receipt.

Law: they never differ in what a receipt proves. The program reads some that are only badly written, and takes its
policy, which is the verifier's own, as well written.
"""

import contextlib
import hashlib
import io
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from amanat.log.malformed import Malformed
from amanat.log.policy import parse_policy, verify_proof
from amanat.log.proof import parse_proof
from amanat.log.tree import leaf_hash, node_hash
from protocol import vectors
from protocol.make_vectors import VECTORS
from protocol.receipts import AF, AT, INDEX, LOG, OBS, ORIGIN, PK, POLICIES, STRANGER, Signer, Tree, text64
from protocol.vectors import load

SCRIPT = VECTORS.parent / "check_receipt.py"
FINAL, PROVISIONAL, FAILED = 0, 10, 1
ENVELOPE = vectors.envelope("one")
GOOD = {each["name"]: each for each in load("receipt")["vectors"] if "holds" in each}


def whole(name: str) -> bytes:
    return vectors.receipt(GOOD[name])


# --- two verdicts -----------------------------------------------------------------------------------------------------

PROGRAM = compile(SCRIPT.read_text("utf-8"), str(SCRIPT), "exec")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("receipts")


def theirs(folder: Path, envelope: bytes, receipt: bytes, policy: bytes) -> int:
    """The program's exit code, without starting another Python each time."""
    names = [str(folder / name) for name in ("envelope", "receipt", "policy")]
    for name, data in zip(names, (envelope, receipt, policy), strict=True):
        Path(name).write_bytes(data)
    before, sys.argv = sys.argv, ["check_receipt.py", *names]
    try:
        with contextlib.redirect_stdout(io.StringIO()), pytest.raises(SystemExit) as left:
            exec(PROGRAM, {"__name__": "__main__"})  # noqa: S102 - the program under test
    finally:
        sys.argv = before
    return left.value.code if isinstance(left.value.code, int) else FAILED


def ours(envelope: bytes, receipt: bytes, policy: bytes) -> tuple[int, str]:
    """Our verdict, and the code of what does not hold."""
    try:
        leaf = leaf_hash(hashlib.sha256(envelope).digest())
        verified = verify_proof(parse_policy(policy), parse_proof(receipt), leaf)
    except Malformed as error:
        return FAILED, error.code
    return (FINAL if verified.quorum else PROVISIONAL), ""


ODD = [
    "\n",
    "\n\n",
    " ",
    "\t",
    "=",
    "0",
    "A",
    "+",
    "/",
    "-",
    "\u2014",
    "\u00a0",
    "\x85",
    "\u2028",
    "\x00",
    "\x7f",
    "é",
    "x\n",
]
ODD_BYTES = [*(text.encode() for text in ODD), b"\xff", b"\xc2"]
Change = Callable[[bytes], bytes]


@st.composite
def changes(draw: st.DrawFn) -> Change:
    """One thing somebody may do to a text: to a byte, a piece or a line, with what else stands in it."""
    share, other = draw(st.floats(0, 1)), draw(st.floats(0, 1))
    length, bit, odd = draw(st.integers(1, 50)), draw(st.integers(0, 7)), draw(st.sampled_from(ODD_BYTES))

    def change(data: bytes) -> bytes:
        at = int(share * max(0, len(data) - 1))
        to = int(other * len(data))
        lines = data.splitlines(keepends=True)
        line, second = (int(each * max(0, len(lines) - 1)) for each in (share, other))
        done: dict[str, Callable[[], bytes]] = {
            "turn a bit": lambda: data[:at] + bytes([byte ^ 1 << bit for byte in data[at : at + 1]]) + data[at + 1 :],
            "insert": lambda: data[:at] + odd + data[at:],
            "put over": lambda: data[:at] + odd + data[at + len(odd) :],
            "cut out": lambda: data[:at] + data[at + length :],
            "cut off": lambda: data[:at],
            "move": lambda: data[:to] + data[at : at + length] + data[to:],
            "line out": lambda: b"".join(lines[:line] + lines[line + 1 :]),
            "line twice": lambda: b"".join(lines[:second] + lines[line : line + 1] + lines[second:]),
            "line end": lambda: b"".join(
                lines[:line] + [each[:-1] + odd for each in lines[line : line + 1]] + lines[line + 1 :]
            ),
        }
        return done[kind]()

    kind = draw(
        st.sampled_from(
            ["turn a bit", "insert", "put over", "cut out", "cut off", "move", "line out", "line twice", "line end"]
        )
    )
    return change


PROVES = {"proof.inclusion", "proof.index", "policy.log", "note.signature", "cosignature.signature"}
"""What fails when a receipt proves nothing. Other codes say that it, or the verifier's own policy, is badly written."""


def agreed(folder: Path, receipt: bytes, policy: bytes) -> int:
    """What we say of a receipt for the envelope; the program says so too, or reads what is only badly written."""
    verdict, code = ours(ENVELOPE, receipt, policy)
    said = theirs(folder, ENVELOPE, receipt, policy)
    assert said == verdict or (verdict == FAILED and code not in PROVES), (said, verdict, code)
    return verdict


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("name", GOOD)
def test_both_agree_on_every_good_receipt_under_every_policy(name: str, policy: str, folder: Path) -> None:
    agreed(folder, whole(name), POLICIES[policy].encode())


@given(st.sampled_from(sorted(GOOD)), st.lists(changes(), min_size=1, max_size=3))
@example("strangers passed over", [lambda data: data.replace(b"witness Za", b"witness \nZa")])
def test_both_agree_on_receipts_changed_on_the_way(folder: Path, name: str, made: list[Change]) -> None:
    changed = whole(name)
    for change in made:
        changed = change(changed)
    agreed(folder, changed, POLICIES[GOOD[name]["policy"]].encode())


# A text altered and signed all the same: what only strict parsing can refuse.

NAMES = st.one_of(
    st.just(ORIGIN),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
    st.sampled_from(["n" * 255, "n" * 256, "é" * 128]),
)
TIMES = st.sampled_from([0, 1, AT, 253402300799, 253402300800, 2**63 - 1, 2**63, 2**64 - 1])


def drawn(_asked: bytes, draw: Callable[[], bytes]) -> bytes:
    return draw()


def odd(origin: str, made: list[Change], time: int, witness: Signer) -> tuple[bytes, bytes]:
    """A receipt whose checkpoint was changed before log and witness signed it, and the policy that names both."""
    log = Signer(origin, LOG, 11)
    tree = Tree([hashlib.sha256(ENVELOPE if at == INDEX else bytes([at])).digest() for at in range(7)], origin)
    head, _, _ = tree.receipt(INDEX).encode().partition(tree.text)
    for change in made:
        tree.text = change(tree.text)
    if witness is PK and len(origin.encode()) > 255:
        line = f"\u2014 {witness.name} {text64(witness.id + bytes(8 + 2420))}\n"  # no such origin can be cosigned
    else:
        line = witness.line(tree, drawn, time)
    note = tree.text + b"\n" + log.line(tree, drawn).encode() + line.encode()
    return head + note, f"log {log.vkey}\nwitness w {witness.vkey}\nquorum w\n".encode()


@given(NAMES, st.lists(changes(), max_size=2), TIMES, st.sampled_from([PK, OBS]))
@example("n" * 256, [], AT, PK)
@example("n" * 256, [], AT, OBS)
@example(ORIGIN, [lambda text: text + b"an extension line\n"], AT, PK)
def test_both_agree_on_what_the_right_keys_signed(
    folder: Path, origin: str, made: list[Change], time: int, witness: Signer
) -> None:
    agreed(folder, *odd(origin, made, time, witness))


@pytest.mark.parametrize(
    ("origin", "time", "witness", "verdict"),
    [
        ("güte/1", AT, PK, FINAL),
        ("n" * 256, AT, OBS, FINAL),
        ("n" * 256, AT, PK, FAILED),
        ("two words", AT, OBS, FAILED),
        ("two\u00a0words", AT, OBS, FAILED),
        ("one+one", AT, OBS, FAILED),
        (ORIGIN, 0, PK, FINAL),
        (ORIGIN, 2**63 - 1, OBS, FINAL),
        (ORIGIN, 2**63, OBS, FAILED),
        (ORIGIN, 2**63, PK, FAILED),
    ],
)
def test_the_bounds_of_names_and_times(origin: str, time: int, witness: Signer, verdict: int, folder: Path) -> None:
    assert agreed(folder, *odd(origin, [], time, witness)) == verdict


@pytest.mark.parametrize(
    ("old", "new", "verdict"),
    [
        (b"\n7\n", b"\n7\nan extension line\n", FAILED),
        (b"=\n", b"=\nan extension line\n", FINAL),
        (b"=\n", b"=\n\nan empty line above\n", FAILED),
        (b"=\n", b"=", FAILED),
        (b"=\n", b"=\r\n", FAILED),
        (b"\n7\n", b"\n07\n", FAILED),
        (b"\n7\n", b"\n0\n", FAILED),
        (b"\n7\n", b"\n9223372036854775808\n", FAILED),
        (b"=\n", b"=\n\xff\n", FAILED),
        (b"=\n", b"=\na\ttab\n", FAILED),
        (b"af.", b"xf.", FAILED),
    ],
)
def test_a_signature_does_not_make_a_form_right(old: bytes, new: bytes, verdict: int, folder: Path) -> None:
    assert agreed(folder, *odd(ORIGIN, [lambda text: text.replace(old, new)], AT, OBS)) == verdict


# Proofs and policies made for one rule each.


def signed(tree: Tree, path: list[bytes], index: int, *more: str) -> bytes:
    """A receipt under `tree`'s checkpoint with any path and index."""
    _, _, note = tree.receipt(0, AF.line(tree, drawn), *more).encode().partition(tree.text)
    lines = "".join(text64(each) + "\n" for each in path)
    return f"c2sp.org/tlog-proof@v1\nindex {index}\n{lines}\n".encode() + tree.text + note


ENTRY = hashlib.sha256(ENVELOPE).digest()
NONE = POLICIES["none"].encode()


@pytest.mark.parametrize(
    ("path", "index", "verdict"), [([], 0, FINAL), ([], 1, FAILED), ([bytes(32)], 0, FAILED), ([bytes(31)], 0, FAILED)]
)
def test_the_only_entry_has_index_0_and_no_path(path: list[bytes], index: int, verdict: int, folder: Path) -> None:
    assert agreed(folder, signed(Tree([ENTRY]), path, index), NONE) == verdict


@pytest.mark.parametrize(("size", "verdict"), [(2**63 - 1, FINAL), (2**63, FAILED)])
def test_the_largest_log(size: int, verdict: int, folder: Path) -> None:
    tree, path = Tree([ENTRY], size=size), [bytes([at]) * 32 for at in range(63)]
    root = leaf_hash(ENTRY)
    for each in path:
        root = node_hash(root, each)
    tree.text = f"{ORIGIN}\n{size}\n{text64(root)}\n".encode()
    assert agreed(folder, signed(tree, path, 0), NONE) == verdict


@pytest.mark.parametrize(("length", "verdict"), [(90_000, FINAL), (100_000, FAILED)])
def test_a_note_has_at_most_128_kib(length: int, verdict: int, folder: Path) -> None:
    stranger = f"\u2014 stranger.example/w {text64(bytes(length))}\n"
    assert agreed(folder, signed(Tree([ENTRY]), [], 0, stranger), NONE) == verdict


@pytest.mark.parametrize(("length", "verdict"), [(140_000, FINAL), (150_000, FAILED)])
def test_a_receipt_has_at_most_192_kib(length: int, verdict: int, folder: Path) -> None:
    receipt = signed(Tree([ENTRY]), [], 0).replace(b"index", f"extra {text64(bytes(length))}\nindex".encode())
    assert agreed(folder, receipt, NONE) == verdict


LOG_LINE, PK_LINE, OBS_LINE = f"log {AF.vkey}", f"witness pk {PK.vkey}", f"witness obs {OBS.vkey}"
SPACED = Signer("a\u00a0space", 4, 20)


@pytest.mark.parametrize(
    ("lines", "verdict"),
    [
        ([LOG_LINE, OBS_LINE, "quorum obs"], FINAL),
        ([OBS_LINE, "quorum obs", LOG_LINE], FINAL),
        ([LOG_LINE, OBS_LINE, PK_LINE, "group g 2 obs pk", "quorum obs"], FINAL),
        ([LOG_LINE, OBS_LINE, "group g 1 obs", "group h any g", "quorum h"], FINAL),
        ([LOG_LINE, f"witness s {STRANGER.vkey}", "quorum s"], PROVISIONAL),
        ([LOG_LINE, "quorum obs", OBS_LINE], FAILED),
        ([LOG_LINE, OBS_LINE, "quorum obs", "quorum obs"], FAILED),
        ([LOG_LINE, OBS_LINE, "group g any none obs", "quorum g"], FAILED),
        ([LOG_LINE, OBS_LINE, "group g all", "quorum none"], FAILED),
        ([LOG_LINE, OBS_LINE, "group obs any obs", "quorum obs"], FAILED),
        ([LOG_LINE, OBS_LINE, "group g 0 obs", "quorum g"], FAILED),
        ([LOG_LINE, OBS_LINE, "group g 2 obs", "quorum obs"], FAILED),
        ([LOG_LINE, OBS_LINE, "group g 01 obs", "quorum obs"], FAILED),
        ([LOG_LINE, OBS_LINE, "group g any obs", "group h any obs", "quorum obs"], FAILED),
        ([LOG_LINE, f"witness none {OBS.vkey}", "quorum none"], FAILED),
        ([LOG_LINE, OBS_LINE, f"witness obs {PK.vkey}", "quorum obs"], FAILED),
        ([LOG_LINE, LOG_LINE, "quorum none"], FAILED),
        ([OBS_LINE, "quorum obs"], FAILED),
        ([LOG_LINE, f"witness log {AF.vkey}", "quorum none"], FAILED),
        ([f"log {OBS.vkey}", "quorum none"], FAILED),
        ([LOG_LINE, f"witness s {SPACED.vkey}", "quorum none"], FAILED),
        ([LOG_LINE, "quorum none none"], FAILED),
        ([LOG_LINE, "  # quorum", "\t", "quorum\tnone "], FINAL),
        ([LOG_LINE, "quorum none", "unheard-of"], FAILED),
    ],
)
def test_a_policy_is_read_alike(lines: list[str], verdict: int, folder: Path) -> None:
    policy = "".join(line + "\n" for line in lines).encode()
    assert agreed(folder, whole("final"), policy) == verdict
