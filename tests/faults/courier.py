"""A journey between three parties by a courier who wishes them ill, and a ledger of what was signed and handed over.

Law: what must hold is computed from the ledger and from papers as they were signed, never from what a node concludes.
"""

import hashlib
import io
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import permutations
from pathlib import Path
from typing import Literal, get_args

import msgspec
from sqlalchemy import func, select

from amanat.compact import signing
from amanat.exchange import answers, bundle, evidence
from amanat.exchange.erasure import erase_due
from amanat.exchange.means import Means, Turn, begin, texts
from amanat.exchange.withdraw import withdraw
from amanat.log.checkpoint import Checkpoint, parse_checkpoint
from amanat.log.note import parse_note
from amanat.log.proof import parse_proof
from amanat.log.tree import leaf_hash, root_of
from amanat.log.witness import parse_add_checkpoint
from amanat.party import dsse, labels
from amanat.party.errors import Refused
from amanat.party.manifest import log_name
from amanat.record.notices import NOTICES, Withdrawal
from amanat.record.record import Record, read
from amanat.seal.header import Core, parse_header
from amanat.store import logs, statements
from amanat.store.tables import DELIVERY, ENVELOPE, METADATA, RECORD
from audit import check_kept, entries_of
from border import Border, agree, meet
from side import COMPACT, KINDS, Side, public_id

PARTIES = ("af", "obs", "pk")
MEMBERS = ("af", "pk")
LINES = tuple(permutations(PARTIES, 2))
VERSIONS, MANIFESTS = 4, 6  # at most: the audit tries all of them with one another
UNREAD = {"key.revoked", "envelope.signer"}  # refused before its number could be believed
PROOFS = {"record.equivocation", "sequence.equivocation", *evidence.PROOFS}
Line = tuple[str, str]
Style = Literal["plain", "green", "warning"]
What = Literal["suspend", "resume", "contradict", "end"]
Paper = Literal[
    "amend",
    "entrust",
    "sign anew",
    "revoke record",
    "revoke log",
    "rotate record",
    "rotate log",
    "rotate witness witness_pq",
    "rotate sealing",
]
Harm = Literal["lose", "flip", "cut"]
STYLES: tuple[Style, ...] = get_args(Style)
STOPS: tuple[What, ...] = get_args(What)
PAPERS: tuple[Paper, ...] = get_args(Paper)
HARMS: tuple[Harm, ...] = get_args(Harm)
DAYS = (0, 1, 20, 35, 95)


@dataclass(frozen=True, slots=True)
class Sent:
    """An envelope that somebody made, and its number for each recipient; of one that a thief made there is no record."""

    sender: str
    envelope: bytes
    record: Record | None
    numbers: Mapping[str, int]

    @property
    def core(self) -> Core:
        return parse_header(self.envelope).core


@dataclass(frozen=True, slots=True)
class Beat:
    """A heartbeat as its party wrote it."""

    line: Line
    sent: int
    void: frozenset[int]
    at: str
    key: str


@dataclass(frozen=True, slots=True)
class Stick:
    """A bundle under way; `torn` when its last line does not fit what stands before it any more."""

    sender: str
    recipient: str
    data: bytes
    torn: bool = False

    @property
    def items(self) -> list[bundle.Item]:
        return [] if self.torn else list(bundle.read(io.BytesIO(self.data)))


def stick(sender: str, recipient: str, items: Iterable[bundle.Item]) -> Stick:
    """A bundle with its frame in order, whatever its items are."""
    file = io.BytesIO()
    bundle.write(file, sender, recipient, sorted(items, key=lambda item: bundle.TYPES.index(item.type)))
    return Stick(sender, recipient, file.getvalue())


@dataclass
class Journey:
    """All that happened: sticks in the courier's bag, the ledger, and what each party was seen to do."""

    border: Border
    bag: list[Stick] = field(default_factory=list)
    seen: Counter[str] = field(default_factory=Counter)
    sent: dict[str, Sent] = field(default_factory=dict)
    beats: dict[bytes, Beat] = field(default_factory=dict)
    answered: dict[tuple[str, str], str] = field(default_factory=dict)  # (recipient, envelope) -> "accepted" or a code
    ids: set[tuple[str, str, str]] = field(default_factory=set)  # (recipient, sender, id) accepted
    numbers: dict[Line, set[int]] = field(default_factory=dict)  # that were read at the recipient
    heard: dict[Line, Beat] = field(default_factory=dict)
    entries: dict[str, list[bytes]] = field(default_factory=dict)  # of each party's log
    shown: dict[tuple[str, int], bytes] = field(default_factory=dict)  # root by (origin, size), seen by anyone
    stolen: list[tuple[str, Means]] = field(default_factory=list)
    withdrawn: set[tuple[str, str]] = field(default_factory=set)
    amended: bytes = b""

    def side(self, party: str) -> Side:
        return self.border.sides[party]

    # --- what the parties do ------------------------------------------------------------------------------------------

    def send(self, party: str, style: Style) -> None:
        """Send a report; what the state of the compact lets through goes, and nothing else does."""
        side, other = self.side(party), MEMBERS[party == "af"]
        to = (other, "obs") if style == "green" else (other,)
        changes = side.green() if style == "green" else {"handling": self._handling(side, other, style)}
        state = self.state(party)
        passes = state == "active" or (state == "suspended" and style == "warning")
        try:
            side.send(*to, text=f"report {len(self.sent)}", **changes)
        except Refused:
            assert not passes, "what the compact lets through was not sent"
            self.seen["not sent"] += 1
        else:
            assert passes, "what the compact does not let through was sent"
        self._write_down(party)

    def _handling(self, side: Side, other: str, style: str) -> object:
        handling = side.draft(other).handling
        return msgspec.structs.replace(handling, purpose="protection-of-life") if style == "warning" else handling

    def recall(self, party: str, which: int) -> None:
        """Withdraw one of the reports that still stand."""
        own = [each.record for each in self.sent.values() if each.sender == party and each.record is not None]
        reports = [record for record in own if record.kind not in NOTICES]
        standing = [record for record in reports if self.side(party).state(record) == "current"]
        if standing:
            record = standing[which % len(standing)]
            withdraw(record.fields.id, Withdrawal("mistaken"), self.side(party).post, self.side(party).means)
            self.withdrawn.add(record.key)
            self._write_down(party)
            self.seen["withdrawn"] += 1

    def erase(self, party: str) -> None:
        """Destroy what is due, and say so."""
        self.seen["destroyed"] += len(erase_due(self.side(party).means))
        self._write_down(party)

    def stop(self, party: str, what: What, told: str) -> None:
        """Suspend by the node's key; resume or give notice by custodians.

        Or sign two acts under one serial: one for the own node, the other for `told`.
        """
        side, serial = self.side(party), self._serial(party)
        if what == "contradict":
            self.side(told).take("act", side.sign_act("suspend", serial, custodians=True), sender=party)
            side.take("act", side.sign_act("resume", serial, custodians=True))
        else:
            side.act(what, serial, custodians=what != "suspend")
        self.seen[what] += 1

    def _serial(self, party: str) -> int:
        with begin(self.side(party).means) as turn:
            return max((act.serial for act in _acts(turn) if act.party == party), default=0) + 1

    def renew(self, party: str, what: Paper) -> None:
        """Change the agreement or the keys, and let one party take that in; it travels from there."""
        verb, _, roles = what.partition(" ")
        if verb == "amend":
            self._amend(party)
        elif verb == "sign":
            self.sign_anew(party)
        elif self.side(party).manifest.serial < MANIFESTS:
            if verb == "entrust":
                self._entrust(party)
                return
            thief = self.side(party).means
            self.side(party).rotate(*roles.split())
            self.seen["rotated"] += 1
            if verb == "revoke":
                self._revoke(party, roles, thief)

    def _amend(self, party: str) -> None:
        newest = max((self.side(each).terms for each in PARTIES), key=lambda terms: terms.version)
        known = all(self.side(party).knows(each).root == self.side(each).manifest.root for each in PARTIES)
        if known and self.side(party).terms == newest and newest.version < VERSIONS:
            days = f"retention_days = {365 - newest.version}".encode()
            signed = agree(self.border.sides.values(), newest, (b"retention_days = 365", days))
            assert not self.side(party).take("compact", signed).problems
            self.seen["amended"] += 1

    def _revoke(self, party: str, role: str, thief: Means) -> None:
        """The courier has stolen the key before: it speaks for the party no more."""
        self.side(party).revoke(public_id(getattr(thief.keys, role)))
        self.seen["revoked"] += 1
        if role == "record":
            self.stolen.append((party, thief))

    def _entrust(self, party: str) -> None:
        """Other people become its custodians, while no text that the former ones signed is under way."""
        if len({self.side(each).terms.digest for each in PARTIES}) == 1:
            self.side(party).change_custodians()
            self.seen["entrusted"] += 1

    def sign_anew(self, party: str) -> None:
        """What a member did and was signed by who speaks for it no more, its custodians sign."""
        manifests = {party: self.side(party).manifest}
        acts = {signing.read_act(data): data for each in PARTIES for data in self.side(each).acts}
        due = [data for act, data in acts.items() if act.party == party and not signing.stands(data, manifests)]
        self.side(party).sign_anew(*due)
        self.seen["signed anew"] += len(due)

    def wait(self, days: int) -> None:
        """Let time pass."""
        self.border.clock.forward(days=days, hours=1)

    def write(self, sender: str, recipient: str) -> Stick:
        """Write a stick, and remember every checkpoint and heartbeat that leaves the house with it."""
        made = Stick(sender, recipient, self.border.bundle(sender, recipient))
        self.border.clock.forward(seconds=1)
        for item in made.items:
            if item.type == "heartbeat":
                beat = answers.stored_heartbeat(item.data)
                (key,) = dsse.parse(item.data, labels.HEARTBEAT, "heartbeat").signatures
                void = frozenset(each for first, last in beat.void for each in range(first, last + 1))
                at = beat.at.isoformat()
                self.beats[item.data] = Beat((sender, recipient), beat.sent, void, at, key.keyid)
            for checkpoint in _checkpoints(item):
                entries = self._show(checkpoint)
                if item.type == "cosignature":
                    check_kept(self.side(sender), checkpoint.origin, entries)
        return made

    def _show(self, checkpoint: Checkpoint) -> list[bytes]:
        """A checkpoint that anybody saw is of the one history of its log, whose entries it returns."""
        owner = next(each for each in PARTIES if log_name(self.side(each).manifest, COMPACT) == checkpoint.origin)
        self.grow(owner)
        entries = self.entries[owner][: checkpoint.size]
        assert len(entries) == checkpoint.size, "a checkpoint speaks of what the log does not hold"
        assert root_of(map(leaf_hash, entries)) == checkpoint.root, "the log forked"
        assert self.shown.setdefault((checkpoint.origin, checkpoint.size), checkpoint.root) == checkpoint.root
        return entries

    # --- what the courier does ----------------------------------------------------------------------------------------

    def pack(self, sender: str, recipient: str) -> None:
        """Take a stick, to be handed over at some time or never."""
        self.bag.append(self.write(sender, recipient))

    def harm(self, at: int, how: Harm, where: int, bit: int) -> None:
        """Lose a stick, flip a bit of it or cut it off, and leave the last line as it is."""
        at %= len(self.bag)
        data = self.bag[at].data
        where %= max(len(data), 1)
        if how == "lose" or not data:
            self.bag.pop(at)
            self.seen["lost"] += 1
        else:
            rest = b"" if how == "cut" else bytes([data[where] ^ 1 << bit]) + data[where + 1 :]
            self.bag[at] = replace(self.bag[at], data=data[:where] + rest, torn=True)

    def alter(self, at: int, which: int, where: int, bit: int) -> None:
        """Flip a bit of one item, and make the last line fit."""
        taken = self.bag[at % len(self.bag)]
        items = taken.items
        if items:
            item = items[which % len(items)]
            where %= len(item.data)
            changed = item.data[:where] + bytes([item.data[where] ^ 1 << bit]) + item.data[where + 1 :]
            items[which % len(items)] = bundle.Item(item.type, changed)
            self.bag[at % len(self.bag)] = stick(taken.sender, taken.recipient, items)
            self.seen["altered"] += 1

    def mix(self, at: int, other: int, keep: int, line: Line | None) -> None:
        """Put some items of one stick into another, of whomever they are; or write other names on it, and thin it out.

        Every other time it still goes to whom it was for, in the name of somebody else.
        """
        at, other = at % len(self.bag), other % len(self.bag)
        sender, recipient = self.bag[at].sender, self.bag[at].recipient
        some = [item for place, item in enumerate(self.bag[other].items) if keep >> place % 16 & 1]
        if line is None:
            line, some = (sender, recipient), [*self.bag[at].items, *some]
        elif keep % 2:
            (third,) = {*PARTIES} - {sender, recipient}
            line, some = (third, recipient), self.bag[at].items
        self.bag[at] = stick(*line, some)
        self.seen["mixed"] += 1

    def forge(self, which: int, number: int) -> None:
        """Send a report by a stolen key, under a number its owner gave or will give next."""
        party, thief = self.stolen[which % len(self.stolen)]
        other = MEMBERS[party == "af"]
        given = [each.numbers.get(other, 0) for each in self.sent.values() if each.sender == party and each.record]
        number = number % (max(given, default=0) + 1) + 1
        made = replace(self.side(party), means=thief).forge(other, text="by a thief", sequence=number)
        self.sent[hashlib.sha256(made).hexdigest()] = Sent(party, made, None, {other: number})
        self.border.dishonest.add(party)
        self.bag.append(stick(party, other, [bundle.Item("envelope", made)]))

    # --- what can be read of a party ----------------------------------------------------------------------------------

    def state(self, party: str) -> str:
        """The state that the acts held by a party bring the compact to, told anew and otherwise than the node does."""
        with begin(self.side(party).means) as turn:
            acts, notice = _acts(turn), {text.digest: text.notice_days for text in texts(turn.tx, COMPACT)}
        ends = [act.at + timedelta(days=notice[act.compact]) for act in acts if act.act == "end"]
        if ends and min(ends) <= self.border.clock():
            return "ended"
        return "suspended" if any(self._suspends(member, acts) for member in MEMBERS) else "active"

    def _suspends(self, member: str, acts: Sequence[signing.Act]) -> bool:
        own = [act for act in acts if act.party == member and act.act != "end"]
        last = max((act.serial for act in own), default=0)
        return any(act.serial == last and act.act == "suspend" for act in own)

    def grow(self, party: str) -> None:
        """Read a party's log again: what stood there stands there, and the root is that of the entries."""
        with begin(self.side(party).means) as turn:
            tree, _ = logs.latest(turn.tx, COMPACT)
            entries = entries_of(turn, COMPACT, tree.size)
        before = self.entries.get(party, [])
        assert entries[: len(before)] == before, "an entry of the log changed"
        assert root_of(map(leaf_hash, entries)) == tree.root()
        self.entries[party] = entries

    def rows(self, party: str) -> list[int]:
        """How many rows each table of a party has."""
        with begin(self.side(party).means) as turn:
            return [
                turn.tx.execute(select(func.count()).select_from(each)).scalar_one() for each in METADATA.sorted_tables
            ]

    def deliveries(self, party: str) -> list[tuple[str, str, str]]:
        """How each envelope of a party stands for each recipient: (envelope, recipient, state)."""
        columns = (DELIVERY.c.envelope, DELIVERY.c.recipient, DELIVERY.c.state)
        with begin(self.side(party).means) as turn:
            return [(row[0], row[1], row[2]) for row in turn.tx.execute(select(*columns))]

    def _write_down(self, party: str) -> None:
        """Enter into the ledger what the party has signed since."""
        columns = (ENVELOPE.c.digest, ENVELOPE.c.data, RECORD.c.data)
        query = select(*columns).join(RECORD, RECORD.c.envelope == ENVELOPE.c.digest).where(RECORD.c.party == party)
        with begin(self.side(party).means) as turn:
            for digest, envelope, record in turn.tx.execute(query).all():
                if digest not in self.sent:
                    line = select(DELIVERY.c.recipient, DELIVERY.c.sequence).where(DELIVERY.c.envelope == digest)
                    numbers = {row[0]: row[1] for row in turn.tx.execute(line)}
                    self.sent[digest] = Sent(party, envelope, read(record, KINDS), numbers)


@contextmanager
def journey() -> Iterator[Journey]:
    """Three parties who have just met, and a courier with an empty bag."""
    with tempfile.TemporaryDirectory() as folder, meet(Path(folder)) as border:
        yield Journey(border)


def _acts(turn: Turn) -> list[signing.Act]:
    return [signing.read_act(data) for data in statements.acts_ever(turn.tx, COMPACT)]


def _checkpoints(item: bundle.Item) -> Iterator[Checkpoint]:
    """Every checkpoint that an item shows to who reads it."""
    match item.type:
        case "receipt":
            note = parse_proof(item.data).checkpoint
        case "checkpoint":
            note = parse_add_checkpoint(item.data).checkpoint
        case "cosignature":
            note = item.data
        case _:
            return
    yield parse_checkpoint(parse_note(note).text)
