"""Checkpoints: the specification's example, one text for each, nothing believed before its signature."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from amanat.log.checkpoint import Checkpoint, open_checkpoint, parse_checkpoint
from amanat.log.malformed import Malformed
from amanat.log.note import ED25519, Note, VerifierKey, sign_ed25519

EXAMPLE = """\
example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
""".encode()

PRIVATE = Ed25519PrivateKey.from_private_bytes(bytes(32))
PUBLIC = PRIVATE.public_key().public_bytes_raw()

line_texts = st.text(st.characters(min_codepoint=0x20, exclude_categories=["Cs"]), min_size=1)
checkpoints = st.builds(
    Checkpoint,
    line_texts,
    st.integers(0, 2**63 - 1),
    st.binary(min_size=32, max_size=32),
    st.lists(line_texts, max_size=3).map(tuple),
)


@given(checkpoints)
def test_checkpoints_come_back_as_they_were(checkpoint: Checkpoint) -> None:
    assert parse_checkpoint(checkpoint.text()) == checkpoint


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("checkpoint.text", ""),
        ("checkpoint.text", "\n"),
        ("checkpoint.text", "origin\n5\n"),
        ("checkpoint.text", "origin\n5\n{root}"),
        ("checkpoint.text", "origin\r\n5\n{root}\n"),
        ("checkpoint.line", "\n5\n{root}\n"),
        ("checkpoint.line", "origin\n5\n{root}\n\n"),
        ("checkpoint.line", "origin\n5\n{root}\nextension\n\nextension\n"),
        ("checkpoint.size", "origin\n\n{root}\n"),
        ("checkpoint.size", "origin\n05\n{root}\n"),
        ("checkpoint.size", "origin\n+5\n{root}\n"),
        ("checkpoint.size", "origin\n-5\n{root}\n"),
        ("checkpoint.size", "origin\n5 \n{root}\n"),
        ("checkpoint.size", "origin\n5_0\n{root}\n"),
        ("checkpoint.size", "origin\n\u0665\n{root}\n"),
        ("checkpoint.size", "origin\n9223372036854775808\n{root}\n"),
        ("checkpoint.size", "origin\n99999999999999999999\n{root}\n"),
        ("checkpoint.root", "origin\n5\n\n"),
        ("checkpoint.root", "origin\n5\nAAAA\n"),
        ("checkpoint.root", "origin\n5\n{root}=\n"),
        ("checkpoint.root", "origin\n5\n {root}\n"),
        ("checkpoint.root", "origin\n5\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB=\n"),
    ],
)
def test_another_text_is_refused(code: str, text: str) -> None:
    data = text.replace("{root}", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=").encode()
    with pytest.raises(Malformed) as refused:
        parse_checkpoint(data)
    assert refused.value.code == code


def test_bytes_that_are_not_utf_8_are_refused_where_they_stand() -> None:
    with pytest.raises(Malformed, match="A checkpoint is not UTF-8 at byte 3") as refused:
        parse_checkpoint(b"ori\xffgin\n5\n")
    assert refused.value.code == "checkpoint.text"


@pytest.mark.parametrize(
    ("code", "origin", "size", "root", "extensions"),
    [
        ("checkpoint.head", "origin", -1, bytes(32), ()),
        ("checkpoint.head", "origin", 2**63, bytes(32), ()),
        ("checkpoint.head", "origin", 5, bytes(31), ()),
        ("checkpoint.line", "", 5, bytes(32), ()),
        ("checkpoint.line", "two\nlines", 5, bytes(32), ()),
        ("checkpoint.line", "lone \ud800 surrogate", 5, bytes(32), ()),
        ("checkpoint.line", f"lone {chr(0xDFFF)} surrogate", 5, bytes(32), ()),
        ("checkpoint.line", "origin", 5, bytes(32), ("",)),
    ],
)
def test_values_without_a_text_make_no_checkpoint(
    code: str, origin: str, size: int, root: bytes, extensions: tuple[str, ...]
) -> None:
    with pytest.raises(Malformed) as refused:
        Checkpoint(origin, size, root, extensions)
    assert refused.value.code == code


def test_a_refusal_says_what_is_wrong_and_then_what_to_do() -> None:
    with pytest.raises(Malformed) as refused:
        parse_checkpoint(b"origin\n")
    assert str(refused.value) == "A checkpoint has 1 lines. Origin, size and root are three lines."


def test_a_checkpoint_signed_by_its_log_is_opened() -> None:
    checkpoint = Checkpoint("example.com/log", 5, bytes(32), ("extension",))
    note = Note(checkpoint.text(), (sign_ed25519(checkpoint.text(), "example.com/log", PRIVATE),))
    assert open_checkpoint(note.encode(), VerifierKey("example.com/log", ED25519, PUBLIC)) == (checkpoint, note)


def test_a_checkpoint_signed_under_another_name_than_its_origin_is_refused() -> None:
    """Else one log could speak for another whose key the reader also knows."""
    text = Checkpoint("example.com/theirs", 5, bytes(32)).text()
    note = Note(text, (sign_ed25519(text, "example.com/ours", PRIVATE),))
    with pytest.raises(Malformed, match="but signed by 'example") as refused:
        open_checkpoint(note.encode(), VerifierKey("example.com/ours", ED25519, PUBLIC))
    assert refused.value.code == "checkpoint.origin"


def test_the_text_is_not_looked_at_before_its_signature_verified() -> None:
    line = sign_ed25519(b"other\n", "log", PRIVATE)
    with pytest.raises(Malformed) as refused:
        open_checkpoint(Note(b"no checkpoint\n", (line,)).encode(), VerifierKey("log", ED25519, PUBLIC))
    assert refused.value.code == "note.signature"
