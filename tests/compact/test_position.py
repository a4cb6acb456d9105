"""Where a key stands in a TOML text, and how deep its brackets go."""

import pytest

from amanat.compact.position import depth, dotted, line_of, odd_number, written

TEXT = '''# a comment with [table] and key = 1
top = """
[not.a.table]
key = "no key"
"""

[first]            # [second]
key = 1
other.deep = 'x = y'
list = [
  "key = 3",
  'third',
]

["second part"."x.y"]
key = \'\'\'
[first]
\'\'\'
"quoted key" = "a = b"
'''


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("top",), 2),
        (("first",), 7),
        (("first", "key"), 8),
        (("first", "other", "deep"), 9),
        (("first", "other"), 9),
        (("first", "list"), 10),
        (("second part",), 15),
        (("second part", "x.y"), 15),
        (("second part", "x.y", "key"), 16),
        (("second part", "x.y", "quoted key"), 19),
        (("second part", "x.y", "missing"), 15),
        (("first", "missing"), 7),
        (("nowhere",), 1),
    ],
)
def test_a_key_is_found_or_else_the_table_above_it(path: tuple[str, ...], line: int) -> None:
    assert line_of(TEXT, path) == line


@pytest.mark.parametrize(
    ("text", "path", "line"),
    [
        ("a = [\n[],\n]\nb = 1", ("b",), 4),
        ('x = 1\n"" = 2', ("",), 2),
        ("x = 1\n'' = 2", ("",), 2),
        ("x = 1\n'b c' = 2", ("b c",), 2),
        ("x=1\na=2", ("a",), 2),
        ('a = """\n[b]\n"""\n[b]', ("b",), 4),
        ("# x = 1\nx = 2 # y = 3\ny = 4", ("y",), 3),
        ('x = [\n"y = 1",\n]\ny = 2', ("y",), 4),
        ("x = [\n[],\n]\nNone = 1", ("None",), 4),
    ],
)
def test_a_key_is_found_however_it_is_spelled_and_nowhere_else(text: str, path: tuple[str, ...], line: int) -> None:
    assert line_of(text, path) == line


def test_a_path_is_written_as_toml_writes_it() -> None:
    assert dotted(("a", "")) == 'a.""'
    assert dotted(("a" * 99, "b c" + "d" * 97)) == f'{"a" * 80}."b c{"d" * 77}"'
    assert dotted(("kinds", "intelligence.report", "title")) == 'kinds."intelligence.report".title'


@pytest.mark.parametrize(
    ("text", "levels"),
    [
        ("", 0),
        ("[a]", 1),
        ("a = [[1], [2]]", 2),
        ("a = {b = [1]}", 2),
        ("a.b.c = 1", 2),
        ("a.'b c'.d.\"e.f\" = 1.5", 3),
        ("[a.b]\nc.d = [1.5, 2.5]", 2),
        ("a = '[[['", 0),
        ('a = "[\\"[["', 0),
        ("# [[[", 0),
        ('a = """[[\\""" [[[ """', 0),
        ("a = '''[[''' # [", 0),
        ("a = ''' [[[", 0),
        ("]]] [", 0),
        ('a = "x\\n[["', 0),
        ('a = ["", [1]]', 2),
        ("a = ['', [1]]", 2),
        ('a = """"""\nb = [[1]]', 2),
        ("#\na = [[1]]", 2),
    ],
)
def test_depth_counts_brackets_outside_strings_and_comments(text: str, levels: int) -> None:
    assert depth(text) == levels


@pytest.mark.parametrize(
    "text", ['\\"""\n' * 50_000, '\\"' * 130_000, '"""\\' * 60_000, "'''\n'" * 50_000, '"""' + "\\" * 250_000]
)
def test_what_is_never_closed_takes_one_pass(text: str) -> None:
    """A quarter of a megabyte of opening quotes, each of which could look for its end through all the rest."""
    assert depth(text) == 0


@pytest.mark.parametrize(
    ("text", "stands"),
    [
        ("a = 'x y'", True),
        ('a   =\t"x y"  # said', True),
        ('[t]\nb = 1\n[s]\na = """\nx y"""', False),
        ('# a = "x"\na = """\nx y"""', True),
        ("a = '''x y'''", True),
        ('a = "x\\u0020y"', False),
        ('a = """x \\\n y"""', False),
        ('a = "x y\\\\"', False),
        ('a = "x y and more"', False),
        ("a = { b = 'x y' }", False),
    ],
)
def test_a_text_stands_as_it_is_read_when_nothing_in_it_is_escaped(text: str, *, stands: bool) -> None:
    assert written(text, ("a",), "x y") is stands


def test_backslashes_are_no_text_that_reads_as_it_is_written() -> None:
    """Four of them are read as two, which the four begin with."""
    assert not written('a = "' + "\\" * 4 + '"', ("a",), "\\" * 2)
    assert written("a = '" + "\\" * 2 + "'", ("a",), "\\" * 2)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a = 365\nb = -1\nc = 1.5\nd = 2026-01-01", None),
        ('# = 0x1\na = "= 0x1"\nb = 0x1', 3),
        ("a = [1,\n  2,\n  0b11]", 3),
        ("a = { b = 1, c = +1_0 }", 1),
        ("a = 1_000", 1),
        ("a=0o7", 1),
        ("a=[0b1]", 1),
        ("a = [ #\n0b1]", 2),
        ("a = -0_1", 1),
        ("a0x1 = 1\nb = 0", None),
    ],
)
def test_the_first_number_in_other_digits_is_found(text: str, line: int | None) -> None:
    assert odd_number(text) == line
