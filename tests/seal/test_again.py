"""A content key given back opens for the party that asked, for that envelope, and for nobody and nothing else."""

import pytest

from amanat.party.errors import Invalid
from amanat.party.key_id import key_id
from amanat.seal.again import WRAP_BYTES, unwrap_again, wrap_again
from seal.cast import AF, OBS

ENVELOPE, KEY = b"\1" * 32, b"\2" * 32
KEYS = {key_id(AF.sealing_bytes): AF.sealing}


def test_it_comes_back_as_it_was() -> None:
    wrap = wrap_again(KEY, ENVELOPE, AF.sealing_public)
    assert len(wrap) == WRAP_BYTES
    assert unwrap_again(wrap, ENVELOPE, key_id(AF.sealing_bytes), KEYS) == KEY


@pytest.mark.parametrize("what", ["another envelope", "another key", "a key that is gone", "an altered byte", "no key"])
def test_nothing_else_opens(what: str) -> None:
    wrap = wrap_again(KEY if what != "no key" else b"", ENVELOPE, (OBS if what == "another key" else AF).sealing_public)
    wrap = bytes([wrap[0] ^ 1]) + wrap[1:] if what == "an altered byte" else wrap
    envelope = ENVELOPE if what != "another envelope" else bytes(32)
    with pytest.raises(Invalid) as caught:
        unwrap_again(wrap, envelope, key_id((OBS if what == "a key that is gone" else AF).sealing_bytes), KEYS)
    assert caught.value.code == "again.wrap"
