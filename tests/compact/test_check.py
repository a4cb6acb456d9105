"""Whether the compact lets a record be sent: each question in its order, each refusal by its clause."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from amanat.compact.check import NO_CLAUSE, Compact, State, require_approved
from amanat.compact.terms import Terms, parse
from amanat.party.errors import Invalid, Refused
from amanat.record.attachment import Attachment
from amanat.record.handling import Handling
from amanat.record.kind import NO_FACTS, Facts
from amanat.record.notices import DESTROYED, NOTICE_HANDLING, WITHDRAWAL, Destroyed, Withdrawal
from amanat.record.record import Draft, Post, Record, Ref, approve, compose
from compact.cast import (
    ACTIVE,
    ID,
    NOW,
    OTHER_ID,
    PERSON,
    SEES,
    TERMS,
    UNTOLD,
    Body,
    amended,
    handling,
    judge,
    kinds,
    of_person,
    record,
    terms_of,
)

MIB = 2**20
SUSPENDED = Compact(TERMS, "suspended")
NOT_SURVIVING = terms_of(("survives_suspension = true", "survives_suspension = false"))


def file(size: int) -> Attachment:
    return Attachment(f"{size}.pdf", "application/pdf", size, "ab" * 32, f"{size:064x}")


def with_files(*sizes: int, terms: Terms = TERMS) -> Record:
    """A plain report with files of these sizes."""
    plain = record(compact=terms.digest)
    return replace(plain, fields=msgspec.structs.replace(plain.fields, attachments=tuple(map(file, sizes))))


def no(given_record: Record, compact: Compact = ACTIVE) -> Refused:
    with pytest.raises(Refused) as caught:
        judge(given_record, compact)
    return caught.value


def test_a_plain_report_is_permitted_by_its_clause() -> None:
    plain = record()
    permitted = judge(plain)
    assert permitted.record is plain
    assert (permitted.compact, permitted.clause) == (TERMS.digest, "4.1.a")
    assert not permitted.needs_second_person


def test_each_recipient_is_asked_for_and_every_permitting_clause_is_named() -> None:
    permitted = judge(record(("af", "obs"), handling=handling(tlp="TLP:GREEN")))
    assert permitted.clause == "4.1.a, 4.1.b"


def test_one_recipient_whom_no_clause_permits_stops_it_for_all() -> None:
    refused = no(record(("af", "obs")))
    assert (refused.code, refused.by) == ("check.default", NO_CLAUSE)
    assert refused.says == "No clause of the policies permits sending this to obs."


def test_what_is_told_in_trust_goes_to_no_member_whatever_the_compact_says() -> None:
    """No direction and no clause of a compact can hand what observers keep to those from whom it is kept."""
    plain = record()
    trusted = replace(plain, kind=replace(plain.kind, told="trust"))
    refused = no(trusted)
    assert (refused.code, refused.by) == ("check.trust", NO_CLAUSE)
    assert judge(plain).record == plain


def test_what_members_say_to_one_another_is_told_to_no_observer_behind_a_members_back() -> None:
    """Else one side shows an observer a notice that the other never had, and says: we told them."""
    handled = handling(tlp="TLP:GREEN")
    alone, both = record(("obs",), handling=handled), record(("af", "obs"), handling=handled)
    refused = no(replace(alone, kind=replace(alone.kind, told="members")))
    assert (refused.code, refused.by) == ("check.members", NO_CLAUSE)
    among = replace(both, kind=replace(both.kind, told="members"))
    assert judge(among).record is among


class TestTextAndParties:
    """The text in force, and parties of it."""

    def test_a_record_under_another_text_is_recomposed(self) -> None:
        refused = no(record(compact="ab" * 32))
        assert (refused.code, refused.by) == ("compact.outdated", "compact version")

    @pytest.mark.parametrize(("author", "audience"), [("pk", ("zz",)), ("zz", ("af",)), ("pk", ("af", "zz"))])
    def test_strangers_neither_send_nor_receive(self, author: str, audience: tuple[str, ...]) -> None:
        refused = no(record(audience, author=author))
        assert (refused.code, refused.by) == ("check.party", NO_CLAUSE)
        assert refused.says == "zz is no party of pk-af."


class TestKind:
    """A kind that is listed, for parties that see it, in a direction it has."""

    def test_a_kind_that_is_not_listed_is_refused(self) -> None:
        refused = no(record(kind="liaison.note/1"))
        assert (refused.code, refused.by) == ("check.kind", NO_CLAUSE)

    @pytest.mark.parametrize(("author", "audience"), [("pk", ("obs",)), ("obs", ("af",))])
    def test_an_observer_neither_gets_nor_sends_a_kind_it_does_not_see(
        self, author: str, audience: tuple[str, ...]
    ) -> None:
        blind = parse(amended((SEES, '["logs"]'), of=UNTOLD))
        refused = no(record(audience, author=author, compact=blind.digest), Compact(blind, "active"))
        assert (refused.code, refused.by) == ("check.observer", NO_CLAUSE)

    def test_a_direction_that_is_not_agreed_is_refused_by_the_kinds_clause(self) -> None:
        refused = no(record(author="obs"))
        assert (refused.code, refused.by) == ("check.direction", "clause 4.1")
        assert refused.says == "Clause 4.1 does not let obs send this to af."


class TestState:
    """Before it starts and after it ends nothing is sent; while suspended, what survives."""

    @pytest.mark.parametrize(("state", "code"), [("coming", "check.coming"), ("ended", "check.ended")])
    def test_nothing_is_sent_before_the_start_or_after_the_end(self, state: State, code: str) -> None:
        refused = no(record(handling=handling(purpose="protection-of-life")), Compact(TERMS, state))
        assert (refused.code, refused.by) == (code, NO_CLAUSE)

    def test_a_kind_that_does_not_survive_is_stopped_by_the_suspension_clause(self) -> None:
        refused = no(record(compact=NOT_SURVIVING.digest), Compact(NOT_SURVIVING, "suspended"))
        assert (refused.code, refused.by) == ("check.suspended", "clause 7.1")

    def test_policies_learn_of_a_suspension(self) -> None:
        refused = no(record(), SUSPENDED)
        assert (refused.code, refused.by) == ("check.clause", "clause 4.1.f")
        assert refused.says == (
            "Clause 4.1.f forbids sending this to af: "
            "While the compact is suspended only warnings of a danger to life are sent."
        )

    def test_a_warning_survives_a_suspension(self) -> None:
        assert judge(record(handling=handling(purpose="protection-of-life")), SUSPENDED).clause == "4.1.a"

    def test_a_notice_is_permitted_as_it_is(self) -> None:
        about = (Ref("about", "af", OTHER_ID),)
        notice = record(kind=DESTROYED.label, body=Destroyed("expired"), handling=NOTICE_HANDLING, refs=about)
        permitted = judge(notice)
        assert permitted.record is notice
        assert permitted.compact == TERMS.digest

    def test_a_notice_carries_no_files(self) -> None:
        """Files count as naming a person, and the one handling of notices has no legal basis for that (floor 2)."""
        refs = (Ref("about", "af", OTHER_ID),)
        draft = Draft(
            DESTROYED.label, Destroyed("expired"), ("af",), NOTICE_HANDLING, TERMS.digest, refs, attachments=(file(1),)
        )
        assert no(compose(draft, Post("pk", "torkham/duty"), kinds(), ID, NOW)).code == "floor.2"

    @pytest.mark.parametrize("state", ["coming", "active", "suspended", "ended"])
    def test_the_cores_own_notices_go_in_any_state(self, state: State) -> None:
        about = (Ref("about", "af", OTHER_ID),)
        notice = record(kind=DESTROYED.label, body=Destroyed("expired"), handling=NOTICE_HANDLING, refs=about)
        permitted = judge(notice, Compact(TERMS, state))
        assert (permitted.clause, permitted.needs_second_person) == ("floor 11", False)

    def test_a_notice_to_a_stranger_is_refused(self) -> None:
        withdraws = (Ref("withdraws", "pk", OTHER_ID),)
        refused = no(record(("zz",), kind=WITHDRAWAL.label, body=Withdrawal("mistaken"), refs=withdraws))
        assert refused.code == "check.party"


class TestHandling:
    """Ceiling, closed lists and retention, each by the kind's clause."""

    @pytest.mark.parametrize(
        ("changed", "code"),
        [
            ({"tlp": "TLP:RED"}, "check.tlp"),
            ({"purpose": "taxation"}, "check.purpose"),
            ({"legal_basis": "custom"}, "check.legal-basis"),
            ({"expires": None}, "check.retention"),
            ({"days": 365.5}, "check.retention"),
        ],
    )
    def test_what_is_not_agreed_is_refused(self, changed: dict[str, Any], code: str) -> None:
        refused = no(record(handling=handling(**changed)))
        assert (refused.code, refused.by) == (code, "clause 4.1")

    def test_the_ceiling_itself_is_within_it(self) -> None:
        assert judge(record(handling=handling(tlp="TLP:AMBER+STRICT"))).clause == "4.1.a"

    def test_what_is_agreed_is_listed_in_one_order(self) -> None:
        refused = no(record(handling=handling(purpose="taxation")))
        assert refused.mend == f"Agreed: {', '.join(sorted(TERMS.purposes))}."
        refused = no(record(handling=handling(legal_basis="custom")))
        assert refused.mend == "Agreed: criminal-procedure, duty-to-warn."

    def test_the_last_day_of_retention_is_within_it(self) -> None:
        assert judge(record(handling=handling(365))).clause == "4.1.a"

    def test_a_compact_without_legal_bases_says_that_there_are_none(self) -> None:
        bare = terms_of(
            ('criminal-procedure = "the law of criminal procedure that binds the sender"\n', ""),
            ('duty-to-warn = "the duty to warn whoever is in danger, and those who can protect them"\n', ""),
            ('legal_basis = "duty-to-warn"', "# "),
        )
        refused = no(record(handling=handling(legal_basis="x-y"), compact=bare.digest), Compact(bare, "active"))
        assert refused.mend == "Agreed: none."


class TestAttachments:
    """All files of a record together have what the kind's term says, and no more."""

    @pytest.mark.parametrize("sizes", [(), (1,), (256 * MIB,), (100 * MIB, 156 * MIB)])
    def test_up_to_the_term_they_go(self, sizes: tuple[int, ...]) -> None:
        assert judge(with_files(*sizes)).clause == "4.1.a"

    @pytest.mark.parametrize("sizes", [(256 * MIB + 1,), (100 * MIB, 156 * MIB + 1)])
    def test_a_byte_more_is_refused_by_the_kinds_clause(self, sizes: tuple[int, ...]) -> None:
        refused = no(with_files(*sizes))
        assert (refused.code, refused.by) == ("check.attachments", "clause 4.1")
        assert refused.says == "The attachments have 257 MiB; clause 4.1 carries 256 MiB."

    def test_a_kind_without_the_term_has_none(self) -> None:
        none = terms_of(("attachments_mib = 256", "# attachments_mib = 256"))
        refused = no(with_files(1, terms=none), Compact(none, "active"))
        assert (refused.code, refused.mend) == ("check.attachments", "Send it without attachments.")


class TestWhatAPolicyMayAsk:
    """Each side of a record that the context names, one at a time."""

    @pytest.mark.parametrize(
        ("condition", "holds", "fails"),
        [
            ("context.h1 == 1", {"codes": ("H1",)}, {"codes": ("H2",)}),
            ("context.h2 == 1", {"codes": ("H2",)}, {"codes": ("H1",)}),
            ("context.h3 == 1", {"codes": ("H3",), "caveats": ("read only",)}, {"codes": ("H1", "H2")}),
            ("context.h3 == 0", {"codes": ("H1", "H2")}, {"codes": ("H3",), "caveats": ("read only",)}),
            ('context.legal_basis == "duty-to-warn"', {"legal_basis": "duty-to-warn"}, {}),
            ('context.legal_basis == ""', {}, {"legal_basis": "duty-to-warn"}),
            ('context.purpose == "protection-of-life"', {"purpose": "protection-of-life"}, {}),
            ("context.tlp == 1", {"tlp": "TLP:GREEN"}, {"tlp": "TLP:AMBER"}),
            ("context.days == 7", {"days": 7}, {"days": 8}),
        ],
    )
    def test_it_is_told(self, condition: str, holds: dict[str, Any], fails: dict[str, Any]) -> None:
        only = f'\n@id("1") @says("Only so.") permit (principal, action, resource) when {{ {condition} }};\n'
        terms = terms_of((TERMS.policy.text, only))
        compact = Compact(terms, "active")
        assert judge(record(handling=handling(**holds), compact=terms.digest), compact).clause == "1"
        assert no(record(handling=handling(**fails), compact=terms.digest), compact).code == "check.default"


class TestPolicies:
    """What the example says of persons, in Cedar."""

    @pytest.mark.parametrize(
        ("changed", "clause"),
        [
            ({"tlp": "TLP:GREEN", "codes": ("H1",)}, "4.1.c"),
            ({"days": 181}, "4.1.d"),
            ({"codes": ("H1",)}, "4.1.e"),
            ({"codes": ()}, "4.1.e"),
        ],
    )
    def test_a_clause_that_forbids_is_named(self, changed: dict[str, Any], clause: str) -> None:
        refused = no(record(handling=of_person(**changed), facts=PERSON))
        assert (refused.code, refused.by) == ("check.clause", f"clause {clause}")

    def test_a_day_begun_is_a_day(self) -> None:
        """180 days and one second are more than 180 days."""
        later = NOW + timedelta(days=180, seconds=1)
        assert no(record(handling=of_person(expires=later), facts=PERSON)).by == "clause 4.1.d"
        assert judge(record(handling=of_person(days=180), facts=PERSON)).clause == "4.1.a"

    def test_the_observer_gets_no_report_that_may_not_be_passed_on(self) -> None:
        assert judge(record(("obs",), handling=handling(tlp="TLP:GREEN"))).clause == "4.1.b"
        assert no(record(("obs",), handling=handling(tlp="TLP:AMBER"))).by == NO_CLAUSE

    def test_a_policy_that_errs_refuses_though_cedar_says_allow(self) -> None:
        """Cedar passes over a `forbid` that overflows and allows; nothing is sent on an undecided policy."""
        overflow = terms_of(("context.days > 180", "context.days * 9223372036854775807 > 180"))
        report = record(handling=of_person(), facts=PERSON, compact=overflow.digest)
        refused = no(report, Compact(overflow, "active"))
        assert (refused.code, refused.by) == ("check.policy", NO_CLAUSE)
        assert "clause 4.1.d" in refused.says
        assert "overflow" in refused.says


class TestSecondPerson:
    """Asked for by the kind's term; the receiver does not take a record without it."""

    def terms(self, word: str) -> Terms:
        return terms_of(('"when a person is named"', f'"{word}"'))

    @pytest.mark.parametrize(
        ("word", "person", "needed"),
        [
            ("always", False, True),
            ("always", True, True),
            ("when a person is named", False, False),
            ("when a person is named", True, True),
            ("never", False, False),
            ("never", True, False),
        ],
    )
    def test_the_term_decides(self, word: str, person: bool, needed: bool) -> None:  # noqa: FBT001 - a table
        terms = self.terms(word) if word != "when a person is named" else TERMS
        facts = PERSON if person else NO_FACTS
        report = record(handling=of_person(), facts=facts, compact=terms.digest)
        assert judge(report, Compact(terms, "active")).needs_second_person is needed

    def test_an_approved_record_needs_nobody_more(self) -> None:
        held = record(handling=of_person(), facts=PERSON)
        approved = approve(held, held.digest, Post("pk", "torkham/head"), kinds(PERSON))
        permitted = judge(approved)
        assert not permitted.needs_second_person
        assert require_approved(permitted) is permitted

    def test_the_receiver_refuses_what_lacks_its_second_person(self) -> None:
        with pytest.raises(Refused) as caught:
            require_approved(judge(record(handling=of_person(), facts=PERSON)))
        assert (caught.value.code, caught.value.by) == ("check.second-person", "clause 4.1.a")


handlings = st.fixed_dictionaries(
    {
        "tlp": st.sampled_from(["TLP:CLEAR", "TLP:GREEN", "TLP:AMBER", "TLP:AMBER+STRICT", "TLP:RED"]),
        "purpose": st.sampled_from(["counter-terrorism", "protection-of-life", "taxation"]),
        "codes": st.sampled_from([(), ("H1",), ("H1", "H2")]),
        "legal_basis": st.sampled_from([None, "criminal-procedure", "custom"]),
        "days": st.sampled_from([1, 180, 181, 365, 366]),
    }
)
records = st.fixed_dictionaries(
    {
        "author": st.sampled_from(["pk", "af", "obs", "zz"]),
        "audience": st.sampled_from([("af",), ("pk",), ("obs",), ("af", "obs"), ("obs", "pk"), ("zz",)]),
        "facts": st.sampled_from([NO_FACTS, PERSON, Facts(marked="TLP:RED")]),
        "kind": st.sampled_from(["intelligence.report/1", "liaison.note/1"]),
        "exercise": st.booleans(),
    }
)


def made(said: dict[str, Any], handled: dict[str, Any], terms: Terms = TERMS) -> Record | None:
    """A record of these parts, or None when they contradict one another."""
    try:
        asked: Handling = of_person(**handled)
        return record(handling=asked, compact=terms.digest, **said)
    except Invalid:
        return None


def answer(asked: Record, compact: Compact) -> str:
    try:
        return judge(asked, compact).clause
    except Refused as refused:
        return f"{refused.by}: {refused}"


STATES: st.SearchStrategy[State] = st.sampled_from(["coming", "active", "suspended", "ended"])


@given(records, handlings, STATES)
def test_every_question_has_one_answer_and_no_other_error(
    said: dict[str, Any], handled: dict[str, Any], state: State
) -> None:
    """Two runs answer alike, and nothing but `Refused` ever comes of a record that could be made."""
    asked = made(said, handled)
    if asked is not None:
        assert answer(asked, Compact(TERMS, state)) == answer(asked, Compact(TERMS, state))


PERMITS = ("4.1.a", "4.1.b")


@given(records, handlings, STATES, st.sampled_from(PERMITS))
def test_nothing_is_permitted_once_its_permitting_clause_is_gone(
    said: dict[str, Any], handled: dict[str, Any], state: State, gone: str
) -> None:
    """A compact whose clause is turned into a `forbid` permits nothing by it, and nothing it did not permit before."""
    without = terms_of(*(_forbidding(gone)))
    before, after = made(said, handled), made(said, handled, without)
    if before is None or after is None:
        return
    said_before, said_after = answer(before, Compact(TERMS, state)), answer(after, Compact(without, state))
    if said_after[0].isdigit():
        assert gone not in said_after
        assert said_after == said_before


def _forbidding(clause: str) -> list[tuple[str, str]]:
    """The change that turns the permit of a clause into a forbid."""
    start = TERMS.policy.text.index(f'@id("{clause}")')
    head = TERMS.policy.text[start : TERMS.policy.text.index("permit (", start) + len("permit (")]
    return [(head, head.replace("permit (", "forbid ("))]


def test_a_body_is_never_read_by_the_compact() -> None:
    """What the compact asks about are handling and facts, so that two bodies with equal ones get equal answers."""
    assert judge(record(body=Body("one"))).clause == judge(record(body=Body("two"))).clause
