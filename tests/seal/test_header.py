"""The header: core byte for byte, one wrap a recipient, and what a wrap is bound to."""

import hashlib
import hmac
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amanat.compact.check import Permitted
from amanat.party.errors import Fault, Invalid
from amanat.seal.header import (
    WRAP_BYTES,
    Core,
    Recipient,
    address,
    aead_key,
    commitment,
    parse_header,
    wrap_info,
)
from seal.by_hand import SUITE, Party
from seal.cast import AF, COMPACT, ID, OBS, PK, hand, record

K = bytes(range(32))
HEX = st.binary(min_size=32, max_size=32).map(bytes.hex)
CODES = st.from_regex(r"[a-z][a-z0-9-]{1,15}", fullmatch=True)
CORE = (
    b"amanat/envelope/v1\n"
    b"compact abababababababababababababababababababababababababababababababab\n"
    b"from pk " + PK.record_id.encode() + b"\n"
    b"record 01936000-0000-7000-8000-000000000001\n"
    b"to af " + AF.sealing_id.encode() + b"\n"
    b"to obs " + OBS.sealing_id.encode() + b"\n"
    b"commitment 4f718785519d6d417f5e2a7fc5248459757746009fda0b563efc63c0ee194424\n"
    b"\n"
)


def permitted(*, second: bool = False) -> Permitted:
    return Permitted(record(), COMPACT, "4.1", second)


def recipients(*parties: Party) -> list[Recipient]:
    return [
        Recipient(party.code, party.sealing_id, party.sealing_public, sequence)
        for sequence, party in enumerate(parties, 7)
    ]


# --- what we write ----------------------------------------------------------------------------------------------------


def test_core_is_these_bytes() -> None:
    made = address(permitted(), PK.record_id, recipients(OBS, AF), K)
    assert made.header.core_bytes == CORE
    assert made.header.core.encode() == CORE
    assert made.header.data == CORE + made.header.wraps[0] + made.header.wraps[1]
    assert (made.record, made.content_key) == (record(), K)


def test_each_wrap_holds_the_key_and_the_recipients_own_number() -> None:
    made = address(permitted(), PK.record_id, recipients(OBS, AF), K)
    assert [len(wrap) for wrap in made.header.wraps] == [WRAP_BYTES] * 2
    for party, wrap, sequence in zip((AF, OBS), made.header.wraps, (8, 7), strict=True):
        info = b"amanat/wrap/v1\n" + hashlib.sha256(CORE).digest() + bytes.fromhex(party.sealing_id)
        assert wrap_info(CORE, party.sealing_id) == info
        assert SUITE.decrypt(wrap, party.sealing, info=info) == K + sequence.to_bytes(8, "big")


@pytest.mark.parametrize(
    ("derive", "label"), [(commitment, b"amanat/commitment/v1\n"), (aead_key, b"amanat/content-key/v1\n")]
)
def test_what_the_content_key_yields_is_hkdf_sha256(derive: Callable[[bytes], bytes], label: bytes) -> None:
    """RFC 5869 by hand: extract with a zero salt, then one block of expand."""
    extracted = hmac.digest(bytes(32), K, "sha256")
    assert derive(K) == hmac.digest(extracted, label + b"\x01", "sha256")


def test_what_waits_for_its_second_person_is_not_addressed() -> None:
    with pytest.raises(Fault) as caught:
        address(permitted(second=True), PK.record_id, recipients(AF, OBS), K)
    assert caught.value.code == "seal.unapproved"


@pytest.mark.parametrize(
    ("to", "key"),
    [((AF,), K), ((AF, OBS, PK), K), ((AF, AF, OBS), K), ((AF, OBS), K[:16]), ((AF, OBS), K + K)],
)
def test_recipients_are_exactly_the_audience_and_the_key_is_32_bytes(to: tuple[Party, ...], key: bytes) -> None:
    with pytest.raises(Fault) as caught:
        address(permitted(), PK.record_id, recipients(*to), key)
    assert caught.value.code == "seal.recipients"


# --- what we read -----------------------------------------------------------------------------------------------------


@given(
    core=st.builds(
        Core,
        compact=HEX,
        sender=CODES,
        sender_key=HEX,
        record_id=st.uuids().map(str),
        to=st.dictionaries(CODES, HEX, min_size=1, max_size=16).map(lambda to: tuple(sorted(to.items()))),
        commitment=HEX,
    ),
    after=st.binary(max_size=50),
)
def test_every_core_comes_back_from_its_bytes(core: Core, after: bytes) -> None:
    wraps = tuple(bytes([at]) * WRAP_BYTES for at in range(len(core.to)))
    header = parse_header(core.encode() + b"".join(wraps) + after)
    assert (header.core, header.core_bytes, header.wraps) == (core, core.encode(), wraps)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        pytest.param(lambda core: core.replace(b"/v1", b"/v2"), "envelope.format", id="version"),
        pytest.param(lambda core: core.replace(b"\n", b"\r\n"), "envelope.format", id="line ends"),
        pytest.param(lambda core: b"\n" + core, "envelope.format", id="line before"),
        pytest.param(lambda core: core.replace(b"compact ab", b"compact AB"), "envelope.format", id="upper-case hex"),
        pytest.param(lambda core: core.replace(b"from pk", b"from  pk"), "envelope.format", id="two spaces"),
        pytest.param(lambda core: core.replace(b"from pk", b"from PK"), "envelope.format", id="no party code"),
        pytest.param(lambda core: core.replace(b"from pk", b"from p\xe9"), "envelope.format", id="not ASCII"),
        pytest.param(lambda core: core.replace(b"record", b"note: x\nrecord"), "envelope.format", id="unknown line"),
        pytest.param(
            lambda core: core[: core.index(b"to af")] + core[core.index(b"commit") :], "envelope.format", id="to nobody"
        ),
        pytest.param(lambda core: core.replace(b"to af", b"to zz"), "envelope.to", id="recipients unsorted"),
        pytest.param(lambda core: core.replace(b"to obs", b"to af"), "envelope.to", id="a recipient twice"),
    ],
)
def test_a_core_has_one_spelling(change: Callable[[bytes], bytes], code: str) -> None:
    whole = hand().make()
    core = hand().core
    assert parse_header(whole).core_bytes == core
    with pytest.raises(Invalid) as caught:
        parse_header(change(core) + whole[len(core) :])
    assert caught.value.code == code


@pytest.mark.parametrize("party", ["pk", "p" * 16, "p-1"])
def test_a_party_code_has_2_to_16_letters(party: str) -> None:
    core = Core("00" * 32, party, "00" * 32, ID, ((party, "00" * 32),), "00" * 32)
    assert parse_header(core.encode() + bytes(WRAP_BYTES)).core == core


@pytest.mark.parametrize("party", ["p", "p" * 17, "1p", "-p"])
def test_another_party_code_is_refused(party: str) -> None:
    for sender, recipient in ((party, "af"), ("af", party)):
        core = Core("00" * 32, sender, "00" * 32, ID, ((recipient, "00" * 32),), "00" * 32)
        with pytest.raises(Invalid) as caught:
            parse_header(core.encode() + bytes(WRAP_BYTES))
        assert caught.value.code == "envelope.format"


def test_over_16_recipients_are_refused() -> None:
    to = tuple((f"p{number:02}", "00" * 32) for number in range(17))
    core = Core("00" * 32, "pk", "00" * 32, ID, to, "00" * 32)
    with pytest.raises(Invalid) as caught:
        parse_header(core.encode() + bytes(WRAP_BYTES * 17))
    assert caught.value.code == "envelope.format"


@pytest.mark.parametrize(
    "size", [0, 1, len(CORE) - 1, len(CORE), len(CORE) + WRAP_BYTES, len(CORE) + 2 * WRAP_BYTES - 1]
)
def test_a_header_cut_short_is_refused(size: int) -> None:
    with pytest.raises(Invalid) as caught:
        parse_header(hand().make()[:size])
    assert caught.value.code == ("envelope.format" if size < len(CORE) else "envelope.truncated")


@given(st.binary(max_size=300))
def test_noise_is_refused(noise: bytes) -> None:
    with pytest.raises(Invalid):
        parse_header(noise)
