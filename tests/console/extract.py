"""`make messages`: bring the three catalogues up to date with what pages, words and the layers below say in English.

Translations are kept where their English did not change; what is gone goes, and what is new waits, empty.
"""

import io
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from amanat.console.languages import SPOKEN, first, parse
from amanat.console.words import WORDS
from amanat.party.lexicon import Language
from console.collecting import collect

HOUSE = Path(__file__).resolve().parents[2] / "src" / "amanat"
LOCALE = HOUSE / "console" / "locale"
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
    """Return every message there is, with where it is shown, and no translation."""
    made = Catalog()
    found = extract_from_dir(HOUSE / "console", METHODS, OPTIONS, KEYWORDS, directory_filter=_is_ours)
    for place, _, message, comments, _ in found:
        made.add(message, locations=[(place, 0)], auto_comments=comments)
    for of, words in WORDS.items():
        for english in words.values():
            made.add(english, auto_comments=[f"word: {of}"])
    for message, places in sorted(collect(HOUSE).items(), key=lambda each: (min(each[1]), each[0])):
        made.add(message, auto_comments=sorted(places))
    return made


def _is_ours(folder: str) -> bool:
    return Path(folder).name not in {"assets", "static"}


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
    """Write the three files anew."""
    new = template()
    for code in TRANSLATED:
        path = LOCALE / f"{SPOKEN[code].locale}.po"
        path.write_bytes(written(code, updated(code, new, parse(code) if path.exists() else None)))


if __name__ == "__main__":
    main()
