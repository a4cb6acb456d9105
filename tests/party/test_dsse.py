"""Statements: DSSE over exact bytes."""

import base64

import msgspec
import pytest

from amanat.party import dsse
from amanat.party.errors import Invalid
from amanat.party.key_id import key_id
from party.custody import custodians

KEYS = custodians("dsse")
PUBLIC = {key_id(key.public_key().public_bytes_raw()): key.public_key().public_bytes_raw() for key in KEYS}
STATEMENT = dsse.sign("text/plain", b"hello world", KEYS)


def test_what_is_signed_is_the_pae_of_the_dsse_protocol() -> None:
    """The vector of DSSE's protocol.md."""
    assert dsse.pae("http://example.com/HelloWorld", b"hello world") == (
        b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
    )


def test_a_statement_reads_back_and_names_its_signers() -> None:
    read = dsse.parse(dsse.to_bytes(STATEMENT), "text/plain", "note")
    assert read == STATEMENT
    assert read.body() == b"hello world"
    assert dsse.signers(read, PUBLIC, "note") == set(PUBLIC)


def test_signatures_of_unknown_keys_are_passed_over() -> None:
    only = dict([next(iter(PUBLIC.items()))])
    assert dsse.signers(STATEMENT, only, "note") == set(only)


def test_a_known_keys_false_signature_refuses_the_statement() -> None:
    forged = msgspec.structs.replace(STATEMENT, payload=base64.b64encode(b"hello world!").decode())
    with pytest.raises(Invalid) as caught:
        dsse.signers(forged, PUBLIC, "note")
    assert caught.value.code == "statement.signature"


def test_signatures_collected_apart_are_merged() -> None:
    one, two = (dsse.sign("text/plain", b"hello world", [key]) for key in KEYS[:2])
    assert dsse.merge(one, two) == dsse.sign("text/plain", b"hello world", KEYS[:2])
    with pytest.raises(Invalid) as caught:
        dsse.merge(one, dsse.sign("text/plain", b"other", KEYS[:1]))
    assert caught.value.code == "statement.differs"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"payload_type": "text/html"}, "statement.type"),
        ({"payload": "aGVsbG8"}, "field.base64"),
        ({"payload": "aGVsbG9="}, "field.base64"),
        ({"signatures": STATEMENT.signatures[:1] * 65}, "statement.signatures"),
    ],
)
def test_a_statement_that_is_not_what_it_must_be_is_refused(changes: dict[str, object], code: str) -> None:
    data = dsse.to_bytes(msgspec.structs.replace(STATEMENT, **changes))
    with pytest.raises(Invalid) as caught:
        dsse.parse(data, "text/plain", "note")
    assert caught.value.code == code
