"""Reading a compact: what stands in the example, and for each way to get it wrong the sentence that mends it."""

import hashlib
import re
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amanat.compact.form import Source, name_of
from amanat.compact.terms import _KIND, NO_ROOT, defaults, fill, parse
from amanat.compact.text import MAX_BYTES
from amanat.party.errors import Invalid
from amanat.record.handling import Handling
from compact.cast import EXAMPLE, NOW, SEES, TERMS, UNNAMED, amended, terms_of

KIND = 'kinds."intelligence.report"'


def wrong(*changes: tuple[str, str]) -> Invalid:
    with pytest.raises(Invalid) as caught:
        parse(amended(*changes))
    return caught.value


def line(text: str) -> int:
    """The line of the example where this text first stands."""
    return EXAMPLE.decode()[: EXAMPLE.decode().index(text)].count("\n") + 1


class TestExample:
    """The worked example says what its comments say."""

    def test_the_digest_is_of_the_exact_bytes(self) -> None:
        assert TERMS.text == EXAMPLE
        assert TERMS.digest == hashlib.sha256(EXAMPLE).hexdigest()
        assert parse(EXAMPLE + b"\n").digest != TERMS.digest

    def test_its_head(self) -> None:
        assert (TERMS.id, TERMS.version, TERMS.previous) == ("pk-af", 1, None)
        assert (TERMS.starts, TERMS.ends, TERMS.notice_days) == (date(2026, 1, 1), date(2035, 12, 31), 90)
        assert TERMS.languages == ("en", "fa-AF", "ps", "ur")
        assert "is recognition of any authority" in TERMS.without_prejudice

    def test_its_parties(self) -> None:
        assert TERMS.parties == ("af", "obs", "pk")
        assert [member.administers for member in TERMS.members.values()] == [("PK",), ("AF",)]
        assert TERMS.witnesses == ("af", "obs", "pk")
        assert TERMS.roots == {"af": NO_ROOT, "obs": NO_ROOT, "pk": NO_ROOT}

    @pytest.mark.parametrize(
        ("party", "what", "sees"),
        [
            ("pk", "logs", True),
            ("pk", "anything.else", True),
            ("obs", "logs", True),
            ("obs", "intelligence.report", True),
            ("obs", "anything.else", False),
            ("zz", "logs", False),
        ],
    )
    def test_an_observer_sees_exactly_what_is_listed(self, party: str, what: str, sees: bool) -> None:  # noqa: FBT001
        assert TERMS.sees(party, what) is sees

    @pytest.mark.parametrize("kind", ["intelligence.report", "intelligence.report/1", "intelligence.report/7"])
    def test_a_hurried_officer_gets_the_default_handling(self, kind: str) -> None:
        assert defaults(TERMS, kind, NOW + timedelta(microseconds=7)) == Handling(
            tlp="TLP:AMBER", purpose="counter-terrorism", codes=("H1",), expires=NOW + timedelta(days=180)
        )

    def test_a_kind_without_terms_has_no_defaults(self) -> None:
        with pytest.raises(
            Invalid, match=r"The compact pk-af has no kind 'liaison.note'. It has: intelligence.report"
        ) as caught:
            defaults(TERMS, "liaison.note/1", NOW)
        assert caught.value.code == "compact.kind"

    def test_it_is_neutral_and_readable(self) -> None:
        assert max(map(len, EXAMPLE.decode().split("\n"))) <= 125
        assert not re.search(rb"regime|emirate|republic", EXAMPLE, re.IGNORECASE)


class TestFill:
    """Fingerprints take the place of the zeros, each in its own party's table."""

    def test_each_party_gets_its_own(self) -> None:
        filled = parse(fill(EXAMPLE, {"af": "a" * 64, "pk": "b" * 64, "obs": "c" * 64}))
        assert (filled.members["af"].root, filled.members["pk"].root) == ("a" * 64, "b" * 64)
        assert filled.observers["obs"].root == "c" * 64

    @pytest.mark.parametrize("party", ["zz", "pk"])
    def test_a_stranger_or_a_place_already_filled_is_refused(self, party: str) -> None:
        once = fill(EXAMPLE, {"pk": "b" * 64})
        with pytest.raises(Invalid) as caught:
            fill(once, {party: "d" * 64})
        assert caught.value.code == "compact.placeholder"

    def test_what_is_no_toml_is_refused_like_any_text(self) -> None:
        with pytest.raises(Invalid) as caught:
            fill(b'"\\q" = 1\n', {"pk": "b" * 64})
        assert caught.value.code == "compact.syntax"


class TestForm:
    """Line, key, what stands there and what is allowed."""

    @pytest.mark.parametrize(
        ("old", "new", "told"),
        [
            ("version = 1 ", "versoin = 1 ", "compact.versoin: this key is not known. Did you mean version?"),
            ('id = "pk-af"', 'id = "audit"', 'compact.id: "audit" stands there. Allowed: a code like "pk-af", and neither "audit" nor "witness".'),
            ('id = "pk-af"', 'id = "witness"', 'compact.id: "witness" stands there. Allowed: a code like "pk-af", and neither "audit" nor "witness".'),
            ("[ladder]", "[laddre]", "laddre: this key is not known. Did you mean ladder?"),
            ("ranks = [", "zz = [", "ladder.zz: this key is not known. Known are: ranks."),
            ("retention_days = 365", 'retention_days = "long"', f'{KIND}.retention_days: "long" stands there. Allowed: whole days from 1 to 3650.'),
            ("retention_days = 365", "retention_days = 0", f"{KIND}.retention_days: 0 stands there. Allowed: whole days from 1 to 3650."),
            ("retention_days = 365", "retention_days = 1.0", f"{KIND}.retention_days: 1.0 stands there. Allowed: whole days from 1 to 3650."),
            ('tlp = "TLP:AMBER"', 'tlp = "TLP:ORANGE"', f'{KIND}.handling.tlp: "TLP:ORANGE" stands there. Allowed: "TLP:CLEAR", "TLP:GREEN", "TLP:AMBER", "TLP:AMBER+STRICT" or "TLP:RED".'),
            ('codes = ["H1"]', 'codes = ["H1", "H9"]', f'{KIND}.handling.codes: "H9" stands there. Allowed: some of "H0", "H1", "H2", "H3".'),
            ('codes = ["H1"]', "codes = [[1]]", f'{KIND}.handling.codes: a list stands there. Allowed: some of "H0", "H1", "H2", "H3".'),
            ('codes = ["H1"]', "legal_basis = 3", f'{KIND}.handling.legal_basis: 3 stands there. Allowed: a code like "counter-terrorism".'),
            ("recall_hours = 72", "recall_hours = 0", f"{KIND}.recall_hours: 0 stands there. Allowed: whole hours from 1 to 8760."),
            ("acknowledge_hours = {", "acknowledge_hours = {flashy = 1,", f"{KIND}.acknowledge_hours: a table stands there. Allowed: whole hours, 1 to 8760, or {{ flash = 1, immediate = 4, priority = 24, routine = 72 }}."),
            ("survives_suspension = true", "survives_suspension = 1", f"{KIND}.survives_suspension: 1 stands there. Allowed: true or false."),
            ('second_person = "when a person is named"', "second_person = true", f'{KIND}.second_person: true stands there. Allowed: "always", "when a person is named" or "never".'),
            ("starts = 2026-01-01", 'starts = "2026-01-01"', 'compact.starts: "2026-01-01" stands there. Allowed: a date like 2026-01-31.'),
            ("starts = 2026-01-01", "starts = 2026-01-01T00:00:00Z", "compact.starts: 2026-01-01 00:00:00+00:00 stands there. Allowed: a date like 2026-01-31."),
            ('title = "Sharing', 'title = "Sharing\\nof all"#', 'compact.title: "Sharing\nof all" stands there. Allowed: one line of at most 400 characters.'),
            ('administers = ["PK"]', 'administers = ["pk"]', 'members.pk.administers: "pk" stands there. Allowed: country codes of ISO 3166-1 like ["PK"].'),
            ("[members.pk]", "[members.PK]", "members.PK: 'PK' is no name for this. Allowed: a name like pk."),
            ('[kinds."intelligence.report"]', '[kinds."record.withdrawal"]', "kinds.\"record.withdrawal\": 'record.withdrawal' is no name for this. Allowed: a name like \"intelligence.report\"."),
            ("duty-to-warn =", "Duty =", "legal_bases.Duty: 'Duty' is no name for this. Allowed: a name like counter-terrorism."),
            ("protection-of-life =", "protection-of-life = 7 #", "purposes.protection-of-life: 7 stands there. Allowed: one line of at most 400 characters."),
            ("ranks = [", "ranks = [] #", 'ladder.ranks: a list stands there. Allowed: a list like ["watch", "director"].'),
        ],
    )  # fmt: skip
    def test_it_says_where_what_and_what_is_allowed(self, old: str, new: str, told: str) -> None:
        error = wrong((old, new))
        assert str(error) == f"Line {line(old)}, {told}"
        assert error.code in ("compact.key", "compact.missing", "compact.value")

    @pytest.mark.parametrize(
        ("old", "name", "fits"),
        [
            ("[observers.obs]", "ob", True),
            ("[observers.obs]", "o" * 16, True),
            ("[observers.obs]", "o", False),
            ("[observers.obs]", "o" * 17, False),
            ("duty-to-warn =", "ab", True),
            ("duty-to-warn =", "d" * 48, True),
            ("duty-to-warn =", "d", False),
            ("duty-to-warn =", "d" * 49, False),
        ],
    )
    def test_names_are_as_long_as_their_pattern_lets_them(self, old: str, name: str, *, fits: bool) -> None:
        new = f"[observers.{name}]" if old.startswith("[") else f"{name} ="
        others = (
            ("all pk af obs", "all pk af"),
            (SEES, "[]"),
            ('legal_basis = "duty-to-warn"', "# "),
        )
        if fits:
            assert parse(amended((old, new), *others, of=UNNAMED)).id == "pk-af"
        else:
            assert wrong((old, new)).code == "compact.key"

    @pytest.mark.parametrize("name", ["a.b", "intelligence.call-to-arms", "a.b-c-d"])
    def test_a_kind_is_two_words_and_its_second_may_have_parts(self, name: str) -> None:
        assert name_of(Source(""), ("kinds", name), _KIND) == name

    @pytest.mark.parametrize("name", ["a", ".b", "a.", "a.b-", "a.-b", "a.b.c", "a-b.c", "a.B", "record.note", "a.b1"])
    def test_another_name_is_no_kind(self, name: str) -> None:
        with pytest.raises(Invalid):
            name_of(Source(""), ("kinds", name), _KIND)

    def test_no_table_within_a_kind_takes_a_key_that_nobody_knows(self) -> None:
        """A caveat misspelt would else be a caveat left out."""
        error = wrong(('codes = ["H1"]', 'caveat = ["read only"]'))
        assert str(error) == (
            f"Line {line('codes = [')}, {KIND}.handling.caveat: this key is not known. Did you mean caveats?"
        )

    def test_a_missing_key_within_a_kind_is_told_at_its_table(self) -> None:
        assert wrong(('tlp = "TLP:AMBER"', "# ")).says.endswith(f"{KIND}.handling: the key tlp is missing.")

    def test_a_missing_key_is_told_at_its_table(self) -> None:
        error = wrong(("notice_days = 90 ", "# "))
        assert error.code == "compact.missing"
        assert str(error) == (
            f"Line {line('[compact]')}, compact: the key notice_days is missing. "
            "Write notice_days = …: whole days from 1 to 3650."
        )

    def test_a_missing_table_is_told_of_the_whole(self) -> None:
        error = wrong(("[ladder]\nranks =", "# "))
        assert str(error) == (
            "The compact: the key ladder is missing. Write ladder = …: a table with at least one entry."
        )

    def test_a_table_written_as_a_value_is_refused(self) -> None:
        error = wrong(
            ("[suspension]", "[suspended]"),
            ("[compact]", "suspension = 3\n[compact]"),
            ("[suspended]\nclause", "[ladder.x]\nclause"),
        )
        assert error.says.endswith("suspension: 3 stands there.")
        assert error.mend == "Allowed: a table with at least one entry."

    def test_a_table_within_a_section_is_a_table(self) -> None:
        error = wrong(("[observers.obs]", "[observers]\nobs = 3\n[ladder.x]"))
        assert error.says.endswith("observers.obs: 3 stands there.")
        assert error.mend == "Allowed: a table."

    @pytest.mark.parametrize("hours", ["24", "{ flash = 1 }"])
    def test_hours_are_one_number_or_one_for_each_urgency(self, hours: str) -> None:
        changed = terms_of(("{ flash = 1, immediate = 4, priority = 24, routine = 72 }", hours))
        assert changed.kinds["intelligence.report"].acknowledge_hours == (24 if hours == "24" else {"flash": 1})

    @pytest.mark.parametrize(("hours", "within"), [("24", 24), ("{ flash = 1, priority = 24, immediate = 4 }", 24)])
    def test_what_names_no_urgency_is_to_be_read_within_the_longest(self, hours: str, within: int) -> None:
        changed = terms_of(("{ flash = 1, immediate = 4, priority = 24, routine = 72 }", hours))
        assert changed.kinds["intelligence.report"].read_within == timedelta(hours=within)

    def test_a_kind_that_does_not_say_is_recalled_within_three_days(self) -> None:
        assert TERMS.kinds["intelligence.report"].recall_hours == 72
        silent = terms_of(("recall_hours = 72", "# recall_hours = 5"))
        assert silent.kinds["intelligence.report"].recall_hours == 72


class TestMeaning:
    """What fits its form and could not be kept."""

    @pytest.mark.parametrize(
        ("old", "new", "where", "says"),
        [
            ("version = 1 ", "version = 2 ", "compact.version", "only the first version amends none"),
            ("version = 1 ", f'previous = "{"a" * 64}"\nversion = 1 ', "compact.version", "only the first version amends none"),
            ("ends = 2035-12-31", "ends = 2026-01-01", "compact.ends", "it ends before it starts"),
            ("[observers.obs]", "[observers.af]", "observers.af", "it is a member too"),
            ('administers = ["AF"]', 'administers = ["AF", "PK"]', "members", "PK is administered twice"),
            ('"logs", "intelligence.report"', '"lugs", "intelligence.report"', "observers.obs.sees", "'lugs' is no kind of this compact"),
            ('clause = "4.1"', 'clause = "7.1"', f"{KIND}.clause", "clause 7.1 stands twice"),
            ('"pk > af"', '"pk>af"', f"{KIND}.directions", "'pk>af' is no direction"),
            ('"pk > af"', '"pk > af, gladly"', f"{KIND}.directions", "'pk > af, gladly' is no direction"),
            ('"pk > af"', '"pk > pk"', f"{KIND}.directions", "'pk > pk' is no direction"),
            ('"pk > af"', '"pk > zz"', f"{KIND}.directions", "'pk > zz' is no direction"),
            ('"pk > af"', '"zz > af"', f"{KIND}.directions", "'zz > af' is no direction"),
            ('"logs", "intelligence.report"', '"logs"', f"{KIND}.directions", "in 'pk > obs' obs does not see this kind"),
            ('tlp = "TLP:AMBER"', 'tlp = "TLP:RED"', f"{KIND}.handling.tlp", "it is above the ceiling"),
            ("expires_days = 180", "expires_days = 366", f"{KIND}.handling.expires_days", "it outlives the retention"),
            ('purpose = "counter-terrorism"', 'purpose = "taxation"', f"{KIND}.handling.purpose", "'taxation' is not listed"),
            ("expires_days = 180", 'legal_basis = "custom"\nexpires_days = 180', f"{KIND}.handling.legal_basis", "'custom' is not listed"),
            ('codes = ["H1"]', 'codes = ["H3"]', f"{KIND}.handling", "The handling contradicts itself: H3 says that caveats follow, and there are none"),
        ],
    )  # fmt: skip
    def test_it_is_refused_before_anybody_signs(self, old: str, new: str, where: str, says: str) -> None:
        error = wrong((old, new))
        assert error.code == "compact.terms"
        assert re.fullmatch(rf"Line [0-9]+, {re.escape(where)}: {re.escape(says)}\.", error.says), error.says

    def test_whom_a_direction_may_name_is_told(self) -> None:
        assert wrong(('"pk > af"', '"pk > zz"')).mend == 'Write "a > b", each one of: af, obs, pk.'

    def test_an_agreement_takes_two(self) -> None:
        text = amended(("[members.af]", "[observers.af]"), ('administers = ["AF"]', 'sees = ["logs"]'))
        with pytest.raises(Invalid, match=r"Line [0-9]+, members: there is one member\."):
            parse(text)

    def test_it_may_be_of_two_members_alone(self) -> None:
        observer = EXAMPLE.decode()[EXAMPLE.index(b"[observers.obs]") : EXAMPLE.index(b"[purposes]")]
        alone = parse(amended((observer, ""), ("all pk af obs", "all pk af"), of=UNNAMED))
        assert alone.parties == ("af", "pk")

    def test_what_stands_there_is_shown_by_its_first_80_letters(self) -> None:
        assert wrong(("retention_days = 365", f'retention_days = "{"x" * 99}"')).says.endswith(
            f': "{"x" * 80}" stands there.'
        )
        assert wrong(("survives_suspension = true", f"survives_suspension = {'1' * 99}")).says.endswith(
            f": {'1' * 80} stands there."
        )

    def test_what_is_default_may_last_as_long_as_what_is_kept(self) -> None:
        changed = terms_of(("expires_days = 180", "expires_days = 365"))
        assert changed.kinds["intelligence.report"].handling.expires_days == 365

    def test_a_listed_legal_basis_may_be_the_default(self) -> None:
        changed = terms_of(("expires_days = 180", 'legal_basis = "duty-to-warn"\nexpires_days = 180'))
        assert defaults(changed, "intelligence.report", NOW).legal_basis == "duty-to-warn"

    def test_the_flaw_of_a_policy_is_told_with_its_line(self) -> None:
        error = wrong(("context.h2 == 0 }", "context.h4 == 0 }"))
        number = line("cedar = '''")
        assert error.code == "compact.policy"
        assert error.says == (
            f'Line {number}, policy.cedar: for clause 4.1.b, attribute `h4` in context for Action::"send" not found.'
        )

    def test_a_misspelt_party_in_a_policy_is_told(self) -> None:
        error = wrong(('context.to == "obs"', 'context.to == "osb"'))
        assert "clause 4.1.b compares with 'osb'" in error.says

    def test_the_flaw_of_a_quorum_is_told_with_its_line(self) -> None:
        error = wrong(("quorum all-sides", "quorum all-side"))
        number = line('quorum = """')
        assert error.code == "compact.quorum"
        assert error.says.startswith(f"Line {number}, witnessing.quorum: its line 2 ")


class TestBytes:
    """Bounded, UTF-8, TOML, and nothing in it that an eye cannot see."""

    def test_a_compact_is_bounded(self) -> None:
        assert parse(EXAMPLE + b"#" * (MAX_BYTES - len(EXAMPLE))).id == "pk-af"
        with pytest.raises(Invalid, match="at most 262144 are read") as caught:
            parse(EXAMPLE + b"#" * (MAX_BYTES - len(EXAMPLE) + 1))
        assert caught.value.code == "compact.size"

    def test_bad_utf8_is_told_with_its_line(self) -> None:
        with pytest.raises(Invalid, match="Line 2 of the compact is not UTF-8") as caught:
            parse(b"# one\n# \xff\n")
        assert caught.value.code == "compact.utf8"
        with pytest.raises(Invalid, match="Line 2 of the compact is not UTF-8"):
            parse(b"\n\xff\n")

    def test_lines_are_counted_from_the_first_though_it_be_empty(self) -> None:
        with pytest.raises(Invalid, match=r"Line 2 of the compact holds U\+200E"):
            parse("\n\u200e\n".encode())

    @pytest.mark.parametrize(
        ("text", "says"),
        [
            (
                "a = 1\nb\n",
                "The compact is not TOML at line 2, column 2: Expected '=' after a key in a key/value pair.",
            ),
            ("a = 1\na = 2", "The compact is not TOML at end of document: Cannot overwrite a value."),
            ("[a]\n[a]\n", "The compact is not TOML at line 2, column 3: Cannot declare ('a',) twice."),
            ("a = '''", "The compact is not TOML at end of document: Expected \"'''\"."),
        ],
    )
    def test_what_is_not_toml_is_told_with_line_and_column(self, text: str, says: str) -> None:
        with pytest.raises(Invalid) as caught:
            parse(text.encode())
        assert (caught.value.code, caught.value.says) == ("compact.syntax", says)

    def test_a_number_nobody_could_read_is_refused(self) -> None:
        with pytest.raises(Invalid, match="The compact is not TOML at some number"):
            parse(b"a = 1" + b"0" * 5000)

    @pytest.mark.parametrize(
        "bomb", ["[" * 5000, "{a=" * 5000, "[ # ]\n" * 5000, '[ "]",' * 5000, "[ '''\n]''',\n" * 5000]
    )
    def test_nesting_is_bounded_whatever_comments_and_strings_hold(self, bomb: str) -> None:
        with pytest.raises(Invalid) as caught:
            parse(f"a = {bomb}".encode())
        assert caught.value.code == "compact.depth"

    @pytest.mark.parametrize(("levels", "code"), [(8, "compact.key"), (9, "compact.depth")])
    def test_nesting_of_eight_levels_is_read_and_no_deeper_one(self, levels: int, code: str) -> None:
        with pytest.raises(Invalid) as caught:
            parse(f"a = {'[' * levels}{']' * levels}".encode())
        assert caught.value.code == code

    @pytest.mark.promised(
        "a clause that cannot be seen", "docs/threat-model.md", "The compact as a weapon", "no unseen character"
    )
    @pytest.mark.parametrize(
        "hidden", ["\u202e", "\u2066", "\u200b", "\u2028", "\ufeff", "\x00", "\x1b", "\r", "\x7f", "\u00ad"]
    )
    def test_what_no_eye_sees_is_refused_with_its_line(self, hidden: str) -> None:
        error = wrong(("reports about armed", f"reports{hidden} about armed"))
        assert error.code == "compact.character"
        assert error.says == f"Line 15 of the compact holds U+{ord(hidden):04X}, which nobody sees."

    @pytest.mark.parametrize("escape", ["\\u202E", "\\u0000", "\\r", "\\U0001BCA0"])
    def test_an_escape_hides_nothing_either(self, escape: str) -> None:
        error = wrong(("reports about armed", f"reports{escape} about armed"))
        assert error.code == "compact.character"
        assert error.says.startswith("An escape in the compact puts a character nobody sees into 'Sharing of reports")

    def test_an_escape_in_a_list_or_a_key_hides_nothing_either(self) -> None:
        assert wrong(('"director"', '"dir\\u202Eector"')).code == "compact.character"
        assert wrong(("duty-to-warn", '"duty\\u202E"')).code == "compact.character"

    def test_the_joiners_of_persian_spelling_are_letters(self) -> None:
        assert parse(amended(("duty officer", "افسر می\u200cآید"))).ranks[0] == "افسر می\u200cآید"

    @given(st.integers(0, len(EXAMPLE) - 1))
    def test_a_truncated_text_is_refused_and_never_half_read(self, length: int) -> None:
        """Only trailing white space can go without the text failing to say something."""
        if EXAMPLE[length:].strip():
            with pytest.raises(Invalid):
                parse(EXAMPLE[:length])

    @given(st.integers(0, len(EXAMPLE) - 1), st.binary(min_size=1, max_size=3))
    def test_whatever_is_put_into_it_only_invalid_ever_comes_of_it(self, at: int, put: bytes) -> None:
        try:
            assert parse(EXAMPLE[:at] + put + EXAMPLE[at:]).digest != TERMS.digest
        except Invalid as error:
            assert error.says
            assert error.mend

    @given(st.text(alphabet="a.[]={}\"'\\#\n,1 -", max_size=60))
    def test_no_small_text_does_more_than_be_refused(self, text: str) -> None:
        with pytest.raises(Invalid):
            parse(text.encode())
