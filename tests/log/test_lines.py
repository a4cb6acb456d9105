"""The scalars of C2SP's line formats, each in its one encoding."""

import pytest

from amanat.log.lines import decimal, from_base64, quote, text_lines
from amanat.log.malformed import Malformed
from amanat.log.note import ED25519, VerifierKey


@pytest.mark.parametrize("octet", [octet for octet in range(32) if octet != 10])
def test_no_text_holds_a_control_character(octet: int) -> None:
    with pytest.raises(Malformed, match=rf"holds the control character U\+{octet:04X}\.") as refused:
        text_lines(b"a" + bytes([octet]) + b"\n", "some.code", "It")
    assert refused.value.code == "some.code"


def test_a_text_may_hold_every_other_character() -> None:
    text = "".join(map(chr, [*range(32, 0x300), 0x2028, 0xFFFD, 0x10FFFF]))
    assert text_lines(f"{text}\n\n".encode(), "some.code", "It") == [text, ""]


@pytest.mark.parametrize("octet", [*range(33), 0x7F + 6, 0xA0])
def test_no_key_is_named_with_a_control_character_or_a_space(octet: int) -> None:
    with pytest.raises(Malformed) as refused:
        VerifierKey(f"a{chr(octet)}b", ED25519, bytes(32))
    assert refused.value.code == "note.name"


def test_foreign_text_is_shown_by_its_first_60_characters() -> None:
    assert quote("x" * 60) == repr("x" * 60)
    assert quote("x" * 61) == repr("x" * 60 + "...")
    assert quote("\u2014\n") == r"'\u2014\n'"


def test_the_largest_number_is_2_to_the_63_less_one() -> None:
    assert decimal("9223372036854775807", "some.code", "It") == 2**63 - 1
    for text in ("9223372036854775808", "10000000000000000000", "1" * 99, "", "00", "01", "+1", " 1", "1\n", "\u0661"):
        with pytest.raises(Malformed):
            decimal(text, "some.code", "It")


@pytest.mark.parametrize("text", ["YQ", "YQ=", "YR==", "YQ==\n", "Y Q==", "YQ==YQ==", "Y-==", "=YQ=", "\u0661\u0661=="])
def test_base64_has_one_form(text: str) -> None:
    assert from_base64("YQ==", "some.code", "It") == b"a"
    with pytest.raises(Malformed) as refused:
        from_base64(text, "some.code", "It")
    assert refused.value.code == "some.code"
