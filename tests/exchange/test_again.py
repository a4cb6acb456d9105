"""Envelopes lost with a disk: whoever exchanged them gives them again if let, and what comes back proves itself."""

import base64
import re

import pytest
from sqlalchemy import select

from amanat.exchange import again, answers, live, reconcile
from amanat.exchange.doctor import examine
from amanat.exchange.due import due, shared
from amanat.exchange.means import begin, look
from amanat.exchange.withdraw import withdraw
from amanat.log.tiles import parse_entries
from amanat.party.errors import Invalid
from amanat.party.key_id import key_id
from amanat.party.keys import forget_sealing
from amanat.record.notices import Withdrawal
from amanat.record.record import read
from amanat.seal.header import parse_header
from amanat.store import logs, records
from amanat.store.records import UNKNOWN
from amanat.store.tables import DELIVERY, RECORD
from border import Border, brought, codes
from side import COMPACT, Side
from wire import connected, eventually


@pytest.fixture
def gone(border: Border) -> Border:
    """Pk forgot a record that it sent to both, one to af alone, and one that it accepted; its log goes on."""
    brought(border, _forget)
    return border


def _forget(border: Border) -> None:
    copy = border.pk.snapshot()
    border.af.send("pk", text="accepted")
    border.settle()
    border.pk.send("af", text="to af")
    border.pk.send("af", "obs", text="to both", **border.pk.green())
    border.settle()
    with look(border.pk.means) as turn:
        kept = parse_entries(logs.bundle(turn.tx, COMPACT, 0, logs.latest(turn.tx, COMPACT)[0].size))
    border.dishonest.add("pk")
    border.put_back(copy)
    border.hear("af", "obs")
    with begin(border.pk.means) as turn:
        reconcile.complete(turn, COMPACT, lambda first, end: kept[first:end])
        reconcile.finish(turn)
    border.dishonest.clear()


@pytest.fixture
def lost(gone: Border) -> Border:
    """As above, and the people of both others were called, and let pk be given what it lost."""
    gone.af.give_again("pk")
    gone.obs.give_again("pk")
    return gone


def lacking(side: Side) -> int:
    with look(side.means) as turn:
        return len(reconcile.lost(turn))


def given(border: Border, giver: str = "af") -> list[bytes]:
    """What a peer gives again once it was asked."""
    assert not border.carry("pk", giver).problems
    return border.items(giver, "pk", "again")


def texts(side: Side) -> list[str]:
    """What the records here say, by the place where they stand in the log."""
    with look(side.means) as turn:
        found = turn.tx.execute(select(RECORD.c.data).order_by(RECORD.c.log_index)).scalars()
        return [read(data, side.means.kinds).body.text for data in found]


def test_all_that_was_lost_comes_back_where_it_stood(lost: Border) -> None:
    assert lacking(lost.pk) == 3
    lost.settle()
    assert lacking(lost.pk) == 0
    assert texts(lost.pk) == ["accepted", "to af", "to both"]


def test_its_receipts_come_again(lost: Border) -> None:
    lost.settle()
    lost.settle()
    joined = DELIVERY.join(RECORD, RECORD.c.envelope == DELIVERY.c.envelope)
    with look(lost.pk.means) as turn:
        found = turn.tx.execute(select(DELIVERY.c.recipient, DELIVERY.c.state).select_from(joined)).all()
    assert sorted(map(tuple, found)) == [("af", "final"), ("af", "final"), ("obs", "final")]
    assert lost.af.evidence() == lost.obs.evidence() == lost.pk.evidence() == []


def test_the_lines_go_on_without_a_gap(lost: Border) -> None:
    lost.settle()
    sent, back = lost.pk.send("af", text="after"), lost.af.send("pk", text="after, back")
    lost.settle()
    assert (lost.pk.delivery(sent, "af"), lost.af.delivery(back, "pk")) == ("final", "final")
    assert lost.carry("pk", "af").gaps == lost.carry("af", "pk").gaps == []


def test_each_is_asked_for_once_and_again_when_it_is_told_to(lost: Border) -> None:
    assert len(lost.items("pk", "obs", "asking")) == 3
    assert lost.items("pk", "obs", "asking") == []
    with begin(lost.pk.means) as turn:
        assert again.ask(turn) == 3
    assert len(lost.items("pk", "obs", "asking")) == 3


def test_what_nobody_holds_stays_listed(lost: Border) -> None:
    """Obs holds what was sent to both, and is the only one who is asked."""
    lost.exchange("pk", "obs")
    assert lacking(lost.pk) == 2
    assert texts(lost.pk) == ["to both"]


def test_where_it_is_not_known_whether_it_arrived_that_is_shown(lost: Border) -> None:
    lost.exchange("pk", "obs")
    with look(lost.pk.means) as turn:
        digest = turn.tx.execute(select(RECORD.c.envelope)).scalar_one()
        states = turn.tx.execute(
            select(DELIVERY.c.recipient, DELIVERY.c.state).where(DELIVERY.c.envelope == digest)
        ).all()
    assert sorted(map(tuple, states)) == [("af", "lost"), ("obs", "pending")]


@pytest.mark.parametrize(
    ("bore", "void"),
    [
        (4, ((1, 3), (5, 100))),
        (50, ((1, 49), (51, 100))),
        (100, ((1, 99),)),
        (101, ((1, 100),)),
    ],
    ids=["the first", "one among them", "the last", "none of them"],
)
def test_a_number_skipped_among_many_of_a_log_that_ended_is_borne_again(
    lost: Border, bore: int, void: tuple[tuple[int, int], ...]
) -> None:
    """Of another log 97 entries are lost: one row speaks for the numbers 4 to 100."""
    lost.dishonest |= {"af", "pk"}
    skipped = {"envelope": f"{UNKNOWN} of another log", "recipient": "af", "sequence": 100, "state": "lost"}
    with begin(lost.pk.means) as turn:
        turn.tx.execute(DELIVERY.insert(), skipped)
    (item, *_) = (each for each in given(lost) if is_of(each, "pk"))
    named = re.sub(rb'"sequence":\d+', b'"sequence":%d' % bore, item, count=1)
    assert lost.pk.take("again", named, sender="af").problems == []
    with look(lost.pk.means) as turn:
        assert records.line(turn.tx, "af", turn.means.kinds.recalled).void == void


def test_what_was_withdrawn_is_not_given_again(border: Border) -> None:
    sent = border.af.send("pk", text="to be withdrawn")
    border.settle()
    withdraw(sent.record.fields.id, Withdrawal("mistaken"), border.af.post, border.af.means)
    word = answers.ask(sent.digest, "af", border.pk.means)
    border.af.give_again("pk")
    assert border.af.take("asking", word, sender="pk").problems == []
    assert border.items("af", "pk", "again") == []


def test_what_was_destroyed_since_it_was_asked_for_waits_no_more(gone: Border) -> None:
    gone.exchange("pk", "af")
    with look(gone.af.means) as turn:
        (id_,) = turn.tx.execute(select(RECORD.c.id).where(RECORD.c.party == "af")).scalars()
    withdraw(id_, Withdrawal("mistaken"), gone.af.post, gone.af.means)
    assert gone.af.give_again("pk") == 3
    assert len(gone.items("af", "pk", "again")) == 2
    assert asked(gone.af, "pk") == 0


def test_on_the_network_it_all_comes_by_itself(lost: Border) -> None:
    with connected(lost):
        eventually(lambda: lacking(lost.pk) == 0)
    assert texts(lost.pk) == ["accepted", "to af", "to both"]


# --- nothing without the giver's people -------------------------------------------------------------------------------


def asked(side: Side, peer: str) -> int | None:
    """How many envelopes wait that a peer asked for; None when it neither asked nor is allowed to."""
    with look(side.means) as turn:
        held = again.asked(turn).get(peer)
    return None if held is None else held.waiting


def told(side: Side) -> list[tuple[str, str]]:
    """What live pages were told of askings: by whom, and how many wait."""
    with look(side.means) as turn:
        return [(each.party, each.detail) for each in live.after(turn.tx, 0, 1000) if each.type == "asked"]


def test_nothing_is_given_before_it_is_allowed_and_all_that_was_asked_for_then(gone: Border) -> None:
    gone.settle()
    assert (lacking(gone.pk), asked(gone.af, "pk"), asked(gone.obs, "pk")) == (3, 3, 1)
    assert gone.af.give_again("pk") == 3
    gone.settle()
    assert (lacking(gone.pk), asked(gone.af, "pk")) == (0, 0)


def test_a_line_does_not_hurry_for_what_may_not_be_given(gone: Border) -> None:
    def due_for(peer: str) -> bool:
        with look(gone.af.means) as turn:
            return due(turn.tx, peer, turn.means, shared(turn, peer)).answers

    gone.settle()
    assert not due_for("pk")
    gone.af.give_again("pk")
    assert due_for("pk")
    gone.clock.forward(days=4)
    assert not due_for("pk")


def test_it_is_allowed_for_one_peer_alone(gone: Border) -> None:
    gone.settle()
    gone.af.give_again("obs")
    assert gone.items("af", "pk", "again") == []


def test_it_ends_by_itself(gone: Border) -> None:
    gone.settle()
    gone.af.give_again("pk", days=3)
    gone.clock.forward(days=3)
    assert gone.items("af", "pk", "again") == []
    assert asked(gone.af, "pk") == 3
    gone.af.give_again("pk", days=1)
    assert len(gone.items("af", "pk", "again")) == 3


def test_whoever_is_denied_is_given_nothing_and_asks_anew(gone: Border) -> None:
    gone.settle()
    gone.af.give_again("pk")
    with begin(gone.af.means) as turn:
        assert again.deny(turn, "pk") == 3
    assert gone.items("af", "pk", "again") == []
    assert asked(gone.af, "pk") is None
    gone.af.give_again("pk")
    assert gone.items("af", "pk", "again") == []


def test_live_pages_are_told_once_how_much_a_peer_asks_for(gone: Border) -> None:
    askings = gone.items("pk", "af", "asking")
    for _ in range(2):
        assert gone.af.take("asking", *askings, sender="pk").problems == []
    assert told(gone.af) == [("pk", "3")]


def test_live_pages_are_not_told_of_what_is_allowed(lost: Border) -> None:
    lost.settle()
    assert told(lost.af) == told(lost.obs) == []


def test_a_peer_may_have_so_many_waiting_and_asks_for_the_rest_later(
    gone: Border, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(again, "MOST_ASKED", 2)
    gone.carry("pk", "af")
    assert gone.af.give_again("pk") == 2
    gone.settle()
    with begin(gone.pk.means) as turn:
        assert again.ask(turn) == 1
    gone.settle()
    assert lacking(gone.pk) == 0


@pytest.mark.parametrize("party", ["af", "ir"], ids=["oneself", "a stranger"])
def test_it_is_allowed_for_known_peers_alone(border: Border, party: str) -> None:
    with pytest.raises(Invalid, match=f"No manifest of {party} is known"):
        border.af.give_again(party)


@pytest.mark.parametrize(
    ("allowed", "says"),
    [
        (False, "It asks for 3 envelopes again that it says it lost; nothing is given."),
        (True, "What it asks for is given again until 2026-"),
    ],
    ids=["not allowed", "allowed"],
)
def test_the_doctor_says_who_asks_and_what_to_do(gone: Border, says: str, allowed: bool) -> None:  # noqa: FBT001
    gone.settle()
    if allowed:
        gone.af.give_again("pk")
    with look(gone.af.means) as turn:
        found = [each for each in examine(turn) if each.says.startswith(says)]
    assert [(each.subject, each.state, "amanat peer give-again pk" in each.mend) for each in found] == [
        ("peer pk", "warn", True)
    ]


# --- whoever asks, or gives, what is not theirs -----------------------------------------------------------------------


@pytest.mark.promised(
    "asking for what others wrote",
    "docs/threat-model.md",
    "A snapshot rolled back offline",
    "given again to nobody but its sender or one it was sent to",
)
def test_nobody_gets_what_it_neither_sent_nor_was_sent(border: Border) -> None:
    sent = border.pk.send("af", text="not for obs")
    border.settle()
    for side in (border.pk, border.af):
        side.give_again("obs")
        word = answers.ask(sent.digest, side.party, border.obs.means)
        assert side.take("asking", word, sender="obs").problems == []
        assert border.items(side.party, "obs", "again") == []


@pytest.mark.promised(
    "asking for what others wrote",
    "docs/threat-model.md",
    "A snapshot rolled back offline",
    "asked for in its own name, by its own signature",
)
def test_nobody_asks_in_anothers_name(border: Border) -> None:
    sent = border.pk.send("af", text="a lorry")
    border.settle()
    word = answers.ask(sent.digest, "af", border.obs.means)
    assert codes(border.af.take("asking", word, sender="pk")) == [("asking", "statement.unsigned")]
    for_others = answers.ask(sent.digest, "obs", border.pk.means)
    assert codes(border.af.take("asking", for_others, sender="pk")) == [("asking", "asking.parties")]


@pytest.mark.promised(
    "giving back something else",
    "docs/threat-model.md",
    "A snapshot rolled back offline",
    "Only what our own log has an entry for is taken back, and only if it opens to what its sender signed",
)
def test_what_was_altered_or_never_lost_is_not_taken_back(lost: Border) -> None:
    first, *_ = given(lost)
    head, _, envelope = first.partition(b"\n")
    other = lost.af.envelope(lost.af.send("pk", text="never lost"))
    assert lost.pk.take("again", head + b"\n" + other, sender="af").problems == []
    assert (lacking(lost.pk), texts(lost.pk)) == (3, [])
    swapped = first.replace(b'"wrap":"', b'"wrap":"AAAA', 1).replace(head[-6:-2], b"", 1)
    assert codes(lost.pk.take("again", swapped, sender="af"))[0][1] in ("again.wrap", "field.base64", "field.length")
    assert lacking(lost.pk) == 3
    assert lost.pk.take("again", head + b"\n" + envelope, sender="af").problems == []
    assert lacking(lost.pk) == 2


@pytest.mark.promised(
    "giving back something else",
    "docs/threat-model.md",
    "A snapshot rolled back offline",
    "brought by its sender, or by one of those to whom we sent it",
)
def test_nobody_gives_what_a_third_party_sent(lost: Border) -> None:
    found = {codes(lost.pk.take("again", each, sender="obs"))[0] for each in given(lost) if is_of(each, "af")}
    assert found == {("again", "again.courier")}


@pytest.mark.promised(
    "a stolen key before its revocation",
    "docs/threat-model.md",
    "A stolen and later revoked key",
    "gets nothing of it before the giver's people allowed it",
)
def test_a_thief_of_a_nodes_keys_is_given_nothing_without_the_givers_people(border: Border) -> None:
    """Af's sealing key of long ago is forgotten; its record key asks, and the one it has now would open what is given."""
    sent = border.pk.send("af", text="long ago")
    border.settle()
    old = border.af.secrets.sealing[0]
    manifest = border.af.rotate("sealing")
    border.af.renew(forget_sealing(border.af.secrets, key_id(base64.b64decode(border.af.manifest.sealing[-1].key))))
    border.pk.take("manifest", manifest, sender="af")
    assert old not in border.af.secrets.sealing
    assert border.pk.take("asking", answers.ask(sent.digest, "pk", border.af.means), sender="af").problems == []
    assert border.items("pk", "af", "again") == []
    assert asked(border.pk, "af") == 1


def is_of(item: bytes, sender: str) -> bool:
    return parse_header(item.partition(b"\n")[2]).core.sender == sender


@pytest.mark.promised(
    "equal ids",
    "docs/threat-model.md",
    "A snapshot rolled back offline",
    "one that says otherwise under an id that is here is kept as evidence",
)
def test_another_envelope_under_the_same_id_is_evidence(lost: Border) -> None:
    """Af used pk's loss: it sent another record under the id of the one that pk forgot."""
    lost.dishonest.add("af")
    items = [each for each in given(lost) if is_of(each, "af")]
    with look(lost.af.means) as turn:
        id_ = turn.tx.execute(select(RECORD.c.id).where(RECORD.c.party == "af")).scalar_one()
    forged = lost.af.forge("pk", text="another", id_=id_, sequence=2)
    assert lost.pk.take("envelope", forged, sender="af").problems == []
    assert [codes(lost.pk.take("again", each, sender="af")) for each in items] == [[("again", "again.equivocation")]]
