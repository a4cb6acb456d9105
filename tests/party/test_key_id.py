"""A key's id is one hash over label and raw public key, whatever the key is for."""

from amanat.party.key_id import key_id


def test_an_id_as_another_implementation_must_compute_it() -> None:
    r"""As the shell does it: (printf 'amanat/key-id/v1\n'; head -c 32 /dev/zero) | sha256sum."""
    assert key_id(bytes(32)) == "eb419494c1148d4db96789cdf2f174e6dd007abb7ec530a1b4308c14cd7144b5"


def test_keys_of_different_lengths_have_different_ids() -> None:
    assert len({key_id(bytes(length)) for length in (32, 1216, 1312)}) == 3
