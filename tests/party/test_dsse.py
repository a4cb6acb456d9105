"""Signed statements: DSSE over exact bytes, one encoding, and only signatures that hold count."""

import base64

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from amanat.party import dsse
from amanat.party.canonical import encode
from amanat.party.dsse import Signature, Statement, merge, pae, parse, sign, signers, to_bytes
from amanat.party.errors import Invalid
from amanat.party.key_id import key_id
from party.cast import CUSTODIANS, ROOT

TYPE = "application/vnd.amanat.test"
ONE = sign(TYPE, b"one", CUSTODIANS[:1])
TWO = sign(TYPE, b"one", CUSTODIANS[1:2])


def code_of(data: bytes) -> str:
    with pytest.raises(Invalid, match="statement") as caught:
        parse(data, TYPE, "statement")
    return caught.value.code


def test_lengths_are_of_bytes_not_characters() -> None:
    assert pae("é", "é".encode()) == "DSSEv1 2 é 2 é".encode()


def test_a_statement_has_dsse_field_names_and_sorted_signatures() -> None:
    statement = sign(TYPE, b"one", CUSTODIANS)
    assert to_bytes(statement).startswith(
        b'{"payload":"b25l","payloadType":"application/vnd.amanat.test","signatures":[{'
    )
    assert [line.keyid for line in statement.signatures] == sorted(ROOT.by_id())
    assert statement.body() == b"one"


def test_a_signature_is_ed25519_over_the_pae() -> None:
    (line,) = ONE.signatures
    public = CUSTODIANS[0].public_key()
    assert line.keyid == key_id(public.public_bytes_raw())
    public.verify(base64.b64decode(line.sig), pae(TYPE, b"one"))


@given(st.binary(max_size=200), st.sets(st.sampled_from(CUSTODIANS)))
def test_what_was_signed_is_read_again_with_its_signers(payload: bytes, keys: set[Ed25519PrivateKey]) -> None:
    chosen = [key for key in CUSTODIANS if key in keys]
    statement = parse(to_bytes(sign(TYPE, payload, chosen)), TYPE, "statement")
    assert statement.body() == payload
    assert signers(statement, ROOT.by_id(), "statement") == {
        key_id(key.public_key().public_bytes_raw()) for key in chosen
    }


def test_a_key_handed_in_twice_signs_once() -> None:
    assert sign(TYPE, b"one", [CUSTODIANS[0], CUSTODIANS[0]]) == ONE


def test_unknown_signatures_are_passed_over() -> None:
    both = merge(ONE, TWO)
    (known,) = ONE.signatures
    assert signers(both, {known.keyid: ROOT.by_id()[known.keyid]}, "statement") == {known.keyid}


@pytest.mark.parametrize("length", [0, 63, 64, 65])
def test_a_known_keys_signature_that_fails_spoils_the_statement(length: int) -> None:
    (line,) = ONE.signatures
    wrong = msgspec.structs.replace(line, sig=base64.b64encode(bytes(length)).decode())
    with pytest.raises(Invalid, match="does not hold") as caught:
        signers(msgspec.structs.replace(ONE, signatures=(wrong,)), ROOT.by_id(), "statement")
    assert caught.value.code == "statement.signature"


def test_a_signature_made_for_another_type_or_payload_fails() -> None:
    for moved in (
        msgspec.structs.replace(ONE, payload_type=TYPE + "2"),
        msgspec.structs.replace(ONE, payload=base64.b64encode(b"two").decode()),
    ):
        with pytest.raises(Invalid, match="does not hold"):
            signers(moved, ROOT.by_id(), "statement")


def test_a_statement_of_another_type_is_not_read() -> None:
    with pytest.raises(Invalid, match=r"The act is of type 'application/vnd.amanat.test', not 'x'") as caught:
        parse(to_bytes(ONE), "x", "act")
    assert caught.value.code == "statement.type"


def test_a_type_that_is_a_book_is_quoted_shortly() -> None:
    with pytest.raises(Invalid, match="The act is of type 'a") as caught:
        parse(encode(Statement("", "a\nb\x1b" * 1000, ())), TYPE, "act")
    assert caught.value.says.isprintable()
    assert len(caught.value.says) < 2000


def test_signatures_have_one_order_and_each_key_signs_once() -> None:
    """Else anybody could make a second file of a statement, and files would no longer tell two statements apart."""
    lines = merge(ONE, TWO).signatures
    assert code_of(encode(msgspec.structs.replace(ONE, signatures=lines[::-1]))) == "field.order"
    assert code_of(encode(msgspec.structs.replace(ONE, signatures=lines[:1] * 2))) == "field.order"


def test_signatures_are_bounded() -> None:
    lines = tuple(Signature(f"{number:064x}", "") for number in range(65))
    assert code_of(encode(Statement("", TYPE, lines))) == "statement.signatures"
    assert len(parse(encode(Statement("", TYPE, lines[:-1])), TYPE, "statement").signatures) == 64


@pytest.mark.parametrize(
    ("payload", "says"), [("b25=", "The payload is not in base64's one form"), ("b25", "The payload is not base64")]
)
def test_a_payload_in_another_base64_is_not_read(payload: str, says: str) -> None:
    with pytest.raises(Invalid, match=says) as caught:
        parse(encode(msgspec.structs.replace(ONE, payload=payload)), TYPE, "statement")
    assert caught.value.code == "field.base64"


def test_a_signature_that_is_no_base64_spoils_the_statement_only_of_a_known_key() -> None:
    wrong = tuple(msgspec.structs.replace(line, sig="?") for line in ONE.signatures)
    statement = parse(encode(msgspec.structs.replace(ONE, signatures=wrong)), TYPE, "statement")
    assert signers(statement, {}, "statement") == frozenset()
    with pytest.raises(Invalid, match="The signature is not base64"):
        signers(statement, ROOT.by_id(), "statement")


def test_signatures_collected_apart_are_merged_in_any_order() -> None:
    assert merge(ONE, TWO) == merge(TWO, ONE) == sign(TYPE, b"one", CUSTODIANS[:2])
    assert merge(ONE, ONE) == ONE


def test_only_signatures_over_the_same_bytes_are_merged() -> None:
    for other in (sign(TYPE, b"two", CUSTODIANS[1:2]), sign(TYPE + "2", b"one", CUSTODIANS[1:2])):
        with pytest.raises(Invalid, match="sign different bytes") as caught:
            merge(ONE, other)
        assert caught.value.code == "statement.differs"


def test_a_bad_signature_does_not_displace_a_good_one() -> None:
    (line,) = ONE.signatures
    bad = msgspec.structs.replace(ONE, signatures=(msgspec.structs.replace(line, sig="AAAA"),))
    for first, second in ((ONE, bad), (bad, ONE)):
        with pytest.raises(Invalid, match="different signatures of the key") as caught:
            merge(first, second)
        assert caught.value.code == "statement.conflict"


def test_the_module_names_no_other_way_to_sign() -> None:
    """One function makes every signature on a statement (dsse.sign)."""
    assert [name for name in vars(dsse) if "sign" in name.lower() and name.islower()] == ["sign", "signers"]
