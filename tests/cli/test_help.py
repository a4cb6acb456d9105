"""What `--help` promises: a short sentence, an example that parses, and one line in docs/command-line.md."""

import re
import shlex
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from amanat.cli import app, main

PAGE = Path(__file__).resolve().parents[2] / "docs" / "command-line.md"
SENTENCE = 60  # what a list of commands has room for, on a terminal of 80 columns


def leaves(command: Any, name: str) -> Iterator[tuple[str, Any]]:
    """Every command that does something, by the words it is called by."""
    for part, each in getattr(command, "commands", {}).items():
        yield from leaves(each, f"{name} {part}")
    if not hasattr(command, "commands"):
        yield name, command


COMMANDS = dict(leaves(get_command(app), "amanat"))
each_command = pytest.mark.parametrize("name", COMMANDS)


def test_the_bare_command_lists_what_there_is(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0
    assert "\n  send " in capsys.readouterr().out


def test_the_version_is_the_installed_ones(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"{version('amanat')}\n"


@each_command
def test_a_help_text_begins_with_a_sentence_that_a_list_has_room_for(name: str) -> None:
    sentence, blank, *_ = COMMANDS[name].help.splitlines()
    assert re.fullmatch(r"[A-Z].*[^.]\.", sentence)
    assert len(sentence) <= SENTENCE
    assert not blank


@each_command
def test_a_help_text_ends_with_an_example_that_parses(name: str) -> None:
    """The example calls this command, with options there are, and leaves out none that is needed."""
    *_, example = COMMANDS[name].help.split("\n\n")
    assert example.startswith(f"Example: {name}")
    words = shlex.split(example.removeprefix(f"Example: {name}"))
    command = COMMANDS[name]
    given, _, _ = command.make_parser(command.make_context(name, [], resilient_parsing=True)).parse_args(words)
    missing = [param.name for param in command.params if param.required and not given.get(param.name)]
    assert missing == []


@each_command
def test_every_option_and_argument_says_what_it_is(name: str) -> None:
    """In words, and with a placeholder that is no type of a programming language."""
    command = COMMANDS[name]
    assert [param.name for param in command.params if not param.help] == []
    _, _, options = command.get_help(command.make_context(name, [], resilient_parsing=True)).partition("Options:")
    assert re.findall(r"<(?:str|int|list|file|path)\b", options) == []


def test_no_option_takes_a_passphrase_or_a_password() -> None:
    """Other users of the machine can read arguments; a secret is asked for, or read from a file."""
    taking = {option for command in COMMANDS.values() for param in command.params for option in param.opts}
    assert {option for option in taking if "pass" in option} == {"--passphrase-file", "--password-file"}


def test_the_page_of_commands_names_each_once_in_its_own_words() -> None:
    rows = re.findall(r"^\| `(amanat [a-z -]+)` \| (.+) \|$", PAGE.read_text("utf-8"), re.MULTILINE)
    assert sorted(rows) == sorted((name, command.help.splitlines()[0]) for name, command in COMMANDS.items())
