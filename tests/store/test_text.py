"""What records say is found by its words while the record is here, and no word of it is in any file once it is not."""

from pathlib import Path

import pytest

from amanat.exchange.erasure import erase_due
from amanat.exchange.means import look
from amanat.exchange.withdraw import withdraw
from amanat.record.notices import Withdrawal
from amanat.store import listing, text
from amanat.store.listing import Search
from border import Border, meet
from side import Side

WORD = "quaggalorry"


def found(side: Side, words: str) -> int:
    """How many records of others a party finds by these words."""
    with look(side.means) as turn:
        return len(listing.listing(turn.tx, side.party, Search(own=False, text=words)))


def withdrawn(met: Border) -> None:
    """Let pk withdraw the only record that af has of it, and af destroy it."""
    sent = met.pk.send("af", text=f"a {WORD} went west")
    for number in range(20):
        met.pk.send("af", text=f"a bus, number {number}")
    met.exchange("pk", "af")
    assert found(met.af, "quagga west") == 1
    withdraw(sent.record.fields.id, Withdrawal("mistaken"), met.pk.post, met.pk.means)
    met.exchange("pk", "af")
    erase_due(met.af.means)


def test_no_word_of_a_destroyed_record_is_left_in_any_file(tmp_path: Path) -> None:
    with meet(tmp_path) as met:
        withdrawn(met)
        assert found(met.af, "quagga") == 0
        assert found(met.af, "bus") == 20
        assert WORD.encode() not in met.af.files()


def test_without_the_index_written_anew_its_words_would_be_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the law of `store.text` is for."""
    monkeypatch.setattr(text, "tidy", lambda _: None)
    with meet(tmp_path) as met:
        withdrawn(met)
        assert found(met.af, "quagga") == 0
        assert WORD.encode() in met.af.files()


def test_each_text_of_a_body_and_each_name_of_a_file_is_among_the_words(tmp_path: Path) -> None:
    with meet(tmp_path) as met:
        sent = met.pk.with_file("af", name="bridge.jpg")
        assert text.words(sent.record) == "a person\nbridge.jpg"
