"""A day at the line is proven afterwards, from the two logs, by an observer who was sent no record of it. All invented."""

import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256

import pytest

from amanat.exchange import bundle
from amanat.exchange.means import look
from amanat.exchange.outbox import deliver
from amanat.exchange.publish import audit_published, publish
from amanat.exchange.receipt import log_key, policy_of
from amanat.log.checkpoint import Checkpoint
from amanat.log.malformed import Malformed
from amanat.log.policy import Verified, parse_policy, verify_proof
from amanat.log.proof import consistency_proof, inclusion_proof, parse_proof, verify_consistency, verify_inclusion
from amanat.log.tiles import entries_path, parse_entries, tile_path
from amanat.log.tree import leaf_hash
from amanat.record.record import Record
from amanat.store import listing
from amanat.workspaces.liaison.incidents import stating
from amanat.workspaces.liaison.tests.incidents_cast import FIRED, HURT, Event, event, on
from amanat.workspaces.liaison.tests.lines import Hotline
from amanat.workspaces.liaison.tests.meetings_cast import Meetings
from amanat.workspaces.liaison.tests.notices_cast import AT, LATER, WORKS
from amanat.workspaces.liaison.tests.sealed_cast import Sealing
from amanat.workspaces.liaison.tests.warnings_cast import TYPED

COMPACT = "pk-af"
KINDS = (
    "account", "call", "incident", "incident-step", "meeting", "message", "notice", "notice-step", "sealed", "statement",
    "track", "warning",
)  # fmt: skip
Log = dict[str, bytes]


@dataclass
class Handed:
    """What the two states hand over: their logs, before the day and after; each envelope with its receipt."""

    before: Mapping[str, Log]
    after: Mapping[str, Log]
    envelopes: list[tuple[str, str, bytes, bytes]]


@dataclass
class Day:
    """A day that was, what was sent in it, and what is handed over of it."""

    event: Event
    sent: list[Record]
    handed: Handed

    def audited(self, party: str, log: Log | None = None) -> Checkpoint:
        """What a log's checkpoint signs, once all of the log was recomputed from its entries."""
        side, published = self.event.border.sides[party], log or self.handed.after[party]
        with look(self.event.border.obs.means) as turn:
            key = log_key(side.manifest, turn.known.log_name(party, COMPACT))
        return audit_published(published.__getitem__, key)

    def verified(self, recipient: str, receipt: bytes, envelope: bytes) -> Verified:
        """Who countersigned an envelope in its recipient's log, by the observer's own policy."""
        with look(self.event.border.obs.means) as turn:
            policy = parse_policy(policy_of(turn.known, COMPACT, recipient))
        return verify_proof(policy, parse_proof(receipt), leaf_hash(sha256(envelope).digest()))

    def stands(self, party: str, envelope: bytes) -> bool:
        """Whether an envelope is proven to stand in a party's log, under what its checkpoint signs."""
        signed, log = self.audited(party), self.handed.after[party]
        found, entry = entries(log, signed.size), sha256(envelope).digest()
        if entry not in found:
            return False
        at = found.index(entry)
        path = inclusion_proof(at, signed.size, lambda level, n, width: log[tile_path(level, n, width)])
        verify_inclusion(leaf_hash(entry), at, signed.size, path, signed.root)
        return True


def entries(log: Log, size: int) -> list[bytes]:
    assert size < 256, "one bundle holds them all"
    return parse_entries(log[entries_path(0, size)])


def published(made: Event, party: str) -> Log:
    """A party's log as it gives it away."""
    log = Log()
    with look(made.border.sides[party].means) as turn:
        publish(turn, turn.known.log_name(party, COMPACT), log.__setitem__)
    return log


def countersign(made: Event) -> None:
    """Let the observer have what it needs to countersign both logs, and no record; and let all have its signatures."""
    for party in ("pk", "af"):
        stick = io.BytesIO()
        with deliver("obs", made.border.sides[party].means) as due:
            bundle.write(stick, party, "obs", [each for each in due if each.type != "envelope"])
        made.border.insert("obs", stick.getvalue())
        made.border.carry("obs", party)
    made.border.exchange("pk", "af")


ASKED = {"alone": "yes", "fears": "no", "language": "ps", "asked_at": "now"}


def play(made: Event) -> Iterator[Record]:
    """A whole day, carried by stick between the two alone."""
    for part in (works, shots, crosser, meeting):
        yield from part(made)
        made.border.exchange("pk", "af")


def works(made: Event) -> Iterator[Record]:
    """Works told of, acknowledged, and talked about on the hotline; others are sealed, and opened by their side."""
    line = Hotline(made.border)
    yield (told := made.do("pk", "give-notice", **{**AT, **LATER, **WORKS}))
    yield (sealed := Sealing(made.border).seal("pk"))
    made.border.exchange("pk", "af")
    yield made.do("af", "acknowledge-notice", **on(told))
    yield made.do("pk", "open-sealed", **on(sealed), sure="on")
    yield (call := line.ring())
    made.border.exchange("pk", "af")
    yield line.say("af", call, "talk.received")


def shots(made: Event) -> Iterator[Record]:
    """Shots: two accounts, steps of the ladder, a statement that both sign; and both close it."""
    yield (incident := made.open("pk"))
    made.border.exchange("pk", "af")
    yield made.account("pk", incident, FIRED, HURT)
    yield made.account("af", incident, FIRED)
    for step in ("cease", "hold", "return", "inform"):
        yield made.done("pk", incident, step)
        yield made.done("af", incident, step)
    yield (text := made.do("pk", "statement-propose", **on(incident), **stated("joint.unharmed")))
    made.border.exchange("pk", "af")
    (version,) = made.seen("af", incident).versions
    yield made.do("af", "statement-sign", **on(incident), text=":".join(text.key), digest=version.digest)
    for side in ("pk", "af"):
        yield made.step(side, incident, "close")


def stated(sentence: str) -> dict[str, str]:
    """What is typed of a joint statement that says one sentence without gaps."""
    return {f"use{row.number}": "on" for row in stating.rows() if row.entry.id == sentence}


def crosser(made: Event) -> Iterator[Record]:
    """Somebody who crossed is asked, offered, asked once more and handed back."""
    first = ASKED | {"asked_at": "00:01"}
    yield (track := made.do("af", "track-open", type="offered", who="adult", count="1", near="34.1, 71.1", **first))
    made.border.exchange("pk", "af")
    when = {"place": "34.1, 71.1", "since": "now", "until": "23:00"}
    yield (proposed := made.do("pk", "track-step", **on(track), step="proposed", **when))
    made.border.exchange("pk", "af")
    yield made.do("af", "track-step", **on(track), step="agreed", of=":".join(proposed.key))
    yield made.do("af", "track-step", **on(track), step="handed", count="1", **ASKED)
    made.border.exchange("pk", "af")
    yield made.do("pk", "track-step", **on(track), step="received", count="1")


def meeting(made: Event) -> Iterator[Record]:
    """A flag meeting, two days later, whose minutes both sign; and a warning to the public."""
    flag = Meetings(made.border)
    yield (proposed := flag.propose("pk"))
    made.border.exchange("pk", "af")
    yield flag.agree("af", proposed)
    made.border.exchange("pk", "af")
    made.wait(days=2, hours=2)
    yield (minutes := flag.minutes("pk", proposed))
    made.border.exchange("pk", "af")
    for side in ("pk", "af"):
        yield flag.sign(side, proposed, minutes)
    yield made.do("af", "warn-public", **{**TYPED, "until": flag.typed(hours=6)})


def envelopes(made: Event) -> Iterator[tuple[str, str, bytes, bytes]]:
    """Each envelope of one state for the other, with the other's receipt, as they are handed over."""
    for party, other in (("pk", "af"), ("af", "pk")):
        with look(made.border.sides[party].means) as turn:
            for row in listing.listing(turn.tx, party, listing.Search(own=True)):
                sealed = listing.sealed(turn.tx, row.envelope)
                answers = [each.answer for each in listing.deliveries(turn.tx, row.envelope) if each.recipient == other]
                assert sealed is not None
                yield from ((party, other, sealed[0], answer) for answer in answers if answer is not None)


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Day]:
    with event(tmp_path_factory.mktemp("day")) as made:
        made.border.exchange("pk", "af")
        made.border.sides["pk"].log(1)  # so that there is a log before the day
        made.border.sides["af"].log(1)
        countersign(made)
        before = {party: published(made, party) for party in ("pk", "af")}
        sent = list(play(made))
        for _ in range(3):
            countersign(made)
        after = {party: published(made, party) for party in ("pk", "af")}
        yield Day(made, sent, Handed(before, after, list(envelopes(made))))


def test_the_observer_was_sent_no_record_of_the_day(day: Day) -> None:
    with look(day.event.border.obs.means) as turn:
        assert listing.listing(turn.tx, "obs", listing.Search(own=False)) == []


def test_every_record_of_the_day_is_among_what_was_handed_over(day: Day) -> None:
    digests = {sha256(envelope).hexdigest() for _, _, envelope, _ in day.handed.envelopes}
    for record in day.sent:
        with look(day.event.border.sides[record.key[0]].means) as turn:
            row = listing.one(turn.tx, *record.key)
        assert row is not None
        assert row.envelope in digests
    assert {each.kind.name for each in day.sent} == {f"liaison.{each}" for each in KINDS}


def test_every_one_stands_in_both_logs_and_all_others_countersigned_it(day: Day) -> None:
    for sender, recipient, envelope, receipt in day.handed.envelopes:
        assert day.stands(sender, envelope)
        assert day.stands(recipient, envelope)
        assert day.verified(recipient, receipt, envelope).quorum


def test_both_logs_go_on_from_what_they_were_before_the_day(day: Day) -> None:
    for party, log in day.handed.before.items():
        old, new, now = day.audited(party, log), day.audited(party), day.handed.after[party]
        read = lambda level, n, width, now=now: now[tile_path(level, n, width)]  # noqa: E731
        verify_consistency(old.size, old.root, new.size, new.root, consistency_proof(old.size, new.size, read))
        assert new.size > old.size


def test_a_byte_changed_in_any_envelope_is_found(day: Day) -> None:
    for sender, recipient, envelope, receipt in day.handed.envelopes:
        changed = bytes([*envelope[:-1], envelope[-1] ^ 1])
        assert not day.stands(sender, changed)
        with pytest.raises(Malformed):
            day.verified(recipient, receipt, changed)


def test_a_record_taken_out_of_a_log_is_found(day: Day) -> None:
    sender, _, envelope, _ = day.handed.envelopes[-1]
    size = day.audited(sender).size
    log, path = dict(day.handed.after[sender]), entries_path(0, size)
    log[path] = log[path].replace(sha256(envelope).digest(), bytes(32))
    with pytest.raises(Malformed):
        day.audited(sender, log)
