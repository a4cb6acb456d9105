"""What waits for a peer: envelopes, answers, signs of life, and requests to countersign; the same for wire and stick.

Delivery is at least once: an envelope goes with every bundle until its receipt or refusal has come back, and a final
receipt until the peer's heartbeat says that it is held. What did not leave the house was not given.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import islice

from sqlalchemy import Connection, and_, bindparam, func, literal, select, update

from amanat.compact.counting import for_others
from amanat.compact.witnessing import policy_for
from amanat.exchange import answers, attachments, mirror, sequencer, witness
from amanat.exchange.answers import Answer
from amanat.exchange.bundle import Item
from amanat.exchange.means import Means, Turn, begin, read_act, read_manifest
from amanat.log.mirror import MAX_PACKAGES, Package, Upload, make_package
from amanat.log.policy import parse_policy, verify_checkpoint
from amanat.log.proof import Proof, consistency_proof, inclusion_proof
from amanat.log.tiles import TILE_WIDTH, HashReader, parse_entries
from amanat.log.tree import Tree
from amanat.log.witness import AddCheckpoint
from amanat.party.errors import Refused
from amanat.party.manifest import log_name
from amanat.record.kind import Kinds
from amanat.store import logs, records, statements
from amanat.store.tables import (
    ACT,
    ARRIVAL,
    ATTACHMENT,
    CHECKPOINT,
    COMPACT,
    COSIGNED,
    LEXICON,
    MANIFEST,
    REFUSAL,
)


@dataclass(frozen=True, slots=True)
class Share:
    """How much of what is due goes at once. A stick takes all; the wire a part at a time, and no paper twice.

    `papers` are those that prove themselves; `records` are envelopes and chunks, as against answers to what came;
    `countersign` asks for that, and brings the entries; `gossip` shows what we countersigned, and what entries we lack.
    `most` bounds the bytes of envelopes and of chunks, and the number of answers.
    """

    papers: bool = True
    records: bool = True
    countersign: bool = True
    gossip: bool = True
    most: int | None = None


ALL = Share()
MOST_ANSWERS = 2048  # in one share

MOST_UPLOADS = 16
"""Items of entries of one log in a bundle, of some 350 kB each: 131,072 entries."""
MOST_UPLOADS_AT_ONCE = 4  # on the wire


@dataclass(frozen=True, slots=True)
class Outgoing:
    """All that is due for a peer, in the order of `bundle.TYPES`: items, then chunks, each read when its turn comes."""

    items: tuple[Item, ...]
    chunks: attachments.Chunks

    def __len__(self) -> int:
        """How many items that is."""
        return len(self.items) + len(self.chunks)

    def __iter__(self) -> Iterator[Item]:
        """Yield them all."""
        yield from self.items
        yield from self.chunks


@contextmanager
def deliver(recipient: str, means: Means, share: Share = ALL) -> Iterator[Outgoing]:
    """Step 9: lend what is due for a peer, or a share of it; the block lets it leave the house.

    What is shown of a log is noted before, so that a crash never has us forget it; answers are noted as given when the
    block ended well, so that a crash, a full stick or a wire that broke has them given again.
    """
    with begin(means) as turn:
        compacts = turn.known.compacts
        shared = sorted(id_ for id_, compact in compacts.items() if recipient in compact.terms.parties)
        if not shared:
            raise Refused("peer.unknown", f"No compact is shared with {recipient}.", "Join one first.", by="no compact")
        most = None if share.most is None else MOST_ANSWERS
        answered = [*islice(_receipts(turn, recipient), most), *islice(_refusals(turn, recipient), most)]
        held = list(attachments.holdings(turn, recipient))
        chunks = attachments.due(turn, recipient, _recalled(turn.means.kinds))
        envelopes, more = _envelopes(turn, recipient, share)
        asked = list(_to_countersign(turn, recipient, shared)) if share.countersign else []
        uploads = MOST_UPLOADS if share.most is None else MOST_UPLOADS_AT_ONCE
        items = (
            *(_papers(turn, shared) if share.papers else ()),
            *envelopes,
            *(each.item for each in answered),
            *(() if more else (_heartbeat(turn, recipient),)),
            *map(_checkpoint, asked),
            *(item for each in asked for item in _entries(turn, each, uploads)),
            *(Item("cosignature", note) for note in (witness.cosigned(turn, recipient) if share.gossip else ())),
            *(Item("mirrored", word) for word in (mirror.mirrored(turn, recipient) if share.gossip else ())),
            *(each.item for each in held),
        )
        outgoing = Outgoing(items, chunks.first(share.most if share.records else 0))
    yield outgoing
    with begin(means) as turn:
        for each in (*answered, *held):
            turn.tx.execute(each.given)


Papers = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Due:
    """Whether records or answers wait for a peer, how large the logs are that grew since it countersigned, and a mark.

    The mark is of all papers, and changes with each that is taken in.
    """

    records: bool
    countersign: int
    papers: Papers


def due(tx: Connection, recipient: str, kinds: Kinds) -> Due:
    """Ask quickly whether anything is due for a peer: it is asked after every commit."""
    return Due(
        records.is_waiting(tx, recipient, _recalled(kinds))
        or any(tx.execute(query, {"of": recipient}).first() is not None for query in _WAITING),
        tx.execute(_GROWN, {"of": recipient}).scalar_one() or 0,
        tuple(number for query in _MARKS for number in tx.execute(query).one()),
    )


def _papers(turn: Turn, shared: list[str]) -> Iterator[Item]:
    """Every statement that proves itself: compacts shared, acts that count, manifests and lexica of their parties.

    All versions of a compact, and of manifests each that changed the root: who missed one can follow. Whom else this
    party knows is nobody's affair.
    """
    known = turn.known
    parties = {party for id_ in shared for party in known.compact(id_).terms.parties} & known.manifests.keys()
    for party in sorted(parties):
        yield from (Item("manifest", data) for data in _chain(statements.history(turn.tx, party)))
    lexica = statements.latest(turn.tx, LEXICON)
    yield from (Item("lexicon", lexica[party]) for party in sorted(parties & lexica.keys()))
    yield from (Item("compact", data) for id_ in shared for data in statements.versions(turn.tx, id_))
    for id_ in shared:
        acts = {read_act(data): data for data in statements.acts(turn.tx, id_)}
        yield from (Item("act", acts[each]) for each in for_others(acts))


def _chain(history: list[bytes]) -> Iterator[bytes]:
    """Leave out manifests after which the root stayed as it was, but the last."""
    roots = [read_manifest(data).root for data in history]
    for at, data in enumerate(history):
        if at == len(history) - 1 or (at and roots[at] != roots[at - 1]):
            yield data


def _envelopes(turn: Turn, recipient: str, share: Share) -> tuple[list[Item], bool]:
    """The envelopes that nobody answered, in order, up to the share, one at the least; and whether more wait."""
    items, size = list[Item](), 0
    for data in records.waiting(turn.tx, recipient, _recalled(turn.means.kinds)):
        size += len(data)
        if not share.records or (items and share.most is not None and size > share.most):
            return items, True
        items.append(Item("envelope", data))
    return items, False


def _heartbeat(turn: Turn, recipient: str) -> Item:
    """Our word on how far the line is; given only with all that waits, or what is still to leave would look lost."""
    line = records.line(turn.tx, recipient, _recalled(turn.means.kinds))
    return Item("heartbeat", answers.beat(recipient, line, turn.means))


def _recalled(kinds: Kinds) -> list[str]:
    """Labels of the kinds that leave the house no more once they are withdrawn."""
    return [kind.label for kind in kinds if kind.on_withdraw == "destroy"]


def _receipts(turn: Turn, recipient: str) -> Iterator[Answer]:
    """Step 12: prove what was accepted, against a checkpoint that met its quorum as soon as there is one."""
    where = (ARRIVAL.c.sender == recipient, ARRIVAL.c.answered.in_(("no", "provisional")))
    open_rows = turn.tx.execute(select(ARRIVAL).where(*where).order_by(ARRIVAL.c.compact, ARRIVAL.c.log_index)).all()
    for log in sorted({row.compact for row in open_rows}):
        final = _final(turn, log)
        tree, note = _newest(turn, log)
        read = logs.reader(turn.tx, log)
        for row in open_rows:
            if row.compact != log:
                continue
            is_final = final is not None and row.log_index < final[0]
            if row.answered == "provisional" and not is_final:
                continue
            size, signed = final if final is not None and is_final else (tree.size, note)
            path = tuple(inclusion_proof(row.log_index, size, read))
            receipt = Proof(bytes.fromhex(row.envelope), row.log_index, path, signed).encode()
            logs.show(turn.tx, log, size)
            given = update(ARRIVAL).where(ARRIVAL.c.envelope == row.envelope)
            yield Answer(Item("receipt", receipt), given.values(answered="final" if is_final else "provisional"))


def _newest(turn: Turn, log: str) -> tuple[Tree, bytes]:
    tree, note = logs.latest(turn.tx, log)
    return tree, sequencer.for_others(turn, log, note)


def _final(turn: Turn, log: str) -> tuple[int, bytes] | None:
    """The newest checkpoint with its quorum, unless keys that counted for it were revoked since."""
    newest = logs.with_quorum(turn.tx, log)
    if newest is None:
        return None
    size, note = newest[0], sequencer.for_others(turn, log, newest[1])
    policy = parse_policy(policy_for(turn.known.compact(log).terms, turn.known.manifests, turn.means.party))
    return (size, note) if verify_checkpoint(policy, note).quorum else None


def _refusals(turn: Turn, recipient: str) -> Iterator[Answer]:
    due = (REFUSAL.c.sender == recipient, ~REFUSAL.c.answered)
    for row in turn.tx.execute(select(REFUSAL.c.envelope, REFUSAL.c.data).where(*due).order_by(REFUSAL.c.envelope)):
        this = (REFUSAL.c.sender == recipient, REFUSAL.c.envelope == row.envelope)
        item = Item("refusal", answers.renewed(row.data, turn.means))
        yield Answer(item, update(REFUSAL).where(*this).values(answered=True))


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a peer is asked to countersign: a log as it stands, and where the peer is known to stand with it."""

    log: str
    tree: Tree
    note: bytes
    read: HashReader
    pending: int
    next: int


def _to_countersign(turn: Turn, recipient: str, shared: list[str]) -> Iterator[_Asked]:
    """The newest checkpoint of every log that the peer may see and has not countersigned.

    A peer that says it has more than there is knows another history, or none: it is asked as if it had all.
    """
    for log in shared:
        if recipient not in turn.known.compact(log).terms.witnesses:
            continue
        tree, note = _newest(turn, log)
        where = (COSIGNED.c.log == log, COSIGNED.c.witness == recipient)
        held = turn.tx.execute(select(COSIGNED).where(*where)).one_or_none()
        size, pending, next_entry = (held.size, held.pending, held.next) if held else (0, 0, 0)
        if tree.size and (size, pending, next_entry) != (tree.size,) * 3:
            read = logs.reader(turn.tx, log)
            yield _Asked(log, tree, note, read, min(pending, tree.size), min(next_entry, tree.size))
            logs.show(turn.tx, log, tree.size)


def _checkpoint(asked: _Asked) -> Item:
    proof = tuple(consistency_proof(asked.pending, asked.tree.size, asked.read))
    return Item("checkpoint", AddCheckpoint(asked.pending, proof, asked.note).encode())


def _entries(turn: Turn, asked: _Asked, most: int) -> Iterator[Item]:
    """The entries that the peer needs before it countersigns; a log that grew by more goes on in the next bundle."""
    whole = Upload(log_name(turn.known.manifests[turn.means.party], asked.log), asked.next, asked.tree.size)
    packages = list(whole.packages())
    for at in range(0, max(1, len(packages)), MAX_PACKAGES)[:most]:
        run = packages[at : at + MAX_PACKAGES]
        begun = replace(whole, start=run[0][0] if run else whole.end).encode()
        yield Item("entries", begun + b"".join(_package(turn, asked, *each).encode() for each in run))


def _package(turn: Turn, asked: _Asked, start: int, end: int) -> Package:
    number, width = start // TILE_WIDTH, (end - 1) % TILE_WIDTH + 1
    entries = parse_entries(logs.bundle_of(turn.tx, asked.log, number, width))
    return make_package(start, end, asked.tree.size, entries[start % TILE_WIDTH :], asked.read)


_NEWEST = (  # of compacts: what officers did is nobody's to countersign
    select(CHECKPOINT.c.log, func.max(CHECKPOINT.c.size).label("size"))
    .where(CHECKPOINT.c.log.in_(select(COMPACT.c.id)))
    .group_by(CHECKPOINT.c.log)
    .subquery()
)
_FINAL = select(func.max(CHECKPOINT.c.size)).where(CHECKPOINT.c.log == ARRIVAL.c.compact, CHECKPOINT.c.quorum)
_WAITING = (
    select(literal(1)).where(ARRIVAL.c.sender == bindparam("of"), ARRIVAL.c.answered == "no").limit(1),
    select(literal(1))
    .where(
        ARRIVAL.c.sender == bindparam("of"),
        ARRIVAL.c.answered == "provisional",
        ARRIVAL.c.log_index < _FINAL.scalar_subquery(),
    )
    .limit(1),
    select(literal(1)).where(REFUSAL.c.sender == bindparam("of"), ~REFUSAL.c.answered).limit(1),
    select(literal(1)).where(ATTACHMENT.c.party == bindparam("of"), ~ATTACHMENT.c.told).limit(1),
)
_GROWN = (
    select(func.sum(_NEWEST.c.size))
    .select_from(
        _NEWEST.outerjoin(COSIGNED, and_(COSIGNED.c.log == _NEWEST.c.log, COSIGNED.c.witness == bindparam("of")))
    )
    .where(func.coalesce(COSIGNED.c.size, 0) < _NEWEST.c.size)
)
_MARKS = tuple(
    select(func.count(), func.coalesce(func.sum(func.length(table.c.data)), 0)).select_from(table)
    for table in (MANIFEST, LEXICON, COMPACT, ACT)
)
