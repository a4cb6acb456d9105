"""Lexica: a party's own names, signed, and without characters that make one name look like another."""

from datetime import date

import msgspec
import pytest

from amanat.party import dsse, labels
from amanat.party.canonical import encode
from amanat.party.errors import Invalid
from amanat.party.keys import node_keys
from amanat.party.lexicon import Lexicon, MonthStart, accept, name, read_lexicon
from party.custody import NOW, manifest, secrets

WORDS = Lexicon(
    party="pk",
    serial=2,
    at=NOW,
    languages=("en", "ur"),
    calendars=("gregorian", "lunar-hijri"),
    names={"line": {"en": "the line", "ur": "سرحد"}, "place.torkham": {"ur": "طورخم"}},
    month_starts=(MonthStart(1448, 5, date(2026, 10, 12)), MonthStart(1448, 6, date(2026, 11, 11))),
)


def signed(lexicon: Lexicon, seed: str = "pk") -> bytes:
    return dsse.to_bytes(dsse.sign(labels.LEXICON, encode(lexicon), [node_keys(secrets(seed)).record]))


def refusal(data: bytes, held: Lexicon | None = None) -> str:
    with pytest.raises(Invalid) as caught:
        accept(data, manifest(), held)
    return caught.value.code


def test_a_lexicon_is_accepted_from_its_party_and_reads_back() -> None:
    assert accept(signed(WORDS), manifest(), None) == WORDS
    assert read_lexicon(signed(WORDS)) == WORDS


def test_names_fall_back_to_english_and_then_to_the_neutral_key() -> None:
    assert name(WORDS, "line", "ur") == "سرحد"
    assert name(WORDS, "line", "ps") == "the line"
    assert name(WORDS, "place.torkham", "ps") == "place.torkham"
    assert name(WORDS, "place.chaman", "en") == "place.chaman"


def test_a_lexicon_of_others_unsigned_or_old_is_refused() -> None:
    assert refusal(signed(msgspec.structs.replace(WORDS, party="af"))) == "lexicon.party"
    assert refusal(signed(WORDS, "thief")) == "lexicon.unsigned"
    assert refusal(signed(WORDS), WORDS) == "lexicon.serial"


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"names": {"line": {"en": "the \u202eline"}}}, r"U\+202E"),
        ({"names": {"line": {"en": "the\nline"}}}, r"U\+000A"),
        ({"names": {"line": {"ps": "x"}}}, "not listed"),
        ({"names": {"line": {"ur": "x", "en": "y"}}}, "out of order"),
        ({"names": {"b": {}, "a": {}}}, "not sorted"),
        ({"names": {f"a{'.b' * 1}.{n:05}": {} for n in range(5001)}}, "at most 5000"),
        ({"languages": ("ur", "en")}, "not sorted"),
        ({"month_starts": (WORDS.month_starts[0], WORDS.month_starts[0])}, "does not follow"),
        ({"month_starts": (WORDS.month_starts[0], MonthStart(1448, 6, date(2026, 11, 12)))}, "neither 29 nor 30"),
    ],
)
def test_a_lexicon_that_could_mislead_cannot_be_made(changes: dict[str, object], says: str) -> None:
    with pytest.raises(Invalid, match=says):
        msgspec.structs.replace(WORDS, **changes)


def test_joiners_that_persian_spelling_needs_stay() -> None:
    made = msgspec.structs.replace(WORDS, names={"line": {"en": "می\u200cشود"}})
    assert name(made, "line", "en") == "می\u200cشود"
