"""Passwords: what one must be, what is kept of it, and that a hash somebody else wrote costs us nothing."""

import re
import unicodedata

import pytest

from amanat.officer import password
from amanat.officer.password import fits, hashed, of_nobody
from amanat.party.errors import Fault, Invalid
from amanat.party.key_file import DEFAULT
from officer.cast import CHEAP, SPOKEN, kept

SALT = bytes(range(16))


def test_only_the_password_fits() -> None:
    assert fits(SPOKEN, kept())
    assert not fits(f"{SPOKEN} ", kept())
    assert not fits("", kept())


def test_what_is_kept_is_a_phc_string_of_argon2id_by_its_parameters() -> None:
    assert re.fullmatch(
        r"\$argon2id\$v=19\$m=8192,t=1,p=1\$AAECAwQFBgcICQoLDA0ODw\$.{43}", hashed(SPOKEN, "khan", SALT, CHEAP)
    )
    assert of_nobody().startswith(f"$argon2id$v=19$m={DEFAULT.memory_kib},t={DEFAULT.passes},p={DEFAULT.lanes}$")


def test_one_password_is_kept_otherwise_each_time() -> None:
    assert kept() != kept()


def test_two_keyboards_write_one_password() -> None:
    written = "Überläufer über Öl"
    made = hashed(unicodedata.normalize("NFD", written), "khan", SALT, CHEAP)
    assert fits(unicodedata.normalize("NFC", written), made)


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ("eleven char", "password.length"),
        ("x1" * 129, "password.length"),
        ("khan.khan.khan", "password.name"),
        ("KHANKHANKHAN", "password.name"),
        ("elevenkhanch", "password.name"),
        ("aaaaaaaaaaaabb", "password.repeats"),
        ("seven quiet \ud800lorries", "password.text"),
    ],
)
def test_a_password_that_breaks_a_rule_is_never_kept(wrong: str, code: str) -> None:
    with pytest.raises(Invalid) as caught:
        hashed(wrong, "khan", SALT, CHEAP)
    assert caught.value.code == code
    assert wrong not in str(caught.value)


@pytest.mark.parametrize("fine", ["twelve chars", "khan and twelve chars", "\N{ARABIC LETTER ALEF}بپتثجچحخدذر"])
def test_length_is_the_only_other_rule(fine: str) -> None:
    assert fits(fine, hashed(fine, "khan", SALT, CHEAP))


def test_what_cannot_be_written_is_just_wrong_when_it_is_tried() -> None:
    assert not fits("\ud800" * 20, kept())
    assert not fits("x" * 10**6, kept())


def test_nobodys_hash_is_fitted_by_no_password_we_know_and_costs_as_much_as_a_real_one() -> None:
    assert not fits("", of_nobody(CHEAP))
    assert not fits(SPOKEN, of_nobody(CHEAP))
    assert re.sub(r"\$[^$]*\$[^$]*$", "", of_nobody(CHEAP)) == re.sub(r"\$[^$]*\$[^$]*$", "", kept())


@pytest.mark.parametrize(
    "foreign",
    [
        "",
        SPOKEN,
        of_nobody().replace("m=65536", "m=1048577"),
        of_nobody().replace("m=65536", "m=1"),
        of_nobody().replace("t=3", "t=17"),
        of_nobody().replace("p=4", "p=0"),
        of_nobody().replace("argon2id", "argon2i"),
        of_nobody().replace("v=19", "v=16"),
        of_nobody()[:-1],
        f"{of_nobody()}\n",
    ],
)
def test_a_hash_that_was_not_made_here_is_refused_before_anything_is_derived(
    foreign: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who writes to the database would else choose how much memory a sign-in takes."""
    monkeypatch.setattr(password, "Argon2id", None)
    with pytest.raises(Fault) as caught:
        fits(SPOKEN, foreign)
    assert caught.value.code == "password.kept"


def test_a_salt_of_another_length_is_our_fault() -> None:
    with pytest.raises(Fault) as caught:
        hashed(SPOKEN, "khan", b"salt", CHEAP)
    assert caught.value.code == "password.salt"
