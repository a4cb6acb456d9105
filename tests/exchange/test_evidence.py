"""What is kept of items that did not hold: whole what a known key signed, of what anybody can make a bounded part."""

from typing import Any

import msgspec
import pytest
from sqlalchemy import func, select

from amanat.cli.bundle import _as_data, _tell
from amanat.cli.news import News
from amanat.exchange import bundle, evidence
from amanat.exchange.erasure import erase_due
from amanat.exchange.means import begin
from amanat.exchange.receive import Report
from amanat.log.witness import AddCheckpoint, parse_add_checkpoint
from amanat.party import dsse, labels
from amanat.store import statements
from amanat.store.tables import EVIDENCE
from border import Border
from side import Side, public_id


def kept(side: Side) -> list[tuple[str, int, bool]]:
    """Of each piece of evidence: type, size, and whether its bytes are here."""
    with begin(side.means) as turn:
        return [(row.item, row.size, row.data is not None) for row in statements.evidence(turn.tx)]


def whole(side: Side) -> int:
    """How many bytes of evidence are here."""
    with begin(side.means) as turn:
        return turn.tx.execute(select(func.sum(func.length(EVIDENCE.c.data)))).scalar() or 0


def junk(number: int, size: int = 100) -> bytes:
    return b"%d " % number + b"x" * (size - len(b"%d " % number))


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """A budget that a test can fill in a moment."""
    monkeypatch.setattr(evidence, "UNSIGNED", 64 * 1024)
    monkeypatch.setattr(evidence, "UNSIGNED_ONE", 16 * 1024)


def fill(border: Border) -> Report:
    """Use up af's budget to the last byte, and one item more."""
    return border.af.take("act", *(junk(number, 16 * 1024) for number in range(5)), sender="pk")


TYPES = [each for each in bundle.TYPES if each not in ("envelope", "chunk")]


@pytest.mark.parametrize("type_", TYPES)
@pytest.mark.usefixtures("small")
def test_of_what_nobody_signed_a_part_is_kept_whole_and_of_the_rest_what_it_was(border: Border, type_: str) -> None:
    report = border.af.take(type_, *(junk(number, 10_000) for number in range(9)), sender="pk")
    assert kept(border.af) == [(type_, 10_000, number < 6) for number in range(9)]
    assert report.unkept == {type_: 3}
    assert whole(border.af) == 60_000


@pytest.mark.usefixtures("small")
def test_a_single_item_takes_no_more_than_its_share(border: Border) -> None:
    border.af.take("act", junk(1, 16 * 1024), junk(2, 16 * 1024 + 1), sender="pk")
    assert kept(border.af) == [("act", 16 * 1024, True), ("act", 16 * 1024 + 1, False)]


@pytest.mark.usefixtures("small")
def test_the_smallest_items_do_not_come_without_end_either(border: Border) -> None:
    report = border.af.take("act", *(b"%d" % number for number in range(70)), sender="pk")
    assert report.unkept == {"act": 6}


@pytest.mark.promised(
    "filling the disk with what nobody signed",
    "docs/threat-model.md",
    "The network and the courier",
    "cannot fill a disk with what nobody signed",
)
@pytest.mark.usefixtures("small")
def test_a_courier_pushes_out_nothing_that_was_kept_before(border: Border) -> None:
    border.af.take("act", junk(0), sender="pk")
    for sender in ("pk", "obs"):
        border.af.take("act", *(junk(number, 16_000) for number in range(1, 20)), sender=sender)
    assert whole(border.af) <= evidence.UNSIGNED
    assert kept(border.af)[0] == ("act", 100, True)


@pytest.mark.usefixtures("small")
def test_what_a_known_key_signed_is_kept_though_the_budget_is_full(border: Border) -> None:
    fill(border)
    for who, custodians in ((border.pk, False), (border.obs, False), (border.pk, True)):
        ahead = who.sign_act("end" if not custodians else "suspend", 10**6, custodians=custodians)
        assert not border.af.take("act", ahead, sender="pk").unkept
    assert [here for _, _, here in kept(border.af)][-3:] == [True] * 3


@pytest.mark.usefixtures("small")
def test_a_request_to_countersign_that_does_not_follow_is_kept_though_the_budget_is_full(border: Border) -> None:
    fill(border)
    border.pk.send("af")
    border.settle()
    border.pk.send("af")
    (request,) = border.items("pk", "af", "checkpoint")
    asked = parse_add_checkpoint(request)
    wrong = AddCheckpoint(asked.old_size, (bytes(32),) * len(asked.proof or (1,)), asked.checkpoint).encode()
    report = border.af.take("checkpoint", wrong, sender="pk")
    assert [getattr(problem, "code", "") for _, problem in report.problems] == ["proof.consistency"]
    assert kept(border.af)[-1] == ("checkpoint", len(wrong), True)
    others = [AddCheckpoint(asked.old_size, (bytes([n]) * 32,), asked.checkpoint).encode() for n in range(1, 9)]
    border.af.take("checkpoint", *others, sender="pk")
    assert not any(here for _, _, here in kept(border.af)[-8:]), "one signature keeps one item"


@pytest.mark.usefixtures("small")
def test_other_lines_beside_a_signature_keep_no_second_copy(border: Border) -> None:
    """A courier adds lines that nobody knows to what a party signed, as many and as long as he likes."""
    fill(border)
    signed = dsse.parse(border.pk.sign_act("end", 1), labels.ACT, "act")

    def with_line(sig: str) -> bytes:
        lines = sorted([*signed.signatures, dsse.Signature("f" * 64, sig)], key=lambda line: line.keyid)
        return dsse.to_bytes(msgspec.structs.replace(signed, signatures=tuple(lines)))

    made = [with_line("A" * 86 + "=="), *(with_line("B" * number) for number in (4, 8, 12)), with_line("C" * 200_000)]
    report = border.af.take("act", *made, sender="pk")
    assert [here for _, _, here in kept(border.af)][-5:] == [True, False, False, False, False]
    assert report.unkept == {"act": 4}


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize(("more", "whole"), [(60 * 1024, True), (70 * 1024, False)])
def test_what_stands_beside_a_signature_is_kept_up_to_a_bound(border: Border, more: int, whole: bool) -> None:  # noqa: FBT001
    """A courier pads what a party signed before anybody has it."""
    fill(border)
    signed = dsse.parse(border.pk.sign_act("end", 1), labels.ACT, "act")
    lines = sorted([*signed.signatures, dsse.Signature("f" * 64, "A" * more)], key=lambda line: line.keyid)
    padded = dsse.to_bytes(msgspec.structs.replace(signed, signatures=tuple(lines)))
    border.af.take("act", padded, sender="pk")
    assert kept(border.af)[-1] == ("act", len(padded), whole)


@pytest.mark.usefixtures("small")
def test_a_bad_line_beside_a_good_one_hides_nothing(border: Border) -> None:
    fill(border)
    signed = dsse.parse(border.pk.sign_act("suspend", 1), labels.ACT, "act")
    other = dsse.parse(border.pk.sign_act("suspend", 1, custodians=True, reason="x"), labels.ACT, "act")
    lines = tuple(sorted([*signed.signatures, other.signatures[0]], key=lambda line: line.keyid))
    spoilt = dsse.to_bytes(msgspec.structs.replace(signed, signatures=lines))
    assert not border.af.take("act", spoilt, sender="pk").unkept
    assert border.af.evidence()[-1] == "statement.signature"


@pytest.mark.usefixtures("small")
def test_a_key_that_was_revoked_keeps_nothing(border: Border) -> None:
    """Its thief could else fill the disk for good."""
    thief = border.pk.means
    border.pk.rotate("record")
    border.pk.revoke(public_id(thief.keys.record))
    border.settle()
    fill(border)
    late = border.af.take("act", _by(thief, border.pk.sign_act("suspend", 1)), sender="pk")
    assert late.unkept == {"act": 1}


def _by(means: Any, act: bytes) -> bytes:
    body = dsse.parse(act, labels.ACT, "act").body()
    return dsse.to_bytes(dsse.sign(labels.ACT, body, [means.keys.record]))


@pytest.mark.usefixtures("small")
def test_room_is_free_again_when_what_was_kept_is_due(border: Border) -> None:
    fill(border)
    border.clock.forward(days=366)
    erase_due(border.af.means)
    border.af.take("act", junk(99, 16_000), sender="pk")
    assert kept(border.af)[-1][-1]


@pytest.mark.usefixtures("small")
def test_an_officer_is_told_what_was_not_kept(border: Border, capsys: pytest.CaptureFixture[str]) -> None:
    report = fill(border)
    _tell(report, News((), ()))
    said = capsys.readouterr().out
    assert "bytes not kept, for no known key signed them: 1 act; digests and sizes are\n" in said
    assert _as_data(report)["unkept"] == {"act": 1}
    nothing = border.af.take("heartbeat", sender="pk")
    _tell(nothing, News((), ()))
    assert "not kept" not in capsys.readouterr().out


@pytest.mark.parametrize("border", ["sqlite"], indirect=True)
def test_the_budget_is_asked_of_an_index(border: Border) -> None:
    """However much is kept, and however often it is asked."""
    with begin(border.af.means) as turn:
        asked = "SELECT sum(max(size, 1024)) FROM evidence WHERE signed IS NULL AND data IS NOT NULL"
        assert "evidence_unsigned" in str(turn.tx.exec_driver_sql(f"EXPLAIN QUERY PLAN {asked}").all())
        assert statements.unsigned(turn.tx) == 0
