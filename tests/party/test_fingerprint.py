"""Fingerprints: the same root has the same words, and people are told which word is wrong."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amanat.party.errors import Invalid
from amanat.party.fingerprint import fingerprint, parse_qr_text, qr_svg, qr_terminal, qr_text, same, words
from party.cast import CUSTODIANS, ROOT, SUCCESSORS, root

FP = bytes(range(32))


def test_the_words_of_a_known_fingerprint() -> None:
    """First 132 bits, 11 a word: 00000000000 = abandon, 00001000000 = about + …, as BIP-39 cuts them."""
    assert words(bytes(32)) == ("abandon",) * 12
    assert words(b"\xff" * 32) == ("zoo",) * 12
    assert words(FP)[:3] == ("abandon", "amount", "liar")


@given(st.binary(min_size=32, max_size=32))
def test_words_as_typed_are_the_fingerprints_own(value: bytes) -> None:
    spoken = ", ".join(words(value)).upper()
    assert same(spoken, value)
    assert not same(spoken, bytes([value[0] ^ 0x80]) + value[1:])


def test_a_word_not_in_the_list_is_named_with_the_nearest() -> None:
    with pytest.raises(Invalid, match=r"Word 2, 'amont'.*'amount'"):
        same("abandon amont", FP)
    with pytest.raises(Invalid, match="There are 2 words"):
        same("abandon amount", FP)


@pytest.mark.parametrize("count", [0, 11, 13, 100_000])
def test_no_other_number_of_words_is_compared(count: int) -> None:
    with pytest.raises(Invalid, match=f"There are {count} words, not 12") as caught:
        same("abandon " * count, bytes(32))
    assert caught.value.code == "fingerprint.count"


@pytest.mark.parametrize("typed", ["a" * 1_000_000, "\ud800", "\x1b[2J", "zoo\u200b", "\u043e" * 5, "1" * 5000])
def test_whatever_was_typed_a_word_is_suggested(typed: str) -> None:
    with pytest.raises(Invalid, match=r"Word 1, '.{1,40}', is not in the list\. Perhaps '[a-z]+'\?$") as caught:
        same(typed, FP)
    assert caught.value.says.isprintable()


@given(st.text())
def test_any_text_is_the_words_or_not_or_invalid(spoken: str) -> None:
    try:
        assert not same(spoken, FP)
    except Invalid as problem:
        assert problem.code.startswith("fingerprint.")


def test_the_qr_code_holds_party_and_whole_fingerprint() -> None:
    code = qr_text("pk", FP)
    assert code == "AMANAT1:PK:000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F"
    assert parse_qr_text(f" {code}\n") == ("pk", FP)
    assert qr_svg(code).startswith("<svg")
    assert "▄" in qr_terminal(code)


@given(
    st.from_regex(r"[a-z][a-z0-9-]{1,15}", fullmatch=True, alphabet=st.characters(codec="ascii")),
    st.binary(min_size=32, max_size=32),
)
def test_what_a_code_holds_is_read_again(party: str, value: bytes) -> None:
    assert parse_qr_text(qr_text(party, value)) == (party, value)


@pytest.mark.parametrize(
    "code",
    [
        "AMANAT2:PK:" + "0" * 64,
        "AMANAT1:PK:" + "g" * 64,
        "AMANAT1:PK:" + "0" * 66,
        "AMANAT1:PK:" + "\u0660" * 64,
        "AMANAT1:pk:" + "0" * 64,
        "AMANAT1:P:" + "0" * 64,
        "AMANAT1:-K:" + "0" * 64,
        "AMANAT1:" + "P" * 17 + ":" + "0" * 64,
        "AMANAT1:PK:" + "0" * 64 + "\nAMANAT1:AF:" + "1" * 64,
        *(qr_text("pk", FP)[:end] for end in range(len(qr_text("pk", FP)))),
    ],
)
def test_another_code_is_refused(code: str) -> None:
    with pytest.raises(Invalid) as caught:
        parse_qr_text(code)
    assert caught.value.code == "fingerprint.qr"


@given(st.text() | st.from_regex(r"AMANAT1:[A-Za-z0-9-]{1,17}:[0-9A-Fa-f]{63,65}\s?"))
def test_any_code_is_refused_or_written_the_same_again(code: str) -> None:
    try:
        party, value = parse_qr_text(code)
    except Invalid:
        return
    assert qr_text(party, value) == code.strip()


def test_threshold_and_keys_both_change_the_fingerprint() -> None:
    roots = (ROOT, root(CUSTODIANS, 4), root(CUSTODIANS[:4], 3), root(SUCCESSORS, 3))
    assert len({fingerprint(each) for each in roots}) == 4


def test_the_fingerprint_as_another_implementation_must_compute_it() -> None:
    """SHA-256 of the label and the root's one JSON encoding."""
    one = root(CUSTODIANS[:1], 1)
    text = b'amanat/fingerprint/v1\n{"threshold":1,"keys":["iojj3XQJ8ZX9UtstPLpdcspnCb8dlBIb83SIAbQPb1w="]}'
    assert fingerprint(one) == hashlib.sha256(text).digest()
