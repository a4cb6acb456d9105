"""Lexica: a party's own names, calendars and zones, signed by its record key, the latest replacing the one before."""

from datetime import UTC, date, datetime, timedelta

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from amanat.party import dsse, labels
from amanat.party.canonical import encode
from amanat.party.errors import Invalid
from amanat.party.lexicon import MAX_BYTES, MAX_NAMES, Language, Lexicon, MonthStart, accept, name, read_lexicon
from party.cast import CUSTODIANS, KEYS, LEXICON, MANIFEST, NOW, STARTS


def lexicon(**changed: object) -> Lexicon:
    """The lexicon with some fields changed."""
    return msgspec.structs.replace(LEXICON, **changed)


def signed_bytes(body: bytes, key: Ed25519PrivateKey = KEYS.record) -> bytes:
    return dsse.to_bytes(dsse.sign(labels.LEXICON, body, [key]))


def signed(value: Lexicon, key: Ed25519PrivateKey = KEYS.record) -> bytes:
    return signed_bytes(encode(value), key)


def refused(data: bytes, held: Lexicon | None = None) -> str:
    with pytest.raises(Invalid) as caught:
        accept(data, MANIFEST, held)
    return caught.value.code


def test_a_lexicon_is_accepted_from_its_party_and_reads_back() -> None:
    assert accept(signed(LEXICON), MANIFEST, None) == LEXICON
    assert read_lexicon(signed(LEXICON)) == LEXICON


def test_a_later_lexicon_replaces_the_one_held() -> None:
    later = lexicon(serial=3, names={"line": {"en": "the line we share"}})
    assert accept(signed(later), MANIFEST, LEXICON) == later


@pytest.mark.parametrize("serial", [1, 2])
def test_an_earlier_serial_or_the_same_again_is_refused(serial: int) -> None:
    assert refused(signed(lexicon(serial=serial)), LEXICON) == "lexicon.serial"


def test_one_party_does_not_name_things_for_another() -> None:
    assert refused(signed(lexicon(party="af"))) == "lexicon.party"


@pytest.mark.parametrize("key", [KEYS.log, KEYS.witness, CUSTODIANS[0]], ids=["log", "witness", "custodian"])
def test_only_a_record_key_signs_a_lexicon(key: Ed25519PrivateKey) -> None:
    assert refused(signed(LEXICON, key)) == "lexicon.unsigned"


def test_an_altered_lexicon_is_not_taken_for_an_unsigned_one() -> None:
    """Somebody had it in hand: that is to be asked about, not asked for again."""
    moved = msgspec.structs.replace(
        dsse.parse(signed(LEXICON), labels.LEXICON, "lexicon"),
        payload=dsse.sign(labels.LEXICON, encode(lexicon(serial=9)), []).payload,
    )
    assert refused(dsse.to_bytes(moved)) == "statement.signature"


def test_a_manifest_is_no_lexicon() -> None:
    assert refused(dsse.to_bytes(dsse.sign(labels.MANIFEST, encode(LEXICON), [KEYS.record]))) == "statement.type"


@pytest.mark.parametrize(
    ("key", "language", "shown"),
    [
        ("line", "ur", "سرحد"),
        ("line", "ps", "the line"),
        ("place.torkham", "ps", "place.torkham"),
        ("place.chaman", "en", "place.chaman"),
    ],
)
def test_names_fall_back_to_english_and_then_to_the_neutral_key(key: str, language: Language, shown: str) -> None:
    assert name(LEXICON, key, language) == shown


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"names": {"line": {"ps": "x"}}}, "line has no language, one that is not listed"),
        ({"names": {"line": {"ur": "x", "en": "y"}}}, "or they are out of order"),
        ({"names": {"line": {}}}, "line has no language"),
        ({"names": {"b": {"en": "x"}, "a": {"en": "x"}}}, "its names are not sorted by key"),
        ({"names": {f"a.{number:05}": {"en": "x"} for number in range(MAX_NAMES + 1)}}, "and at most 5000 are read"),
        ({"zones": {"pk": "Asia/Karachi", "af": "Asia/Kabul"}}, "its zones are not sorted by party"),
        ({"languages": ("ur", "en")}, "The list languages is not sorted or repeats itself"),
        ({"calendars": ("lunar-hijri", "gregorian")}, "The list calendars is not sorted or repeats itself"),
        ({"at": NOW.replace(microsecond=1)}, "The time at is not a whole second of UTC"),
    ],
)
def test_a_lexicon_with_two_spellings_cannot_be_made(changed: dict[str, object], says: str) -> None:
    with pytest.raises(Invalid, match=says):
        lexicon(**changed)


def test_as_many_names_as_are_allowed_are_read() -> None:
    most = lexicon(names={f"place.{number:05}": {"en": "x", "ur": "ک"} for number in range(MAX_NAMES)})
    assert read_lexicon(signed(most)) == most


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        (b'"line":{"en"', b'"line":{"en":"another","en"', "json.encoding"),
        (b'"line":{"en"', b'"line":{"ar":"x","en"', "json.field"),
        (b'"line":{', b'"Line":{', "json.field"),
        (b'"line":{', b'"line\\n":{', "json.field"),
        (b'"line":{', b'"' + b"l" * 65 + b'":{', "json.field"),
        (b'"line":{', b'"line":null,"lines":{', "json.field"),
        (b'"the line"', b'""', "json.field"),
        (b'"the line"', b'"' + b"x" * 201 + b'"', "json.field"),
        (b'"the line"', b'"' + b"x" * MAX_BYTES + b'"', "json.size"),
        (b'"the line"', b'"\\ud800"', "json.syntax"),
        (b'"2026-10-12"', b'"2026-02-30"', "json.field"),
        (b'"2026-10-12"', b'"12-10-2026"', "json.field"),
        (b'"year":1448', b'"year":1299', "json.field"),
        (b'"year":1448', b'"year":1601', "json.field"),
        (b'"month":4', b'"month":0', "json.field"),
        (b'"month":4', b'"month":13', "json.field"),
        (b'"month":4', b'"month":04', "json.syntax"),
        (b'"serial":2', b'"serial":' + b"9" * 4000, "json.field"),
        (b'"af":"Asia/Kabul"', b'"AF":"Asia/Kabul"', "json.field"),
        (b'"Asia/Kabul"', b"null", "json.field"),
        (b',"zones":{"af":"Asia/Kabul","pk":"Asia/Karachi"}', b"", "json.encoding"),
    ],
    ids=lambda value: value[:20].decode("latin-1") if isinstance(value, bytes) else value,
)
def test_what_the_party_signed_is_read_as_strictly_as_what_strangers_send(old: bytes, new: bytes, code: str) -> None:
    body = encode(LEXICON)
    assert old in body
    assert refused(signed_bytes(body.replace(old, new, 1))) == code


# --- the lunar months ---------------------------------------------------------------------------------------


def test_a_year_is_followed_by_the_next_ones_first_month() -> None:
    turn = (MonthStart(1448, 12, date(2027, 5, 7)), MonthStart(1449, 1, date(2027, 6, 6)))
    assert lexicon(month_starts=turn).month_starts == turn


@pytest.mark.parametrize("days", [29, 30])
def test_a_lunar_month_has_29_or_30_days(days: int) -> None:
    first = STARTS[0]
    starts = (first, MonthStart(1448, 5, first.begins + timedelta(days)))
    assert lexicon(month_starts=starts).month_starts == starts


@pytest.mark.parametrize("days", [-29, 0, 28, 31, 384])
def test_a_month_of_another_length_is_a_slip(days: int) -> None:
    first = STARTS[0]
    with pytest.raises(Invalid, match="month 1448-04 has neither 29 nor 30 days"):
        lexicon(month_starts=(first, MonthStart(1448, 5, first.begins + timedelta(days))))


@pytest.mark.parametrize(
    "starts",
    [
        (STARTS[0], STARTS[2]),
        (STARTS[1], STARTS[0]),
        (STARTS[0], STARTS[0]),
        (STARTS[0], MonthStart(1449, 5, STARTS[1].begins)),
    ],
    ids=["a gap", "backwards", "twice", "a year on"],
)
def test_months_follow_one_another_without_a_gap(starts: tuple[MonthStart, ...]) -> None:
    with pytest.raises(Invalid, match=r"month 144\d-0\d does not follow 1448-0\d"):
        lexicon(month_starts=starts)


def test_a_lexicon_need_not_announce_months() -> None:
    assert lexicon(month_starts=(), at=datetime(2026, 1, 1, tzinfo=UTC)).month_starts == ()


# --- the zones ----------------------------------------------------------------------------------------------


def with_zone(name: str) -> bytes:
    """The body of a lexicon that gives `af` that zone."""
    return encode(LEXICON).replace(b"Asia/Kabul", name.encode())


@pytest.mark.parametrize(
    "zone",
    ["UTC", "GB", "EST5EDT", "Etc/GMT+5", "America/Port-au-Prince", "America/North_Dakota/New_Salem", "Z" * 64],
)
def test_a_zone_has_a_name_as_the_iana_database_forms_them(zone: str) -> None:
    assert accept(signed_bytes(with_zone(zone)), MANIFEST, None).zones["af"] == zone


@pytest.mark.parametrize(
    "zone",
    [
        *("", "/UTC", "Asia/", "Asia//Kabul", "A/B/C/D", "Asia/Kabul\\n", "Z" * 65),
        *(
            "../UTC",
            "Asia/../UTC",
            "C:Asia",
            "Asia/Kabul.txt",
            "Asia\\\\Kabul",
            "+04:30",
            "localtime",
            "right/UTC",
            "Ásia",
        ),
    ],
)
def test_a_zone_is_never_a_path_or_what_each_machine_reads_in_its_own_way(zone: str) -> None:
    assert refused(signed_bytes(with_zone(zone))) == "json.field"


def test_a_lexicon_need_not_name_zones() -> None:
    assert read_lexicon(signed(lexicon(zones={}))).zones == {}
