"""Signed notes: one encoding, and the rule about known and unknown keys."""

from base64 import b64decode, b64encode

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from amanat.log.malformed import Malformed
from amanat.log.note import (
    COSIGNATURE_ED25519,
    ED25519,
    MAX_NOTE,
    Note,
    SignatureLine,
    VerifierKey,
    add,
    parse_note,
    parse_signature_lines,
    parse_vkey,
    sign_ed25519,
    verify_ed25519,
    vkey,
)

FOO_KEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
FOO = """\
This is an example message.

— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=
""".encode()

PRIVATE = Ed25519PrivateKey.from_private_bytes(bytes(32))
KEY = VerifierKey("example.com/log", ED25519, PRIVATE.public_key().public_bytes_raw())

# What a key name may be, by the specification's own words.
names = st.text(
    st.characters(min_codepoint=0x21, exclude_categories=["Cs", "Zs", "Zl", "Zp"], exclude_characters="+\x85"),
    min_size=1,
)
lines = st.builds(SignatureLine, names, st.binary(min_size=4, max_size=4), st.binary(min_size=1, max_size=80))
texts = st.text(st.characters(min_codepoint=0x20, exclude_categories=["Cs"]) | st.just("\n")).map(
    lambda text: f"{text}\n".encode()
)


def refusal(data: bytes) -> str:
    """The code with which these bytes are refused as a note."""
    with pytest.raises(Malformed) as refused:
        parse_note(data)
    return refused.value.code


# --- one encoding -------------------------------------------------------------------------------------------


@given(texts, st.lists(lines, min_size=1, max_size=64).map(tuple))
def test_notes_come_back_as_they_were(text: bytes, signatures: tuple[SignatureLine, ...]) -> None:
    note = Note(text, signatures)
    assert parse_note(note.encode()) == note
    assert parse_signature_lines(b"".join(line.encode() for line in signatures)) == signatures


def test_repeated_lines_come_back_too() -> None:
    """Lines by unknown keys must be ignored, so that a repeated one is no reason to refuse."""
    twice = FOO + FOO[FOO.index(b"\n\n") + 2 :]
    assert parse_note(twice).encode() == twice
    verify_ed25519(parse_note(twice), parse_vkey(FOO_KEY))


@pytest.mark.parametrize(
    ("code", "old", "new"),
    [
        ("note.text", b"\n\n", b"\n"),
        ("note.text", b"This is", b"This\tis"),
        ("note.text", b"This is", b"This\x00is"),
        ("note.text", b"This is", b"This\xc0\x80is"),
        ("note.text", b"This is", b"This\xed\xa0\x80is"),
        ("note.text", b"message.\n", b"message.\r\n"),
        ("note.signatures", b"aQM=\n", b"aQM="),
        ("note.signatures", b"aQM=\n", b"aQM=\r\n"),
        ("note.signatures", b"aQM=\n", b"aQM=\n\n"),
        ("note.signatures", b"/foo ", b"/foo\xff "),
        ("note.line", b"\xe2\x80\x94 ", b"- "),
        ("note.line", b"\xe2\x80\x94 ", b"\xe2\x80\x94"),
        ("note.line", b"/foo ", b"/foo  "),
        ("note.line", b"/foo ", b"/foo x "),
        ("note.line", b"aQM=\n", b"aQM=\nx\n"),
        ("note.line", b"aQM=", b"aQN="),
        ("note.line", b"aQM=", b"aQM"),
        ("note.line", b"aQM=", b"aQM=="),
        ("note.line", b"IneyaQM=", b"IneyaQM=IneyaQM="),
        ("note.line", b"Uw2QOkn8", b"Uw2Q_kn8"),
        ("note.line", b"Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72I", b""),
        ("note.name", b"/foo ", b"/f+o "),
        ("note.name", b"/foo ", "/f\u00a0o ".encode()),
        ("note.name", b"/foo ", "/f\u0085o ".encode()),
        ("note.name", b"example.com/foo ", b" "),
    ],
)
def test_another_encoding_is_refused(code: str, old: bytes, new: bytes) -> None:
    assert FOO.count(old) == 1
    assert refusal(FOO.replace(old, new)) == code


def test_a_signature_of_four_bytes_or_fewer_is_refused() -> None:
    for size in range(1, 5):
        short = b64encode(bytes(size))
        assert refusal(b"text\n\n\xe2\x80\x94 name " + short + b"\n") == "note.line"


def test_a_note_cut_short_anywhere_is_refused() -> None:
    assert {refusal(FOO[:end]) for end in range(len(FOO))} == {"note.text", "note.signatures"}


def test_a_note_is_bounded_yet_holds_sixteen_signatures_of_five_thousand_bytes() -> None:
    lines = tuple(SignatureLine(f"witness.example/{number}", b"abcd", bytes(5000)) for number in range(16))
    note = Note(b"text\n", lines)
    assert parse_note(note.encode()) == note
    assert refusal(b"x" * (MAX_NOTE + 1)) == "note.size"


def test_a_note_has_128_kib_and_not_a_byte_more() -> None:
    signed = b"\n\n" + SignatureLine("name", b"abcd", b"e").encode()
    largest = b"x" * (131_072 - len(signed)) + signed
    assert parse_note(largest).encode() == largest
    assert refusal(b"x" + largest) == "note.size"


def test_a_note_has_at_most_64_signatures() -> None:
    line = SignatureLine("name", b"abcd", b"e")
    assert len(parse_note(Note(b"text\n", (line,) * 64).encode()).signatures) == 64
    assert refusal(Note(b"text\n", (line,) * 65).encode()) == "note.count"


@given(st.binary(max_size=400) | st.binary(max_size=40).map(lambda data: FOO[:30] + data + FOO[60:]))
def test_whatever_arrives_is_a_note_or_malformed(data: bytes) -> None:
    try:
        note = parse_note(data)
    except Malformed:
        return
    assert note.encode() == data


# --- verifier keys ------------------------------------------------------------------------------------------


@given(names, st.sampled_from([0x01, 0x04, 0x06]), st.data())
def test_verifier_keys_come_back_as_they_were(name: str, algorithm: int, data: st.DataObject) -> None:
    size = 1312 if algorithm == 0x06 else 32
    key = VerifierKey(name, algorithm, data.draw(st.binary(min_size=size, max_size=size)))
    assert parse_vkey(vkey(key)) == key


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("note.vkey", ""),
        ("note.vkey", "example.com/foo"),
        ("note.vkey", "example.com/foo+530d903a"),
        ("note.vkey", "example.com/foo+530d903a+"),
        ("note.vkey", FOO_KEY.replace("530d903a", "530D903A")),
        ("note.vkey", FOO_KEY.replace("530d903a", "530d903")),
        ("note.vkey", FOO_KEY.replace("530d903a", "530d903b")),
        ("note.vkey", FOO_KEY.replace("example.com/foo", "example.com/bar")),
        ("note.vkey", FOO_KEY + "="),
        ("note.vkey", FOO_KEY + "é"),
        ("note.vkey", FOO_KEY[:-1] + "l"),
        ("note.vkey", "example.com/foo+530d903a+===="),
        ("note.name", FOO_KEY.removeprefix("example.com/foo")),
        ("note.name", FOO_KEY.replace("/foo", " foo")),
        ("note.name", FOO_KEY.replace("/foo", "\udcfffoo")),
        ("note.key", FOO_KEY.replace("Aeky", "Beky")),
        ("note.key", FOO_KEY[:-4]),
        ("note.key", "example.com/foo+530d903a+AQ=="),
    ],
)
def test_what_is_no_verifier_key_is_refused(code: str, text: str) -> None:
    with pytest.raises(Malformed) as refused:
        parse_vkey(text)
    assert refused.value.code == code


def test_an_error_shows_foreign_text_escaped_and_short() -> None:
    with pytest.raises(Malformed) as refused:
        parse_vkey("\x1b[2J" + "x" * 1000)
    assert "\x1b" not in str(refused.value)
    assert len(str(refused.value)) < 250


# --- signing and verifying ----------------------------------------------------------------------------------


@given(texts)
def test_what_is_signed_verifies_until_a_byte_changes(text: bytes) -> None:
    line = sign_ed25519(text, KEY.name, PRIVATE)
    verify_ed25519(Note(text, (line,)), KEY)
    with pytest.raises(Malformed) as refused:
        verify_ed25519(Note(b"." + text, (line,)), KEY)
    assert refused.value.code == "note.signature"


@pytest.mark.parametrize("text", [b"", b"no newline", b"control\x07\n", b"not utf-8 \xff\n"])
def test_a_text_that_no_note_can_carry_is_not_signed(text: bytes) -> None:
    with pytest.raises(Malformed) as refused:
        sign_ed25519(text, KEY.name, PRIVATE)
    assert refused.value.code == "note.text"


def test_lines_by_unknown_keys_are_ignored_even_if_they_share_name_or_id() -> None:
    line = sign_ed25519(b"text\n", KEY.name, PRIVATE)
    strangers = (SignatureLine(KEY.name, b"abcd", b"bad"), SignatureLine("other", KEY.key_id, b"bad"))
    verify_ed25519(Note(b"text\n", (strangers[0], line, strangers[1])), KEY)
    with pytest.raises(Malformed) as refused:
        verify_ed25519(Note(b"text\n", strangers), KEY)
    assert refused.value.code == "note.unsigned"


def test_one_bad_line_in_a_known_keys_name_condemns_the_note_wherever_it_stands() -> None:
    good = sign_ed25519(b"text\n", KEY.name, PRIVATE)
    bad = SignatureLine(KEY.name, KEY.key_id, good.signature[:-1])
    for signatures in [(good, bad), (bad, good)]:
        with pytest.raises(Malformed) as refused:
            verify_ed25519(Note(b"text\n", signatures), KEY)
        assert refused.value.code == "note.signature"


def test_a_key_that_is_no_point_of_the_curve_verifies_nothing() -> None:
    key = VerifierKey("name", ED25519, b"\xff" * 32)
    with pytest.raises(Malformed) as refused:
        verify_ed25519(Note(b"text\n", (SignatureLine("name", key.key_id, bytes(64)),)), key)
    assert refused.value.code == "note.signature"


def test_a_cosigners_key_is_no_logs_key() -> None:
    key = VerifierKey("name", COSIGNATURE_ED25519, bytes(32))
    with pytest.raises(Malformed) as refused:
        verify_ed25519(parse_note(FOO), key)
    assert refused.value.code == "note.algorithm"


# --- adding lines -------------------------------------------------------------------------------------------


def test_adding_keeps_order_and_one_line_a_key_the_newest() -> None:
    first, other = SignatureLine("a", b"aaaa", b"1"), SignatureLine("b", b"bbbb", b"2")
    newer, same_name = SignatureLine("a", b"aaaa", b"3"), SignatureLine("a", b"cccc", b"4")
    assert add(Note(b"text\n", (first, other)), [newer, same_name, same_name]) == Note(
        b"text\n", (newer, other, same_name)
    )


@given(st.lists(lines).map(tuple), st.lists(lines))
def test_adding_twice_is_adding_once(present: tuple[SignatureLine, ...], added: list[SignatureLine]) -> None:
    once = add(Note(b"text\n", present), added)
    assert add(once, added) == once


@pytest.mark.parametrize(
    ("name", "key_id", "signature"), [("name", b"abc", b"s"), ("name", b"abcde", b"s"), ("name", b"abcd", b"")]
)
def test_a_line_that_could_not_be_read_back_is_not_made(name: str, key_id: bytes, signature: bytes) -> None:
    with pytest.raises(Malformed) as refused:
        SignatureLine(name, key_id, signature)
    assert refused.value.code == "note.line"


def test_the_signature_of_the_specifications_example_is_over_the_text_alone() -> None:
    material = b64decode(FOO.split(b" ")[-1])
    assert parse_note(FOO).signatures[0].signature == material[4:]
