"""A bundle is a thing entrusted: what was imported at one side is what stands at the other, byte for byte."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import amanat
from amanat.party.canonical import MAX_DEPTH, decode, encode
from amanat.party.errors import Invalid
from amanat.record.record import read
from amanat.workspaces.intelligence.importers import read_stix
from amanat.workspaces.intelligence.kinds import REPORT, Report
from amanat.workspaces.intelligence.tests.bundles import GROUP, KINDS, bundle, record, ref

SPACE = st.text(" \t\r\n", max_size=3).map(str.encode)
WRITTEN = [
    pytest.param('"x_note": "د کرښې په اوږدو کې ډزې"', id="Pashto"),
    pytest.param('"x_note": "تیراندازی در نزدیکی خط"', id="Dari"),
    pytest.param('"x_note": "لکیر کے قریب فائرنگ"', id="Urdu"),
    pytest.param('"x_note": "نمی\u200cدانم \u200f(\u200e1\u200f)"', id="joiners and direction marks"),
    pytest.param('"x_note": "\\u067e\\u069a\\u062a\\u0648"', id="escaped letters"),
    pytest.param('"x_note": "e\u0301 \u00e9"', id="one letter composed and not"),
    pytest.param('"x_note": "\U0001f1fa \\ud83c\\uddfa"', id="beyond the first plane"),
    pytest.param('"x_note": "\\/ \\u0000 \\t"', id="escapes that could be written shorter"),
    pytest.param('"x_a": 1, "x_b": 1.0, "x_c": 1.00, "x_d": 1e0, "x_e": 1E+00', id="one in five ways"),
    pytest.param('"x_a": -0, "x_b": -0.0', id="minus nothing"),
    pytest.param('"x_a": 9007199254740991, "x_b": -9007199254740991', id="the largest whole numbers of STIX"),
    pytest.param('"x_a": 0.1234567890123456789012345', id="more digits than a double has"),
    pytest.param('"x_a": 1e-300, "x_b": 1.5E300', id="exponents"),
    pytest.param('"x_z": 1, "x_a": 2, "x_m": {"z": 1, "a": 2}', id="another order"),
    pytest.param('"x_a"\t:\r\n  1  ,"x_b":[ 1 ,2 ]', id="white space"),
]


def with_property(written: str) -> bytes:
    return bundle(GROUP).replace(b'"name":', written.encode() + b', "name":')


@pytest.mark.parametrize("written", WRITTEN)
def test_a_bundle_comes_out_of_the_record_as_it_was_imported(written: str) -> None:
    """Through everything that carries it: body, record, and the record's bytes read at the other side."""
    data = with_property(written)
    ((label, body),) = read_stix(b"\n" + data + b" \r\n")
    assert label == "intelligence.report/1"
    assert bytes(decode(encode(body), Report, "report").bundle) == data
    arrived = read(record(1, data).data, KINDS)
    assert bytes(arrived.body.bundle) == data
    assert data in arrived.data


JSON: st.SearchStrategy[Any] = st.recursive(
    st.booleans()
    | st.integers(1 - 2**53, 2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, min_size=1, max_size=3)
        | st.dictionaries(st.from_regex(r"[a-z]{1,8}", fullmatch=True), inner, min_size=1, max_size=3)
    ),
    max_leaves=8,
)


@given(
    st.dictionaries(st.from_regex(r"x_[a-z]{3,10}", fullmatch=True), JSON, max_size=4),
    st.fixed_dictionaries({"ensure_ascii": st.booleans(), "indent": st.sampled_from([None, 1, "\t"])}),
    SPACE,
)
def test_custom_properties_of_any_sort_come_out_as_they_were_imported(
    properties: dict[str, Any], style: dict[str, Any], space: bytes
) -> None:
    whole = {"type": "bundle", "id": ref("bundle", 0), "objects": [GROUP | properties]}
    data = json.dumps(whole, **style).encode()
    ((_, body),) = read_stix(space + data + space)
    assert bytes(read(record(1, bytes(body.bundle)).data, KINDS).body.bundle) == data


def deep(levels: int) -> bytes:
    return with_property('"x_deep": ' + "[" * levels + "1" + "]" * levels)


def test_a_bundle_may_be_nested_as_deep_as_a_record_may() -> None:
    """The bundle's object stands at level 3; its record adds two: the record itself and the body."""
    assert record(1, deep(MAX_DEPTH - 5)).data
    with pytest.raises(Invalid, match="nested deeper than 32 levels"):
        record(1, deep(MAX_DEPTH - 4))


@pytest.mark.parametrize(
    ("written", "code"),
    [
        pytest.param('"name": "another"', "json.syntax", id="a name twice in one object"),
        pytest.param('"x_m": {"a": 1, "a": 1}', "json.syntax", id="a name twice, deeper"),
        pytest.param('"x_m": {"a": 1, "\\u0061": 2}', "json.syntax", id="a name twice, once escaped"),
        pytest.param('"x_m": "\\ud800"', "json.surrogate", id="half a surrogate pair"),
        pytest.param('"x_m": "\\udc00\\ud800"', "json.surrogate", id="two halves in the wrong order"),
        pytest.param('"x_m": NaN', "json.syntax", id="not a number"),
        pytest.param('"x_m": 1e999', "json.syntax", id="a number no double holds"),
        pytest.param('"x_m": 9007199254740993', "json.syntax", id="a whole number that a double rounds"),
        pytest.param(f'"x_m": {"9" * 5000}', "json.syntax", id="a number of 5000 digits"),
        pytest.param('"x_m": 01', "json.syntax", id="a leading zero"),
        pytest.param("'x_m': 1", "json.syntax", id="single quotes"),
        pytest.param('"x_m": "\n"', "json.syntax", id="a line break in a text"),
        pytest.param('"x_m": 1,', "json.syntax", id="a comma too many"),
        pytest.param(f'"x_m": {"[" * 100_000}', "json.depth", id="nested without end"),
        pytest.param('"x_m": {"عرض": 1}', "stix.property", id="a name that is not ASCII, deeper"),
        pytest.param('"x_l\u0430titude": 1', "stix.property", id="a name with a Cyrillic letter"),
    ],
)
def test_what_two_readers_could_read_differently_is_refused(written: str, code: str) -> None:
    with pytest.raises(Invalid) as refusal:
        read_stix(with_property(written))
    assert refusal.value.code == code


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"\xef\xbb\xbf" + bundle(GROUP), id="a byte order mark"),
        pytest.param(bundle(GROUP).decode().encode("utf-16"), id="UTF-16"),
        pytest.param(bundle(GROUP).replace(b"invented", b"\xff"), id="a byte that is no UTF-8"),
        pytest.param(bundle(GROUP) + bundle(GROUP), id="two bundles"),
        pytest.param(bundle(GROUP)[:-1], id="cut short"),
        pytest.param(b"[]", id="a list"),
    ],
)
def test_what_is_not_one_bundle_in_utf_8_is_refused(data: bytes) -> None:
    with pytest.raises(Invalid):
        read_stix(data)


def test_the_example_is_a_body_that_reads_back_byte_for_byte() -> None:
    for example in REPORT.examples:
        data = encode(example)
        assert encode(decode(data, Report, "report")) == data
        assert bytes(decode(data, Report, "report").bundle) == bytes(example.bundle)


def test_the_report_that_newcomers_send_first_is_the_example_of_its_kind() -> None:
    file = Path(amanat.__file__).parents[2] / "docs" / "examples" / "report.json"
    assert file.read_bytes() == bytes(REPORT.examples[0].bundle)
