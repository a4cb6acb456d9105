"""What is printed may quote the other party: no text of theirs rules the terminal, or passes for a line of ours."""

import io
import json
import time

import msgspec
import pytest
from rich.console import Console

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
    screen.show_json({"record": msgspec.Raw(written.encode())})
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


RECORD = ("pk:01a213d2-17be-779a-8d58-3e4851155f29", "report/1", "af final", "Mortar fire " * 9)


def test_in_a_pipe_a_record_is_one_line_with_its_name_whole_and_its_title_cut(
    capsys: pytest.CaptureFixture[str],
) -> None:
    screen.show_records([RECORD])
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith(f"{RECORD[0]}  report/1  af final  Mortar fire ")
    assert len(line.partition("af final  ")[2]) == 60
    assert line.endswith("…")


def test_on_a_terminal_the_name_stands_on_its_own_and_the_rest_is_cut_to_the_width(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(screen, "on_terminal", lambda: True)
    monkeypatch.setenv("COLUMNS", "80")
    screen.show_records([RECORD, ("pk:1", "short/1", "af waiting", "x\n")])
    name, rest, second, last = capsys.readouterr().out.splitlines()
    assert (name, second) == (RECORD[0], "pk:1")
    assert rest.startswith("  report/1  af final    Mortar fire ")
    assert len(rest) == 80
    assert rest.endswith("…")
    assert last == "  short/1   af waiting  x\\n"


def test_that_there_are_no_records_is_said_where_no_program_reads(capsys: pytest.CaptureFixture[str]) -> None:
    screen.show_records([])
    assert capsys.readouterr() == ("", "Nothing.\n")


@pytest.mark.parametrize(("seconds", "shown"), [(0.0, False), (0.2, True)])
def test_a_bar_is_shown_only_for_what_takes_a_while(
    *, seconds: float, shown: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal = io.StringIO()
    monkeypatch.setattr(screen, "Console", lambda **_: Console(file=terminal, force_terminal=True))
    monkeypatch.setattr(screen, "PATIENCE", 0.05)
    for _ in screen.track(range(2), "taking in", 2):
        time.sleep(seconds)
    assert ("taking in" in terminal.getvalue()) is shown
