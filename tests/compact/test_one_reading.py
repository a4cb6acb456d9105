"""A text that two people, or a person and a node, could read differently is refused before anybody signs it."""

import pytest

from amanat.compact.terms import parse
from amanat.party.errors import Invalid
from compact.cast import AGREED, PARTIES, amended

CEDAR = "cedar = '''\n"
QUORUM = 'quorum = """\n'


def wrong(*changes: tuple[str, str], of: bytes = AGREED) -> Invalid:
    with pytest.raises(Invalid) as caught:
        parse(amended(*changes, of=of))
    return caught.value


class TestEscapes:
    """What nodes are to obey stands in the file letter for letter."""

    @pytest.mark.promised(
        "a clause that cannot be seen",
        "docs/threat-model.md",
        "The compact as a weapon",
        "What nodes obey stands in the file letter for letter",
    )
    def test_a_clause_cannot_hide_behind_a_comment(self) -> None:
        """A reader sees one line of comment; TOML's escape for a line feed would make a permit of its second half."""
        hidden = '// see annex 2 \\n @id(\\"9\\") @says(\\"All.\\") permit (principal, action, resource);'
        error = wrong((CEDAR, f'cedar = """\n{hidden}\n'), ("\n'''\n", '\n"""\n'))
        assert (error.code, error.says.partition(": ")[2]) == (
            "compact.terms",
            "an escape makes it read otherwise than it is written.",
        )

    def test_a_clause_cannot_be_drawn_into_the_comment_above_it(self) -> None:
        """A backslash at the end of a line joins the next one to it: a forbid becomes part of a comment."""
        swallowed = ('@id("4.1.c")', '// of persons \\\n@id("4.1.c")')
        error = wrong((CEDAR, 'cedar = """\n'), swallowed, ("\n'''\n", '\n"""\n'))
        assert "policy.cedar: an escape" in error.says

    def test_a_quorum_is_read_as_it_is_written_too(self) -> None:
        error = wrong((QUORUM, QUORUM + "# the observer included \\\n"))
        assert "witnessing.quorum: an escape" in error.says
        assert error.mend.startswith("Write key = and the text between ''' and '''")

    @pytest.mark.parametrize("quotes", ["'''\n", "'''", '"""\n', '"""'])
    def test_any_quotes_will_do_that_change_nothing(self, quotes: str) -> None:
        closing = quotes.rstrip("\n")
        changed = parse(
            amended(
                (QUORUM, f"quorum = {quotes}"), ('\nquorum all-sides\n"""', f"\nquorum all-sides\n{closing}"), of=AGREED
            )
        )
        assert changed.quorum.strip() == "group all-sides all pk af obs\nquorum all-sides"


class TestNumbers:
    """365 is written 365."""

    @pytest.mark.promised(
        "a clause that cannot be seen",
        "docs/threat-model.md",
        "The compact as a weapon",
        "no number in other digits than a reader's",
    )
    @pytest.mark.parametrize("number", ["0x16d", "0o555", "0b101", "3_65", "+3_65"])
    def test_a_number_in_other_digits_is_refused_with_its_line(self, number: str) -> None:
        error = wrong(("retention_days = 365", f"retention_days = {number}"))
        line = AGREED[: AGREED.index(b"retention_days")].count(b"\n") + 1
        assert (error.code, error.says) == (
            "compact.value",
            f"Line {line} of the compact holds a number that is not plainly decimal, and so is easily misread.",
        )

    def test_a_number_in_a_list_or_an_inline_table_is_one_too(self) -> None:
        assert wrong(("flash = 1,", "flash = 0o1,")).code == "compact.value"
        assert wrong(('codes = ["H1"]', "codes = [\n0x1]")).code == "compact.value"

    def test_texts_and_comments_may_hold_any_digits(self) -> None:
        digits = parse(amended(("about armed", "= 0x1 about armed"), ("# for warnings only", "# = 0x10,"), of=AGREED))
        assert digits.title == "Sharing of reports = 0x1 about armed groups near the line, and hotlines between posts"


class TestNames:
    """One thing has one spelling, with nothing before or after it."""

    @pytest.mark.parametrize(
        ("old", "new", "where"),
        [
            ('id = "pk-af"', 'id = "pk-af\\n"', "compact.id"),
            ('title = "Sharing of', 'title = "Sharing\\n"#', "compact.title"),
            ('administers = ["PK"]', 'administers = ["PK\\n"]', "members.pk.administers"),
            ('clause = "4.1"', 'clause = "4.1\\n"', 'kinds."intelligence.report".clause'),
            ('purpose = "counter-terrorism"', 'purpose = "counter-terrorism\\n"', 'kinds."intelligence.report".handling.purpose'),
            (f'root = "{PARTIES["pk"].root}"', f'root = "{PARTIES["pk"].root}\\n"', "members.pk.root"),
        ],
    )  # fmt: skip
    def test_a_line_feed_after_a_name_does_not_make_another_name(self, old: str, new: str, where: str) -> None:
        """A country "PK" and one with a line feed after it are one to a reader, and two to a node."""
        error = wrong((old, new))
        assert error.code == "compact.value"
        assert f", {where}: " in error.says

    def test_two_parties_have_two_roots(self) -> None:
        """One set of custodians could else sign for both."""
        error = wrong((PARTIES["af"].root, PARTIES["pk"].root))
        assert (error.code, error.says.partition(", ")[2]) == ("compact.terms", "members: two parties have one root.")

    @pytest.mark.parametrize("clause", ["4.1", "7.1"])
    def test_a_policy_has_no_clause_number_of_something_else(self, clause: str) -> None:
        """Whoever is refused by clause 7.1 looks it up, and must find one."""
        error = wrong(('@id("4.1.f")', f'@id("{clause}")'))
        assert (error.code, error.says.partition(", ")[2]) == (
            "compact.terms",
            f"policy.cedar: clause {clause} stands twice.",
        )

    def test_a_clause_number_is_short_enough_to_say(self) -> None:
        assert wrong(('clause = "4.1"', f'clause = "4.{"1" * 19}"')).code == "compact.value"
        assert wrong(('@id("4.1.f")', f'@id("4.{"1" * 19}")')).code == "compact.policy"

    def test_a_time_to_acknowledge_is_given_when_a_table_of_them_is(self) -> None:
        table = "{ flash = 1, immediate = 4, priority = 24, routine = 72 }"
        assert wrong((table, "{}")).code == "compact.value"


class TestSize:
    """What is wrong is told shortly, and found soon, however long it is."""

    def test_a_key_of_many_parts_is_too_deep_and_not_followed(self) -> None:
        """Python's reader takes minutes for a quarter of a megabyte of "a.a.a…"."""
        with pytest.raises(Invalid, match="nested deeper than 8 levels") as caught:
            parse(b"a" + b".a" * 130_000 + b" = 1")
        assert caught.value.code == "compact.depth"

    @pytest.mark.parametrize(
        ("old", "new"),
        [
            ("[ladder]", f"[{'a' * 100_000}]"),
            ("[members.pk]", f"[members.{'a' * 100_000}]"),
            ('"pk > af"', f'"{"a" * 100_000}"'),
            ('title = "Sharing of', f'title = "{"a" * 100_000}'),
            ('context.to == "obs"', f'context.to == "{"a" * 60_000}"'),
            ('@id("4.1.f")', f'@id("{"a" * 60_000}")'),
            ("quorum all-sides", f"quorum {'a' * 100_000}"),
            ("group all-sides", f"{'a' * 100_000} all-sides"),
        ],
    )
    def test_a_long_wrong_is_quoted_shortly(self, old: str, new: str) -> None:
        assert len(str(wrong((old, new)))) < 600

    @pytest.mark.parametrize(("parties", "fits"), [(17, True), (18, False)])
    def test_it_has_as_many_parties_as_a_record_can_be_from_and_for(self, parties: int, *, fits: bool) -> None:
        """Every party's log is asked for its quorum: hundreds of them would keep a reader busy for minutes."""
        more = "".join(
            f'[observers.o{each}]\nname = "x"\nroot = "{each:064}"\nsees = []\n' for each in range(1, parties - 2)
        )
        changed = amended(("[purposes]", f"{more}[purposes]"), of=AGREED)
        if fits:
            assert len(parse(changed).parties) == parties
        else:
            with pytest.raises(Invalid, match=r", members: there are 18 parties\. At most 17"):
                parse(changed)
