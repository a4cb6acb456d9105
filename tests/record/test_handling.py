"""Handling: contradictions cannot be built, gradings map both ways, and strictness has one order."""

import json
import re
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any, Final, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amanat.party.canonical import decode, encode
from amanat.party.errors import Invalid
from amanat.record.handling import (
    H_MEANING,
    STRICTNESS,
    CustodyRisk,
    Grading,
    Handling,
    HCode,
    Tlp,
    at_least_as_strict,
    describe,
    over,
    to_4x4,
    to_admiralty,
)

JULY = datetime(2026, 7, 1, tzinfo=UTC)

FOUR_BY_FOUR = [Grading("4x4", source, number) for source in ("A", "B", "C", "X") for number in ("1", "2", "3", "4")]
ADMIRALTY = [
    Grading("admiralty", source, number)
    for source in ("A", "B", "C", "D", "E", "F")
    for number in ("1", "2", "3", "4", "5", "6")
]
CODES: Final[dict[Tlp, tuple[HCode, ...]]] = {
    "TLP:CLEAR": (),
    "TLP:GREEN": ("H0", "H1"),
    "TLP:AMBER": ("H0", "H1", "H2", "H3"),
    "TLP:AMBER+STRICT": ("H0", "H1", "H2", "H3"),
    "TLP:RED": ("H0", "H1", "H2", "H3"),
}


@st.composite
def handlings(draw: st.DrawFn) -> Handling:
    """Any handling that does not contradict itself."""
    tlp = draw(st.sampled_from(list(STRICTNESS)))
    codes = draw(st.sets(st.sampled_from(CODES[tlp]))) if CODES[tlp] else set()
    excluded = draw(st.sets(st.sampled_from(["xx", "yy"]))) if STRICTNESS[tlp] > 1 else set()
    line = st.text(st.characters(exclude_categories=["C", "Zl", "Zp"]), min_size=1, max_size=20)
    moment = st.integers(0, 4_000_000_000).map(lambda second: datetime.fromtimestamp(second, UTC))
    return Handling(
        tlp=tlp,
        purpose=draw(st.sampled_from(["counter-terrorism", "safety-of-crossers"])),
        codes=tuple(sorted(codes)),
        grading=draw(st.none() | st.sampled_from([*FOUR_BY_FOUR, *ADMIRALTY])),
        legal_basis=draw(st.none() | st.just("art-4")),
        not_to=tuple(sorted(excluded)),
        expires=draw(st.none() | moment),
        caveats=(draw(line),) if "H3" in codes else (),
        custody_risk=draw(st.none() | st.builds(CustodyRisk, st.just("low"), st.just("none"), st.booleans(), line)),
    )


def handling(**changes: Any) -> Handling:
    return Handling(**{"tlp": "TLP:AMBER", "purpose": "counter-terrorism", **changes})


# --- contradictions ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"tlp": "TLP:CLEAR", "codes": ("H0",)}, "TLP:CLEAR lets anyone publish it, H0 does not"),
        ({"tlp": "TLP:GREEN", "codes": ("H2",)}, "TLP:GREEN lets the community pass it on, H2 does not"),
        ({"tlp": "TLP:GREEN", "not_to": ("obs",)}, "TLP:GREEN lets the community pass it on, not_to does not"),
        ({"tlp": "TLP:CLEAR", "not_to": ("obs",)}, "TLP:CLEAR lets the community pass it on, not_to does not"),
        ({"codes": ("H3",)}, "H3 says that caveats follow, and there are none"),
        ({"codes": ("H3",), "caveats": tuple("abcdefghi")}, "it has 9 caveats, and at most 8 are read"),
        ({"caveats": ("ask first",)}, "there are caveats, which H3 has to announce"),
    ],
)
def test_a_contradiction_cannot_be_built(changes: dict[str, Any], says: str) -> None:
    with pytest.raises(Invalid, match=says) as caught:
        handling(**changes)
    assert caught.value.code == "handling.contradiction"


def test_a_contradiction_cannot_come_in_as_bytes() -> None:
    foreign = b'{"tlp":"TLP:CLEAR","purpose":"aid","codes":["H1"]}'
    with pytest.raises(Invalid, match="TLP:CLEAR lets anyone publish it"):
        decode(foreign, Handling, "handling")


def test_eight_caveats_are_read() -> None:
    assert len(handling(codes=("H3",), caveats=tuple("abcdefgh")).caveats) == 8


@pytest.mark.parametrize("tlp", ["TLP:AMBER", "TLP:AMBER+STRICT", "TLP:RED"])
def test_all_codes_caveats_and_exclusions_go_with_amber_and_above(tlp: Tlp) -> None:
    whole = handling(tlp=tlp, codes=("H0", "H1", "H2", "H3"), caveats=("ask first",), not_to=("obs",))
    assert whole.codes == tuple(H_MEANING)


def test_green_goes_with_the_codes_that_do_not_forbid_passing_on() -> None:
    assert handling(tlp="TLP:GREEN", codes=("H0", "H1")).codes == ("H0", "H1")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"codes": ("H1", "H0")}, "field.order"),
        ({"codes": ("H1", "H1")}, "field.order"),
        ({"not_to": ("zz", "aa")}, "field.order"),
        ({"expires": JULY.replace(microsecond=1)}, "field.time"),
        ({"expires": JULY.astimezone(timezone(timedelta(hours=5)))}, "field.time"),
    ],
)
def test_one_set_and_one_moment_have_one_spelling(changes: dict[str, Any], code: str) -> None:
    with pytest.raises(Invalid) as caught:
        handling(**changes)
    assert caught.value.code == code


@pytest.mark.parametrize(
    "foreign",
    [
        b'{"tlp":"TLP:WHITE","purpose":"aid"}',
        b'{"tlp":"TLP:RED"}',
        b'{"tlp":"TLP:RED","purpose":"Aid"}',
        b'{"tlp":"TLP:RED","purpose":"aid","codes":["H4"]}',
        b'{"tlp":"TLP:RED","purpose":"aid","ethnicity":"x"}',
        b'{"tlp":"TLP:RED","purpose":"aid","not_to":["PK"]}',
    ],
)
def test_a_word_that_no_scheme_has_is_refused(foreign: bytes) -> None:
    with pytest.raises(Invalid) as caught:
        decode(foreign, Handling, "handling")
    assert caught.value.code == "json.field"


@given(handlings())
def test_every_handling_comes_back_from_its_bytes(made: Handling) -> None:
    assert decode(encode(made), Handling, "handling") == made


# --- strictness -------------------------------------------------------------------------------------------------------


def test_the_traffic_light_has_five_levels_in_one_order() -> None:
    assert sorted(STRICTNESS, key=STRICTNESS.__getitem__) == list(get_args(Tlp))


@given(handlings(), handlings(), handlings())
def test_strictness_is_an_order(first: Handling, second: Handling, third: Handling) -> None:
    assert at_least_as_strict(first, first)
    if at_least_as_strict(first, second) and at_least_as_strict(second, third):
        assert at_least_as_strict(first, third)


@pytest.mark.parametrize(
    "looser",
    [
        {"tlp": "TLP:AMBER"},
        {"codes": ("H3",)},
        {"not_to": ()},
        {"codes": ("H1", "H3"), "caveats": ("another",)},
        {"expires": None},
        {"expires": JULY + timedelta(days=1)},
    ],
)
def test_each_demand_loosened_by_itself_is_looser(looser: dict[str, Any]) -> None:
    demands: dict[str, Any] = {
        "tlp": "TLP:RED",
        "codes": ("H1", "H3"),
        "caveats": ("ask",),
        "not_to": ("obs",),
        "expires": JULY,
    }
    assert not at_least_as_strict(handling(**{**demands, **looser}), handling(**demands))


def test_an_earlier_end_is_stricter() -> None:
    assert at_least_as_strict(handling(expires=JULY - timedelta(days=1)), handling(expires=JULY))


# --- gradings ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("scheme", "source", "information"),
    [("4x4", "D", "1"), ("4x4", "A", "5"), ("admiralty", "X", "1"), ("4x4", "E", "6")],
)
def test_a_letter_of_the_other_scheme_is_refused(scheme: Any, source: Any, information: Any) -> None:
    with pytest.raises(Invalid, match=f"The {scheme} grading has no {source}{information}") as caught:
        Grading(scheme, source, information)
    assert caught.value.code == "handling.grading"


@pytest.mark.parametrize(
    ("four", "six"),
    [("A1", "A1"), ("B2", "B2"), ("C3", "D3"), ("X4", "F6")],
)
def test_4x4_reads_in_admiralty_as_the_table_says(four: str, six: str) -> None:
    made = to_admiralty(Grading("4x4", four[0], four[1]))  # type: ignore[arg-type]  # letters of the scheme
    assert made == Grading("admiralty", six[0], six[1])  # type: ignore[arg-type]  # letters of the scheme


@pytest.mark.parametrize(
    ("six", "four"),
    [("A1", "A1"), ("B2", "B2"), ("C3", "B3"), ("D4", "C4"), ("E5", "C4"), ("F6", "X4")],
)
def test_admiralty_reads_in_4x4_as_the_table_says(six: str, four: str) -> None:
    made = to_4x4(Grading("admiralty", six[0], six[1]))  # type: ignore[arg-type]  # letters of the scheme
    assert made == Grading("4x4", four[0], four[1])  # type: ignore[arg-type]  # letters of the scheme


@pytest.mark.parametrize("grading", FOUR_BY_FOUR, ids=lambda each: f"{each.source}{each.information}")
def test_a_4x4_grading_survives_the_way_there_and_back(grading: Grading) -> None:
    assert to_4x4(to_admiralty(grading)) == grading


@pytest.mark.parametrize(("change", "kept"), [(to_4x4, FOUR_BY_FOUR), (to_admiralty, ADMIRALTY)])
def test_a_grading_already_in_the_scheme_stays(change: Any, kept: list[Grading]) -> None:
    assert [change(grading) for grading in kept] == kept


# --- over, and in words -----------------------------------------------------------------------------------------------


def test_what_is_said_stands_over_what_was_there_and_the_whole_is_read_again() -> None:
    base = Handling(tlp="TLP:AMBER", purpose="counter-terrorism", expires=JULY)
    assert over(base, {}) == base
    said = over(base, {"codes": ["H1"], "tlp": "TLP:RED", "expires": "2026-08-01T00:00:00Z"})
    assert said == Handling(
        tlp="TLP:RED", purpose="counter-terrorism", codes=("H1",), expires=datetime(2026, 8, 1, tzinfo=UTC)
    )
    for wrong in ({"speed": 3}, {"tlp": "TLP:PINK"}, {"codes": ["H3"]}, {"codes": "H1"}):
        with pytest.raises(Invalid):
            over(base, wrong)


def test_what_is_said_is_a_form_whose_fields_stand_in_any_order() -> None:
    base = Handling(tlp="TLP:AMBER", purpose="counter-terrorism", expires=JULY)
    risk = {"basis": "assessed", "not_obtained_by_torture": True, "death_penalty": "none", "torture": "low"}
    graded = {"information": "2", "source": "B", "scheme": "4x4"}
    said = over(base, {"custody_risk": risk, "grading": graded, "expires": None})
    assert said.custody_risk == CustodyRisk("low", "none", not_obtained_by_torture=True, basis="assessed")
    assert (said.grading, said.expires) == (Grading("4x4", "B", "2"), None)
    with pytest.raises(Invalid, match=r"got `str` - at `\$\.grading`"):
        over(base, {"grading": "4x4:B2"})


def test_the_page_for_programs_shows_handling_in_full() -> None:
    page = (Path(__file__).parents[2] / "docs/api.md").read_text("utf-8")
    (shown,) = re.findall(r'^ {4}(\{"tlp".*?\}\})$', page, re.DOTALL | re.MULTILINE)
    said = json.loads(shown)
    assert said.keys() == set(Handling.__struct_fields__)
    over(Handling(tlp="TLP:CLEAR", purpose="training"), said)


def test_handling_is_told_one_rule_a_line() -> None:
    assert describe(Handling(tlp="TLP:CLEAR", purpose="training")) == [
        "TLP:CLEAR: may be published",
        "purpose: training",
    ]
    full = Handling(
        tlp="TLP:AMBER",
        purpose="counter-terrorism",
        codes=("H1", "H3"),
        grading=Grading("4x4", "B", "2"),
        legal_basis="criminal-procedure",
        not_to=("xx",),
        expires=JULY,
        caveats=("not by radio",),
        custody_risk=CustodyRisk("low", "none", not_obtained_by_torture=True, basis="assessed"),
    )
    assert describe(full)[2:] == [
        f"H1: {H_MEANING['H1']}",
        f"H3: {H_MEANING['H3']}",
        "caveat: not by radio",
        "graded B2 (4x4) by its originator, nearest to B2 (admiralty)",
        "legal basis for naming a person: criminal-procedure",
        "not to reach: xx",
        "if it leads to detention: risk of torture low, death penalty none",
        "that assessment rests on: assessed",
        "to be destroyed by 2026-07-01 00:00 UTC",
    ]


def test_a_grading_is_shown_with_the_nearest_one_of_the_other_scheme() -> None:
    """The services of two parties need not use one scheme; the originator's stands first."""
    graded = Handling(tlp="TLP:AMBER", purpose="counter-terrorism", grading=Grading("admiralty", "C", "4"))
    assert describe(graded)[2:] == ["graded C4 (admiralty) by its originator, nearest to B4 (4x4)"]
