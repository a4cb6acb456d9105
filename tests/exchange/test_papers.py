"""Manifests, lexica and compacts travel with every bundle, by anybody: each is believed for its own signatures alone."""

from pathlib import Path

import pytest

from amanat.party import canonical, dsse, labels
from amanat.party.errors import Refused
from border import Border, agree, codes
from side import side


def stranger(border: Border, folder: Path) -> bytes:
    """The manifest of a party that nobody here compared a fingerprint with."""
    other = side("xx", folder, border.clock)
    other.means.engine.dispose()
    return dsse.to_bytes(dsse.sign(labels.MANIFEST, canonical.encode(other.manifest), other.custodians[:2]))


def test_a_lexicon_reaches_those_who_never_met_its_party_since(border: Border) -> None:
    border.pk.word(1, "the line")
    border.carry("pk", "obs")
    border.carry("obs", "af")
    assert border.af.words() == {"pk": "the line"}


def test_a_later_lexicon_takes_the_place_of_the_one_before_whichever_comes_first(border: Border) -> None:
    first, second = border.pk.word(1, "the line"), border.pk.word(2, "the Line")
    for side_, order in ((border.af, (first, second)), (border.obs, (second, first))):
        assert codes(side_.take("lexicon", *order)) == []
        assert side_.words() == {"pk": "the Line"}


def test_two_lexica_of_one_number_do_not_both_hold(border: Border) -> None:
    before = border.pk.snapshot()
    border.af.take("lexicon", border.pk.word(1, "the line"))
    border.pk.restore(before)
    other = border.pk.word(1, "a fence")
    assert codes(border.af.take("lexicon", other)) == [("lexicon", "lexicon.serial")]
    assert border.af.words() == {"pk": "the line"}


def test_a_manifest_of_a_stranger_is_accepted_face_to_face_only(border: Border, tmp_path: Path) -> None:
    assert codes(border.af.take("manifest", stranger(border, tmp_path), sender="pk")) == [
        ("manifest", "manifest.stranger")
    ]


@pytest.mark.promised(
    "one custodian alone", "docs/threat-model.md", "An insider", "No single custodian can change keys or sign a compact"
)
def test_a_manifest_that_too_few_custodians_signed_changes_nothing(border: Border) -> None:
    held = border.pk.manifest
    border.pk.rotate("record")
    alone = dsse.to_bytes(dsse.sign(labels.MANIFEST, canonical.encode(border.pk.manifest), border.pk.custodians[:1]))
    assert codes(border.af.take("manifest", alone, sender="pk")) == [("manifest", "manifest.unsigned")]
    assert border.af.knows("pk") == held


@pytest.mark.promised(
    "custodians who sign two manifests",
    "docs/protocol/bundle.md",
    "Statements",
    "Two manifests of one serial are evidence that a party is divided",
)
def test_a_divided_party_is_shown_as_divided(border: Border) -> None:
    """Two of three custodians sign one successor, and two another: whichever came first holds, the other is evidence."""
    before = border.pk.snapshot()
    held, secrets, means = border.pk.manifest, border.pk.secrets, border.pk.means
    border.af.take("manifest", border.pk.rotate("record"))
    first = border.pk.manifest
    border.pk.restore(before)
    border.pk.manifest, border.pk.secrets, border.pk.means = held, secrets, means
    assert codes(border.af.take("manifest", border.pk.rotate("record"))) == [("manifest", "manifest.fork")]
    assert border.af.evidence() == ["manifest.fork"]
    assert border.af.knows("pk") == first


def test_a_compact_is_joined_by_people_and_never_by_a_bundle(border: Border) -> None:
    other = agree(border.sides.values(), None, (b'id = "pk-af"', b'id = "pk-xx"'))
    assert codes(border.af.take("compact", other, sender="pk")) == [("compact", "compact.unknown")]


@pytest.mark.parametrize(
    "type_", ["manifest", "lexicon", "compact", "act", "refusal", "heartbeat", "checkpoint", "cosignature"]
)
@pytest.mark.parametrize(
    "data", [b"", b"{}", b"\xff" * 9, b"[" * 5000, b"a\n1\nb\n\n"], ids=["empty", "braces", "noise", "deep", "lines"]
)
def test_what_is_no_such_statement_is_evidence_and_stops_nothing(border: Border, type_: str, data: bytes) -> None:
    report = border.af.take(type_, data, *border.items("pk", "af", type_), sender="pk")
    assert [type_ for type_, _ in report.problems] == [type_]
    assert len(border.af.evidence()) == 1


def test_no_papers_go_to_a_party_that_shares_no_compact(border: Border) -> None:
    with pytest.raises(Refused, match="No compact is shared with xx"):
        border.items("pk", "xx")
