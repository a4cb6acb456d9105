"""Events as all sides know them: incidents that are one event, and all facts of each, from views.

Law: whatever is shown of an event follows from `rules` over these facts, so that no page says otherwise than another.
What was told under another compact, or marked otherwise than the incident, does not belong to it.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row

from amanat.compact.check import Compact
from amanat.compact.terms import Terms
from amanat.exchange.means import Turn
from amanat.party.errors import Invalid
from amanat.workspaces.liaison import calls, matter_rows, withdrawals
from amanat.workspaces.liaison import views as liaison_views
from amanat.workspaces.liaison.dealings import Root
from amanat.workspaces.liaison.incidents import joining, rules, views
from amanat.workspaces.liaison.incidents.rules import Due, Finding, Standing, Version
from amanat.workspaces.liaison.incidents.told import Begun, Facts, Step
from amanat.workspaces.liaison.kinds import Named
from amanat.workspaces.liaison.narrowing import named
from amanat.workspaces.liaison.told import Told

Key = tuple[str, str]
_Gone = Mapping[Key, datetime]


@dataclass(frozen=True, slots=True)
class Matter:
    """An event with all that follows from its facts now; `terms` are those under which it was first told of."""

    facts: Facts
    terms: Terms
    compact: Compact | None
    told: tuple[Told, ...]
    findings: tuple[Finding, ...]
    dues: tuple[Due, ...]
    standing: Standing
    versions: tuple[Version, ...]
    apart: tuple[Told, ...]
    """Words that it is the same event as another, which are one side's alone."""
    back: tuple[Told, ...]
    """What was withdrawn, and counts no more."""

    @property
    def key(self) -> Named:
        """What names the event: the record that told of it first."""
        return self.facts.root.key

    @property
    def root(self) -> Root:
        """What records of the event hang on."""
        opened = self.facts.root
        return Root(opened.key, opened.exercise, opened.expires)

    @property
    def late(self) -> list[Due]:
        """The steps with which somebody is late."""
        return rules.overdue(self.dues)

    @property
    def path(self) -> str:
        """Where it is shown."""
        return path("incident", self.key)


def path(page: str, key: Named) -> str:
    """Return where a page of an incident is."""
    return f"/liaison/{page}?party={key.party}&id={key.id}"


def one(turn: Turn, party: str, id_: str) -> Matter | None:
    """Return the event of which this incident is, None where there is none here."""
    return next(iter(of(turn, [(party, id_)])), None)


def require(turn: Turn, party: str, id_: str) -> Matter:
    """Return the event of which this incident is. Raises `Invalid`."""
    found = one(turn, party, id_)
    if found is None:
        raise Invalid(
            "liaison.incident", f"No incident {id_[:40]} is here.", "See those that are: it may have expired."
        )
    return found


def of(turn: Turn, keys: Collection[Key]) -> list[Matter]:
    """Return the events of which these incidents are, each once, in the order of the incidents."""
    rows, same = with_joined(turn, keys)
    known = _Texts(turn)
    told = {table: _by_incident(turn, table, list(rows)) for table in views.BODIES}
    here = {(row.party, row.id) for those in told.values() for several in those.values() for row in several}
    gone = withdrawals.times(turn.tx, here | rows.keys() | {_key(each.key) for each in same}, turn.now)
    same = [replace(each, withdrawn=gone.get(_key(each.key))) for each in same]
    said = _said(known, rows, same)
    found = dict[Named, Matter]()
    for key in keys:
        if key in rows:
            event = _event(known, rows, said, key, gone)
            if event[0].key not in found:
                found[event[0].key] = _matter(turn, known, rows, event, told=told, same=same, gone=gone)
    return list(found.values())


class _Texts:
    """The texts of compacts by digest, each looked for once."""

    def __init__(self, turn: Turn) -> None:
        self.turn = turn
        self.found = dict[str, Terms | None]()

    def terms(self, digest: str) -> Terms | None:
        """Return the text that a record was written under: a later one may have other clocks."""
        if digest not in self.found:
            self.found[digest] = calls.terms_under(self.turn, digest)
        return self.found[digest]

    def compact(self, digest: str) -> str:
        """Return the id of the compact of which this is a text, "" for none that is known."""
        found = self.terms(digest)
        return found.id if found else ""


def with_joined(turn: Turn, keys: Collection[Key]) -> tuple[dict[Key, Row[Any]], list[Told]]:
    """Return the rows of these incidents and of those that both sides say are the same, with all such words.

    One side's word leads nowhere: else it could make a page load whatever it tells of.
    """
    rows, same, asked = dict[Key, Row[Any]](), dict[Key, Told](), set(keys)
    while asked:
        found = {(row.party, row.id): row for row in _rows(turn, asked)}
        rows |= found
        words = views.said_same(turn.tx, list(found)) if found else []
        same |= {(row.party, row.id): matter_rows.told(row, views.body_of(views.STEP, row), {}) for row in words}
        by = dict[frozenset[Named], set[str]]()
        for each in same.values():
            by.setdefault(frozenset((each.body.incident, each.body.same)), set()).add(each.key.party)
        asked = {_key(end) for pair, parties in by.items() if len(parties) > 1 for end in pair} - rows.keys() - asked
    return rows, sorted(same.values(), key=lambda each: each.order)


def _rows(turn: Turn, keys: Collection[Key]) -> list[Row[Any]]:
    narrowed = named(keys, views.INCIDENT.c)
    return [row for row in liaison_views.rows(turn.tx, views.INCIDENT, *narrowed) if (row.party, row.id) in keys]


def _said(known: _Texts, rows: Mapping[Key, Row[Any]], same: Iterable[Told]) -> list[Told]:
    """Return those words that join what may be one event: incidents of one compact, both exercises or neither."""

    def sort(key: Named) -> tuple[str, bool] | None:
        row = rows.get(_key(key))
        return None if row is None else (known.compact(row.compact), row.exercise)

    return [each for each in same if sort(each.body.incident) == sort(each.body.same) is not None]


def _event(known: _Texts, rows: Mapping[Key, Row[Any]], said: Iterable[Told], key: Key, gone: _Gone) -> list[Begun]:
    """Return the incidents that are one event with this one, that which told of it first at the front."""
    terms = known.terms(rows[key].compact)
    members = tuple(terms.members) if terms else ()
    group = joining.joined(Named(*key), joining.pairs(said, members), members)
    return sorted((_opened(rows[_key(each)], gone) for each in group), key=lambda each: (each.at, each.key))


def _matter(  # noqa: PLR0913 - what is asked once for all events
    turn: Turn,
    known: _Texts,
    rows: Mapping[Key, Row[Any]],
    event: list[Begun],
    *,
    told: Mapping[Any, Mapping[Key, list[Row[Any]]]],
    same: Iterable[Told],
    gone: _Gone,
) -> Matter:
    root = rows[_key(event[0].key)]
    terms = known.terms(root.compact)
    assert terms is not None  # noqa: S101 - what was accepted was under a compact that is kept
    belongs = [
        matter_rows.told(row, views.body_of(table, row), gone)
        for table, by_incident in told.items()
        for each in event
        for row in by_incident.get(_key(each.key), ())
        if known.compact(row.compact) == terms.id and row.exercise == root.exercise
    ]
    facts = Facts(tuple(event), tuple(sorted(terms.members)), ladder(terms), tuple(belongs))
    counts = rules.counted(facts, turn.now)
    told_of = rules.in_force(counts)
    stand = {each.key for each in told_of}
    return Matter(
        facts=facts,
        terms=terms,
        compact=turn.known.compacts.get(terms.id),
        told=tuple(told_of),
        findings=rules.findings(facts, told_of),
        dues=rules.clock(facts, told_of, turn.now),
        standing=rules.standing(facts, told_of),
        versions=rules.versions(told_of),
        apart=tuple(_apart(facts, same)),
        back=tuple(each for each in counts if each.key not in stand),
    )


def _apart(facts: Facts, same: Iterable[Told]) -> Iterator[Told]:
    """Yield the words by which a side says that this is another event too, which the other side has not said."""
    group = {each.key for each in facts.opened}
    for each in joining.standing(same, facts.members):
        if len(group & {each.body.incident, each.body.same}) == 1:
            yield each


def ladder(terms: Terms) -> tuple[Step, ...]:
    """Return the steps of a compact's ladder, in its order."""
    return tuple(
        Step(
            name,
            each.clause,
            each.title,
            each.act,
            timedelta(minutes=each.within_minutes),
            each.rank,
            each.guarantor or "",
        )
        for name, each in terms.deescalation.items()
    )


def _by_incident(turn: Turn, table: Any, keys: Collection[Key]) -> Mapping[Key, list[Row[Any]]]:  # noqa: ANN401
    found = defaultdict[Key, list[Row[Any]]](list)
    for row in views.of_incidents(turn.tx, table, keys, turn.now):
        found[row.incident_party, row.incident_id].append(row)
    return found


def _key(named: Named) -> Key:
    return named.party, named.id


def _opened(row: Row[Any], gone: _Gone) -> Begun:
    return Begun(
        key=Named(row.party, row.id),
        post=row.post,
        at=datetime.fromisoformat(row.at),
        body=views.incident_of(row),
        exercise=row.exercise,
        expires=datetime.fromisoformat(row.expires) if row.expires else None,
        withdrawn=gone.get((row.party, row.id)),
    )
