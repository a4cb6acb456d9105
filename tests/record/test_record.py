"""Records: composed and read back to the same, with one encoding, and never with two fields that cannot both hold."""

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from amanat.party.canonical import MAX_DEPTH, encode
from amanat.party.errors import Invalid
from amanat.record.handling import Handling
from amanat.record.kind import Facts, Kind, Kinds
from amanat.record.notices import NOTICES, Withdrawal
from amanat.record.record import (
    MAX_AUDIENCE,
    MAX_RECORD_BYTES,
    MAX_REFS,
    Draft,
    Fields,
    Post,
    Record,
    Ref,
    approve,
    compose,
    read,
    refs_to,
    uuid7,
)


class Sighting(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a post saw; `raw` is JSON of somebody else, kept byte for byte."""

    text: str
    raw: msgspec.Raw = msgspec.Raw(b"null")


def facts(body: Sighting) -> Facts:
    if body.text == "nothing":
        raise Invalid("test.nothing", "Nothing was seen.", "Say so by not reporting.")
    return Facts(person="its text" if "person" in body.text else "")


NOW = datetime(2026, 11, 24, 6, 30, tzinfo=UTC)
KINDS = Kinds([Kind("test.sighting", 1, Sighting, "destroy", "A sighting.", (), facts=facts), *NOTICES])
DUTY, CHIEF = Post("pk", "torkham/duty"), Post("pk", "torkham/chief")
COMPACT = "ab" * 32
IDS = [f"01936000-0000-7000-8000-{number:012x}" for number in range(100)]
AMBER = Handling(tlp="TLP:AMBER", purpose="counter-terrorism")


def draft(**changes: Any) -> Draft:
    return Draft(
        **{
            "kind": "test.sighting/1",
            "body": Sighting("a lorry"),
            "audience": ("af",),
            "handling": AMBER,
            "compact": COMPACT,
            **changes,
        }
    )


def composed(**changes: Any) -> Record:
    return compose(draft(**changes), DUTY, KINDS, IDS[0], NOW)


LITERAL = (
    b'{"id":"01936000-0000-7000-8000-000000000000","compact":"' + COMPACT.encode() + b'",'
    b'"author":{"party":"pk","name":"torkham/duty"},"audience":["af"],"at":"2026-11-24T06:30:00Z",'
    b'"kind":"test.sighting/1","handling":{"tlp":"TLP:AMBER","purpose":"counter-terrorism"},'
    b'"body":{"text":"a lorry","raw":null}}'
)


# --- compose and read -------------------------------------------------------------------------------------------------


def test_a_record_has_these_bytes() -> None:
    record = composed()
    assert record.data == LITERAL
    assert record.digest == hashlib.sha256(LITERAL).hexdigest()
    assert record.key == ("pk", IDS[0])
    assert record.body == Sighting("a lorry")


def test_what_the_floors_must_know_is_read_from_the_body() -> None:
    assert composed(body=Sighting("a person")).facts.names_person


def test_what_a_kind_refuses_of_a_body_is_refused_at_both_ends() -> None:
    with pytest.raises(Invalid, match="Nothing was seen"):
        composed(body=Sighting("nothing"))
    with pytest.raises(Invalid, match="Nothing was seen"):
        read(LITERAL.replace(b"a lorry", b"nothing"), KINDS)


def test_a_draft_is_put_in_order() -> None:
    """The officer need not sort: audience and references are sets."""
    later, earlier = Ref("answers", "af", IDS[2]), Ref("about", "af", IDS[1])
    record = composed(audience=("obs", "af", "obs"), refs=(later, earlier, later))
    assert record.fields.audience == ("af", "obs")
    assert record.fields.refs == (earlier, later)
    assert refs_to(record, "answers") == (later,)


def test_a_record_is_timed_to_the_second() -> None:
    record = compose(draft(), DUTY, KINDS, IDS[0], NOW.replace(microsecond=999_999))
    assert record.fields.at == NOW


@given(
    text=st.text().filter(lambda text: text != "nothing"),
    audience=st.sets(st.sampled_from(["af", "obs", "xx"]), min_size=1),
    refs=st.sets(
        st.builds(Ref, st.sampled_from(["about", "answers"]), st.sampled_from(["pk", "af"]), st.sampled_from(IDS[1:])),
        max_size=MAX_REFS,
    ),
    exercise=st.booleans(),
    at=st.integers(0, 4_000_000_000).map(lambda second: datetime.fromtimestamp(second, UTC)),
)
def test_every_record_comes_back_from_its_bytes(
    text: str,
    audience: set[str],
    refs: set[Ref],
    *,
    exercise: bool,
    at: datetime,
) -> None:
    made = draft(body=Sighting(text), audience=tuple(audience), refs=tuple(refs), exercise=exercise)
    record = compose(made, DUTY, KINDS, IDS[0], at)
    assert read(record.data, KINDS) == record


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.lists(inner, max_size=3)))
def test_foreign_json_in_a_body_keeps_its_own_bytes(value: object) -> None:
    """Its white space is the sender's; only our own fields have one encoding."""
    raw = b" ".join([b"[", msgspec.json.encode(value), b"]"])
    record = composed(body=Sighting("a lorry", msgspec.Raw(raw)))
    assert bytes(read(record.data, KINDS).body.raw) == raw


# --- contradictions ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"audience": ()}, "the audience is 0 parties"),
        ({"audience": tuple(f"p{number:02}" for number in range(MAX_AUDIENCE + 1))}, "the audience is 17 parties"),
        ({"audience": ("pk",)}, "pk is author and audience"),
        ({"handling": Handling(tlp="TLP:RED", purpose="aid", not_to=("af",))}, "not_to names af, who is to have it"),
        ({"handling": Handling(tlp="TLP:RED", purpose="aid", not_to=("pk",))}, "not_to names pk, who is to have it"),
        ({"handling": Handling(tlp="TLP:RED", purpose="aid", expires=NOW)}, "it expires before it is written"),
        (
            {"refs": tuple(Ref("about", "af", each) for each in IDS[1 : MAX_REFS + 2])},
            "it has 65 references, and at most 64 are read",
        ),
        ({"refs": (Ref("supersedes", "af", IDS[1]),)}, "only the originator supersedes"),
        ({"refs": (Ref("withdraws", "pk", IDS[1]),)}, "a withdrawal, and nothing else, names what it withdraws"),
        (
            {"kind": "record.withdrawal/1", "body": Withdrawal("mistaken")},
            "a withdrawal, and nothing else, names what it withdraws",
        ),
        (
            {"kind": "record.withdrawal/1", "body": Withdrawal("mistaken"), "refs": (Ref("withdraws", "af", IDS[1]),)},
            "only the originator supersedes or withdraws",
        ),
        ({"refs": (Ref("about", "pk", IDS[0]),)}, "it refers to itself"),
    ],
)
def test_a_contradiction_cannot_be_built(changes: dict[str, Any], says: str) -> None:
    with pytest.raises(Invalid, match=says) as caught:
        composed(**changes)
    assert caught.value.code == "record.contradiction"


def test_the_same_id_of_another_party_is_another_record() -> None:
    assert composed(refs=(Ref("about", "af", IDS[0]),)).fields.refs == (Ref("about", "af", IDS[0]),)


def test_a_withdrawal_names_what_the_originator_withdraws() -> None:
    record = composed(kind="record.withdrawal/1", body=Withdrawal("mistaken"), refs=(Ref("withdraws", "pk", IDS[1]),))
    assert refs_to(record, "withdraws") == (Ref("withdraws", "pk", IDS[1]),)


# --- foreign bytes ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", range(0, len(LITERAL), 7))
def test_a_record_cut_short_is_refused(size: int) -> None:
    with pytest.raises(Invalid) as caught:
        read(LITERAL[:size], KINDS)
    assert caught.value.code == "json.syntax"


def test_a_record_over_the_limit_is_refused_unread() -> None:
    with pytest.raises(Invalid) as caught:
        read(LITERAL + b" " * MAX_RECORD_BYTES, KINDS)
    assert caught.value.code == "json.size"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        pytest.param(lambda data: data.replace(b"null", b"[" * MAX_DEPTH + b"]" * MAX_DEPTH), "json.depth", id="depth"),
        pytest.param(lambda data: data.replace(b"a lorry", b"\xff\xfe"), "json.utf8", id="not UTF-8"),
        pytest.param(lambda data: data.replace(b"a lorry", b"\xed\xa0\x80"), "json.utf8", id="a surrogate"),
        pytest.param(lambda data: data + b"\n", "json.encoding", id="white space"),
        pytest.param(lambda data: data + data, "json.syntax", id="two at once"),
        pytest.param(
            lambda data: data.replace(b'"id":', b'"id":"' + IDS[1].encode() + b'","id":'),
            "json.encoding",
            id="a field twice",
        ),
        pytest.param(lambda data: data.replace(b"a lorry", b"a lorr\\u0079"), "json.encoding", id="an escaped letter"),
        pytest.param(lambda data: data.replace(b'"body"', b'"exercise":false,"body"'), "json.encoding", id="a default"),
        pytest.param(lambda data: data.replace(b"06:30:00Z", b"06:30:00+00:00"), "json.encoding", id="another zone"),
        pytest.param(lambda data: data.replace(b"06:30:00Z", b"06:30:00.5Z"), "field.time", id="half a second"),
        pytest.param(lambda data: data.replace(b"06:30:00Z", b"06:30:00"), "json.field", id="no zone"),
        pytest.param(lambda data: data.replace(b'"body"', b'"clan":"x","body"'), "json.field", id="unknown field"),
        pytest.param(lambda data: data.replace(b'"text"', b'"sect"'), "json.field", id="unknown field of the body"),
        pytest.param(lambda data: data.replace(b"-7000-", b"-4000-"), "json.field", id="another UUID version"),
        pytest.param(lambda data: data.replace(b"torkham/duty", b"Torkham"), "json.field", id="no post"),
        pytest.param(lambda data: data.replace(b"sighting/1", b"sighting/2"), "kind.unknown", id="unknown kind"),
        pytest.param(lambda data: data.replace(b"sighting/1", b"sighting/01"), "json.field", id="version 01"),
        pytest.param(lambda data: data.replace(b'["af"]', b'["obs","af"]'), "field.order", id="audience unsorted"),
        pytest.param(lambda data: data.replace(b'"af"', b'"af\\n"'), "json.field", id="a line break in a code"),
    ],
)
def test_bytes_that_two_readers_could_read_differently_are_refused(change: Callable[[bytes], bytes], code: str) -> None:
    altered = change(LITERAL)
    assert altered != LITERAL
    with pytest.raises(Invalid) as caught:
        read(altered, KINDS)
    assert caught.value.code == code


def test_references_out_of_order_are_refused() -> None:
    one, two = Ref("about", "af", IDS[1]), Ref("about", "af", IDS[2])
    data = composed(refs=(one, two)).data
    first, second = encode(one), encode(two)
    for wrong in (second + b"," + first, first + b"," + first):
        with pytest.raises(Invalid) as caught:
            read(data.replace(first + b"," + second, wrong), KINDS)
        assert caught.value.code == "record.refs"


@given(st.binary(max_size=200))
def test_noise_is_refused_and_nothing_else(noise: bytes) -> None:
    with pytest.raises(Invalid):
        read(noise, KINDS)


@given(at=st.integers(0, len(LITERAL) - 1), byte=st.integers(0, 255))
def test_an_altered_byte_is_refused_or_gives_another_record_of_one_encoding(at: int, byte: int) -> None:
    altered = LITERAL[:at] + bytes([byte]) + LITERAL[at + 1 :]
    try:
        record = read(altered, KINDS)
    except Invalid:
        return
    assert encode(record.fields) == altered


# --- the second person ------------------------------------------------------------------------------------------------


def test_the_second_person_signs_off_exactly_what_was_read() -> None:
    held = composed()
    approved = approve(held, held.digest, CHIEF, KINDS)
    assert approved.fields == msgspec.structs.replace(held.fields, approved_by=CHIEF)
    assert approved.body == held.body


def test_another_text_than_the_one_read_is_not_approved() -> None:
    with pytest.raises(Invalid) as caught:
        approve(composed(), composed(body=Sighting("two lorries")).digest, CHIEF, KINDS)
    assert caught.value.code == "approval.digest"


@pytest.mark.parametrize(
    ("second", "says"),
    [(DUTY, "author and second person are the same post"), (Post("af", "chief"), "of another party than the author")],
)
def test_who_may_not_be_the_second_person(second: Post, says: str) -> None:
    held = composed()
    with pytest.raises(Invalid, match=says):
        approve(held, held.digest, second, KINDS)


# --- ids --------------------------------------------------------------------------------------------------------------


def test_an_id_is_the_uuid7_of_rfc_9562() -> None:
    """The example of RFC 9562, A.6."""
    random = bytes.fromhex("0cc3") + bytes.fromhex("18c4dc0c0c07398f")
    assert uuid7(0x017F22E279B0, random) == "017f22e2-79b0-7cc3-98c4-dc0c0c07398f"


@given(st.integers(0, 2**48 - 1), st.binary(min_size=10, max_size=10))
def test_an_id_bears_version_variant_and_time(milliseconds: int, random: bytes) -> None:
    text = uuid7(milliseconds, random)
    made = UUID(text)
    assert (made.version, made.variant, made.int >> 80) == (7, "specified in RFC 4122", milliseconds)
    assert msgspec.convert(text, Fields.__annotations__["id"]) == text


def test_ids_sort_by_time() -> None:
    assert uuid7(1, b"\xff" * 10) < uuid7(2, bytes(10))


def test_the_day_after_is_a_valid_expiry() -> None:
    tomorrow = Handling(tlp="TLP:RED", purpose="aid", expires=NOW + timedelta(days=1))
    assert composed(handling=tomorrow).fields.handling.expires == NOW + timedelta(days=1)
