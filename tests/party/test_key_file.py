"""Key files: the right passphrase for the right purpose opens the untouched file, and nothing else does."""

import base64
import re

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from hypothesis import given, settings
from hypothesis import strategies as st

from amanat.party import labels
from amanat.party.errors import Fault, Invalid
from amanat.party.key_file import DEFAULT, MAX_BYTES, Cost, Purpose, lock, unlock

PURPOSES: tuple[Purpose, ...] = ("custodian", "node")
LEAST = Cost(memory_kib=8192, passes=1, lanes=1)
SALT, NONCE = bytes(range(16)), bytes(range(12))
FILE = lock(b"a seed", "a passphrase", "custodian", SALT, NONCE, LEAST)
SHORT = FILE[: FILE.index(b'"sealed":')] + b'"sealed":"AAAA"}'

PARAMETERS = (
    b'{"version":"amanat/key-file/v1","purpose":"custodian","argon2id":{"memory_kib":8192,"passes":1,"lanes":1},'
    b'"salt":"AAECAwQFBgcICQoLDA0ODw==","nonce":"AAECAwQFBgcICQoL"}'
)


def code_of(data: bytes, typed: str = "a passphrase") -> str:
    with pytest.raises(Invalid, match=r"key file|sealed key|nonce|salt") as caught:
        unlock(data, typed, "custodian")
    return caught.value.code


def test_the_file_says_its_parameters_in_the_clear() -> None:
    assert re.fullmatch(rb'\{"parameters":' + re.escape(PARAMETERS) + rb',"sealed":"[\w+/]+=*"\}', FILE)


def test_another_program_opens_it_by_the_standards_alone() -> None:
    """Argon2id (RFC 9106) of the passphrase, AES-256-GCM with label ‖ parameters as associated data."""
    key = Argon2id(salt=SALT, length=32, iterations=1, lanes=1, memory_cost=8192).derive(b"a passphrase")
    sealed = base64.b64decode(FILE.rpartition(b'"sealed":"')[2].rstrip(b'"}'))
    assert AESGCM(key).decrypt(NONCE, sealed, b"amanat/key-file/v1\n" + PARAMETERS) == b"a seed"
    assert labels.KEY_FILE == b"amanat/key-file/v1\n"


def test_the_default_is_the_second_recommendation_of_rfc_9106() -> None:
    assert Cost(memory_kib=64 * 1024, passes=3, lanes=4) == DEFAULT
    assert unlock(lock(b"a seed", "a passphrase", "node", SALT, NONCE), "a passphrase", "node") == b"a seed"


@settings(max_examples=20)
@given(st.binary(max_size=500), st.text(min_size=1, max_size=40), st.sampled_from(PURPOSES))
def test_what_was_locked_is_unlocked(secret: bytes, passphrase: str, purpose: Purpose) -> None:
    assert unlock(lock(secret, passphrase, purpose, SALT, NONCE, LEAST), passphrase, purpose) == secret


def test_a_passphrase_is_the_same_from_two_keyboards() -> None:
    """One writes آ as one code point, another as alef and madda (NFC, as RFC 8265 asks)."""
    file = lock(b"a seed", "\u0622\u0628", "node", SALT, NONCE, LEAST)
    assert unlock(file, "\u0627\u0653\u0628", "node") == b"a seed"


@pytest.mark.parametrize("passphrase", ["A passphrase", "a passphrase ", "", "another"])
def test_another_passphrase_opens_nothing(passphrase: str) -> None:
    assert code_of(FILE, passphrase) == "key-file.passphrase"


def test_a_file_for_another_purpose_is_not_even_tried() -> None:
    with pytest.raises(Invalid, match="This is a custodian's key file") as caught:
        unlock(FILE, "a passphrase", "node")
    assert caught.value.code == "key-file.purpose"


@pytest.mark.promised(
    "a key file that asks for too much",
    "docs/threat-model.md",
    "A seized laptop at a post",
    "its parameters are authenticated and capped",
)
@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"purpose":"custodian"', b'"purpose":"node"'),
        (b'"memory_kib":8192', b'"memory_kib":8193'),
        (b'"passes":1', b'"passes":2'),
        (b'"lanes":1', b'"lanes":2'),
        (b'"salt":"AAEC', b'"salt":"BBEC'),
        (b'"nonce":"AAEC', b'"nonce":"BBEC'),
    ],
)
def test_altered_parameters_open_nothing(old: bytes, new: bytes) -> None:
    assert FILE.count(old) == 1
    with pytest.raises(Invalid, match="The passphrase is wrong, or the key file was altered") as caught:
        unlock(FILE.replace(old, new), "a passphrase", "node" if b"node" in new else "custodian")
    assert caught.value.code == "key-file.passphrase"


def test_the_parameters_of_another_file_open_nothing() -> None:
    other = lock(b"a seed", "a passphrase", "custodian", SALT[::-1], NONCE, LEAST)
    swapped = other[: other.index(b',"sealed"')] + FILE[FILE.index(b',"sealed"') :]
    assert code_of(swapped) == "key-file.passphrase"


@settings(max_examples=40)
@given(st.integers(0, len(FILE) - 1), st.integers(1, 255))
def test_no_altered_byte_goes_unnoticed(at: int, by: int) -> None:
    altered = FILE[:at] + bytes([FILE[at] ^ by]) + FILE[at + 1 :]
    with pytest.raises(Invalid):
        unlock(altered, "a passphrase", "custodian")


def test_a_file_cut_off_anywhere_is_refused() -> None:
    for end in range(len(FILE)):
        with pytest.raises(Invalid):
            unlock(FILE[:end], "a passphrase", "custodian")


@pytest.mark.promised(
    "a key file that asks for too much",
    "docs/threat-model.md",
    "A seized laptop at a post",
    "its parameters are authenticated and capped",
)
@pytest.mark.parametrize(
    ("memory", "passes", "lanes"),
    [
        (2**20 + 1, 1, 1),
        (2**63, 1, 1),
        (8192, 17, 1),
        (8192, 1, 17),
        (8191, 1, 1),
        (8192, 0, 1),
        (8192, 1, 0),
        (-1, -1, -1),
    ],
)
def test_a_bomb_is_refused_before_anything_is_derived(memory: int, passes: int, lanes: int) -> None:
    asked = b'{"memory_kib":%d,"passes":%d,"lanes":%d}' % (memory, passes, lanes)
    with pytest.raises(
        Invalid, match=f"The key file asks for {memory} KiB, {passes} passes and {lanes} lanes"
    ) as caught:
        unlock(FILE.replace(b'{"memory_kib":8192,"passes":1,"lanes":1}', asked), "a passphrase", "custodian")
    assert caught.value.code == "key-file.cost"


def test_the_bounds_themselves_are_allowed() -> None:
    assert Cost(2**20, 16, 16) != LEAST


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "json.syntax"),
        (b"-----BEGIN ENCRYPTED PRIVATE KEY-----\n", "json.syntax"),
        (b"\xff\xfe", "json.utf8"),
        (b"{}", "json.field"),
        (b"[" * 10_000, "json.depth"),
        (b" " * (MAX_BYTES + 1), "json.size"),
        (FILE[:-1], "json.syntax"),
        (FILE + b"\n", "json.encoding"),
        (FILE.replace(b"key-file/v1", b"key-file/v2"), "json.field"),
        (FILE.replace(b'"passes":1,', b'"passes":2,"passes":1,'), "json.encoding"),
        (FILE.replace(b'Dw=="', b'Dw"'), "field.base64"),
        (FILE.replace(b'Dw=="', b'"'), "field.length"),
        (FILE.replace(b'"nonce":"AAEC', b'"nonce":"'), "field.length"),
        (SHORT, "key-file.passphrase"),
    ],
    ids=[
        "empty",
        "pem",
        "binary",
        "object",
        "deep",
        "large",
        "cut",
        "tail",
        "version",
        "twice",
        "base64",
        "short salt",
        "short nonce",
        "short seal",
    ],
)
def test_what_is_no_key_file_is_refused_by_name(data: bytes, code: str) -> None:
    assert data != FILE
    assert code_of(data) == code


def test_a_file_is_looked_through_before_its_key_is_derived() -> None:
    """A passphrase of no text fails in deriving: whatever is said first was found before."""
    dear = FILE.replace(b'"memory_kib":8192', b'"memory_kib":1048576')
    broken = dear[: dear.index(b'"sealed":')] + b'"sealed":"?"}'
    assert code_of(broken, "\ud800") == "field.base64"


@pytest.mark.parametrize("typed", ["\ud800", "a passphrase\udcff"])
def test_a_passphrase_that_is_no_text_is_said_to_be_so(typed: str) -> None:
    """A terminal set to another encoding hands on its bytes as half surrogates (PEP 383)."""
    with pytest.raises(Invalid, match="The passphrase holds bytes that are no UTF-8") as unlocking:
        unlock(FILE, typed, "custodian")
    with pytest.raises(Invalid, match="The passphrase holds bytes that are no UTF-8") as locking:
        lock(b"a seed", typed, "node", SALT, NONCE, LEAST)
    assert unlocking.value.code == locking.value.code == "key-file.passphrase"


def test_an_empty_passphrase_locks_nothing() -> None:
    with pytest.raises(Invalid, match="An empty passphrase protects nothing") as caught:
        lock(b"a seed", "", "node", SALT, NONCE, LEAST)
    assert caught.value.code == "key-file.empty"


@pytest.mark.parametrize(("salt", "nonce"), [(SALT[1:], NONCE), (SALT, NONCE + b"\0")])
def test_a_salt_or_nonce_of_another_length_is_our_fault(salt: bytes, nonce: bytes) -> None:
    """Found before the secret is locked away with a file that nobody could open."""
    with pytest.raises(Fault, match="Salt or nonce has the wrong length") as caught:
        lock(b"a seed", "a passphrase", "node", salt, nonce, LEAST)
    assert caught.value.code == "key-file.random"
