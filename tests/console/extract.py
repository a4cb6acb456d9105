"""`make messages`: bring the catalogues up to date with what pages, words and the layers below say in English.

The console has three, and so has each workspace, of what it alone says. Translations are kept where their English did not change; what is gone goes, and what is new waits, empty.
"""

import io
from collections.abc import Collection, Mapping
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from amanat.console.languages import SPOKEN, first
from amanat.console.words import WORDS
from amanat.party.lexicon import Language
from amanat.workspace import Workspace
from amanat.workspaces import find
from console.collecting import collect

HOUSE = Path(__file__).resolve().parents[2] / "src" / "amanat"
CONSOLE = HOUSE / "console"
SPACES = {each.name: HOUSE / "workspaces" / each.name for each in find()}
TRANSLATED: tuple[Language, ...] = ("ur", "ps", "fa-AF")

KEYWORDS = {"_": None, "N_": None, "gettext": None, "ngettext": (1, 2), "plain": None}
METHODS = [("**.py", "python"), ("**.html", "jinja2.ext:babel_extract")]
OPTIONS = {"**.html": {"newstyle_gettext": "true", "trimmed": "true", "silent": "false"}}

PLURALS = {
    "ur": "nplurals=2; plural=(n != 1);",
    "ps": "nplurals=2; plural=(n > 1);",
    "fa-AF": "nplurals=2; plural=(n > 1);",
}
"""CLDR 48's cardinal rules, for whole numbers."""


def template() -> Catalog:
    """Return every message of the console and the core, with where it is shown, and no translation."""
    return _messages(CONSOLE, WORDS, SPACES.values())


def template_of(space: Workspace, folder: Path, own: Catalog) -> Catalog:
    """Return every message of a workspace in a folder but those that the console has (`own`) and shows there too."""
    others = [each for name, each in SPACES.items() if name != space.name]
    made = Catalog()
    for message in _messages(folder, space.words, others):
        known = own.get(first(message.id)) if message.id else message
        if known is None or not set(message.auto_comments) <= set(known.auto_comments):
            made.add(message.id, locations=message.locations, auto_comments=message.auto_comments)
    return made


def _messages(folder: Path, words: Mapping[str, Mapping[str, str]], without: Collection[Path]) -> Catalog:
    """Return what a folder's pages say, these words, and what the layers below say but for the folders `without`."""
    made = Catalog()
    for place, _, message, comments, _ in extract_from_dir(
        folder, METHODS, OPTIONS, KEYWORDS, directory_filter=_is_ours
    ):
        made.add(message, locations=[(place, 0)], auto_comments=comments)
    for of, listed in words.items():
        for english in listed.values():
            made.add(english, auto_comments=[f"word: {of}"])
    for message, places in sorted(collect(HOUSE, without).items(), key=lambda each: (min(each[1]), each[0])):
        made.add(message, auto_comments=sorted(places))
    return made


def _is_ours(folder: str) -> bool:
    return Path(folder).name not in {"assets", "static", "tests"}


def updated(code: Language, new: Catalog, held: Catalog | None) -> Catalog:
    """Return the messages of `new` with the translations that `held` has of them."""
    made = read_po(io.BytesIO(_header(code)), locale=SPOKEN[code].locale)
    for message in new:
        if not message.id:
            continue
        old = None if held is None else held.get(first(message.id))
        kept = old.string if old is not None and old.id == message.id else None
        flags = {"fuzzy"} if old is not None and kept and old.fuzzy else set()
        made.add(message.id, kept, message.locations, flags, message.auto_comments)
    return made


def written(code: Language, catalog: Catalog) -> bytes:
    """Return the bytes of a catalogue's file: the same for the same messages, whoever writes it when."""
    body = io.BytesIO()
    write_po(body, catalog, width=0, omit_header=True, include_lineno=False)
    return _header(code) + body.getvalue()


def _header(code: Language) -> bytes:
    lines = [
        f"# {SPOKEN[code].name}: messages of Amanat's console. `make messages` keeps the list of messages.",
        "# fuzzy: no native speaker reviewed the translation yet, and pages show the English beside it.",
        'msgid ""',
        'msgstr ""',
        f'"Language: {SPOKEN[code].locale}\\n"',
        '"MIME-Version: 1.0\\n"',
        '"Content-Type: text/plain; charset=utf-8\\n"',
        '"Content-Transfer-Encoding: 8bit\\n"',
        f'"Plural-Forms: {PLURALS[code]}\\n"',
    ]
    return "\n".join([*lines, "", ""]).encode()


def main() -> None:
    """Write all files anew."""
    own = template()
    write(own, CONSOLE)
    for space in find():
        write(template_of(space, SPACES[space.name], own), SPACES[space.name])


def write(new: Catalog, folder: Path) -> None:
    """Write the three files of a folder anew."""
    for code in TRANSLATED:
        path = folder / "locale" / f"{SPOKEN[code].locale}.po"
        path.parent.mkdir(exist_ok=True)
        held = read_po(io.BytesIO(path.read_bytes()), locale=SPOKEN[code].locale) if path.exists() else None
        path.write_bytes(written(code, updated(code, new, held)))


if __name__ == "__main__":
    main()
