"""A hostile courier drops, repeats, reorders, alters, mixes, cuts and delays: what he can bring about, and what never.

Law (docs/threat-model.md, "The network and the courier"): he can delay and destroy; he cannot make anybody accept what
was not sent, or twice, or under a key, a compact or a state that is over; he cannot hide a loss or feign one, nor make
an honest party look dishonest; and when he turns honest, all that is under way arrives.
"""

import hashlib
from collections import Counter
from contextlib import ExitStack
from random import Random

from hypothesis import event, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from amanat.exchange.accept import Accepted, Declined, Outcome, Repeated
from amanat.exchange.bundle import Item
from amanat.exchange.means import begin
from amanat.exchange.receive import Report
from amanat.party.errors import Invalid
from amanat.party.manifest import record_keys
from amanat.record.notices import NOTICES
from audit import check
from border import codes
from faults.courier import (
    DAYS,
    HARMS,
    LINES,
    MEMBERS,
    PAPERS,
    PARTIES,
    PROOFS,
    STOPS,
    STYLES,
    UNREAD,
    Harm,
    Journey,
    Paper,
    Sent,
    Stick,
    Style,
    What,
    journey,
)
from side import COMPACT


def hand(journey: Journey, stick: Stick) -> Report | None:
    """Let a party take in a stick, and hold whatever came of it against the ledger; None when it was refused whole."""
    before = journey.rows(stick.recipient) if stick.torn else []
    try:
        report = journey.border.insert(stick.recipient, stick.data)
    except Invalid:
        assert stick.torn, "a bundle whose frame is in order was refused whole"
        assert journey.rows(stick.recipient) == before, "something of a damaged bundle was taken in"
        journey.seen["refused whole"] += 1
        return None
    assert not stick.torn, "a damaged bundle was taken in"
    envelopes = [each for each in stick.items if each.type == "envelope"]
    for item, outcome in zip(envelopes, report.outcomes, strict=True):
        hold_outcome(journey, stick, item, outcome)
    hear(journey, stick)
    journey.seen["act refused"] += ("act", "act.unsigned") in codes(report)
    hold_gaps(journey, stick, report)
    for party in (stick.sender, stick.recipient):
        hold_answers(journey, party)
    return report


def hand_over(journey: Journey, at: int, *, again: bool) -> None:
    """Hand over a stick out of the bag; it stays there if it is to come again."""
    stick = journey.bag[at % len(journey.bag)]
    hand(journey, stick)
    if not again:
        journey.bag.remove(stick)


# --- what is accepted -------------------------------------------------------------------------------------------------


def hold_outcome(journey: Journey, stick: Stick, item: Item, outcome: Outcome) -> None:
    """One envelope: nothing is accepted twice, unsent, altered, or when it must not; nothing is refused without cause."""
    digest = hashlib.sha256(item.data).hexdigest()
    made, key = journey.sent.get(digest), (stick.recipient, digest)
    meant = made is not None and made.sender == stick.sender and stick.recipient in made.numbers
    if isinstance(outcome, Repeated):
        journey.seen["repeated"] += 1
        assert key in journey.answered or not meant, "an envelope that nobody answered was called a repetition"
    elif isinstance(outcome, Accepted):
        assert made is not None and meant, "what its sender did not send was accepted"  # noqa: PT018
        hold_accepted(journey, stick, made, outcome)
        journey.answered[key] = "accepted"
    elif made is not None and not meant:
        journey.seen["misnamed"] += stick.recipient in made.numbers and key not in journey.answered
    elif made is not None:
        assert key not in journey.answered, "what was answered was answered otherwise"
        hold_refusal(journey, stick, made, outcome)
        journey.answered[key] = outcome.problem.code
    if meant and made is not None and journey.answered[key] not in UNREAD:
        journey.numbers.setdefault((stick.sender, stick.recipient), set()).add(made.numbers[stick.recipient])


def hold_accepted(journey: Journey, stick: Stick, made: Sent, outcome: Accepted) -> None:
    side = journey.side(stick.recipient)
    record = side.holds(outcome.key)
    if made.record is None:
        journey.seen["thief believed"] += 1
    else:
        assert record.data == made.record.data, "what was accepted is not what was sent"
        journey.seen["accepted"] += 1
    accepted = (stick.recipient, *outcome.key)
    assert accepted not in journey.ids, "a record was accepted twice"
    journey.ids.add(accepted)
    assert side.state(record) is not None
    assert made.core.sender_key in record_keys(side.knows(stick.sender)), "a revoked key was believed"
    assert made.core.compact == side.terms.digest, "an outdated compact was accepted"
    if record.kind not in NOTICES:
        survives = record.fields.handling.purpose == "protection-of-life"
        allowed = {"active", "suspended"} if survives else {"active"}
        assert journey.state(stick.recipient) in allowed, "a stopped compact let something through"
        journey.seen["survived suspension"] += journey.state(stick.recipient) == "suspended"


def hold_refusal(journey: Journey, stick: Stick, made: Sent, outcome: Declined) -> None:
    """What its sender sent is refused only for a reason that is there."""
    side, code = journey.side(stick.recipient), outcome.problem.code
    manifest, state = side.knows(stick.sender), journey.state(stick.recipient)
    expires = made.record.fields.handling.expires if made.record else None
    taken = journey.numbers.get((stick.sender, stick.recipient), set())
    reasons = {
        "key.revoked": made.core.sender_key in {each.keyid for each in manifest.revoked},
        "manifest.expired": manifest.until <= journey.border.clock(),
        "envelope.signer": made.core.sender_key not in record_keys(manifest),
        "compact.outdated": made.core.compact != side.terms.digest,
        "check.clause": state == "suspended",
        "check.ended": state == "ended",
        "record.expired": expires is not None and expires <= journey.border.clock(),
        "sequence.equivocation": made.numbers[stick.recipient] in taken,
    }
    assert reasons.get(code), f"what was sent was refused without cause: {code}"
    assert outcome.told, "a refusal was not signed"
    journey.seen[f"refused {code}" if made.record else "thief refused"] += 1


# --- what is lost -----------------------------------------------------------------------------------------------------


def hear(journey: Journey, stick: Stick) -> None:
    """Note which heartbeats its recipient can believe: of the bundle's sender, by a key that speaks for it there."""
    line = (stick.sender, stick.recipient)
    for item in stick.items:
        beat = journey.beats.get(item.data) if item.type == "heartbeat" else None
        if beat and beat.line == line and beat.key in record_keys(journey.side(line[1]).knows(line[0])):
            held = journey.heard.get(line)
            if held is None or (beat.sent, beat.at) >= (held.sent, held.at):
                journey.heard[line] = beat


def hold_gaps(journey: Journey, stick: Stick, report: Report) -> None:
    """Lost is what a later number or heartbeat speaks of and what never came: all of it, and nothing else."""
    line = (stick.sender, stick.recipient)
    came, heard = journey.numbers.get(line, set()), journey.heard.get(line)
    last = max([*came, heard.sent if heard else 0])
    missing = set(range(1, last + 1)) - came - (heard.void if heard else set())
    said = {number for first, end in report.gaps for number in range(first, end + 1)}
    assert said == missing, f"lost: {missing}; said to be lost: {said}"
    journey.seen["gap"] += bool(missing)


def hold_answers(journey: Journey, party: str) -> None:
    """Its sender holds an answer only to what was answered so: what has none may be lost, and shows as waiting."""
    for envelope, recipient, state in journey.deliveries(party):
        answer = journey.answered.get((recipient, envelope))
        fits = {"final": answer == "accepted", "provisional": answer == "accepted", "pending": True}
        assert fits.get(state, answer not in {None, "accepted"}), "an answer that was never given"


# --- and in the end ---------------------------------------------------------------------------------------------------


def arrive(journey: Journey) -> None:
    """The courier turns honest: everything is answered, nothing is missing, all are in one state, nobody is accused."""
    for party in MEMBERS:
        journey.sign_anew(party)
    for eraser in (*2 * [PARTIES], ()):
        for _ in range(3):
            last = carry_honestly(journey)
        for party in eraser:
            journey.erase(party)
    for report in last:
        assert codes(report) == []
        assert report.gaps == []
    for party in PARTIES:
        hold_settled(journey, party)
        hold_reputation(journey, party)
        journey.grow(party)
    assert len({(journey.state(party), journey.side(party).terms.digest) for party in PARTIES}) == 1
    hold_recalled(journey)
    check(journey.border)


def carry_honestly(journey: Journey) -> list[Report]:
    """Carry a stick on every line."""
    sticks = (journey.write(sender, recipient) for sender, recipient in LINES)
    return [report for report in (hand(journey, stick) for stick in sticks) if report is not None]


def hold_settled(journey: Journey, party: str) -> None:
    """Each envelope has its final receipt or its signed refusal, unless it left no more: withdrawn, or destroyed at home."""
    for envelope, recipient, state in journey.deliveries(party):
        record = journey.sent[envelope].record
        assert record is not None
        gone = journey.side(party).state(record) in {"withdrawn", "destroyed"}
        assert state in {"final", "refused"} or gone, f"still {state}: {journey.answered.get((recipient, envelope))}"


def hold_recalled(journey: Journey) -> None:
    """What its sender withdrew is current nowhere."""
    for made in journey.sent.values():
        if made.record is not None and made.record.key in journey.withdrawn:
            states = {journey.side(party).state(made.record) for party in made.numbers}
            assert states <= {None, "withdrawn", "destroyed"}, "what was withdrawn is still held"


def hold_reputation(journey: Journey, party: str) -> None:
    """Nobody is said to have broken a rule but who did."""
    expected = {"act.fork"} if journey.seen["contradict"] else set()
    expected |= {"sequence.equivocation"} if journey.border.dishonest else set()
    said = PROOFS & {*journey.side(party).evidence()}
    assert said <= expected, "the courier made an honest party look dishonest"


# --- the machine ------------------------------------------------------------------------------------------------------

places, bits, masks = st.integers(0, 2**16), st.integers(0, 7), st.integers(0, 2**16 - 1)
members, parties, lines, styles = map(st.sampled_from, (MEMBERS, PARTIES, LINES, STYLES))
full = precondition(lambda self: self.journey.bag)


class Courier(RuleBasedStateMachine):
    """What the parties and the courier may do at any moment; `hand` and `arrive` ask whether it all still holds.

    The rules are few, for each run leaves out some of them.
    """

    def __init__(self) -> None:
        """Let them meet."""
        super().__init__()
        self.open = ExitStack()
        self.journey = self.open.enter_context(journey())

    @initialize(styles=st.lists(styles, min_size=2, max_size=4))
    def begin(self, styles: list[Style]) -> None:
        for at, style in enumerate(styles):
            self.journey.send(MEMBERS[at % 2], style)

    @rule(party=members, style=styles)
    def send(self, party: str, style: Style) -> None:
        self.journey.send(party, style)

    @rule(party=members, which=places)
    def recall(self, party: str, which: int) -> None:
        self.journey.recall(party, which)
        self.journey.erase(party)

    @rule(party=members, what=st.sampled_from(STOPS), told=parties)
    def stop(self, party: str, what: What, told: str) -> None:
        self.journey.stop(party, what, told)

    @rule(party=members, what=st.sampled_from(PAPERS))
    def renew(self, party: str, what: Paper) -> None:
        self.journey.renew(party, what)

    @rule(days=st.sampled_from(DAYS))
    def wait(self, days: int) -> None:
        self.journey.wait(days)

    @rule(line=lines)
    def pack(self, line: tuple[str, str]) -> None:
        self.journey.pack(*line)

    @rule(line=lines)
    def carry(self, line: tuple[str, str]) -> None:
        hand(self.journey, self.journey.write(*line))

    @full
    @rule(at=places, again=st.booleans())
    def hand(self, at: int, *, again: bool) -> None:
        hand_over(self.journey, at, again=again)

    @full
    @rule(at=places, where=places, bit=bits, how=st.sampled_from(HARMS))
    def harm(self, at: int, where: int, bit: int, how: Harm) -> None:
        self.journey.harm(at, how, where, bit)

    @full
    @rule(at=places, which=places, where=places, bit=bits)
    def alter(self, at: int, which: int, where: int, bit: int) -> None:
        self.journey.alter(at, which, where, bit)

    @full
    @rule(at=places, other=places, keep=masks, line=st.none() | lines)
    def mix(self, at: int, other: int, keep: int, line: tuple[str, str] | None) -> None:
        self.journey.mix(at, other, keep, line)

    @precondition(lambda self: self.journey.stolen)
    @rule(which=places, number=places)
    def forge(self, which: int, number: int) -> None:
        self.journey.forge(which, number)

    @invariant()
    def logs_only_grow(self) -> None:
        for party in PARTIES:
            self.journey.grow(party)

    @invariant()
    def state_is_what_the_papers_say(self) -> None:
        for party in PARTIES:
            with begin(self.journey.side(party).means) as turn:
                state = turn.known.compact(COMPACT).state
            assert state == self.journey.state(party)

    def teardown(self) -> None:
        try:
            arrive(self.journey)
            for what, count in self.journey.seen.items():
                if count:
                    event(what)
        finally:
            self.open.close()


# As many journeys as the profile's examples allow: eight in the gate, in `soak` as many as there is time for.
Courier.TestCase.settings = settings(max_examples=settings().max_examples // 12, stateful_step_count=40)
TestCourier = Courier.TestCase


# --- that the journeys lead somewhere ---------------------------------------------------------------------------------

REACHED = {
    *("accepted", "altered", "amended", "contradict", "destroyed", "gap", "lost", "misnamed", "mixed", "repeated"),
    *("refused check.clause", "refused compact.outdated", "refused key.revoked", "refused record.expired"),
    *("refused whole", "resume", "revoked", "rotated", "survived suspension", "suspend", "withdrawn"),
    *("act refused", "entrusted", "signed anew", "thief believed", "thief refused"),
}
PARTIES_MOVES = [*9 * ["send"], *4 * ["resume"], *3 * ["renew"], *2 * ["recall", "stop", "wait"], "erase"]
COURIERS_MOVES = [*9 * ["pack", "hand"], *6 * ["carry"], *4 * ["forge"], *3 * ["harm", "mix"], *2 * ["alter"]]


def parties_move(to: Journey, what: str, lot: Random) -> None:
    """Let a party do something, by lot."""
    member = lot.choice(MEMBERS)
    match what:
        case "send":
            to.send(member, lot.choice(STYLES))
        case "recall":
            to.recall(member, lot.randrange(99))
        case "stop":
            to.stop(member, lot.choice(STOPS[:-1]), lot.choice(PARTIES))
        case "resume":
            to.stop("af", "resume", "af")
            to.stop("pk", "resume", "pk")
        case "renew":
            to.renew(member, lot.choice(["revoke record", "revoke record", *PAPERS]))
        case "erase":
            to.erase(lot.choice(PARTIES))
        case _:
            to.wait(lot.choice(DAYS[:-1]))


def couriers_move(to: Journey, what: str, lot: Random) -> None:
    """Let the courier do something, by lot; with an empty bag he can only fill it."""
    line, one, other, where = lot.choice(LINES), lot.randrange(99), lot.randrange(99), lot.randrange(2**16)
    match what:
        case "carry":
            hand(to, to.write(*line))
        case "forge" if to.stolen:
            to.forge(one, other)
        case "hand" if to.bag:
            hand_over(to, one, again=other % 3 == 0)
        case "harm" if to.bag:
            to.harm(one, lot.choice(HARMS), where, other % 8)
        case "alter" if to.bag:
            to.alter(one, other, where, other % 8)
        case "mix" if to.bag:
            to.mix(one, other, where, lot.choice([None, line]))
            hand_over(to, one, again=True)
        case _:
            to.pack(*line)


def test_journeys_reach_what_they_are_to_try() -> None:
    """Five of them by lot, always the same: a machine that never gets anywhere would find nothing wrong."""
    seen: Counter[str] = Counter()
    for number in (4, 10, 11, 16, 17):
        lot = Random(number)  # noqa: S311 - to be had again
        with journey() as to:
            for _ in range(50):
                parties_move(to, lot.choice(PARTIES_MOVES), lot)
                couriers_move(to, lot.choice(COURIERS_MOVES), lot)
                couriers_move(to, lot.choice(COURIERS_MOVES), lot)
            arrive(to)
            seen += to.seen
    assert {*seen} >= REACHED, f"never seen; what was: {seen}"
