"""Bytes from anybody, in the place of a compact and of each part of it that has a grammar of its own.

Law: whatever comes, it is refused by `Invalid` with a sentence, or has been read; nothing else is ever raised.
"""

from collections.abc import Callable

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from amanat.compact import quorum
from amanat.compact.explain import summary
from amanat.compact.policy import Policy, clauses, decide, flaw
from amanat.compact.terms import Terms, defaults, parse
from amanat.compact.text import read_text, read_toml
from amanat.party.errors import Invalid
from compact.cast import EXAMPLE, NOW, TERMS, asked

LINES = EXAMPLE.split(b"\n")
SIGNS = st.sampled_from("=.[]{}()'\"\\#,;:@_-+&|!<>?* \n\t09aAzZ\u00a0é\u0643\u202e\U0001f511")


def read(data: bytes) -> Terms | None:
    """Read a compact, and let all that is done with a text before it is signed be done with it."""
    try:
        terms = parse(data)
    except Invalid as error:
        assert error.says.strip()
        assert error.mend.strip()
        assert len(str(error)) < 2000
        return None
    assert terms.text == data
    assert summary(terms)
    for kind in terms.kinds:
        assert defaults(terms, kind, NOW).purpose in terms.purposes
    return terms


@given(st.binary(max_size=400))
@example(b"\xff\xfe")
@example(b"a = 1e999")
@example(b"a = 9999-12-31T23:59:60Z")
@example(b"a = 0001-01-01T00:00:00+23:59")
@example(b"a = nan")
def test_no_bytes_are_a_compact_by_chance(data: bytes) -> None:
    assert read(data) is None


@given(st.text(SIGNS, max_size=200))
def test_no_text_does_more_than_be_refused_as_toml(text: str) -> None:
    try:
        assert isinstance(read_toml(read_text(text.encode())), dict)
    except Invalid as error:
        assert error.code.startswith("compact.")


# --- the example, damaged ---------------------------------------------------------------------------------------------


def dropped(lines: list[bytes], at: int, _to: int) -> None:
    del lines[at]


def doubled(lines: list[bytes], at: int, to: int) -> None:
    lines.insert(to, lines[at])


def swapped(lines: list[bytes], at: int, to: int) -> None:
    lines[at], lines[to] = lines[to], lines[at]


def joined(lines: list[bytes], at: int, _to: int) -> None:
    lines[at : at + 2] = [b"".join(lines[at : at + 2])]


where = st.integers(0, len(LINES) - 2)
damage = st.tuples(st.sampled_from([dropped, doubled, swapped, joined]), where, where)


@given(st.lists(damage, min_size=1, max_size=3))
def test_whatever_lines_are_dropped_doubled_or_swapped(damages: list[tuple[Callable[..., None], int, int]]) -> None:
    lines = list(LINES)
    for how, at, to in damages:
        how(lines, min(at, len(lines) - 2), min(to, len(lines) - 2))
    read(b"\n".join(lines))


@given(st.integers(0, len(EXAMPLE) - 1), st.integers(1, 255))
def test_whatever_byte_is_flipped(at: int, by: int) -> None:
    """What still reads is another text: no signature on the first one holds for it."""
    flipped = EXAMPLE[:at] + bytes([EXAMPLE[at] ^ by]) + EXAMPLE[at + 1 :]
    terms = read(flipped)
    assert terms is None or terms.digest != TERMS.digest


@given(st.integers(0, len(EXAMPLE.decode()) - 1), st.integers(0, 40), st.text(SIGNS, max_size=20))
def test_whatever_stands_in_the_place_of_a_few_letters(at: int, length: int, put: str) -> None:
    text = EXAMPLE.decode()
    read((text[:at] + put + text[at + length :]).encode())


VALUES = st.sampled_from(
    [
        *("true", "0", "-1", "1.5", "nan", "inf", "1e400", str(2**63), str(2**64), "9" * 400, "[]", "{}", "[{}]", '""'),
        *('"\\u0000"', '"\\uD7FF"', "2026-01-01", "2026-01-01T00:00:00Z", "00:00:00", "9999-12-31", "0001-01-01"),
        *("{ a = 1 }", '[["H1"]]', '["H1", 1]', "{ flash = {} }", "{ flash = 1, routine = [] }", "'''\n'''"),
    ]
)
keyed = [number for number, line in enumerate(LINES) if b" = " in line and not line.startswith((b"#", b"when"))]


@given(st.sampled_from(keyed), VALUES)
def test_whatever_value_a_key_is_given(number: int, value: str) -> None:
    lines = list(LINES)
    lines[number] = lines[number].partition(b" = ")[0] + b" = " + value.encode()
    read(b"\n".join(lines))


LONG = b"a" * 60_000


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (EXAMPLE, b"[%b]\n[%b]" % (LONG, LONG)),
        (EXAMPLE, b"%b = 1\n%b = 2" % (LONG, LONG)),
        (b"[members.pk]", b"[members.%b]" % LONG),
        (b'id = "pk-af"', b'id = "pk-af"\n%b = 1' % LONG),
        (b'id = "pk-af"', b'id = "%b"' % LONG),
        (TERMS.quorum.encode(), b"%b\n" % LONG),
        (TERMS.policy.text.encode(), b'@id("1") @says("x") permit (principal is %b, action, resource);' % LONG),
        (TERMS.policy.text.encode(), b'@id("%b") permit (principal, action, resource);' % LONG),
        (TERMS.policy.text.encode(), b"permit (%b);" % LONG),
    ],
)
def test_however_long_what_is_wrong_the_error_is_a_sentence(old: bytes, new: bytes) -> None:
    assert EXAMPLE.count(old) == 1
    assert read(EXAMPLE.replace(old, new)) is None


# --- grammars within it -----------------------------------------------------------------------------------------------

WORDS = frozenset({"", "pk", "af", "counter-terrorism"})
cedar_words = st.sampled_from(
    ["permit", "forbid", "(", ")", "{", "}", "[", "]", ",", ";", ".", ":", "==", "!=", "<", "<=", "&&", "||", "!", "+", "-", "*", "when", "unless", "if", "then", "else", "in", "is", "has", "like", "principal", "action", "resource", "context", "true", "false", "0", "1", "9223372036854775807", '"pk"', '"zz"', '@id("1")', '@id("2")', '@says("x")', "@id", "@says", "context.tlp", "context.days", "context.to", "?principal", 'Party::"pk"', 'Kind::"intelligence.report"', 'Action::"send"', "//", "\n"]
)  # fmt: skip


@given(
    st.one_of(
        st.text(SIGNS, max_size=80),
        st.lists(cedar_words, max_size=30).map(" ".join),
        st.lists(cedar_words, max_size=12).map(
            lambda words: f'@id("1") @says("x") permit (principal, action, resource) when {{ {" ".join(words)} }};'
        ),
    )
)
def test_a_policy_has_a_flaw_or_decides(text: str) -> None:
    policy = Policy(text, ("af", "pk"), ("intelligence.report",))
    found = flaw(policy, WORDS)
    if found is None:
        assert set(decide(policy, asked()).clauses) <= set(clauses(policy))
    else:
        assert found.strip()


quorum_words = st.sampled_from(
    [
        "group",
        "quorum",
        "none",
        "all",
        "any",
        "0",
        "1",
        "2",
        "3",
        "99",
        "pk",
        "af",
        "obs",
        "zz",
        "g",
        "h",
        "pk.1",
        "#",
        "witness",
        "log",
        "\n",
        "\n",
        "\n",
        "\t",
    ]
)


@given(st.one_of(st.text(SIGNS, max_size=60), st.lists(quorum_words, max_size=24).map(" ".join)))
def test_a_quorum_has_a_flaw_or_every_owners_log_can_meet_it(text: str) -> None:
    parties = ("af", "obs", "pk")
    found = quorum.flaw(text, parties, parties)
    assert found is None or found.strip()
    for owner in parties if found is None else ():
        lines = quorum.lines_for(text, owner)
        assert len(lines) == text.count("\n") + 1
        assert not any(owner in line.split()[2:] for line in lines if line.startswith("group "))
