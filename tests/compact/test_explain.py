"""What the compact says of one case, and as a whole, in the words of those who agreed it."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amanat.compact.check import Compact, State
from amanat.compact.explain import Explanation, Question, explain, summary
from amanat.compact.terms import parse
from amanat.party.errors import Invalid, Refused
from amanat.record.kind import NO_FACTS, Facts, Place
from amanat.record.notices import NOTICES
from compact.cast import (
    ACTIVE,
    LAX,
    NOW,
    PERSON,
    SEES,
    TERMS,
    UNTOLD,
    amended,
    handling,
    judge,
    of_person,
    record,
    terms_of,
)

REPORT = "intelligence.report"


def answer(compact: Compact = ACTIVE, **asked: Any) -> Explanation:
    """What is said of a plain report from pk to af, or of what is changed of it."""
    plain: dict[str, Any] = {"kind": REPORT, "handling": handling(), "sender": "pk", "audience": ("af",), "now": NOW}
    return explain(Question(**plain | asked), compact)


class TestOneCase:
    """May it be sent, by which clause, why, and what to change."""

    def test_a_plain_report_may(self) -> None:
        assert answer() == Explanation(
            may=True, by="clause 4.1.a", says="Each member may send reports to the other.", change=""
        )

    def test_a_kind_may_be_asked_about_with_its_version_and_at_any_moment(self) -> None:
        assert answer(kind="intelligence.report/1") == answer()
        assert answer(now=NOW + timedelta(microseconds=7)) == answer()

    def test_what_is_asked_is_no_exercise_unless_it_says_so(self) -> None:
        real = '@id("1") @says("Nothing but exercises.") permit (principal, action, resource) when { context.exercise == 1 };'
        compact = Compact(terms_of((TERMS.policy.text, real)), "active")
        assert not answer(compact).may
        assert answer(compact, exercise=True).may

    def test_a_report_for_both_may_by_both_clauses(self) -> None:
        said = answer(audience=("obs", "af"), handling=handling(tlp="TLP:GREEN"))
        assert (said.may, said.by) == (True, "clause 4.1.a, 4.1.b")
        assert said.says == (
            "Each member may send reports to the other. "
            "The observer may have reports that name no person, are TLP:GREEN or TLP:CLEAR and may be passed on."
        )

    def test_a_report_of_a_person_may_once_a_second_person_approved_it(self) -> None:
        said = answer(handling=of_person(), facts=PERSON)
        assert (said.may, said.by, said.change) == (True, "clause 4.1.a", "A second person approves it first.")

    @pytest.mark.parametrize(
        ("asked", "by", "says", "change"),
        [
            (
                {"audience": ("obs",)},
                "no clause permits",
                "No clause of the policies permits sending this to obs.",
                "Change the handling, or amend the compact.",
            ),
            (
                {"handling": of_person(codes=("H1",)), "facts": PERSON},
                "clause 4.1.e",
                (
                    "Clause 4.1.e forbids sending this to af: A report naming a person is not used in court, nor passed on, "
                    "without the originator's permission: H1 and H2."
                ),
                "Change what the clause speaks of.",
            ),
            (
                {"handling": handling(tlp="TLP:RED")},
                "clause 4.1",
                "The record is TLP:RED; clause 4.1 carries at most TLP:AMBER+STRICT.",
                "What is stricter does not travel under this clause.",
            ),
            (
                {"sender": "obs"},
                "clause 4.1",
                "Clause 4.1 does not let obs send this to af.",
                "It permits pk > af, af > pk, pk > obs, af > obs.",
            ),
            (
                {"kind": "liaison.note"},
                "no clause permits",
                "pk-af has no kind liaison.note.",
                f"It has {', '.join(sorted(TERMS.kinds))}; another needs an amendment.",
            ),
            (
                {"audience": ("zz",)},
                "no clause permits",
                "zz is no party of pk-af.",
                "Its parties are af, obs, pk.",
            ),
            (
                {"facts": PERSON},
                "floor 2",
                "The record names a person (its text) and has no legal_basis and no grading.",
                "State it in the handling, or take the person out.",
            ),
            (
                {"facts": Facts(places=(Place("PK", 10.0),))},
                "floor 6",
                "The record gives a place of persons or groups in PK to within 10 metres; af does not administer it.",
                "Give it to no better than 10 km, or address only the party administering it.",
            ),
            (
                {"audience": ("pk",)},
                "the record itself",
                "The record contradicts itself: pk is author and audience.",
                "Correct one of the two.",
            ),
            (
                {"audience": ()},
                "the record itself",
                "The record contradicts itself: the audience is 0 parties, and must be 1 to 16.",
                "Correct one of the two.",
            ),
            (
                {"now": NOW.replace(tzinfo=None)},
                "the record itself",
                "The time at is not a whole second of UTC.",
                "Write it like 2026-11-24T06:30:00Z (RFC 3339).",
            ),
        ],
    )
    def test_a_no_names_what_decides_and_what_to_do(
        self, asked: dict[str, Any], by: str, says: str, change: str
    ) -> None:
        said = answer(**asked)
        assert (said.may, said.by, said.says, said.change) == (False, by, says, change)

    def test_while_it_is_suspended_a_warning_may_and_nothing_else(self) -> None:
        suspended = Compact(TERMS, "suspended")
        assert answer(suspended).by == "clause 4.1.f"
        assert answer(suspended, handling=handling(purpose="protection-of-life")).may

    @pytest.mark.parametrize("kind", [notice.name for notice in NOTICES])
    @pytest.mark.parametrize("state", ["coming", "active", "suspended", "ended"])
    def test_recalling_and_giving_ones_word_may_always(self, kind: str, state: State) -> None:
        assert answer(Compact(TERMS, state), kind=kind) == Explanation(
            may=True,
            by="floor 11",
            says="What was recalled or has expired is destroyed at every holder, and the holder signs that it was.",
            change="",
        )


questions = st.fixed_dictionaries(
    {
        "author": st.sampled_from(["pk", "af", "obs", "zz"]),
        "audience": st.sampled_from([("af",), ("pk",), ("obs",), ("af", "obs"), ("zz",)]),
        "facts": st.sampled_from([NO_FACTS, PERSON, Facts(marked="TLP:RED"), Facts(places=(Place("AF", 5.0),))]),
        "exercise": st.booleans(),
        "handling": st.builds(
            of_person,
            codes=st.just(("H1", "H2")),
            tlp=st.sampled_from(["TLP:AMBER", "TLP:AMBER+STRICT", "TLP:RED"]),
            purpose=st.sampled_from(["counter-terrorism", "protection-of-life", "taxation"]),
            legal_basis=st.sampled_from([None, "criminal-procedure", "custom"]),
            expires=st.sampled_from([None, NOW + timedelta(days=180), NOW + timedelta(days=181)]),
        ),
    }
)
STATES: st.SearchStrategy[State] = st.sampled_from(["coming", "active", "suspended", "ended"])


@given(questions, STATES)
def test_an_explanation_says_what_would_happen(asked: dict[str, Any], state: State) -> None:
    """It is no second set of rules: each answer is that of a real record so handled."""
    compact = Compact(TERMS, state)
    said = explain(
        Question(REPORT, asked["handling"], asked["author"], asked["audience"], NOW, asked["facts"], asked["exercise"]),
        compact,
    )
    try:
        permitted = judge(record(**asked), compact)
    except Refused as refused:
        assert said == Explanation(may=False, by=refused.by, says=refused.says, change=refused.mend, code=refused.code)
    except Invalid as invalid:
        by = "the record itself"
        assert said == Explanation(may=False, by=by, says=invalid.says, change=invalid.mend, code=invalid.code)
    else:
        assert (said.may, said.by) == (True, f"clause {permitted.clause}")
        assert bool(said.change) is permitted.needs_second_person


SECOND_KIND = """[kinds."posts.note"]
clause = "4.21"
title = "note to the other side"
directions = ["pk > af", "af > pk"]
tlp_ceiling = "TLP:GREEN"
retention_days = 90
acknowledge_hours = 2
second_person = "never"
survives_suspension = false

[kinds."posts.note".handling]
tlp = "TLP:GREEN"
purpose = "protection-of-life"
codes = ["H3"]
legal_basis = "duty-to-warn"
caveats = ["for the duty desk only"]
expires_days = 30

# --- 5."""

NO_FILES, FILES = "Without attached files.", "With files of 64 MiB in all."
FOR_LONG = "TLP:AMBER, for de-escalation, for 1095 days"
BOTH = "pk > af, af > pk"
AND_TO = f"{BOTH}, pk > obs, af > obs"
AND_FROM = f"{AND_TO}, obs > pk, obs > af"
LIAISON_KINDS = (
    ("4.2", "call on a hotline", "call", BOTH, NO_FILES, FOR_LONG),
    ("4.3", "sign of a node on a hotline", "sign", BOTH, NO_FILES, FOR_LONG),
    ("4.4", "phrase on a hotline", "message", BOTH, NO_FILES, FOR_LONG),
    (
        "4.5",
        "free words about a matter",
        "text",
        BOTH,
        FILES,
        "TLP:AMBER, for de-escalation, on the basis of duty-to-warn, for 180 days",
    ),
    ("4.6", "signature under a day of a hotline", "day", BOTH, NO_FILES, FOR_LONG),
    ("4.7", "notice of a planned activity", "notice", AND_TO, NO_FILES, FOR_LONG),
    ("4.8", "what follows a notice", "notice-step", AND_TO, NO_FILES, FOR_LONG),
    ("4.9", "sealed notice, and its opening", "sealed", AND_FROM, NO_FILES, FOR_LONG),
    ("4.10", "what a sealed notice says, in trust", "escrow", "pk > obs, af > obs", NO_FILES, FOR_LONG),
    ("4.11", "incident near the line", "incident", AND_TO, NO_FILES, FOR_LONG),
    ("4.12", "account of an incident", "account", AND_TO, FILES, FOR_LONG),
    ("4.13", "step in an incident", "incident-step", AND_FROM, NO_FILES, FOR_LONG),
    ("4.14", "joint statement", "statement", AND_TO, FILES, FOR_LONG),
    ("4.15", "parallel measure", "measure", AND_TO, NO_FILES, FOR_LONG),
    ("4.16", "crossing, recovery, or what was found", "track", AND_TO, NO_FILES, FOR_LONG),
    ("4.17", "flag meeting", "meeting", AND_FROM, FILES, FOR_LONG),
    ("4.18", "public warning", "warning", AND_TO, NO_FILES, "TLP:CLEAR, for protection-of-life, for 1095 days"),
    ("4.19", "clarification of what was seen", "clarification", AND_TO, NO_FILES, FOR_LONG),
)
SEEN = "logs, intelligence.report, " + ", ".join(
    sorted(f"liaison.{name}" for _, _, name, directions, _, _ in LIAISON_KINDS if "obs" in directions)
)


def _of_liaison(kind: tuple[str, ...]) -> str:
    """What the summary says of a kind of the example's liaison."""
    clause, title, name, directions, files, handled = kind
    return f"""
{clause} {title} (liaison.{name}): {directions}.
At most TLP:AMBER+STRICT; kept at most 1825 days; acknowledged within flash 1 h, immediate 1 h, priority 4 h, routine 24 h.
Handled, unless its officer says otherwise: {handled}.
{files}
Recalled, where the kind says destroy, within 72 h: destroyed, or kept on a ground told.
Second person: never. It survives a suspension.
"""


class TestWhole:
    """A custodian who reads the summary has read every term there is."""

    def test_the_example_as_a_person_would_tell_it(self) -> None:
        told = summary(TERMS)
        for line in (
            f"{TERMS.title} (pk-af, version 1, {TERMS.digest[:16]})",
            "From 2026-01-01 to 2035-12-31; ended earlier with 90 days' notice.",
            "pk: authorities in Islamabad, member; administers PK",
            f"obs: Joint Observer Mission (invented), observer of {SEEN}",
            "4.1 intelligence report (intelligence.report): pk > af, af > pk, pk > obs, af > obs.",
            (
                "At most TLP:AMBER+STRICT; kept at most 365 days; "
                "acknowledged within flash 1 h, immediate 4 h, priority 24 h, routine 72 h."
            ),
            "Handled, unless its officer says otherwise: TLP:AMBER, H1, for counter-terrorism, for 180 days.",
            "Second person: when a person is named. It survives a suspension.",
            "4.1.d A report naming a person lives for at most 180 days.",
            (
                "7.1 Either member may suspend this compact at once, by the signature of its node. It resumes when the "
                "custodians of the member that suspended it sign that it does; an amendment does not lift a suspension."
            ),
            "counter-terrorism: preventing and investigating attacks by armed groups",
            "duty-to-warn: the duty to warn whoever is in danger, and those who can protect them",
            "When nobody answers: duty officer, then head of section, then director, then heads of the two delegations.",
            "Languages: en, fa-AF, ps, ur.",
            "  group all-sides all pk af obs",
            "  quorum all-sides",
        ):
            assert f"{line}\n" in told, line

    def test_it_says_this_in_this_order_and_nothing_else(self) -> None:
        assert (
            summary(LAX)
            == f"""\
Sharing of reports about armed groups near the line, and hotlines between posts (pk-af, version 1, {LAX.digest[:16]})
From 2026-01-01 to 2035-12-31; ended earlier with 90 days' notice.
{LAX.without_prejudice.strip()}

af: authorities in Kabul, member; administers AF
pk: authorities in Islamabad, member; administers PK
obs: Joint Observer Mission (invented), observer of {SEEN}

4.1 intelligence report (intelligence.report): pk > af, af > pk, pk > obs, af > obs.
At most TLP:RED; kept at most 365 days; acknowledged within flash 1 h, immediate 4 h, priority 24 h, routine 72 h.
Handled, unless its officer says otherwise: TLP:AMBER, H1, for counter-terrorism, for 180 days.
With files of 256 MiB in all.
Recalled, where the kind says destroy, within 72 h: destroyed, or kept on a ground told.
Second person: when a person is named. It survives a suspension.
{"".join(map(_of_liaison, LIAISON_KINDS))}
In full:
1 Everything is permitted.
  This clause permits. In Cedar:
    @id("1")
    @says("Everything is permitted.")
    permit (principal, action, resource);

7.1 {LAX.suspension.text.strip()}

Purposes:
counter-terrorism: preventing and investigating attacks by armed groups
de-escalation: keeping an incident or a misread movement from becoming a clash
protection-of-life: warning of a danger to life in time to avert it
Legal bases:
criminal-procedure: the law of criminal procedure that binds the sender
duty-to-warn: the duty to warn whoever is in danger, and those who can protect them
When nobody answers: duty officer, then head of section, then director, then heads of the two delegations.

5.2 Hotlines: a call is opened within flash 60 s, immediate 300 s, priority 900 s, routine 3600 s; \
else the next rank of both sides is rung.
Test calls at 04:00, 12:00 UTC, answered within 900 s.
Directorates of operations (directorates), always:
  duty officer: af operations/duty; pk operations/duty
  head of section: af operations/director; pk operations/director
Khyber (khyber), from 03:00 to 13:00 UTC, else directorates:
  duty officer: af torkham/duty; pk torkham/duty
  head of section: af torkham/commander; pk torkham/commander
Kurram (kurram), always:
  duty officer: af torkham/duty; pk torkham/duty
  head of section: af torkham/commander; pk torkham/commander

Planned activities of different members, by what they are:
8.1 blasting, and whatever is near it (blasting): blasting and any activity, at most 1000 m apart in height, less than 60 min apart in time, or at once: in conflict at most 2000 m apart, near at most 5000 m apart.
8.2 firing practice, and whatever is near it (firing): firing and any activity, at most 3000 m apart in height, less than 60 min apart in time, or at once: in conflict at most 2000 m apart, near at most 5000 m apart.
8.3 exercises, and whatever is near them (exercise): exercise and any activity, at most 1000 m apart in height, less than 60 min apart in time, or at once: in conflict at most 5000 m apart, near at most 10000 m apart.
8.4 flights of both sides (flights): flight and flight, at most 300 m apart in height, less than 10 min apart in time, or at once: in conflict at most 10000 m apart, near at most 20000 m apart.
8.5 flights of one side and drones of the other (flights-and-drones): flight and drone, at most 300 m apart in height, less than 10 min apart in time, or at once: in conflict at most 10000 m apart, near at most 20000 m apart.
8.6 drones, and whatever is near them (drones): drone and any activity, at most 1000 m apart in height, less than 10 min apart in time, or at once: in conflict at most 1000 m apart, near at most 5000 m apart.
8.7 patrols of both sides (patrols): patrol and patrol, at whatever heights, less than 60 min apart in time, or at once: in conflict at most 1000 m apart, near at most 3000 m apart.
8.8 works near the line, and whatever is near them (works): works and any activity, at most 1000 m apart in height, at once: in conflict at most 1000 m apart, near at most 3000 m apart.
8.9 movements of troops of both sides (movements): movement and movement, at whatever heights, less than 60 min apart in time, or at once: in conflict at most 5000 m apart, near at most 10000 m apart.
8.10 movements of troops of one side and patrols of the other (movements-and-patrols): movement and patrol, at whatever heights, less than 60 min apart in time, or at once: in conflict at most 2000 m apart, near at most 5000 m apart.
8.11 clearance of mines, and whatever is near it (clearance): clearance and any activity, at most 500 m apart in height, less than 30 min apart in time, or at once: in conflict at most 500 m apart, near at most 1000 m apart.
8.12 aid convoys, and whatever is near them (convoys): convoy and any activity, at most 1000 m apart in height, less than 30 min apart in time, or at once: in conflict at most 1000 m apart, near at most 3000 m apart.
8.13 flag meetings, and whatever is near them (meetings): meeting and any activity, at whatever heights, less than 60 min apart in time, or at once: in conflict at most 1000 m apart, near at most 3000 m apart.
8.14 hand-overs and recoveries, and whatever is near them (hand-overs): hand-over and any activity, at whatever heights, less than 60 min apart in time, or at once: in conflict at most 1000 m apart, near at most 3000 m apart.
8.15 passages for patients, and whatever is near them (passages): passage and any activity, at whatever heights, less than 30 min apart in time, or at once: in conflict at most 1000 m apart, near at most 3000 m apart.
8.16 parallel measures: where the other side acts, and what either keeps clear (measures): measure and any activity, at whatever heights, at once: in conflict at most 0 m apart, near at most 1000 m apart.
8.17 dangers that the other side told of, and whatever is near them (warnings): warning and any activity, at whatever heights, at once: in conflict at most 0 m apart, near at most 1000 m apart.
8.18 humanitarian sites, and whatever is near them (sites): site and any activity, at most 1000 m apart in height, at once: in conflict at most 1000 m apart, near at most 3000 m apart.
8.19 mobile aid teams, and whatever is near them (teams): team and any activity, at most 1000 m apart in height, less than 30 min apart in time, or at once: in conflict at most 1000 m apart, near at most 3000 m apart.

Planned activities are told of beforehand:
9.1 works near the line (works): 168 h before; explained within 24 h of being asked; due within 5 km of the line as reported.
9.2 flights (flight): 24 h before, 1 h at short notice; explained within 12 h of being asked; always due.
9.3 flights of drones (drone): 24 h before, 1 h at short notice; explained within 12 h of being asked; due within 10 km of the line as reported.
9.4 exercises (exercise): 360 h before, 1008 h for the level of division, 1440 h for the level of corps, 2160 h for the level of army, an alert within 60 min of when its troops are told; explained within 48 h of being asked; due within 75 km of the line as reported, the level of brigade or above or 9000 troops or more or 250 tanks or more or 500 vehicles or more or 250 artillery or more or 200 sorties or more; it then says calendar, command, direction, formations, line_metres, phases, states.
9.5 movements of troops (movement): 120 h before, 720 h for the level of division, 1440 h for the level of corps, 2160 h for the level of army, 6 h at short notice; explained within 48 h of being asked; due within 75 km of the line as reported, the level of battalion or above.
9.6 patrols (patrol): 24 h before; explained within 12 h of being asked; due within 5 km of the line as reported.
9.7 blasting (blasting): 120 h before; explained within 24 h of being asked; due within 2 km of the line as reported.
9.8 firing practice (firing): 120 h before; explained within 24 h of being asked; due within 10 km of the line as reported.
9.9 clearance of mines (clearance): 72 h before; explained within 24 h of being asked; due within 5 km of the line as reported.
9.10 aid convoys (convoy): 48 h before, 24 h at short notice; always due.
9.11 humanitarian sites (site): 48 h before, 24 h at short notice; always due.
9.12 mobile aid teams (team): 48 h before, 24 h at short notice; always due.

What is not done near the line; a notice of it all the same is marked:
11.1 no exercise of a division or more (exercises): exercise of the level of division or above, nearer than 5 km to the line as reported.
11.2 no armed aircraft, crewed or not (combat-aircraft): drone, flight, armed, nearer than 10 km to the line as reported.
11.3 no firing practice (firing): firing, nearer than 2 km to the line as reported.

When a clash has begun, each member:
10.1 cease fire, and whatever else set it off (cease): cease, duty officer, within 10 min.
10.2 do not advance (hold): hold, duty officer, within 10 min.
10.3 return to own positions, both sides together (return): return, head of section, within 1440 min.
10.4 inform superiors (inform): inform, duty officer, within 120 min.
10.5 flag meeting (meeting): meet, head of section, within 2880 min.
10.6 local mediation, by elders in their role: no guilt, no punishment, no person as compensation (mediation): mediate, head of section, within 10080 min, and only while both consent to it for this incident.
10.7 turn to the guarantor (guarantor): guarantor, director, within 20160 min, by obs.
10.8 joint statement of the result (statement): state, director, within 40320 min.

Languages: en, fa-AF, ps, ur.
A log is final when countersigned as this says, its own party left out:
  group all-sides all pk af obs
  quorum all-sides
"""
        )

    def test_many_of_a_sort_come_in_the_order_of_their_codes(self) -> None:
        second = '[observers.aid]\nname = "an aid office"\nroot = "' + "a" * 64 + '"\nsees = []\n\n[purposes]'
        told = summary(terms_of(("[purposes]", second)))
        assert told.index("\naid: ") < told.index("\nobs: ")

    def test_a_quorum_is_shown_line_by_line_without_what_is_blank(self) -> None:
        told = summary(terms_of(("group all-sides all pk af obs\n", "\n  group all-sides all pk af obs  \n \t\n\n")))
        assert told.endswith("left out:\n  group all-sides all pk af obs\n  quorum all-sides\n")

    def test_a_blank_line_within_a_policy_stays_blank(self) -> None:
        blank = '@id("1") @says("All.")\n\npermit (principal, action, resource);'
        assert '    @id("1") @says("All.")\n\n    permit' in summary(terms_of((TERMS.policy.text, blank)))

    def test_a_kind_without_files_is_said_to_have_none(self) -> None:
        assert "Without attached files.\n" in summary(terms_of(("# --- 5.", SECOND_KIND)))

    def test_under_each_clause_stands_what_its_policy_does(self) -> None:
        """Nobody signs a sentence that the policy does not say: what binds is shown, not only what is said of it."""
        told = summary(TERMS)
        assert (
            "4.1.a Each member may send reports to the other.\n"
            "  This clause permits. In Cedar:\n"
            '    @id("4.1.a")\n'
            '    @says("Each member may send reports to the other.")\n'
            '    permit (principal, action, resource == Kind::"intelligence.report")\n'
            '    when { [Party::"pk", Party::"af"].contains(principal) && ["pk", "af"].contains(context.to) };\n'
            "4.1.b "
        ) in told
        assert "4.1.d A report naming a person lives for at most 180 days.\n  This clause forbids. In Cedar:\n" in told

    def test_all_of_the_policies_is_shown(self) -> None:
        """A semicolon in a comment or in what a clause says ends no clause."""
        policies = (
            '@id("1") @says("All; or nothing.") // all; and more\npermit (principal, action, resource); // on\n'
            '@id("2") @says("No.") forbid (principal, action, resource)\nwhen { context.exercise == 1 };\n// end'
        )
        told = summary(terms_of((TERMS.policy.text, policies)))
        assert (
            "1 All; or nothing.\n  This clause permits. In Cedar:\n"
            '    @id("1") @says("All; or nothing.") // all; and more\n    permit (principal, action, resource);\n'
            "2 No.\n  This clause forbids. In Cedar:\n"
            '    // on\n    @id("2") @says("No.") forbid (principal, action, resource)\n    when { context.exercise == 1 };\n'
        ) in told

    def test_what_a_clause_says_stands_on_one_line(self) -> None:
        """Else it could go on as if it told what another policy does."""
        told = summary(
            terms_of(
                ("A report naming a person lives for", "A report\n  This clause permits. In Cedar:\n    lives for")
            )
        )
        assert "4.1.d A report This clause permits. In Cedar: lives for at most 180 days.\n" in told

    def test_clauses_come_as_a_reader_counts_them(self) -> None:
        """Clause 4.20 stands before clause 4.21, and 4.21 before 12.1."""
        told = summary(terms_of(('clause = "4.1"', 'clause = "4.20"'), ("# --- 5.", SECOND_KIND)))
        assert told.index("4.20 intelligence report") < told.index("4.21 note to the other side")
        told = summary(terms_of(('clause = "4.1"', 'clause = "12.1"'), ("# --- 5.", SECOND_KIND)))
        assert told.index("4.21 note to the other side") < told.index("12.1 intelligence report")

    def test_what_a_kind_says_otherwise_is_told_otherwise(self) -> None:
        told = summary(terms_of(("# --- 5.", SECOND_KIND)))
        assert "At most TLP:GREEN; kept at most 90 days; acknowledged within 2 h.\n" in told
        assert "Second person: never. It does not survive a suspension.\n" in told
        assert (
            "Handled, unless its officer says otherwise: TLP:GREEN, H3, for protection-of-life, "
            "on the basis of duty-to-warn, for 30 days, caveat: for the duty desk only.\n"
        ) in told

    def test_who_sees_and_administers_nothing_is_said_to(self) -> None:
        told = summary(
            parse(
                amended(
                    (SEES, "[]"),
                    ("all pk af obs", "all pk af"),
                    ('administers = ["AF"]', "administers = []"),
                    of=UNTOLD,
                )
            )
        )
        assert "obs: Joint Observer Mission (invented), observer of nothing\n" in told
        assert "af: authorities in Kabul, member; administers nothing\n" in told
