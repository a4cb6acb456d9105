"""Opening a record: the signed word of a post that an officer there pressed *read*, told to the originator.

Law: nothing else signs it. A list, a search, a preview, an export and every request that only reads open nothing, so
that the word means a person; a button that an officer presses, and the command at the machine, are all that calls this.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection

from amanat.exchange.means import Turn
from amanat.exchange.send import Pending, notify
from amanat.party.errors import Invalid
from amanat.record.kind import Kinds
from amanat.record.notices import NOTICES, OPENED, WITHDRAWAL, OpenedHere
from amanat.record.record import Post, Record, Ref, read, refs_to
from amanat.store import listing, records
from amanat.store.listing import Word

NOTICE_LABELS: Final = frozenset(notice.label for notice in NOTICES)


@dataclass(frozen=True, slots=True)
class Meaning:
    """What is known of a record at one party beyond its delivery: which posts opened it when, which records answer it.

    `opened` are (post, time) and `answers` ids, the oldest first, times as RFC 3339 has them.
    """

    opened: tuple[tuple[str, str], ...] = ()
    answers: tuple[str, ...] = ()


def open_in(turn: Turn, party: str, id_: str, post: str) -> Pending | None:
    """Sign that an officer at a post of ours opened another party's record, and tell that party; once for each post.

    A withdrawal is opened as other records are, no other notice is. Returns None when this post signed it before.
    Raises `Invalid` for what is not another's, is such a notice or is not here to be read, and `Refused` when its
    originator cannot be told now: the officer may read it all the same.
    """
    means = turn.means
    data = _require_readable(turn, party, id_)
    if post in readers(turn, (party, id_)):
        return None
    signed = notify(turn, party, OpenedHere(), Ref("about", party, id_), Post(means.party, post))
    if not retracted_at(turn, read(data, means.kinds)):
        records.was_read(turn.tx, party, id_)
    return signed


def readers(turn: Turn, key: tuple[str, str]) -> set[str]:
    """Return which of our posts signed that another's record was opened there, but for what was refused on the way."""
    mine = records.undeclined(turn.tx, turn.means.party, OPENED.label, key)
    return {read(data, turn.means.kinds).fields.author.name for data in mine}


def retracted_at(turn: Turn, record: Record) -> set[str]:
    """Return which of our posts opened what a record withdraws, and did not open that withdrawal so far."""
    withdrawn = refs_to(record, "withdraws")
    if not withdrawn:
        return set()
    return set[str]().union(*(readers(turn, (ref.party, ref.id)) for ref in withdrawn)) - readers(turn, record.key)


def meanings(
    tx: Connection, keys: Iterable[tuple[str, str]], kinds: Kinds
) -> Mapping[tuple[str, str], Mapping[str, Meaning]]:
    """Return for many records, by (party, id), what each party said of them by opening or answering: one query.

    Whether a party was sent the record is for the caller to ask: who was not can sign such a word too.
    """
    return {key: _by_party(said, kinds) for key, said in listing.words(tx, set(keys)).items()}


def _by_party(said: Iterable[Word], kinds: Kinds) -> dict[str, Meaning]:
    found: dict[str, Meaning] = {}
    for word in said:
        before = found.get(word.party, Meaning())
        if word.relation == "answers":
            found[word.party] = Meaning(before.opened, (*before.answers, word.id))
        elif word.kind == OPENED.label and word.data is not None:
            post = read(word.data, kinds).fields.author.name
            found[word.party] = Meaning((*before.opened, (post, word.at)), before.answers)
    return found


def _require_readable(turn: Turn, party: str, id_: str) -> bytes:
    row = listing.one(turn.tx, party, id_)
    if row is None:
        raise Invalid("record.unknown", f"No record {id_} of {party} is here.", "See what came in, and what was sent.")
    if party == turn.means.party:
        raise Invalid("open.own", f"The record {id_} is our own.", "Show it instead: nobody is told.")
    if row.kind in NOTICE_LABELS - {WITHDRAWAL.label}:
        raise Invalid("open.notice", f"The record {id_} is a notice.", "Show it instead: nobody is told.")
    if row.data is None:
        raise Invalid("record.destroyed", f"The record {id_} was destroyed here.", "What is destroyed stays so.")
    return row.data
