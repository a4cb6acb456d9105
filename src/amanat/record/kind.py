"""What a kind of record is: its body's type, what the floors must know of it, what becomes of it when withdrawn.

Workspaces define kinds; `exchange` is given them, so that the core never imports a workspace.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Protocol, get_args

import msgspec

from amanat.party.errors import Fault, Invalid
from amanat.record.handling import Tlp


class Tx(Protocol):
    """The transaction a view is updated in: SQLAlchemy Core's `Connection.execute`, and nothing else of it."""

    def execute(self, statement: Any, parameters: Any = None, /) -> Any:  # noqa: ANN401 - SQLAlchemy's own types
        """Run one statement inside the transaction that also appends to the log."""


@dataclass(frozen=True, slots=True)
class Place:
    """A place named in a body: `country` as ISO 3166-1 alpha-2 or None, `metres` the radius it is known to."""

    country: str | None
    metres: float


@dataclass(frozen=True, slots=True)
class Facts:
    """What the floors have to know of a body, read from the body itself and never claimed by the sender.

    `person` says in words what of it is or may be a person, and is empty where nothing is; `places` are only those of
    persons or groups (floor 6); `marked` is the strictest TLP written inside the body (floor 8); `attributes` are
    property names that describe persons (floor 10).
    """

    person: str = ""
    places: tuple[Place, ...] = ()
    marked: Tlp | None = None
    attributes: frozenset[str] = frozenset()

    @property
    def names_person(self) -> bool:
        """Whether anything of it is or may be a person."""
        return bool(self.person)


NO_FACTS = Facts()


@dataclass(frozen=True, slots=True)
class Part:
    """One thing that a body speaks of, for a person to read: what it is, what it is called, and what is said of it.

    `what` and the first of each pair are codes of the kind's own format ("incident", "first_seen"); all else is in the
    sender's words, or a time.
    """

    what: str
    name: str
    said: tuple[tuple[str, str | datetime], ...] = ()


def no_facts(_body: Any) -> Facts:  # noqa: ANN401 - any body
    """Facts of a body that cannot name a person, a place or a marking."""
    return NO_FACTS


def untitled(_body: Any) -> str:  # noqa: ANN401 - any body
    """Title of a body that has none."""
    return ""


def no_parts(_body: Any) -> tuple[Part, ...]:  # noqa: ANN401 - any body
    """Parts of a body whose fields are read as they stand."""
    return ()


def no_view(_tx: Tx, _record: Any) -> None:  # noqa: ANN401 - a Record, which this module must not import
    """Apply of a kind that keeps no view."""


def no_rows(_tx: Tx, _party: str, _id: str) -> None:
    """Forget of a kind that keeps no view."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One versioned kind of record.

    `body` is a frozen msgspec struct, or a union of tagged ones; `facts` reads a body and raises `Invalid` for what its
    type cannot say; `apply(tx, record)` updates the workspace's views and `forget(tx, party, id)` takes a destroyed
    record out of them; `title(body)` is what a list calls it by, in its sender's words or a sentence of its
    workspace's, which the console says in the reader's language; `parts(body)` is what a page
    shows, of a kind whose fields are not to be read as they stand; `examples` are bodies used by documents, tests and
    demo.
    `on_withdraw`: "stands" (marked withdrawn, kept) or "destroy" (holders destroy it and sign that they did). What is
    `written` is begun by officers as a draft of its fields; of what is not, its workspace's pages or the node make
    records. What comes `waits` to be read here, but for what tells officers nothing by itself.
    `told`, whatever a compact says: to whom its sender chose, to every other member at least (so that what an observer
    reads of a side the other side reads too), or in trust, to observers alone.
    """

    name: str
    version: int
    body: Any
    on_withdraw: Literal["stands", "destroy"]
    summary: str
    examples: tuple[Any, ...]
    facts: Callable[[Any], Facts] = no_facts
    apply: Callable[[Tx, Any], None] = no_view
    forget: Callable[[Tx, str, str], None] = no_rows
    title: Callable[[Any], str] = untitled
    parts: Callable[[Any], tuple[Part, ...]] = no_parts
    written: bool = True
    waits: bool = True
    told: Literal["chosen", "members", "trust"] = "chosen"

    @property
    def label(self) -> str:
        """Name and version as records carry them: "intelligence.report/1"."""
        return f"{self.name}/{self.version}"

    @property
    def bodies(self) -> tuple[type[msgspec.Struct], ...]:
        """The structs that a body may be: one, or those of a union."""
        return get_args(self.body) or (self.body,)


class Kinds:
    """The kinds this node knows, by label."""

    def __init__(self, kinds: Iterable[Kind]) -> None:
        """Take all kinds; a label said twice is our mistake (`Fault`)."""
        self._by_label: dict[str, Kind] = {}
        for kind in kinds:
            if kind.label in self._by_label:
                raise Fault("kind.twice", f"Two places claim the kind {kind.label}.", "Rename one of them.")
            self._by_label[kind.label] = kind
        self.recalled = tuple(each.label for each in self if each.on_withdraw == "destroy")
        """Labels of the kinds that leave the house no more once they are withdrawn."""

    def __iter__(self) -> Any:  # noqa: ANN401 - Iterator[Kind]
        """Iterate over the kinds in order of label."""
        return iter(self._by_label[label] for label in sorted(self._by_label))

    def get(self, label: str) -> Kind:
        """Return the kind of that label. Raises `Invalid` when this node does not know it."""
        kind = self._by_label.get(label)
        if kind is None:
            raise Invalid(
                "kind.unknown",
                f"This node does not know the kind {label[:80]!r}.",
                f"It knows {', '.join(sorted(self._by_label))}; a newer kind needs a newer version of Amanat.",
            )
        return kind

    def newest(self, name: str) -> Kind:
        """Return the kind of that label, or the newest version of that name. Raises `Invalid`."""
        versions = [kind for kind in self._by_label.values() if kind.name == name]
        if not versions and "/" not in name:
            names = ", ".join(sorted({kind.name for kind in self._by_label.values()}))
            raise Invalid("kind.unknown", f"This node knows no kind {name[:80]!r}.", f"It knows {names}.")
        return max(versions, key=lambda kind: kind.version) if versions else self.get(name)


def schema(kind: Kind) -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of a kind's body, to publish."""
    (made,), components = msgspec.json.schema_components([kind.body], ref_template="#/$defs/{name}")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": kind.label,
        "description": kind.summary,
        **made,
        "$defs": components,
    }
