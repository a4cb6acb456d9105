"""What a page shows of a call: its steps with who signed each, and what was said in it, in order, each side's apart.

Law: all of it follows from `rules` over the facts of the call. What is read back stands nowhere in it meanwhile, and
free words only for who may look at a person's data.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final, Literal

from amanat.compact import calling
from amanat.exchange import opening
from amanat.exchange.means import Turn
from amanat.exchange.opening import Meaning
from amanat.exchange.shown import File, file
from amanat.officer.may import Actor, may
from amanat.record.record import Record, read
from amanat.store import attachments, listing, records
from amanat.workspaces.liaison import phrasebook, rules
from amanat.workspaces.liaison.calls import Line
from amanat.workspaces.liaison.kinds import Named, Phrase, ReadBack, Slots, Text
from amanat.workspaces.liaison.opened import Came
from amanat.workspaces.liaison.phrasebook import Entry
from amanat.workspaces.liaison.rules import Facts, Uttered

Key = tuple[str, str]
Back = Literal["", "awaited", "matches", "differs"]

NOBODY: Final = Meaning()
FREE: Final = ("text", "translation")
"""The types of free words."""


@dataclass(frozen=True, slots=True)
class Reached:
    """A step of a call: what was done, by which party's signature, at which post and when, as far as that is known.

    `came` says when word of it came here, where that was later than it is dated.
    """

    did: str
    party: str
    post: str = ""
    at: datetime | None = None
    done: bool = True
    came: Came | None = None


@dataclass(frozen=True, slots=True)
class Rank:
    """A rank that was rung when nobody opened the call: its posts by party, and whose node said so.

    `by_own_clock` says that it was the node that is called, which heard of nothing.
    """

    number: int
    at: datetime
    by: str
    by_own_clock: bool
    posts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Shown:
    """Something that was said. `entry` is its phrase, or the one that is read back; `of` what a read-back is to.

    `text` is None of free words that this officer may not look at, and `files` are what goes with them, which
    this officer may take out where it `takes`. `back` is how
    reading a dangerous one back stands.
    `doubled` says that something else that its party said in the call has its number.
    """

    key: Named
    own: bool
    post: str
    at: datetime
    type: str
    entry: Entry | None = None
    slots: Slots = field(default_factory=dict)
    of: Named | None = None
    text: str | None = None
    language: str = ""
    files: tuple[File, ...] = ()
    takes: bool = False
    delivery: str = ""
    opened: tuple[tuple[str, str], ...] = ()
    unread: bool = False
    withdrawn: bool = False
    hidden: bool = False
    doubled: bool = False
    back: Back = ""
    differing: tuple[str, ...] = ()
    translations: tuple["Shown", ...] = ()

    @property
    def name(self) -> str:
        """Its originator and id, as an address names it."""
        return f"{self.key.party}:{self.key.id}"


def steps(facts: Facts, came: Came | None = None) -> tuple[Reached, ...]:
    """Return the four steps of a call: rung, delivered, opened, answered."""
    rung, first = facts.rung, rules.picked_up(facts)
    here = facts.delivered or first is not None or rules.answered(facts) is not None
    theirs = [each for each in rules.in_order(facts.uttered) if each.key.party == rung.to]
    return (
        Reached("rung", rung.key.party, rung.post, rung.at),
        Reached("delivered", rung.to, done=here),
        Reached("opened", rung.to, first.post, first.at, came=came)
        if first
        else Reached("opened", rung.to, done=False),
        Reached("answered", rung.to, theirs[0].post, theirs[0].at)
        if theirs
        else Reached("answered", rung.to, done=False),
    )


def ranks(facts: Facts, line: Line) -> tuple[Rank, ...]:
    """Return the ranks that were rung since, the lowest first."""
    return tuple(
        Rank(each.rank, each.at, each.party, each.party != facts.rung.key.party, posts_of(facts, line, each.rank))
        for each in rules.steps(facts)
    )


def posts_of(facts: Facts, line: Line, rank: int) -> Mapping[str, str]:
    """Return the posts of a rank by party: of the hour at which it was rung."""
    posts = calling.rung(line.compact.terms, facts.rung.hotline, facts.rung.at).posts
    return {party: those[rank] for party, those in sorted(posts.items()) if rank < len(those)}


def said(turn: Turn, actor: Actor, facts: Facts, hides: str = "") -> tuple[Shown, ...]:
    """Return what was said in a call, in order; `hides` names one of theirs that is read back, which is left out."""
    hides = "" if hides.startswith(f"{turn.means.party}:") else hides
    ordered = rules.in_order(facts.uttered)
    twice = rules.doubled(ordered)
    shown = [replace(each, doubled=each.key in twice) for each in _each(turn, actor, ordered)]
    gone = _withdrawn(ordered)
    backs = {
        each.answers: each
        for each in ordered
        if each.type == "read-back" and each.answers and each.answers.party != each.key.party
    }
    return _with_translations([_judged(each, gone, backs.get(each.key), hides) for each in shown])


def written(turn: Turn, actor: Actor, uttered: Iterable[Uttered]) -> tuple[Shown, ...]:
    """Return free words about one matter in the order in which they were written, translations in what they are of."""
    return _with_translations(_each(turn, actor, rules.in_order(uttered)))


def persons(turn: Turn, uttered: Iterable[Uttered]) -> Iterator[Key]:
    """Yield what of it counts as naming a person: free words, each of which is looked at where it is shown."""
    keys = [(each.key.party, each.key.id) for each in uttered if each.type in FREE]
    here = {(row.party, row.id) for row in listing.named(turn.tx, keys) if row.data is not None}
    yield from (key for key in keys if key in here)


def last_of(shown: Iterable[Shown]) -> Shown | None:
    """Return the last phrase of the other side that stands: the one to which there are usual answers."""
    theirs = [each for each in shown if not each.own and each.type == "phrase" and not each.withdrawn]
    return theirs[-1] if theirs else None


def _each(turn: Turn, actor: Actor, ordered: list[Uttered]) -> list[Shown]:
    """Return each of what was said as it is by itself."""
    takes = may(actor, "record.export")
    stands = _standing(turn, [(each.key.party, each.key.id) for each in ordered])
    texts = _texts(turn, actor, ordered)
    return [replace(_shown(turn, each, stands, texts), takes=takes) for each in ordered]


def _with_translations(shown: Iterable[Shown]) -> tuple[Shown, ...]:
    """Return it with each translation in what it is of, where that is here."""
    found = defaultdict[Named | None, list[Shown]](list)
    those = list(shown)
    for each in those:
        if each.type == "translation":
            found[each.of].append(each)
    bound = {each.key for each in those if each.type == "text"}
    return tuple(
        replace(each, translations=tuple(found.get(each.key, ())))
        for each in those
        if each.type != "translation" or each.of not in bound
    )


@dataclass(frozen=True, slots=True)
class _Standing:
    deliveries: Mapping[Key, str]
    opened: Mapping[Key, tuple[tuple[str, str], ...]]
    unread: Collection[Key]
    withdrawn: Collection[Key]


def _standing(turn: Turn, keys: list[Key]) -> _Standing:
    """Return how what was said stands at the other side, and what of theirs waits here: three queries for all of it."""
    own = turn.means.party
    rows = listing.named(turn.tx, keys) if keys else []
    ours = {(row.party, row.id): row.envelope for row in rows if row.party == own}
    deliveries = listing.deliveries_of(turn.tx, list(ours.values())) if ours else {}
    meanings = opening.meanings(turn.tx, list(ours), turn.means.kinds) if ours else {}
    return _Standing(
        {key: deliveries[digest][0].state for key, digest in ours.items() if deliveries[digest]},
        {key: tuple(each for of in meant.values() for each in of.opened) for key, meant in meanings.items()},
        {(row.party, row.id) for row in rows if row.party != own and row.read_by is not None},
        {(row.party, row.id) for row in rows if row.state == "withdrawn"},
    )


def _texts(turn: Turn, actor: Actor, ordered: list[Uttered]) -> Mapping[Key, tuple[Text, tuple[File, ...]]]:
    """Return free words with their files, for who may look at a person's data."""
    if not may(actor, "record.person"):
        return {}
    keys = [(each.key.party, each.key.id) for each in ordered if each.type in FREE]
    found = {key: read(data, turn.means.kinds) for key, data in records.data_of(turn.tx, keys).items()}
    return {key: (record.body, _files(turn, record)) for key, record in found.items()}


def _files(turn: Turn, record: Record) -> tuple[File, ...]:
    return tuple(map(file, attachments.of(turn.tx, record.key))) if record.fields.attachments else ()


def _shown(turn: Turn, each: Uttered, stands: _Standing, texts: Mapping[Key, tuple[Text, tuple[File, ...]]]) -> Shown:
    key = (each.key.party, each.key.id)
    entry, slots = _phrase(each)
    text, files = texts.get(key, (None, ()))
    return Shown(
        key=each.key,
        own=each.key.party == turn.means.party,
        post=each.post,
        at=each.at,
        type=each.type,
        entry=entry,
        slots=slots,
        of=each.answers,
        text=text.text if text else None,
        language=text.language if text else "",
        delivery=stands.deliveries.get(key, ""),
        opened=stands.opened.get(key, ()),
        files=files,
        unread=key in stands.unread,
        withdrawn=key in stands.withdrawn,
    )


def _phrase(each: Uttered) -> tuple[Entry | None, Slots]:
    """Return the phrase that was said, or that is read back, and what stands in its slots."""
    if isinstance(each.body, Phrase):
        return phrasebook.entry(each.body.said.phrase), each.body.said.slots
    if isinstance(each.body, ReadBack):
        return phrasebook.entry(each.body.phrase), each.body.slots
    return None, {}


def _withdrawn(ordered: Iterable[Uttered]) -> set[Named]:
    """Return what its own party said was wrong: the phrase that withdraws answers it."""
    return {
        each.answers
        for each in ordered
        if isinstance(each.body, Phrase)
        and each.body.said.phrase == phrasebook.WITHDRAWS
        and each.answers is not None
        and each.answers.party == each.key.party
    }


def _judged(shown: Shown, gone: set[Named], back: Uttered | None, hides: str) -> Shown:
    """Return it with what later ones say of it: that it is withdrawn, and how it was read back last."""
    of = f"{shown.of.party}:{shown.of.id}" if shown.of else ""
    hidden = bool(hides and shown.slots) and hides in (shown.name, of)
    judged = replace(
        shown, withdrawn=shown.withdrawn or shown.key in gone, hidden=hidden, slots={} if hidden else shown.slots
    )
    entry = shown.entry
    if shown.type != "phrase" or entry is None or not entry.read_back or judged.withdrawn:
        return judged
    if back is None or not isinstance(back.body, ReadBack):
        return replace(judged, back="awaited")
    differing = rules.differing(shown.slots, back.body.slots, entry.read_back)
    return replace(judged, back="differs" if differing else "matches", differing=differing)
