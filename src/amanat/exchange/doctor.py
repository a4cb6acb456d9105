"""How a node is: what its database says of peers, logs, keys, recalls, evidence and backups, and what to do about it.

Law: every check answers, also when all is well; what is wrong comes with the next step. Nothing is changed.
"""

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from sqlalchemy import func, select

from amanat.compact.ending import ended_at
from amanat.exchange import again, clocks
from amanat.exchange.audit import signer_of
from amanat.exchange.evidence import PROOFS
from amanat.exchange.means import Turn
from amanat.log.checkpoint import open_checkpoint
from amanat.log.malformed import Malformed
from amanat.party.key_id import key_id
from amanat.party.manifest import Manifest
from amanat.store import listing, logs, marks, records, statements
from amanat.store.tables import HEARTBEAT, HELD, LOST, PEER

State = Literal["ok", "warn", "bad"]

KEYS_END: Final = timedelta(days=30)  # before keys run out
WAITED: Final = timedelta(days=1)  # until a peer who takes nothing is worth a call
WAITED_LONG: Final = timedelta(days=7)
UNCONFIRMED: Final = timedelta(hours=6)  # without the quorum of witnesses
BACKUP_OLD: Final = timedelta(days=2)
BACKUP_TOO_OLD: Final = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at: how it is, in a sentence, and what to do when it is not well."""

    subject: str
    state: State
    says: str
    mend: str = ""


def examine(turn: Turn) -> Iterator[Check]:
    """Look at all that the database tells."""
    yield from _history(turn)
    yield from _peers(turn)
    yield from _again(turn)
    yield from _logs(turn)
    yield from _ended(turn)
    yield from _keys(turn)
    yield from _due(turn)
    yield from _evidence(turn)
    yield _backup(turn)


def _history(turn: Turn) -> Iterator[Check]:
    since = marks.at(turn.tx, "restored")
    if since is not None:
        says = f"Put back to an old copy at {_time(since)}: it signs nothing."
        yield Check("node", "bad", says, "Hear what its peers hold: `amanat node reconcile`.")
    lost = turn.tx.execute(select(func.sum(LOST.c.last - LOST.c.log_index + 1))).scalar_one()
    if lost:
        says = f"{lost} envelopes of its logs were lost when it was put back."
        mend = "`amanat node reconcile` lists them: call who sent them, or was sent them, to have them given again."
        yield Check("node", "warn", says, mend)


def _peers(turn: Turn) -> Iterator[Check]:
    """What waits for each peer and since when."""
    oldest = {each.recipient: each.oldest for each in listing.due(turn.tx) if each.oldest is not None}
    paused = set(turn.tx.execute(select(PEER.c.party).where(PEER.c.paused)).scalars())
    heard: dict[str, str] = dict(turn.tx.execute(select(HEARTBEAT.c.sender, HEARTBEAT.c.at)).all())
    parties = {party for each in turn.known.compacts.values() for party in each.terms.parties}
    for party, difference in clocks.differences(turn.tx).items():
        if difference.warns:
            says = f"At {_time(difference.at)} {clocks.words(difference.ahead)}."
            yield Check(f"peer {party}", "warn", says, "Set the clock of whoever is wrong; nothing is stopped by it.")
    for party in sorted(parties - {turn.means.party}):
        name = f"peer {party}"
        last = f"heard at {_time(datetime.fromisoformat(heard[party]))}" if party in heard else "never heard"
        if party in paused:
            yield Check(
                name,
                "warn",
                f"Its line is paused; {last}.",
                "Go on with it: give its address again, `amanat peer set`.",
            )
        if party not in oldest:
            yield Check(name, "ok", f"Nothing waits for it; {last}.")
            continue
        since = datetime.fromisoformat(oldest[party])
        waited = turn.now - since
        state: State = "bad" if waited > WAITED_LONG else "warn" if waited > WAITED else "ok"
        says = f"Records wait for it since {_time(since)}; {last}."
        yield Check(name, state, says, "See to the line, or carry a bundle: `amanat bundle export`." * (state != "ok"))


def _again(turn: Turn) -> Iterator[Check]:
    """Who asks for what it says it lost, or is given it: a thief of its keys can ask as well."""
    for party, each in again.asked(turn).items():
        says = f"It asks for {_envelopes(each.waiting)} again that it says it lost; nothing is given."
        mend = (
            f"Speak with its people, by a way you know them: if they lost it, `amanat peer give-again {party}`; "
            f"if not, its keys are stolen, and `amanat peer give-again {party} --no`."
        )
        if each.until is not None:
            says = f"What it asks for is given again until {_time(each.until)}; waiting: {_envelopes(each.waiting)}."
            mend = f"End it once its people have all: `amanat peer give-again {party} --no`."
        yield Check(f"peer {party}", "warn", says, mend)


def _logs(turn: Turn) -> Iterator[Check]:
    for log in logs.logs(turn.tx):
        name = f"log {log}"
        tree, note = logs.latest(turn.tx, log)
        try:
            checkpoint, _ = open_checkpoint(note, signer_of(turn, turn.means.party, log, note))
        except Malformed as problem:
            yield Check(name, "bad", problem.says, "Look at all of it: `amanat audit`.")
            continue
        if (checkpoint.size, checkpoint.root) != (tree.size, tree.root()):
            says = "Its newest checkpoint signs another root than its tree has."
            yield Check(name, "bad", says, "Stop the node, keep the database, and look: `amanat audit`.")
        elif log in turn.known.compacts:
            yield _quorum(turn, log, tree.size)
        else:
            yield Check(name, "ok", _entries(tree.size))


def _ended(turn: Turn) -> Iterator[Check]:
    """What its party said to have ended: what was promised there stays so."""
    for ending in (each for those in turn.known.endings.values() for each in those):
        at, whose = ended_at(ending), "ours" if ending.party == turn.means.party else ending.party
        why = "nobody could give its entries" if ending.because == "lost" else "two histories of it were signed"
        says = f"It ended at {_entries(at.size)} on {ending.at:%Y-%m-%d}: {why}; {whose} goes on in the next."
        mend = "What was lost: `amanat node reconcile`." if whose == "ours" else "Keep its receipts: they stand."
        yield Check(f"log {at.origin}", "warn", says, mend)


def _quorum(turn: Turn, log: str, size: int) -> Check:
    """Since when entries wait for the witnesses. It stops nothing: receipts stay provisional."""
    final = logs.with_quorum(turn.tx, log)
    done = final[0] if final else 0
    first = logs.first_beyond(turn.tx, log, done)
    if done == size or first is None:
        return Check(f"log {log}", "ok", f"{_entries(size)}, countersigned by its quorum.")
    since = datetime.fromisoformat(first)
    late = turn.now - since > UNCONFIRMED
    says = f"{_entries(size)}, of which {size - done} wait for the quorum since {_time(since)}."
    mend = "See to the witnesses: `amanat outbox` names them; receipts stay provisional until it is back."
    return Check(f"log {log}", "warn" if late else "ok", says, mend * late)


def _keys(turn: Turn) -> Iterator[Check]:
    if not turn.means.keys.own:
        says = "The key file has no secret of its own, which officers' second factors are kept under."
        yield Check("keys", "bad", says, "Give it one: `amanat node upgrade`.")
    own = turn.known.manifests.get(turn.means.party)
    if own is None:
        yield Check("keys", "bad", "This node does not know its own manifest.", "Learn it: `amanat party learn`.")
        return
    ends = min(own.until, max((each.until for each in own.sealing), default=own.until))
    says = f"Manifest {own.serial}; others can seal to it until {ends:%Y-%m-%d}."
    mend = "Draw new keys: `amanat party rotate --sealing`, for the custodians to sign."
    left = ends - turn.now
    state: State = "bad" if left <= timedelta() else "warn" if left < KEYS_END else "ok"
    yield Check("keys", state, says, mend * (state != "ok"))
    gone = {each.keyid for each in own.revoked}
    for role, id_ in _in_use(turn):
        if id_ in gone:
            says = f"The {role} key in use, {id_[:16]}, is revoked: nobody believes it."
            yield Check("keys", "bad", says, "Put the new one into use: `amanat party update`, with the manifest.")
        elif id_ not in _listed(own, role):
            says = f"The {role} key in use, {id_[:16]}, stands in no manifest that is known here."
            yield Check("keys", "bad", says, "Take in the own manifest that lists it: `amanat party update`.")


def _in_use(turn: Turn) -> Iterator[tuple[str, str]]:
    keys = turn.means.keys
    yield "record", key_id(keys.record.public_key().public_bytes_raw())
    yield "log", key_id(keys.log.public_key().public_bytes_raw())
    yield "witness", key_id(keys.witness.public_key().public_bytes_raw())
    yield "witness_pq", key_id(keys.witness_pq.public_key().public_bytes_raw())


def _listed(manifest: Manifest, role: str) -> set[str]:
    return {key_id(base64.b64decode(key)) for key in getattr(manifest, role)}


def _due(turn: Turn) -> Iterator[Check]:
    """What officers have to decide or do."""
    held = turn.tx.execute(select(func.count()).select_from(HELD)).scalar_one()
    mend = "List them: `amanat held`."
    says = f"Records that wait for a second person: {held}."
    yield Check("approval", "warn" if held else "ok", says, mend * bool(held))
    due = len(records.due(turn.tx, turn.now.isoformat()))
    mend = "Destroy what may not be kept: `amanat erase`."
    says = f"Records that are withdrawn or expired, and still here: {due}."
    yield Check("recalls", "bad" if due else "ok", says, mend * bool(due))
    for id_, compact in sorted(turn.known.compacts.items()):
        well = compact.state == "active"
        mend = f"See what its members did: `amanat compact show {id_}`."
        yield Check(f"compact {id_}", "ok" if well else "warn", f"It is {compact.state}.", mend * (not well))


def _evidence(turn: Turn) -> Iterator[Check]:
    rows = statements.evidence_counts(turn.tx)
    proofs = [f"{row.code} by {row.party}" for row in rows if row.code in PROOFS]
    if proofs:
        mend = "Keep the database, tell the party, and show it to the observer."
        yield Check("evidence", "warn", f"It proves: {', '.join(proofs)}.", mend)
    else:
        items = sum(row.items for row in rows)
        yield Check("evidence", "ok", f"{items} items that did not hold are kept; none proves a breach.")


def _backup(turn: Turn) -> Check:
    last = marks.at(turn.tx, "backup")
    mend = "Make one, by a timer: docs/operating.md, Backups."
    if last is None:
        return Check("backup", "warn", "No backup was ever made from here.", mend)
    age = turn.now - last
    state: State = "bad" if age > BACKUP_TOO_OLD else "warn" if age > BACKUP_OLD else "ok"
    return Check("backup", state, f"The last one was made at {_time(last)}.", mend * (state != "ok"))


def _envelopes(count: int) -> str:
    return "1 envelope" if count == 1 else f"{count} envelopes"


def _entries(size: int) -> str:
    return "1 entry" if size == 1 else f"{size} entries"


def _time(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"
