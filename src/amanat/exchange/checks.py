"""Checking a record anew: its envelope, what its sender signed, where it stands in each log, and who countersigned.

Law: nothing that was found before is believed. Each check reads what is kept here and verifies it as a stranger would
who is given the same files; one that fails says so and keeps no other from being made.
"""

import hashlib
from collections.abc import Callable, Iterator
from functools import partial
from typing import Literal

import msgspec

from amanat.compact.lacking import waits_for
from amanat.exchange import sequencer
from amanat.exchange.answers import read_refusal
from amanat.exchange.became import Countersigned, countersigned
from amanat.exchange.history import require_one_history
from amanat.exchange.means import Turn, manifest_that_listed
from amanat.exchange.receipt import keys_ever_listed, policy_of
from amanat.log.checkpoint import parse_checkpoint
from amanat.log.malformed import Malformed
from amanat.log.note import parse_note
from amanat.log.policy import parse_policy, verify_proof
from amanat.log.proof import Proof, inclusion_proof, parse_proof
from amanat.log.tree import leaf_hash
from amanat.party.errors import Invalid, Problem
from amanat.seal.header import parse_header
from amanat.seal.open import open_with_key
from amanat.store import listing, logs
from amanat.store.listing import Delivery, Listed

What = Literal["envelope", "signature", "log", "receipt", "refusal"]
Result = Literal["holds", "lacks", "fails"]


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """One check of a record, and what came of it; `of` is the party whose word or log was checked.

    "lacks" is of what is not there to be checked, or holds and is not final: `waits_for` says whose countersignature
    is lacking. `log`, `index` and `size` are where the entry was found under which checkpoint. `code`, `says` and
    `mend` are the error of a check that fails.
    """

    what: What
    of: str
    result: Result
    log: str = ""
    index: int | None = None
    size: int | None = None
    countersigned: tuple[Countersigned, ...] = ()
    waits_for: str = ""
    code: str = ""
    says: str = ""
    mend: str = ""


def checked(turn: Turn, row: Listed) -> tuple[Check, ...]:
    """Check a record anew, in a transaction to write in: an old checkpoint of ours may be signed by the keys in use."""
    own = turn.means.party
    found = [
        _made(partial(_envelope, turn, row), Check(what="envelope", of=own, result="holds")),
        _made(partial(_signature, turn, row), Check(what="signature", of=row.party, result="holds")),
        _made(partial(_logged, turn, row), Check(what="log", of=own, result="holds")),
    ]
    return (*found, *(_answers(turn, row) if row.party == own else ()))


def own_proof(turn: Turn, row: Listed) -> Proof:
    """Return the proof that a record stands in our own log; it names the checkpoint that most countersigned."""
    note = logs.covering(turn.tx, row.compact, row.log_index) or logs.latest(turn.tx, row.compact)[1]
    note = sequencer.for_others(turn, row.compact, note)
    size = parse_checkpoint(parse_note(note).text).size
    path = inclusion_proof(row.log_index, size, logs.reader(turn.tx, row.compact))
    return Proof(bytes.fromhex(row.envelope), row.log_index, tuple(path), note)


def answer_of(turn: Turn, row: Listed, recipient: str) -> Delivery:
    """Return the delivery of our record to a recipient who gave a receipt. Raises `Invalid` where none is here."""
    own = row.party == turn.means.party
    found = [each for each in listing.deliveries(turn.tx, row.envelope) if own and each.recipient == recipient]
    if not found or found[0].answer is None or found[0].state not in ("provisional", "final"):
        raise Invalid("receipt.missing", f"No receipt of {recipient[:16]} is here.", "See how its delivery stands.")
    return found[0]


def policy_for(turn: Turn, row: Listed, owner: str) -> bytes:
    """Return the policy under which the proof of a party's log is checked: ours, or that of a receipt."""
    if owner == turn.means.party:
        return policy_of(turn.known, row.compact, owner, own_proof(turn, row).checkpoint)
    answer = answer_of(turn, row, owner).answer or b""
    return policy_of(turn.known, row.compact, owner, parse_proof(answer).checkpoint)


def _made(check: Callable[[Check], Check], good: Check) -> Check:
    """Return what a check returns for `good`, or that it failed and how."""
    try:
        return check(good)
    except (Problem, Malformed) as error:
        return msgspec.structs.replace(good, result="fails", code=error.code, says=error.says, mend=error.mend)


def _envelope(turn: Turn, row: Listed, good: Check) -> Check:
    """What is kept is what stands in the log."""
    if row.state == "destroyed":
        return msgspec.structs.replace(good, result="lacks")
    sealed = listing.sealed(turn.tx, row.envelope)
    if sealed is None or hashlib.sha256(sealed[0]).hexdigest() != row.envelope:
        raise Invalid(
            "verify.envelope",
            f"The envelope {row.envelope[:16]} is missing here or was altered.",
            "Run an audit, and ask its other holders for it.",
        )
    return good


def _signature(turn: Turn, row: Listed, good: Check) -> Check:
    """What is shown is what its sender signed."""
    sealed = listing.sealed(turn.tx, row.envelope)
    if row.data is None or sealed is None:
        return msgspec.structs.replace(good, result="lacks")
    data, content_key = sealed
    manifest = manifest_that_listed(turn, row.party, parse_header(data).core.sender_key)
    opened = open_with_key(data, content_key, {row.party: manifest}, turn.means.kinds)
    if opened.data != row.data:
        raise Invalid(
            "verify.shown",
            f"What is shown of {row.id} is not what {row.party} signed.",
            "Trust the envelope, not the page, and run an audit.",
        )
    return good


def _logged(turn: Turn, row: Listed, good: Check) -> Check:
    """It stands in our own log, where we say, and whoever must countersigned that."""
    return _proven(turn, row, own_proof(turn, row), good)


def _answers(turn: Turn, row: Listed) -> Iterator[Check]:
    for each in listing.deliveries(turn.tx, row.envelope):
        what: What = "refusal" if each.state == "refused" else "receipt"
        yield _made(partial(_answer, turn, row, each), Check(what=what, of=each.recipient, result="holds"))


def _answer(turn: Turn, row: Listed, delivery: Delivery, good: Check) -> Check:
    """The recipient's own word: its receipt, or its refusal."""
    if delivery.answer is None or delivery.state not in ("refused", "provisional", "final"):
        return msgspec.structs.replace(good, result="lacks")
    if delivery.state == "refused":
        read_refusal(delivery.answer, delivery.recipient, turn.known, turn.means)
        return good
    return _proven(turn, row, parse_proof(delivery.answer), good)


def _proven(turn: Turn, row: Listed, proof: Proof, good: Check) -> Check:
    """Verify that a record's envelope stands in the log of `good.of`, and who countersigned. Raises `Malformed`."""
    policy = parse_policy(policy_of(turn.known, row.compact, good.of, proof.checkpoint))
    verified = verify_proof(policy, proof, leaf_hash(bytes.fromhex(row.envelope)))
    require_one_history(turn, verified.checkpoint, partial(keys_ever_listed, turn, good.of, row.compact))
    lacking = waits_for(policy, verified.cosigned, leave_out=turn.means.party)
    return msgspec.structs.replace(
        good,
        result="holds" if verified.quorum else "lacks",
        log=verified.log_name,
        index=proof.index,
        size=verified.checkpoint.size,
        countersigned=countersigned(verified),
        waits_for=lacking,
    )
