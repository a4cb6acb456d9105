"""What must hold at three nodes after anything at all has happened: `Border.check` asks it all, of every party.

Law: nothing is taken from the database on trust that can be computed anew from what was signed.
"""

import hashlib
from collections.abc import Iterator
from functools import cache
from itertools import pairwise, product
from typing import TYPE_CHECKING, Any, Protocol

from sqlalchemy import Connection, Engine, StaticPool, create_engine, func, select

from amanat.compact.check import Compact
from amanat.exchange import answers
from amanat.exchange.means import Known, Means, Turn, begin, read_manifest, read_terms
from amanat.exchange.receipt import log_keys, policy_of
from amanat.exchange.witness import ever_of_others
from amanat.log.checkpoint import open_checkpoint
from amanat.log.malformed import Malformed
from amanat.log.note import VerifierKey, parse_note
from amanat.log.policy import parse_policy, verify_proof
from amanat.log.proof import parse_proof
from amanat.log.tiles import audit, encode_entries, parse_entries
from amanat.log.tree import leaf_hash, root_of
from amanat.officer import audit as acts
from amanat.party.errors import Invalid
from amanat.party.manifest import Manifest, record_keys
from amanat.record.record import read
from amanat.seal.header import parse_header
from amanat.seal.open import open_with_key
from amanat.store import logs, mirrors, numbers, statements
from amanat.store.mirrors import Mirror
from amanat.store.records import UNKNOWN, LineState, line
from amanat.store.tables import ARRIVAL, CHECKPOINT, DELIVERY, ENVELOPE, LOST, RECORD, REFUSAL
from side import VIEWED

if TYPE_CHECKING:
    from border import Border


class Audited(Protocol):
    """A party and what its node works with: all that is asked of one."""

    party: str
    means: Means


def check(border: "Border") -> None:
    """Audit all three nodes, and each pair of them that is honest."""
    for side in border.sides.values():
        with begin(side.means) as turn:
            check_logs(turn, side)
            check_mirrors(turn)
            check_acts(turn)
            check_deliveries(turn)
            check_numbers(turn)
            check_records(turn)
            check_evidence(turn)
            check_views(turn)
    for side in border.sides.values():
        for other in border.sides.values():
            if side is not other and not {side.party, other.party} & border.dishonest:
                check_pair(side, other)


def check_logs(turn: Turn, side: Audited) -> None:
    """Every log, hashed anew from its entries, is what its tiles and every checkpoint kept say."""
    for log in logs.logs(turn.tx):
        check_log(turn, side, log)


def check_log(turn: Turn, side: Audited, log: str) -> None:
    """One log."""
    tree, _ = logs.latest(turn.tx, log)
    entries = entries_of(turn, log, tree.size)

    def bundle(n: int, width: int) -> bytes:
        return encode_entries(entries[256 * n : 256 * n + width])

    assert audit(tree.size, bundle, logs.reader(turn.tx, log)) == tree.root()
    for size, note in turn.tx.execute(select(CHECKPOINT.c.size, CHECKPOINT.c.note).where(CHECKPOINT.c.log == log)):
        checkpoint, _ = open_checkpoint(note, _log_key_that_signed(turn, side.party, log, note))
        assert (checkpoint.size, checkpoint.root) == (size, root_of(map(leaf_hash, entries[:size])))


def check_acts(turn: Turn) -> None:
    """Every row of what officers did stands in the party's own log, and nothing else does."""
    if acts.LOG in logs.logs(turn.tx):
        tree, _ = logs.latest(turn.tx, acts.LOG)
        leaves = entries_of(turn, acts.LOG, tree.size)
        assert list(acts.amiss(turn.tx, 0, leaves)) == []
        assert acts.digests_from(turn.tx, 0) == leaves
    else:
        assert acts.digests_from(turn.tx, 0) == []


def _log_key_that_signed(turn: Turn, party: str, log: str, note: bytes) -> VerifierKey:
    """The newest of the keys ever listed for a log that signed this checkpoint."""
    manifests = [*map(read_manifest, reversed(statements.history(turn.tx, party)))]
    origins = turn.known.log_names(party, log)
    keys = [key for origin in origins for manifest in manifests for key in log_keys(manifest, origin)]
    return next(key for key in keys if parse_note(note).by(key))


def check_mirrors(turn: Turn) -> None:
    """What is kept of others' logs is theirs, and every tree that was countersigned can be served entry by entry."""
    known = ever_of_others(turn)
    assert not known.keys() & {*logs.logs(turn.tx)}
    for held in mirrors.every(turn.tx, known):
        log = known[held.origin]
        entries = mirrored_of(turn, held)

        def bundle(n: int, width: int, entries: list[bytes] = entries) -> bytes:
            return encode_entries(entries[256 * n : 256 * n + width])

        kept = audit(held.next, bundle, mirrors.reader(turn.tx, held.origin))
        assert kept == root_of(map(leaf_hash, entries))
        assert held.next <= held.pending.size
        for each in filter(None, (held.mirrored, held.pending)):
            checkpoint, _ = open_checkpoint(each.note, _log_key_that_signed(turn, log.party, log.compact, each.note))
            assert checkpoint.size == each.size
            if each.size <= held.next:
                assert checkpoint.root == root_of(map(leaf_hash, entries[: each.size]))
        if held.mirrored is not None:
            assert held.mirrored.size <= held.next, "a tree was countersigned that is not kept here"


def check_kept(witness: Audited, origin: str, entries: list[bytes]) -> None:
    """What a party countersigned it can serve, entry by entry, as the log's own party has it."""
    with begin(witness.means) as turn:
        held = mirrors.of(turn.tx, origin)
        assert held is not None
        kept = mirrored_of(turn, held)
    assert kept[: len(entries)] == entries, "a tree was countersigned that is not kept"


def mirrored_of(turn: Turn, held: Mirror) -> list[bytes]:
    """All that a witness keeps of a log."""
    widths = [(n, min(256, held.next - 256 * n)) for n in range(-(-held.next // 256))]
    return [entry for n, width in widths for entry in parse_entries(mirrors.bundle(turn.tx, held.origin, n, width))]


def check_deliveries(turn: Turn) -> None:
    """Every answer kept proves what the delivery's state says, by what was known at some time."""
    query = select(DELIVERY, RECORD.c.compact).join(RECORD, RECORD.c.envelope == DELIVERY.c.envelope)
    for row in turn.tx.execute(query).all():
        if row.state == "pending":  # a receipt from a log that ended is kept until one from the next comes
            assert row.answer is None or turn.known.ended(row.recipient, row.compact)
        elif row.state != "lost":
            assert any(_said(turn, row, known) == row.state for known in _known_ever(turn, row.compact))


def check_numbers(turn: Turn) -> None:
    """What is kept of each line in short, both ways, is what all of its rows say."""
    for party in turn.known.manifests:
        came = sorted({0, *turn.tx.execute(select(ARRIVAL.c.sequence).where(ARRIVAL.c.sender == party)).scalars()})
        missing = [
            (one + 1, next_ - 1) for one, next_ in pairwise(came) if next_ > one + 1
        ]  # a hostile one may be huge
        assert numbers.gaps(turn.tx, party, 0, ()) == missing
        check_line(turn, party)


def check_line(turn: Turn, recipient: str) -> None:
    """The numbers of one line that are settled and void."""
    joined = DELIVERY.join(RECORD, RECORD.c.envelope == DELIVERY.c.envelope)
    query = select(DELIVERY, RECORD.c.kind, RECORD.c.data.label("kept"), RECORD.c.state.label("now"))
    rows = turn.tx.execute(query.select_from(joined).where(DELIVERY.c.recipient == recipient)).all()
    recalled = [kind.label for kind in turn.means.kinds if kind.on_withdraw == "destroy"]
    stopped = {row.sequence for row in rows if row.kept is None or (row.now == "withdrawn" and row.kind in recalled)}
    pending = {row.sequence for row in rows if row.state == "pending"}
    query = select(DELIVERY.c.sequence, DELIVERY.c.state).where(DELIVERY.c.recipient == recipient)
    numbered = [(0, ""), *turn.tx.execute(query.order_by(DELIVERY.c.sequence))]
    lost = [(one[0] + 1, next_[0]) for one, next_ in pairwise(numbered) if next_[1] == "lost"]
    void = {row.sequence for row in rows if row.state == "refused"} | (pending & stopped)
    unsettled = {row.sequence for row in rows if row.state == "provisional"} | (pending - stopped)
    sent = numbered[-1][0]
    runs = numbers.merged([*lost, *((each, each) for each in void)])
    expected = LineState(sent, min(unsettled, default=sent + 1) - 1, tuple(runs))
    assert line(turn.tx, recipient, recalled) == expected


def _said(turn: Turn, row: Any, known: Known) -> str | None:
    """What a kept answer proves under these manifests and this version of the compact."""
    try:
        if row.state == "refused":
            refusal = answers.read_refusal(row.answer, row.recipient, known, turn.means)
            return "refused" if refusal.envelope == row.envelope else None
        digest = bytes.fromhex(row.envelope)
        return "final" if _quorum(row, digest, known) else "provisional"
    except (Invalid, Malformed):
        return None


def _quorum(row: Any, digest: bytes, known: Known) -> bool:
    """Whether a receipt holds and met its quorum, by the log's own rules and none of the exchange's."""
    proof = parse_proof(row.answer)
    policy = policy_of(known, row.compact, row.recipient, proof.checkpoint)
    return verify_proof(parse_policy(policy), proof, leaf_hash(digest)).quorum


def _known_ever(turn: Turn, compact: str) -> Iterator[Known]:
    """All that was ever known together: each manifest of each party with each version of the compact; the latest first."""
    versions = [Compact(read_terms(data), "active") for data in statements.versions(turn.tx, compact)]
    histories = [
        [(party, read_manifest(data)) for data in reversed(statements.history(turn.tx, party))]
        for party in turn.known.manifests
    ]
    for version in reversed(versions):
        for manifests in product(*histories):
            yield Known(dict(manifests), {compact: version}, turn.known.endings)


def entries_of(turn: Turn, log: str, size: int) -> list[bytes]:
    """All entries of a log."""
    widths = [(n, min(256, size - 256 * n)) for n in range(-(-size // 256))]
    return [entry for n, width in widths for entry in parse_entries(logs.bundle(turn.tx, log, n, width))]


def check_records(turn: Turn) -> None:
    """Every record stands in the log, opens again from its envelope by its content key, or has left nothing behind."""
    query = select(RECORD, ENVELOPE.c.data.label("sealed"), ENVELOPE.c.content_key).join(
        ENVELOPE, ENVELOPE.c.digest == RECORD.c.envelope
    )
    for row in turn.tx.execute(query).all():
        tree, _ = logs.latest(turn.tx, row.compact)
        assert entries_of(turn, row.compact, tree.size)[row.log_index] == bytes.fromhex(row.envelope)
        if row.state == "destroyed":
            assert (row.data, row.sealed, row.content_key) == (None, None, None)
            continue
        assert hashlib.sha256(row.sealed).hexdigest() == row.envelope
        signer = _manifest_that_listed(turn, row.party, parse_header(row.sealed).core.sender_key)
        opened = open_with_key(row.sealed, row.content_key, {row.party: signer}, turn.means.kinds)
        assert opened == read(row.data, turn.means.kinds)
        assert opened.key == (row.party, row.id)
    held = set(turn.tx.execute(select(RECORD.c.envelope)).scalars())
    assert set(turn.tx.execute(select(ENVELOPE.c.digest)).scalars()) == held


def _manifest_that_listed(turn: Turn, party: str, key: str) -> Manifest:
    """What is logged already is judged by what preceded it: the manifest under which the key still spoke."""
    manifests = map(read_manifest, statements.history(turn.tx, party))
    return next(manifest for manifest in manifests if key in record_keys(manifest))


def check_evidence(turn: Turn) -> None:
    """Evidence is whole, or only its digest is left because its time was over."""
    for row in statements.evidence(turn.tx):
        if row.data is None:
            assert row.until is not None
        else:
            assert hashlib.sha256(row.data).hexdigest() == row.digest


def check_views(turn: Turn) -> None:
    """Views rebuilt from the records held are the views that stand."""
    with _empty_views().connect() as tx:  # never committed: they are empty again
        for data in turn.tx.execute(select(RECORD.c.data).where(RECORD.c.data.is_not(None))).scalars():
            record = read(data, turn.means.kinds)
            record.kind.apply(tx, record)
        rebuilt = _viewed(tx)
    assert _viewed(turn.tx) == rebuilt


@cache
def _empty_views() -> Engine:
    """A database whose views are empty, made once in a process."""
    made = create_engine("sqlite://", poolclass=StaticPool)
    for views in VIEWED:
        views.create_all(made)
    return made


def _viewed(tx: Connection) -> dict[str, set[tuple[Any, ...]]]:
    """All rows of the views, by table."""
    tables = [table for views in VIEWED for table in views.sorted_tables]
    return {table.name: {tuple(row) for row in tx.execute(select(table))} for table in tables}


def check_pair(sender: Audited, recipient: Audited) -> None:
    """What one side says it delivered, the other says it answered, under the same number; or one lists it as lost."""
    with begin(sender.means) as turn:
        sent = {
            row.envelope: row
            for row in turn.tx.execute(select(DELIVERY).where(DELIVERY.c.recipient == recipient.party))
        }
        nameless = select(func.sum(LOST.c.last - LOST.c.log_index + 1)).where(LOST.c.envelope.startswith(UNKNOWN))
        forgotten = turn.tx.execute(nameless).scalar_one() or 0  # of these only that there were some is known
    with begin(recipient.means) as turn:
        came = {row.envelope: row for row in turn.tx.execute(select(ARRIVAL).where(ARRIVAL.c.sender == sender.party))}
        refused = set(turn.tx.execute(select(REFUSAL.c.envelope).where(REFUSAL.c.sender == sender.party)).scalars())
        lost = set(turn.tx.execute(select(LOST.c.envelope)).scalars()) | came.keys()
        lost |= sent.keys() if any(each.startswith(UNKNOWN) for each in lost) else set()
    assert len(came.keys() - sent.keys()) <= forgotten, "an envelope came that was never sent"
    known = [each for each in came.keys() & sent.keys() if sent[each].state != "lost"]
    assert all(sent[each].sequence == came[each].sequence for each in known)
    states = {"pending": {*sent}, "provisional": lost, "final": lost, "refused": refused, "lost": {*sent}}
    assert [row.state for row in sent.values() if row.envelope not in states[row.state]] == []
    numbered = [(0, ""), *sorted((row.sequence, row.state) for row in sent.values())]
    assert all(one[0] < next_[0] for one, next_ in pairwise(numbered)), "two envelopes bear one number"
    assert [next_ for one, next_ in pairwise(numbered) if next_[0] > one[0] + 1 and next_[1] != "lost"] == []
