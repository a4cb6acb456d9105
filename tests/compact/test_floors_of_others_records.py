"""Floors about what others wrote: their handling binds all re-use, and nothing stops a recall or a holder's word."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest

from amanat.compact.check import Compact, State
from amanat.party.errors import Refused
from amanat.record.kind import Facts
from amanat.record.notices import DESTROYED, KEPT, NOTICE_HANDLING, WITHDRAWAL, Destroyed, Kept, Withdrawal
from amanat.record.record import Ref
from compact.cast import ID, NOW, OTHER_ID, RISK, TERMS, below, handling, judge, record, terms_of, within

THIRD_ID = "01936000-0000-7000-8000-000000000003"
LAST_ID = "01936000-0000-7000-8000-000000000004"
STATES: tuple[State, ...] = ("coming", "active", "suspended", "ended")


class TestFloor8:
    """The originator's handling binds all re-use."""

    ORIGINAL = record(("pk",), author="af", id_=OTHER_ID, handling=handling(20, codes=("H2",)))
    CITING = (Ref("answers", "af", OTHER_ID),)

    def test_a_body_marked_stricter_than_its_record_is_refused(self) -> None:
        refused = below(record(facts=Facts(marked="TLP:RED")))
        assert (refused.by, refused.code) == ("floor 8", "floor.8")
        assert refused.says == "The body is marked TLP:RED inside, and the record TLP:AMBER."

    @pytest.mark.parametrize("marked", ["TLP:AMBER", "TLP:CLEAR", None])
    def test_a_body_marked_no_stricter_passes(self, marked: Any) -> None:
        within(record(facts=Facts(marked=marked)))

    @pytest.mark.parametrize("relation", ["about", "answers"])
    def test_citing_goes_back_to_those_who_had_it_as_strictly(self, relation: Any) -> None:
        within(
            record(handling=handling(20, codes=("H2",)), refs=(Ref(relation, "af", OTHER_ID),)),
            self.ORIGINAL,
        )

    def test_citing_to_somebody_new_is_onward_sharing(self) -> None:
        refused = below(record(("af", "obs"), handling=handling(20, codes=("H2",)), refs=self.CITING), self.ORIGINAL)
        assert (refused.by, refused.says) == ("floor 8", f"The record cites {OTHER_ID} of af, which obs never had.")

    @pytest.mark.parametrize(
        "looser",
        [
            {"days": 20},
            {"days": 21, "codes": ("H2",)},
            {"days": 20, "codes": ("H2",), "expires": None},
            {"days": 20, "tlp": "TLP:GREEN"},
        ],
    )
    def test_citing_less_strictly_is_refused(self, looser: dict[str, Any]) -> None:
        refused = below(record(handling=handling(**looser), refs=self.CITING), self.ORIGINAL)
        assert refused.says == f"The record cites {OTHER_ID} of af and is handled less strictly than it."

    def test_an_originator_may_send_its_own_on_and_loosen_it(self) -> None:
        own = record(("obs",), id_=OTHER_ID, handling=handling(20, codes=("H2",)))
        within(record(handling=handling(60), refs=(Ref("supersedes", "pk", OTHER_ID),)), own)

    def test_citing_by_way_of_an_own_record_is_citing(self) -> None:
        """What af said is in our answer to it; whoever is sent that answer on has it from us."""
        answer = record(handling=handling(20, codes=("H2",)), refs=self.CITING)
        further = record(id_=THIRD_ID, handling=handling(20, codes=("H2",)), refs=(Ref("supersedes", "pk", ID),))
        again = (Ref("about", "pk", ID), Ref("about", "pk", THIRD_ID))
        strict = record(("af",), id_=LAST_ID, handling=handling(20, codes=("H2",)), refs=again)
        within(strict, further, answer, self.ORIGINAL)
        onward = record(("obs",), id_=LAST_ID, handling=handling(20, codes=("H2",)), refs=again[1:])
        refused = below(onward, further, answer, self.ORIGINAL)
        assert refused.says == f"The record cites {OTHER_ID} of af, which obs never had."
        looser = record(id_=LAST_ID, handling=handling(20), refs=again[1:])
        assert "less strictly" in below(looser, further, answer, self.ORIGINAL).says

    def test_own_records_that_cite_one_another_in_a_circle_are_asked_once(self) -> None:
        """Ids are chosen by their author, who may name one that comes later."""
        first = record(id_=THIRD_ID, handling=handling(20, codes=("H2",)), refs=(Ref("about", "pk", LAST_ID),))
        second = record(id_=LAST_ID, handling=handling(20, codes=("H2",)), refs=(Ref("about", "pk", THIRD_ID),))
        citing = record(handling=handling(20, codes=("H2",)), refs=(Ref("about", "pk", THIRD_ID),))
        within(citing, first, second)

    def test_what_is_not_held_cannot_be_compared(self) -> None:
        within(record(refs=self.CITING))

    @pytest.mark.parametrize(
        ("kind", "body"),
        [(DESTROYED.label, Destroyed("expired")), (KEPT.label, Kept("court-order", NOW + timedelta(days=9)))],
    )
    def test_a_notice_carries_nothing_and_need_not_expire_with_what_it_is_about(self, kind: str, body: Any) -> None:
        notice = record(kind=kind, body=body, handling=NOTICE_HANDLING, refs=(Ref("about", "af", OTHER_ID),))
        within(notice, self.ORIGINAL)

    def test_our_own_record_is_withdrawn_from_whoever_had_it_though_it_cites_anothers(self) -> None:
        """What must never have gone to obs must all the more be recalled from it."""
        answer = record(("af", "obs"), handling=handling(20, codes=("H2",)), refs=self.CITING)
        withdraws: dict[str, Any] = {
            "kind": WITHDRAWAL.label,
            "body": Withdrawal("sent-in-error"),
            "refs": (Ref("withdraws", "pk", ID),),
        }
        notice = record(("af", "obs"), id_=THIRD_ID, handling=NOTICE_HANDLING, **withdraws)
        within(notice, answer, self.ORIGINAL)


class TestFloor11:
    """Recalling, and giving one's word for having destroyed, is beyond what any compact can forbid."""

    FORBIDDING = terms_of(
        (TERMS.policy.text, '\n@id("1") @says("Nothing is sent.") forbid (principal, action, resource);\n'),
        ("survives_suspension = true", "survives_suspension = false"),
        ('"when a person is named"', '"always"'),
    )
    ABOUT = (Ref("about", "af", OTHER_ID),)
    NOTICES = (
        (WITHDRAWAL.label, Withdrawal("redress"), (Ref("withdraws", "pk", OTHER_ID),)),
        (DESTROYED.label, Destroyed("withdrawn"), ABOUT),
        (KEPT.label, Kept("court-order", NOW + timedelta(days=9)), ABOUT),
    )

    @pytest.mark.parametrize(("kind", "body", "refs"), NOTICES, ids=["withdrawal", "destroyed", "kept"])
    @pytest.mark.parametrize("state", STATES)
    def test_no_clause_and_no_state_stops_a_notice(self, state: State, kind: str, body: Any, refs: Any) -> None:
        notice = record(kind=kind, body=body, handling=NOTICE_HANDLING, refs=refs, compact=self.FORBIDDING.digest)
        permitted = judge(notice, Compact(self.FORBIDDING, state))
        assert (permitted.clause, permitted.needs_second_person) == ("floor 11", False)

    def test_nothing_else_passes_there(self) -> None:
        with pytest.raises(Refused, match="Nothing is sent"):
            judge(record(compact=self.FORBIDDING.digest), Compact(self.FORBIDDING, "active"))

    @pytest.mark.parametrize(
        ("audience", "refs"),
        [
            (("af",), ()),
            (("af",), (Ref("about", "obs", OTHER_ID),)),
            (("af",), (Ref("about", "pk", OTHER_ID),)),
            (("af", "obs"), ABOUT),
        ],
    )
    @pytest.mark.parametrize(("kind", "body"), [notice[:2] for notice in NOTICES[1:]], ids=["destroyed", "kept"])
    def test_a_holders_word_that_is_not_about_the_originators_record_is_a_letter_past_the_compact(
        self, kind: str, body: Any, audience: tuple[str, ...], refs: tuple[Ref, ...]
    ) -> None:
        with pytest.raises(Refused) as caught:
            judge(record(audience, kind=kind, body=body, handling=NOTICE_HANDLING, refs=refs))
        assert (caught.value.code, caught.value.by) == ("check.notice", "floor 11")

    @pytest.mark.parametrize(
        "changed",
        [
            {"codes": ("H3",), "caveats": ("Gul Khan, at the second house",)},
            {"custody_risk": RISK},
            {"legal_basis": "criminal-procedure"},
            {"expires": NOW + timedelta(days=9)},
            {"not_to": ("elsewhere",)},
            {"purpose": "counter-terrorism"},
            {"tlp": "TLP:RED"},
        ],
        ids=lambda changed: next(iter(changed)),
    )
    @pytest.mark.parametrize(("kind", "body", "refs"), NOTICES, ids=["withdrawal", "destroyed", "kept"])
    @pytest.mark.parametrize("state", STATES)
    def test_a_notice_handled_otherwise_is_a_letter_past_the_compact(
        self, state: State, kind: str, body: Any, refs: Any, changed: dict[str, Any]
    ) -> None:
        """No clause is asked about it and no retention ends it, so that its handling must say nothing either."""
        handled = msgspec.structs.replace(NOTICE_HANDLING, **changed)
        with pytest.raises(Refused) as caught:
            judge(record(kind=kind, body=body, handling=handled, refs=refs), Compact(TERMS, state))
        assert (caught.value.code, caught.value.by) == ("check.notice", "floor 11")
