"""Cedar: what is refused before anybody signs it, and an answer that fails closed."""

import pytest

from amanat.compact.policy import MAX_POLICY_BYTES, MAX_TOKENS, Decision, Policy, clauses, decide, flaw, written
from compact.cast import TERMS, asked

WORDS = frozenset({"", "pk", "af", "counter-terrorism"})
ALL = "permit (principal, action, resource)"


def policy(text: str) -> Policy:
    return Policy(text, ("af", "pk"), ("intelligence.report",))


def clause(rest: str, id_: str = "1") -> str:
    return f'@id("{id_}") @says("Something.") {rest};\n'


def test_the_examples_policies_have_no_flaw() -> None:
    words = {"", *TERMS.parties, *TERMS.purposes, *TERMS.legal_bases}
    assert flaw(TERMS.policy, words) is None
    assert list(clauses(TERMS.policy)) == ["4.1.a", "4.1.b", "4.1.c", "4.1.d", "4.1.e", "4.1.f"] + [
        f"4.{kind}.a" for kind in range(2, 20)
    ]


@pytest.mark.parametrize(
    ("words", "true", "end"), [(256, "!true", ";"), (257, "(true)", ";"), (256, "(true)", ""), (257, "(!true)", "")]
)
def test_a_policy_has_256_words_and_signs_and_not_one_more(words: int, true: str, end: str) -> None:
    """Also one that never ends: Cedar's parser goes as deep as its brackets do."""
    found = flaw(policy(f'@id("1") @says("Something.") {ALL} when {{ {true}{" && true" * 116} }}{end}'), WORDS) or ""
    assert ("words and signs" in found) is (words == 257)


def test_the_policies_have_64_kib_and_not_a_byte_more() -> None:
    largest = clause(ALL) + "//" + " " * (65_536 - len(clause(ALL)) - 2)
    assert flaw(policy(largest), WORDS) is None
    assert flaw(policy(largest + " "), WORDS) == "the policies have 65537 bytes, and at most 65536 are read"


@pytest.mark.parametrize("number", ["1", "4.1.a", "10.0.z9", "1." + "2" * 18])
def test_what_a_clause_may_be_numbered(number: str) -> None:
    assert flaw(policy(clause(ALL, number)), WORDS) is None


@pytest.mark.parametrize("number", ["", "4.", ".1", "4..1", "4.A", "4.1!", "a", "1." + "2" * 19])
def test_what_no_clause_is_numbered(number: str) -> None:
    found = flaw(policy(clause(ALL, number)), WORDS)
    assert found == f'each policy needs a clause number of its own, like @id("4.1.a"); here stands {number!r}'


def test_of_several_strange_words_the_first_is_named() -> None:
    text = clause(f'{ALL} when {{ ["zz", "fa", "xx"].contains(context.to) }}')
    assert (flaw(policy(text), WORDS) or "").startswith("clause 1 compares with 'fa'")


def test_an_empty_text_hides_nothing_that_follows_it() -> None:
    text = clause(f'{ALL} when {{ context.legal_basis == "" }}') + clause(ALL, "2")
    assert [effect for effect, _ in written(policy(text)).values()] == ["permit", "permit"]
    assert list(written(policy(text))) == ["1", "2"]


def test_a_comment_is_no_part_of_a_policys_length() -> None:
    for comment in ("// and so on\n", "//\n"):
        assert flaw(policy(comment * 2 * MAX_TOKENS + clause(ALL)), WORDS) is None


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "it holds no policy, so nothing could ever be sent"),
        ("// nothing", "it holds no policy, so nothing could ever be sent"),
        (f"{ALL};", "each policy needs a clause number of its own, like @id(\"4.1.a\"); here stands ''"),
        (f"@id {ALL};", "each policy needs a clause number of its own, like @id(\"4.1.a\"); here stands ''"),
        (clause(ALL, "a"), "each policy needs a clause number of its own, like @id(\"4.1.a\"); here stands 'a'"),
        (
            clause(ALL) + clause(ALL),
            "each policy needs a clause number of its own, like @id(\"4.1.a\"); here stands '1'",
        ),
        (f'@id("1") {ALL};', 'clause 1 needs @says("…"), what it says in plain words'),
        (f'@id("1") @says("") {ALL};', 'clause 1 needs @says("…"), what it says in plain words'),
        (
            clause("permit (principal == ?principal, action, resource)"),
            "it holds a template (?principal or ?resource), which says nothing by itself",
        ),
        (clause("permit (principal, action"), "Cedar cannot read it: unexpected token `;`"),
        (
            clause(f'{ALL} when {{ context.to == "fa" }}'),
            "clause 1 compares with 'fa', which no party, purpose or legal basis is called",
        ),
        (
            clause(f'{ALL} when {{ ["pk", "fa"].contains(context.to) }}'),
            "clause 1 compares with 'fa', which no party, purpose or legal basis is called",
        ),
        (
            clause(f'{ALL} when {{ context.to like "p*" }}'),
            "clause 1 compares with 'like …', which no party, purpose or legal basis is called",
        ),
        (
            clause(f"{ALL} unless {{ context.when == 1 }}"),
            'for clause 1, attribute `when` in context for Action::"send" not found',
        ),
        (clause(f"{ALL} when {{ context.tlp == context.to }}"), "the types Long and String are not compatible"),
        (
            clause('permit (principal == Party::"fa", action, resource)'),
            'for clause 1: entity `Party::"fa"` is of an enumerated entity type, but `"fa"` is not declared as a valid eid',
        ),
        (
            clause(ALL + ' when { context.to == "p\u043a" }'),
            "the policies hold letters beyond ASCII, which could pass for others",
        ),
        (
            clause('permit (principal, action, resource == Kind::"liaison.note")'),
            'for clause 1: entity `Kind::"liaison.note"` is of an enumerated entity type, but `"liaison.note"` is not declared as a valid eid',
        ),
        (
            clause('permit (principal, action == Action::"accept", resource)'),
            'for clause 1, unrecognized action `Action::"accept"`',
        ),
        (
            clause(f'{ALL} when {{ context["policy `policy9`"] == 1 }}'),
            'for clause 1, attribute `["policy `policy9`"]` in context for Action::"send" not found',
        ),
        (f'@id("1") @id("2") @says("Something.") {ALL};', "Cedar cannot read it: duplicate annotation: @id"),
        (
            clause('forbid (principal, action, resource) when { context has "torture" && context.torture == 1 }'),
            "clause 1 asks with `has` what is there; all of it always is, so that this decides nothing",
        ),
        (
            clause(f"{ALL} unless {{ [principal has name].contains(true) }}"),
            "clause 1 asks with `has` what is there; all of it always is, so that this decides nothing",
        ),
        (
            f'@id("1") @says("Nothing.\\u{{202e}}") {ALL};',
            "the policies hold a backslash, by which a text reads otherwise than it is written",
        ),
        (
            clause(f'{ALL} when {{ context.to == "\\u{{70}}k" }}'),
            "the policies hold a backslash, by which a text reads otherwise than it is written",
        ),
        (f"//{' ' * MAX_POLICY_BYTES}", f"the policies have 65538 bytes, and at most {MAX_POLICY_BYTES} are read"),
    ],
)
def test_a_flaw_is_named_before_anybody_signs(text: str, says: str) -> None:
    assert flaw(policy(text), WORDS) == says


@pytest.mark.promised(
    "oversize terms", "docs/threat-model.md", "The compact as a weapon", "is refused before a parser sees it"
)
@pytest.mark.parametrize(
    "bomb",
    [
        "(" * 5000 + "true" + ")" * 5000,
        "[" * 5000,
        "{a: " * 5000,
        "if true then " * 5000,
        "principal.a(" * 5000,
        "true && " * 5000 + "true",
        '")" == (' * 5000,
    ],
)
def test_nesting_that_would_end_the_process_never_reaches_cedar(bomb: str) -> None:
    """Cedar's parser overflows the machine's stack at about a thousand brackets; no Python error can catch that."""
    found = flaw(policy(clause(f"{ALL} when {{ {bomb} }}")), WORDS)
    assert found is not None
    assert found.endswith(f"words and signs, and at most {MAX_TOKENS} are read; split it")


def test_comments_and_strings_hide_no_brackets() -> None:
    """A `;` in a string ends no policy, so that a long one cannot be counted as many short ones."""
    hidden = " && ".join(['context.to == ";"'] * 100)
    found = flaw(policy(clause(f"{ALL} when {{ {hidden} }}")), WORDS)
    assert found is not None
    assert found.startswith("one policy has ")


def test_many_short_policies_are_no_bomb() -> None:
    many = "".join(clause(ALL, str(number)) for number in range(200))
    assert flaw(policy(many), WORDS) is None


def test_an_allow_names_all_its_clauses_in_order() -> None:
    text = clause(ALL, "2") + clause(ALL, "1") + clause(f"{ALL} when {{ context.tlp > 3 }}", "3")
    assert decide(policy(text), asked()) == Decision(allowed=True, clauses=("1", "2"), error=None)


def test_a_deny_names_the_clause_that_forbids() -> None:
    text = clause(ALL, "1") + clause("forbid (principal, action, resource) when { context.tlp > 3 }", "2")
    assert decide(policy(text), asked(tlp=4)) == Decision(allowed=False, clauses=("2",), error=None)


def test_no_policy_that_applies_is_a_no() -> None:
    text = clause(f"{ALL} when {{ context.tlp > 3 }}")
    assert decide(policy(text), asked()) == Decision(allowed=False, clauses=(), error=None)


@pytest.mark.promised(
    "a policy that errs", "docs/threat-model.md", "The compact as a weapon", "Policy that errors permits nothing"
)
def test_an_error_beside_an_allow_is_a_no() -> None:
    """Cedar itself answers Allow here: the `forbid` that errs is passed over."""
    text = clause(ALL, "1") + clause(
        "forbid (principal, action, resource) when { context.days + 9223372036854775807 > 0 }", "2"
    )
    decision = decide(policy(text), asked())
    assert (decision.allowed, decision.clauses) == (False, ("1",))
    assert decision.error is not None
    assert decision.error.startswith("error while evaluating clause 2: integer overflow")


def test_a_permit_that_errs_permits_nothing_even_beside_one_that_does_not() -> None:
    text = clause(f"{ALL} when {{ context.days + 9223372036854775807 > 0 }}", "1") + clause(ALL, "2")
    decision = decide(policy(text), asked())
    assert (decision.allowed, decision.clauses) == (False, ("2",))
    assert decision.error is not None
    assert decision.error.startswith("error while evaluating clause 1: integer overflow")


def test_what_is_not_reached_does_not_err() -> None:
    """An error counts when it decides: behind a condition that is false already nothing is computed."""
    text = clause(f"{ALL}", "1") + clause(
        "forbid (principal, action, resource) when { context.tlp > 3 && context.days + 9223372036854775807 > 0 }", "2"
    )
    assert decide(policy(text), asked()) == Decision(allowed=True, clauses=("1",), error=None)
    assert not decide(policy(text), asked(tlp=4)).allowed


def test_a_forbid_outweighs_every_permit() -> None:
    text = clause(ALL, "1") + clause("forbid (principal, action, resource)", "2") + clause(ALL, "3")
    assert decide(policy(text), asked()) == Decision(allowed=False, clauses=("2",), error=None)


@pytest.mark.parametrize("stranger", [{"sender": "zz"}, {"kind": "liaison.note"}])
def test_a_question_about_a_stranger_is_an_error_and_so_a_no(stranger: dict[str, str]) -> None:
    decision = decide(policy(clause(ALL)), asked(**stranger))
    assert (decision.allowed, decision.clauses) == (False, ())
    assert decision.error is not None


def test_equal_questions_are_asked_once() -> None:
    one = decide(TERMS.policy, asked())
    assert decide(Policy(TERMS.policy.text, TERMS.policy.parties, TERMS.policy.kinds), asked()) is one
