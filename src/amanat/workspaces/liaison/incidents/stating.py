"""The joint statement as it is typed: which sentences of the book, with what stands in their gaps; and signing one.

Law: what is signed is the digest of exactly the sentences that were shown, and of their words in every language. Their
order is the book's.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import msgspec

from amanat.exchange.means import Turn
from amanat.officer.may import Actor
from amanat.party.errors import Invalid
from amanat.party.lexicon import Language
from amanat.workspace import Sent
from amanat.workspaces.liaison import places, slots
from amanat.workspaces.liaison.ground.drawn import typed_time
from amanat.workspaces.liaison.incidents import acting, rules, sentences
from amanat.workspaces.liaison.incidents.kinds import MOST_VERSIONS, Proposed, Signature
from amanat.workspaces.liaison.incidents.rules import Version
from amanat.workspaces.liaison.kinds import Said, Spot, Value
from amanat.workspaces.liaison.phrasebook import Entry

WIDTH: Final = 4
"""Gaps that a row of the form has room for; no sentence has more."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the form: a sentence, its place on the form, and the number of its first gap."""

    entry: Entry
    number: int

    @property
    def first(self) -> int:
        """The number of the field of its first gap."""
        return self.number * WIDTH


@dataclass(frozen=True, slots=True)
class _Typed:
    """What was typed for the gaps of one row."""

    held: Mapping[str, str]
    first: int

    def slot(self, number: int) -> str:
        return self.held.get(f"slot{self.first + number}", "")

    def country(self, number: int) -> str:
        return self.held.get(f"country{self.first + number}", "")


def rows() -> tuple[Row, ...]:
    """Return the rows of the form: each sentence as often as it may stand, in the order of the book."""
    every = [entry for entry in sentences.book().values() for _ in range(sentences.times(entry.id))]
    return tuple(Row(entry, number) for number, entry in enumerate(every))


_FIELDS: Final = [
    *(f"use{row.number}" for row in rows()),
    *(f"{name}{row.first + gap}" for row in rows() for gap in range(WIDTH) for name in ("slot", "country")),
]
Stating = msgspec.defstruct(
    "Stating",
    [("party", str), ("id", str), *((name, str, "") for name in _FIELDS)],
    frozen=True,
    kw_only=True,
    namespace={"__doc__": "A joint statement as it is typed: which rows of the form are used, and their gaps."},
)


class Signing(msgspec.Struct, frozen=True):
    """Which text of the other side is signed ("PARTY:ID"), by the digest of what was shown."""

    party: str
    id: str
    text: str
    digest: str


def propose(turn: Turn, actor: Actor, typed: msgspec.Struct) -> Sent:
    """Propose a text, and sign it by that."""
    held = {name: str(value) for name, value in msgspec.structs.asdict(typed).items()}
    matter = acting.require(turn, actor, held["party"], held["id"])
    said = tuple(_said(turn, held))
    if not said:
        raise Invalid("liaison.no-sentence", "No sentence is chosen.", "Choose one at the least.")
    ours = [each.told.body.number for each in matter.versions if each.told.key.party == turn.means.party]
    number = max(ours, default=0) + 1
    if number > MOST_VERSIONS:
        raise Invalid("liaison.versions", f"This side proposed {MOST_VERSIONS} texts.", "Sign one, or tell of it anew.")
    body = Proposed(incident=matter.key, number=number, sentences=said, wording=sentences.wording(said))
    asked = acting.said(turn, matter, "liaison.statement", body)
    return Sent((asked,), then=f"/liaison/statement?party={matter.key.party}&id={matter.key.id}")


def sign(turn: Turn, actor: Actor, typed: Signing) -> Sent:
    """Sign exactly the text that was shown, the last of its side."""
    matter = acting.require(turn, actor, typed.party, typed.id)
    own = turn.means.party
    text = next((each for each in matter.versions if f"{each.told.key.party}:{each.told.key.id}" == typed.text), None)
    if text is None or text.digest != typed.digest or rules.replaced(matter.versions, text):
        raise Invalid("liaison.text-other", "The text here is not the one that was shown.", "Read it anew, then sign.")
    if not as_here(text):
        raise Invalid(
            "liaison.text-wording",
            "The book here words these sentences otherwise than the book of who proposed them.",
            "Bring both nodes to one version, then propose the text anew.",
        )
    if own in text.signed:
        raise Invalid("liaison.text-signed", "This side signed that text already.", "See when, beside it.")
    body = Signature(incident=matter.key, text=text.told.key, digest=text.digest)
    asked = acting.said(turn, matter, "liaison.statement", body, text.told.key)
    return Sent((asked,), then=f"/liaison/statement?party={matter.key.party}&id={matter.key.id}")


def as_here(text: Version) -> bool:
    """Whether the book of this node words a text as the book did by which it was proposed."""
    return bool(text.told.body.wording == sentences.wording(text.told.body.sentences))


def _said(turn: Turn, held: Mapping[str, str]) -> Iterator[Said]:
    for row in rows():
        if held.get(f"use{row.number}"):
            values = slots.read(turn, row.entry, _Typed(held, row.first))
            yield Said(row.entry.id, dict(sorted(values.items())))


def begun(turn: Turn, said: Iterable[Said], language: Language) -> Mapping[str, str]:
    """Return what the form is filled in with, so that the same text is read of it."""
    held, left = dict[str, str](), list(rows())
    for each in said:
        row = next((one for one in left if one.entry.id == each.phrase), None)
        if row is None:
            continue
        left.remove(row)
        held[f"use{row.number}"] = "on"
        for gap, name in enumerate(row.entry.slots):
            value = each.slots[name]
            held[f"slot{row.first + gap}"] = _spelt(turn, value, row.entry.slots[name], language)
            if isinstance(value, Spot):
                held[f"country{row.first + gap}"] = value.country or ""
    return held


def _spelt(turn: Turn, value: Value, type_: str, language: Language) -> str:
    if isinstance(value, Spot):
        return places.typed(value, places.known(turn), language)
    if type_ == "time":
        return typed_time(turn, datetime.fromisoformat(str(value)))
    return str(value)
