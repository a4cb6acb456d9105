"""What the benches of pages share: a node's database filled with very many records, written straight into its tables.

Real are the schema, the bytes of each record (reports with a STIX bundle, notices; each reads as one that was sent),
the words that are searched, the log with all its entries and tiles, and the rows of what officers did. Not real are the
envelopes (40 bytes, and their digests ascend, so that rows are quick to write), signatures, and answers to deliveries:
nothing in them opens. What is opened on a page was sent for real before (`console_pages.py`).
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any, Final

import msgspec
from sqlalchemy import func, select

from amanat.compact.terms import defaults
from amanat.demo.cast import COMPACT, Actor, terms_of
from amanat.demo.reports import reports
from amanat.demo.trial import LABEL, REPORT
from amanat.exchange import sequencer
from amanat.exchange.means import Turn, begin
from amanat.officer import audit
from amanat.record.notices import DESTROYED, NOTICE_HANDLING, OPENED, WITHDRAWAL, Destroyed, OpenedHere, Withdrawal
from amanat.record.record import Draft, Post, Ref, compose, uuid7
from amanat.store import logs, numbers, text
from amanat.store.dialect import insert_all
from amanat.store.tables import ARRIVAL, AUDIT, DELIVERY, ENVELOPE, RECORD, REFERENCE

BATCH: Final = 10_000
SPAN: Final = timedelta(days=730)
ROUND: Final = 200
"""So many records make a round, in which each sort stands at its place; a million have 5,000 rounds."""
OPENED_AT, WITHDRAWN_AT, DESTROYED_AT, PERSON_AT, BACK = range(19, ROUND, 20), 150, 151, 33, 50
"""Where in a round the notices stand, and who names a person; a notice is of what stands so many before it."""
SUPERSEDED_AT: Final = 70
UNREAD, PENDING, UNANSWERED, EXERCISES = 3_000, 400, 10_000, 100_000
"""The newest so many of others are unread, of ours undelivered, of withdrawals unanswered; exercises are the oldest."""

PLACES = ("Torkham", "Kurram", "Chaman", "Kunar", "Paktika", "Nangarhar", "Bajaur", "Khost", "Zabul", "Helmand")
THINGS = ("lorries", "mortar fire", "a checkpoint", "a convoy", "a crossing", "smoke", "a patrol", "a cache")
_MARKS: Final = {"id": uuid7(1, b"\1" * 10), "of": uuid7(0, bytes(10)), "name": "the name of this report"}


@dataclass(frozen=True, slots=True)
class Mould:
    """A record's bytes with its id, time, words and what it is about left open, and its kind."""

    kind: str
    data: bytes
    at: str

    def cast(self, id_: str, at: datetime, of: str, name: str) -> bytes:
        """Return the bytes of a record that says this."""
        said = self.data.replace(_MARKS["id"].encode(), id_.encode()).replace(_MARKS["of"].encode(), of.encode())
        told = f"{at:%Y-%m-%dT%H:%M:%S}"
        return said.replace(self.at.encode(), told.encode()).replace(_MARKS["name"].encode(), name.encode())


@dataclass(slots=True)
class Filling:
    """What is written next, and of which moulds, (party, sort): how many in all, and where numbers go on."""

    moulds: dict[tuple[str, str], Mould]
    now: datetime
    count: int
    sent: int
    came: dict[str, int]

    def moment(self, number: int) -> datetime:
        """When a record was written: one after the other, over two years until yesterday."""
        seconds = (self.count - number) * (SPAN.total_seconds() / self.count)
        return self.now - timedelta(days=1, seconds=int(seconds))

    def name(self, number: int) -> tuple[str, str]:
        """Return what names a record: its party, and its id."""
        place = number % ROUND
        party = "pk" if number % 2 == 0 else "obs" if number % 20 == 1 else "af"
        party = {WITHDRAWN_AT: "pk", DESTROYED_AT: "af"}.get(place, party)
        seed = hashlib.sha256(number.to_bytes(8)).digest()
        return party, uuid7(int(self.moment(number).timestamp() * 1000), seed)


def fill(actor: Actor, count: int) -> None:
    """Write so many records to the node of `pk`, and as many rows of what its officers did."""
    moulds = _moulds(actor)
    with begin(actor.means) as turn:
        sent = turn.tx.execute(select(func.max(DELIVERY.c.sequence))).scalar_one() or 0
        came = {party: _came(turn, party) for party in ("af", "obs")}
        filling = Filling(moulds, turn.now, count, sent, came)
    for first in range(0, count, BATCH):
        with begin(actor.means) as turn:
            made = [_row(filling, number) for number in range(first, min(first + BATCH, count))]
            _write(turn, filling, made)
            _note(turn, filling, first, len(made))
    with begin(actor.means) as turn:
        for party, last in filling.came.items():
            numbers.note(turn.tx, party, range(1, last + 1))
        turn.tx.exec_driver_sql("ANALYZE" if turn.tx.dialect.name == "postgresql" else "SELECT 1")


def _came(turn: Turn, party: str) -> int:
    query = select(func.max(ARRIVAL.c.sequence)).where(ARRIVAL.c.sender == party)
    return turn.tx.execute(query).scalar_one() or 0


def _moulds(actor: Actor) -> dict[tuple[str, str], Mould]:
    """Return moulds of records that were composed as all are, of each party and sort."""
    terms, now, kinds = terms_of(actor), actor.means.now(), actor.means.kinds
    usual, kind = defaults(terms, REPORT, now), kinds.get(LABEL)
    plain = msgspec.json.encode(msgspec.json.decode(bytes(kind.examples[0].bundle)))
    plain = plain.replace(b"Mortar fire near the line (exercise)", _MARKS["name"].encode())
    naming = reports("pk")[-1].replace(b"somewhere on our side (exercise)", _MARKS["name"].encode())
    found = {}
    for party, to in (("pk", "af"), ("af", "pk"), ("obs", "pk")):
        about, own = Ref("about", to, _MARKS["of"]), Ref("withdraws", party, _MARKS["of"])
        drafts = {
            "report": Draft(LABEL, kind.body(bundle=msgspec.Raw(plain)), (to,), usual, terms.digest),
            "person": Draft(LABEL, kind.body(bundle=msgspec.Raw(naming)), (to,), usual, terms.digest),
            "opened": Draft(OPENED.label, OpenedHere(), (to,), NOTICE_HANDLING, terms.digest, (about,)),
            "destroyed": Draft(DESTROYED.label, Destroyed("withdrawn"), (to,), NOTICE_HANDLING, terms.digest, (about,)),
            "withdrawal": Draft(WITHDRAWAL.label, Withdrawal("outdated"), (to,), NOTICE_HANDLING, terms.digest, (own,)),
        }
        for sort, draft in drafts.items():
            record = compose(draft, Post(party, "torkham/duty"), kinds, _MARKS["id"], now)
            found[party, sort] = Mould(draft.kind, record.data, f"{record.fields.at:%Y-%m-%dT%H:%M:%S}")
    return found


def _sort(place: int) -> tuple[str, int | None]:
    """Of which sort the record at a place of a round is, and at which place stands what it is about."""
    if place in OPENED_AT:
        return "opened", place - BACK + 1 if place > BACK else None
    if place == WITHDRAWN_AT:
        return "withdrawal", place - BACK
    if place == DESTROYED_AT:
        return "destroyed", WITHDRAWN_AT - BACK
    return ("person" if place == PERSON_AT else "report"), None


def _row(filling: Filling, number: int) -> dict[str, Any]:
    """Make a row of `RECORD`, with what else is written of it."""
    place, chance = number % ROUND, Random(number)
    sort, of = _sort(place)
    unanswered = sort == "destroyed" and number >= filling.count - UNANSWERED
    if unanswered or (sort == "opened" and of is None):
        sort, of = "report", None
    party, id_ = filling.name(number)
    about = None if of is None else filling.name(number - place + of)
    at, mould = filling.moment(number), filling.moulds[party, sort]
    name = f"{chance.choice(THINGS)} at {chance.choice(PLACES)}, sector {chance.randrange(5000)}"
    data: bytes | None = mould.cast(id_, at, about[1] if about else "", name)
    state = "superseded" if place == SUPERSEDED_AT else "current"
    if place == WITHDRAWN_AT - BACK:
        destroyed = number < filling.count - UNANSWERED
        state, data = ("destroyed", None) if destroyed else ("withdrawn", data)
    late = party != "pk" and number >= filling.count - 2 * UNREAD and sort in ("report", "person")
    return {
        "party": party,
        "id": id_,
        "envelope": f"{number:016x}{hashlib.sha256(id_.encode()).hexdigest()[:48]}",
        "compact": COMPACT,
        "kind": mould.kind,
        "at": at.isoformat(),
        "expires": (filling.now + SPAN).isoformat() if sort in ("report", "person") else None,
        "exercise": number < EXERCISES and place == 0,
        "person": sort == "person",
        "log_index": 0,
        "state": state,
        "kept_until": (filling.now + SPAN).isoformat() if state == "withdrawn" else None,  # or the node would erase it
        "read_by": (filling.now + timedelta(days=1)).isoformat() if late else None,
        "data": data,
        "about": about,
        "relation": "withdraws" if sort == "withdrawal" else "about",
        "words": f"{name} {place}" if data else "",
        "pending": number >= filling.count - 2 * PENDING,
    }


def _write(turn: Turn, filling: Filling, made: list[dict[str, Any]]) -> None:
    first = sequencer.commit(turn, COMPACT, [bytes.fromhex(row["envelope"]) for row in made])
    for index, row in enumerate(made, first):
        row["log_index"] = index
    insert_all(
        turn.tx,
        ENVELOPE,
        [{"digest": row["envelope"], "data": bytes(40), "content_key": bytes(32)} for row in made],
    )
    insert_all(turn.tx, RECORD, [{name: row[name] for name in RECORD.c.keys()} for row in made])  # noqa: SIM118
    insert_all(turn.tx, REFERENCE, [_reference(row) for row in made if row["about"]])
    text.index(turn.tx, (((row["party"], row["id"]), row["words"]) for row in made if row["words"]))
    insert_all(turn.tx, DELIVERY, [_delivery(filling, row) for row in made if row["party"] == "pk"])
    insert_all(turn.tx, ARRIVAL, [_arrival(filling, row) for row in made if row["party"] != "pk"])


def _reference(row: dict[str, Any]) -> dict[str, Any]:
    to_party, to_id = row["about"]
    return {
        "party": row["party"],
        "id": row["id"],
        "relation": row["relation"],
        "to_party": to_party,
        "to_id": to_id,
    }


def _delivery(filling: Filling, row: dict[str, Any]) -> dict[str, Any]:
    filling.sent += 1
    state = "pending" if row["pending"] else "final"
    return {
        "envelope": row["envelope"],
        "recipient": "af",
        "sequence": filling.sent,
        "state": state,
        "answer": None,
        "recalled": row["state"] == "withdrawn",
    }


def _arrival(filling: Filling, row: dict[str, Any]) -> dict[str, Any]:
    filling.came[row["party"]] += 1
    return {
        "envelope": row["envelope"],
        "sender": row["party"],
        "id": row["id"],
        "sequence": filling.came[row["party"]],
        "compact": COMPACT,
        "log_index": row["log_index"],
        "answered": "final",
    }


def _note(turn: Turn, filling: Filling, first: int, count: int) -> None:
    """Write what officers did; the digests, of which nothing is shown, are of their numbers alone."""
    sequencer.drain_audit(turn)
    begins = logs.latest(turn.tx, audit.LOG)[0].size if audit.LOG in logs.logs(turn.tx) else 0
    rows = [
        {
            "number": begins + each,
            "at": filling.moment(first + each).isoformat(),
            "officer": each % 20 + 1,
            "post": "torkham/duty",
            "act": "record.send" if each % 4 else "sign-in",
            "subject": f"pk:{each % 5000}" if each % 4 else "",
            "outcome": "refused" if each == 0 and first % (BATCH * 50) == 0 else "done",
            "channel": "console",
            "salt": bytes(16),
            "digest": hashlib.sha256((first + each).to_bytes(8)).hexdigest(),
        }
        for each in range(count)
    ]
    insert_all(turn.tx, AUDIT, rows)
    sequencer.drain_audit(turn)
