"""Fingerprints: the same root has the same words, and people are told which word is wrong."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amanat.party.errors import Invalid
from amanat.party.fingerprint import fingerprint, parse_qr_text, qr_svg, qr_terminal, qr_text, same, words
from party.custody import custodians, root

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


def test_the_qr_code_holds_party_and_whole_fingerprint() -> None:
    code = qr_text("pk", FP)
    assert parse_qr_text(code) == ("pk", FP)
    assert qr_svg(code).startswith("<svg")
    assert "▄" in qr_terminal(code)


@pytest.mark.parametrize("code", ["", "AMANAT1:PK:00", "AMANAT2:PK:" + "0" * 64, "AMANAT1:PK:" + "g" * 64])
def test_another_code_is_refused(code: str) -> None:
    with pytest.raises(Invalid):
        parse_qr_text(code)


def test_threshold_and_keys_both_change_the_fingerprint() -> None:
    keys = custodians("pk")
    assert len({fingerprint(root(keys)), fingerprint(root(keys, 3)), fingerprint(root(keys[:2]))}) == 3
