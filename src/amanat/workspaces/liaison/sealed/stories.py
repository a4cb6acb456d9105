"""Sealed notices as they are known here: all of each from the views, and what the core knows of its record.

Law: whatever is shown or done follows from `rules` over these. Of what one side shows of one notice so much is read,
first what fits: who shows more says no more.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, Final

import msgspec
from sqlalchemy import Row, and_, func, select

from amanat.exchange import times
from amanat.exchange.means import Turn
from amanat.party.errors import Invalid
from amanat.record.notices import WITHDRAWAL
from amanat.store import listing, records
from amanat.store.listing import Listed
from amanat.store.listing import Word as Said
from amanat.workspaces.liaison import calls, views
from amanat.workspaces.liaison.dealings import Dealing, Root
from amanat.workspaces.liaison.kinds import Named
from amanat.workspaces.liaison.notices.kinds import Notice
from amanat.workspaces.liaison.rules import SKEW
from amanat.workspaces.liaison.sealed import happened
from amanat.workspaces.liaison.sealed.kinds import Entrusted, Unsealed
from amanat.workspaces.liaison.sealed.near import Happened
from amanat.workspaces.liaison.sealed.rules import Shown, Story, Told, Word, opened
from amanat.workspaces.liaison.sealed.tables import ENTRUSTED, HOLDS, SEALED, UNSEALED

MOST_SHOWN: Final = 16
"""Openings of one notice by one party that are read: those that fit first, then the earliest."""
MOST_WORDS: Final = 4
AT_ONCE: Final = 500
"""Records that are named in one question."""

Key = tuple[str, str]
_On = Mapping[Named, tuple[Happened, datetime]]


@dataclass(frozen=True, slots=True)
class Known:
    """A sealed notice: its row, its story, and what each opening says, by the opening's record."""

    row: Row[Any]
    story: Story
    bodies: Mapping[Named, Unsealed]

    @property
    def root(self) -> Root:
        """What its other records hang on."""
        return Root.of(self.row)


def of(turn: Turn, rows: Sequence[Row[Any]], *, by_date: bool = False) -> list[Known]:
    """Return what is known of these rows of `SEALED`, in their order; when one was taken back, `by_date` if asked."""
    keys = [(row.party, row.id) for row in rows]
    if not keys:
        return []
    shown, words, withdrawn = _unsealed(turn, keys), _holds(turn, keys), _withdrawn(turn, keys, by_date=by_date)
    on = _named(turn, shown)
    return [
        _known(turn, row, shown[key], words[key], withdrawn=withdrawn, on=on)
        for row, key in zip(rows, keys, strict=True)
    ]


def require(turn: Turn, party: str, id_: str) -> Known:
    """Return a sealed notice. Raises `Invalid` where none such is here."""
    found = one(turn, party, id_)
    if found is None:
        raise Invalid(
            "liaison.sealed-unknown",
            "No such sealed notice is here.",
            "It may have expired; see which there are.",
        )
    return found


def one(turn: Turn, party: str, id_: str) -> Known | None:
    """Return a sealed notice, None where none such is here."""
    rows = views.rows(turn.tx, SEALED, SEALED.c.party == party, SEALED.c.id == id_)
    return next(iter(of(turn, rows)), None)


def rows_of(turn: Turn, keys: Sequence[Key]) -> list[Row[Any]]:
    """Return the rows of these sealed notices, of those that are here."""
    rows = views.rows(turn.tx, SEALED, SEALED.c.id.in_(sorted({id_ for _, id_ in keys}))) if keys else ()
    return [row for row in rows if (row.party, row.id) in set(keys)]


def opened_by(turn: Turn, keys: Sequence[Key]) -> Mapping[Key, dict[Named, Unsealed]]:
    """Return what these records say where they open a sealed notice, by that and by their own names."""
    found, ids, wanted = defaultdict[Key, dict[Named, Unsealed]](dict), sorted({id_ for _, id_ in keys}), set(keys)
    for begin in range(0, len(ids), AT_ONCE):
        for row in views.rows(turn.tx, UNSEALED, UNSEALED.c.id.in_(ids[begin : begin + AT_ONCE])):
            if (row.party, row.id) in wanted:
                body = msgspec.json.decode(row.body, type=Unsealed)
                found[row.of_party, row.of_id][Named(row.party, row.id)] = body
    return found


def on_incidents(turn: Turn, keys: Sequence[Key], most: int) -> list[Key]:
    """Return the sealed notices that openings of these incidents name: of each party those of its last `most`."""
    of_, ids = UNSEALED.c, sorted({id_ for _, id_ in keys})
    number = func.row_number().over(partition_by=(of_.party,), order_by=(of_.at.desc(), of_.id.desc()))
    ranked = select(UNSEALED, number.label("number")).where(of_.incident_id.in_(ids)).subquery()
    rows = turn.tx.execute(select(ranked).where(ranked.c.number <= most).order_by(ranked.c.at, ranked.c.id))
    named = ((row.of_party, row.of_id) for row in rows if (row.incident_party, row.incident_id) in set(keys))
    return list(dict.fromkeys(named))


def compact_of(turn: Turn, known: Known) -> str:
    """Return the id of the compact under which it was told, "" where that is not here."""
    terms = calls.terms_under(turn, known.row.compact)
    return terms.id if terms else ""


def dealing(turn: Turn, known: Known) -> Dealing:
    """Return under which compact it was told, as the party here is to answer under it: the latest text."""
    compact, _ = records.setting(turn.tx, known.row.party, known.row.id)
    return Dealing(turn.known.compact(compact), turn.means.party, known.row.party)


def entrusted(turn: Turn, known: Known) -> tuple[Entrusted, bool] | None:
    """Return what was entrusted here of a sealed notice, and whether it fits; what fits goes before what does not."""
    its = (ENTRUSTED.c.commitment == known.row.commitment, ENTRUSTED.c.party == known.row.party)
    fits = ENTRUSTED.c.digest == ENTRUSTED.c.commitment
    query = select(ENTRUSTED.c.body, fits.label("fits")).where(*its)
    row = turn.tx.execute(query.order_by(fits.desc(), ENTRUSTED.c.at, ENTRUSTED.c.id).limit(1)).one_or_none()
    return None if row is None else (msgspec.json.decode(row.body, type=Entrusted), bool(row.fits))


def near_incident(turn: Turn, known: Known, notice: Notice) -> Named | None:
    """Return an incident on which who holds it in trust may open a sealed notice at once; None once it was opened."""
    if opened(known.story) is not None:
        return None
    found = happened.near(turn, known.row, notice, happened.of_late(turn))
    return found.key if found else None


def _known(  # noqa: PLR0913 - all that is known of one
    turn: Turn,
    row: Row[Any],
    shown: Iterable[Row[Any]],
    words: Iterable[Row[Any]],
    *,
    withdrawn: Mapping[Key, datetime],
    on: _On,
) -> Known:
    told = Told(
        key=Named(row.party, row.id),
        post=row.post,
        at=datetime.fromisoformat(row.at),
        opens=datetime.fromisoformat(row.opens),
        held_by=tuple(row.held_by.split()),
        escrow=row.escrow,
        exercise=row.exercise,
        withdrawn=withdrawn.get((row.party, row.id)),
    )
    found = [(each, msgspec.json.decode(each.body, type=Unsealed)) for each in shown]
    openings = tuple(
        Shown(
            key=Named(each.party, each.id),
            post=each.post,
            at=datetime.fromisoformat(each.at),
            because=body.because,
            fits=each.digest == row.commitment,
            exercise=each.exercise,
            incident=body.incident if _because_of(turn, row, each, body, on) else None,
        )
        for each, body in found
    )
    held = tuple(Word(each.party, datetime.fromisoformat(each.at), each.fits) for each in words)
    return Known(row, Story(told, openings, held), {Named(each.party, each.id): body for each, body in found})


def _named(turn: Turn, shown: Mapping[Key, Iterable[Row[Any]]]) -> _On:
    """Return the incidents that openings name, of those that are here."""
    rows = (each for several in shown.values() for each in several if each.incident_id)
    return happened.named(turn, {(each.incident_party, each.incident_id) for each in rows})


def _because_of(turn: Turn, row: Row[Any], shown: Row[Any], body: Unsealed, on: _On) -> bool:
    """Whether the incident that an opening names is here, was told of before it, and is near what it says."""
    its, told = on.get(body.incident, (None, None)) if body.incident else (None, None)
    if its is None or told is None or told > datetime.fromisoformat(shown.at) + SKEW:
        return False
    return happened.near(turn, row, body.notice, (its,)) is not None


def _unsealed(turn: Turn, keys: Sequence[Key]) -> dict[Key, list[Row[Any]]]:
    """Return what was shown as what these say: of each party the first, what fits before what does not."""
    of_, own = UNSEALED.c, SEALED.c
    its = and_(own.party == of_.of_party, own.id == of_.of_id)
    number = func.row_number().over(
        partition_by=(of_.of_party, of_.of_id, of_.party),
        order_by=((of_.digest == own.commitment).desc(), of_.at, of_.id),
    )
    narrowed = (of_.of_id.in_(sorted({id_ for _, id_ in keys})),)
    ranked = select(UNSEALED, number.label("number")).join(SEALED, its).where(*narrowed).subquery()
    found = defaultdict[Key, list[Row[Any]]](list)
    for row in turn.tx.execute(select(ranked).where(ranked.c.number <= MOST_SHOWN)):
        found[row.of_party, row.of_id].append(row)
    return found


def _holds(turn: Turn, keys: Sequence[Key]) -> dict[Key, list[Row[Any]]]:
    of_ = HOLDS.c
    number = func.row_number().over(partition_by=(of_.of_party, of_.of_id, of_.party), order_by=(of_.at, of_.id))
    narrowed = of_.of_id.in_(sorted({id_ for _, id_ in keys}))
    ranked = select(HOLDS, number.label("number")).where(narrowed).subquery()
    found = defaultdict[Key, list[Row[Any]]](list)
    for row in turn.tx.execute(select(ranked).where(ranked.c.number <= MOST_WORDS)):
        found[row.of_party, row.of_id].append(row)
    return found


def _withdrawn(turn: Turn, keys: Sequence[Key], *, by_date: bool) -> dict[Key, datetime]:
    """Return when each was taken back by its own author, of those that were: by the first word of it.

    Another's word counts from when it came here, where that was clearly later than it is dated: as others' clocks say,
    by this party's own log. Of a word that was long on its way two nodes may so say different things: called off where
    it was said or came before the notice was to open, not opened where it came after that. `by_date` both say the same,
    whenever it came, and believe its author's clock.
    """
    words = {
        key: [each for each in said if _takes_back(key, each)] for key, said in listing.words(turn.tx, keys).items()
    }
    named = [(each.party, each.id) for said in words.values() for each in said]
    rows = {(row.party, row.id): row for row in listing.named(turn.tx, named)} if named else {}
    counts_from = _dated if by_date else partial(_counts_from, turn)
    counted = {key: [counts_from(rows[each.party, each.id]) for each in said] for key, said in words.items()}
    return {key: min(those) for key, those in counted.items() if those}


def _takes_back(key: Key, said: Said) -> bool:
    return said.kind == WITHDRAWAL.label and said.party == key[0]


def _dated(row: Listed) -> datetime:
    return datetime.fromisoformat(row.at)


def _counts_from(turn: Turn, row: Listed) -> datetime:
    at = _dated(row)
    since = times.logged(turn, row.compact, row.log_index).not_before if row.party != turn.means.party else None
    return at if since is None else max(at, times.moment(since.time) - SKEW)
