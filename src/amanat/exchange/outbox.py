"""What waits for a peer: envelopes, answers, signs of life, and requests to countersign; the same for wire and stick.

Delivery is at least once: an envelope goes with every bundle until its receipt or refusal has come back, and a final
receipt until the peer's heartbeat says that it is held. What did not leave the house was not given.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import chain, islice
from typing import Any

from sqlalchemy import Delete, Update, bindparam, select, update

from amanat.compact.counting import for_others
from amanat.exchange import again, answers, attachments, mirror, sequencer, witness
from amanat.exchange.answers import Answer
from amanat.exchange.bundle import Item
from amanat.exchange.due import Shared, shared
from amanat.exchange.means import Means, Turn, begin, look, read_act, read_ending, read_manifest
from amanat.exchange.receipt import policy_of, shortest
from amanat.log.mirror import MAX_PACKAGES, Package, Upload, make_package
from amanat.log.proof import Proof, consistency_proof, inclusion_proof
from amanat.log.tiles import TILE_WIDTH, HashReader, parse_entries
from amanat.log.tree import Tree
from amanat.log.witness import AddCheckpoint
from amanat.party.errors import Refused
from amanat.store import logs, marks, records, statements
from amanat.store.dialect import among
from amanat.store.tables import ARRIVAL, COSIGNED, LEXICON, REFUSAL

MOST_ANSWERS = 2048  # in one share on the wire
ALL_ANSWERS = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Share:
    """How much of what is due goes at once. A stick takes all; the wire a part at a time, and no paper twice.

    `papers` are those that prove themselves; `records` are envelopes and chunks, `answers` at most so many to what
    came; `heartbeat` says how the line stands; `countersign` asks for that, and brings the entries; `gossip` shows what
    we countersigned, and what entries we lack. `most` bounds the bytes of envelopes and of chunks. Of envelopes those
    `beyond` a number go, and then no chunks: what is before is on its way. Answers are noted as given `at_once` where
    the block cannot tell whether they arrived.
    """

    papers: bool = True
    records: bool = True
    answers: int = ALL_ANSWERS
    heartbeat: bool = True
    countersign: bool = True
    gossip: bool = True
    most: int | None = None
    beyond: int = 0
    at_once: bool = False


ALL = Share()
_LAST = ("asking", "again", "holding")  # of answers, as `bundle.TYPES` has them

MOST_UPLOADS = 16
"""Items of entries of one log in a bundle, of some 350 kB each: 131,072 entries."""
MOST_UPLOADS_AT_ONCE = 4  # on the wire


@dataclass(frozen=True, slots=True)
class Outgoing:
    """All that is due for a peer, in the order of `bundle.TYPES`: items, then chunks, each read when its turn comes.

    `newest` is the number of the last envelope of these, and whether others wait is `more`.
    """

    items: tuple[Item, ...]
    chunks: attachments.Chunks
    newest: int = 0
    more: bool = False

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
    answered = list[Answer]()
    with begin(means) if share.countersign or share.answers else look(means) as turn:
        over = shared(turn, recipient)
        if share.most is not None and marks.at(turn.tx, "restored") is not None:
            # It hears what it signed by the answer.
            outgoing = Outgoing(_papers_in(turn, over.logs, share), attachments.Chunks((), means))
        else:
            marks.require_own_history(turn.tx)
            if not over.logs:
                raise _unknown(recipient)
            answered = _answers(turn, recipient, share) if share.answers else []
            outgoing = _outgoing(turn, recipient, over, share, answered)
        if share.at_once:
            _note_given(turn, recipient, answered)
    yield outgoing
    if answered and not share.at_once:
        with begin(means) as turn:
            _note_given(turn, recipient, answered)


def answer(turn: Turn, recipient: str, most: int) -> list[Item]:
    """Return at most so many answers that are due for a peer, and note them as given: they go once this is committed.

    So what is taken in over a wire is answered in the transaction that takes it in.
    """
    answered = [*_proofs(turn, recipient, most), *attachments.holdings(turn, recipient)]
    _note_given(turn, recipient, answered)
    return [each.item for each in answered]


def _outgoing(turn: Turn, recipient: str, over: Shared, share: Share, answered: Sequence[Answer]) -> Outgoing:
    envelopes, newest, more = _envelopes(turn, recipient, share)
    chunks = attachments.Chunks((), turn.means)
    if share.records and not share.beyond:
        chunks = attachments.due(turn, recipient).first(share.most)
    asked = list(_to_countersign(turn, recipient, over.witnessed)) if share.countersign else []
    uploads = MOST_UPLOADS if share.most is None else MOST_UPLOADS_AT_ONCE
    items = (
        *_papers_in(turn, over.logs, share),
        *envelopes,
        *(each.item for each in answered if each.item.type not in _LAST),
        *(() if more or not share.heartbeat else (_heartbeat(turn, recipient),)),
        *map(_checkpoint, asked),
        *(item for each in asked for item in _entries(turn, each, uploads)),
        *(Item("cosignature", note) for note in (witness.cosigned(turn, recipient) if share.gossip else ())),
        *(Item("mirrored", word) for word in (mirror.mirrored(turn, recipient) if share.gossip else ())),
        *(each.item for type_ in _LAST for each in answered if each.item.type == type_),
    )
    return Outgoing(items, chunks, newest, more)


def _answers(turn: Turn, recipient: str, share: Share) -> list[Answer]:
    return [
        *_proofs(turn, recipient, share.answers),
        *islice(again.asking(turn, recipient), share.answers),
        *_up_to(share.most, again.given(turn, recipient)),
        *attachments.holdings(turn, recipient),
    ]


def _proofs(turn: Turn, recipient: str, most: int) -> Iterator[Answer]:
    return islice(chain(_receipts(turn, recipient, most), _refusals(turn, recipient)), most)


def _up_to(most: int | None, answers_: Iterator[Answer]) -> Iterator[Answer]:
    """Yield answers up to so many bytes, one at the least."""
    size = 0
    for each in answers_:
        yield each
        size += len(each.item.data)
        if most is not None and size > most:
            return


def _unknown(recipient: str) -> Refused:
    return Refused("peer.unknown", f"No compact is shared with {recipient}.", "Join one first.", by="no compact")


def _note_given(turn: Turn, recipient: str, answers_: Iterable[Answer]) -> None:
    keys: dict[Update | Delete, list[str]] = {}
    for each in answers_:
        keys.setdefault(each.given, []).append(each.key)
    for given, those in keys.items():
        turn.tx.execute(given, {"of": recipient, "keys": list(those)})


def _papers_in(turn: Turn, logs_: Sequence[str], share: Share) -> tuple[Item, ...]:
    return (*_papers(turn, logs_),) if share.papers else ()


def _papers(turn: Turn, logs_: Sequence[str]) -> Iterator[Item]:
    """Every statement that proves itself: compacts shared, acts that count, how logs ended, their parties' papers.

    All versions of a compact, and of manifests each that changed the root: who missed one can follow. Whom else this
    party knows is nobody's affair.
    """
    known = turn.known
    parties = {party for id_ in logs_ for party in known.compact(id_).terms.parties} & known.manifests.keys()
    for party in sorted(parties):
        yield from (Item("manifest", data) for data in _chain(statements.history(turn.tx, party)))
    lexica = statements.latest(turn.tx, LEXICON)
    yield from (Item("lexicon", lexica[party]) for party in sorted(parties & lexica.keys()))
    yield from (Item("compact", data) for id_ in logs_ for data in statements.versions(turn.tx, id_))
    for id_ in logs_:
        acts = {read_act(data): data for data in statements.acts(turn.tx, id_)}
        yield from (Item("act", acts[each]) for each in for_others(acts))
    endings = ((read_ending(data), data) for data in statements.endings(turn.tx))
    yield from (Item("ending", data) for each, data in endings if each.compact in logs_)


def _chain(history: list[bytes]) -> Iterator[bytes]:
    """Leave out manifests after which the root stayed as it was, but the last."""
    roots = [read_manifest(data).root for data in history]
    for at, data in enumerate(history):
        if at == len(history) - 1 or (at and roots[at] != roots[at - 1]):
            yield data


def _envelopes(turn: Turn, recipient: str, share: Share) -> tuple[list[Item], int, bool]:
    """The envelopes that nobody answered, in order, up to the share, one at the least.

    Returned beside them are the number of the last, and whether more wait.
    """
    items, size, newest = list[Item](), 0, share.beyond
    if not share.records and not share.heartbeat:
        return items, newest, False
    for number, data in records.waiting(turn.tx, recipient, turn.means.kinds.recalled, share.beyond):
        size += len(data)
        if not share.records or (items and share.most is not None and size > share.most):
            return items, newest, True
        items.append(Item("envelope", data))
        newest = number
    return items, newest, False


def _heartbeat(turn: Turn, recipient: str) -> Item:
    """Our word on how far the line is; given only with all that waits, or what is still to leave would look lost."""
    line = records.line(turn.tx, recipient, turn.means.kinds.recalled)
    return Item("heartbeat", answers.beat(recipient, line, turn.means))


_ARRIVED = (
    select(ARRIVAL.c.envelope, ARRIVAL.c.log_index)
    .where(ARRIVAL.c.sender == bindparam("of"), ARRIVAL.c.compact == bindparam("log"))
    .order_by(ARRIVAL.c.log_index)
    .limit(bindparam("most"))
)
_NOT_ANSWERED = _ARRIVED.where(ARRIVAL.c.answered == "no")
_NOW_FINAL = _ARRIVED.where(ARRIVAL.c.answered == "provisional", ARRIVAL.c.log_index < bindparam("below"))
_GIVEN = update(ARRIVAL).where(ARRIVAL.c.sender == bindparam("of"), among(ARRIVAL.c.envelope, "keys"))
_FINAL_GIVEN, _PROVISIONAL_GIVEN = _GIVEN.values(answered="final"), _GIVEN.values(answered="provisional")
_REFUSED = (
    select(REFUSAL.c.envelope, REFUSAL.c.data)
    .where(REFUSAL.c.sender == bindparam("of"), ~REFUSAL.c.answered)
    .order_by(REFUSAL.c.envelope)
)
_REFUSAL_GIVEN = (
    update(REFUSAL).where(REFUSAL.c.sender == bindparam("of"), among(REFUSAL.c.envelope, "keys")).values(answered=True)
)


def _receipts(turn: Turn, recipient: str, most: int) -> Iterator[Answer]:
    """Step 12: prove what was accepted, against a checkpoint that met its quorum as soon as there is one."""
    for log in sorted(turn.known.compacts):
        this = {"of": recipient, "log": log, "most": most}
        final = _final(turn, log)
        rows = [] if final is None else turn.tx.execute(_NOW_FINAL, {**this, "below": final[0]}).all()
        fresh = turn.tx.execute(_NOT_ANSWERED, this).all()
        if final is not None:
            yield from _prove(turn, log, [*rows, *(row for row in fresh if row.log_index < final[0])], final)
            fresh = [row for row in fresh if row.log_index >= final[0]]
        if fresh:
            tree, note = _newest(turn, log)
            yield from _prove(turn, log, fresh, (tree.size, note), _PROVISIONAL_GIVEN)


def _prove(
    turn: Turn, log: str, rows: Sequence[Any], at: tuple[int, bytes], given: Update = _FINAL_GIVEN
) -> Iterator[Answer]:
    """Prove entries of a log against its checkpoint (size, note), which is shown thereby."""
    if not rows:
        return
    size, note = at
    read = logs.reader(turn.tx, log)
    logs.show(turn.tx, log, size)
    for row in rows:
        path = tuple(inclusion_proof(row.log_index, size, read))
        receipt = Proof(bytes.fromhex(row.envelope), row.log_index, path, note).encode()
        yield Answer(Item("receipt", receipt), given, row.envelope)


def _newest(turn: Turn, log: str) -> tuple[Tree, bytes]:
    tree, note = logs.latest(turn.tx, log)
    return tree, sequencer.for_others(turn, log, note)


def _final(turn: Turn, log: str) -> tuple[int, bytes] | None:
    """The newest checkpoint with its quorum, unless keys that counted for it were revoked since."""
    newest = logs.with_quorum(turn.tx, log)
    if newest is None:
        return None
    size, note = newest[0], sequencer.for_others(turn, log, newest[1])
    shown = shortest(policy_of(turn.known, log, turn.means.party, note), note, sequencer.own_names(turn, log))
    return None if shown is None else (size, shown)


def _refusals(turn: Turn, recipient: str) -> Iterator[Answer]:
    for row in turn.tx.execute(_REFUSED, {"of": recipient}):
        yield Answer(Item("refusal", answers.renewed(row.data, turn.means)), _REFUSAL_GIVEN, row.envelope)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a peer is asked to countersign: a log as it stands, and where the peer is known to stand with it."""

    log: str
    tree: Tree
    note: bytes
    read: HashReader
    pending: int
    next: int


def _to_countersign(turn: Turn, recipient: str, witnessed: Sequence[str]) -> Iterator[_Asked]:
    """The newest checkpoint of every log that the peer may see and has not countersigned.

    A peer that says it has more than there is knows another history, or none: it is asked as if it had all.
    """
    for log in witnessed:
        tree, note = _newest(turn, log)
        where = (COSIGNED.c.log == log, COSIGNED.c.witness == recipient)
        held = turn.tx.execute(select(COSIGNED).where(*where)).one_or_none()
        size, pending, next_entry = (held.size, held.pending, held.next) if held else (0, 0, 0)
        if tree.size and (size, pending, next_entry) != (tree.size,) * 3:
            read = logs.reader(turn.tx, log)
            own = sequencer.own_lines(turn, log, note)
            yield _Asked(log, tree, own, read, min(pending, tree.size), min(next_entry, tree.size))
            logs.show(turn.tx, log, tree.size)


def _checkpoint(asked: _Asked) -> Item:
    proof = tuple(consistency_proof(asked.pending, asked.tree.size, asked.read))
    return Item("checkpoint", AddCheckpoint(asked.pending, proof, asked.note).encode())


def _entries(turn: Turn, asked: _Asked, most: int) -> Iterator[Item]:
    """The entries that the peer needs before it countersigns; a log that grew by more goes on in the next bundle."""
    whole = Upload(turn.known.log_name(turn.means.party, asked.log), asked.next, asked.tree.size)
    packages = list(whole.packages())
    for at in range(0, max(1, len(packages)), MAX_PACKAGES)[:most]:
        run = packages[at : at + MAX_PACKAGES]
        begun = replace(whole, start=run[0][0] if run else whole.end).encode()
        yield Item("entries", begun + b"".join(_package(turn, asked, *each).encode() for each in run))


def _package(turn: Turn, asked: _Asked, start: int, end: int) -> Package:
    number, width = start // TILE_WIDTH, (end - 1) % TILE_WIDTH + 1
    entries = parse_entries(logs.bundle_of(turn.tx, asked.log, number, width))
    return make_package(start, end, asked.tree.size, entries[start % TILE_WIDTH :], asked.read)
