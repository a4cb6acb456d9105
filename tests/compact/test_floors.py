"""What no compact can lower: for each floor the record that tries to get below it, and the mended one that passes."""

import ast
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

import amanat
from amanat.compact.check import Compact
from amanat.compact.floors import FLOORS, PROTECTED, keep
from amanat.compact.terms import parse
from amanat.party.errors import Refused
from amanat.record.handling import CustodyRisk
from amanat.record.kind import Facts, Place
from amanat.record.record import Ref
from compact.cast import (
    GRADING,
    LAX,
    NEIGHBOUR,
    OTHER_ID,
    PERSON,
    RISK,
    below,
    handling,
    judge,
    next_version,
    of_person,
    record,
    within,
)

ROOT = Path(amanat.__file__).parent


def test_a_plain_report_is_within_all_floors() -> None:
    within(record())


def test_floors_are_numbered_as_the_design_numbers_them() -> None:
    assert list(FLOORS) == list(range(1, 14))


def test_what_is_within_the_floors_is_said_by_the_floors_alone() -> None:
    """`check` can rely on the type: nobody else in the product makes a `WithinFloors`."""
    makers = [
        path.relative_to(ROOT).as_posix()
        for path in sorted(ROOT.rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] == "WithinFloors"
    ]
    assert makers == ["compact/floors.py"]


class TestFloor2:
    """A record naming a person carries purpose, legal basis, source grading and expiry."""

    def test_a_person_with_all_four_passes(self) -> None:
        within(record(handling=of_person(), facts=PERSON))

    @pytest.mark.parametrize("lacking", ["legal_basis", "grading", "expires"])
    def test_a_person_without_one_of_them_is_refused(self, lacking: str) -> None:
        refused = below(record(handling=of_person(**{lacking: None}), facts=PERSON))
        assert (refused.by, refused.code) == ("floor 2", "floor.2")
        assert refused.says == f"The record names a person (its text) and has no {lacking}."

    def test_all_that_is_lacking_is_named_at_once(self) -> None:
        refused = below(record(handling=handling(expires=None), facts=PERSON))
        assert (
            refused.says == "The record names a person (its text) and has no legal_basis and no grading and no expires."
        )

    def test_without_a_person_none_is_asked_for(self) -> None:
        within(record(handling=handling(expires=None)))


class TestFloor4:
    """What must not reach a party is not logged where that party sees the log."""

    @pytest.mark.parametrize("excluded", ["obs", "af"])
    def test_a_record_is_not_logged_where_the_excluded_party_sees_the_log(self, excluded: str) -> None:
        audience = ("obs",) if excluded == "af" else ("af",)
        refused = below(record(audience, handling=handling(not_to=(excluded,))))
        assert (refused.by, refused.code) == ("floor 4", "floor.4")
        assert refused.says.startswith(f"The record is not to reach {excluded}, a party of pk-af")

    def test_excluding_a_stranger_to_the_compact_is_possible(self) -> None:
        within(record(handling=handling(not_to=("elsewhere",))))


class TestFloor6:
    """Precise places of persons or groups go to the party that administers the place, and to nobody else."""

    @pytest.mark.parametrize("metres", [0, 9_999.9, float("nan"), -1])
    @pytest.mark.parametrize(
        ("country", "audience"),
        [("PK", ("af",)), ("AF", ("af", "obs")), ("AF", ("obs",)), (None, ("af",)), ("IR", ("af",)), ("af", ("af",))],
    )
    def test_a_precise_place_to_anyone_else_is_refused(
        self, metres: float, country: str | None, audience: tuple[str, ...]
    ) -> None:
        refused = below(record(audience, facts=Facts(places=(Place(country, metres),))))
        assert (refused.by, refused.code) == ("floor 6", "floor.6")

    def test_a_precise_place_may_be_told_to_who_administers_it(self) -> None:
        within(record(facts=Facts(places=(Place("AF", 0),))))

    def test_ten_kilometres_are_not_precise(self) -> None:
        within(record(facts=Facts(places=(Place(None, 10_000),))))

    def test_each_of_several_places_counts(self) -> None:
        places = (Place("AF", 0), Place("PK", 50_000), Place("PK", 5))
        assert below(record(facts=Facts(places=places))).says == (
            "The record gives a place of persons or groups in PK to within 5 metres; af does not administer it."
        )

    def test_a_place_in_no_stated_country_is_said_to_be_so(self) -> None:
        assert "in a country not stated" in below(record(facts=Facts(places=(Place(None, 0),)))).says

    @pytest.mark.parametrize(
        "caveats",
        [
            ("Gul Khan sleeps at 34.12345, 71.54321",),
            ("71.543E 34.123N",),
            (
                "\u0639\u0631\u0636 \u06f3\u06f4\u066b\u06f1\u06f2\u06f3 \u0637\u0648\u0644 \u06f7\u06f1\u066b\u06f5\u06f4\u06f3",
            ),
            ("\u0663\u0664.\u0661\u0662\u0663 / \u0667\u0661.\u0665\u0664\u0663",),
            ("34.12345", "and 71.54321"),
            ("-34.12345 -171.54321",),
            ("180.000 and 34.123",),
            ("5.123 and 71.543",),
            ("X34.123 X71.543",),
            ("90.000 and 171.543",),
            ("192.168 and 34.123, 71.543",),
        ],
    )
    def test_coordinates_in_a_caveat_are_refused_whoever_has_it(self, caveats: tuple[str, ...]) -> None:
        """Of a place that stands in no body nobody can say who administers it."""
        refused = below(record(handling=handling(codes=("H3",), caveats=caveats)))
        assert (refused.by, refused.code) == ("floor 6", "floor.6")
        assert refused.says == "The caveats or the basis of the custody risk give coordinates."

    def test_so_are_those_in_the_basis_of_an_assessment(self) -> None:
        risk = msgspec.structs.replace(RISK, basis="held at 34.12345 71.54321")
        assert below(record(handling=of_person(custody_risk=risk), facts=PERSON)).code == "floor.6"

    @pytest.mark.parametrize(
        "caveat",
        [
            "see 34.12345",
            "34.12 and 71.54",
            "1.234.567 of 2026",
            "192.168 and 234.567",
            "34.123 and 234.567",
            "34.123 and 180.001",
            "34X123 and 71X543",
            ".123 and .456",
            "90.001 and 171.543",
            "case 12",
        ],
    )
    def test_other_numbers_in_a_caveat_pass(self, caveat: str) -> None:
        within(record(handling=handling(codes=("H3",), caveats=(caveat,))))


class TestOrder:
    """Where several things are wrong, the first by name is told, so that both ends tell the same."""

    def test_of_several_parties(self) -> None:
        with pytest.raises(Refused, match="The record is not to reach neighbour, "):
            keep(record(handling=handling(not_to=("neighbour", "obs"))), parse(next_version(NEIGHBOUR)), {})
        place = Facts(places=(Place("PK", 10),))
        assert below(record(("af", "obs"), facts=place)).says.endswith("metres; af does not administer it.")
        theirs = record(author="af", audience=("pk",), id_=OTHER_ID)
        citing = record(("af", "neighbour", "obs"), refs=(Ref("about", "af", OTHER_ID),))
        assert below(citing, theirs).says.endswith(" of af, which neighbour never had.")

    def test_of_several_attributes_and_words(self) -> None:
        refused = below(record(facts=Facts(attributes=frozenset({"tribe", "race_and_caste"}))))
        assert refused.says == "The body has a field 'race_and_caste'; caste is nothing anyone may be judged by."


class TestFloor10:
    """Nobody is described by what nobody may be judged by."""

    def test_these_words_are_never_left_out(self) -> None:
        words = """caste clan ethnic ethnicity faith gender guardian guardians mahram political_affiliation
            political_affiliations political_opinion political_opinions qawm race religion religions religious sect sex
            sexual_orientation sexuality tribal tribe tribes"""
        assert set(words.split()) <= PROTECTED

    @pytest.mark.parametrize(
        "attribute",
        [
            *sorted(PROTECTED),
            "person_religion",
            "tribe_name",
            "head_of_clan_2",
            "Religion",
            "personReligion",
            "x-acme-tribe",
            "SEX",
            "ethnicity2",
        ],
    )
    def test_a_protected_attribute_is_refused(self, attribute: str) -> None:
        refused = below(record(facts=Facts(attributes=frozenset({"name", attribute}))))
        assert (refused.by, refused.code) == ("floor 10", "floor.10")
        assert refused.says.startswith(f"The body has a field '{attribute}'; ")

    @pytest.mark.parametrize("attribute", ["sector", "sectors", "name", "trace", "essex", "embrace", "insects"])
    def test_a_word_that_only_looks_like_one_passes(self, attribute: str) -> None:
        within(record(facts=Facts(attributes=frozenset({attribute}))))


class TestFloor12:
    """What may lead to detention carries an assessment, and nothing was obtained by torture."""

    def test_a_person_without_an_assessment_is_refused(self) -> None:
        refused = below(record(handling=of_person(custody_risk=None), facts=PERSON))
        assert (refused.by, refused.code) == ("floor 12", "floor.12")
        assert (
            refused.says
            == "The record names a person (its text), so that detention may follow, and has no custody_risk."
        )

    @pytest.mark.parametrize("facts", [PERSON, Facts()])
    def test_what_was_obtained_by_torture_is_unusable_person_or_not(self, facts: Facts) -> None:
        tainted = CustodyRisk("real", "possible", not_obtained_by_torture=False, basis="not known")
        refused = below(record(handling=of_person(custody_risk=tainted), facts=facts))
        assert refused.says == "The record does not state that nothing in it was obtained by torture."

    def test_a_real_risk_is_told_and_does_not_stop_a_warning(self) -> None:
        real = CustodyRisk("real", "possible", not_obtained_by_torture=True, basis="assessed")
        within(record(handling=of_person(custody_risk=real), facts=PERSON))


facts = st.builds(
    Facts,
    person=st.sampled_from(["", "its text"]),
    places=st.lists(st.builds(Place, st.sampled_from(["PK", "AF", None]), st.floats(allow_nan=True)), max_size=3).map(
        tuple
    ),
    marked=st.sampled_from([None, "TLP:CLEAR", "TLP:AMBER", "TLP:RED"]),
    attributes=st.frozensets(st.sampled_from(["name", "religion", "tribe_of_person"]), max_size=2),
)
handlings = st.builds(
    of_person,
    codes=st.just(("H1", "H2")),
    tlp=st.sampled_from(["TLP:AMBER", "TLP:AMBER+STRICT"]),
    legal_basis=st.sampled_from([None, "criminal-procedure"]),
    grading=st.sampled_from([None, GRADING]),
    custody_risk=st.sampled_from([None, RISK]),
    not_to=st.sampled_from([(), ("obs",), ("far",)]),
)


@given(facts, handlings)
def test_whatever_a_compact_permits_it_never_permits_below_a_floor(found: Facts, handled: Any) -> None:
    """The floors said once more, as a lawyer would test them, and held against `judge` under the laxest compact."""
    try:
        judge(record(handling=handled, facts=found, compact=LAX.digest), Compact(LAX, "active"))
    except Refused:
        return
    assert not found.names_person or None not in (handled.legal_basis, handled.grading, handled.custody_risk)
    assert all(place.country == "AF" or place.metres >= 10_000 for place in found.places)
    assert found.marked != "TLP:RED"
    assert found.attributes <= {"name"}
    assert "obs" not in handled.not_to
