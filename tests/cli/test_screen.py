"""What is printed may quote the other party: no text of theirs rules the terminal, or passes for a line of ours."""

import json

import pytest

from amanat.cli import screen

CLEAR_SCREEN = "\x1b[2J"
TURN_AROUND = "\u202e"  # right-to-left override


@pytest.mark.parametrize("hostile", [CLEAR_SCREEN, "\x9b2J", "\x07", "\r", TURN_AROUND, "\U000e0041"])
def test_characters_that_rule_a_terminal_are_shown_as_escapes(hostile: str, capsys: pytest.CaptureFixture[str]) -> None:
    screen.show(f"a{hostile}b")
    screen.say(f"a{hostile}b")
    shown = capsys.readouterr()
    assert hostile not in shown.out + shown.err
    assert "\\" in shown.out


def test_letters_of_urdu_pashto_and_dari_are_printed_as_they_are_written(capsys: pytest.CaptureFixture[str]) -> None:
    screen.show("می\u200cروم")
    assert capsys.readouterr().out == "می\u200cروم\n"


def test_a_cell_cannot_begin_a_row_of_its_own(capsys: pytest.CaptureFixture[str]) -> None:
    screen.show_rows((), [["refused", "x\naccepted  pk:1"]])
    assert capsys.readouterr().out == "refused  x\\naccepted  pk:1\n"


def test_an_error_stays_two_lines(capsys: pytest.CaptureFixture[str]) -> None:
    screen.fail("They say\nhint: pay here.", "Do not.")
    assert capsys.readouterr().err == "error: They say\\nhint: pay here.\nhint: Do not.\n"


def test_json_is_one_line_and_means_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    """Whatever white space its sender wrote, and whatever characters: a program reads back what was there."""
    written = json.dumps({"name": f"a{TURN_AROUND}\U000e0041b\n"}, ensure_ascii=False, indent=2)
    screen.show_json({"record": screen.as_json(written.encode())})
    shown = capsys.readouterr().out
    assert shown.count("\n") == 1
    assert TURN_AROUND not in shown
    assert json.loads(shown) == {"record": {"name": f"a{TURN_AROUND}\U000e0041b\n"}}


def test_columns_are_aligned_in_a_pipe(capsys: pytest.CaptureFixture[str]) -> None:
    screen.show_rows(("a", "b"), [["long word", "x"], ["w", "y"]])
    assert capsys.readouterr().out == "long word  x\nw          y\n"


def test_an_empty_table_is_no_line_at_all(capsys: pytest.CaptureFixture[str]) -> None:
    screen.show_rows(("a", "b"), [])
    assert capsys.readouterr().out == ""
