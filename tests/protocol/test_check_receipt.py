"""`docs/protocol/check_receipt.py`, run as anyone would: what it says of good receipts, and where bad ones fail."""

import ast
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from amanat.log.proof import MAX_PROOF
from protocol import vectors
from protocol.make_vectors import VECTORS
from protocol.receipts import POLICIES
from protocol.vectors import load

SCRIPT = VECTORS.parent / "check_receipt.py"
FINAL, PROVISIONAL, FAILED = 0, 10, 1
ENVELOPE, POLICY = vectors.envelope("one"), POLICIES["af"].encode()
GOOD = {each["name"]: each for each in load("receipt")["vectors"] if "holds" in each}
# The program reads what is only badly written, and takes the policy, which is the verifier's own, as well written.
BADLY_WRITTEN = {
    "extra not in base64's one form",
    "a hash not in base64's one form",
    "65 signatures",
    "a policy that names one key twice",
    "a policy that counts a member twice",
}
BAD = [
    pytest.param(each, id=each["name"])
    for each in load("receipt")["vectors"]
    if "fails" in each and each["name"] not in BADLY_WRITTEN
]


def whole(name: str = "final") -> bytes:
    return vectors.receipt(GOOD[name])


def run(folder: Path, envelope: bytes, receipt: bytes, policy: bytes) -> tuple[int, str]:
    """Exit code and sentence of the program, run on files as anyone would."""
    files = {"envelope": envelope, "receipt": receipt, "policy": policy}
    for name, data in files.items():
        (folder / name).write_bytes(data)
    done = subprocess.run(  # noqa: S603 - the program under test
        [sys.executable, str(SCRIPT), *(str(folder / name) for name in files)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Traceback" not in done.stderr
    return done.returncode, done.stdout or done.stderr


# --- good receipts ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", GOOD)
def test_a_good_receipt_is_final_or_provisional(name: str, tmp_path: Path) -> None:
    said, policy = GOOD[name]["holds"], POLICIES[GOOD[name]["policy"]].encode()
    code, sentence = run(tmp_path, ENVELOPE, whole(name), policy)
    assert code == {"final": FINAL, "provisional": PROVISIONAL}[said["state"]]
    assert sentence.startswith(f"{said['state']}: entry {said['index']} of '{said['log']}', countersigned by ")
    assert (", ".join(said["countersigned"]) or "nobody") in sentence


def test_the_sentence_of_a_final_receipt(tmp_path: Path) -> None:
    code, sentence = run(tmp_path, ENVELOPE, whole(), POLICY)
    assert code == FINAL
    assert sentence == "final: entry 2 of 'af.amanat.example/pk-af', countersigned by pk, obs\n"


def test_the_sentence_of_a_provisional_receipt(tmp_path: Path) -> None:
    code, sentence = run(tmp_path, ENVELOPE, whole("provisional"), POLICY)
    assert code == PROVISIONAL
    assert sentence == "provisional: entry 2 of 'af.amanat.example/pk-af', countersigned by obs\n"


# --- bad receipts -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("vector", BAD)
def test_a_bad_receipt_fails_at_the_vectors_step(vector: Any, tmp_path: Path) -> None:
    code, sentence = run(tmp_path, ENVELOPE, vectors.receipt(vector), POLICIES[vector["policy"]].encode())
    assert code == FAILED
    assert sentence.startswith(f"does not hold: step {vector['fails']}, ")


@pytest.mark.parametrize("at", [0, len(ENVELOPE) // 2, len(ENVELOPE) - 1])
def test_one_byte_of_the_envelope(at: int, tmp_path: Path) -> None:
    other = ENVELOPE[:at] + bytes([ENVELOPE[at] ^ 1]) + ENVELOPE[at + 1 :]
    assert run(tmp_path, other, whole(), POLICY) == (
        FAILED,
        "does not hold: step 2, the inclusion path\n",
    )


@pytest.mark.parametrize(
    ("envelope", "receipt", "policy", "step"),
    [
        pytest.param(ENVELOPE, b"", POLICY, 1, id="no receipt"),
        pytest.param(ENVELOPE, ENVELOPE, POLICY, 1, id="an envelope for a receipt"),
        pytest.param(ENVELOPE, whole() + b"\n" * MAX_PROOF, POLICY, 1, id="a receipt too large"),
        pytest.param(ENVELOPE, whole(), b"", 3, id="no policy"),
        pytest.param(ENVELOPE, whole(), POLICY[:-20], 3, id="a policy cut off"),
        pytest.param(ENVELOPE, whole(), whole(), 3, id="a receipt for a policy"),
    ],
)
def test_files_that_are_something_else(
    envelope: bytes, receipt: bytes, policy: bytes, step: int, tmp_path: Path
) -> None:
    code, sentence = run(tmp_path, envelope, receipt, policy)
    assert code == FAILED
    assert sentence.startswith(f"does not hold: step {step}, ")


# --- the program itself -----------------------------------------------------------------------------------------------


def test_it_imports_nothing_but_the_standard_library_and_cryptography() -> None:
    tree = ast.parse(SCRIPT.read_text("utf-8"))
    named = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    named |= {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    assert {name.partition(".")[0] for name in named} <= sys.stdlib_module_names | {"cryptography"}


def test_it_can_be_read_in_one_sitting() -> None:
    """README.md and receipt.md say: 60 lines."""
    assert len(SCRIPT.read_text("utf-8").splitlines()) <= 60
