"""Hotlines: what of them cannot stand, and whom a call rings at an hour.

Law: everything is asked of the worked example, or of it with a text replaced.
"""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone
from typing import get_args

import pytest

from amanat.compact.calling import acknowledge, of_post, other, rung
from amanat.compact.explain import ranked, summary
from amanat.compact.form import Hotline, Urgency
from amanat.compact.terms import Terms, parse
from amanat.party.errors import Invalid
from compact.cast import EXAMPLE, TERMS, amended, terms_of

TEXT = EXAMPLE.decode()
CALLING = TEXT[TEXT.index("[calling]") : TEXT.index("[hotlines.kurram]")]
HOTLINES = TEXT[TEXT.index("[hotlines.kurram]") : TEXT.index("# --- 6.")]
SIDE = '["torkham/duty", "torkham/commander"]'
KURRAM = f'title = "Kurram"\nposts = {{ pk = {SIDE}, af = {SIDE} }}'
KHYBER = 'hours = "03:00-13:00" '
AFTER = 'after_hours = "directorates"'


def posts(pk: str = SIDE, af: str = SIDE) -> tuple[str, str]:
    """The change of kurram's posts."""
    return KURRAM, f'title = "Kurram"\nposts = {{ {pk}, {af} }}'


def wrong(*changes: tuple[str, str]) -> Invalid:
    with pytest.raises(Invalid) as caught:
        parse(amended(*changes))
    return caught.value


def hours(said: str) -> Terms:
    """The example with other hours of khyber."""
    return terms_of((KHYBER, f'hours = "{said}" '))


def at(clock: str) -> datetime:
    hour, minute = map(int, clock.split(":"))
    return datetime(2026, 11, 24, hour, minute, 59, tzinfo=UTC)


class TestForm:
    """Line, key, what stands there and what is allowed."""

    @pytest.mark.parametrize(
        ("changes", "told"),
        [
            ([(SIDE, f'{SIDE}, zz = ["a"]')], 'hotlines.kurram.posts: a table stands there. Allowed: { pk = ["torkham/duty"], af = ["jalalabad/duty"] }.'),
            ([("[compact]", "calling = 3\n[compact]"), (CALLING, "")], "calling: 3 stands there. Allowed: a table with at least one entry."),
            ([("[compact]", "hotlines = 3\n[compact]"), (HOTLINES, "")], "hotlines: 3 stands there. Allowed: a table."),
            ([("[compact]", "calling = {}\n[compact]"), (CALLING, "")], "calling: a table stands there. Allowed: a table with at least one entry."),
            ([("tests = [", "# ")], 'calling: the key tests is missing. Write tests = …: a list like ["04:00", "12:00"].'),
            ([("flash = 60, ", "")], "calling.acknowledge_seconds: a table stands there. Allowed: { flash = 60, immediate = 300, priority = 900, routine = 3600 }."),
            ([("flash = 60, ", "flash = 9, ")], "calling.acknowledge_seconds: a table stands there. Allowed: { flash = 60, immediate = 300, priority = 900, routine = 3600 }."),
            ([('"04:00"', '"24:00"')], 'calling.tests: "24:00" stands there. Allowed: a list like ["04:00", "12:00"].'),
            ([("test_answer_seconds = 900", "test_answer_seconds = 1.5")], "calling.test_answer_seconds: 1.5 stands there. Allowed: whole seconds from 10 to 86400."),
            ([("[hotlines.kurram]", "[hotlines.Kurram]")], "hotlines.Kurram: 'Kurram' is no name for this. Allowed: a name like kurram."),
            ([('title = "Kurram"', 'title = "Kur\\nram"')], 'hotlines.kurram.title: "Kur\nram" stands there. Allowed: one line of at most 400 characters.'),
            ([posts("pk = []", f"af = {SIDE}")], 'hotlines.kurram.posts: a table stands there. Allowed: { pk = ["torkham/duty"], af = ["jalalabad/duty"] }.'),
            ([posts('pk = ["Torkham"]', f"af = {SIDE}")], 'hotlines.kurram.posts: a table stands there. Allowed: { pk = ["torkham/duty"], af = ["jalalabad/duty"] }.'),
            ([(KHYBER, 'hours = "03:00 to 13:00" ')], 'hotlines.khyber.hours: "03:00 to 13:00" stands there. Allowed: two times of day in UTC like "03:00-13:00".'),
        ],
    )  # fmt: skip
    def test_it_says_where_what_and_what_is_allowed(self, changes: Sequence[tuple[str, str]], told: str) -> None:
        assert re.fullmatch(rf"Line [0-9]+, {re.escape(told)}", str(wrong(*changes)))

    def test_a_line_is_that_of_the_hotline_which_is_wrong(self) -> None:
        number = TEXT[: TEXT.index('hours = "03')].count("\n") + 1
        assert wrong((KHYBER, 'hours = "3" ')).says.startswith(f"Line {number}, hotlines.khyber.hours: ")


class TestMeaning:
    """What fits its form and could not be kept."""

    @pytest.mark.parametrize(
        ("changes", "where", "says", "mend"),
        [
            ([(CALLING, "")], "hotlines.kurram", "there is no [calling]", "Say there how hotlines are kept, or take them out."),
            ([(HOTLINES, "")], "calling", "there is no hotline", "Name one as [hotlines.NAME], or take this table out."),
            ([('clause = "5.2"', 'clause = "7.1"')], "calling.clause", "clause 7.1 stands twice", "Number each clause once."),
            ([('clause = "5.2"', 'clause = "4.6"')], 'kinds."liaison.day".clause', "clause 4.6 stands twice", "Number each clause once."),
            ([('clause = "5.2"', 'clause = "4.6.a"')], "policy.cedar", "clause 4.6.a stands twice", "Number each clause once."),
            ([("flash = 60, ", "flash = 301, ")], "calling.acknowledge_seconds", "a more urgent call may wait longer than one less urgent", "Let the seconds not fall from one to the next: flash, immediate, priority, routine."),
            ([("routine = 3600 ", "routine = 899 ")], "calling.acknowledge_seconds", "a more urgent call may wait longer than one less urgent", "Let the seconds not fall from one to the next: flash, immediate, priority, routine."),
            ([('"04:00", "12:00"', '"12:00", "04:00"')], "calling.tests", "they are out of order", "Name each time once, the earliest first."),
            ([('"04:00", "12:00"', '"04:00", "04:00"')], "calling.tests", "they are out of order", "Name each time once, the earliest first."),
            ([posts(f"pk = {SIDE}", f"obs = {SIDE}")], "hotlines.kurram.posts", "'obs' is no member", "Name two of: af, pk."),
            ([posts(f"pk = {SIDE}", f"zz = {SIDE}")], "hotlines.kurram.posts", "'zz' is no member", "Name two of: af, pk."),
            ([posts('pk = ["a", "b", "a"]', f"af = {SIDE}")], "hotlines.kurram.posts", "a post of 'pk' stands twice", "Name each post at one rank."),
            ([posts(f"pk = {SIDE}", 'af = ["a", "b", "c", "d", "e"]')], "hotlines.kurram.posts", "'af' has 5 posts", "At most 4, as many as the ladder has ranks."),
            ([(AFTER, "# ")], "hotlines.khyber.hours", "hours and after_hours stand together", "Write both, or neither."),
            ([(KHYBER, "# ")], "hotlines.khyber.after_hours", "hours and after_hours stand together", "Write both, or neither."),
            ([(KHYBER, 'hours = "03:00-03:00" ')], "hotlines.khyber.hours", "they end when they begin", "A hotline kept day and night has neither hours nor after_hours."),
            ([(AFTER, 'after_hours = "nowhere"')], "hotlines.khyber.after_hours", "'nowhere' is no other hotline of the same two members, kept day and night", "Allowed: directorates, kurram."),
            ([(AFTER, 'after_hours = "khyber"')], "hotlines.khyber.after_hours", "'khyber' is no other hotline of the same two members, kept day and night", "Allowed: directorates, kurram."),
            ([(HOTLINES, f'[hotlines.khyber]\ntitle = "Khyber"\nposts = {{ pk = {SIDE}, af = {SIDE} }}\n{KHYBER}\n{AFTER}\n\n')], "hotlines.khyber.after_hours", "'directorates' is no other hotline of the same two members, kept day and night", "Write one, without hours, or leave hours and after_hours out."),
        ],
    )  # fmt: skip
    def test_it_is_refused_before_anybody_signs(
        self, changes: Sequence[tuple[str, str]], where: str, says: str, mend: str
    ) -> None:
        error = wrong(*changes)
        assert (error.code, error.mend) == ("compact.terms", mend)
        assert re.fullmatch(rf"Line [0-9]+, {re.escape(where)}: {re.escape(says)}\.", error.says), error.says

    def test_after_hours_no_hotline_is_rung_that_has_hours_itself(self) -> None:
        circle = 'title = "Directorates of operations"\nhours = "01:00-02:00"\nafter_hours = "kurram"'
        error = wrong(('title = "Directorates of operations"', circle))
        assert error.mend == "Allowed: kurram."

    def test_after_hours_no_other_member_is_rung(self) -> None:
        third = f'[members.nb]\nname = "a neighbour"\nroot = "{"0" * 64}"\nadministers = []\n\n[observers.obs]'
        whom = 'posts = { pk = ["operations/duty", "operations/director"], nb = ["duty"] }'
        now = 'posts = { pk = ["operations/duty", "operations/director"], af = ["operations/duty", "operations/director"] }'
        assert wrong(("[observers.obs]", third), (now, whom)).mend == "Allowed: kurram."

    def test_a_compact_needs_no_hotlines(self) -> None:
        without = terms_of((CALLING, ""), (HOTLINES, ""))
        assert (without.calling, without.hotlines) == (None, {})
        assert "Hotlines" not in summary(without)

    def test_every_call_may_wait_alike_and_be_never_tried(self) -> None:
        same = "{ flash = 60, immediate = 60, priority = 60, routine = 60 }"
        given = "{ flash = 60, immediate = 300, priority = 900, routine = 3600 }"
        untried = terms_of((given, same), ('["04:00", "12:00"]', "[]"))
        assert "Test calls" not in summary(untried)

    def test_a_side_may_have_a_post_at_each_rank_and_the_other_at_one(self) -> None:
        uneven = terms_of(posts('pk = ["a", "b", "c", "d"]', 'af = ["a"]'))
        assert [there for _, there in ranked(uneven.hotlines["kurram"], uneven.ranks)] == [
            {"af": "a", "pk": "a"},
            {"pk": "b"},
            {"pk": "c"},
            {"pk": "d"},
        ]


class TestRung:
    """Whom a call rings."""

    @pytest.mark.parametrize(
        ("kept", "clock", "open_"),
        [
            ("03:00-13:00", "02:59", False),
            ("03:00-13:00", "03:00", True),
            ("03:00-13:00", "12:59", True),
            ("03:00-13:00", "13:00", False),
            ("22:00-04:00", "21:59", False),
            ("22:00-04:00", "22:00", True),
            ("22:00-04:00", "23:59", True),
            ("22:00-04:00", "00:00", True),
            ("22:00-04:00", "03:59", True),
            ("22:00-04:00", "04:00", False),
        ],
    )
    def test_hours_begin_with_their_first_minute_and_end_before_their_last(
        self, kept: str, clock: str, *, open_: bool
    ) -> None:
        terms = hours(kept)
        assert rung(terms, "khyber", at(clock)) is terms.hotlines["khyber" if open_ else "directorates"]

    def test_the_hour_is_that_of_utc(self) -> None:
        kabul = timezone(timedelta(hours=4, minutes=30))
        assert rung(TERMS, "khyber", at("03:00").astimezone(kabul)).title == "Khyber"

    def test_one_without_hours_is_rung_at_any(self) -> None:
        assert {rung(TERMS, "kurram", at(f"{hour:02}:00")).title for hour in range(24)} == {"Kurram"}

    @pytest.mark.parametrize(
        ("terms", "mend"), [(TERMS, "It has: directorates, khyber, kurram."), (None, "It has: none.")]
    )
    def test_a_hotline_that_the_compact_has_not_is_refused(self, terms: Terms | None, mend: str) -> None:
        with pytest.raises(Invalid, match="The compact pk-af has no hotline 'chaman'") as caught:
            rung(terms or terms_of((CALLING, ""), (HOTLINES, "")), "chaman", at("03:00"))
        assert (caught.value.code, caught.value.mend) == ("compact.hotline", mend)


def test_each_side_has_one_other() -> None:
    kurram: Hotline = TERMS.hotlines["kurram"]
    assert (other(kurram, "pk"), other(kurram, "af")) == ("af", "pk")
    with pytest.raises(Invalid, match="obs has no post on this hotline") as caught:
        other(kurram, "obs")
    assert (caught.value.code, caught.value.mend) == ("compact.side", "It is of af and pk.")


@pytest.mark.parametrize(
    ("party", "post", "hotlines"),
    [
        ("pk", "torkham/duty", ("khyber", "kurram")),
        ("af", "torkham/commander", ("khyber", "kurram")),
        ("af", "operations/director", ("directorates", "khyber")),
        ("pk", "elsewhere", ()),
        ("obs", "torkham/duty", ()),
    ],
)
def test_a_post_has_the_hotlines_that_it_may_be_rung_on_at_any_rank_and_hour(
    party: str, post: str, hotlines: tuple[str, ...]
) -> None:
    assert of_post(TERMS, party, post) == hotlines


def test_a_call_is_to_be_opened_in_the_time_of_its_urgency() -> None:
    assert TERMS.calling
    within = [acknowledge(TERMS.calling, urgency) for urgency in get_args(Urgency)]
    assert within == [timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15), timedelta(hours=1)]
