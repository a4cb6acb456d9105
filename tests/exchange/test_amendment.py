"""A later version of the compact, signed by every member, takes the place of the one before; its log goes on."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from amanat.exchange import join
from amanat.exchange.accept import Declined
from amanat.exchange.means import begin, texts
from amanat.exchange.send import send
from amanat.party.errors import Refused
from amanat.party.fingerprint import fingerprint
from amanat.store import logs, statements
from amanat.store.tables import MANIFEST
from border import Border, agree
from kept import File
from side import COMPACT, VIEWED, Side

SHORTER = (b"retention_days = 365", b"retention_days = 200")


def amend(border: Border, *parties: str, changes: Sequence[tuple[bytes, bytes]] = (SHORTER,)) -> bytes:
    """Let these parties, or all, take in the next version; return it."""
    signed = agree(border.sides.values(), border.pk.terms, *changes)
    for party in parties or border.sides:
        assert not border.sides[party].take("compact", signed).problems
    return signed


def versions(border: Border) -> dict[str, int]:
    return {party: side.terms.version for party, side in border.sides.items()}


def codes(problems: Sequence[tuple[str, Exception]]) -> list[tuple[str, str]]:
    return [(type_, getattr(problem, "code", "")) for type_, problem in problems]


def test_an_amendment_travels_with_the_next_stick(border: Border) -> None:
    amend(border, "pk")
    border.carry("pk", "af")
    border.carry("af", "obs")
    assert versions(border) == {"af": 2, "obs": 2, "pk": 2}
    assert border.af.terms.kinds["intelligence.report"].retention_days == 200


def test_who_missed_a_version_follows_by_all_that_came_between(border: Border) -> None:
    amend(border, "pk")
    amend(border, "pk", changes=[(b"retention_days = 365", b"retention_days = 190")])
    assert border.carry("pk", "af").problems == []
    assert versions(border) == {"af": 3, "obs": 1, "pk": 3}


def test_the_version_before_does_nothing_when_it_comes_again(border: Border) -> None:
    old = border.bundle("pk", "af")
    amend(border)
    assert border.insert("af", old).problems == []
    assert versions(border) == {"af": 2, "obs": 2, "pk": 2}


def test_a_record_under_the_version_before_is_refused_and_written_anew(border: Border) -> None:
    sent = border.pk.send("af")
    amend(border, "af")
    (outcome,) = border.carry("pk", "af").outcomes
    assert isinstance(outcome, Declined)
    assert outcome.problem.code == "compact.outdated"
    assert border.carry("af", "pk").problems == []
    assert border.pk.delivery(sent, "af") == "refused"
    anew = border.pk.send("af")
    border.settle()
    assert border.af.received() == [anew.record]
    assert border.pk.delivery(anew, "af") == "final"


def test_a_record_ahead_of_its_amendment_comes_with_it(border: Border) -> None:
    """Statements stand before envelopes in a bundle, so that the text a record names is there to judge it."""
    amend(border, "pk")
    sent = border.pk.send("af")
    border.carry("pk", "af")
    assert border.af.received() == [sent.record]


def test_the_sender_cannot_name_the_version_before_either(border: Border) -> None:
    draft = border.pk.draft("af")
    amend(border)
    with pytest.raises(Refused) as caught:
        send([draft], border.pk.post, border.pk.means)
    assert caught.value.code == "compact.outdated"


def test_the_log_of_the_compact_goes_on(border: Border) -> None:
    before = border.pk.send("af")
    border.settle()
    amend(border)
    after = border.pk.send("af")
    border.settle()
    with begin(border.af.means) as turn:
        assert logs.logs(turn.tx) == [COMPACT]
    assert (border.pk.delivery(before, "af"), border.pk.delivery(after, "af")) == ("final", "final")


@pytest.mark.promised(
    "one custodian alone", "docs/threat-model.md", "An insider", "No single custodian can change keys or sign a compact"
)
@pytest.mark.parametrize("signers", [("pk",), ("af",)])
def test_an_amendment_that_a_member_did_not_sign_binds_nobody(border: Border, signers: tuple[str, ...]) -> None:
    signed = agree(border.sides.values(), border.pk.terms, SHORTER, signers=signers)
    assert codes(border.af.take("compact", signed, sender="pk").problems) == [("compact", "compact.unsigned")]
    assert versions(border)["af"] == 1
    assert border.af.evidence() == ["compact.unsigned"]


def test_two_amendments_of_one_version_do_not_both_bind(border: Border) -> None:
    """The members signed both; whichever is taken in first holds, and the other is kept for people to settle."""
    other = agree(border.sides.values(), amends=border.pk.terms)
    first = amend(border, "af")
    assert codes(border.af.take("compact", other, sender="pk").problems) == [("compact", "compact.amendment")]
    assert border.af.take("compact", first).problems == []
    assert border.af.terms.kinds["intelligence.report"].retention_days == 200


def test_who_got_an_amendment_too_late_to_check_it_follows_with_the_next(border: Border) -> None:
    """It names custodians whom a member has changed since; all sign the next text, which names it by its digest."""
    amend(border, "pk", "obs")
    border.pk.change_custodians()
    border.carry("pk", "obs")
    assert codes(border.carry("pk", "af").problems) == [("compact", "compact.root")]
    later = agree(border.sides.values(), border.pk.terms, SHORTER)
    assert not border.pk.take("compact", later).problems
    assert codes(border.carry("pk", "af").problems) == [("compact", "compact.root")]
    assert versions(border) == {"af": 3, "obs": 2, "pk": 3}
    assert not border.carry("pk", "af").problems
    with begin(border.af.means) as turn:
        assert [text.version for text in texts(turn.tx, COMPACT)] == [1, 2, 3]


def test_of_two_amendments_of_one_version_a_later_text_brings_in_no_second(border: Border) -> None:
    amend(border, "af")
    other = agree(border.sides.values(), border.pk.terms)
    assert not border.pk.take("compact", other).problems
    for _ in range(2):
        assert not border.pk.take("compact", agree(border.sides.values(), border.pk.terms)).problems
    assert codes(border.carry("pk", "af").problems) == [("compact", "compact.amendment")] * 2
    assert codes(border.carry("pk", "af").problems) == []
    with begin(border.af.means) as turn:
        held = {text.version: text.digest for text in texts(turn.tx, COMPACT)}
    with begin(border.pk.means) as turn:
        theirs = {text.version: text.digest for text in texts(turn.tx, COMPACT)}
    assert [version for version in theirs if held.get(version) != theirs[version]] == [2]


def test_an_amendment_does_not_lift_a_suspension(border: Border) -> None:
    border.af.act("suspend", 1)
    amend(border)
    border.exchange("pk", "af")
    with pytest.raises(Refused, match="only warnings of a danger to life"):
        border.pk.send("af")


def test_a_suspension_of_the_version_before_is_not_outrun_by_an_amendment(border: Border) -> None:
    suspension = border.af.sign_act("suspend", 1)
    amend(border)
    assert border.pk.take("act", suspension, sender="af").problems == []
    with pytest.raises(Refused, match="only warnings of a danger to life"):
        border.pk.send("af")


def test_a_resumption_that_was_underway_when_it_was_amended_still_lifts(border: Border) -> None:
    resumption = border.af.sign_act("resume", 2, custodians=True)
    border.af.act("suspend", 1)
    amend(border)
    border.exchange("pk", "af")
    assert border.pk.take("act", resumption, sender="af").problems == []
    border.pk.send("af")


def test_who_missed_a_suspension_its_lifting_and_an_amendment_is_in_the_state_of_the_others(border: Border) -> None:
    """A stick holds all versions before all acts: the acts on the version before come after the one in force."""
    border.af.act("suspend", 1)
    border.af.act("resume", 2, custodians=True)
    amend(border, "af")
    assert border.carry("af", "pk").problems == []
    border.pk.send("af")


@pytest.mark.parametrize("days", [b"1", b"3650"])
def test_a_notice_runs_for_the_days_it_was_given_under(border: Border, days: bytes) -> None:
    border.af.act("end", 1, custodians=True)
    amend(border, changes=[(b"notice_days = 90", b"notice_days = " + days)])
    border.exchange("pk", "af")
    border.clock.forward(days=89)
    border.pk.send("af")
    border.clock.forward(days=1)
    with pytest.raises(Refused, match="has ended"):
        border.pk.send("af")


def test_acts_of_all_versions_travel_on_without_complaint(border: Border) -> None:
    border.af.act("suspend", 1)
    amend(border)
    border.af.act("resume", 2, custodians=True)
    for _ in range(2):
        border.exchange("pk", "af")
    assert border.pk.evidence() == []
    border.pk.send("af")


def test_an_observer_that_sees_no_logs_any_more_is_shown_none(border: Border) -> None:
    """Size and time of a log say how much is exchanged: that is not for those whom the compact does not let see it."""
    border.pk.send("af")
    assert (len(border.items("pk", "obs", "checkpoint")), len(border.items("pk", "af", "checkpoint"))) == (1, 1)
    border.carry("pk", "af")
    unseen = [(b'    "logs", "intelligence.report"', b'    "intelligence.report"'), (b"all pk af obs", b"all pk af")]
    amend(border, changes=unseen)
    assert border.items("pk", "obs", "checkpoint") == border.items("af", "obs", "cosignature") == []
    assert len(border.items("pk", "af", "checkpoint")) == 1


# --- joined late ------------------------------------------------------------------------------------------------------


def made_anew(border: Border, folder: Path, compact: bytes) -> Side:
    """The observer's node on an empty database, which joins at the version it is handed."""
    kept = File(folder / "anew.sqlite")
    engine = kept.create()
    for views in VIEWED:
        views.create_all(engine)
    anew = replace(border.obs, means=replace(border.obs.means, engine=engine), kept=kept)
    with begin(border.pk.means) as turn:
        papers = statements.latest(turn.tx, MANIFEST)
    for party, paper in papers.items():
        join.learn(paper, fingerprint(border.sides[party].manifest.root), anew.means)
    join.join(compact, anew.means)
    return anew


def test_who_joins_at_a_later_version_learns_what_was_done_about_the_one_before(border: Border, tmp_path: Path) -> None:
    """Else it would send under a compact that the others hold suspended."""
    border.pk.act("suspend", 1)
    second = amend(border, "pk", "af")
    border.obs = made_anew(border, tmp_path, second)
    assert border.carry("pk", "obs").problems == []
    with begin(border.obs.means) as turn:
        assert turn.known.compact(COMPACT).state == "suspended"


def test_an_older_text_that_no_text_names_is_not_taken_in(border: Border, tmp_path: Path) -> None:
    second = amend(border, "pk")
    third = amend(border, "pk", changes=[(b"retention_days = 365", b"retention_days = 190")])
    border.obs = made_anew(border, tmp_path, third)
    stranger = agree(border.sides.values(), None, (b"retention_days = 365", b"retention_days = 300"))
    assert border.obs.take("compact", stranger, second, sender="pk").problems == []
    with begin(border.obs.means) as turn:
        assert [text.version for text in texts(turn.tx, COMPACT)] == [2, 3]
