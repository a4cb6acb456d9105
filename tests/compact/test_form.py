"""What may stand in each place of a compact, to the letter: the longest and the shortest, and one beyond."""

import re
from typing import Any

import msgspec
import pytest

from amanat.compact import form
from amanat.compact.form import Source, name_of
from amanat.compact.terms import parse
from amanat.party.errors import Invalid
from compact.cast import amended

FITS: list[tuple[Any, list[Any]]] = [
    (form.Title, ["x", "x" * 400, "ساده", "a b"]),
    (form.Clause, ["4", "4.1", "4.1.a", "10.0.z9", "1." + "2" * 18]),
    (form.Fingerprint, ["0" * 64, "0123456789abcdef" * 4]),
    (form.Countries, [[], ["PK"], ["AF", "ZZ"]]),
    (form.Languages, [["en"], ["en", "ur", "ps", "fa-AF"]]),
    (form.Codes, [[], ["H0", "H1", "H2", "H3"]]),
    (form.Words, [[], ["x" * 400]]),
    (form.Marking, ["TLP:CLEAR", "TLP:GREEN", "TLP:AMBER", "TLP:AMBER+STRICT", "TLP:RED"]),
    (form.Text, ["x", "x" * 65_536, "two\nlines"]),
    (form.Code, ["ab", "a" * 48, "a-1"]),
    (form.CompactId, ["ab", "a" * 48, "pk-af"]),
    (form.Version, [1, 9999]),
    (form.Days, [1, 3650]),
    (form.Acknowledge, [1, 8760, {"flash": 1}, {"flash": 1, "immediate": 2, "priority": 3, "routine": 8760}]),
    (form.SecondPerson, ["always", "when a person is named", "never"]),
    (form.Mebibytes, [0, 16_384]),
    (form.Seconds, [10, 86_400]),
    (form.Clock, ["00:00", "09:59", "19:00", "23:59"]),
    (form.Hours24, ["00:00-23:59", "22:00-04:00"]),
    (form.Post, ["a", "0" + "a" * 63, "torkham/duty", "a.b-c"]),
    (form.Ladder, [{"ranks": ["watch"]}]),
    (form.Table, [{"a": 1}]),
]
DOES_NOT: list[tuple[Any, list[Any]]] = [
    (form.Title, ["", "x" * 401, "a\nb", "a\tb", "a\n"]),
    (form.Clause, ["", "4.", ".1", "a.1", "4.A", "4.1\n", "4..1", "1." + "2" * 19]),
    (form.Fingerprint, ["0" * 63, "0" * 65, "0" * 64 + "\n", "A" * 64, "g" * 64]),
    (form.Countries, [["P"], ["PAK"], ["pk"], ["PK\n"], "PK"]),
    (form.Languages, [[], ["de"]]),
    (form.Codes, [["H4"]]),
    (form.Words, [["x" * 401]]),
    (form.Marking, ["TLP:WHITE"]),
    (form.Text, ["", "x" * 65_537]),
    (form.Code, ["a", "a" * 49, "1a", "-a", "aB", "a_b", "ab\n"]),
    (form.CompactId, ["a", "a" * 49, "1a", "-a", "aB", "a_b", "ab\n"]),
    (form.Version, [0, 10_000]),
    (form.Days, [0, 3651]),
    (form.Acknowledge, [0, 8761, {}, {"flash": 0}, {"routine": 8761}, {"later": 1}]),
    (form.SecondPerson, ["sometimes"]),
    (form.Mebibytes, [-1, 16_385]),
    (form.Seconds, [9, 86_401]),
    (form.Clock, ["", "4:00", "24:00", "12:60", "12:00\n", "12:00Z"]),
    (form.Hours24, ["", "03:00", "03:00-13", "03:00-24:00", "03:00 - 13:00", "03:00-13:00\n", "24:00-03:00"]),
    (form.Post, ["", "a" * 65, "/a", "A", "a b", "a\n"]),
    (form.Ladder, [{"ranks": []}]),
    (form.Table, [{}]),
]


@pytest.mark.parametrize(("kind", "value"), [(kind, value) for kind, values in FITS for value in values])
def test_what_fits(kind: Any, value: Any) -> None:
    msgspec.convert(value, kind)


@pytest.mark.parametrize(("kind", "value"), [(kind, value) for kind, values in DOES_NOT for value in values])
def test_what_does_not_fit(kind: Any, value: Any) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(value, kind)


@pytest.mark.parametrize(
    "table",
    [
        "compact",
        "members.pk",
        "observers.obs",
        "ladder",
        "calling",
        "hotlines.kurram",
        "deconfliction.blasting",
        "notification.works",
        "witnessing",
        "suspension",
        "policy",
    ],
)
def test_no_table_takes_a_key_that_nobody_knows(table: str) -> None:
    head = f"[{table}]"
    with pytest.raises(Invalid, match=rf", {re.escape(table)}\.zz: this key is not known\.") as caught:
        parse(amended((head, f"{head}\nzz = 1")))
    assert caught.value.code == "compact.key"


def test_a_direction_of_40_letters_is_read_and_no_longer_one() -> None:
    """Two party codes of 16 letters each, and what stands between, have 35."""
    kind = msgspec.structs.fields(form.KindTerms)[2].type
    assert len(msgspec.convert(["x" * 40], kind)) == 1
    for wrong in (["x" * 41], []):
        with pytest.raises(msgspec.ValidationError):
            msgspec.convert(wrong, kind)


def test_a_name_is_matched_to_its_end() -> None:
    source = Source("")
    assert name_of(source, ("members", "pk"), ("[a-z]{2}", "pk")) == "pk"
    with pytest.raises(Invalid) as caught:
        name_of(source, ("members", "pk\n"), ("[a-z]{2}", "pk"))
    assert caught.value.code == "compact.key"
